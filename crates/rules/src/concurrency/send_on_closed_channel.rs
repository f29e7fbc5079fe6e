//! A value can be sent on a channel that is closed already.
//!
//! A send on a closed channel panics (Go spec, "Send statements"), also in a `select`, and the panic is usually that of a goroutine
//! that nothing recovers: the process ends. Close a channel only when every sender is done: wait for them first, or let the only sender
//! close it. To tell senders to stop, close a channel of its own, or cancel a context.
//!
//! Limits: a goroutine or method that takes a lock, or asks a question of the same value before, is taken to know whether the channel is
//! open. Of fields, exported methods and handlers that send are compared with exported methods that close, such as `Stop`.
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
//!
//! # Idiom
//!
//! A channel is closed by its only sender, as a message to receivers; receivers never close. With several senders, a WaitGroup waits for
//! all of them, and the close comes after its `Wait`.
//!
//! # Impact
//!
//! The sender panics with "send on closed channel", usually in a goroutine that nothing recovers, and the process
//! exits. It needs the close to be faster than the last send: during shutdown, on an error, after a timeout. Each
//! deployment can trigger it; a unit test rarely does without `-race` or many runs.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 200 -cpu 1,4 {package}`: the race detector reports a send and a close that
//!   nothing orders, even in runs that do not panic
//! - `kubectl logs --previous deploy/NAME | grep -A 8 'send on closed channel'`: the stack is the sender's; who closed
//!   is not in it
//!
//! # Options
//!
//! - Close only after waiting for all senders: receivers see a clean end; one more goroutine waits
//!   - senior, data: nothing that was sent is lost
//! - Never close, and cancel a context instead: senders select on it and nothing can panic, but `range` over the
//!   channel no longer ends
//!   - cloud-native, throughput: one signal stops everybody
//! - Guard send and close with a mutex and a flag: works with many callers of a `Close` method, at the cost of a lock
//!   per send
//!   - backend: `Submit` after `Close` can return an error that a test checks
//!
//! # References
//!
//! - [Go spec, "Close"](https://go.dev/ref/spec#Close)
//! - [Go blog, "Go Concurrency Patterns: Pipelines and cancellation"](https://go.dev/blog/pipelines)
use super::support::ends_use;
use gopeer_lint::prelude::*;
use gopeer_lint::{Caller, Channel, FieldAct, FieldUse, Wrong};

pub static RULE: Rule = Rule {
    id: "concurrency/send-on-closed-channel",
    severity: Severity::Critical,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Stmt(&[StmtKind::Send], submitted)],
    examines: "channels that are closed",
};

fn check(cx: &mut Cx, channel: &Channel) {
    if !channel.is_closed() {
        return;
    }
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(found) = cx.misused(channel, Wrong::SentAfterClose) {
        let message = format!("`{name}` is closed already where this value is sent");
        cx.report(found.at, message).steps(found.steps).note("a send on a closed channel panics");
        return;
    }
    let Some(found) = cx.closed_early(channel) else { return };
    let func = cx.func_in_words(channel.declared);
    let message = format!("{func} can close `{name}` before the goroutine sends");
    cx.report(found.send, message).steps(found.steps).note("a send on a closed channel panics");
}

/// A method sends on a channel of a field, and another one, which ends the use of the value, closes it.
fn submitted(cx: &mut Cx, send: StmtId) {
    let Stmt::Send { chan, .. } = cx.stmt(send) else { return };
    let Some(decl) = cx.enclosing_decl(send).filter(|&decl| others_call(cx, decl)) else { return };
    let Some(name) = cx.func_name(decl).filter(|name| !ends_use(name)) else { return };
    let Some(uses) = cx.field_uses(chan) else { return };
    cx.examined();
    let closes = |used: &&FieldUse| {
        let closer = used.func_name();
        let ends = ends_use(closer) || lets_go(closer);
        used.act == FieldAct::Close && ends && closer.starts_with(char::is_uppercase) && !used.waited
    };
    let Some(close) = uses.iter().find(closes) else { return };
    let shared = uses.iter().any(|used| used.act == FieldAct::Other);
    if shared || cx.enclosing_func(send).map(|func| func.node) != Some(Node::Decl(decl)) || is_kept_apart(cx, chan) {
        return;
    }
    let closer = close.func_name();
    // Its comment says what may be called when.
    let says = |comment: &gopeer_syntax::Comment| {
        words(comment.body(cx.tree.text())).iter().any(|word| word.eq_ignore_ascii_case(closer))
    };
    let recovers = |node: Node| matches!(node, Node::Expr(id) if cx.is_builtin(id, "recover"));
    if cx.any(decl, true, recovers) || cx.limits_calls(decl) || cx.doc_comment(decl).iter().any(says) {
        return;
    }
    let channel = cx.source(chan);
    let message = format!("`{name}` can send on `{channel}` when `{closer}` has closed it");
    let at = cx.span(chan);
    let steps = vec![
        (at, format!("`{name}` gets here while `{closer}` runs, which closes `{channel}`")),
        (at, format!("a send on the closed `{channel}` panics")),
    ];
    let cause = crate::cause::in_package(cx, &close.func);
    // Callers may see to it that one comes after the other.
    let question = format!("Can `{name}` still run when `{closer}` closes `{channel}`? If so, the send panics.");
    cx.report(chan, message).severity(Severity::Medium).asks(question).steps(steps).one_cause(cause).note(format!(
        "let a mutex guard a flag that `{closer}` sets and `{name}` asks for, both around the send and the close; or leave the channel \
         open, close another one to say that it is over, and `select` between the two"
    ));
}

/// Whether the name of a method says that somebody leaves, whom others may still be sending to.
fn lets_go(name: &str) -> bool {
    const WORDS: &[&str] = &["detach", "disconnect", "evict", "leave", "remove", "unregister", "unsubscribe"];
    words(name).first().is_some_and(|first| WORDS.contains(&first.as_str()))
}

/// Whether something keeps a send from running once the channel is closed: a lock, or a question before it.
fn is_kept_apart(cx: &Cx, chan: ExprId) -> bool {
    cx.is_locked_at(chan)
        || cx.enclosing_func(chan).is_none_or(|func| cx.returns_before(func, chan, false))
        || cx.is_conditional(chan)
}

/// Whether a declaration is a method that others call: it is exported, or answers requests.
fn others_call(cx: &Cx, decl: DeclId) -> bool {
    let exported = cx.func_name(decl).is_some_and(|name| name.starts_with(char::is_uppercase));
    let answers = || cx.as_func(Node::Decl(decl)).is_some_and(|func| cx.caller(func) == Some(Caller::Client));
    cx.is_method(decl) && (exported || answers())
}
