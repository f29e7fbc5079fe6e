//! The process exits while deferred clean-up is pending.
//!
//! `os.Exit` ends the program at once and runs no deferred function (package `os`, "Exit"), and `log.Fatal` calls it. So in
//! exactly the run that failed, buffered spans and log lines are not flushed, temporary files stay, and a profile is cut short.
//! Return an error from a `run` function and exit in `main`, which then has nothing to defer.
//!
//! Limits: an exit in a function that is called from here is not found, and neither is one where the clean-up was deferred on
//! another path. Not reported is clean-up that the end of the process does by itself, such as closing files and canceling
//! contexts; whether a deferred function does more is judged by its name.
//!
//! ```go bad
//! func main() {
//! 	shutdown := tracing.Start()
//! 	defer shutdown()
//! 	if err := serve(); err != nil {
//! 		log.Fatal(err)
//! //^^^^^^^^^ `log.Fatal` ends the process, so the deferred `shutdown` never runs
//! 	}
//! }
//! ```
//! ```go good
//! func main() {
//! 	ctx, cancel := context.WithCancel(context.Background())
//! 	defer cancel() // the end of the process does this too
//! 	if err := run(ctx); err != nil {
//! 		log.Fatal(err)
//! 	}
//! }
//! ```
//! ```go good
//! func run(ctx context.Context) error {
//! 	db, err := open(ctx)
//! 	if err != nil {
//! 		log.Fatal(err) // nothing is deferred yet
//! 	}
//! 	defer db.Close()
//! 	return work(ctx, db)
//! }
//! ```
//! ```go good
//! func main() {
//! 	tracer := start()
//! 	defer tracer.Shutdown()
//! 	if err := work(); err != nil {
//! 		tracer.Shutdown() // done by hand before the exit
//! 		os.Exit(1)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! In exactly the run that failed, what was deferred is not done: logs and spans are not flushed, temporary files stay,
//! profiles are cut short. Often the evidence of the failure is lost with it.
//!
//! # Verify
//!
//! - `go run {package}; ls /tmp`: provoke the failure and look for what the deferred function was to remove
//!
//! # References
//!
//! - [Package os, Exit](https://pkg.go.dev/os#Exit)
use gopeer_lint::prelude::*;

use super::at_exit::matters;

pub static RULE: Rule = Rule {
    id: "errors/exit-after-defer",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 2), (Concern::DataLoss, 1), (Concern::Correctness, 2)],
    equivalents: &["gocritic:exitAfterDefer"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "calls that end the process",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if cx.ends(call) != Some(End::Exit) {
        return;
    }
    // A failing example may leave what it likes; a TestMain that exits skips its own clean-up.
    let function = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl));
    let in_scope = if cx.file.is_test() { function == Some("TestMain") } else { cx.file.purpose().is_service() };
    if !in_scope {
        return;
    }
    cx.examined();
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_)) {
        return;
    }
    let Some(pending) = pending(cx, stmt) else { return };
    if exited_before(cx, call, pending) || flushes_itself(cx, call, pending) {
        return;
    }
    let exit = cx.source(fun);
    let cleanup = match cx.expr(pending) {
        Expr::Call { fun, .. } if !matches!(cx.expr(fun), Expr::FuncLit { .. }) => format!("`{}`", cx.source(fun)),
        _ => "function".to_owned(),
    };
    let span = cx.span(pending);
    cx.report(fun, format!("`{exit}` ends the process, so the deferred {cleanup} never runs"))
        .note_at(span, "deferred here")
        .note("return the error and let the outermost function exit");
}

