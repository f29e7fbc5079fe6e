//! Goroutines, channels, locks.
mod groups;
mod support;

category! {
    busy_wait,
    copied_lock,
    data_race,
    goroutine_leak_blocked_send,
    ineffective_lock,
    lock_held_across_blocking,
    lock_order_inversion,
    missing_unlock,
    pool_use_after_put,
    racy_collection_write,
    recursive_lock,
    returns_guarded_reference,
    semaphore_leak,
    unguarded_field,
    wait_before_drain,
    waitgroup_add_in_goroutine,
    waitgroup_imbalance,
}
