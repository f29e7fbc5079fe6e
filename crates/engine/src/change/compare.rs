//! What a change does to findings.

use std::collections::HashMap;

use super::Files;
use crate::document::hash_of;
use crate::fold::Found;
use crate::protocol::{Finding, Place, Suppressed, Touched};

/// Findings by what the change has to do with them.
#[derive(Default)]
pub(crate) struct Kinds {
    /// On lines that the change adds or rewrites, and on others that it makes wrong.
    pub(crate) touched: Vec<Found>,
    /// On other lines, and there before the change.
    pub(crate) unchanged: Vec<Found>,
    /// There before the change and not after it.
    pub(crate) fixed: Vec<Found>,
    /// Silenced, on lines that the change adds or rewrites.
    pub(crate) suppressed: Vec<Suppressed>,
}

/// Sorts findings of both versions of the files. One of the new version has a counterpart in the old one where the same rule says the
/// same of the same line, or, if there is none, of the same declaration; numbers in messages may differ, as those of lines do.
/// Without an old version nothing was different.
pub(crate) fn compare(
    files: &Files,
    before: Option<Vec<Found>>,
    after: Vec<Found>,
    suppressed: Vec<Suppressed>,
) -> Kinds {
    let Some(before) = before else { return Kinds { unchanged: after, ..Kinds::default() } };
    let mut old = Old::new(files, &before);
    let mut kinds = Kinds::default();
    let mut left: Vec<(Found, bool)> = Vec::new();
    for found in after {
        let Finding { rule, message, place, .. } = &found.finding;
        match old.take_line(rule, message, files.before(&place.file, place.range.line)) {
            OnLine::Known => kinds.unchanged.push(found),
            on_line => left.push((found, on_line == OnLine::Old)),
        }
    }
    for silenced in suppressed {
        let Suppressed { rule, message, place, .. } = &silenced;
        let line = files.before(&place.file, place.range.line);
        if old.take_line(rule, message, line) == OnLine::Known {
            continue;
        }
        // What somebody has silenced is not fixed.
        old.take_key(Key::File(rule, &words(message), files.before_name(&place.file)));
        if line.is_none() {
            kinds.suppressed.push(silenced);
        }
    }
    // What the change has rewritten takes its counterpart before what is found elsewhere in the declaration.
    left.sort_by_key(|(_, on_old_line)| *on_old_line);
    for (mut found, on_old_line) in left {
        let known = old.take(&found.finding);
        if known && on_old_line {
            kinds.unchanged.push(found);
        } else {
            found.finding.touched = if on_old_line { Touched::Affected } else { Touched::Changed };
            kinds.touched.push(found);
        }
    }
    let fixed =
        before.into_iter().zip(old.gone).filter(|(found, gone)| *gone && files.may_be_fixed(&found.finding.place.file));
    kinds.fixed = fixed.map(|(found, _)| found).collect();
    kinds.fixed.iter_mut().for_each(|found| found.finding.touched = Touched::Fixed);
    kinds
}

/// Whether a line was there before a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnLine {
    /// It was, with the same finding.
    Known,
    /// It was, without.
    Old,
    /// It was not.
    Changed,
}

/// The findings before the change, by all that their counterparts may share with them.
struct Old {
    /// By the hash of what is shared.
    by_key: HashMap<u64, Vec<usize>>,
    /// Which have no counterpart so far.
    gone: Vec<bool>,
}

impl Old {
    fn new(files: &Files, before: &[Found]) -> Old {
        let mut old = Old { by_key: HashMap::new(), gone: vec![true; before.len()] };
        for (at, Found { finding, .. }) in before.iter().enumerate().rev() {
            let Finding { rule, message, place: Place { file, range }, .. } = finding;
            let words = words(message);
            let of_line = Key::Line(rule, &words, file, range.line);
            let of_declaration = of_declaration(finding, &words, files.name_after(file));
            for key in [of_line, of_text(finding, &words), of_declaration, Key::File(rule, &words, file)] {
                old.by_key.entry(hash_of(key)).or_default().push(at);
            }
        }
        old
    }

    fn take_line(&mut self, rule: &str, message: &str, line: Option<(&str, u32)>) -> OnLine {
        match line {
            Some((file, line)) if self.take_key(Key::Line(rule, &words(message), file, line)) => OnLine::Known,
            Some(_) => OnLine::Old,
            None => OnLine::Changed,
        }
    }

    /// Takes a finding of the same text, wherever that was, or of the same declaration.
    fn take(&mut self, finding: &Finding) -> bool {
        let words = words(&finding.message);
        self.take_key(of_text(finding, &words)) || self.take_key(of_declaration(finding, &words, &finding.place.file))
    }

    fn take_key(&mut self, key: Key<'_>) -> bool {
        let Some(candidates) = self.by_key.get_mut(&hash_of(key)) else { return false };
        while let Some(at) = candidates.pop() {
            if self.gone.get_mut(at).is_some_and(std::mem::take) {
                return true;
            }
        }
        false
    }
}

/// What a finding has in common with its counterpart: the rule, the words, and where it is.
#[derive(Hash)]
enum Key<'f> {
    /// In a line of a file.
    Line(&'f str, &'f str, &'f str, u32),
    /// In lines of this text.
    Text(&'f str, &'f str, u32),
    /// In a file.
    File(&'f str, &'f str, &'f str),
    /// In a declaration of a file.
    Declaration(&'f str, &'f str, &'f str, &'f str),
}

fn of_text<'f>(finding: &'f Finding, words: &'f str) -> Key<'f> {
    Key::Text(&finding.rule, words, finding.snippet)
}

fn of_declaration<'f>(finding: &'f Finding, words: &'f str, file: &'f str) -> Key<'f> {
    Key::Declaration(&finding.rule, words, file, &finding.within)
}

/// A message without numbers: lines and counts in it change with text elsewhere.
fn words(message: &str) -> String {
    message.chars().filter(|c| !c.is_ascii_digit()).collect()
}
