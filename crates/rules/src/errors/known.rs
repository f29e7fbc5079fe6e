//! What is known of an error at a place: whether it is nil, or not, on every path that leads there, and what it comes from.

use gopeer_flow::{Origin, Point};
use gopeer_lint::Followed;
use gopeer_lint::prelude::*;

use super::support::error_variable;

/// What tells that a variable is nil at a point, on every path that leads there: the test, or where it is declared without a value.
pub(super) fn why_nil(cx: &Cx, func: Func, of: &Followed, at: Point, declared: ExprId) -> Option<Vec<(Span, String)>> {
    let name = cx.source(declared);
    let origins = cx.origins(of, at, declared)?;
    let why = |origin: &Origin| match *origin {
        Origin::Nil(cond) => Some((cx.span(cond), format!("`{name}` is nil from here on"))),
        Origin::Zero(declared) => Some((cx.span(declared), format!("`{name}` is nil to begin with"))),
        Origin::Entry if cx.is_result(func, declared) => {
            Some((cx.span(declared), format!("`{name}` is nil to begin with")))
        }
        _ => None,
    };
    let why: Option<Vec<_>> = origins.iter().map(why).collect();
    why.filter(|why| !why.is_empty())
}

/// The test that tells that an error is not nil at a point, whatever path leads there.
fn why_failed(cx: &Cx, of: &Followed, at: Point, declared: ExprId) -> Option<ExprId> {
    let origins = cx.origins(of, at, declared)?;
    let mut test = None;
    for origin in origins {
        let Origin::NotNil(cond) = origin else { return None };
        test = test.or(Some(cond));
    }
    test
}

/// The call that an error comes from which is read at a place, on whatever path.
pub(super) fn call_of(cx: &Cx, error: ExprId) -> Option<ExprId> {
    let declared = error_variable(cx, error)?;
    let followed = cx.followed(cx.enclosing_func(error)?.node)?;
    let origins = cx.origins(&followed, followed.at_read(cx.unparen(error))?, declared)?;
    let [Origin::Written(written)] = origins[..] else { return None };
    let (targets, values) = match cx.tree.parent(written)? {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } => (cx.exprs(lhs), cx.exprs(rhs)),
            _ => return None,
        },
        Node::Decl(decl) => match cx.decl(decl) {
            Decl::Value { names, values, .. } => (cx.exprs(names), cx.exprs(values)),
            _ => return None,
        },
        _ => return None,
    };
    let at = if values.len() == 1 { 0 } else { cx.tree.place(targets, written)? };
    let value = cx.unparen(*values.get(at)?);
    matches!(cx.expr(value), Expr::Call { .. }).then_some(value)
}

/// Another error that a condition around a `return` is about, that is not nil there, and that nothing in the branch looks at: with
/// the test that tells.
pub(super) fn failed_instead(cx: &Cx, followed: &Followed, stmt: StmtId, returned: ExprId) -> Option<(ExprId, ExprId)> {
    const FAR: usize = 12;
    let at = followed.at_return(stmt)?;
    let mut inner = Node::Stmt(stmt);
    for above in cx.tree.ancestors(stmt).take_while(|&node| cx.as_func(node).is_none()).take(FAR) {
        for cond in conditions(cx, above, inner) {
            for ident in idents(cx, cond) {
                let Some(declared) = error_variable(cx, ident) else { continue };
                if declared != returned
                    && let Some(test) = why_failed(cx, followed, at, declared)
                    && !branch_mentions(cx, inner, stmt, declared)
                {
                    return Some((declared, test));
                }
            }
        }
        inner = above;
    }
    None
}

/// Whether anything between the beginning of a branch and a `return` in it mentions a variable.
fn branch_mentions(cx: &Cx, branch: Node, stmt: StmtId, declared: ExprId) -> bool {
    cx.names.uses(declared).any(|used| {
        let span = cx.span(used);
        span.start >= cx.span(branch).start && span.end <= cx.span(stmt).end
    })
}

/// The conditions of a statement that hold where a branch of it, `inner`, runs.
fn conditions(cx: &Cx, above: Node, inner: Node) -> Vec<ExprId> {
    let Node::Stmt(above) = above else { return Vec::new() };
    match cx.stmt(above) {
        Stmt::If { cond, then, els, .. } if Node::Stmt(then) == inner || els.map(Node::Stmt) == Some(inner) => {
            vec![cond]
        }
        Stmt::CaseClause { exprs, .. } => cx.exprs(exprs).to_vec(),
        _ => Vec::new(),
    }
}

fn idents(cx: &Cx, cond: ExprId) -> Vec<ExprId> {
    let mut found = Vec::new();
    cx.any(cond, false, |node| {
        if let Node::Expr(id) = node
            && cx.expr(id) == Expr::Ident
        {
            found.push(id);
        }
        false
    });
    found
}

/// Whether an error comes from a call, and not of one that asks whether something is there.
pub(super) fn is_of_call(cx: &Cx, error: ExprId) -> bool {
    const ASKS: &[&str] =
        &["check", "exists", "find", "has", "is", "lookup", "lstat", "readlink", "stat", "validate", "verify"];
    let Some(call) = call_of(cx, error) else { return false };
    let asks = words(cx.callee_word(call)).iter().any(|word| ASKS.contains(&word.as_str()));
    !cx.is_parameter(error) && !asks
}

/// Whether a function returns other errors of calls.
pub(super) fn returns_others(cx: &Cx, func: Func) -> bool {
    const MOST: usize = 64;
    cx.returned(func.body).take(MOST).any(|results| {
        results.last().is_some_and(|&last| {
            let wraps = |&arg: &ExprId| error_variable(cx, arg).is_some();
            match cx.expr(cx.unparen(last)) {
                Expr::Call { args, .. } => cx.exprs(args).iter().any(wraps),
                _ => wraps(&last),
            }
        })
    })
}
