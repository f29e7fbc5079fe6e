//! A context is replaced in a loop by one that is made of it.
//!
//! Each iteration adds a layer, and the loop never takes one away: `Value` and `Done` walk through all of them, so each iteration is slower than the
//! last, and nothing of it is freed. With a timeout, each iteration gets what is left of the first one: after it has passed, all iterations fail.
//! Declare a new variable in the loop.
//!
//! ```go bad
//! func poll(ctx context.Context, ids []string, get func(context.Context, string)) {
//! 	for _, id := range ids {
//! 		ctx = context.WithValue(ctx, key, id)
//! //^^^ `ctx` gets one layer deeper in each iteration
//! 		get(ctx, id)
//! 	}
//! }
//!
//! type keyType struct{}
//!
//! var key keyType
//! ```
//! ```diff fixed
//! -		ctx = context.WithValue(ctx, key, id)
//! +		ctx := context.WithValue(ctx, key, id)
//! ```
//! ```go good
//! func poll(ctx context.Context, ids []string, get func(context.Context, string)) {
//! 	for _, id := range ids {
//! 		ctx, cancel := context.WithTimeout(ctx, time.Second) // its own
//! 		get(ctx, id)
//! 		cancel()
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "context/nested-in-loop",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Allocation, 2), (Concern::Cancellation, 2)],
    equivalents: &["fatcontext:fatcontext"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Assign], check)],
    examines: "contexts that are assigned to in loops",
};

const MAKES: &[&str] = &[
    "context.WithCancel",
    "context.WithCancelCause",
    "context.WithDeadline",
    "context.WithDeadlineCause",
    "context.WithTimeout",
    "context.WithTimeoutCause",
    "context.WithValue",
];

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return };
    let (Some(&target), Some(made)) = (cx.exprs(lhs).first(), cx.only(rhs)) else { return };
    let Some(call) = cx.call(made).filter(|call| call.callee.is(MAKES)) else { return };
    let (Def::Local(declared), Some(&parent)) = (cx.def(target), call.args.first()) else { return };
    let Some(looping) = cx.enclosing_loop(stmt).filter(|_| cx.def(cx.unparen(parent)) == Def::Local(declared)) else {
        return;
    };
    cx.examined();
    // A variable of the iteration begins anew, and so does one that the loop sets to something else.
    if cx.span(looping).contains(cx.span(declared))
        || is_renewed(cx, looping, stmt, declared)
        || leaves(cx, stmt, looping)
    {
        return;
    }
    // What a loop collects for what comes after it is meant to grow.
    let later = |used: ExprId| cx.span(used).start > cx.span(looping).end;
    if call.callee.name == "WithValue" && cx.names.uses(declared).take(64).any(later) {
        return;
    }
    let name = cx.source(target);
    let alone = cx.exprs(lhs).len() == 1 && cx.tree.parent(stmt).is_some_and(|list| Some(list) == body_of(cx, looping));
    let (from, to) = (cx.span(target).end, cx.span(made).start);
    let edit = alone.then(|| (Span::new(from, to), " := ".to_owned()));
    cx.report(target, format!("`{name}` gets one layer deeper in each iteration"))
        .note("each lookup goes through all layers, none of them is freed, and the earliest deadline holds for all that follow")
        .fix("Declare it in the loop", edit);
}

fn body_of(cx: &Cx, looping: StmtId) -> Option<Node> {
    match cx.stmt(looping) {
        Stmt::For { body, .. } | Stmt::Range { body, .. } => Some(Node::Stmt(body)),
        _ => None,
    }
}

/// Whether the loop also gives the variable something that is not made of it.
fn is_renewed(cx: &Cx, looping: StmtId, stmt: StmtId, declared: ExprId) -> bool {
    cx.names.uses(declared).take(64).any(|used| {
        let Some(Node::Stmt(other)) = cx.tree.parent(used) else { return false };
        other != stmt && cx.is_target(used) && cx.span(looping).contains(cx.span(other))
    })
}

/// Whether the loop ends in the iteration: what follows in the same list leaves it.
fn leaves(cx: &Cx, stmt: StmtId, looping: StmtId) -> bool {
    let list = cx.siblings(stmt);
    let rest = cx.place_in_list(stmt).and_then(|at| list.get(at..)).unwrap_or_default();
    let direct = cx.tree.parent(stmt) == body_of(cx, looping);
    let ends = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Branch { kind: BranchKind::Break, .. });
    rest.iter().any(ends) && (direct || rest.last().is_some_and(ends))
}
