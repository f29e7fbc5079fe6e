//! Offsets to lines, columns and UTF-16 units, and back.

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

/// The line starts of a text. A line ends with `\n`.
#[derive(Clone, Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    /// Byte offset of each line and its UTF-16 offset.
    lines: Vec<(u32, u32)>,
}

impl<'a> LineIndex<'a> {
    /// Reads a text once.
    pub fn new(text: &'a str) -> LineIndex<'a> {
        let mut lines = vec![(0, 0)];
        let mut utf16 = 0;
        for (at, byte) in text.bytes().enumerate() {
            utf16 += units(byte);
            if byte == b'\n' {
                lines.push((at as u32 + 1, utf16));
            }
        }
        LineIndex { text, lines }
    }

    /// Where a byte offset is; one inside a character counts as its start, one beyond the text as its end.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|(start, _)| *start as usize <= offset).saturating_sub(1);
        let (start, utf16) = self.lines.get(line).copied().unwrap_or_default();
        let before = self.text.get(start as usize..offset).unwrap_or("").bytes();
        let (mut column, mut within) = (1, 0);
        for byte in before {
            column += u32::from(!is_continuation(byte));
            within += units(byte);
        }
        Position { line: line as u32 + 1, column, utf16: utf16 + within }
    }

    /// The byte offset of a UTF-16 offset; none beyond the text or inside a character.
    pub fn byte_of_utf16(&self, utf16: u32) -> Option<u32> {
        let line = self.lines.partition_point(|(_, start)| *start <= utf16).saturating_sub(1);
        let (start, mut at) = self.lines.get(line).copied()?;
        for (offset, c) in self.text.get(start as usize..)?.char_indices() {
            if at >= utf16 {
                return (at == utf16).then_some(start + offset as u32);
            }
            at += c.len_utf16() as u32;
        }
        (at == utf16).then_some(self.text.len() as u32)
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// UTF-16 units that the character beginning with this byte takes (RFC 3629, section 3).
fn units(byte: u8) -> u32 {
    match byte {
        _ if is_continuation(byte) => 0,
        0xf0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_like_the_standard_library() {
        let text = "a\tß\r\n日本🙂x\n\n";
        let index = LineIndex::new(text);
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
        assert_eq!(index.byte_of_utf16(8), None, "inside the emoji's pair");
        assert_eq!(index.byte_of_utf16(99), None);
    }
}
