//! What the rules about errors share.

use gopeer_lint::prelude::*;

/// Whether an expression is of type `error`. Where its type is not known: whether it is a local that shows in the text to
/// be one, declared so, or by an error's name and the last value of a call.
pub(crate) fn is_error(cx: &Cx, expr: ExprId) -> bool {
    let expr = cx.unparen(expr);
    if !cx.ty(expr).is_unknown() {
        return cx.ty(expr) == TypeId::ERROR;
    }
    if cx.expr(expr) != Expr::Ident || !matches!(cx.def(expr), Def::Local(_)) {
        return false;
    }
    match cx.local_type(expr) {
        Some(local) => !local.pointer && cx.is_builtin(local.ty, "error"),
        None => has_error_name(cx.source(expr)) && comes_last_from_call(cx, expr) && cx.is_compared_with_nil(expr),
    }
}

fn has_error_name(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    stem == "err" || stem.ends_with("Err") || stem.ends_with("Error")
}

fn comes_last_from_call(cx: &Cx, local: ExprId) -> bool {
    let Some((value, index)) = cx.origin(local) else { return false };
    let Expr::Call { fun, .. } = cx.expr(value) else { return false };
    let Def::Local(declaring) = cx.def(local) else { return false };
    let Some(Node::Stmt(define)) = cx.tree.parent(declaring) else { return false };
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(define) else { return false };
    let last = rhs.len() > 1 || index + 1 == lhs.len();
    last && !cx.is_builtin(fun, "recover")
}

/// The `x` of a call `x.Error()`.
pub(crate) fn text_of(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    match cx.method_call(expr)? {
        (receiver, "Error", []) if cx.ty(receiver).is_unknown() || is_error(cx, receiver) => Some(receiver),
        _ => None,
    }
}

/// Whether the node is inside a method of this name: `Is` compares by identity because that is its task.
pub(super) fn in_method(cx: &Cx, node: impl Into<Node>, names: &[&str]) -> bool {
    cx.enclosing_decl(node).is_some_and(|decl| match cx.decl(decl) {
        Decl::Func { recv, name, .. } => !recv.is_empty() && names.contains(&cx.source(name)),
        _ => false,
    })
}

/// `errors.Cause(err)`: the end of the chain, which nothing wraps.
pub(super) fn is_root(cx: &Cx, error: ExprId) -> bool {
    let error = cx.initial_value(error).unwrap_or(error);
    matches!(cx.method_call(error), Some((_, "Cause", _))) || cx.callee(error).is_some_and(|name| name.name == "Cause")
}

/// Methods of the errors protocol compare by identity: that is their task. Tests often check that nothing is wrapped.
pub(super) fn is_exempt(cx: &Cx, node: ExprId) -> bool {
    cx.file.generated || in_method(cx, node, &["Is", "As", "Unwrap", "Cause"])
}
