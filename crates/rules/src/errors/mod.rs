//! Errors: made, checked, wrapped, told apart.
category! {
}
