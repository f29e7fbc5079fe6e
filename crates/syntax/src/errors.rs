//! What did not parse.

use crate::Span;

/// A place that is not Go, as far as the parser can tell. Whatever overlaps it is not analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// One sentence, in the words of the Go compiler where it has some.
    pub message: String,
}

/// How a comment begins that is there for lines that a diff does not show. It counts as text that did not parse: nothing may be
/// claimed of a declaration that has such a comment in it.
pub const UNSEEN: &str = "//gopeer:unseen";
