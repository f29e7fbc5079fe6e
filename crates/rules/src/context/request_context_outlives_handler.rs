//! A goroutine goes on after the handler with the context of the request.
//!
//! The server cancels that context as soon as the handler returns. What the goroutine does with it fails with `context canceled`,
//! mostly: sometimes it is faster than the response. The mail, the audit row or the event is lost for some requests and not for others,
//! more of them under load. Use `context.WithoutCancel(ctx)`, which keeps its values, with a timeout of its own, or wait for the goroutine.
//!
//! A value that a handler sends to a goroutine, with the context in it, is asked about: who receives it may work later.
//!
//! Limits: goroutines that a handler starts with `go` and does not wait for, and literals that it sends. What only logs or traces with the
//! context is left alone.
//!
//! ```go bad
//! func create(w http.ResponseWriter, r *http.Request, mail func(context.Context, string) error) {
//! 	go func() {
//! 		if err := mail(r.Context(), "welcome"); err != nil {
//! 		//             ^^^^^^^^^^^ the goroutine uses the context of the request, which is canceled when the handler returns
//! 			slog.Error("mail", "err", err)
//! 		}
//! 	}()
//! 	w.WriteHeader(http.StatusCreated)
//! }
//! ```
//! ```go good
//! func create(w http.ResponseWriter, r *http.Request, mail func(context.Context, string) error) {
//! 	ctx := context.WithoutCancel(r.Context()) // it keeps the values, and is not canceled
//! 	go func() {
//! 		ctx, cancel := context.WithTimeout(ctx, time.Minute)
//! 		defer cancel()
//! 		if err := mail(ctx, "welcome"); err != nil {
//! 			slog.Error("mail", "err", err)
//! 		}
//! 	}()
//! 	w.WriteHeader(http.StatusCreated)
//! }
//! ```
//!
//! # Impact
//!
//! The server cancels the context when the handler returns, so the background work is lost for those requests whose
//! response was faster: some mails, some audit rows, some events. Log lines say "context canceled" beside requests that
//! answered 200. Locally the goroutine usually wins, which is why tests pass.
//!
//! # Verify
//!
//! - `go test -run {test} -count 50 {package}`: use `httptest.NewServer` with a fake that sleeps 50 ms before it looks
//!   at its context; the work must still be done
//!
//! # Options
//!
//! - Use `context.WithoutCancel` and a time limit: values such as the trace survive; work in flight at shutdown still
//!   has to be awaited
//!   - senior, throughput: the response does not wait
//! - Finish before answering: the client learns of failures, and waits longer
//!   - backend: success means that it is done
//! - Write it to an outbox or a queue and let a worker do it: survives crashes and deployments, and needs the worker
//!   - data, cloud-native: nothing depends on this pod staying up
//!
//! # References
//!
//! - [Package net/http, Request.Context](https://pkg.go.dev/net/http#Request.Context)
//! - [Package context, WithoutCancel](https://pkg.go.dev/context#WithoutCancel)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

use super::support::{is_wait, only_reports};

pub static RULE: Rule = Rule {
    id: "context/request-context-outlives-handler",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Cancellation, 3), (Concern::DataLoss, 2)],
    equivalents: &["semgrep:http-request-go-context"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Func(check), Hook::Stmt(&[StmtKind::Send], sent)],
    examines: "goroutines of handlers, and what they send",
};

fn check(cx: &mut Cx, func: Func) {
    for spawn in cx.outliving(func) {
        cx.examined();
        let inside = match cx.expr(spawn.runs) {
            Expr::FuncLit { body, .. } => cx.calls_within(body, true),
            _ => [Node::Expr(spawn.call)].into(),
        };
        let uses = |node: &Node| match *node {
            Node::Expr(call) => used_by(cx, func, spawn, call),
            _ => None,
        };
        let Some(context) = inside.iter().take(64).find_map(uses) else { continue };
        let (starts, ends) = (cx.tree.span(spawn.at), cx.span(context));
        // A goroutine that waits for the end of a context knows of it.
        let done = cx.find_expr(spawn.runs, true, |id| is_wait(cx, id.into()));
        if done.is_some_and(|done| cx.span(done).start < ends.start) {
            continue;
        }
        cx.report(context, "the goroutine uses the context of the request, which is canceled when the handler returns")
            .steps([
                (
                    Span::new(starts.start, starts.start + 2),
                    "the goroutine is started here, and nobody waits for it".to_owned(),
                ),
                (ends, "what it does here fails with `context canceled` once the response is sent".to_owned()),
            ])
            .note("it fails for some requests and not for others, more often under load, and only a log line says so")
            .note("use `context.WithoutCancel`, with a timeout of its own, or wait for the goroutine");
    }
}

