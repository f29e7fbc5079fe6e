//! What runs after a statement: whether a response is written to again.

use gopeer_lint::prelude::*;

use super::support::writes;

/// The last statement of the list, if nothing after `stmt` leaves it.
pub(super) fn last_of_list(cx: &Cx, stmt: StmtId) -> Option<StmtId> {
    let rest = cx.siblings(stmt).get(cx.place_in_list(stmt)? + 1..)?;
    (!rest.iter().any(|&next| leaves(cx, next))).then(|| rest.last().copied().unwrap_or(stmt))
}

/// The first place that writes to the response after control has left the branches around `stmt`, before anything ends the
/// function or an iteration of a loop.
pub(super) fn written_after(cx: &Cx, stmt: StmtId, response: ExprId) -> Option<ExprId> {
    found_after(cx, stmt, |expr| writes(cx, expr, cx.def(response)))
}

/// The first place after the branches around `stmt`, as [`written_after`] has it, that is what is looked for.
pub(super) fn found_after(cx: &Cx, stmt: StmtId, wanted: impl Fn(ExprId) -> bool) -> Option<ExprId> {
    let mut inner = stmt;
    loop {
        let branch = branch_around(cx, inner)?;
        let place = cx.place_in_list(branch)?;
        for &next in cx.siblings(branch).get(place + 1..)? {
            if !is_opposite(cx, branch, next)
                && let Some(found) = cx.find_expr(next, false, &wanted)
            {
                return Some(found);
            }
            if leaves(cx, next) {
                return None;
            }
        }
        inner = branch;
    }
}

/// The `if` or `switch` one of whose lists of statements holds `stmt`.
fn branch_around(cx: &Cx, stmt: StmtId) -> Option<StmtId> {
    let Node::Stmt(list) = cx.tree.parent(stmt)? else { return None };
    let Node::Stmt(mut branch) = cx.tree.parent(list)? else { return None };
    if !matches!(cx.stmt(branch), Stmt::If { .. } | Stmt::Switch { .. } | Stmt::TypeSwitch { .. }) {
        return None;
    }
    // Of a chain of `else if` the first stands in a list.
    while let Some(Node::Stmt(outer)) = cx.tree.parent(branch)
        && matches!(cx.stmt(outer), Stmt::If { els: Some(els), .. } if els == branch)
    {
        branch = outer;
    }
    Some(branch)
}

/// Where a statement after this one, in the same list, writes to the response.
pub(super) fn written_in_rest(cx: &Cx, stmt: StmtId, response: Def) -> Option<ExprId> {
    let rest = cx.siblings(stmt).get(cx.place_in_list(stmt)? + 1..)?;
    rest.iter().find_map(|&next| cx.find_expr(next, false, |expr| writes(cx, expr, response)))
}

/// Whether control does not run past the statement: it branches, returns, or calls what never returns.
fn leaves(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::Return(_) | Stmt::Branch { .. } | Stmt::Bad => true,
        Stmt::Expr(call) => cx.may_end(call),
        _ => false,
    }
}

/// Whether the second is an `if` that runs only where the first does not: `err == nil` after `err != nil`, `ok` after `!ok`.
fn is_opposite(cx: &Cx, first: StmtId, second: StmtId) -> bool {
    let (Stmt::If { cond, .. }, Stmt::If { cond: other, .. }) = (cx.stmt(first), cx.stmt(second)) else { return false };
    match (cx.expr(cond), cx.expr(other)) {
        (
            Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs },
            Expr::Binary { op: BinaryOp::Equal, lhs: left, rhs: right },
        ) => cx.same_text(lhs, left) && cx.same_text(rhs, right),
        (Expr::Unary { op: UnaryOp::Not, operand }, _) => cx.same_text(operand, other),
        _ => false,
    }
}
