//! An `errgroup.Group` is used so that errors are lost, work continues for nothing, or goroutines wait for each other.
//!
//! `Wait` gives the first error of the group, and the context of `errgroup.WithContext` ends as soon as one function fails, so that the
//! others stop. Whoever ignores the result of `Wait` reports success for work that failed; whoever passes the outer context to the
//! functions keeps them working for nothing. `SetLimit` panics while functions are running, and `Go` inside a function of a
//! limited group waits for a slot that may never become free (documentation of `golang.org/x/sync/errgroup`).
//!
//! Limits: only groups that are locals of the function are looked at, and functions that are literals. Of a group in a field, only a
//! function literal that calls the method around it again is found.
//!
//! ```go bad
//! func load(ctx context.Context, ids []string) error {
//! 	g, gctx := errgroup.WithContext(ctx)
//! 	for _, id := range ids {
//! 		g.Go(func() error {
//! 			return fetch(ctx, id)
//! 			//           ^^^ `ctx` is not canceled when another function of `g` fails; `gctx` is
//! 		})
//! 	}
//! 	g.Go(func() error { return refresh(gctx) })
//! 	return g.Wait()
//! }
//! ```
//! ```diff fixed
//! -			return fetch(ctx, id)
//! +			return fetch(gctx, id)
//! ```
//! ```go bad
//! func load(ctx context.Context, ids []string) {
//! 	var g errgroup.Group
//! 	g.SetLimit(4)
//! 	for _, id := range ids {
//! 		g.Go(func() error {
//! 			g.Go(func() error { return fetch(ctx, id) })
//! 			//<^^^^ `g.Go` inside a function of `g` waits for a slot under its own limit
//! 			return nil
//! 		})
//! 	}
//! 	g.Wait()
//! 	//<^^^^^^ the error of `g.Wait` is ignored, so nobody learns that a function of `g` failed
//! }
//! ```
//! ```go good
//! func load(ctx context.Context, ids []string, warm func()) error {
//! 	var quiet errgroup.Group
//! 	quiet.Go(func() error {
//! 		warm()
//! 		return nil // never fails
//! 	})
//! 	quiet.Wait()
//!
//! 	g, ctx := errgroup.WithContext(ctx)
//! 	g.SetLimit(4)
//! 	for _, id := range ids {
//! 		g.Go(func() error { return fetch(ctx, id) })
//! 	}
//! 	return g.Wait()
//! }
//! ```
//!
//! # Impact
//!
//! One function of the group fails and the caller either learns nothing, or waits until all others have done work that
//! nobody wants; with a limit the group can also wait for itself. Traces show siblings that run on long after the
//! failed span. A test lets the first function fail and expects the others to see a canceled context.
//!
//! # Verify
//!
//! - `go test -race -run {test} -timeout 10s {package}`: with one function that fails at once and one that blocks on
//!   its context, `Wait` must return the error without delay
//!
//! # References
//!
//! - [Package errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, Spawn, State, Values, Watch};

use super::groups::uses;
use crate::context::may_end_with;

pub static RULE: Rule = Rule {
    id: "concurrency/errgroup-misuse",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3), (Concern::Deadlock, 2), (Concern::Latency, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::Call(&["golang.org/x/sync/errgroup.Group.Wait"], check_wait),
        Hook::Call(&["golang.org/x/sync/errgroup.Group.Go", "golang.org/x/sync/errgroup.Group.TryGo"], check_go),
        Hook::Call(&["golang.org/x/sync/errgroup.Group.SetLimit"], check_limit),
        Hook::Call(&["golang.org/x/sync/errgroup.WithContext"], check_context),
    ],
    examines: "uses of error groups",
};

/// The function of which a group is a local, and what starts goroutines with it there.
fn group<'a>(cx: &Cx<'a>, group: ExprId) -> Option<(Func, Vec<Spawn<'a>>)> {
    let func = cx.func_of_local(group)?;
    const MOST: usize = 64;
    let spawns = cx.spawns_in(func.body).filter(|spawn| matches!(spawn.at, Node::Expr(_))).take(MOST);
    Some((func, spawns.filter(|spawn| spawn.group.is_some_and(|of| same(cx, of, group))).collect()))
}

fn same(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    matches!((cx.def(cx.unparen(a)), cx.def(cx.unparen(b))), (Def::Local(a), Def::Local(b)) if a == b)
}

