//! A producer does not wait until its messages are replicated.
//!
//! Without an acknowledgement from all in-sync replicas a message that the producer takes for sent is lost when the
//! leader dies (`One`, `Local`), or when anything at all goes wrong (`None`). In a literal `kafka.Writer` of kafka-go
//! the zero value is `RequireNone`, as its documentation says; only the old `kafka.NewWriter` defaults to all.
//! Ask for all replicas, and set `min.insync.replicas` on the topic.
//!
//! The level counts by its type and value, however it is spelled; librdkafka's `acks` by its text. Silent for topics and
//! functions that are named after logs, metrics or traces, and where a condition chooses the level.
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

use super::support::{WRITER, head, is_sarama, package};

pub static RULE: Rule = Rule {
    id: "kafka/weak-acks",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Expr(&[ExprKind::Composite], literal),
        Hook::Expr(&[ExprKind::Call], option),
        Hook::Stmt(&[StmtKind::Assign], assign),
    ],
    file: file!(),
};

const NOTHING: &str = "loses messages without anybody hearing of it";
const LEADER: &str = "loses messages when the leader dies before it replicates";

/// The settings of librdkafka, which confluent-kafka-go passes on.
const CONFIG_MAPS: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap",
    "github.com/confluentinc/confluent-kafka-go/kafka.ConfigMap",
];

fn literal(cx: &mut Cx, composite: ExprId) {
    if cx.type_is(cx.ty(composite), CONFIG_MAPS) {
        return config_map(cx, composite);
    }
    let Some(elems) = cx.literal_of(composite, WRITER) else { return };
    if may_lose(cx, composite, cx.field(elems, "Topic")) {
        return;
    }
    cx.examined();
    if let Some(level) = cx.field(elems, "RequiredAcks") {
        return level_is(cx, level);
    }
    if cx.sets_any(composite, &["RequiredAcks"]) {
        return;
    }
    let at = head(cx, composite);
    let edit = cx.with_field(composite, &format!("RequiredAcks: {}.RequireAll", package(cx, composite)));
    cx.report(at, format!("this `{}` waits for no acknowledgement: `RequiredAcks` is not set", cx.source(at)))
        .note("the zero value is RequireNone: WriteMessages succeeds even when no broker keeps the message")
        .fix("Wait for all replicas", [edit]);
}

fn config_map(cx: &mut Cx, composite: ExprId) {
    let Expr::Composite { elems, .. } = cx.expr(composite) else { return };
    if cx.is_conditional(composite) || may_lose(cx, composite, None) {
        return;
    }
    for &elem in cx.exprs(elems) {
        let Expr::KeyValue { key, value } = cx.expr(elem) else { continue };
        if !cx.string_value(key).is_some_and(|key| matches!(&*key, "acks" | "request.required.acks")) {
            continue;
        }
        cx.examined();
        let text = cx.string_value(value);
        let why = match (text.as_deref(), cx.int_value(value)) {
            (Some("0"), _) | (_, Some(0)) => NOTHING,
            (Some("1"), _) | (_, Some(1)) => LEADER,
            _ => continue,
        };
        let edit = (cx.span(value), "\"all\"".to_owned());
        cx.report(value, format!("`{}` {why}", cx.source(value)))
            .note("wait for all in-sync replicas, and set min.insync.replicas on the topic")
            .fix("Wait for all replicas", [edit]);
    }
}

fn assign(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let ([target], [level]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return };
    let Expr::Selector { name, .. } = cx.expr(*target) else { return };
    if cx.source(name) != "RequiredAcks" || cx.is_conditional(stmt) {
        return;
    }
    cx.examined();
    level_is(cx, *level);
}

fn option(cx: &mut Cx, call: ExprId) {
    let Some(Call { callee: name, args: [level], .. }) = cx.call(call) else { return };
    if name.is(&["github.com/twmb/franz-go/pkg/kgo.RequiredAcks"]) && !cx.is_conditional(call) {
        cx.examined();
        level_is(cx, *level);
    }
}

/// Reports a level that is below all.
fn level_is(cx: &mut Cx, level: ExprId) {
    let name = match cx.expr(cx.unparen(level)) {
        Expr::Call { fun, .. } => fun,
        _ => level,
    };
    let Some(level) = cx.object(name).filter(|_| cx.is_qualified(name)) else { return level_has(cx, level) };
    let (why, all) = match level.name {
        "RequireNone" if level.path == "github.com/segmentio/kafka-go" => (NOTHING, "RequireAll"),
        "RequireOne" if level.path == "github.com/segmentio/kafka-go" => (LEADER, "RequireAll"),
        "NoResponse" if is_sarama(level.path) => (NOTHING, "WaitForAll"),
        "WaitForLocal" if is_sarama(level.path) => (LEADER, "WaitForAll"),
        "NoAck" if level.path == "github.com/twmb/franz-go/pkg/kgo" => (NOTHING, "AllISRAcks"),
        "LeaderAck" if level.path == "github.com/twmb/franz-go/pkg/kgo" => (LEADER, "AllISRAcks"),
        _ => return,
    };
    let Expr::Selector { name: short, .. } = cx.expr(name) else { return };
    let edit = (cx.span(short), all.to_owned());
    cx.report(name, format!("`{}` {why}", cx.source(name)))
        .note("wait for all in-sync replicas, and set min.insync.replicas on the topic")
        .fix("Wait for all replicas", [edit]);
}

/// Reports a constant of a level's type by its value: 0 waits for nobody, 1 for the leader (kafka-go and sarama alike).
fn level_has(cx: &mut Cx, level: ExprId) {
    const LEVELS: &[&str] = &[
        "github.com/segmentio/kafka-go.RequiredAcks",
        "github.com/IBM/sarama.RequiredAcks",
        "github.com/Shopify/sarama.RequiredAcks",
    ];
    let why = match cx.int_value(level) {
        Some(0) => NOTHING,
        Some(1) => LEADER,
        _ => return,
    };
    if cx.has_type(level, LEVELS) {
        cx.report(level, format!("`{}` {why}", cx.source(level)))
            .note("wait for all in-sync replicas, and set min.insync.replicas on the topic");
    }
}

/// Whether the topic, where it is written out, or the function is named after what may be lost.
fn may_lose(cx: &Cx, composite: ExprId, topic: Option<ExprId>) -> bool {
    let topic = topic.and_then(|topic| cx.string_value(topic));
    let func = cx.enclosing_decl(composite).and_then(|decl| cx.func_name(decl));
    let names = [topic.as_deref(), func];
    let lossy = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["log", "metric", "trace", "telemetry"].iter().any(|word| name.contains(word)) && !name.contains("catalog")
    };
    names.into_iter().flatten().any(lossy)
}
