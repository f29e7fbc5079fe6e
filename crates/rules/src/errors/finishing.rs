//! Closing a writer that writes the end of its output only then.

use gopeer_lint::prelude::*;

use super::clean_up::comes_after_failure;
use super::support::{is_in_memory, is_required};

/// Packages whose writers hold back a part of their output until they are closed.
const PACKAGES: &[&str] = &["archive/tar", "archive/zip", "compress/flate", "compress/gzip", "compress/zlib"];

/// Whether a statement closes a compressing or archiving writer where the function succeeds, nobody else closes it, and its output can
/// fail and is kept: it is neither in memory nor a response, whose client is gone then, nor a pipe, whose reader is.
pub(super) fn finishes(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    let Some((writer, "Close", [])) = cx.method_call(call) else { return false };
    let Def::Local(declared) = cx.def(writer) else { return false };
    let closes = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(around)) => {
            matches!(cx.expr(around), Expr::Selector { name, .. } if cx.source(name) == "Close")
        }
        _ => false,
    };
    is_required(cx, call)
        && is_of_packages(cx, call)
        && !cx.names.uses(declared).any(|used| used != writer && closes(used) && !comes_after_failure(cx, used))
        && (is_deferred(cx, stmt) || !comes_after_failure(cx, stmt))
        && output(cx, writer).is_some_and(|output| !is_lost_anyway(cx, output))
}

fn is_of_packages(cx: &Cx, call: ExprId) -> bool {
    cx.callee(call).is_some_and(|callee| PACKAGES.contains(&callee.path))
}

/// Whether a statement runs whenever the function ends.
fn is_deferred(cx: &Cx, stmt: StmtId) -> bool {
    let by_closure = || {
        let func = cx.enclosing_func(stmt)?;
        let Node::Expr(literal) = func.node else { return None };
        let Node::Expr(call) = cx.tree.parent(literal)? else { return None };
        let Node::Stmt(defer) = cx.tree.parent(call)? else { return None };
        Some(matches!(cx.stmt(defer), Stmt::Defer(_)) && cx.list_of(func.body.into()).contains(&stmt))
    };
    matches!(cx.stmt(stmt), Stmt::Defer(_)) || by_closure() == Some(true)
}

/// What a writer writes to in the end: of `tar.NewWriter(gz)` the output of `gz`.
fn output(cx: &Cx, writer: ExprId) -> Option<ExprId> {
    const DEEP: usize = 4;
    let under = |writer: &ExprId| {
        let (made, _) = cx.origin(*writer)?;
        let call = cx.call(cx.unparen(made)).filter(|call| is_of_packages(cx, call.expr))?;
        call.args.first().copied()
    };
    std::iter::successors(under(&writer), under).take(DEEP).last()
}

fn is_lost_anyway(cx: &Cx, output: ExprId) -> bool {
    cx.ty(output).is_unknown()
        || is_in_memory(cx, output)
        || cx.has_type(output, &["io.PipeWriter", "net/http.ResponseWriter"])
        || cx.denotes(output, &["io.Discard", "os.Stdout", "os.Stderr"])
}
