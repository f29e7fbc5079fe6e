//! A gRPC client has no transport security.
//!
//! With `insecure.NewCredentials` calls travel in the clear, together with the tokens in their metadata, and nothing proves
//! who answers. Give the client `credentials.NewTLS`.
//!
//! Limits: silent in tests, for targets on this machine (localhost, Unix sockets, a dialer given beside the credentials),
//! and where a condition or the function's name asks for it. A target that is not a constant is reported as a question,
//! since a mesh may encrypt on the way to it, and as low where no target is in sight or the function speaks of sockets or
//! addresses of this machine.
//!
//! ```go bad
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! func dial() (*grpc.ClientConn, error) {
//! 	return grpc.NewClient("orders.example.com:443", grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	//                                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^ calls travel in the clear: the connection has no transport security
//! }
//! ```
//! ```go bad
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! func dial(addr string) (*grpc.ClientConn, error) {
//! 	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
//! 	//                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^ calls travel in the clear: the connection has no transport security
//! 	return grpc.NewClient(addr, options...)
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! const sidecar = "localhost:15001"
//! func dial() (*grpc.ClientConn, error) {
//! 	return grpc.NewClient(sidecar, grpc.WithTransportCredentials(insecure.NewCredentials())) // the calls stay on this machine
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! func dial(addr string, plain bool, creds grpc.DialOption) (*grpc.ClientConn, error) {
//! 	if plain { // a flag asks for it
//! 		creds = grpc.WithTransportCredentials(insecure.NewCredentials())
//! 	}
//! 	return grpc.NewClient(addr, creds)
//! }
//! ```
//!
//! # Verify
//!
//! - `openssl s_client -connect HOST:443 -alpn h2 </dev/null`: whether the server could speak TLS
//! - `tcpdump -A -c 20 port 9090`: the metadata, tokens included, can be read
//!
//! # References
//!
//! - [gRPC, "Authentication"](https://grpc.io/docs/guides/auth/)
use gopeer_lint::prelude::*;

use super::support::{is_asked_for, why_plain};

pub static RULE: Rule = Rule {
    id: "grpc/insecure-credentials",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["semgrep:grpc-client-insecure-connection"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(PLAINTEXT, check)],
    examines: "credentials of gRPC clients",
};

const PLAINTEXT: &[&str] =
    &["google.golang.org/grpc/credentials/insecure.NewCredentials", "google.golang.org/grpc.WithInsecure"];
const DIALS: &[&str] =
    &["google.golang.org/grpc.NewClient", "google.golang.org/grpc.Dial", "google.golang.org/grpc.DialContext"];

const DIALERS: &[&str] = &["google.golang.org/grpc.WithContextDialer", "google.golang.org/grpc.WithDialer"];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    // A default that something else may replace, as where TLS is configured.
    let is_default = cx.kept_in(call.expr).is_some_and(|kept| cx.is_reassigned(kept));
    if is_default || is_asked_for(cx, call.expr) || has_dialer(cx, call.expr) {
        return;
    }
    let target = target(cx, call.expr);
    if target.is_some_and(|target| is_this_machine(cx, target)) || is_in_process(cx, call.expr) {
        return;
    }
    let is_known = target.is_some_and(|target| cx.string_value(target).is_some());
    let reason = why_plain(cx, call.expr);
    let is_vague = target.is_none() || is_local_around(cx, call.expr);
    let severity = if is_vague { Severity::Low } else { RULE.severity };
    let report = cx
        .report(call.expr, "calls travel in the clear: the connection has no transport security")
        .note("anyone in between can read and change them, with the credentials in the metadata")
        .severity(severity)
        .excused(reason);
    if !is_known {
        report.question();
    }
}

/// The target of the call that is given the credentials, or whose options in a local hold them.
fn target(cx: &Cx, credentials: ExprId) -> Option<ExprId> {
    let at = match cx.around(credentials, is_dial) {
        Some(Node::Expr(dial)) => dial,
        _ => dial_with(cx, list_around(cx, credentials)?)?,
    };
    let call = cx.call(at)?;
    call.args.get(if call.callee.name == "DialContext" { 1 } else { 0 }).copied()
}

fn is_dial(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(outer) if cx.calls(outer, DIALS))
}

/// The list of options around the credentials.
fn list_around(cx: &Cx, credentials: ExprId) -> Option<ExprId> {
    let is_list = |cx: &Cx, node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Composite { .. }));
    match cx.around(credentials, is_list)? {
        Node::Expr(list) => Some(list),
        _ => None,
    }
}

/// The call that dials with the options of a list which a local keeps.
fn dial_with(cx: &Cx, list: ExprId) -> Option<ExprId> {
    let Def::Local(declaring) = cx.def(cx.kept_in(list)?) else { return None };
    cx.names.uses(declaring).find_map(|used| match cx.tree.parent(used) {
        Some(Node::Expr(call)) if cx.calls(call, DIALS) => Some(call),
        _ => None,
    })
}

/// Whether a dialer is given beside the credentials, which decides where the calls go.
fn has_dialer(cx: &Cx, credentials: ExprId) -> bool {
    let options = match cx.around(credentials, is_dial) {
        Some(Node::Expr(dial)) => cx.call(dial).map_or(&[][..], |dial| dial.args),
        _ => match list_around(cx, credentials).map(|list| cx.expr(list)) {
            Some(Expr::Composite { elems, .. }) => cx.exprs(elems),
            _ => &[],
        },
    };
    options.iter().any(|&option| cx.calls(option, DIALERS))
}

/// Whether the function around speaks of sockets or addresses of this machine.
fn is_local_around(cx: &Cx, credentials: ExprId) -> bool {
    let is_local = |cx: &Cx, node: Node| match node {
        Node::Expr(id) if matches!(cx.expr(id), Expr::Literal(LiteralKind::String)) => {
            let text = cx.source(id).trim_matches('"');
            ["unix", "localhost", "127.", "[::1]"].iter().any(|name| text.starts_with(name))
        }
        _ => false,
    };
    cx.enclosing_decl(credentials).is_some_and(|decl| !cx.within(decl, true, is_local).is_empty())
}

fn is_this_machine(cx: &Cx, mut target: ExprId) -> bool {
    // The scheme or host is enough to tell.
    while cx.string_value(target).is_none()
        && let Expr::Binary { op: BinaryOp::Add, lhs, .. } = cx.expr(target)
    {
        target = lhs;
    }
    let Some(target) = cx.string_value(target) else { return false };
    let host = target.rsplit("//").next().unwrap_or_default().trim_start_matches('/');
    target.starts_with("unix")
        || ["localhost", "127.", "[::1]", "bufnet", "bufconn"].iter().any(|name| host.starts_with(name))
}

/// Whether the function around makes two addresses with one port. One it listens on, and the other it dials: the server is of the same
/// process.
fn is_in_process(cx: &Cx, credentials: ExprId) -> bool {
    let joins = |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if cx.calls(call, &["net.JoinHostPort"]));
    let Some(decl) = cx.enclosing_decl(credentials) else { return false };
    let joined = cx.within(decl, true, joins);
    let port = |node: &Node| match *node {
        Node::Expr(call) => cx.call(call)?.args.last().copied().filter(|&port| cx.constant_value(port).is_none()),
        _ => None,
    };
    let ports: Vec<ExprId> = joined.iter().filter_map(port).take(8).collect();
    ports.iter().enumerate().any(|(at, &one)| ports.iter().take(at).any(|&other| cx.same_text(one, other)))
}
