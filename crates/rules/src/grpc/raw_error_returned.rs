//! A method of a gRPC service returns an error that says nothing to the client.
//!
//! An error without a status arrives as code `Unknown` with its text. The client cannot tell a missing row from a failure, so it tries
//! again what will never succeed, or gives up on what would; alerts that count server errors count wrong input, and the text shows
//! internals to whoever calls. `status.Error(codes.OK, …)` is nil: the client takes the failure for success. Return
//! `status.Error(codes.NotFound, …)` and the like.
//!
//! Limits: errors that are made in the method itself. Where the package has an interceptor, that may add the codes.
//!
//! ```go bad
//! import (
//! 	"google.golang.org/grpc/codes"
//! 	"google.golang.org/grpc/status"
//! )
//!
//! func check(id string) error {
//! 	if id == "" {
//! 		return status.Error(codes.OK, "no id")
//! 		//     ^^^^^^^^^^^^ high: `status.Error` with `codes.OK` gives nil, so that the failure is taken for success
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! import (
//! 	"google.golang.org/grpc/codes"
//! 	"google.golang.org/grpc/status"
//! )
//!
//! func check(id string) error {
//! 	if id == "" {
//! 		return status.Error(codes.InvalidArgument, "no id") // the client knows what to do
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Verify
//!
//! - `grpcurl -plaintext -d '{}' HOST:9090 PACKAGE.SERVICE/METHOD`: prints the code that clients see; `Unknown` is the
//!   fallback
//! - `go test -run {test} {package}`: assert `status.Code(err)` for the missing row
//!
//! # References
//!
//! - [gRPC, "Status Codes"](https://grpc.io/docs/guides/status-codes/)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

use crate::correctness::verbs;
use crate::errors::support::source_of;

pub static RULE: Rule = Rule {
    id: "grpc/raw-error-returned",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Api, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(STATUS, without_failure), Hook::Call(MAKES, made)],
    examines: "errors of services",
};

const STATUS: &[&str] = &["google.golang.org/grpc/status.Error", "google.golang.org/grpc/status.Errorf"];
const MAKES: &[&str] = &["errors.New", "fmt.Errorf"];

fn without_failure(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(&code) = call.args.first().filter(|&&code| cx.denotes(code, &["google.golang.org/grpc/codes.OK"])) else {
        return;
    };
    let (name, code) = (cx.source(call.fun), cx.source(code));
    // What a function ends with may well be its success.
    if cx.is_conditional(call.expr) {
        cx.report(call.fun, format!("`{name}` with `{code}` gives nil, so that the failure is taken for success"))
            .severity(Severity::High);
    } else {
        cx.report(call.fun, format!("`{name}` with `{code}` gives nil, and its text goes nowhere"))
            .severity(Severity::Low)
            .note("return nil where nothing has failed");
    }
}

fn made(cx: &mut Cx, call: Call) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr) else { return };
    let is_rpc = |func: Func| {
        let rpc = cx.param_of(func, "context.Context").is_some() || cx.stream_of(func).is_some();
        let named = match func.node {
            Node::Decl(decl) => cx.func_name(decl).unwrap_or_default(),
            _ => "",
        };
        let exported = named.rsplit('.').next().is_some_and(|name| name.starts_with(char::is_uppercase));
        cx.caller(func) == Some(Caller::Client) && exported && rpc && cx.param_of(func, "net/http.Request").is_none()
    };
    let returned = matches!(cx.stmt(stmt), Stmt::Return(_));
    let Some(func) =
        cx.enclosing_func(call.expr).filter(|&func| returned && matches!(func.node, Node::Decl(_)) && is_rpc(func))
    else {
        return;
    };
    cx.examined();
    let grpc = cx.file.imports_any(&["google.golang.org/grpc"]);
    if !grpc || cx.package_mentions(&["ServerInterceptor", "UnaryInterceptor", "GRPCStatus"]) != Some(false) {
        return;
    }
    let sources: Vec<Option<ExprId>> = wrapped(cx, call).into_iter().map(|error| source_of(cx, error)).collect();
    if sources.iter().flatten().any(|&source| cx.effects(source).has(Effects::REMOTE)) {
        return;
    }
    let is_std = |object: Object| cx.store.is_std(cx.store.add_package(object.path));
    let known = sources.iter().all(|source| source.and_then(|source| cx.callee(source)).is_some_and(is_std));
    let unless = if known { "" } else { ", unless it wraps a status error" };
    let (name, method) = (cx.source(call.fun), cx.func_in_words_of(func));
    cx.report(call.fun, format!("the error of `{name}` reaches the clients of {method} as code `Unknown`{unless}"))
        .note("they cannot tell wrong input from a failure, and so cannot know whether to try again; return an error with a code")
        .one_of("errors of services have no code");
}

/// The errors that a message wraps with `%w`, whose status `status.FromError` finds.
fn wrapped(cx: &Cx, call: Call) -> Vec<ExprId> {
    let Some((&format, args)) = call.args.split_first() else { return Vec::new() };
    let parsed = cx.string_value(format).and_then(|text| verbs::of_text(&text, cx.span(format)));
    let wraps = parsed.into_iter().flat_map(|parsed| parsed.verbs).filter(|verb| verb.letter == 'w');
    wraps.filter_map(|verb| args.get(verb.arg).copied()).collect()
}
