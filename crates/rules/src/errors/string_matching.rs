//! The text of an error decides what the program does.
//!
//! Messages are written for people: they change with the version of a library, the language of a server and every function that
//! wraps them, and the compiler does not notice. What a message says is usually available as a value: a sentinel for
//! `errors.Is`, a type for `errors.As`, or the driver's own code (`pgconn.PgError.Code`, `redis.Nil`, `gocql.ErrNotFound`).
//!
//! The finding is medium where something better is known: a value for this text, a sentinel whose own text it is compared with, or
//! the whole text of an error that a function of the project gives. It is low elsewhere, because a library may offer nothing else;
//! where the text is a named constant or a regular expression, which is at least kept in one place; where a comment stands at the
//! place; and in the code of a command line. Several looks at a text in one statement are one finding, and so are many in one file.
//!
//! Limits: not reported are texts of the standard library that no value stands for (`missing port`), and places where a comment
//! says that there is no sentinel or type. Tests are not looked at.
//!
//! ```go bad
//! func insert(ctx context.Context, db *sql.DB, u User) error {
//! 	_, err := db.ExecContext(ctx, query, u.ID)
//! 	if err != nil && strings.Contains(err.Error(), "duplicate key") {
//! 	//               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `err` is recognized by
//! 		return ErrTaken
//! 	}
//! 	return err
//! }
//! ```
//! ```go bad
//! func drain(r io.Reader) error {
//! 	_, err := r.Read(nil)
//! 	if err != nil && err.Error() == "EOF" {
//! 	//               ^^^^^^^^^^^^^^^^^^^^ `err` is recognized by
//! 		return nil
//! 	}
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	if err != nil && err.Error() == "EOF" {
//! +	if err != nil && errors.Is(err, io.EOF) {
//! ```
//! ```go good
//! func insert(ctx context.Context, db *sql.DB, u User) error {
//! 	_, err := db.ExecContext(ctx, query, u.ID)
//! 	var pgErr *pgconn.PgError
//! 	if errors.As(err, &pgErr) && strings.HasPrefix(pgErr.Code, "23") { // the code of the server is a value
//! 		return ErrTaken
//! 	}
//! 	return err
//! }
//! ```
//! ```go good
//! func port(host string) (string, error) {
//! 	_, port, err := net.SplitHostPort(host)
//! 	if err != nil && strings.Contains(err.Error(), "missing port") { // no exported value says this
//! 		return "443", nil
//! 	}
//! 	return port, err
//! }
//! ```
//! ```go good
//! func upload(ctx context.Context, c *client) error {
//! 	err := c.Put(ctx)
//! 	// The client has no sentinel for this.
//! 	if err != nil && strings.Contains(err.Error(), "quota") { // the comment gives the reason
//! 		return ErrFull
//! 	}
//! 	return err
//! }
//! ```
//! ```go good file=insert_test.go
//! func TestInsert(t *testing.T) {
//! 	err := insert(nil)
//! 	if err == nil || !strings.Contains(err.Error(), "nil user") { // a test may check what users read
//! 		t.Fatalf("got %v", err)
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! The text of an error is for people. For programs, packages export sentinels (`ErrNotFound`) and types (`ParseError`), which `errors.Is`
//! and `errors.As` find.
//!
//! # Impact
//!
//! An upgrade of the driver, a server set to another language or a function that adds context changes the text, and the
//! decision with it: retries stop, duplicates become failures. Nothing in the build or in the type system depends on
//! the text.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with the real driver in a container, since a fake repeats the text that the code
//!   expects
//!
//! # Options
//!
//! - `errors.Is` with the sentinel: shortest, where the library exports one
//!   - senior, throughput, cloud-native: the library promises it
//! - `errors.As` with the type, and its code: for drivers that return codes, such as SQLSTATE
//!   - data, backend: codes are the same in every language of the server
//!
//! # References
//!
//! - [Package errors, As](https://pkg.go.dev/errors#As)
//! - [PostgreSQL, "Error Codes"](https://www.postgresql.org/docs/current/errcodes-appendix.html)
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::{is_command, is_error, source_of, statement_at, text_of};
use super::texts::{KNOWN, Known, NAMELESS, REASONS};

pub static RULE: Rule = Rule {
    id: "errors/string-matching",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(TESTS, check_call),
        Hook::Expr(&[ExprKind::Binary], check_comparison),
        Hook::Stmt(&[StmtKind::Switch], check_switch),
    ],
    examines: "tests of texts",
};

