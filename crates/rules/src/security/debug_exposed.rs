//! Profiling handlers are served to everybody who reaches the port.
//!
//! Importing `net/http/pprof` for its side effect registers its handlers on `http.DefaultServeMux`, and a server with a
//! nil handler serves that mux. On an address without a host it listens on all interfaces, so anybody can read the heap
//! (with what secrets are in it) and the command line, or start a CPU profile at will. Bind it to localhost, or give the
//! public server a mux of its own.
//!
//! Other debug surfaces (playgrounds, directory listings, gin's debug mode) come with types.
//!
//! ```go bad
//! import _ "net/http/pprof"
//! func main() {
//! 	go func() { log.Print(http.ListenAndServe(":6060", nil)) }()
//! 	//                                        ^^^^^^^ `net/http/pprof` is served on all interfaces here
//! 	run()
//! }
//! ```
//! ```diff fixed
//! -	go func() { log.Print(http.ListenAndServe(":6060", nil)) }()
//! +	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }()
//! ```
//! ```go good
//! import _ "net/http/pprof"
//! func main() {
//! 	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }()
//! 	srv := &http.Server{Addr: ":8080", Handler: http.NewServeMux(), ReadHeaderTimeout: time.Second}
//! 	log.Fatal(srv.ListenAndServe())
//! }
//! ```
//! ```go good
//! func main() {
//! 	log.Fatal(http.ListenAndServe(":8080", nil)) // no debug handlers imported
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/debug-exposed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &[
        "gosec:G108",
        "gosec:G111",
        "gosec:G102",
        "semgrep:pprof-debug-exposure",
        "semgrep:fs-directory-listing",
    ],
    fix: FixKind::Suggested,
    needs: Needs::Syntax,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    if !cx.source(name).starts_with("ListenAndServe") || !registers_pprof(cx) || cx.file.is_test() {
        return;
    }
    let Some((name, args)) = cx.call_of(call) else { return };
    let (Some(&addr), Some(&handler)) = (args.first(), args.last()) else { return };
    if name.path != "net/http" || !(cx.is_builtin(handler, "nil") || cx.is(handler, "net/http.DefaultServeMux")) {
        return;
    }
    cx.examined();
    let Some(value) = cx.string_value(addr) else { return };
    let Some(port) = value.strip_prefix("0.0.0.0").unwrap_or(&value).strip_prefix(':') else { return };
    let own_listener =
        cx.tree.ancestors(call).any(|node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_))));
    let edit = (cx.span(addr), format!("\"localhost:{port}\""));
    let report = cx
        .report(addr, "`net/http/pprof` is served on all interfaces here")
        .note("the import registers its handlers on http.DefaultServeMux, which a nil handler serves");
    // A server in the background is there for debugging; the main one has other things to serve.
    if own_listener {
        report.fix("Listen on localhost only", [edit]);
    }
}

fn registers_pprof(cx: &Cx) -> bool {
    cx.file.scope.imports("net/http/pprof")
}
