//! A stream of a gRPC client is not read to the end, and nothing cancels its context.
//!
//! A stream ends when `Recv` returns an error, `io.EOF` among them, when its context is canceled, or when the connection is closed
//! (`grpc.ClientConn.NewStream`). Until then its goroutine stays, and the server goes on to send and counts it among the
//! streams of the connection. Derive the context with `context.WithCancel` and defer the call of `cancel`.
//!
//! Limits: a stream that is returned, stored, used in a closure or passed to another function is left alone; so are those of handlers,
//! whose context ends with the request, of commands, and of functions that derive the context or close the connection. What a function
//! makes of a context, with an error beside it, counts as the same context.
//!
//! ```go bad
//! package health
//!
//! import (
//! 	"context"
//!
//! 	"google.golang.org/grpc/health/grpc_health_v1"
//! )
//!
//! func await(ctx context.Context, client grpc_health_v1.HealthClient) error {
//! 	stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
//! //<^^^^^^ `stream` is not read to the end on a path out of `await`, and nothing cancels it
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for {
//! 		answer, err := stream.Recv()
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if answer.Status == grpc_health_v1.HealthCheckResponse_SERVING {
//! 			return nil
//! 		}
//! 	}
//! }
//! ```
//! ```diff fixed
//! +	ctx, cancel := context.WithCancel(ctx)
//! +	defer cancel()
//! ```
//! ```go good
//! package health
//!
//! import (
//! 	"context"
//! 	"errors"
//! 	"io"
//!
//! 	"google.golang.org/grpc/codes"
//! 	"google.golang.org/grpc/health/grpc_health_v1"
//! 	"google.golang.org/grpc/status"
//! )
//!
//! func count(ctx context.Context, client grpc_health_v1.HealthClient) (int, error) {
//! 	stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
//! 	if status.Code(err) == codes.NotFound {
//! 		return 0, nil
//! 	}
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	for n := 0; ; n++ {
//! 		_, err := stream.Recv()
//! 		if errors.Is(err, io.EOF) {
//! 			// It has ended.
//! 			return n, nil
//! 		}
//! 		if err != nil {
//! 			return n, err
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! Each call leaves a goroutine here and a stream that counts against the limit of the connection at the server. Once
//! the limit, often a hundred, is reached, new calls on that connection wait without an error.
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | grep -B 1 -A 3 newClientStream`: the count grows
//!   with calls that leave early
//!
//! # References
//!
//! - [Package grpc, ClientConn.NewStream](https://pkg.go.dev/google.golang.org/grpc#ClientConn.NewStream)
use gopeer_lint::prelude::*;

use super::streams::{left_open, opened};

pub static RULE: Rule = Rule {
    id: "grpc/client-stream-leak",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "streams of gRPC clients",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some(stream) = opened(cx, call) else { return };
    cx.examined();
    let (Some(func), Some(context)) = (cx.enclosing_func(call), first_argument(cx, call)) else { return };
    // A command ends soon, and its streams with it.
    let ends = cx.file.purpose() == Purpose::Command;
    if ends || cx.answers_requests(call) || is_derived(cx, context) || closes_connection(cx, func) {
        return;
    }
    // What is declared outside, as around a closure that is tried again, outlives the function.
    if cx.func_of_local(stream) != Some(func) {
        return;
    }
    let Some(steps) = left_open(cx, func, call, stream) else { return };
    let (name, around) = (cx.source(stream), cx.func_in_words(call));
    let message = format!("`{name}` is not read to the end on a path out of {around}, and nothing cancels it");
    let edit = derive(cx, stream, context);
    cx.report(stream, message)
        .steps(steps)
        .note("its goroutine stays until the context ends")
        .fix("Cancel the context at the end", edit);
}

fn first_argument(cx: &Cx, call: ExprId) -> Option<ExprId> {
    let Expr::Call { args, .. } = cx.expr(call) else { return None };
    let context = *cx.exprs(args).first()?;
    cx.has_type(context, &["context.Context"]).then_some(context)
}

/// Whether a context is derived with a cancel function, or is that of a group or a request.
fn is_derived(cx: &Cx, context: ExprId) -> bool {
    let Def::Local(declared) = cx.def(cx.unparen(context)) else { return cx.expr(cx.unparen(context)) != Expr::Ident };
    let assigned = |ident: ExprId| match cx.tree.parent(ident) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, rhs, .. } if cx.exprs(lhs).contains(&ident) => cx.only(rhs),
            _ => None,
        },
        Some(Node::Decl(decl)) => match cx.decl(decl) {
            Decl::Value { values, .. } => cx.only(values),
            _ => None,
        },
        _ => None,
    };
    // It comes with what ends it: a cancel function, a group. An error ends nothing.
    let gives = |value: ExprId| cx.results(value).is_some_and(|all| all.len() > 1 && all[1..] != [TypeId::ERROR]);
    // Who calls a closure with a context mostly ends it when the work is done.
    let is_given = match cx.enclosing_func(context).map(|func| (func.node, func.body)) {
        Some((Node::Expr(closure), body)) => {
            let declared = cx.span(declared);
            cx.span(closure).contains(declared) && !cx.span(body).contains(declared)
        }
        _ => false,
    };
    is_given || [declared].into_iter().chain(cx.names.uses(declared)).filter_map(assigned).any(gives)
}

/// Whether a function closes a connection when it is left.
fn closes_connection(cx: &Cx, func: Func) -> bool {
    let closes = |id| cx.calls(id, &["google.golang.org/grpc.ClientConn.Close"]);
    cx.defers(func.body).iter().take(64).any(|&node| cx.find_expr(node, true, closes).is_some())
}

/// The edit that derives the context in front of the call.
fn derive(cx: &Cx, stream: ExprId, context: ExprId) -> Option<(Span, String)> {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(stream) else { return None };
    cx.place_in_list(stmt)?;
    let (name, package) = (cx.source(context), cx.name_for("context")?);
    if cx.expr(context) != Expr::Ident || cx.enclosing_loop(stmt).is_some() {
        return None;
    }
    let (start, indent) = (cx.span(stmt).start, cx.indent(stmt));
    let text = format!("{name}, cancel := {package}.WithCancel({name})\n{indent}defer cancel()\n{indent}");
    Some((Span::new(start, start), text))
}
