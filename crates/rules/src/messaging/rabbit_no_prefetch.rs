//! A RabbitMQ consumer that acknowledges by hand sets no prefetch.
//!
//! Without `Qos`, the broker pushes all messages of the queue to the consumer that is connected first. They wait in its memory, which
//! grows until the process is killed; other consumers get nothing; and when the process dies, all of them are delivered again. Call
//! `ch.Qos(n, 0, false)` before `Consume`, with as many messages as are handled at the same time, and a few more.
//!
//! Limits: a call of `Qos` anywhere in the package counts.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func consume(ch *amqp.Channel) (<-chan amqp.Delivery, error) {
//! 	return ch.Consume("mails", "", false, false, false, false, nil)
//! 	//     ^^^^^^^^^^ `ch.Consume` without `Qos` makes the broker push the whole queue to this consumer
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func consume(ch *amqp.Channel) (<-chan amqp.Delivery, error) {
//! 	if err := ch.Qos(20, 0, false); err != nil {
//! 		return nil, err
//! 	}
//! 	return ch.Consume("mails", "", false, false, false, false, nil)
//! }
//! ```
//!
//! # Verify
//!
//! - `rabbitmqctl list_consumers queue_name channel_pid prefetch_count`: 0 means no limit
//!
//! # References
//!
//! - [RabbitMQ, "Consumer Prefetch"](https://www.rabbitmq.com/docs/consumer-prefetch)
use gopeer_lint::prelude::*;

use super::support::{CONSUMES, auto_ack};

pub static RULE: Rule = Rule {
    id: "messaging/rabbit-no-prefetch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Allocation, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(CONSUMES, check)],
    examines: "consumers of RabbitMQ",
};

fn check(cx: &mut Cx, consume: Call) {
    cx.examined();
    let by_hand = auto_ack(cx, consume) == Some(false);
    if !by_hand || cx.package_mentions(&[".Qos("]) != Some(false) {
        return;
    }
    let consumes = cx.source(consume.fun);
    let made_here = cx.package_calls(&["github.com/rabbitmq/amqp091-go.Connection.Channel"]) == Some(true);
    cx.report(
        consume.fun,
        format!("`{consumes}` without `Qos` makes the broker push the whole queue to this consumer"),
    )
    // Who gives the channel from elsewhere may have set it there.
    .question_unless(made_here)
    .note("its memory grows with the queue, other consumers get nothing, and a crash has all of it delivered again")
    .note("call `Qos` before, with a little more than what is handled at the same time");
}
