//! Debug handlers are served to everybody who reaches the port.
//!
//! Importing `net/http/pprof` or `expvar` registers handlers on `http.DefaultServeMux`, and a server with a nil handler
//! serves that mux. On an address without a host it listens on all interfaces, so that anybody who reaches the port reads
//! the command line, with any secrets in it, sees what the program is doing, or starts a CPU profile at will. Bind it to
//! localhost, or give the public server a mux of its own.
//!
//! Limits: the import, the address and the server must be in one file, and the address must begin with its port: a
//! constant, a sum, or a format. Handlers that are registered by hand are seen where the same function serves their mux.
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
//! import "net/http/pprof"
//! func main() {
//! 	mux := http.NewServeMux()
//! 	mux.HandleFunc("/debug/pprof/", pprof.Index)
//! 	mux.HandleFunc("/", index)
//! 	log.Fatal(http.ListenAndServe(":8080", mux))
//! 	//                            ^^^^^^^ `net/http/pprof` is served on all interfaces here
//! }
//! func index(w http.ResponseWriter, r *http.Request)
//! ```
//! ```go good
//! import _ "net/http/pprof"
//! func main() {
//! 	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }() // only this machine reaches it
//! 	run()
//! }
//! ```
//! ```go good
//! import _ "net/http/pprof"
//! func main() {
//! 	mux := http.NewServeMux() // has none of the debug handlers
//! 	log.Fatal(http.ListenAndServe(":8080", mux))
//! }
//! ```
//! ```go good
//! func main() {
//! 	log.Fatal(http.ListenAndServe(":8080", nil)) // no debug handlers imported
//! }
//! ```
//!
//! # Impact
//!
//! With pprof, anybody who reaches the port reads the command line, with any secrets in it, and what the program is
//! doing at the moment, and can start CPU profiles one after the other; with expvar, the command line and what the
//! program publishes. In access logs these are ordinary requests for `/debug/pprof` or `/debug/vars`.
//!
//! # Verify
//!
//! - `curl -s http://HOST:8080/debug/pprof/cmdline`: from another machine; it must not answer, and neither must
//!   `/debug/vars`
//! - `ss -ltnp`: which addresses the process listens on
//!
//! # References
//!
//! - [Package net/http/pprof](https://pkg.go.dev/net/http/pprof)
use gopeer_lint::prelude::*;

use crate::address::{is_on_all_interfaces, port_on_all_interfaces};

pub static RULE: Rule = Rule {
    id: "security/debug-exposed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gosec:G108", "gosec:G102", "semgrep:pprof-debug-exposure"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(SERVERS, check_call),
        Hook::Call(&["github.com/gin-gonic/gin.Engine.Run", "github.com/labstack/echo/v4.Echo.Start"], check_router),
        Hook::Set(&["net/http.Server.Addr"], check_server),
    ],
    examines: "addresses that are served",
};

const SERVERS: &[&str] = &["net/http.ListenAndServe", "net/http.ListenAndServeTLS"];
/// What is registered by hand.
const HANDLERS: &[&str] = &[
    "expvar.Handler",
    "github.com/gin-contrib/pprof.Register",
    "net/http/pprof.Handler",
    "net/http/pprof.Index",
    "net/http/pprof.Profile",
];

fn check_call(cx: &mut Cx, call: Call) {
    if let &[addr, .., handler] = call.args
        && serves_debug(cx, Some(handler))
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
    let handler = cx.setting(server, "Handler").value();
    if (handler.is_some() || !cx.sets(server, &["Handler"])) && serves_debug(cx, handler) {
        check(cx, addr.value, false);
    }
}

/// `router.Run(":8080")`, where debug handlers are registered on the router.
fn check_router(cx: &mut Cx, call: Call) {
    if let (Some(router), Some(&addr)) = (call.receiver, call.args.first())
        && registers(cx, router)
    {
        check(cx, addr, false);
    }
}

/// Whether a handler, or none, serves the default mux, or a mux on which this function registers debug handlers.
fn serves_debug(cx: &Cx, handler: Option<ExprId>) -> bool {
    let Some(handler) = handler else { return true };
    cx.is_builtin(handler, "nil") || cx.denotes(handler, &["net/http.DefaultServeMux"]) || registers(cx, handler)
}

/// Whether a statement hands the router, or something made of it, together with a debug handler to a call.
fn registers(cx: &Cx, router: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(router) else { return false };
    cx.once(declaring, registration).is_some()
}

fn registration(cx: &Cx, declaring: Node) -> Option<Node> {
    let Node::Expr(declaring) = declaring else { return None };
    let is_handler = |id| cx.denotes(id, HANDLERS);
    let registers = |used: &ExprId| {
        let stmt = cx.tree.ancestors(*used).find(|node| matches!(node, Node::Stmt(_)));
        let is_call = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Expr(_)));
        stmt.filter(|&stmt| is_call(stmt)).is_some_and(|stmt| cx.find_expr(stmt, false, is_handler).is_some())
    };
    cx.names.uses(declaring).find(registers).map(Node::Expr)
}

/// Reports an address that other machines reach.
fn check(cx: &mut Cx, addr: ExprId, fixable: bool) {
    let registered = ["net/http/pprof", "expvar", "github.com/gin-contrib/pprof"]
        .into_iter()
        .find(|path| cx.file.scope.imports(path));
    let Some(package) = registered else { return };
    cx.examined();
    if !is_on_all_interfaces(cx, addr) {
        return;
    }
    let address = cx.string_value(addr);
    let port = address.as_deref().and_then(port_on_all_interfaces).filter(|_| fixable);
    let edit = port.map(|port| (cx.span(addr), format!("\"localhost:{port}\"")));
    cx.report(addr, format!("`{package}` is served on all interfaces here"))
        .note(
            "anyone who reaches the port can see its stacks and its command line, and keep the CPU busy with profiles",
        )
        .fix("Listen on localhost only", edit);
}
