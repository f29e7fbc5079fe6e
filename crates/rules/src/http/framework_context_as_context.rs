//! A framework's own context is used as a `context.Context`.
//!
//! `*gin.Context` has the methods of a `context.Context`, but unless the engine sets `ContextWithFallback` its `Done` is nil
//! and it has no deadline (gin's documentation): a query goes on after the client is gone, and values that middleware put
//! into the request's context, such as a span, are not found. What fiber's `c.Context()` returns is done only when the
//! server shuts down, and may serve another request once the handler has returned. Pass `c.Request.Context()`, or
//! `c.UserContext()` of fiber.
//!
//! Limits: `ContextWithFallback` counts only where the engine is set up in the same declaration. A context that is stored
//! in a field of type `any`, or passed through `any`, is not followed.
//!
//! ```go bad
//! import "database/sql"
//! import "github.com/gin-gonic/gin"
//! func show(c *gin.Context, db *sql.DB) {
//! 	rows, err := db.QueryContext(c, "SELECT id, name FROM users")
//! 	//                           ^ `c` is a `*gin.Context`: as a context it is never canceled and has no deadline
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
//! 	//            ^^^^^^^^^^^ `c.Context()` is a `*fasthttp.RequestCtx`: as a context it does not end with this request
//! }
//! ```
//! ```diff fixed
//! -	return s.load(c.Context(), c.Params("id"))
//! +	return s.load(c.UserContext(), c.Params("id"))
//! ```
//! ```go good
//! import "github.com/gin-gonic/gin"
//! func show(c *gin.Context) {
//! 	audit(c) // takes a *gin.Context
//! }
//! func audit(c *gin.Context)
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
//!
//! # Impact
//!
//! The query goes on after the client has left, because this context never ends, and the span that middleware started
//! is not its parent. With fiber it may belong to another request by the time the call looks at it. Under load,
//! connections are busy for clients that are gone.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: cancel the client's request while the fake blocks; its context must end as well
//! - `curl --max-time 1 http://localhost:8080/PATH`: then look whether the database still runs the statement
//!
//! # Options
//!
//! - Pass the request's own context: one call more at each use, and cancellation, deadline and trace are there
//!   - senior, backend, data, throughput: the standard type, no setting to remember
//! - Turn on gin's `ContextWithFallback`: repairs all calls at once, and hides which context is meant
//!   - cloud-native: for a service with hundreds of such calls, as a step on the way
//!
//! # References
//!
//! - [Package gin, Engine](https://pkg.go.dev/github.com/gin-gonic/gin#Engine)
//! - [Package net/http, Request.Context](https://pkg.go.dev/net/http#Request.Context)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/framework-context-as-context",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Operability, 2), (Concern::Correctness, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Expr(&[ExprKind::Call], check),
        Hook::Stmt(&[StmtKind::Assign], check_assignment),
        Hook::Decl(&[DeclKind::Value], check_declaration),
    ],
    examines: "contexts of web frameworks",
};

const CONTEXT: &[&str] = &["context.Context"];
const FRAMEWORKS: &[&str] = &["github.com/gin-gonic/gin", "github.com/gofiber/fiber", "github.com/valyala/fasthttp"];
/// What gives fiber's own context.
const FIBER: &[&str] = &["github.com/gofiber/fiber/v2.Ctx.Context"];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if cx.is_type_expr(fun) && cx.has_type(fun, CONTEXT) {
        cx.exprs(args).iter().for_each(|&converted| used_as_context(cx, converted));
        return;
    }
    let Type::Signature(signature) = cx.under(fun) else { return };
    // The list of parameters ends before what goes into a variadic one, and no context goes there.
    for (&arg, &param) in cx.exprs(args).iter().zip(signature.params.iter()) {
        if cx.type_is(param, CONTEXT) {
            used_as_context(cx, arg);
        }
    }
}

/// `ctx = c`, where `ctx` is a `context.Context`.
fn check_assignment(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return };
    for (&target, &value) in cx.exprs(lhs).iter().zip(cx.exprs(rhs)) {
        if cx.type_is(cx.ty(target), CONTEXT) {
            used_as_context(cx, value);
        }
    }
}

/// `var ctx context.Context = c`.
fn check_declaration(cx: &mut Cx, decl: DeclId) {
    let Decl::Value { ty: Some(ty), values, .. } = cx.decl(decl) else { return };
    if cx.has_type(ty, CONTEXT) {
        cx.exprs(values).iter().for_each(|&value| used_as_context(cx, value));
    }
}

fn used_as_context(cx: &mut Cx, value: ExprId) {
    if cx.file.imports_any(FRAMEWORKS) {
        cx.examined();
    }
    if cx.has_type(value, &["github.com/gin-gonic/gin.Context"]) {
        gin(cx, value);
    } else if cx.calls(value, FIBER) || cx.has_type(value, &["github.com/valyala/fasthttp.RequestCtx"]) {
        fasthttp(cx, value);
    }
}

fn gin(cx: &mut Cx, context: ExprId) {
    let falls_back = |cx: &Cx, node| cx.tree.text().contains("ContextWithFallback").then_some(node);
    if cx.enclosing_decl(context).is_some_and(|decl| cx.once(decl, falls_back).is_some()) {
        return;
    }
    let uses = uses_as_context(cx, context);
    // The first of a function stands for all.
    if uses.contains(&context) && uses.first() != Some(&context) {
        return;
    }
    // Another use, such as an assignment, is by itself.
    let all = if uses.contains(&context) { uses } else { vec![context] };
    let edits: Vec<(Span, String)> = all
        .iter()
        .map(|&used| cx.span(used).end)
        .map(|end| (Span::new(end, end), ".Request.Context()".to_owned()))
        .collect();
    let message =
        format!("`{}` is a `*gin.Context`: as a context it is never canceled and has no deadline", cx.source(context));
    let count = all.len();
    let report = cx
        .report(context, message)
        .note("`Request.Context()` ends with the request; the engine's `ContextWithFallback` makes gin ask it")
        .fix("Pass the request's context", edits);
    if count > 1 {
        report.note(format!("this function gives it to {count} calls"));
    }
}

/// Where the variable is given to a call as a context.
fn uses_as_context(cx: &Cx, variable: ExprId) -> Vec<ExprId> {
    let Def::Local(declared) = cx.def(variable) else { return Vec::new() };
    let is_given = |&used: &ExprId| {
        let Some(Node::Expr(call)) = cx.tree.parent(used) else { return false };
        let Expr::Call { fun, args, .. } = cx.expr(call) else { return false };
        let Type::Signature(signature) = cx.under(fun) else { return false };
        let at = cx.tree.place(cx.exprs(args), used);
        at.and_then(|at| signature.params.get(at)).is_some_and(|&param| cx.type_is(param, CONTEXT))
    };
    cx.names.uses(declared).take(64).filter(is_given).collect()
}

fn fasthttp(cx: &mut Cx, context: ExprId) {
    let name = cx.source(context);
    let message = format!("`{name}` is a `*fasthttp.RequestCtx`: as a context it does not end with this request");
    let of_fiber = cx.call(context).filter(|call| call.callee.is(FIBER));
    let edit = of_fiber.map(|call| (cx.span(call.name), "UserContext".to_owned()));
    cx.report(context, message)
        .note("it is not done when the client leaves or a time limit ends: at the earliest when the server shuts down")
        .fix("Pass the request's context", edit);
}
