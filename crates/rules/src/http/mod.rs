//! HTTP servers and clients.
category! {
    syntax {
        client_no_timeout,
        missing_return_after_error,
    }
    types {
        framework_context_as_context,
        server_no_timeouts,
    }
}
