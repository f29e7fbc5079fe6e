//! Notes on lines: each is kept with the number of its line, and moves with it.

use std::rc::Rc;

use gopeer_engine::protocol::Delta;
use gopeer_link::{Note, find_line, snippet};

use super::text::byte_of;
use super::{Work, difference};

/// Writes a note on a line, instead of the first that is there; one without text takes that away.
pub(super) fn write(work: &mut Work, file: String, line: u32, text: String) {
    let Some(known) = work.named(&file) else { return };
    let snippet = snippet(line_of(&known.text, line));
    let notes = Rc::make_mut(&mut work.notes);
    let there = notes.iter().position(|note| note.file == file && note.line == line);
    if let Some(at) = there {
        notes.remove(at);
    }
    if !text.is_empty() {
        let later = |note: &Note| (&note.file, note.line) > (&file, line);
        let at = there.or_else(|| notes.iter().position(later)).unwrap_or(notes.len());
        notes.insert(at, Note { file, line, text, snippet });
    }
    // Who writes on a sample goes on with it.
    work.is_sample = false;
}

/// After an edit, or under another name of the file, notes are where their lines are. Those of files that are gone go with them.
pub(super) fn follow(old: &Work, work: &mut Work) {
    if work.notes.is_empty() {
        return;
    }
    let mut notes = work.notes.to_vec();
    for file in work.files.iter() {
        let Some(before) = old.files.iter().find(|before| before.id == file.id && *before != file) else { continue };
        let moved = Moved::between(&before.text, &file.text);
        for note in notes.iter_mut().filter(|note| note.file == before.name) {
            note.file = file.name.clone();
            moved.follow(note, &file.text);
        }
    }
    notes.retain(|note| work.named(&note.file).is_some());
    if notes != *work.notes {
        work.notes = Rc::new(notes);
    }
}

/// The text of a line, from 1.
fn line_of(text: &str, line: u32) -> &str {
    text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default()
}

/// The one stretch in which two texts differ, in lines.
#[derive(Default)]
struct Moved {
    /// Lines before it that stay as they are; the next one is there in part, unless whole lines differ.
    head: u32,
    gone: u32,
    come: u32,
    /// Whether a line at its ends is there in part, before and after.
    partly: bool,
}

impl Moved {
    fn between(old: &str, new: &str) -> Moved {
        let Some(Delta { from, to, insert }) = difference(old, new) else { return Moved::default() };
        let (from, to) = (byte_of(old, from).unwrap_or_default(), byte_of(old, to).unwrap_or_default());
        let (head, gone) = (&old[..from], &old[from..to]);
        let ends = |text: &str| text.matches('\n').count() as u32;
        let is_whole = |lines: &str| lines.is_empty() || lines.ends_with('\n');
        let partly = ![head, gone, &insert].into_iter().all(is_whole);
        Moved { head: ends(head), gone: ends(gone), come: ends(&insert), partly }
    }

    /// Puts a note where its line is now. Edits far apart are one stretch: a line that only lies between them is found by its text.
    fn follow(&self, note: &mut Note, text: &str) {
        let Moved { head, gone, come, partly } = *self;
        let at = note.line.saturating_sub(1);
        note.line = self.line(note.line);
        if !(head..=head + gone).contains(&at) {
            return;
        }
        let is_new = |line: &u32| (head + 1..=head + come + u32::from(partly)).contains(line);
        match find_line(text, note.line, note.snippet).filter(is_new) {
            Some(line) => note.line = line,
            None if partly && (at == head || at == head + gone) => note.snippet = snippet(line_of(text, note.line)),
            // Its line may come back.
            None => {}
        }
    }

    /// Where a line is now, by its number. One that is gone is where the line is that came in its place, or the one after the stretch.
    fn line(&self, line: u32) -> u32 {
        let Moved { head, gone, come, partly } = *self;
        let at = line.saturating_sub(1);
        if at < head || at == head && partly {
            line
        } else if at < head + gone {
            head + (at - head).min(come.saturating_sub(1)) + 1
        } else if at == head + gone && partly {
            head + come + 1
        } else {
            (at - gone).saturating_add(come + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_after_an_edit() {
        let text = "a\nb\nc\nd\n";
        for (new, lines) in [
            ("x\na\nb\nc\nd\n", [2, 3, 4, 5]),
            ("a\nb!\nc\nd\n", [1, 2, 3, 4]),
            ("a\nb\n\nc\nd\n", [1, 2, 4, 5]),
            ("a\nb1\n2\nc\nd\n", [1, 2, 4, 5]),
            ("a\nd\n", [1, 2, 2, 2]),
            ("a\nbc\nd\n", [1, 2, 2, 3]),
            ("", [1, 1, 1, 1]),
        ] {
            let moved = Moved::between(text, new);
            assert_eq!([1, 2, 3, 4].map(|line| moved.line(line)), lines, "{new:?}");
        }
    }

    #[test]
    fn edits_far_apart_leave_the_notes_between_them_on_their_lines() {
        let old = "import a\none()\ntwo()\nthree()\nfour()\n";
        for (new, lines) in [
            ("import a\nimport b\none()\ntwo()\nthree()\nfour(x)\n", [1, 3, 4, 5, 6]),
            ("import z\none(1)\ntwo(1)\nthree(1)\nfour(1)\n", [1, 2, 3, 4, 5]),
            ("import b\nfour()\nthree()\none()\n", [1, 4, 3, 3, 2]),
        ] {
            let moved = Moved::between(old, new);
            let noted = |line: u32| {
                let mut note = Note { line, snippet: snippet(line_of(old, line)), ..Note::default() };
                moved.follow(&mut note, new);
                note.line
            };
            assert_eq!([1, 2, 3, 4, 5].map(noted), lines, "{new:?}");
        }
    }

    #[test]
    fn a_note_goes_back_to_a_line_that_comes_back() {
        let (with, without) = ("a\nb\nc\n", "a\nc\n");
        let mut note = Note { line: 2, snippet: snippet("b"), ..Note::default() };
        for (old, new) in [(with, without), (without, "a\nc\n\n"), ("a\nc\n\n", without), (without, with)] {
            Moved::between(old, new).follow(&mut note, new);
        }
        assert_eq!(note.line, 2);
    }
}
