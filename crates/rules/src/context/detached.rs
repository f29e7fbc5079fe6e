//! Functions that are given a context of their own on purpose.

use gopeer_lint::prelude::*;

use crate::errors::support::{can_act, is_command};

/// Parts of the names of functions that clean up or settle, so that their work has to be done in any case.
const DETACHED: &[&str] = &[
    "abandon",
    "audit",
    "cleanup",
    "close",
    "complete",
    "context",
    "detach",
    "disconnect",
    "finalize",
    "flush",
    "logger",
    "release",
    "revoke",
    "rollback",
    "shutdown",
    "stop",
    "unlock",
];

/// Whether the callee is given a context of its own on purpose, by what it returns or its name says.
pub(super) fn is_detached(cx: &Cx, callee: ExprId) -> bool {
    let name = match cx.expr(cx.unparen(callee)) {
        Expr::Selector { name, .. } => name,
        _ => callee,
    };
    if is_builtin(cx, callee) || makes_one(cx, callee) {
        return true;
    }
    let name = cx.source(name).to_ascii_lowercase();
    // `QueryContext(ctx, …)` takes a context, `ContextWithSpan(ctx, …)` and `NewContext(ctx, …)` make one.
    let name = name
        .strip_suffix("withcontext")
        .or(name.strip_suffix("context").filter(|rest| *rest != "new"))
        .unwrap_or(&name);
    let option = name.is_empty() || name.starts_with("with") && !name.starts_with("withdraw");
    // What a log line is written with cancels nothing.
    let logs = ["debug", "error", "info", "log", "print", "warn"].iter().any(|word| name.starts_with(word))
        || words(name_of(cx, callee)).iter().any(|word| word == "log")
        || cx
            .object(callee)
            .is_some_and(|object| object.path.rsplit('/').next().is_some_and(|last| last.ends_with("log")));
    option || logs || DETACHED.iter().any(|word| name.contains(word))
}

/// Whether a `defer` in the function stops what a method of the same value starts, by their names: `defer w.Stop()`.
pub(super) fn is_stopped(cx: &Cx, callee: ExprId) -> bool {
    const STARTS: &[&str] = &["listen", "run", "serve", "start"];
    const STOPS: &[&str] = &["Close", "Shutdown", "Stop"];
    let Expr::Selector { base, name } = cx.expr(cx.unparen(callee)) else { return false };
    let Def::Local(started) = cx.def(cx.unparen(base)) else { return false };
    let starts = words(cx.source(name)).first().is_some_and(|first| STARTS.contains(&first.as_str()));
    let stops = |used| cx.called_on(used).is_some_and(|(_, name, _)| STOPS.contains(&name));
    starts && cx.names.uses(started).any(|used| cx.enclosing_defer(used).is_some() && stops(used))
}

/// `append(contexts, ctx)` calls nothing with it.
fn is_builtin(cx: &Cx, callee: ExprId) -> bool {
    cx.def(cx.unparen(callee)) == Def::Universe
}

/// Whether a function makes a context out of the one it is given, or a client, which may live longer than the call.
fn makes_one(cx: &Cx, callee: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(callee) else { return false };
    // What can fail does more than that.
    let makes_context = !cx.returns_error(call)
        && cx
            .results(call)
            .is_some_and(|results| results.first().is_some_and(|&first| cx.type_is(first, &["context.Context"])));
    let is_client =
        |object: Object| object.name.starts_with("New") && (!cx.is_own(&object) || is_kept_in_field(cx, call));
    let makes_one = |object: Object| object.path == "context" || is_client(object) || object.is(REQUESTS);
    makes_context || cx.object(callee).is_some_and(makes_one)
}

/// What copies a request for a context of its own.
const REQUESTS: &[&str] = &["net/http.Request.Clone", "net/http.Request.WithContext"];

/// `s.cache, err = NewCache(context.Background())`.
fn is_kept_in_field(cx: &Cx, call: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
    let is_field = |&target: &ExprId| matches!(cx.expr(target), Expr::Selector { .. });
    matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if cx.exprs(lhs).first().is_some_and(is_field))
}

