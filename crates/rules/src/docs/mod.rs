//! Documentation comments.
mod elsewhere;
mod support;

category! {
    comment_of_another,
    exported_undocumented,
}
