//! What a persona file says. The build script knows this file too (see `build.rs`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::Severity;

/// The built-in personas, in the order of the page.
pub const BUILTIN: [&str; 5] = ["senior", "backend", "cloud-native", "data", "throughput"];

/// A reviewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Persona {
    /// Short name, as in links and on the command line.
    pub id: String,
    /// Name in the page.
    pub name: String,
    /// What this reviewer looks at first.
    pub tagline: String,
    /// How many findings are shown before the rest is folded.
    pub show: u32,
    /// Rank of each category, 1 to 10; those not named rank 5.
    pub categories: BTreeMap<String, u8>,
    /// Rank of each concern by name, 0 to 3; those not named rank 1.
    pub concerns: BTreeMap<String, u8>,
    /// Ids of rules that count double.
    pub raise: Vec<String>,
    /// Ids of rules that count half.
    pub lower: Vec<String>,
    /// Ids of rules whose findings are left out, unless they are critical.
    pub mute: Vec<String>,
    /// The verdict's sentence, by the worst severity found.
    pub verdict: Verdict,
    /// A finding's sentence, by rule id, by the rule's category, by its first concern, or by severity; the first of these that
    /// is there speaks, once a review. Findings of low confidence are asked: by `question`, `question-2` and so on, in turn.
    pub voice: BTreeMap<String, String>,
    /// The headings, in order.
    pub sections: Vec<SectionSpec>,
    /// The rules that it brings for its team.
    pub rules: Vec<TeamRule>,
    /// Who this is. From the file's text.
    pub about: String,
    /// What this reviewer asks.
    pub questions: Vec<Topic>,
    /// Checks that no tool can make.
    pub checklist: Vec<Topic>,
}

/// The verdict's sentences by the worst severity found, with placeholders in braces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// There are critical findings.
    pub critical: String,
    /// The worst is high.
    pub high: String,
    /// The worst is medium.
    pub medium: String,
    /// The worst is low.
    pub low: String,
    /// Nothing was found.
    pub none: String,
    /// Nothing critical or high is certain, but something is asked: the first such question is `{question}`.
    pub asked: String,
}

/// A heading, and which findings belong under it: those that match every condition given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionSpec {
    /// The heading.
    pub title: String,
    /// Severities; empty for all.
    pub severities: Vec<Severity>,
    /// Categories; with `concerns` and `rules`, one match is enough, and none given is a match.
    pub categories: Vec<String>,
    /// Names of a rule's first-named concerns.
    pub concerns: Vec<String>,
    /// Rule ids.
    pub rules: Vec<String>,
}

/// A question or check, and the categories it belongs to; none for always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The text.
    pub text: String,
    /// Categories of code that make it matter.
    pub categories: Vec<String>,
}

/// A rule of a team: a call that it wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRule {
    /// `team/NAME`.
    pub id: String,
    /// Qualified names of the functions and methods whose calls it is about.
    pub calls: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// In which Go files it looks.
    pub files: Files,
    /// What it says of such a call; `{call}` is what is called, as the code writes it.
    pub message: String,
    /// What to do; may be empty.
    pub note: String,
    /// What must hold of the arguments, all of it.
    pub when: Vec<Condition>,
}

/// In which Go files a rule of a team looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Files {
    /// All but tests.
    #[default]
    Production,
    /// Tests.
    Tests,
    /// All.
    All,
}

/// What must hold of an argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Which one, from 0.
    pub argument: u32,
    /// What is asked.
    pub test: Test,
    /// The texts or names that it is asked about.
    pub texts: Vec<String>,
    /// The number that it is asked about; durations are nanoseconds, and `true` is 1.
    pub number: i64,
    /// The answer that is wanted.
    pub holds: bool,
}

/// What may be asked of an argument. Of one of which too little is known there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// Whether it is a constant.
    Constant,
    /// Whether it is this text.
    Text,
    /// Whether it is a text that begins so.
    Begins,
    /// Whether it is this number.
    Number,
    /// Whether it is a number below this one.
    Less,
    /// Whether it is a number above this one.
    More,
    /// Whether it is this truth value.
    Truth,
    /// Whether it names or calls one of these.
    Is,
    /// Whether its type is one of these, or a pointer to one.
    Type,
}
