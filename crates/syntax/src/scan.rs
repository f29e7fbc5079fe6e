//! Reading bytes as Go's tokens, as far as strings, comments and brackets need it.

use crate::errors::UNSEEN;
use crate::lower::KEYWORDS;
use crate::mend::{self, Edit, What};
use crate::{Comment, Span, SyntaxError};

/// What a text holds that does not depend on how it parses.
#[derive(Default)]
pub(crate) struct Scan {
    /// Its comments, in order.
    pub(crate) comments: Vec<Comment>,
    /// How deep its brackets nest, or how many prefix operators (and `chan`) stand before one operand, if those
    /// are more.
    pub(crate) depth: u32,
    /// Strings and comments without an end.
    pub(crate) errors: Vec<SyntaxError>,
    /// What the grammar must be given otherwise.
    pub(crate) edits: Vec<Edit>,
}

/// Reads a text once.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner =
        Scanner { bytes: text.as_bytes(), found: Scan::default(), depth: 0, prefixes: 0, groups: Vec::new() };
    let mut at = 0;
    while at < text.len() {
        let stop = skip_plain(scanner.bytes, at);
        scanner.plain(scanner.bytes.get(at..stop).unwrap_or_default());
        at = scanner.step(stop);
    }
    if !text.ends_with('\n') {
        scanner.found.edits.push(Edit { at: text.len(), what: What::Insert(b'\n') });
    }
    scanner.found
}

struct Scanner<'t> {
    bytes: &'t [u8],
    found: Scan,
    depth: u32,
    /// How many prefix operators wait for their operand.
    prefixes: u32,
    /// Depths inside the open parentheses of `const (` and `var (`.
    groups: Vec<u32>,
}

