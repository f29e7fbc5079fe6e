//! A test depends on how fast the machine is: it sleeps and then expects others to be done, or it allows little time.
//!
//! On a busy CI runner the sleep is too short and the test fails without a reason; on every other run it is time lost. Wait for
//! the event itself: a channel, a `sync.WaitGroup`, polling up to a deadline, or a `testing/synctest` bubble (Go 1.25), whose
//! clock moves when all its goroutines wait. A time that is measured may always be longer than expected, by tenths of a second;
//! test only that it is not too short. Two readings of the clock are never equal.
//!
//! Limits: not reported are sleeps of a computed length, sleeps in loops, benchmarks, and tests whose name or comment says that
//! time itself has to pass (an expiry, a timeout, an interval), and sleeps after which an error, or that nothing has happened, is
//! expected: a slow machine passes. Suites without a test handle are not looked at.
//!
//! ```go bad file=worker_test.go
//! func TestWorker(t *testing.T) {
//! 	w := startWorker()
//! 	w.Submit("job")
//! 	time.Sleep(100 * time.Millisecond)
//! #^^^^^^^^^^ `TestWorker` waits for a fixed
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
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TestFast` fails on a machine that takes longer than `50*time.Millisecond`
//! 		t.Errorf("took %v", elapsed)
//! 	}
//! 	if 200*time.Microsecond < elapsed {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TestFast` fails on a machine that takes longer than `200*time.Microsecond`
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
//! func TestWorker(t *testing.T) {
//! 	w := startWorker()
//! 	for deadline := time.Now().Add(5 * time.Second); w.Done() != 1; {
//! 		if time.Now().After(deadline) {
//! 			t.Fatal("job was not done")
//! 		}
//! 		time.Sleep(time.Millisecond) // polls, up to a deadline
//! 	}
//! }
//! ```
//! ```go good file=worker_test.go
//! func TestBubble(t *testing.T) {
//! 	synctest.Test(t, func(t *testing.T) {
//! 		time.Sleep(time.Hour) // takes no time in a bubble
//! 		t.Log("an hour later")
//! 	})
//! }
//! ```
//! ```go good file=cache_test.go
//! func TestExpiry(t *testing.T) {
//! 	c := newCache(ttl)
//! 	time.Sleep(2 * time.Second) // time itself is what the test is about
//! 	if c.Len() != 0 {
//! 		t.Fatal("entry outlived its time")
//! 	}
//! }
//! ```
//! ```go good file=wait_test.go
//! func TestWait(t *testing.T) {
//! 	start := time.Now()
//! 	wait(20 * time.Millisecond)
//! 	if elapsed := time.Since(start); elapsed < 20*time.Millisecond { // not too short: a slow machine passes
//! 		t.Errorf("came back after %v", elapsed)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The test may fail on a busy machine and pass when it is run again. After a while nobody takes its failures
//! seriously.
//!
//! # Verify
//!
//! - `go test -run {test} -count 50 -cpu 1 {package}`: while `stress -c 4` loads the machine
//!
//! # Options
//!
//! - A `testing/synctest` bubble: time moves on when all goroutines are blocked; needs Go 1.25
//!   - cloud-native, throughput, backend: no real second passes
//! - Wait for the event on a channel, with a generous limit: works before Go 1.25 as well
//!   - senior, data: the test says what it waits for
//!
//! # References
//!
//! - [Package testing/synctest](https://pkg.go.dev/testing/synctest)
use gopeer_lint::prelude::*;

use super::outcome::{expects_nothing, fails, statement};
use super::support::handle_param;
use super::time::{in_bubble, is_about_time, is_fixed, is_measured};

pub static RULE: Rule = Rule {
    id: "testing/flaky-timing",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Tests,
    hooks: &[
        Hook::Call(&["time.Sleep", "time.After"], check),
        Hook::Stmt(&[StmtKind::If], check_measured),
        Hook::Call(ASSERTIONS, check_asserted),
    ],
    examines: "waits in tests",
};

/// Assertions of testify that a duration is below or above another.
const ASSERTIONS: &[&str] = &[
    "github.com/stretchr/testify/assert.Greater",
    "github.com/stretchr/testify/assert.Less",
    "github.com/stretchr/testify/assert.LessOrEqual",
    "github.com/stretchr/testify/require.Greater",
    "github.com/stretchr/testify/require.Less",
    "github.com/stretchr/testify/require.LessOrEqual",
];

