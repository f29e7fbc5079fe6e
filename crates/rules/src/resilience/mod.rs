//! Starting, stopping, retrying.
category! {
}
