//! HTTP servers and clients.
mod after;
mod client;
pub(crate) mod support;

category! {
    client_no_timeout,
    framework_context_as_context,
    framework_response_misuse,
    middleware_wiring,
    missing_return_after_error,
    request_objects_escape,
    response_status_unchecked,
    response_write_order,
    route_mismatch,
    server_no_timeouts,
    unbounded_count,
    unlimited_request_body,
    wrong_status_code,
}
