//! A message that will fail again is given back to the queue.
//!
//! The broker delivers it again at once, to this consumer or the next, where it fails in the same way. A single malformed message uses up
//! a core and the bandwidth, fills the log, and keeps good messages waiting. Reject it without requeueing, so that it goes to a dead
//! letter queue (`d.Nack(false, false)`, `msg.Term()`), or store it before it is acknowledged.
//!
//! Limits: that a message cannot be decoded or validated will not go away. Of other work it is asked, with RabbitMQ and NATS, where
//! nothing in the package waits or counts deliveries and the function does not ask what has failed.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func handle(d amqp.Delivery, save func(map[string]any)) {
//! 	var order map[string]any
//! 	if err := json.Unmarshal(d.Body, &order); err != nil {
//! 		d.Nack(false, true)
//! //^^^^^^ `d.Nack` sends back a message that `json.Unmarshal` will never accept
//! 		return
//! 	}
//! 	save(order)
//! 	d.Ack(false)
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func handle(d amqp.Delivery, save func(map[string]any) error) {
//! 	var order map[string]any
//! 	if err := json.Unmarshal(d.Body, &order); err != nil {
//! 		d.Nack(false, false) // to the dead letter exchange
//! 		return
//! 	}
//! 	if err := save(order); err != nil {
//! 		d.Nack(false, !d.Redelivered) // it may succeed later, once
//! 		return
//! 	}
//! 	d.Ack(false)
//! }
//! ```
//!
//! # Impact
//!
//! One malformed message comes back as fast as it is refused: thousands of deliveries a second, a full core here and on
//! the broker, and good messages that wait in between. The redelivery rate in the broker's dashboard jumps while
//! acknowledgements fall to zero. A test sends `{` once and counts how often the handler runs.
//!
//! # Verify
//!
//! - `rabbitmqadmin list queues name messages_ready message_stats.redeliver_details.rate`: high redelivery on a queue
//!   that hardly moves
//! - `go test -run {test} {package}`: for text that does not decode, the fake delivery must see a rejection without
//!   requeue
//!
//! # Options
//!
//! - Reject it without requeueing to a dead letter exchange: the queue flows, and somebody looks at the dead letters
//!   - data, senior, cloud-native: nothing is lost and nothing loops
//! - Store it in a table and acknowledge: searchable beside the business data, if the database is up
//!   - backend: the bad input becomes a test case
//! - Count deliveries and drop after n (quorum queues do it by themselves): no code in the consumer, n wasted attempts
//!   - throughput: the broker carries the bookkeeping
//!
//! # References
//!
//! - [RabbitMQ, "Dead Letter Exchanges"](https://www.rabbitmq.com/docs/dlx)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

use super::ack_after_failure::goes_on_after;
use super::support::{constant_bool, decodes, failed_call};
use crate::http::support::source_of;

pub static RULE: Rule = Rule {
    id: "messaging/requeue-poison-loop",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::NACK, check)],
    examines: "messages that are given back",
};

fn check(cx: &mut Cx, nack: Call) {
    cx.examined();
    let inner = cx.find_within(nack, requeues, 0);
    if inner.is_none() && !gives_back(cx, nack) {
        return;
    }
    let Some(failed) = failed_call(cx, nack.expr).or_else(|| failed_before(cx, nack.expr)) else { return };
    // The broker gives up in the end; or a `return` is missing after this, which `ack-after-failure` reports.
    if cx.package_finds(limits) == Some(true) || goes_on_after(cx, nack).is_some() {
        return;
    }
    let poison = decodes(cx, failed);
    if !(poison || inner.is_none() && is_work(cx, nack, failed)) {
        return;
    }
    let (gives, name) = (cx.source(nack.fun), cx.callee_text(failed));
    let back = "the message goes back to the queue, and is delivered again at once";
    let fails =
        if poison { "this fails for a malformed message, each time" } else { "this may fail for long, or each time" };
    let steps = [
        (cx.span(failed), fails.to_owned()).into(),
        match inner {
            Some((within, at)) => Step::within(within, at, back),
            None => (cx.span(nack.expr), back.to_owned()).into(),
        },
    ];
    if poison {
        cx.report(nack.fun, format!("`{gives}` sends back a message that `{name}` will never accept"))
            .steps(steps)
            .note("unless deliveries are limited, one malformed message comes back without end, and good messages wait")
            .note("reject it without requeueing (`Nack(false, false)`, `Term`), with a dead letter queue to look at");
    } else {
        cx.report(nack.fun, format!("`{gives}` has a message delivered again at once, whatever `{name}` has failed for"))
            .severity(Severity::Medium)
            .asks(format!(
                "Can `{name}` fail for long, or for good? `{gives}` has the message delivered again at once, and nothing here limits \
                 how often."
            ))
            .steps(steps)
            .note("while a database is down, every message goes round as fast as it is refused, and fills the log")
            .note("wait before it comes again (`NakWithDelay`, a queue with a TTL), and limit the deliveries");
    }
}

