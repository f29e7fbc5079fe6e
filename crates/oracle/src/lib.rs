//! Ours against Go's own: syntax against go/parser ([`corpus`]), types against go/types ([`types`]).
//!
//! `cargo dev corpus` and `cargo dev oracle` compare over all of Go and popular modules; the tests of this crate compare over a
//! part that is quick. The Go programs at the other side are in `go/`.

pub mod corpus;
pub mod go;
pub mod types;
