//! What rules about messages share.

use gopeer_lint::prelude::*;

use crate::http::support::source_of;

/// Whether a boolean argument is the constant `true` or `false`.
pub(super) fn constant_bool(cx: &Cx, arg: Option<&ExprId>) -> Option<bool> {
    match cx.source(*arg?) {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Methods by which amqp091 consumes, with the index of `autoAck`.
pub(super) const CONSUMES: &[&str] =
    &["github.com/rabbitmq/amqp091-go.Channel.Consume", "github.com/rabbitmq/amqp091-go.Channel.ConsumeWithContext"];

/// Whether a call of [`CONSUMES`] acknowledges by itself, where that is a constant.
pub(super) fn auto_ack(cx: &Cx, consume: Call) -> Option<bool> {
    let at = if consume.callee.name == "Consume" { 2 } else { 3 };
    constant_bool(cx, consume.args.get(at))
}

/// Whether the first of several results of a call is dropped, or all of them are.
pub(super) fn drops_first(cx: &Cx, call: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
    match cx.stmt(stmt) {
        Stmt::Expr(_) => true,
        Stmt::Assign { lhs, .. } => cx.exprs(lhs).first().is_some_and(|&first| cx.source(first) == "_"),
        _ => false,
    }
}

/// The call of whose error the `if` around a node has found that it is not nil.
pub(crate) fn failed_call(cx: &Cx, node: ExprId) -> Option<ExprId> {
    let is_if = |cx: &Cx, node: Node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::If { .. } | Stmt::For { .. } | Stmt::Range { .. }));
    let mut around = cx.around(node, is_if)?;
    // What an `if` asks comes before its body: `if err := msg.Nak(); err != nil`.
    while let Node::Stmt(stmt) = around
        && let Stmt::If { then, .. } = cx.stmt(stmt)
        && cx.span(node).end <= cx.span(then).start
    {
        around = cx.around(stmt, is_if)?;
    }
    let Node::Stmt(around) = around else { return None };
    let Stmt::If { cond, then: body, .. } = cx.stmt(around) else { return None };
    let Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs } = cx.expr(cx.unparen(cond)) else { return None };
    if !cx.is_builtin(rhs, "nil") || cx.ty(lhs) != TypeId::ERROR || !cx.span(body).contains(cx.span(node)) {
        return None;
    }
    source_of(cx, node, lhs).filter(|&call| matches!(cx.expr(cx.unparen(call)), Expr::Call { .. }))
}

/// Whether what a call calls decodes or validates something, by its name: a failure of that does not go away.
pub(crate) fn decodes(cx: &Cx, call: ExprId) -> bool {
    const DECODES: &[&str] = &["decode", "deserialize", "parse", "unmarshal", "validate"];
    words(cx.callee_word(call)).iter().any(|word| DECODES.contains(&word.as_str()))
}
