//! The text of an internal error is sent to the client.
//!
//! An unexpected error names hosts, tables, queries and paths: a map for an attacker, noise for a user, and a contract
//! that clients begin to parse. Log it where it can be found again, and answer with a fixed text (and a request id).
//!
//! Limits: reported are answers that are internal errors by their status (500, `codes.Internal`), since a client may know what
//! is wrong with its request. An error whose text is first kept in a variable, or that a helper function answers with, is
//! not followed.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	if err := load(r); err != nil {
//! 		http.Error(w, err.Error(), http.StatusInternalServerError)
//! 		//            ^^^^^^^^^^^ the text of `err` goes to the client
//! 		return
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		http.Error(w, err.Error(), http.StatusInternalServerError)
//! +		slog.ErrorContext(r.Context(), "request failed", "err", err)
//! +		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
//! ```
//! ```go bad
//! func get(w http.ResponseWriter, err error) {
//! 	log.Print("load: ", err)
//! 	http.Error(w, fmt.Sprintf("load: %v", err), 500)
//! 	//                                    ^^^ the text of `err` goes to the client
//! }
//! ```
//! ```go bad
//! func list(c *gin.Context) {
//! 	if err := load(c); err != nil {
//! 		c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
//! 		//                                                    ^^^^^^^^^^^ the text of `err` goes to the client
//! 	}
//! }
//! ```
//! ```go bad
//! import "google.golang.org/grpc/codes"
//! import "google.golang.org/grpc/status"
//! func (s *server) Get(ctx context.Context, id string) (*User, error) {
//! 	user, err := s.store.Load(ctx, id)
//! 	if err != nil {
//! 		return nil, status.Errorf(codes.Internal, "load user: %v", err)
//! 		//                                                         ^^^ the text of `err` goes to the client
//! 	}
//! 	return user, nil
//! }
//! ```
//! ```go bad
//! import "github.com/labstack/echo/v4"
//! import "github.com/gofiber/fiber/v2"
//! type loadError struct{ table string }
//! func (e *loadError) Error() string { return "no " + e.table }
//! func list(c echo.Context, failure *loadError) error {
//! 	return c.String(http.StatusInternalServerError, failure.Error())
//! 	//                                              ^^^^^^^^^^^^^^^ the text of `failure` goes to the client
//! }
//! func show(c echo.Context) error {
//! 	if cause := load(c); cause != nil {
//! 		return echo.NewHTTPError(500, cause.Error())
//! 		//                            ^^^^^^^^^^^^^ the text of `cause` goes to the client
//! 	}
//! 	return nil
//! }
//! func load(c echo.Context) error
//! func get(c *fiber.Ctx, cause error) error {
//! 	return c.Status(fiber.StatusInternalServerError).JSON(fiber.Map{"error": cause.Error()})
//! 	//                                                                       ^^^^^^^^^^^^^ the text of `cause` goes to the client
//! }
//! ```
//! ```go good
//! import "google.golang.org/grpc/codes"
//! import "google.golang.org/grpc/internal/transport"
//! import "google.golang.org/grpc/status"
//! // gRPC's own code: the error is the protocol's.
//! func decompress(err error) error {
//! 	return status.Errorf(codes.Internal, "grpc: failed to decompress the received message: %v", err)
//! }
//! ```
//! ```go good
//! type problem struct{ title string }
//! func (p problem) Error() int { return len(p.title) } // not an error
//! func get(w http.ResponseWriter, err problem) {
//! 	http.Error(w, fmt.Sprint(err.Error()), http.StatusInternalServerError)
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	id, err := strconv.Atoi(r.PathValue("id"))
//! 	if err != nil {
//! 		http.Error(w, err.Error(), http.StatusBadRequest) // the client's own mistake
//! 		return
//! 	}
//! 	use(id)
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	if err := load(r.PathValue("id")); err != nil {
//! 		slog.Error("load", "err", err)
//! 		http.Error(w, "internal error", http.StatusInternalServerError) // says nothing of the inside
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::types::Truth;

use crate::errors::support;
use crate::http::support::{WRITES, written};

pub static RULE: Rule = Rule {
    id: "security/internal-error-disclosure",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Api, 1), (Concern::Errors, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(&["net/http.Error"], check_http),
        Hook::Call(ERRORS, check_error),
        Hook::Call(WRITES, check_framework),
    ],
    file: file!(),
};

