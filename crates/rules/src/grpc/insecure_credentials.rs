//! A gRPC connection has no transport security.
//!
//! With `insecure.NewCredentials` calls, tokens in their metadata included, travel in the clear, and nothing says who
//! answers. Give the client `credentials.NewTLS`, and the server `grpc.Creds`.
//!
//! Silent in tests, for this machine (localhost, unix sockets, a dialer of its own), where a condition decides, and where
//! a comment gives the reason, such as a mesh that encrypts.
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
//! ```
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
//! import "google.golang.org/grpc/credentials/insecure"
//! const sidecar = "localhost:15001"
//! func fine(addr string, plain bool, creds credentials.TransportCredentials, options []grpc.ServerOption) {
//! 	grpc.NewClient(sidecar, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	grpc.NewClient("unix:///run/orders.sock", grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	grpc.NewClient("passthrough:///x", grpc.WithContextDialer(pipe), grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
//! 	// The mesh encrypts between pods.
//! 	grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	if plain {
//! 		grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! 	}
//! 	listener, _ := net.Listen("tcp", ":50051")
//! 	grpc.NewServer(grpc.Creds(creds)).Serve(listener)
//! 	grpc.NewServer(options...).Serve(listener)
//! }
//! func pipe(ctx context.Context, addr string) (net.Conn, error)
//! func local() {
//! 	listener, _ := net.Listen("tcp", "127.0.0.1:0")
//! 	grpc.NewServer().Serve(listener)
//! }
//! ```
use gopeer_lint::prelude::*;

use crate::security::support::is_chosen;

pub static RULE: Rule = Rule {
    id: "grpc/insecure-credentials",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["semgrep:grpc-client-insecure-connection", "semgrep:grpc-server-insecure-connection"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

const DIALS: &[&str] =
    &["google.golang.org/grpc.NewClient", "google.golang.org/grpc.Dial", "google.golang.org/grpc.DialContext"];

fn check(cx: &mut Cx, call: ExprId) {
    let Some(Call { callee: name, args, .. }) = cx.call(call) else { return };
    if !name.path.starts_with("google.golang.org/grpc") {
        return;
    }
    if name.is(&["google.golang.org/grpc/credentials/insecure.NewCredentials"])
        || name.is(&["google.golang.org/grpc.WithInsecure"])
    {
        cx.examined();
        if !is_meant(cx, call) && !dials_this_machine(cx, call) {
            cx.report(call, "calls travel in the clear: the connection has no transport security")
                .note("anybody on the way reads and changes them, credentials in the metadata included");
        }
    } else if name.is(&["google.golang.org/grpc.NewServer"]) {
        server(cx, call, args);
    }
}

/// Whether somebody has chosen this: a condition, a comment at the statement, or a name that says what it does.
fn is_meant(cx: &Cx, at: ExprId) -> bool {
    const WORDS: &[&str] = &["mesh", "sidecar", "encrypt", "tls", "proxy", "internal", "local", "trust", "insecure"];
    is_chosen(cx, at, WORDS) || cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).is_some_and(says_insecure)
}

fn says_insecure(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["insecure", "plaintext", "local", "test"].iter().any(|word| name.contains(word))
}

/// Whether the credentials are given to a call that dials this machine, or that has a dialer of its own.
fn dials_this_machine(cx: &Cx, credentials: ExprId) -> bool {
    let dial = cx.tree.ancestors(credentials).find_map(|node| match node {
        Node::Expr(outer) if cx.calls(outer, DIALS) => Some(outer),
        _ => None,
    });
    let Some(Call { args, .. }) = dial.and_then(|dial| cx.call(dial)) else { return false };
    let own_dialer =
        |arg: &ExprId| cx.callee(*arg).is_some_and(|name| matches!(name.name, "WithContextDialer" | "WithDialer"));
    args.iter().any(own_dialer) || args.iter().take(2).any(|&arg| is_this_machine(cx, arg))
}

fn is_this_machine(cx: &Cx, target: ExprId) -> bool {
    let Some(target) = cx.string_value(target) else { return false };
    let host = target.rsplit("//").next().unwrap_or_default().trim_start_matches('/');
    target.starts_with("unix")
        || ["localhost", "127.", "[::1]", "bufnet", "bufconn"].iter().any(|name| host.starts_with(name))
}

/// A server without credentials, in a function that listens on all interfaces.
fn server(cx: &mut Cx, call: ExprId, args: &[ExprId]) {
    let Expr::Call { fun, spread: false, .. } = cx.expr(call) else { return };
    // Only grpc's own options are known to be no credentials.
    let plain = |arg: &ExprId| {
        cx.callee(*arg).is_some_and(|name| name.path == "google.golang.org/grpc" && name.name != "Creds")
    };
    if !args.iter().all(plain) {
        return;
    }
    let Some(func) = cx.enclosing_func(call) else { return };
    cx.examined();
    let listens = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if listens_everywhere(cx, id));
    if !cx.within(func.body, true, listens).is_empty() && !is_meant(cx, call) {
        cx.report(fun, "this server has no transport security, and listens on all interfaces")
            .note("`grpc.Creds(credentials.NewServerTLSFromCert(…))` gives it a certificate");
    }
}

fn listens_everywhere(cx: &Cx, call: ExprId) -> bool {
    let Some(Call { callee: name, args: [_, addr], .. }) = cx.call(call) else { return false };
    let addr = cx.string_value(*addr);
    name.is(&["net.Listen"]) && addr.is_some_and(|addr| addr.strip_prefix("0.0.0.0").unwrap_or(&addr).starts_with(':'))
}
