//! Documentation comments.
category! {
}
