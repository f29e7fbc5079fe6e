//! Responses that handlers write, and servers that run them.

use gopeer_lint::Lookup;
use gopeer_lint::prelude::*;

use crate::address::is_local_listener;

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

/// What answers with a status and without a body.
pub(super) const STATUSES: &[&str] = &[
    "github.com/gin-gonic/gin.Context.AbortWithError",
    "github.com/gin-gonic/gin.Context.AbortWithStatus",
    "github.com/gofiber/fiber/v2.Ctx.SendStatus",
    "github.com/labstack/echo/v4.Context.NoContent",
];

/// Whether a status says that the request has failed.
pub(super) fn is_failure(cx: &Cx, status: ExprId) -> bool {
    cx.int_value(status).is_some_and(|status| (400..600).contains(&status))
}

/// The condition under which a node runs: that of the `if` whose first branch holds its statement.
pub(super) fn condition_of(cx: &Cx, at: ExprId) -> Option<ExprId> {
    let list = cx.tree.parent(cx.enclosing_stmt(at)?)?;
    let Node::Stmt(branch) = cx.tree.parent(list)? else { return None };
    match cx.stmt(branch) {
        Stmt::If { cond, then, .. } if Node::Stmt(then) == list => Some(cond),
        _ => None,
    }
}

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
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return false };
    if let Some(written) = cx.call(call).and_then(|call| written(cx, call)) {
        return cx.def(written.context) == response;
    }
    match cx.method_call(call) {
        Some((writer, name, _)) if cx.def(writer) == response => {
            matches!(name, "Write" | "WriteHeader" | "WriteString" | "Next")
        }
        _ => cx.exprs(args).iter().any(|&arg| {
            // The next handler of a middleware is a local.
            let is_handler = matches!(cx.def(fun), Def::Local(_));
            cx.def(arg) == response && (is_handler || !cx.has_type(arg, CONTEXTS))
        }),
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

/// What runs an `http.Server`.
pub(super) const SERVES: &[&str] = &[
    "net/http.Server.ListenAndServe",
    "net/http.Server.ListenAndServeTLS",
    "net/http.Server.Serve",
    "net/http.Server.ServeTLS",
];

/// Whether it is the configuration of an `httptest.Server`.
pub(super) fn is_of_test_server(cx: &Cx, server: Config) -> bool {
    let is_test = |cx: &Cx, node| matches!(node, Node::Expr(id) if cx.has_type(id, &["net/http/httptest.Server"]));
    cx.around(server.expr, is_test).is_some()
}

/// Whether the server gets such a listener.
pub(super) fn serves_locally(cx: &Cx, server: Config) -> bool {
    let Some(Def::Local(declaring)) = cx.keeper(server).map(|kept| cx.def(kept)) else { return false };
    let serves = |used| {
        let Some(Node::Expr(fun)) = cx.tree.parent(used) else { return false };
        let Some(Node::Expr(call)) = cx.tree.parent(fun) else { return false };
        let call = cx.call(call).filter(|call| call.callee.is(SERVES));
        call.and_then(|call| call.args.first().copied()).is_some_and(|listener| is_local_listener(cx, listener))
    };
    cx.names.uses(declaring).any(serves)
}
