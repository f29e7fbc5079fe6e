//! A RabbitMQ consumer ends without an error, or confirmations block the connection or are taken for those of other messages.
//!
//! The channel of deliveries is closed when the AMQP channel or the connection is: by a restart of the broker, a missed
//! heartbeat, or an error of the channel. A `range` over it ends then, and where nothing follows, the process goes on without
//! a consumer, healthy by all its probes. Treat the end of the loop as an error, connect again, or listen to `NotifyClose`.
//!
//! The client sends confirmations to the channel of `NotifyPublish` from the goroutine that reads the connection. Without
//! room in that channel it waits there for the receiver, and everything else on the connection waits with it (amqp091-go,
//! Channel.NotifyPublish).
//!
//! A publisher that gives up waiting for a confirmation leaves it in the channel. Where a field holds that channel, each later message
//! gets the confirmation of the one before.
//!
//! Limits: a package that mentions `NotifyClose`, `NotifyCancel` or `IsClosed` is left alone, and so are loops inside of
//! another loop, functions that are called in one, and functions that return an error or do anything after the loop but log.
//! A goroutine that the same function starts and that has the channel of confirmations is taken to receive all of them.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func consume(ch *amqp.Channel, handle func(amqp.Delivery)) error {
//! 	deliveries, err := ch.Consume("mails", "", false, false, false, false, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	go func() {
//! 		for d := range deliveries {
//! 		//             ^^^^^^^^^^ the consumer ends here without an error when the connection is closed
//! 			handle(d)
//! 		}
//! 	}()
//! 	return nil
//! }
//! ```
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func open(ch *amqp.Channel) (<-chan amqp.Confirmation, error) {
//! 	confirms := ch.NotifyPublish(make(chan amqp.Confirmation))
//! 	//                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ medium: a confirmation that nobody receives yet blocks the whole connection
//! 	return confirms, ch.Confirm(false)
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func consume(ch *amqp.Channel, handle func(amqp.Delivery)) error {
//! 	deliveries, err := ch.Consume("mails", "", false, false, false, false, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for d := range deliveries {
//! 		handle(d)
//! 	}
//! 	return errors.New("the connection is closed") // the caller connects again
//! }
//!
//! func open(ch *amqp.Channel, most int) (<-chan amqp.Confirmation, error) {
//! 	return ch.NotifyPublish(make(chan amqp.Confirmation, most)), ch.Confirm(false)
//! }
//! ```
//!
//! # Impact
//!
//! After a restart of the broker the queue grows, and the service looks healthy: no error, no exit, and nothing that a
//! restart by the platform would react to. A connection whose reader is blocked misses its heartbeats and is closed by the
//! broker.
//!
//! # Verify
//!
//! - `rabbitmqctl close_all_connections test`: on a test broker; the consumer has to come back or the process has to end
//! - `rabbitmqctl list_queues name messages consumers`: a queue without consumers that grows
//!
//! # References
//!
//! - [Package amqp091, Channel.Consume](https://pkg.go.dev/github.com/rabbitmq/amqp091-go#Channel.Consume)
//! - [Package amqp091, Channel.NotifyPublish](https://pkg.go.dev/github.com/rabbitmq/amqp091-go#Channel.NotifyPublish)
use gopeer_lint::prelude::*;

use super::support::CONSUMES;

pub static RULE: Rule = Rule {
    id: "messaging/rabbit-channel-misuse",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2), (Concern::Deadlock, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(CONSUMES, consumed),
        Hook::Call(NOTIFIES, notified),
        Hook::Stmt(&[StmtKind::Select], confirmed),
    ],
    examines: "channels of RabbitMQ",
};

const NOTIFIES: &[&str] = &["github.com/rabbitmq/amqp091-go.Channel.NotifyPublish"];

fn consumed(cx: &mut Cx, consume: Call) {
    cx.examined();
    let Some(loop_) = ranged(cx, consume.expr) else { return };
    if cx.package_mentions(&["NotifyClose", "NotifyCancel", "IsClosed"]) != Some(false) || !ends_silently(cx, loop_) {
        return;
    }
    let Stmt::Range { subject, .. } = cx.stmt(loop_) else { return };
    cx.report(subject, "the consumer ends here without an error when the connection is closed")
        .note("the channel of deliveries is closed with the channel, as by a restart of the broker");
}

/// The loop over the deliveries that a call gives.
fn ranged(cx: &Cx, consume: ExprId) -> Option<StmtId> {
    let Stmt::Assign { lhs, .. } = cx.stmt(cx.enclosing_stmt(consume)?) else { return None };
    let Def::Local(deliveries) = cx.def(*cx.exprs(lhs).first()?) else { return None };
    let over = |used: ExprId| match cx.tree.parent(used)? {
        Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::Range { subject, .. } if subject == used).then_some(stmt),
        _ => None,
    };
    cx.names.uses(deliveries).find_map(over)
}

