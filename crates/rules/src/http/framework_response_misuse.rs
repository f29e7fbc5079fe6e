//! A handler of gin, echo or fiber answers in a way that the framework does not mean.
//!
//! `Bind` and its sisters in gin answer with 400 by themselves when they fail, and send the headers at once. What the handler
//! writes after that is appended to this answer: neither its status nor its `Content-Type` gets through, and in debug mode
//! gin logs "Headers were already written". Use `ShouldBindJSON`, which leaves the answer to the handler.
//!
//! A gin middleware that answers and returns does not end the request: gin calls the next handler, unless the middleware
//! calls `c.Abort`. Whoever was refused is served. And `echo.NewHTTPError` and `fiber.NewError` make an error that counts
//! only where it is returned.
//!
//! Limits: a function counts as a middleware of gin if it calls `c.Next` or is passed to `Use` where it is written.
//! `AbortWithStatus` and `AbortWithError` with 400 after `Bind` say what it has said, and are left alone. That the error of
//! `c.JSON` or `next(c)` is dropped is `errors/unchecked`.
//!
//! ```go bad
//! func create(c *gin.Context) {
//! 	var user User
//! 	if err := c.BindJSON(&user); err != nil {
//! 	//        ^^^^^^^^^^ medium: `c.BindJSON` answers with 400 when it fails, so `c.JSON` can set neither status nor headers
//! 		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "not a user"})
//! 		return
//! 	}
//! 	c.JSON(http.StatusCreated, user)
//! }
//! ```
//! ```diff fixed
//! -	if err := c.BindJSON(&user); err != nil {
//! +	if err := c.ShouldBindJSON(&user); err != nil {
//! ```
//! ```go bad
//! func authenticated(c *gin.Context) {
//! 	if c.GetHeader("Authorization") == "" {
//! 		c.JSON(http.StatusUnauthorized, gin.H{"error": "who are you?"})
//! //^^^^^^ `c.JSON` refuses the request, and the next handler runs all the same
//! 		return
//! 	}
//! 	c.Next()
//! }
//! ```
//! ```diff fixed
//! -		c.JSON(http.StatusUnauthorized, gin.H{"error": "who are you?"})
//! +		c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": "who are you?"})
//! ```
//! ```go bad
//! import "github.com/labstack/echo/v4"
//!
//! func remove(c echo.Context) error {
//! 	if c.Param("id") == "" {
//! 		echo.NewHTTPError(http.StatusBadRequest, "no id")
//! //^^^^^^^^^^^^^^^^^ `echo.NewHTTPError` makes an error that is not returned, so the handler goes on
//! 	}
//! 	return c.NoContent(http.StatusNoContent)
//! }
//! ```
//! ```diff fixed
//! -		echo.NewHTTPError(http.StatusBadRequest, "no id")
//! +		return echo.NewHTTPError(http.StatusBadRequest, "no id")
//! ```
//! ```go good
//! func create(c *gin.Context) {
//! 	var user User
//! 	if err := c.BindJSON(&user); err != nil {
//! 		return // it has answered
//! 	}
//! 	if err := c.ShouldBindQuery(&user); err != nil {
//! 		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "not a user"}) // the only answer
//! 		return
//! 	}
//! 	c.JSON(http.StatusCreated, user)
//! }
//!
//! func authenticated(c *gin.Context) {
//! 	if c.GetHeader("Authorization") == "" {
//! 		c.Abort()
//! 		c.JSON(http.StatusUnauthorized, gin.H{"error": "who are you?"})
//! 		return
//! 	}
//! 	c.Next()
//! 	if len(c.Errors) > 0 {
//! 		c.JSON(http.StatusInternalServerError, gin.H{"error": "it failed"}) // the handlers have run
//! 		return
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! Requests that were refused run with all their effects, under the status of the refusal: the client sees 401 and the order
//! is placed. Clients that wait for 422 with a JSON body get 400 as text. Tests of the handler alone see neither.
//!
//! # Verify
//!
//! - `curl -si http://localhost:8080/PATH`: look for a second document in the body, or a status other than the one in the code
//! - `go test -run {test} {package}`: serve the whole router, and let the handler behind count its calls
//!
//! # References
//!
//! - [Gin, "Model binding and validation"](https://gin-gonic.com/en/docs/binding/)
//! - [Package gin, Context.Abort](https://pkg.go.dev/github.com/gin-gonic/gin#Context.Abort)
use gopeer_lint::prelude::*;

use super::support::{STATUSES, WRITES, condition_of, is_failure, source_of, written};

pub static RULE: Rule = Rule {
    id: "http/framework-response-misuse",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Security, 2), (Concern::Api, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(WRITES, answered), Hook::Call(STATUSES, answered), Hook::Call(ERRORS, made)],
    examines: "answers of frameworks",
};