impl Scanner<'_> {
    /// Reads text without strings, comments and brackets. Prefix operators nest as brackets do. In junk they wait for an
    /// operand over many errors, and each error costs the parser as much as there are of them.
    fn plain(&mut self, text: &[u8]) {
        let mut rest = text;
        while let [byte, others @ ..] = rest {
            if is_word(*byte) {
                let (word, others) = rest.split_at(rest.iter().take_while(|&&b| is_word(b)).count());
                rest = others;
                if word == b"chan" {
                    self.prefixes += 1;
                } else if self.prefixes > 0 && !KEYWORDS.iter().any(|keyword| keyword.as_bytes() == word) {
                    self.prefixes = 0;
                }
            } else {
                rest = others;
                self.prefixes += u32::from(b"+-*&^!<~".contains(byte));
            }
            self.found.depth = self.found.depth.max(self.prefixes);
        }
    }

    /// Reads what starts at `at`; says where it ends.
    fn step(&mut self, at: usize) -> usize {
        match self.bytes.get(at..).unwrap_or_default() {
            [b'/', kind @ (b'/' | b'*'), ..] => {
                let end = comment_end(self.bytes, at);
                let span = Span::new(at as u32, end as u32);
                if *kind == b'*' && !(end >= at + 4 && self.bytes.get(..end).is_some_and(|text| text.ends_with(b"*/")))
                {
                    self.unended(at, end, "comment not terminated");
                }
                if self.bytes.get(at..end).is_some_and(|text| text.starts_with(UNSEEN.as_bytes())) {
                    self.found.errors.push(SyntaxError { span, message: UNSEEN.to_owned() });
                }
                self.found.comments.push(Comment { span, block: *kind == b'*' });
                end
            }
            [open @ (b'(' | b'[' | b'{'), ..] => {
                self.depth += 1;
                self.found.depth = self.found.depth.max(self.depth);
                match open {
                    b'(' => self.opened(at),
                    b'[' => self.found.edits.extend(mend::dots(self.bytes, at).into_iter().flat_map(length)),
                    _ => self.block(at),
                }
                at + 1
            }
            [close @ (b')' | b']' | b'}'), ..] => {
                self.closed(at, *close);
                self.depth = self.depth.saturating_sub(1);
                at + 1
            }
            [quote @ (b'"' | b'\'' | b'`'), ..] => {
                let end = if *quote == b'`' { raw_end(self.bytes, at) } else { quoted_end(self.bytes, at) };
                if !has_end(self.bytes.get(at..end).unwrap_or_default(), *quote) {
                    let message = match quote {
                        b'`' => "string not terminated",
                        b'"' => "newline in string",
                        _ => "newline in rune literal",
                    };
                    self.unended(at, end, message);
                }
                self.prefixes = 0;
                end
            }
            _ => at + 1,
        }
    }

    fn unended(&mut self, start: usize, end: usize, message: &str) {
        let span = Span::new(start as u32, end as u32);
        let what =
            if self.bytes.get(start) == Some(&b'/') { What::Blank(end - start) } else { What::String(end - start) };
        self.found.edits.push(Edit { at: start, what });
        self.found.errors.push(SyntaxError { span, message: format!("syntax error: {message}") });
    }

    fn opened(&mut self, at: usize) {
        let code = self.before(at);
        let name = code.iter().rev().take_while(|&&b| is_word(b)).count();
        let (before, name) = code.split_at(code.len() - name);
        let byte = match name {
            b"const" | b"var" => return self.groups.push(self.depth),
            b"new" => b'W',
            b"make" => b'E',
            _ => return,
        };
        if !before.ends_with(b".") && mend::takes_value(self.bytes, at) {
            self.found.edits.push(Edit { at: code.len() - 1, what: What::Byte(byte) });
        }
    }

    /// A block on the line after a block: Go ends the statement before it.
    fn block(&mut self, at: usize) {
        let code = self.before(at).len();
        let line_ended = self.bytes.get(code..at).is_some_and(|gap| gap.contains(&b'\n'));
        if line_ended && self.bytes.get(..code).is_some_and(|code| code.ends_with(b"}")) {
            self.found.edits.push(Edit { at: code, what: What::Insert(b';') });
        }
    }

    fn closed(&mut self, at: usize, close: u8) {
        if close == b')' && self.groups.last() == Some(&self.depth) {
            self.groups.pop();
            let code = self.before(at);
            let line_ended = self.bytes.get(code.len()..at).is_some_and(|gap| gap.contains(&b'\n'));
            if !line_ended && !matches!(code.last(), Some(b';' | b'(')) {
                self.found.edits.push(Edit { at, what: What::Insert(b';') });
            }
        } else if close == b'}' && mend::two_labels(self.before(at)) {
            self.found.edits.push(Edit { at, what: What::Insert(b';') });
        }
    }

    /// The text before `at`, without the white space and comments at its end.
    fn before(&self, at: usize) -> &[u8] {
        let mut code = self.bytes.get(..at).unwrap_or_default().trim_ascii_end();
        for comment in self.found.comments.iter().rev() {
            if comment.span.end as usize != code.len() {
                break;
            }
            code = self.bytes.get(..comment.span.start as usize).unwrap_or_default().trim_ascii_end();
        }
        code
    }
}

/// Whether a quoted text ends in its quote, and not in an escaped one.
fn has_end(quoted: &[u8], quote: u8) -> bool {
    let Some(inner) = quoted.strip_suffix(&[quote]).filter(|inner| !inner.is_empty()) else { return false };
    quote == b'`' || inner.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 0
}

/// A length for the array whose `...` stands at `at`.
fn length(at: usize) -> [Edit; 3] {
    [0, 1, 2].map(|i| Edit { at: at + i, what: What::Byte(b'0') })
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
            None => return bytes.len(),
            Some(b'\n') => return at,
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

/// The brackets of a text outside strings and comments: where each is, and which.
pub fn brackets(text: &str) -> Vec<(u32, u8)> {
    let (bytes, mut found, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        at = match bytes.get(at..).unwrap_or_default() {
            [b'/', b'/' | b'*', ..] => comment_end(bytes, at),
            [b'`', ..] => raw_end(bytes, at),
            [b'"' | b'\'', ..] => quoted_end(bytes, at),
            [bracket @ (b'(' | b')' | b'[' | b']' | b'{' | b'}'), ..] => {
                found.push((at as u32, *bracket));
                at + 1
            }
            _ => skip_plain(bytes, at + 1),
        }
    }
    found
}

/// Whether the byte can stand in a name.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
