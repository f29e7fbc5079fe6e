//! Waits and signals of a condition for which its lock is not held.

use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Values, Watch};

use super::support::lock_call;

/// The calls of these methods of locks in a function, without those in its literals.
pub(super) fn lock_calls(cx: &Cx, func: Func, methods: &[&str]) -> Vec<ExprId> {
    let is_lock = |cx: &Cx, node: Node| match node {
        Node::Expr(call) => lock_call(cx, call).is_some(),
        _ => false,
    };
    let nodes = cx.within(func.body, false, is_lock);
    let calls = nodes.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    calls.filter(|&call| lock_call(cx, call).is_some_and(|(_, method)| methods.contains(&method))).collect()
}

/// Whether a goroutine waits for a method that takes no lock: whoever calls it may hold the lock, until the goroutine waits.
pub(super) fn lends_lock(cx: &Cx, func: Func) -> bool {
    let Node::Expr(literal) = func.node else { return false };
    let is_method = |of: &Func| matches!(of.node, Node::Decl(decl) if cx.is_method(decl));
    let around = cx.spawn_of(literal).and_then(|spawn| cx.enclosing_func(spawn.at)).filter(is_method);
    around.is_some_and(|around| lock_calls(cx, around, &["Lock", "RLock"]).is_empty())
}

/// How it comes that the lock is not held.
pub(super) fn unlocked(cx: &Cx, wait: Call, func: Func, locks: &[ExprId]) -> Option<Vec<(Span, String)>> {
    if locks.is_empty() {
        return never_locked(cx, func);
    }
    let unlocks = lock_calls(cx, func, &["Unlock"]);
    // With two locks, which one belongs to the condition is not known.
    let of = |&call: &ExprId| cx.method_call(call).map(|(lock, ..)| lock);
    let mut all = locks.iter().chain(&unlocks).filter_map(of);
    let first = all.next()?;
    if !all.all(|lock| cx.same_text(lock, first)) {
        return None;
    }
    let followed = cx.followed(func.node)?;
    unlocks.iter().filter(|&&call| !cx.is_deferred(call)).take(8).find_map(|&unlock| {
        let mut start = cx.start(&followed, followed.after_call(unlock)?);
        let mut watch = Unlocked { cx, wait: wait.expr };
        let found = cx.follow(&followed, &mut start, &mut watch)?;
        let mut steps = vec![(cx.span(unlock), format!("`{}` is unlocked here", cx.source(first)))];
        steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
        steps.push((cx.span(wait.fun), "and it is not locked here".to_owned()));
        Some(steps)
    })
}

/// Watches for `Wait` without a lock before it.
struct Unlocked<'c, 'a> {
    cx: &'c Cx<'a>,
    wait: ExprId,
}

impl Watch for Unlocked<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Call if op.at == self.wait => Next::Found,
            OpKind::Call if may_lock(self.cx, op.at) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// Whether a call locks something, or a function does that it calls.
fn may_lock(cx: &Cx, call: ExprId) -> bool {
    let word = cx.callee_word(call);
    words(word).iter().any(|word| word == "lock" || word == "rlock") || cx.callee_calls_on(call, "Lock", "")
}

/// A goroutine, or a function that only others outside of the package call, that locks nothing.
pub(super) fn never_locked(cx: &Cx, func: Func) -> Option<Vec<(Span, String)>> {
    let calls = cx.calls_within(func.body, true);
    // Who unlocks has got the lock from the one that starts it.
    let unlocks = |call| matches!(cx.method_call(call), Some((_, "Unlock" | "RUnlock", [])));
    let locks = |&node: &Node| matches!(node, Node::Expr(call) if may_lock(cx, call) || unlocks(call));
    if calls.len() > 64 || calls.iter().any(locks) {
        return None;
    }
    match func.node {
        Node::Expr(literal) => {
            let spawn = cx.spawn_of(literal)?;
            Some(vec![(
                cx.start_of(&spawn),
                "the goroutine starts here, and holds no lock of the one that starts it".to_owned(),
            )])
        }
        Node::Decl(decl) => {
            let name = cx.func_name(decl)?;
            let exported = name.starts_with(char::is_uppercase) && !words(name).contains(&"locked".to_owned());
            let text = cx.tree.text();
            let said = cx.doc_comment(decl).iter().any(|comment| comment.body(text).contains("lock"));
            let started = cx.is_started(decl) == Some(true);
            (started || cx.is_method(decl) && exported && !said && cx.package_calls_on(name, "", "") == Some(false))
                .then(Vec::new)
        }
        _ => None,
    }
}