/// Whether nothing that shows is done after a loop: its function ends, returns no error, and is not called again.
fn ends_silently(cx: &Cx, at: StmtId) -> bool {
    let Some(func) = cx.enclosing_func(at) else { return false };
    let rest = cx.place_in_list(at).and_then(|place| cx.siblings(at).get(place + 1..));
    let silent = rest.is_some_and(|rest| rest.iter().all(|&next| says_nothing(cx, next)));
    // What is deferred may tell somebody.
    let only_closes = cx.defers(func.body).iter().all(|&node| cx.source(node).ends_with(".Close()"));
    let last = silent && only_closes && cx.tree.parent(at) == Some(Node::Stmt(func.body));
    last && match func.node {
        Node::Decl(decl) => cx.is_called_in_loop(decl) == Some(false),
        Node::Expr(literal) => cx.spawn_of(literal).is_some_and(|spawn| cx.enclosing_loop(spawn.at).is_none()),
        _ => false,
    }
}

/// Whether a statement logs, or returns without an error.
fn says_nothing(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::Expr(call) => {
            !cx.may_end(call) && cx.callee(call).is_some_and(|callee| matches!(callee.path, "fmt" | "log" | "log/slog"))
        }
        Stmt::Return(results) => cx.exprs(results).iter().all(|&result| cx.is_builtin(result, "nil")),
        _ => false,
    }
}

fn notified(cx: &mut Cx, notify: Call) {
    cx.examined();
    let Some(&channel) = notify.args.first() else { return };
    let made = cx.initial_value(channel).unwrap_or(channel);
    let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(made)) else { return };
    if !cx.is_builtin(fun, "make") || args.len() != 1 {
        return;
    }
    if cx.enclosing_decl(notify.expr).is_some_and(|decl| cx.once(decl, receiver).is_some()) {
        return;
    }
    cx.report(channel, "a confirmation that nobody receives yet blocks the whole connection")
        .severity(Severity::Medium)
        .note("give the channel room for all messages that can be under way");
}

/// A publisher gives up waiting for its confirmation, which stays in a channel that the next one receives from.
fn confirmed(cx: &mut Cx, select: StmtId) {
    let Stmt::Select { clauses } = cx.stmt(select) else { return };
    let received = |&clause: &StmtId| {
        let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(clause) else { return None };
        let receives = |id: ExprId| matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. });
        let channel = cx.received_from(cx.find_expr(comm, false, receives)?.into())?;
        is_of_confirmations(cx, channel).then_some(channel)
    };
    let Some(channel) = cx.stmts(clauses).iter().find_map(received) else { return };
    let Some(func) = cx.enclosing_func(select).filter(|_| matches!(cx.expr(channel), Expr::Selector { .. })) else {
        return;
    };
    let Some(Node::Expr(publish)) = cx.once(func.body, first_publish) else { return };
    if cx.span(publish).end > cx.span(select).start {
        return;
    }
    cx.examined();
    if cx.package_mentions(&["DeliveryTag"]) != Some(false) || cx.stmts(clauses).len() < 2 {
        return;
    }
    let (name, publishes) = (cx.source(channel), cx.callee_text(publish));
    cx.report(channel, format!("this may confirm a message other than the one that `{publishes}` has sent"))
        .note(format!(
            "one that comes after the function has given up stays in `{name}`: publish with `PublishWithDeferredConfirm`, or \
             compare the `DeliveryTag`"
        ));
}

/// The first call in a body that publishes a message.
fn first_publish(cx: &Cx, body: Node) -> Option<Node> {
    const PUBLISHES: &[&str] = &[
        "github.com/rabbitmq/amqp091-go.Channel.Publish",
        "github.com/rabbitmq/amqp091-go.Channel.PublishWithContext",
    ];
    let publishes = |node: &&Node| matches!(**node, Node::Expr(call) if cx.calls(call, PUBLISHES));
    cx.calls_within(body, false).iter().find(publishes).copied()
}

fn is_of_confirmations(cx: &Cx, channel: ExprId) -> bool {
    const CONFIRMATION: &[&str] = &["github.com/rabbitmq/amqp091-go.Confirmation"];
    matches!(cx.under(channel), Type::Chan { elem, .. } if cx.type_is(elem, CONFIRMATION))
}

/// The first goroutine started in a declaration that has a channel of confirmations.
fn receiver(cx: &Cx, decl: Node) -> Option<Node> {
    let confirms = |id: ExprId| is_of_confirmations(cx, id);
    cx.spawns_in(decl).map(|spawn| spawn.at).find(|&at| cx.find_expr(at, true, confirms).is_some())
}
