//! A message to RabbitMQ can be lost, although something was done against it.
//!
//! A durable queue survives a restart of the broker; the messages in it do only if they were published with `DeliveryMode:
//! amqp.Persistent`. The default is transient. And in confirm mode the broker says for each message whether it has taken
//! responsibility for it: where nothing listens to `NotifyPublish` and nothing waits for the deferred confirmation, its
//! refusals and its silence go unnoticed (RabbitMQ, "Publisher Confirms").
//!
//! Limits: a queue counts as durable if the package declares durable queues and no others, by a constant and without
//! arguments: quorum queues keep all messages. Messages whose mode is set, requests and replies, and messages with an
//! expiration are left alone, and so are deferred confirmations in a package that listens to `NotifyPublish`.
//! That a publisher asks for no confirmations at all, or for no returned messages, is not reported.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func declare(ch *amqp.Channel) error {
//! 	_, err := ch.QueueDeclare("orders", true, false, false, false, nil)
//! 	return err
//! }
//!
//! func publish(ctx context.Context, ch *amqp.Channel, order []byte) error {
//! 	return ch.PublishWithContext(ctx, "", "orders", false, false, amqp.Publishing{Body: order})
//! 	//                                                            ^^^^^^^^^^^^^^^ the message is transient, and the queues of this package are durable
//! }
//! ```
//! ```diff fixed
//! -	return ch.PublishWithContext(ctx, "", "orders", false, false, amqp.Publishing{Body: order})
//! +	return ch.PublishWithContext(ctx, "", "orders", false, false, amqp.Publishing{Body: order, DeliveryMode: amqp.Persistent})
//! ```
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func publish(ctx context.Context, ch *amqp.Channel, order []byte) error {
//! 	_, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", "orders", true, false, amqp.Publishing{
//! 	//        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing waits for the confirmation of `ch.PublishWithDeferredConfirmWithContext`
//! 		DeliveryMode: amqp.Persistent,
//! 		Body:         order,
//! 	})
//! 	return err
//! }
//! ```
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func open(conn *amqp.Connection) (*amqp.Channel, error) {
//! 	ch, err := conn.Channel()
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return ch, ch.Confirm(false)
//! 	//         ^^^^^^^^^^ `ch.Confirm` asks the broker for confirmations, and nothing in this package looks at them
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func declare(ch *amqp.Channel) error {
//! 	_, err := ch.QueueDeclare("orders", true, false, false, false, nil)
//! 	return err
//! }
//!
//! func publish(ctx context.Context, ch *amqp.Channel, order []byte) error {
//! 	sent, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", "orders", true, false, amqp.Publishing{
//! 		DeliveryMode: amqp.Persistent,
//! 		Body:         order,
//! 	})
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if ok, err := sent.WaitContext(ctx); err != nil || !ok {
//! 		return fmt.Errorf("publish order: not confirmed: %v", err)
//! 	}
//! 	return nil
//! }
//!
//! func reply(ctx context.Context, ch *amqp.Channel, d amqp.Delivery, body []byte) error {
//! 	// Nobody waits for the reply after a restart.
//! 	return ch.PublishWithContext(ctx, "", d.ReplyTo, false, false, amqp.Publishing{CorrelationId: d.CorrelationId, Body: body})
//! }
//! ```
//!
//! # Impact
//!
//! A restart or a failover of the broker empties a queue that everybody believes to be durable, without an error on either
//! side. The publisher has counted the messages as sent, so the loss shows where somebody misses an order.
//!
//! # Verify
//!
//! - `rabbitmqctl list_queues name durable messages messages_persistent`: messages that are not persistent are lost by a restart
//! - `rabbitmqctl stop_app && rabbitmqctl start_app`: on a test broker; count the messages before and after
//!
//! # References
//!
//! - [RabbitMQ, "Publisher Confirms"](https://www.rabbitmq.com/docs/confirms#publisher-confirms)
//! - [RabbitMQ, "Queues: durability"](https://www.rabbitmq.com/docs/queues#durability)
use gopeer_lint::prelude::*;

use super::support::{constant_bool, drops_first};

pub static RULE: Rule = Rule {
    id: "messaging/rabbit-unsafe-publish",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(PUBLISHES, published), Hook::Call(DEFERS, deferred), Hook::Call(CONFIRM, confirmed)],
    examines: "publishes to RabbitMQ",
};

const CONFIRM: &[&str] = &["github.com/rabbitmq/amqp091-go.Channel.Confirm"];
const DEFERS: &[&str] = &[
    "github.com/rabbitmq/amqp091-go.Channel.PublishWithDeferredConfirm",
    "github.com/rabbitmq/amqp091-go.Channel.PublishWithDeferredConfirmWithContext",
];
const PUBLISHES: &[&str] = &[
    "github.com/rabbitmq/amqp091-go.Channel.Publish",
    "github.com/rabbitmq/amqp091-go.Channel.PublishWithContext",
    "github.com/rabbitmq/amqp091-go.Channel.PublishWithDeferredConfirm",
    "github.com/rabbitmq/amqp091-go.Channel.PublishWithDeferredConfirmWithContext",
];
/// What listens to all confirmations of a channel.
const LISTENS: &[&str] = &["NotifyPublish", "NotifyConfirm"];

fn published(cx: &mut Cx, publish: Call) {
    cx.examined();
    let Some(message) = publish.args.last().and_then(|&message| cx.config(message)) else { return };
    let is_reply = publish.args.iter().any(|&arg| cx.source(arg).contains("ReplyTo"));
    let short_lived = cx.may_set(message, &["Expiration", "CorrelationId"]);
    if is_reply || short_lived || !message.is_literal() || !cx.setting(message, "DeliveryMode").is_unset() {
        return;
    }
    if cx.package_finds(durable) != Some(true) || cx.package_finds(transient) != Some(false) {
        return;
    }
    let mode = cx.name_for("github.com/rabbitmq/amqp091-go").map(|package| format!("{package}.Persistent"));
    let edit = mode.and_then(|mode| cx.with_setting(message, "DeliveryMode", &mode));
    cx.report(cx.head(message), "the message is transient, and the queues of this package are durable")
        .note("a restart of the broker keeps the queue and loses the message")
        .fix("Make the message persistent", edit);
}

fn deferred(cx: &mut Cx, publish: Call) {
    if !drops_first(cx, publish.expr) || cx.package_mentions(LISTENS) != Some(false) {
        return;
    }
    let publishes = cx.source(publish.fun);
    cx.report(publish.fun, format!("nothing waits for the confirmation of `{publishes}`"))
        .note("its error says only that the message could not be sent");
}

fn confirmed(cx: &mut Cx, confirm: Call) {
    if cx.package_mentions(&["DeferredConfirm"]) != Some(false) || cx.package_mentions(LISTENS) != Some(false) {
        return;
    }
    let confirms = cx.source(confirm.fun);
    let message = format!("`{confirms}` asks the broker for confirmations, and nothing in this package looks at them");
    cx.report(confirm.fun, message)
        .note("wait for the deferred confirmation of each message, or listen to `NotifyPublish`");
}

fn durable(cx: &Cx, func: DeclId, _: usize) -> Option<ExprId> {
    declared(cx, func, true)
}

fn transient(cx: &Cx, func: DeclId, _: usize) -> Option<ExprId> {
    declared(cx, func, false)
}

/// Where a function declares a queue that is, or may not be, durable and not of one consumer alone.
fn declared(cx: &Cx, func: DeclId, is_durable: bool) -> Option<ExprId> {
    cx.find_expr(func, true, |id| {
        let declare =
            cx.call(id).filter(|call| call.callee.is(&["github.com/rabbitmq/amqp091-go.Channel.QueueDeclare"]));
        let kept = |declare: Call| {
            let is = |at| constant_bool(cx, declare.args.get(at));
            let plain = declare.args.get(5).is_some_and(|&arg| cx.is_builtin(arg, "nil"));
            plain && (is(1), is(2), is(3)) == (Some(true), Some(false), Some(false))
        };
        declare.is_some_and(|declare| kept(declare) == is_durable)
    })
}
