//! Exercise packs: programs with planted faults, which a learner finds before the answers are shown.
//!
//! A trainer writes one txtar file per exercise, with marks in comments; [`read`] makes an [`Exercise`] of it, or says on which line
//! it cannot. A [`Pack`] is what the page loads: exercises as JSON. [`score`] compares what a learner has marked with the faults.
//! `docs/packs.md` describes both formats. Nothing here reviews Go: that the marked faults are found is for the caller to check.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod answers;
mod archive;
mod concern;
mod header;
mod marks;
mod model;
mod read;
mod score;
mod valid;

pub use answers::{Answer, Answers, Table, Try, merge};
pub use concern::{CONCERNS, is_concern};
pub use header::Problem;
pub use model::{Exercise, FORMAT, Fault, File, Pack, Place, Remark, Row, RowKind};
pub use read::{Source, Text, read, read_pack};
pub use score::{FalseAlarm, Mark, Outcome, Score, score};
pub use valid::from_json;
