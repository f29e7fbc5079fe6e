//! A `break` leaves the `select` or `switch`, but the loop around it was meant.
//!
//! An unlabeled `break` ends the innermost `for`, `switch` or `select` (Go spec, "Break statements"). If it was to stop the
//! loop, the loop goes on: a worker that was asked to quit spins at full speed, and one whose channel is closed receives zero
//! values forever. Label the loop, or return.
//!
//! Limits: only breaks that are clearly meant to end something are reported: after a receive from `Done()` or `time.After`, from a channel of
//! signals or of `struct{}`, from a closed channel, and in a case for `io.EOF` or for a command such as "quit". A loop that certainly goes
//! on after its context is done is reported by context/done-without-exit.
//!
//! ```go bad
//! func work(quit <-chan struct{}, jobs <-chan Job) {
//! 	for {
//! 		select {
//! 		case <-quit:
//! 			break
//! // ^^^^^ `break` leaves the `select`, and the loop around it goes on
//! 		case job := <-jobs:
//! 			handle(job)
//! 		}
//! 	}
//! }
//! ```
//! ```diff fixed
//! -			break
//! +			return
//! ```
//! ```go good
//! func work(ctx context.Context, jobs <-chan Job) {
//! loop:
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 			break loop // leaves the loop
//! 		case job := <-jobs:
//! 			handle(job)
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! func work(ctx context.Context, jobs <-chan Job) {
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 			break
//! 		case job := <-jobs:
//! 			handle(job)
//! 		}
//! 		if ctx.Err() != nil {
//! 			return // ends the loop after the select
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The loop goes on after the case that was to end it. If the case is a stop signal, shutdown takes the whole grace
//! period and ends in SIGKILL; if it is a closed channel, the loop spins on zero values. A test that reaches the case
//! and waits for the function to return never sees it.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 5s {package}`: trigger the case with the `break` and expect the loop to end
//!
//! # Options
//!
//! - Return: reads best where nothing follows the loop
//!   - senior, throughput: no label to look up
//! - Break to a label: the code after the loop, such as a flush, still runs
//!   - backend, data, cloud-native: cleanup stays on the path
//!
//! # References
//!
//! - [Go spec, "Break statements"](https://go.dev/ref/spec#Break_statements)
//! - [Go spec, "Labeled statements"](https://go.dev/ref/spec#Labeled_statements)
use gopeer_lint::prelude::*;

use super::support::ways_out;
use crate::context::goes_on;

pub static RULE: Rule = Rule {
    id: "correctness/break-scope",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Correctness, 3), (Concern::Cancellation, 2), (Concern::Leak, 1)],
    equivalents: &["staticcheck:SA4011", "staticcheck:SA4004", "revive:useless-break"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Branch], check)],
    examines: "break statements in select and switch",
};

fn check(cx: &mut Cx, branch: StmtId) {
    let Stmt::Branch { kind: BranchKind::Break, label: None } = cx.stmt(branch) else { return };
    let Some((clause, guard)) = clause_of(cx, branch) else { return };
    let Some(Node::Stmt(choice)) = cx.tree.parent(clause) else { return };
    let Some(looping) = loop_around(cx, choice, clause) else { return };
    cx.examined();
    let ends = match cx.stmt(choice) {
        Stmt::Select { clauses } => {
            !is_habit(cx, clauses, clause) && !is_way_on(cx, clauses, clause) && ends_select(cx, clause, guard)
        }
        Stmt::Switch { tag, .. } => guard.is_none() && ends_switch(cx, tag, clause),
        _ => false,
    };
    // The end of a context is the subject of context/done-without-exit.
    if !ends || exits_after(cx, choice) || goes_on(cx, choice, clause) {
        return;
    }
    let word = if matches!(cx.stmt(choice), Stmt::Select { .. }) { "select" } else { "switch" };
    let fixes = ways_out(cx, branch, looping);
    let report = cx
        .report(branch, format!("`break` leaves the `{word}`, and the loop around it goes on"))
        .note("label the loop and break to the label, or return");
    fixes.into_iter().fold(report, |report, (title, edits)| report.fix(title, edits));
}

/// The clause whose last statement is the `break`, directly or as the end of an `if`, whose condition comes along.
fn clause_of(cx: &Cx, branch: StmtId) -> Option<(StmtId, Option<StmtId>)> {
    if cx.next_stmt(branch).is_some() {
        return None;
    }
    let Some(Node::Stmt(parent)) = cx.tree.parent(branch) else { return None };
    if matches!(cx.stmt(parent), Stmt::CommClause { .. } | Stmt::CaseClause { .. }) {
        return Some((parent, None));
    }
    let Some(Node::Stmt(guard)) = cx.tree.parent(parent) else { return None };
    let Some(Node::Stmt(clause)) = cx.tree.parent(guard) else { return None };
    let within = matches!(cx.stmt(guard), Stmt::If { then, .. } if then == parent);
    (within && matches!(cx.stmt(clause), Stmt::CommClause { .. })).then_some((clause, Some(guard)))
}

/// The loop whose body holds the `select` or `switch` directly. A condition of the loop may be what the clause changes.
fn loop_around(cx: &Cx, choice: StmtId, clause: StmtId) -> Option<StmtId> {
    let Some(Node::Stmt(body)) = cx.tree.parent(choice) else { return None };
    let Some(Node::Stmt(looping)) = cx.tree.parent(body) else { return None };
    let is_only = cx.list_of(clause.into()).len() == 1;
    match cx.stmt(looping) {
        Stmt::For { cond: None, .. } => Some(looping),
        Stmt::For { .. } | Stmt::Range { .. } if is_only => Some(looping),
        _ => None,
    }
}

