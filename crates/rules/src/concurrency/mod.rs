//! Goroutines, channels, locks.
category! {
    waitgroup_add_in_goroutine,
}
