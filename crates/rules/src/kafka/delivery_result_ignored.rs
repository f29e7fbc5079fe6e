//! Messages are sent asynchronously, and nobody learns which of them failed.
//!
//! An asynchronous producer returns before anything is sent. With kafka-go's `Async`, errors "are ignored since the caller will
//! not receive the returned value" (documentation of `Writer.Async`), unless `Completion` gets them; franz-go's `Produce`
//! reports to its promise only, and sarama's `AsyncProducer` to its `Errors` channel, unless `Return.Errors` is false. A
//! message that no broker took after the last attempt is then gone, and no one can store, retry or count it.
//!
//! Limits: of kafka-go, a `Completion` that another file sets for the writer is not known, and an `ErrorLogger` or a `Logger`
//! counts as somebody who learns of it. The Events channel of confluent-kafka-go may be read in another file, so its
//! absence is a question. An Errors channel of sarama that is drained without a look is not found. Topics and functions that are named after logs, metrics or traces, and modes that
//! a condition chooses, are left alone.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{
//! 		Addr:         kafka.TCP(addr),
//! 		Topic:        "orders",
//! 		RequiredAcks: kafka.RequireAll,
//! 		Async:        true,
//! 		//            ^^^^ nobody learns which messages this `kafka.Writer` fails to deliver, because it has `Async` and no `Completion`
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/twmb/franz-go/pkg/kgo"
//! func publish(ctx context.Context, client *kgo.Client, record *kgo.Record) {
//! 	client.Produce(ctx, record, nil)
//! 	//                          ^^^ the record has no promise, so nobody learns whether it is delivered
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string, failed func([]kafka.Message, error)) *kafka.Writer {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true}
//! 	w.Completion = failed // gets each batch with its error
//! 	return w
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string, logger kafka.Logger) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true, ErrorLogger: logger} // failures are logged
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string, async bool) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: async} // the caller decides
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "metrics", Async: true} // may be lost
//! }
//! ```
//!
//! # Impact
//!
//! Messages that no broker accepted disappear after the last attempt: the producer's own error counter, if it is
//! exported, is the only trace. During a leader election or when the buffer is full that can be thousands of messages.
//! A test points the producer at a closed port and expects to learn of the failure.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with no broker listening, the failure must reach a counter, a log or the caller
//! - `kafka-get-offsets.sh --bootstrap-server HOST:9092 --topic TOPIC`: the end offsets, compared with the number of
//!   messages that the service believes it has sent
//!
//! # Options
//!
//! - Handle the delivery report in the callback: stays asynchronous, and the handler needs to know which row the
//!   message was for
//!   - throughput, senior: batching is kept, losses are counted
//! - Send synchronously: the caller gets the error, and each message waits for its batch
//!   - backend, cloud-native: the request fails when its event does
//! - Write to an outbox and let a relay send: survives broker outages of any length, and delays events by the relay's
//!   interval
//!   - data: the event commits with the row
//!
//! # References
//!
//! - [Package kafka-go, Writer](https://pkg.go.dev/github.com/segmentio/kafka-go#Writer)
//! - [Package kgo, Client.Produce](https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#Client.Produce)
use gopeer_lint::prelude::*;
use gopeer_sema::value::Value;

use super::support::{WRITER, WRITER_CONFIG, may_lose, type_name, uses_kafka_go};

pub static RULE: Rule = Rule {
    id: "kafka/delivery-result-ignored",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3), (Concern::Errors, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::File(check), Hook::Call(PRODUCES, check_promise), Hook::Set(RETURNS_ERRORS, check_errors)],
    examines: "asynchronous kafka-go writers",
};

const PRODUCES: &[&str] =
    &["github.com/twmb/franz-go/pkg/kgo.Client.Produce", "github.com/twmb/franz-go/pkg/kgo.Client.TryProduce"];
const RETURNS_ERRORS: &[&str] =
    &["github.com/IBM/sarama.Config.Producer.Return.Errors", "github.com/Shopify/sarama.Config.Producer.Return.Errors"];

/// `client.Produce(ctx, record, nil)`
fn check_promise(cx: &mut Cx, call: Call) {
    let &[_, record, promise] = call.args else { return };
    let topic = cx.config(record).and_then(|record| cx.setting(record, "Topic").value());
    if may_lose(cx, call.expr, topic) {
        return;
    }
    cx.examined();
    if cx.is_builtin(promise, "nil") {
        cx.report(promise, "the record has no promise, so nobody learns whether it is delivered")
            .note("the promise gets the record and its error; `ProduceSync` waits for them");
    }
}

/// `config.Producer.Return.Errors = false`
fn check_errors(cx: &mut Cx, errors: Assigned) {
    if cx.is_conditional(errors.at) || may_lose(cx, errors.value, None) {
        return;
    }
    cx.examined();
    if cx.is_builtin(errors.value, "false") {
        cx.report(
            errors.value,
            "nobody learns which messages the producer fails to deliver, because `Return.Errors` is off",
        )
        .note("leave it on, and read the `Errors` channel: a failed message comes with its error");
    }
}

const CONFLUENT: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/kafka.Producer.Produce",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Produce",
];

/// `producer.Produce(message, nil)`, where the file does not read the producer's events.
fn check_events(cx: &mut Cx, call: Call) {
    let &[_, delivery] = call.args else { return };
    if may_lose(cx, call.expr, None) {
        return;
    }
    cx.examined();
    if cx.is_builtin(delivery, "nil") {
        cx.report(
            delivery,
            "nobody in this file learns whether the message is delivered, because it has no delivery channel",
        )
        .note("pass a channel, or read the producer's `Events`: a failed message comes with its error")
        .question();
    }
}

fn check(cx: &mut FileCx) {
    if !cx.pieces.iter().any(|piece| piece.tree.text().contains(".Events()")) {
        cx.each_piece(|cx| cx.calls_of(CONFLUENT).into_iter().for_each(|call| check_events(cx, call)));
    }
    let mut silent = !uses_kafka_go(cx);
    cx.each_piece(|cx| silent = silent || cx.tree.all_exprs().any(|(_, expr)| completes_another(cx, expr)));
    if silent {
        return;
    }
    // The old constructor takes no Completion, but the writer that it returns does.
    let completes = cx.pieces.iter().any(|piece| piece.tree.text().contains("Completion"));
    let made: &[&str] = if completes { &[WRITER] } else { &[WRITER, WRITER_CONFIG] };
    cx.each_piece(|cx| cx.configs(made).into_iter().for_each(|writer| check_writer(cx, writer)));
}

/// Whether an expression is `Completion` of a writer that its own piece does not show being made: one in a field, a
/// parameter, or the result of a function.
fn completes_another(cx: &Cx, expr: Expr) -> bool {
    matches!(expr, Expr::Selector { base, name } if cx.source(name) == "Completion" && cx.config(base).is_none())
}

fn check_writer(cx: &mut Cx, writer: Config) {
    let Some(value) = cx.setting(writer, "Async").value() else { return };
    let is_true = matches!(cx.constant_value(value), Some(Value::Bool(true)));
    if !is_true || cx.is_conditional(value) || may_lose(cx, writer.expr, cx.made_with(writer, "Topic").value()) {
        return;
    }
    cx.examined();
    if !cx.may_set(writer, &["Completion", "ErrorLogger", "Logger"]) {
        let at = type_name(cx, writer);
        let message = format!(
            "nobody learns which messages this `{at}` fails to deliver, because it has `Async` and no `Completion`"
        );
        cx.report(value, message)
            .note("`WriteMessages` returns before it sends; `Completion` gets each batch and its error");
    }
}
