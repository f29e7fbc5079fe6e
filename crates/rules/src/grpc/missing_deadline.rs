//! A gRPC call has no deadline.
//!
//! Without a deadline the call waits for as long as the server keeps the connection: if that hangs, so does the caller, with its
//! goroutine and what it holds. A worker hangs without an error, and a restart is the only way out. Use `context.WithTimeout`, or
//! set a timeout for the method in the service config.
//!
//! Limits: contexts that are made of `context.Background` or `context.TODO` in the same function. Streams are left alone, and so
//! are packages with an interceptor or a service config.
//!
//! ```go bad
//! import "google.golang.org/grpc/health/grpc_health_v1"
//!
//! func ping(client grpc_health_v1.HealthClient) error {
//! 	_, err := client.Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
//! 	//                     ^^^^^^^^^^^^^^^^^^^^ `client.Check` has no deadline: it waits for as long as the server does not answer
//! 	return err
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc/health/grpc_health_v1"
//!
//! func ping(client grpc_health_v1.HealthClient) error {
//! 	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
//! 	defer cancel()
//! 	_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
//! 	return err
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "grpc/missing-deadline",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Cancellation, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::REMOTE, check)],
    file: file!(),
    examines: "calls of services",
};

const ENDLESS: &[&str] = &["context.Background", "context.TODO"];

fn check(cx: &mut Cx, call: Call) {
    if !cx.is_rpc_client(call.fun) {
        return;
    }
    cx.examined();
    let (Some(&context), Some(results)) = (call.args.first(), cx.results(call.expr)) else { return };
    // Options may bound the call.
    if call.args.len() > 2 && cx.source(call.expr).contains("Timeout") {
        return;
    }
    // A stream lives for as long as it is needed.
    let streams =
        results.first().is_some_and(|&ty| cx.has_methods(ty, &["RecvMsg"]) || cx.has_methods(ty, &["CloseSend"]));
    let bounds = &["WithChainUnaryInterceptor", "WithUnaryInterceptor", "WithDefaultServiceConfig"];
    if streams || !is_endless(cx, context) || cx.package_mentions(bounds) != Some(false) {
        return;
    }
    let name = cx.source(call.fun);
    cx.report(context, format!("`{name}` has no deadline: it waits for as long as the server does not answer"))
        .note("the goroutine hangs without an error, and keeps what it holds, until the process is restarted")
        .note("use `context.WithTimeout`, or a timeout in the service config");
}

/// Whether a context is made here and has no deadline.
fn is_endless(cx: &Cx, context: ExprId) -> bool {
    let made = match cx.expr(cx.unparen(context)) {
        Expr::Call { .. } => Some(context),
        Expr::Ident if !cx.is_reassigned(context) => cx.defining_call(context),
        _ => None,
    };
    let Some(call) = made.and_then(|made| cx.call(made)) else { return false };
    if call.callee.is(&[
        "context.WithCancel",
        "context.WithValue",
        "google.golang.org/grpc/metadata.NewOutgoingContext",
    ]) {
        return call.args.first().is_some_and(|&parent| cx.calls(parent, ENDLESS));
    }
    call.callee.is(ENDLESS)
}
