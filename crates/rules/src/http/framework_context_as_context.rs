//! A framework's own context is passed as a `context.Context`.
//!
//! `*gin.Context` has the methods of a `context.Context`, but unless the engine sets `ContextWithFallback` its `Done` is
//! nil and its `Deadline` is none (gin's documentation): a query goes on after the client is gone, and the values that
//! middleware put into the request's context, such as a span, are not found. What fiber's `c.Context()` returns is done
//! only when the server shuts down, and is used again for another request as soon as the handler returns. Pass
//! `c.Request.Context()`, or `c.UserContext()` of fiber.
//!
//! Limits: a context that is first kept in a variable of type `context.Context` is not followed, and `ContextWithFallback`
//! counts only where the engine is set up in the same declaration.
//!
//! ```go bad
//! import "database/sql"
//! import "github.com/gin-gonic/gin"
//! func show(c *gin.Context, db *sql.DB) {
//! 	rows, err := db.QueryContext(c, "SELECT id, name FROM users")
//! 	//                           ^ `c` is a `*gin.Context`: as a context it is never cancelled and has no deadline
//! 	use(rows, err)
//! }
//! ```
//! ```diff fixed
//! -	rows, err := db.QueryContext(c, "SELECT id, name FROM users")
//! +	rows, err := db.QueryContext(c.Request.Context(), "SELECT id, name FROM users")
//! ```
//! ```go bad
//! import "github.com/gofiber/fiber/v2"
//! type store struct{}
//! func (s *store) load(ctx context.Context, id string) error { return nil }
//! func show(c *fiber.Ctx, s *store) error {
//! 	return s.load(c.Context(), c.Params("id"))
//! 	//            ^^^^^^^^^^^ `c.Context()` is a `*fasthttp.RequestCtx`: as a context it knows nothing of this request's end
//! }
//! ```
//! ```diff fixed
//! -	return s.load(c.Context(), c.Params("id"))
//! +	return s.load(c.UserContext(), c.Params("id"))
//! ```
//! ```go good
//! import "database/sql"
//! import "github.com/gin-gonic/gin"
//! func show(c *gin.Context, db *sql.DB) {
//! 	rows, err := db.QueryContext(c.Request.Context(), "SELECT id, name FROM users")
//! 	use(rows, err)
//! 	audit(c)        // takes a *gin.Context
//! 	log(c, "shown") // takes anything
//! }
//! func audit(c *gin.Context)
//! func log(about any, text string)
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! func engine() *gin.Engine {
//! 	engine := gin.New()
//! 	engine.ContextWithFallback = true // gin then asks the request's context
//! 	engine.GET("/", func(c *gin.Context) { load(c) })
//! 	return engine
//! }
//! func load(ctx context.Context)
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/framework-context-as-context",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Operability, 2), (Concern::Correctness, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

/// What gives fiber's own context.
const FIBER: &[&str] = &["github.com/gofiber/fiber/v2.Ctx.Context"];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let Type::Signature(signature) = cx.under(fun) else { return };
    // The list of parameters ends before what goes into a variadic one, and no context goes there.
    for (&arg, &param) in cx.exprs(args).iter().zip(signature.params.iter()) {
        if !cx.type_is(param, &["context.Context"]) {
            continue;
        }
        cx.examined();
        if cx.has_type(arg, &["github.com/gin-gonic/gin.Context"]) {
            gin(cx, arg);
        } else if cx.calls(arg, FIBER) || cx.has_type(arg, &["github.com/valyala/fasthttp.RequestCtx"]) {
            fasthttp(cx, arg);
        }
    }
}

fn gin(cx: &mut Cx, context: ExprId) {
    if cx.tree.text().contains("ContextWithFallback") {
        return;
    }
    let (name, end) = (cx.source(context), cx.span(context).end);
    let message = format!("`{name}` is a `*gin.Context`: as a context it is never cancelled and has no deadline");
    cx.report(context, message)
        .note("`Request.Context()` ends with the request; or set ContextWithFallback on the engine")
        .fix("Pass the request's context", [(Span::new(end, end), ".Request.Context()".to_owned())]);
}

fn fasthttp(cx: &mut Cx, context: ExprId) {
    let name = cx.source(context);
    let message = format!("`{name}` is a `*fasthttp.RequestCtx`: as a context it knows nothing of this request's end");
    let of_fiber = cx.call(context).filter(|call| call.callee.is(FIBER));
    let edit = of_fiber.map(|call| (cx.span(call.name), "UserContext".to_owned()));
    cx.report(context, message)
        .note("it is done when the server shuts down, and serves another request afterwards")
        .fix("Pass the user's context", edit);
}
