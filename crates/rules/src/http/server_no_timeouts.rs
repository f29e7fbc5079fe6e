//! An HTTP server runs without read timeouts.
//!
//! The zero value of `http.Server` waits forever: a client that sends its headers one byte a minute holds a connection
//! and a goroutine, and a few thousand of them take the service down (Slowloris). `http.ListenAndServe` and its
//! siblings build such a server. Set `ReadHeaderTimeout` (or `ReadTimeout`, which it falls back to according to the
//! documentation of net/http), and `WriteTimeout` and `IdleTimeout` where no handler streams.
//!
//! gin's `Run` and echo's `Start` are no better, unless echo's own `Server` is given the timeout.
//!
//! Limits: a server that is handed to other code is not reported, since that may configure it, and neither is one that
//! listens on localhost only. A timeout that is set under a condition counts as set.
//!
//! ```go bad
//! func main() {
//! 	mux := http.NewServeMux()
//! 	log.Fatal(http.ListenAndServe(":8080", mux))
//! 	//        ^^^^^^^^^^^^^^^^^^^ `http.ListenAndServe` runs a server without any timeout
//! }
//! ```
//! ```diff fixed
//! -	log.Fatal(http.ListenAndServe(":8080", mux))
//! +	log.Fatal((&http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}).ListenAndServe())
//! ```
//! ```go bad
//! func newServer(h http.Handler) *http.Server {
//! 	return &http.Server{
//! 		//     ^^^^^^^^^^^ this `http.Server` sets neither `ReadHeaderTimeout` nor `ReadTimeout`
//! 		Addr:    ":8080",
//! 		Handler: h,
//! 	}
//! }
//! ```
//! ```diff fixed
//! +		ReadHeaderTimeout: 10 * time.Second,
//! ```
//! ```go bad
//! func run() error {
//! 	router := gin.Default()
//! 	return router.Run(":8080")
//! 	//     ^^^^^^^^^^ `router.Run` runs a server without any timeout
//! }
//! ```
//! ```go bad
//! import "github.com/gin-gonic/gin"
//! import "github.com/labstack/echo/v4"
//! const addr = ":8080"
//! type api struct{ engine *gin.Engine }
//! func (a *api) run() error {
//! 	return a.engine.Run(addr)
//! 	//     ^^^^^^^^^^^^ `a.engine.Run` runs a server without any timeout
//! }
//! func start(e *echo.Echo) error {
//! 	return e.Start(addr)
//! 	//     ^^^^^^^ `e.Start` runs a server without any timeout
//! }
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! import "github.com/labstack/echo/v4"
//! const admin = "localhost:6060"
//! func start(e *echo.Echo, engine *gin.Engine) error {
//! 	go func() { engine.Run(admin) }() // only this machine reaches it
//! 	e.Server.ReadHeaderTimeout = time.Second
//! 	return e.Start(":8080")
//! }
//! ```
//! ```go good
//! func serve(h http.Handler, conf Config) error {
//! 	srv := &http.Server{Addr: conf.Addr, Handler: h}
//! 	srv.ReadHeaderTimeout = conf.HeaderTimeout // set after the literal
//! 	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }() // only this machine reaches it
//! 	return srv.ListenAndServe()
//! }
//! ```
//! ```go good
//! func start(h http.Handler, options ...func(*http.Server)) error {
//! 	srv := &http.Server{Handler: h}
//! 	for _, option := range options {
//! 		option(srv) // may set it
//! 	}
//! 	return withDefaults(&http.Server{Handler: h}).Serve(listener)
//! }
//! ```
//! ```go good file=server_test.go
//! func TestServe(t *testing.T) {
//! 	go http.ListenAndServe(":8080", nil)
//! }
//! ```
use gopeer_lint::prelude::*;

use crate::address::is_loopback;

pub static RULE: Rule = Rule {
    id: "http/server-no-timeouts",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Leak, 2), (Concern::Security, 2)],
    equivalents: &["gosec:G112", "gosec:G114"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Config(&["net/http.Server"], check_server),
        Hook::Call(DEFAULT_SERVERS, check_default),
        Hook::Call(FRAMEWORKS, check_framework),
    ],
    file: file!(),
};

