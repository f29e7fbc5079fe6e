//! Comments of a text.

use crate::{Comment, Span};

/// Finds the comments of a text, by a scan that knows strings and runes.
pub(crate) fn scan(text: &str) -> Vec<Comment> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let (len, comment) = match (byte, bytes.get(at + 1)) {
            (b'/', Some(b'/')) => (line_len(rest), Some(false)),
            (b'/', Some(b'*')) => (find(rest, 2, b"*/").unwrap_or(rest.len()), Some(true)),
            (b'`', _) => (find(rest, 1, b"`").unwrap_or(rest.len()), None),
            (b'"' | b'\'', _) => (quoted_len(rest, byte), None),
            _ => (1, None),
        };
        if let Some(block) = comment {
            found.push(Comment { span: Span::new(at as u32, (at + len) as u32), block });
        }
        at += len;
    }
    found
}

fn line_len(rest: &[u8]) -> usize {
    let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    if rest.get(..end).is_some_and(|line| line.ends_with(b"\r")) { end - 1 } else { end }
}

/// Length up to and with `end`, looked for from `from` on.
fn find(rest: &[u8], from: usize, end: &[u8]) -> Option<usize> {
    let at = rest.get(from..)?.windows(end.len()).position(|window| window == end)?;
    Some(from + at + end.len())
}

fn quoted_len(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' => return at,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}
