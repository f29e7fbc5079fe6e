//! Starting, stopping, retrying.
mod support;

category! {
    main_exits_before_shutdown,
    no_graceful_shutdown,
    signal_handling,
}
