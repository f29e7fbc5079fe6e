//! A lock protects nothing, or is taken twice.
//!
//! `defer mu.Lock()` after `mu.Lock()` waits for itself at the end of the function, and a deferred `Unlock` in a loop body
//! runs only when the function returns, so the second turn waits for ever (Go's mutexes are not reentrant, package
//! `sync`). A mutex made anew in each call is known to one goroutine only, and between `Lock` and an immediate `Unlock`
//! there is nothing to guard. Each looks locked and is not.
//!
//! Limits: a critical section that ends before the access that it is to guard is not found.
//!
//! ```go bad
//! func (c *Cache) Put(key, value string) {
//! 	c.mu.Lock()
//! 	defer c.mu.Lock()
//! 	//    ^^^^^^^^^ `c.mu` is locked twice: this waits for ever when the function returns
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
//! 		//    ^^^^^^^^^^^ `c.mu` is still locked in the next turn of the loop, whose `Lock` waits for ever
//! 		c.data[key] = value
//! 	}
//! }
//!
//! func (c *Cache) Size() int {
//! 	var guard sync.Mutex
//! 	//  ^^^^^ each call makes a `guard` of its own, so it keeps nobody out
//! 	guard.Lock()
//! 	defer guard.Unlock()
//! 	return len(c.data)
//! }
//!
//! func (c *Cache) Reset() {
//! 	c.mu.Lock()
//! #^^^^^^^^^ `c.mu` is unlocked at once, so it guards nothing
//! 	c.mu.Unlock()
//! 	c.data = nil
//! }
//! ```
//! ```go good
//! func (c *Cache) Merge(shards []*Shard, entries map[string]string) {
//! 	for _, shard := range shards {
//! 		shard.mu.Lock()
//! 		defer shard.mu.Unlock() // all of them, until the end
//! 	}
//! 	var mu sync.Mutex
//! 	var wg sync.WaitGroup
//! 	for key := range entries {
//! 		wg.Go(func() {
//! 			mu.Lock()
//! 			defer mu.Unlock()
//! 			c.data[key] = entries[key]
//! 		})
//! 	}
//! 	wg.Wait()
//! 	// Wait until the writer is gone.
//! 	c.writing.Lock()
//! 	c.writing.Unlock()
//! }
//! ```
use gopeer_lint::prelude::*;

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
        Hook::Decl(&[DeclKind::Value], check_local),
    ],
    file: file!(),
};

/// The lock and the method of a call without arguments.
fn lock_call<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(ExprId, &'a str)> {
    match cx.method_call(call)? {
        (lock, method @ ("Lock" | "RLock" | "Unlock" | "RUnlock"), []) => Some((lock, method)),
        _ => None,
    }
}

fn callee(cx: &Cx, call: ExprId) -> ExprId {
    match cx.expr(call) {
        Expr::Call { fun, .. } => fun,
        _ => call,
    }
}

fn check_lock(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let Some((lock, method @ ("Lock" | "RLock"))) = lock_call(cx, call) else { return };
    cx.examined();
    let Some(next) = cx.next_stmt(stmt) else { return };
    match cx.stmt(next) {
        Stmt::Defer(deferred) => {
            let Some((again, second)) = lock_call(cx, deferred) else { return };
            if second == method && cx.same_pure(lock, again) {
                report_twice(cx, lock, deferred, method);
            }
        }
        Stmt::Expr(after) => {
            let Some((other, unlock)) = lock_call(cx, after) else { return };
            let pair = (method, unlock) == ("Lock", "Unlock") || (method, unlock) == ("RLock", "RUnlock");
            let barrier = is_barrier(cx, stmt, next) || cx.file.is_test();
            if pair && !barrier && cx.same_pure(lock, other) {
                let name = cx.source(lock);
                cx.report(callee(cx, call), format!("`{name}` is unlocked at once, so it guards nothing"))
                    .note("a pair that is meant as a barrier deserves a comment");
            }
        }
        _ => {}
    }
}

