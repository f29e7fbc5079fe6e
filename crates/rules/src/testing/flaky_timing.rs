//! A test depends on how fast the machine is: it sleeps and then expects others to be done, or allows little time.
//!
//! How long they take depends on the machine: on a busy CI runner the sleep is too short and the test fails for nothing,
//! and on every other run it is time lost. Wait for the event itself: a channel, a `sync.WaitGroup`, polling up to a
//! deadline, or a `testing/synctest` bubble (Go 1.25), whose clock moves when all its goroutines wait.
//!
//! A time that is measured may always be longer than expected, by tenths of a second; that it is not too short can be
//! tested. Two readings of the clock are never equal.
//!
//! Limits: assertions on the order of a map are not found.
//!
//! ```go bad file=worker_test.go
//! func TestWorker(t *testing.T) {
//! 	w := startWorker()
//! 	w.Submit("job")
//! 	time.Sleep(100 * time.Millisecond)
//! #^^^^^^^^^^ `TestWorker` waits for a fixed time
//! 	if w.Done() != 1 {
//! 		t.Fatal("job was not done")
//! 	}
//! }
//! ```
//! ```go bad file=worker_test.go
//! func TestFast(t *testing.T) {
//! 	start := time.Now()
//! 	w := startWorker()
//! 	elapsed := time.Since(start)
//! 	if elapsed > 50*time.Millisecond {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TestFast` fails where the machine takes longer than `50*time.Millisecond`
//! 		t.Errorf("took %v", elapsed)
//! 	}
//! 	if 200*time.Microsecond < elapsed {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TestFast` fails where the machine takes longer than `200*time.Microsecond`
//! 		t.Fatal("slow")
//! 	}
//! 	if w.Started() != time.Now() {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^ `TestFast` compares two readings of the clock
//! 		t.Error("started at another time")
//! 	}
//! }
//!
//! type worker struct{}
//!
//! func startWorker() *worker { return &worker{} }
//!
//! func (*worker) Started() time.Time { return time.Now() }
//! ```
//! ```go good file=worker_test.go
//! func TestSlow(t *testing.T) {
//! 	start := time.Now()
//! 	wait(20 * time.Millisecond)
//! 	if elapsed := time.Since(start); elapsed < 20*time.Millisecond {
//! 		t.Errorf("came back after %v", elapsed)
//! 	}
//! 	if time.Since(start) > 5*time.Second {
//! 		t.Error("hangs")
//! 	}
//! 	if time.Since(start) > time.Millisecond {
//! 		t.Log("slow machine")
//! 	}
//! }
//! ```
//! ```go good file=worker_test.go
//! func TestWorker(t *testing.T) {
//! 	w := startWorker()
//! 	go func() {
//! 		time.Sleep(time.Millisecond) // a slow client, not the test's own waiting
//! 		w.Submit("job")
//! 	}()
//! 	for deadline := time.Now().Add(5 * time.Second); w.Done() != 1; {
//! 		if time.Now().After(deadline) {
//! 			t.Fatal("job was not done")
//! 		}
//! 		time.Sleep(time.Millisecond) // polls
//! 	}
//! }
//!
//! func TestBubble(t *testing.T) {
//! 	synctest.Test(t, func(t *testing.T) {
//! 		time.Sleep(time.Hour) // takes no time
//! 	})
//! }
//!
//! func TestEviction(t *testing.T) {
//! 	c := newCache(time.Second)
//! 	// Let the entry expire.
//! 	time.Sleep(1500 * time.Millisecond)
//! 	if c.Len() != 0 {
//! 		t.Fatal("entry outlived its time")
//! 	}
//! }
//!
//! func TestExpiry(t *testing.T) {
//! 	c := newCache(ttl)
//! 	time.Sleep(ttl + time.Millisecond) // time itself is tested
//! 	if c.Len() != 0 {
//! 		t.Fatal("entry outlived its time")
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{handle, handle_param};

pub static RULE: Rule = Rule {
    id: "testing/flaky-timing",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Tests,
    hooks: &[Hook::Call(&["time.Sleep"], check), Hook::Stmt(&[StmtKind::If], check_measured)],
    file: file!(),
};

/// Words in the name of a test that lets time itself pass: what is tested is an expiry.
const ABOUT_TIME: &[&str] =
    &["ttl", "expir", "timeout", "deadline", "lifetime", "interval", "duration", "delay", "stale", "sleep", "tick"];

/// Words of a comment that says that time itself has to pass.
const PASSES: &[&str] = &["elapse", "expir", "granularity", "timeout", "ttl"];

