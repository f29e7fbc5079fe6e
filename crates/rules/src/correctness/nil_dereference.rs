//! A value is dereferenced, or called, on a path where the function itself says that it is nil.
//!
//! Dereferencing nil panics, and a panic that nobody recovers from ends the process with everything else that it was doing
//! (Go spec, "Run-time panics"). Most such paths are taken rarely: the key that is missing, the option that nobody set, the check
//! for nil that logs and goes on. Leave the function in the branch where the value is nil, or give it a value there.
//!
//! Limits: a value counts as nil only where it is declared without a value, set to nil, missing in a map or of another type
//! (`v, ok := …`), returned by a function of the package as nil beside a nil error, or tested for nil. A test further down says nothing
//! about what comes before it. A pointer on which one of its own methods is called is left alone, because the method may allow for nil.
//!
//! ```go bad
//! type Tenant struct{ Plan string }
//!
//! func plan(tenants map[string]*Tenant, id string, log *slog.Logger) string {
//! 	tenant := tenants[id]
//! 	if tenant == nil {
//! 		log.Warn("unknown tenant", "id", id)
//! 	}
//! 	return tenant.Plan
//! 	//     ^^^^^^^^^^^ `tenant` is dereferenced here on a path on which the check above finds it nil
//! }
//! ```
//! ```go bad
//! type Principal struct{ Name string }
//!
//! type key struct{}
//!
//! func name(ctx context.Context, strict bool) string {
//! 	p, ok := ctx.Value(key{}).(*Principal)
//! 	if !ok && strict {
//! 		return ""
//! 	}
//! 	return p.Name
//! 	//     ^^^^^^ `p` is nil here if `ok` is false
//! }
//! ```
//! ```go good
//! type Tenant struct{ Plan string }
//!
//! func plan(tenants map[string]*Tenant, id string) (string, error) {
//! 	tenant := tenants[id]
//! 	if tenant == nil {
//! 		// The function is left.
//! 		return "", fmt.Errorf("unknown tenant %q", id)
//! 	}
//! 	return tenant.Plan, nil
//! }
//!
//! func first(tenants map[string]*Tenant, id string) string {
//! 	tenant, ok := tenants[id]
//! 	missing := !ok || tenant == nil
//! 	if missing {
//! 		// A flag is as good as the condition.
//! 		tenant = &Tenant{Plan: "free"}
//! 	}
//! 	return tenant.Plan
//! }
//! ```
//!
//! # Impact
//!
//! On this path the program panics with "invalid memory address or nil pointer dereference". In an HTTP handler
//! net/http recovers and the client gets a closed connection; in any other goroutine the process exits with all its
//! work. The stack in the log names this line, once per missing key or absent option.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: add the case in which the value is nil: the missing key, the empty result, the
//!   option that nobody set
//! - `go test -run none -fuzz {test} -fuzztime 30s {package}`: for parsers and decoders, finds the input that leaves
//!   the value nil
//!
//! # Options
//!
//! - Leave the function in the branch that found it nil: the rest can rely on the value
//!   - senior, throughput: the happy path has one precondition
//! - Give it a usable value there: callers need no case, and a default can hide that something is missing
//!   - cloud-native: a missing setting degrades instead of failing
//! - Return an error that names what is missing: the caller decides, and has to check
//!   - backend, data: the missing row is reported, not guessed
//!
//! # References
//!
//! - [Go spec, "Run-time panics"](https://go.dev/ref/spec#Run_time_panics)
use crate::errors::support::own_callee;
use gopeer_lint::prelude::*;
use gopeer_lint::{FuncName, Step};
use gopeer_sema::SelectionKind;

pub static RULE: Rule = Rule {
    id: "correctness/nil-dereference",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA5011", "vet:nilness", "nilaway"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Nil(check), Hook::Expr(&[ExprKind::Call], check_documented)],
    examines: "values that can be nil",
};

