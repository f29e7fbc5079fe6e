//! What is there for debugging is served to everybody who reaches the port.
//!
//! Importing `net/http/pprof` or `expvar` registers handlers on `http.DefaultServeMux`, and a server with a
//! nil handler serves that mux. On an address without a host it listens on all interfaces, so anybody can read the heap
//! (with what secrets are in it) and the command line, or start a CPU profile at will. Bind it to localhost, or give the
//! public server a mux of its own.
//!
//! A GraphQL playground and introspection hand out the whole schema, gin's debug mode prints routes, and a file server
//! on `/` serves the machine. All of it is fine where a condition decides.
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
//! ```go bad
//! import "github.com/99designs/gqlgen/graphql/handler"
//! import "github.com/99designs/gqlgen/graphql/handler/extension"
//! import "github.com/99designs/gqlgen/graphql/playground"
//! import "github.com/gin-gonic/gin"
//! func routes(mux *http.ServeMux, srv *handler.Server) {
//! 	mux.Handle("/", playground.Handler("GraphQL", "/query"))
//! 	//              ^^^^^^^^^^^^^^^^^^ the GraphQL playground is open to everybody
//! 	srv.Use(extension.Introspection{})
//! 	//      ^^^^^^^^^^^^^^^^^^^^^^^^^ introspection hands out the whole schema
//! 	gin.SetMode(gin.DebugMode)
//! 	//          ^^^^^^^^^^^^^ gin runs in debug mode
//! 	mux.Handle("/files/", http.FileServer(http.Dir("/")))
//! 	//                                    ^^^^^^^^^^^^^ the whole file system is served
//! }
//! ```
//! ```go good
//! import "github.com/99designs/gqlgen/graphql/playground"
//! import "github.com/gin-gonic/gin"
//! func routes(mux *http.ServeMux, debug bool, mode string) {
//! 	if debug {
//! 		mux.Handle("/", playground.Handler("GraphQL", "/query"))
//! 		gin.SetMode(gin.DebugMode)
//! 	}
//! 	gin.SetMode(mode)
//! 	gin.SetMode(gin.ReleaseMode)
//! 	mux.Handle("/static/", http.FileServer(http.Dir("/srv/static")))
//! }
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

use super::support::is_chosen;

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
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check), Hook::Expr(&[ExprKind::Composite], literal)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name: method, .. } = cx.expr(fun) else { return };
    let Some(Call { callee: name, args, .. }) = cx.call(call) else { return };
    let surface = match (cx.source(method), args) {
        ("ListenAndServe" | "ListenAndServeTLS", [addr, .., handler]) if name.path == "net/http" => {
            return serve(cx, call, *addr, *handler);
        }
        ("Handler", _) if name.is(&["github.com/99designs/gqlgen/graphql/playground.Handler"]) => {
            (fun, "the GraphQL playground is open to everybody")
        }
        ("SetMode", [mode]) if name.is(&["github.com/gin-gonic/gin.SetMode"]) && is_debug_mode(cx, *mode) => {
            (*mode, "gin runs in debug mode")
        }
        ("Dir", [root]) if name.is(&["net/http.Dir"]) && cx.string_value(*root).as_deref() == Some("/") => {
            (call, "the whole file system is served")
        }
        _ => return,
    };
    surface_is_open(cx, call, surface);
}

fn is_debug_mode(cx: &Cx, mode: ExprId) -> bool {
    cx.string_value(mode)
        .map_or_else(|| cx.denotes(mode, &["github.com/gin-gonic/gin.DebugMode"]), |mode| mode == "debug")
}

/// Reports a debug surface, unless a condition decides about it or a comment gives a reason.
fn surface_is_open(cx: &mut Cx, node: ExprId, (at, message): (ExprId, &'static str)) {
    cx.examined();
    if !is_chosen(cx, node, &["internal", "private", "auth", "firewall", "behind", "cluster"]) {
        cx.report(at, message)
            .note("switch it on by a setting of the environment that needs it, or put it behind a login");
    }
}

fn literal(cx: &mut Cx, composite: ExprId) {
    let Expr::Composite { ty: Some(ty), .. } = cx.expr(composite) else { return };
    if cx.denotes(ty, &["github.com/99designs/gqlgen/graphql/handler/extension.Introspection"]) {
        return surface_is_open(cx, composite, (composite, "introspection hands out the whole schema"));
    }
    if registered(cx).is_none() {
        return;
    }
    let Some(elems) = cx.literal_of(composite, "net/http.Server") else { return };
    let Some(addr) = cx.field(elems, "Addr") else { return };
    let serves_all = match cx.field(elems, "Handler") {
        Some(handler) => is_default_mux(cx, handler),
        None => !cx.sets_any(composite, &["Handler"]),
    };
    if serves_all {
        served_at(cx, addr, false);
    }
}

fn is_default_mux(cx: &Cx, handler: ExprId) -> bool {
    cx.is_builtin(handler, "nil") || cx.denotes(handler, &["net/http.DefaultServeMux"])
}

fn serve(cx: &mut Cx, call: ExprId, addr: ExprId, handler: ExprId) {
    if registered(cx).is_none() || !is_default_mux(cx, handler) {
        return;
    }
    let own_listener =
        cx.tree.ancestors(call).any(|node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_))));
    served_at(cx, addr, own_listener);
}

/// Reports an address that other machines reach. A server in the background is there for debugging and can do without
/// them; the main one has other things to serve.
fn served_at(cx: &mut Cx, addr: ExprId, background: bool) {
    let Some(package) = registered(cx) else { return };
    cx.examined();
    let Some(value) = cx.string_value(addr) else { return };
    let Some(port) = value.strip_prefix("0.0.0.0").unwrap_or(&value).strip_prefix(':') else { return };
    let edit = (cx.span(addr), format!("\"localhost:{port}\""));
    let report = cx
        .report(addr, format!("`{package}` is served on all interfaces here"))
        .note("the import registers its handlers on http.DefaultServeMux, which a nil handler serves");
    if background {
        report.fix("Listen on localhost only", [edit]);
    }
}

/// The imported package that registers debug handlers.
fn registered(cx: &Cx) -> Option<&'static str> {
    ["net/http/pprof", "expvar"].into_iter().find(|path| cx.file.scope.imports(path))
}
