//! Unified diffs, and the lines of two versions of a text.
//!
//! [`parse`] reads what `diff -u`, git and code hosts write. With one of the two versions of a file at hand,
//! [`FileDiff::apply`] and [`FileDiff::reverse`] give the other; without, [`Sides`] gives both as far as the hunks show them.
//! [`Lines`] says which lines of two versions are the same. Nothing here knows Go.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod apply;
mod lines;
mod sides;
mod unified;

pub use apply::Mismatch;
pub use lines::Lines;
pub use sides::{Side, SideLine, Sides};
pub use unified::{FileDiff, Hunk, HunkLine, LineKind, is_diff, parse};