fn check(cx: &mut Cx, Call { expr: call, callee, args, fun, .. }: Call) {
    let &[length] = args else { return };
    // `<-time.After(d)` as a statement is a sleep.
    if callee.name == "After" && !is_waited_for(cx, call) {
        return;
    }
    let Some(func) = cx.enclosing_func(call) else { return };
    let Some(t) = handle_param(cx, func) else { return };
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    cx.examined();
    if !is_fixed(cx, length)
        || is_long(cx, length)
        || is_measured_here(cx, call)
        || cx.enclosing_loop(call).is_some()
        || !is_checked_after(cx, t, call)
        || test.to_ascii_lowercase().starts_with("benchmark")
        || is_about_time(cx, call, test)
        || in_bubble(cx, call)
        || expects_nothing(cx, call)
    {
        return;
    }
    cx.report(
        fun,
        format!("`{test}` waits for a fixed `{}`, which may be too short on a slow machine", cx.source(length)),
    )
    .note("wait for the event itself (a channel, polling up to a deadline), or run in a `synctest.Test` bubble")
    .one_of("tests in this file wait for a fixed time");
}

/// A load runs so long on purpose: nobody waits half a minute for something to be ready.
fn is_long(cx: &Cx, length: ExprId) -> bool {
    const LONG: i64 = 30_000_000_000;
    cx.int_value(length).is_some_and(|length| length >= LONG)
}

/// Whether the clock is read right before: how long the sleep takes is what is measured.
fn is_measured_here(cx: &Cx, call: ExprId) -> bool {
    let before = statement(cx, call).and_then(|stmt| cx.stmt_before(stmt));
    let Some(Stmt::Assign { rhs, .. }) = before.map(|stmt| cx.stmt(stmt)) else { return false };
    cx.only(rhs).is_some_and(|value| cx.calls(value, &["time.Now"]))
}

fn is_waited_for(cx: &Cx, channel: ExprId) -> bool {
    let Some(Node::Expr(receive)) = cx.tree.parent(channel) else { return false };
    matches!(cx.expr(receive), Expr::Unary { op: UnaryOp::Recv, .. })
        && matches!(cx.tree.parent(receive), Some(Node::Stmt(stmt))
            if matches!(cx.stmt(stmt), Stmt::Expr(_)) && cx.place_in_list(stmt).is_some())
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
    if !fails(cx, then) {
        return;
    }
    if op == BinaryOp::Greater {
        check_limit(cx, cond, value, limit);
    } else if op == BinaryOp::NotEqual && (clock(value) || clock(limit)) {
        say(cx, cond, "compares two readings of the clock, which are never equal");
    }
}

/// `assert.Less(t, time.Since(start), limit)`.
fn check_asserted(cx: &mut Cx, call: Call) {
    let &[_, first, second, ..] = call.args else { return };
    match call.callee.name {
        "Greater" => check_limit(cx, call.expr, second, first),
        _ => check_limit(cx, call.expr, first, second),
    }
}

/// A measured time that has to be below a limit of less than half a second, in nanoseconds.
fn check_limit(cx: &mut Cx, at: ExprId, value: ExprId, limit: ExprId) {
    const ROOM: i64 = 500_000_000;
    if is_measured(cx, value) && cx.int_value(limit).is_some_and(|limit| (0..ROOM).contains(&limit)) {
        let what = format!("fails on a machine that takes longer than `{}`", cx.source(limit));
        say(cx, at, &what);
    }
}

fn say(cx: &mut Cx, at: ExprId, what: &str) {
    let Some(test) = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)) else { return };
    cx.examined();
    if !in_bubble(cx, at) {
        cx.report(at, format!("`{test}` {what}"))
            .note("leave room for a busy machine, or run in a `synctest.Test` bubble, which has a clock of its own");
    }
}

/// Whether the test goes on to check something.
fn is_checked_after(cx: &Cx, t: ExprId, call: ExprId) -> bool {
    cx.names.uses(t).any(|used| cx.span(used).start > cx.span(call).end)
}
