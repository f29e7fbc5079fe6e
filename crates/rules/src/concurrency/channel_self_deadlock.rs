//! A channel operation blocks forever.
//!
//! On an unbuffered channel a send waits for a receiver, and a receive waits for a sender. Where the other side comes later in the same
//! goroutine, or in one that has not been started yet, nobody is there. The same holds for a full buffer, and for a nil channel, which
//! blocks every send and receive (Go spec, "Receive operator"). Start the other side first, or make room for all that is sent before.
//!
//! Limits: a capacity that is not constant is taken to suffice. Of the channels of fields, only two are looked at by which a method feeds
//! workers and receives what they send.
//!
//! ```go bad
//! func first(values []int) int {
//! 	queue := make(chan int)
//! 	for _, v := range values {
//! 		queue <- v
//! 		//<^^^^^ this send on `queue` blocks forever: nobody receives before it
//! 	}
//! 	close(queue)
//! 	return <-queue
//! }
//!
//! func ready(start func()) {
//! 	var done chan bool
//! 	go func() {
//! 		start()
//! 		done <- true
//! 		//<^^^^ `done` is nil: no channel is ever made for it, so this blocks forever
//! 	}()
//! 	<-done
//! }
//! ```
//! ```go good
//! func first(values []int) int {
//! 	queue := make(chan int, len(values)) // there is room
//! 	for _, v := range values {
//! 		queue <- v
//! 	}
//! 	close(queue)
//! 	return <-queue
//! }
//!
//! func either(a, b <-chan int, quit <-chan bool) (sum int) {
//! 	var never chan int // a nil channel: the case is switched off
//! 	select {
//! 	case n := <-a:
//! 		return n
//! 	case n := <-never:
//! 		return n
//! 	case <-quit:
//! 		return 0
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_lint::{Channel, Jam, Pool, Wrong};

pub static RULE: Rule = Rule {
    id: "concurrency/channel-self-deadlock",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Decl(&[DeclKind::Value], nil), Hook::Stmt(&[StmtKind::Send], feeds)],
    file: file!(),
    examines: "channels that a function makes",
};

fn check(cx: &mut Cx, channel: &Channel) {
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(found) = cx.misused(channel, Wrong::SendBlocks) {
        let message = format!("this send on `{name}` blocks forever: nobody receives before it");
        cx.report(found.at, message).steps(found.steps);
    } else if let Some(found) = cx.misused(channel, Wrong::ReceiveBlocks) {
        let message = format!("this receive from `{name}` blocks forever: nobody sends before it");
        cx.report(found.at, message).steps(found.steps);
    } else if let Some(Jam { feed, results, steps }) = cx.jam(channel) {
        let func = cx.func_in_words(channel.declared);
        let results = cx.source(results);
        let message = format!(
            "{func} sends all of `{name}` before it receives from `{results}`, on which the goroutines wait that receive from `{name}`"
        );
        cx.report(feed, message).steps(steps).note(
            "feed the goroutines from a goroutine of its own, which closes the channel at the end, and receive the results meanwhile",
        );
    }
}

/// `var c chan T`, to which nobody assigns a channel.
fn nil(cx: &mut Cx, spec: DeclId) {
    let Decl::Value { names, values, .. } = cx.decl(spec) else { return };
    if !values.is_empty() {
        return;
    }
    for &declared in cx.exprs(names) {
        if matches!(cx.under(declared), Type::Chan { .. }) {
            cx.examined();
            if let Some(blocked) = cx.blocked_on_nil(declared) {
                let name = cx.source(declared);
                let message = format!("`{name}` is nil: no channel is ever made for it, so this blocks forever");
                let declaration = cx.span(declared);
                cx.report(blocked, message).note_at(declaration, "it is declared here, without a value");
            }
        }
    }
}

/// A function feeds workers by one field of a type, and receives what they send by another only afterwards.
fn feeds(cx: &mut Cx, send: StmtId) {
    let Stmt::Send { chan, .. } = cx.stmt(send) else { return };
    if cx.case_of(send).is_some() {
        return;
    }
    let Some(Pool { worker, results }) = cx.feeds_senders(chan) else { return };
    cx.examined();
    let (fed, results_at) = (cx.source(chan), cx.span(results));
    let name = cx.source(results);
    let func = cx.func_in_words(send);
    let message = format!("{func} sends all of `{fed}` before it receives from `{name}`, on which `{worker}` waits");
    let steps = vec![
        (
            cx.span(chan),
            format!(
                "{func} waits here until `{worker}` takes the value, which is itself waiting: nobody receives from `{name}` yet"
            ),
        ),
        (results_at, format!("{func} would receive from `{name}` here, and never gets that far")),
    ];
    cx.report(chan, message).steps(steps).note(
        "feed the workers from a goroutine of its own, which closes the channel at the end, and receive the results meanwhile",
    );
}
