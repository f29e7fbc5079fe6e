//! A server is shut down with a context that has already ended.
//!
//! `Shutdown` waits for the requests that are being served until its context ends (documentation of `net/http.Server.Shutdown`). The
//! context of the signal has ended when the signal is there, and so has every context that is derived from it: `Shutdown` returns at once with
//! `context canceled`, and the requests in flight are cut off. Give it a context of its own:
//! `context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)`.
//!
//! Limits: only where the function receives from `Done` of the same context before, and calls `Shutdown` itself, or a
//! function of the package that shuts down with the context which it is given. A context without a deadline is not reported: who stops the process has one.
//!
//! ```go bad
//! func run(srv *http.Server) error {
//! 	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
//! 	defer stop()
//! 	go srv.ListenAndServe()
//! 	<-ctx.Done()
//! 	return srv.Shutdown(ctx)
//! 	//                  ^^^ `ctx` has ended when `srv.Shutdown` is called, so it does not wait
//! }
//! ```
//! ```go bad
//! func run(ctx context.Context, srv *http.Server) error {
//! 	failed := make(chan error, 1)
//! 	go func() { failed <- srv.ListenAndServe() }()
//! 	select {
//! 	case err := <-failed:
//! 		return err
//! 	case <-ctx.Done():
//! 		sctx, cancel := context.WithTimeout(ctx, 10*time.Second)
//! 		defer cancel()
//! 		return srv.Shutdown(sctx)
//! 		//                  ^^^^ `sctx` has ended when `srv.Shutdown` is called
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		sctx, cancel := context.WithTimeout(ctx, 10*time.Second)
//! +		sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
//! ```
//! ```go good
//! func run(ctx context.Context, srv *http.Server) error {
//! 	failed := make(chan error, 1)
//! 	go func() { failed <- srv.ListenAndServe() }()
//! 	select {
//! 	case err := <-failed:
//! 		log.Print(err)
//! 		return srv.Shutdown(ctx) // has not ended on this path
//! 	case <-ctx.Done():
//! 	}
//! 	sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
//! 	defer cancel()
//! 	return srv.Shutdown(sctx)
//! }
//! ```
//!
//! # Impact
//!
//! `Shutdown` returns at once with "context canceled" or "deadline exceeded", and the process exits with requests in
//! flight, exactly what the code was written to avoid. The log has that error once per deployment, if anybody logs it.
//! A slow request during SIGTERM is cut off.
//!
//! # Verify
//!
//! - `(curl -s http://localhost:8080/SLOW -o out.txt; echo done $?) & sleep 0.2; kill -TERM PID; wait`: `done 0` after
//!   the grace, not `done 52` at once
//!
//! # References
//!
//! - [Package net/http, Server.Shutdown](https://pkg.go.dev/net/http#Server.Shutdown)
//! - [Package context, WithoutCancel](https://pkg.go.dev/context#WithoutCancel)
use gopeer_lint::prelude::*;
use gopeer_lint::{FuncName, Next, Op, OpKind, State, Step, Values, Watch};

pub static RULE: Rule = Rule {
    id: "resilience/shutdown-context-invalid",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(SHUTS_DOWN, check), Hook::Expr(&[ExprKind::Call], check_handed)],
    examines: "calls of Shutdown",
};

const SHUTS_DOWN: &[&str] = &[
    "net/http.Server.Shutdown",
    "github.com/gofiber/fiber/v2.App.ShutdownWithContext",
    "github.com/labstack/echo/v4.Echo.Shutdown",
    "go.opentelemetry.io/otel/sdk/metric.MeterProvider.Shutdown",
    "go.opentelemetry.io/otel/sdk/trace.TracerProvider.Shutdown",
];

const DERIVES: &[&str] = &["context.WithCancel", "context.WithDeadline", "context.WithTimeout", "context.WithValue"];

fn check(cx: &mut Cx, shutdown: Call) {
    cx.examined();
    if let Some(&given) = shutdown.args.first() {
        check_given(cx, shutdown, given, None);
    }
}

/// A call of a function that shuts something down with the context that it is given.
fn check_handed(cx: &mut Cx, call: ExprId) {
    let Some(call) = cx.call(call).filter(|call| cx.is_own(&call.callee)) else { return };
    let is_context = |arg: &ExprId| cx.expr(*arg) == Expr::Ident && cx.has_type(*arg, &["context.Context"]);
    let Some(index) = call.args.iter().position(is_context) else { return };
    let given = call.args[index];
    let Some(func) = cx.enclosing_func(call.expr) else { return };
    let waits = cx.within(func.body, false, receives);
    if !waits.iter().take(8).any(|node| matches!(*node, Node::Expr(receive) if is_done_of(cx, receive, given))) {
        return;
    }
    let inner = cx.find_within(call, shuts_down_with, index);
    if inner.is_some() {
        cx.examined();
        check_given(cx, call, given, inner);
    }
}

