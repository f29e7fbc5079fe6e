//! Offsets are committed by themselves, before the work on the messages is done.
//!
//! `ReadMessage` of kafka-go commits the offset before it returns the message, if the reader has a `GroupID`. librdkafka stores the
//! offset of each message when it hands it over, and commits what is stored every five seconds, unless `enable.auto.offset.store` is
//! off. franz-go commits what was polled before the current poll, so records that goroutines still handle are committed. If the process
//! dies then, or the work fails, the group is past messages that nobody has handled, and Kafka does not deliver them again.
//!
//! Use `FetchMessage` and `CommitMessages`; or `StoreMessage` after the work; or `AutoCommitMarks` with `MarkCommitRecords`.
//!
//! Limits: how the client is configured has to show in the package, and what handles a message has to be able to fail. With
//! franz-go only records that are handed to goroutines or channels are looked at.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, db *sql.DB) error {
//! 	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{"kafka:9092"}, GroupID: "billing", Topic: "orders"})
//! 	defer reader.Close()
//! 	for {
//! 		msg, err := reader.ReadMessage(ctx)
//! 		//          ^^^^^^^^^^^^^^^^^^ `reader.ReadMessage` has committed the message when it returns, before `db.ExecContext` has handled it
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO orders (body) VALUES ($1)", msg.Value); err != nil {
//! 			return err
//! 		}
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func run(ctx context.Context, store func(*kgo.Record) error) error {
//! 	client, err := kgo.NewClient(kgo.ConsumerGroup("billing"), kgo.ConsumeTopics("orders"))
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer client.Close()
//! 	for {
//! 		fetches := client.PollFetches(ctx)
//! 		//         ^^^^^^^^^^^^^^^^^^ `client.PollFetches` commits what it gave before while the goroutine that handles it may still run
//! 		if err := fetches.Err(); err != nil {
//! 			return err
//! 		}
//! 		fetches.EachRecord(func(record *kgo.Record) {
//! 			go store(record)
//! 		})
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func newClient() (*kgo.Client, error) {
//! 	return kgo.NewClient(kgo.ConsumerGroup("orders"), kgo.ConsumeTopics("orders"))
//! }
//!
//! func run(ctx context.Context, client *kgo.Client, store func([]*kgo.Record) error) {
//! 	for {
//! 		fetches := client.PollFetches(ctx)
//! 		//         ^^^^^^^^^^^^^^^^^^ `client.PollFetches` lets the client commit records for which `store` failed
//! 		if fetches.Err() != nil {
//! 			return
//! 		}
//! 		if err := store(fetches.Records()); err != nil {
//! 			slog.Error("store", "err", err)
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! // Without a group, nothing is committed.
//! func tail(ctx context.Context, db *sql.DB) error {
//! 	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{"kafka:9092"}, Topic: "orders"})
//! 	defer reader.Close()
//! 	for {
//! 		msg, err := reader.ReadMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO orders (body) VALUES ($1)", msg.Value); err != nil {
//! 			return err
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The client moves the group's position by itself and not when the work is done, so a crash in between loses what was
//! in flight: one message, or up to a commit interval of them per partition. The code does not show the moment of the
//! commit, which is why reviews miss it. After `kill -9` in the middle of the work, the restarted consumer begins after
//! it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: end the consumer inside the handler and start a second one in the same group;
//!   it must get the same message
//! - `kill -9 PID`: with a handler that sleeps, then compare the committed offset with the last row that was written
//!
//! # Options
//!
//! - Fetch and commit explicitly after the work: the place of the commit can be seen, and each message may come twice
//!   - data, senior, backend: the commit point is a decision, not a default
//! - Keep automatic commits and store offsets by hand, `StoreOffsets` or marks: commits stay batched, and forgetting a
//!   mark replays messages
//!   - throughput, cloud-native: one commit per interval instead of one per message
//!
//! # References
//!
//! - [Package kafka-go, Reader.ReadMessage](https://pkg.go.dev/github.com/segmentio/kafka-go#Reader.ReadMessage)
//! - [Package kgo, AutoCommitMarks](https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#AutoCommitMarks)
//! - [Apache Kafka, "Consumer Configs"](https://kafka.apache.org/documentation/#consumerconfigs)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/implicit-commit-before-processing",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(READ, read), Hook::Call(POLL, polled), Hook::Call(FETCHES, fetched)],
    examines: "consumers that commit by themselves",
};

const READ: &[&str] = &["github.com/segmentio/kafka-go.Reader.ReadMessage"];
const POLL: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Consumer.Poll",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Consumer.ReadMessage",
];
const FETCHES: &[&str] =
    &["github.com/twmb/franz-go/pkg/kgo.Client.PollFetches", "github.com/twmb/franz-go/pkg/kgo.Client.PollRecords"];

