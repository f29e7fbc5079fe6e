//! One piece of text to a tree.

use crate::ast::Decl;
use super::scan;
use crate::{Comment, Span, SyntaxError, Tree};

/// The longest piece that is parsed, in bytes. Beyond it a piece is data rather than code, and one `Bad` node.
pub const MAX_PIECE: usize = 1 << 20;

/// Parses pieces. Keep one: it reuses its memory.
pub struct Parser {
    inner: tree_sitter::Parser,
}

impl Default for Parser {
    fn default() -> Self {
        Parser::new()
    }
}

impl Parser {
    /// A parser for Go.
    pub fn new() -> Parser {
        let mut inner = tree_sitter::Parser::new();
        // Fails only where grammar and library do not fit each other; then `parse` gives `Bad` trees, and every test fails.
        let _ = inner.set_language(&tree_sitter_go::LANGUAGE.into());
        Parser { inner }
    }

    /// The tree of a piece. Any text has one: what does not parse is `Bad` and named in [`Tree::errors`].
    pub fn parse(&mut self, text: &str) -> Tree {
        let comments = scan::scan(text);
        if text.len() > MAX_PIECE {
            return refused(text, comments, "declaration too large");
        }
        match self.inner.parse(text, None) {
            Some(concrete) => super::lower(text, &concrete, comments),
            None => refused(text, comments, "the parser gave up"),
        }
    }
    /// The grammar's own parse of a text and nothing else: what `cargo dev bench` measures against. Whether there was one.
    pub fn parse_bare(&mut self, text: &str) -> bool {
        self.inner.parse(text, None).is_some()
    }
}

fn refused(text: &str, comments: Vec<Comment>, why: &str) -> Tree {
    let mut tree = Tree::new(text);
    let whole = Span::new(0, text.len() as u32);
    let bad = tree.push_decl(Decl::Bad, whole);
    tree.finish(vec![bad], comments, vec![SyntaxError { span: whole, message: why.to_owned() }])
}
