//! What rules about messages share.

use gopeer_lint::prelude::*;

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
