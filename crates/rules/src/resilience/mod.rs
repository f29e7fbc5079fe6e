//! Starting, stopping, retrying.
mod support;

category! {
    main_exits_before_shutdown,
    no_graceful_shutdown,
    retry_consumed_body,
    shutdown_context_invalid,
    signal_handling,
    signal_stop_discarded,
    unbuffered_signal_channel,
    uncatchable_signal,
    workers_not_awaited,
}
