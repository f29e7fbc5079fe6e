//! Clients and requests without a time limit.

use gopeer_lint::prelude::*;

/// What sends a request with a client.
pub(super) const SENDS: &[&str] = &[
    "net/http.Client.Do",
    "net/http.Client.Get",
    "net/http.Client.Head",
    "net/http.Client.Post",
    "net/http.Client.PostForm",
];
/// What makes a request, and which argument is its context.
const REQUESTS: &[(&str, Option<usize>)] =
    &[("net/http.NewRequest", None), ("net/http.NewRequestWithContext", Some(0))];

/// The variable of the package, or the field of a named type, that a client is put into.
pub(super) fn kept_place(cx: &Cx, client: Config) -> Option<String> {
    if let Some(kept) = cx.keeper(client) {
        return place_of(cx, kept);
    }
    let Node::Expr(element) = cx.tree.parent(whole(cx, client.expr))? else { return None };
    let (Expr::KeyValue { key, .. }, Node::Expr(literal)) = (cx.expr(element), cx.tree.parent(element)?) else {
        return None;
    };
    let (path, name) = cx.store.qualified_name(cx.deref(cx.ty(literal)))?;
    Some(format!("{path}.{name}.{}", cx.source(key)))
}

/// The variable of the package, or the field of a named type, that an expression is.
pub(super) fn place_of(cx: &Cx, expr: ExprId) -> Option<String> {
    match cx.expr(expr) {
        Expr::Ident => matches!(cx.def(expr), Def::Package(_)).then(|| cx.source(expr).to_owned()),
        Expr::Selector { name, .. } => {
            let (path, owner) = cx.store.named_path(cx.facts.selection(expr)?.owner?);
            Some(format!("{path}.{owner}.{}", cx.source(name)))
        }
        _ => None,
    }
}

/// The literal with its parentheses and its `&`.
pub(super) fn whole(cx: &Cx, mut expr: ExprId) -> ExprId {
    while let Some(Node::Expr(parent)) = cx.tree.parent(expr)
        && matches!(cx.expr(parent), Expr::Paren(_) | Expr::Unary { op: UnaryOp::Addr, .. })
    {
        expr = parent;
    }
    expr
}

/// Whether the client may have a limit, of its own or of its transport.
pub(super) fn has_limit(cx: &Cx, client: Config) -> bool {
    let by_transport = match cx.setting(client, "Transport") {
        Setting::Set(transport) => transport_has_limit(cx, transport),
        setting => !setting.is_unset(),
    };
    by_transport || cx.may_set(client, &["Timeout"])
}

/// Whether a transport may stop waiting for an answer; only those in sight certainly do not.
fn transport_has_limit(cx: &Cx, transport: ExprId) -> bool {
    let traced = cx
        .call(transport)
        .filter(|call| call.callee.is(&["go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.NewTransport"]));
    match traced.and_then(|call| call.args.first()) {
        Some(&inner) => transport_has_limit(cx, inner),
        None if cx.denotes(transport, &["net/http.DefaultTransport"]) => false,
        None if is_copy_of_default(cx, transport) => false,
        None => cx.config(transport).filter(Config::is_own).is_none_or(|made| {
            !cx.has_type(made.expr, &["net/http.Transport"]) || cx.may_set(made, &["ResponseHeaderTimeout"])
        }),
    }
}

/// Whether a transport is a copy of the default one, and no limit for the answer is set or can be set elsewhere.
fn is_copy_of_default(cx: &Cx, transport: ExprId) -> bool {
    let copy = cx.defining_call(transport).and_then(|copy| cx.call(copy));
    let Some(copy) = copy.filter(|copy| copy.callee.is(&["net/http.Transport.Clone"])) else { return false };
    let of = copy.receiver.map(|of| cx.expr(cx.unparen(of)));
    let Def::Local(kept) = cx.def(transport) else { return false };
    let is_left = |used| match cx.tree.parent(used) {
        Some(Node::Expr(around)) => match cx.expr(around) {
            Expr::Selector { name, .. } => cx.source(name) != "ResponseHeaderTimeout",
            Expr::KeyValue { .. } => true,
            _ => false,
        },
        _ => used == kept,
    };
    matches!(of, Some(Expr::TypeAssert { base, .. }) if cx.denotes(base, &["net/http.DefaultTransport"]))
        && cx.names.uses(kept).all(is_left)
}

/// The method, if the client sends here what cannot have a deadline, and what it sends.
pub(super) fn unlimited(cx: &Cx, client: ExprId) -> Option<(ExprId, &'static str)> {
    let Some(Node::Expr(fun)) = cx.tree.parent(client) else { return None };
    let Some(Node::Expr(call)) = cx.tree.parent(fun) else { return None };
    let call = cx.call(call).filter(|call| call.receiver == Some(client) && call.callee.is(SENDS))?;
    match call.args {
        &[request] if call.callee.name == "Do" => Some((fun, endless(cx, request)?)),
        _ => Some((fun, "without a context")),
    }
}

/// What ends when the client that is answered gives up.
pub(super) const OF_HANDLER: &str = "a request that ends only when the client of this handler gives up";
/// What ends with a context that the function is given.
pub(super) const OF_CALLER: &str = "a request whose only deadline is its caller's";

/// A request without a deadline that is made in sight, in words.
fn endless(cx: &Cx, request: ExprId) -> Option<&'static str> {
    let made = cx.defining_call(request).and_then(|made| cx.call(made))?;
    let (_, context) = REQUESTS.iter().find(|(name, _)| made.callee.is(&[name]))?;
    let what = match context.and_then(|at| made.args.get(at)) {
        Some(&context) if !cx.never_ends(context) => lent(cx, context)?,
        _ => "a request without a deadline",
    };
    let Def::Local(declaring) = cx.def(request) else { return None };
    let gets_context = |used| match cx.tree.parent(used) {
        Some(Node::Expr(call)) => match cx.expr(call) {
            Expr::Selector { name, .. } => matches!(cx.source(name), "WithContext" | "Clone"),
            _ => false,
        },
        _ => false,
    };
    (!cx.names.uses(declaring).any(gets_context)).then_some(what)
}

/// What may give the requests that are answered a deadline.
const LIMITS: &[&str] = &[
    "github.com/go-chi/chi/middleware.Timeout",
    "github.com/go-chi/chi/v5/middleware.Timeout",
    "github.com/labstack/echo/v4/middleware.ContextTimeout",
    "github.com/labstack/echo/v4/middleware.ContextTimeoutWithConfig",
    "github.com/labstack/echo/v4/middleware.Timeout",
    "github.com/labstack/echo/v4/middleware.TimeoutWithConfig",
    "net/http.Request.WithContext",
    "net/http.TimeoutHandler",
];

/// Whose a context is that somebody else has made: the client's of a handler, or the caller's.
fn lent(cx: &Cx, context: ExprId) -> Option<&'static str> {
    let context = cx.defining_call(context).filter(|_| !cx.is_reassigned(context)).unwrap_or(context);
    if cx.calls(context, &["net/http.Request.Context"]) {
        return (cx.package_calls(LIMITS) == Some(false)).then_some(OF_HANDLER);
    }
    let func = cx.enclosing_func(context)?;
    let Def::Local(declared) = cx.def(cx.unparen(context)) else { return None };
    (cx.param_of(func, "context.Context") == Some(declared) && !cx.is_reassigned(context)).then_some(OF_CALLER)
}
