//! The context of an error group is used after `Wait`.
//!
//! `errgroup.WithContext` derives a context that is canceled "the first time a function passed to Go returns a non-nil error or the
//! first time Wait returns, whichever occurs first" (documentation of package errgroup). What is called with it afterwards fails at once
//! with `context canceled`, although the group succeeded: the result is not stored, the message is not sent. It happens where the
//! derived context takes the name of the caller's. Give it a name of its own, and pass the caller's context after `Wait`.
//!
//! Limits: a context that is put into a struct, or into another variable, before `Wait` is not followed.
//!
//! ```go bad
//! func sync(ctx context.Context, db *sql.DB, load func(context.Context) error) error {
//! 	g, ctx := errgroup.WithContext(ctx)
//! 	g.Go(func() error { return load(ctx) })
//! 	if err := g.Wait(); err != nil {
//! 		return err
//! 	}
//! 	_, err := db.ExecContext(ctx, "UPDATE runs SET done = true")
//! 	//                       ^^^ `ctx` is canceled already: `g.Wait` has returned
//! 	return err
//! }
//! ```
//! ```go good
//! func sync(ctx context.Context, db *sql.DB, load func(context.Context) error) error {
//! 	g, gctx := errgroup.WithContext(ctx)
//! 	g.Go(func() error { return load(gctx) })
//! 	if err := g.Wait(); err != nil {
//! 		return fmt.Errorf("sync: %w (%v)", err, context.Cause(gctx))
//! 	}
//! 	_, err := db.ExecContext(ctx, "UPDATE runs SET done = true")
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! The group has succeeded, and the step after it fails with "context canceled" every single time, or is skipped by
//! code that takes cancellation for a normal end. In logs the cancellation has no originator: no client has left and no
//! deadline has passed. A test of the success path finds it at once, if the fake respects its context.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: use a fake that returns `ctx.Err()` and let all functions of the group succeed
//!
//! # References
//!
//! - [Package errgroup, WithContext](https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, Op, OpKind, State, Values, Watch};

use super::support::may_end_with;

pub static RULE: Rule = Rule {
    id: "context/errgroup-context-after-wait",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Call(&["golang.org/x/sync/errgroup.WithContext"], check)],
    examines: "contexts of error groups",
};

fn check(cx: &mut Cx, with: Call) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(with.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let &[group, context] = cx.exprs(lhs) else { return };
    let (Def::Local(of), Def::Local(declared)) = (cx.def(group), cx.def(context)) else { return };
    let Some(followed) = cx.enclosing_func(with.expr).and_then(|func| cx.followed(func.node)) else { return };
    cx.examined();
    let watch = |stage| Watched { cx, group: of, context: declared, stage };
    let Some(derived) = followed.after_write(context) else { return };
    let Some(waits) = cx.follow(&followed, &mut cx.start(&followed, derived), &mut watch(Stage::Waits)) else { return };
    let Some(Op { at: wait, .. }) = waits.op else { return };
    let Some(after) = followed.after_call(wait) else { return };
    let Some(used) = cx.follow(&followed, &mut cx.start(&followed, after), &mut watch(Stage::Uses)) else { return };
    let Some(Op { at: used_at, .. }) = used.op else { return };
    let (group, context) = (cx.source(group).to_owned(), cx.source(context).to_owned());
    let mut steps = vec![
        (cx.span(with.fun), format!("`{context}` is derived here, for the functions of `{group}`")),
        (cx.span(wait), format!("`{group}.Wait` cancels `{context}` when it returns")),
    ];
    steps.extend(cx.branches_of(&followed, &used.path));
    steps.push((cx.span(used_at), format!("the canceled `{context}` is used here")));
    cx.report(used_at, format!("`{context}` is canceled already: `{group}.Wait` has returned"))
        .steps(steps)
        .note("give the derived context a name of its own, and use the caller's context here");
}

enum Stage {
    Waits,
    Uses,
}

/// Watches for `Wait`, and then for a call that gets the context.
struct Watched<'c, 'a> {
    cx: &'c Cx<'a>,
    group: ExprId,
    context: ExprId,
    stage: Stage,
}

impl Watch for Watched<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        let is = |ident: ExprId, declared| cx.def(cx.unparen(ident)) == Def::Local(declared);
        let waits = |call| matches!(cx.method_call(call), Some((of, "Wait", [])) if is(of, self.group));
        match (op.kind, &self.stage) {
            (OpKind::Write | OpKind::Zero, _) if is(op.at, self.context) => Next::Stop,
            (OpKind::Call, Stage::Waits) if waits(op.at) => Next::Found,
            (OpKind::Read, Stage::Uses) if is(op.at, self.context) && may_end_with(cx, op.at) => Next::Found,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}
