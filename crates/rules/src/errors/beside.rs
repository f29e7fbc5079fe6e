//! What becomes of the value beside an error that is dropped.

use gopeer_lint::prelude::*;

/// Whether the next thing that happens is a test for no value beside the error: `x, _ := f(); if x == nil`. A failure that is
/// taken for `false` or for zero is no such thing, unless a text was parsed: `n, _ := strconv.Atoi(s); if n < 1 { n = 1 }`.
pub(super) fn is_looked_at(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    let Some(&value) = cx.exprs(lhs).first().filter(|&&first| cx.source(first) != "_") else { return false };
    let test = match cx.tree.parent(stmt) {
        Some(Node::Stmt(test)) if matches!(cx.stmt(test), Stmt::If { init: Some(init), .. } if init == stmt) => Some(test),
        _ => cx.next_stmt(stmt),
    };
    let Some(Stmt::If { cond, .. }) = test.map(|test| cx.stmt(test)) else { return false };
    let value = |expr| cx.same_text(cx.unparen(expr), value);
    let parsed = is_number(cx, call);
    cx.any(cond, false, |node| {
        let Node::Expr(id) = node else { return false };
        match cx.expr(id) {
            Expr::Binary { lhs, rhs, .. } => {
                value(lhs) && (cx.is_builtin(rhs, "nil") || parsed && cx.int_value(rhs).is_some()) || is_len(cx, lhs, &value)
            }
            _ => false,
        }
    })
}

fn is_number(cx: &Cx, call: ExprId) -> bool {
    cx.callee(call).is_some_and(|callee| &*callee.path == "strconv")
}

fn is_len(cx: &Cx, call: ExprId, value: &dyn Fn(ExprId) -> bool) -> bool {
    matches!(cx.expr(call), Expr::Call { fun, args, .. } if cx.is_builtin(fun, "len") && cx.only(args).is_some_and(value))
}

/// `n, _ := strconv.Atoi(s); return n`: a number or zero is all that the function promises.
pub(super) fn is_parsed_or_zero(cx: &Cx, stmt: StmtId, value: ExprId) -> bool {
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    let Some(&number) = cx.exprs(lhs).first() else { return false };
    let Some(Stmt::Return(results)) = cx.next_stmt(stmt).map(|next| cx.stmt(next)) else { return false };
    let Some(result) = cx.only(results) else { return false };
    let inner = match cx.expr(result) {
        Expr::Call { args, .. } => cx.only(args).unwrap_or(result),
        _ => result,
    };
    is_number(cx, value) && cx.same_text(inner, number)
}
