//! Whether an error is known to be nil, or not to be, on every path that leads to a place.

use gopeer_flow::{Origin, Point};
use gopeer_lint::Followed;
use gopeer_lint::prelude::*;

use super::support::is_error;

/// What tells that a variable is nil at a point, on every path that leads there: the test, or where it is declared without a value.
pub(super) fn why_nil(cx: &Cx, func: Func, of: &Followed, at: Point, declared: ExprId) -> Option<Vec<(Span, String)>> {
    let name = cx.source(declared);
    let origins = cx.origins(of, at, declared)?;
    let why = |origin: &Origin| match *origin {
        Origin::Nil(cond) => Some((cx.span(cond), format!("`{name}` is nil from here on"))),
        Origin::Zero(declared) => Some((cx.span(declared), format!("`{name}` is nil to begin with"))),
        Origin::Entry if is_result(cx, func, declared) => {
            Some((cx.span(declared), format!("`{name}` is nil to begin with")))
        }
        _ => None,
    };
    let why: Option<Vec<_>> = origins.iter().map(why).collect();
    why.filter(|why| !why.is_empty())
}

/// The test that tells that an error is not nil at a point, whatever path leads there.
pub(super) fn why_failed(cx: &Cx, of: &Followed, at: Point, declared: ExprId) -> Option<ExprId> {
    let origins = cx.origins(of, at, declared)?;
    let mut test = None;
    for origin in origins {
        let Origin::NotNil(cond) = origin else { return None };
        test = test.or(Some(cond));
    }
    test
}

/// Whether a variable is a result of a function, by the identifier that declares it.
pub(super) fn is_result(cx: &Cx, func: Func, declared: ExprId) -> bool {
    let Expr::FuncType { results, .. } = cx.expr(func.ty) else { return false };
    cx.params(results).iter().any(|(name, _)| *name == Some(declared))
}

/// The local variable of type `error` that an identifier names, by the identifier that declares it.
pub(super) fn error_variable(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    match cx.def(cx.unparen(expr)) {
        Def::Local(declared) if cx.expr(cx.unparen(expr)) == Expr::Ident && is_error(cx, expr) => Some(declared),
        _ => None,
    }
}

/// Whether a node mentions a variable.
pub(super) fn mentions(cx: &Cx, node: impl Into<Node>, declared: ExprId) -> bool {
    cx.any(
        node,
        true,
        |node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.def(id) == Def::Local(declared)),
    )
}
