//! A goroutine, or the function itself, receives from a channel to which nothing comes any more.
//!
//! A receive waits until somebody sends or closes the channel, and a `range` ends only when it is closed. Where nobody does, what waits
//! stays for as long as the process runs, with all that it refers to. Whoever sends should close the channel when there is nothing more
//! to come, best with `defer close(c)` where it begins; with several senders, close it in a goroutine that waits for all of them.
//!
//! Whoever waits for the end of a goroutine learns of it on every path only if the first line of the goroutine is `defer close(done)`.
//!
//! Limits: a channel is looked at where all that is done with it shows in the package. Of fields, those that workers range over are, in
//! types that have a `Close`, `Stop` or `Shutdown`, or whose values are given to something like `Unsubscribe` in the end, and those that a
//! goroutine closes for others to wait for. Functions that the process ends with, such as `main`, are left alone.
//!
//! ```go bad
//! func importAll(rows []Row) error {
//! 	queue := make(chan Row)
//! 	for i := 0; i < 4; i++ {
//! 		go func() {
//! 			for row := range queue {
//! 				//              ^^^^^ the goroutine receives from `queue` until it is closed, but `importAll` does not close it on every path
//! 				store(row)
//! 			}
//! 		}()
//! 	}
//! 	for _, row := range rows {
//! 		if err := check(row); err != nil {
//! 			return err
//! 		}
//! 		queue <- row
//! 	}
//! 	close(queue)
//! 	return nil
//! }
//! ```
//! ```go good
//! func importAll(rows []Row) error {
//! 	queue := make(chan Row)
//! 	defer close(queue) // on every path
//! 	for i := 0; i < 4; i++ {
//! 		go func() {
//! 			for row := range queue {
//! 				store(row)
//! 			}
//! 		}()
//! 	}
//! 	for _, row := range rows {
//! 		if err := check(row); err != nil {
//! 			return err
//! 		}
//! 		queue <- row
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Idiom
//!
//! `for v := range ch` ends when the channel is closed, and not before. Closing says that no more values come, so the sender does it, once,
//! usually with `defer close(ch)`.
//!
//! # Impact
//!
//! Each call that takes this path leaves a goroutine with its stack and everything that it refers to. `go_goroutines`
//! climbs with traffic and never falls, the heap follows, and the pod is killed for its memory use after hours or days.
//! A test counts goroutines before and after, or runs in a `synctest` bubble, which fails when goroutines are left
//! blocked.
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | head -40`: one stack with a large and growing
//!   count has this receive on top
//! - `go test -run {test} -count 1 {package}`: with `goleak.VerifyNone(t)` or `synctest.Test` in the test, the blocked
//!   goroutine is reported
//!
//! # Options
//!
//! - Close the channel when the sender ends: `defer close(c)` covers every path; with several senders somebody has to
//!   wait for all of them first
//!   - senior, data: the reader sees the end of the input, not a timeout
//! - Select on `ctx.Done()` beside the receive: the reader ends with its caller even if the sender is stuck, but the
//!   rest of the input is dropped
//!   - cloud-native, throughput: a deadline bounds every wait
//!
//! # References
//!
//! - [Go blog, "Go Concurrency Patterns: Pipelines and cancellation"](https://go.dev/blog/pipelines)
//! - [Package testing/synctest](https://pkg.go.dev/testing/synctest)
use gopeer_lint::prelude::*;
use gopeer_lint::{Act, Blocked, Channel, FieldAct, Lane, Op, OpKind};

use super::groups::{calls_on, group_name};

pub static RULE: Rule = Rule {
    id: "concurrency/goroutine-leak-blocked-receive",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Stmt(&[StmtKind::Range], worker), Hook::Expr(&[ExprKind::Call], end)],
    examines: "channels that are received from",
};

fn check(cx: &mut Cx, channel: &Channel) {
    cx.examined();
    let Some(Blocked { at, because, steps }) = cx.blocked_receive(channel) else { return };
    let name = cx.source(channel.declared);
    let func = cx.func_in_words(channel.declared);
    let op = channel.ops().iter().find(|op| op.site == at);
    // That is reported where the function receives that the goroutine calls.
    if op.is_some_and(|op| matches!(op.act, Act::Given(_))) {
        return;
    }
    let who = match op.map(|op| op.lane) {
        Some(Lane::Goroutine(_)) => "the goroutine".to_owned(),
        Some(Lane::Unknown) => "this closure".to_owned(),
        _ => func,
    };
    let message = match op.map(|op| op.act) {
        Some(Act::Range) => format!("{who} receives from `{name}` until it is closed, {because}"),
        _ => format!("{who} waits to receive from `{name}`, {because}"),
    };
    let growth = cx.grows_with(channel.made);
    cx.report(at, message).steps(steps).notes(growth);
}

/// A goroutine closes the channel of a field for whoever waits for its end, and can end without that.
fn end(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let Some(channel) = cx.only(args).filter(|_| cx.is_builtin(fun, "close")) else { return };
    let Some(func) = cx.enclosing_func(call).filter(|func| matches!(func.node, Node::Decl(_))) else { return };
    if !matches!(cx.expr(channel), Expr::Selector { .. }) || cx.is_deferred(call) || !cx.runs_beside(call) {
        return;
    }
    let closes: Vec<ExprId> = calls_of(cx, func.body, |call| match cx.expr(call) {
        Expr::Call { fun, args, .. } => {
            cx.is_builtin(fun, "close") && cx.only(args).is_some_and(|of| cx.same_text(of, channel))
        }
        _ => false,
    });
    let Some(uses) = cx.field_uses(channel).filter(|_| closes.first() == Some(&call)) else { return };
    cx.examined();
    let does = |act: FieldAct| uses.iter().filter(move |used| used.act == act);
    let by_it_alone = does(FieldAct::Close).count() == closes.len()
        && does(FieldAct::Close).all(|used| !used.inside)
        && (closes.len() > 1 || !cx.is_conditional(call))
        && !cx.is_locked_at(call)
        && does(FieldAct::Send).chain(does(FieldAct::Other)).next().is_none();
    let waits = does(FieldAct::Receive).find(|used| !used.guarded && !used.inside);
    let (true, Some(waits), Some(followed)) = (by_it_alone, waits, cx.followed(func.node)) else { return };
    let Some(found) = cx.silent_way(&followed, &closes, true) else { return };
    let (name, around) = (cx.source(channel), cx.func_in_words(call));
    let met = |op: &Op| op.kind == OpKind::Call && closes.contains(&op.at);
    let steps = cx.steps(&followed, &found.path, met, format!("{around} ends here and has not closed `{name}`"));
    let message =
        format!("`{name}` is not closed on every path of {around}, although `{}` waits for it", waits.func_name());
    cx.report(fun, message).steps(steps).note("defer the call of `close` in the first line of the goroutine");
}

/// The calls in a body, without those in its function literals, that are `wanted`.
fn calls_of(cx: &Cx, body: StmtId, wanted: impl Fn(ExprId) -> bool) -> Vec<ExprId> {
    const MOST: usize = 256;
    let calls = cx.calls_within(body, false);
    let calls = calls.iter().take(MOST).filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    calls.filter(|&call| wanted(call)).collect()
}

/// A worker ranges over the channel of a field that nobody closes, although the type can be stopped.
fn worker(cx: &mut Cx, range: StmtId) {
    const ENDS: &[&str] = &["Close", "Stop", "Shutdown"];
    let Stmt::Range { subject, .. } = cx.stmt(range) else { return };
    if let Some((decl, index)) = parameter(cx, subject) {
        return given(cx, subject, (decl, index));
    }
    let Expr::Selector { base, .. } = cx.expr(cx.unparen(subject)) else { return };
    if !matches!(cx.under(subject), Type::Chan { .. }) {
        return;
    }
    let Some(uses) = cx.field_uses(subject) else { return };
    cx.examined();
    let does = |act: fn(FieldAct) -> bool| uses.iter().any(|used| act(used.act));
    let made = does(|act| matches!(act, FieldAct::Make(_)));
    let closed = does(|act| act == FieldAct::Close);
    if closed || !made || !does(|act| act == FieldAct::Send) || does(|act| act == FieldAct::Other) {
        return;
    }
    let owner = cx.deref(cx.ty(base));
    if !cx.runs_beside(range) {
        return;
    }
    let method = ENDS.iter().copied().find(|end| cx.declared_method(owner, &[end]).is_some());
    let channel = cx.source(subject);
    let to_the_end = cx.ranges_to_the_end(range);
    if to_the_end && let Some(wait) = waited_for(cx, range) {
        let message = format!(
            "the goroutine receives from `{channel}` until it is closed, but nobody closes it, and `{wait}` waits for the goroutine"
        );
        cx.report(subject, message).note("close the channel when there is nothing more to send");
        return;
    }
    let Some(end) = method.filter(|_| to_the_end).or_else(|| let_go_by(cx, base)) else { return };
    let message =
        format!("the goroutine receives from `{channel}` until it is closed, but nobody closes it, `{end}` included");
    cx.report(subject, message).note(format!("close the channel in `{end}`, once nobody sends on it any more"));
}

/// The declared function of which an expression is a parameter that is a channel, and which one.
fn parameter(cx: &Cx, subject: ExprId) -> Option<(DeclId, usize)> {
    let Def::Local(declared) = cx.def(cx.unparen(subject)) else { return None };
    let func = cx.enclosing_func(subject).filter(|_| matches!(cx.under(subject), Type::Chan { .. }))?;
    let (Node::Decl(decl), Expr::FuncType { params, .. }) = (func.node, cx.expr(func.ty)) else { return None };
    Some((decl, cx.params(params).iter().position(|(name, _)| *name == Some(declared))?))
}

/// A function ranges over a channel that it is given, and who starts it in a goroutine does not close that.
fn given(cx: &mut Cx, subject: ExprId, (decl, index): (DeclId, usize)) {
    cx.examined();
    let Some(who) = cx.who_leaves_open(decl, index) else { return };
    let (name, who) = (cx.source(subject), who.rsplit('.').next().unwrap_or_default());
    let message = format!(
        "the goroutine receives from `{name}` until it is closed, but `{who}`, which makes the channel, does not close it on every path"
    );
    cx.report(subject, message)
        .note(format!("close the channel in `{who}` when there is nothing more to come, also where it fails"));
}

/// The call that waits until the goroutine is done which runs a loop: `wg.Wait`.
fn waited_for(cx: &Cx, range: StmtId) -> Option<String> {
    let func = cx.enclosing_func(range)?;
    let done = calls_of(cx, func.body, |call| cx.calls(call, &["sync.WaitGroup.Done"]));
    let (group, ..) = cx.method_call(*done.first()?)?;
    let waits = match func.node {
        Node::Expr(literal) => {
            let outer = cx.enclosing_func(literal)?;
            !calls_on(cx, outer.body, group, "Wait").is_empty()
        }
        _ => cx.package_calls_on("Wait", group_name(cx, group), "") == Some(true),
    };
    waits.then(|| format!("{}.Wait", cx.source(group)))
}

/// The function that the value of a local is given to in the end, by its name: `Unsubscribe` in `h.Unsubscribe(s)`.
fn let_go_by<'a>(cx: &Cx<'a>, value: ExprId) -> Option<&'a str> {
    const WORDS: &[&str] = &["detach", "disconnect", "leave", "remove", "unregister", "unsubscribe"];
    let Def::Local(declared) = cx.def(cx.unparen(value)) else { return None };
    let ends = |used: ExprId| {
        let Some(Node::Expr(call)) = cx.tree.parent(used) else { return None };
        let Expr::Call { args, .. } = cx.expr(call) else { return None };
        let name = cx.callee_word(call);
        let says = words(name).first().is_some_and(|first| WORDS.contains(&first.as_str()));
        (says && cx.exprs(args).contains(&used)).then_some(name)
    };
    cx.names.uses(declared).take(32).find_map(ends)
}
