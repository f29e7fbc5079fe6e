//! The context with the span is thrown away, and the one without it is passed on.
//!
//! A span lives in the context that comes with it. Whoever is given the old context starts spans beside it and not below it, and headers
//! for another service carry the parent. The trace then does not say which part of the work a query or a request belongs to, and this
//! span seems to do all of it by itself.
//!
//! Limits: spans of OpenTelemetry that end with `defer`, and calls that start a span in a function of the package, or that call a
//! database, a broker or another service. Headers of messages are not looked at, nor are clients without a transport that traces.
//!
//! ```go bad
//! import (
//! 	"context"
//!
//! 	"go.opentelemetry.io/otel"
//! 	"go.opentelemetry.io/otel/trace"
//! )
//!
//! func price(ctx context.Context, tracer trace.Tracer, id string) (int, error) {
//! 	_, span := tracer.Start(ctx, "price")
//! 	//<^ the context with `span` is thrown away, and `ctx` is passed on without it
//! 	defer span.End()
//! 	return ask(ctx, id)
//! }
//!
//! func ask(ctx context.Context, id string) (int, error) {
//! 	ctx, span := otel.Tracer("shop").Start(ctx, "ask")
//! 	defer span.End()
//! 	return len(id), ctx.Err()
//! }
//! ```
//! ```diff fixed
//! -	_, span := tracer.Start(ctx, "price")
//! +	ctx, span := tracer.Start(ctx, "price")
//! ```
//! ```go good
//! import (
//! 	"context"
//!
//! 	"go.opentelemetry.io/otel/trace"
//! )
//!
//! func price(ctx context.Context, tracer trace.Tracer, id string) (int, error) {
//! 	_, span := tracer.Start(ctx, "parse") // nobody below it is given a context
//! 	cents := len(id)
//! 	span.End() // before the call
//! 	return ask(ctx, tracer, cents)
//! }
//!
//! func ask(ctx context.Context, tracer trace.Tracer, cents int) (int, error) {
//! 	ctx, span := tracer.Start(ctx, "ask")
//! 	defer span.End()
//! 	return cents, ctx.Err()
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `tracetest.NewSpanRecorder`, the spans of what is called must have this span as their parent
//!
//! # References
//!
//! - [OpenTelemetry, "Instrumentation" for Go](https://opentelemetry.io/docs/languages/go/instrumentation/)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

use crate::context::support::may_end_with;

pub static RULE: Rule = Rule {
    id: "observability/trace-context-dropped",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(STARTS, check)],
    examines: "spans",
};

const STARTS: &[&str] = &["go.opentelemetry.io/otel/trace.Tracer.Start"];

fn check(cx: &mut Cx, start: Call) {
    cx.examined();
    let Some(Node::Stmt(stmt)) = cx.tree.parent(start.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let (&[derived, span], Some(&parent)) = (cx.exprs(lhs), start.args.first()) else { return };
    let Def::Local(declared) = cx.def(cx.unparen(parent)) else { return };
    let Some(func) = cx.enclosing_func(start.expr).filter(|&func| cx.source(derived) == "_" && !cx.is_long(func))
    else {
        return;
    };
    // What is started under a span that ends early may outlive it.
    if !ends_last(cx, span) {
        return;
    }
    let lasts = cx.span(cx.siblings(stmt).last().map_or(func.body, |&last| last)).end;
    let after = |at: Span| at.start >= cx.span(stmt).end && at.end <= lasts;
    let later = cx.names.uses(declared).filter(|&used| after(cx.span(used)) && may_end_with(cx, used));
    let Some((used, inner)) = { later }.find_map(|used| Some((used, is_traced(cx, used)?))) else { return };
    let reason = cx.said(stmt, &["context", "ctx", "parent"]);
    let (parent, name) = (cx.source(parent), cx.source(span));
    let mut steps = vec![
        Step::from((cx.span(start.fun), format!("gives a context with `{name}`, which is assigned to `_`"))),
        (cx.span(used), format!("`{parent}` is passed here, as it was")).into(),
    ];
    steps.extend(inner);
    let edit = (cx.span(derived), parent.to_owned());
    cx.report(derived, format!("the context with `{name}` is thrown away, and `{parent}` is passed on without it"))
        .steps(steps)
        .note("what is called then appears beside this span in the trace, not below it")
        .excused(reason)
        .suggest(format!("Name the context with the span `{parent}`"), [edit]);
}

/// Whether what is given a context belongs into the trace: it starts a span itself, then with that step, or it calls a database, a
/// broker or another service.
fn is_traced(cx: &Cx, context: ExprId) -> Option<Option<Step>> {
    let Node::Expr(call) = cx.tree.parent(context)? else { return None };
    if let Some((within, at)) = cx.call(call).and_then(|call| cx.find_within(call, starts_span, 0)) {
        return Some(Some(Step::within(within, at, "starts a span below that of the context")));
    }
    let leaves = Effects::LOOKUP.and(Effects::PUBLISH).and(Effects::QUERY).and(Effects::REMOTE).and(Effects::WRITE);
    let effects = cx.effects(call);
    (effects.has(leaves) && !effects.has(Effects::GUESSED)).then_some(None)
}

fn starts_span(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    cx.calls_within(decl, false).iter().find_map(|&node| match node {
        Node::Expr(call) => cx.calls(call, STARTS).then_some(call),
        _ => None,
    })
}

/// Whether a span is ended by `defer`.
fn ends_last(cx: &Cx, span: ExprId) -> bool {
    let is_end = |used| matches!(cx.called_on(used), Some((call, "End", _)) if cx.enclosing_defer(call).is_some());
    matches!(cx.def(span), Def::Local(declared) if cx.names.uses(declared).any(is_end))
}
