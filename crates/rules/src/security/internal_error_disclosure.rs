//! The text of an internal error is sent to the client.
//!
//! An unexpected error names hosts, tables, queries and paths: a map for an attacker, noise for a user, and a contract
//! that clients begin to parse. Log it where it can be found again, and answer with a fixed text (and a request id).
//!
//! Only answers that are internal errors by their status (500, `codes.Internal`) are looked at: what is wrong with a
//! request may be told. An error is known by its type. Errors that go through helper functions come with flow.
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
//! func decompress(err error) error {
//! 	return status.Errorf(codes.Internal, "grpc: failed to decompress the received message: %v", err)
//! }
//! ```
//! ```go good
//! type problem struct{ title string }
//! func (p problem) Error() int { return len(p.title) }
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
//! 	if err := load(id); err != nil {
//! 		slog.Error("load", "id", id, "err", err)
//! 		http.Error(w, "internal error", http.StatusInternalServerError)
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::types::Truth;

use crate::errors::support;

pub static RULE: Rule = Rule {
    id: "security/internal-error-disclosure",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Api, 1), (Concern::Errors, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

/// Methods of gin and echo that write a text or a value under a status.
const WRITES: &[&str] = &["AbortWithStatusJSON", "HTML", "IndentedJSON", "JSON", "JSONPretty", "PureJSON", "String"];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    let Expr::Selector { base, name } = cx.expr(fun) else { return };
    let args = cx.exprs(args);
    let (status, told) = match (cx.source(name), args) {
        ("Error", [_, text, status]) if cx.denotes(fun, &["net/http.Error"]) => (*status, std::slice::from_ref(text)),
        ("Errorf" | "Error", [status, told @ ..])
            if cx.denotes(fun, &["google.golang.org/grpc/status.Errorf", "google.golang.org/grpc/status.Error"]) =>
        {
            (*status, told)
        }
        (_, [status, told @ ..])
            if cx.denotes(
                fun,
                &["github.com/labstack/echo/v4.NewHTTPError", "github.com/gofiber/fiber/v2.NewError"],
            ) =>
        {
            (*status, told)
        }
        (write, [status, told @ ..])
            if WRITES.contains(&write)
                && (cx.has_type(base, &["github.com/gin-gonic/gin.Context"])
                    || cx.has_type(base, &["github.com/labstack/echo/v4.Context"])) =>
        {
            (*status, told)
        }
        // fiber says the status first: `c.Status(500).JSON(…)`.
        ("JSON" | "SendString", told) => match cx.method_call(base) {
            Some((context, "Status", [status])) if cx.has_type(context, &["github.com/gofiber/fiber/v2.Ctx"]) => {
                (*status, told)
            }
            _ => return,
        },
        _ => return,
    };
    if !is_internal(cx, status) || is_grpc(cx) {
        return;
    }
    cx.examined();
    let Some((at, err)) = told.iter().find_map(|&part| error_text(cx, part)) else { return };
    let fix = cx.denotes(fun, &["net/http.Error"]).then(|| log_instead(cx, call, base, at, err, status)).flatten();
    let report = cx
        .report(at, format!("the text of `{}` goes to the client", cx.source(err)))
        .note("log the error, and answer with a text that says nothing about the inside");
    if let Some(edits) = fix {
        match edits.len() {
            1 => report.fix("Answer with the status text", edits),
            _ => report.fix("Log the error and answer with the status text", edits).needing("log/slog"),
        };
    }
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
    let mut found = None;
    cx.any(part, false, |node| {
        let Node::Expr(id) = node else { return false };
        if let Some((err, "Error", [])) = cx.method_call(id)
            && is_error(cx, err)
        {
            found = Some((id, err));
        } else if cx.calls(id, &["fmt.Sprintf"])
            && let Some(Call { callee: _, args, .. }) = cx.call(id)
        {
            found = args.iter().find(|&&arg| is_error(cx, arg)).map(|&arg| (arg, arg));
        }
        found.is_some()
    });
    found
}

/// A value whose type has the method `Error() string`.
fn is_error(cx: &Cx, expr: ExprId) -> bool {
    let value = !cx.is_type_expr(expr) && !cx.is_builtin(expr, "nil");
    support::is_error(cx, expr) || value && cx.store.implements(cx.ty(expr), TypeId::ERROR).0 == Truth::Yes
}

/// The edits that log the error before the answer and answer with the status' own text.
fn log_instead(
    cx: &Cx,
    call: ExprId,
    package: ExprId,
    at: ExprId,
    err: ExprId,
    status: ExprId,
) -> Option<Vec<(Span, String)>> {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return None };
    if !matches!(cx.stmt(stmt), Stmt::Expr(_)) || cx.tree.parent(at) != Some(Node::Expr(call)) {
        return None;
    }
    let request = cx.enclosing_func(call).and_then(|func| cx.param_of(func, "net/http.Request"));
    let edit = (cx.span(at), format!("{}.StatusText({})", cx.source(package), cx.source(status)));
    if is_logged_before(cx, stmt, err) {
        return Some(vec![edit]);
    }
    let err = cx.source(err);
    let log = match request {
        Some(request) => {
            format!("slog.ErrorContext({}.Context(), \"request failed\", \"err\", {err})", cx.source(request))
        }
        None => format!("slog.Error(\"request failed\", \"err\", {err})"),
    };
    let start = cx.span(stmt).start;
    Some(vec![(Span::new(start, start), format!("{log}\n{}", cx.indent(stmt))), edit])
}

/// Whether a statement before this one, in the same block, hands the error to a call.
fn is_logged_before(cx: &Cx, stmt: StmtId, err: ExprId) -> bool {
    let Some(Node::Stmt(block)) = cx.tree.parent(stmt) else { return false };
    let Stmt::Block(stmts) = cx.stmt(block) else { return false };
    let before = cx.stmts(stmts).iter().take_while(|&&other| other != stmt);
    let mut calls = before.filter(|&&other| matches!(cx.stmt(other), Stmt::Expr(_)));
    calls.any(|&call| {
        cx.any(
            call,
            false,
            |node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.def(id) == cx.def(err)),
        )
    })
}
