//! What a package offers its callers, and what it asks of them.
mod outside;
mod written;

category! {
    global_state,
    graphql_n_plus_one,
    init_side_effects,
}
