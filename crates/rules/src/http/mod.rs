//! HTTP servers and clients.
category! {
}