/// Whether the deferred call flushes a log that ends the process: it does so before.
fn flushes_itself(cx: &Cx, exit: ExprId, pending: ExprId) -> bool {
    let (Some(exit), Some(flush)) = (cx.callee(exit), cx.callee(pending)) else { return false };
    let logger = || cx.method_call(pending).map_or("", |(on, ..)| cx.source(on)).to_ascii_lowercase();
    let of_klog = flush.path == "k8s.io/component-base/logs" && exit.path.starts_with("k8s.io/klog");
    flush.name.starts_with("Flush") && (flush.path == exit.path || of_klog)
        || flush.name == "Sync" && exit.name.starts_with("Fatal") && (logger().contains("log") || logger() == "lg")
}

/// Whether an exit between the two has told of the same deferred call.
fn exited_before(cx: &Cx, exit: ExprId, pending: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(exit) else { return false };
    let between = Span::new(cx.span(pending).end, cx.span(exit).start);
    let exits = cx.within(func.body, false, is_exit_call);
    let first = exits.partition_point(|&other| cx.span(other).start < between.start);
    exits.get(first).is_some_and(|&other| between.contains(cx.span(other)))
}

fn is_exit_call(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(call) if cx.ends(call) == Some(End::Exit))
}

/// The nearest deferred call that every way to `exit` has passed, that matters to a dying process, and that was not
/// made by hand before.
fn pending(cx: &Cx, exit: StmtId) -> Option<ExprId> {
    let outermost = || cx.tree.ancestors(exit).last();
    let root = cx.enclosing_func(exit).map(|func| Node::Stmt(func.body)).or_else(outermost)?;
    let defers = cx.within(root, false, |cx, node| deferred(cx, node).is_some_and(|call| matters(cx, call)));
    let before = defers.partition_point(|&defer| cx.span(defer).start < cx.span(exit).start);
    let passed = |&&defer: &&Node| {
        let Node::Stmt(defer) = defer else { return false };
        let list = cx.tree.parent(defer).filter(|_| cx.place_in_list(defer).is_some());
        list.is_some_and(|list| cx.span(list).contains(cx.span(exit))) && !is_repeated(cx, defer, exit)
    };
    defers.iter().take(before).rfind(passed).and_then(|&defer| deferred(cx, defer))
}

fn deferred(cx: &Cx, node: Node) -> Option<ExprId> {
    let Node::Stmt(id) = node else { return None };
    match cx.stmt(id) {
        Stmt::Defer(call) => Some(call),
        _ => None,
    }
}

/// Whether a statement on the way from a `defer` to an exit makes the deferred call by hand.
fn is_repeated(cx: &Cx, defer: StmtId, exit: StmtId) -> bool {
    let Some(first @ Node::Stmt(_)) = cx.once(defer, first_repeat) else { return false };
    let (first_span, at) = (cx.span(first), cx.span(exit));
    if !first_span.contains(at) {
        return first_span.start < at.start;
    }
    let Some(call) = deferred(cx, defer.into()) else { return false };
    let inside = std::iter::once(Node::Stmt(exit)).chain(cx.tree.ancestors(exit)).take_while(|&node| node != first);
    inside.into_iter().any(|node| {
        let Node::Stmt(stmt) = node else { return false };
        let before = cx.siblings(stmt).iter().take(cx.place_in_list(stmt).unwrap_or(0));
        before.into_iter().any(|&done| deferred(cx, done.into()).is_none() && repeats(cx, done, call))
    })
}

/// The first statement after a `defer` in its list that makes the deferred call by hand.
fn first_repeat(cx: &Cx, defer: Node) -> Option<Node> {
    let Node::Stmt(defer) = defer else { return None };
    let call = deferred(cx, defer.into())?;
    let mut after = cx.siblings(defer).iter().skip(cx.place_in_list(defer)? + 1);
    let repeats = |&&done: &&StmtId| deferred(cx, done.into()).is_none() && repeats(cx, done, call);
    after.find(repeats).map(|&done| done.into())
}

fn repeats(cx: &Cx, done: StmtId, call: ExprId) -> bool {
    match cx.expr(call) {
        Expr::Call { fun, .. } => cx.source(done).contains(cx.source(fun)),
        _ => false,
    }
}
