//! What is drawn, derived from the state.

mod diff;
mod names;
mod panel;
mod paste;
mod path;

pub use diff::{DiffLine, Hunk, hunks};
pub use names::{
    REVIEWERS, Reviewer, SEVERITIES, SeverityName, capitalised, category_name, confidence_note, reviewer, severity,
};
pub use panel::{
    Group, Mark, Quiet, around, categories, counts, excerpt, first_place, fixed, folded, groups, is_stale,
    linked_differs, marks, notes, numbers, position, questions, severity_name, summary, visible, visible_ids,
};
pub use paste::is_for_the_page;
pub use path::{StepMark, shown_step, step_marks, step_position};

use panel::spoken;
