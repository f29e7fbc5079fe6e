//! SQL databases.
category! {
}
