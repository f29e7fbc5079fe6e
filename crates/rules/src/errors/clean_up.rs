//! Failures that leave nothing to do: of calls that close, end or take back, and of what comes after another failure.

use gopeer_lint::prelude::*;

use super::support::{is_error, waits};
use crate::context::comes_after_the_end;

/// Words of comments that say why an error is left alone.
pub(super) const REASONS: &[&str] = &["err", "retr", "again"];

/// The beginnings of names of functions that end something or let go of it; when they fail nothing is left to do.
const ENDS: &[&str] = &[
    "Abort",
    "Cancel",
    "Cleanup",
    "Close",
    "Decref",
    "Destroy",
    "Disconnect",
    "Done",
    "Drain",
    "End",
    "Exit",
    "Finish",
    "Free",
    "Kill",
    "Leave",
    "Logout",
    "Quit",
    "Release",
    "RemoveAll",
    "Rollback",
    "Shutdown",
    "Stop",
    "Teardown",
    "Terminate",
    "Unlock",
    "Unmount",
    "Unsubscribe",
];

/// Those that take something back, where something has failed before.
const TAKES_BACK: &[&str] = &["Clear", "Delete", "Put", "Remove", "Reset", "Restore", "Return", "Revert", "Undo"];

/// Whether nothing is left to do when the call of this statement fails: it closes or rolls back; it ends something in a goroutine,
/// for which nobody waits; or it ends something or takes it back where it is deferred, something has failed already, or the
/// context is over.
pub(super) fn gives_back(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    let aside = || matches!(cx.stmt(stmt), Stmt::Go(_)) || runs_in_goroutine(cx, stmt);
    closes(cx, call)
        || ends(cx, call) && aside()
        || begins_with(cx, call, &[ENDS, TAKES_BACK].concat())
            && (comes_after_failure(cx, call) || comes_after_the_end(cx, stmt))
}

/// Whether a call ends something or lets go of it, by the name of what is called.
pub(super) fn ends(cx: &Cx, call: ExprId) -> bool {
    begins_with(cx, call, ENDS)
}

/// Whether a call takes something back that is at hand, by the name of what is called, and without a context for a longer way.
pub(super) fn undoes(cx: &Cx, call: ExprId) -> bool {
    begins_with(cx, call, &["Clear", "Remove", "Reset", "Restore", "Revert", "Undo"]) && !waits(cx, call)
}

fn begins_with(cx: &Cx, call: ExprId, verbs: &[&str]) -> bool {
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return false };
    let name = match cx.expr(cx.unparen(fun)) {
        Expr::Selector { name, .. } => cx.source(name),
        _ => cx.source(fun),
    };
    verbs.iter().any(|verb| {
        let Some(head) = name.get(..verb.len()) else { return false };
        let rest = &name[verb.len()..];
        head.eq_ignore_ascii_case(verb) && !rest.starts_with(char::is_lowercase)
    })
}

/// Whether a call closes or takes back, which is done even where nobody waits for the outcome.
fn closes(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return false };
    let name = cx.source(fun).rsplit('.').next().unwrap_or_default();
    ["close", "Close", "Rollback", "Unsubscribe"].iter().any(|verb| name.starts_with(verb))
}

/// Whether the node stands where something has failed already, or in a deferred function: then the first error is the one that
/// counts.
pub(super) fn comes_after_failure(cx: &Cx, node: impl Into<Node>) -> bool {
    let mut child = node.into();
    for ancestor in cx.tree.ancestors(child) {
        match ancestor {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::If { cond, then, .. } if child == then.into() && asks_for(cx, cond, BinaryOp::NotEqual) => {
                    return true;
                }
                Stmt::If { cond, els: Some(els), .. } if child == els.into() && asks_for(cx, cond, BinaryOp::Equal) => {
                    return true;
                }
                Stmt::Defer(_) => return true,
                _ => {}
            },
            Node::Decl(_) => return false,
            _ => {}
        }
        child = ancestor;
    }
    false
}

/// Whether a condition compares an error with nil by `op`.
fn asks_for(cx: &Cx, cond: ExprId, op: BinaryOp) -> bool {
    cx.any(cond, false, |node| {
        let Node::Expr(id) = node else { return false };
        let Expr::Binary { op: found, lhs, rhs } = cx.expr(id) else { return false };
        found == op && cx.is_builtin(rhs, "nil") && is_error(cx, lhs)
    })
}

/// Whether a statement is run by a function literal that a `go` statement or a group starts: nobody waits for its outcome.
pub(super) fn runs_in_goroutine(cx: &Cx, stmt: StmtId) -> bool {
    let Some(Func { node: literal @ Node::Expr(_), .. }) = cx.enclosing_func(stmt) else { return false };
    let Some(Node::Expr(call)) = cx.tree.parent(literal) else { return false };
    cx.is_go(call)
}

/// Whether a call waits for a group inside a function that another group runs: it is there to come after, and others get the error.
pub(super) fn waits_aside(cx: &Cx, call: ExprId) -> bool {
    let Some(Func { node: literal @ Node::Expr(_), .. }) = cx.enclosing_func(call) else { return false };
    let of_group =
        |node| matches!(node, Some(Node::Expr(outer)) if matches!(cx.method_call(outer), Some((_, "Go", _))));
    matches!(cx.method_call(call), Some((_, "Wait", []))) && of_group(cx.tree.parent(literal))
}
