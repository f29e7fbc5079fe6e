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
//!
//! # Impact
//!
//! When the server hangs, so do this call, its goroutine and whatever it holds; nothing is logged, because nothing has
//! failed. `grpc_client_started_total` and `grpc_client_handled_total` drift apart.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 20s {package}`: against a `bufconn` server whose method blocks, the call has to
//!   return `DeadlineExceeded`
//! - `time grpcurl -plaintext -max-time 2 HOST:9090 PACKAGE.SERVICE/METHOD`: how long the server takes today, as a base
//!   for the limit
//!
//! # Options
//!
//! - `context.WithTimeout` at the call: visible where it matters, and each call needs it
//!   - senior, throughput, backend: the number is beside the call that it is for
//! - A service config with a timeout per method: one place for the whole client, in JSON
//!   - cloud-native: can be delivered by the name resolver
//! - Pass on the incoming deadline: the time left is shared, if every hop does it
//!   - data: a consumer's poll interval bounds all that it calls
//!
//! # References
//!
//! - [gRPC, "Deadlines"](https://grpc.io/docs/guides/deadlines/)
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
    examines: "calls of services",
};

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
    if streams || !cx.never_ends(context) || cx.package_mentions(bounds) != Some(false) {
        return;
    }
    let name = cx.source(call.fun);
    // The commands of a shell are waited for by somebody who can interrupt them.
    let severity = if is_command(cx, call.expr) { Severity::Low } else { Severity::Medium };
    cx.report(context, format!("`{name}` has no deadline: it waits for as long as the server does not answer"))
        .severity(severity)
        .one_of("calls of services have no deadline in this file")
        .note("while the server hangs, the goroutine waits without an error and keeps what it holds")
        .note("use `context.WithTimeout`, or a timeout in the service config");
}

/// Whether a person runs it: a command, or a function of a shell, such as `Do(args []string, …)`.
fn is_command(cx: &Cx, at: ExprId) -> bool {
    let params = cx.enclosing_decl(at).and_then(|decl| cx.as_func(decl.into())).map(|func| cx.source(func.ty));
    cx.file.purpose() == Purpose::Command
        || cx.file.name.split('/').any(|folder| folder == "shell")
        || params.is_some_and(|params| params.contains("args []string"))
}
