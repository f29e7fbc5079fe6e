//! An HTTP server runs without read timeouts.
//!
//! The zero value of `http.Server` waits for ever: a client that sends its headers one byte a minute holds a connection
//! and a goroutine, and a few thousand of them take the service down (Slowloris). `http.ListenAndServe` and its
//! siblings build such a server. Set `ReadHeaderTimeout` (or `ReadTimeout`, which it falls back to according to the
//! documentation of net/http), and `WriteTimeout` and `IdleTimeout` where no handler streams.
//!
//! gin's `Run` and echo's `Start` are no better, unless echo's own `Server` is given the timeout. Silent for a server that
//! is handed to other code where it is made, since that may configure it.
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
//! 	go func() { engine.Run(admin) }()
//! 	e.Server.ReadHeaderTimeout = time.Second
//! 	return e.Start(":8080")
//! }
//! ```
//! ```go good
//! func serve(h http.Handler, conf Config) error {
//! 	srv := &http.Server{Addr: conf.Addr, Handler: h}
//! 	srv.ReadHeaderTimeout = conf.HeaderTimeout
//! 	go func() { log.Print(http.ListenAndServe("localhost:6060", nil)) }() // only this machine reaches it
//! 	return srv.ListenAndServe()
//! }
//! ```
//! ```go good
//! func start(h http.Handler, options ...func(*http.Server)) error {
//! 	srv := &http.Server{Handler: h}
//! 	for _, option := range options {
//! 		option(srv)
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

pub static RULE: Rule = Rule {
    id: "http/server-no-timeouts",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Leak, 2), (Concern::Security, 2)],
    equivalents: &["gosec:G112", "gosec:G114"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Composite], literal), Hook::Expr(&[ExprKind::Call], call)],
    file: file!(),
};

const TIMEOUT: &str = "ReadHeaderTimeout: 10 * time.Second";
const WHY: &str = "a client that sends slowly then holds its connection and goroutine for ever";

fn literal(cx: &mut Cx, composite: ExprId) {
    let Some(elems) = cx.literal_of(composite, "net/http.Server") else { return };
    if is_local(cx, cx.field(elems, "Addr")) {
        return;
    }
    // Without an address and a handler it carries settings for a library, as http2.ServeConnOpts.BaseConfig does.
    if !cx.sets_any(composite, &["Addr", "Handler"]) || is_configured_elsewhere(cx, composite) {
        return;
    }
    cx.examined();
    if cx.sets_any(composite, &["ReadHeaderTimeout", "ReadTimeout"]) {
        return;
    }
    let Expr::Composite { ty: Some(ty), .. } = cx.expr(composite) else { return };
    let edit = cx.with_field(composite, TIMEOUT);
    let message = format!("this `{}` sets neither `ReadHeaderTimeout` nor `ReadTimeout`", cx.source(ty));
    cx.report(ty, message).note(WHY).fix("Set ReadHeaderTimeout", [edit]).needing("time");
}

/// Whether other code gets hold of the server and may set its limits: the literal is an argument, or the local that
/// keeps it is one to a function value or to a function that says so by its name.
fn is_configured_elsewhere(cx: &Cx, composite: ExprId) -> bool {
    let Some(kept) = cx.kept_in(composite) else { return is_argument(cx, composite) };
    let Def::Local(declaring) = cx.def(kept) else { return false };
    cx.names.uses(declaring).any(|used| {
        let Some(Node::Expr(call)) = cx.tree.parent(used) else { return false };
        let Expr::Call { fun, .. } = cx.expr(call) else { return false };
        let name = cx.source(fun).to_ascii_lowercase();
        fun != used
            && (matches!(cx.def(fun), Def::Local(_))
                || ["config", "apply", "option", "timeout", "default"].iter().any(|word| name.contains(word)))
    })
}

fn is_argument(cx: &Cx, composite: ExprId) -> bool {
    let mut at = composite;
    while let Some(Node::Expr(parent)) = cx.tree.parent(at) {
        match cx.expr(parent) {
            Expr::Paren(_) | Expr::Unary { op: UnaryOp::Addr, .. } => at = parent,
            Expr::Call { fun, .. } => return fun != at,
            _ => return false,
        }
    }
    false
}

