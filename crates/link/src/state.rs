//! What a link carries.
//!
//! These types *are* format v2: postcard writes their fields in order and without names. Adding, removing or moving
//! a field is a new format version; the golden links in `tests/links` fail if it happens by accident. What comes later goes into
//! [`Shared::more`], which every reader of v2 keeps, whether it knows it or not.
//!
//! Format v1 is the fields up to [`Shared::verdicts`]: what it lacks is empty, and empty is a zero byte a field.

use serde::{Deserialize, Serialize};

use crate::{LinkError, MAX_ITEMS};

/// A shared review: the code, who reviews it, what is shown, and what people said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The files, in tab order.
    pub files: Vec<SharedFile>,
    /// Index of the open file. A crafted link may point past the end: see [`Shared::open_file`].
    pub active: u32,
    /// Id of the persona that reviews.
    pub persona: String,
    /// Which findings are shown.
    pub filter: Filter,
    /// The one finding that the link points at.
    pub focus: Option<Focus>,
    /// Version of the engine that made the link.
    pub engine: String,
    /// Digest of the findings when the link was made: tells whether the reader's engine finds the same.
    pub digest: u32,
    /// What people wrote on lines.
    pub notes: Vec<Note>,
    /// What people decided about findings, in format v1; v2 has [`remarks`](Self::remarks).
    pub verdicts: Vec<Mark>,
    /// What else decides which findings are shown, and how.
    #[serde(default)]
    pub view: View,
    /// What people said of findings.
    #[serde(default)]
    pub remarks: Vec<Remark>,
    /// Of a change: what its files were before it, in the engine's words.
    #[serde(default)]
    pub before: Vec<u8>,
    /// A number for each finding that there was when the link was made: tells how many came and went since.
    #[serde(default)]
    pub found: Vec<u16>,
    /// What later versions add.
    #[serde(default)]
    pub more: Vec<Part>,
}

/// Zero bytes that make a state of format v1 one of v2: what v2 adds is empty.
pub(crate) const ADDED: [u8; 8] = [0; 8];

/// One file of a shared review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// Slash-separated path, unique in the review.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Which findings are shown: only these. An empty list lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Severities, e.g. `critical`.
    pub severities: Vec<String>,
    /// Categories, e.g. `context`.
    pub categories: Vec<String>,
}

/// What else decides which findings are shown, and how. Empty lists and words let everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Confidences, e.g. `high`.
    pub confidences: Vec<String>,
    /// Ids of rules.
    pub rules: Vec<String>,
    /// Words to search for.
    pub text: String,
    /// By what findings are grouped, e.g. `rule`; the persona's sections where it is empty.
    pub group: String,
}

/// What somebody said of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Id of the finding.
    pub finding: String,
    /// The finding's key: finds it again when its line was rewritten.
    pub key: u32,
    /// 1 if it was accepted, 2 if it was dismissed, 0 if neither.
    pub decision: u8,
    /// A note, or the reason for the decision; may be empty.
    pub text: String,
}

/// Something that a version of gopeer after the first of format v2 has put into a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is. Numbers are never used again.
    pub kind: u32,
    /// The thing, in a form that goes with its kind.
    pub bytes: Vec<u8>,
}

/// One finding, named so that it is found again in a later engine and after lines have moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// Id of the rule, `category/name`.
    pub rule: String,
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// The finding's snippet hash.
    pub snippet: u32,
}

/// A remark that someone wrote on a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// The remark.
    pub text: String,
    /// [`snippet`](crate::snippet) of the line: finds it again with [`find_line`](crate::find_line).
    pub snippet: u32,
}

/// A decision about one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Id of the finding.
    pub finding: String,
    /// Accepted, or else dismissed.
    pub accepted: bool,
    /// Why; may be empty.
    pub reason: String,
}

/// The kind of the part that holds what people said of questions.
const SAID: u32 = 1;

impl Shared {
    /// What people said of questions: each question with the id of an answer, or, where it is one of a reviewer's or an entry of a
    /// checklist, with `[x]` or `[ ]` and a note, as Markdown has it.
    pub fn said(&self) -> Vec<(String, String)> {
        let part = self.more.iter().find(|part| part.kind == SAID);
        let said: Option<Vec<(String, String)>> = part.and_then(|part| postcard::from_bytes(&part.bytes).ok());
        said.filter(|said| said.len() <= MAX_ITEMS).unwrap_or_default()
    }

    /// Puts what people said of questions in the place of what there was.
    pub fn say(&mut self, said: &[(String, String)]) {
        self.more.retain(|part| part.kind != SAID);
        if let Some(bytes) = postcard::to_allocvec(said).ok().filter(|_| !said.is_empty()) {
            self.more.push(Part { kind: SAID, bytes });
        }
    }

    /// The open file, or the first one where [`active`](Self::active) points past the end.
    pub fn open_file(&self) -> Option<&SharedFile> {
        self.files.get(self.active as usize).or_else(|| self.files.first())
    }

    /// The same review of the open file alone: a shorter link.
    #[must_use]
    pub fn only_open_file(&self) -> Self {
        let Some(open) = self.open_file() else {
            return self.clone();
        };
        Self {
            files: vec![open.clone()],
            active: 0,
            persona: self.persona.clone(),
            filter: self.filter.clone(),
            focus: self.focus.clone().filter(|focus| focus.file == open.name),
            engine: self.engine.clone(),
            // The findings of one file have another digest, which only the engine knows.
            digest: if self.files.len() == 1 { self.digest } else { 0 },
            notes: self.notes.iter().filter(|note| note.file == open.name).cloned().collect(),
            verdicts: self.verdicts.clone(),
            view: self.view.clone(),
            remarks: self.remarks.clone(),
            // Versions belong to files that may not be there.
            before: if self.files.len() == 1 { self.before.clone() } else { Vec::new() },
            found: if self.files.len() == 1 { self.found.clone() } else { Vec::new() },
            more: self.more.clone(),
        }
    }

