//! The habits of Go.
category! {
    complexity,
    early_return,
    hidden_predeclared,
    naming,
    receiver_name,
    untyped_enum,
}
