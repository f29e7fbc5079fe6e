//! What is opened and must be given back.
category! {
    closer_not_closed,
    defer_in_loop,
    response_body_not_closed,
    writer_not_flushed,
}
