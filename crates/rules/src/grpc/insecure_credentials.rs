//! A gRPC client has no transport security.
//!
//! With `insecure.NewCredentials` calls, tokens in their metadata included, travel in the clear, and nothing says who
//! answers. Give the client `credentials.NewTLS`.
//!
//! Limits: silent in tests, for this machine (localhost, Unix sockets, a dialer of its own), where a condition decides, and
//! where a comment gives the reason, such as a mesh that encrypts, or the function's name says it.
//!
//! ```go bad
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! func dial(addr string) (*grpc.ClientConn, error) {
//! 	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
//! 	//                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^ calls travel in the clear: the connection has no transport security
//! 	return grpc.NewClient(addr, options...)
//! }
//! func old() (*grpc.ClientConn, error) {
//! 	return grpc.Dial("orders.example.com:443", grpc.WithInsecure())
//! 	//                                         ^^^^^^^^^^^^^^^^^^^ calls travel in the clear: the connection has no transport security
//! }
//! func more(addr string, option grpc.DialOption) (*grpc.ClientConn, error) {
//! 	return grpc.NewClient(addr, option, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	//                                                                ^^^^^^^^^^^^^^^^^^^^^^^^^ calls travel in the clear: the connection has no transport security
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! const sidecar = "localhost:15001"
//! func fine(socket string) { // the calls stay on this machine
//! 	grpc.NewClient(sidecar, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	grpc.NewClient("passthrough:///x", grpc.WithContextDialer(pipe), grpc.WithTransportCredentials(insecure.NewCredentials()))
//! }
//! func pipe(ctx context.Context, addr string) (net.Conn, error)
//! ```
//! ```go good
//! import "google.golang.org/grpc"
//! import "google.golang.org/grpc/credentials/insecure"
//! func fine(addr string, plain bool) {
//! 	// The mesh encrypts between pods.
//! 	grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	if plain { // somebody asked for it
//! 		grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::is_meant;

pub static RULE: Rule = Rule {
    id: "grpc/insecure-credentials",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["semgrep:grpc-client-insecure-connection"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(PLAINTEXT, check)],
    file: file!(),
};

const PLAINTEXT: &[&str] =
    &["google.golang.org/grpc/credentials/insecure.NewCredentials", "google.golang.org/grpc.WithInsecure"];
const DIALS: &[&str] =
    &["google.golang.org/grpc.NewClient", "google.golang.org/grpc.Dial", "google.golang.org/grpc.DialContext"];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    if !is_meant(cx, call.expr) && !dials_this_machine(cx, call.expr) {
        cx.report(call.expr, "calls travel in the clear: the connection has no transport security")
            .note("anybody on the way reads and changes them, credentials in the metadata included");
    }
}

/// Whether the credentials are given to a call that dials this machine, or that has a dialer of its own.
fn dials_this_machine(cx: &Cx, credentials: ExprId) -> bool {
    let dials = |cx: &Cx, node| matches!(node, Node::Expr(outer) if cx.calls(outer, DIALS));
    let Some(Node::Expr(dial)) = cx.around(credentials, dials) else { return false };
    let dialer = cx.config(dial).is_some_and(|client| cx.sets(client, &["WithContextDialer", "WithDialer"]));
    let args = cx.call(dial).map_or(&[][..], |dial| dial.args);
    dialer || args.iter().take(2).any(|&target| is_this_machine(cx, target))
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
