//! An HTTP server runs without read timeouts.
//!
//! The zero value of `http.Server` waits forever. A client that sends its headers one byte a minute holds a connection and
//! a goroutine, and a few thousand such clients take the service down (Slowloris). `http.ListenAndServe` and its siblings
//! build such a server, gin's `Run` and echo's `Start` do too, and `fiber.New` and fasthttp read without a limit unless
//! `ReadTimeout` is set. Set `ReadHeaderTimeout`, or `ReadTimeout`, which stands in for it (documentation of net/http), and
//! also `WriteTimeout` and `IdleTimeout` unless a handler streams.
//!
//! Limits: a server that is handed to a function of this module may be configured there and is not reported. A timeout that
//! is set under a condition counts as set, also to zero. A server that only this machine reaches (localhost, a Unix socket)
//! is left alone, and one that is kept beside the path of a socket is low. So is what a command serves while it runs, as for a
//! login. A server in the background beside the main one is reported as medium, and one for those who run the program, by its
//! names (`metricsServer`, package `pprof`) or its paths, as low.
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
//! ```go good
//! func serve(h http.Handler, conf Config) error {
//! 	srv := &http.Server{Addr: conf.Addr, Handler: h}
//! 	srv.ReadHeaderTimeout = conf.HeaderTimeout // set after the literal
//! 	return srv.ListenAndServe()
//! }
//! ```
//! ```go good
//! func debug() {
//! 	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }() // only this machine reaches it
//! }
//! ```
//! ```go good
//! func start(h http.Handler, options ...func(*http.Server)) error {
//! 	srv := &http.Server{Handler: h}
//! 	for _, option := range options {
//! 		option(srv) // may set the timeout
//! 	}
//! 	return srv.ListenAndServe()
//! }
//! ```
//! ```go good file=server_test.go
//! func TestServe(t *testing.T) {
//! 	go http.ListenAndServe(":8080", nil) // only the test connects
//! }
//! ```
//!
//! # Idiom
//!
//! `http.ListenAndServe` is the form for examples. A program fills in an `http.Server`, limits included, and calls its `ListenAndServe`.
//!
//! # Impact
//!
//! A client that sends one byte a minute holds a connection, a goroutine and buffers; a few thousand of them from one
//! machine use up descriptors, and other clients cannot connect. Connections climb while the request rate does not.
//! Clients on slow networks do the same without meaning to.
//!
//! # Verify
//!
//! - `(printf 'GET / HTTP/1.1\r\nHost: x\r\n'; sleep 60) | nc localhost 8080`: the server has to close the connection
//!   before the minute is over
//! - `go test -run {test} {package}`: dial the server, send half of a header and expect the connection to be closed
//!
//! # Options
//!
//! - Set `ReadHeaderTimeout`: stops slow headers, and leaves uploads and streams alone
//!   - senior, data: safe for every handler
//! - Set read, write and idle timeouts: bounds the whole exchange; long downloads and streams need
//!   `http.ResponseController` to extend it
//!   - backend, throughput, cloud-native: every connection has an end
//!
//! # References
//!
//! - [Package net/http, Server](https://pkg.go.dev/net/http#Server)
//! - [Cloudflare, "So you want to expose Go on the Internet"](https://blog.cloudflare.com/exposing-go-on-the-internet/)
use gopeer_lint::prelude::*;

use super::support::{SERVES, change_of, is_left_zero, is_of_test_server, serves_locally};
use crate::address::{is_local, is_local_listener};
use crate::operators::{is_for_operators, is_operational, serves_operators};

pub static RULE: Rule = Rule {
    id: "http/server-no-timeouts",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Leak, 2), (Concern::Security, 2)],
    equivalents: &["gosec:G112", "gosec:G114"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Config(&["net/http.Server", "github.com/valyala/fasthttp.Server"], check_server),
        Hook::Config(&["github.com/gofiber/fiber/v2.App"], check_fiber),
        Hook::Call(DEFAULT_SERVERS, check_default),
        Hook::Call(FRAMEWORKS, check_framework),
        Hook::Call(SERVES, check_zero),
    ],
    examines: "HTTP servers",
};

/// What serves with a server that nobody can configure.
const DEFAULT_SERVERS: &[&str] =
    &["net/http.ListenAndServe", "net/http.ListenAndServeTLS", "net/http.Serve", "net/http.ServeTLS"];
