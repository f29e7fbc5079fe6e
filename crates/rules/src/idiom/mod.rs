//! The habits of Go.
category! {
    complexity,
    early_return,
    naming,
    untyped_enum,
}
