//! gRPC clients and servers.
category! {
    insecure_credentials,
}