/// Whether the other clauses end in `break` as well, as the cases of a `switch` do in C.
fn is_habit(cx: &Cx, clauses: StmtList, clause: StmtId) -> bool {
    let breaks = |&other: &StmtId| {
        let last = cx.list_of(other.into()).last().map(|&last| cx.stmt(last));
        matches!(last, Some(Stmt::Branch { kind: BranchKind::Break, label: None }))
    };
    let mut others = cx.stmts(clauses).iter().filter(|&&other| other != clause).peekable();
    others.peek().is_some() && others.all(breaks)
}

/// Whether all other clauses fail, or return while this one waits for the next iteration, so that it is the way on:
/// `case <-timeout: t.Fatal("slow")`.
fn is_way_on(cx: &Cx, clauses: StmtList, clause: StmtId) -> bool {
    let pauses = is_pause(cx, clause);
    let fails = |&other: &StmtId| match cx.list_of(other.into()).last().map(|&last| cx.stmt(last)) {
        Some(Stmt::Expr(call)) => cx.may_end(call),
        Some(Stmt::Return(_)) => pauses,
        _ => false,
    };
    let mut others = cx.stmts(clauses).iter().filter(|&&other| other != clause).peekable();
    others.peek().is_some() && others.all(fails)
}

/// `case <-time.After(interval):`
fn is_pause(cx: &Cx, clause: StmtId) -> bool {
    let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(clause) else { return false };
    let Stmt::Expr(receive) = cx.stmt(comm) else { return false };
    let Expr::Unary { op: UnaryOp::Recv, operand } = cx.expr(cx.unparen(receive)) else { return false };
    cx.calls(operand, &["time.After"])
}

/// A receive from a done channel, or the test of a receive from a closed one with nothing done about the channel.
fn ends_select(cx: &Cx, clause: StmtId, guard: Option<StmtId>) -> bool {
    let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(clause) else { return false };
    match (guard.map(|guard| cx.stmt(guard)), cx.stmt(comm)) {
        (None, Stmt::Expr(receive)) => is_done(cx, receive),
        (None, Stmt::Assign { rhs, .. }) => cx.only(rhs).is_some_and(|receive| is_done(cx, receive)),
        (Some(Stmt::If { cond, then, .. }), Stmt::Assign { lhs, .. }) => {
            let &[_, ok] = cx.exprs(lhs) else { return false };
            let Expr::Unary { op: UnaryOp::Not, operand } = cx.expr(cx.unparen(cond)) else { return false };
            let assigns = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Assign { .. }));
            cx.def(operand) != Def::Unknown && cx.def(operand) == cx.def(ok) && !cx.any(then, false, assigns)
        }
        _ => false,
    }
}

fn is_done(cx: &Cx, receive: ExprId) -> bool {
    const NAMES: &[&str] = &["done", "quit", "stop", "stopped", "exit", "shutdown", "closed", "closing", "sig", "sigs"];
    let Expr::Unary { op: UnaryOp::Recv, operand } = cx.expr(cx.unparen(receive)) else { return false };
    if matches!(cx.method_call(operand), Some((_, "Done", []))) || cx.calls(operand, &["time.After"]) {
        return true;
    }
    let Type::Chan { elem, .. } = cx.under(operand) else { return false };
    let name = match cx.expr(cx.unparen(operand)) {
        Expr::Selector { name, .. } => cx.source(name),
        _ => cx.source(operand),
    };
    let is_named = words(name).iter().any(|word| NAMES.contains(&word.as_str()));
    let is_flag = matches!(cx.store.under(elem), Type::Basic(basic) if basic.is_boolean());
    cx.type_is(elem, &["os.Signal"]) || (cx.carries_nothing(operand) || is_flag) && is_named
}

/// A case for `io.EOF`, or for a word that asks to end.
fn ends_switch(cx: &Cx, tag: Option<ExprId>, clause: StmtId) -> bool {
    let Stmt::CaseClause { exprs, .. } = cx.stmt(clause) else { return false };
    cx.exprs(exprs).iter().any(|&case| {
        let is_eof = |expr| cx.denotes(expr, &["io.EOF"]);
        match cx.expr(cx.unparen(case)) {
            Expr::Binary { op: BinaryOp::Equal, lhs, rhs } if tag.is_none() => is_eof(lhs) || is_eof(rhs),
            _ if tag.is_none() => {
                matches!(cx.call(case), Some(Call { callee, args: &[_, target], .. }) if callee.is(&["errors.Is"]) && is_eof(target))
            }
            _ if is_eof(case) => true,
            _ => cx.string_value(case).is_some_and(|word| matches!(&*word, "quit" | "exit" | "q" | "bye" | "stop")),
        }
    })
}

/// Whether something after the `select` or `switch` may still end the loop.
fn exits_after(cx: &Cx, choice: StmtId) -> bool {
    let last = cx.tree.parent(choice).and_then(|list| cx.once(list, last_exit));
    last.is_some_and(|last| cx.span(last).start >= cx.span(choice).end)
}

/// The last statement of a list that holds something that may end a loop.
fn last_exit(cx: &Cx, list: Node) -> Option<Node> {
    let exits = |&&stmt: &&StmtId| {
        cx.any(stmt, false, |node| match node {
            Node::Stmt(id) => cx.leaves_loop(id),
            Node::Expr(id) => cx.may_end(id),
            _ => false,
        })
    };
    cx.list_of(list).iter().rfind(exits).map(|&stmt| Node::Stmt(stmt))
}
