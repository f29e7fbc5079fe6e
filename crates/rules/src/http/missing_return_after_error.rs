//! A handler answers with an error and carries on.
//!
//! `http.Error`, `http.NotFound`, `http.Redirect` and the `c.JSON` of gin, echo and fiber write a response; they do not
//! end the handler. Without a `return` the rest runs with the values that were just found wrong, and its output is appended
//! to the error's body under the error's status ("superfluous response.WriteHeader call" in the log).
//!
//! Limits: reported is an `if` whose block ends after the error and that is followed by code which writes to the same
//! response. Errors written by helper functions are not seen.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "not found", http.StatusNotFound)
//! //^^^^^^^^^^ the handler goes on after `http.Error` and writes to `w` again
//! 	}
//! 	json.NewEncoder(w).Encode(user)
//! }
//! ```
//! ```diff fixed
//! +		return
//! ```
//! ```go bad
//! func create(c *gin.Context) {
//! 	var user User
//! 	if err := c.ShouldBindJSON(&user); err != nil {
//! 		c.JSON(http.StatusBadRequest, gin.H{"error": "not JSON"})
//! //^^^^^^ the handler goes on after `c.JSON` and writes to `c` again
//! 	}
//! 	store(user)
//! 	c.JSON(http.StatusCreated, user)
//! }
//! ```
//! ```diff fixed
//! +		return
//! ```
//! ```go bad
//! import "github.com/labstack/echo/v4"
//! const refused = http.StatusForbidden
//! func show(c echo.Context) error {
//! 	if !allowed(c.Param("id")) {
//! 		c.String(refused, "no")
//! //^^^^^^^^ the handler goes on after `c.String` and writes to `c` again
//! 	}
//! 	return c.JSON(http.StatusOK, load(c.Param("id")))
//! }
//! ```
//! ```go bad
//! import "github.com/gofiber/fiber/v2"
//! func show(c *fiber.Ctx) error {
//! 	if c.Params("id") == "" {
//! 		c.Status(fiber.StatusBadRequest).SendString("no id")
//! //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the handler goes on after `SendString` and writes to `c` again
//! 	}
//! 	return c.JSON(load(c.Params("id")))
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "not found", http.StatusNotFound)
//! 	} else { // only one of the two writes
//! 		json.NewEncoder(w).Encode(user)
//! 	}
//! 	slog.Info("served", "path", r.URL.Path)
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	switch user, err := load(r); {
//! 	case err != nil:
//! 		http.Error(w, "not found", http.StatusNotFound) // a case ends by itself
//! 	default:
//! 		json.NewEncoder(w).Encode(user)
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{WRITES, written};

pub static RULE: Rule = Rule {
    id: "http/missing-return-after-error",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 2), (Concern::Security, 1)],
    equivalents: &["gocritic:returnAfterHttpError"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(ANSWERS, check_http), Hook::Call(WRITES, check_framework), Hook::Call(ABORTS, check_framework)],
    file: file!(),
};

const ANSWERS: &[&str] = &["net/http.Error", "net/http.NotFound", "net/http.Redirect"];
/// What sets an error's status without a body.
const ABORTS: &[&str] =
    &["github.com/gin-gonic/gin.Context.AbortWithError", "github.com/gin-gonic/gin.Context.AbortWithStatus"];
const CONTEXTS: &[&str] =
    &["github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context", "github.com/gofiber/fiber/v2.Ctx"];

fn check_http(cx: &mut Cx, call: Call) {
    if let Some(&response) = call.args.first() {
        check(cx, call, response);
    }
}

fn check_framework(cx: &mut Cx, call: Call) {
    let written = written(cx, call);
    let Some(context) = written.map(|written| written.context).or(call.receiver) else { return };
    let status = written.map_or(call.args.first().copied(), |written| written.status);
    if status.and_then(|status| cx.int_value(status)).is_some_and(|code| (400..600).contains(&code)) {
        check(cx, call, context);
    }
}

fn check(cx: &mut Cx, call: Call, response: ExprId) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr) else { return };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_)) || !matches!(cx.def(response), Def::Local(_)) {
        return;
    }
    cx.examined();
    let Some(Node::Stmt(branch)) = cx.tree.parent(stmt).and_then(|block| cx.tree.parent(block)) else { return };
    if !matches!(cx.stmt(branch), Stmt::If { .. }) {
        return;
    }
    let Some(last) = last_of_block(cx, stmt) else { return };
    let Some(again) = written_after(cx, branch, response) else { return };
    let chained = call.receiver.is_some_and(|receiver| receiver != response);
    let (fun, name) = (cx.source(if chained { call.name } else { call.fun }), cx.source(response));
    let end = cx.span(last).end;
    let edit = (Span::new(end, end), format!("\n{}return", cx.indent(last)));
    let (at, edit) = (cx.span(again), returns_nothing(cx, stmt).then_some(edit));
    cx.report(call.fun, format!("the handler goes on after `{fun}` and writes to `{name}` again"))
        .note_at(at, "this is written after the error")
        .fix("Return after the error", edit);
}

/// The last statement of the block, if nothing after `stmt` leaves it.
fn last_of_block(cx: &Cx, stmt: StmtId) -> Option<StmtId> {
    let mut last = stmt;
    while let Some(next) = cx.next_stmt(last) {
        if leaves(cx, next) {
            return None;
        }
        last = next;
    }
    Some(last)
}

/// Whether control does not run past the statement: it branches, returns, or calls what never returns.
fn leaves(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::Return(_) | Stmt::Branch { .. } | Stmt::Bad => true,
        Stmt::Expr(call) => cx.may_end(call),
        _ => false,
    }
}

/// The first place after the `if`, in the same block and before anything leaves it, that writes to the response.
fn written_after(cx: &Cx, mut branch: StmtId, response: ExprId) -> Option<ExprId> {
    while let Some(Node::Stmt(outer)) = cx.tree.parent(branch)
        && matches!(cx.stmt(outer), Stmt::If { els: Some(els), .. } if els == branch)
    {
        branch = outer;
    }
    while let Some(next) = cx.next_stmt(branch) {
        if let Some(write) = cx.find_expr(next, false, |expr| writes(cx, expr, cx.def(response))) {
            return Some(write);
        }
        if leaves(cx, next) {
            return None;
        }
        branch = next;
    }
    None
}

/// Whether a call writes to a response, or hands it on: a framework's context has other uses than that.
fn writes(cx: &Cx, call: ExprId, response: Def) -> bool {
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    if let Some(written) = cx.call(call).and_then(|call| written(cx, call)) {
        return cx.def(written.context) == response;
    }
    match cx.method_call(call) {
        Some((writer, name, _)) if cx.def(writer) == response => {
            matches!(name, "Write" | "WriteHeader" | "WriteString")
        }
        _ => cx.exprs(args).iter().any(|&arg| cx.def(arg) == response && !cx.has_type(arg, CONTEXTS)),
    }
}

/// Whether a bare `return` compiles here.
fn returns_nothing(cx: &Cx, stmt: StmtId) -> bool {
    let func = cx.enclosing_func(stmt).map(|func| cx.expr(func.ty));
    matches!(func, Some(Expr::FuncType { results, .. }) if results.is_empty())
}
