//! A middleware ends requests without an answer, or is added too late.
//!
//! A middleware of net/http has to call the next handler or write a response. Where it does neither, the server answers for
//! it: `200 OK` with an empty body, so that a refused or failed request looks like one that worked.
//!
//! chi builds the chain of middlewares with the first route, and `Use` after that panics. In gin and in groups of echo, `Use`
//! counts for the routes that are added after it, and an authentication below the routes guards none of them.
//!
//! Limits: of a middleware, only the function that is given the next handler as a parameter is looked at. A path on which the
//! response is handed on counts as an answer, and so does one on which a condition asks for the method of the request, as for
//! `OPTIONS`, or whether the request is canceled. Of gin and echo, `Use` is reported where the router is only run after it.
//!
//! ```go bad
//! func authenticated(next http.Handler) http.Handler {
//! 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		user, err := lookUp(r.Header.Get("Authorization"))
//! 		if err != nil {
//! 			slog.Warn("refused", "err", err)
//! 			return
//! // ^^^^^^ the request ends here, because `next` is not called, and nothing is written
//! 		}
//! 		next.ServeHTTP(w, r.WithContext(withUser(r.Context(), user)))
//! 	})
//! }
//! ```
//! ```go bad
//! import "github.com/go-chi/chi/v5"
//!
//! func routes() http.Handler {
//! 	r := chi.NewRouter()
//! 	r.Get("/health", health)
//! 	r.Use(authenticated)
//! //<^^^^^ `r.Use` panics, because `r.Get` comes before it
//! 	r.Get("/orders", orders)
//! 	return r
//! }
//! ```
//! ```go bad
//! import "github.com/gin-gonic/gin"
//!
//! func serve() error {
//! 	r := gin.Default()
//! 	r.GET("/orders", orders)
//! 	r.Use(authenticated)
//! //<^^^^^ `r.Use` applies to no route, because `r.GET` and all others come before it
//! 	return r.Run(":8080")
//! }
//! ```
//! ```go good
//! func cors(next http.Handler) http.Handler {
//! 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		w.Header().Set("Access-Control-Allow-Origin", "https://example.com")
//! 		if r.Method == http.MethodOptions {
//! 			return // a preflight request wants the headers alone
//! 		}
//! 		next.ServeHTTP(w, r)
//! 	})
//! }
//!
//! func limited(next http.Handler) http.Handler {
//! 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		if !allow(w, r) {
//! 			return // `allow` has the response and can refuse
//! 		}
//! 		next.ServeHTTP(w, r)
//! 	})
//! }
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//!
//! func serve() error {
//! 	r := gin.Default()
//! 	r.GET("/health", health)
//! 	r.Use(authenticated) // for the routes below
//! 	r.GET("/orders", orders)
//! 	return r.Run(":8080")
//! }
//! ```
//!
//! # Idiom
//!
//! A middleware is a function from handler to handler. What is passed to it runs only where it calls `next.ServeHTTP(w, r)`,
//! and a `return` before that is an answer: `200 OK`, unless a status was written.
//!
//! # Impact
//!
//! Clients take the empty 200 for success and go on with nothing: the failure is in no status, no error rate and no retry. A
//! `Use` that comes too late leaves routes open that everybody believes to be guarded, or in chi ends the program at its
//! start.
//!
//! # Verify
//!
//! - `curl -si http://localhost:8080/PATH`: without credentials, a status other than 200 has to come back
//! - `go test -run {test} {package}`: `httptest.ResponseRecorder` has 200 as its status where nothing was written
//!
//! # References
//!
//! - [Package net/http, Handler](https://pkg.go.dev/net/http#Handler)
//! - [Package chi, Mux.Use](https://pkg.go.dev/github.com/go-chi/chi/v5#Mux.Use)
use gopeer_lint::prelude::*;
use gopeer_lint::{Ending, Next, Op, OpKind, Root, State, Values, Watch, When};

use super::support::RESPONSE;

pub static RULE: Rule = Rule {
    id: "http/middleware-wiring",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3), (Concern::Security, 2), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Func(check), Hook::Call(USES, used)],
    examines: "middlewares",
};

const HANDLERS: &[&str] = &["net/http.Handler", "net/http.HandlerFunc", "github.com/labstack/echo/v4.HandlerFunc"];
/// What adds a middleware for the routes that come later.
const USES: &[&str] = &[
    "github.com/gin-gonic/gin.Engine.Use",
    "github.com/gin-gonic/gin.RouterGroup.Use",
    "github.com/go-chi/chi.Mux.Use",
    "github.com/go-chi/chi.Router.Use",
    "github.com/go-chi/chi/v5.Mux.Use",
    "github.com/go-chi/chi/v5.Router.Use",
    "github.com/labstack/echo/v4.Group.Use",
];

fn check(cx: &mut Cx, func: Func) {
    if let Some(next) = only_handler(cx, func) {
        cx.examined();
        if !cx.mentions(func.body, next) && cx.returned(func.body).next().is_some() {
            let (name, middleware) = (cx.source(next), cx.func_in_words_of(func));
            cx.report(next, format!("{middleware} never calls `{name}`, so nothing that it wraps runs"));
        }
        return;
    }
    let Some((response, next)) = inner(cx, func) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    let mut start = cx.start(&followed, followed.entry());
    let mut watch = Unanswered { cx, response, next };
    let Some(found) = cx.follow(&followed, &mut start, &mut watch) else { return };
    let answers = |op: &Op| op.kind == OpKind::Read && [response, next].iter().any(|&it| is_local(cx, op.at, it));
    let name = cx.source(next);
    let steps = cx.steps(&followed, &found.path, answers, "the request ends here".to_owned());
    let message = format!("the request ends here, because `{name}` is not called, and nothing is written");
    let end = cx.end_of_path(&followed, &found.path);
    cx.report_span(end, message)
        .steps(steps)
        .note("the client gets `200 OK` and an empty body; write the status first");
}

