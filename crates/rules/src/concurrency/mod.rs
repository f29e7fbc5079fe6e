//! Goroutines, channels, locks.
mod groups;
mod support;

category! {
    busy_wait,
    copied_lock,
    goroutine_leak_blocked_send,
    ineffective_lock,
    missing_unlock,
    recursive_lock,
    pool_use_after_put,
    data_race,
    ineffective_lock,
    missing_unlock,
    racy_collection_write,
    semaphore_leak,
    unguarded_field,
    wait_before_drain,
    waitgroup_add_in_goroutine,
    waitgroup_imbalance,
}