/// `g.Wait()` as a statement.
fn check_wait(cx: &mut Cx, wait: Call) {
    cx.examined();
    let ignored = matches!(cx.tree.parent(wait.expr), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_)));
    let Some(of) = wait.receiver.filter(|_| ignored) else { return };
    let Some((func, spawns)) = group(cx, of) else { return };
    // A second call gives the error again.
    let waits = uses(cx, of).filter(|&used| matches!(cx.called_on(used), Some((_, "Wait", _)))).count();
    if waits > 1 || cx.enclosing_func(wait.expr) != Some(func) {
        return;
    }
    let Some(failure) = spawns.iter().find_map(|spawn| failure(cx, spawn)) else { return };
    let name = cx.source(of);
    let message = format!("the error of `{name}.Wait` is ignored, so nobody learns that a function of `{name}` failed");
    let (span, reason) = (cx.span(failure), cx.explanation(wait.expr, &["error"]));
    cx.report(wait.fun, message).note_at(span, "this error is lost").excused(reason);
}

/// The error that a function of a group returns without having dealt with it.
fn failure(cx: &Cx, spawn: &Spawn) -> Option<ExprId> {
    let func = cx.as_func(Node::Expr(spawn.runs))?;
    let mut errors = cx.returned(func.body).filter_map(|results| results.first().copied());
    errors.find(|&error| !cx.is_builtin(error, "nil") && !is_dealt_with(cx, error))
}

/// Whether the statement in front of a `return` mentions the error that is returned: it is logged or kept there.
fn is_dealt_with(cx: &Cx, error: ExprId) -> bool {
    let before = || {
        let stmt = cx.enclosing_stmt(error)?;
        let list = cx.siblings(stmt);
        list.get(cx.tree.place(list, stmt)?.checked_sub(1)?).copied()
    };
    let Def::Local(declared) = cx.def(cx.unparen(error)) else { return false };
    before().is_some_and(|before| {
        matches!(cx.stmt(before), Stmt::Expr(_) | Stmt::Assign { op: AssignOp::Assign, .. })
            && cx.mentions(before, declared)
    })
}

/// `g.Go` in a function that nobody waits for, or inside a function of a limited group.
fn check_go(cx: &mut Cx, go: Call) {
    let Some(of) = go.receiver else { return };
    let Some((_, spawns)) = group(cx, of) else { return check_recursion(cx, go, of) };
    cx.examined();
    let name = cx.source(of);
    let inside = spawns.iter().any(|spawn| spawn.call != go.expr && runs_inside(cx, go.expr, spawn));
    let calls =
        |method: &str| uses(cx, of).any(|used| matches!(cx.called_on(used), Some((_, called, _)) if called == method));
    if inside && go.callee.name == "Go" && calls("SetLimit") {
        report_inside(cx, go, name);
        return;
    }
    let first = spawns.first().is_some_and(|spawn| spawn.call == go.expr);
    let only_called = uses(cx, of).all(|used| cx.called_on(used).is_some());
    // The functions tell a `sync.WaitGroup` of their end.
    let waited = spawns.iter().any(|spawn| !cx.within(spawn.runs, true, is_done).is_empty());
    if first && only_called && !calls("Wait") && !waited {
        cx.report(
            go.fun,
            format!(
                "`{name}.Wait` is never called, so nobody waits for the functions of `{name}` or learns that one failed"
            ),
        )
        .note("call `Wait` before the function returns");
    }
}

fn is_done(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Call { .. }) && cx.calls(id, &["sync.WaitGroup.Done"]))
}

/// A function of a group that is a field starts itself again in the group, which some function of the package has limited.
fn check_recursion(cx: &mut Cx, go: Call, of: ExprId) {
    const LIMITS: &[&str] = &["golang.org/x/sync/errgroup.Group.SetLimit"];
    let Expr::Selector { .. } = cx.expr(cx.unparen(of)) else { return };
    let (Some(decl), [task]) = (cx.enclosing_decl(go.expr), go.args) else { return };
    let Some(func) = cx.as_func(Node::Expr(cx.unparen(*task))) else { return };
    cx.examined();
    let name = cx.func_name(decl).unwrap_or_default();
    let calls = cx.calls_within(func.body, false);
    let itself = |node: &Node| match *node {
        Node::Expr(call) => cx.callee_word(call) == name && cx.call(call).is_some_and(|call| cx.is_own(&call.callee)),
        _ => false,
    };
    if go.callee.name == "Go" && calls.iter().take(16).any(itself) && cx.package_calls(LIMITS) == Some(true) {
        report_inside(cx, go, cx.source(of));
    }
}

fn report_inside(cx: &mut Cx, go: Call, group: &str) {
    cx.report(go.fun, format!("`{group}.Go` inside a function of `{group}` waits for a slot under its own limit"))
        .note("once each function of the group waits here, none ends and no slot becomes free; start it outside, or use `TryGo`");
}

/// Whether a call runs in the goroutine that is started, and not in another one that this one starts.
fn runs_inside(cx: &Cx, call: ExprId, spawn: &Spawn) -> bool {
    let mut func = cx.enclosing_func(call);
    while let Some(Func { node: Node::Expr(literal), .. }) = func {
        if literal == spawn.runs {
            return true;
        }
        if cx.spawn_of(literal).is_some() {
            return false;
        }
        func = cx.enclosing_func(literal);
    }
    false
}

