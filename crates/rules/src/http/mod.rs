//! HTTP servers and clients.
category! {
    client_no_timeout,
    missing_return_after_error,
    server_no_timeouts,
}
