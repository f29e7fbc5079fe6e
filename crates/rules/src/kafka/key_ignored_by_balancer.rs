//! Messages carry keys that do not choose the partition.
//!
//! Messages of one key stay in order only when they go to one partition. kafka-go's `Writer` sends messages round robin unless
//! it has a `Balancer`, as its documentation says, and `RoundRobin` and `LeastBytes` ignore keys; so do the round-robin and
//! random partitioners of sarama and franz-go. Messages of one key are then consumed in any order, which is what the key was
//! to prevent. kafka-go's `Hash` (as sarama), `Murmur2Balancer` (as the Java client) and `CRC32Balancer` (as librdkafka) keep
//! them together.
//!
//! Limits: the producer and its messages must be made in one file. A balancer of one's own is not looked at, and of
//! librdkafka only `partitioner` in a literal.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireAll}
//! 	//      ^^^^^^^^^^^^ this `kafka.Writer` has no `Balancer`, so it ignores the keys of the messages
//! }
//! func publish(ctx context.Context, w *kafka.Writer, id, body []byte) error {
//! 	return w.WriteMessages(ctx, kafka.Message{Key: id, Value: body})
//! }
//! ```
//! ```diff fixed
//! -	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireAll}
//! +	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireAll, Balancer: &kafka.Hash{}}
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, messages [][]byte) error {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Balancer: &kafka.LeastBytes{}, RequiredAcks: kafka.RequireAll}
//! 	//                                                   ^^^^^^^^^^^^^^^^ `kafka.LeastBytes` ignores the keys of the messages
//! 	return w.WriteMessages(ctx, kafka.Message{Key: messages[0], Value: messages[1]})
//! }
//! ```
//! ```diff fixed
//! -	w := &kafka.Writer{Addr: kafka.TCP(addr), Balancer: &kafka.LeastBytes{}, RequiredAcks: kafka.RequireAll}
//! +	w := &kafka.Writer{Addr: kafka.TCP(addr), Balancer: &kafka.Hash{}, RequiredAcks: kafka.RequireAll}
//! ```
//! ```go bad
//! import "github.com/IBM/sarama"
//! func config() *sarama.Config {
//! 	config := sarama.NewConfig()
//! 	config.Producer.Partitioner = sarama.NewRoundRobinPartitioner
//! 	//                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `sarama.NewRoundRobinPartitioner` ignores the keys of the messages
//! 	return config
//! }
//! func message(id string) *sarama.ProducerMessage {
//! 	return &sarama.ProducerMessage{Topic: "orders", Key: sarama.StringEncoder(id)}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, id, body []byte) error {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Balancer: kafka.Murmur2Balancer{}} // by key, as the Java client
//! 	return w.WriteMessages(ctx, kafka.Message{Key: id, Value: body})
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, body []byte) error {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr)} // no keys: any partition will do
//! 	return w.WriteMessages(ctx, kafka.Message{Value: body})
//! }
//! ```
//!
//! # Impact
//!
//! Events of one entity are spread over partitions and consumed in any order: "canceled" before "created", an old
//! address over a new one. It depends on which consumer is faster, so it comes and goes with load. With one partition,
//! as on most laptops, it cannot happen.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: call the balancer with one key and several partitions; it must answer the same
//!   each time
//! - `kcat -b HOST:9092 -t TOPIC -C -e -f '%p %k\n' | sort -u | awk '{print $2}' | sort | uniq -d`: lists keys that are
//!   found in more than one partition
//!
//! # Options
//!
//! - Use `Hash`: what sarama uses by default, so both Go clients agree
//!   - senior, throughput: the least to explain within one team
//! - Use `Murmur2Balancer`: agrees with producers on the JVM and their tools
//!   - data, cloud-native, backend: whoever joins on the key later finds it in the same partition
//! - Use `CRC32Balancer`: agrees with librdkafka, so with producers in Python or C
//!
//! # References
//!
//! - [Package kafka-go, Balancer](https://pkg.go.dev/github.com/segmentio/kafka-go#Balancer)
use gopeer_lint::prelude::*;

use super::support::{MESSAGE, WRITER, WRITER_CONFIG, package, type_name};

