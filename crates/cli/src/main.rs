//! The gopeer command.
fn main() {}
