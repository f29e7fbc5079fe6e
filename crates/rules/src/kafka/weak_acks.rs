//! A producer does not wait until its messages are replicated.
//!
//! Without an acknowledgement from all in-sync replicas a message that the producer takes for sent is lost when the
//! leader dies (`One`, `Local`), or when anything at all goes wrong (`None`). In a literal `kafka.Writer` of kafka-go
//! the zero value is `RequireNone`, as its documentation says; only the old `kafka.NewWriter` defaults to all.
//! Ask for all replicas, and set `min.insync.replicas` on the topic.
//!
//! Limits: the level counts by its type and value, however it is spelled; librdkafka's `acks` by its text. Silent for topics
//! and functions that are named after logs, metrics or traces, and where a condition chooses the level.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{
//! 		//     ^^^^^^^^^^^^ this `kafka.Writer` waits for no acknowledgement: `RequiredAcks` is not set
//! 		Addr:  kafka.TCP(addr),
//! 		Topic: "orders",
//! 	}
//! }
//! ```
//! ```diff fixed
//! +		RequiredAcks: kafka.RequireAll,
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireOne}
//! 	//                                                                         ^^^^^^^^^^^^^^^^ `kafka.RequireOne` loses messages when the leader dies before it replicates
//! }
//! ```
//! ```diff fixed
//! -	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireOne}
//! +	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireAll}
//! ```
//! ```go bad
//! func config() *sarama.Config {
//! 	config := sarama.NewConfig()
//! 	config.Producer.RequiredAcks = sarama.NoResponse
//! 	//                             ^^^^^^^^^^^^^^^^^ `sarama.NoResponse` loses messages without anybody hearing of it
//! 	return config
//! }
//! ```
//! ```diff fixed
//! -	config.Producer.RequiredAcks = sarama.NoResponse
//! +	config.Producer.RequiredAcks = sarama.WaitForAll
//! ```
//! ```go bad
//! func client(seeds []string) (*kgo.Client, error) {
//! 	return kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
//! 	//                                                                                             ^^^^^^^^^^^^^ `kgo.LeaderAck` loses messages when the leader dies before it replicates
//! }
//! ```
//! ```diff fixed
//! -	return kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
//! +	return kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.AllISRAcks()))
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! const acks = kafka.RequireOne
//! func newWriter(addr string) *kafka.Writer {
//! 	writer := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: acks}
//! 	//                                                                            ^^^^ `acks` loses messages when the leader dies before it replicates
//! 	return writer
//! }
//! ```
//! ```go bad
//! import "github.com/confluentinc/confluent-kafka-go/v2/kafka"
//! func producer(servers string) (*kafka.Producer, error) {
//! 	return kafka.NewProducer(&kafka.ConfigMap{
//! 		"bootstrap.servers": servers,
//! 		"acks":              "1",
//! 		//                   ^^^ `"1"` loses messages when the leader dies before it replicates
//! 	})
//! }
//! ```
//! ```diff fixed
//! -		"acks":              "1",
//! +		"acks":              "all",
//! ```
//! ```go good
//! import "github.com/confluentinc/confluent-kafka-go/v2/kafka"
//! type options struct{ RequiredAcks int }
//! func producer(servers string, own *options) (*kafka.Producer, error) {
//! 	own.RequiredAcks = 1
//! 	labels := map[string]any{"acks": "1"}
//! 	use(labels)
//! 	return kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": servers, "acks": "all"})
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func writers(addr string, config *sarama.Config, fast bool) {
//! 	all := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders"}
//! 	all.RequiredAcks = kafka.RequireAll
//! 	logs := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "access-logs"}
//! 	use(all, logs, kafka.NewWriter(kafka.WriterConfig{Topic: "orders"})) // zero means all here
//! 	if fast {
//! 		config.Producer.RequiredAcks = sarama.WaitForLocal
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{WRITER, may_lose, package};

pub static RULE: Rule = Rule {
    id: "kafka/weak-acks",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Config(&[WRITER], check_unset), Hook::Set(LEVELS, check_level)],
    file: file!(),
};

/// The settings that say who has to acknowledge a message. Those of a map are librdkafka's, which confluent-kafka-go passes
/// on.
const LEVELS: &[&str] = &[
    "github.com/segmentio/kafka-go.Writer.RequiredAcks",
    "github.com/IBM/sarama.Config.Producer.RequiredAcks",
    "github.com/Shopify/sarama.Config.Producer.RequiredAcks",
    "github.com/twmb/franz-go/pkg/kgo.RequiredAcks",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.acks",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.request.required.acks",
    "github.com/confluentinc/confluent-kafka-go/kafka.ConfigMap.acks",
    "github.com/confluentinc/confluent-kafka-go/kafka.ConfigMap.request.required.acks",
];

fn check_unset(cx: &mut Cx, writer: Config) {
    let topic = cx.made_with(writer, "Topic").value();
    if may_lose(cx, writer.expr, topic) {
        return;
    }
    cx.examined();
    if !cx.setting(writer, "RequiredAcks").is_unset() {
        return;
    }
    let at = cx.head(writer);
    let edit = cx.with_setting(writer, "RequiredAcks", &format!("{}.RequireAll", package(cx, at)));
    cx.report(at, format!("this `{}` waits for no acknowledgement: `RequiredAcks` is not set", cx.source(at)))
        .note("the zero value is RequireNone: WriteMessages succeeds even when no broker keeps the message")
        .fix("Wait for all replicas", edit);
}

fn check_level(cx: &mut Cx, level: Assigned) {
    let topic = cx.config_of(level).and_then(|config| cx.made_with(config, "Topic").value());
    if cx.is_conditional(level.at) || may_lose(cx, level.value, topic) {
        return;
    }
    cx.examined();
    let Some(why) = weakness(cx, level.value) else { return };
    let at = match cx.expr(cx.unparen(level.value)) {
        Expr::Call { fun, .. } => fun,
        _ => level.value,
    };
    let edit = all(cx, at);
    let report = cx
        .report(at, format!("`{}` {why}", cx.source(at)))
        .note("wait for all in-sync replicas, and set min.insync.replicas on the topic");
    report.fix("Wait for all replicas", edit);
}

/// What a level below all of them does: 0 waits for nobody, 1 for the leader, in all clients alike.
fn weakness(cx: &Cx, level: ExprId) -> Option<&'static str> {
    const NOTHING: &str = "loses messages without anybody hearing of it";
    const LEADER: &str = "loses messages when the leader dies before it replicates";
    let callee = cx.callee(level).map(|callee| callee.name);
    match (cx.string_value(level).as_deref(), cx.int_value(level), callee) {
        (Some("0"), ..) | (_, Some(0), _) | (.., Some("NoAck")) => Some(NOTHING),
        (Some("1"), ..) | (_, Some(1), _) | (.., Some("LeaderAck")) => Some(LEADER),
        _ => None,
    }
}

/// What asks for all replicas instead, if the level is a name of its library or a string.
fn all(cx: &Cx, level: ExprId) -> Option<(Span, String)> {
    if cx.string_value(level).is_some() {
        return Some((cx.span(level), "\"all\"".to_owned()));
    }
    let Expr::Selector { name, .. } = cx.expr(level) else { return None };
    let all = match cx.source(name) {
        "RequireNone" | "RequireOne" => "RequireAll",
        "NoResponse" | "WaitForLocal" => "WaitForAll",
        "NoAck" | "LeaderAck" => "AllISRAcks",
        _ => return None,
    };
    Some((cx.span(name), all.to_owned()))
}
