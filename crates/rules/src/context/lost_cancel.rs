//! The cancel function of a derived context is not called on every path out of the function.
//!
//! Until it is called, the new context stays attached to its parent: package context releases it, and its timer, only when the
//! parent ends or the time is up. A server whose parent context lives as long as the process keeps one for every request that took
//! that path. `defer cancel()` on the next line covers every path; calling it twice does no harm.
//!
//! Limits: a cancel function that is stored, passed on, returned, or mentioned in a closure counts as called, and so does a mere
//! mention. One that is overwritten before it is called is not reported, and neither are `main`, with which the process
//! ends, paths that end in a panic, and tests. In helpers of tests, and where the parent is `context.Background()`, which keeps
//! nothing of a context without a timer, the finding is low. A cancel function may be thrown away where the parent has one of its own in the
//! same function: the parent releases what was derived from it.
//!
//! ```go bad
//! func load(ctx context.Context, id string) (*Order, error) {
//! 	ctx, cancel := context.WithTimeout(ctx, time.Second)
//! //    ^^^^^^ `cancel` is not called on every path out of `load`
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
use std::collections::HashSet;

use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "context/lost-cancel",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &["vet:lostcancel", "semgrep:cancelable-context-not-systematically-cancelled", "gosec:G118"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Call(DERIVED, check)],
    file: file!(),
    examines: "derived contexts",
};

const DERIVED: &[&str] = &[
    "context.WithCancel",
    "context.WithCancelCause",
    "context.WithDeadline",
    "context.WithDeadlineCause",
    "context.WithTimeout",
    "context.WithTimeoutCause",
    "os/signal.NotifyContext",
];

fn check(cx: &mut Cx, call: Call) {
    let Some(func) = cx.enclosing_func(call.expr) else { return };
    if cx.file.generated || cx.file.is_main() && name_of(cx, func) == "main" {
        return;
    }
    let Some((stmt, cancel)) = kept(cx, call.expr) else { return };
    cx.examined();
    if cx.source(cancel) == "_" {
        if !call.callee.is(&["os/signal.NotifyContext"]) && !ends_with_parent(cx, stmt, &call) {
            let made = cx.source(call.fun);
            let reason = cx.explanation(stmt, &["automatically", "leak"]);
            let severity = severity(cx, &call);
            cx.report(cancel, format!("the cancel function of `{made}` is thrown away"))
                .note(kept_until(call.callee.name))
                .severity(severity)
                .excused(reason);
        }
        return;
    }
    let Some(uses) = Uses::of(cx, func, cancel) else { return };
    report(cx, func, call, (stmt, cancel), &uses);
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
        let is_derived = cx.only(rhs).is_some_and(|value| cx.calls(value, DERIVED));
        before != stmt && is_derived && cx.def(context) == Def::Local(declared) && cx.source(cancel) != "_"
    };
    let above = cx.siblings(stmt).get(..cx.place_in_list(stmt).unwrap_or(0)).unwrap_or_default();
    let declaring = match cx.tree.parent(declared) {
        Some(Node::Stmt(declaring)) => Some(declaring),
        _ => None,
    };
    declaring.is_some_and(derives) || above.iter().rev().take(NEAR).any(|&before| derives(before))
}

fn report(cx: &mut Cx, func: Func, call: Call, (stmt, cancel): (StmtId, ExprId), uses: &Uses) {
    let Some(followed) = cx.followed(func.node) else { return };
    let from = followed.after_write(cancel);
    let Some(path) = from.and_then(|from| followed.way_out(from, |op| uses.nodes.contains(&op.at))) else { return };
    let name = cx.source(cancel);
    let mut steps = vec![(cx.span(cancel), format!("`{name}` is created here"))];
    let leaves = format!("the function returns without calling `{name}`");
    steps.extend(cx.steps(&followed, &path, |op| uses.nodes.contains(&op.at), leaves));
    let edit = uses.only_called && cx.enclosing_loop(stmt).is_none();
    let cause = if call.callee.name.ends_with("Cause") { "nil" } else { "" };
    let edit = edit.then(|| (after(cx, stmt), format!("\n{}defer {name}({cause})", cx.indent(stmt))));
    let message = match name_of(cx, func) {
        "" => format!("`{name}` is not called on every path out of this function"),
        around => format!("`{name}` is not called on every path out of `{around}`"),
    };
    let severity = severity(cx, &call);
    let report = cx.report(cancel, message).steps(steps).severity(severity);
    if let Some(edit) = edit {
        report.fix(format!("Defer the call of `{name}`"), [edit]);
    }
}

