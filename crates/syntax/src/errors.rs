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
