//! Unified diffs, and the lines of two versions of a text.
//!
//! [`parse`] reads what `diff -u`, git and code hosts write. With the new version of a file at hand,
//! [`FileDiff::reverse`] gives the old one; without, [`Sides`] gives both as far as the hunks show them.
//! [`Lines`] says which lines of two versions are the same. Nothing here knows Go.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod lines;
mod reverse;
mod sides;
mod unified;

pub use lines::Lines;
pub use reverse::Mismatch;
pub use sides::{Side, SideLine, Sides};
pub use unified::{FileDiff, Hunk, HunkLine, LineKind, is_diff, parse};
