//! A channel operation blocks forever.
//!
//! On an unbuffered channel a send waits for a receiver, and a receive waits for a sender. Where the other side comes later in the same
//! goroutine, or in one that has not been started yet, nobody is there. The same holds for a full buffer, and for a nil channel, which
//! blocks every send and receive (Go spec, "Receive operator"). Start the other side first, or make room for all that is sent before.
//!
//! A timer has one value for each start: `if !t.Stop() { <-t.C }` waits forever where the value was received before.
//!
//! Limits: a capacity that is not constant is taken to suffice. Of the channels of fields, those are looked at that a constructor fills
//! before it starts anybody, that the one function which receives leads to a send on, that a goroutine waits for and closes itself when
//! it ends, and two by which a method feeds workers and receives what they send.
//!
//! ```go bad
//! func first(values []int) int {
//! 	queue := make(chan int)
//! 	for _, v := range values {
//! 		queue <- v
//! 		//<^^^^^ this send on `queue` blocks forever, because nobody receives before it
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
//! 		//<^^^^ this blocks forever, because no channel is ever made for `done`
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
//!
//! # Impact
//!
//! The goroutine never passes this operation, and neither does anything that waits for it. If every other goroutine is
//! blocked too, the runtime ends the program with "all goroutines are asleep - deadlock!"; a server that still listens
//! hangs without a message. A goroutine dump shows `[chan send]` or `[chan receive]` with this line and a waiting time
//! that only grows.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: the test that calls the function times out and prints the blocked
//!   goroutine's stack
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -A 8 'chan '`: lists what is blocked on
//!   channels, each with its line and since when
//!
//! # Options
//!
//! - Start the other side first: the channel stays unbuffered and still hands over, but the function now owns a
//!   goroutine that must end
//!   - senior, data: the hand-over itself says who has the value
//! - Make room for all that is sent: no second goroutine, as long as the number is known before the first send
//!   - throughput, backend: nothing to schedule, and a test needs no concurrency
//!
//! # References
//!
//! - [Go spec, "Send statements"](https://go.dev/ref/spec#Send_statements)
//! - [Go spec, "Receive operator"](https://go.dev/ref/spec#Receive_operator)
use gopeer_lint::prelude::*;
use gopeer_lint::{
    Channel, FieldAct, FieldUse, Jam, Next, Op, OpKind, Pool, State, Step, Values, WaitsForItself, Watch, Wrong,
};

pub static RULE: Rule = Rule {
    id: "concurrency/channel-self-deadlock",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Channel(check),
        Hook::Decl(&[DeclKind::Value], nil),
        Hook::Stmt(&[StmtKind::Send], feeds),
        Hook::Expr(&[ExprKind::Unary], drained),
        Hook::Piece(own_end),
    ],
    examines: "channels that a function makes",
};

fn check(cx: &mut Cx, channel: &Channel) {
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(found) = cx.misused(channel, Wrong::SendBlocks) {
        let message = format!("this send on `{name}` blocks forever, because nobody receives before it");
        cx.report(found.at, message).steps(found.steps);
    } else if let Some(found) = cx.misused(channel, Wrong::ReceiveBlocks) {
        let message = format!("this receive from `{name}` blocks forever, because nobody sends before it");
        cx.report(found.at, message).steps(found.steps);
    } else if let Some(Jam { feed, results, steps }) = cx.jam(channel) {
        let func = cx.func_in_words(channel.declared);
        let results = cx.source(results);
        let message = format!(
            "{func} sends all of `{name}` before it receives from `{results}`, and the receivers of `{name}` wait to send on `{results}`"
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
                let message = format!("this blocks forever, because no channel is ever made for `{name}`");
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
    if requeues(cx, send, chan) || fills(cx, send, chan) {
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
                "{func} waits here until `{worker}` takes the value, which is itself waiting, so nobody receives \
                 from `{name}` yet"
            ),
        ),
        (results_at, format!("{func} would receive from `{name}` here, and never gets that far")),
    ];
    cx.report(chan, message).steps(steps).note(
        "feed the workers from a goroutine of its own, which closes the channel at the end, and receive the results meanwhile",
    );
}

/// The one function that receives from the channel of a field leads to a send on it: where there is no room, it waits for itself.
fn requeues(cx: &mut Cx, send: StmtId, chan: ExprId) -> bool {
    let (Some(uses), Some(func)) = (cx.field_uses(chan), cx.enclosing_func(send)) else { return false };
    let Node::Decl(decl) = func.node else { return false };
    // Tokens are given back by whom they were taken from.
    if cx.carries_nothing(chan) {
        return false;
    }
    let receives = |used: &&FieldUse| matches!(used.act, FieldAct::Receive | FieldAct::Range);
    let mut receivers = uses.iter().filter(receives).filter(|used| used.continues);
    let Some(receiver) = receivers.next() else { return false };
    // Who empties the channel when all is over may be another one.
    let alone = uses.iter().filter(receives).all(|used| used.func == receiver.func || !used.continues);
    let known = alone && uses.iter().all(|used| used.act != FieldAct::Other);
    if !known || !cx.leads_here(&receiver.func, decl) || !cx.is_started_anywhere(&receiver.func) {
        return false;
    }
    let (channel, func) = (cx.source(chan), receiver.func_name());
    let message = format!("`{func}` gets here and waits for room in `{channel}`, which only `{func}` itself can make");
    cx.report(chan, message).note(format!(
        "send in a `select` with a `default` that does something else with the value; or let a goroutine of its own send, which `{func}` \
         does not wait for"
    ));
    true
}

/// A function puts more into the channel of a field that it has made than there is room for, before it starts anybody who could receive.
fn fills(cx: &mut Cx, send: StmtId, chan: ExprId) -> bool {
    let Some(room) = cx.filled_before_start(send, chan) else { return false };
    let (channel, func) = (cx.source(chan), cx.func_in_words(send));
    let message = format!(
        "{func} sends on `{channel}` before anything receives from it, and with more than {room} values this \
         blocks forever"
    );
    cx.report(chan, message).note("start what receives first, or hand over what is there already in another way");
    true
}

/// A goroutine gets to where somebody waits for the channel that it closes when it ends.
fn own_end(cx: &mut Cx) {
    for WaitsForItself { at, worker, ends, .. } in cx.waits_for_itself().into_iter().filter(|one| !one.group) {
        let (worker_name, channel) = (worker.rsplit('.').next().unwrap_or_default(), cx.source(at));
        let message = format!(
            "`{worker_name}` gets here in its goroutine, and waits for the channel that it closes itself when it ends"
        );
        let steps = vec![
            Step::from((cx.span(at), format!("`{channel}` waits for the end of `{worker_name}`"))),
            Step::within(worker.clone(), ends, "this would end the wait, and is never reached"),
        ];
        cx.report(at, message)
            .steps(steps)
            .note("let the goroutine say that it has to stop, and return; who started it waits");
    }
}

/// A timer is drained, `if !t.Stop() { <-t.C }`, on a path on which its value has been received already.
fn drained(cx: &mut Cx, receive: ExprId) {
    const MOST: usize = 16;
    let Some(timer) = timer_of(cx, receive) else { return };
    let Some(Node::Stmt(alone)) = cx.tree.parent(receive).filter(|node| matches!(node, Node::Stmt(_))) else { return };
    let Some(Node::Stmt(branch)) = cx.tree.parent(alone).and_then(|block| cx.tree.parent(block)) else { return };
    let Stmt::If { cond, .. } = cx.stmt(branch) else { return };
    let Expr::Unary { op: UnaryOp::Not, operand: stop } = cx.expr(cx.unparen(cond)) else { return };
    let stops = matches!(cx.method_call(stop), Some((of, "Stop", _)) if cx.same_text(of, timer));
    if !matches!(cx.stmt(alone), Stmt::Expr(_)) || !stops {
        return;
    }
    cx.examined();
    let Some(func) = cx.enclosing_func(receive) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    let received = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if timer_of(cx, id).is_some());
    let others = cx.within(func.body, false, received);
    for &node in others.iter().take(MOST) {
        let Node::Expr(other) = node else { continue };
        let same = timer_of(cx, other).is_some_and(|of| cx.same_text(of, timer));
        let Some(after) = followed.after_receive(other).filter(|_| same && other != receive) else { continue };
        let mut start = cx.start(&followed, after);
        let mut watch = Drained { cx, timer, receive };
        let Some(found) = cx.follow(&followed, &mut start, &mut watch) else { continue };
        let name = cx.source(timer);
        let mut steps = vec![(cx.span(other), format!("the value of `{name}` is received here"))];
        steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
        steps.push((cx.span(receive), "no other value comes".to_owned()));
        let message = format!("this receive from `{name}.C` blocks forever where its value has been received before");
        cx.report(receive, message).steps(steps).note(
            "receive in a `select` with a `default`; since Go 1.23 `Stop` and `Reset` leave no old value behind, and nothing needs to be drained",
        );
        return;
    }
}

/// The timer from whose channel an expression receives.
fn timer_of(cx: &Cx, receive: ExprId) -> Option<ExprId> {
    let Expr::Unary { op: UnaryOp::Recv, operand } = cx.expr(receive) else { return None };
    let Expr::Selector { base, name } = cx.expr(cx.unparen(operand)) else { return None };
    (cx.source(name) == "C" && cx.has_type(base, &["time.Timer"])).then_some(base)
}

/// Watches for a receive from a timer that nobody has started again.
struct Drained<'c, 'a> {
    cx: &'c Cx<'a>,
    timer: ExprId,
    receive: ExprId,
}

impl Watch for Drained<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        match op.kind {
            OpKind::Recv if op.at == self.receive => Next::Found,
            OpKind::Recv if timer_of(cx, op.at).is_some_and(|of| cx.same_text(of, self.timer)) => Next::Stop,
            OpKind::Write | OpKind::Zero if cx.same_text(op.at, self.timer) => Next::Stop,
            OpKind::Call => {
                let name = cx.source(self.timer).rsplit('.').next().unwrap_or_default();
                let resets = matches!(cx.method_call(op.at), Some((of, "Reset", _)) if cx.same_text(of, self.timer))
                    || cx.callee_calls_on(op.at, "Reset", name);
                let Expr::Call { fun, args, .. } = cx.expr(op.at) else { return Next::Go };
                let is_timer = |id| cx.same_text(id, self.timer);
                // A closure that mentions it may start it again.
                let closure = cx.initial_value(fun).is_some_and(|value| cx.find_expr(value, true, is_timer).is_some());
                let given = closure || cx.exprs(args).iter().any(|&arg| is_timer(arg));
                if resets || given { Next::Stop } else { Next::Go }
            }
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}
