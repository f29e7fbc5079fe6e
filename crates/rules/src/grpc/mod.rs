//! gRPC clients and servers.
mod support;

category! {
    insecure_credentials,
    insecure_server,
}
