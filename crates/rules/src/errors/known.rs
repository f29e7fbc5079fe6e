//! Whether an error is known to be nil, or not to be, on every path that leads to a place.

use gopeer_flow::{Origin, Point};
use gopeer_lint::Followed;
use gopeer_lint::prelude::*;

use super::support::is_error;

/// What tells that a variable is nil at a point, on every path that leads there: the test, or where it is declared without a value.
pub(super) fn why_nil(cx: &Cx, func: Func, of: &Followed, at: Point, declared: ExprId) -> Option<Vec<(Span, String)>> {
    let name = cx.source(declared);
    let origins = cx.origins(of, at, declared)?;
    let why = |origin: &Origin| match *origin {
        Origin::Nil(cond) => Some((cx.span(cond), format!("`{name}` is nil from here on"))),
        Origin::Zero(declared) => Some((cx.span(declared), format!("`{name}` is nil to begin with"))),
        Origin::Entry if is_result(cx, func, declared) => {
            Some((cx.span(declared), format!("`{name}` is nil to begin with")))
        }
        _ => None,
    };
    let why: Option<Vec<_>> = origins.iter().map(why).collect();
    why.filter(|why| !why.is_empty())
}

/// The test that tells that an error is not nil at a point, whatever path leads there.
pub(super) fn why_failed(cx: &Cx, of: &Followed, at: Point, declared: ExprId) -> Option<ExprId> {
    let origins = cx.origins(of, at, declared)?;
    let mut test = None;
    for origin in origins {
        let Origin::NotNil(cond) = origin else { return None };
        test = test.or(Some(cond));
    }
    test
}

/// Whether a variable is a result of a function, by the identifier that declares it.
pub(super) fn is_result(cx: &Cx, func: Func, declared: ExprId) -> bool {
    let Expr::FuncType { results, .. } = cx.expr(func.ty) else { return false };
    cx.params(results).iter().any(|(name, _)| *name == Some(declared))
}

/// The local variable of type `error` that an identifier names, by the identifier that declares it.
pub(super) fn error_variable(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    match cx.def(cx.unparen(expr)) {
        Def::Local(declared) if cx.expr(cx.unparen(expr)) == Expr::Ident && is_error(cx, expr) => Some(declared),
        _ => None,
    }
}

/// Whether a node mentions a variable.
pub(super) fn mentions(cx: &Cx, node: impl Into<Node>, declared: ExprId) -> bool {
    cx.any(
        node,
        true,
        |node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.def(id) == Def::Local(declared)),
    )
}

/// The branch that runs where an error is not nil.
#[derive(Clone, Copy)]
pub(super) struct Branch {
    /// The error, in the condition.
    pub(super) error: ExprId,
    /// The condition.
    pub(super) cond: ExprId,
    /// The `if`, or the clause of a `switch`.
    pub(super) stmt: StmtId,
}

/// The branch that a statement stands in directly: of `if err != nil { … }`, of `case err != nil:`.
pub(super) fn branch_of_error(cx: &Cx, stmt: StmtId) -> Option<Branch> {
    let (cond, stmt) = branch_of(cx, stmt)?;
    let (error, nil) = cx.nil_test(cond)?;
    (!nil).then_some(Branch { error, cond, stmt })
}

/// The condition of the branch that a statement stands in directly, and the `if` or clause.
pub(super) fn branch_of(cx: &Cx, stmt: StmtId) -> Option<(ExprId, StmtId)> {
    let Node::Stmt(around) = cx.tree.parent(stmt)? else { return None };
    match cx.stmt(around) {
        Stmt::CaseClause { exprs, .. } => Some((cx.only(exprs)?, around)),
        Stmt::Block(_) => match cx.tree.parent(around)? {
            Node::Stmt(outer) => match cx.stmt(outer) {
                Stmt::If { cond, then, .. } if then == around => Some((cond, outer)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether a comment stands in a statement, or leads up to it.
pub(super) fn is_commented(cx: &Cx, stmt: StmtId) -> bool {
    let span = cx.span(stmt);
    let comments = cx.tree.comments();
    let from = comments.partition_point(|comment| comment.span.start < span.start);
    cx.comments_at(stmt).next().is_some() || comments.get(from).is_some_and(|comment| span.contains(comment.span))
}

/// The call that an error comes from which is read at a place, on whatever path.
pub(super) fn call_of(cx: &Cx, error: ExprId) -> Option<ExprId> {
    let declared = error_variable(cx, error)?;
    let followed = cx.followed(cx.enclosing_func(error)?.node)?;
    let origins = cx.origins(&followed, followed.at_read(cx.unparen(error))?, declared)?;
    let [Origin::Written(written)] = origins[..] else { return None };
    let (targets, values) = match cx.tree.parent(written)? {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } => (cx.exprs(lhs), cx.exprs(rhs)),
            _ => return None,
        },
        Node::Decl(decl) => match cx.decl(decl) {
            Decl::Value { names, values, .. } => (cx.exprs(names), cx.exprs(values)),
            _ => return None,
        },
        _ => return None,
    };
    let at = if values.len() == 1 { 0 } else { cx.tree.place(targets, written)? };
    let value = cx.unparen(*values.get(at)?);
    matches!(cx.expr(value), Expr::Call { .. }).then_some(value)
}
