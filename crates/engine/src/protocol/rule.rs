//! What a rule is, for those who read about it.

use serde::{Deserialize, Serialize};

use super::{Confidence, FixKind, Severity};

/// A rule as the page's rule pages, `gopeer rules` and `gopeer explain` show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// `category/name`.
    pub id: String,
    /// First sentence of its documentation.
    pub title: String,
    /// The rest of its documentation, as Markdown paragraphs without examples.
    pub why: String,
    /// Category.
    pub category: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Whether it has a fix.
    pub fix: FixKind,
    /// The same check elsewhere, e.g. `vet:lostcancel`.
    pub equivalents: Vec<String>,
    /// Rules that it was once part of; comments that name them still silence it.
    pub former_ids: Vec<String>,
    /// How much each persona cares for the rule, from 0 (muted) to 3, by persona id.
    pub personas: Vec<(String, f32)>,
    /// Examples that give findings.
    pub bad: Vec<String>,
    /// The first bad example after its fixes (whole text), or empty.
    pub fixed: String,
    /// Look-alikes that are fine.
    pub good: Vec<String>,
}

/// What a rule's header says for those who have its finding before them (`engine::guide`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// How Go programs do it, for those new to Go.
    pub idiom: String,
    /// How it fails, where that shows, and how to test for it.
    pub impact: String,
    /// How to see for oneself.
    pub verify: Vec<Check>,
    /// Repairs to choose from.
    pub options: Vec<Repair>,
    /// Where to read more.
    pub references: Vec<Reference>,
}

/// A command that shows whether the finding is real, or gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The command, with placeholders such as `{package}`.
    pub command: String,
    /// What its output shows.
    pub shows: String,
}

/// One of several sound repairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// What is done.
    pub title: String,
    /// What it gains, and what it costs.
    pub text: String,
    /// Which personas choose it (`senior, data`), and why.
    pub chosen: Vec<(String, String)>,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: String,
}
