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
//! 	//^^^^^^^^ the message is left without `d.Ack` here, and is not given back either
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
//! # Impact
//!
//! Messages that take this path stay reserved for a consumer that has forgotten them; once as many are open as the
//! prefetch allows, the broker sends nothing more. The queue grows, CPU is idle, and a restart seems to cure it. A test
//! takes the path and asks for the message to come back or to be gone.
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
    hooks: &[Hook::Effect(Effects::ACK, check)],
    file: file!(),
    examines: "acknowledgements",
};

fn check(cx: &mut Cx, ack: Call) {
    cx.examined();
    // These deliver a message again after a while unless it is deleted, which is how a failure is answered.
    if matches!(ack.callee.path, "github.com/aws/aws-sdk-go-v2/service/sqs" | "github.com/redis/go-redis/v9") {
        return;
    }
    let Some(left) = cx.unsettled(ack) else { return };
    let acks = cx.source(ack.fun);
    cx.report(left.at, format!("the message is left without `{acks}` here, and is not given back either")).steps(left.steps).note(
        "the broker holds it for this consumer until the connection closes or a timeout passes: after as many of them as the prefetch allows, \
         nothing is delivered any more, while the process looks healthy",
    );
}
