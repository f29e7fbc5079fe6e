//! A loop that fetches messages goes on after any error, without a wait and without looking whether it is to end.
//!
//! Once the context is canceled or the reader is closed, each fetch fails at once (`context canceled`, `io.EOF`). The loop then spins
//! on a full core and fills the log until the process is killed, and the shutdown that waits for it never ends. While the brokers cannot
//! be reached, it does the same. Return on `ctx.Err() != nil` and on `io.EOF`, and wait with a growing delay after other errors.
//!
//! Limits: loops around `FetchMessage` and `ReadMessage` of kafka-go, around `Receive` of pulsar, `ReceiveMessage` of SQS, and
//! `Fetch` and `Next` of JetStream. A branch that asks anything but whether there is an error, or a result, is taken to end the loop.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, handle func(kafka.Message)) {
//! 	for {
//! 		msg, err := reader.ReadMessage(ctx)
//! 		//          ^^^^^^^^^^^^^^^^^^ the loop calls `reader.ReadMessage` again at once after an error
//! 		if err != nil {
//! 			slog.Error("read", "err", err)
//! 			continue
//! 		}
//! 		handle(msg)
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/aws/aws-sdk-go-v2/service/sqs"
//!
//! type queue interface {
//! 	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
//! }
//!
//! func run(ctx context.Context, q queue, in *sqs.ReceiveMessageInput, handle func(*sqs.ReceiveMessageOutput)) {
//! 	for ctx.Err() == nil {
//! 		out, err := q.ReceiveMessage(ctx, in)
//! 		//          ^^^^^^^^^^^^^^^^ medium: the loop calls `q.ReceiveMessage` again at once after an error
//! 		if err != nil {
//! 			slog.Error("receive", "err", err)
//! 			continue
//! 		}
//! 		handle(out)
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, handle func(kafka.Message)) {
//! 	for {
//! 		msg, err := reader.ReadMessage(ctx)
//! 		if err != nil {
//! 			// It ends with the context.
//! 			if ctx.Err() != nil {
//! 				return
//! 			}
//! 			slog.Error("read", "err", err)
//! 			time.Sleep(time.Second)
//! 			continue
//! 		}
//! 		handle(msg)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! While no broker answers, or after shutdown has begun, the loop takes a core and writes thousands of log lines a
//! second; the log pipeline is often the first to fail. The pod ignores SIGTERM until it is killed, so its group
//! membership ends by timeout and the rebalance takes longer. A test cancels the context and waits for the loop to
//! return.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: cancel the context; the function has to return
//! - `kubectl logs deploy/NAME --since=10s | sort | uniq -c | sort -rn | head`: one line repeated thousands of times is
//!   this loop
//!
//! # Options
//!
//! - Return on a canceled context and wait with a growing delay otherwise: rides out a broker restart, and a permanent
//!   fault still needs an alert
//!   - senior, data, throughput: transient and final errors part where they occur
//! - Return every error and let the orchestrator restart the process: little code, and each restart costs a rebalance
//!   - cloud-native: crash loops are already watched
//! - Count consecutive failures and fail the readiness probe: keeps the process for diagnosis, with one more state to
//!   test
//!   - backend: the state is visible and can be asserted
//!
//! # References
//!
//! - [Package kafka-go, Reader](https://pkg.go.dev/github.com/segmentio/kafka-go#Reader)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/consumer-error-loop",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::FETCH, check)],
    examines: "loops that fetch messages",
};

const FETCHES: &[&str] = &[
    "github.com/segmentio/kafka-go.Reader.FetchMessage",
    "github.com/segmentio/kafka-go.Reader.ReadMessage",
    "github.com/apache/pulsar-client-go/pulsar.Consumer.Receive",
    "github.com/aws/aws-sdk-go-v2/service/sqs.Client.ReceiveMessage",
    "github.com/nats-io/nats.go/jetstream.Consumer.Fetch",
    "github.com/nats-io/nats.go/jetstream.Consumer.Next",
    "github.com/nats-io/nats.go/jetstream.MessagesContext.Next",
];

fn check(cx: &mut Cx, call: Call) {
    // An interface of the project may repeat a client's method.
    let repeats = cx.is_own(&call.callee) && cx.effects(call.expr) == Effects::FETCH;
    let named = |full: &&str| full.rsplit('.').next() == Some(call.callee.name);
    let fetches = call.callee.is(FETCHES) || repeats && FETCHES.iter().any(named);
    if !fetches {
        return;
    }
    cx.examined();
    let Some(steps) = cx.repeats_at_once(call) else { return };
    let fetch = cx.source(call.fun);
    let ends = cx.enclosing_loop(call.expr).is_some_and(|looping| match cx.stmt(looping) {
        Stmt::For { cond: Some(cond), .. } => cx.asks_for_context(cond),
        _ => false,
    });
    let by_sqs = call.callee.name == "ReceiveMessage";
    let (why, advice) = match ends {
        true if by_sqs => (
            "the SDK waits between attempts only for errors that it retries: with missing rights or a wrong queue, every call fails \
             immediately, and the loop floods the log",
            "wait with a growing delay after an error, or until the context ends",
        ),
        true => (
            "while the server cannot be reached, calls may fail at once: the loop then uses a full core and floods the log",
            "wait with a growing delay after an error, or until the context ends",
        ),
        false => (
            "once the context is canceled or the client is closed, every call fails immediately: the loop uses a full core and floods \
             the log, and whoever waits for it to end waits forever",
            "return if `ctx.Err() != nil`, and wait with a growing delay after other errors",
        ),
    };
    cx.report(call.fun, format!("the loop calls `{fetch}` again at once after an error"))
        .severity(if ends && by_sqs { Severity::Medium } else { Severity::High })
        .steps(steps)
        .note(why)
        .note(advice);
}