const FRAMEWORKS: &[&str] = &[
    "github.com/gin-gonic/gin.Engine.Run",
    "github.com/gin-gonic/gin.Engine.RunListener",
    "github.com/gin-gonic/gin.Engine.RunTLS",
    "github.com/labstack/echo/v4.Echo.Start",
    "github.com/labstack/echo/v4.Echo.StartAutoTLS",
    "github.com/labstack/echo/v4.Echo.StartTLS",
    "github.com/valyala/fasthttp.ListenAndServe",
    "github.com/valyala/fasthttp.ListenAndServeTLS",
];
const TIMEOUTS: &[&str] = &["ReadHeaderTimeout", "ReadTimeout"];
const HEADERS: &str = "10 * time.Second";
const ALL: [(&str, &str); 3] =
    [("ReadTimeout", "30 * time.Second"), ("WriteTimeout", "30 * time.Second"), ("IdleTimeout", "2 * time.Minute")];
const SET_ALL: &str = "Set read, write and idle timeouts";
const MANY: &str = "servers in this file have no timeout";
const WHY: &str = "a client that sends a byte now and then keeps its connection and goroutine for as long as it likes";

fn check_server(cx: &mut Cx, server: Config) {
    // Without an address and a handler it carries settings for a library, as http2.ServeConnOpts.BaseConfig does.
    if !cx.sets(server, &["Addr", "Handler"]) || is_local(cx, cx.setting(server, "Addr").value()) {
        return;
    }
    cx.examined();
    // ConnState may set deadlines, and a test server is for tests.
    let limited = cx.may_set(server, TIMEOUTS) || cx.may_set(server, &["ConnState"]);
    if limited || serves_locally(cx, server) || is_of_test_server(cx, server) {
        return;
    }
    let at = cx.head(server);
    let (name, is_std) = (cx.source(at), cx.has_type(server.expr, &["net/http.Server"]));
    let (missing, timeout) = match is_std {
        true => ("sets neither `ReadHeaderTimeout` nor `ReadTimeout`", "ReadHeaderTimeout"),
        false => ("does not set `ReadTimeout`", "ReadTimeout"),
    };
    let edit = cx.with_setting(server, timeout, HEADERS);
    let others = ALL.into_iter().filter(|(name, _)| is_std && !cx.sets(server, &[name]));
    let all = cx.with_settings(server, &others.collect::<Vec<_>>());
    let address = cx.made_with(server, "Addr").value();
    let severity = match is_beside_socket(cx, server) || serves_metrics(cx, server) {
        true => Severity::Low,
        false => severity(cx, server.expr, address),
    };
    let report = cx.report(at, format!("this `{name}` {missing}")).note(WHY).severity(severity).one_of(MANY);
    let title = if is_std { "Set `ReadHeaderTimeout`" } else { "Limit reading" };
    let report = report.fix(title, edit).needing("time");
    if let Some(all) = all {
        report.fix(SET_ALL, [all]).needing("time");
    }
}

/// Whether the handler is the one that Prometheus asks.
fn serves_metrics(cx: &Cx, server: Config) -> bool {
    let handler = cx.made_with(server, "Handler").value();
    let made = handler.and_then(|handler| cx.call(cx.initial_value(handler).unwrap_or(handler)));
    made.is_some_and(|made| made.callee.path.ends_with("/promhttp"))
}

/// Whether the server has no address, and is kept in a struct that has a socket, or is named after one: other code starts it on that.
fn is_beside_socket(cx: &Cx, server: Config) -> bool {
    let is_literal =
        |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Composite { .. }));
    let owner = match (cx.keeper(server).map(|kept| cx.expr(kept)), cx.around(server.expr, is_literal)) {
        (Some(Expr::Selector { base, .. }), _) => base,
        (None, Some(Node::Expr(literal))) => literal,
        _ => return false,
    };
    let ty = cx.deref(cx.ty(owner));
    let Type::Struct(of) = cx.store.under(ty) else { return false };
    let names_socket = |name: &str| words(name).iter().any(|word| matches!(word.as_str(), "sock" | "socket" | "uds"));
    let is_named = cx.store.qualified_name(ty).is_some_and(|(_, name)| names_socket(name));
    let has_socket = || of.fields.iter().any(|field| names_socket(cx.store.text(field.name)));
    !cx.sets(server, &["Addr"]) && (is_named || has_socket())
}

fn check_fiber(cx: &mut Cx, app: Config) {
    let Some(call) = cx.call(app.expr) else { return };
    cx.examined();
    let unlimited = match call.args.first() {
        Some(&settings) => cx.config(settings).is_some_and(|settings| !cx.may_set(settings, &["ReadTimeout"])),
        None => true,
    };
    if unlimited {
        let name = cx.source(call.fun);
        cx.report(call.fun, format!("this `{name}` does not set `ReadTimeout`"))
            .note(WHY)
            .note("pass a `fiber.Config` with a `ReadTimeout`");
    }
}

