//! From tree-sitter's tree to ours.
//!
//! One cursor goes once through the parse tree, in source order. Each `fn` here is called with the cursor on its node
//! and leaves it there; children are read with [`Lower::children`], which records errors on the way. What
//! is missing becomes `Bad`. Depth is bounded by [`MAX_DEPTH`], because the stack of a wasm worker is small.

mod decl;
mod errors;
mod expr;
mod kind;
mod stmt;
mod types;

use tree_sitter::TreeCursor;

use crate::ast::{Decl, DeclId, Expr, ExprId, ExprList, Field, FieldId, FieldList, Stmt, StmtId, StmtList, Tree};
use crate::scan::Scan;
use crate::{Progress, Span, SyntaxError};
pub(crate) use errors::{KEYWORDS, TOO_DEEP};
pub(crate) use kind::Kinds;
use kind::{Group, Kind};

/// How deep expressions, types and statements may stand in each other. Left operands do not count: a sum of ten
/// thousand terms is a chain, and is lowered as one.
pub(crate) const MAX_DEPTH: u32 = 400;

/// Lowers the parse of `text`, in which bytes had been `inserted` at those places (see `mend`).
pub(crate) fn lower(
    parsed: &tree_sitter::Tree,
    kinds: &Kinds,
    text: &str,
    inserted: &[u32],
    found: Scan,
    progress: &Progress,
) -> Tree {
    let mut lower = Lower {
        cursor: parsed.walk(),
        kinds,
        text,
        inserted,
        progress,
        broken: parsed.root_node().has_error(),
        depth: 0,
        tree: Tree::new(text),
        exprs: Vec::new(),
        stmts: Vec::new(),
        fields: Vec::new(),
        errors: Vec::new(),
    };
    let roots = lower.source_file();
    let Lower { tree, mut errors, .. } = lower;
    // Where a string has no end, that is the error, and not what the grammar makes of the rest.
    errors.retain(|error| {
        let next = found.errors.partition_point(|open| open.span.end < error.span.start);
        !found.errors.get(next).is_some_and(|open| open.span.touches(error.span))
    });
    errors.extend(found.errors);
    errors.sort_by_key(|error| error.span);
    tree.finish(roots, found.comments, errors)
}

struct Lower<'t> {
    cursor: TreeCursor<'t>,
    kinds: &'t Kinds,
    text: &'t str,
    inserted: &'t [u32],
    progress: &'t Progress,
    /// Whether the parse has errors anywhere; where it has none, nobody looks for them.
    broken: bool,
    depth: u32,
    tree: Tree,
    // Lists under construction, one upon the other.
    exprs: Vec<ExprId>,
    stmts: Vec<StmtId>,
    fields: Vec<(Field, Span)>,
    errors: Vec<SyntaxError>,
}

/// Moving.
impl Lower<'_> {
    fn span(&self) -> Span {
        let node = self.cursor.node();
        let span = Span::new(node.start_byte() as u32, node.end_byte() as u32);
        if self.inserted.is_empty() { span } else { self.true_span(span) }
    }

    /// The span in the text as it was before bytes were inserted.
    #[cold]
    fn true_span(&self, Span { start, end }: Span) -> Span {
        let before = |at: u32| self.inserted.partition_point(|&inserted| inserted < at) as u32;
        Span::new(start - before(start), end - before(end))
    }

    /// Whether the current node is not in the true text.
    fn is_added(&self) -> bool {
        !self.inserted.is_empty() && self.span().is_empty()
    }

    /// The kind of the current node. Records an error.
    fn look(&mut self) -> Kind {
        let node = self.cursor.node();
        let kind = self.kinds.of(node.kind_id());
        if self.broken && (kind == Kind::Error || node.is_missing()) {
            self.record_error();
            return Kind::Error;
        }
        kind
    }

    /// Calls `f` on each child.
    fn children(&mut self, mut f: impl FnMut(&mut Self, Kind)) {
        if !self.cursor.goto_first_child() {
            return;
        }
        loop {
            let kind = self.look();
            if kind != Kind::Comment {
                f(self, kind);
            }
            if !self.cursor.goto_next_sibling() {
                break;
            }
        }
        self.cursor.goto_parent();
    }
}

/// Making nodes.
impl Lower<'_> {
    fn push(&mut self, expr: Expr, span: Span) -> ExprId {
        self.tree.push_expr(expr, span)
    }

    /// What stands for an expression that is not there.
    fn bad(&mut self, at: Span) -> ExprId {
        self.push(Expr::Bad, Span::new(at.end, at.end))
    }

    fn or_bad(&mut self, found: Option<ExprId>, within: Span) -> ExprId {
        found.unwrap_or_else(|| self.bad(within))
    }

    fn bad_stmt(&mut self, at: Span) -> StmtId {
        self.tree.push_stmt(Stmt::Bad, Span::new(at.end, at.end))
    }

    fn bad_decl(&mut self, at: Span) -> DeclId {
        self.tree.push_decl(Decl::Bad, at)
    }

    fn take_exprs(&mut self, from: usize) -> ExprList {
        let list = self.tree.expr_list(self.exprs.get(from..).unwrap_or_default());
        self.exprs.truncate(from);
        list
    }

    fn take_stmts(&mut self, from: usize) -> StmtList {
        let list = self.tree.stmt_list(self.stmts.get(from..).unwrap_or_default());
        self.stmts.truncate(from);
        list
    }

    fn take_fields(&mut self, from: usize) -> FieldList {
        let ids: Vec<FieldId> =
            self.fields.drain(from..).map(|(field, span)| self.tree.push_field(field, span)).collect();
        self.tree.field_list(&ids)
    }

    /// The expressions among the children.
    fn expr_children(&mut self) -> ExprList {
        let from = self.exprs.len();
        self.push_exprs();
        self.take_exprs(from)
    }

    /// Adds the expressions among the children to the list under construction.
    fn push_exprs(&mut self) {
        self.children(|l, kind| {
            if kind.is_expr() {
                let id = l.expr(kind);
                l.exprs.push(id);
            }
        });
    }

    /// The only expression among the children.
    fn only_expr(&mut self) -> ExprId {
        let mut found = None;
        self.children(|l, kind| {
            if kind.is_expr() && found.is_none() {
                found = Some(l.expr(kind));
            }
        });
        let span = self.span();
        self.or_bad(found, span)
    }

    /// Runs `f` one level deeper, or reports that this is too deep.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.progress.step();
        if self.depth >= MAX_DEPTH {
            self.too_deep();
            return None;
        }
        self.depth += 1;
        let made = f(self);
        self.depth -= 1;
        Some(made)
    }
}
