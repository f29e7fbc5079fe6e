//! An argument of a deferred call is evaluated too early.
//!
//! The arguments of a deferred call are evaluated at the `defer` statement, not when the function returns (Go spec, "Defer
//! statements"). So `time.Since(start)` measures nothing there, and a result such as `err` is still nil: the dashboard shows
//! zero seconds and no failures, whatever happens. Wrap the call in a function literal, whose body runs at the end.
//!
//! A local variable that is changed after the `defer` is reported as a question, since its old value may be what is wanted.
//!
//! Limits: of named results, only those are reported that are not set before the `defer`. A clean-up function that a deferred call
//! returns, and that nobody calls, is not found.
//!
//! ```go bad
//! func handle(req Request) (err error) {
//! 	start := time.Now()
//! 	defer latency.Observe(time.Since(start).Seconds())
//! 	//                    ^^^^^^^^^^^^^^^^^ `time.Since(start)` is evaluated here, at the `defer`, not when `handle` returns
//! 	defer logResult(req, err)
//! 	//                   ^^^ `err` is evaluated here, at the `defer`
//! 	return process(req)
//! }
//! ```
//! ```diff fixed
//! -	defer latency.Observe(time.Since(start).Seconds())
//! -	defer logResult(req, err)
//! +	defer func() { latency.Observe(time.Since(start).Seconds()) }()
//! +	defer func() { logResult(req, err) }()
//! ```
//! ```go good
//! func handle(req Request) error {
//! 	start := time.Now()
//! 	defer func() { latency.Observe(time.Since(start).Seconds()) }() // runs at the end
//! 	return process(req)
//! }
//! ```
//! ```go good
//! func handle(req Request) error {
//! 	defer track(time.Now()) // the time at the start is what is wanted
//! 	return process(req)
//! }
//! ```
//! ```go good
//! func handle(req Request) (err error) {
//! 	if err = check(req); err != nil {
//! 		defer report(err) // is set already
//! 	}
//! 	return err
//! }
//! ```
//!
//! # Idiom
//!
//! `defer` evaluates the arguments at once and makes the call at the end. A function literal without arguments sees the values at the end
//! instead.
//!
//! # Impact
//!
//! The histogram shows zero seconds, or the failure counter stays at zero, in every run. Dashboards look perfect while
//! users complain.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a fake recorder and a body that sleeps 10 ms or fails
//!
//! # References
//!
//! - [Go spec, "Defer statements"](https://go.dev/ref/spec#Defer_statements)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/defer-evaluated-early",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Operability, 2)],
    equivalents: &["vet:defers", "staticcheck:SA9010"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Defer], check)],
    examines: "arguments of deferred calls",
};

fn check(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if matches!(cx.expr(fun), Expr::FuncLit { .. }) && args.is_empty() {
        return;
    }
    cx.examined();
    // What is called is evaluated early as well: `defer latency.With(err).Observe(1)`.
    let certain = cx.find_expr(call, false, |id| is_elapsed(cx, id) || is_unset_result(cx, defer, id));
    let changed = || cx.exprs(args).iter().copied().find(|&arg| is_changed_later(cx, defer, arg));
    let Some(early) = certain.or_else(changed) else { return };
    let function = match cx.enclosing_func(defer) {
        Some(Func { node: Node::Decl(decl), .. }) => format!("`{}`", cx.func_name(decl).unwrap_or_default()),
        _ => "the function".to_owned(),
    };
    let (span, source, name) = (cx.span(call), cx.source(call), cx.source(early));
    let message = format!("`{name}` is evaluated here, at the `defer`, not when {function} returns");
    let report = cx.report(early, message).note("the body of a deferred function literal runs at the end");
    // The old value may be what is wanted, to restore it.
    let report = if certain.is_none() { report.question() } else { report };
    report
        .one_of("deferred calls in this file have such an argument")
        .fix("Defer a function literal", [(span, format!("func() {{ {source} }}()"))]);
}

/// `time.Since(start)`, `time.Now().Sub(start)`.
fn is_elapsed(cx: &Cx, expr: ExprId) -> bool {
    let subtracts = || {
        let receiver = cx.call(expr).filter(|call| call.callee.is(&["time.Time.Sub"])).and_then(|call| call.receiver);
        receiver.is_some_and(|now| cx.calls(now, &["time.Now"]))
    };
    cx.calls(expr, &["time.Since"]) || subtracts()
}

/// Whether an argument is a named result of the function that has no value yet.
fn is_unset_result(cx: &Cx, defer: StmtId, arg: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(arg) else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(arg) else { return false };
    let is_arg = matches!(cx.expr(call), Expr::Call { args, .. } if cx.tree.place(cx.exprs(args), arg).is_some());
    let Some(func) = cx.enclosing_func(defer).filter(|_| is_arg) else { return false };
    // Any earlier use may have set it, and what it refers to may be filled later.
    let start = cx.span(defer).start;
    let used_before = || cx.names.uses(declaring).any(|used| used != declaring && cx.span(used).start < start);
    let refers = matches!(cx.under(arg), Type::Pointer(_) | Type::Map { .. } | Type::Chan { .. } | Type::Signature(_));
    cx.is_result(func, declaring) && !refers && !used_before()
}

/// Whether an argument is a local number, text, truth or error that the function changes after the `defer`.
fn is_changed_later(cx: &Cx, defer: StmtId, arg: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(arg) else { return false };
    // A test cleans up what it made first.
    let is_plain = cx.ty(arg) == TypeId::ERROR || matches!(cx.under(arg), Type::Basic(_));
    let is_plain = is_plain && !cx.file.is_test();
    let Some(func) = cx.enclosing_func(defer).filter(|_| is_plain) else { return false };
    // In a loop, the change may belong to the next iteration.
    let is_own = cx.span(func.body).contains(cx.span(declaring)) && cx.enclosing_loop(defer).is_none();
    is_own && cx.once(declaring, last_change).is_some_and(|change| cx.span(change).start > cx.span(defer).start)
}

/// The last assignment to a local.
fn last_change(cx: &Cx, declaring: Node) -> Option<Node> {
    let Node::Expr(declaring) = declaring else { return None };
    let assigned = |&used: &ExprId| used != declaring && cx.is_target(used);
    cx.names.uses(declaring).filter(assigned).max_by_key(|&used| cx.span(used).start).map(Node::Expr)
}
