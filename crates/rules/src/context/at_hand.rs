//! The context that can be named at a place.

use gopeer_lint::Wanted;
use gopeer_lint::prelude::*;
use gopeer_sema::LocalKind;

use super::support::comes_after_the_end;

/// The context that can be named at a node: a local or parameter, or that of a request. None in what is deferred or started
/// as a goroutine, and where the context is over.
pub(super) fn context_at(cx: &Cx, node: ExprId) -> Option<String> {
    let aside =
        |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Defer(_) | Stmt::Go(_)));
    if cx.around(node, aside).is_some() || comes_after_the_end(cx, node) {
        return None;
    }
    // A literal that is kept for later may run when the context is over; one that a group runs does not.
    let kept_literal = cx.enclosing_func(node).filter(|func| match cx.tree.parent(func.node) {
        Some(Node::Expr(call)) => !matches!(cx.method_call(call), Some((_, "Go" | "Do" | "Transaction", _))),
        _ => true,
    });
    let start = cx.span(node).start;
    let visible = |declaring: ExprId| {
        if cx.span(declaring).start >= start || cx.source(declaring) == "_" {
            return false;
        }
        if kept_literal.is_some_and(|func| !cx.tree.ancestors(declaring).any(|outer| outer == func.node)) {
            return false;
        }
        let scope = cx.tree.ancestors(declaring).find(|&outer| opens_scope(cx, outer));
        scope.is_some_and(|scope| cx.tree.ancestors(node).any(|outer| outer == scope))
    };
    // A context at hand is better than that of a request; the nearest is best.
    let nearest = |wanted: Wanted| {
        let root = cx.tree.ancestors(node).last()?;
        let locals = cx.within(root, true, wanted);
        let before = locals.partition_point(|&local| cx.span(local).start < start);
        locals.iter().take(before).rev().find_map(|&local| match local {
            Node::Expr(local) => visible(local).then(|| cx.source(local)),
            _ => None,
        })
    };
    let request = || nearest(is_request).map(|name| format!("{name}.Context()"));
    nearest(is_context_local).map(str::to_owned).or_else(request)
}

/// A variable or parameter that is a context, where it is declared.
fn is_context_local(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let local = cx.facts.local(id).filter(|local| matches!(local.kind, LocalKind::Var | LocalKind::Param));
    local.is_some_and(|local| cx.type_is(local.ty, &["context.Context"]))
}

/// A parameter that is a request, where it is declared.
fn is_request(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let local = cx.facts.local(id).filter(|local| local.kind == LocalKind::Param);
    local.is_some_and(|local| cx.type_is(cx.deref(local.ty), &["net/http.Request"]))
}

/// Whether names declared directly inside a node end with it.
fn opens_scope(cx: &Cx, node: Node) -> bool {
    match node {
        Node::Stmt(id) => matches!(
            cx.stmt(id),
            Stmt::Block(_)
                | Stmt::If { .. }
                | Stmt::For { .. }
                | Stmt::Range { .. }
                | Stmt::Switch { .. }
                | Stmt::TypeSwitch { .. }
                | Stmt::CaseClause { .. }
                | Stmt::CommClause { .. }
        ),
        other => cx.as_func(other).is_some(),
    }
}
