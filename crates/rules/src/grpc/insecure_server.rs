//! A gRPC server has no transport security.
//!
//! Without `grpc.Creds` a server accepts calls in the clear: anyone in between can read and change them, and a client
//! cannot tell who answers. Give it a certificate with `grpc.Creds(credentials.NewServerTLSFromCert(…))`.
//!
//! Limits: reported only in a function that also listens on all interfaces. Silent where options come from elsewhere, and
//! where a condition or the function's name asks for it. A comment that gives the reason, such as a mesh that encrypts,
//! excuses it.
//!
//! ```go bad
//! import "google.golang.org/grpc"
//! func serve(register func(*grpc.Server)) error {
//! 	listener, err := net.Listen("tcp", ":50051")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	server := grpc.NewServer()
//! 	//        ^^^^^^^^^^^^^^ this server has no transport security, and listens on all interfaces
//! 	register(server)
//! 	return server.Serve(listener)
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//! func serve(options []grpc.ServerOption) error {
//! 	listener, err := net.Listen("tcp", ":50051")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return grpc.NewServer(options...).Serve(listener) // the options may hold credentials
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//! func local() {
//! 	listener, _ := net.Listen("tcp", "127.0.0.1:0") // only this machine reaches it
//! 	grpc.NewServer().Serve(listener)
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{is_asked_for, why_plain};
use crate::address::is_on_all_interfaces;

pub static RULE: Rule = Rule {
    id: "grpc/insecure-server",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["semgrep:grpc-server-insecure-connection", "gopeer:grpc/insecure-credentials"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Config(&["google.golang.org/grpc.Server"], check)],
    examines: "gRPC servers",
};

fn check(cx: &mut Cx, server: Config) {
    if !has_no_credentials(cx, server) {
        return;
    }
    let Some(func) = cx.enclosing_func(server.expr) else { return };
    cx.examined();
    let listens = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if listens_everywhere(cx, id));
    if !cx.within(func.body, true, listens).is_empty() && !is_asked_for(cx, server.expr) {
        let reason = why_plain(cx, server.expr);
        cx.report(cx.head(server), "this server has no transport security, and listens on all interfaces")
            .note("`grpc.Creds(credentials.NewServerTLSFromCert(…))` gives it a certificate")
            .excused(reason)
            .question();
    }
}

/// Whether no option gives credentials, also where the options are listed in a local.
fn has_no_credentials(cx: &Cx, server: Config) -> bool {
    if cx.setting(server, "Creds").is_unset() {
        return true;
    }
    let Some(&[options]) = cx.call(server.expr).map(|call| call.args) else { return false };
    let list = cx.initial_value(options).filter(|_| !cx.is_reassigned(options)).map(|list| cx.expr(list));
    let Some(Expr::Composite { elems, .. }) = list else { return false };
    let is_known = |&option: &ExprId| {
        cx.callee(option).is_some_and(|option| option.path == "google.golang.org/grpc" && option.name != "Creds")
    };
    cx.exprs(elems).iter().all(is_known)
}

fn listens_everywhere(cx: &Cx, call: ExprId) -> bool {
    let Some(call) = cx.call(call).filter(|call| call.callee.is(&["net.Listen", "net.ListenConfig.Listen"])) else {
        return false;
    };
    call.args.last().is_some_and(|&addr| is_on_all_interfaces(cx, addr))
}
