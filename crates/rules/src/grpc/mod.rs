//! gRPC clients and servers.
mod streams;
mod support;

category! {
    client_stream_leak,
    insecure_credentials,
    insecure_server,
    missing_deadline,
    raw_error_returned,
    stream_misuse,
}
