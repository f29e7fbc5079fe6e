//! A handler answers with an error and carries on.
//!
//! `http.Error`, `http.NotFound`, `http.Redirect` and the `c.JSON` of gin, echo and fiber write a response; they do not
//! end the handler. Without a `return` the rest of it runs with the values that were found wrong, or for a client that was
//! refused, and its output is appended to the error's body under the error's status ("superfluous response.WriteHeader
//! call" in the log). Critical is a request that is refused by 401 or 403 and then served, or changes data, all the same. Where the status
//! has been sent before, the finding is medium.
//!
//! Limits: reported is an error in an `if` or a `case` after which the handler writes to the same response again. A helper
//! function counts as answering with an error if it is given the response and a status from 400 to 599, or, as a question,
//! the error that the `if` tests. Work that goes on without writing is reported only if it changes data after a 401 or 403; errors that
//! are written in a loop are not reported.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "not found", http.StatusNotFound)
//! //^^^^^^^^^^ the handler goes on after `http.Error` and writes to `w` again
//! 	}
//! 	json.NewEncoder(w).Encode(user)
//! }
//! ```
//! ```diff fixed
//! +		return
//! ```
//! ```go bad
//! func authenticated(next http.Handler) http.Handler {
//! 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		if r.Header.Get("Authorization") == "" {
//! 			http.Error(w, "unauthorized", http.StatusUnauthorized)
//! // ^^^^^^^^^^ critical: the handler goes on after `http.Error` and calls `next.ServeHTTP`
//! 		}
//! 		next.ServeHTTP(w, r)
//! 	})
//! }
//! ```
//! ```diff fixed
//! +			return
//! ```
//! ```go bad
//! func create(c *gin.Context) {
//! 	var user User
//! 	if err := c.ShouldBindJSON(&user); err != nil {
//! 		c.JSON(http.StatusBadRequest, gin.H{"error": "not JSON"})
//! //^^^^^^ the handler goes on after `c.JSON` and writes to `c` again
//! 	}
//! 	store(user)
//! 	c.JSON(http.StatusCreated, user)
//! }
//! ```
//! ```diff fixed
//! +		return
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "not found", http.StatusNotFound)
//! 	} else { // only one of the two branches writes
//! 		json.NewEncoder(w).Encode(user)
//! 	}
//! 	slog.Info("served", "path", r.URL.Path)
//! }
//! ```
//! ```go good
//! func health(w http.ResponseWriter, r *http.Request) {
//! 	report, healthy := check()
//! 	if !healthy {
//! 		w.WriteHeader(http.StatusServiceUnavailable) // the status alone: the body follows
//! 	}
//! 	json.NewEncoder(w).Encode(report)
//! }
//! ```
//!
//! # Idiom
//!
//! A handler has no result, and `http.Error` writes without ending it. The `return` on the next line is part of the idiom.
//!
//! # Impact
//!
//! The handler refuses the request and then does the work anyway: it stores what failed validation, or serves somebody
//! who is not allowed. The body has both answers under the first status, and the log says "superfluous
//! response.WriteHeader call". A test that sends invalid input and counts the calls to a fake store finds it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with invalid input the fake must not be called, and the body must be the error
//!   alone
//! - `curl -si http://localhost:8080/PATH`: shows two documents in one body
//!
//! # References
//!
//! - [Package net/http, Error](https://pkg.go.dev/net/http#Error)
use gopeer_lint::prelude::*;

use super::after::{found_after, last_of_list, written_after, written_in_rest};
use super::support::{CONTEXTS, RESPONSE, STATUSES, WRITES, is_failure, written};
use crate::errors::support::is_error;

pub static RULE: Rule = Rule {
    id: "http/missing-return-after-error",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 2), (Concern::Security, 1)],
    equivalents: &["gocritic:returnAfterHttpError"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    examines: "answers with an error",
};

const GIN: &str = "github.com/gin-gonic/gin";
const ANSWERS: &[&str] = &["net/http.Error", "net/http.NotFound", "net/http.Redirect"];
/// An answer with an error.
struct Answer {
    /// The variable that it is written to.
    response: ExprId,
    /// Whether it is certain that this is an error, and written here.
    certain: bool,
}

/// What somebody else sees of a request that is refused.
const CHANGES: Effects = Effects::WRITE.and(Effects::CACHE).and(Effects::PUBLISH);

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let Some(answer) = answer(cx, stmt, call).filter(|answer| matches!(cx.def(answer.response), Def::Local(_))) else {
        return;
    };
    cx.examined();
    let Some(last) = last_of_list(cx, stmt) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(call)) else { return };
    let refused = answer.certain && cx.exprs(args).iter().any(|&arg| matches!(cx.int_value(arg), Some(401 | 403)));
    let reached = |&at: &ExprId| cx.can_lead(call, at);
    let change = found_after(cx, stmt, |at| answer.certain && changes(cx, at)).filter(reached);
    let again = written_after(cx, stmt, answer.response).filter(reached).or(change.filter(|_| refused));
    let Some(again) = again else { return };
    let next = cx.call(again).filter(|next| matches!(next.callee.name, "Next" | "ServeHTTP"));
    let in_gin = next.is_some_and(|next| next.callee.path == GIN);
    if in_gin && is_aborted(cx, stmt) {
        return;
    }
    let served = next.map(|next| next.expr).or(change);
    let what = match served {
        Some(call) => format!("calls `{}`", cx.callee_text(call)),
        None if answer.certain => format!("writes to `{}` again", cx.source(answer.response)),
        None => format!("may write to `{}` again", cx.source(answer.response)),
    };
    let callee = cx.callee_text(call);
    let message = format!("the handler goes on after `{callee}` and {what}");
    let end = cx.span(last).end;
    // gin runs the next handlers also after a middleware that returns.
    let returns = returns_nothing(cx, stmt) && !in_gin;
    let edit = returns.then(|| (Span::new(end, end), format!("\n{}return", cx.indent(last))));
    let at = cx.span(served.unwrap_or(again));
    let sent = is_sent(cx, stmt, cx.def(answer.response));
    let report = cx.report(fun, message).note_at(at, "this still runs after the error");
    let report = match () {
        () if refused && served.is_some() => report.severity(Severity::Critical),
        () if sent => report.severity(Severity::Medium),
        () => report,
    };
    let report =
        if in_gin { report.note("in gin, `return` does not stop the chain: call `c.Abort` as well") } else { report };
    let report = report.fix("Return after the error", edit);
    if !answer.certain {
        report
            .asks(format!("Does `{callee}` answer the request? Then a `return` is missing here: the handler {what}."));
    }
}

