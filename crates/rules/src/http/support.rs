//! Responses that handlers write with a framework.

use gopeer_lint::Lookup;
use gopeer_lint::prelude::*;

/// What writes the body of a response in gin, echo and fiber.
pub(crate) const WRITES: &[&str] = &[
    "github.com/gin-gonic/gin.Context.AbortWithStatusJSON",
    "github.com/gin-gonic/gin.Context.Data",
    "github.com/gin-gonic/gin.Context.HTML",
    "github.com/gin-gonic/gin.Context.IndentedJSON",
    "github.com/gin-gonic/gin.Context.JSON",
    "github.com/gin-gonic/gin.Context.PureJSON",
    "github.com/gin-gonic/gin.Context.SecureJSON",
    "github.com/gin-gonic/gin.Context.String",
    "github.com/gin-gonic/gin.Context.XML",
    "github.com/gin-gonic/gin.Context.YAML",
    "github.com/labstack/echo/v4.Context.Blob",
    "github.com/labstack/echo/v4.Context.HTML",
    "github.com/labstack/echo/v4.Context.JSON",
    "github.com/labstack/echo/v4.Context.JSONPretty",
    "github.com/labstack/echo/v4.Context.String",
    "github.com/labstack/echo/v4.Context.XML",
    "github.com/gofiber/fiber/v2.Ctx.JSON",
    "github.com/gofiber/fiber/v2.Ctx.Send",
    "github.com/gofiber/fiber/v2.Ctx.SendString",
    "github.com/gofiber/fiber/v2.Ctx.XML",
];

/// A response that a call writes.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    /// What the framework hands to a handler.
    pub context: ExprId,
    /// The status, if it is given here.
    pub status: Option<ExprId>,
    /// What goes into the body.
    pub body: &'a [ExprId],
}

/// The response that a call of one of [`WRITES`] writes. Its status is the first argument or, in fiber, said before:
/// `c.Status(404).SendString("…")`.
pub(crate) fn written<'a>(cx: &Cx<'a>, call: Call<'a>) -> Option<Written<'a>> {
    let receiver = call.receiver.filter(|_| call.callee.is(WRITES))?;
    if !call.callee.path.starts_with("github.com/gofiber/") {
        let (&status, body) = call.args.split_first()?;
        return Some(Written { context: receiver, status: Some(status), body });
    }
    Some(match cx.call(receiver).filter(|status| status.callee.is(&["github.com/gofiber/fiber/v2.Ctx.Status"])) {
        Some(Call { receiver: Some(context), args, .. }) => {
            Written { context, status: args.first().copied(), body: call.args }
        }
        _ => Written { context: receiver, status: None, body: call.args },
    })
}

/// What a handler of net/http writes to.
pub(crate) const RESPONSE: &[&str] = &["net/http.ResponseWriter"];
/// What frameworks hand to a handler.
pub(super) const CONTEXTS: &[&str] =
    &["github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context", "github.com/gofiber/fiber/v2.Ctx"];

/// Whether a call writes to a response, or hands it on: a framework's context has other uses than that.
pub(crate) fn writes(cx: &Cx, call: ExprId, response: Def) -> bool {
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

/// The value that a local has at a place, by the assignment before it: in one of the lists of statements around, or in the
/// head of an `if`.
pub(crate) fn source_of(cx: &Cx, at: ExprId, local: ExprId) -> Option<ExprId> {
    /// An error is tested soon after it is made.
    const STEPS: usize = 20;
    for node in cx.tree.ancestors(at) {
        let Node::Stmt(stmt) = node else { continue };
        if let Stmt::If { init: Some(init), .. } = cx.stmt(stmt)
            && let Some(value) = assigned(cx, init, local)
        {
            return Some(value);
        }
        let before = cx.siblings(stmt).get(..cx.place_in_list(stmt).unwrap_or(0)).unwrap_or_default();
        if let Some(value) = before.iter().rev().take(STEPS).find_map(|&stmt| assigned(cx, stmt, local)) {
            return Some(value);
        }
    }
    None
}

fn assigned(cx: &Cx, stmt: StmtId, local: ExprId) -> Option<ExprId> {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
    let place = cx.exprs(lhs).iter().position(|&target| cx.def(target) == cx.def(local))?;
    cx.exprs(rhs).get(if lhs.len() == rhs.len() { place } else { 0 }).copied()
}

/// Whether control does not run past the statement: it branches, returns, or calls what never returns.
pub(super) fn leaves(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::Return(_) | Stmt::Branch { .. } | Stmt::Bad => true,
        Stmt::Expr(call) => cx.may_end(call),
        _ => false,
    }
}

/// Whether the second is an `if` that runs only where the first does not: `err == nil` after `err != nil`, `ok` after `!ok`.
pub(super) fn is_opposite(cx: &Cx, first: StmtId, second: StmtId) -> bool {
    let (Stmt::If { cond, .. }, Stmt::If { cond: other, .. }) = (cx.stmt(first), cx.stmt(second)) else { return false };
    match (cx.expr(cond), cx.expr(other)) {
        (
            Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs },
            Expr::Binary { op: BinaryOp::Equal, lhs: left, rhs: right },
        ) => cx.same_text(lhs, left) && cx.same_text(rhs, right),
        (Expr::Unary { op: UnaryOp::Not, operand }, _) => cx.same_text(operand, other),
        _ => false,
    }
}

/// Whether a local starts as the zero value (`var x T`, `new(T)`) and stays so, for all that `change` finds.
pub(super) fn is_left_zero(cx: &Cx, local: ExprId, change: Lookup) -> bool {
    let Def::Local(declaring) = cx.def(local) else { return false };
    let is_zero = match cx.tree.parent(declaring) {
        Some(Node::Decl(spec)) => matches!(cx.decl(spec), Decl::Value { values, .. } if values.is_empty()),
        _ => {
            let new = |value| matches!(cx.expr(value), Expr::Call { fun, .. } if cx.is_builtin(fun, "new"));
            cx.initial_value(local).is_some_and(new)
        }
    };
    is_zero && cx.once(declaring, change).is_none()
}

/// The first use of a local that sets one of these fields, or may do so because other code gets hold of the value.
pub(super) fn change_of(cx: &Cx, declaring: Node, fields: &[&str]) -> Option<Node> {
    let Node::Expr(declaring) = declaring else { return None };
    let leaves = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(parent)) => match cx.expr(parent) {
            Expr::Selector { name, .. } => !fields.contains(&cx.source(name)),
            _ => false,
        },
        _ => used == declaring,
    };
    cx.names.uses(declaring).find(|&used| !leaves(used)).map(Node::Expr)
}