fn call(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let Expr::Selector { base, name } = cx.expr(fun) else { return };
    let args = cx.exprs(args);
    let (fields, rest) = match (cx.source(name), args) {
        ("ListenAndServe", [addr, handler]) => (server(cx, Some(*addr), *handler), String::new()),
        ("ListenAndServeTLS", [addr, cert, key, handler]) => {
            (server(cx, Some(*addr), *handler), format!("{}, {}", cx.source(*cert), cx.source(*key)))
        }
        ("Serve", [listener, handler]) => (server(cx, None, *handler), cx.source(*listener).to_owned()),
        ("ServeTLS", [listener, handler, cert, key]) => {
            let rest = [*listener, *cert, *key].map(|arg| cx.source(arg)).join(", ");
            (server(cx, None, *handler), rest)
        }
        ("Run" | "RunTLS" | "Start" | "StartTLS", [..]) => return framework(cx, call, base, args),
        _ => return,
    };
    if !cx.object(fun).is_some_and(|function| function.is_of_package("net/http")) {
        return;
    }
    if cx.source(name).starts_with("Listen") && is_local(cx, args.first().copied()) {
        return;
    }
    cx.examined();
    let mended = format!("(&{}.Server{{{fields}}}).{}({rest})", cx.source(base), cx.source(name));
    let edit = (cx.span(call), mended);
    let message = format!("`{}` runs a server without any timeout", cx.source(fun));
    cx.report(fun, message).note(WHY).fix("Build the server with a timeout", [edit]).needing("time");
}

/// What gin and echo start a server with.
const STARTS: &[&str] = &[
    "github.com/gin-gonic/gin.Engine.Run",
    "github.com/gin-gonic/gin.Engine.RunTLS",
    "github.com/labstack/echo/v4.Echo.Start",
    "github.com/labstack/echo/v4.Echo.StartTLS",
];

/// A framework's own way of starting a server.
fn framework(cx: &mut Cx, call: ExprId, engine: ExprId, args: &[ExprId]) {
    let known = match cx.callee(call) {
        Some(callee) => callee.is(STARTS),
        None => is_new_engine(cx, engine),
    };
    if !known || is_local(cx, args.first().copied()) || sets_timeout(cx) {
        return;
    }
    cx.examined();
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let message = format!("`{}` runs a server without any timeout", cx.source(fun));
    cx.report(fun, message)
        .note(WHY)
        .note("hand the engine to an `http.Server` that sets ReadHeaderTimeout, and run that");
}

/// Whether a local of unknown type was made by gin.
fn is_new_engine(cx: &Cx, engine: ExprId) -> bool {
    cx.initial_value(engine)
        .is_some_and(|made| cx.calls(made, &["github.com/gin-gonic/gin.Default", "github.com/gin-gonic/gin.New"]))
}

/// Whether a read timeout is set in this piece: echo keeps its server in a field.
fn sets_timeout(cx: &Cx) -> bool {
    cx.tree.all_stmts().any(|(_, stmt)| match stmt {
        Stmt::Assign { lhs, .. } => cx.exprs(lhs).iter().any(|&target| match cx.expr(target) {
            Expr::Selector { name, .. } => matches!(cx.source(name), "ReadHeaderTimeout" | "ReadTimeout"),
            _ => false,
        }),
        _ => false,
    })
}

/// The fields of the server that does what the call did.
fn server(cx: &Cx, addr: Option<ExprId>, handler: ExprId) -> String {
    let addr = addr.map(|addr| format!("Addr: {}", cx.source(addr)));
    let handler = (!cx.is_builtin(handler, "nil")).then(|| format!("Handler: {}", cx.source(handler)));
    [addr, handler, Some(TIMEOUT.to_owned())].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Whether an address that is written out can be reached from this machine only.
fn is_local(cx: &Cx, addr: Option<ExprId>) -> bool {
    let Some(addr) = addr.and_then(|addr| cx.string_value(addr)) else { return false };
    ["localhost:", "127.0.0.1:", "[::1]:"].iter().any(|host| addr.starts_with(host))
}
