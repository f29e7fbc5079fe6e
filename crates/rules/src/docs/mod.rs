//! Documentation comments.
category! {
    syntax {
        exported_undocumented,
    }
    types {}
}
