//! A message is published to JetStream asynchronously, and nothing looks at the answer.
//!
//! `PublishAsync` returns an error only if the message could not be sent. Whether the server has stored it comes later, by
//! the future that it returns: no stream for the subject, a full stream, a timeout and a lost leader are all errors of the
//! future. Keep the futures and look at `Err()` after `PublishAsyncComplete`, set `PublishAsyncErrHandler` when the JetStream
//! context is made, or use `Publish`, which waits for the answer.
//!
//! Limits: a future that is kept in a variable counts as looked at. So does a package that mentions `PublishAsyncComplete` or
//! an error handler, wherever that is.
//!
//! ```go bad
//! import "github.com/nats-io/nats.go"
//!
//! func publish(js nats.JetStreamContext, orders [][]byte) error {
//! 	for _, order := range orders {
//! 		if _, err := js.PublishAsync("orders.new", order); err != nil {
//! 		//           ^^^^^^^^^^^^^^^ nothing looks at what the server answers to `js.PublishAsync`
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! import "github.com/nats-io/nats.go"
//!
//! func publish(js nats.JetStreamContext, orders [][]byte) error {
//! 	futures := make([]nats.PubAckFuture, 0, len(orders))
//! 	for _, order := range orders {
//! 		future, err := js.PublishAsync("orders.new", order)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		futures = append(futures, future) // looked at below
//! 	}
//! 	for _, future := range futures {
//! 		select {
//! 		case <-future.Ok():
//! 		case err := <-future.Err():
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//!
//! func publishOne(js nats.JetStreamContext, order []byte) error {
//! 	_, err := js.Publish("orders.new", order) // waits for the answer
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! Messages that the server refused, or never got, are missing, and the publisher has counted them as sent. It happens when a
//! stream is full or elects a leader, that is, under load and during rollouts, and at the end of the process, when the last
//! ones are still on their way.
//!
//! # Verify
//!
//! - `nats stream info STREAM`: compare the number of messages with what the publisher has counted
//! - `go test -run {test} {package}`: publish to a subject that no stream has; something has to fail
//!
//! # Options
//!
//! - `Publish`, which waits for each answer: the simplest, and one round trip for each message
//!   - senior, backend: the error is where the message is
//! - `PublishAsync`, then `PublishAsyncComplete` and the `Err()` of each future: as fast as before, and a batch knows what failed
//!   - throughput, data: what was not stored can be sent again
//! - An error handler for the whole context: for what may be lost but has to be counted
//!   - cloud-native: the handler feeds the metric that somebody is paged for
//!
//! # References
//!
//! - [NATS, "JetStream publishing"](https://docs.nats.io/nats-concepts/jetstream)
//! - [Package nats, JetStream](https://pkg.go.dev/github.com/nats-io/nats.go#JetStream)
use gopeer_lint::prelude::*;

use super::support::drops_first;

pub static RULE: Rule = Rule {
    id: "messaging/nats-async-publish-unchecked",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3), (Concern::Errors, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "asynchronous publishes",
};

/// The packages whose interfaces have these methods, by themselves or by others that they embed.
const PACKAGES: &[&str] = &["github.com/nats-io/nats.go", "github.com/nats-io/nats.go/jetstream"];

fn check(cx: &mut Cx, call: ExprId) {
    const HANDLED: &[&str] = &["PublishAsyncComplete", "PublishAsyncErrHandler"];
    let Some(publish) = cx.call(call).filter(|call| matches!(call.callee.name, "PublishAsync" | "PublishMsgAsync"))
    else {
        return;
    };
    if !PACKAGES.contains(&publish.callee.path) {
        return;
    }
    cx.examined();
    if !drops_first(cx, publish.expr) || cx.package_mentions(HANDLED) != Some(false) {
        return;
    }
    let publishes = cx.source(publish.fun);
    cx.report(publish.fun, format!("nothing looks at what the server answers to `{publishes}`")).note(
        "its error says only that the message could not be sent; whether it was stored comes back on the `PubAckFuture`",
    );
}
