//! Each message waits up to a second for a batch that nobody fills.
//!
//! kafka-go's `Writer` sends a batch when it is full (100 messages) or when its `BatchTimeout` has passed, one second unless
//! set, and `WriteMessages` blocks until then. A caller that writes one message at a time therefore waits about a second
//! for each, however fast the broker is. Lower `BatchTimeout`, set `BatchSize` to 1, pass several messages at once, or write
//! asynchronously with a `Completion` function.
//!
//! Limits: the writer and its calls must be in one file, and all calls there pass one message. Many goroutines that share the
//! writer fill its batches together; that they do is not seen.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, body []byte) error {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders"}
//! 	//    ^^^^^^^^^^^^ this `kafka.Writer` holds single messages back for one second, the default `BatchTimeout`
//! 	message := kafka.Message{Value: body}
//! 	return w.WriteMessages(ctx, message)
//! }
//! ```
//! ```diff fixed
//! -	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders"}
//! +	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", BatchTimeout: 10 * time.Millisecond}
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, bodies [][]byte) error {
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders"}
//! 	messages := make([]kafka.Message, 0, len(bodies))
//! 	for _, body := range bodies {
//! 		messages = append(messages, kafka.Message{Value: body})
//! 	}
//! 	return w.WriteMessages(ctx, messages...) // several at once
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func publish(ctx context.Context, addr string, body []byte) error {
//! 	// Waits 5 milliseconds for more.
//! 	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", BatchTimeout: 5 * time.Millisecond}
//! 	return w.WriteMessages(ctx, kafka.Message{Value: body})
//! }
//! ```
//!
//! # Impact
//!
//! Every message takes about a second, whatever the broker does; a request that writes three of them takes three.
//! Latency histograms have a peak at one second that no profile explains.
//!
//! # Verify
//!
//! - `go test -run none -bench {test} -benchtime 5x {package}`: about 1 s for each operation against a local broker
//!
//! # Options
//!
//! - Lower `BatchTimeout` to some milliseconds: one field, and small batches still form under load
//!   - senior, backend, data, cloud-native: latency falls, batching stays
//! - Collect messages and pass several at once: fewest requests, where they come in groups
//!   - throughput: cost per message instead of latency
//!
//! # References
//!
//! - [Package kafka-go, Writer](https://pkg.go.dev/github.com/segmentio/kafka-go#Writer)
use gopeer_lint::prelude::*;

use super::support::{WRITER, WRITER_CONFIG, type_name, uses_kafka_go};

pub static RULE: Rule = Rule {
    id: "kafka/single-message-batch-wait",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::DataLoss, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "kafka-go writers",
};

fn check(cx: &mut FileCx) {
    if !uses_kafka_go(cx) {
        return;
    }
    let (mut single, mut several) = (false, false);
    cx.each_piece(|cx| {
        for (id, expr) in cx.tree.all_exprs() {
            if let Expr::Call { spread, .. } = expr
                && let Some((_, "WriteMessages", args)) = cx.method_call(id)
            {
                // The parameter is variadic: one argument without `...` is one message.
                match args {
                    [_, _] if !spread => single = true,
                    _ => several = true,
                }
            }
        }
    });
    // With writes of both sorts in the file it is not certain which writer makes which.
    if single && !several {
        cx.each_piece(|cx| {
            cx.configs(&[WRITER, WRITER_CONFIG]).into_iter().for_each(|writer| check_writer(cx, writer));
        });
    }
}

fn check_writer(cx: &mut Cx, writer: Config) {
    cx.examined();
    // A batch of more than one is not full with the first.
    let fills = |size: ExprId| cx.int_value(size).is_none_or(|size| size == 1);
    let is_full = may_be(cx.setting(writer, "BatchSize"), fills);
    let is_async = may_be(cx.setting(writer, "Async"), |is_async| !cx.is_builtin(is_async, "false"));
    if is_full || is_async || cx.may_set(writer, &["BatchTimeout"]) {
        return;
    }
    let at = cx.head(writer);
    let edit = cx.with_setting(writer, "BatchTimeout", "10 * time.Millisecond");
    let message = format!(
        "this `{}` holds single messages back for one second, the default `BatchTimeout`",
        type_name(cx, writer)
    );
    cx.report(at, message)
        .note(
            "`WriteMessages` blocks until the batch is full or the time has passed, so each call takes about a second",
        )
        .fix("Wait 10 milliseconds for a batch", edit)
        .needing("time");
}

/// Whether a setting may have a value for which `f` holds; its default is not one.
fn may_be(setting: Setting, f: impl Fn(ExprId) -> bool) -> bool {
    match setting {
        Setting::Set(value) => f(value),
        Setting::Unset(_) => false,
        Setting::Unknown => true,
    }
}
