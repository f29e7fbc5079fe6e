//! Reviews of changes: which findings a change is to blame for.

mod compare;
mod rebuild;

pub(crate) use compare::compare;
pub use rebuild::{Gaps, Rebuilt, rebuild};

use std::borrow::Cow;
use std::collections::HashMap;

use gopeer_diff::Lines;
use gopeer_syntax::UNSEEN;

use crate::protocol::Version;

/// The rules whose findings rest on nothing but the line and what surrounds it: what they say holds whatever else is in the function
/// and in the file. Only they are asked where a diff shows a part of a declaration. `tests/windows.rs` checks them.
pub const LOCAL: &[&str] = &[
    "concurrency/waitgroup-add-in-goroutine",
    "correctness/duration-without-unit",
    "correctness/identical-branches",
    "correctness/json-option",
    "correctness/omitempty-struct",
    "correctness/printf-mismatch",
    "correctness/repeated-condition",
    "correctness/same-json-name",
    "correctness/same-operands",
    "correctness/self-assignment",
    "correctness/squared-duration",
    "correctness/struct-tag",
    "correctness/tag-on-unexported",
    "correctness/verb-in-print",
    "correctness/wrong-verb",
    "errors/direct-assertion",
    "errors/direct-comparison",
    "errors/verb-in-new",
    "resilience/uncatchable-signal",
    "security/mixed-script-name",
    "security/short-rsa-key",
    "security/ssh-host-key-ignored",
    "security/trojan-source",
    "security/weak-crypto",
    "sql/bind-count-mismatch",
    "sql/injection",
    "testing/fatal-in-goroutine",
];

/// A text without what stands for lines that a diff does not show: their numbers differ on both sides.
fn without_marks(text: &str) -> Cow<'_, str> {
    if !text.contains(UNSEEN) {
        return text.into();
    }
    let lines = text.lines().map(|line| line.split(UNSEEN).next().unwrap_or_default());
    lines.flat_map(|line| [line, "\n"]).collect::<String>().into()
}

/// The changed files of a session: names and lines from one side to the other.
pub(crate) struct Files<'v> {
    changed: Vec<(&'v Version, Lines)>,
    /// By the name after the change.
    by_after: HashMap<&'v str, usize>,
    /// By the name before it.
    by_before: HashMap<&'v str, usize>,
}

impl<'v> Files<'v> {
    /// `now` gives the texts of files as they are after the change.
    pub(crate) fn new<'t>(versions: &'v [Version], now: impl Fn(&str) -> Option<&'t str>) -> Files<'v> {
        let lines = |version: &Version| {
            let before = version.before.as_ref().map_or("", |file| file.text.as_str());
            let after = version.now.as_deref().and_then(&now).unwrap_or_default();
            Lines::between(&without_marks(before), &without_marks(after))
        };
        // The first of a name counts.
        let numbered = || versions.iter().enumerate().rev();
        let after = |(at, version): (usize, &'v Version)| Some((version.now.as_deref()?, at));
        let before = |(at, version): (usize, &'v Version)| Some((version.before.as_ref()?.name.as_str(), at));
        Files {
            changed: versions.iter().map(|version| (version, lines(version))).collect(),
            by_after: numbered().filter_map(after).collect(),
            by_before: numbered().filter_map(before).collect(),
        }
    }

    /// Each with its changed lines.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'v Version, &Lines)> {
        self.changed.iter().map(|(version, lines)| (*version, lines))
    }

    /// The line before the change that this one is: its file and number. None where the line is new.
    fn before<'f>(&'f self, file: &'f str, line: u32) -> Option<(&'f str, u32)> {
        match self.by_after.get(file).and_then(|&at| self.changed.get(at)) {
            Some((version, lines)) => Some((version.before.as_ref()?.name.as_str(), lines.before(line)?)),
            None => Some((file, line)),
        }
    }

    /// The file before the change that this one is after it.
    fn before_name<'f>(&'f self, file: &'f str) -> &'f str {
        let changed = self.by_after.get(file).and_then(|&at| self.changed.get(at));
        let before = changed.and_then(|(version, _)| version.before.as_ref());
        before.map_or(file, |file| &file.name)
    }

    /// The file after the change that this one was before it.
    fn name_after<'f>(&'f self, before: &'f str) -> &'f str {
        self.was(before).and_then(|version| version.now.as_deref()).unwrap_or(before)
    }

    /// Whether what was found in a file before the change may have been fixed by it: not if the file went elsewhere.
    fn may_be_fixed(&self, before: &str) -> bool {
        self.was(before).is_some_and(|version| !version.moved)
    }

    /// What was this file before the change.
    fn was(&self, before: &str) -> Option<&'v Version> {
        self.by_before.get(before).and_then(|&at| self.changed.get(at)).map(|(version, _)| *version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::FileText;

    #[test]
    fn lines_that_a_diff_does_not_show_do_not_change() {
        let version = |text: &str| FileText { name: "a.go".to_owned(), text: text.to_owned() };
        let before = Some(version("a\n}//gopeer:unseen 7-\n"));
        let versions = [Version { now: Some("a.go".to_owned()), before, moved: false }];
        let files = Files::new(&versions, |_| Some("a\nb\n}//gopeer:unseen 8-\n"));
        let changed: Vec<(u32, u32)> =
            files.iter().flat_map(|(_, lines)| lines.new_lines().collect::<Vec<_>>()).collect();
        assert_eq!(changed, [(2, 2)]);
        assert_eq!((files.before("a.go", 3), files.before("a.go", 2)), (Some(("a.go", 2)), None));
    }
}
