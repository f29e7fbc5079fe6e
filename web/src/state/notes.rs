//! Notes on lines: each is kept with the number of its line, and moves with it.

use std::rc::Rc;

use gopeer_link::{Note, snippet};

use super::Work;

/// Writes a note on a line, instead of the one that is there; one without text takes that away.
pub(super) fn write(work: &mut Work, file: String, line: u32, text: String) {
    let Some(known) = work.named(&file) else { return };
    let snippet = snippet(known.text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default());
    let notes = Rc::make_mut(&mut work.notes);
    notes.retain(|note| note.file != file || note.line != line);
    if !text.is_empty() {
        let later = |note: &Note| (&note.file, note.line) > (&file, line);
        let at = notes.iter().position(later).unwrap_or(notes.len());
        notes.insert(at, Note { file, line, text, snippet });
    }
    // Who writes on a sample goes on with it.
    work.is_sample = false;
}

/// After an edit, or under another name of the file, notes are where their lines are.
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
            note.line = moved.line(note.line);
            note.snippet = snippet(file.text.lines().nth(note.line.saturating_sub(1) as usize).unwrap_or_default());
        }
    }
    if notes != *work.notes {
        work.notes = Rc::new(notes);
    }
}

/// The one stretch in which two texts differ, in lines.
struct Moved {
    /// Lines before it that stay as they are; the next one is there in part, unless whole lines differ.
    head: u32,
    gone: u32,
    come: u32,
    /// Whether lines as a whole come or go: then what was on the next line moves.
    whole: bool,
}

impl Moved {
    fn between(old: &str, new: &str) -> Moved {
        let head = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - head;
        let tail = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
        let ends = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count() as u32;
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
        let is_whole = |lines: &[u8]| lines.is_empty() || lines.ends_with(b"\n");
        let whole = (head == 0 || old[head - 1] == b'\n') && is_whole(gone) && is_whole(come);
        Moved { head: ends(&old[..head]), gone: ends(gone), come: ends(come), whole }
    }

    /// Where a line is now. One that is gone is where the first of what came in its place is.
    fn line(&self, line: u32) -> u32 {
        let Moved { head, gone, come, whole } = *self;
        let at = line.saturating_sub(1);
        if at < head || at == head && !whole {
            line
        } else if at < head + gone {
            head + 1
        } else if at == head + gone && !whole {
            head + come + 1
        } else {
            at + come - gone + 1
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
}
