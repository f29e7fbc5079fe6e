//! A producer that sends in the background is closed while messages still wait in its buffer.
//!
//! `Produce` of confluent-kafka-go and franz-go returns before anything is sent, and `Close` drops what is still buffered. At each
//! deployment the last messages are lost: the database says that the order was placed, and the topic has no event of it. Call `Flush`
//! with a bounded wait before `Close`, and look at what it says is left.
//!
//! Limits: a `Flush` anywhere in the package counts. Producers that wait for each delivery are left alone.
//!
//! ```go bad
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func run(ctx context.Context, events <-chan []byte) error {
//! 	client, err := kgo.NewClient(kgo.DefaultProduceTopic("orders"))
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer client.Close()
//! 	//    ^^^^^^^^^^^^ `client.Close` drops the messages that are still buffered, and nothing in this package calls `Flush`
//! 	for event := range events {
//! 		client.Produce(ctx, &kgo.Record{Value: event}, nil)
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func run(ctx context.Context, events <-chan []byte) error {
//! 	client, err := kgo.NewClient(kgo.DefaultProduceTopic("orders"))
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer client.Close()
//! 	for event := range events {
//! 		client.Produce(ctx, &kgo.Record{Value: event}, nil)
//! 	}
//! 	// What is buffered is sent.
//! 	return client.Flush(ctx)
//! }
//! ```
//!
//! # Impact
//!
//! Each deployment drops whatever is still in the producer's buffer: at a thousand messages a second and 50 ms of
//! linger that is some fifty per pod. Consumers never learn of them. A test produces one message, shuts down at once
//! and counts what the topic has.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: produce, close, and read the topic back; all messages must be there
//!
//! # References
//!
//! - [Package kgo, Client.Flush](https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#Client.Flush)
//! - [Package confluent-kafka-go,
//!   Producer.Flush](https://pkg.go.dev/github.com/confluentinc/confluent-kafka-go/v2/kafka#Producer.Flush)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/producer-not-flushed",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(CLOSES, check)],
    examines: "producers",
};

const CLOSES: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Close",
    "github.com/twmb/franz-go/pkg/kgo.Client.Close",
];
const PRODUCES: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Produce",
    "github.com/twmb/franz-go/pkg/kgo.Client.Produce",
    "github.com/twmb/franz-go/pkg/kgo.Client.TryProduce",
];
const FLUSHES: &[&str] = &[
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Flush",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Len",
    "github.com/twmb/franz-go/pkg/kgo.Client.BufferedProduceRecords",
    "github.com/twmb/franz-go/pkg/kgo.Client.Flush",
];

fn check(cx: &mut Cx, close: Call) {
    if cx.package_calls(PRODUCES) != Some(true) || waits_for_delivery(cx) {
        return;
    }
    cx.examined();
    if cx.package_calls(FLUSHES) != Some(false) {
        return;
    }
    let closes = cx.source(close.fun);
    cx.report(
        close.fun,
        format!("`{closes}` drops the messages that are still buffered, and nothing in this package calls `Flush`"),
    )
    .note("at each restart the last messages can be lost, although the caller saw no error")
    .note("call `Flush` with a bounded wait before it, and log how many messages are left");
}

/// Whether the package waits for what becomes of each message: by a channel, or a promise with one.
fn waits_for_delivery(cx: &Cx) -> bool {
    cx.package_mentions(&["deliveryChan", "delivery_chan", "chan kafka.Event", "ProduceSync"]) != Some(false)
}