const TESTS: &[&str] = &[
    "regexp.MatchString",
    "regexp.Regexp.MatchString",
    "slices.Contains",
    "strings.Contains",
    "strings.Count",
    "strings.Cut",
    "strings.HasPrefix",
    "strings.HasSuffix",
    "strings.EqualFold",
    "strings.Index",
    "strings.ContainsAny",
];

fn check_call(cx: &mut Cx, Call { expr: call, callee, args, .. }: Call) {
    let (text, pattern, mend) = match (callee.name, args) {
        // A method of a pattern, whose text is elsewhere.
        ("MatchString", &[text]) => (text, text, None),
        ("MatchString", &[pattern, text]) => (text, pattern, None),
        ("Contains", &[texts, text]) if callee.path == "slices" => (text, texts, None),
        ("Index" | "Count" | "Cut", &[text, pattern]) => (text, pattern, None),
        (_, &[text, pattern]) => (text, pattern, Some("")),
        _ => return,
    };
    if let Some(error) = text_in(cx, text) {
        report(cx, call, error, pattern, mend);
    }
}

/// The error whose text an expression is, whatever becomes of the text before: `strings.ToLower(err.Error())`,
/// `fmt.Sprint(err)`, or a local that holds one.
fn text_in(cx: &Cx, text: ExprId) -> Option<ExprId> {
    let value = cx.initial_value(text).unwrap_or(text);
    if let Some(error) = text_of(cx, value) {
        return Some(error);
    }
    match cx.call(value)? {
        Call { callee, args: &[inner], .. } if callee.is(LOWERED) => {
            text_of(cx, cx.initial_value(inner).unwrap_or(inner))
        }
        Call { callee, args: &[error], .. } if callee.is(&["fmt.Sprint"]) => is_error(cx, error).then_some(error),
        _ => None,
    }
}

/// Where a function tests the text of an error.
pub(super) fn text_test(cx: &Cx, _: DeclId, _: usize) -> Option<ExprId> {
    let of_error = |test: &Call| test.args.iter().any(|&text| text_in(cx, text).is_some());
    cx.calls_of(TESTS).into_iter().find(of_error).map(|test| test.expr)
}

const LOWERED: &[&str] = &["strings.ToLower", "strings.ToUpper", "strings.TrimSpace"];

fn check_comparison(cx: &mut Cx, comparison: ExprId) {
    let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = cx.expr(comparison) else {
        return;
    };
    let not = if op == BinaryOp::NotEqual { "!" } else { "" };
    for (text, other) in [(lhs, rhs), (rhs, lhs)] {
        let Some(error) = text_in(cx, text) else { continue };
        let literal = cx.string_value(other).is_some_and(|value| !value.is_empty());
        if literal || text_of(cx, other).is_some_and(|sentinel| is_sentinel(cx, sentinel)) {
            return report(cx, comparison, error, other, Some(not));
        }
    }
}

fn is_sentinel(cx: &Cx, expr: ExprId) -> bool {
    cx.def(expr) == Def::Package(ObjectKind::Var) || cx.is_qualified(expr)
}

fn check_switch(cx: &mut Cx, switch: StmtId) {
    let Stmt::Switch { tag: Some(tag), .. } = cx.stmt(switch) else { return };
    if let Some(error) = text_in(cx, tag) {
        report(cx, tag, error, tag, None);
    }
}

