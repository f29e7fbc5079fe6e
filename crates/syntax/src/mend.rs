//! Text that the grammar reads as Go does.
//!
//! tree-sitter-go 0.25 does not know all of Go. Where it does not, it is given a text that differs in a few bytes, and
//! the lowering reads names and literals from the true one. What it cannot parse, and what it is given instead:
//!
//! | Go | grammar | instead |
//! |---|---|---|
//! | `new(f(x))` (since 1.26), or `make(x)` of one's own | wants a type | `neW(f(x))`, an ordinary call |
//! | `[...]T` outside a composite literal (parses, if it does not compile) | no such type | `[000]T` |
//! | `const (a = 1)` on one line | wants a `;` before the `)` | `const (a = 1;)` |
//! | `a: b: }` | only one label there | `a: b:; }` |
//! | `if x.ok {…}`, and a block on the next line | takes `x.ok {…}` for a literal | `if x.ok {…};` |
//! | the last statement of a fragment | wants a line's end | one |
//! | a string or comment without an end (an error) | looks for the end again and again | `"   "`, or white space |

use crate::scan::{comment_end, is_word, quoted_end, raw_end, skip_plain};

/// A small change of the text.
#[derive(Clone, Copy)]
pub(crate) struct Edit {
    /// Where, in the true text.
    pub(crate) at: usize,
    /// What the text is given.
    pub(crate) what: What,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// One more byte before what stands there.
    Insert(u8),
    /// Another byte for the one there.
    Byte(u8),
    /// A string literal for that many bytes.
    String(usize),
    /// White space for that many bytes.
    Blank(usize),
}

/// The text with all edits, and where in it bytes have been inserted.
pub(crate) fn mend(text: &str, edits: &[Edit]) -> (Vec<u8>, Vec<u32>) {
    let (mut mended, mut inserted, mut done) = (Vec::with_capacity(text.len() + edits.len()), Vec::new(), 0);
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| edit.at);
    for edit in edits {
        mended.extend_from_slice(text.as_bytes().get(done..edit.at).unwrap_or_default());
        match edit.what {
            What::Insert(byte) => {
                inserted.push(mended.len() as u32);
                mended.push(byte);
                done = edit.at;
            }
            What::Byte(byte) => {
                mended.push(byte);
                done = edit.at + 1;
            }
            What::String(len) => {
                match len {
                    1 => mended.push(b'0'),
                    _ => mended.extend(std::iter::once(b'"').chain((2..len).map(|_| b' ')).chain([b'"'])),
                }
                done = edit.at + len;
            }
            What::Blank(len) => {
                mended.resize(mended.len() + len, b' ');
                done = edit.at + len;
            }
        }
    }
    mended.extend_from_slice(text.as_bytes().get(done..).unwrap_or_default());
    (mended, inserted)
}

/// How far a type is read: enough for any that people write, and a bound for what they do not.
pub(crate) const FAR: usize = 1024;
/// How deep type arguments are read.
pub(crate) const DEEP: u32 = 20;

/// Whether the first argument of the call whose `(` is at `paren` is there, and is no type.
pub(crate) fn takes_value(bytes: &[u8], paren: usize) -> bool {
    let bytes = bytes.get(..bytes.len().min(paren + FAR)).unwrap_or_default();
    let first = skip_space(bytes, paren + 1);
    if matches!(bytes.get(first), None | Some(b')')) {
        return false;
    }
    let Some(end) = skip_type(bytes, first, DEEP) else { return true };
    !matches!(bytes.get(skip_space(bytes, end)), None | Some(b')' | b','))
}

/// End of the type at `at`, if one can be read there.
pub(crate) fn skip_type(bytes: &[u8], mut at: usize, deep: u32) -> Option<usize> {
    let mut without_result = None;
    loop {
        at = skip_space(bytes, at);
        match bytes.get(at) {
            Some(b'*') => at += 1,
            Some(b'<') if bytes.get(at + 1) == Some(&b'-') => at += 2,
            Some(b'[') => at = skip_brackets(bytes, at),
            Some(b'(') => return Some(skip_brackets(bytes, at)),
            _ => {
                let Some((word, end)) = word_at(bytes, at) else { return without_result };
                let next = skip_space(bytes, end);
                match word {
                    b"chan" => at = end,
                    b"map" => at = skip_brackets(bytes, next),
                    b"struct" | b"interface" => return Some(skip_brackets(bytes, next)),
                    b"func" => {
                        at = skip_brackets(bytes, next);
                        without_result = Some(at);
                    }
                    _ => return skip_name(bytes, end, deep),
                }
            }
        }
    }
}

/// End of a type's name whose first word ends at `at`: with what follows a dot, and with its type arguments.
fn skip_name(bytes: &[u8], at: usize, deep: u32) -> Option<usize> {
    let mut end = at;
    let dot = skip_space(bytes, end);
    if bytes.get(dot) == Some(&b'.')
        && let Some((_, name_end)) = word_at(bytes, skip_space(bytes, dot + 1))
    {
        end = name_end;
    }
    let mut next = skip_space(bytes, end);
    if bytes.get(next) != Some(&b'[') {
        return Some(end);
    }
    while matches!(bytes.get(next), Some(b'[' | b',')) {
        next = skip_space(bytes, skip_type(bytes, next + 1, deep.checked_sub(1)?)?);
    }
    (bytes.get(next) == Some(&b']')).then_some(next + 1)
}

pub(crate) fn word_at(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?;
    let len = rest.iter().position(|&b| !is_word(b)).unwrap_or(rest.len());
    let word = rest.get(..len)?;
    let name = word.first().is_some_and(|first| !first.is_ascii_digit());
    name.then_some((word, at + len))
}

/// After the bracket that closes the one at `at`, or the end of the text.
pub(crate) fn skip_brackets(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_u32;
    loop {
        at = match bytes.get(at..).unwrap_or_default() {
            [] => return at,
            [b'/', b'/' | b'*', ..] => comment_end(bytes, at),
            [b'"' | b'\'', ..] => quoted_end(bytes, at),
            [b'`', ..] => raw_end(bytes, at),
            [b'(' | b'[' | b'{', ..] => {
                depth += 1;
                at + 1
            }
            [b')' | b']' | b'}', ..] if depth <= 1 => return at + 1,
            [b')' | b']' | b'}', ..] => {
                depth -= 1;
                at + 1
            }
            [b'\n' | b'/', ..] => at + 1,
            _ => skip_plain(bytes, at + 1),
        };
    }
}

/// The next byte from `at` on outside of white space and comments.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at..).unwrap_or_default() {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => at += 1,
            [b'/', b'/' | b'*', ..] => at = comment_end(bytes, at),
            _ => return at,
        }
    }
}

/// Whether the code that ends at `end` ends in `:`, a label, and `:`.
pub(crate) fn two_labels(code: &[u8]) -> bool {
    let Some(code) = code.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end) else { return false };
    let name = code.iter().rev().take_while(|&&b| is_word(b)).count();
    let before = code.get(..code.len() - name).unwrap_or_default().trim_ascii_end();
    name > 0 && before.ends_with(b":")
}

/// Where `...` stands in `[...]`, given the place of the `[`.
pub(crate) fn dots(bytes: &[u8], bracket: usize) -> Option<usize> {
    let at = skip_space(bytes, bracket + 1);
    bytes.get(at..)?.starts_with(b"...").then_some(at)
}
