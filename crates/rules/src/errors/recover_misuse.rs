//! `recover` does nothing here, or what it gives is thrown away.
//!
//! `recover` stops a panic only where a deferred function calls it directly (Go spec, "Handling panics"). One call deeper, in a function
//! that is not deferred, or as `defer recover()`, it returns nil and the panic goes on: the process that looked safe ends with all it was
//! doing. Where it does stop the panic and its value is ignored, the goroutine ends without a trace: a fault that should be seen in the
//! log, with `debug.Stack()`, is not.
//!
//! Limits: a function that is passed on or stored may be deferred by others and is left alone, and so is every declared function. That a
//! panic ends without a trace is not reported where the function sends to a channel or closes one.
//!
//! ```go bad
//! func run(job func()) {
//! 	report := func() {
//! 		if v := recover(); v != nil {
//! 		//      ^^^^^^^^^ `recover` has no effect here: `report` is not deferred, it is called by a deferred function
//! 			slog.Error("job panicked", "panic", v)
//! 		}
//! 	}
//! 	defer func() { report() }()
//! 	job()
//! }
//! ```
//! ```go bad
//! func run(job func()) {
//! 	defer recover()
//! 	//    ^^^^^^^^^ `recover` has no effect here: a deferred function has to call it
//! 	job()
//! }
//! ```
//! ```go bad
//! func run(job func()) {
//! 	defer func() {
//! 		recover()
//! //<^^^^^^^^^ low: a panic ends here without a trace
//! 	}()
//! 	job()
//! }
//! ```
//! ```go good
//! func run(job func()) {
//! 	report := func() {
//! 		if v := recover(); v != nil {
//! 			slog.Error("job panicked", "panic", v, "stack", string(debug.Stack()))
//! 		}
//! 	}
//! 	defer report() // deferred itself
//! 	job()
//! }
//!
//! func closeTwice(ch chan int) {
//! 	defer func() { recover() }() // for a channel that is closed already
//! 	close(ch)
//! }
//! ```
//!
//! # Impact
//!
//! Either the panic goes through and ends the process with everything else that it was doing, or it is swallowed and
//! the goroutine is gone without a trace: a worker pool that shrinks until nothing moves. In the first case the pod
//! restarts with a stack in its last lines; in the second there are no lines at all.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: panic in the guarded function; the test binary must survive, and the value must
//!   reach a log or an error
//!
//! # References
//!
//! - [Go spec, "Handling panics"](https://go.dev/ref/spec#Handling_panics)
//! - [Go blog, "Defer, Panic, and Recover"](https://go.dev/blog/defer-panic-and-recover)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/recover-misuse",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Errors, 2)],
    equivalents: &["revive:defer"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "calls of recover",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !cx.is_builtin(fun, "recover") {
        return;
    }
    cx.examined();
    if is_called_by(cx, call, |stmt| matches!(stmt, Stmt::Defer(_))) {
        cx.report(call, "`recover` has no effect here: a deferred function has to call it");
        return;
    }
    let Some(func) = cx.enclosing_func(call) else { return };
    let Node::Expr(literal) = func.node else { return };
    match called(cx, literal) {
        Called::Deferred if is_thrown_away(cx, call) && !is_for_channel(cx, func) => {
            let reason = comment(cx, call, func);
            cx.report(call, "a panic ends here without a trace")
                .severity(Severity::Low)
                .note("log its value and the stack")
                .excused(reason)
                .question();
        }
        Called::Plainly(by) => {
            let message = format!("`recover` has no effect here: {by}");
            cx.report(call, message);
        }
        _ => {}
    }
}

/// How a function literal is called.
enum Called {
    Deferred,
    /// Never by `defer`.
    Plainly(String),
    Unknown,
}

fn called(cx: &Cx, literal: ExprId) -> Called {
    match cx.tree.parent(literal) {
        Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if fun == literal) => {
            if is_called_by(cx, call, |stmt| matches!(stmt, Stmt::Defer(_))) {
                Called::Deferred
            } else {
                Called::Plainly("the function around it is not deferred".to_owned())
            }
        }
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Define, rhs } => {
                let variable = cx.tree.place(cx.exprs(rhs), literal).and_then(|at| cx.exprs(lhs).get(at).copied());
                variable.map_or(Called::Unknown, |variable| by_variable(cx, variable))
            }
            _ => Called::Unknown,
        },
        _ => Called::Unknown,
    }
}

/// How the function that a variable holds is called.
fn by_variable(cx: &Cx, variable: ExprId) -> Called {
    let Def::Local(declared) = cx.def(variable) else { return Called::Unknown };
    let mut by_deferred = false;
    let mut any = false;
    for used in cx.names.uses(declared).filter(|&used| used != declared) {
        let Some(Node::Expr(call)) = cx.tree.parent(used) else { return Called::Unknown };
        let is_call = matches!(cx.expr(call), Expr::Call { fun, .. } if fun == used);
        if !is_call || is_called_by(cx, call, |stmt| matches!(stmt, Stmt::Defer(_))) {
            return Called::Unknown;
        }
        any = true;
        by_deferred |= cx.enclosing_func(call).is_some_and(|func| match func.node {
            Node::Expr(literal) => matches!(called_directly(cx, literal), Called::Deferred),
            _ => false,
        });
    }
    let name = cx.source(variable);
    match (any, by_deferred) {
        (false, _) => Called::Unknown,
        (true, true) => Called::Plainly(format!("`{name}` is not deferred, it is called by a deferred function")),
        (true, false) => Called::Plainly(format!("`{name}` is not deferred")),
    }
}

fn called_directly(cx: &Cx, literal: ExprId) -> Called {
    match cx.tree.parent(literal) {
        Some(Node::Expr(call)) if is_called_by(cx, call, |stmt| matches!(stmt, Stmt::Defer(_))) => Called::Deferred,
        _ => Called::Unknown,
    }
}

/// Whether a call is the call of a statement such as `defer`.
fn is_called_by(cx: &Cx, call: ExprId, kind: impl Fn(Stmt) -> bool) -> bool {
    matches!(cx.tree.parent(call), Some(Node::Stmt(stmt)) if kind(cx.stmt(stmt)))
}

/// `recover()` and `_ = recover()`.
fn is_thrown_away(cx: &Cx, call: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
    let alone = |stmt: StmtId| cx.siblings(stmt).len() == 1;
    match cx.stmt(stmt) {
        Stmt::Expr(_) => alone(stmt),
        Stmt::Assign { lhs, .. } => alone(stmt) && cx.only(lhs).is_some_and(|target| cx.source(target) == "_"),
        _ => false,
    }
}

/// Whether the function that defers sends to a channel or closes one, which panics where it is closed already: that is then meant.
fn is_for_channel(cx: &Cx, literal: Func) -> bool {
    let Some(func) = cx.enclosing_func(literal.node) else { return false };
    cx.any(func.body, false, |node| match node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Send { .. }),
        Node::Expr(id) => matches!(cx.expr(id), Expr::Call { fun, .. } if cx.is_builtin(fun, "close")),
        _ => false,
    })
}

/// The comment at a call, or at the `defer` around it: it can only speak of the panic.
fn comment<'a>(cx: &Cx<'a>, call: ExprId, func: Func) -> Option<&'a str> {
    let defer = cx.around(func.node, |_, node| matches!(node, Node::Stmt(_)));
    cx.comments_at(call).next().or_else(|| cx.comments_at(defer?).next())
}
