//! What a fix does to a file, as stretches of whole lines: what hosts take as a suggestion, and what a reader compares.

use super::Texts;
use crate::protocol::{Edit, Fix};

/// Lines of a file, and what a fix puts in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Name of the file.
    pub file: String,
    /// The first of the lines, from 1.
    pub first: usize,
    /// The lines as they are, without line ends; at least one.
    pub old: Vec<String>,
    /// The lines that come in their place; none if they go.
    pub new: Vec<String>,
}

impl Patch {
    /// The last of the lines, from 1.
    pub fn last(&self) -> usize {
        self.first + self.old.len() - 1
    }

    /// The lines for a reader to compare, each with its sign: ` ` where it stays, `-` where it goes, `+` where it comes.
    pub fn lines(&self) -> impl Iterator<Item = (char, &str)> {
        let (old, new) = (&self.old, &self.new);
        let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let (goes, comes) = (&old[head..], &new[head..]);
        let tail = goes.iter().rev().zip(comes.iter().rev()).take_while(|(old, new)| old == new).count();
        let parts = [
            (' ', &old[..head]),
            ('-', &goes[..goes.len() - tail]),
            ('+', &comes[..comes.len() - tail]),
            (' ', &goes[goes.len() - tail..]),
        ];
        parts.into_iter().flat_map(|(sign, lines)| lines.iter().map(move |line| (sign, line.as_str())))
    }
}

/// What a fix changes in all the files that it edits.
pub fn all_patches(fix: &Fix, texts: &Texts) -> Vec<Patch> {
    let of_file = |file: &str| texts.get(file).map_or_else(Vec::new, |text| patches(file, text, fix));
    fix.files().into_iter().flat_map(of_file).collect()
}

/// What a fix changes in the file of that name and text, in the order of its lines; nothing where it does not fit the text.
pub fn patches(file: &str, text: &str, fix: &Fix) -> Vec<Patch> {
    let mut edits: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.place.file == file).collect();
    edits.sort_by_key(|edit| (edit.place.range.start, edit.place.range.end));
    let mut stretches: Vec<Stretch> = Vec::new();
    for edit in edits {
        let Some(stretch) = Stretch::of(text, edit) else { return Vec::new() };
        match stretches.last_mut().filter(|last| stretch.start <= last.end) {
            Some(last) => {
                last.end = last.end.max(stretch.end);
                last.edits.extend(stretch.edits);
            }
            None => stretches.push(stretch),
        }
    }
    stretches.iter().filter_map(|stretch| stretch.patch(file, text)).collect()
}

/// Whole lines, in bytes of the text, with their edits.
struct Stretch<'e> {
    start: usize,
    end: usize,
    edits: Vec<&'e Edit>,
}

impl<'e> Stretch<'e> {
    fn of(text: &str, edit: &'e Edit) -> Option<Stretch<'e>> {
        let (from, to) = (edit.place.range.start as usize, edit.place.range.end as usize);
        text.get(from..to)?;
        let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
        // Where the file has ended there is no line to speak of: the one before it is extended.
        let start = if from == text.len() && from > 0 { line_of(from - 1) } else { line_of(from) };
        // Whole lines that go, or are replaced by whole lines, leave the next one alone.
        let is_whole =
            to > start && line_of(to) == to && (edit.insert.is_empty() && from == start || edit.insert.ends_with('\n'));
        let end = if is_whole { to } else { text[to..].find('\n').map_or(text.len(), |end| to + end + 1) };
        Some(Stretch { start, end, edits: vec![edit] })
    }

    fn patch(&self, file: &str, text: &str) -> Option<Patch> {
        let mut new = String::new();
        let mut at = self.start;
        for edit in &self.edits {
            new.push_str(text.get(at..edit.place.range.start as usize)?);
            new.push_str(&edit.insert);
            at = edit.place.range.end as usize;
        }
        new.push_str(text.get(at..self.end)?);
        let lines =
            |text: &str| text.split_inclusive('\n').map(|line| line.trim_end_matches('\n').to_owned()).collect();
        let old: Vec<String> = lines(text.get(self.start..self.end)?);
        let edit = &self.edits.first()?.place.range;
        // Counted from the edit, not from the start of the file, which many fixes would have read again.
        let above = text.get(self.start..edit.start as usize)?.matches('\n').count();
        let first = (edit.line as usize).saturating_sub(above);
        (!old.is_empty()).then(|| Patch { file: file.to_owned(), first, old, new: lines(&new) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{FixKind, Place, Range};

    const TEXT: &str = "one\ntwo\nthree\nfour\nfive";

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        let edit = |&(start, end, insert): &(u32, u32, &str)| {
            let line = TEXT[..start as usize].matches('\n').count() as u32 + 1;
            let place = Place { file: "a.go".to_owned(), range: Range { start, end, line, ..Range::default() } };
            Edit { place, insert: insert.to_owned() }
        };
        Fix { title: String::new(), kind: FixKind::Safe, edits: edits.iter().map(edit).collect() }
    }

    fn shown(edits: &[(u32, u32, &str)]) -> Vec<String> {
        let shown = |patch: Patch| {
            format!("{}-{}: {} > {}", patch.first, patch.last(), patch.old.join("|"), patch.new.join("|"))
        };
        patches("a.go", TEXT, &fix(edits)).into_iter().map(shown).collect()
    }

    #[test]
    fn lines_are_whole() {
        assert_eq!(shown(&[(5, 6, "W")]), ["2-2: two > tWo"]);
        assert_eq!(shown(&[(4, 8, "")]), ["2-2: two > "], "the line goes");
        assert_eq!(shown(&[(4, 7, "")]), ["2-2: two > "], "the line stays, empty");
        assert_eq!(shown(&[(3, 4, " ")]), ["1-2: one|two > one two"]);
        assert_eq!(shown(&[(4, 4, "new\n")]), ["2-2: two > new|two"]);
        assert_eq!(shown(&[(23, 23, "\nsix")]), ["5-5: five > five|six"]);
        assert_eq!(patches("a.go", TEXT, &fix(&[(4, 8, "")]))[0].new.len(), 0);
        assert_eq!(patches("a.go", TEXT, &fix(&[(4, 7, "")]))[0].new.len(), 1);
    }

    #[test]
    fn edits_of_one_line_are_one_patch_and_those_far_apart_two() {
        assert_eq!(shown(&[(6, 7, "O"), (4, 5, "T")]), ["2-2: two > TwO"]);
        assert_eq!(shown(&[(0, 3, "1"), (8, 13, "3")]), ["1-1: one > 1", "3-3: three > 3"]);
    }

    #[test]
    fn lines_that_stay_are_no_change() {
        let [patch] = &patches("a.go", TEXT, &fix(&[(0, 13, "one\n2\nthree")]))[..] else { panic!() };
        assert_eq!(patch.lines().collect::<Vec<_>>(), [(' ', "one"), ('-', "two"), ('+', "2"), (' ', "three")]);
    }

    #[test]
    fn what_does_not_fit_the_text_changes_nothing() {
        assert!(patches("a.go", TEXT, &fix(&[(0, 99, "")])).is_empty());
        assert!(patches("b.go", TEXT, &fix(&[(0, 3, "1")])).is_empty());
        assert!(patches("a.go", "ü", &fix(&[(1, 2, "")])).is_empty());
    }
}