/// What helps tests or shows something soon ends, and the context with it. `context.Background` keeps nothing of what is derived
/// from it without a timer.
fn severity(cx: &Cx, call: &Call) -> Severity {
    let is_fresh = |&parent: &ExprId| cx.calls(parent, &["context.Background", "context.TODO"]);
    let keeps_nothing = call.callee.name.starts_with("WithCancel") && call.args.first().is_some_and(is_fresh);
    match cx.file.purpose().is_service() && !keeps_nothing {
        true => Severity::High,
        false => Severity::Low,
    }
}

fn kept_until(made: &str) -> &'static str {
    match made.contains("Cancel") {
        true => "the context stays in its parent until that ends",
        false => "the context stays in its parent, and its timer runs, until the time is up",
    }
}

fn after(cx: &Cx, stmt: StmtId) -> Span {
    let end = cx.span(stmt).end;
    Span::new(end, end)
}

fn name_of<'a>(cx: &Cx<'a>, func: Func) -> &'a str {
    match func.node {
        Node::Decl(decl) => cx.func_name(decl).unwrap_or_default(),
        _ => "",
    }
}

/// The statement that keeps the results of a call, and the name that gets the second.
fn kept(cx: &Cx, call: ExprId) -> Option<(StmtId, ExprId)> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
    match *cx.exprs(lhs) {
        [_, cancel] if cx.expr(cancel) == Expr::Ident => Some((stmt, cancel)),
        _ => None,
    }
}

/// What mentions a cancel function.
struct Uses {
    /// The identifiers, and the closures around them, that do something with it.
    nodes: HashSet<ExprId>,
    /// Whether it is called and nothing else.
    only_called: bool,
}

impl Uses {
    /// None where others than the function can see the variable: it is a result, or of a function around, or a closure that was
    /// made before may call what is assigned now.
    fn of(cx: &Cx, func: Func, cancel: ExprId) -> Option<Uses> {
        let Def::Local(declared) = cx.def(cancel) else { return None };
        let own = cx.span(func.body).contains(cx.span(declared));
        if !own || cx.enclosing_func(declared).is_none_or(|around| around.node != func.node) {
            return None;
        }
        // Each acquisition looks at all mentions; a variable with so many is not followed.
        const MOST: usize = 64;
        if cx.names.uses(declared).nth(MOST).is_some() {
            return None;
        }
        let mut uses = Uses { nodes: HashSet::new(), only_called: true };
        for used in cx.names.uses(declared) {
            let around = cx.enclosing_func(used)?;
            if around.node != func.node {
                let closure = outermost(cx, used, func)?;
                if cx.span(closure).start < cx.span(cancel).start {
                    return None;
                }
                uses.nodes.insert(closure);
                uses.only_called &= is_called(cx, used);
            } else if !is_written(cx, used) {
                uses.nodes.insert(used);
                uses.only_called &= is_called(cx, used);
            }
        }
        Some(uses)
    }
}

/// The function literal around a node that stands in `func` itself.
fn outermost(cx: &Cx, node: ExprId, func: Func) -> Option<ExprId> {
    let literals = cx.tree.ancestors(node).take_while(|&above| above != func.node);
    literals
        .filter_map(|above| match above {
            Node::Expr(id) if matches!(cx.expr(id), Expr::FuncLit { .. }) => Some(id),
            _ => None,
        })
        .last()
}

fn is_called(cx: &Cx, used: ExprId) -> bool {
    matches!(cx.tree.parent(used), Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if fun == used))
}

fn is_written(cx: &Cx, used: ExprId) -> bool {
    match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => {
            matches!(cx.stmt(stmt), Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, .. }
                if cx.exprs(lhs).contains(&used))
        }
        Some(Node::Decl(_)) => true,
        _ => false,
    }
}
