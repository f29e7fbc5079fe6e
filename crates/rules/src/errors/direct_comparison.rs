//! An error is compared with a sentinel by `==`.
//!
//! `==` looks at the outermost error only. As soon as a function in between adds context with `%w`, the comparison is false,
//! and the case it stood for is handled as an unknown failure. `errors.Is` checks the whole chain (package `errors`).
//!
//! The finding is medium where code that is not seen from here may wrap the error: it is a parameter, or comes from an interface,
//! a function value or another module. It is low elsewhere, where a function that is not exported compares with a sentinel of its own
//! project, where the error comes straight from the library that declares the sentinel, and in the code of a command line. Packages
//! `os` and `net` wrap their own errors, and `net/http` those of contexts, so there the comparison fails today. So it does where a function
//! of the package makes each error that it returns with `fmt.Errorf`, which is medium as well.
//!
//! A comment that says why the error is not wrapped gives the reason.
//!
//! Limits: sentinels are exported variables of type `error`, and variables named `Err…` where types are not known. Not reported
//! are `io.EOF` and what else readers must return bare, `errX` of the package itself, which no other package can wrap by name,
//! and what is documented to be the sentinel itself: `ctx.Err()`, and `http.ErrServerClosed` from a server.
//!
//! ```go bad
//! func find(ctx context.Context, id int) (*User, error) {
//! 	u, err := query(ctx, id)
//! 	if err == sql.ErrNoRows {
//! 	// ^^^^^^^^^^^^^^^^^^^^ `err == sql.ErrNoRows` is false if `err` wraps `sql.ErrNoRows`
//! 		return nil, nil
//! 	}
//! 	if err != nil && err != context.Canceled {
//! 	//               ^^^^^^^^^^^^^^^^^^^^^^^ `err != context.Canceled` is true if `err` wraps `context.Canceled`
//! 		log.Print(err)
//! 	}
//! 	return u, err
//! }
//! ```
//! ```diff fixed
//! -	if err == sql.ErrNoRows {
//! +	if errors.Is(err, sql.ErrNoRows) {
//! -	if err != nil && err != context.Canceled {
//! +	if err != nil && !errors.Is(err, context.Canceled) {
//! ```
//! ```go bad
//! var ErrGone = errors.New("gone")
//!
//! func status(err error) int {
//! 	switch err {
//! 	//     ^^^ `switch err` compares with ==, which is false if `err` wraps
//! 	case nil:
//! 		return 200
//! 	case ErrGone, sql.ErrNoRows:
//! 		return 404
//! 	}
//! 	return 500
//! }
//! ```
//! ```diff fixed
//! -	switch err {
//! -	case nil:
//! +	switch {
//! +	case err == nil:
//! -	case ErrGone, sql.ErrNoRows:
//! +	case errors.Is(err, ErrGone), errors.Is(err, sql.ErrNoRows):
//! ```
//! ```go bad
//! var ErrGone = errors.New("gone")
//!
//! func find(names map[string]int, name string) (int, error) {
//! 	id, ok := names[name]
//! 	if !ok {
//! 		return 0, fmt.Errorf("%q: %w", name, ErrGone)
//! 	}
//! 	return id, nil
//! }
//!
//! func has(names map[string]int, name string) bool {
//! 	_, err := find(names, name)
//! 	return err != ErrGone
//! 	//     ^^^^^^^^^^^^^^ `err != ErrGone` is always true: `find` makes every error with `fmt.Errorf`
//! }
//! ```
//! ```diff fixed
//! -	return err != ErrGone
//! +	return !errors.Is(err, ErrGone)
//! ```
//! ```go good
//! func wait(ctx context.Context) bool {
//! 	<-ctx.Done()
//! 	return ctx.Err() == context.Canceled // documented to be exactly this value
//! }
//! ```
//! ```go good
//! func drain(r io.Reader) error {
//! 	_, err := r.Read(nil)
//! 	if err == nil || err == io.EOF { // readers must return it bare
//! 		return nil
//! 	}
//! 	return err
//! }
//! ```
//! ```go good
//! var errStop = errors.New("stop")
//!
//! func walk(each func(f func() error) error) error {
//! 	if err := each(func() error { return errStop }); err != errStop { // no other package can wrap it by name
//! 		return err
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Idiom
//!
//! Sentinels such as `io.EOF` are tested for with `errors.Is`, which looks through all layers of wrapping; `==` sees
//! only the outermost one.
//!
//! # Impact
//!
//! It works until somebody adds `%w` on the way; then an expected case, such as "not found" or "end of input", is
//! treated as a failure, with no compile error. A client may get 500 for a missing row.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: wrap the sentinel with `fmt.Errorf("context: %w", err)` in the fake, and expect
//!   the same branch
//!
//! # References
//!
//! - [Package errors, Is](https://pkg.go.dev/errors#Is)
//! - [Go blog, "Working with Errors in Go 1.13"](https://go.dev/blog/go1.13-errors)
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::{
    is_command, is_error, is_exempt, is_open_parameter, is_root, is_straight_from, may_be_wrapped, said_unwrapped,
    source_of,
};

