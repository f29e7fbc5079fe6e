//! A goroutine, a deferred call or a stored function shares the variable of a loop, before Go 1.22.
//!
//! Before Go 1.22 a loop has one variable for all iterations. What runs when the iteration is over sees the value of a later iteration, mostly of the
//! last one: one element is handled many times and the others never, and the goroutine races with the loop. Files of modules whose
//! go.mod says `go 1.21` or less still behave so, with every toolchain (Go blog, "Fixing For Loops in Go 1.22"). Copy the variable in
//! the body, pass it as an argument, or raise the version in go.mod.
//!
//! Limits: only functions that are started, deferred, appended, sent or assigned to an element are found, and parallel subtests. Where
//! the loop waits after the start, nothing is said.
//!
//! ```go bad go=1.21
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			fetch(url)
//! 			//    ^^^ the goroutine shares `url` with the loop, which then moves on to the next value
//! 		}()
//! 	}
//! 	wg.Wait()
//! }
//! ```
//! ```diff fixed
//! +		url := url
//! ```
//! ```go bad go=1.20
//! func closers(files []*os.File) (all []func() error) {
//! 	for _, f := range files {
//! 		all = append(all, func() error { return f.Close() })
//! 		//                                      ^ the stored function shares `f` with the loop
//! 	}
//! 	return all
//! }
//! ```
//! ```go good go=1.22
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() { // from Go 1.22 each iteration has a variable of its own
//! 			defer wg.Done()
//! 			fetch(url)
//! 		}()
//! 	}
//! 	wg.Wait()
//! }
//! ```
//! ```go good go=1.21
//! func all(urls []string) {
//! 	for _, url := range urls {
//! 		url := url // a copy
//! 		go func() { fetch(url) }()
//! 	}
//! 	for i := range urls {
//! 		done := make(chan struct{})
//! 		go func() {
//! 			fetch(urls[i])
//! 			close(done)
//! 		}()
//! 		<-done // the iteration waits
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! Before Go 1.22 a loop had one variable for all iterations, and the habit was `v := v` at the top of the body. With `go 1.22` or later in
//! go.mod each iteration has its own.
//!
//! # Impact
//!
//! The last element is handled many times and the others not at all: one customer gets all the mails. Results vary with
//! timing, and a test with a single element passes. After an upgrade of the `go` line in go.mod the behavior changes
//! without a change of this code.
//!
//! # Verify
//!
//! - `go test -race -run {test} {package}`: with three elements or more, the race between the loop and the goroutine is
//!   reported
//! - `GOEXPERIMENT=loopvar go test -run {test} {package}`: with Go 1.21 builds the loops as Go 1.22 has them; a test
//!   that now passes was caught by this
//! - `go build -gcflags=-d=loopvar=2 {package}`: prints each loop whose variable is made anew per iteration under the new
//!   semantics
//!
//! # Options
//!
//! - Raise the `go` line to 1.22: repairs every such loop of the module at once, so the whole module needs its tests
//!   run
//!   - cloud-native, backend: the language fixes it, and nobody has to remember the idiom
//! - Copy the variable in the body: local and safe with every version, and it reads like a mistake to those who do not
//!   know why
//!   - senior, data, throughput: one line, nothing else changes
//!
//! # References
//!
//! - [Go blog, "Fixing For Loops in Go 1.22"](https://go.dev/blog/loopvar-preview)
//! - [Go wiki, "LoopvarExperiment"](https://go.dev/wiki/LoopvarExperiment)
use gopeer_lint::prelude::*;

use crate::errors::support::is_logged;

pub static RULE: Rule = Rule {
    id: "concurrency/loop-variable-capture",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 3)],
    equivalents: &["vet:loopclosure", "revive:range-val-in-closure", "gosec:G601"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::For, StmtKind::Range], check)],
    examines: "loops of files before Go 1.22",
};

/// The first version in which each iteration has a variable of its own.
const PER_TURN: u32 = 22;

/// What keeps a variable when the iteration is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Started,
    Deferred,
    Parallel,
    Stored,
    Address,
}

fn check(cx: &mut Cx, looping: StmtId) {
    if cx.file.language().is_none_or(|minor| minor >= PER_TURN) {
        return;
    }
    cx.examined();
    let (variables, body) = match cx.stmt(looping) {
        Stmt::Range { key, value, define: true, body, .. } => ([key, value], body),
        Stmt::For { init: Some(init), post: Some(_), body, .. } => match cx.stmt(init) {
            Stmt::Assign { lhs, op: AssignOp::Define, .. } => {
                let mut names = cx.exprs(lhs).iter().copied();
                ([names.next(), names.next()], body)
            }
            _ => return,
        },
        _ => return,
    };
    for variable in variables.into_iter().flatten() {
        check_variable(cx, looping, variable, body);
    }
}

fn check_variable(cx: &mut Cx, looping: StmtId, variable: ExprId, body: StmtId) {
    const MOST: usize = 256;
    let span = cx.span(body);
    let uses = cx.names.uses(variable).filter(|&used| span.contains(cx.span(used))).take(MOST);
    let kept = |used: ExprId| Some((used, keeper(cx, used, looping)?));
    let mut reported = Vec::new();
    for (used, (kept, by)) in uses.filter_map(kept).collect::<Vec<_>>() {
        if reported.contains(&by) {
            continue;
        }
        reported.push(by);
        report(cx, (variable, used), kept, body);
    }
}

