//! The habits of Go.
category! {
    complexity,
    early_return,
}
