//! Starting, stopping, retrying.
mod support;

category! {
    no_graceful_shutdown,
    signal_handling,
}
