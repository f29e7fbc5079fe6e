//! Servers and pages for those who run the program: metrics, profiles, health checks, administration.

use std::borrow::Cow;

use gopeer_lint::prelude::*;

/// Words in the names of such code. `profile` and `status` are not among them, because a user and an order have them, too.
const WORDS: &[&str] = &[
    "admin",
    "debug",
    "devserver",
    "diagnostic",
    "diagnostics",
    "health",
    "healthcheck",
    "healthcheckz",
    "healthy",
    "healthz",
    "livez",
    "liveness",
    "memberlist",
    "metrics",
    "monitoring",
    "pprof",
    "probe",
    "profiler",
    "profiling",
    "prometheus",
    "readiness",
    "ready",
    "readyz",
    "telemetry",
];

/// Whether code serves those who run the program: by its package, its file, the function around it and what it is assigned to.
pub(crate) fn is_for_operators(cx: &Cx, at: impl Into<Node>) -> bool {
    let at = at.into();
    let file = cx.file.name.rsplit('/').next().unwrap_or_default();
    let package = cx.file.scope.package.as_deref().unwrap_or_default();
    let names = cx.names_around(at).into_iter().chain(receiver_around(cx, at));
    [package, file].into_iter().chain(names).any(is_operational)
}

/// Whether a name, or an expression of names, speaks of operation: `metricsServer`, `config.Metrics.Addr`.
pub(crate) fn is_operational(name: &str) -> bool {
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether all paths that the function around registers are for operators: `/metrics`, `/debug/pprof/`, `/healthz`.
pub(crate) fn serves_operators(cx: &Cx, at: impl Into<Node>) -> bool {
    let Some(func) = cx.enclosing_func(at) else { return false };
    let paths = cx.within(func.body, true, |cx, node| registered_path(cx, node).is_some());
    let is_for_operators = |&node: &Node| registered_path(cx, node).is_some_and(|path| is_operational(&path));
    !paths.is_empty() && paths.iter().all(is_for_operators)
}

/// The path that a call of `Handle` or `HandleFunc` registers.
fn registered_path<'a>(cx: &Cx<'a>, node: Node) -> Option<Cow<'a, str>> {
    let Node::Expr(call) = node else { return None };
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return None };
    let name = cx.source(fun).rsplit('.').next()?;
    let &[path, _] = cx.exprs(args) else { return None };
    if !matches!(name, "Handle" | "HandleFunc") {
        return None;
    }
    match cx.string_value(path) {
        Some(path) => path.contains('/').then_some(path),
        // `metricsPath`
        None => (cx.expr(path) == Expr::Ident).then(|| cx.source(path).into()),
    }
}

/// The type that the method around a node is declared on.
fn receiver_around<'a>(cx: &Cx<'a>, at: Node) -> Option<&'a str> {
    let Decl::Func { recv, .. } = cx.decl(cx.enclosing_decl(at)?) else { return None };
    cx.params(recv).first().map(|&(_, ty)| cx.source(ty))
}
