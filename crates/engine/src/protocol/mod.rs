//! The only types that leave the engine: what the page, the worker and the CLI say to it and hear from it.
//!
//! Positions are given twice, because two readers need them: bytes of UTF-8 for whoever holds a Rust string, UTF-16
//! code units for whoever holds a JavaScript one. Lines and columns count from 1; a column counts Unicode scalar values.

pub(crate) mod review;
mod rule;

use serde::{Deserialize, Serialize};

pub use review::{
    Assumption, Change, ChangedFile, Confidence, Counts, Decision, Edit, Finding, Fix, FixKind, Held, LibraryPlace,
    LibrarySource, Note, PersonaCard, Place, Range, Related, Remark, Review, SaidBy, Section, Severity, SilencedBy,
    Stats, Step, Suppressed, Ticked, Touched,
};
pub use rule::{Check, Guide, Reference, Repair, RuleInfo};

/// One file of a session: a name, unique in the session, and its whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct FileText {
    /// Slash-separated path as the user knows it, e.g. `internal/store/user.go`.
    pub name: String,
    /// The text, byte for byte what the user has.
    pub text: String,
}

/// What a file was before a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its name after the change, that of a file of the session; none where the change deletes it.
    pub now: Option<String>,
    /// Its name and text before the change; none where the change adds it.
    pub before: Option<FileText>,
    /// Whether it went to where this session does not see it: it is not deleted.
    pub moved: bool,
}

/// One replacement inside a file, in UTF-16 code units of the text before this delta (deltas of one request apply in order).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Start of the replaced range.
    pub from: u32,
    /// End of the replaced range, exclusive.
    pub to: u32,
    /// What stands there now.
    pub insert: String,
}

/// What can be asked of the worker that holds the session. The worker answers each in order, under the same `id`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ask {
    /// Replace all files of the session.
    Open {
        /// The new files, in tab order.
        files: Vec<FileText>,
        /// What those that a change touches were before it, as [`Answer::Intake`] has it: reviews are of this change then. Of the
        /// files as they are, if empty.
        before: Vec<u8>,
    },
    /// Change one file.
    Edit {
        /// Name of the file.
        file: String,
        /// The edits, in order.
        deltas: Vec<Delta>,
    },
    /// Review the session as it stands.
    Review {
        /// Id of the persona.
        persona: String,
        /// What readers said of its findings.
        remarks: Vec<Remark>,
        /// What they said of what code does not show: ids of questions and answers (`engine::questions`).
        answers: Vec<(String, String)>,
        /// Id of another persona to compare it with; none where it is empty.
        beside: String,
    },
    /// Color one file.
    Tokens {
        /// Name of the file.
        file: String,
    },
    /// Say what stands at a place of a file, as the last review knows it.
    Inspect {
        /// Name of the file.
        file: String,
        /// The place, in UTF-16 units.
        at: u32,
    },
    /// Turn pasted or dropped text into files (Markdown fences, txtar, fragments); the session is not changed.
    Intake {
        /// The name that the text came with, or empty.
        name: String,
        /// The text.
        text: String,
    },
}

/// A numbered request. Ids rise; an answer to anything but the newest review is not drawn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the sender.
    pub id: u32,
    /// What is asked.
    pub ask: Ask,
}

/// What the worker answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// Nothing to say but that it is done.
    Done,
    /// The review.
    Review {
        /// The review.
        review: Box<Review>,
        /// What the other persona says of the same: postcard's bytes of `report::Listed`, which only `report` reads; none where there is none.
        beside: Vec<u8>,
    },
    /// Colors of a file.
    Tokens {
        /// Name of the file.
        file: String,
        /// Triples `from, length, class` in UTF-16 units, in order; the class indexes [`TOKEN_CLASSES`].
        tokens: Vec<u32>,
    },
    /// What stands at the place asked about.
    Inspection {
        /// Name of the file.
        file: String,
        /// None where nothing is known.
        found: Option<Box<Inspection>>,
    },
    /// Files found in pasted text.
    Intake {
        /// The files; at least one.
        files: Vec<FileText>,
        /// What they were before, where the text is a diff: postcard's bytes of `Vec<Version>`, which nobody but the engine reads.
        before: Vec<u8>,
        /// What was done to get them, one sentence each; empty when the text was taken as it is.
        notes: Vec<String>,
    },
    /// The request could not be carried out; the session is as before.
    Refused {
        /// One sentence for the user: what is wrong, and what to do.
        message: String,
    },
}

/// What a name in a file stands for. Ranges are UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Start of the name asked about.
    pub from: u32,
    /// Its end, exclusive.
    pub to: u32,
    /// Go code that says what it is: `func http.Get(url string) (*http.Response, error)`.
    pub code: String,
    /// The value of a constant.
    pub value: Option<String>,
    /// What else there is to know: that it is deprecated, since when it is there.
    pub note: Option<String>,
    /// Where pkg.go.dev documents it.
    pub link: Option<String>,
    /// Where it is declared, if in the session.
    pub definition: Option<Target>,
    /// All places in this file that mean the same, in order.
    pub uses: Vec<(u32, u32)>,
}

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Name of the file.
    pub file: String,
    /// Start, in UTF-16 units.
    pub from: u32,
    /// End, exclusive.
    pub to: u32,
}

/// A numbered answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Response {
    /// Id of the request.
    pub id: u32,
    /// The answer.
    pub answer: Answer,
}

/// Names of the token classes, used as CSS class suffixes by the editor.
pub const TOKEN_CLASSES: [&str; 14] = [
    "keyword", "string", "number", "comment", "func", "type", "param", "field", "package", "builtin", "const", "label",
    "op", "bad",
];
