//! What a package offers its callers, and what it asks of them.
category! {
    global_state,
}
