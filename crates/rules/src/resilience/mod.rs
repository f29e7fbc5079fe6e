//! Starting, stopping, retrying.
mod support;

category! {
    syntax {
        main_exits_before_shutdown,
        no_graceful_shutdown,
        signal_handling,
    }
    types {}
}
