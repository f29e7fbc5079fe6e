//! gRPC clients and servers.
category! {
    syntax {}
    types {
        insecure_credentials,
    }
}