fn check(cx: &mut Cx, nil: &Nil) {
    if cx.is_nil_map(nil) || matches!(nil.origin, Origin::Failed { .. }) {
        return;
    }
    cx.examined();
    let Some(found) = cx.nil_use(nil) else { return };
    // What else decides whether it is used, or gets a value, may well know more.
    let evident = !found.guarded
        && match nil.origin {
            Origin::Tested { .. } => true,
            _ => found.assigned != Reassigned::Otherwise,
        };
    if !evident {
        return;
    }
    let name = cx.nil_name(nil);
    let done = if found.harm == Harm::Called { "called" } else { "dereferenced" };
    let message = match nil.origin {
        Origin::Absent(ok) => format!("`{name}` is nil here if `{}` is false", cx.source(ok)),
        Origin::Tested { cond, .. } if is_in_branch(cx, cond, found.at) => {
            format!("`{name}` is nil in this branch and is {done}")
        }
        Origin::Tested { .. } => format!("`{name}` is {done} here on a path on which the check above finds it nil"),
        Origin::Returned { call, .. } => {
            format!("`{name}` is {done} here, although `{}` may have returned nil", cx.callee_text(call))
        }
        Origin::Assigned => format!("`{name}` is {done} here on a path on which it is set to nil"),
        _ => format!("`{name}` is {done} here on a path on which it has no value yet"),
    };
    // What one function returns its callers get, each of them.
    let (cause, asks) = match nil.origin {
        Origin::Returned { call, .. } => {
            let callee = cx.callee_text(call);
            (
                own_callee(cx, call),
                Some(format!(
                    "Can `{callee}` return nil without an error? Then `{name}` is nil here, and this panics."
                )),
            )
        }
        _ => (None, None),
    };
    let doubtful = matches!(nil.origin, Origin::Declared | Origin::Assigned) && found.assigned == Reassigned::Sometimes;
    let report = cx.report(found.at, message).steps(found.steps).one_cause_if(cause);
    match asks {
        // The caller may know that there is something to return.
        Some(question) => report.asks(question),
        None if doubtful => report.asks(format!("Can `{name}` still be nil here? Then this panics.")),
        None => report,
    };
}

/// Whether code stands in a branch of the `if` whose condition this is.
fn is_in_branch(cx: &Cx, tested: ExprId, at: ExprId) -> bool {
    let around = cx.tree.ancestors(tested).find(|node| matches!(node, Node::Stmt(_)));
    matches!(around, Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::If { cond, .. }
        if cx.unparen(cond) == tested && cx.span(stmt).contains(cx.span(at))))
}

/// What a function of the package gives that may return nil, as its comment says: `s.find(key).limit`, `count(s.find(key))`, or a
/// variable that nothing compares with nil.
fn check_documented(cx: &mut Cx, call: ExprId) {
    if !matches!(cx.under(call), Type::Pointer(_)) {
        return;
    }
    let (mut used, mut by) = (None, None);
    match cx.tree.parent(call) {
        Some(Node::Expr(around)) => match cx.expr(around) {
            Expr::Call { args, .. } => by = taker(cx, around, cx.tree.place(cx.exprs(args), call)),
            _ => used = needs_value(cx, around, call),
        },
        Some(Node::Stmt(stmt)) => used = first_use(cx, stmt, call),
        _ => {}
    }
    let (Some(at), Some(made)) = (used.or(by.as_ref().map(|_| call)), cx.call(call)) else { return };
    let Some((of, comment)) = cx.find_within(made, says_nil, 0) else { return };
    // The comment speaks of something else: `New returns a server; opts may be nil if …`.
    if cx.gives_beside_error(call, 0) {
        return;
    }
    cx.examined();
    let name = cx.source(made.fun);
    let mut steps = vec![Step::within(of, comment, "the comment of this function says that it may return nil")];
    let message = match by {
        None => format!("`{}` is dereferenced here, although `{name}` may return nil", cx.source(at)),
        Some((by, inside)) => {
            let message = format!("`{by}` dereferences what it gets here, although `{name}` may return nil");
            steps.push(Step::within(by, inside, "it is dereferenced here"));
            message
        }
    };
    let cause = own_callee(cx, call);
    cx.report(at, message).steps(steps).question().one_cause_if(cause);
}