/// A server that starts as the zero value and is completed by assignments.
fn check_zero(cx: &mut Cx, call: Call) {
    let Some(server) = call.receiver.filter(|&server| is_left_zero(cx, server, sets_timeout)) else { return };
    cx.examined();
    let name = cx.source(server);
    cx.report(call.fun, format!("`{name}` sets neither `ReadHeaderTimeout` nor `ReadTimeout`")).note(WHY);
}

fn sets_timeout(cx: &Cx, declaring: Node) -> Option<Node> {
    change_of(cx, declaring, TIMEOUTS)
}

fn check_default(cx: &mut Cx, call: Call) {
    let (addr, handler, rest) = match *call.args {
        [addr, handler] if call.callee.name == "ListenAndServe" => (Some(addr), handler, vec![]),
        [addr, cert, key, handler] if call.callee.name == "ListenAndServeTLS" => (Some(addr), handler, vec![cert, key]),
        [listener, handler, ref files @ ..] => (None, handler, [&[listener], files].concat()),
        _ => return,
    };
    let Expr::Selector { base: package, .. } = cx.expr(call.fun) else { return };
    if is_local(cx, addr) || call.args.first().is_some_and(|&first| is_local_listener(cx, first)) {
        return;
    }
    cx.examined();
    let addr = addr.map(|addr| format!("Addr: {}, ", cx.source(addr))).unwrap_or_default();
    let handler = match cx.source(handler) {
        "nil" => String::new(),
        handler => format!("Handler: {handler}, "),
    };
    let rest: Vec<&str> = rest.into_iter().map(|arg| cx.source(arg)).collect();
    let (package, name, rest) = (cx.source(package), call.callee.name, rest.join(", "));
    let with = |limits: String| {
        let server = format!("(&{package}.Server{{{addr}{handler}{limits}}}).{name}({rest})");
        [(cx.span(call.expr), server)]
    };
    let all = ALL.map(|(name, limit)| format!("{name}: {limit}")).join(", ");
    let (headers, all) = (with(format!("ReadHeaderTimeout: {HEADERS}")), with(all));
    report(cx, call).fix("Set `ReadHeaderTimeout`", headers).needing("time").fix(SET_ALL, all).needing("time");
}

fn check_framework(cx: &mut Cx, call: Call) {
    let first = call.args.first().copied();
    if is_local(cx, first) || first.is_some_and(|first| is_local_listener(cx, first)) || sets_timeout_of_field(cx, call)
    {
        return;
    }
    cx.examined();
    report(cx, call).note("set a read timeout on the server: gin and echo run on an `http.Server` as well");
}

fn report<'c>(cx: &'c mut Cx, call: Call) -> Report<'c> {
    let severity = severity(cx, call.expr, call.args.first().copied());
    let message = format!("`{}` runs a server without any timeout", cx.source(call.fun));
    cx.report(call.fun, message).note(WHY).severity(severity).one_of(MANY)
}

/// How much a server without timeouts matters, by where it runs and whom it serves.
fn severity(cx: &Cx, at: ExprId, address: Option<ExprId>) -> Severity {
    let is_go = |cx: &Cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_)));
    let in_background = cx.around(at, is_go).is_some();
    let operational = is_for_operators(cx, at)
        || address.is_some_and(|address| is_operational(cx.source(address)))
        || serves_operators(cx, at);
    match (in_background, operational) {
        _ if serves_a_login(cx, at) => Severity::Low,
        (_, true) => Severity::Low,
        (false, false) => Severity::High,
        (true, false) => Severity::Medium,
    }
}

/// Whether the server waits for the answer of a login in a browser, by the names around.
fn serves_a_login(cx: &Cx, at: ExprId) -> bool {
    const LOGIN: &[&str] = &["callback", "login", "oauth", "oauth2", "oauthutil", "oidc", "redirect"];
    let package = cx.file.scope.package.as_deref().unwrap_or_default();
    let function = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    [package, function].into_iter().flat_map(words).any(|word| LOGIN.contains(&word.as_str()))
}

/// Whether the function around sets a read timeout: echo keeps its server in a field.
fn sets_timeout_of_field(cx: &Cx, call: Call) -> bool {
    let is_timeout = |cx: &Cx, node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Selector { name, .. } => TIMEOUTS.contains(&cx.source(name)),
            _ => false,
        },
        _ => false,
    };
    cx.enclosing_decl(call.expr).is_some_and(|func| !cx.within(func, true, is_timeout).is_empty())
}
