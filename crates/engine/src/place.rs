//! Spans to the ranges of the protocol.

use std::ops::Range;

use gopeer_syntax::{LineIndex, Span};

use crate::protocol::{self, Place};

/// Turns byte spans of one file into places.
pub(crate) struct Places<'a> {
    file: &'a str,
    text: &'a str,
    index: LineIndex<'a>,
    /// The lines that were hashed last, and their hash: many findings may stand on one long line.
    hashed: (Range<usize>, u32),
}

impl<'a> Places<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Places<'a> {
        Places { file, text, index: LineIndex::new(text), hashed: (0..0, fnv(std::iter::empty())) }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        Place { file: self.file.to_owned(), range: self.range(span) }
    }

    pub(crate) fn range(&self, span: Span) -> protocol::Range {
        let (start, end) = (self.index.position(span.start), self.index.position(span.end));
        protocol::Range {
            start: span.start,
            end: span.end,
            from: start.utf16,
            to: end.utf16,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// FNV-1a over the lines that a span touches, white space at both ends of each line left out.
    pub(crate) fn snippet_hash(&mut self, span: Span) -> u32 {
        let touched = self.index.lines(span);
        if self.hashed.0 != touched {
            let lines = self.text.get(touched.clone()).unwrap_or("").lines().map(str::trim);
            self.hashed = (touched, fnv(lines.flat_map(|line| line.bytes().chain([b'\n']))));
        }
        self.hashed.1
    }
}

/// FNV-1a, 32 bits (RFC draft-eastlake-fnv, section 2).
pub(crate) fn fnv(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_found_again_when_it_is_indented_otherwise() {
        let hash = |text: &str| {
            let at = text.find('x').unwrap() as u32;
            Places::new("a.go", text).snippet_hash(Span::new(at, at + 1))
        };
        assert_eq!(hash("a\n\tx := 1\nb"), hash("x := 1"));
        assert_ne!(hash("x := 1"), hash("x := 2"));
    }
}
