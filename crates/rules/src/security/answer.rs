//! The text of an error in an answer to a client.

use gopeer_lint::prelude::*;
use gopeer_sema::types::Truth;

use crate::errors::support;
use crate::http::support::{RESPONSE, source_of};

/// The expression inside that is the error's text, or the error itself as an argument to be formatted, with the error.
pub(super) fn error_text(cx: &Cx, part: ExprId) -> Option<(ExprId, ExprId)> {
    if is_error(cx, part) {
        return Some((part, part));
    }
    const FORMATS: &[&str] = &["fmt.Sprint", "fmt.Sprintf", "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "fmt.Errorf"];
    let told = |id| match cx.method_call(id) {
        Some((err, "Error", [])) if is_error(cx, err) => Some((id, err)),
        _ => {
            let format = cx.call(id).filter(|call| call.callee.is(FORMATS))?;
            format.args.iter().find(|&&arg| is_error(cx, arg)).map(|&arg| (arg, arg))
        }
    };
    // A text that is kept in a local first.
    if let Some(text) = cx.initial_value(part).filter(|_| !cx.is_reassigned(part)) {
        let (_, err) = cx.find_expr(text, false, |id| told(id).is_some()).and_then(told)?;
        return Some((part, err));
    }
    cx.find_expr(part, false, |id| told(id).is_some()).and_then(told)
}

/// A value whose type has the method `Error() string`.
fn is_error(cx: &Cx, expr: ExprId) -> bool {
    let value = !cx.is_type_expr(expr) && !cx.is_builtin(expr, "nil");
    support::is_error(cx, expr) || value && cx.store.implements(cx.ty(expr), TypeId::ERROR).0 == Truth::Yes
}

/// Whether the error says nothing about the inside: it has a fixed text, comes from encoding a value or parsing a text, or from
/// talking to the client.
pub(super) fn is_harmless(cx: &Cx, at: ExprId, err: ExprId) -> bool {
    if matches!(cx.def(err), Def::Package(_))
        || cx.is_qualified(err)
        || is_of_context(cx, err)
        || is_told_apart(cx, err)
    {
        return true;
    }
    let Some(source) = source_of(cx, at, err) else { return false };
    if is_of_context(cx, source) {
        return true;
    }
    let callee = cx.callee(source);
    let parses = callee.is_some_and(|callee| {
        matches!(callee.path, "net/url" | "strconv")
            || words(callee.name).iter().any(|word| matches!(word.as_str(), "marshal" | "unmarshal" | "diff"))
    });
    // The client knows what it has sent, and does not read what follows an answer.
    let of_client =
        |id| cx.expr(id) == Expr::Ident && (cx.has_type(id, RESPONSE) || cx.has_type(id, &["net/http.Request"]));
    let by_library = callee.is_none_or(|callee| !cx.is_own(&callee));
    parses || by_library && reads_or_writes(cx, source) && cx.find_expr(source, false, of_client).is_some()
}

/// Whether the error is what a function has returned that is given: who gives it decides what its errors say.
pub(super) fn is_of_given(cx: &Cx, at: ExprId, err: ExprId) -> bool {
    source_of(cx, at, err).is_some_and(|source| match cx.expr(source) {
        Expr::Call { fun, .. } => cx.is_parameter(fun),
        _ => false,
    })
}

/// Whether the branch around is for errors that the code knows: `if errors.Is(err, ErrFull) { … }`.
fn is_told_apart(cx: &Cx, err: ExprId) -> bool {
    let mut child = Node::Expr(err);
    for node in cx.tree.ancestors(err) {
        if let Node::Stmt(stmt) = node
            && let Stmt::If { cond, then, .. } = cx.stmt(stmt)
            && child == then.into()
            && let Some(asks) = cx.find_expr(cond, false, |id| cx.calls(id, &["errors.Is", "errors.As"]))
        {
            let is_not = |&outer: &Node| matches!(outer, Node::Expr(id) if matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Not, .. }));
            return !cx.tree.ancestors(asks).take_while(|&outer| outer != node).any(|outer| is_not(&outer));
        }
        child = node;
    }
    false
}

fn is_of_context(cx: &Cx, err: ExprId) -> bool {
    cx.calls(err, &["context.Context.Err", "context.Cause"])
}

/// Whether a call reads or writes a stream, or decodes one: its errors are about that.
fn reads_or_writes(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return false };
    let name = cx.source(fun).rsplit('.').next().unwrap_or_default();
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "read"
                | "reader"
                | "write"
                | "copy"
                | "decode"
                | "encode"
                | "fprint"
                | "fprintf"
                | "parse"
                | "form"
                | "execute"
        )
    })
}

/// The edits that log the error before the answer and answer with the status' own text; none where the text of the error is
/// only a part of the answer.
pub(super) fn log_instead(cx: &Cx, call: Call, at: ExprId, err: ExprId, status: ExprId) -> Vec<(Span, String)> {
    let (Some(Node::Stmt(stmt)), Expr::Selector { base: package, .. }) = (cx.tree.parent(call.expr), cx.expr(call.fun))
    else {
        return Vec::new();
    };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_))
        || cx.tree.parent(at) != Some(Node::Expr(call.expr))
        || cx.expr(at) == Expr::Ident
    {
        return Vec::new();
    }
    let answer = (cx.span(at), format!("{}.StatusText({})", cx.source(package), cx.source(status)));
    if is_logged_before(cx, stmt, err) {
        return vec![answer];
    }
    let err = cx.source(err);
    let request = cx.enclosing_func(call.expr).and_then(|func| cx.param_of(func, "net/http.Request"));
    let log = match request.map(|request| cx.source(request)) {
        Some(request) => format!("slog.ErrorContext({request}.Context(), \"request failed\", \"err\", {err})"),
        None => format!("slog.Error(\"request failed\", \"err\", {err})"),
    };
    let start = cx.span(stmt).start;
    vec![(Span::new(start, start), format!("{log}\n{}", cx.indent(stmt))), answer]
}

/// Whether a statement before this one, in the same block, hands the error to a call.
fn is_logged_before(cx: &Cx, stmt: StmtId, err: ExprId) -> bool {
    let before = cx.siblings(stmt).iter().take_while(|&&other| other != stmt);
    let mut calls = before.filter(|&&other| matches!(cx.stmt(other), Stmt::Expr(_)));
    let is_err = |id| cx.expr(id) == Expr::Ident && cx.def(id) == cx.def(err);
    calls.any(|&call| cx.find_expr(call, false, is_err).is_some())
}