/// The call whose failure is left after `if err == nil { return … }`.
fn failed_before(cx: &Cx, nack: ExprId) -> Option<ExprId> {
    let stmt = cx.enclosing_stmt(nack)?;
    let before = cx.siblings(stmt).get(..cx.place_in_list(stmt)?)?;
    before.iter().rev().take(4).find_map(|&earlier| {
        let Stmt::If { cond, then, .. } = cx.stmt(earlier) else { return None };
        let (error, true) = cx.nil_test(cond)? else { return None };
        let leaves = cx
            .list_of(then.into())
            .last()
            .is_some_and(|&last| matches!(cx.stmt(last), Stmt::Return(_) | Stmt::Branch { .. }));
        let call = source_of(cx, nack, error).filter(|_| leaves)?;
        matches!(cx.expr(cx.unparen(call)), Expr::Call { .. }).then_some(call)
    })
}

/// Whether a call is work on the message that is given back, and nobody here waits, counts deliveries, or asks what has failed.
fn is_work(cx: &Cx, nack: Call, failed: ExprId) -> bool {
    const LIMITS: &[&str] = &[
        "edelivered",
        "eliveryCount",
        "elivery-count",
        "x-death",
        "quorum",
        "NumDelivered",
        ".Metadata()",
        "ttempt",
        "etries",
        "etry",
        "ackoff",
        "BackOff",
    ];
    const BROKERS: &[&str] =
        &["github.com/rabbitmq/amqp091-go", "github.com/nats-io/nats.go", "github.com/nats-io/nats.go/jetstream"];
    let Some(func) = cx.enclosing_func(nack.expr).filter(|&func| !cx.is_long(func)) else { return false };
    let asks = |id| cx.calls(id, &["errors.As", "errors.AsType", "errors.Is"]);
    BROKERS.contains(&nack.callee.path)
        && cx.handles(failed)
        && cx.message_of(nack, func).is_some_and(|message| message.is_given_to(failed))
        && !cx.effects_inside(func.body).has(Effects::WAIT)
        && cx.find_expr(func.body, true, asks).is_none()
        && cx.package_mentions(LIMITS) == Some(false)
}

fn gives_back(cx: &Cx, nack: Call) -> bool {
    match (nack.callee.path, nack.callee.name) {
        ("github.com/rabbitmq/amqp091-go", _) => constant_bool(cx, nack.args.last()) == Some(true),
        ("github.com/nats-io/nats.go" | "github.com/nats-io/nats.go/jetstream", name) => name == "Nak",
        (_, name) => matches!(name, "Nack" | "NackWithResult"),
    }
}

/// Where a function declares a queue or a consumer with a limit on deliveries: RabbitMQ's `x-delivery-limit`, JetStream's `MaxDeliver`,
/// `MaxDeliveryAttempts` of a dead letter policy of Pub/Sub, and `MaxDeliveries` of one of Pulsar.
fn limits(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let is_positive = |value: ExprId| cx.int_value(value).is_none_or(|limit| limit > 0);
    cx.find_expr(decl, true, |id| match cx.expr(id) {
        Expr::KeyValue { key, value } => {
            is_positive(value)
                && (["MaxDeliver", "MaxDeliveryAttempts", "MaxDeliveries"].contains(&cx.source(key))
                    || cx.string_value(key).is_some_and(|key| key == "x-delivery-limit"))
        }
        Expr::Call { args, .. } => cx.callee_word(id) == "MaxDeliver" && cx.only(args).is_some_and(is_positive),
        _ => false,
    })
}

/// The call in a function that gives a message back whatever has failed.
fn requeues(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let nacks = |call: ExprId| {
        cx.call(call).is_some_and(|nack| cx.declared_effects(&nack.callee).has(Effects::NACK) && gives_back(cx, nack))
    };
    let calls = cx.calls_within(decl, false);
    let mut calls = calls.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    calls.find(|&call| nacks(call)).filter(|&call| !cx.is_conditional(call))
}
