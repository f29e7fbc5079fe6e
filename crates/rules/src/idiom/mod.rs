//! The habits of Go.
mod takers;

category! {
    complexity,
    early_return,
    hidden_predeclared,
    naming,
    receiver_name,
    untyped_enum,
}
