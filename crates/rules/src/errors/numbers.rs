//! Numbers whose parsing may fail: what becomes of them.

use gopeer_lint::prelude::*;

/// `n, _ := strconv.Atoi(s); if n < 1 { n = 1 }`: what a failure leaves is looked at next.
pub(super) fn is_looked_at(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    let Some(number) = parsed(cx, stmt, call) else { return false };
    let test = match cx.tree.parent(stmt) {
        Some(Node::Stmt(test)) if matches!(cx.stmt(test), Stmt::If { init: Some(init), .. } if init == stmt) => {
            Some(test)
        }
        _ => cx.next_stmt(stmt),
    };
    let Some(Stmt::If { cond, .. }) = test.map(|test| cx.stmt(test)) else { return false };
    cx.any(cond, false, |node| {
        let Node::Expr(id) = node else { return false };
        matches!(cx.expr(id), Expr::Binary { lhs, rhs, .. }
            if cx.same_text(cx.unparen(lhs), number) && cx.int_value(rhs).is_some())
    })
}

/// `n, _ := strconv.Atoi(s); return n`: a number or zero is all that the function promises.
pub(super) fn is_parsed_or_zero(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    let Some(number) = parsed(cx, stmt, call) else { return false };
    let Some(Stmt::Return(results)) = cx.next_stmt(stmt).map(|next| cx.stmt(next)) else { return false };
    let Some(result) = cx.only(results) else { return false };
    let inner = match cx.expr(result) {
        Expr::Call { args, .. } => cx.only(args).unwrap_or(result),
        _ => result,
    };
    cx.same_text(inner, number)
}

/// What a call of package strconv is assigned to.
fn parsed(cx: &Cx, stmt: StmtId, call: ExprId) -> Option<ExprId> {
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
    let number = cx.exprs(lhs).first().copied().filter(|&number| cx.source(number) != "_")?;
    cx.callee(call).filter(|callee| callee.path == "strconv").map(|_| number)
}
