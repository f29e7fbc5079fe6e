//! Documentation comments.
category! {
    exported_undocumented,
}