/// Whether a comment at the pair or at the statement before it says so.
fn is_barrier(cx: &Cx, lock: StmtId, unlock: StmtId) -> bool {
    let siblings = cx.siblings(lock);
    let at = cx.place_in_list(lock).unwrap_or(0);
    let before = at.checked_sub(1).and_then(|before| siblings.get(before)).copied();
    let mut stmts = [Some(lock), Some(unlock), before].into_iter().flatten();
    stmts.any(|stmt| cx.is_explained(stmt, &["barrier", "wait", "drain", "synchron", "happen", "acquir", "nolint"]))
}

fn report_twice(cx: &mut Cx, lock: ExprId, deferred: ExprId, method: &str) {
    let name = cx.source(lock);
    let fun = callee(cx, deferred);
    let end = cx.span(fun).end;
    let word = Span::new(end - method.len() as u32, end);
    let unlock = method.replace("Lock", "Unlock");
    cx.report(fun, format!("`{name}` is locked twice: this waits for ever when the function returns"))
        .fix(format!("Defer {unlock}"), [(word, unlock.clone())]);
}

/// `defer mu.Unlock()` in a loop that locks the same mutex in each turn.
fn check_deferred(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Some((lock, "Unlock")) = lock_call(cx, call) else { return };
    let Some(looping) = cx.enclosing_loop(defer) else { return };
    // On every way through the loop: the deferred call stands in the body itself, and nothing there leaves the loop.
    let Some(Node::Stmt(body)) = cx.tree.parent(defer) else { return };
    if cx.tree.parent(body) != Some(Node::Stmt(looping)) || !cx.is_pure(lock) || !is_outer(cx, lock, looping) {
        return;
    }
    let siblings = cx.siblings(defer);
    let leaves = |&stmt: &StmtId| {
        matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Branch { kind: BranchKind::Break | BranchKind::Goto, .. })
    };
    let locks = |&stmt: &StmtId| match cx.stmt(stmt) {
        Stmt::Expr(call) => {
            lock_call(cx, call).is_some_and(|(same, method)| method == "Lock" && cx.same_pure(lock, same))
        }
        _ => false,
    };
    if siblings.iter().any(leaves) || !siblings.iter().any(locks) {
        return;
    }
    let name = cx.source(lock);
    cx.report(
        callee(cx, call),
        format!("`{name}` is still locked in the next turn of the loop, whose `Lock` waits for ever"),
    )
    .note("unlock at the end of the turn, or move the body into a function");
}

/// Whether the loop declares none of the names in the expression: it is the same lock in each turn. An index may change.
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

/// `var mu sync.Mutex` in a function that shares it with nobody.
fn check_local(cx: &mut Cx, spec: DeclId) {
    let Decl::Value { names, ty: Some(ty), values, .. } = cx.decl(spec) else { return };
    // A benchmark measures the lock itself.
    if !values.is_empty() || cx.file.is_test() || !cx.denotes(ty, &["sync.Mutex", "sync.RWMutex"]) {
        return;
    }
    let Some(&name) = cx.exprs(names).first() else { return };
    if cx.def(name) != Def::Local(name) || names.len() > 1 {
        return;
    }
    cx.examined();
    let owner = cx.enclosing_func(spec).map(|func| func.node);
    let uses: Vec<ExprId> = cx.names.uses(name).filter(|&used| used != name).collect();
    if !uses.is_empty() && uses.iter().all(|&used| locks_here(cx, used, owner)) {
        let mutex = cx.source(name);
        cx.report(name, format!("each call makes a `{mutex}` of its own, so it keeps nobody out"))
            .note("keep the mutex beside what it guards: in the struct or at package level");
    }
}

fn locks_here(cx: &Cx, used: ExprId, owner: Option<Node>) -> bool {
    let Some(Node::Expr(method)) = cx.tree.parent(used) else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(method) else { return false };
    lock_call(cx, call).is_some_and(|(lock, _)| lock == used) && cx.enclosing_func(used).map(|func| func.node) == owner
}
