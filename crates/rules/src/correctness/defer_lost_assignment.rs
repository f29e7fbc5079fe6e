//! A deferred function assigns to a variable that nobody reads any more.
//!
//! `return` copies its values before deferred calls run (Go spec, "Defer statements"). Only a named result can still be changed by them.
//! The error of a `Close`, or the one that `recover` turns a panic into, is lost, and the caller takes it for success: name the result.
//!
//! Limits: variables that another closure mentions, whose address is taken, or that the deferred function itself reads after the
//! assignment are left alone.
//!
//! ```go bad
//! func write(path string, data []byte) error {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer func() {
//! 		err = errors.Join(err, f.Close())
//! //<^^^ `err` is not a named result, so what the deferred function assigns to it is lost
//! 	}()
//! 	_, err = f.Write(data)
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -func write(path string, data []byte) error {
//! +func write(path string, data []byte) (err error) {
//! ```
//! ```go bad
//! func run(job func() int) (int, error) {
//! 	var err error
//! 	defer func() {
//! 		if v := recover(); v != nil {
//! 			err = fmt.Errorf("job: %v", v)
//! //<^^^ `err` is not a named result, so what the deferred function assigns to it is lost
//! 		}
//! 	}()
//! 	return job(), err
//! }
//! ```
//! ```go good
//! func write(path string, data []byte) (err error) {
//! 	f, err := os.Create(path)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer func() {
//! 		err = errors.Join(err, f.Close()) // the result
//! 	}()
//! 	_, err = f.Write(data)
//! 	return err
//! }
//! ```
//! ```go good
//! func check(path string) bool {
//! 	f, err := os.Open(path)
//! 	if err != nil {
//! 		return false
//! 	}
//! 	defer func() {
//! 		if err = f.Close(); err != nil { // read right here
//! 			slog.Warn("close", "err", err)
//! 		}
//! 	}()
//! 	return true
//! }
//! ```
//!
//! # Impact
//!
//! The failure of the deferred step, a `Close` that could not flush or a panic that was recovered, is lost, and the
//! caller goes on as if all had worked: a truncated file counts as written. Nothing is logged. A test with a closer
//! that fails sees a nil error.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: pass a writer whose `Close` returns an error, or make the body panic, and expect
//!   an error back
//!
//! # Options
//!
//! - Name the result: one word in the signature, and the deferred function can set it on every path
//!   - senior, backend, cloud-native: the documented way to change a result
//! - Close explicitly before returning, and keep the deferred `Close` for early exits: no named result, two calls of
//!   `Close`
//!   - data, throughput: the last write is checked where it happens
//!
//! # References
//!
//! - [Go spec, "Defer statements"](https://go.dev/ref/spec#Defer_statements)
//! - [Go blog, "Defer, Panic, and Recover"](https://go.dev/blog/defer-panic-and-recover)
use gopeer_lint::prelude::*;

use crate::errors::support::returns_error;

pub static RULE: Rule = Rule {
    id: "correctness/defer-lost-assignment",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Defer], check)],
    examines: "deferred functions",
};

fn check(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Some(literal) = cx.as_func(Node::Expr(cx.unparen(fun))) else { return };
    let Some(func) = cx.enclosing_func(defer) else { return };
    cx.examined();
    let assigns: gopeer_lint::Wanted = |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Assign { op, .. } if op != AssignOp::Define));
    for &node in cx.within(literal.body, false, assigns).iter() {
        let Node::Stmt(stmt) = node else { continue };
        let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { continue };
        for &target in cx.exprs(lhs) {
            let Def::Local(declared) = cx.def(target) else { continue };
            if cx.expr(target) == Expr::Ident && is_lost(cx, func, literal, stmt, declared) {
                report(cx, func, target, declared);
            }
        }
    }
}

/// Whether nobody can read what a deferred function assigns to a variable of the function around, which returns that variable or has
/// an error to return.
fn is_lost(cx: &Cx, func: Func, literal: Func, stmt: StmtId, declared: ExprId) -> bool {
    let of_body = cx.enclosing_func(declared).is_some_and(|around| around.node == func.node)
        && cx.span(func.body).contains(cx.span(declared));
    if !of_body || cx.enclosing_loop(stmt).is_some() {
        return false;
    }
    // Each deferred function asks about all mentions; a variable with so many is left alone.
    const MOST: usize = 256;
    if cx.names.uses(declared).nth(MOST).is_some() {
        return false;
    }
    let is_error = cx.ty(declared) == TypeId::ERROR;
    let returned = |used: ExprId| {
        cx.tree
            .ancestors(used)
            .take(4)
            .any(|node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_))))
    };
    let mut matters = is_error && returns_error(cx, func);
    for used in cx.names.uses(declared).filter(|&used| used != declared) {
        let around = cx.enclosing_func(used).map(|around| around.node);
        let addressed = matches!(cx.tree.parent(used), Some(Node::Expr(outer)) if matches!(cx.expr(outer), Expr::Unary { op: UnaryOp::Addr, .. }));
        let later = around == Some(literal.node) && cx.span(used).start > cx.span(stmt).end;
        if addressed || later || around != Some(literal.node) && around != Some(func.node) {
            return false;
        }
        matters |= around == Some(func.node) && returned(used);
    }
    // `if err = f.Close(); err != nil`: read in the statement that it is part of.
    let in_header = cx.place_in_list(stmt).is_none();
    matters && !in_header
}

fn report(cx: &mut Cx, func: Func, target: ExprId, declared: ExprId) {
    let name = cx.source(target);
    let fix = named(cx, func, declared);
    let steps = vec![
        (cx.span(declared), format!("`{name}` is a local variable")),
        (cx.span(target), "what the function gives to its caller is settled before this runs".to_owned()),
    ];
    let report = cx
        .report(target, format!("`{name}` is not a named result, so what the deferred function assigns to it is lost"))
        .steps(steps);
    if let Some(edit) = fix {
        report.fix(format!("Name the result `{name}`"), [edit]);
    }
}

/// The edit that makes an error the named result of its function: its declaration then assigns to the result.
fn named(cx: &Cx, func: Func, declared: ExprId) -> Option<(Span, String)> {
    let Node::Stmt(stmt) = cx.tree.parent(declared)? else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Define, .. } = cx.stmt(stmt) else { return None };
    let others_new = cx.exprs(lhs).iter().any(|&other| other != declared && cx.def(other) == Def::Local(other));
    let results = cx.results_of(func);
    let unnamed = results.iter().all(|(name, _)| name.is_none());
    let top = cx.tree.parent(stmt) == Some(Node::Stmt(func.body));
    if !top || !others_new || !unnamed || cx.ty(declared) != TypeId::ERROR || !returns_error(cx, func) {
        return None;
    }
    let (&(_, first), &(_, last)) = (results.first()?, results.last()?);
    let blanks: String = results[..results.len() - 1].iter().map(|&(_, ty)| format!("_ {}, ", cx.source(ty))).collect();
    let text = format!("{blanks}{} error", cx.source(declared));
    let span = Span::new(cx.span(first).start, cx.span(last).end);
    Some((span, if results.len() == 1 { format!("({text})") } else { text }))
}
