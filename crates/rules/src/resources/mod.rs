//! What is opened and must be given back.
category! {
}
