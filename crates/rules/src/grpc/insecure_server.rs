//! A gRPC server has no transport security.
//!
//! Without `grpc.Creds` a server takes calls in the clear: whoever is on the way reads and changes them, and a client
//! cannot tell who answers. Give it a certificate with `grpc.Creds(credentials.NewServerTLSFromCert(…))`.
//!
//! Limits: reported only in a function that also listens on all interfaces. Silent where options come from elsewhere, where
//! a condition decides, and where a comment gives the reason, such as a mesh that encrypts, or the function's name says it.
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
//! import "google.golang.org/grpc/credentials"
//! func fine(creds credentials.TransportCredentials, options []grpc.ServerOption) {
//! 	listener, _ := net.Listen("tcp", ":50051")
//! 	grpc.NewServer(grpc.Creds(creds)).Serve(listener)
//! 	grpc.NewServer(options...).Serve(listener) // they may hold credentials
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

use super::support::is_meant;
use crate::address::port_on_all_interfaces;

pub static RULE: Rule = Rule {
    id: "grpc/insecure-server",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["semgrep:grpc-server-insecure-connection", "gopeer:grpc/insecure-credentials"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Config(&["google.golang.org/grpc.Server"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, server: Config) {
    if !cx.setting(server, "Creds").is_unset() {
        return;
    }
    let Some(func) = cx.enclosing_func(server.expr) else { return };
    cx.examined();
    let listens = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if listens_everywhere(cx, id));
    if !cx.within(func.body, true, listens).is_empty() && !is_meant(cx, server.expr) {
        cx.report(cx.head(server), "this server has no transport security, and listens on all interfaces")
            .note("`grpc.Creds(credentials.NewServerTLSFromCert(…))` gives it a certificate");
    }
}

fn listens_everywhere(cx: &Cx, call: ExprId) -> bool {
    let Some(Call { callee, args: &[_, addr], .. }) = cx.call(call) else { return false };
    callee.is(&["net.Listen"]) && cx.string_value(addr).is_some_and(|addr| port_on_all_interfaces(&addr).is_some())
}
