//! Comments and directives.

use crate::Span;

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, delimiters included.
    pub span: Span,
    /// `/* … */` rather than `// …`.
    pub block: bool,
}

impl Comment {
    /// The comment's text without its delimiters and surrounding white space.
    pub fn body<'t>(&self, text: &'t str) -> &'t str {
        let whole = self.span.of(text);
        let inner = if self.block {
            whole.strip_prefix("/*").map(|s| s.strip_suffix("*/").unwrap_or(s))
        } else {
            whole.strip_prefix("//")
        };
        inner.unwrap_or("").trim()
    }
}
