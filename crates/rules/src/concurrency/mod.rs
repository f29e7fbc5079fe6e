//! Goroutines, channels, locks.
mod groups;
mod support;

category! {
    busy_wait,
    channel_self_deadlock,
    check_then_act,
    closed_channel_spin,
    cond_misuse,
    copied_lock,
    data_race,
    double_close,
    errgroup_misuse,
    goroutine_leak_blocked_receive,
    goroutine_leak_blocked_send,
    ineffective_lock,
    lock_held_across_blocking,
    lock_order_inversion,
    loop_variable_capture,
    missing_unlock,
    mixed_atomic_access,
    pool_use_after_put,
    racy_collection_write,
    recursive_lock,
    returns_guarded_reference,
    semaphore_leak,
    send_on_closed_channel,
    unguarded_field,
    wait_before_drain,
    waitgroup_add_in_goroutine,
    waitgroup_imbalance,
}
