//! What several rules of this category ask.

use gopeer_lint::prelude::*;

/// Packages whose functions give the same result for the same arguments, if they are known to do nothing else.
const STEADY: &[&str] = &["bytes", "errors", "maps", "math", "path", "path/filepath", "slices", "strings", "unicode"];

/// Whether an expression has no effect and the same value each time: it receives nothing, and calls nothing but `len`, `cap`,
/// conversions and functions such as `strings.ToLower`.
pub(super) fn is_steady(cx: &Cx, expr: ExprId) -> bool {
    !cx.any(expr, true, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { fun, .. } => !is_steady_call(cx, id, fun),
            Expr::Bad | Expr::FuncLit { .. } | Expr::Unary { op: UnaryOp::Recv, .. } => true,
            _ => false,
        },
        _ => false,
    })
}

fn is_steady_call(cx: &Cx, call: ExprId, fun: ExprId) -> bool {
    cx.is_builtin(fun, "len")
        || cx.is_builtin(fun, "cap")
        || cx.is_type_expr(fun)
        || cx.calls_pure(call) && cx.callee(call).is_some_and(|callee| STEADY.contains(&callee.path))
}

/// Whether two expressions are spelled alike, mean the same, and have the same value each time.
pub(super) fn are_same(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    let (a, b) = (cx.unparen(a), cx.unparen(b));
    cx.span(a).len() == cx.span(b).len() && cx.same_text(a, b) && is_steady(cx, a)
}

/// Whether a name is that of a count, such as `seconds`, which may be kept in a `time.Duration` until it gets its unit.
pub(super) fn names_count(name: &str) -> bool {
    const COUNTS: &[&str] = &["sec", "min", "hour", "milli", "micro", "nano", "count", "num", "factor", "mult", "unit"];
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "n" | "s" | "m" | "h" | "ms" | "us" | "ns")
        || COUNTS.iter().any(|word| lower.contains(word))
}

/// The fixes that make a `break` leave the loop around it, by their titles.
pub(crate) fn ways_out(cx: &Cx, branch: StmtId, looping: StmtId) -> Vec<(&'static str, Vec<(Span, String)>)> {
    let ends = |func: &Func| cx.results_of(*func).is_empty() && cx.list_of(func.body.into()).last() == Some(&looping);
    let returns = cx.enclosing_func(branch).filter(ends).map(|_| vec![(cx.span(branch), "return".to_owned())]);
    // Where the loop is the end of a function with results, a `return` would be missing once it can be left.
    let is_end = |func: Func| cx.next_stmt(looping).is_none() && !cx.results_of(func).is_empty();
    let labels = label(cx, branch, looping).filter(|_| !cx.enclosing_func(branch).is_some_and(is_end));
    [returns.map(|edits| ("Return", edits)), labels.map(|edits| ("Break to a label", edits))]
        .into_iter()
        .flatten()
        .collect()
}

/// The edits that make a `break` leave a loop: its label, and one for the loop if it has none.
fn label(cx: &Cx, branch: StmtId, looping: StmtId) -> Option<Vec<(Span, String)>> {
    let end = Span::new(cx.span(branch).end, cx.span(branch).end);
    if let Some(Node::Stmt(parent)) = cx.tree.parent(looping)
        && let Stmt::Labeled { label, .. } = cx.stmt(parent)
    {
        return Some(vec![(end, format!(" {}", cx.source(label)))]);
    }
    let taken = |stmt| matches!(stmt, Stmt::Labeled { label, .. } if cx.source(label) == "loop");
    if cx.tree.all_stmts().any(|(_, stmt)| taken(stmt)) {
        return None;
    }
    let indent = cx.indent(looping);
    let start = cx.span(looping).start.saturating_sub(indent.len() as u32);
    let outer = indent.get(1..).unwrap_or_default();
    Some(vec![(Span::new(start, start), format!("{outer}loop:\n")), (end, " loop".to_owned())])
}
