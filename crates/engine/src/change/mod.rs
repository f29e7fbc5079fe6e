//! Reviews of changes: which findings a change is to blame for.

mod compare;
mod rebuild;

pub(crate) use compare::compare;
pub use rebuild::{Gaps, Rebuilt, rebuild};

use gopeer_diff::Lines;

use crate::protocol::Version;

/// The rules whose findings rest on nothing but the line and what surrounds it: what they say holds whatever else is in the function
/// and in the file. Only they are asked where a diff shows a part of a declaration. `tests/windows.rs` checks them.
pub const LOCAL: &[&str] = &[];

/// The changed files of a session: names and lines from one side to the other.
pub(crate) struct Files<'v> {
    changed: Vec<(&'v Version, Lines)>,
}

impl<'v> Files<'v> {
    /// `now` gives the texts of files as they are after the change.
    pub(crate) fn new<'t>(versions: &'v [Version], now: impl Fn(&str) -> Option<&'t str>) -> Files<'v> {
        let lines = |version: &Version| {
            let before = version.before.as_ref().map_or("", |file| file.text.as_str());
            Lines::between(before, version.now.as_deref().and_then(&now).unwrap_or_default())
        };
        Files { changed: versions.iter().map(|version| (version, lines(version))).collect() }
    }

    /// Each with its changed lines.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'v Version, &Lines)> {
        self.changed.iter().map(|(version, lines)| (*version, lines))
    }

    /// The line before the change that this one is: its file and number. None where the line is new.
    fn before<'f>(&'f self, file: &'f str, line: u32) -> Option<(&'f str, u32)> {
        match self.changed.iter().find(|(version, _)| version.now.as_deref() == Some(file)) {
            Some((version, lines)) => Some((version.before.as_ref()?.name.as_str(), lines.before(line)?)),
            None => Some((file, line)),
        }
    }

    /// The file before the change that this one is after it.
    fn before_name<'f>(&'f self, file: &'f str) -> &'f str {
        let of = |(version, _): &&(&'v Version, Lines)| version.now.as_deref() == Some(file);
        let before = self.changed.iter().find(of).and_then(|(version, _)| version.before.as_ref());
        before.map_or(file, |file| &file.name)
    }

    /// The file after the change that this one was before it.
    fn name_after<'f>(&'f self, before: &'f str) -> &'f str {
        let of = |(version, _): &&(&'v Version, Lines)| version.before.as_ref().is_some_and(|file| file.name == before);
        self.changed.iter().find(of).and_then(|(version, _)| version.now.as_deref()).unwrap_or(before)
    }

    /// Whether what was found in a file before the change may have been fixed by it: not if the file went elsewhere.
    fn may_be_fixed(&self, before: &str) -> bool {
        let of = |(version, _): &&(&'v Version, Lines)| version.before.as_ref().is_some_and(|file| file.name == before);
        self.changed.iter().find(of).is_some_and(|(version, _)| !version.moved)
    }
}
