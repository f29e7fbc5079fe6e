//! A context is derived and thrown away, and the parent is passed on instead.
//!
//! `context.WithTimeout` and its siblings leave the parent as it is. A time limit whose context is assigned to `_` limits nothing: the call
//! after it waits for as long as the server takes. A cancel function whose context nobody has cancels nothing.
//! The functions of an `errgroup` that get the parent run on when one of them fails, and `Wait` waits for them: that is asked about where
//! a loop starts them.
//!
//! Limits: a derived context that has a name and is passed to nobody is not looked for.
//!
//! ```go bad
//! func charge(ctx context.Context, db *sql.DB, id string) error {
//! 	_, cancel := context.WithTimeout(ctx, time.Second)
//! 	//<^ the derived context is thrown away, and `ctx` is passed on without its time limit
//! 	defer cancel()
//! 	_, err := db.ExecContext(ctx, "UPDATE bookings SET paid = true WHERE id = $1", id)
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	_, cancel := context.WithTimeout(ctx, time.Second)
//! +	ctx, cancel := context.WithTimeout(ctx, time.Second)
//! ```
//! ```go good
//! func watch(ctx context.Context, stop func()) context.CancelFunc {
//! 	_, cancel := context.WithCancel(ctx) // only its cancel function is needed
//! 	context.AfterFunc(ctx, stop)
//! 	return cancel
//! }
//!
//! func charge(ctx context.Context, db *sql.DB, id string) error {
//! 	short, cancel := context.WithTimeout(ctx, time.Second)
//! 	defer cancel()
//! 	_, err := db.ExecContext(short, "UPDATE bookings SET paid = true WHERE id = $1", id)
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! The limit that the code seems to set does not exist, so a dependency that stops answering stops this caller as well.
//! It shows in latency histograms as requests that last as long as the other side likes, with no "deadline exceeded" in
//! any log. A test with a fake that never answers does not return within the limit.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 30s {package}`: with a server that sleeps longer than the limit, the call must fail
//!   with `context.DeadlineExceeded`
//!
//! # References
//!
//! - [Package context, WithTimeout](https://pkg.go.dev/context#WithTimeout)
use gopeer_lint::prelude::*;

use super::detached::{has_to_run, is_detached};
use super::support::may_end_with;

pub static RULE: Rule = Rule {
    id: "context/derived-context-discarded",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(DERIVING, check)],
    examines: "derived contexts",
};

const DERIVING: &[&str] = &[
    "context.WithCancel",
    "context.WithCancelCause",
    "context.WithDeadline",
    "context.WithDeadlineCause",
    "context.WithTimeout",
    "context.WithTimeoutCause",
    GROUP,
];
const GROUP: &str = "golang.org/x/sync/errgroup.WithContext";

fn check(cx: &mut Cx, with: Call) {
    const MOST: usize = 64;
    cx.examined();
    let Some(Node::Stmt(stmt)) = cx.tree.parent(with.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let (&[first, second], Some(&parent)) = (cx.exprs(lhs), with.args.first()) else { return };
    let of_group = with.callee.is(&[GROUP]);
    let (derived, cancel) = if of_group { (second, first) } else { (first, second) };
    let Def::Local(declared) = cx.def(cx.unparen(parent)) else { return };
    // A test ends with its groups.
    if cx.source(derived) != "_" || of_group && cx.file.is_test() {
        return;
    }
    if cx.enclosing_func(with.expr).is_none_or(|func| cx.is_long(func)) {
        return;
    }
    let end = cx.span(stmt).end;
    let runs = |used: ExprId| runs_on(cx, used, cancel);
    let later = cx.names.uses(declared).filter(|&used| cx.span(used).start >= end && (!of_group || runs(used)));
    let Some(used) = later.take(MOST).find(|&used| may_end_with(cx, used)) else { return };
    // Somebody keeps a function that cancels nothing, as a stand-in.
    if with.callee.name.starts_with("WithCancel") && is_kept(cx, cancel) {
        return;
    }
    let (parent, cancel) = (cx.source(parent), cx.source(cancel));
    let without = match with.callee.name {
        _ if of_group => format!(", which does not end when a function of `{cancel}` fails"),
        name if name.starts_with("WithCancel") => format!(", and `{cancel}` does not cancel it"),
        _ => " without its time limit".to_owned(),
    };
    let steps = [
        (cx.span(with.fun), format!("derives a context from `{parent}`, which is assigned to `_`")),
        (cx.span(used), format!("`{parent}` is passed here, as it was")),
    ];
    let edit = (cx.span(derived), parent.to_owned());
    let report = cx
        .report(derived, format!("the derived context is thrown away, and `{parent}` is passed on{without}"))
        .steps(steps);
    if of_group {
        // Behind `Wait` it has ended, so it needs a name of its own.
        report
            .severity(Severity::Medium)
            .asks(format!("When a function of `{cancel}` fails, the others go on, and `Wait` waits for them. Are they meant to?"))
            .note("give the derived context a name of its own, and pass that on; or use an `errgroup.Group` without a context");
    } else {
        report.suggest(format!("Name the derived context `{parent}`"), [edit]);
    }
}

/// Whether functions that a loop starts with a group go on with a context, and do nothing that has to be done in any case.
fn runs_on(cx: &Cx, context: ExprId, group: ExprId) -> bool {
    let Some(Node::Expr(literal)) = cx.enclosing_func(context).map(|func| func.node) else { return false };
    let Some(spawn) = cx.spawn_of(literal).filter(|spawn| cx.enclosing_loop(spawn.at).is_some()) else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(context) else { return false };
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    spawn.group.is_some_and(|of| cx.def(cx.unparen(of)) == cx.def(group))
        && !has_to_run(cx, fun)
        && !is_detached(cx, fun)
}

/// Whether a local is assigned to something else.
fn is_kept(cx: &Cx, local: ExprId) -> bool {
    let Def::Local(declared) = cx.def(local) else { return false };
    let is_value = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => matches!(cx.stmt(stmt), Stmt::Assign { .. }) && !cx.is_target(used),
        _ => false,
    };
    cx.names.uses(declared).take(16).any(is_value)
}