/// What serves with a server that nobody can configure.
const DEFAULT_SERVERS: &[&str] =
    &["net/http.ListenAndServe", "net/http.ListenAndServeTLS", "net/http.Serve", "net/http.ServeTLS"];
const FRAMEWORKS: &[&str] = &[
    "github.com/gin-gonic/gin.Engine.Run",
    "github.com/gin-gonic/gin.Engine.RunTLS",
    "github.com/labstack/echo/v4.Echo.Start",
    "github.com/labstack/echo/v4.Echo.StartTLS",
];
const WHY: &str = "a client that sends slowly then holds its connection and goroutine for ever";

fn check_server(cx: &mut Cx, server: Config) {
    // Without an address and a handler it carries settings for a library, as http2.ServeConnOpts.BaseConfig does.
    if !cx.sets(server, &["Addr", "Handler"]) || is_local(cx, cx.setting(server, "Addr").value()) {
        return;
    }
    cx.examined();
    if cx.may_set(server, &["ReadHeaderTimeout", "ReadTimeout"]) {
        return;
    }
    let at = cx.head(server);
    let edit = cx.with_setting(server, "ReadHeaderTimeout", "10 * time.Second");
    let message = format!("this `{}` sets neither `ReadHeaderTimeout` nor `ReadTimeout`", cx.source(at));
    cx.report(at, message).note(WHY).fix("Set ReadHeaderTimeout", edit).needing("time");
}

fn check_default(cx: &mut Cx, call: Call) {
    let (addr, handler, rest) = match *call.args {
        [addr, handler] if call.callee.name == "ListenAndServe" => (Some(addr), handler, vec![]),
        [addr, cert, key, handler] if call.callee.name == "ListenAndServeTLS" => (Some(addr), handler, vec![cert, key]),
        [listener, handler, ref files @ ..] => (None, handler, [&[listener], files].concat()),
        _ => return,
    };
    let Expr::Selector { base: package, .. } = cx.expr(call.fun) else { return };
    if is_local(cx, addr) {
        return;
    }
    cx.examined();
    let addr = addr.map(|addr| format!("Addr: {}, ", cx.source(addr))).unwrap_or_default();
    let handler = match cx.source(handler) {
        "nil" => String::new(),
        handler => format!("Handler: {handler}, "),
    };
    let server = format!("{}.Server{{{addr}{handler}ReadHeaderTimeout: 10 * time.Second}}", cx.source(package));
    let rest: Vec<&str> = rest.into_iter().map(|arg| cx.source(arg)).collect();
    let edit = (cx.span(call.expr), format!("(&{server}).{}({})", call.callee.name, rest.join(", ")));
    report(cx, call).fix("Build the server with a timeout", [edit]).needing("time");
}

fn check_framework(cx: &mut Cx, call: Call) {
    if is_local(cx, call.args.first().copied()) || sets_timeout(cx, call) {
        return;
    }
    cx.examined();
    report(cx, call).note("hand the engine to an `http.Server` that sets ReadHeaderTimeout, and run that");
}

fn report<'c>(cx: &'c mut Cx, call: Call) -> Report<'c> {
    cx.report(call.fun, format!("`{}` runs a server without any timeout", cx.source(call.fun))).note(WHY)
}

/// Whether the function around sets a read timeout: echo keeps its server in a field.
fn sets_timeout(cx: &Cx, call: Call) -> bool {
    let is_timeout = |cx: &Cx, node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Selector { name, .. } => matches!(cx.source(name), "ReadHeaderTimeout" | "ReadTimeout"),
            _ => false,
        },
        _ => false,
    };
    cx.enclosing_decl(call.expr).is_some_and(|func| !cx.within(func, true, is_timeout).is_empty())
}

fn is_local(cx: &Cx, addr: Option<ExprId>) -> bool {
    addr.and_then(|addr| cx.string_value(addr)).is_some_and(|addr| is_loopback(&addr))
}
