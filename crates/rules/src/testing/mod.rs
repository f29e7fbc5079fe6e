//! Tests.
category! {
}
