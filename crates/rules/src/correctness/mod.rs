//! Code that does not do what it says.
category! {
}