pub static RULE: Rule = Rule {
    id: "errors/direct-comparison",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["errorlint"],
    fix: FixKind::Safe,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check_comparison), Hook::Stmt(&[StmtKind::Switch], check_switch)],
    examines: "comparisons of errors",
};

fn check_comparison(cx: &mut Cx, comparison: ExprId) {
    let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = cx.expr(comparison) else {
        return;
    };
    let (error, sentinel) = match (is_sentinel(cx, lhs), is_sentinel(cx, rhs)) {
        (false, true) => (lhs, rhs),
        (true, false) => (rhs, lhs),
        _ => return,
    };
    if !is_error(cx, error) || is_root(cx, error) || is_exempt(cx, comparison) || is_exactly(cx, error, sentinel) {
        return;
    }
    cx.examined();
    let wrapping = source_of(cx, error)
        .and_then(|source| cx.call(source))
        .filter(|&call| cx.find_within(call, wraps_each, 0).is_some());
    let severity = if wrapping.is_some() { Severity::Medium } else { grade(cx, error, sentinel) };
    let (error, sentinel, text) = (cx.source(error), cx.source(sentinel), cx.source(comparison));
    let (outcome, not) = if op == BinaryOp::Equal { ("false", "") } else { ("true", "!") };
    let span = cx.span(comparison);
    let errors = cx.name_for("errors");
    let message = match wrapping {
        Some(call) => {
            let callee = cx.callee_text(call.expr);
            format!("`{text}` is always {outcome}: `{callee}` makes every error with `fmt.Errorf`")
        }
        None => format!("`{text}` is {outcome} if `{error}` wraps `{sentinel}`"),
    };
    let excuse = said_unwrapped(cx, comparison);
    let report =
        cx.report(comparison, message).severity(severity).excused(excuse).note("`errors.Is` checks the whole chain");
    let report = if severity == Severity::Low { report.one_of(LOW) } else { report.one_of(MEDIUM) };
    if let Some(errors) = errors {
        let call = format!("{not}{errors}.Is({error}, {sentinel})");
        report.fix("Compare with errors.Is", [(span, call)]).needing("errors");
    }
}

/// An error that a function wraps, where it makes each that it returns with `fmt.Errorf`.
fn wraps_each(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into())?;
    let mut made = None;
    for values in cx.returned(func.body) {
        let &error = values.last()?;
        match cx.calls(error, &["fmt.Errorf"]) {
            true => made = made.or(Some(error).filter(|&error| cx.source(error).contains("%w"))),
            false if cx.is_builtin(error, "nil") => {}
            false => return None,
        }
    }
    made
}

