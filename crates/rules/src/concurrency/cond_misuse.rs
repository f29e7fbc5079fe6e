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
//! 		//<^^^^^^^^^^^^ `q.ready.Wait` is not called in a loop, so `len(q.items) == 0` may still hold after it
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
//! - `go test -race -run {test} -count 100 -cpu 2,4 {package}`: with two waiters and one item, a run in which both wake
//!   up finds the empty queue
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -A 6 'sync.Cond.Wait'`: shows waiters that
//!   sleep although their condition holds
//!
//! # Options
//!
//! - Wait in a loop and change the condition under the lock: the documented form; every waiter must be woken for a
//!   change that concerns all
//!   - senior, throughput: one lock, and no allocation per wait
//! - Replace it by a channel: a waiter can then also listen to a context, but waking all of them means making and
//!   closing a channel
//!   - cloud-native, backend: shutdown reaches the waiters
//!
//! # References
//!
//! - [Package sync, Cond](https://pkg.go.dev/sync#Cond)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Values, Watch};

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
    file: file!(),
    examines: "waits for a condition",
};

fn check(cx: &mut Cx, wait: Call) {
    cx.examined();
    let (Some(cond), Some(func)) = (wait.receiver, cx.enclosing_func(wait.expr)) else { return };
    let locks = calls(cx, func, &["Lock", "RLock"]);
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
    let asked = asked_once(cx, wait.expr).filter(|&(stmt, _)| !before_lock(stmt));
    // A function that is given the condition waits for others, who check. So may one that waits under a condition of its own.
    let literal = matches!(func.node, Node::Expr(_));
    let waits_for_others = locks.is_empty() || literal || cx.enclosing_loop(wait.expr).is_some() || is_given(cx, cond);
    if asked.is_none() && (waits_for_others || cx.is_conditional(wait.expr) || is_last(cx, wait.expr)) {
        return;
    }
    let (why, edit) = match asked {
        Some((stmt, cond)) => {
            let why = format!("`{}` may still hold after it", short(cx, cond));
            (why, loops(cx, stmt, wait.expr))
        }
        None => ("what it waits for may have happened before, or not yet".to_owned(), None),
    };
    cx.report(wait.fun, format!("`{name}.Wait` is not called in a loop, so {why}"))
        .note("another goroutine may run between the signal and the return of `Wait`, and change what was signalled")
        .fix("Check the condition again after each `Wait`", edit);
}

/// Whether nothing comes after a `Wait` but to unlock and return: whoever learns that there may be something looks.
fn is_last(cx: &Cx, wait: ExprId) -> bool {
    let Some(stmt) = cx.enclosing_stmt(wait) else { return false };
    let after = cx.place_in_list(stmt).and_then(|at| cx.siblings(stmt).get(at + 1..)).unwrap_or_default();
    let ends = |&stmt: &StmtId| match cx.stmt(stmt) {
        Stmt::Return(results) => !results.is_empty(),
        Stmt::Expr(call) => super::support::lock_call(cx, call).is_some(),
        _ => false,
    };
    matches!(after, [.., last] if matches!(cx.stmt(*last), Stmt::Return(_))) && after.iter().all(ends)
}

/// Whether a goroutine waits for a method that takes no lock: whoever calls it may hold the lock, until the goroutine waits.
fn lends_lock(cx: &Cx, func: Func) -> bool {
    let Node::Expr(literal) = func.node else { return false };
    let is_method = |of: &Func| matches!(of.node, Node::Decl(decl) if matches!(cx.decl(decl), Decl::Func { recv, .. } if !recv.is_empty()));
    let around = cx.spawn_of(literal).and_then(|spawn| cx.enclosing_func(spawn.at)).filter(is_method);
    around.is_some_and(|around| calls(cx, around, &["Lock", "RLock"]).is_empty())
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
        .note(format!("call `{name}.Broadcast`: the others would wait for as long as the process runs"));
        return;
    }
    let Some(mut steps) = calls(cx, func, &["Lock", "RLock"]).is_empty().then(|| never_locked(cx, func)).flatten()
    else {
        return;
    };
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
    if signal.callee.name != "Signal" || !cx.func_name(decl).is_some_and(super::support::ends_use) {
        return None;
    }
    change_before(cx, signal.expr, func).filter(|&flag| matches!(cx.under(flag), Type::Basic(Basic::Bool)))
}

/// What is changed in front of a signal, if a waiter asks for it: a field or captured variable, or an atomic.
fn change_before(cx: &Cx, signal: ExprId, func: Func) -> Option<ExprId> {
    let changes = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => changed_by(cx, id).is_some(),
        _ => false,
    };
    let before = |node: &&Node| cx.span(**node).start < cx.span(signal).start;
    let all = cx.within(func.body, false, changes);
    let mut all = all.iter().filter(before).take(16).filter_map(|&node| match node {
        Node::Stmt(id) => changed_by(cx, id),
        _ => None,
    });
    all.find(|&changed| {
        let name = match cx.expr(changed) {
            Expr::Selector { name, .. } => name,
            _ => changed,
        };
        cx.package_waits_for(cx.source(name)) == Some(true)
    })
}

/// What a statement assigns to, counts up or down, or stores in atomically; not what is declared here.
fn changed_by(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let target = match cx.stmt(stmt) {
        Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Op(_), .. } => cx.only(lhs)?,
        Stmt::IncDec { operand, .. } => operand,
        Stmt::Expr(call) => match cx.method_call(call)? {
            (of, "Store" | "Add" | "Swap" | "CompareAndSwap", _) if cx.callee(call)?.path == "sync/atomic" => of,
            _ => return None,
        },
        _ => return None,
    };
    let target = cx.unparen(target);
    matches!(cx.expr(target), Expr::Ident | Expr::Selector { .. }).then_some(target)
}

/// The calls of these methods of locks in a function, without those in its literals.
fn calls(cx: &Cx, func: Func, methods: &[&str]) -> Vec<ExprId> {
    let is_lock = |cx: &Cx, node: Node| match node {
        Node::Expr(call) => super::support::lock_call(cx, call).is_some(),
        _ => false,
    };
    let nodes = cx.within(func.body, false, is_lock);
    let calls = nodes.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    calls
        .filter(|&call| super::support::lock_call(cx, call).is_some_and(|(_, method)| methods.contains(&method)))
        .collect()
}

/// How it comes that the lock is not held.
fn unlocked(cx: &Cx, wait: Call, func: Func, locks: &[ExprId]) -> Option<Vec<(Span, String)>> {
    if locks.is_empty() {
        return never_locked(cx, func);
    }
    let unlocks = calls(cx, func, &["Unlock"]);
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
fn never_locked(cx: &Cx, func: Func) -> Option<Vec<(Span, String)>> {
    let calls = cx.calls_within(func.body, true);
    // Who unlocks has got the lock from the one that starts it.
    let unlocks = |call| matches!(cx.method_call(call), Some((_, "Unlock", [])));
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
            let is_method = matches!(cx.decl(decl), Decl::Func { recv, .. } if !recv.is_empty());
            let exported = name.starts_with(char::is_uppercase) && !words(name).contains(&"locked".to_owned());
            let text = cx.tree.text();
            let said = cx.doc_comment(decl).iter().any(|comment| comment.body(text).contains("lock"));
            let started = cx.is_started(decl) == Some(true);
            (started || is_method && exported && !said && cx.package_calls_on(name, "", "") == Some(false))
                .then(Vec::new)
        }
        _ => None,
    }
}

/// Whether a condition variable is a parameter.
fn is_given(cx: &Cx, cond: ExprId) -> bool {
    matches!(cx.def(cx.unparen(cond)), Def::Local(declared) if matches!(cx.tree.parent(declared), Some(Node::Field(_))))
}

/// The `if` that a `Wait` stands in, and its condition, if what follows does not ask for the same again.
fn asked_once(cx: &Cx, wait: ExprId) -> Option<(StmtId, ExprId)> {
    let stmt = cx.enclosing_stmt(wait)?;
    let list = cx.siblings(stmt);
    let Node::Stmt(block) = cx.tree.parent(stmt)? else { return None };
    let Node::Stmt(around) = cx.tree.parent(block)? else { return None };
    let Stmt::If { cond, then, els: None, .. } = cx.stmt(around) else { return None };
    let outer = cx.siblings(around);
    let after = outer.get(cx.tree.place(outer, around)? + 1..)?;
    let asks = |part: ExprId, stmt: &StmtId| match cx.stmt(*stmt) {
        Stmt::If { cond: again, .. } | Stmt::For { cond: Some(again), .. } => shares_name(cx, part, again),
        Stmt::Switch { .. } | Stmt::For { .. } => true,
        _ => false,
    };
    // Each part of the condition may hold again.
    let mut parts = parts(cx, cond).into_iter().filter(|&part| may_change(cx, part));
    let cond = parts.find(|&part| !after.iter().take(16).any(|stmt| asks(part, stmt)))?;
    let asks_again = |stmt: &StmtId| asks(cond, stmt);
    let in_loop = cx.enclosing_loop(around).is_some();
    let rest = list.get(cx.tree.place(list, stmt)? + 1..)?;
    let leaves = rest
        .iter()
        .take(16)
        .any(|&stmt| asks_again(&stmt) || matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Branch { .. }));
    let unlocks =
        |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if super::support::lock_call(cx, call).is_some());
    let ends_turn = in_loop && (after.iter().take(4).all(unlocks) || !needs_element(cx, cond, after));
    (then == block && !leaves && !ends_turn).then_some((around, cond))
}

/// Whether others can change what a condition asks for: not if all of it are locals that no closure assigns to.
fn may_change(cx: &Cx, cond: ExprId) -> bool {
    let fixed = |declared: ExprId| {
        let assigned = |used: ExprId| cx.is_target(used) && cx.enclosing_func(used) != cx.enclosing_func(declared);
        !cx.names.uses(declared).take(64).any(assigned)
    };
    cx.any(cond, false, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { .. } => true,
            Expr::Selector { .. } => !cx.is_qualified(id),
            Expr::Ident => match cx.def(id) {
                Def::Local(declared) => !fixed(declared),
                Def::Package(_) => true,
                _ => false,
            },
            _ => false,
        },
        _ => false,
    })
}

/// Whether what follows needs what a condition says is there. Where the length of something is asked, it may take all there is, and that
/// may be nothing: then the next turn of a loop asks again.
fn needs_element(cx: &Cx, cond: ExprId, after: &[StmtId]) -> bool {
    let length =
        cx.find_expr(cond, false, |id| matches!(cx.expr(id), Expr::Call { fun, .. } if cx.is_builtin(fun, "len")));
    let Some(Expr::Call { args, .. }) = length.map(|length| cx.expr(length)) else { return true };
    let Some(of) = cx.only(args) else { return true };
    let takes = |node: Node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Index { base, .. } | Expr::Slice { base, .. } => cx.same_text(base, of),
            // Who pops is another function.
            Expr::Call { fun, args, .. } => {
                let own = cx.call(id).is_some_and(|call| cx.is_own(&call.callee)) && cx.exprs(args).is_empty();
                own && matches!(cx.expr(fun), Expr::Selector { .. })
            }
            _ => false,
        },
        _ => false,
    };
    after.iter().take(16).any(|&stmt| cx.any(stmt, true, takes))
}

/// What a condition asks for, one thing after the other: the operands of `&&` and `||`.
fn parts(cx: &Cx, cond: ExprId) -> Vec<ExprId> {
    const MOST: usize = 8;
    let (mut open, mut parts) = (vec![cx.unparen(cond)], Vec::new());
    while let Some(part) = open.pop().filter(|_| parts.len() < MOST) {
        match cx.expr(part) {
            Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, lhs, rhs } => {
                open.extend([rhs, lhs].map(|part| cx.unparen(part)))
            }
            _ => parts.push(part),
        }
    }
    parts
}

/// Whether two conditions mention the same variable or field.
fn shares_name(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    let names = |of: ExprId| {
        let mut names = Vec::new();
        cx.any(of, false, |node| {
            if let Node::Expr(id) = node
                && cx.expr(id) == Expr::Ident
                && cx.def(id) != Def::Universe
            {
                names.push(cx.source(id));
            }
            false
        });
        // The receiver says nothing.
        names.retain(|name| name.len() > 2);
        names
    };
    let of_a = names(a);
    names(b).iter().any(|name| of_a.contains(name))
}

/// The edit that makes `if` a loop, where nothing else stands in it.
fn loops(cx: &Cx, stmt: StmtId, wait: ExprId) -> Option<(Span, String)> {
    let Stmt::If { init: None, then, .. } = cx.stmt(stmt) else { return None };
    let start = cx.span(stmt).start;
    let only = matches!(*cx.list_of(Node::Stmt(then)), [one] if Some(one) == cx.enclosing_stmt(wait));
    only.then(|| (Span::new(start, start + "if".len() as u32), "for".to_owned()))
}

fn short<'a>(cx: &Cx<'a>, cond: ExprId) -> &'a str {
    let text = cx.source(cond);
    if text.len() <= 60 && !text.contains('\n') { text } else { "the condition" }
}
