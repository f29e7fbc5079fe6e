//! Offsets to lines, columns and UTF-16 units, and back.

use std::ops::Range;

use crate::Span;

/// Where an offset is, for people and for JavaScript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalar values.
    pub column: u32,
    /// Offset in UTF-16 code units from the start of the text.
    pub utf16: u32,
}

impl Position {
    /// Behind text of the same line.
    fn after(self, read: &str) -> Position {
        let (columns, units) = match read.is_ascii() {
            true => (read.len(), read.len()),
            false => (read.chars().count(), read.chars().map(char::len_utf16).sum()),
        };
        Position { column: self.column + columns as u32, utf16: self.utf16 + units as u32, ..self }
    }
}

/// The positions of a text. A line ends with `\n`.
#[derive(Clone, Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    /// Byte offsets and their positions: where each line begins, and within long lines every [`STRIDE`] bytes or so, because
    /// a generated file may be one line.
    marks: Vec<(u32, Position)>,
}

/// How many bytes are read at most from a mark on to find a position, a character's length aside.
const STRIDE: u32 = 256;

impl<'a> LineIndex<'a> {
    /// Reads a text once.
    pub fn new(text: &'a str) -> LineIndex<'a> {
        let (mut at, mut here) = (0, Position { line: 1, column: 1, utf16: 0 });
        let mut marks = vec![(at, here)];
        for line in text.split_inclusive('\n') {
            let mut rest = line;
            while !rest.is_empty() {
                let end = (STRIDE as usize..rest.len()).find(|&end| rest.is_char_boundary(end));
                let (read, more) = rest.split_at(end.unwrap_or(rest.len()));
                here = here.after(read);
                at += read.len() as u32;
                if more.is_empty() && line.ends_with('\n') {
                    here = Position { line: here.line + 1, column: 1, ..here };
                }
                if !more.is_empty() || line.ends_with('\n') {
                    marks.push((at, here));
                }
                rest = more;
            }
        }
        LineIndex { text, marks }
    }

    /// Where a byte offset is; one inside a character counts as its start, one beyond the text as its end.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let mark = self.marks.partition_point(|(at, _)| *at as usize <= offset).saturating_sub(1);
        let (at, here) = self.marks.get(mark).copied().unwrap_or_default();
        here.after(self.text.get(at as usize..offset).unwrap_or(""))
    }

    /// The whole lines that a span touches, without the last line break.
    pub fn lines(&self, span: Span) -> Range<usize> {
        let (first, last) = (self.position(span.start).line, self.position(span.end).line);
        let begins = |line: u32| {
            let mark = self.marks.partition_point(|(_, here)| here.line < line);
            self.marks.get(mark).map(|(at, _)| *at as usize)
        };
        let start = begins(first).unwrap_or(self.text.len());
        start..begins(last + 1).map_or(self.text.len(), |next| next - 1)
    }

    /// The byte offset of a UTF-16 offset; none beyond the text or inside a character.
    pub fn byte_of_utf16(&self, utf16: u32) -> Option<u32> {
        let mark = self.marks.partition_point(|(_, here)| here.utf16 <= utf16).saturating_sub(1);
        let (start, Position { utf16: mut at, .. }) = self.marks.get(mark).copied()?;
        for (offset, c) in self.text.get(start as usize..)?.char_indices() {
            if at >= utf16 {
                return (at == utf16).then_some(start + offset as u32);
            }
            at += c.len_utf16() as u32;
        }
        (at == utf16).then_some(self.text.len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_like_the_standard_library() {
        let text = format!("a\tß\r\n日本🙂x\n\n{}\n", "日🙂x".repeat(STRIDE as usize));
        let index = LineIndex::new(&text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..offset];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let want = Position {
                line: before.matches('\n').count() as u32 + 1,
                column: before[line_start..].chars().count() as u32 + 1,
                utf16: before.encode_utf16().count() as u32,
            };
            assert_eq!(index.position(offset as u32), want, "{offset}");
            assert_eq!(index.byte_of_utf16(want.utf16), Some(offset as u32));
        }
        for (from, line) in
            text.split_inclusive('\n').scan(0, |from, line| Some((std::mem::replace(from, *from + line.len()), line)))
        {
            let whole = from..from + line.trim_end_matches('\n').len();
            let ends = Span::new(from as u32, whole.end as u32);
            assert_eq!(index.lines(ends), whole);
            assert_eq!(index.lines(Span::new(from as u32, from as u32)), whole);
        }
        assert_eq!(index.lines(Span::new(0, text.len() as u32)), 0..text.len());
        assert_eq!(index.byte_of_utf16(8), None, "inside the emoji's pair");
        assert_eq!(index.byte_of_utf16(9_999), None);
    }
}