    /// The same review without what people wrote: decisions stay, without their words. A shorter link.
    #[must_use]
    pub fn without_notes(&self) -> Self {
        let verdicts = self.verdicts.iter().map(|mark| Mark { reason: String::new(), ..mark.clone() }).collect();
        let decided = self.remarks.iter().filter(|remark| remark.decision != 0);
        let remarks = decided.map(|remark| Remark { text: String::new(), ..remark.clone() }).collect();
        let mut short = Self { notes: Vec::new(), verdicts, remarks, ..self.clone() };
        let kept = |(question, said): (String, String)| match said.as_str() {
            note if note.starts_with("[ ]") => None,
            ticked if ticked.starts_with("[x]") => Some((question, "[x]".to_owned())),
            _ => Some((question, said)),
        };
        short.say(&self.said().into_iter().filter_map(kept).collect::<Vec<_>>());
        short
    }

    /// The state as a link packs it.
    ///
    /// The only error is [`LinkError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, LinkError> {
        self.check_items()?;
        // Serialising plain structs into a growing vector fails for lack of room alone.
        postcard::to_allocvec(self).map_err(|_| LinkError::TooLarge)
    }

    /// The state that [`to_bytes`](Self::to_bytes) wrote, and nothing else.
    pub fn from_bytes(state: &[u8]) -> Result<Self, LinkError> {
        let (shared, rest) = postcard::take_from_bytes::<Self>(state).map_err(|_| LinkError::Damaged)?;
        if !rest.is_empty() {
            return Err(LinkError::Damaged);
        }
        shared.check_items()?;
        Ok(shared)
    }

    fn check_items(&self) -> Result<(), LinkError> {
        if self.items() > MAX_ITEMS { Err(LinkError::TooLarge) } else { Ok(()) }
    }

    /// Entries in all lists together.
    pub(crate) fn items(&self) -> usize {
        let filter = self.filter.severities.len() + self.filter.categories.len();
        let view = self.view.confidences.len() + self.view.rules.len();
        let said = self.notes.len() + self.verdicts.len() + self.remarks.len();
        self.files.len() + said + self.found.len() + self.more.len() + filter + view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_files() -> Shared {
        let file = |name: &str| SharedFile { name: name.into(), text: "package x\n".into() };
        let note = |name: &str| Note { file: name.into(), line: 1, text: "why?".into(), snippet: 7 };
        Shared {
            files: vec![file("a.go"), file("b.go")],
            active: 1,
            focus: Some(Focus { file: "a.go".into(), ..Focus::default() }),
            digest: 9,
            notes: vec![note("a.go"), note("b.go")],
            verdicts: vec![Mark { finding: "f".into(), accepted: true, reason: "agreed".into() }],
            remarks: [(0, "why?"), (2, "a test")]
                .map(|(decision, text)| Remark { decision, text: text.into(), ..Remark::default() })
                .into(),
            ..Shared::default()
        }
    }

    #[test]
    fn what_v2_adds_to_v1_is_empty() {
        let added = (View::default(), Vec::<Remark>::new(), Vec::<u8>::new(), Vec::<u16>::new(), Vec::<Part>::new());
        assert_eq!(postcard::to_allocvec(&added).unwrap(), ADDED);
    }

    #[test]
    fn only_the_open_file_stays_with_what_belongs_to_it() {
        let short = two_files().only_open_file();
        assert_eq!(short.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["b.go"]);
        assert_eq!((short.active, short.digest, &short.focus), (0, 0, &None));
        assert_eq!(short.notes.iter().map(|note| note.file.as_str()).collect::<Vec<_>>(), ["b.go"]);
        assert_eq!(Shared::default().only_open_file(), Shared::default());
    }

    #[test]
    fn without_notes_keeps_decisions_but_not_their_words() {
        let short = two_files().without_notes();
        assert!(short.notes.is_empty());
        assert_eq!(short.verdicts, [Mark { finding: "f".into(), accepted: true, reason: String::new() }]);
        assert_eq!(short.remarks, [Remark { decision: 2, ..Remark::default() }]);
        assert_eq!(short.files, two_files().files);
    }

    #[test]
    fn answers_and_ticks_travel_and_their_notes_can_stay_behind() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(question, said)| ((*question).to_owned(), (*said).to_owned())).collect()
        };
        let mut shared = two_files();
        shared.more = vec![Part { kind: 77, bytes: vec![1] }];
        let said = pairs(&[
            ("delivery", "at-least-once"),
            ("senior: Who is paged?", "[x] Ann"),
            ("senior: Is it small?", "[ ] no"),
        ]);
        shared.say(&said);
        let shared = Shared::from_bytes(&shared.to_bytes().unwrap()).unwrap();
        assert_eq!(shared.said(), said);
        let short = shared.without_notes();
        assert_eq!(short.said(), pairs(&[("delivery", "at-least-once"), ("senior: Who is paged?", "[x]")]));
        let mut silent = short.clone();
        silent.say(&[]);
        assert_eq!(silent.more, [Part { kind: 77, bytes: vec![1] }], "what others have put there stays");
        silent.more.push(Part { kind: SAID, bytes: vec![9, 9, 9] });
        assert_eq!(silent.said(), []);
    }

    #[test]
    fn an_active_index_past_the_end_opens_the_first_file() {
        let shared = Shared { active: u32::MAX, ..two_files() };
        assert_eq!(shared.open_file().map(|file| file.name.as_str()), Some("a.go"));
        assert_eq!(Shared::default().open_file(), None);
    }
}
