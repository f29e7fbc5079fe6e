//! Messages carry keys that the writer's balancer ignores.
//!
//! kafka-go's `Writer` deals messages out in turn unless it has a `Balancer`, as its documentation says, and
//! `RoundRobin` and `LeastBytes` do not look at keys either. Messages of one key then land in different partitions and
//! are consumed in any order, which is what the key was to prevent. `Hash` (as sarama), `Murmur2Balancer` (as the Java
//! client) and `CRC32Balancer` (as librdkafka) keep them together.
//!
//! Limits: the writer and its messages must be made in one file.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireAll}
//! 	//      ^^^^^^^^^^^^ this `kafka.Writer` has no `Balancer`, so the keys of its messages do not choose the partition
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
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, id, body []byte) error {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Balancer: kafka.Murmur2Balancer{}}
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
use gopeer_lint::prelude::*;

use super::support::{MESSAGE, WRITER, package, uses_kafka_go};

pub static RULE: Rule = Rule {
    id: "kafka/key-ignored-by-balancer",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 2), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    file: file!(),
};

fn check(cx: &mut FileCx) {
    if !uses_kafka_go(cx) {
        return;
    }
    let mut keyed = false;
    cx.each_piece(|cx| {
        let key = |message| cx.setting(message, "Key").value();
        keyed = keyed || cx.configs(&[MESSAGE]).into_iter().filter_map(key).any(|key| !cx.is_builtin(key, "nil"));
    });
    if keyed {
        cx.each_piece(|cx| cx.configs(&[WRITER]).into_iter().for_each(|writer| check_writer(cx, writer)));
    }
}

fn check_writer(cx: &mut Cx, writer: Config) {
    cx.examined();
    match cx.setting(writer, "Balancer") {
        Setting::Unset(_) => {
            let at = cx.head(writer);
            let edit = cx.with_setting(writer, "Balancer", &format!("&{}.Hash{{}}", package(cx, at)));
            let writer = cx.source(at);
            let message =
                format!("this `{writer}` has no `Balancer`, so the keys of its messages do not choose the partition");
            cx.report(at, message).note(WHY).fix("Balance by key", edit);
        }
        Setting::Set(balancer) => {
            let Some(made) = cx.config(balancer) else { return };
            let at = cx.head(made);
            if cx
                .has_type(at, &["github.com/segmentio/kafka-go.LeastBytes", "github.com/segmentio/kafka-go.RoundRobin"])
            {
                let edit = (cx.span(balancer), format!("&{}.Hash{{}}", package(cx, at)));
                cx.report(at, format!("`{}` ignores the keys of the messages", cx.source(at)))
                    .note(WHY)
                    .fix("Balance by key", [edit]);
            }
        }
        Setting::Unknown => {}
    }
}

const WHY: &str = "messages of one key spread over all partitions and lose their order";
