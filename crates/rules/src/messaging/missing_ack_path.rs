//! A message is neither acknowledged nor given back on some path.
//!
//! The broker keeps such a message for this consumer until the channel closes or a timeout passes. With a prefetch of ten, ten of them
//! stop the consumer: the queue grows, the process looks healthy, and a restart seems to help, because it delivers them all again.
//! Acknowledge, reject or give back each message on every path.
//!
//! Limits: only functions are looked at that acknowledge on another path. Where a function returns an error, its caller is taken to give
//! the message back; where the message is handed to another function or goroutine, that one is.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(deliveries <-chan amqp.Delivery, handle func([]byte) error) {
//! 	for d := range deliveries {
//! 		if err := handle(d.Body); err != nil {
//! 			slog.Error("handle", "err", err)
//! 			continue
//! 	//^^^^^^^^ the message is neither acknowledged nor given back on this path
//! 		}
//! 		d.Ack(false)
//! 	}
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(deliveries <-chan amqp.Delivery, handle func([]byte) error) {
//! 	for d := range deliveries {
//! 		if err := handle(d.Body); err != nil {
//! 			slog.Error("handle", "err", err)
//! 			d.Nack(false, false) // to the dead letter exchange
//! 			continue
//! 		}
//! 		d.Ack(false)
//! 	}
//! }
//! ```
//!
//! ```go bad
//! import "github.com/nats-io/nats.go/jetstream"
//!
//! func run(c jetstream.Consumer, handle func([]byte) error) (jetstream.ConsumeContext, error) {
//! 	return c.Consume(func(m jetstream.Msg) {
//! 		//                   ^ nothing in this callback acknowledges `m`
//! 		if err := handle(m.Data()); err != nil {
//! 			m.Nak()
//! 		}
//! 	})
//! }
//! ```
//!
//! # Impact
//!
//! Messages that take this path stay reserved for a consumer that has forgotten them; once as many are open as the
//! prefetch allows, the broker sends nothing more. The queue grows, CPU is idle, and a restart seems to cure it. A test
//! takes the path and expects the message to come back or to be gone.
//!
//! # Verify
//!
//! - `rabbitmqctl list_channels name consumer_count messages_unacknowledged prefetch_count`: a channel whose
//!   unacknowledged count equals its prefetch is stuck
//! - `go test -run {test} {package}`: for each outcome of the handler, exactly one of `Ack`, `Nack` and `Reject` is
//!   called
//!
//! # References
//!
//! - [RabbitMQ, "Consumer Prefetch"](https://www.rabbitmq.com/docs/consumer-prefetch)
//! - [RabbitMQ, "Consumer Acknowledgements and Publisher Confirms"](https://www.rabbitmq.com/docs/confirms)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "messaging/missing-ack-path",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Effect(Effects::ACK, check),
        Hook::Call(&["github.com/nats-io/nats.go/jetstream.Consumer.Consume"], consumed),
    ],
    examines: "acknowledgements",
};

fn check(cx: &mut Cx, ack: Call) {
    cx.examined();
    // These deliver a message again after a while unless it is deleted, which is how a failure is answered.
    if matches!(ack.callee.path, "github.com/aws/aws-sdk-go-v2/service/sqs" | "github.com/redis/go-redis/v9") {
        return;
    }
    let Some(left) = cx.unsettled(ack) else { return };
    let question = "Is the message acknowledged, or given back, somewhere else on this path? Otherwise it stays with this consumer.";
    cx.report(left.at, "the message is neither acknowledged nor given back on this path").asks(question).steps(left.steps).note(
        "the broker holds it for this consumer until the connection closes or a timeout passes: after as many of them as the prefetch allows, \
         nothing is delivered any more, while the process looks healthy",
    );
}

/// A callback of JetStream that leaves every message that it has handled.
fn consumed(cx: &mut Cx, consume: Call) {
    let callback = consume.args.first().and_then(|&arg| cx.as_func(Node::Expr(cx.unparen(arg))));
    let Some(message) = callback.and_then(|callback| cx.param_at(callback, 0)) else { return };
    cx.examined();
    if !is_left(cx, message) || cx.package_finds(needs_no_ack) != Some(false) {
        return;
    }
    let name = cx.source(message);
    cx.report(message, format!("nothing in this callback acknowledges `{name}`"))
        .note(format!("the server delivers each message again when its `AckWait` is over, also one that was handled: call `{name}.Ack` after the work"));
}

/// Whether a message is only looked at, or given back, by whoever has it.
fn is_left(cx: &Cx, message: ExprId) -> bool {
    cx.names.uses(message).filter(|&used| used != message).all(|used| match cx.called_on(used) {
        Some((_, name, _)) => !matches!(name, "Ack" | "DoubleAck" | "InProgress"),
        None => is_given_to_who_leaves(cx, used),
    })
}

fn is_given_to_who_leaves(cx: &Cx, used: ExprId) -> bool {
    let Some(Node::Expr(around)) = cx.tree.parent(used) else { return false };
    let Some(call) = cx.call(around) else { return false };
    let index = call.args.iter().position(|&arg| arg == used);
    index.is_some_and(|index| cx.find_within(call, leaves, index).is_some())
}

/// The parameter of a function that gets a message and leaves it.
fn leaves(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    cx.param_at(cx.as_func(decl.into())?, index).filter(|&message| is_left(cx, message))
}

/// Where a function says that messages need no acknowledgement.
fn needs_no_ack(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    const NONE: &[&str] = &["AckNonePolicy", "AckAllPolicy", "OrderedConsumer"];
    cx.find_expr(decl, true, |id| cx.expr(id) == Expr::Ident && NONE.contains(&cx.source(id)))
}