pub static RULE: Rule = Rule {
    id: "kafka/key-ignored-by-balancer",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 2), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "writers of messages with keys",
};

/// What deals messages out without a look at their keys.
const IGNORES_KEYS: &[&str] = &[
    "github.com/IBM/sarama.NewRandomPartitioner",
    "github.com/IBM/sarama.NewRoundRobinPartitioner",
    "github.com/Shopify/sarama.NewRandomPartitioner",
    "github.com/Shopify/sarama.NewRoundRobinPartitioner",
    "github.com/twmb/franz-go/pkg/kgo.LeastBackupPartitioner",
    "github.com/twmb/franz-go/pkg/kgo.RoundRobinPartitioner",
];
const MESSAGES: &[&str] = &[
    MESSAGE,
    "github.com/IBM/sarama.ProducerMessage",
    "github.com/Shopify/sarama.ProducerMessage",
    "github.com/twmb/franz-go/pkg/kgo.Record",
    "github.com/confluentinc/confluent-kafka-go/kafka.Message",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Message",
];
const LIBRARIES: &[&str] = &[
    "github.com/segmentio/kafka-go",
    "github.com/IBM/sarama",
    "github.com/Shopify/sarama",
    "github.com/twmb/franz-go",
    "github.com/confluentinc/confluent-kafka-go",
];

fn check(cx: &mut FileCx) {
    if !cx.file.imports_any(LIBRARIES) {
        return;
    }
    let mut keyed = false;
    cx.each_piece(|cx| {
        let key = |message| cx.setting(message, "Key").value();
        keyed = keyed || cx.configs(MESSAGES).into_iter().filter_map(key).any(|key| !cx.is_builtin(key, "nil"));
    });
    if keyed {
        cx.each_piece(|cx| {
            cx.configs(&[WRITER, WRITER_CONFIG]).into_iter().for_each(|writer| check_writer(cx, writer));
            check_partitioners(cx);
        });
    }
}

fn check_partitioners(cx: &mut Cx) {
    let ignores = |(id, expr)| match expr {
        Expr::Selector { .. } => cx.denotes(id, IGNORES_KEYS).then_some(id),
        // Of librdkafka, in a `ConfigMap`.
        Expr::KeyValue { key, value } => {
            let is = |expr, text: &str| cx.string_value(expr).as_deref() == Some(text);
            (is(key, "partitioner") && is(value, "random")).then_some(value)
        }
        _ => None,
    };
    let found: Vec<ExprId> = cx.tree.all_exprs().filter_map(ignores).collect();
    for at in found {
        cx.examined();
        cx.report(at, format!("`{}` ignores the keys of the messages", cx.source(at))).note(WHY);
    }
}

fn check_writer(cx: &mut Cx, writer: Config) {
    cx.examined();
    let at = cx.head(writer);
    let package = package(cx, at);
    let by_key = [("Hash", "&"), ("Murmur2Balancer", ""), ("CRC32Balancer", "")]
        .map(|(name, address)| (format!("Use `{name}`"), format!("{address}{package}.{name}{{}}")));
    match cx.setting(writer, "Balancer") {
        Setting::Unset(_) => {
            let fixes = by_key.map(|(title, made)| (title, cx.with_setting(writer, "Balancer", &made)));
            let name = type_name(cx, writer);
            let message = format!("this `{name}` has no `Balancer`, so it ignores the keys of the messages");
            let report = cx.report(at, message).note(WHY);
            fixes.into_iter().fold(report, |report, (title, edit)| report.fix(title, edit));
        }
        Setting::Set(balancer) => {
            let Some(made) = cx.config(balancer) else { return };
            let (at, span) = (cx.head(made), cx.span(balancer));
            const IGNORE: &[&str] =
                &["github.com/segmentio/kafka-go.LeastBytes", "github.com/segmentio/kafka-go.RoundRobin"];
            if cx.has_type(at, IGNORE) {
                let report = cx.report(at, format!("`{}` ignores the keys of the messages", cx.source(at))).note(WHY);
                by_key.into_iter().fold(report, |report, (title, made)| report.fix(title, [(span, made)]));
            }
        }
        Setting::Unknown => {}
    }
}

const WHY: &str = "messages of one key are spread over all partitions, and are consumed in any order";
