//! What is opened and must be given back.
category! {
    defer_in_loop,
}
