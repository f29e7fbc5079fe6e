//! Documentation comments.
mod elsewhere;

category! {
    syntax {
        exported_undocumented,
    }
    types {}
}
