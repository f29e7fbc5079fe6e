//! Time and memory spent for nothing.
category! {
}
