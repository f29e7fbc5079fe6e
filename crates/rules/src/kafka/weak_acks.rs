//! A producer does not wait until its messages are replicated.
//!
//! Without an acknowledgement from all in-sync replicas, a message that the producer takes for sent is lost when the leader
//! fails before it replicates (`One`, `Local`), or when anything at all goes wrong (`None`). In a literal `kafka.Writer` of
//! kafka-go the zero value is `RequireNone`, as its documentation says; only the old `kafka.NewWriter` defaults to all.
//! sarama's `NewConfig` waits for the leader alone. The finding is high where nobody acknowledges, and medium where the leader
//! does. Ask for all replicas, and set `min.insync.replicas` on the topic.
//!
//! Limits: a level counts by its type and value, librdkafka's `acks` by its text. sarama's default is reported where the
//! configuration is made and given to a producer in one function. Topics and functions that are named after logs, metrics or
//! traces, and levels that a condition chooses, are left alone.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{
//! 		//     ^^^^^^^^^^^^ this `kafka.Writer` waits for no acknowledgement, because `RequiredAcks` is not set
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
//! 	//                                                                         ^^^^^^^^^^^^^^^^ medium: `kafka.RequireOne` can lose messages when the leader fails before it replicates
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
//! 	//                             ^^^^^^^^^^^^^^^^^ `sarama.NoResponse` can lose messages, and nobody learns of it
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
//! 	//                                                                                             ^^^^^^^^^^^^^ medium: `kgo.LeaderAck` can lose messages when the leader fails before it replicates
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
//! 	//                                                                            ^^^^ medium: `acks` can lose messages when the leader fails before it replicates
//! 	return writer
//! }
//! ```
//! ```go bad
//! import "github.com/confluentinc/confluent-kafka-go/v2/kafka"
//! func producer(servers string) (*kafka.Producer, error) {
//! 	return kafka.NewProducer(&kafka.ConfigMap{
//! 		"bootstrap.servers": servers,
//! 		"acks":              "1",
//! 		//                   ^^^ medium: `acks = "1"` can lose messages when the leader fails before it replicates
//! 	})
//! }
//! ```
//! ```diff fixed
//! -		"acks":              "1",
//! +		"acks":              "all",
//! ```
//! ```go bad
//! func producer(brokers []string) (sarama.SyncProducer, error) {
//! 	config := sarama.NewConfig()
//! 	config.Producer.Return.Successes = true
//! 	return sarama.NewSyncProducer(brokers, config)
//! 	//                                     ^^^^^^ medium: `config` keeps the default `WaitForLocal`, which can lose messages
//! }
//! ```
//! ```diff fixed
//! +	config.Producer.RequiredAcks = sarama.WaitForAll
//! ```
//! ```go good
//! import "github.com/confluentinc/confluent-kafka-go/v2/kafka"
//! func producer(servers string) (*kafka.Producer, error) {
//! 	return kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": servers}) // librdkafka waits for all unless told otherwise
//! }
//! ```
//! ```go good
//! func labels() map[string]any {
//! 	return map[string]any{"acks": "1"} // no configuration
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "access-logs"} // may be lost
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func newWriter(brokers []string) *kafka.Writer {
//! 	return kafka.NewWriter(kafka.WriterConfig{Brokers: brokers, Topic: "orders"}) // zero means all here
//! }
//! ```
//! ```go good
//! func configure(config *sarama.Config, fast bool) {
//! 	if fast { // somebody chose
//! 		config.Producer.RequiredAcks = sarama.WaitForLocal
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! If a leader fails before its followers have the message, the message is lost, although the producer counts it as
//! sent; with no acknowledgement at all, a closed connection is enough. It happens when brokers restart, as during
//! maintenance, and nobody sees an error. A chaos test kills the leader while it counts messages.
//!
//! # Verify
//!
//! - `kafka-topics.sh --bootstrap-server HOST:9092 --describe --topic TOPIC`: `acks=all` protects only with a
//!   replication factor of 3 and `min.insync.replicas=2`
//! - `go test -run none -bench {test} {package}`: measures what the stronger setting costs on your network
//!
//! # Options
//!
//! - Wait for all in-sync replicas: survives the loss of a leader, and adds one round trip between brokers
//!   - data, senior, backend, cloud-native: an event must not get lost
//! - Wait for the leader: lower latency, and a failover may lose the last messages
//!   - throughput: for metrics and logs, if it is written down as a choice
//!
//! # References
//!
//! - [Apache Kafka, "Producer Configs"](https://kafka.apache.org/documentation/#producerconfigs)
use gopeer_lint::prelude::*;

use super::support::{WRITER, may_lose, package, type_name};

pub static RULE: Rule = Rule {
    id: "kafka/weak-acks",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Config(&[WRITER], check_unset),
        Hook::Set(LEVELS, check_level),
        Hook::Call(SET_KEY, check_key),
        Hook::Call(PRODUCERS, check_default),
    ],
    examines: "producers' acknowledgements",
};

