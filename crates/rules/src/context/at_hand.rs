//! The context that can be named at a place.

use gopeer_lint::Wanted;
use gopeer_lint::prelude::*;
use gopeer_sema::LocalKind;

use super::support::comes_after_the_end;

/// The context that can be named at a node: a local or parameter, or that of a request. None in code that is deferred or started
/// as a goroutine, and where the context has ended.
pub(crate) fn context_at(cx: &Cx, node: ExprId) -> Option<String> {
    context_of(cx, node, is_context_local)
}

/// Like [`context_at`], but only a context that comes from the caller.
pub(super) fn callers_context_at(cx: &Cx, node: ExprId) -> Option<String> {
    context_of(cx, node, is_callers_context)
}

fn context_of(cx: &Cx, node: ExprId, wanted: Wanted) -> Option<String> {
    let aside =
        |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Defer(_) | Stmt::Go(_)));
    if cx.around(node, aside).is_some() || comes_after_the_end(cx, node) {
        return None;
    }
    // A literal that is kept for later may run when the context is over; one that a group runs does not.
    let runs_now = |func: &Func| match cx.tree.parent(func.node) {
        Some(Node::Expr(call)) => matches!(cx.method_call(call), Some((_, "Go" | "Do" | "Transaction", _))),
        _ => false,
    };
    let mut kept_literal = cx.enclosing_func(node);
    while let Some(func) = kept_literal.filter(runs_now) {
        kept_literal = cx.enclosing_func(func.node);
    }
    let start = cx.span(node).start;
    let visible = |declaring: ExprId| {
        // A local does not have its value yet in the statement that declares it.
        let declares_it =
            matches!(cx.tree.parent(declaring), Some(Node::Stmt(define)) if cx.span(define).contains(cx.span(node)));
        if cx.span(declaring).start >= start || cx.source(declaring) == "_" || declares_it || is_of_type(cx, declaring)
        {
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
            Node::Expr(local) => visible(local).then_some(local),
            _ => None,
        })
    };
    nearest(wanted).or_else(|| nearest(is_request)).map(|local| read_from(cx, local))
}

/// Types of parameters that carry the context of a request, and how it is read from them.
const REQUESTS: &[(&str, &str)] = &[
    ("net/http.Request", ".Context()"),
    ("github.com/gin-gonic/gin.Context", ".Request.Context()"),
    ("github.com/gofiber/fiber/v2.Ctx", ".UserContext()"),
    ("github.com/labstack/echo/v4.Context", ".Request().Context()"),
];

/// The context that a local is or carries.
fn read_from(cx: &Cx, local: ExprId) -> String {
    let ty = cx.facts.local(local).map_or(TypeId::UNKNOWN, |local| cx.deref(local.ty));
    let read = REQUESTS.iter().find(|(request, _)| cx.type_is(ty, &[request])).map_or("", |(_, read)| read);
    format!("{}{read}", cx.source(local))
}

/// A context that is a parameter, or derived from another context than a fresh one.
fn is_callers_context(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let derived = cx.defining_call(id).and_then(|call| cx.call(call));
    let fresh = |call: Call| call.args.first().is_some_and(|&parent| cx.calls(parent, FRESH));
    is_context_local(cx, node) && !derived.is_some_and(fresh)
}

/// A variable or parameter that is a context, where it is declared; not one that starts as `context.Background()`, which never
/// ends.
fn is_context_local(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let local = cx.facts.local(id).filter(|local| matches!(local.kind, LocalKind::Var | LocalKind::Param));
    local.is_some_and(|local| cx.type_is(local.ty, &["context.Context"]))
        && !cx.initial_value(id).is_some_and(|value| cx.calls(value, FRESH))
}

/// A statement that derives the context `limited` from another one, for the fix of what stands at a node: where it goes, and its text.
/// None in a loop, where the deferred call would wait for the end of the function, and where one of its names is taken.
pub(crate) fn limited(cx: &Cx, node: ExprId, parent: &str) -> Option<(Span, String)> {
    let takes = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && matches!(cx.source(id), "cancel" | "limited"));
    let func = cx.enclosing_func(node)?;
    let stmt = cx.tree.ancestors(node).find_map(|node| match node {
        Node::Stmt(stmt) => cx.place_in_list(stmt).map(|_| stmt),
        _ => None,
    })?;
    if cx.enclosing_loop(node).is_some() || !cx.within(func.body, true, takes).is_empty() {
        return None;
    }
    let (start, indent) = (cx.span(stmt).start, cx.indent(stmt));
    let (context, time) = (cx.name_for("context")?, cx.name_for("time")?);
    let made = format!("limited, cancel := {context}.WithTimeout({parent}, 10*{time}.Second)");
    Some((Span::new(start, start), format!("{made}\n{indent}defer cancel()\n{indent}")))
}

/// What makes a context that never ends.
pub(super) const FRESH: &[&str] = &["context.Background", "context.TODO"];

/// A parameter that carries the context of a request, where it is declared.
fn is_request(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let local = cx.facts.local(id).filter(|local| local.kind == LocalKind::Param);
    local.is_some_and(|local| REQUESTS.iter().any(|(request, _)| cx.type_is(cx.deref(local.ty), &[request])))
}

/// Whether a name stands in a function type that is no signature, `load func(ctx context.Context)`, and means nothing elsewhere.
fn is_of_type(cx: &Cx, declaring: ExprId) -> bool {
    let Some(Node::Field(field)) = cx.tree.parent(declaring) else { return false };
    let Some(Node::Expr(ty)) = cx.tree.parent(field) else { return false };
    cx.tree.parent(ty).is_none_or(|func| cx.as_func(func).is_none())
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