/// Whether a comment at the place, or at the `switch` whose case it is, says why the text is looked at.
fn is_said_around(cx: &Cx, at: ExprId) -> bool {
    let switch = |cx: &Cx, node: Node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Switch { .. }));
    let of_case = || cx.around(at, switch).filter(|&switch| cx.lines(switch).start < cx.lines(at).start);
    cx.is_said(at, REASONS) || of_case().is_some_and(|switch| cx.is_said(switch, REASONS))
}

/// Whether the whole text of an error from a function of the project is compared: that could give it a value. A part may be what
/// another program or library said.
fn is_from_project(cx: &Cx, at: ExprId, error: ExprId) -> bool {
    let is_own = |call| cx.callee(call).is_some_and(|callee| cx.is_own(&callee));
    matches!(cx.expr(at), Expr::Binary { .. }) && source_of(cx, error).is_some_and(is_own)
}

fn report(cx: &mut Cx, at: ExprId, error: ExprId, pattern: ExprId, mend: Option<&str>) {
    cx.examined();
    let (name, span) = (cx.source(error), cx.span(at));
    let text = cx.string_value(pattern).unwrap_or_default();
    let is_layout = !text.is_empty() && text.trim().is_empty();
    if is_layout || NAMELESS.iter().any(|nameless| text.contains(nameless)) || is_said_around(cx, at) {
        return;
    }
    let known = KNOWN.iter().find(|(part, _)| !text.is_empty() && text.contains(part)).map(|(_, known)| *known);
    let mended = match (known, mend) {
        (Some(Known::Sentinel(path, sentinel)), Some(not)) => match (cx.name_for("errors"), cx.name_for(path)) {
            (Some(errors), Some(package)) => Some((path, format!("{not}{errors}.Is({name}, {package}.{sentinel})"))),
            _ => None,
        },
        _ => None,
    };
    // A constant, a list or a regular expression that is kept somewhere.
    let is_written = matches!(cx.expr(cx.unparen(pattern)), Expr::Literal(_) | Expr::Composite { .. });
    let is_elsewhere =
        !is_written && text_of(cx, pattern).is_none() && pattern != at || cx.calls(at, &["regexp.Regexp.MatchString"]);
    let is_named = known.is_none() && is_elsewhere;
    let is_commented = cx.comments_at(at).next().is_some();
    // What another process sent has the text of a sentinel in it, and nothing more.
    let is_whole = matches!(cx.expr(at), Expr::Binary { .. });
    let has_better = known.is_some() || is_whole && text_of(cx, pattern).is_some() || is_from_project(cx, at, error);
    let low = is_named || is_commented || !has_better || is_command(cx, at);
    let severity = if low { Severity::Low } else { Severity::Medium };
    let statement = statement_at(cx, at);
    let note = match known {
        Some(Known::Prose(advice)) => advice.to_owned(),
        Some(Known::Sentinel(path, sentinel)) => {
            let package = path.rsplit('/').next().unwrap_or(path);
            format!("`errors.Is` with `{package}.{sentinel}` asks the same without the text")
        }
        None => "compare with a sentinel (`errors.Is`), a type (`errors.As`) or the driver's code".to_owned(),
    };
    const LONGEST: usize = 40;
    let quoted = cx.source(pattern);
    let which = match quoted.starts_with('"') && quoted.len() <= LONGEST && !quoted.contains('`') {
        true => format!("the text `{quoted}`"),
        false => "its text".to_owned(),
    };
    let report = cx
        .report(at, format!("`{name}` is recognized by {which}, which may change without notice"))
        .severity(severity)
        .note(note);
    let report = report.one_of("texts of errors decide in this file");
    match mended {
        Some((path, call)) => {
            report.fix("Compare the error, not its text", [(span, call)]).needing("errors").needing(path)
        }
        None => report.one_cause(statement),
    };
}
