//! Sessions of files in, reviews by persona out.
pub mod protocol;
