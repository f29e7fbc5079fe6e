//! What is a context, and where one has ended.

use gopeer_lint::prelude::*;

/// Whether a field or parameter is a context.
pub(super) fn is_context(cx: &Cx, field: FieldId) -> bool {
    let ty = cx.tree.field(field).ty;
    cx.type_is(cx.ty(ty), "context.Context") || cx.is(ty, "context.Context")
}

/// Whether the function has waited for the end of a context before this place, or the place stands in a branch for that
/// case.
pub(crate) fn comes_after_the_end(cx: &Cx, node: impl Into<Node>) -> bool {
    let node = node.into();
    let Some(func) = cx.enclosing_func(node) else { return false };
    let waits = cx.any(func.body, false, |wait| match wait {
        Node::Expr(id) => is_wait(cx, id) && cx.span(id).start < cx.span(node).start && reaches(cx, id, node),
        _ => false,
    });
    waits || cx.tree.ancestors(node).any(|node| is_branch_for_the_end(cx, node))
}

/// `<-ctx.Done()`.
fn is_wait(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(expr), Expr::Unary { op: UnaryOp::Recv, operand } if matches!(cx.method_call(operand), Some((_, "Done", _))))
}

/// What waits in a clause of a `select` that leaves the function or goes on with the loop is over for that clause alone.
fn reaches(cx: &Cx, wait: ExprId, node: Node) -> bool {
    let clause = cx.tree.ancestors(wait).find_map(|outer| match outer {
        Node::Stmt(id) => match cx.stmt(id) {
            Stmt::CommClause { comm: Some(comm), body } if cx.span(comm).contains(cx.span(wait)) => Some((outer, body)),
            _ => None,
        },
        _ => None,
    });
    let Some((clause, body)) = clause else { return true };
    let leaves = |&last: &StmtId| match cx.stmt(last) {
        Stmt::Return(_) => true,
        Stmt::Branch { kind, .. } => kind == BranchKind::Continue,
        _ => false,
    };
    cx.span(clause).contains(cx.span(node)) || !cx.stmts(body).last().is_some_and(leaves)
}

fn is_branch_for_the_end(cx: &Cx, node: Node) -> bool {
    let Node::Stmt(stmt) = node else { return false };
    let Stmt::If { init, cond, .. } = cx.stmt(stmt) else { return false };
    let asks = |node: Node| {
        let Node::Expr(id) = node else { return false };
        matches!(cx.method_call(id), Some((_, "Err", _)))
            || cx.is_any(id, &["context.Canceled", "context.DeadlineExceeded"])
            || matches!(cx.expr(id), Expr::Binary { op: BinaryOp::Equal, lhs, .. } if cx.is_of(lhs, "context.Context"))
    };
    cx.any(cond, false, asks) || init.is_some_and(|init| cx.any(init, false, asks))
}