fn receives(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. }))
}

/// Where a function shuts something down with a parameter, or with what it derives from that.
fn shuts_down_with(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into())?;
    let param = cx.param_at(func, index)?;
    let with = |call: &Call| {
        let ended = call.args.first().and_then(|&given| ended(cx, given));
        ended.is_some_and(|(context, _)| cx.def(cx.unparen(context)) == Def::Local(param))
    };
    let call = cx.calls_of(SHUTS_DOWN).into_iter().find(with)?.expr;
    let replaces = |node: &Node| matches!(*node, Node::Stmt(assign) if is_replaced(cx, assign, param));
    let replaced = cx.within(func.body, false, assigns).iter().any(replaces);
    (!replaced).then_some(call)
}

fn assigns(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Assign { .. }))
}

/// Whether a parameter gets a context that is not derived from it: `ctx, cancel := context.WithTimeout(ctx, limit)` ends
/// with the one before.
fn is_replaced(cx: &Cx, assign: StmtId, param: ExprId) -> bool {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(assign) else { return false };
    let is_param = |&id: &ExprId| cx.def(cx.unparen(id)) == Def::Local(param);
    let derives = |call: Call| call.callee.is(DERIVES) && call.args.first().is_some_and(is_param);
    cx.exprs(lhs).iter().any(is_param) && !cx.only(rhs).and_then(|value| cx.call(value)).is_some_and(derives)
}

fn check_given(cx: &mut Cx, shutdown: Call, given: ExprId, inner: Option<(FuncName, ExprId)>) {
    let Some(func) = cx.enclosing_func(shutdown.expr) else { return };
    let Some((context, parent)) = ended(cx, given) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    let waits = cx.within(func.body, false, receives);
    let waits = waits.iter().filter_map(|&node| if let Node::Expr(id) = node { Some(id) } else { None });
    let waits = waits.filter(|&receive| is_done_of(cx, receive, given) || is_done_of(cx, receive, context));
    let reaching = waits.take(8).find(|&receive| {
        let Some(point) = followed.after_receive(receive) else { return false };
        let mut watch = Reaches { cx, context, call: shutdown.expr };
        cx.follow(&followed, &mut cx.start(&followed, point), &mut watch).is_some()
    });
    let Some(receive) = reaching else { return };
    let (name, source, fun) = (cx.source(given), cx.source(context), cx.source(shutdown.fun));
    let mut steps: Vec<Step> = vec![(cx.span(receive), format!("`{source}` has ended here")).into()];
    if let Some(parent) = parent {
        steps.push((cx.span(parent), format!("`{name}` is derived from it, and has ended with it")).into());
    }
    steps.extend(inner.map(|(within, at)| Step::within(within, at, "this shuts down with it")));
    steps.push((cx.span(shutdown.fun), format!("`{fun}` returns at once")).into());
    let edit = parent.zip(cx.name_for("context"));
    let edit =
        edit.map(|(parent, package)| (cx.span(parent), format!("{package}.WithoutCancel({})", cx.source(parent))));
    cx.report(given, format!("`{name}` has ended when `{fun}` is called, so it does not wait"))
        .steps(steps)
        .note("what is in flight is cut off; give it a context that outlives the signal, with a time limit of its own")
        .fix("Do not let it end with the signal", edit);
}

/// The context that a context ends with: itself or, where it is derived here from another one, that one with the place where it is given.
fn ended(cx: &Cx, given: ExprId) -> Option<(ExprId, Option<ExprId>)> {
    let given = cx.unparen(given);
    let Def::Local(_) = cx.def(given) else { return None };
    let derived = cx.origin(given).and_then(|(value, _)| cx.call(value)).filter(|call| call.callee.is(DERIVES));
    match derived.and_then(|call| call.args.first().copied()) {
        Some(parent) if matches!(cx.def(cx.unparen(parent)), Def::Local(_)) => Some((parent, Some(parent))),
        Some(_) => None,
        None => Some((given, None)),
    }
}

/// Whether an expression is `<-ctx.Done()` of this context.
fn is_done_of(cx: &Cx, receive: ExprId, context: ExprId) -> bool {
    let Expr::Unary { op: UnaryOp::Recv, operand } = cx.expr(receive) else { return false };
    matches!(cx.method_call(operand), Some((of, "Done", [])) if cx.def(cx.unparen(of)) == cx.def(cx.unparen(context)))
}

/// Watches for the call, as long as the context is the same.
struct Reaches<'c, 'a> {
    cx: &'c Cx<'a>,
    context: ExprId,
    call: ExprId,
}

impl Watch for Reaches<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Call if op.at == self.call => Next::Found,
            OpKind::Write if self.cx.def(op.at) == self.cx.def(self.cx.unparen(self.context)) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}
