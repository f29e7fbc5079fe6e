//! The statement that hands an error to the caller: what fixes of dropped errors write.

use gopeer_lint::prelude::*;
use gopeer_sema::types::Type;

/// `return nil, 0, err`, for a function whose last result is an `error`; `error` is the expression for it.
pub(crate) fn return_with(cx: &Cx, func: Func, error: &str) -> Option<String> {
    let Expr::FuncType { results, .. } = cx.expr(func.ty) else { return None };
    let results = cx.params(results);
    let (&(_, last), before) = results.split_last()?;
    if !cx.is_builtin(last, "error") {
        return None;
    }
    let mut text = "return ".to_owned();
    for &(_, ty) in before {
        text.push_str(&zero(cx, ty)?);
        text.push_str(", ");
    }
    text.push_str(error);
    Some(text)
}

/// The zero value of the type that an expression denotes.
fn zero(cx: &Cx, ty: ExprId) -> Option<String> {
    let known = match cx.store.get(cx.ty(ty)) {
        Type::Param(_) => return Some(format!("*new({})", cx.source(ty))),
        Type::Unknown => return written_zero(cx, ty),
        _ => cx.under(ty),
    };
    Some(match known {
        Type::Basic(basic) if basic.is_boolean() => "false".to_owned(),
        Type::Basic(basic) if basic.is_string() => "\"\"".to_owned(),
        Type::Basic(basic) if basic.is_numeric() => "0".to_owned(),
        Type::Struct(_) | Type::Array { .. } => format!("{}{{}}", cx.source(ty)),
        Type::Unknown | Type::Tuple(_) | Type::Union(_) => return written_zero(cx, ty),
        _ => "nil".to_owned(),
    })
}

/// Types from packages that are not known still show whether they are pointers and the like.
fn written_zero(cx: &Cx, ty: ExprId) -> Option<String> {
    let has_nil = matches!(
        cx.expr(cx.unparen(ty)),
        Expr::Star(_)
            | Expr::ArrayType { len: None, .. }
            | Expr::MapType { .. }
            | Expr::ChanType { .. }
            | Expr::FuncType { .. }
            | Expr::InterfaceType { .. }
    );
    has_nil.then(|| "nil".to_owned())
}

/// The edit that turns a statement into a test of the error that `source` gives after `others` other results, where the
/// function can return it.
pub(crate) fn checked(cx: &Cx, stmt: StmtId, source: &str, others: usize) -> Option<(Span, String)> {
    // Not in the header of an `if` or `for`, where a statement has no place.
    cx.place_in_list(stmt)?;
    let leave = return_with(cx, cx.enclosing_func(stmt)?, "err")?;
    Some((cx.span(stmt), test(source, others, cx.indent(stmt), &leave)))
}

/// A test of the error that `source` gives after `others` other results, which does `then` if there is one.
fn test(source: &str, others: usize, indent: &str, then: &str) -> String {
    let blanks = "_, ".repeat(others);
    format!("if {blanks}err := {source}; err != nil {{\n{indent}\t{then}\n{indent}}}")
}

/// The edit that logs the error of a call that stands alone, and goes on.
pub(super) fn logged_call(cx: &Cx, stmt: StmtId, call: ExprId) -> Option<(Span, String)> {
    cx.place_in_list(stmt)?;
    Some((cx.span(stmt), logging(cx, call, cx.indent(stmt))?))
}

/// A call that stands alone, with its error logged, in lines that begin with `indent`; none before Go 1.21, the first with `log/slog`.
pub(super) fn logging(cx: &Cx, call: ExprId, indent: &str) -> Option<String> {
    if cx.file.build.go_minor.is_some_and(|minor| minor < 21) {
        return None;
    }
    let name = cx.callee_text(call).replace('\\', "\\\\").replace('"', "\\\"");
    let log = format!("{}.Error(\"{name} failed\", \"error\", err)", cx.name_for("log/slog")?);
    Some(test(cx.source(call), cx.results(call)?.len().saturating_sub(1), indent, &log))
}

/// Like [`checked`], for a call whose last result is the error.
pub(crate) fn checked_call(cx: &Cx, stmt: StmtId, call: ExprId) -> Option<(Span, String)> {
    checked(cx, stmt, cx.source(call), cx.results(call)?.len().saturating_sub(1))
}