/// What makes an error that is the answer, of a status and a text.
const ERRORS: &[&str] = &[
    "google.golang.org/grpc/status.Error",
    "google.golang.org/grpc/status.Errorf",
    "github.com/labstack/echo/v4.NewHTTPError",
    "github.com/gofiber/fiber/v2.NewError",
];

fn check_http(cx: &mut Cx, call: Call) {
    let &[_, text, status] = call.args else { return };
    let Some((at, err)) = disclosed(cx, status, &[text]) else { return };
    let edits = log_instead(cx, call, at, err, status);
    let report = report(cx, at, err);
    match edits.len() {
        0 | 1 => report.fix("Answer with the status text", edits),
        _ => report.fix("Log the error and answer with the status text", edits).needing("log/slog"),
    };
}

fn check_error(cx: &mut Cx, call: Call) {
    let Some((&status, text)) = call.args.split_first() else { return };
    if let Some((at, err)) = disclosed(cx, status, text) {
        report(cx, at, err);
    }
}

fn check_framework(cx: &mut Cx, call: Call) {
    if let Some(written) = written(cx, call)
        && let Some(status) = written.status
        && let Some((at, err)) = disclosed(cx, status, written.body)
    {
        report(cx, at, err);
    }
}

fn report<'c>(cx: &'c mut Cx, at: ExprId, err: ExprId) -> Report<'c> {
    cx.report(at, format!("the text of `{}` goes to the client", cx.source(err)))
        .note("log the error, and answer with a text that says nothing about the inside")
}

/// Where the text of an error stands in an answer, and the error, if the status says that the error is internal.
fn disclosed(cx: &mut Cx, status: ExprId, answer: &[ExprId]) -> Option<(ExprId, ExprId)> {
    if !is_internal(cx, status) || is_grpc(cx) {
        return None;
    }
    cx.examined();
    answer.iter().find_map(|&part| error_text(cx, part))
}

/// gRPC's own code, by imports that are closed to others (`go help internal`): the errors it tells of are the protocol's.
fn is_grpc(cx: &Cx) -> bool {
    cx.file.imports_any(&["google.golang.org/grpc/internal"])
}

fn is_internal(cx: &Cx, status: ExprId) -> bool {
    cx.int_value(status) == Some(500)
        || cx.denotes(status, &["net/http.StatusInternalServerError", "google.golang.org/grpc/codes.Internal"])
}

/// The expression inside that is the error's text, or the error itself as an argument to be formatted, with the error.
fn error_text(cx: &Cx, part: ExprId) -> Option<(ExprId, ExprId)> {
    if is_error(cx, part) {
        return Some((part, part));
    }
    let told = |id| match cx.method_call(id) {
        Some((err, "Error", [])) if is_error(cx, err) => Some((id, err)),
        _ => {
            let format = cx.call(id).filter(|call| call.callee.is(&["fmt.Sprintf"]))?;
            format.args.iter().find(|&&arg| is_error(cx, arg)).map(|&arg| (arg, arg))
        }
    };
    cx.find_expr(part, false, |id| told(id).is_some()).and_then(told)
}

/// A value whose type has the method `Error() string`.
fn is_error(cx: &Cx, expr: ExprId) -> bool {
    let value = !cx.is_type_expr(expr) && !cx.is_builtin(expr, "nil");
    support::is_error(cx, expr) || value && cx.store.implements(cx.ty(expr), TypeId::ERROR).0 == Truth::Yes
}

/// The edits that log the error before the answer and answer with the status' own text; none where the text of the error is
/// only a part of the answer.
fn log_instead(cx: &Cx, call: Call, at: ExprId, err: ExprId, status: ExprId) -> Vec<(Span, String)> {
    let (Some(Node::Stmt(stmt)), Expr::Selector { base: package, .. }) = (cx.tree.parent(call.expr), cx.expr(call.fun))
    else {
        return Vec::new();
    };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_)) || cx.tree.parent(at) != Some(Node::Expr(call.expr)) {
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
