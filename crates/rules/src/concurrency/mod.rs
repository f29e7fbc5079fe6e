//! Goroutines, channels, locks.
category! {
    syntax {
        busy_wait,
        ineffective_lock,
        waitgroup_add_in_goroutine,
    }
    types {
        copied_lock,
    }
}
