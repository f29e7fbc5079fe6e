//! Code that does not do what it says.
pub(crate) mod verbs;

category! {
    duration_without_unit,
}
