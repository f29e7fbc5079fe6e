//! Nobody learns whether an asynchronous kafka-go writer has delivered its messages.
//!
//! With `Async`, WriteMessages returns before anything is sent. The documentation of the field says that "errors are
//! ignored since the caller will not receive the returned value": a message that no broker took after the last attempt is
//! gone, and the error that WriteMessages does return speaks of the arguments and of the lookup of the topic only. Set
//! `Completion`, which gets each batch with its error, and store, retry or count what failed there; or write
//! synchronously.
//!
//! Silent for topics and functions that are named after logs, metrics or traces, where a condition chooses the mode, where
//! the writer is handed to a function that may complete it, and with an `ErrorLogger` or a `Logger`, which are told of each
//! failed attempt.
//!
//! Limits: `Completion` counts wherever the file sets it for a writer that is not a local variable, and for no other writer
//! if another file does. The old `kafka.NewWriter` is not looked into, nor is `Async` of a writer that came as a parameter.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{
//! 		Addr:         kafka.TCP(addr),
//! 		Topic:        "orders",
//! 		RequiredAcks: kafka.RequireAll,
//! 		Async:        true,
//! 		//            ^^^^ nobody learns which messages this `kafka.Writer` fails to deliver: `Async` without `Completion`
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func writers(addr string, async bool, failed func([]kafka.Message, error), logger kafka.Logger) []*kafka.Writer {
//! 	told := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true, Completion: failed}
//! 	later := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true}
//! 	later.Completion = failed
//! 	logged := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true, ErrorLogger: logger} // failures are logged
//! 	chosen := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: async}                     // the caller decides
//! 	waits := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: false}                      // returns the error
//! 	metrics := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "metrics", Async: true}                    // may be lost
//! 	given := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true}
//! 	complete(given) // may set Completion
//! 	return []*kafka.Writer{told, later, logged, chosen, waits, metrics, given}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! type producer struct{ writer *kafka.Writer }
//! func newProducer(addr string) *producer {
//! 	p := &producer{writer: &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", Async: true}}
//! 	p.writer.Completion = p.delivered // a method of what holds the writer
//! 	return p
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::value::Value;

use super::support::{WRITER, may_lose, uses_kafka_go};

pub static RULE: Rule = Rule {
    id: "kafka/delivery-result-ignored",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Errors, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    file: file!(),
};

fn check(cx: &mut FileCx) {
    let mut silent = !uses_kafka_go(cx);
    cx.each_piece(|cx| silent = silent || cx.tree.all_exprs().any(|(_, expr)| completes_another(cx, expr)));
    if !silent {
        cx.each_piece(|cx| cx.configs(&[WRITER]).into_iter().for_each(|writer| check_writer(cx, writer)));
    }
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
        let at = cx.source(cx.head(writer));
        let message =
            format!("nobody learns which messages this `{at}` fails to deliver: `Async` without `Completion`");
        cx.report(value, message)
            .note("WriteMessages returns before it sends; Completion gets each batch and its error");
    }
}
