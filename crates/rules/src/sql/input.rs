//! Where a value that becomes a part of a statement comes from.

use gopeer_lint::prelude::*;

use super::template::parts;

/// The text before changes that leave quotes as they are: `strings.TrimSpace(name)` is `name`.
pub(super) fn trimmed(cx: &Cx, value: ExprId) -> ExprId {
    const CHANGES: &[&str] = &[
        "strings.ToLower",
        "strings.ToUpper",
        "strings.Trim",
        "strings.TrimPrefix",
        "strings.TrimSpace",
        "strings.TrimSuffix",
    ];
    let mut at = cx.unparen(value);
    while let Some(Call { args: &[inner, ..], .. }) = cx.call(at).filter(|call| call.callee.is(CHANGES)) {
        at = cx.unparen(inner);
    }
    at
}

/// Whether a value may be any text: a variable that this function does not give a constant, of a type that can hold a quote.
pub(super) fn is_free_text(cx: &Cx, value: ExprId) -> bool {
    let is_variable = match cx.expr(value) {
        Expr::Ident => matches!(cx.def(value), Def::Local(_)) && !is_chosen_here(cx, value),
        Expr::Selector { .. } => !cx.is_qualified(value),
        Expr::Index { base, .. } => cx.expr(base) != Expr::Ident || !is_chosen_here(cx, base),
        _ => false,
    };
    let holds_text = match cx.under(value) {
        Type::Basic(basic) => basic.is_string(),
        Type::Unknown | Type::Interface(_) | Type::Slice(_) => true,
        _ => false,
    };
    is_variable && holds_text
}

/// Whether the type of a value is certain to be a string.
pub(super) fn is_string(cx: &Cx, value: ExprId) -> bool {
    let written = || cx.local_type(value).is_some_and(|local| cx.is_builtin(local.ty, "string"));
    matches!(cx.under(value), Type::Basic(basic) if basic.is_string()) || written()
}

/// Parts of a text that a regular expression admits.
const FOUND: &[&str] = &["regexp.Regexp.FindStringSubmatch", "regexp.Regexp.FindSubmatch"];

/// Whether this function says what a local can be: it starts as a constant, as an element of a list that is written out, or
/// as what a library made of something else (`strconv.Itoa`, `uuid.NewString`).
fn is_chosen_here(cx: &Cx, local: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(local) else { return false };
    let is_list = |list: ExprId| {
        let made = cx.initial_value(list).unwrap_or(list);
        matches!(cx.expr(made), Expr::Composite { .. }) || matches!(cx.def(list), Def::Package(_))
    };
    if let Some(Node::Stmt(range)) = cx.tree.parent(declaring)
        && let Stmt::Range { subject, .. } = cx.stmt(range)
    {
        return is_list(subject);
    }
    let is_param = matches!(cx.tree.parent(declaring), Some(Node::Field(_)));
    if !is_param && cx.is_reassigned(local) {
        // A part of the statement, which other statements of this function choose or put together.
        let is_text = |(_, part): (bool, ExprId)| {
            let part = cx.unparen(part);
            cx.string_value(part).is_some()
                || matches!(cx.expr(part), Expr::Binary { op: BinaryOp::Add, .. })
                || cx.calls(part, &["fmt.Sprintf"])
        };
        return parts(cx, local).into_iter().all(is_text);
    }
    let Some((made, _)) = cx.origin(local) else { return false };
    let converted =
        || cx.call(made).is_some_and(|call| !cx.is_own(&call.callee) && !call.callee.path.starts_with("strings"));
    cx.string_value(made).is_some()
        || matches!(cx.expr(made), Expr::Composite { .. })
        || matches!(cx.expr(made), Expr::Index { base, .. } if is_list(base) || cx.calls(base, FOUND))
        || converted()
}

/// Whether a value is named after a part of a statement that code makes.
pub(super) fn is_syntax(cx: &Cx, value: ExprId) -> bool {
    const PARTS: &[&str] = &[
        "alias",
        "bind",
        "binds",
        "clause",
        "col",
        "cols",
        "column",
        "columns",
        "cond",
        "condition",
        "escaped",
        "expr",
        "mark",
        "marks",
        "param",
        "params",
        "placeholder",
        "placeholders",
        "quoted",
        "sanitized",
        "schema",
        "sql",
        "table",
        "where",
    ];
    let name = match cx.expr(value) {
        Expr::Selector { name, .. } => cx.source(name),
        Expr::Index { base, .. } => cx.source(base),
        _ => cx.source(value),
    };
    words(name).iter().any(|word| PARTS.contains(&word.as_str()))
}
