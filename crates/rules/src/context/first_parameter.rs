//! A function or interface method takes its `context.Context` somewhere other than first.
//!
//! The documentation of package `context` asks for the context as the first parameter, usually named `ctx`, and readers, code
//! generators and tools that thread a context through rely on it. Move it to the front, right after the receiver, and change the
//! calls with it.
//!
//! Limits: function literals and function types are not looked at, because their shape is often asked for by others, and neither
//! are functions that do I/O and take no context.
//!
//! ```go bad
//! func Load(id string, ctx context.Context) (*User, error) {
//! //                   ^^^^^^^^^^^^^^^^^^^ `Load` takes `ctx` as parameter 2
//! 	return query(ctx, id)
//! }
//! ```
//! ```go bad
//! type Store interface {
//! 	Get(key string, ctx context.Context) ([]byte, error)
//! 	//              ^^^^^^^^^^^^^^^^^^^ `Get` takes `ctx` as parameter 2
//! }
//! ```
//! ```go good
//! func merge(ctx, other context.Context) context.Context { return join(ctx, other) } // the first is a context
//! ```
//! ```go good
//! // A test helper takes the test first.
//! func startServer(t testing.TB, ctx context.Context) *Server { return start(ctx) }
//! ```
//! ```go good
//! // A literal has the shape that its caller asks for.
//! var hook = func(name string, ctx context.Context) { record(ctx, name) }
//! ```
//!
//! # Idiom
//!
//! By convention the context is the first parameter and is called `ctx`, so that all call sites look alike.
//!
//! # References
//!
//! - [Package context](https://pkg.go.dev/context#Context)
//! - [Code review comments, "Contexts"](https://go.dev/wiki/CodeReviewComments#contexts)
use gopeer_lint::prelude::*;

use super::support::{declared_name, is_context};

pub static RULE: Rule = Rule {
    id: "context/first-parameter",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 2), (Concern::Api, 2), (Concern::Cancellation, 1)],
    equivalents: &["revive:context-as-argument"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::FuncType], check)],
    examines: "functions that take a context",
};

const TESTS: &[&str] = &["testing.T", "testing.B", "testing.F", "testing.TB"];

fn check(cx: &mut Cx, ty: ExprId) {
    let Expr::FuncType { params, .. } = cx.expr(ty) else { return };
    let fields = cx.tree.fields(params);
    let Some(at) = fields.iter().position(|&field| is_context(cx, field)) else { return };
    let Some(name) = declared_name(cx, ty) else { return };
    cx.examined();
    let before = fields.get(..at).unwrap_or_default();
    if before.iter().all(|&field| is_test_handle(cx, field)) {
        return;
    }
    let Some(&field) = fields.get(at) else { return };
    // Where it is not even named, an interface decides the order.
    if cx.exprs(cx.tree.field(field).names).first().is_some_and(|&name| cx.source(name) == "_") {
        return;
    }
    report(cx, cx.source(name), before, field);
}

fn is_test_handle(cx: &Cx, field: FieldId) -> bool {
    let ty = cx.tree.field(field).ty;
    match cx.expr(ty) {
        Expr::Star(inner) => cx.denotes(inner, TESTS),
        _ => cx.denotes(ty, TESTS),
    }
}

fn report(cx: &mut Cx, function: &str, before: &[FieldId], field: FieldId) {
    let names = cx.exprs(cx.tree.field(field).names);
    let shown = names.first().map_or("context.Context", |&name| cx.source(name));
    let position = 1 + before.iter().map(|&field| cx.tree.field(field).names.len().max(1)).sum::<usize>();
    cx.report(field, format!("`{function}` takes `{shown}` as parameter {position}; Go code expects it first"))
        .note("move it to the front, and change the calls with it");
}
