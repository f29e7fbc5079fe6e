//! An error is compared with a sentinel by `==`.
//!
//! That looks at the outermost error only. As soon as a function in between adds context with `%w`, the test is false and
//! the case it stood for is handled as an unknown failure. `errors.Is` looks along the whole chain
//! (package `errors`).
//!
//! Limits: sentinels are package variables named `Err…` and those that the standard library names otherwise. `io.EOF`, which
//! readers must return bare, and `errX` of the package, which nobody else can wrap by name, are left alone.
//!
//! ```go bad
//! func find(ctx context.Context, id int) (*User, error) {
//! 	u, err := query(ctx, id)
//! 	if err == sql.ErrNoRows {
//! 	// ^^^^^^^^^^^^^^^^^^^^ `err == sql.ErrNoRows` is false once `err` is wrapped
//! 		return nil, nil
//! 	}
//! 	if err != nil && err != context.Canceled {
//! 	//               ^^^^^^^^^^^^^^^^^^^^^^^ `err != context.Canceled` is true once `err` is wrapped
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
//! 	//     ^^^ `switch err` compares with ==, which fails once `err` is wrapped
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
//! ```go good
//! import cause "github.com/pkg/errors"
//!
//! var ErrGone = errors.New("gone")
//!
//! var errStop = errors.New("stop")
//!
//! func isGone(err error) bool {
//! 	return cause.Cause(err) == sql.ErrNoRows
//! }
//!
//! func peek(r *bufio.Reader) ([]byte, error) {
//! 	line, err := r.ReadSlice('\n')
//! 	if err == bufio.ErrBufferFull {
//! 		return line, nil
//! 	}
//! 	return line, err
//! }
//!
//! func walk(each func(f func() error) error) error {
//! 	if err := each(func() error { return errStop }); err != errStop { // nobody else can wrap it
//! 		return err
//! 	}
//! 	return nil
//! }
//!
//! func (e *notFound) Is(target error) bool { return target == ErrGone }
//!
//! func read(r io.Reader, ctx context.Context) error {
//! 	_, err := r.Read(nil)
//! 	if err == nil || err == io.EOF {
//! 		return nil
//! 	}
//! 	if err := ctx.Err(); err == context.Canceled { // documented to be exactly this
//! 		return nil
//! 	}
//! 	if code := lookup(err); code == ErrCode {
//! 		return nil
//! 	}
//! 	server := &http.Server{ReadHeaderTimeout: time.Second}
//! 	if err := server.ListenAndServe(); err != http.ErrServerClosed {
//! 		return err
//! 	}
//! 	return err
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::{is_error, is_exempt, is_root};

pub static RULE: Rule = Rule {
    id: "errors/direct-comparison",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["errorlint"],
    fix: FixKind::Safe,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check_comparison), Hook::Stmt(&[StmtKind::Switch], check_switch)],
    file: file!(),
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
    let (error, sentinel, text) = (cx.source(error), cx.source(sentinel), cx.source(comparison));
    let (outcome, not) = if op == BinaryOp::Equal { ("false", "") } else { ("true", "!") };
    let span = cx.span(comparison);
    let errors = cx.name_for("errors");
    let message = format!("`{text}` is {outcome} once `{error}` is wrapped");
    let report = cx.report(comparison, message).note("errors.Is looks along the whole chain");
    if let Some(errors) = errors {
        let call = format!("{not}{errors}.Is({error}, {sentinel})");
        report.fix("Compare with errors.Is", [(span, call)]).needing("errors");
    }
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
    if !cases.iter().any(|&case| is_sentinel(cx, case) && !is_exactly(cx, tag, case)) {
        return;
    }
    cx.examined();
    let error = cx.source(tag);
    let message = format!("`switch {error}` compares with ==, which fails once `{error}` is wrapped");
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
    let report =
        cx.report(tag, message).note("a `switch` without a tag and `errors.Is` in its cases look along the chain");
    if errors.is_some() {
        report.fix("Switch over errors.Is", edits).needing("errors");
    }
}

/// `ErrX` of another package or this one, and those that the standard library names otherwise. `io.EOF` is not among them,
/// because readers must return it bare (package `io`), nor what else readers and writers return so, nor is `errX` of this package, which no other can wrap by name.
fn is_sentinel(cx: &Cx, expr: ExprId) -> bool {
    let names_error = |name: &str| name.strip_prefix("Err").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    match cx.expr(expr) {
        Expr::Ident => cx.def(expr) == Def::Package(ObjectKind::Var) && names_error(cx.source(expr)),
        Expr::Selector { .. } => cx.object(expr).is_some_and(|name| {
            names_error(name.name)
                && name.name != "ErrNoError"
                && !(name.path == "bufio" || name.is(&["io.ErrShortWrite"]))
                || name.is(&["context.Canceled"])
                || name.is(&["context.DeadlineExceeded"])
                || name.path.starts_with("github.com/redis/go-redis/") && name.name == "Nil"
        }),
        _ => false,
    }
}

/// Whether the error comes straight from what is documented to give this value itself: `Context.Err` (package `context`),
/// and a server that was shut down (package `net/http`).
fn is_exactly(cx: &Cx, error: ExprId, sentinel: ExprId) -> bool {
    let (Some(sentinel), Some(value)) = (cx.object(sentinel), cx.initial_value(error)) else { return false };
    match sentinel.path {
        "context" => matches!(cx.method_call(value), Some((_, "Err", []))),
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
