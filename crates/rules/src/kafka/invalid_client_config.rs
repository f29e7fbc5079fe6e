//! A Kafka client is given a configuration that it rejects.
//!
//! kafka-go panics on a `ReaderConfig` with both `GroupID` and `Partition` (`NewReader` validates it). sarama rejects a
//! `Config` that was not made by `NewConfig`, because its zero limits are invalid, a `SyncProducer` whose
//! `Producer.Return.Successes` is false, and an idempotent producer without `WaitForAll` and a single open request
//! (`Config.Validate`). A kafka-go `Reader` cannot `SetOffset` in a group, nor `CommitMessages` without one. All of this shows
//! only when the service runs.
//!
//! Limits: a configuration is judged by what shows in the function that makes it. What librdkafka and franz-go reject is not
//! known, and tests are left alone.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func reader(brokers []string) *kafka.Reader {
//! 	return kafka.NewReader(kafka.ReaderConfig{
//! 		Brokers:   brokers,
//! 		GroupID:   "billing",
//! 		Partition: 3,
//! 		//         ^ `Partition` cannot be combined with `GroupID`, so `NewReader` panics
//! 	})
//! }
//! ```
//! ```diff fixed
//! -		Partition: 3,
//! ```
//! ```go bad
//! func producer(brokers []string) (sarama.AsyncProducer, error) {
//! 	config := &sarama.Config{ClientID: "orders"}
//! 	//         ^^^^^^^^^^^^^ this `sarama.Config` lacks the defaults that `sarama.NewConfig` sets, and is rejected
//! 	return sarama.NewAsyncProducer(brokers, config)
//! }
//! ```
//! ```go bad
//! func producer(brokers []string) (sarama.SyncProducer, error) {
//! 	config := sarama.NewConfig()
//! 	config.ClientID = "orders"
//! 	return sarama.NewSyncProducer(brokers, config)
//! 	//                                     ^^^^^^ a SyncProducer needs `Producer.Return.Successes`, which `config` does not set
//! }
//! ```
//! ```diff fixed
//! +	config.Producer.Return.Successes = true
//! ```
//! ```go bad
//! import "github.com/IBM/sarama"
//! func producer(brokers []string) (sarama.AsyncProducer, error) {
//! 	config := sarama.NewConfig()
//! 	config.Producer.Idempotent = true
//! 	//                           ^^^^ an idempotent producer needs `Net.MaxOpenRequests` 1, which `config` does not set
//! 	config.Producer.RequiredAcks = sarama.WaitForAll
//! 	return sarama.NewAsyncProducer(brokers, config)
//! }
//! ```
//! ```diff fixed
//! +	config.Net.MaxOpenRequests = 1
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func read(ctx context.Context, brokers []string) error {
//! 	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders"})
//! 	message, err := reader.FetchMessage(ctx)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return reader.CommitMessages(ctx, message)
//! 	//            ^^^^^^^^^^^^^^ `CommitMessages` fails: the reader has no `GroupID`
//! }
//! func rewind(brokers []string) error {
//! 	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders", GroupID: "billing"})
//! 	return reader.SetOffset(kafka.FirstOffset)
//! 	//            ^^^^^^^^^ `SetOffset` fails: the reader is in a group
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func reader(brokers []string, group string) *kafka.Reader {
//! 	return kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, GroupID: group, Topic: "orders", Partition: 0}) // 0 is unset
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func commit(ctx context.Context, conf kafka.ReaderConfig, message kafka.Message) error {
//! 	reader := kafka.NewReader(conf) // the caller may have set a group
//! 	return reader.CommitMessages(ctx, message)
//! }
//! ```
//! ```go good
//! import "github.com/IBM/sarama"
//! func producer(brokers []string) (sarama.SyncProducer, error) {
//! 	config := sarama.NewConfig()
//! 	configure(config) // may set it
//! 	return sarama.NewSyncProducer(brokers, config)
//! }
//! ```
//!
//! # Impact
//!
//! The client panics or returns an error when it is built, so the process does not start, or this path fails at its
//! first use. If the client is made lazily, that is the first message and not the deployment. A test that only
//! constructs it, without a broker, is enough.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: construct the client from the production configuration; validation needs no
//!   broker
//!
//! # References
//!
//! - [Package sarama, Config](https://pkg.go.dev/github.com/IBM/sarama#Config)
//! - [Package kafka-go, ReaderConfig](https://pkg.go.dev/github.com/segmentio/kafka-go#ReaderConfig)
use gopeer_lint::prelude::*;

use super::support::READER_CONFIG;

pub static RULE: Rule = Rule {
    id: "kafka/invalid-client-config",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::DataLoss, 2), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Config(&[READER_CONFIG], check_reader),
        Hook::Config(SARAMA_CONFIGS, check_sarama),
        Hook::Call(READER_CALLS, check_reader_call),
        Hook::Call(SYNC_PRODUCERS, check_sync_producer),
    ],
    examines: "configurations of Kafka clients",
};

const SARAMA_CONFIGS: &[&str] = &["github.com/IBM/sarama.Config", "github.com/Shopify/sarama.Config"];
const SYNC_PRODUCERS: &[&str] = &["github.com/IBM/sarama.NewSyncProducer", "github.com/Shopify/sarama.NewSyncProducer"];
const READER_CALLS: &[&str] = &[
    "github.com/segmentio/kafka-go.Reader.SetOffset",
    "github.com/segmentio/kafka-go.Reader.SetOffsetAt",
    "github.com/segmentio/kafka-go.Reader.CommitMessages",
];

/// A reader that is in a group and has a partition.
fn check_reader(cx: &mut Cx, reader: Config) {
    let (Setting::Set(group), Setting::Set(partition)) =
        (cx.setting(reader, "GroupID"), cx.setting(reader, "Partition"))
    else {
        return;
    };
    cx.examined();
    // Both must be known to be set: an empty group or partition 0 counts as absent.
    let grouped = cx.string_value(group).is_some_and(|group| !group.is_empty());
    if !grouped || cx.int_value(partition).is_none_or(|partition| partition == 0) {
        return;
    }
    let Some(entry) = cx.tree.parent(partition) else { return };
    let line = cx.lines(entry);
    let alone = line.of(cx.tree.text()).trim().trim_end_matches(',') == cx.source(entry);
    let report = cx
        .report(partition, "`Partition` cannot be combined with `GroupID`, so `NewReader` panics")
        .note("a group assigns the partitions itself; leave `Partition` out, or read it without a group");
    if alone {
        report.fix("Leave the partition to the group", [(line, String::new())]);
    }
}

fn check_sarama(cx: &mut Cx, config: Config) {
    cx.examined();
    if !config.is_literal() {
        return check_idempotent(cx, config);
    }
    let at = cx.head(config);
    let name = cx.source(at);
    let maker = name.replace("Config", "NewConfig");
    cx.report(at, format!("this `{name}` lacks the defaults that `{maker}` sets, and is rejected"))
        .note("start from `NewConfig` and change what differs");
}

/// `config.Producer.Idempotent = true` without what it needs.
fn check_idempotent(cx: &mut Cx, config: Config) {
    let Setting::Set(value) = cx.setting(config, "Producer.Idempotent") else { return };
    let (Some(Node::Stmt(stmt)), Some(keeper)) = (cx.tree.parent(value), cx.keeper(config)) else { return };
    let missing = [
        ("Producer.RequiredAcks", "`Producer.RequiredAcks` `WaitForAll`"),
        ("Net.MaxOpenRequests", "`Net.MaxOpenRequests` 1"),
    ];
    let missing = missing.into_iter().find(|(setting, _)| is_missing(cx, config, setting));
    let Some((setting, needed)) = missing.filter(|_| cx.is_builtin(value, "true")) else { return };
    let name = cx.source(keeper);
    let package = cx.source(cx.head(config)).split('.').next().unwrap_or("sarama");
    let value_needed = if setting == "Net.MaxOpenRequests" { "1".to_owned() } else { format!("{package}.WaitForAll") };
    let end = cx.span(stmt).end;
    let edit = match cx.setting(config, setting) {
        Setting::Set(wrong) => (cx.span(wrong), value_needed),
        _ => (Span::new(end, end), format!("\n{}{name}.{setting} = {value_needed}", cx.indent(stmt))),
    };
    cx.report(value, format!("an idempotent producer needs {needed}, which `{name}` does not set"))
        .note("the client rejects the configuration when it is created")
        .fix("Set what idempotence needs", [edit]);
}

/// Whether a setting that idempotence needs is missing, or set to a constant other than the one it needs: -1 is `WaitForAll`.
fn is_missing(cx: &Cx, config: Config, setting: &str) -> bool {
    let needed = if setting == "Net.MaxOpenRequests" { 1 } else { -1 };
    match cx.setting(config, setting) {
        Setting::Set(value) => cx.int_value(value).is_some_and(|value| value != needed),
        setting => setting.is_unset(),
    }
}

/// A synchronous producer whose successes are not returned.
fn check_sync_producer(cx: &mut Cx, call: Call) {
    let &[_, given] = call.args else { return };
    let Some(config) = cx.config(given) else { return };
    cx.examined();
    const SUCCESSES: &str = "Producer.Return.Successes";
    let Setting::Unset(Some(_)) = cx.setting(config, SUCCESSES) else { return };
    let keeper = cx.keeper(config).unwrap_or(given);
    let edit = cx.with_setting(config, SUCCESSES, "true");
    cx.report(given, format!("a SyncProducer needs `{SUCCESSES}`, which `{}` does not set", cx.source(keeper)))
        .note("`NewSyncProducer` returns an error")
        .fix("Return successes", edit);
}

/// A reader made here is asked for what its configuration rules out.
fn check_reader_call(cx: &mut Cx, call: Call) {
    let Some((reader, method, _)) = cx.method_call(call.expr) else { return };
    let Some(made) = cx.initial_value(reader).filter(|_| !cx.is_reassigned(reader)) else { return };
    let Some(Call { args: &[config], .. }) = cx.call(made) else { return };
    let Some(config) = cx.config(config).filter(|config| config.is_literal()) else { return };
    cx.examined();
    let group = cx.setting(config, "GroupID");
    let in_group = group.value().and_then(|group| cx.string_value(group)).is_some_and(|group| !group.is_empty());
    let why = match method {
        "CommitMessages" if group.is_unset() => "has no `GroupID`",
        "SetOffset" | "SetOffsetAt" if in_group => "is in a group",
        _ => return,
    };
    let Expr::Selector { name, .. } = cx.expr(call.fun) else { return };
    let at = cx.span(config.expr);
    cx.report(name, format!("`{method}` fails: the reader {why}"))
        .note_at(at, "its configuration")
        .note("a group keeps the offsets of its members; a reader without one keeps its own");
}
