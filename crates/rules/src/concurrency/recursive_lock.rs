//! A mutex is locked again by the goroutine that holds it.
//!
//! Go's mutexes are not reentrant (documentation of package `sync`): the second `Lock` waits for an `Unlock` that only the same goroutine
//! could call, and so do all that come later. The usual way there is a method that locks and calls another method that locks, too.
//! `RLock` followed by `Lock` never gets past the `Lock`; `RLock` within `RLock` blocks as soon as a writer waits in between, which shows
//! under load only. Split the inner method: an exported one that locks, and one without the lock, `sizeLocked`, that both call.
//!
//! A `sync.Once` is a lock as well: `Do` returns only when its function has returned, so a call from inside that function never does.
//!
//! Limits: functions of the package are followed, also the `String` and `Error` that `fmt` and `log` call; those of other packages are
//! not. What is locked only if a parameter says so is not counted, and neither is what is reached by an interface.
//!
//! ```go bad
//! type Cache struct {
//! 	mu    sync.Mutex
//! 	items map[string]string
//! }
//!
//! func (c *Cache) Len() int {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	return len(c.items)
//! }
//!
//! func (c *Cache) Add(key, value string) bool {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	if c.Len() > 1000 {
//! 	// ^^^^^ `Len` locks `c.mu`, which is locked already: this blocks forever
//! 		return false
//! 	}
//! 	c.items[key] = value
//! 	return true
//! }
//! ```
//! ```go bad
//! type Rates struct {
//! 	mu    sync.RWMutex
//! 	known map[string]float64
//! }
//!
//! func (r *Rates) Rate(currency string) float64 {
//! 	r.mu.RLock()
//! 	defer r.mu.RUnlock()
//! 	rate, ok := r.known[currency]
//! 	if !ok {
//! 		r.mu.Lock()
//! 		//<^^^^^^^^^ `r.mu` is locked for reading: `Lock` waits forever for this very reader
//! 		r.known[currency] = 1
//! 		r.mu.Unlock()
//! 	}
//! 	return rate
//! }
//! ```
//! ```go good
//! type Cache struct {
//! 	mu    sync.Mutex
//! 	items map[string]string
//! 	inner *Cache
//! }
//!
//! func (c *Cache) Len() int {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	return c.lenLocked()
//! }
//!
//! func (c *Cache) lenLocked() int { return len(c.items) }
//!
//! func (c *Cache) Add(key, value string) {
//! 	c.mu.Lock()
//! 	if c.lenLocked() > 1000 {
//! 		c.inner.Len() // the lock of another cache
//! 	}
//! 	c.items[key] = value
//! 	c.mu.Unlock()
//! 	c.Len() // unlocked before
//! }
//! ```
//!
//! # Idiom
//!
//! A Go mutex does not know which goroutine holds it, so it cannot be taken twice, unlike a monitor in Java. Methods that expect the lock
//! to be held are unexported, and their names often end in `Locked`.
//!
//! # Impact
//!
//! The goroutine waits for itself, and everybody else who wants the lock waits as well; a read lock inside a read lock
//! blocks only when a writer arrives in between, so under load. Requests pile up, CPU is idle, and the stack of the
//! oldest goroutine in the dump has both calls.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: the nested call never returns, and the dump has both calls in one
//!   stack
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -A 12 'RWMutex'`: for read locks, shows the
//!   writer that waits between the two
//!
//! # Options
//!
//! - Split off a method without the lock, such as `sizeLocked`: the calls stay where they are; the name has to say what
//!   it expects
//!   - senior, throughput: no lock is taken twice, and none is held longer
//! - Release before calling: simple where the callee needs a consistent state of its own, but the two steps are no
//!   longer one
//!   - cloud-native: shorter critical sections
//! - Let only exported methods lock: a convention for the whole type that a review can check
//!   - backend, data: inner methods are testable without concurrency
//!
//! # References
//!
//! - [Package sync, RWMutex](https://pkg.go.dev/sync#RWMutex)
use gopeer_lint::prelude::*;
use gopeer_lint::{Again, Mode};

use super::support::{LOCKS, is_next};

pub static RULE: Rule = Rule {
    id: "concurrency/recursive-lock",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[
        Hook::Call(LOCKS, check),
        Hook::Expr(&[ExprKind::FuncLit], check_closure),
        Hook::Call(&["sync.Once.Do"], check_once),
    ],
    examines: "locks that are taken",
};

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(again) = cx.locked_again(call) else { return each_turn(cx, call) };
    if again.at == call.expr || is_next(cx, call, again.at) {
        return;
    }
    let reads = (again.held, again.mode) == (Mode::Read, Mode::Read);
    if reads && !cx.is_write_locked(&again.lock) {
        return;
    }
    let lock = call.receiver.map(|lock| cx.source(lock)).unwrap_or_default();
    let message = in_words(cx, lock, &again);
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(again.at)) else { return };
    let func = cx.enclosing_decl(call.expr).and_then(|decl| cx.func_name(decl));
    let comes_back = again.by.len() > 1 && again.by.last().map(|last| &**last) == func;
    let report = cx.report(fun, message).steps(again.steps);
    let report = match reads {
        true => report.severity(Severity::Medium).note(
            "a writer that calls `Lock` between the two keeps out new readers, so the second `RLock` waits for the writer, and the \
             writer for the first `RLock`",
        ),
        false => report.note("Go's mutexes are not reentrant: whoever wants the lock from now on waits as well"),
    };
    // It comes back to itself only under a condition, which may not hold here.
    let report = report.question_unless(!comes_back);
    if !again.by.is_empty() {
        report.note(
            "move what is done under the lock into a function that expects the lock to be held, and call that one here",
        );
    }
}

/// A lock that each iteration of a loop takes and keeps until the function returns.
fn each_turn(cx: &mut Cx, call: Call) {
    let Some(unlock) = cx.kept_for_next_turn(call) else { return };
    let lock = call.receiver.map(|lock| cx.source(lock)).unwrap_or_default();
    let message = format!(
        "`{lock}` stays locked until the function returns: a later iteration that takes it again blocks forever"
    );
    let at = cx.span(unlock);
    cx.report(call.fun, message)
        .note_at(at, "this runs when the function returns, not at the end of the iteration")
        .note("move the body of the loop into a function, or unlock at the end of the iteration");
}

/// A closure that locks what the function it is passed to holds: `c.locked(func() { c.Len() })`.
fn check_closure(cx: &mut Cx, literal: ExprId) {
    let Some((at, taken, held)) = cx.locked_around(literal) else { return };
    let reads = (held, taken.mode) == (Mode::Read, Mode::Read);
    let Some(lock) = taken.lock.as_ref().filter(|lock| !reads || cx.is_write_locked(lock)) else { return };
    let (Some(Node::Expr(outer)), Expr::Call { fun, .. }) = (cx.tree.parent(literal), cx.expr(at)) else { return };
    let Expr::Call { fun: outer_fun, .. } = cx.expr(outer) else { return };
    let (caller, name) = (cx.callee_word(outer), lock.name());
    let does = match &*taken.by {
        [] => format!("this locks `{name}`"),
        [one, ..] => format!("`{one}` locks `{name}`"),
    };
    let blocks = if reads { "this blocks forever once a writer waits" } else { "this blocks forever" };
    let message = format!("{does}, which `{caller}` holds while it calls this closure: {blocks}");
    let steps = vec![
        (cx.span(outer_fun), format!("`{caller}` locks `{name}` and calls the closure")),
        (cx.span(at), format!("{does} again, in the same goroutine")),
    ];
    let report = cx.report(fun, message).steps(steps);
    if reads {
        report.severity(Severity::Medium);
    }
}

/// What `Once` runs gets to the same `Do` again, which waits until it has ended.
fn check_once(cx: &mut Cx, does: Call) {
    const MOST: usize = 32;
    let (Some(once), &[given]) = (does.receiver, does.args) else { return };
    let Some(func) = cx.as_func(Node::Expr(cx.unparen(given))) else { return };
    let Some(decl) = cx.enclosing_decl(does.expr) else { return };
    cx.examined();
    let owner = match cx.expr(cx.unparen(once)) {
        Expr::Selector { base, .. } => Some(base),
        _ => None,
    };
    let of_same = |call: ExprId| match (cx.call(call).map(|call| call.receiver), owner) {
        (Some(Some(receiver)), Some(owner)) => cx.same_text(receiver, owner),
        (Some(_), None) => matches!(cx.def(cx.unparen(once)), Def::Package(_)),
        _ => false,
    };
    let gets_here = |call: ExprId| {
        let itself = matches!(cx.method_call(call), Some((of, "Do", _)) if cx.same_text(of, once));
        itself || of_same(call) && cx.comes_back_to(call, decl)
    };
    let calls = cx.calls_within(func.body, false);
    let again = calls.iter().take(MOST).find_map(|&node| match node {
        Node::Expr(call) => gets_here(call).then_some(call),
        _ => None,
    });
    let Some(Expr::Call { fun, .. }) = again.map(|call| cx.expr(call)) else { return };
    let (name, via) = (cx.source(once), cx.source(fun));
    let message =
        format!("`{via}` reaches `{name}.Do` again, from inside the function that `{name}` runs: this blocks forever");
    cx.report(fun, message)
        .question()
        .note("`Do` returns only when its function has returned, in whichever goroutine it is called");
}

fn in_words(cx: &Cx, lock: &str, again: &Again) -> String {
    let way = match &*again.by {
        [] if cx.lock_call(again.at).is_none() => "this closure locks".to_owned(),
        [] => String::new(),
        [one] => format!("`{one}` locks"),
        [one, .., last] => format!("`{one}` calls `{last}`, which locks"),
    };
    match (again.held, again.mode, way.is_empty()) {
        (Mode::Read, Mode::Read, true) => {
            format!("`{lock}` is read-locked already: this blocks forever once a writer waits")
        }
        (Mode::Read, Mode::Read, false) => {
            format!("{way} `{lock}` for reading, which is read-locked already: this blocks forever once a writer waits")
        }
        (Mode::Read, Mode::Write, true) => {
            format!("`{lock}` is locked for reading: `Lock` waits forever for this very reader")
        }
        (Mode::Read, Mode::Write, false) => {
            format!("{way} `{lock}`, which is locked for reading here: `Lock` waits forever for this very reader")
        }
        (Mode::Write, _, true) => format!("`{lock}` is locked already: this blocks forever"),
        (Mode::Write, _, false) => format!("{way} `{lock}`, which is locked already: this blocks forever"),
    }
}
