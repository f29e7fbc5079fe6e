//! A lock protects nothing, or blocks its own goroutine.
//!
//! Go's mutexes are not reentrant (documentation of package `sync`): `defer mu.Lock()` after `mu.Lock()` blocks forever when
//! the function returns, and so does the second iteration of a loop whose `Unlock` is deferred to the end of the function. `RLock`
//! goes with `RUnlock`; the other way round the program ends with a fatal error. A mutex that each call makes anew keeps
//! nobody out, and between a `Lock` and an immediate `Unlock` there is nothing to protect.
//!
//! Limits: locks are compared within one function, one after the other in the same block. A critical section that ends before
//! the access it should protect, a return without `Unlock`, and a second `Lock` in a function that is called are not found.
//!
//! ```go bad
//! func (c *Cache) Put(key, value string) {
//! 	c.mu.Lock()
//! 	defer c.mu.Lock()
//! 	//    ^^^^^^^^^ `c.mu` is locked already: this blocks forever when the function returns
//! 	c.data[key] = value
//! }
//! ```
//! ```diff fixed
//! -	defer c.mu.Lock()
//! +	defer c.mu.Unlock()
//! ```
//! ```go bad
//! func (c *Cache) Merge(entries map[string]string) {
//! 	for key, value := range entries {
//! 		c.mu.Lock()
//! 		defer c.mu.Unlock()
//! 		//    ^^^^^^^^^^^ `c.mu` is still locked in the next iteration of the loop, whose `Lock` blocks forever
//! 		c.data[key] = value
//! 	}
//! }
//!
//! func (c *Cache) Size() int {
//! 	var guard sync.Mutex
//! 	//  ^^^^^ each call makes its own `guard`, so it keeps nobody out
//! 	guard.Lock()
//! 	defer guard.Unlock()
//! 	return len(c.data)
//! }
//!
//! func (c *Cache) Reset() {
//! 	c.mu.Lock()
//! #^^^^^^^^^ `c.mu` is unlocked right away, so it protects nothing
//! 	c.mu.Unlock()
//! 	c.data = nil
//! }
//! ```
//! ```go bad
//! type Cache struct{ mu sync.RWMutex }
//! func (c *Cache) Len() int {
//! 	c.mu.RLock()
//! 	defer c.mu.Unlock()
//! 	//    ^^^^^^^^^^^ `c.mu` is locked with `RLock`, so `Unlock` ends the program with a fatal error
//! 	return len(c.data)
//! }
//! ```
//! ```diff fixed
//! -	defer c.mu.Unlock()
//! +	defer c.mu.RUnlock()
//! ```
//! ```go good
//! func (c *Cache) Reload() {
//! 	c.mu.Unlock()
//! 	defer c.mu.Lock() // the caller holds the lock, and gets it back
//! 	c.fetch()
//! }
//! ```
//! ```go good
//! func merge(shards []*Shard) {
//! 	for _, shard := range shards {
//! 		shard.mu.Lock() // another lock in each iteration, and all are held until the end
//! 		defer shard.mu.Unlock()
//! 	}
//! }
//! ```
//! ```go good
//! func fill(data map[string]string, keys []string) {
//! 	var mu sync.Mutex // shared by the goroutines of this call
//! 	var wg sync.WaitGroup
//! 	for _, key := range keys {
//! 		wg.Go(func() {
//! 			mu.Lock()
//! 			defer mu.Unlock()
//! 			data[key] = load(key)
//! 		})
//! 	}
//! 	wg.Wait()
//! }
//! ```
//! ```go good
//! func (c *Cache) Close() {
//! 	// Wait until the writer is gone. (A comment says that the pair is a barrier.)
//! 	c.writing.Lock()
//! 	c.writing.Unlock()
//! }
//! ```
//!
//! # Impact
//!
//! Either the goroutine waits for itself, and every later caller queues up behind it in `sync.(*Mutex).Lock`; or nobody
//! is kept out and the data races. The first case hangs in the very first test that calls the function; the second
//! passes all tests without `-race`.
//!
//! # Verify
//!
//! - `go test -race -run {test} -timeout 10s {package}`: a hang ends in a goroutine dump with this lock, a race in
//!   "WARNING: DATA RACE"
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -A 6 'sync.Mutex.Lock'`: shows who waits,
//!   and since when
//!
//! # References
//!
//! - [Package sync, Mutex](https://pkg.go.dev/sync#Mutex)
//! - [Go spec, "Defer statements"](https://go.dev/ref/spec#Defer_statements)
use gopeer_lint::prelude::*;

use super::support::{callee, lock_call};

pub static RULE: Rule = Rule {
    id: "concurrency/ineffective-lock",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Deadlock, 2), (Concern::Race, 3)],
    equivalents: &["staticcheck:SA2001", "staticcheck:SA2003", "gocritic:deferInLoop"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[
        Hook::Stmt(&[StmtKind::Expr], check_lock),
        Hook::Stmt(&[StmtKind::Defer], check_deferred),
        Hook::Decl(&[DeclKind::Value], check_declared),
        Hook::Stmt(&[StmtKind::Define], check_defined),
    ],
    examines: "calls of Lock and RLock",
};

fn check_lock(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let Some((lock, method @ ("Lock" | "RLock"))) = lock_call(cx, call) else { return };
    cx.examined();
    let Some(next) = cx.next_stmt(stmt) else { return };
    let (again, deferred) = match cx.stmt(next) {
        Stmt::Defer(again) => (again, true),
        Stmt::Expr(again) => (again, false),
        _ => return,
    };
    let Some((_, second)) = lock_call(cx, again).filter(|(same, _)| cx.same_pure(lock, *same)) else { return };
    match (method, second) {
        // A `sync.Locker` may be what `RLocker` returns, which locks for reading.
        ("Lock", "Lock") if cx.calls(call, &["sync.Locker.Lock"]) || is_unlocked_elsewhere(cx, lock, call) => {}
        ("Lock", "Lock") => report_twice(cx, lock, again, deferred),
        ("RLock", "RLock") if deferred => report_twice(cx, lock, again, deferred),
        ("RLock", "Unlock") | ("Lock", "RUnlock") => report_mismatch(cx, lock, again, method, deferred),
        ("Lock", "Unlock") | ("RLock", "RUnlock") if !deferred && !cx.file.is_test() => {
            let (name, barrier) = (cx.source(lock), barrier(cx, stmt, next));
            // Where nothing comes after it, nothing is left without protection.
            let severity = if cx.next_stmt(next).is_some() { Severity::High } else { Severity::Medium };
            cx.report(callee(cx, call), format!("`{name}` is unlocked right away, so it protects nothing"))
                .severity(severity)
                .note("if the pair waits for another goroutine on purpose, say so in a comment")
                .excused(barrier);
        }
        _ => {}
    }
}

/// Whether another function, or goroutine, around or inside this one unlocks a mutex that both have.
fn is_unlocked_elsewhere(cx: &Cx, lock: ExprId, call: ExprId) -> bool {
    let Def::Local(declared) = cx.def(cx.unparen(lock)) else { return false };
    let unlocks = |used: ExprId| match cx.called_on(used) {
        Some((_, "Unlock", _)) => cx.enclosing_func(used) != cx.enclosing_func(call),
        _ => false,
    };
    cx.names.uses(declared).take(64).any(unlocks)
}

/// The comment at the pair, or at the statement before it, that says why there is nothing between them.
fn barrier<'a>(cx: &Cx<'a>, lock: StmtId, unlock: StmtId) -> Option<&'a str> {
    let siblings = cx.siblings(lock);
    let at = cx.place_in_list(lock).unwrap_or(0);
    let before = at.checked_sub(1).and_then(|before| siblings.get(before)).copied();
    let mut stmts = [Some(lock), Some(unlock), before].into_iter().flatten();
    stmts.find_map(|stmt| cx.explanation(stmt, &["barrier", "wait", "drain", "synchron", "happen", "acquir", "nolint"]))
}

/// The span of the method's name in a call, and the name of the method that belongs to it.
fn renamed(cx: &Cx, call: ExprId, to: &str) -> (Span, String) {
    let end = cx.span(callee(cx, call)).end;
    let method = lock_call(cx, call).map_or(0, |(_, method)| method.len());
    (Span::new(end - method as u32, end), to.to_owned())
}

/// A second `Lock`, or a deferred `Lock` where `Unlock` is meant.
fn report_twice(cx: &mut Cx, lock: ExprId, again: ExprId, deferred: bool) {
    let name = cx.source(lock);
    let reads = matches!(lock_call(cx, again), Some((_, "RLock")));
    let message = match (deferred, reads) {
        (true, false) => format!("`{name}` is locked already: this blocks forever when the function returns"),
        (true, true) => {
            format!("`{name}` is locked for reading once more when the function returns, and never unlocked")
        }
        (false, _) => format!("`{name}` is locked already: this blocks forever"),
    };
    let unlock = if reads { "RUnlock" } else { "Unlock" };
    let edit = deferred.then(|| renamed(cx, again, unlock));
    cx.report(callee(cx, again), message).fix(format!("Defer `{unlock}`"), edit);
}

fn report_mismatch(cx: &mut Cx, lock: ExprId, unlocking: ExprId, method: &str, deferred: bool) {
    let (unlock, wrong) = if method == "RLock" { ("RUnlock", "Unlock") } else { ("Unlock", "RUnlock") };
    let message =
        format!("`{}` is locked with `{method}`, so `{wrong}` ends the program with a fatal error", cx.source(lock));
    // Without `defer` there is nothing between the two.
    let edit = deferred.then(|| renamed(cx, unlocking, unlock));
    cx.report(callee(cx, unlocking), message).fix(format!("Call `{unlock}`"), edit);
}

/// `defer mu.Unlock()` in a loop that locks the same mutex in each iteration.
fn check_deferred(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Some((lock, "Unlock")) = lock_call(cx, call) else { return };
    let Some(looping) = cx.enclosing_loop(defer) else { return };
    // On every way through the loop: the deferred call is in the body itself, and nothing there leaves the loop.
    let Some(Node::Stmt(body)) = cx.tree.parent(defer) else { return };
    let is_same_mutex = cx.is_pure(lock) && is_outer(cx, lock, looping) && !cx.calls(call, &["sync.Locker.Unlock"]);
    if cx.tree.parent(body) != Some(Node::Stmt(looping)) || !is_same_mutex {
        return;
    }
    let siblings = cx.siblings(defer);
    let leaves = |&stmt: &StmtId| {
        matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Branch { kind: BranchKind::Break | BranchKind::Goto, .. })
    };
    let locks = |call| matches!(lock_call(cx, call), Some((same, "Lock")) if cx.same_pure(lock, same));
    let locks = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if locks(call));
    if siblings.iter().any(leaves) || !siblings.iter().any(locks) {
        return;
    }
    let name = cx.source(lock);
    cx.report(
        callee(cx, call),
        format!("`{name}` is still locked in the next iteration of the loop, whose `Lock` blocks forever"),
    )
    .note("unlock at the end of the iteration, or move the body of the loop into a function");
}

/// Whether the loop declares none of the names in the expression: it is the same lock in each iteration. An index may change.
fn is_outer(cx: &Cx, lock: ExprId, looping: StmtId) -> bool {
    let span = cx.span(looping);
    !cx.any(lock, true, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Index { .. } => true,
            _ => matches!(cx.def(id), Def::Local(declaring) if span.contains(cx.span(declaring))),
        },
        _ => false,
    })
}

const MUTEXES: &[&str] = &["sync.Mutex", "sync.RWMutex"];

/// `var mu sync.Mutex` in a function that shares it with nobody.
fn check_declared(cx: &mut Cx, spec: DeclId) {
    let Decl::Value { names, ty, values, .. } = cx.decl(spec) else { return };
    if ty.is_some_and(|ty| cx.denotes(ty, MUTEXES)) || cx.only(values).is_some_and(|value| makes_mutex(cx, value)) {
        check_local(cx, cx.only(names));
    }
}

/// `mu := &sync.Mutex{}`
fn check_defined(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    if cx.only(rhs).is_some_and(|value| makes_mutex(cx, value)) {
        check_local(cx, cx.only(lhs));
    }
}

fn makes_mutex(cx: &Cx, value: ExprId) -> bool {
    let made = match cx.expr(cx.unparen(value)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => matches!(cx.expr(operand), Expr::Composite { .. }),
        Expr::Call { fun, .. } => cx.is_builtin(fun, "new"),
        expr => matches!(expr, Expr::Composite { .. }),
    };
    made && cx.has_type(value, MUTEXES)
}

fn check_local(cx: &mut Cx, name: Option<ExprId>) {
    // A benchmark measures the lock itself.
    let Some(name) = name.filter(|&name| cx.def(name) == Def::Local(name) && !cx.file.is_test()) else { return };
    cx.examined();
    let owner = cx.enclosing_func(name).map(|func| func.node);
    let mut uses = cx.names.uses(name).filter(|&used| used != name).peekable();
    if uses.peek().is_some() && uses.all(|used| locks_here(cx, used, owner)) {
        let mutex = cx.source(name);
        cx.report(name, format!("each call makes its own `{mutex}`, so it keeps nobody out"))
            .note("keep the mutex beside what it protects: in the struct, or at package level");
    }
}

fn locks_here(cx: &Cx, used: ExprId, owner: Option<Node>) -> bool {
    let Some(Node::Expr(method)) = cx.tree.parent(used) else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(method) else { return false };
    lock_call(cx, call).is_some_and(|(lock, _)| lock == used) && cx.enclosing_func(used).map(|func| func.node) == owner
}
