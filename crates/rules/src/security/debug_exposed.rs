//! Debug handlers are served to everybody who reaches the port.
//!
//! Importing `net/http/pprof` or `expvar` registers handlers on `http.DefaultServeMux`, and a server with a
//! nil handler serves that mux. On an address without a host it listens on all interfaces, so anybody can read the heap
//! (with what secrets are in it) and the command line, or start a CPU profile at will. Bind it to localhost, or give the
//! public server a mux of its own.
//!
//! Limits: the import, the address and the server must stand in one file, and the address must be a constant. Handlers that
//! are registered by hand are not looked at.
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
//! ```go bad
//! import _ "expvar"
//! const addr = ":8080"
//! func main() {
//! 	srv := &http.Server{Addr: addr, ReadHeaderTimeout: time.Second}
//! 	//                        ^^^^ `expvar` is served on all interfaces here
//! 	log.Fatal(srv.ListenAndServe())
//! }
//! ```
//! ```go good
//! import _ "net/http/pprof"
//! func main() {
//! 	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }() // only this machine reaches it
//! 	srv := &http.Server{Addr: ":8080", Handler: http.NewServeMux(), ReadHeaderTimeout: time.Second} // a mux of its own
//! 	log.Fatal(srv.ListenAndServe())
//! }
//! ```
//! ```go good
//! func main() {
//! 	log.Fatal(http.ListenAndServe(":8080", nil)) // no debug handlers imported
//! }
//! ```
use gopeer_lint::prelude::*;

use crate::address::port_on_all_interfaces;

pub static RULE: Rule = Rule {
    id: "security/debug-exposed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gosec:G108", "gosec:G102", "semgrep:pprof-debug-exposure"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(DEFAULT_SERVERS, check_call), Hook::Set(&["net/http.Server.Addr"], check_server)],
    file: file!(),
};

const DEFAULT_SERVERS: &[&str] = &["net/http.ListenAndServe", "net/http.ListenAndServeTLS"];

fn check_call(cx: &mut Cx, call: Call) {
    if let &[addr, .., handler] = call.args
        && is_default_mux(cx, handler)
    {
        // A server in the background is there for debugging and can do without other machines; the main one cannot.
        let in_background = cx.around(call.expr, is_go).is_some();
        check(cx, addr, in_background);
    }
}

fn is_go(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_)))
}

fn check_server(cx: &mut Cx, addr: Assigned) {
    let Some(server) = cx.config_of(addr).filter(Config::is_literal) else { return };
    let serves_all = match cx.setting(server, "Handler") {
        Setting::Set(handler) => is_default_mux(cx, handler),
        _ => !cx.sets(server, &["Handler"]),
    };
    if serves_all {
        check(cx, addr.value, false);
    }
}

fn is_default_mux(cx: &Cx, handler: ExprId) -> bool {
    cx.is_builtin(handler, "nil") || cx.denotes(handler, &["net/http.DefaultServeMux"])
}

/// Reports an address that other machines reach.
fn check(cx: &mut Cx, addr: ExprId, fixable: bool) {
    let registered = ["net/http/pprof", "expvar"].into_iter().find(|path| cx.file.scope.imports(path));
    let Some(package) = registered else { return };
    cx.examined();
    let Some(value) = cx.string_value(addr) else { return };
    let Some(port) = port_on_all_interfaces(&value) else { return };
    let edit = (cx.span(addr), format!("\"localhost:{port}\""));
    cx.report(addr, format!("`{package}` is served on all interfaces here"))
        .note("the import registers its handlers on http.DefaultServeMux, which a nil handler serves")
        .fix("Listen on localhost only", fixable.then_some(edit));
}