/// The handler that a function is given and makes another one of, by its only parameter.
fn only_handler(cx: &Cx, func: Func) -> Option<ExprId> {
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return None };
    let (&[(Some(next), ty)], [(_, result)]) = (&cx.params(params)[..], &cx.results_of(func)[..]) else { return None };
    (cx.type_is(cx.ty(ty), HANDLERS) && cx.type_is(cx.ty(*result), HANDLERS) && cx.source(next) != "_").then_some(next)
}

/// The response that the handler inside a middleware is given, and the next handler.
fn inner(cx: &Cx, func: Func) -> Option<(ExprId, ExprId)> {
    let response = cx.param_of(func, RESPONSE[0])?;
    let next = only_handler(cx, cx.enclosing_func(func.node)?)?;
    (cx.results_of(func).is_empty() && cx.mentions(func.body, next)).then_some((response, next))
}

fn is_local(cx: &Cx, ident: ExprId, declared: ExprId) -> bool {
    cx.def(ident) == Def::Local(declared)
}

/// Watches for a way out on which nothing has seen the response or the next handler.
struct Unanswered<'c, 'a> {
    cx: &'c Cx<'a>,
    response: ExprId,
    next: ExprId,
}

impl Unanswered<'_, '_> {
    fn is_met(&self, op: Op) -> bool {
        let ours = [self.response, self.next];
        match op.kind {
            OpKind::Read => ours.iter().any(|&it| is_local(self.cx, op.at, it)),
            OpKind::Make => ours.iter().any(|&it| self.cx.shared().mentions(op.at, Root(it))),
            // The client is gone.
            OpKind::Recv => true,
            _ => false,
        }
    }
}

impl Watch for Unanswered<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        if self.is_met(op) { Next::Stop } else { Next::Go }
    }

    /// For some methods headers are all, and who has canceled the request reads no answer.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, _: When) -> Next {
        let asks = |text: &str| ["Method", "Context()", "Cancel"].iter().any(|word| text.contains(word));
        match ending {
            Ending::If(cond) | Ending::Case(cond) if asks(self.cx.source(cond)) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Found
    }
}

fn used(cx: &mut Cx, call: Call) {
    let Some(receiver) = call.receiver else { return };
    let Def::Local(router) = cx.def(cx.unparen(receiver)) else { return };
    cx.examined();
    if cx.is_reassigned(receiver) {
        return;
    }
    let Some(Node::Expr(route)) = cx.once(router, first_route) else { return };
    let (at, first) = (cx.span(call.expr), cx.span(route));
    if first.start > at.start || cx.enclosing_func(route) != cx.enclosing_func(call.expr) {
        return;
    }
    let (name, routes) = (cx.source(call.fun), cx.callee_text(route));
    let (message, note) = if call.callee.path.contains("go-chi") {
        (
            format!("`{name}` panics, because `{routes}` comes before it"),
            "chi takes no middleware after the first route",
        )
    } else {
        if cx.once(router, last_use).is_some_and(|last| cx.span(last).start > at.end) {
            return;
        }
        let message = format!("`{name}` applies to no route, because `{routes}` and all others come before it");
        (message, "`Use` counts for the routes that are added after it")
    };
    cx.report(call.fun, message).note_at(first, "the first route").note(note);
}

/// The first call that certainly adds a route to a local router: it stands in the body of the function that has the router.
fn first_route(cx: &Cx, router: Node) -> Option<Node> {
    const ROUTES: &[&str] = &[
        "any",
        "connect",
        "delete",
        "get",
        "handle",
        "handlefunc",
        "head",
        "method",
        "methodfunc",
        "mount",
        "options",
        "patch",
        "post",
        "put",
        "route",
        "trace",
    ];
    const MAKE: &[&str] = &[
        "github.com/go-chi/chi.NewMux",
        "github.com/go-chi/chi.NewRouter",
        "github.com/go-chi/chi/v5.NewMux",
        "github.com/go-chi/chi/v5.NewRouter",
    ];
    let Node::Expr(router) = router else { return None };
    let func = cx.enclosing_func(router)?;
    // With and Group build the chain as well, unless they are called on what they have given.
    let is_root = cx.defining_call(router).is_some_and(|call| cx.calls(call, MAKE));
    let adds = |used: ExprId| {
        let (call, name, args) = cx.called_on(used)?;
        let is_route = ROUTES.contains(&name.to_ascii_lowercase().as_str()) && !args.is_empty();
        let stmt = cx.enclosing_stmt(call)?;
        let in_body = cx.tree.parent(stmt) == Some(Node::Stmt(func.body)) && cx.enclosing_func(call) == Some(func);
        ((is_route || is_root && matches!(name, "With" | "Group")) && in_body).then_some(call)
    };
    cx.names.uses(router).filter_map(adds).min_by_key(|&call| cx.span(call).start).map(Node::Expr)
}

/// The last use of a router that does more than run it: it may add routes.
fn last_use(cx: &Cx, router: Node) -> Option<Node> {
    let Node::Expr(router) = router else { return None };
    let serves = |used: ExprId| cx.called_on(used).is_some_and(|(_, name, _)| name == "Use" || name.starts_with("Run"));
    cx.names.uses(router).filter(|&used| !serves(used)).max_by_key(|&used| cx.span(used).start).map(Node::Expr)
}
