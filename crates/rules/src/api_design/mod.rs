//! What a package offers its callers, and what it asks of them.
category! {
    global_state,
    init_side_effects,
}
