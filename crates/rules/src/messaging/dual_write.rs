//! A function writes to a database and publishes an event, and nothing ties the two together.
//!
//! If the process dies between the two, or the second fails, one side has what the other does not: an order that no other service
//! hears about, or an event about an order that does not exist. No retry repairs it, since the caller sees an error, or nothing at all, and
//! the two differ until somebody compares them. Insert the event into an outbox table in the transaction that writes the row, and publish
//! from there; or derive the event from the database's log (change data capture). An outbox does not help where an event is deleted, or
//! marked as sent, for good before it is published.
//!
//! Limits: both have to show in one function, with what it calls. Consumers of messages are left alone, because a message that is
//! not acknowledged is delivered again and repeats both.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func place(ctx context.Context, db *sql.DB, events *kafka.Writer, id string) error {
//! 	if _, err := db.ExecContext(ctx, "INSERT INTO orders (id) VALUES ($1)", id); err != nil {
//! 		return err
//! 	}
//! 	return events.WriteMessages(ctx, kafka.Message{Value: []byte(id)})
//! 	//     ^^^^^^^^^^^^^^^^^^^^ `db.ExecContext` writes, `events.WriteMessages` publishes, and nothing ensures that both happen or neither
//! }
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func relay(ctx context.Context, db *sql.DB, events *kafka.Writer, id string, body []byte) error {
//! 	if _, err := db.ExecContext(ctx, "DELETE FROM outbox WHERE id = $1", id); err != nil {
//! 		return err
//! 	}
//! 	return events.WriteMessages(ctx, kafka.Message{Value: body})
//! 	//     ^^^^^^^^^^^^^^^^^^^^ `events.WriteMessages` comes after `db.ExecContext`, so an event that is not published is lost
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! // What is published comes from the outbox, and stays there until it is published.
//! func relay(ctx context.Context, db *sql.DB, events *kafka.Writer) error {
//! 	var id, body string
//! 	if err := db.QueryRowContext(ctx, "SELECT id, body FROM outbox LIMIT 1").Scan(&id, &body); err != nil {
//! 		return err
//! 	}
//! 	if err := events.WriteMessages(ctx, kafka.Message{Value: []byte(body)}); err != nil {
//! 		return err
//! 	}
//! 	_, err := db.ExecContext(ctx, "DELETE FROM outbox WHERE id = $1", id)
//! 	return err
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! // The caller commits the offset afterwards: if this fails, the message comes again.
//! func handle(ctx context.Context, db *sql.DB, events *kafka.Writer, msg kafka.Message) error {
//! 	if _, err := db.ExecContext(ctx, "INSERT INTO seen (id) VALUES ($1) ON CONFLICT DO NOTHING", msg.Key); err != nil {
//! 		return err
//! 	}
//! 	return events.WriteMessages(ctx, kafka.Message{Value: msg.Value})
//! }
//! ```
//!
//! # Impact
//!
//! Between the two writes lies a crash, a time-out or a deployment, after which the two systems disagree and nothing
//! ever repairs them: an order without an event, or an event without an order. No error rate shows it; a nightly
//! comparison or a customer does. A test makes the second write fail and looks at the first.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: let the publisher fail; afterwards there must be no row, or a row that something
//!   will publish later
//!
//! # Options
//!
//! - Write the event to an outbox table in the same transaction: both or none, plus a relay that publishes at least
//!   once
//!   - data, senior, backend: one transaction decides
//! - Derive events from the database's log (change data capture): no change to this code, and a connector that somebody
//!   has to operate
//!   - cloud-native: the platform carries it
//! - Publish first and write on consumption: one write, and readers see the row later
//!   - throughput: for append-only facts whose reader can wait
//!
//! # References
//!
//! - [microservices.io, "Transactional outbox"](https://microservices.io/patterns/data/transactional-outbox.html)
use gopeer_lint::prelude::*;
use gopeer_lint::{Caller, Next, OpKind};

use crate::kafka::support::is_given_message;
use crate::sql::statement::constant;
use crate::sql::text::{one_line, verb};

pub static RULE: Rule = Rule {
    id: "messaging/dual-write",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::PUBLISH, check)],
    examines: "events that are published",
};

const CONSUMES: Effects = Effects::FETCH.and(Effects::COMMIT).and(Effects::ACK).and(Effects::NACK);

