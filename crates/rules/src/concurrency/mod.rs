//! Goroutines, channels, locks.
mod support;

category! {
    busy_wait,
    copied_lock,
    ineffective_lock,
    waitgroup_add_in_goroutine,
}
