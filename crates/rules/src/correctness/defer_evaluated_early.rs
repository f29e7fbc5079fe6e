//! An argument of a deferred call is read when `defer` runs, not at the end.
//!
//! The arguments of a deferred call are evaluated at the `defer` statement (Go spec, "Defer statements"). So
//! `time.Since(start)` there measures nothing, and a result like `err` is still nil: the dashboard shows zero seconds and
//! no failures, whatever happens. Wrap the call in a function literal, whose body runs at the end.
//!
//! Limits: a clean-up function that a deferred call returns, and nobody calls, is not found.
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
//! func handle(req Request) (err error) {
//! 	start := time.Now()
//! 	defer func() { latency.Observe(time.Since(start).Seconds()) }()
//! 	defer track(time.Now())
//! 	defer func(began time.Time) { log.Print(time.Since(began)) }(start)
//! 	if err := check(req); err != nil {
//! 		defer report(err)
//! 		return err
//! 	}
//! 	return process(req)
//! }
//! ```
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
    file: file!(),
};

fn check(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Expr::Call { args, .. } = cx.expr(call) else { return };
    let args = cx.exprs(args);
    if args.is_empty() {
        return;
    }
    cx.examined();
    let result = || args.iter().copied().find(|&arg| is_error_result(cx, defer, arg));
    let Some(early) = elapsed(cx, args).or_else(result) else { return };
    let function = match cx.enclosing_func(defer) {
        Some(Func { node: Node::Decl(decl), .. }) => format!("`{}`", cx.func_name(decl).unwrap_or_default()),
        _ => "the function".to_owned(),
    };
    let name = cx.source(early);
    let message = format!("`{name}` is evaluated here, at the `defer`, not when {function} returns");
    let (span, source) = (cx.span(call), cx.source(call));
    cx.report(early, message)
        .note("the body of a deferred function literal runs at the end")
        .fix("Defer a function literal", [(span, format!("func() {{ {source} }}()"))]);
}

/// A `time.Since(…)` in the arguments, outside function literals.
fn elapsed(cx: &Cx, args: &[ExprId]) -> Option<ExprId> {
    let mut found = None;
    for &arg in args {
        cx.any(arg, false, |node| match node {
            Node::Expr(id) if found.is_none() && cx.calls(id, &["time.Since"]) => {
                found = Some(id);
                true
            }
            _ => false,
        });
    }
    found
}

/// Whether the argument is the function's own `error` result, and nothing says that it is set already.
fn is_error_result(cx: &Cx, defer: StmtId, arg: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(arg) else { return false };
    let Some(func) = cx.enclosing_func(defer) else { return false };
    let Expr::FuncType { results, .. } = cx.expr(func.ty) else { return false };
    let mut results = cx.params(results).into_iter();
    let is_result = results.any(|(name, ty)| name == Some(declaring) && cx.is_builtin(ty, "error"));
    let within_func = cx.tree.ancestors(defer).take_while(|&node| node != func.node);
    let in_branch = |node| match node {
        Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::If { .. } | Stmt::CaseClause { .. }),
        _ => false,
    };
    is_result && !within_func.into_iter().any(in_branch)
}
