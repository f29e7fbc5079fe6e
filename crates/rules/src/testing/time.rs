//! Time in tests: where it has to pass, and where it is measured.

use gopeer_lint::prelude::*;

/// Beginnings of words in the names of tests and of lengths that let time itself pass: what is tested is an expiry.
const ABOUT_TIME: &[&str] = &[
    "ttl", "expir", "time", "clock", "deadline", "lifetime", "interval", "duration", "delay", "stale", "sleep", "tick",
    "rotat", "schedul",
];

/// Words of a comment that says that time itself has to pass.
const PASSES: &[&str] = &[
    "elapse",
    "interval",
    "must not",
    "should not",
    "should stay",
    "stays",
    "still",
    "hasn't",
    "wait out",
    "duration",
    "invalidat",
    "window",
    "expir",
    "granularity",
    "timeout",
    "ttl",
    "differ",
    "resolution",
    "timestamp",
    "only way",
    "better way",
];

/// Whether time itself has to pass: the test is named after that, a comment says so, or one system alone needs it.
pub(super) fn is_about_time(cx: &Cx, call: ExprId, test: &str) -> bool {
    names_time(test) || cx.is_said(call, PASSES) || is_for_system(cx, call)
}

fn names_time(name: &str) -> bool {
    words(name).iter().any(|word| ABOUT_TIME.iter().any(|about| word.starts_with(about)))
}

/// Whether one system alone needs the sleep, such as the coarse clock of Windows.
fn is_for_system(cx: &Cx, call: ExprId) -> bool {
    let asks = |cx: &Cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { cond, .. } if cx.source(cond).contains("GOOS")));
    cx.around(call, asks).is_some()
}

/// Whether the length is written out, as in `100 * time.Millisecond`, or a constant whose name says nothing of time. One that is
/// computed lets some period of the code under test go by.
pub(super) fn is_fixed(cx: &Cx, length: ExprId) -> bool {
    cx.int_value(length).is_some() && !names_time(&cx.source(length).replace("time.", ""))
}

/// Whether an expression is a measured duration: `time.Since(…)`, `time.Now().Sub(…)`, or a local that got one.
pub(super) fn is_measured(cx: &Cx, expr: ExprId) -> bool {
    let expr = cx.initial_value(expr).unwrap_or(expr);
    cx.calls(expr, &["time.Since"])
        || matches!(cx.method_call(expr), Some((now, "Sub", [_])) if cx.calls(cx.initial_value(now).unwrap_or(now), &["time.Now"]))
}

/// Whether the call stands in a literal that synctest runs, or the file uses it, so that helpers may run in a bubble.
pub(super) fn in_bubble(cx: &Cx, call: ExprId) -> bool {
    cx.file.scope.imports.iter().any(|import| import.path.contains("synctest"))
        || cx.tree.ancestors(call).any(|node| match node {
            Node::Expr(outer) => {
                matches!(cx.expr(outer), Expr::Call { fun, .. } if cx.source(fun).starts_with("synctest."))
            }
            _ => false,
        })
}
