//! The text of an internal error is sent to the client.
//!
//! An unexpected error names hosts, tables, queries and paths: a map for an attacker, noise for a user, and a text that
//! clients begin to parse. Log it where it can be found again, and answer with a fixed text (and a request id).
//!
//! Limits: reported are answers that are internal errors by their status (500, 502 to 504, `codes.Internal` and `Unknown`),
//! since a client may know what is wrong with its own request. Over gRPC and Connect it is reported as low, since most
//! callers are other services, and so are answers in the file of a command, whose client may be its own user, answers for those
//! who run the program, by the names of the code (`readyHandler`, package `admin`), and errors of a function that the code is given.
//! Of helpers that answer, those of the package are known that are given the status and the text.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	if err := load(r); err != nil {
//! 		http.Error(w, err.Error(), http.StatusInternalServerError)
//! 		//            ^^^^^^^^^^^ the client gets the text of `err`
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
//! func list(c *gin.Context) {
//! 	if err := load(c); err != nil {
//! 		c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
//! 		//                                                    ^^^^^^^^^^^ the client gets the text of `err`
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
//! 		//                                                         ^^^ low: the client gets the text of `err`
//! 	}
//! 	return user, nil
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
//! 		http.Error(w, "internal error", http.StatusInternalServerError) // a fixed text
//! 	}
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, user User) {
//! 	body, err := json.Marshal(user)
//! 	if err != nil {
//! 		http.Error(w, err.Error(), http.StatusInternalServerError) // names a type of Go at most
//! 		return
//! 	}
//! 	w.Write(body)
//! }
//! ```
//!
//! # Verify
//!
//! - `curl -si http://localhost:8080/PATH`: provoke the failure; the body must not name hosts, tables or paths
//! - `go test -run {test} {package}`: assert that the body lacks the text of the fake's error
//!
//! # References
//!
//! - [OWASP, "Error Handling Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::answer::{error_text, is_harmless, is_of_given, log_instead};
use crate::errors::support::error_in_words;
use crate::http::support::{WRITES, writes, written};
use crate::operators::is_for_operators;

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
        Hook::Call(&["net/http.ResponseWriter.WriteHeader"], check_header),
        Hook::Call(ERRORS, check_error),
        Hook::Call(WRITES, check_framework),
        Hook::Effect(Effects::RESPOND, check_helper),
    ],
    examines: "answers with the text of an error",
};

/// What makes an error that is the answer, of a status and a text.
const ERRORS: &[&str] = &[
    "connectrpc.com/connect.NewError",
    "github.com/gofiber/fiber/v2.NewError",
    "github.com/labstack/echo/v4.NewHTTPError",
    "google.golang.org/grpc/status.Error",
    "google.golang.org/grpc/status.Errorf",
    "google.golang.org/grpc/status.New",
    "google.golang.org/grpc/status.Newf",
];
/// Statuses that say that the error is internal.
const INTERNAL: &[&str] = &[
    "connectrpc.com/connect.CodeInternal",
    "connectrpc.com/connect.CodeUnknown",
    "google.golang.org/grpc/codes.Internal",
    "google.golang.org/grpc/codes.Unknown",
    "net/http.StatusInternalServerError",
];
fn check_http(cx: &mut Cx, call: Call) {
    let &[_, text, status] = call.args else { return };
    let Some((at, err)) = disclosed(cx, status, &[text]) else { return };
    let edits = log_instead(cx, call, at, err, status);
    report(cx, at, err).fix("Log the error and answer with the status", edits).needing("log/slog");
}

