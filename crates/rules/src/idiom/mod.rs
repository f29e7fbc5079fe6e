//! The habits of Go.
category! {
}
