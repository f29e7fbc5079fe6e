//! Goroutines, channels, locks.
mod awaited;
mod groups;
mod support;
mod unlocked;

category! {
    busy_wait,
    channel_buffer_choice,
    channel_self_deadlock,
    check_then_act,
    closed_channel_spin,
    cond_misuse,
    copied_lock,
    data_race,
    double_close,
    dropped_work,
    errgroup_misuse,
    fire_and_forget_goroutine,
    goroutine_leak_blocked_receive,
    goroutine_leak_blocked_send,
    goroutine_no_exit,
    ineffective_lock,
    lock_held_across_blocking,
    lock_order_inversion,
    loop_variable_capture,
    missing_unlock,
    mixed_atomic_access,
    once_loses_error,
    pool_use_after_put,
    primitive_choice,
    racy_collection_write,
    read_after_wait,
    recursive_lock,
    returns_guarded_reference,
    semaphore_leak,
    send_on_closed_channel,
    sleep_as_synchronization,
    unbounded_goroutines,
    unguarded_field,
    wait_before_drain,
    waitgroup_add_in_goroutine,
    waitgroup_imbalance,
}
