//! What is known of Go packages without their source: import paths and the names they go by.

mod packages;

pub use packages::{implied_path, package_name};
