//! What is seen. Components draw snapshots that come down as props, and change things only through
//! [`Tasks`](crate::tasks::Tasks).

mod app;
mod checks;
mod code;
mod dialogs;
mod drafts;
mod finding;
mod icons;
mod notices;
mod path;
mod prose;
mod rename;
mod review;
mod reviewers;
mod status;
mod steps;
mod tabs;
mod top;

pub use app::{beside, bring, compare, go, is_link, note, open, remark, reviewed, say, shared, start, view};
