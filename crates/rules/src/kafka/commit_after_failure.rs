//! The offset of a message is committed although handling it has failed.
//!
//! Where the error is only logged, the commit that follows, or that of a later message of the partition, moves the group past the
//! message: an offset stands for everything before it. Kafka does not deliver the message again. While a database is down for ten
//! minutes, the messages of ten minutes are lost, and log lines are all that remains. Return the error, so that the message is
//! delivered again; try again with a growing delay; or write the message to a dead letter topic before the commit.
//!
//! Limits: an error that is examined (`errors.Is`, `isPermanent(err)`) is taken to be dealt with, and so is a message that is given to
//! something that stores it or says that it is put aside. Messages that cannot be decoded are left alone.
//!
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! type handler struct{ db *sql.DB }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for msg := range claim.Messages() {
//! 		if _, err := h.db.Exec("INSERT INTO events (body) VALUES ($1)", msg.Value); err != nil {
//! 			slog.Error("store", "err", err)
//! 		}
//! 		session.MarkMessage(msg, "")
//! //^^^^^^^^^^^^^^^^^^^ `session.MarkMessage` marks the message as done although `h.db.Exec` has failed
//! 	}
//! 	return nil
//! }
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, db *sql.DB) error {
//! 	for {
//! 		msg, err := reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO events (body) VALUES ($1)", msg.Value); err != nil {
//! 			slog.Error("store", "err", err)
//! 			continue
//! 		}
//! 		if err := reader.CommitMessages(ctx, msg); err != nil {
//! 		//        ^^^^^^^^^^^^^^^^^^^^^ `reader.CommitMessages` of a later message commits one for which `db.ExecContext` has failed
//! 			return err
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/IBM/sarama"
//!
//! type handler struct {
//! 	db   *sql.DB
//! 	dead sarama.SyncProducer
//! }
//!
//! func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
//! 	for msg := range claim.Messages() {
//! 		if _, err := h.db.Exec("INSERT INTO events (body) VALUES ($1)", msg.Value); err != nil {
//! 			// It is kept in a topic of its own.
//! 			if _, _, err := h.dead.SendMessage(&sarama.ProducerMessage{Topic: "dead", Value: sarama.ByteEncoder(msg.Value)}); err != nil {
//! 				return err
//! 			}
//! 		}
//! 		session.MarkMessage(msg, "")
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Impact
//!
//! While the dependency is down, every message that arrives is skipped: lag does not show it, so the dashboard is green,
//! and only the error log counts what was lost. Afterwards somebody has to reset offsets by hand and process a window
//! again. A test makes the handler fail once and expects the same message to come again.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a handler that fails, the fake reader must see no commit
//! - `kafka-consumer-groups.sh --bootstrap-server HOST:9092 --describe --group GROUP`: `CURRENT-OFFSET` moves on while
//!   the error log fills
//!
//! # Options
//!
//! - Return the error and let the message come again: nothing is lost, and one bad message can hold up its partition
//!   - senior, backend: a failure is a failure
//! - Retry with a growing delay, then write to a dead letter topic and commit: the partition moves on, and somebody has
//!   to work through that topic
//!   - data, cloud-native: at least once, without a poison message that stops everybody
//! - Pause the partition until the dependency is back: no dead letters and no spinning, at the price of lag
//!   - throughput: no work is wasted on calls that will fail
//!
//! # References
//!
//! - [Apache Kafka, "Message Delivery Semantics"](https://kafka.apache.org/documentation/#semantics)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/commit-after-failure",
    severity: Severity::High,
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
    let Some(skipped) = cx.skipped_by(commit, true) else { return };
    let reason = cx.said(commit.expr, &["best effort", "best-effort", "may be lost", "on purpose"]);
    let (commits, fails) = (cx.source(commit.fun), cx.callee_text(skipped.work.expr));
    let message = match skipped.later {
        _ if skipped.swallowed => {
            format!(
                "`{commits}` marks the message as done whether or not `{fails}` has handled it: its failure is only logged"
            )
        }
        true => format!("`{commits}` of a later message commits one for which `{fails}` has failed"),
        false => format!("`{commits}` marks the message as done although `{fails}` has failed"),
    };
    cx.report(commit.fun, message)
        .steps(skipped.steps)
        .note(
            "an offset stands for everything before it, so Kafka never delivers the failed message again, and the lag does not show \
             that it was skipped",
        )
        .note(
            "return the error to have the message delivered again, try again with a growing delay, or write the message to a dead letter \
             topic before the commit",
        )
        .excused(reason);
}