/// `w.WriteHeader(500)`, and what is written behind it.
fn check_header(cx: &mut Cx, call: Call) {
    let (&[status], Some(response), Some(Node::Stmt(stmt))) = (call.args, call.receiver, cx.tree.parent(call.expr))
    else {
        return;
    };
    let Some(place) = cx.place_in_list(stmt) else { return };
    let rest = cx.siblings(stmt).get(place + 1..).unwrap_or_default();
    let is_body = |next: ExprId| writes(cx, next, cx.def(response));
    let body = rest.iter().find(|&&next| cx.find_expr(next, false, is_body).is_some());
    let told = |call: ExprId| match cx.expr(call) {
        Expr::Call { args, .. } => cx.exprs(args).iter().copied().find(|&arg| error_text(cx, arg).is_some()),
        _ => None,
    };
    let part = body.and_then(|&body| cx.find_expr(body, false, |call| told(call).is_some())).and_then(told);
    if let Some((at, err)) = part.and_then(|part| disclosed(cx, status, &[part])) {
        report(cx, at, err);
    }
}

fn check_error(cx: &mut Cx, call: Call) {
    let Some((&status, text)) = call.args.split_first() else { return };
    if let Some((at, err)) = disclosed(cx, status, text) {
        let between_services = !call.callee.path.starts_with("github.com/");
        let report = report(cx, at, err);
        if between_services {
            report.severity(Severity::Low);
        }
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

/// A helper of the package answers with the status and the text that it is given.
fn check_helper(cx: &mut Cx, call: Call) {
    let is_text = |arg: &ExprId| matches!(cx.under(*arg), Type::Basic(basic) if basic.is_string());
    let status = call.args.iter().position(|&arg| is_internal(cx, arg));
    let text = call.args.iter().position(is_text);
    let (Some(status), Some(text)) = (status, text) else { return };
    let writes = |index| cx.find_within(call, writes_given, index).is_some();
    if !cx.is_own(&call.callee) || !writes(text) || !writes(status) {
        return;
    }
    if let Some((at, err)) = disclosed(cx, call.args[status], &[call.args[text]]) {
        report(cx, at, err);
    }
}

/// Where a function writes a parameter to the client: as the status, or in the body.
fn writes_given(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let param = cx.param_at(cx.as_func(decl.into())?, index)?;
    let mentions = |arg: &ExprId| cx.mentions(*arg, param);
    let calls = cx.calls_within(decl, false);
    let mut calls = calls.iter().filter_map(|&node| if let Node::Expr(call) = node { cx.call(call) } else { None });
    let writes = |call: &Call| {
        let encodes = call.callee.is(&["encoding/json.Encoder.Encode"]);
        let answers = cx.declared_effects(&call.callee).has(Effects::RESPOND);
        (encodes || answers) && call.args.iter().any(mentions)
    };
    calls.find(writes).map(|call| call.expr)
}

fn report<'c>(cx: &'c mut Cx, at: ExprId, err: ExprId) -> Report<'c> {
    // What a command serves while it runs, as for a login in the browser, is for its user.
    let is_helper = cx.file.imports_any(&["github.com/spf13/cobra", "github.com/urfave/cli"]);
    let is_low = is_helper || is_for_operators(cx, at) || is_of_given(cx, at, err);
    let report = cx
        .report(at, format!("the client gets the text of {}", error_in_words(cx, err)))
        .note("log the error, and send a fixed text")
        .one_of("answers in this file hold the text of an error");
    if is_low { report.severity(Severity::Low) } else { report }
}

/// Where the text of an error stands in an answer, and the error, if the status says that the error is internal.
fn disclosed(cx: &mut Cx, status: ExprId, answer: &[ExprId]) -> Option<(ExprId, ExprId)> {
    // gRPC's own code is known by imports that are closed to others (`go help internal`): its errors are the protocol's.
    if !is_internal(cx, status) || cx.file.imports_any(&["google.golang.org/grpc/internal"]) {
        return None;
    }
    cx.examined();
    answer.iter().find_map(|&part| error_text(cx, part)).filter(|&(at, err)| !is_harmless(cx, at, err))
}

fn is_internal(cx: &Cx, status: ExprId) -> bool {
    matches!(cx.int_value(status), Some(500 | 502..=504)) || cx.denotes(status, INTERNAL)
}
