//! The cancel function of a derived context is not called on every path out of the function.
//!
//! Until it is called, the new context stays attached to its parent: package context releases it, and its timer, only when the
//! parent ends or the time is up. A server whose parent context lives as long as the process keeps one for every request that took
//! that path. `defer cancel()` on the next line covers every path; calling it twice does no harm.
//!
//! Limits: a cancel function that is stored, passed on, returned, or mentioned in a closure counts as called: somebody else may call
//! it. `main`, with which the process ends, paths that end in a panic, and tests are left out. A cancel function may be thrown away
//! where the parent has one of its own in the same function: the parent releases what was derived from it. The finding is medium where
//! the context has a time limit, after which it ends by itself. In helpers of tests, and where the parent is `context.Background()`,
//! which keeps nothing of a context without a timer, it is low.
//!
//! ```go bad
//! func load(ctx context.Context, id string) (*Order, error) {
//! 	ctx, cancel := context.WithTimeout(ctx, time.Second)
//! //    ^^^^^^ medium: `cancel` is not called on every path out of `load`
//! 	order, err := query(ctx, id)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	cancel()
//! 	return order, nil
//! }
//!
//! type Order struct{ ID string }
//!
//! func query(ctx context.Context, id string) (*Order, error) { return &Order{ID: id}, ctx.Err() }
//! ```
//! ```diff fixed
//! +	defer cancel()
//! ```
//! ```go bad
//! func watch(ctx context.Context) context.Context {
//! 	ctx, _ = context.WithCancel(ctx)
//! //    ^ the cancel function of `context.WithCancel` is thrown away
//! 	return ctx
//! }
//! ```
//! ```go good
//! func start(ctx context.Context, ready bool) (context.Context, context.CancelFunc, error) {
//! 	ctx, cancel := context.WithCancel(ctx)
//! 	if !ready {
//! 		cancel()
//! 		return nil, nil, errors.New("not ready")
//! 	}
//! 	// The caller calls it.
//! 	return ctx, cancel, nil
//! }
//! ```
//!
//! # Idiom
//!
//! Each of `WithCancel`, `WithTimeout` and `WithDeadline` returns a cancel function that has to be called after success too; calling it
//! twice does nothing. That is why `defer cancel()` follows on the next line.
//!
//! # Impact
//!
//! Each call on this path leaves a context and, with a deadline, a running timer attached to its parent until the time
//! is up; a parent that lives as long as the process keeps them all. The heap profile shows `context.WithDeadlineCause`
//! or `context.(*cancelCtx).propagateCancel` growing with traffic. Cancellation of the work itself is late for the same
//! reason.
//!
//! # Verify
//!
//! - `go vet -lostcancel {package}`: reports the same path, as far as vet follows it
//! - `go tool pprof -sample_index=inuse_space -top http://localhost:6060/debug/pprof/heap`: `context` and
//!   `time.AfterFunc` near the top, and more of them after each burst
//!
//! # Options
//!
//! - Defer `cancel` on the next line: covers every path and costs nothing when it is called again
//!   - senior, backend, data, throughput: the pair is visible in two lines of code
//! - Return the cancel function to the caller: for contexts that outlive this function; the duty moves to whoever
//!   called
//!   - cloud-native: long-lived streams end with their owner
//!
//! # References
//!
//! - [Package context, CancelFunc](https://pkg.go.dev/context#CancelFunc)
//! - [vet, lostcancel](https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/lostcancel)
use gopeer_lint::prelude::*;
use gopeer_sema::types::{Lookup, PkgId};

pub static RULE: Rule = Rule {
    id: "context/lost-cancel",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &["vet:lostcancel", "semgrep:cancelable-context-not-systematically-cancelled", "gosec:G118"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Acquire("cancel", check)],
    examines: "derived contexts",
};

fn check(cx: &mut Cx, cancel: &Resource) {
    if cx.file.generated {
        return;
    }
    cx.examined();
    let Some(leak) = cx.leak(cancel) else { return };
    if leak.overwritten && is_event(cx, cancel.call.expr) {
        return;
    }
    let (severity, note) = (severity(cx, &cancel.call), kept_until(cx, &cancel.call));
    if leak.variable.is_some() {
        let lasts = gives_what_lasts(cx, cancel.call.expr) || goes_to_goroutine(cx, cancel.call.expr);
        let leak = if lasts { leak.without_fix() } else { leak };
        leak.report(cx, cancel).note(note).severity(severity);
    } else {
        thrown_away(cx, &cancel.call, note, severity);
    }
}

