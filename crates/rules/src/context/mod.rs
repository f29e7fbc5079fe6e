//! Contexts: cancellation, deadlines, values.
category! {
}
