//! An event is published, or a cache is written, while the transaction is open.
//!
//! A broker and a cache know nothing of the transaction. If it is rolled back after that, consumers have an event about something that
//! never happened, and the cache has a row that does not exist. If it commits, they may be faster: they ask for the row and do not find
//! it. Insert the event into an outbox table in the same transaction and publish from there, or publish after the commit, if an event may
//! be lost.
//!
//! Limits: what is published in the function that begins the transaction, or in one that is given it, with what these call. A relay that
//! takes its rows from an outbox, or with `SKIP LOCKED`, may publish before it commits.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func place(ctx context.Context, db *sql.DB, events *kafka.Writer, id string) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (id) VALUES ($1)", id); err != nil {
//! 		return err
//! 	}
//! 	if err := events.WriteMessages(ctx, kafka.Message{Value: []byte(id)}); err != nil {
//! 	//        ^^^^^^^^^^^^^^^^^^^^ `events.WriteMessages` publishes before the transaction `tx` has been committed
//! 		return err
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! func place(ctx context.Context, db *sql.DB, events *kafka.Writer, id string) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	// A relay publishes what is in the outbox.
//! 	if _, err := tx.ExecContext(ctx, "INSERT INTO outbox (body) VALUES ($1)", id); err != nil {
//! 		return err
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! func relay(ctx context.Context, tx *sql.Tx, events *kafka.Writer) error {
//! 	var id int64
//! 	var body []byte
//! 	next := tx.QueryRowContext(ctx, "SELECT id, body FROM outbox ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
//! 	if err := next.Scan(&id, &body); err != nil {
//! 		return err
//! 	}
//! 	// If this fails, the rollback leaves the event in the outbox.
//! 	if err := events.WriteMessages(ctx, kafka.Message{Value: body}); err != nil {
//! 		return err
//! 	}
//! 	_, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE id = $1", id)
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! Consumers that are faster than the commit look for a row that is not there yet, and after a rollback they act on
//! something that never happened. The transaction also stays open for as long as the broker takes, holding its locks
//! and its connection. It shows as rare "not found" in other services within milliseconds of the event.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: make the commit fail and assert that nothing was published
//! - `psql -c "SELECT pid, state, now() - xact_start AS open FROM pg_stat_activity WHERE state = 'idle in
//!   transaction'"`: transactions that wait for the broker are idle in the database
//!
//! # Options
//!
//! - Insert into an outbox and publish after the commit: events match what was committed; a relay is needed
//!   - data, senior, cloud-native: the commit is the publication
//! - Publish after the commit, directly: one line moved, and a crash in between loses the event
//!   - throughput, backend: if the event is a hint that can be recomputed
//!
//! # References
//!
//! - [microservices.io, "Transactional outbox"](https://microservices.io/patterns/data/transactional-outbox.html)
use gopeer_lint::Inside;
use gopeer_lint::prelude::*;

use crate::sql::statement::constant;

pub static RULE: Rule = Rule {
    id: "messaging/publish-inside-transaction",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Latency, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("transaction", begun), Hook::Func(given)],
    examines: "transactions",
};

const OUTSIDE: Effects = Effects::PUBLISH.and(Effects::CACHE);

fn begun(cx: &mut Cx, tx: &Resource) {
    let Some(func) = cx.enclosing_func(tx.call.expr) else { return };
    if cx.effects_inside(func.body).has(OUTSIDE) {
        cx.examined();
    }
    if let Some(inside) = cx.done_in(tx, OUTSIDE).filter(|_| !is_relay(cx, func)) {
        report(cx, inside);
    }
}

fn given(cx: &mut Cx, func: Func) {
    if let Some(inside) = cx.done_in_given(func, OUTSIDE).filter(|_| !is_relay(cx, func)) {
        report(cx, inside);
    }
}

/// Whether a function takes what it publishes from an outbox, or from another table that serves as a queue: a rollback leaves it there.
fn is_relay(cx: &Cx, func: Func) -> bool {
    let takes = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("skip locked") || text.contains("outbox") && !text.trim_start().starts_with("insert")
    };
    cx.any(
        func.body,
        true,
        |node| matches!(node, Node::Expr(call) if constant(cx, call).is_some_and(|(_, text)| takes(&text))),
    )
}

fn report(cx: &mut Cx, inside: Inside) {
    let (name, tx) = (cx.source(inside.call.fun), inside.tx);
    let effects = cx.effects(inside.call.expr);
    let reason = cx.said(inside.call.expr, &["rollback", "at least once"]);
    let publishes = effects.has(Effects::PUBLISH);
    let does = if publishes { "publishes" } else { "writes to a cache" };
    let report =
        cx.report(inside.call.fun, format!("`{name}` {does} before the transaction `{tx}` has been committed"));
    let report = report.steps(inside.steps).excused(reason);
    let report = match publishes {
        true => report.note(
            "if the commit fails, or the process dies before it, consumers act on an event whose rows do not exist; if it succeeds, a fast \
             consumer may look for the row before it is visible",
        ),
        false => report.note("if the commit fails, the cache serves a value that the database never had, until it expires"),
    };
    let report = report.note(match publishes {
        true => "insert the event into an outbox table in this transaction, and publish from there; or publish after the commit",
        false => "write to the cache after the commit",
    });
    if effects.has(Effects::GUESSED) {
        report.question();
    }
}
