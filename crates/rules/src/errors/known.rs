//! Whether an error is known to be nil, or not to be, on every path that leads to a place.

use gopeer_flow::{Origin, Point};
use gopeer_lint::Followed;
use gopeer_lint::prelude::*;

use super::support::error_variable;

/// What tells that a variable is nil at a point, on every path that leads there: the test, or where it is declared without a value.
pub(super) fn why_nil(cx: &Cx, func: Func, of: &Followed, at: Point, declared: ExprId) -> Option<Vec<(Span, String)>> {
    let name = cx.source(declared);
    let origins = cx.origins(of, at, declared)?;
    let why = |origin: &Origin| match *origin {
        Origin::Nil(cond) => Some((cx.span(cond), format!("`{name}` is nil from here on"))),
        Origin::Zero(declared) => Some((cx.span(declared), format!("`{name}` is nil to begin with"))),
        Origin::Entry if cx.is_result(func, declared) => {
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

/// The call that an error comes from which is read at a place, on whatever path.
pub(super) fn call_of(cx: &Cx, error: ExprId) -> Option<ExprId> {
    let declared = error_variable(cx, error)?;
    let followed = cx.followed(cx.enclosing_func(error)?.node)?;
    let origins = cx.origins(&followed, followed.at_read(cx.unparen(error))?, declared)?;
    let [Origin::Written(written)] = origins[..] else { return None };
    let (targets, values) = match cx.tree.parent(written)? {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } => (cx.exprs(lhs), cx.exprs(rhs)),
            _ => return None,
        },
        Node::Decl(decl) => match cx.decl(decl) {
            Decl::Value { names, values, .. } => (cx.exprs(names), cx.exprs(values)),
            _ => return None,
        },
        _ => return None,
    };
    let at = if values.len() == 1 { 0 } else { cx.tree.place(targets, written)? };
    let value = cx.unparen(*values.get(at)?);
    matches!(cx.expr(value), Expr::Call { .. }).then_some(value)
}
