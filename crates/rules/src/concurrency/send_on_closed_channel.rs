//! A value can be sent on a channel that is closed already.
//!
//! A send on a closed channel panics (Go spec, "Send statements"), also in a `select`, and the panic is usually that of a goroutine
//! that nothing recovers: the process ends. Close a channel only when every sender is done: wait for them first, or let the only sender
//! close it. To tell senders to stop, close a channel of its own, or cancel a context.
//!
//! Limits: a goroutine that takes a lock is taken to know whether the channel is open.
//!
//! ```go bad
//! func scan(ctx context.Context, hosts []string) (open []string) {
//! 	found := make(chan string)
//! 	defer close(found)
//! 	for _, host := range hosts {
//! 		go func() {
//! 			if dial(host) {
//! 				found <- host
//! 				//<^^^^^ `scan` can close `found` before the goroutine sends
//! 			}
//! 		}()
//! 	}
//! 	for range hosts {
//! 		select {
//! 		case host := <-found:
//! 			open = append(open, host)
//! 		case <-ctx.Done():
//! 			return open
//! 		}
//! 	}
//! 	return open
//! }
//! ```
//! ```go good
//! func scan(ctx context.Context, hosts []string) (open []string) {
//! 	found := make(chan string)
//! 	var wg sync.WaitGroup
//! 	for _, host := range hosts {
//! 		wg.Go(func() {
//! 			if dial(host) {
//! 				select {
//! 				case found <- host:
//! 				case <-ctx.Done():
//! 				}
//! 			}
//! 		})
//! 	}
//! 	go func() {
//! 		wg.Wait() // every sender is done
//! 		close(found)
//! 	}()
//! 	for host := range found {
//! 		open = append(open, host)
//! 	}
//! 	return open
//! }
//! ```
use gopeer_lint::Wrong;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/send-on-closed-channel",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
    examines: "channels that are closed",
};

fn check(cx: &mut Cx, call: ExprId) {
    if cx.made_capacity(call).is_none() {
        return;
    }
    let Some(channel) = cx.channel(call) else { return };
    if !channel.ops().iter().any(|op| op.closes()) {
        return;
    }
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(found) = cx.misused(&channel, Wrong::SentAfterClose) {
        let message = format!("`{name}` is closed already where this value is sent");
        cx.report(found.at, message).steps(found.steps).note("a send on a closed channel panics");
        return;
    }
    let Some(found) = cx.closed_early(&channel) else { return };
    let func = cx.func_in_words(channel.declared);
    let message = format!("{func} can close `{name}` before the goroutine sends");
    cx.report(found.send, message).steps(found.steps).note("a send on a closed channel panics");
}
