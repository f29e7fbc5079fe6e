//! What is opened and must be given back.
category! {
    client_not_closed,
    client_per_request,
    closer_not_closed,
    defer_in_loop,
    defer_order,
    response_body_not_closed,
    temp_dir_not_removed,
    timer_leak,
    writer_not_flushed,
}
