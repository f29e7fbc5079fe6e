//! A goroutine sends on a channel, and the function that receives from it can return first.
//!
//! On an unbuffered channel, a send waits until somebody receives. When the function that receives has returned, because of a timeout,
//! a canceled context, an error or a first result, nobody ever will: the goroutine stays, with all that it refers to. Each request
//! that times out leaves one more behind, until memory runs out. A buffer with room for all that is sent lets each goroutine finish;
//! where many values are sent, `select` between the send and `ctx.Done()`.
//!
//! Limits: a channel is looked at where all that is done with it shows in the package: a variable holds it, a function returns it, or a
//! field has it that only functions of the package use. A capacity that is not constant is taken to suffice. What a sender says on
//! another channel, or in a variable that the receiver asks for, may tell that nothing more comes; then nothing is claimed.
//!
//! ```go bad
//! func quote(ctx context.Context, fetch func() (int, error)) (int, error) {
//! 	result := make(chan int)
//! 	go func() {
//! 		price, _ := fetch()
//! 		result <- price
//! 	//<^^^^^^ when `quote` returns first, nobody receives from `result`, and the goroutine that sends is stuck
//! 	}()
//! 	select {
//! 	case price := <-result:
//! 		return price, nil
//! 	case <-ctx.Done():
//! 		return 0, ctx.Err()
//! 	}
//! }
//! ```
//! ```diff fixed
//! -	result := make(chan int)
//! +	result := make(chan int, 1)
//! ```
//! ```go good
//! func quote(ctx context.Context, fetch func() (int, error)) (int, error) {
//! 	result := make(chan int, 1) // there is room for the one value
//! 	go func() {
//! 		price, _ := fetch()
//! 		result <- price
//! 	}()
//! 	select {
//! 	case price := <-result:
//! 		return price, nil
//! 	case <-ctx.Done():
//! 		return 0, ctx.Err()
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! A goroutine cannot be stopped from outside, so whoever starts one must know how it ends. A send that may lack a receiver gets a buffer
//! with room for it, or a `select` with `ctx.Done()` beside the send.
//!
//! # Impact
//!
//! Each time nobody receives any more, a goroutine stays blocked at this send, with its result and its buffers. Memory
//! grows until the pod is killed, fastest where a slow dependency makes callers give up. The goroutine profile has one
//! stack in `chan send` whose count never falls.
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | grep -B 1 -A 3 chansend`: the count in front of
//!   the stack grows with each such call
//! - `go test -race -run {test} {package}`: a test that takes this path and then calls `goleak.VerifyNone(t)` fails
//!   while the sender is stuck
//!
//! # Options
//!
//! - Give the channel room for every send: one number, and late results are collected with the channel; it costs the
//!   memory of what nobody reads
//!   - senior, throughput: no branch is added to the code that works
//! - Select between the send and `ctx.Done()`: right for a stream of values, and stops the work early; every send needs
//!   it
//!   - cloud-native, data: works for any number of values
//! - Return the values through an `errgroup`: waits for all goroutines, so nothing can leak, and the caller is as slow
//!   as the slowest
//!   - backend: the result of each call can be asserted
//!
//! # References
//!
//! - [Go spec, "Send statements"](https://go.dev/ref/spec#Send_statements)
//! - [Go blog, "Go Concurrency Patterns: Pipelines and cancellation"](https://go.dev/blog/pipelines)
use crate::context::at_hand::context_at;
use gopeer_lint::prelude::*;
use gopeer_lint::{Abandoned, Amount, Capacity, Channel, FieldAct, FieldUse, Lane, Stuck, Why};

pub static RULE: Rule = Rule {
    id: "concurrency/goroutine-leak-blocked-send",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &["semgrep:hanging-goroutine"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Stmt(&[StmtKind::Send], reply)],
    examines: "channels that goroutines send on",
};

fn check(cx: &mut Cx, channel: &Channel) {
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(Abandoned { send, lane, steps }) = cx.abandoned_send(channel) {
        let who = if lane == Lane::Own { cx.func_in_words(channel.declared) } else { "the goroutine".to_owned() };
        let message =
            format!("when the goroutines that receive from `{name}` return first, {who} is stuck when it sends");
        cx.report(send, message).steps(steps).note(
            "a `select` between the send and `ctx.Done()` gives up, if the receivers cancel the context when they return; or let them \
             receive the rest, and do nothing with it",
        );
        return;
    }
    let Some(Stuck { send, why, steps, sent }) = cx.stuck_send(channel) else { return };
    let message = match why {
        Why::Left => {
            let func = cx.func_in_words(channel.declared);
            format!("when {func} returns first, nobody receives from `{name}`, and the goroutine that sends is stuck")
        }
        Why::LeftBy(ref func) => {
            format!("when `{func}` returns first, nobody receives from `{name}`, and the goroutine that sends is stuck")
        }
        Why::Unreceived => format!("nobody receives from `{name}`, so the goroutine that sends is stuck"),
    };
    // What a function leaves when it returns first is one mistake, however many channels it has.
    let cause = crate::cause::in_function(cx, channel.declared);
    let end = cx.span(channel.made).end.saturating_sub(1);
    let fits = sent == Amount::ONE && channel.capacity == Capacity::Const(0) && !cx.source(channel.made).contains(',');
    let select = selects(cx, channel, send);
    let growth = cx.grows_with(channel.made);
    let report = cx.report(send, message).steps(steps).one_cause(cause).notes(growth);
    let report = match fits {
        true => report.fix("Give the channel room for every send", [(Span::new(end, end), ", 1".to_owned())]),
        false => report.note(
            "a buffer with room for all that is sent lets every goroutine finish, at the cost of the memory; a `select` between the \
             send and `ctx.Done()` ends them early, but the context must then be canceled whenever the function returns",
        ),
    };
    if let Some((context, edit)) = select {
        report.fix(format!("Select between the send and `{context}.Done()`"), [edit]);
    }
}

/// The edit that ends a send with the context whose end lets the function return, and that context.
fn selects(cx: &Cx, channel: &Channel, sent_on: ExprId) -> Option<(String, (Span, String))> {
    let send = cx.enclosing_stmt(sent_on)?;
    let Stmt::Send { chan, .. } = cx.stmt(send) else { return None };
    cx.place_in_list(send).filter(|_| chan == sent_on)?;
    let context = context_at(cx, channel.made)?;
    let ends = |&node: &Node| match node {
        Node::Expr(call) => matches!(cx.method_call(call), Some((of, "Done", [])) if cx.source(of) == context),
        _ => false,
    };
    cx.calls_within(channel.home.body, false).iter().take(256).find(|node| ends(node))?;
    let sender = cx.enclosing_func(send)?;
    let leaves = match cx.enclosing_loop(send) {
        Some(_) if !cx.results_of(sender).is_empty() => return None,
        Some(_) => format!("\n{}\treturn", cx.indent(send)),
        None => String::new(),
    };
    let (indent, text) = (cx.indent(send), cx.source(send));
    let select = format!("select {{\n{indent}case {text}:\n{indent}case <-{context}.Done():{leaves}\n{indent}}}");
    Some((context, (cx.span(send), select)))
}

/// A value is sent on the channel of a field, and the one function that receives from it can have left: it has asked with a request,
/// or it leaves its loop.
fn reply(cx: &mut Cx, send: StmtId) {
    let Stmt::Send { chan, .. } = cx.stmt(send) else { return };
    if cx.case_of(send).is_some() {
        return;
    }
    let Some(uses) = cx.field_uses(chan) else { return };
    cx.examined();
    if !FieldUse::is_unbuffered(&uses) {
        return;
    }
    let Some(receiver) = who_leaves(cx, send, &uses) else { return };
    // Once the receiver has closed the channel, the send panics, and waits for nobody.
    if uses.iter().any(|used| used.act == FieldAct::Close && used.func == receiver.func) {
        return;
    }
    let func = receiver.func_name();
    let channel = cx.source(chan);
    let message =
        format!("when `{func}` returns first, nobody receives from `{channel}`, and the goroutine that sends is stuck");
    let steps = vec![
        (cx.span(chan), format!("`{func}`, which would receive from `{channel}`, has already returned")),
        (cx.span(chan), format!("the goroutine waits here forever: `{channel}` has no buffer")),
    ];
    let remedy = match receiver.act {
        FieldAct::Range => {
            format!(
                "`select` between the send and a context that ends when `{func}` returns, or let `{func}` receive the rest"
            )
        }
        _ => format!("give the channel room for the one answer where `{func}` makes it: then the send never waits"),
    };
    // Whoever ends a loop for another reason than to stop may start it again.
    let again = receiver.act == FieldAct::Receive && receiver.fails && !makes(&receiver.func, &uses);
    let report = cx.report(chan, message).steps(steps).note(remedy);
    if again {
        report.question();
    }
}

/// Whether a function makes the channel of a field.
fn makes(func: &str, uses: &[FieldUse]) -> bool {
    uses.iter().any(|used| *used.func == *func && matches!(used.act, FieldAct::Make(_)))
}

/// What receives from the channel of a field and can leave before all has come: the only receive of a function that makes the channel
/// for one answer, or the only one of all while a goroutine of its own sends.
fn who_leaves<'u>(cx: &Cx, send: StmtId, uses: &'u [FieldUse]) -> Option<&'u FieldUse> {
    let receives = |used: &&FieldUse| matches!(used.act, FieldAct::Receive | FieldAct::Range);
    let alone = uses.iter().filter(receives).count() == 1 && !uses.iter().any(|used| used.act == FieldAct::Other);
    let own = cx.enclosing_decl(send).and_then(|decl| cx.func_name(decl));
    uses.iter().filter(|used| used.leaves).find(|used| match used.act {
        FieldAct::Receive => {
            let here = || uses.iter().filter(|other| other.func == used.func);
            let made = here().filter(|other| matches!(other.act, FieldAct::Make(_))).count();
            // Somebody else may be left to receive the answer.
            let others_make = || uses.iter().filter(receives).all(|other| makes(&other.func, uses));
            let once = here().filter(receives).count() == 1 && !used.inside && !used.continues;
            let asks = once && made == 1 && others_make();
            // A goroutine receives, and can end by itself.
            asks || alone && used.fails && own != Some(used.func_name()) && cx.is_started_anywhere(&used.func)
        }
        FieldAct::Range => alone && cx.runs_beside(send),
        _ => false,
    })
}