fn check(cx: &mut Cx, Call { expr: call, args, .. }: Call) {
    let bubbles = cx.file.scope.imports.iter().any(|import| import.path.contains("synctest"));
    let [length] = args else { return };
    if bubbles {
        return;
    }
    let Some(func) = cx.enclosing_func(call) else { return };
    let Some(t) = handle_param(cx, func) else { return };
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    cx.examined();
    if !is_fixed(cx, *length) || cx.enclosing_loop(call).is_some() || !is_checked_after(cx, t, call) {
        return;
    }
    let lower = test.to_ascii_lowercase();
    if cx.is_said(call, PASSES)
        || lower.starts_with("benchmark")
        || ABOUT_TIME.iter().any(|word| lower.contains(word))
        || in_bubble(cx, call)
    {
        return;
    }
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    cx.report(fun, format!("`{test}` waits for a fixed time, which a slow machine exceeds"))
        .note("wait for the event itself (a channel, polling up to a deadline), or run in a `synctest.Test` bubble");
}

/// `if time.Since(start) > limit { t.Error(…) }`, and `if x != time.Now() { t.Error(…) }`.
fn check_measured(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { cond, then, .. } = cx.stmt(stmt) else { return };
    let Expr::Binary { op, lhs, rhs } = cx.expr(cx.unparen(cond)) else { return };
    let (op, value, limit) = match op {
        BinaryOp::Less | BinaryOp::LessEqual => (BinaryOp::Greater, rhs, lhs),
        BinaryOp::GreaterEqual => (BinaryOp::Greater, lhs, rhs),
        _ => (op, lhs, rhs),
    };
    let clock = |expr| cx.calls(expr, &["time.Now"]);
    let is_short = || cx.int_value(limit).is_some_and(|limit| (0..ROOM).contains(&limit));
    let what = match op {
        BinaryOp::Greater if is_measured(cx, value) && is_short() => {
            format!("fails where the machine takes longer than `{}`", cx.source(limit))
        }
        BinaryOp::NotEqual if clock(value) || clock(limit) => {
            "compares two readings of the clock, which are never equal".to_owned()
        }
        _ => return,
    };
    let Some(test) = cx.enclosing_decl(stmt).filter(|_| fails(cx, then)).and_then(|decl| cx.func_name(decl)) else {
        return;
    };
    cx.examined();
    if !in_bubble(cx, cond) {
        let note = "leave room for a busy machine, or run in a `synctest.Test` bubble, whose clock stands still";
        cx.report(cond, format!("`{test}` {what}")).note(note);
    }
}

/// Half a second is room enough, in nanoseconds.
const ROOM: i64 = 500_000_000;

/// Whether an expression is a measured duration: `time.Since(…)`, `time.Now().Sub(…)`, or a local that got one.
fn is_measured(cx: &Cx, expr: ExprId) -> bool {
    let expr = cx.initial_value(expr).unwrap_or(expr);
    cx.calls(expr, &["time.Since"])
        || matches!(cx.method_call(expr), Some((now, "Sub", [_])) if cx.calls(cx.initial_value(now).unwrap_or(now), &["time.Now"]))
}

/// Whether the branch lets the test fail.
fn fails(cx: &Cx, branch: StmtId) -> bool {
    cx.any(branch, false, |node| {
        let Node::Expr(id) = node else { return false };
        match cx.method_call(id) {
            Some((t, "Error" | "Errorf" | "Fatal" | "Fatalf" | "Fail" | "FailNow", _)) => handle(cx, t).is_some(),
            _ => false,
        }
    })
}

/// Whether the length is written out, as in `100 * time.Millisecond`; one that is computed lets some period of the code
/// under test go by.
fn is_fixed(cx: &Cx, length: ExprId) -> bool {
    !cx.any(length, true, |node| match node {
        Node::Expr(id) => {
            matches!(cx.def(id), Def::Local(_) | Def::Package(_)) || matches!(cx.expr(id), Expr::Call { .. })
        }
        _ => false,
    })
}

/// Whether the test goes on to check something.
fn is_checked_after(cx: &Cx, t: ExprId, call: ExprId) -> bool {
    cx.names.uses(t).any(|used| cx.span(used).start > cx.span(call).end)
}

/// Whether the call stands in a literal that synctest runs.
fn in_bubble(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| match node {
        Node::Expr(outer) => {
            matches!(cx.expr(outer), Expr::Call { fun, .. } if cx.source(fun).starts_with("synctest."))
        }
        _ => false,
    })
}
