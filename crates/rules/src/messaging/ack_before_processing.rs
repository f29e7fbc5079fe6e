//! A message is acknowledged before it is handled.
//!
//! The broker forgets a message that is acknowledged. If the process dies before the work is done, or the work fails, nobody has the
//! message any more: the queue is empty, no error is logged, and the mail, the row or the payment is missing. The same holds for a
//! RabbitMQ consumer with `autoAck`, for which a message is handled once it is on the wire. Acknowledge after the work, and make the work
//! idempotent, since a message is delivered again when the process dies in between.
//!
//! Limits: what handles a message is what is given it, or something made of it, and writes, publishes, calls another service or
//! returns an error.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(deliveries <-chan amqp.Delivery, db *sql.DB) {
//! 	for d := range deliveries {
//! 		d.Ack(false)
//! //^^^^^ `d.Ack` acknowledges the message before `db.Exec` has handled it
//! 		if _, err := db.Exec("INSERT INTO mails (body) VALUES ($1)", d.Body); err != nil {
//! 			slog.Error("store", "err", err)
//! 		}
//! 	}
//! }
//! ```
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(ch *amqp.Channel, db *sql.DB) error {
//! 	deliveries, err := ch.Consume("mails", "", true, false, false, false, nil)
//! 	//                                         ^^^^ with `autoAck` a message is forgotten before `db.Exec` has handled it
//! 	if err != nil {
//! 		return err
//! 	}
//! 	for d := range deliveries {
//! 		if _, err := db.Exec("INSERT INTO mails (body) VALUES ($1)", d.Body); err != nil {
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(deliveries <-chan amqp.Delivery, db *sql.DB) {
//! 	for d := range deliveries {
//! 		if _, err := db.Exec("INSERT INTO mails (body) VALUES ($1)", d.Body); err != nil {
//! 			d.Nack(false, true)
//! 			continue
//! 		}
//! 		// What is written is acknowledged.
//! 		d.Ack(false)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The broker forgets the message before the work is done; a crash, an eviction or an error then loses it. The queue is
//! empty and the consumer looks idle, so the missing mail or payment is reported by a customer. A test lets the handler
//! fail and expects the message to be there still.
//!
//! # Verify
//!
//! - `rabbitmqctl list_queues name messages_ready messages_unacknowledged`: during the work the message has to count as
//!   unacknowledged
//! - `go test -run {test} {package}`: a fake delivery must see the acknowledgement after the write
//!
//! # Options
//!
//! - Acknowledge after the work and make it idempotent: nothing is lost, repeats have to be recognized
//!   - data, senior, backend, cloud-native: a repeat can be detected, a loss cannot
//! - Keep the early acknowledgement where loss is allowed: fastest, and belongs in the documentation
//!   - throughput: for updates that the next message replaces
//!
//! # References
//!
//! - [RabbitMQ, "Consumer Acknowledgements and Publisher Confirms"](https://www.rabbitmq.com/docs/confirms)
use gopeer_lint::prelude::*;

use super::support::{CONSUMES, auto_ack};

pub static RULE: Rule = Rule {
    id: "messaging/ack-before-processing",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::ACK, check), Hook::Call(CONSUMES, consumed)],
    examines: "acknowledgements",
};

const ACCEPTED: &[&str] = &["at most once", "at-most-once", "best effort", "fire and forget", "may be lost"];
const LOST: &str = "if the process dies, or the work fails, after that, the broker has forgotten the message, and its effects are missing";
const ADVICE: &str = "acknowledge after the work has succeeded; a crash in between then delivers the message again, so the work must be idempotent";

fn check(cx: &mut Cx, ack: Call) {
    cx.examined();
    let Some(early) = cx.handled_after(ack) else { return };
    let reason = cx.said(ack.expr, ACCEPTED);
    let acks = cx.source(ack.fun);
    // Who receives from a channel may have it done soon.
    let severity = if early.sent { Severity::Medium } else { Severity::High };
    let message = match early.beside {
        _ if early.published => {
            format!("`{acks}` acknowledges the message while what `{}` publishes may still be on its way", early.name)
        }
        true => format!("`{acks}` acknowledges the message while whoever handles it may still run"),
        false => format!("`{acks}` acknowledges the message before `{}` has handled it", early.name),
    };
    cx.report(ack.fun, message).severity(severity).steps(early.steps).note(LOST).note(ADVICE).excused(reason);
}

fn consumed(cx: &mut Cx, consume: Call) {
    if auto_ack(cx, consume) != Some(true) {
        return;
    }
    cx.examined();
    let (Some(func), Some(deliveries)) =
        (cx.enclosing_func(consume.expr).filter(|&func| !cx.is_long(func)), cx.first_target(consume.expr))
    else {
        return;
    };
    let message = cx.made_of(func, vec![deliveries]);
    let calls = cx.calls_within(func.body, true);
    let works = |node: &Node| match *node {
        Node::Expr(call) if message.is_given_to(call) && cx.handles(call) && call != consume.expr => Some(call),
        _ => None,
    };
    let Some(work) = calls.iter().find_map(works) else { return };
    let at = if consume.callee.name == "Consume" { 2 } else { 3 };
    let (Some(&auto), reason) = (consume.args.get(at), cx.said(consume.expr, ACCEPTED)) else { return };
    let name = cx.callee_text(work);
    let steps = [
        (cx.span(auto), "the broker forgets each message as soon as it is sent".to_owned()),
        (cx.span(work), "it is handled here".to_owned()),
    ];
    cx.report(auto, format!("with `autoAck` a message is forgotten before `{name}` has handled it"))
        .steps(steps)
        .note(LOST)
        .note("pass `false`, and call `Ack` after the work has succeeded")
        .excused(reason);
}
