//! The test handle, `t`.

use gopeer_lint::prelude::*;

const HANDLES: &[&str] = &["testing.T", "testing.B", "testing.F", "testing.TB"];

/// Whether the type is that of a test handle: `*testing.T` and its kin.
pub(super) fn is_handle_type(cx: &Cx, ty: ExprId) -> bool {
    let pointee = cx.pointee(ty);
    cx.has_type(pointee, HANDLES)
}

/// Whether an expression is a parameter or variable that is a test handle; where it is declared.
pub(super) fn handle(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    let Def::Local(declared) = cx.def(cx.unparen(expr)) else { return None };
    if !cx.ty(expr).is_unknown() {
        return cx.has_type(expr, HANDLES).then_some(declared);
    }
    is_handle_type(cx, cx.local_type(expr)?.ty).then_some(declared)
}

/// The name of the function's test handle among its parameters (`_` too).
pub(super) fn handle_param(cx: &Cx, func: Func) -> Option<ExprId> {
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return None };
    cx.params(params).into_iter().find(|&(_, ty)| is_handle_type(cx, ty))?.0
}

/// The function literal that a call runs as a subtest: the last argument of `t.Run(name, func(t *testing.T) { … })`.
pub(super) fn subtest(cx: &Cx, call: ExprId) -> Option<Func> {
    let (receiver, "Run", [_, body]) = cx.method_call(call)? else { return None };
    handle(cx, receiver)?;
    cx.as_func(Node::Expr(cx.unparen(*body)))
}

/// Whether a function is a test by its name and parameters: `func TestXxx(t *testing.T)`.
pub(super) fn test_name<'a>(cx: &Cx<'a>, decl: DeclId) -> Option<&'a str> {
    let Decl::Func { recv, name, ty, .. } = cx.decl(decl) else { return None };
    let name = cx.source(name);
    let rest = name.strip_prefix("Test").filter(|_| recv.is_empty())?;
    let Expr::FuncType { params, .. } = cx.expr(ty) else { return None };
    let [(_, ty)] = cx.params(params).try_into().ok()?;
    let xxx = !rest.starts_with(char::is_lowercase) && cx.denotes(cx.pointee(ty), &["testing.T"]);
    xxx.then_some(name)
}
