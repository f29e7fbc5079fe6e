//! From tree-sitter's tree to ours.
//!
//! One cursor goes once through the parse tree, in source order. Each `fn` here is called with the cursor on its node
//! and leaves it there; children are read with [`Lower::children`], which gathers comments and errors on the way. What
//! is missing becomes `Bad`. Depth is bounded by [`MAX_DEPTH`], because the stack of a wasm worker is small.

mod decl;
mod errors;
mod expr;
mod kind;
mod stmt;
mod types;

use tree_sitter::TreeCursor;

use crate::ast::{Decl, DeclId, Expr, ExprId, ExprList, FieldId, StmtId, StmtList, Tree};
use crate::{Comment, Span, SyntaxError};
pub(crate) use kind::Kinds;
use kind::{Group, Kind};

/// How deep expressions, types and statements may stand in each other. Left operands do not count: a sum of ten
/// thousand terms is a chain, and is lowered and read as one.
pub(crate) const MAX_DEPTH: u32 = 400;

/// Lowers the parse of `text`.
pub(crate) fn lower(parsed: &tree_sitter::Tree, kinds: &Kinds, text: &str, scratch: &mut Scratch) -> Tree {
    let root = parsed.root_node();
    let mut lower = Lower {
        cursor: parsed.walk(),
        kinds,
        text,
        broken: root.has_error(),
        depth: 0,
        tree: std::mem::take(&mut scratch.tree),
        ids: std::mem::take(&mut scratch.ids),
        comments: Vec::new(),
        errors: Vec::new(),
    };
    let roots = lower.source_file();
    let Lower { tree, ids, comments, errors, .. } = lower;
    let done = tree.finish(text, roots, comments, errors);
    scratch.tree = tree.cleared();
    scratch.ids = ids;
    done
}