fn check(cx: &mut Cx, publish: Call) {
    cx.examined();
    let Some(func) = cx.enclosing_func(publish.expr).filter(|&func| !cx.is_long(func)) else { return };
    if let Some(delete) = removed_first(cx, func, publish) {
        return report_removed(cx, delete, publish);
    }
    if cx.effects(publish.expr).has(Effects::WRITE) || is_tied(cx, func, publish) {
        return;
    }
    let calls = cx.calls_within(func.body, false);
    let is_write = |node: &Node| match *node {
        Node::Expr(call) => {
            let effects = cx.effects(call);
            (effects.has(Effects::WRITE) && !effects.has(Effects::PUBLISH)).then(|| cx.call(call)).flatten()
        }
        _ => None,
    };
    let writes: Vec<Call> = calls.iter().filter_map(is_write).take(4).collect();
    let pair = writes.iter().find_map(|&write| {
        let after = leads(cx, func, write, publish).then_some((write, publish));
        after.or_else(|| leads(cx, func, publish, write).then_some((publish, write)))
    });
    let Some((first, second)) = pair else { return };
    let write = if first.expr == publish.expr { second } else { first };
    // Inside a transaction, the publishing is what is wrong: that has a rule of its own.
    if commits_after(cx, func, publish) {
        return;
    }
    let (writes, publishes) = (cx.source(write.fun), cx.source(publish.fun));
    let message =
        format!("`{writes}` writes, `{publishes}` publishes, and nothing ensures that both happen or neither");
    let guessed = cx.effects(write.expr).and(cx.effects(publish.expr)).has(Effects::GUESSED);
    let reason = cx.said(second.expr, &["outbox", "best effort", "reconcile", "cdc"]);
    let mut steps = cx.steps_of(first, Effects::WRITE.and(Effects::PUBLISH), "this is done first");
    steps.extend(cx.steps_of(
        second,
        Effects::WRITE.and(Effects::PUBLISH),
        "if the process dies before this, or it fails, the first stays",
    ));
    let what = match first.expr == publish.expr {
        true => {
            "if the process dies between these two, or the write fails, consumers act on an event about a row that does not exist; operators \
             see errors in other services about an unknown id"
        }
        false => {
            "if the process dies between these two, or publishing fails, the row exists and no consumer ever hears of it; operators see nothing \
             until somebody compares the two sides"
        }
    };
    let report = cx.report(publish.fun, message).steps(steps).excused(reason).note(what);
    let report = report.note("insert the event into an outbox table in the transaction of the row, and publish from there, or use change data capture");
    if guessed {
        report.question();
    }
}

/// The statement that takes an event out of an outbox, or marks it as sent, before it is published, without a transaction that would
/// bring it back.
fn removed_first<'a>(cx: &Cx<'a>, func: Func, publish: Call) -> Option<Call<'a>> {
    let Node::Expr(delete) = cx.once(func.body, taken_from_outbox)? else { return None };
    let delete = cx.call(delete).filter(|_| cx.transaction_of(func).is_none())?;
    let same_turn = cx.enclosing_loop(delete.expr) == cx.enclosing_loop(publish.expr);
    let first = cx.span(delete.expr).start < cx.span(publish.expr).start;
    (same_turn && first && leads(cx, func, delete, publish) && !commits_after(cx, func, publish)).then_some(delete)
}

/// The first statement of a body that deletes from an outbox, or marks what is in there as sent.
fn taken_from_outbox(cx: &Cx, body: Node) -> Option<Node> {
    const DONE: &[&str] = &["dispatched", "processed", "published", "sent"];
    let marks = |text: &str| {
        let set = text.split_once(" set ").map(|(_, set)| set.split(" where ").next().unwrap_or(set));
        set.is_some_and(|set| words(set).iter().any(|word| DONE.contains(&word.as_str())))
    };
    let takes = |text: &str| {
        let lower = one_line(text).to_ascii_lowercase();
        lower.contains("outbox") && (verb(text) == Some("DELETE") || verb(text) == Some("UPDATE") && marks(&lower))
    };
    let is_taken = |node: &&Node| match **node {
        Node::Expr(call) => constant(cx, call).is_some_and(|(_, text)| takes(&text)),
        _ => false,
    };
    cx.calls_within(body, false).iter().find(is_taken).copied()
}

fn report_removed(cx: &mut Cx, delete: Call, publish: Call) {
    let (deletes, publishes) = (cx.source(delete.fun), cx.source(publish.fun));
    let is_deleted = constant(cx, delete.expr).is_some_and(|(_, text)| verb(&text) == Some("DELETE"));
    let taken = if is_deleted { "the event leaves the outbox here" } else { "the event counts as sent from here on" };
    let steps = [
        (cx.span(delete.fun), taken.to_owned()),
        (cx.span(publish.fun), "if the process dies before this, or it fails, nobody has the event".to_owned()),
    ];
    cx.report(publish.fun, format!("`{publishes}` comes after `{deletes}`, so an event that is not published is lost"))
        .steps(steps)
        .note("publish first, then delete or mark what was published; consumers then may get an event twice, but none is lost");
}

/// Whether something ties the two together: an outbox, a message that is delivered again, a transaction (which has its own rule).
fn is_tied(cx: &Cx, func: Func, publish: Call) -> bool {
    let text = cx.source(func.body).to_ascii_lowercase();
    let by_message = matches!(cx.handler(publish.expr), Some((_, Caller::Queue)));
    text.contains("outbox")
        || by_message
        || is_given_message(cx, func)
        || cx.effects_inside(func.body).has(CONSUMES)
        || cx.transaction_of(func).is_some()
}

/// Whether a transaction is committed after a call.
fn commits_after(cx: &Cx, func: Func, call: Call) -> bool {
    let Some(followed) = cx.followed(func.node) else { return false };
    let Some(at) = followed.after_call(call.expr) else { return false };
    let mut start = cx.start(&followed, at);
    cx.seek(&followed, &mut start, Next::Stop, &mut |_, _, op| match op.kind {
        OpKind::Call if cx.callee_word(op.at) == "Commit" => Next::Found,
        _ => Next::Go,
    })
    .is_some()
}

/// Whether a path leads from one call, which succeeds, to another.
fn leads(cx: &Cx, func: Func, from: Call, to: Call) -> bool {
    let Some(followed) = cx.followed(func.node) else { return false };
    let Some(at) = followed.after_call(from.expr) else { return false };
    let mut start = cx.start(&followed, at);
    cx.assume_result(&mut start.values, &mut start.state, from.expr, true)
        && cx
            .seek(&followed, &mut start, Next::Stop, &mut |_, _, op| match op.kind {
                OpKind::Call if op.at == to.expr => Next::Found,
                _ => Next::Go,
            })
            .is_some()
}
