//! The offset of a message is committed before the message is handled.
//!
//! If the process dies between the two, the group's position is past a message that nobody has handled, and Kafka does not deliver it
//! again. The same happens where a goroutine handles the message while its offset is committed. Nothing shows it: the lag is zero and no
//! error is logged; only the row or the event that the message should have caused is missing. Commit when the message is handled, and
//! make handling idempotent, since it is then delivered again after a crash.
//!
//! Limits: what handles a message is what is given it, or something made of it, and writes, publishes, calls another service or
//! returns an error. Where a message is handled both before and after the commit, nothing is said.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, db *sql.DB) error {
//! 	for {
//! 		msg, err := reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if err := reader.CommitMessages(ctx, msg); err != nil {
//! 		//        ^^^^^^^^^^^^^^^^^^^^^ `reader.CommitMessages` marks the message as done before `db.ExecContext` has handled it
//! 			return err
//! 		}
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO events (body) VALUES ($1)", msg.Value); err != nil {
//! 			return err
//! 		}
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! type handler struct{ db *sql.DB }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for msg := range claim.Messages() {
//! 		go h.store(msg)
//! 		session.MarkMessage(msg, "")
//! //^^^^^^^^^^^^^^^^^^^ `session.MarkMessage` marks the message as done while the goroutine that handles it may still run
//! 	}
//! 	return nil
//! }
//!
//! func (h *handler) store(msg *sarama.ConsumerMessage) {
//! 	if _, err := h.db.Exec("INSERT INTO events (body) VALUES ($1)", msg.Value); err != nil {
//! 		slog.Error("store", "err", err)
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, db *sql.DB) error {
//! 	for {
//! 		msg, err := reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO events (body) VALUES ($1)", msg.Value); err != nil {
//! 			return err
//! 		}
//! 		// What is written is committed.
//! 		if err := reader.CommitMessages(ctx, msg); err != nil {
//! 			return err
//! 		}
//! 		slog.Debug("handled", "offset", msg.Offset)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! A crash, an eviction or a deployment between the commit and the end of the work loses the message for good: delivery
//! is at most once. Lag is zero and no error is logged, so the gap is found by whoever misses the row. A test kills the
//! handler halfway and expects the message after a restart.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: a fake reader that records its calls must see the commit after the write
//! - `kafka-consumer-groups.sh --bootstrap-server HOST:9092 --describe --group GROUP`: stop the process inside the
//!   handler; `CURRENT-OFFSET` must still be at the message
//!
//! # Options
//!
//! - Commit after the work and make it idempotent: nothing is lost, and after a crash the message is handled twice
//!   - data, senior, cloud-native: at least once with a unique key is the guarantee that can be kept
//! - Store the offset in the transaction that writes the row: exactly once for that database, and the consumer has to
//!   seek on start
//!   - backend: one invariant in one transaction
//! - Keep the early commit where loss is allowed: cheapest, and has to be written down
//!   - throughput: for metrics and other data that the next message replaces
//!
//! # References
//!
//! - [Apache Kafka, "Message Delivery Semantics"](https://kafka.apache.org/documentation/#semantics)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/commit-before-processing",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::COMMIT, check)],
    examines: "commits of offsets",
};

fn check(cx: &mut Cx, commit: Call) {
    cx.examined();
    let Some(early) = cx.handled_after(commit) else { return };
    let reason = cx.said(commit.expr, &["at most once", "at-most-once", "best effort", "may be lost"]);
    let commits = cx.source(commit.fun);
    // Who receives from a channel may have it done soon.
    let severity = if early.sent || early.published { Severity::High } else { Severity::Critical };
    let who = if early.sent { "the goroutine that receives it" } else { "the goroutine that handles it" };
    let message = match early.beside {
        _ if early.published => {
            format!(
                "`{commits}` marks the message as done while what `{}` publishes may still be on its way",
                early.name
            )
        }
        true => format!("`{commits}` marks the message as done while {who} may still run"),
        false => format!("`{commits}` marks the message as done before `{}` has handled it", early.name),
    };
    cx.report(commit.fun, message)
        .severity(severity)
        .steps(early.steps)
        .note(
            "if the process dies, or the work fails, after the commit, Kafka considers the message handled and never delivers it again: \
             its effects are missing downstream, and the lag does not show it",
        )
        .note("commit after the work has succeeded; a crash in between then delivers the message twice, so the work must be idempotent")
        .excused(reason);
}
