//! What is opened and must be given back.
category! {
    client_not_closed,
    client_per_request,
    closer_not_closed,
    defer_in_loop,
    defer_order,
    response_body_not_closed,
    timer_leak,
    writer_not_flushed,
}
