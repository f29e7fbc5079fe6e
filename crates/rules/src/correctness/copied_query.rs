//! A query is changed in the copy that `URL.Query` returns.
//!
//! `url.URL.Query` parses the query anew each time (package net/url), so what is set in its result never reaches the URL. Keep
//! the values in a variable, and assign their `Encode()` to `RawQuery`.
//!
//! Limits: a copy that is passed to another function, stored or returned may be written back there.
//!
//! ```go bad
//! func page(u *url.URL) {
//! 	u.Query().Set("page", "2")
//! #^^^^^^^^^^^^^ `u.Query()` is a copy, so this `Set` changes nothing
//! }
//! ```
//! ```go bad
//! func page(u *url.URL) {
//! 	query := u.Query()
//! 	query.Set("page", "2")
//! #^^^^^^^^^ `query` is a copy of the query of `u` that is never written back
//! }
//! ```
//! ```go good
//! func page(u *url.URL) {
//! 	query := u.Query()
//! 	query.Set("page", "2")
//! 	u.RawQuery = query.Encode() // written back
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/copied-query",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/unused-result", "staticcheck:SA4027"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Call(CHANGES, check), Hook::Stmt(&[StmtKind::Assign], check_element)],
    examines: "changes of URL queries",
};

const CHANGES: &[&str] = &["net/url.Values.Add", "net/url.Values.Del", "net/url.Values.Set"];
const QUERY: &[&str] = &["net/url.URL.Query"];

fn check(cx: &mut Cx, call: Call) {
    let Some((receiver, method, _)) = cx.method_call(call.expr) else { return };
    cx.examined();
    let name = cx.source(receiver);
    if cx.calls(receiver, QUERY) {
        cx.report(call.fun, format!("`{name}` is a copy, so this `{method}` changes nothing"))
            .note("keep the values in a variable and assign its `Encode()` to `RawQuery`");
    } else if let Some(url) = copied_from(cx, receiver, call.expr) {
        let url = cx.source(url);
        cx.report(call.fun, format!("`{name}` is a copy of the query of `{url}` that is never written back"))
            .note(format!("assign `{name}.Encode()` to `{url}.RawQuery`"));
    }
}

/// `u.Query()["page"] = …`
fn check_element(cx: &mut Cx, assign: StmtId) {
    let Stmt::Assign { lhs, .. } = cx.stmt(assign) else { return };
    for &target in cx.exprs(lhs) {
        if let Expr::Index { base, .. } = cx.expr(target)
            && cx.calls(base, QUERY)
        {
            let copy = cx.source(base);
            cx.report(base, format!("`{copy}` is a copy, so this assignment changes nothing"))
                .note("keep the values in a variable and assign its `Encode()` to `RawQuery`");
        }
    }
}

/// The URL whose query a local is a copy of that is changed and goes nowhere, at the first of the changes.
fn copied_from(cx: &Cx, local: ExprId, change: ExprId) -> Option<ExprId> {
    let Def::Local(declaring) = cx.def(local) else { return None };
    let query = cx.initial_value(local).filter(|&value| cx.calls(value, QUERY))?;
    let is_first = cx.once(declaring, first_of_changes) == Some(change.into());
    (is_first && !cx.is_reassigned(local)).then(|| cx.method_call(query))?.map(|(url, ..)| url)
}

/// The first call that changes a local, if it is used for nothing else.
fn first_of_changes(cx: &Cx, declaring: Node) -> Option<Node> {
    let Node::Expr(declaring) = declaring else { return None };
    let change = |used: ExprId| {
        let Node::Expr(selector) = cx.tree.parent(used)? else { return None };
        cx.tree.parent(selector).filter(|&call| matches!(call, Node::Expr(call) if cx.calls(call, CHANGES)))
    };
    let uses = cx.names.uses(declaring).filter(|&used| used != declaring);
    let changes: Option<Vec<Node>> = uses.map(change).collect();
    changes?.first().copied()
}
