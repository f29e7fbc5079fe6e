//! A ticker or a timer keeps running when nobody waits for it any more.
//!
//! Before Go 1.23 the runtime kept a ticker until it was stopped, and a timer until it fired, even if nothing referred to them.
//! A function that makes a ticker and returns leaves it behind for good, and `time.After` in a loop makes a timer in each iteration,
//! which lives for its whole duration although something else came first. Defer `Stop`, and use one timer or ticker for the loop.
//! From Go 1.23 on, by the `go` line of go.mod, the garbage collector takes them back, and nothing is reported.
//!
//! Limits: a ticker that is returned, stored, used in a closure, or passed to a function that may keep or stop it is left alone.
//! Timers of less than ten seconds are, too. Tests and `main` are left out.
//!
//! ```go bad go=1.22
//! func poll(ctx context.Context, every time.Duration, check func() error) error {
//! 	ticker := time.NewTicker(every)
//! //<^^^^^^ `ticker` is never stopped
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 			return ctx.Err()
//! 		case <-ticker.C:
//! 			if err := check(); err != nil {
//! 				return err
//! 			}
//! 		}
//! 	}
//! }
//! ```
//! ```diff fixed
//! +	defer ticker.Stop()
//! ```
//! ```go bad go=1.22
//! func drain(jobs chan int, handle func(int)) {
//! 	for {
//! 		select {
//! 		case job := <-jobs:
//! 			handle(job)
//! 		case <-time.After(time.Minute):
//! 			//    ^^^^^^^^^^ each iteration makes a timer, which lives for a minute
//! 			return
//! 		}
//! 	}
//! }
//!
//! func next(done chan bool) {
//! 	for range time.Tick(time.Second) {
//! 		//       ^^^^^^^^^ the ticker of `time.Tick` cannot be stopped, and `next` returns
//! 		select {
//! 		case <-done:
//! 			return
//! 		default:
//! 		}
//! 	}
//! }
//! ```
//! ```go good go=1.22
//! func retry(ctx context.Context, try func() error) error {
//! 	for try() != nil {
//! 		select {
//! 		case <-ctx.Done():
//! 			return ctx.Err()
//! 		// Each iteration waits for its timer, or is the last.
//! 		case <-time.After(time.Minute):
//! 		}
//! 	}
//! 	return nil
//! }
//!
//! func forEver(check func()) {
//! 	// It never returns.
//! 	for range time.Tick(time.Minute) {
//! 		check()
//! 	}
//! }
//!
//! func everySecond(check func()) {
//! 	// Nor does this.
//! 	tick := time.Tick(time.Second)
//! 	for range tick {
//! 		check()
//! 	}
//! }
//! ```
//! ```go good go=1.23
//! func poll(every time.Duration, check func() error) error {
//! 	ticker := time.NewTicker(every)
//! 	for range ticker.C {
//! 		if err := check(); err != nil {
//! 			// The garbage collector takes the ticker.
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Verify
//!
//! - `go tool pprof -sample_index=inuse_objects -top http://localhost:6060/debug/pprof/heap`: `time.NewTicker` or
//!   `time.After` near the top, before Go 1.23
//! - `go list -m -f '{{.GoVersion}}'`: from 1.23 on, what nothing refers to is collected
//!
//! # References
//!
//! - [Go 1.23 release notes, "Timer changes"](https://go.dev/doc/go1.23#timer-changes)
use gopeer_flow::{Next, Op, State, Values, Watch};
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/timer-leak",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 2)],
    equivalents: &["staticcheck:SA1015", "semgrep:leaky-time-after", "semgrep:ctx-done-and-timers"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Acquire("timer", never_stopped),
        Hook::Call(&["time.After"], after),
        Hook::Call(&["time.Tick"], tick),
    ],
    examines: "tickers and timers",
};

/// The minor version of Go from which on the garbage collector takes timers that nothing refers to.
const COLLECTED: u32 = 23;

fn keeps_timers(cx: &Cx) -> bool {
    cx.file.build.go_minor.is_some_and(|minor| minor < COLLECTED)
}

