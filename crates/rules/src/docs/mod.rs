//! Documentation comments.
mod elsewhere;

category! {
    exported_undocumented,
}
