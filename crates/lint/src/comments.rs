//! What a rule may ask about comments.

use gopeer_syntax::Tree;
use gopeer_syntax::ast::{DeclId, Node};

use crate::{Cx, words};

/// Comments.
impl<'a> Cx<'a> {
    /// The doc comment of a node: the comments that end on the line above it, without an empty line between.
    pub fn doc_comment(&self, node: impl Into<Node>) -> &'a [gopeer_syntax::Comment] {
        let tree: &'a Tree = self.tree;
        tree.comments_above(node)
    }

    /// Whether the comment of a function says when, or by whom, it may be called: what callers keep to does not show in the code.
    pub fn limits_calls(&self, func: DeclId) -> bool {
        const CALLS: &[&str] = &["call", "called", "calling", "calls", "use", "used"];
        const LIMITS: &[&str] =
            &["after", "again", "concurrently", "may", "more", "must", "never", "once", "only", "twice"];
        let doc: Vec<String> =
            self.doc_comment(func).iter().flat_map(|comment| words(comment.body(self.tree.text()))).collect();
        let says = |among: &[&str]| doc.iter().any(|word| among.contains(&word.as_str()));
        says(CALLS) && says(LIMITS)
    }

    /// Where a declaration begins, its doc comment included: where a mend can put another one before it.
    pub fn start_with_doc(&self, node: impl Into<Node>) -> u32 {
        let node = node.into();
        self.doc_comment(node).first().map_or(self.tree.span(node).start, |comment| comment.span.start)
    }

    /// The comment at the node that gives a reason: it holds one of these words, in lower case, or one that reasons are
    /// given with. A label (`// save the user`) or a `TODO` gives none. A rule reports what it found as
    /// [`crate::Report::excused`] by it, so that the review lists it.
    pub fn explanation(&self, node: impl Into<Node>, words: &[&str]) -> Option<&'a str> {
        let explains = |comment: &&str| {
            let comment = comment.to_ascii_lowercase();
            (holds(&comment, REASONS) || holds(&comment, words)) && !holds(&comment, &["todo", "fixme"])
        };
        self.comments_at(node).find(explains)
    }

    /// Whether a comment at the node gives a reason, as [`Self::explanation`] has it.
    pub fn is_explained(&self, node: impl Into<Node>, words: &[&str]) -> bool {
        self.explanation(node, words).is_some()
    }

    /// The comment at the node that holds one of these words, in lower case: other reasons do not count.
    pub fn said(&self, node: impl Into<Node>, words: &[&str]) -> Option<&'a str> {
        self.comments_at(node).find(|comment| holds(&comment.to_ascii_lowercase(), words))
    }

    /// Whether a comment at the node holds one of these words, in lower case.
    pub fn is_said(&self, node: impl Into<Node>, words: &[&str]) -> bool {
        self.comments_at(node).any(|comment| holds(&comment.to_ascii_lowercase(), words))
    }

    /// The text of the comments on the lines where the node begins and ends, and of those that lead up to it line by
    /// line. A comment behind other code belongs to that code.
    pub fn comments_at(&self, node: impl Into<Node>) -> impl Iterator<Item = &'a str> {
        let tree: &'a Tree = self.tree;
        let text = tree.text();
        // A line goes by where it begins.
        let line = |at: usize| self.line_start(at);
        let span = tree.span(node);
        let (mut first, last) = (line(span.start as usize), line(span.end as usize));
        let after = self.line_end(span.end as usize).unwrap_or(text.len());
        let before = tree.comments().partition_point(|comment| (comment.span.start as usize) < after);
        let mut near = Vec::new();
        for comment in tree.comments().iter().take(before).rev() {
            let (start, end) = (line(comment.span.start as usize), line(comment.span.end as usize));
            let alone = text.get(start..comment.span.start as usize).is_some_and(|before| before.trim().is_empty());
            let leads = end == first || first > 0 && end == line(first - 1) && alone;
            if leads || start == last {
                near.push(comment.body(text));
            }
            if leads {
                first = start;
            } else if end < first {
                break;
            }
        }
        near.into_iter()
    }
}

/// Whether a word of the text begins so, or has this ending: `define` and `unsafe` say nothing of `fine` and `safe`.
fn holds(text: &str, words: &[&str]) -> bool {
    let begins = |at: usize| !text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    words.iter().any(|word| text.match_indices(word).any(|(at, _)| word.starts_with("n't") || begins(at)))
}

/// What a comment that gives a reason is likely to hold.
const REASONS: &[&str] = &[
    "because",
    "best effort",
    "best-effort",
    "can't",
    "cannot",
    "checked",
    "deliberate",
    "expected",
    "fail",
    "fine",
    "guarantee",
    "harmless",
    "ignor",
    "intention",
    "legacy",
    "matter",
    "missing",
    "n't care",
    "n't need",
    "never",
    "no need",
    "nobody",
    "on purpose",
    "optional",
    "safe",
    "since ",
    "unreachable",
    "validated",
    "won't",
    "zero",
];
