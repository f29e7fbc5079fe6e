//! What a package offers its callers, and what it asks of them.
category! {
    global_state,
    graphql_n_plus_one,
    init_side_effects,
}