/// `g.SetLimit` after `g.Go`.
fn check_limit(cx: &mut Cx, limit: Call) {
    let Some(of) = limit.receiver else { return };
    let Some((func, spawns)) = group(cx, of) else { return };
    cx.examined();
    let Some(followed) = cx.followed(func.node) else { return };
    let started = spawns.iter().filter(|spawn| cx.enclosing_func(spawn.call) == Some(func)).take(8);
    let mut reached = started.filter_map(|spawn| {
        let mut start = cx.start(&followed, followed.after_call(spawn.call)?);
        let mut watch = Reaches { cx, group: of, call: limit.expr };
        cx.follow(&followed, &mut start, &mut watch).map(|_| spawn.call)
    });
    let Some(go) = reached.next() else { return };
    let name = cx.source(of);
    let steps = vec![
        (cx.span(go), format!("`{name}` starts a goroutine here")),
        (cx.span(limit.fun), "which may still be running here".to_owned()),
    ];
    cx.report(
        limit.fun,
        format!("`{name}.SetLimit` is called after `{name}.Go`, and panics while a goroutine of `{name}` is running"),
    )
    .steps(steps)
    .note("set the limit before the first function is started");
}

/// Watches for a call on a group before anybody waits for it.
struct Reaches<'c, 'a> {
    cx: &'c Cx<'a>,
    group: ExprId,
    call: ExprId,
}

impl Watch for Reaches<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        let waits = |call| matches!(cx.method_call(call), Some((of, "Wait", [])) if same(cx, of, self.group));
        match op.kind {
            OpKind::Call if op.at == self.call => Next::Found,
            OpKind::Call if waits(op.at) => Next::Stop,
            // Another group, in the next iteration of a loop.
            OpKind::Write | OpKind::Zero if same(cx, op.at, self.group) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// `g, gctx := errgroup.WithContext(ctx)`: which of the two contexts do the functions use?
fn check_context(cx: &mut Cx, with: Call) {
    let &[parent] = with.args else { return };
    let Some(Node::Stmt(stmt)) = cx.tree.parent(with.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let &[of, derived] = cx.exprs(lhs) else { return };
    let (Def::Local(outer), Def::Local(inner)) = (cx.def(cx.unparen(parent)), cx.def(derived)) else { return };
    let Some((_, spawns)) = group(cx, of).filter(|_| outer != inner && cx.source(derived) != "_") else { return };
    cx.examined();
    for spawn in spawns {
        let Some(func) = cx.as_func(Node::Expr(spawn.runs)) else { continue };
        let span = cx.span(func.body);
        let mut uses = cx.names.uses(outer).filter(|&used| span.contains(cx.span(used))).take(64);
        // Who passes both on knows which is which.
        let both = cx.mentions(func.body, inner);
        let used = uses.find(|&used| !both && may_end_with(cx, used) || is_waited_for(cx, used, inner));
        let Some(used) = used else { continue };
        let (parent, derived, group) = (cx.source(parent), cx.source(derived), cx.source(of));
        let message = format!("`{parent}` is not canceled when another function of `{group}` fails; `{derived}` is");
        let edit = (cx.span(used), derived.to_owned());
        let reason = cx.explanation(used, &["context", "cancel"]);
        cx.report(used, message)
            .note(format!("with `{parent}` the function keeps working for nothing, and `{group}.Wait` waits for it"))
            .fix(format!("Pass `{derived}`"), [edit])
            .excused(reason);
    }
}

/// Whether the end of a context is waited for, and not that of another one beside it.
fn is_waited_for(cx: &Cx, context: ExprId, other: ExprId) -> bool {
    let done = cx.tree.ancestors(context).take(3).find_map(|node| match node {
        Node::Expr(call) => cx.calls(call, &["context.Context.Done"]).then_some(call),
        _ => None,
    });
    let Some(Node::Expr(receive)) = done.and_then(|done| cx.tree.parent(done)) else { return false };
    let waits = matches!(cx.expr(receive), Expr::Unary { op: UnaryOp::Recv, .. });
    let case = cx.enclosing_stmt(receive).and_then(|stmt| cx.case_of(stmt));
    waits && case.is_none_or(|(select, _)| !ends_otherwise(cx, select, other))
}

/// Whether a `select` has a `default`, or waits for the end of a context.
fn ends_otherwise(cx: &Cx, select: StmtId, context: ExprId) -> bool {
    let Stmt::Select { clauses } = cx.stmt(select) else { return false };
    cx.stmts(clauses).iter().any(|&clause| match cx.stmt(clause) {
        Stmt::CommClause { comm, .. } => comm.is_none_or(|comm| cx.mentions(comm, context)),
        _ => false,
    })
}
