//! What is done later with a command or a request that is made without a context.

use gopeer_lint::prelude::*;

/// Whether a command is started and nobody waits for it, as a browser is: `CommandContext` would kill it.
pub(super) fn is_let_go(cx: &Cx, command: ExprId) -> bool {
    let method = |used: ExprId| {
        let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return None };
        let Expr::Selector { name, .. } = cx.expr(selector) else { return None };
        Some(cx.source(name))
    };
    if let Some(name) = method(command) {
        return name == "Start";
    }
    let Some(kept) = cx.kept_in(command) else { return false };
    let Def::Local(declared) = cx.def(kept) else { return false };
    let called: Vec<&str> = cx.names.uses(declared).filter_map(method).collect();
    const WAITS: &[&str] = &["Wait", "Run", "Output", "CombinedOutput"];
    called.contains(&"Start") && !called.iter().any(|name| WAITS.contains(name))
}

/// Whether a command is returned to the caller.
pub(super) fn is_handed_on(cx: &Cx, command: ExprId) -> bool {
    let is_kept = || match cx.kept_in(command).map(|kept| cx.def(kept)) {
        Some(Def::Local(declared)) => cx.names.uses(declared).any(|used| cx.is_returned(used)),
        _ => false,
    };
    cx.is_returned(command) || is_kept()
}

/// Whether a request of this function is given a context by `WithContext` or `Cancel`, or is sent together with one.
pub(super) fn gets_context_later(cx: &Cx, call: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call) else { return false };
    !cx.within(func.body, true, gives_context).is_empty()
}

fn gives_context(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    if let Expr::Selector { base, name } = cx.expr(id) {
        return cx.source(name) == "Cancel" && cx.has_type(base, &["net/http.Request"]);
    }
    let Expr::Call { args, .. } = cx.expr(id) else { return false };
    let takes = |full| cx.exprs(args).iter().any(|&arg| cx.has_type(arg, &[full]));
    let sent_with = takes("context.Context") && takes("net/http.Request");
    sent_with || matches!(cx.method_call(id), Some((_, "WithContext" | "Clone", [_])))
}