/// The settings that say who has to acknowledge a message. Those of a map are librdkafka's, which confluent-kafka-go passes
/// on.
const LEVELS: &[&str] = &[
    "github.com/segmentio/kafka-go.Writer.RequiredAcks",
    WRITER_ACKS,
    "github.com/IBM/sarama.Config.Producer.RequiredAcks",
    "github.com/Shopify/sarama.Config.Producer.RequiredAcks",
    "github.com/twmb/franz-go/pkg/kgo.RequiredAcks",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.acks",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.request.required.acks",
    "github.com/confluentinc/confluent-kafka-go/kafka.ConfigMap.acks",
    "github.com/confluentinc/confluent-kafka-go/kafka.ConfigMap.request.required.acks",
];

/// Of the old `WriterConfig`, 0 stands for the default, which is all.
const WRITER_ACKS: &str = "github.com/segmentio/kafka-go.WriterConfig.RequiredAcks";
const SET_KEY: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.SetKey",
    "github.com/confluentinc/confluent-kafka-go/kafka.ConfigMap.SetKey",
];
const PRODUCERS: &[&str] = &[
    "github.com/IBM/sarama.NewAsyncProducer",
    "github.com/IBM/sarama.NewSyncProducer",
    "github.com/Shopify/sarama.NewAsyncProducer",
    "github.com/Shopify/sarama.NewSyncProducer",
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
    let name = type_name(cx, writer);
    cx.report(at, format!("this `{name}` waits for no acknowledgement, because `RequiredAcks` is not set"))
        .note("the zero value is `RequireNone`: `WriteMessages` succeeds even when no broker stores the message")
        .fix("Wait for all replicas", edit);
}

fn check_level(cx: &mut Cx, level: Assigned) {
    let config = cx.config_of(level);
    let topic = config.and_then(|config| cx.made_with(config, "Topic").value());
    let is_default = cx.int_value(level.value) == Some(0)
        && config.is_some_and(|config| cx.has_type(config.expr, &["github.com/segmentio/kafka-go.WriterConfig"]));
    if !cx.is_conditional(level.at) && !may_lose(cx, level.value, topic) && !is_default {
        report_weak(cx, level.value, cx.source(level.name).trim_matches('"'));
    }
}

/// `config.SetKey("acks", 1)`
fn check_key(cx: &mut Cx, call: Call) {
    let &[key, level] = call.args else { return };
    let Some(key) = cx.string_value(key).filter(|key| matches!(&**key, "acks" | "request.required.acks")) else {
        return;
    };
    if !cx.is_conditional(call.expr) && !may_lose(cx, call.expr, None) {
        report_weak(cx, level, &key);
    }
}

/// Reports a level that is too weak, of the setting of that name.
fn report_weak(cx: &mut Cx, level: ExprId, setting: &str) {
    cx.examined();
    let Some((why, severity)) = weakness(cx, level) else { return };
    let at = match cx.expr(cx.unparen(level)) {
        Expr::Call { fun, .. } => fun,
        _ => level,
    };
    let edit = all(cx, at);
    // A number says nothing by itself.
    let shown = match cx.expr(cx.unparen(level)) {
        Expr::Literal(_) => format!("{setting} = {}", cx.source(at)),
        _ => cx.source(at).to_owned(),
    };
    cx.report(at, format!("`{shown}` {why}"))
        .severity(severity)
        .note("wait for all in-sync replicas, and set `min.insync.replicas` on the topic")
        .fix("Wait for all replicas", edit);
}

/// A configuration of sarama that a producer gets with the default.
fn check_default(cx: &mut Cx, call: Call) {
    const ACKS: &str = "Producer.RequiredAcks";
    let &[_, given] = call.args else { return };
    let Some(config) = cx.config(given).filter(|config| !config.is_literal() && !may_lose(cx, config.expr, None))
    else {
        return;
    };
    cx.examined();
    let Setting::Unset(Some(default)) = cx.setting(config, ACKS) else { return };
    let keeper = cx.keeper(config).unwrap_or(given);
    let edit = cx.with_setting(config, ACKS, &format!("{}.WaitForAll", package(cx, call.fun)));
    let message = format!(
        "`{}` keeps the default `{default}`, which can lose messages when the leader fails before it replicates",
        cx.source(keeper)
    );
    cx.report(given, message)
        .severity(Severity::Medium)
        .note("wait for all in-sync replicas, and set `min.insync.replicas` on the topic")
        .fix("Wait for all replicas", edit);
}

/// What a level below all of them does: 0 waits for nobody, 1 for the leader, in all clients alike.
fn weakness(cx: &Cx, level: ExprId) -> Option<(&'static str, Severity)> {
    const NOTHING: (&str, Severity) = ("can lose messages, and nobody learns of it", Severity::High);
    const LEADER: (&str, Severity) = ("can lose messages when the leader fails before it replicates", Severity::Medium);
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
