//! A message is acknowledged although handling it has failed.
//!
//! Where the error is only logged, the broker forgets the message all the same: it is not delivered again, and does not reach the dead
//! letter queue either. While a database is down for ten minutes, the messages of ten minutes are lost, and log lines are all that
//! remains. The same holds for a deferred acknowledgement, which runs on every way out. Give the message back (`Nack`, `Nak`; with SQS,
//! leave it in the queue), and let the broker's limit of deliveries move it to a dead letter queue. Return after that: of two answers
//! to one delivery only the first counts.
//!
//! Limits: an error that is examined (`errors.Is`, `isPermanent(err)`) is taken to be dealt with, and so is a message that is given to
//! something that stores it or says that it is put aside. Messages that cannot be decoded are left alone.
//!
//! ```go bad
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(deliveries <-chan amqp.Delivery, db *sql.DB) {
//! 	for d := range deliveries {
//! 		if _, err := db.Exec("INSERT INTO mails (body) VALUES ($1)", d.Body); err != nil {
//! 			slog.Error("store", "err", err)
//! 		}
//! 		d.Ack(false)
//! //^^^^^ `d.Ack` acknowledges the message although `db.Exec` has failed
//! 	}
//! }
//! ```
//! ```go good
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func run(deliveries <-chan amqp.Delivery, db *sql.DB) {
//! 	for d := range deliveries {
//! 		if _, err := db.Exec("INSERT INTO mails (body) VALUES ($1)", d.Body); err != nil {
//! 			slog.Error("store", "err", err)
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
//! A message that is acknowledged is forgotten: while the dependency is down, the queue stays empty and the dashboard
//! green, and only the error log counts what was lost. One that was given back first comes again, although the rest was
//! done. A test makes the handler fail once and expects the message to come again.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a handler that fails, the fake message must see no acknowledgement
//!
//! # Options
//!
//! - Give it back and let the broker limit the deliveries: nothing is lost, and a poison message ends in the dead letter queue
//!   - senior, data, cloud-native: what has failed stays the broker's
//! - Store the failed message elsewhere before the acknowledgement: the queue moves on, and somebody has to work
//!   through what was stored
//!   - backend, throughput: where the broker has no dead letter queue
//!
//! # References
//!
//! - [RabbitMQ, "Consumer Acknowledgements and Publisher Confirms"](https://www.rabbitmq.com/docs/confirms)
//! - [Amazon SQS, "Dead-letter
//!   queues"](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, OpKind, Step};

pub static RULE: Rule = Rule {
    id: "messaging/ack-after-failure",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::ACK, check), Hook::Effect(Effects::NACK, given_back)],
    examines: "acknowledgements",
};

fn check(cx: &mut Cx, ack: Call) {
    cx.examined();
    let Some(skipped) = cx.skipped_by(ack, false) else { return };
    let reason = cx.said(ack.expr, &["best effort", "best-effort", "may be lost", "on purpose"]);
    let (acks, fails) = (cx.source(ack.fun), cx.callee_text(skipped.work.expr));
    let message = match skipped.swallowed {
        true => format!(
            "`{acks}` acknowledges the message whether or not `{fails}` has handled it: its failure is only logged"
        ),
        false => format!("`{acks}` acknowledges the message although `{fails}` has failed"),
    };
    cx.report(ack.fun, message)
        .steps(skipped.steps)
        .note("the broker forgets the message: it is neither delivered again nor moved to a dead letter queue")
        .note("acknowledge only what has succeeded, and give the rest back, with a limit of deliveries and a dead letter queue")
        .excused(reason);
}

/// A message that is given back and, on the same path, acknowledged or handled.
fn given_back(cx: &mut Cx, nack: Call) {
    let Some((then, steps)) = goes_on_after(cx, nack) else { return };
    let (gives, does) = (cx.source(nack.fun), cx.callee_text(then));
    let acknowledges = cx.effects(then).has(Effects::ACK);
    let answers = if nack.callee.name.starts_with('N') { "gives the message back" } else { "rejects the message" };
    let message = match acknowledges {
        true => format!("`{gives}` {answers}, and `{does}` acknowledges it all the same"),
        false => format!("`{gives}` {answers}, and `{does}` goes on with it all the same"),
    };
    let why = match acknowledges {
        true if nack.callee.path.contains("amqp") => {
            "RabbitMQ closes the channel at the second answer to a message: return after the first"
        }
        true => "only the first answer to a message counts: return after it",
        false => "the broker has its answer by then, whatever comes of this: return after it",
    };
    cx.report(nack.fun, message).steps(steps).note(why);
}

/// What acknowledges or handles a message that a call has given back, on a path from there.
pub(super) fn goes_on_after(cx: &Cx, nack: Call) -> Option<(ExprId, Vec<Step>)> {
    // SQS has a message come back later while it is handled.
    let gives = cx.declared_effects(&nack.callee).has(Effects::NACK) && !nack.callee.path.contains("/sqs");
    let func = cx.enclosing_func(nack.expr).filter(|&func| gives && !cx.is_long(func) && !cx.is_deferred(nack.expr))?;
    let message = cx.message_of(nack, func)?;
    let followed = cx.followed(func.node)?;
    let mut start = cx.start(&followed, followed.after_call(nack.expr)?);
    // What else is done in the branch belongs to the failure.
    let is_branch = |cx: &Cx, node: Node| match node {
        Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::Block(_) | Stmt::CaseClause { .. } | Stmt::CommClause { .. }),
        _ => false,
    };
    let branch =
        cx.around(nack.expr, is_branch).filter(|_| cx.is_conditional(nack.expr)).map(|node| cx.tree.span(node));
    let goes_on = |call: ExprId| {
        let effects = cx.effects(call);
        let acks = effects.has(Effects::ACK);
        let works = || cx.handles(call) && branch.is_some_and(|branch| cx.span(call).start >= branch.end);
        !effects.has(Effects::NACK) && message.is_given_to(call) && (acks || works())
    };
    let found = cx.seek(&followed, &mut start, Next::Stop, &mut |_, _, op| match op.kind {
        OpKind::Call if op.at != nack.expr && goes_on(op.at) => Next::Found,
        OpKind::Call if cx.effects(op.at).has(Effects::FETCH) => Next::Stop,
        _ if message.is_replaced_by(cx, op) => Next::Stop,
        _ => Next::Go,
    })?;
    let then = found.op?.at;
    let mut steps = vec![Step::from((cx.span(nack.fun), "the broker gets its answer here".to_owned()))];
    steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(5).map(Step::from));
    let says = if cx.effects(then).has(Effects::ACK) { "it is acknowledged here" } else { "it is handled here" };
    steps.push((cx.span(then), says.to_owned()).into());
    Some((then, steps))
}
