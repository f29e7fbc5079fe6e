//! `Cond.Wait` is called outside of a loop that checks its condition, or without the lock, or a signal can come before the wait.
//!
//! `Wait` returns when somebody signals, not when the condition holds: another goroutine may have been faster, or the signal meant
//! another one. "Because c.L is not locked while Wait is waiting, the caller typically cannot assume that the condition is true when
//! Wait returns. Instead, the caller should Wait in a loop" (documentation of `sync.Cond`). `Wait` unlocks the lock first, which ends
//! the process if it is not locked.
//!
//! What a waiter asks for must be changed with the lock held, atomic or not: otherwise the change and its signal may come between its
//! check and its `Wait`, and the waiter misses both.
//!
//! Limits: a function that locks nothing is expected to be called with the lock held, unless it runs in a goroutine of its own or is
//! exported and nothing in the package calls it. A signal is found to come too early only where it follows a change to what the loop
//! of a waiter asks for.
//!
//! ```go bad
//! type queue struct {
//! 	mu    sync.Mutex
//! 	ready *sync.Cond // uses mu
//! 	items []string
//! }
//!
//! func (q *queue) pop() string {
//! 	q.mu.Lock()
//! 	defer q.mu.Unlock()
//! 	if len(q.items) == 0 {
//! 		q.ready.Wait()
//! 		//<^^^^^^^^^^^^ `q.ready.Wait` is in an `if`, not a loop: the condition may not hold when it returns
//! 	}
//! 	item := q.items[0]
//! 	q.items = q.items[1:]
//! 	return item
//! }
//! ```
//! ```diff fixed
//! -	if len(q.items) == 0 {
//! +	for len(q.items) == 0 {
//! ```
//! ```go bad
//! func start(ready *sync.Cond, isReady func() bool, work func()) {
//! 	go func() {
//! 		for !isReady() {
//! 			ready.Wait()
//! 			//<^^^^^^^^^^ `ready.Wait` is called without its lock, which ends the process
//! 		}
//! 		work()
//! 	}()
//! }
//! ```
//! ```go good
//! type queue struct {
//! 	mu     sync.Mutex
//! 	ready  *sync.Cond
//! 	closed bool
//! 	items  []string
//! }
//!
//! func (q *queue) pop() (string, bool) {
//! 	q.mu.Lock()
//! 	defer q.mu.Unlock()
//! 	for {
//! 		if len(q.items) > 0 {
//! 			item := q.items[0]
//! 			q.items = q.items[1:]
//! 			return item, true
//! 		}
//! 		if q.closed {
//! 			return "", false
//! 		}
//! 		q.ready.Wait() // the loop checks both again
//! 	}
//! }
//!
//! // wait is called in a loop, with the lock held.
//! func (q *queue) wait() {
//! 	q.ready.Wait()
//! }
//! ```
//!
//! # Impact
//!
//! A waiter goes on although its condition does not hold, and takes from an empty queue; or it misses its only signal
//! and sleeps until the next one, which may never come. In a goroutine dump such a waiter is in `[sync.Cond.Wait]`
//! while there is work for it. It takes two waiters and one signal to see it, so a test needs both.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 100 -cpu 2,4 {package}`: with two waiters, a run hangs if one is not woken, and
//!   finds an empty queue if one goes on too early
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -A 6 'sync.Cond.Wait'`: shows waiters that
//!   sleep although their condition holds
//!
//! # Options
//!
//! - Wait in a loop and change the condition under the lock: the documented form; every waiter must be woken for a
//!   change that concerns all
//!   - senior, throughput: one lock, and no allocation per wait
//! - Replace it with a channel: a waiter can then also listen to a context, but waking all of them means making and
//!   closing a channel
//!   - cloud-native, backend: shutdown reaches the waiters
//!
//! # References
//!
//! - [Package sync, Cond](https://pkg.go.dev/sync#Cond)
use gopeer_lint::prelude::*;

use super::awaited::{asked_once, change_before};
use super::support::{ends_use, lock_call};
use super::unlocked::{lends_lock, lock_calls, never_locked, unlocked};

pub static RULE: Rule = Rule {
    id: "concurrency/cond-misuse",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Race, 2), (Concern::Deadlock, 2), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(&["sync.Cond.Wait"], check),
        Hook::Call(&["sync.Cond.Signal", "sync.Cond.Broadcast"], check_signal),
    ],
    examines: "waits for a condition",
};

fn check(cx: &mut Cx, wait: Call) {
    cx.examined();
    let (Some(cond), Some(func)) = (wait.receiver, cx.enclosing_func(wait.expr)) else { return };
    let locks = lock_calls(cx, func, &["Lock", "RLock"]);
    let name = cx.source(cond);
    if lends_lock(cx, func) {
        return;
    }
    if let Some(steps) = unlocked(cx, wait, func, &locks) {
        let message = format!("`{name}.Wait` is called without its lock, which ends the process");
        cx.report(wait.fun, message)
            .steps(steps)
            .note(format!("`Wait` unlocks `{name}.L` first, and unlocking a mutex that is not locked is fatal"));
        return;
    }
    // What is waited for is asked with the lock held.
    let before_lock = |stmt: StmtId| locks.iter().any(|&lock| cx.span(stmt).contains(cx.span(lock)));
    let asked = asked_once(cx, wait.expr).filter(|&stmt| !before_lock(stmt));
    // A function that is given the condition waits for others, who check. So may one that waits under a condition of its own.
    let literal = matches!(func.node, Node::Expr(_));
    let waits_for_others =
        locks.is_empty() || literal || cx.enclosing_loop(wait.expr).is_some() || cx.is_parameter(cond);
    if asked.is_none() && (waits_for_others || cx.is_conditional(wait.expr) || is_last(cx, wait.expr)) {
        return;
    }
    let (why, edit) = match asked {
        Some(stmt) => {
            ("is in an `if`, not a loop: the condition may not hold when it returns", loops(cx, stmt, wait.expr))
        }
        None => ("is not called in a loop, so what it waits for may have happened before, or not yet", None),
    };
    cx.report(wait.fun, format!("`{name}.Wait` {why}"))
        .note("another goroutine may run between the signal and the return of `Wait`, and change what was signaled")
        .fix("Check the condition again after each `Wait`", edit);
}

/// Whether nothing comes after a `Wait` but to unlock and return: whoever learns that there may be something looks.
fn is_last(cx: &Cx, wait: ExprId) -> bool {
    let Some(stmt) = cx.enclosing_stmt(wait) else { return false };
    let after = cx.stmts_after(stmt);
    let ends = |&stmt: &StmtId| match cx.stmt(stmt) {
        Stmt::Return(results) => !results.is_empty(),
        Stmt::Expr(call) => lock_call(cx, call).is_some(),
        _ => false,
    };
    matches!(after, [.., last] if matches!(cx.stmt(*last), Stmt::Return(_))) && after.iter().all(ends)
}

/// A signal after a change that is made without the lock.
fn check_signal(cx: &mut Cx, signal: Call) {
    cx.examined();
    let (Some(cond), Some(func)) = (signal.receiver, cx.enclosing_func(signal.expr)) else { return };
    if let Some(flag) = ending_flag(cx, signal, func) {
        let (name, flag, end) = (cx.source(cond), cx.source(flag), cx.func_in_words(signal.expr));
        cx.report(
            signal.fun,
            format!("{end} sets `{flag}` for all who wait, and `{name}.Signal` wakes only one of them"),
        )
        .severity(Severity::Medium)
        .note(format!("call `{name}.Broadcast`: the others may wait forever"));
        return;
    }
    let locks = lock_calls(cx, func, &["Lock", "RLock"]);
    let Some(mut steps) = locks.is_empty().then(|| never_locked(cx, func)).flatten() else { return };
    let Some(changed) = change_before(cx, signal.expr, func) else { return };
    let (name, state) = (cx.source(cond), cx.source(changed));
    steps.push((cx.span(changed), format!("`{state}` is changed here, without the lock")));
    steps.push((cx.span(signal.fun), "a goroutine that has checked it and does not wait yet misses this".to_owned()));
    cx.report(
        signal.fun,
        format!("`{}` can come before the wait, because `{state}` is changed without the lock", cx.source(signal.fun)),
    )
    .steps(steps)
    .note(format!("the waiter holds `{name}.L` from its check to its `Wait`; change `{state}` with the lock held"));
}

/// The flag that a method sets which ends the use of a value, before it wakes one of those who ask for it when they wait.
fn ending_flag(cx: &Cx, signal: Call, func: Func) -> Option<ExprId> {
    let Node::Decl(decl) = func.node else { return None };
    if signal.callee.name != "Signal" || !cx.func_name(decl).is_some_and(ends_use) {
        return None;
    }
    change_before(cx, signal.expr, func).filter(|&flag| matches!(cx.under(flag), Type::Basic(Basic::Bool)))
}

/// The edit that makes `if` a loop, where nothing else stands in it.
fn loops(cx: &Cx, stmt: StmtId, wait: ExprId) -> Option<(Span, String)> {
    let Stmt::If { init: None, then, .. } = cx.stmt(stmt) else { return None };
    let start = cx.span(stmt).start;
    let only = matches!(*cx.list_of(Node::Stmt(then)), [one] if Some(one) == cx.enclosing_stmt(wait));
    only.then(|| (Span::new(start, start + "if".len() as u32), "for".to_owned()))
}
