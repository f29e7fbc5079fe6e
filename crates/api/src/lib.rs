//! What is known of Go packages without their source: import paths and the names they go by.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod packages;

pub use packages::{implied_path, package_name};
