//! Reading bytes as Go's tokens, as far as strings, comments and brackets need it.

use crate::{Comment, Span};

/// What a text holds that does not depend on how it parses.
#[derive(Default)]
pub(crate) struct Scan {
    /// Its comments, in order.
    pub(crate) comments: Vec<Comment>,
    /// How deep its brackets nest.
    pub(crate) depth: u32,
}

/// Reads a text once.
pub(crate) fn scan(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let (mut found, mut depth, mut at) = (Scan::default(), 0_u32, 0);
    loop {
        at = skip_plain(bytes, at);
        at = match bytes.get(at..).unwrap_or_default() {
            [] => return found,
            [b'/', kind @ (b'/' | b'*'), ..] => {
                let end = comment_end(bytes, at);
                found.comments.push(Comment { span: Span::new(at as u32, end as u32), block: *kind == b'*' });
                end
            }
            [b'(' | b'[' | b'{', ..] => {
                depth += 1;
                found.depth = found.depth.max(depth);
                at + 1
            }
            [b')' | b']' | b'}', ..] => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            [b'"' | b'\'', ..] => quoted_end(bytes, at),
            [b'`', ..] => raw_end(bytes, at),
            _ => at + 1,
        };
    }
}

/// Bytes at which the reading of code stops to look.
const STOPS: [bool; 256] = {
    let mut table = [false; 256];
    let stops = b"\n/()[]{}\"'`";
    let mut i = 0;
    while i < stops.len() {
        table[stops[i] as usize] = true;
        i += 1;
    }
    table
};

/// The next byte from `at` on that stands for more than itself.
pub(crate) fn skip_plain(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&b| STOPS[b as usize]).unwrap_or(rest.len())
}

/// The next byte from `at` on that is no white space within a line.
pub(crate) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r')).unwrap_or(rest.len())
}

/// End of the comment at `at`: of `//` before its line's end, of `/*` after `*/`.
pub(crate) fn comment_end(bytes: &[u8], at: usize) -> usize {
    let inner = at + 2;
    let rest = bytes.get(inner..).unwrap_or_default();
    if bytes.get(at + 1) == Some(&b'/') {
        let line = rest.split(|&b| b == b'\n').next().unwrap_or_default();
        return inner + line.strip_suffix(b"\r").unwrap_or(line).len();
    }
    inner + rest.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |i| i + 2)
}

/// End of the string or rune at `at`: after its closing quote, or before the end of its line where it has none.
pub(crate) fn quoted_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes.get(at);
    let mut at = at + 1;
    loop {
        match bytes.get(at) {
            None | Some(b'\n') => return at,
            Some(b'\\') if bytes.get(at + 1) != Some(&b'\n') => at += 2,
            found if found == quote => return at + 1,
            _ => at += 1,
        }
    }
}

/// End of the raw string at `at`: after its closing quote, or the end of the text.
pub(crate) fn raw_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at + 1..).unwrap_or_default();
    at + 1 + rest.iter().position(|&b| b == b'`').map_or(rest.len(), |i| i + 1)
}

/// Whether the byte can stand in a name.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
