//! How the code asks for a failure.

use gopeer_lint::Shadowing;
use gopeer_lint::prelude::*;

use super::log_and_return::{is_logged, is_logged_at};
use super::support::is_commented;

/// How many mentions of a variable that others shadow are looked at: each of them asks.
pub(super) const MOST: usize = 256;

/// What asks of which kind an error is.
pub(super) const ASKS_FOR_KIND: &[&str] = &["errors.As", "errors.Is"];

/// What the tests of an error say of its failure.
pub(super) struct Tests {
    /// Whether a failure ends an iteration of a loop, a comment explains it, it ends reading, or it is an answer: it is meant to do no harm.
    pub(super) is_skipped: bool,
    /// Whether it is compared with nil by `==` only.
    pub(super) only_of_success: bool,
}

impl Tests {
    /// The tests of an error, by the identifier that declares it.
    pub(super) fn of(cx: &Cx, error: ExprId) -> Tests {
        let mut tests = Tests { is_skipped: is_of_reader(cx, error) || is_question(cx, error), only_of_success: true };
        for used in cx.names.uses(error) {
            let Some(Node::Expr(cond)) = cx.tree.parent(used) else { continue };
            // Who asks of which kind a failure is leaves the other kinds for later.
            tests.only_of_success &= !cx.calls(cond, ASKS_FOR_KIND);
            let Some((_, nil)) = cx.nil_test(cond) else { continue };
            tests.only_of_success &= nil;
            if let Some(choice) = cx.enclosing_stmt(cond)
                && let Stmt::If { then, .. } = cx.stmt(choice)
            {
                let last = cx.list_of(then.into()).last().map(|&last| cx.stmt(last));
                let continues = matches!(last, Some(Stmt::Branch { kind: BranchKind::Continue, .. }));
                let one_of_several = is_one_of_several(cx, cond) && !leaves(cx, then);
                tests.is_skipped |=
                    !nil && (continues || one_of_several || is_logged_only(cx, then) || is_commented(cx, choice));
            }
        }
        tests
    }
}

/// `if err != nil || len(rows) == 0 {`: whether a failure counts as one of several answers.
fn is_one_of_several(cx: &Cx, test: ExprId) -> bool {
    matches!(cx.tree.parent(test), Some(Node::Expr(cond))
        if matches!(cx.expr(cond), Expr::Binary { op: BinaryOp::LogicalOr, .. }))
}

/// Whether a branch ends by leaving the function, the loop or the clause.
fn leaves(cx: &Cx, branch: StmtId) -> bool {
    let last = cx.list_of(branch.into()).last().map(|&last| cx.stmt(last));
    matches!(last, None | Some(Stmt::Return(_) | Stmt::Branch { .. }))
}

/// Whether a branch logs, and does nothing else: the failure is dealt with.
pub(super) fn is_logged_only(cx: &Cx, branch: StmtId) -> bool {
    const QUIET: &[&str] = &["debug", "debugf", "debugw", "info", "infof", "infow", "trace", "tracef"];
    let stmts = cx.list_of(branch.into());
    let logs = |call| is_logged(cx, call) || is_logged_at(cx, call, QUIET);
    !stmts.is_empty() && stmts.iter().all(|&stmt| matches!(cx.stmt(stmt), Stmt::Expr(call) if logs(call)))
}

/// `if _, err := lookup(name); err != nil {`: whether something is there.
fn is_question(cx: &Cx, error: ExprId) -> bool {
    const ASKS: &[&str] =
        &["check", "exists", "find", "get", "has", "is", "load", "lookup", "open", "parse", "read", "resolve", "stat"];
    let Some(Node::Stmt(define)) = cx.tree.parent(error) else { return false };
    let in_header = cx.place_in_list(define).is_none();
    let Some((call, _)) = cx.origin(error).filter(|_| in_header) else { return false };
    words(cx.callee_word(call)).first().is_some_and(|first| ASKS.contains(&first.as_str()))
}

/// Whether an error comes from a call that reads on, and so may be the end of what is read.
fn is_of_reader(cx: &Cx, error: ExprId) -> bool {
    const READS: &[&str] = &["decode", "next", "read", "recv", "receive", "token"];
    let Some((call, _)) = cx.origin(error) else { return false };
    cx.enclosing_loop(error).is_some()
        && words(cx.callee_word(call)).first().is_some_and(|first| READS.contains(&first.as_str()))
}

/// Where a function that is deferred before the inner variable is declared reads the outer one, which is no result.
pub(super) fn reads_deferred(cx: &Cx, pair: Shadowing) -> Option<ExprId> {
    if cx.is_result(pair.func, pair.outer) {
        return None;
    }
    let first = |used: &ExprId| {
        let literal = cx.enclosing_func(*used).filter(|around| around.node != pair.func.node);
        literal.is_some_and(|literal| is_deferred_before(cx, literal, pair))
    };
    let used = cx.names.uses(pair.outer).take(MOST).find(first)?;
    // What the closure assigns before it looks does not come from here.
    let Some(Node::Expr(cond)) = cx.tree.parent(used) else { return None };
    // One that asks for more tells errors apart: this one may be none of them.
    let more = matches!(cx.tree.parent(cond), Some(Node::Expr(outer)) if matches!(cx.expr(outer), Expr::Binary { .. }));
    (cx.nil_test(cond).is_some() && !more).then_some(used)
}

fn is_deferred_before(cx: &Cx, literal: Func, pair: Shadowing) -> bool {
    let Node::Expr(id) = literal.node else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(id) else { return false };
    let Some(Node::Stmt(defer)) = cx.tree.parent(call) else { return false };
    let block = cx.tree.parent(defer);
    matches!(cx.stmt(defer), Stmt::Defer(_))
        && cx.span(defer).end < cx.span(pair.inner).start
        && block.is_some_and(|block| cx.span(block).contains(cx.span(pair.inner)))
}

/// Whether the case, or the `if`, before a branch asks whether the error is a certain one.
pub(super) fn is_told_apart(cx: &Cx, branch: StmtId, declared: ExprId) -> bool {
    let Some(at) = cx.place_in_list(branch).or_else(|| place_of_clause(cx, branch)) else { return false };
    let before = match cx.tree.parent(branch) {
        Some(Node::Stmt(around)) => match cx.stmt(around) {
            Stmt::Switch { clauses, .. } => cx.stmts(clauses),
            _ => cx.siblings(branch),
        },
        _ => &[],
    };
    let Some(&before) = at.checked_sub(1).and_then(|at| before.get(at)) else { return false };
    let asks = |cond: ExprId| {
        cx.find_expr(cond, false, |id| cx.calls(id, ASKS_FOR_KIND)).is_some() && cx.mentions(cond, declared)
    };
    match cx.stmt(before) {
        Stmt::If { cond, .. } => asks(cond),
        Stmt::CaseClause { exprs, .. } => cx.exprs(exprs).iter().any(|&case| asks(case)),
        _ => false,
    }
}

fn place_of_clause(cx: &Cx, clause: StmtId) -> Option<usize> {
    let Node::Stmt(around) = cx.tree.parent(clause)? else { return None };
    let Stmt::Switch { clauses, .. } = cx.stmt(around) else { return None };
    cx.tree.place(cx.stmts(clauses), clause)
}