/// Whether the call takes back a first step because a second one failed: a deletion in the branch for an error.
pub(super) fn undoes(cx: &Cx, callee: ExprId) -> bool {
    let Some(name) = cx.source(callee).rsplit('.').next() else { return false };
    let takes_back =
        ["Delete", "Remove", "Undo", "Revert", "Abort", "Cancel"].iter().any(|word| name.starts_with(word));
    takes_back
        && cx.tree.ancestors(callee).any(|node| match node {
            Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::If { cond, .. } if cx.source(cond).contains("err")),
            _ => false,
        })
}

/// Whether the call deletes or saves, by its name: half of it may be worse than none.
pub(super) fn has_to_run(cx: &Cx, callee: ExprId) -> bool {
    const WORK: &[&str] = &["delete", "persist", "remove", "save"];
    words(name_of(cx, callee)).iter().any(|word| WORK.contains(&word.as_str()))
}

/// Whether a function of the project has results, and none is an error.
pub(super) fn cannot_say(cx: &Cx, callee: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(callee) else { return false };
    let is_own = cx.object(callee).is_some_and(|object| cx.is_own(&object));
    is_own && !cx.returns_error(call) && cx.results(call).is_some_and(|results| !results.is_empty())
}

/// How much it matters that a call does not stop: it is known to wait, nothing is known of it, or little waits.
pub(super) fn wait_of(cx: &Cx, callee: ExprId) -> Severity {
    let Some(Node::Expr(call)) = cx.tree.parent(callee) else { return Severity::Medium };
    let object = cx.object(callee);
    let facts = object.and_then(|object| cx.known(&object)).unwrap_or_default().facts;
    let makes_value = || {
        object.is_some_and(|object| {
            object.recv.is_none() && ["Load", "New"].iter().any(|start| object.name.starts_with(start))
        })
    };
    let has_no_error = match cx.under(callee) {
        Type::Signature(signature) => signature.results.is_empty() || cannot_say(cx, callee),
        _ => false,
    };
    if facts.has(CallFacts::BLOCKS) && !is_local_work(cx, call) {
        Severity::High
    } else if has_no_error
        || makes_value() && cx.is_qualified(callee)
        || object.is_some_and(|object| object.is(CACHED)) && !can_act(cx, call)
        || is_local_work(cx, call)
        || is_command(cx, call)
    {
        Severity::Low
    } else {
        Severity::Medium
    }
}

/// The client of controller-runtime reads from the cache of its manager (documentation of package `client`).
const CACHED: &[&str] = &[
    "sigs.k8s.io/controller-runtime/pkg/client.Client.Get",
    "sigs.k8s.io/controller-runtime/pkg/client.Client.List",
    "sigs.k8s.io/controller-runtime/pkg/client.Reader.Get",
    "sigs.k8s.io/controller-runtime/pkg/client.Reader.List",
];

/// Whether a call does its work on this machine: its context stops the search for a name at most.
fn is_local_work(cx: &Cx, call: ExprId) -> bool {
    cx.calls(call, &["net.ListenConfig.Listen", "net.ListenConfig.ListenPacket"])
}

/// Whether the same function is called with the context at hand in the same statement: the two are compared.
pub(super) fn also_gets(cx: &Cx, callee: ExprId, own: &str) -> bool {
    let in_list = |node: &Node| matches!(node, Node::Stmt(_));
    let Some(statement) = cx.tree.ancestors(callee).find(in_list) else { return false };
    cx.any(statement, false, |node| {
        let Node::Expr(id) = node else { return false };
        let Expr::Call { fun, args, .. } = cx.expr(id) else { return false };
        fun != callee
            && cx.source(fun) == cx.source(callee)
            && cx.exprs(args).first().is_some_and(|&first| cx.source(first) == own)
    })
}

/// The last part of the name of what is called.
fn name_of<'a>(cx: &Cx<'a>, callee: ExprId) -> &'a str {
    cx.source(callee).rsplit('.').next().unwrap_or_default()
}