fn check_switch(cx: &mut Cx, switch: StmtId) {
    let Stmt::Switch { tag: Some(tag), clauses, .. } = cx.stmt(switch) else { return };
    if !is_error(cx, tag) || is_root(cx, tag) || is_exempt(cx, tag) {
        return;
    }
    let cases: Vec<ExprId> = cx
        .stmts(clauses)
        .iter()
        .filter_map(|&clause| match cx.stmt(clause) {
            Stmt::CaseClause { exprs, .. } => Some(cx.exprs(exprs)),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let sentinels = cases.iter().filter(|&&case| is_sentinel(cx, case) && !is_exactly(cx, tag, case));
    let Some(severity) = sentinels.map(|&case| grade(cx, tag, case)).max() else { return };
    cx.examined();
    let error = cx.source(tag);
    let message = format!("`switch {error}` compares with ==, which is false if `{error}` wraps what a case names");
    let errors = cx.name_for("errors");
    let mut tag_span = cx.span(tag);
    let spaced = cx.tree.text().get(tag_span.end as usize..).is_some_and(|rest| rest.starts_with(' '));
    tag_span.end += u32::from(spaced);
    let mut edits = vec![(tag_span, String::new())];
    for case in cases {
        let text = cx.source(case);
        let condition = match errors {
            _ if cx.is_builtin(case, "nil") => format!("{error} == nil"),
            errors => format!("{}.Is({error}, {text})", errors.unwrap_or_default()),
        };
        edits.push((cx.span(case), condition));
    }
    let is_value = cx.is_pure(tag);
    let note = "a `switch` without a tag, with `errors.Is` in its cases, checks the whole chain";
    let excuse = said_unwrapped(cx, tag);
    let report = cx.report(tag, message).severity(severity).excused(excuse).note(note);
    // Each case asks again, so what is asked must be a value.
    if errors.is_some() && is_value {
        report.fix("Switch over errors.Is", edits).needing("errors");
    }
}

const LOW: &str = "errors in this file are compared with ==";
const MEDIUM: &str = "errors in this file that may be wrapped are compared with ==";

fn grade(cx: &Cx, error: ExprId, sentinel: ExprId) -> Severity {
    let package = cx.object(sentinel).map_or("", |sentinel| sentinel.path);
    // These wrap what they return in a type of their own.
    let wraps = matches!(package, "os" | "io/fs" | "net" | "context");
    let bare = !wraps && (is_straight_from(cx, error, package) || !may_be_wrapped(cx, error));
    let is_own = cx.object(sentinel).is_some_and(|sentinel| cx.is_own(&sentinel));
    // The project's own code decides whether to wrap its own sentinel; who is given any error by others cannot know.
    let agreed = is_own && !is_open_parameter(cx, error);
    // `pathErr.Err` is what the system said.
    let is_inner = matches!(cx.expr(cx.unparen(error)), Expr::Selector { .. });
    // go-redis documents the comparison.
    let is_redis_nil = package.starts_with("github.com/redis/go-redis/");
    match is_command(cx, error) || bare || agreed || is_inner || is_redis_nil {
        true => Severity::Low,
        false => Severity::Medium,
    }
}

/// An exported variable of type `error`. Not `io.EOF` and what else readers, writers and walks return bare (package `io`), nor
/// `errX` of this package, which no other can wrap by name.
fn is_sentinel(cx: &Cx, expr: ExprId) -> bool {
    let is_named = match cx.expr(expr) {
        Expr::Ident => cx.def(expr) == Def::Package(ObjectKind::Var),
        Expr::Selector { .. } => cx.is_qualified(expr),
        _ => false,
    };
    let Some(sentinel) = cx.object(expr).filter(|_| is_named) else { return false };
    let name = sentinel.name;
    let says_so = || name.strip_prefix("Err").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let is_bare = name == "EOF"
        || sentinel.is(&["google.golang.org/api/iterator.Done"])
        || name.starts_with("Skip")
        || name == "ErrNoError"
        || sentinel.path == "bufio";
    // A constant of a type of its own.
    let is_redis_nil = sentinel.path.starts_with("github.com/redis/go-redis/") && name == "Nil";
    let is_error = if cx.ty(expr).is_unknown() { says_so() } else { cx.ty(expr) == TypeId::ERROR || is_redis_nil };
    is_error && name.starts_with(char::is_uppercase) && !is_bare && !sentinel.is(&["io.ErrShortWrite"])
}

/// Whether the error comes straight from what is documented to give this value itself: `Context.Err` (package `context`),
/// and a server that was shut down (package `net/http`).
fn is_exactly(cx: &Cx, error: ExprId, sentinel: ExprId) -> bool {
    let value = match cx.expr(cx.unparen(error)) {
        Expr::Call { .. } => Some(error),
        _ => source_of(cx, error),
    };
    let (Some(sentinel), Some(value)) = (cx.object(sentinel), value) else { return false };
    match sentinel.path {
        "context" => {
            matches!(cx.method_call(value), Some((_, "Err", [])))
                || cx.calls(value, &["golang.org/x/time/rate.Limiter.Wait", "golang.org/x/time/rate.Limiter.WaitN"])
        }
        "net/http" => sentinel.name == "ErrServerClosed" && cx.calls(value, SERVES),
        _ => false,
    }
}

const SERVES: &[&str] = &[
    "net/http.ListenAndServe",
    "net/http.ListenAndServeTLS",
    "net/http.Serve",
    "net/http.ServeTLS",
    "net/http.Server.ListenAndServe",
    "net/http.Server.ListenAndServeTLS",
    "net/http.Server.Serve",
    "net/http.Server.ServeTLS",
];
