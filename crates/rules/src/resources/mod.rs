//! What is opened and must be given back.
category! {
    syntax {
        defer_in_loop,
    }
    types {}
}