fn never_stopped(cx: &mut Cx, timer: &Resource) {
    if !keeps_timers(cx) {
        return;
    }
    cx.examined();
    // A timer that was waited for has fired.
    if timer.call.callee.name == "NewTimer" {
        return;
    }
    if let Some(leak) = cx.leak(timer) {
        leak.report(cx, timer).note("before Go 1.23 a ticker that is not stopped runs for as long as the process does");
    }
}

fn after(cx: &mut Cx, call: Call) {
    if !keeps_timers(cx) {
        return;
    }
    cx.examined();
    let Some(select) = select_of(cx, call.expr) else { return };
    let Some(lasting) = call.args.first().and_then(|&wait| lasting(cx, wait)) else { return };
    if cx.enclosing_loop(select).is_none() || !comes_round(cx, select, call.expr) {
        return;
    }
    cx.report(call.fun, format!("each iteration makes a timer, which lives for {lasting}"))
        .note("before Go 1.23 it is kept until it fires, even if another case came first");
}

/// How long a timer lives, in words; none where that is less than ten seconds.
fn lasting(cx: &Cx, wait: ExprId) -> Option<String> {
    const SECOND: i64 = 1_000_000_000;
    match cx.int_value(wait) {
        Some(nanos) if nanos < 10 * SECOND => None,
        Some(nanos) if nanos == 60 * SECOND => Some("a minute".to_owned()),
        Some(nanos) if nanos % SECOND == 0 && nanos < 60 * SECOND => Some(format!("{} seconds", nanos / SECOND)),
        _ => Some(format!("`{}`", cx.source(wait))),
    }
}

/// The `select` of which a receive from a call's result is a case.
fn select_of(cx: &Cx, call: ExprId) -> Option<StmtId> {
    let Node::Expr(receive) = cx.tree.parent(call)? else { return None };
    if !matches!(cx.expr(receive), Expr::Unary { op: UnaryOp::Recv, .. }) {
        return None;
    }
    let is_case =
        |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::CommClause { .. }));
    let Node::Stmt(case) = cx.around(receive, is_case)? else { return None };
    let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(case) else { return None };
    let Node::Stmt(select) = cx.tree.parent(case)? else { return None };
    cx.span(comm).contains(cx.span(receive)).then_some(select)
}

/// Whether the select is come to again behind another case, so that the timer is left behind.
fn comes_round(cx: &Cx, select: StmtId, call: ExprId) -> bool {
    let Stmt::Select { clauses } = cx.stmt(select) else { return false };
    let Some(followed) = cx.enclosing_func(select).and_then(|func| cx.followed(func.node)) else { return false };
    cx.stmts(clauses).iter().enumerate().any(|(at, &clause)| {
        let Stmt::CommClause { comm, .. } = cx.stmt(clause) else { return false };
        let own = cx.span(clause).contains(cx.span(call));
        !own && comm.is_some_and(|comm| !waits_for_end(cx, comm)) && followed.comes_back(select, at)
    })
}

/// Whether a case waits for a context to end: what it leaves behind, it leaves behind once.
fn waits_for_end(cx: &Cx, comm: StmtId) -> bool {
    cx.any(comm, false, |node| match node {
        Node::Expr(call) => cx.calls(call, &["context.Context.Done"]),
        _ => false,
    })
}

fn tick(cx: &mut Cx, call: Call) {
    if !keeps_timers(cx) {
        return;
    }
    cx.examined();
    let Some(func) = cx.enclosing_func(call.expr) else { return };
    if cx.ends_with_process(func) || !returns(cx, func, call.expr) {
        return;
    }
    let around = cx.func_in_words(call.expr);
    cx.report(call.fun, format!("the ticker of `time.Tick` cannot be stopped, and {around} returns"))
        .note("before Go 1.23 it runs for as long as the process does");
}

/// Whether a function is left after a call.
fn returns(cx: &Cx, func: Func, call: ExprId) -> bool {
    let Some(followed) = cx.followed(func.node) else { return false };
    let Some(from) = followed.after_call(call) else { return false };
    cx.follow(&followed, &mut cx.start(&followed, from), &mut Returns).is_some()
}

struct Returns;

impl Watch for Returns {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, _: Op) -> Next {
        Next::Go
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Found
    }
}
