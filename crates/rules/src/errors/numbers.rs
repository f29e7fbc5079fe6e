//! What becomes of a value whose error is discarded.

use gopeer_lint::prelude::*;

/// `n, _ := strconv.Atoi(s); if n < 1 { n = 1 }`: what a failure leaves is looked at next.
pub(super) fn is_looked_at(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    if is_time_tested(cx, stmt, call) {
        return true;
    }
    let (Some(number), Some(cond)) = (parsed(cx, stmt, call), next_condition(cx, stmt)) else { return false };
    cx.any(cond, false, |node| {
        let Node::Expr(id) = node else { return false };
        matches!(cx.expr(id), Expr::Binary { lhs, rhs, .. }
            if cx.same_text(cx.unparen(lhs), number) && cx.int_value(rhs).is_some())
    })
}

/// `at, _ := time.Parse(layout, s); if !at.IsZero()`: whether a time is asked whether it is one.
fn is_time_tested(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    const MOST: usize = 64;
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    let Some(Def::Local(declared)) = cx.exprs(lhs).first().map(|&time| cx.def(time)) else { return false };
    let asks = |used| matches!(cx.called_on(used), Some((_, "IsZero", [])));
    cx.calls(call, &["time.Parse", "net/http.ParseTime"]) && cx.names.uses(declared).take(MOST).any(asks)
}

/// `u, _ := find(name); if u == nil`, `if ok, _ := f(); ok` and `n, _ := w.Write(b); return n == 1`: a failure is handled as what
/// is missing.
pub(super) fn is_tested(cx: &Cx, stmt: StmtId) -> bool {
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    if cx.exprs(lhs).iter().any(|&name| cx.is_compared_with_nil(name)) {
        return true;
    }
    let Some(cond) = next_condition(cx, stmt).or_else(|| returned_comparison(cx, stmt)) else { return false };
    let tests = |&name: &ExprId| cx.any(cond, false, |node| matches!(node, Node::Expr(id) if cx.same_text(id, name)));
    cx.exprs(lhs).iter().any(tests)
}

/// `body, _ := io.ReadAll(r); return fmt.Errorf("status %d: %s", status, body)`: the next statement returns an error anyway.
pub(super) fn is_for_message(cx: &Cx, stmt: StmtId) -> bool {
    let Some(Stmt::Return(results)) = cx.next_stmt(stmt).map(|next| cx.stmt(next)) else { return false };
    let makes_error = |callee: Object| callee.name.contains("Err") || callee.is(&["errors.New"]);
    cx.exprs(results).last().is_some_and(|&error| cx.callee(error).is_some_and(makes_error))
}

/// `json.Unmarshal(body, &failure); if failure.Code == 0 { … }`: what a failure leaves is looked at next; so is what somebody types.
pub(super) fn is_decoded_and_tested(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    let name = cx.callee_word(call);
    let Some(&target) = cx.exprs(args).last().filter(|_| matches!(name, "Decode" | "Unmarshal" | "Scanln")) else {
        return false;
    };
    let target = match cx.expr(target) {
        Expr::Unary { op: UnaryOp::Addr, operand } => operand,
        _ => target,
    };
    let Some(cond) = next_condition(cx, stmt) else { return false };
    cx.any(cond, false, |node| matches!(node, Node::Expr(id) if cx.same_text(id, target)))
}

/// The condition of the `if` whose header the statement is, or that follows it.
fn next_condition(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let test = match cx.tree.parent(stmt) {
        Some(Node::Stmt(test)) if matches!(cx.stmt(test), Stmt::If { init: Some(init), .. } if init == stmt) => test,
        _ => cx.next_stmt(stmt)?,
    };
    match cx.stmt(test) {
        Stmt::If { cond, .. } => Some(cond),
        _ => None,
    }
}

/// The comparison that the next statement returns.
fn returned_comparison(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let Stmt::Return(results) = cx.stmt(cx.next_stmt(stmt)?) else { return None };
    cx.only(results).filter(|&result| matches!(cx.expr(result), Expr::Binary { op, .. } if op.is_comparison()))
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
