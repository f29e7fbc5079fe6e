//! Whether a test hangs if one of its goroutines ends early.

use gopeer_lint::prelude::*;

/// What a goroutine does not say if it ends early.
pub(super) struct Skipped {
    /// The statements that somebody may wait for.
    signals: Vec<Node>,
    /// Whether who waits does so with a time limit.
    is_limited: bool,
}

impl Skipped {
    /// What the function of a goroutine says to others.
    pub(super) fn of(cx: &Cx, func: Func) -> Skipped {
        let closed = cx.within(func.body, true, is_deferred_close);
        let is_closed = |signal: Node| closed.iter().any(|&close| of_same_channel(cx, close, signal));
        let signals = cx.within(func.body, false, signals);
        let open = signals.iter().copied().filter(|&signal| !is_closed(signal));
        Skipped { signals: open.collect(), is_limited: has_time_limit(cx, func) }
    }

    /// Whether somebody waits in vain if a call ends the goroutine.
    pub(super) fn hangs(&self, cx: &Cx, call: ExprId) -> bool {
        !self.is_limited && self.signals.iter().any(|&signal| comes_later(cx, call, signal))
    }
}

/// Whether a statement follows a call on each way on: it stands in the same list as the call, or in one around it.
fn comes_later(cx: &Cx, call: ExprId, signal: Node) -> bool {
    let list = cx.tree.parent(signal);
    cx.span(signal).start > cx.span(call).end && cx.tree.ancestors(call).any(|node| Some(node) == list)
}

/// Whether the function that starts this one waits in a `select` with other cases, such as a time limit, and nowhere else; or asks again
/// and again, up to a time limit, whether something has come.
fn has_time_limit(cx: &Cx, func: Func) -> bool {
    let Some(outer) = cx.enclosing_func(func.node) else { return false };
    let selects = cx.within(outer.body, false, is_select_of_several);
    let in_clause = |&wait: &Node| cx.tree.ancestors(wait).any(|node| selects.contains(&node));
    let waits = cx.within(outer.body, false, is_wait);
    let polls = || !cx.within(outer.body, false, is_polling).is_empty();
    waits.iter().all(in_clause) && (!waits.is_empty() || polls())
}

fn is_select_of_several(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Select { clauses } if clauses.len() > 1))
}

/// `assert.Eventually(t, func() bool { … }, time.Second, tick)`.
fn is_polling(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(id) if cx.callee(id).is_some_and(|callee| callee.name.starts_with("Eventually")))
}

fn is_wait(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. }) || matches!(cx.method_call(id), Some((_, "Wait", [])))
}

/// A statement that somebody else may wait for: `wg.Done()`, `close(done)`, `errs <- nil`. Deferred ones run in any case.
fn signals(cx: &Cx, node: Node) -> bool {
    let Node::Stmt(stmt) = node else { return false };
    match cx.stmt(stmt) {
        Stmt::Send { .. } => true,
        Stmt::Expr(call) => match cx.expr(cx.unparen(call)) {
            Expr::Call { fun, .. } if cx.is_builtin(fun, "close") => true,
            _ => matches!(cx.method_call(call), Some((_, "Done", []))),
        },
        _ => false,
    }
}

/// `defer close(done)`, also in a literal.
fn is_deferred_close(cx: &Cx, node: Node) -> bool {
    closed_by(cx, node).is_some() && cx.enclosing_defer(node).is_some()
}

/// The channel that a call of `close` closes.
fn closed_by(cx: &Cx, node: Node) -> Option<ExprId> {
    let Node::Expr(call) = node else { return None };
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return None };
    cx.only(args).filter(|_| cx.is_builtin(fun, "close"))
}

/// Whether a message goes to the channel that is closed at the end: who waits for it goes on then.
fn of_same_channel(cx: &Cx, close: Node, signal: Node) -> bool {
    let Node::Stmt(signal) = signal else { return false };
    let Stmt::Send { chan, .. } = cx.stmt(signal) else { return false };
    closed_by(cx, close).is_some_and(|closed| cx.same_text(closed, chan))
}
