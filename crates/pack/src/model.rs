//! What a pack holds, as the page reads it: `docs/pack.schema.json` is the same in words.

use gopeer_diff::Lines;
use serde::{Deserialize, Serialize};

/// The version of the format. A pack of another version is refused.
pub const FORMAT: u32 = 1;

/// Exercises that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// [`FORMAT`].
    pub format: u32,
    /// Names the pack, and with it a learner's progress: `senior`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The reviewer in whose eyes these are faults: `senior`, `backend`, `cloud-native`, `data` or `throughput`.
    pub persona: String,
    /// For whom it is, and what it practices: paragraphs, with an empty line between them.
    pub about: String,
    /// The exercises, in the order in which they are offered.
    pub exercises: Vec<Exercise>,
}

/// A program with faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Names it within the pack.
    pub id: String,
    /// Its title, which gives no fault away.
    pub title: String,
    /// What the program is for, and what is known about its use: paragraphs.
    pub story: String,
    /// The files that the learner reads.
    pub files: Vec<File>,
    /// The files that the repaired version changes or adds, as they are there.
    pub repaired: Vec<File>,
    /// What is to be found.
    pub faults: Vec<Fault>,
    /// Lines that look wrong and are right, each with the reason.
    pub right: Vec<Remark>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Slash-separated path.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A planted fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Names it within the exercise.
    pub id: String,
    /// What is wrong, in one line.
    pub title: String,
    /// What it threatens, the most fitting first: ids of [`CONCERNS`](crate::CONCERNS).
    pub concerns: Vec<String>,
    /// The rule of gopeer that finds it; empty if none does.
    pub rule: String,
    /// Why no rule finds it; empty if one does.
    pub unfound: String,
    /// Why it is wrong, when that hurts, and what to do: paragraphs.
    pub explanation: String,
    /// The lines by which a reviewer would name it. A mark on any of them is a hit.
    pub places: Vec<Place>,
    /// How it happens, in the order of time. A mark on one of these lines is a hit as well.
    pub path: Vec<Remark>,
    /// From a nudge to nearly the answer.
    pub hints: Vec<String>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// Something said about a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// Name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is said.
    pub text: String,
}

/// A line of the comparison with the repaired version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Whose line it is.
    pub kind: RowKind,
    /// Its number there, from 1; of a line of both, that in the faulty version.
    pub line: u32,
    /// The line.
    pub text: String,
}

/// Whose line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// It is the same in both.
    Both,
    /// The repaired version lacks it.
    Removed,
    /// Only the repaired version has it.
    Added,
}

impl Fault {
    /// Whether a line is one of those that count as the fault.
    pub fn is_at(&self, file: &str, line: u32) -> bool {
        self.lines().any(|known| known == (file, line))
    }

    /// The lines that count as the fault: its places, and the steps of its path.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, u32)> {
        let places = self.places.iter().map(|place| (place.file.as_str(), place.line));
        places.chain(self.path.iter().map(|step| (step.file.as_str(), step.line)))
    }
}

impl Exercise {
    /// The repaired version of a file, compared with the faulty one; none if the repair leaves it alone.
    pub fn compare(&self, file: &str) -> Option<Vec<Row>> {
        let text = |files: &[File]| files.iter().find(|one| one.name == file).map(|one| one.text.clone());
        let after = text(&self.repaired)?;
        Some(rows(&text(&self.files).unwrap_or_default(), &after))
    }
}

fn rows(before: &str, after: &str) -> Vec<Row> {
    let lines = Lines::between(before, after);
    let mut old = (1..).zip(before.lines()).peekable();
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(after.lines()) {
        let partner = lines.before(line);
        // What is gone comes before what takes its place.
        while let Some((line, text)) = old.next_if(|(line, _)| lines.after(*line).is_none()) {
            rows.push(Row { kind: RowKind::Removed, line, text: text.to_owned() });
        }
        match partner {
            Some(line) => {
                old.next();
                rows.push(Row { kind: RowKind::Both, line, text: text.to_owned() });
            }
            None => rows.push(Row { kind: RowKind::Added, line, text: text.to_owned() }),
        }
    }
    rows.extend(old.map(|(line, text)| Row { kind: RowKind::Removed, line, text: text.to_owned() }));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_comes_before_what_replaces_it() {
        let shown: Vec<_> =
            rows("a\nb\nc\n", "a\nB\nc\nd\n").into_iter().map(|row| (row.kind, row.line, row.text)).collect();
        let row = |kind, line, text: &str| (kind, line, text.to_owned());
        let expected = [
            row(RowKind::Both, 1, "a"),
            row(RowKind::Removed, 2, "b"),
            row(RowKind::Added, 2, "B"),
            row(RowKind::Both, 3, "c"),
            row(RowKind::Added, 4, "d"),
        ];
        assert_eq!(shown, expected);
    }
}