fn read(cx: &mut Cx, call: Call) {
    if cx.package_mentions(&["GroupID"]) != Some(true) {
        return;
    }
    cx.examined();
    report(
        cx,
        call,
        "has committed the message when it returns",
        "use `FetchMessage`, and `CommitMessages` after the work",
    );
}

fn polled(cx: &mut Cx, call: Call) {
    let by_hand = cx.package_mentions(&["enable.auto.offset.store", "enable.auto.commit"]) != Some(false);
    if by_hand || cx.package_mentions(&["ConfigMap"]) != Some(true) {
        return;
    }
    cx.examined();
    let fix = "set `enable.auto.offset.store` to false, and call `StoreMessage` after the work";
    report(cx, call, "stores the offset of the message, which is committed in the background", fix);
}

fn report(cx: &mut Cx, call: Call, commits: &str, fix: &str) {
    let Some(early) = cx.handled_after_fetch(call) else { return };
    let reason = cx.said(call.expr, ACCEPTED);
    let message = format!("`{}` {commits}, before `{}` has handled it", cx.source(call.fun), early.name);
    let report = cx.report(call.fun, message).steps(early.steps).excused(reason);
    report.note(LOST).note(fix);
}

/// What comments say of messages that may be lost.
const ACCEPTED: &[&str] = &["at most once", "at-most-once", "best effort", "may be lost"];

const LOST: &str = "if the process dies, or the work fails, in between, Kafka considers it handled and never delivers it \
                    again: its effects are missing downstream, and the lag does not show it";

fn fetched(cx: &mut Cx, call: Call) {
    let by_hand = cx.package_mentions(&["DisableAutoCommit", "AutoCommitMarks"]) != Some(false);
    if by_hand || cx.package_mentions(&["ConsumerGroup("]) != Some(true) {
        return;
    }
    cx.examined();
    if let Some(skipped) = cx.fetched_after_failure(call) {
        let (fetch, fails) = (cx.source(call.fun), cx.callee_text(skipped.work.expr));
        let reason = cx.said(call.expr, ACCEPTED);
        cx.report(call.fun, format!("`{fetch}` lets the client commit records for which `{fails}` failed"))
            .steps(skipped.steps)
            .note("a poll lets the client commit what the poll before has given, so Kafka never delivers the failed records again")
            .note("return the error, try again before the next poll, or use `kgo.AutoCommitMarks` and mark what has succeeded")
            .excused(reason);
        return;
    }
    let Some(func) = cx.enclosing_func(call.expr) else { return };
    let Some(fetches) = cx.first_target(call.expr) else { return };
    let message = cx.made_of(func, vec![fetches]);
    let calls = cx.calls_within(func.body, true);
    let (mut started, mut waits) = (None, false);
    for &node in calls.iter() {
        let Node::Expr(inner) = node else { continue };
        let goes = matches!(cx.tree.parent(inner), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Go(_)));
        waits |= cx.callee_word(inner) == "Wait";
        if goes && message.is_given_to(inner) && cx.handles(inner) {
            started = started.or(Some(inner));
        }
    }
    let Some(started) = started.filter(|_| !waits) else { return };
    let steps = vec![
        (cx.span(call.fun), "records are fetched here".to_owned()),
        (cx.span(started), "a goroutine handles them, and nobody waits for it".to_owned()),
        (cx.span(call.fun), "the next poll lets them be committed".to_owned()),
    ];
    let fetch = cx.source(call.fun);
    cx.report(call.fun, format!("`{fetch}` commits what it gave before while the goroutine that handles it may still run"))
        .steps(steps)
        .note(LOST)
        .note("use `kgo.AutoCommitMarks`, and `MarkCommitRecords` after the work, or wait for the goroutines before the next poll");
}
