//! Starting, stopping, retrying.
mod support;

category! {
    circuit_breaker_misuse,
    main_exits_before_shutdown,
    no_graceful_shutdown,
    rate_limiter_misuse,
    retry_consumed_body,
    retry_ignores_context,
    retry_without_backoff,
    shutdown_context_invalid,
    shutdown_order,
    signal_handling,
    signal_stop_discarded,
    unbuffered_signal_channel,
    uncatchable_signal,
    workers_not_awaited,
}
