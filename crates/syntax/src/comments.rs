//! Comments and directives.

use crate::ast::Node;
use crate::{Span, Tree};

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, delimiters included.
    pub span: Span,
    /// `/* … */` rather than `// …`.
    pub block: bool,
}

impl Tree {
    /// The doc comment of a node: the comments that end on the line above it, without an empty line between. One behind code
    /// belongs to that.
    pub fn comments_above(&self, node: impl Into<Node>) -> &[Comment] {
        let comments = self.comments();
        let mut start = self.span(node).start;
        let last = comments.partition_point(|comment| comment.span.start < start);
        let mut first = last;
        while let Some(comment) = first.checked_sub(1).and_then(|at| comments.get(at)) {
            let between = Span::new(comment.span.end, start).of(self.text());
            let before = Span::new(0, comment.span.start).of(self.text()).rsplit('\n').next().unwrap_or_default();
            let alone = before.trim().is_empty();
            if !between.trim().is_empty() || between.matches('\n').count() != 1 || !alone {
                break;
            }
            start = comment.span.start;
            first -= 1;
        }
        comments.get(first..last).unwrap_or_default()
    }
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