/// Whether a statement before, in a list around, has sent a status already: what follows is a line in the log.
fn is_sent(cx: &Cx, stmt: StmtId, response: Def) -> bool {
    let start = cx.span(stmt).start;
    let sends_before = |list: Node| match cx.once(list, first_sent) {
        Some(Node::Expr(sent)) => {
            cx.span(sent).start < start && cx.method_call(sent).is_some_and(|(of, ..)| cx.def(of) == response)
        }
        _ => false,
    };
    // The list that the statement itself stands in is that of the failure.
    let mut around = cx.tree.ancestors(stmt).skip(1).take_while(|&node| cx.as_func(node).is_none());
    around.any(sends_before)
}

/// The first call in a list of statements that sends a status.
fn first_sent(cx: &Cx, list: Node) -> Option<Node> {
    let sends = |&stmt: &StmtId| match cx.stmt(stmt) {
        Stmt::Expr(call) => cx.calls(call, &["net/http.ResponseWriter.WriteHeader"]).then_some(Node::Expr(call)),
        _ => None,
    };
    cx.list_of(list).iter().find_map(sends)
}

/// Whether an expression is a call that changes what others see, as far as that is known.
fn changes(cx: &Cx, at: ExprId) -> bool {
    let effects = if cx.call(at).is_some() { cx.effects(at) } else { Effects::default() };
    effects.has(CHANGES) && !effects.has(Effects::GUESSED)
}

/// Whether the answer, or a statement in the same list, ends gin's chain of handlers.
fn is_aborted(cx: &Cx, stmt: StmtId) -> bool {
    cx.siblings(stmt).iter().any(|&stmt| match cx.stmt(stmt) {
        Stmt::Expr(call) => {
            cx.callee(call).is_some_and(|callee| callee.path == GIN && callee.name.starts_with("Abort"))
        }
        _ => false,
    })
}

/// The answer with an error that a call is.
fn answer(cx: &Cx, stmt: StmtId, call: ExprId) -> Option<Answer> {
    let Expr::Call { args, .. } = cx.expr(cx.unparen(call)) else { return None };
    let args = cx.exprs(args);
    let certain = |response| Some(Answer { response, certain: true });
    if let Some(call) = cx.call(call) {
        if call.callee.is(ANSWERS) {
            return certain(*args.first()?);
        }
        if call.callee.is(WRITES) || call.callee.is(STATUSES) {
            let written = written(cx, call);
            let status = written.map_or(args.first().copied(), |written| written.status)?;
            let context = written.map(|written| written.context).or(call.receiver)?;
            return is_failure(cx, status).then_some(Answer { response: context, certain: true });
        }
        if call.callee.is(&["net/http.ResponseWriter.WriteHeader"]) {
            // The status alone is no answer yet: what follows may be its body.
            let has_body = || written_in_rest(cx, stmt, cx.def(call.receiver?)).map(|_| ());
            let is_failure = args.first().is_some_and(|&status| is_failure(cx, status));
            return certain(call.receiver.filter(|_| is_failure && has_body().is_some())?);
        }
        if !cx.is_own(&call.callee) {
            return None;
        }
    }
    let response = *args.iter().find(|&&arg| cx.has_type(arg, RESPONSE) || cx.has_type(arg, CONTEXTS))?;
    let has_status = args.iter().any(|&arg| is_failure(cx, arg));
    let is_answer =
        has_status || tested_error(cx, stmt).is_some_and(|err| args.iter().any(|&arg| mentions(cx, arg, err)));
    is_answer.then_some(Answer { response, certain: has_status })
}

/// The error that the `if` around the statement has found not to be nil.
fn tested_error(cx: &Cx, stmt: StmtId) -> Option<Def> {
    let Node::Stmt(branch) = cx.tree.parent(cx.tree.parent(stmt)?)? else { return None };
    let Stmt::If { cond, .. } = cx.stmt(branch) else { return None };
    let Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs } = cx.expr(cond) else { return None };
    (cx.is_builtin(rhs, "nil") && is_error(cx, lhs)).then(|| cx.def(lhs))
}

fn mentions(cx: &Cx, expr: ExprId, local: Def) -> bool {
    matches!(local, Def::Local(_)) && cx.find_expr(expr, false, |id| cx.def(id) == local).is_some()
}

/// Whether a bare `return` compiles here.
fn returns_nothing(cx: &Cx, stmt: StmtId) -> bool {
    let func = cx.enclosing_func(stmt).map(|func| cx.expr(func.ty));
    matches!(func, Some(Expr::FuncType { results, .. }) if results.is_empty())
}
