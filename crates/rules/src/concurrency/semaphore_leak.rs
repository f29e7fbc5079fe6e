//! A semaphore is not released on a path out of the function that releases it on others, or released without having been acquired.
//!
//! What was acquired stays taken. Each call that takes this path leaves less for the others, until `Acquire` waits for its context
//! to end and the work stops. A channel with room for some tokens is a semaphore, too: `sem <- struct{}{}` acquires and `<-sem`
//! releases. `defer sem.Release(n)` after the check of the error, or `defer func() { <-sem }()` after the send, covers every path. An
//! `Acquire` that fails has acquired nothing, and a `Release` without it panics.
//!
//! Limits: a function that never releases it is taken for one that acquires for others. A closure that releases it, or a function
//! that gets the semaphore, counts as one that does. A channel is a semaphore if its elements are `struct{}`, or of a type of the package
//! that is one, and the function that sends also receives from it.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"golang.org/x/sync/semaphore"
//! )
//!
//! func render(ctx context.Context, slots *semaphore.Weighted, draw func() ([]byte, error)) ([]byte, error) {
//! 	if err := slots.Acquire(ctx, 1); err != nil {
//! 		//       ^^^^^^^^^^^^^ `slots` is not released on every path out of `render`
//! 		return nil, err
//! 	}
//! 	image, err := draw()
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	slots.Release(1)
//! 	return image, nil
//! }
//! ```
//! ```go bad
//! type resizer struct {
//! 	slots chan struct{} // has room for as many as may run
//! }
//!
//! func (r *resizer) resize(path string) ([]byte, error) {
//! 	r.slots <- struct{}{}
//! 	//<^^^^^^^ `r.slots` is not released on every path out of `resize`
//! 	data, err := os.ReadFile(path)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	<-r.slots
//! 	return data, nil
//! }
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"golang.org/x/sync/semaphore"
//! )
//!
//! func all(ctx context.Context, slots *semaphore.Weighted, jobs []func()) error {
//! 	for _, job := range jobs {
//! 		if err := slots.Acquire(ctx, 1); err != nil {
//! 			// Nothing was acquired.
//! 			return err
//! 		}
//! 		go func() {
//! 			defer slots.Release(1)
//! 			job()
//! 		}()
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Impact
//!
//! Capacity shrinks by one on each failing call, and after as many failures as there are slots all work stops, long
//! after the errors that caused it. Queue time grows in steps while CPU falls; `Acquire` then fails with "context
//! deadline exceeded". A test takes the failing path as often as there are slots and then tries once more.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: with a capacity of one, fail once and acquire again
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | grep -A 4 'semaphore.(\*Weighted).Acquire'`: all
//!   workers wait here and nobody works
//!
//! # References
//!
//! - [Package semaphore](https://pkg.go.dev/golang.org/x/sync/semaphore)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Unpaired, Values, Watch};

use super::groups::group_name;

pub static RULE: Rule = Rule {
    id: "concurrency/semaphore-leak",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(ACQUIRES, check),
        Hook::Expr(&[ExprKind::Call], check_own),
        Hook::Stmt(&[StmtKind::Send], check_send),
    ],
    examines: "semaphores that are acquired",
};

const ACQUIRES: &[&str] =
    &["golang.org/x/sync/semaphore.Weighted.Acquire", "golang.org/x/sync/semaphore.Weighted.TryAcquire"];

const PAIR: Pair =
    Pair { disagree: true, ..Pair::new(&["Release", "release"], "release", ("is acquired", "is still acquired")) };

/// A type of the package with an `acquire` and a `release`.
fn check_own(cx: &mut Cx, call: ExprId) {
    let Some((semaphore, "Acquire" | "acquire", _)) = cx.method_call(call) else { return };
    let Some(call) = cx.call(call).filter(|call| cx.is_own(&call.callee)) else { return };
    let of = cx.deref(cx.ty(semaphore));
    // What is acquired is a place, and nothing that is given to `release`.
    let is_place = match cx.results(call.expr).unwrap_or_default()[..] {
        [] | [TypeId::ERROR] => true,
        [only] => only == TypeId::from(Basic::Bool),
        _ => false,
    };
    if !is_place || cx.declared_method(of, &["Release", "release"]).is_none() {
        return;
    }
    cx.examined();
    let Some(unpaired) = unreleased(cx, call, semaphore) else { return };
    let around = cx.func_in_words(call.expr);
    let message = format!("`{}` is not released on every path out of {around}", cx.source(semaphore));
    cx.report(call.fun, message).steps(unpaired.steps).note("each such call loses a slot for good");
}

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(semaphore) = call.receiver else { return };
    if may_fail_unseen(cx, call) {
        let name = cx.source(semaphore);
        let note = match is_released_after(cx, call, semaphore) {
            true => {
                "when the context ends first, nothing was acquired: the work runs over the limit, and `Release` panics"
            }
            false => "when the context ends first, what follows runs although those who hold the semaphore still work",
        };
        cx.report(call.fun, format!("`{name}.Acquire` may fail, and its error is ignored")).note(note);
        return;
    }
    let Some(unpaired) = unreleased(cx, call, semaphore) else { return };
    let around = cx.func_in_words(call.expr);
    let message = format!("`{}` is not released on every path out of {around}", cx.source(semaphore));
    cx.report(call.fun, message).steps(unpaired.steps).note("each such call loses a slot for good");
}

/// The path on which the semaphore is not released. Where nothing fails on it, and another function releases the semaphore without having
/// acquired it, the slot goes on to that one.
fn unreleased(cx: &Cx, call: Call, semaphore: ExprId) -> Option<Unpaired> {
    let name = group_name(cx, semaphore);
    let releases = |method: &&str| cx.package_calls_on(method, name, call.callee.name) != Some(false);
    cx.unpaired(call, PAIR).filter(|unpaired| unpaired.fails || !PAIR.ends.iter().any(releases))
}

/// Whether the function releases the semaphore after a call.
fn is_released_after(cx: &Cx, call: Call, semaphore: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call.expr) else { return false };
    let releases = |&node: &Node| match node {
        Node::Expr(release) => {
            let of = matches!(cx.method_call(release), Some((of, "Release", _)) if cx.same_text(of, semaphore));
            of && cx.span(release).start > cx.span(call.expr).start
        }
        _ => false,
    };
    cx.calls_within(func.body, true).iter().any(releases)
}

/// Whether the error of `Acquire` is ignored, although its context may end.
fn may_fail_unseen(cx: &Cx, call: Call) -> bool {
    let endless = |context: &ExprId| cx.calls(*context, &["context.Background", "context.TODO"]);
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr) else { return false };
    call.callee.name == "Acquire"
        && matches!(cx.stmt(stmt), Stmt::Expr(_))
        && call
            .args
            .first()
            .is_some_and(|context| !endless(&cx.unparen(cx.initial_value(*context).unwrap_or(*context))))
}

/// `sem <- struct{}{}`, which `<-sem` takes back.
fn check_send(cx: &mut Cx, send: StmtId) {
    let Stmt::Send { chan, .. } = cx.stmt(send) else { return };
    let Some(func) = cx.enclosing_func(send).filter(|_| cx.carries_nothing(chan)) else { return };
    // One that is taken back under a condition only may be handed to somebody else otherwise.
    let place = clause_or(cx, send);
    let list = cx.siblings(place);
    let Some(after) = cx.tree.place(list, place).and_then(|at| list.get(at + 1..)) else { return };
    if let Some((goroutine, steps)) = after.iter().take(16).find_map(|&stmt| forgets(cx, stmt, chan)) {
        let message = format!("`{}` is not released on every path of the goroutine", cx.source(chan));
        let mut all = vec![(cx.span(chan), format!("a slot of `{}` is taken here", cx.source(chan)))];
        all.push((goroutine, "the goroutine that releases it starts here".to_owned()));
        all.extend(steps);
        cx.report(chan, message).steps(all).note("each such call loses a slot for good");
        return;
    }
    if !after.iter().any(|&stmt| matches!(cx.stmt(stmt), Stmt::Expr(receive) if is_release(cx, receive, chan))) {
        return;
    }
    cx.examined();
    let Some(followed) = cx.followed(func.node) else { return };
    let Some(point) = followed.after_send(chan) else { return };
    let own = cx.func_of_local(chan) == Some(func);
    let mut watch = Token { cx, chan, outlives: !own };
    let Some(found) = cx.follow(&followed, &mut cx.start(&followed, point), &mut watch) else { return };
    let name = cx.source(chan);
    let mut steps = vec![(cx.span(chan), format!("a slot of `{name}` is taken here"))];
    let met = |op: &Op| op.kind == OpKind::Recv && is_release(cx, op.at, chan);
    let message = match found.op {
        Some(op) => {
            steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
            steps.push((cx.span(op.at), "another slot is taken here, and the first is still taken".to_owned()));
            format!("`{name}` is not released on every path of the loop")
        }
        None => {
            let leaves = format!("the function returns here, and a slot of `{name}` is still taken");
            steps.extend(cx.steps(&followed, &found.path, met, leaves));
            format!("`{name}` is not released on every path out of {}", cx.func_in_words(send))
        }
    };
    cx.report(chan, message).steps(steps).note("each such call loses a slot for good");
}

/// A send, or the `select` that it is a case of.
fn clause_or(cx: &Cx, send: StmtId) -> StmtId {
    let above = cx.tree.parent(send);
    let Some(Node::Stmt(clause)) =
        above.filter(|&node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::CommClause { .. })))
    else {
        return send;
    };
    match cx.tree.parent(clause) {
        Some(Node::Stmt(select)) => select,
        _ => send,
    }
}

/// The path on which a goroutine that releases a slot in its own statements does not, and where it starts.
fn forgets(cx: &Cx, stmt: StmtId, chan: ExprId) -> Option<(Span, Vec<(Span, String)>)> {
    let spawn = cx.spawn(Node::Stmt(stmt))?;
    let func = cx.as_func(Node::Expr(spawn.runs))?;
    let list = cx.list_of(Node::Stmt(func.body));
    if !list.iter().any(|&stmt| matches!(cx.stmt(stmt), Stmt::Expr(receive) if is_release(cx, receive, chan))) {
        return None;
    }
    let followed = cx.followed(func.node)?;
    let mut watch = Token { cx, chan, outlives: true };
    let found = cx.follow(&followed, &mut cx.start(&followed, followed.entry()), &mut watch)?;
    let met = |op: &Op| op.kind == OpKind::Recv && is_release(cx, op.at, chan);
    let leaves = format!("the goroutine ends here, and the slot of `{}` is still taken", cx.source(chan));
    Some((cx.start_of(&spawn), cx.steps(&followed, &found.path, met, leaves)))
}

/// Whether an expression receives from this channel.
fn is_release(cx: &Cx, receive: ExprId, chan: ExprId) -> bool {
    match cx.expr(cx.unparen(receive)) {
        Expr::Unary { op: UnaryOp::Recv, operand } => cx.same_text(operand, chan),
        _ => false,
    }
}

/// Watches for a token that is not taken back.
struct Token<'c, 'a> {
    cx: &'c Cx<'a>,
    chan: ExprId,
    /// Whether the channel is there when the function has returned.
    outlives: bool,
}

impl Watch for Token<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        let released = match op.kind {
            OpKind::Send if op.at == self.chan => return Next::Found,
            OpKind::Recv => is_release(cx, op.at, self.chan),
            OpKind::Make => self.mentions(op.at),
            OpKind::Call | OpKind::Go | OpKind::Defer => self.is_handed(op.at),
            _ => false,
        };
        if released { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        if self.outlives { Next::Found } else { Next::Stop }
    }
}

impl Token<'_, '_> {
    fn mentions(&self, node: ExprId) -> bool {
        self.cx.find_expr(node, true, |id| self.cx.same_text(id, self.chan)).is_some()
    }

    /// Whether a call gets the channel, or calls what receives from it.
    fn is_handed(&self, call: ExprId) -> bool {
        let cx = self.cx;
        let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(call)) else { return false };
        let name = match cx.expr(cx.unparen(self.chan)) {
            Expr::Selector { name, .. } => cx.source(name),
            _ => cx.source(self.chan),
        };
        let literal = cx.initial_value(fun).filter(|&value| matches!(cx.expr(value), Expr::FuncLit { .. }));
        let sized = |name| cx.is_builtin(fun, name);
        cx.exprs(args).iter().any(|&arg| self.mentions(arg)) && !sized("len") && !sized("cap")
            || literal.is_some_and(|literal| self.mentions(literal))
            || cx.callee_receives_from(call, name)
    }
}
