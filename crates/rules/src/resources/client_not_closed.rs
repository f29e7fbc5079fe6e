//! A client, a subscription or a channel of a message broker is made here and not closed on every path.
//!
//! A client of a database or a broker has connections, and goroutines that keep them alive; they stay after the last reference to
//! the client is gone. A constructor that fails after it has connected leaves one client behind for each attempt, and a
//! subscription without an owner receives messages for nobody. Close what has been opened before an error is returned, or
//! defer the call where the function uses the client itself.
//!
//! Limits: a client that is returned, stored, used in a closure, or passed to a function that may keep or close it is left alone:
//! somebody else may close it. A subscription of NATS lasts as long as its connection; it is reported where a request asks for it.
//! Tests and `main` are left out.
//!
//! ```go bad
//! package main
//!
//! import amqp "github.com/rabbitmq/amqp091-go"
//!
//! func connect(url string) (*Publisher, error) {
//! 	conn, err := amqp.Dial(url)
//! //<^^^^ `conn` is not closed on every path out of `connect`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	channel, err := conn.Channel()
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return &Publisher{conn: conn, channel: channel}, nil
//! }
//!
//! type Publisher struct {
//! 	conn    *amqp.Connection
//! 	channel *amqp.Channel
//! }
//! ```
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"github.com/redis/go-redis/v9"
//! )
//!
//! func wait(ctx context.Context, client *redis.Client, name string) error {
//! 	freed := client.Subscribe(ctx, name)
//! //<^^^^^ `freed` is never closed
//! 	_, err := freed.ReceiveMessage(ctx)
//! 	return err
//! }
//! ```
//! ```diff fixed
//! +	defer freed.Close()
//! ```
//! ```go good
//! package main
//!
//! import "github.com/nats-io/nats.go"
//!
//! func connect(url string) (*Consumer, error) {
//! 	conn, err := nats.Connect(url)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	consumer := &Consumer{conn: conn}
//! 	// It lasts as long as the connection.
//! 	if _, err := conn.Subscribe("orders", consumer.handle); err != nil {
//! 		conn.Close()
//! 		return nil, err
//! 	}
//! 	return consumer, nil
//! }
//!
//! type Consumer struct{ conn *nats.Conn }
//!
//! func (c *Consumer) handle(message *nats.Msg) {}
//! ```
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: `goleak.VerifyNone(t)` lists the goroutines that keep the connections alive
//!
//! # References
//!
//! - [Managing connections](https://go.dev/doc/database/manage-connections)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/client-not-closed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Acquire("client", client),
        Hook::Acquire("subscription", subscription),
        Hook::Acquire("channel", channel),
    ],
    examines: "clients and subscriptions",
};

fn client(cx: &mut Cx, client: &Resource) {
    kept(cx, client, "its connections, and the goroutines that serve them, stay until the process ends");
}

fn channel(cx: &mut Cx, channel: &Resource) {
    kept(cx, channel, "it stays open, here and at the broker, until its connection is closed");
}

fn kept(cx: &mut Cx, client: &Resource, note: &'static str) {
    cx.examined();
    let Some(leak) = cx.leak(client) else { return };
    // What returns its client on some path is a constructor: where it fails is not where it would be deferred.
    let leak = if leak.never { leak } else { leak.without_fix() };
    let severity = if leak.is_at_start(cx, client) { Severity::Low } else { Severity::Medium };
    leak.report(cx, client).severity(severity).note(note);
}

fn subscription(cx: &mut Cx, subscription: &Resource) {
    cx.examined();
    // With its connection, a subscription of NATS ends as well.
    let lasts = subscription.call.callee.path.starts_with("github.com/nats-io/");
    if lasts && !cx.answers_requests(subscription.call.expr) {
        return;
    }
    let Some(leak) = cx.leak(subscription) else { return };
    // Where asking for it has failed, none may come.
    let note = (!leak.fails).then(|| "the subscription stays, and messages keep coming that nobody reads".to_owned());
    leak.report(cx, subscription).notes(note);
}
