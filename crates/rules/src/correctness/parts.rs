//! Texts that are taken apart: what is known of their form.

use gopeer_lint::prelude::*;

/// Functions that give an error where the text is no number.
const PARSES: &[&str] = &["strconv.Atoi", "strconv.ParseFloat", "strconv.ParseInt", "strconv.ParseUint"];

/// Whether the form of a text is no matter of course: it comes from outside, or the function looks at its parts.
pub(super) fn is_doubted(cx: &Cx, call: Call, text: ExprId) -> bool {
    const OUTSIDE: &[&str] = &[
        "net/http.Header.Get",
        "net/http.Request.FormValue",
        "net/http.Request.PathValue",
        "net/http.Request.PostFormValue",
        "net/url.Values.Get",
        "os.Getenv",
    ];
    let source = cx.origin(text).map_or(text, |(value, _)| value);
    if cx.find_expr(source, false, |id| cx.calls(id, OUTSIDE)).is_some() {
        return true;
    }
    let Some(variable) = cx.kept_in(call.expr) else { return false };
    let Def::Local(declared) = cx.def(variable) else { return false };
    // A part is compared, or the length is asked for, in a condition; or it may be no number.
    cx.names.uses(declared).filter(|&used| used != variable).take(64).any(|used| {
        let compares = |node: Node| match node {
            Node::Expr(id) => {
                matches!(cx.expr(id), Expr::Binary { op, .. } if op.is_comparison())
                    || cx.calls(id, &["strings.EqualFold"])
            }
            _ => false,
        };
        let near = cx.tree.ancestors(used).take_while(|node| matches!(node, Node::Expr(_)));
        let near: Vec<Node> = near.take(16).collect();
        let parses = |node: &Node| matches!(*node, Node::Expr(id) if cx.calls(id, PARSES));
        match cx.enclosing_stmt(used).map(|stmt| cx.stmt(stmt)) {
            Some(Stmt::Assign { lhs, .. }) => {
                near.iter().any(parses) && cx.exprs(lhs).last().is_some_and(|&error| cx.source(error) != "_")
            }
            Some(Stmt::If { .. }) => near.into_iter().any(compares),
            Some(Stmt::Switch { .. }) => true,
            _ => false,
        }
    })
}

/// Whether a text is what a regular expression has found, which knows its form.
pub(super) fn is_match(cx: &Cx, text: ExprId) -> bool {
    let finds = |value: ExprId| cx.calls(value, &["regexp.Regexp.FindString"]);
    let Def::Local(declared) = cx.def(text) else { return finds(text) };
    cx.names.uses(declared).take(256).any(|used| {
        let Some(Node::Stmt(stmt)) = cx.tree.parent(used).filter(|_| cx.is_target(used)) else { return false };
        matches!(cx.stmt(stmt), Stmt::Assign { rhs, .. } if cx.only(rhs).is_some_and(finds))
    })
}

/// Whether a condition before a call gives the text to a function: `strings.Contains(text, ":")`, `len(text)`.
pub(super) fn is_looked_into(cx: &Cx, call: Call, text: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call.expr) else { return true };
    let conditions: gopeer_lint::Wanted = |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. } | Stmt::Switch { .. } | Stmt::CaseClause { .. }));
    let asks = |cond: ExprId| {
        cx.find_expr(cond, false, |id| match cx.expr(id) {
            Expr::Call { args, .. } => id != call.expr && cx.exprs(args).iter().any(|&arg| cx.same_text(arg, text)),
            _ => false,
        })
    };
    const NEAR: usize = 64;
    let all = cx.within(func.body, true, conditions);
    let before = all.partition_point(|&node| cx.span(node).start < cx.span(call.expr).start);
    all[..before].iter().rev().take(NEAR).any(|&node| {
        let Node::Stmt(stmt) = node else { return false };
        match cx.stmt(stmt) {
            Stmt::If { cond, .. } => asks(cond).is_some(),
            Stmt::Switch { tag: Some(tag), .. } => asks(tag).is_some(),
            Stmt::CaseClause { exprs, .. } => cx.exprs(exprs).iter().any(|&case| asks(case).is_some()),
            _ => false,
        }
    })
}
