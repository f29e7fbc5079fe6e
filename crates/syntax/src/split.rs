//! The cut: a file's text into its top-level pieces.
//!
//! The cut reads bytes, not grammar: it tracks strings, comments and bracket depth, and looks at what stands at the
//! start of a line. So it is cheap enough to redo on each keystroke, and a piece that is broken does not take its
//! neighbours with it: `func` and a name at column 0 start afresh whatever stands open above.

use crate::Span;
use crate::scan::{comment_end, is_word, quoted_end, raw_end, skip_blanks, skip_plain};

/// A stretch of a file that is parsed on its own: one declaration, or statements outside any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Where it stands in the file.
    pub span: Span,
}

/// Cuts a file into pieces. Put together they are the text, byte for byte; an empty text has none.
///
/// A piece starts at a column-0 keyword outside all brackets (`package`, `import`, `const`, `var`, `type`, `func`), or at
/// the comments above it. Text outside the declarations, as in a pasted fragment, makes pieces between them.
pub fn cut(text: &str) -> Vec<Piece> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut cutter = Cutter { bytes: text.as_bytes(), depth: 0, lead: None, state: State::Start, starts: vec![0] };
    cutter.run(if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 });
    let ends = cutter.starts.iter().skip(1).copied().chain([text.len()]);
    let piece = |(&start, end): (&usize, usize)| Piece { span: Span::new(start as u32, end as u32) };
    cutter.starts.iter().zip(ends).map(piece).collect()
}

/// What the lines above left behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No code yet.
    Start,
    /// A declaration that the next line may continue.
    Open,
    /// A declaration that the line's end has ended.
    Ended,
    /// Statements outside any declaration.
    Statements,
}

struct Cutter<'t> {
    bytes: &'t [u8],
    depth: u32,
    /// Start of the first line with a comment since the last line with code.
    lead: Option<usize>,
    state: State,
    starts: Vec<usize>,
}

impl Cutter<'_> {
    fn run(&mut self, mut at: usize) {
        while at < self.bytes.len() {
            at = self.line(at);
        }
    }

    /// Reads the line at `start`, and on to where its last comment or raw string ends; says where the next line starts.
    fn line(&mut self, start: usize) -> usize {
        let mut at = start;
        loop {
            at = skip_blanks(self.bytes, at);
            match self.rest(at) {
                [] => return at,
                [b'\n', ..] => return at + 1,
                [b'/', b'/' | b'*', ..] => {
                    if self.lead.is_none() && (self.depth == 0 || at == start) {
                        self.lead = Some(start);
                    }
                    at = comment_end(self.bytes, at);
                }
                _ => break,
            }
        }
        self.divide(start, at);
        self.lead = None;
        self.code(at)
    }

    /// Starts a piece at the line of `start` with the first code at `code`, if this is where one starts.
    fn divide(&mut self, start: usize, code: usize) {
        let line = self.rest(code);
        let declares = start == code && (self.depth == 0 && starts_decl(line) || starts_named_func(line));
        let next = match self.state {
            _ if declares => State::Open,
            State::Start => State::Statements,
            // An opening brace on its own line still belongs to what stands above it, wrong as that is in Go.
            State::Ended if self.depth == 0 && !matches!(line, [b'{' | b'(' | b')' | b']' | b'}', ..]) => {
                State::Statements
            }
            _ => return,
        };
        if self.state != State::Start {
            self.starts.push(self.lead.unwrap_or(start));
        }
        self.state = next;
        self.depth = 0;
    }

    /// Reads code up to the end of its line.
    fn code(&mut self, mut at: usize) -> usize {
        let bytes = self.bytes;
        let end = loop {
            at = skip_plain(bytes, at);
            match self.rest(at) {
                [] | [b'\n', ..] => break at,
                [b'/', b'/' | b'*', ..] => {
                    let comment = at;
                    at = skip_blanks(bytes, comment_end(bytes, at));
                    if matches!(self.rest(at), [] | [b'\n', ..]) {
                        break comment;
                    }
                }
                [b'(' | b'[' | b'{', ..] => {
                    self.depth += 1;
                    at += 1;
                }
                [b')' | b']' | b'}', ..] => {
                    self.depth = self.depth.saturating_sub(1);
                    at += 1;
                }
                [b'"' | b'\'', ..] => at = quoted_end(bytes, at),
                [b'`', ..] => at = raw_end(bytes, at),
                _ => at += 1,
            }
        };
        if self.depth == 0 && matches!(self.state, State::Open | State::Ended) {
            let ended = ends_statement(bytes.get(..end).unwrap_or_default());
            self.state = if ended { State::Ended } else { State::Open };
        }
        at + 1
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.bytes.get(at..).unwrap_or_default()
    }
}

/// Whether a line that ends so ends its statement (Go spec, "Semicolons"; keywords aside).
fn ends_statement(code: &[u8]) -> bool {
    match code.trim_ascii_end() {
        [.., b'+', b'+'] | [.., b'-', b'-'] => true,
        [.., last] => is_word(*last) || matches!(last, b')' | b']' | b'}' | b'"' | b'\'' | b'`'),
        [] => false,
    }
}

fn starts_decl(line: &[u8]) -> bool {
    let (word, rest) = line.split_at(line.iter().position(|&b| !is_word(b)).unwrap_or(line.len()));
    match word {
        b"package" | b"import" | b"const" | b"var" | b"type" => true,
        // gofmt writes a method `func (`, a literal `func(`.
        b"func" => !rest.starts_with(b"(") || starts_named_func(line),
        _ => false,
    }
}

/// Whether the line starts with `func Name(`, `func Name[` or the same of a method: no function literal does.
fn starts_named_func(line: &[u8]) -> bool {
    let Some(mut rest) = line.strip_prefix(b"func").filter(|rest| !rest.first().is_some_and(|&b| is_word(b))) else {
        return false;
    };
    rest = rest.trim_ascii_start();
    if rest.first() == Some(&b'(') {
        let line_end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let Some(close) = rest[..line_end].iter().position(|&b| b == b')') else { return false };
        rest = rest[close + 1..].trim_ascii_start();
    }
    let name = rest.iter().position(|&b| !is_word(b)).unwrap_or(rest.len());
    name > 0 && matches!(rest[name..].trim_ascii_start(), [b'(' | b'[', ..])
}
