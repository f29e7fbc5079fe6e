//! Goroutines, channels, locks.
mod support;

category! {
    busy_wait,
    copied_lock,
    ineffective_lock,
    missing_unlock,
    recursive_lock,
    semaphore_leak,
    unguarded_field,
    waitgroup_add_in_goroutine,
}