/// The context of a request goes with a value to somebody who works on it later.
fn sent(cx: &mut Cx, send: StmtId) {
    let Stmt::Send { chan, value } = cx.stmt(send) else { return };
    let Some((func, Caller::Client)) = cx.handler(send) else { return };
    // Who waits for an answer, or has made the channel, waits for the work perhaps.
    let own =
        matches!(cx.def(cx.unparen(chan)), Def::Local(declared) if cx.span(func.body).contains(cx.span(declared)));
    if own || cx.enclosing_func(send) != Some(func) || waits_behind(cx, func, send) {
        return;
    }
    cx.examined();
    let value = cx.initial_value(value).unwrap_or(value);
    let value = match cx.expr(cx.unparen(value)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => cx.unparen(operand),
        _ => cx.unparen(value),
    };
    let Expr::Composite { elems, .. } = cx.expr(value) else { return };
    let given = |&elem: &ExprId| match cx.expr(elem) {
        Expr::KeyValue { value, .. } => value,
        _ => elem,
    };
    let parts: Vec<ExprId> = cx.exprs(elems).iter().map(given).collect();
    let answers = |&part: &ExprId| matches!(cx.under(part), Type::Chan { .. } | Type::Signature(_));
    let Some(&context) = parts.iter().find(|&&part| cx.is_request_context(func, part)) else { return };
    if parts.iter().any(answers) {
        return;
    }
    let (handler, channel) = (cx.func_in_words_of(func), cx.source(chan));
    cx.report(context, format!("the context of the request goes along, and is canceled when {handler} returns"))
        .asks(format!(
            "Does whoever receives from `{channel}` pass this context on? It is canceled when {handler} returns."
        ))
        .note("keep what is needed of the context's values, and give the work a context of its own");
}

/// Whether a function waits for something after a statement.
fn waits_behind(cx: &Cx, func: Func, stmt: StmtId) -> bool {
    let end = cx.span(stmt).end;
    let waits = |cx: &Cx, node: Node| match node {
        Node::Expr(id) => {
            let received = matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. });
            received || matches!(cx.expr(id), Expr::Call { .. }) && cx.callee_word(id).contains("Wait")
        }
        _ => false,
    };
    let select = cx.case_of(stmt).map(|(select, _)| cx.span(select));
    let another = |node: Node| {
        let of_case = |id| cx.enclosing_stmt(id).is_some_and(|stmt| cx.case_of(stmt).is_some());
        select.is_some_and(|select| select.contains(cx.span(node))) && matches!(node, Node::Expr(id) if of_case(id))
    };
    cx.within(func.body, true, waits).iter().any(|&node| cx.span(node).start > end && !another(node))
}

/// The argument of a call that is the context of the request, if the call does something that can be canceled.
fn used_by(cx: &Cx, func: Func, spawn: Spawn, call: ExprId) -> Option<ExprId> {
    // What derives a context, or a span, from it waits no more than what only reports.
    const AT_ONCE: &[&str] = &["print", "record", "span", "start", "with"];
    let Expr::Call { args, .. } = cx.expr(call) else { return None };
    let &context = cx.exprs(args).iter().find(|&&arg| cx.has_type(arg, &["context.Context"]))?;
    let named = words(cx.callee_word(call));
    let at_once = named.iter().any(|word| AT_ONCE.contains(&word.as_str()));
    // Inside, a name may stand for a context that the goroutine makes itself.
    let own = match cx.def(cx.unparen(context)) {
        Def::Local(declared) => cx.span(spawn.at).contains(cx.span(declared)),
        _ => false,
    };
    (!at_once && !own && !only_reports(cx, context) && cx.is_request_context(func, context)).then_some(context)
}