const GIN: &str = "github.com/gin-gonic/gin";
const ERRORS: &[&str] = &["github.com/gofiber/fiber/v2.NewError", "github.com/labstack/echo/v4.NewHTTPError"];
/// What answers by itself when it fails.
const BINDS: &[&str] = &[
    "github.com/gin-gonic/gin.Context.Bind",
    "github.com/gin-gonic/gin.Context.BindHeader",
    "github.com/gin-gonic/gin.Context.BindJSON",
    "github.com/gin-gonic/gin.Context.BindQuery",
    "github.com/gin-gonic/gin.Context.BindTOML",
    "github.com/gin-gonic/gin.Context.BindUri",
    "github.com/gin-gonic/gin.Context.BindXML",
    "github.com/gin-gonic/gin.Context.BindYAML",
];

fn answered(cx: &mut Cx, answer: Call) {
    if answer.callee.path != GIN {
        return;
    }
    cx.examined();
    match failed_bind(cx, answer) {
        Some(bind) => after_bind(cx, bind, answer),
        None => in_middleware(cx, answer),
    }
}

fn after_bind(cx: &mut Cx, bind: Call, answer: Call) {
    let has_body = written(cx, answer).is_some();
    if !has_body && answer.args.first().is_some_and(|&status| cx.int_value(status) == Some(400)) {
        return;
    }
    let (binds, answers) = (cx.source(bind.fun), cx.source(answer.fun));
    let message =
        format!("`{binds}` answers with 400 when it fails, so `{answers}` can set neither status nor headers");
    let (name, at) = (cx.span(bind.name).start, cx.span(answer.fun));
    cx.report(bind.fun, message)
        .severity(Severity::Medium)
        .question()
        .note_at(at, if has_body { "this is appended to the first answer" } else { "this status is not sent" })
        .fix("Leave the answer to the handler", [(Span::new(name, name), "Should".to_owned())]);
}

/// The call of `Bind` whose failure an answer is about: `if err := c.BindJSON(&x); err != nil { c.JSON(…) }`.
fn failed_bind<'a>(cx: &Cx<'a>, answer: Call<'a>) -> Option<Call<'a>> {
    let cond = condition_of(cx, answer.expr)?;
    let bound = match cx.nil_test(cond) {
        Some((error, false)) => source_of(cx, answer.expr, error)?,
        _ => match cx.expr(cx.unparen(cond)) {
            Expr::Binary { op: BinaryOp::NotEqual, lhs, .. } => lhs,
            _ => return None,
        },
    };
    cx.call(bound).filter(|call| call.callee.is(BINDS))
}

/// An answer with an error after which a middleware returns.
fn in_middleware(cx: &mut Cx, answer: Call) {
    const NEAR: usize = 4;
    let status = written(cx, answer).and_then(|written| written.status);
    let (Some(func), Some(stmt)) = (cx.enclosing_func(answer.expr), cx.enclosing_stmt(answer.expr)) else { return };
    if !status.is_some_and(|status| is_failure(cx, status)) || !goes_on(cx, func, answer) {
        return;
    }
    let (list, Some(place)) = (cx.siblings(stmt), cx.place_in_list(stmt)) else { return };
    let returns = list.last().is_some_and(|&last| matches!(cx.stmt(last), Stmt::Return(_)));
    let near = list.get(place.saturating_sub(NEAR)..list.len().min(place + NEAR)).unwrap_or_default();
    let aborts =
        |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if cx.callee_word(call).starts_with("Abort"));
    if !returns || near.iter().any(aborts) {
        return;
    }
    let answers = cx.source(answer.fun);
    let edit = (answer.callee.name == "JSON").then(|| (cx.span(answer.name), "AbortWithStatusJSON".to_owned()));
    cx.report(answer.fun, format!("`{answers}` refuses the request, and the next handler runs all the same"))
        .note("in gin, `return` does not stop the chain: call `c.Abort` as well")
        .fix("End the chain of handlers", edit);
}

/// Whether a function is a middleware whose next handlers have not run yet.
fn goes_on(cx: &Cx, func: Func, answer: Call) -> bool {
    let next = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.calls(id, &["github.com/gin-gonic/gin.Context.Next"]));
    let nexts = cx.within(func.body, true, next);
    match (nexts.first(), cx.tree.parent(func.node)) {
        (Some(&first), _) => cx.span(first).start > cx.span(answer.expr).start,
        (None, Some(Node::Expr(call))) => {
            cx.calls(call, &["github.com/gin-gonic/gin.Engine.Use", "github.com/gin-gonic/gin.RouterGroup.Use"])
        }
        _ => false,
    }
}

fn made(cx: &mut Cx, error: Call) {
    cx.examined();
    let Some(Node::Stmt(stmt)) = cx.tree.parent(error.expr) else { return };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_)) {
        return;
    }
    let makes = cx.source(error.fun);
    let start = cx.span(stmt).start;
    let results = cx.enclosing_func(error.expr).map(|func| cx.results_of(func));
    let returns = results.is_some_and(|results| matches!(&results[..], [(_, ty)] if cx.ty(*ty) == TypeId::ERROR));
    let edit = returns.then(|| (Span::new(start, start), "return ".to_owned()));
    cx.report(error.fun, format!("`{makes}` makes an error that is not returned, so the handler goes on"))
        .question()
        .fix("Return the error", edit);
}
