//! What an attacker could use.
category! {
}