/// Whether the function gives its caller what may need the context still: a stream, an iterator, a channel.
fn gives_what_lasts(cx: &Cx, call: ExprId) -> bool {
    let lasts = |ty: TypeId| {
        let elem = match cx.store.under(ty) {
            Type::Slice(elem) => elem,
            _ => ty,
        };
        let reads = ["Close", "Next", "Read", "Recv"]
            .iter()
            .any(|name| matches!(cx.store.lookup(elem, PkgId::SELF, cx.store.symbol(name)), Lookup::Method { .. }));
        reads || matches!(cx.store.under(elem), Type::Chan { .. } | Type::Signature(_))
    };
    let results = cx.enclosing_func(call).map(|func| cx.results_of(func)).unwrap_or_default();
    results.into_iter().any(|(_, ty)| lasts(cx.ty(ty)))
}

/// Whether a goroutine that the function starts has the context, and may need it when the function has returned.
fn goes_to_goroutine(cx: &Cx, call: ExprId) -> bool {
    const MOST: usize = 32;
    let (Some(Node::Stmt(stmt)), Some(func)) = (cx.tree.parent(call), cx.enclosing_func(call)) else { return false };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
    let Some(Def::Local(context)) = cx.exprs(lhs).first().map(|&name| cx.def(name)) else { return false };
    cx.spawns_in(func.body).take(MOST).any(|spawn| cx.mentions(spawn.call, context))
}

/// Whether it is made by a case of a `select` in a loop: events come in an order that this function does not show, so that nobody
/// knows whether the one that calls it comes before the next of its kind.
fn is_event(cx: &Cx, call: ExprId) -> bool {
    let is_clause = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::CommClause { .. } | Stmt::For { .. } | Stmt::Range { .. }),
        _ => cx.as_func(node).is_some(),
    };
    match cx.around(call, is_clause) {
        Some(Node::Stmt(id)) => matches!(cx.stmt(id), Stmt::CommClause { .. }) && cx.enclosing_loop(id).is_some(),
        _ => false,
    }
}

/// The blank identifier gets it.
fn thrown_away(cx: &mut Cx, call: &Call, note: String, severity: Severity) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let Some(&blank) = cx.exprs(lhs).last() else { return };
    // That the stop function of a signal's context is thrown away has a rule of its own.
    if call.callee.is(&["os/signal.NotifyContext"]) || ends_with_parent(cx, stmt, call) {
        return;
    }
    let reason = cx.explanation(stmt, &["automatically", "leak"]);
    let message = format!("the cancel function of `{}` is thrown away", cx.source(call.fun));
    let growth = cx.grows_with(call.expr);
    cx.report(blank, message).note(note).notes(growth).severity(severity).excused(reason);
}

/// Whether the parent is a local that was derived before, here or in one of the statements above, with a cancel function that has a
/// name: whoever calls that releases both.
fn ends_with_parent(cx: &Cx, stmt: StmtId, call: &Call) -> bool {
    const NEAR: usize = 4;
    let Some(&parent) = call.args.first() else { return false };
    let Def::Local(declared) = cx.def(parent) else { return false };
    let derives = |before: StmtId| {
        let Stmt::Assign { lhs, rhs, .. } = cx.stmt(before) else { return false };
        let &[context, cancel] = cx.exprs(lhs) else { return false };
        let made = cx.only(rhs).and_then(|value| cx.acquired(value));
        let is_derived = made.is_some_and(|made| made.kind == "cancel" && made.sure);
        before != stmt && is_derived && cx.def(context) == Def::Local(declared) && cx.source(cancel) != "_"
    };
    let above = cx.siblings(stmt).get(..cx.place_in_list(stmt).unwrap_or(0)).unwrap_or_default();
    let declaring = match cx.tree.parent(declared) {
        Some(Node::Stmt(declaring)) => Some(declaring),
        _ => None,
    };
    declaring.is_some_and(derives) || above.iter().rev().take(NEAR).any(|&before| derives(before))
}

/// What helps tests or shows something soon ends, and the context with it. `context.Background()` keeps nothing of a context without a
/// timer, and one with a timer ends by itself.
fn severity(cx: &Cx, call: &Call) -> Severity {
    match cx.file.purpose().is_service() && !cx.keeps_no_context(call) {
        true if ["Timeout", "Deadline"].iter().any(|ends| call.callee.name.contains(ends)) => Severity::Medium,
        true => Severity::High,
        false => Severity::Low,
    }
}

/// What is kept for how long: the time is in the call, or in a variable.
fn kept_until(cx: &Cx, call: &Call) -> String {
    let fresh = cx.is_fresh_parent(call);
    if call.callee.name.contains("Cancel") {
        let kept = if fresh {
            "whatever waits for the context to end waits forever"
        } else {
            "the context stays in its parent until that ends"
        };
        return kept.to_owned();
    }
    let limit = call.args.get(1).map_or("", |&limit| cx.source(limit));
    let time = match call.callee.name.contains("Timeout") && !limit.is_empty() && !limit.contains('\n') {
        true => format!("for `{limit}`"),
        false => "until the time is up".to_owned(),
    };
    match fresh {
        true => format!("its timer runs {time}"),
        false => format!("the context stays in its parent, and its timer runs, {time}"),
    }
}