/// What keeps a use of a loop variable beyond the iteration: a function literal, or the expression that takes its address.
fn keeper(cx: &Cx, used: ExprId, looping: StmtId) -> Option<(Kept, ExprId)> {
    if let Some(Node::Expr(address)) = cx.tree.parent(used)
        && matches!(cx.expr(address), Expr::Unary { op: UnaryOp::Addr, .. })
        && cx.enclosing_loop(address) == Some(looping)
        && is_stored(cx, address)
        && goes_on(cx, address)
    {
        return Some((Kept::Address, address));
    }
    let inside = |node: &Node| *node != Node::Stmt(looping);
    let mut kept_by = cx.tree.ancestors(used).take_while(inside).filter_map(|node| match node {
        Node::Expr(id) if matches!(cx.expr(id), Expr::FuncLit { .. }) => Some((kept(cx, id, used, looping)?, id)),
        _ => None,
    });
    kept_by.next().filter(|&(_, by)| cx.enclosing_loop(by) == Some(looping) && goes_on(cx, by))
}

/// How a function literal outlives the turn.
fn kept(cx: &Cx, literal: ExprId, used: ExprId, looping: StmtId) -> Option<Kept> {
    if let Some(spawn) = cx.spawn_of(literal) {
        return (!cx.may_wait_in_turn(&spawn, looping)).then_some(Kept::Started);
    }
    let Some(Node::Expr(call)) = cx.tree.parent(literal) else { return is_stored(cx, literal).then_some(Kept::Stored) };
    if cx.is_deferred(call) {
        return Some(Kept::Deferred);
    }
    if cx.calls(call, &["testing.T.Run"]) {
        let func = cx.as_func(Node::Expr(literal))?;
        let parallel =
            |&&stmt: &&StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if cx.calls(call, &["testing.T.Parallel"]));
        let first = *cx.list_of(Node::Stmt(func.body)).iter().find(parallel)?;
        return (cx.span(first).start < cx.span(used).start).then_some(Kept::Parallel);
    }
    is_stored(cx, literal).then_some(Kept::Stored)
}

/// Whether a value is appended to a slice, sent, or assigned to an element: others get it, and it is there when the iteration is over.
fn is_stored(cx: &Cx, value: ExprId) -> bool {
    match cx.tree.parent(value) {
        Some(Node::Expr(around)) => match cx.expr(around) {
            Expr::Call { fun, args, .. } => cx.is_builtin(fun, "append") && cx.exprs(args).first() != Some(&value),
            _ => false,
        },
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Send { value: sent, .. } => sent == value,
            Stmt::Assign { lhs, op: AssignOp::Assign, .. } => {
                cx.only(lhs).is_some_and(|target| matches!(cx.expr(target), Expr::Index { .. }))
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether the loop continues after a node: the list of statements that it stands in does not end by leaving.
fn goes_on(cx: &Cx, node: ExprId) -> bool {
    let Some(stmt) = cx.enclosing_stmt(node) else { return false };
    !cx.siblings(stmt).last().is_some_and(|&last| cx.leaves_loop(last))
}

fn report(cx: &mut Cx, (variable, used): (ExprId, ExprId), kept: Kept, body: StmtId) {
    let name = cx.source(variable);
    let message = match kept {
        Kept::Started => format!("the goroutine shares `{name}` with the loop, which then moves on to the next value"),
        Kept::Deferred => format!("the deferred call sees the `{name}` of the last iteration"),
        Kept::Parallel => {
            format!("the parallel subtest runs when the loop is over, with the `{name}` of the last iteration")
        }
        Kept::Stored => {
            format!("the stored function shares `{name}` with the loop, which then moves on to the next value")
        }
        Kept::Address => format!("`&{name}` is the same address in each iteration"),
    };
    let minor = cx.file.language().unwrap_or_default();
    let note = format!("this file is Go 1.{minor}; each iteration has its own `{name}` from Go 1.22 on");
    let edit = copy(cx, variable, body).into_iter();
    let severity =
        if kept == Kept::Deferred && is_told_only(cx, variable, used) { Severity::Low } else { Severity::High };
    cx.report(used, message).severity(severity).note(note).fix(format!("Copy `{name}` in the body of the loop"), edit);
}

/// Whether the literal around a use of a variable has it for lines of a log only.
fn is_told_only(cx: &Cx, variable: ExprId, used: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(used) else { return false };
    let literal = cx.span(func.node);
    let is_logged = |used: ExprId| matches!(cx.enclosing_stmt(used).map(|stmt| cx.stmt(stmt)), Some(Stmt::Expr(call)) if is_logged(cx, call));
    cx.names.uses(variable).filter(|&used| literal.contains(cx.span(used))).all(is_logged)
}

/// The edit that gives each iteration a variable of its own, where the body does not assign to it.
fn copy(cx: &Cx, variable: ExprId, body: StmtId) -> Option<(Span, String)> {
    let is_inside = |used: ExprId| used != variable && cx.span(body).contains(cx.span(used));
    let assigns = cx.names.uses(variable).any(|used| is_inside(used) && cx.is_target(used));
    let &first = cx.list_of(Node::Stmt(body)).first().filter(|_| !assigns)?;
    let start = cx.span(first).start;
    let name = cx.source(variable);
    Some((Span::new(start, start), format!("{name} := {name}\n{}", cx.indent(first))))
}