/// The function of the package that gets a value as the argument of this index and dereferences it without a look at whether it is nil,
/// and where.
fn taker(cx: &Cx, call: ExprId, at: Option<usize>) -> Option<(FuncName, ExprId)> {
    let derefs = |cx: &Cx, decl: DeclId, at: usize| {
        let declared = cx.param_at(cx.as_func(decl.into())?, at)?;
        dereferenced(cx, declared)
    };
    cx.find_within(cx.call(call)?, derefs, at?)
}

/// The name of a function whose comment says that it may return nil.
fn says_nil(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let Decl::Func { name, .. } = cx.decl(decl) else { return None };
    const SAYS: &[&str] = &["or nil", "nil if", "nil when", "nil where"];
    let text = cx.tree.text();
    let doc: Vec<&str> = cx.doc_comment(decl).iter().map(|comment| comment.body(text)).collect();
    let doc = doc.join(" ");
    (doc.contains("return") && SAYS.iter().any(|says| doc.contains(says))).then_some(name)
}

/// The operand, if a selector needs what the pointer points at: for a field, or a method of the package that does not ask for nil.
fn needs_value(cx: &Cx, selector: ExprId, value: ExprId) -> Option<ExprId> {
    let Expr::Selector { base, .. } = cx.expr(selector) else { return None };
    let called = match cx.tree.parent(selector) {
        Some(Node::Expr(call)) => cx.call(call).filter(|call| call.fun == selector),
        _ => None,
    };
    let needs = match called {
        Some(call) => cx.find_within(call, uses_receiver, 0).is_some(),
        None => cx.facts.selection(selector).is_some_and(|selected| selected.kind == SelectionKind::Field),
    };
    (base == value && needs).then_some(value)
}

/// Where a method uses its receiver, if it never compares it with nil.
fn uses_receiver(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let Decl::Func { recv, .. } = cx.decl(decl) else { return None };
    dereferenced(cx, cx.params(recv).first()?.0?)
}

/// Where a field of what a parameter points at is used, if nothing compares it with nil or assigns to it.
fn dereferenced(cx: &Cx, declared: ExprId) -> Option<ExprId> {
    let selects = |used: &ExprId| matches!(cx.tree.parent(*used), Some(Node::Expr(around)) if cx.facts.selection(around).is_some_and(|selected| selected.kind == SelectionKind::Field));
    let used = cx.names.uses(declared).filter(|&used| used != declared).find(selects)?;
    (!cx.is_compared_with_nil(declared) && !cx.is_reassigned(declared)).then_some(used)
}

/// Where a variable that gets the value is used first, if nothing compares it with nil or assigns to it again.
fn first_use(cx: &Cx, stmt: StmtId, call: ExprId) -> Option<ExprId> {
    let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = cx.stmt(stmt) else { return None };
    let (variable, _) = cx.only(lhs).zip(cx.only(rhs).filter(|&value| value == call))?;
    let Def::Local(declared) = cx.def(variable) else { return None };
    if cx.is_reassigned(variable) || cx.is_compared_with_nil(variable) {
        return None;
    }
    let mut uses = cx.names.uses(declared).filter(|&used| used != declared);
    let decided = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(around)) => match cx.expr(around) {
            // A function of the package, or a method that knows what to do without a value, may be how it is checked.
            Expr::Selector { .. } => Some(needs_value(cx, around, used)),
            Expr::Call { .. } if cx.callee(around).is_none_or(|callee| cx.is_own(&callee)) => Some(None),
            _ => None,
        },
        _ => None,
    };
    uses.find_map(decided).flatten()
}
