//! What is published without waiting for it: the call returns before the broker has the message.

use gopeer_syntax::ast::{AssignOp, DeclId, Expr, ExprId, Node, Stmt};

use super::{Effects, Message};
use crate::{Call, Cx, Early, Followed, Func, Step};

/// What publishes later, with the index of the argument that learns of the outcome; without one, the result does.
const LATER: &[(&str, Option<usize>)] = &[
    ("cloud.google.com/go/pubsub.Topic.Publish", None),
    ("cloud.google.com/go/pubsub/v2.Publisher.Publish", None),
    ("github.com/confluentinc/confluent-kafka-go/kafka.Producer.Produce", Some(1)),
    ("github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Produce", Some(1)),
    ("github.com/nats-io/nats.go.JetStream.PublishAsync", None),
    ("github.com/nats-io/nats.go/jetstream.Publisher.PublishAsync", None),
    ("github.com/twmb/franz-go/pkg/kgo.Client.Produce", Some(2)),
    ("github.com/twmb/franz-go/pkg/kgo.Client.TryProduce", Some(2)),
];

impl<'a> Cx<'a> {
    /// The call before an acknowledgement that publishes something made of the message, and returns before that has arrived.
    pub(super) fn published_before(
        &self,
        ack: Call<'a>,
        func: Func,
        message: &Message,
        followed: &Followed,
    ) -> Option<Early<'a>> {
        const MOST: usize = 8;
        let calls = self.calls_within(func.body, true);
        let until = self.span(ack.expr).start;
        let before = calls.iter().take_while(|node| self.tree.span(**node).start < until);
        let given = before.filter_map(|&node| match node {
            Node::Expr(call) if message.is_given_to(call) && self.effects(call).has(Effects::PUBLISH) => {
                self.call(call)
            }
            _ => None,
        });
        for call in given.take(MOST) {
            let inner = self.find_within(call, publishes_later, 0);
            let flushed = calls.iter().any(|&node| match node {
                Node::Expr(other) => flushes(self, other) && self.span(other).start > self.span(call.expr).start,
                _ => false,
            });
            if flushed || inner.is_none() && !is_later(self, call) {
                continue;
            }
            if !self.leads_to_ack(self.outermost(call.expr, func), ack, message, followed) {
                continue;
            }
            let returns = "this returns before the broker has it, and only logs what becomes of it".to_owned();
            let mut steps = vec![match inner {
                Some((within, at)) => Step::within(within, at, returns),
                None => (self.span(call.fun), returns).into(),
            }];
            steps.push((self.span(ack.fun), "the message is acknowledged here".to_owned()).into());
            let name = self.callee_text(call.expr);
            return Some(Early { name, beside: true, sent: false, published: true, steps });
        }
        None
    }

    /// The call of a function's own body that a call in one of its literals is an argument of.
    fn outermost(&self, call: ExprId, func: Func) -> ExprId {
        let around = self.tree.ancestors(call).take_while(|&node| node != func.node);
        let calls = around.filter_map(|node| match node {
            Node::Expr(id) if matches!(self.expr(id), Expr::Call { .. }) => Some(id),
            _ => None,
        });
        calls.last().unwrap_or(call)
    }
}

/// The call in a function that publishes later, where the function does not wait for it.
fn publishes_later(cx: &Cx<'_>, decl: DeclId, _: usize) -> Option<ExprId> {
    let calls = cx.calls_within(decl, true);
    let calls = || calls.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    if calls().any(|call| flushes(cx, call)) {
        return None;
    }
    let later = |call: &Call<'_>| is_later(cx, *call) || cx.find_within(*call, publishes_later, 0).is_some();
    calls()
        .filter(|&call| cx.effects(call).has(Effects::PUBLISH))
        .filter_map(|call| cx.call(call))
        .find(later)
        .map(|call| call.expr)
}

fn flushes(cx: &Cx<'_>, call: ExprId) -> bool {
    matches!(cx.callee_word(call), "Flush" | "PublishAsyncComplete")
}

/// Whether a call publishes later, and nobody learns what has become of it but a log.
fn is_later(cx: &Cx<'_>, call: Call<'_>) -> bool {
    let Some(&(_, told)) = LATER.iter().find(|(name, _)| call.callee.is(&[name])) else { return false };
    match told {
        Some(at) => call.args.get(at).is_some_and(|&told| only_reports(cx, told)),
        None => match cx.tree.parent(call.expr) {
            Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
                Stmt::Expr(_) => true,
                Stmt::Assign { lhs, .. } => cx.exprs(lhs).first().is_some_and(|&first| cx.source(first) == "_"),
                _ => false,
            },
            _ => false,
        },
    }
}

/// Whether what is told of the outcome is nobody, or a literal that only reports it.
fn only_reports(cx: &Cx<'_>, told: ExprId) -> bool {
    let Some(func) = cx.as_func(Node::Expr(cx.unparen(told))) else { return cx.is_builtin(told, "nil") };
    let tells = |node: Node| match node {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { op, .. } => op != AssignOp::Define,
            Stmt::Send { .. } | Stmt::IncDec { .. } | Stmt::Defer(_) => true,
            _ => false,
        },
        Node::Expr(call) => matches!(cx.expr(call), Expr::Call { .. }) && !cx.is_report(call),
        _ => false,
    };
    !cx.any(func.body, true, tells)
}
