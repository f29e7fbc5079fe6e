//! Responses that handlers write with a framework.

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
