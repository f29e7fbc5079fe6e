//! A second look at text that did not parse. go/parser takes a few things that no finished program has and that the grammar
//! does not know; a declaration that is being written can have them. What the grammar is given instead:
//!
//! | Go | instead |
//! |---|---|
//! | `const c T`, its value still missing | `const c T=0`; the lowering leaves out a list of no width |
//! | `make(T, n...)` | `make(T, n   )`; the lowering reads the dots from the true text |
//! | `~x` as a value | `^x`; the lowering reads the operator from the true text |
//! | `struct{ T }.m` | `struct{ T }{}.m`; the lowering leaves out a literal of no width |
//! | `f[x.(type)]` | `f[x.(typE)]`; the lowering reads the word from the true text |
//!
//! It costs nothing where the first look went well.

use crate::mend::{DEEP, Edit, FAR, What, skip_brackets, skip_space, skip_type, word_at};
use crate::scan::{comment_end, quoted_end, raw_end, skip_blanks};

/// The edits that may help.
pub(crate) fn rescue(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let (mut edits, mut at) = (Vec::new(), 0);
    // Where the group of constants ends that was read last: in a broken text others may seem to stand in it.
    let mut group = 0;
    while let Some(rest @ &[first, ..]) = bytes.get(at..) {
        at = match rest {
            [b'/', b'/' | b'*', ..] => comment_end(bytes, at),
            [b'"' | b'\'', ..] => quoted_end(bytes, at),
            [b'`', ..] => raw_end(bytes, at),
            _ => match word_at(bytes, at) {
                Some((b"const", end)) => {
                    if end > group {
                        group = constants(bytes, end, &mut edits);
                    }
                    end
                }
                Some((word, end)) => {
                    let near = bytes.get(..bytes.len().min(end + FAR)).unwrap_or(bytes);
                    word_edits(near, word, end, &mut edits);
                    end
                }
                None => {
                    if first == b'~' {
                        edits.push(Edit { at, what: What::Byte(b'^') });
                    }
                    at + 1
                }
            },
        };
    }
    edits
}

fn word_edits(bytes: &[u8], word: &[u8], end: usize, edits: &mut Vec<Edit>) {
    let next = skip_space(bytes, end);
    match (word, bytes.get(next)) {
        (b"make", Some(b'(')) => {
            edits.extend(dots(bytes, next).map(|at| Edit { at, what: What::Blank(3) }));
        }
        (b"type", Some(b')')) if bytes.get(skip_space(bytes, next + 1)) == Some(&b']') => {
            edits.push(Edit { at: end - 1, what: What::Byte(b'E') });
        }
        (b"struct" | b"interface", Some(b'{')) => {
            let close = skip_brackets(bytes, next);
            if bytes.get(close) == Some(&b'.') {
                edits.extend([b'{', b'}'].map(|byte| Edit { at: close, what: What::Insert(byte) }));
            }
        }
        _ => {}
    }
}

/// Where the `...` stands that spreads the last argument of the call whose `(` is at `paren`.
fn dots(bytes: &[u8], paren: usize) -> Option<usize> {
    let close = skip_brackets(bytes, paren);
    let args = bytes.get(paren..close).unwrap_or_default();
    let dots = args.windows(3).enumerate().filter(|(_, three)| *three == b"...");
    dots.map(|(at, _)| paren + at).find(|at| skip_space(bytes, at + 3) + 1 == close)
}

/// The constants declared after a `const` that ends at `at`: one, or a group. Gives where they end.
fn constants(bytes: &[u8], at: usize, edits: &mut Vec<Edit>) -> usize {
    let mut at = skip_space(bytes, at);
    if bytes.get(at) != Some(&b'(') {
        constant(bytes, at, edits);
        return at;
    }
    let end = skip_brackets(bytes, at) - 1;
    at = skip_space(bytes, at + 1);
    while at < end {
        constant(bytes, at, edits);
        at = skip_space(bytes, skip_line(bytes, at));
    }
    end
}

/// A value for the constant declared at `at`, if it has a type and no value.
fn constant(bytes: &[u8], mut at: usize, edits: &mut Vec<Edit>) {
    while let Some((_, end)) = word_at(bytes, at) {
        at = skip_within_line(bytes, end);
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at = skip_space(bytes, at + 1);
    }
    if ends_line(bytes, at) || bytes.get(at) == Some(&b'=') {
        return;
    }
    if let Some(end) = skip_type(bytes, at, DEEP).filter(|&end| ends_line(bytes, skip_within_line(bytes, end))) {
        edits.extend([b'=', b'0'].map(|byte| Edit { at: end, what: What::Insert(byte) }));
    }
}

fn ends_line(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..).unwrap_or_default(), [] | [b'\n' | b';' | b')', ..] | [b'/', b'/', ..])
}

/// The next byte from `at` on that is neither white space nor a comment within the line.
fn skip_within_line(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = skip_blanks(bytes, at);
        match bytes.get(at..) {
            Some([b'/', b'*', ..]) => at = comment_end(bytes, at),
            _ => return at,
        }
    }
}

/// After the line, or the `;`, that ends what stands at `at`.
fn skip_line(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = match bytes.get(at..).unwrap_or_default() {
            [] => return at,
            [b'\n' | b';', ..] => return at + 1,
            [b'/', b'/' | b'*', ..] => comment_end(bytes, at),
            [b'"' | b'\'', ..] => quoted_end(bytes, at),
            [b'`', ..] => raw_end(bytes, at),
            [b'(' | b'[' | b'{', ..] => skip_brackets(bytes, at),
            _ => at + 1,
        };
    }
}
