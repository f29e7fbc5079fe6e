//! Concrete tree to [`Tree`]: one walk with a cursor, numbers instead of names.
//!
//! A function here is called with the cursor on a node and leaves it there. Children are visited once and in order.

mod decl;
mod expr;
mod kinds;
mod stmt;
mod types;
pub(crate) mod line_index;
pub(crate) mod parse;
mod scan;

use tree_sitter::{Node as TsNode, TreeCursor};

use crate::ast::{DeclId, Expr, ExprId, Stmt, StmtId};
use crate::{Comment, Span, SyntaxError, Tree};
use kinds::{FieldName, Kind, Tables};

/// How deep nodes may nest; deeper ones are `Bad`. Real code stays below 100; a wasm stack holds several times this.
const MAX_DEPTH: u32 = 400;

/// Lowers the concrete tree of `text`.
pub(crate) fn lower(text: &str, concrete: &tree_sitter::Tree, comments: Vec<Comment>) -> Tree {
    let mut lowering = Lowering { tree: Tree::new(text), tables: Tables::get(), errors: Vec::new(), depth: 0, exprs: Vec::new() };
    let mut cursor = concrete.walk();
    let roots = lowering.source_file(&mut cursor);
    lowering.tree.finish(roots, comments, lowering.errors)
}

struct Lowering {
    tree: Tree,
    tables: &'static Tables,
    errors: Vec<SyntaxError>,
    depth: u32,
    /// Scratch for lists of expressions under construction.
    exprs: Vec<ExprId>,
}

impl Lowering {
    fn kind(&self, node: &TsNode) -> Kind {
        self.tables.kind(node.kind_id())
    }

    /// Calls `f` for each child but comments and faults; faults are recorded.
    fn children<'t>(&mut self, c: &mut TreeCursor<'t>, mut f: impl FnMut(&mut Self, &mut TreeCursor<'t>, FieldName, Kind)) {
        if !c.goto_first_child() {
            return;
        }
        loop {
            let node = c.node();
            if node.is_error() {
                self.fault(node, "unexpected");
            } else {
                if node.is_missing() {
                    self.fault(node, "missing");
                }
                let kind = self.kind(&node);
                if kind != Kind::Comment {
                    let field = self.tables.field(c.field_id());
                    f(self, c, field, kind);
                }
            }
            if !c.goto_next_sibling() {
                break;
            }
        }
        c.goto_parent();
    }

    fn fault(&mut self, node: TsNode, what: &str) {
        let span = span(node);
        let message = if node.is_missing() {
            format!("syntax error: {what} {}", node.kind())
        } else {
            let text = span.of(self.tree.text()).trim();
            let first = text.split_whitespace().next().unwrap_or("end of text");
            let short: String = first.chars().take(24).collect();
            format!("syntax error: {what} {short}")
        };
        self.errors.push(SyntaxError { span, message });
    }

    /// Goes one level deeper; false, with the fault recorded, where that is too deep.
    fn enter(&mut self, c: &TreeCursor) -> bool {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            return true;
        }
        self.errors.push(SyntaxError { span: span(c.node()), message: "nested too deep".to_owned() });
        false
    }

    fn bad_expr(&mut self, span: Span) -> ExprId {
        self.tree.push_expr(Expr::Bad, span)
    }

    fn bad_stmt(&mut self, span: Span) -> StmtId {
        self.tree.push_stmt(Stmt::Bad, span)
    }

    /// The expression, or a `Bad` one at the end of the cursor's node where the text has none.
    fn or_bad(&mut self, expr: Option<ExprId>, c: &TreeCursor) -> ExprId {
        let end = span(c.node()).end;
        expr.unwrap_or_else(|| self.bad_expr(Span::new(end, end)))
    }

    fn or_bad_stmt(&mut self, stmt: Option<StmtId>, c: &TreeCursor) -> StmtId {
        let end = span(c.node()).end;
        stmt.unwrap_or_else(|| self.bad_stmt(Span::new(end, end)))
    }

    fn source_file(&mut self, c: &mut TreeCursor) -> Vec<DeclId> {
        let mut roots = Vec::new();
        let mut loose: Vec<StmtId> = Vec::new();
        if c.node().is_error() {
            self.fault(c.node(), "unexpected");
        }
        let fragment = self.has_statements(c);
        self.children(c, |l, c, _, kind| match kind {
            Kind::Other => {}
            Kind::ConstDeclaration | Kind::VarDeclaration | Kind::TypeDeclaration if fragment => loose.push(l.stmt(c)),
            _ => match l.top_level(c, kind) {
                Some(decl) => {
                    l.flush(&mut loose, &mut roots);
                    roots.push(decl);
                }
                None if kind != Kind::EmptyStatement => loose.push(l.stmt(c)),
                None => {}
            },
        });
        self.flush(&mut loose, &mut roots);
        if roots.is_empty() && !self.errors.is_empty() {
            let whole = Span::new(0, self.tree.text().len() as u32);
            roots.push(self.tree.push_decl(crate::ast::Decl::Bad, whole));
        }
        roots
    }

    fn flush(&mut self, loose: &mut Vec<StmtId>, roots: &mut Vec<DeclId>) {
        let (Some(first), Some(last)) = (loose.first(), loose.last()) else { return };
        let span = self.tree.span(*first).to(self.tree.span(*last));
        let list = self.tree.stmt_list(loose);
        loose.clear();
        roots.push(self.tree.push_decl(crate::ast::Decl::Stmts(list), span));
    }

    /// Whether a statement stands at the top, as in a pasted fragment; then declarations there are local ones.
    fn has_statements(&self, c: &TreeCursor) -> bool {
        let root = c.node();
        let mut walk = root.walk();
        root.named_children(&mut walk).any(|child| {
            !child.is_error()
                && !matches!(
                    self.kind(&child),
                    Kind::Comment
                        | Kind::EmptyStatement
                        | Kind::PackageClause
                        | Kind::ImportDeclaration
                        | Kind::FunctionDeclaration
                        | Kind::MethodDeclaration
                        | Kind::ConstDeclaration
                        | Kind::VarDeclaration
                        | Kind::TypeDeclaration
                )
        })
    }
}

fn span(node: TsNode) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}
