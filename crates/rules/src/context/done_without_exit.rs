//! A loop goes on after its context is done.
//!
//! `Done` stays ready forever once the context has ended, so a case that does not leave the loop is taken again at once: the goroutine
//! spins at full speed, and the process is killed when its time to stop is up. An unlabeled `break` leaves the `select`, not the loop
//! (Go spec, "Break statements"). Return, or label the loop.
//!
//! Limits: silent where the case sets what ends the loop elsewhere, waits for something else, or where the loop makes the context anew.
//!
//! ```go bad
//! func run(ctx context.Context, in <-chan int) {
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 		//   ^^^^^^^^^^^^ the loop goes on after `ctx` is done, and this case is ready at once, again and again
//! 			slog.Info("stopping")
//! 			break
//! 		case n := <-in:
//! 			slog.Info("got", "n", n)
//! 		}
//! 	}
//! }
//! ```
//! ```diff fixed
//! -			break
//! +			return
//! ```
//! ```go bad
//! func poll(ctx context.Context, ask func(context.Context) error) {
//! 	for {
//! 		if ctx.Err() != nil {
//! 		// ^^^^^^^^^ the loop goes on after `ctx` is done
//! 			slog.Info("stopping")
//! 			continue
//! 		}
//! 		if err := ask(ctx); err == nil {
//! 			return
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! func run(ctx context.Context, in chan int) {
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 			for n := range in { // drains
//! 				slog.Info("left", "n", n)
//! 			}
//! 			return
//! 		case n := <-in:
//! 			slog.Info("got", "n", n)
//! 		}
//! 	}
//! }
//!
//! func attempts(ctx context.Context, ask func(context.Context) <-chan int) int {
//! 	for {
//! 		once, cancel := context.WithTimeout(ctx, time.Second)
//! 		select {
//! 		case <-once.Done(): // the next attempt has a context of its own
//! 			cancel()
//! 		case n := <-ask(once):
//! 			cancel()
//! 			return n
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! After cancellation the goroutine takes a full core until the process is killed, and shutdown that waits for it uses
//! up the grace period. Logs written in the case repeat thousands of times a second. It happens at every deployment and
//! never before one.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 5s {package}`: cancel the context and expect the function to return
//! - `go tool pprof -top -seconds 5 http://localhost:6060/debug/pprof/profile`: taken after SIGTERM, the loop is all
//!   there is
//!
//! # Options
//!
//! - Return: the shortest form, if nothing is to be done after the loop
//!   - senior, throughput: one word, and nothing to look up
//! - Break to a label: what follows the loop, such as a last flush, still runs
//!   - data, cloud-native: the rest of the batch is written before the end
//!
//! # References
//!
//! - [Go spec, "Break statements"](https://go.dev/ref/spec#Break_statements)
//! - [Package context](https://pkg.go.dev/context#Context)
use gopeer_lint::prelude::*;

use super::asked::{Asked, asked, goes_round};
use crate::correctness::support::ways_out;

pub static RULE: Rule = Rule {
    id: "context/done-without-exit",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Cancellation, 3), (Concern::Availability, 2), (Concern::Leak, 1)],
    equivalents: &["staticcheck:SA4011"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Select, StmtKind::If], check)],
    examines: "loops that ask whether their context is done",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Some(looping) = cx.enclosing_loop(stmt) else { return };
    for asked in asked(cx, stmt) {
        cx.examined();
        if !is_certain(cx, stmt, &asked, looping) {
            continue;
        }
        let name = cx.source(asked.context);
        let message = match asked.clause {
            Some(_) => {
                format!("the loop goes on after `{name}` is done, and this case is ready at once, again and again")
            }
            None => format!("the loop goes on after `{name}` is done"),
        };
        let fixes = exits(cx, &asked, looping);
        let report = cx.report(asked.at, message).note("return here, or break to a label of the loop");
        fixes.into_iter().fold(report, |report, (title, edits)| report.fix(title, edits));
    }
}

/// Whether a clause of a `select` in a loop receives from a context that is done, and the loop goes on.
pub(crate) fn goes_on(cx: &Cx, select: StmtId, clause: StmtId) -> bool {
    let Some(looping) = cx.enclosing_loop(select) else { return false };
    asked(cx, select).iter().any(|asked| asked.body == Node::Stmt(clause) && is_certain(cx, select, asked, looping))
}

fn is_certain(cx: &Cx, stmt: StmtId, asked: &Asked, looping: StmtId) -> bool {
    is_of_outside(cx, asked.context, looping)
        && !is_told_otherwise(cx, stmt, asked)
        && goes_round(cx, stmt, asked, looping)
}

/// Whether the case calls something, and another case waits for a signal that this may give.
fn is_told_otherwise(cx: &Cx, stmt: StmtId, asked: &Asked) -> bool {
    let Stmt::Select { clauses } = cx.stmt(stmt) else { return false };
    let is_call = |node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Call { .. }) && cx.callee(id).is_none_or(|callee| cx.is_own(&callee)));
    let calls = cx.list_of(asked.body).iter().any(|&stmt| cx.any(stmt, false, is_call));
    let signals = |clause: &StmtId| {
        let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(*clause) else { return false };
        let Stmt::Expr(receive) = cx.stmt(comm) else { return false };
        cx.received_from(cx.unparen(receive).into()).is_some_and(|channel| cx.carries_nothing(channel))
    };
    calls && cx.stmts(clauses).iter().filter(|&&clause| Node::Stmt(clause) != asked.body).any(signals)
}

/// Whether a context is the same in each iteration of a loop.
fn is_of_outside(cx: &Cx, context: ExprId, looping: StmtId) -> bool {
    let span = cx.span(looping);
    let root = match cx.expr(cx.unparen(context)) {
        Expr::Selector { base, .. } => base,
        _ => context,
    };
    let Def::Local(declared) = cx.def(root) else { return false };
    !span.contains(cx.span(declared))
        && !cx.names.uses(declared).any(|used| span.contains(cx.span(used)) && cx.is_target(used))
}

/// Ways out of the loop: instead of a `break` that only leaves the `select`.
fn exits(cx: &Cx, asked: &Asked, looping: StmtId) -> Vec<(&'static str, Vec<(Span, String)>)> {
    match (asked.clause, cx.list_of(asked.body).last().map(|&last| (last, cx.stmt(last)))) {
        (Some(_), Some((last, Stmt::Branch { kind: BranchKind::Break, label: None }))) => ways_out(cx, last, looping),
        _ => Vec::new(),
    }
}
