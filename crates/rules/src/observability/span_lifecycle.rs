//! A span is not ended on every path.
//!
//! A span is exported when it ends. One that never does is missing from the trace, and with it its attributes and errors; the spans
//! below it lose their parent. It is the early return of an error or of a cache hit that gets lost, so that traces show the wrong
//! mix. `defer span.End()` on the next line covers every path.
//!
//! Limits: a span that is returned, stored, used in a closure, or passed to a function that may keep or end it is left alone:
//! somebody else may end it. So is one that a deferred function gets from the context. Spans of wrappers are not known. Tests and
//! `main` are left out. Where an `End` is deferred under a condition, some spans may be left out on purpose, and the finding is low.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"go.opentelemetry.io/otel/trace"
//! )
//!
//! func price(ctx context.Context, tracer trace.Tracer, cache map[string]int, id string) (int, error) {
//! 	ctx, span := tracer.Start(ctx, "price")
//! //    ^^^^ `span` is not ended on every path out of `price`
//! 	if cents, ok := cache[id]; ok {
//! 		return cents, nil
//! 	}
//! 	cents, err := ask(ctx, id)
//! 	span.End()
//! 	return cents, err
//! }
//!
//! func ask(ctx context.Context, id string) (int, error) { return len(id), ctx.Err() }
//! ```
//! ```diff fixed
//! +	defer span.End()
//! ```
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"go.opentelemetry.io/otel/trace"
//! )
//!
//! func (w *worker) work(ctx context.Context, tracer trace.Tracer) {
//! 	ctx, span := tracer.Start(ctx, "work")
//! //    ^^^^ low: `span` is not ended on every path out of `work`
//! 	if w.tracesAll {
//! 		defer span.End()
//! 	}
//! 	if job := w.next(ctx); job != "" {
//! 		defer span.End()
//! 	}
//! }
//!
//! type worker struct{ tracesAll bool }
//!
//! func (w *worker) next(ctx context.Context) string { return "" }
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"go.opentelemetry.io/otel/trace"
//! )
//!
//! func begin(ctx context.Context, tracer trace.Tracer, name string) (context.Context, trace.Span) {
//! 	ctx, span := tracer.Start(ctx, name)
//! 	span.AddEvent("begins")
//! 	// The caller ends it.
//! 	return ctx, span
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `tracetest.NewSpanRecorder`, take the early path and count the ended spans
//!
//! # References
//!
//! - [OpenTelemetry, "Instrumentation" for Go](https://opentelemetry.io/docs/languages/go/instrumentation/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "observability/span-lifecycle",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 3)],
    equivalents: &["spancheck"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("span", check)],
    examines: "spans",
};

fn check(cx: &mut Cx, span: &Resource) {
    cx.examined();
    if ends_by_context(cx, span) {
        return;
    }
    if let Some(leak) = cx.leak(span) {
        let severity = if is_optional(cx, span) { Severity::Low } else { Severity::Medium };
        leak.report(cx, span).severity(severity).note("a span that does not end is never exported");
    }
}

/// What gives the span of a context.
const OF_CONTEXT: &[&str] = &["go.opentelemetry.io/otel/trace.SpanFromContext"];

/// `defer endSpan(ctx, err)`: whether a deferred call that gets the context that came with the span asks it for the span.
fn ends_by_context(cx: &Cx, span: &Resource) -> bool {
    const MOST: usize = 64;
    let Some(Stmt::Assign { lhs, .. }) = cx.enclosing_stmt(span.call.expr).map(|stmt| cx.stmt(stmt)) else {
        return false;
    };
    let Some(Def::Local(context)) = cx.exprs(lhs).first().map(|&context| cx.def(context)) else { return false };
    let asks = |used: ExprId| {
        let Some(Node::Expr(call)) = cx.tree.parent(used).filter(|_| cx.enclosing_defer(used).is_some()) else {
            return false;
        };
        // Of a function of another package, only its name is known: `trace.EndSpan(ctx, err)`.
        cx.calls(call, OF_CONTEXT)
            || cx.call(call).is_some_and(|call| cx.find_within(call, of_context, 0).is_some())
            || words(cx.callee_word(call)).iter().any(|word| word == "span")
    };
    cx.names.uses(context).take(MOST).any(asks)
}

/// Where a function asks a context for its span.
fn of_context(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into())?;
    cx.find_expr(func.body, true, |id| cx.calls(id, OF_CONTEXT))
}

/// `if w.traces { defer span.End() }`: whether the code decides that some spans are not exported.
fn is_optional(cx: &Cx, span: &Resource) -> bool {
    const MOST: usize = 64;
    let Some(declared) = cx.holder(span) else { return false };
    let ended = cx.names.uses(declared).take(MOST).filter_map(|used| cx.called_on(used));
    ended.filter(|(_, name, _)| *name == "End").any(|(call, ..)| cx.is_deferred(call) && cx.is_conditional(call))
}
