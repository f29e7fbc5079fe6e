//! Something failed, and what is returned or wrapped for it is nil.
//!
//! The caller takes it for success: a declined capture counts as paid, a statement that broke off in the middle as an empty one.
//! Mostly the branch tests one error and returns another, which was checked before. `fmt.Errorf("…: %w", err)` with a nil `err` gives an
//! error without a cause, `%!w(<nil>)`, that no `errors.Is` matches; `errors.Wrap` of github.com/pkg/errors gives nil. Also found is
//! the branch for a failure that returns nil and nothing else, where the function hands other errors to its caller: put as a question,
//! because the failure may be meant to do no harm. A comment in the branch, or anything that it does with the error, says so. The error
//! of the last of several attempts is asked about even where it is logged before nil is returned.
//!
//! Limits: an error that closures assign to, or whose address is kept, is not followed.
//!
//! ```go bad
//! func fetch(url string) ([]byte, error) {
//! 	resp, err := http.Get(url)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	defer resp.Body.Close()
//! 	data, readErr := io.ReadAll(resp.Body)
//! 	if readErr != nil {
//! 		return nil, err
//! 		//          ^^^ `err`, which is returned here, is nil; the error that is not nil is `readErr`
//! 	}
//! 	return data, nil
//! }
//! ```
//! ```diff fixed
//! -		return nil, err
//! +		return nil, readErr
//! ```
//! ```go bad
//! func write(f *os.File, data []byte) error {
//! 	_, err := f.Write(data)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if cerr := f.Close(); cerr != nil {
//! 		return fmt.Errorf("close: %w", err)
//! 		//                             ^^^ medium: `err`, which is wrapped here, is nil; the error that is not nil is `cerr`
//! 	}
//! 	return nil
//! }
//! ```
//! ```diff fixed
//! -		return fmt.Errorf("close: %w", err)
//! +		return fmt.Errorf("close: %w", cerr)
//! ```
//! ```go good
//! func load(path string) ([]byte, error) {
//! 	data, err := os.ReadFile(path)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if cerr := check(data); cerr != nil {
//! 		slog.Warn("unchecked", "err", cerr) // somebody looks at it
//! 		return data, err
//! 	}
//! 	return data, err // nil, as it should be
//! }
//!
//! func check(data []byte) error { return nil }
//! ```
//!
//! # Impact
//!
//! The caller continues as if the operation had succeeded: it marks the order paid, deletes the source file,
//! acknowledges the message. The failure is gone, from logs as well, unless this branch logs it. A test that makes
//! exactly this step fail gets `nil`.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: let the step of this branch fail with an error of its own, and assert that the
//!   same error comes out
//!
//! # References
//!
//! - [Go blog, "Error handling and Go"](https://go.dev/blog/error-handling-and-go)
use gopeer_lint::prelude::*;

use super::asked::{is_logged_only, is_told_apart};
use super::known::{call_of, failed_instead, is_of_call, returns_others, why_nil};
use super::log_and_return::is_logged;
use super::support::{Branch, branch_of, branch_of_error, error_variable, is_commented, returns_error, writes};

pub static RULE: Rule = Rule {
    id: "errors/nil-error-returned",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["nilerr", "nilnesserr", "semgrep:maybe-wrong-err", "semgrep:return-nil-err"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Return], check)],
    examines: "returned errors",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Return(results) = cx.stmt(stmt) else { return };
    let Some((&last, others)) = cx.exprs(results).split_last() else { return };
    let Some(func) = cx.enclosing_func(stmt).filter(|&func| returns_error(cx, func)) else { return };
    cx.examined();
    if cx.is_builtin(last, "nil") {
        given_up(cx, stmt, others);
        return swallowed(cx, func, stmt, others);
    }
    let Some(returned) = returned(cx, last) else { return };
    let Some(declared) = error_variable(cx, returned.error) else { return };
    let Some(followed) = cx.followed(func.node) else { return };
    let Some(at) = followed.at_return(stmt) else { return };
    let Some(why) = why_nil(cx, func, &followed, at, declared) else { return };
    let failed = failed_instead(cx, &followed, stmt, declared);
    if failed.is_some() || returned.wrapper.is_some() || is_refusal(cx, stmt, others) {
        report(cx, stmt, returned, why, failed);
    }
}

fn report(
    cx: &mut Cx,
    stmt: StmtId,
    returned: Returned,
    mut steps: Vec<(Span, String)>,
    failed: Option<(ExprId, ExprId)>,
) {
    let name = cx.source(returned.error);
    let done = if returned.wrapper.is_some() { "wrapped" } else { "returned" };
    let mut fix = None;
    let message = match failed {
        Some((other, cond)) => {
            let other = cx.source(other);
            steps.push((cx.span(cond), format!("`{other}` is not nil from here on")));
            fix = Some((format!("Return `{other}`"), (cx.span(returned.error), other.to_owned())));
            format!("`{name}`, which is {done} here, is nil; the error that is not nil is `{other}`")
        }
        None if returned.wrapper.is_some() => format!("`{name}`, which is wrapped here, is nil"),
        None => format!("`{name}` is nil here, so the caller gets neither a result nor an error"),
    };
    steps.push((cx.span(stmt), format!("`{name}` is {done} here")));
    let reason = cx.explanation(stmt, &["ignore", "not an error", "no error"]);
    let mut report = cx.report(returned.error, message).steps(steps).excused(reason);
    report = match returned.wrapper {
        Some(Wrapper::Errorf) => report
            .severity(Severity::Medium)
            .note("the text ends in `%!w(<nil>)` or `<nil>`, and the error has no cause"),
        Some(Wrapper::Package) => {
            report.note("wrapping a nil error gives nil, so the caller takes the failure for a success")
        }
        None if fix.is_some() => report.note("the caller takes the failure for a success"),
        None => report.severity(Severity::Low).question(),
    };
    if let Some((title, edit)) = fix {
        report.fix(title, [edit]);
    }
}

/// The error that a function returns.
#[derive(Clone, Copy)]
struct Returned {
    error: ExprId,
    /// What makes another error of it.
    wrapper: Option<Wrapper>,
}

#[derive(Clone, Copy)]
enum Wrapper {
    /// `fmt.Errorf`, which always gives an error.
    Errorf,
    /// Of a package whose functions give nil for nil.
    Package,
}

fn returned(cx: &Cx, last: ExprId) -> Option<Returned> {
    let last = cx.unparen(last);
    if cx.expr(last) == Expr::Ident {
        return Some(Returned { error: last, wrapper: None });
    }
    let mut call = cx.call(last)?;
    // `errors.Join` leaves out what is nil: only what it is given wrapped counts.
    if call.callee.is(&["errors.Join"]) {
        call = cx.call(*call.args.first()?)?;
    }
    let wrapper = match (call.callee.path, call.callee.name) {
        ("fmt", "Errorf") => Wrapper::Errorf,
        ("github.com/pkg/errors" | "github.com/cockroachdb/errors", name) if name.starts_with('W') => Wrapper::Package,
        _ => return None,
    };
    let mut errors = call.args.iter().copied().filter(|&arg| error_variable(cx, arg).is_some());
    match (errors.next(), errors.next()) {
        (Some(error), None) => Some(Returned { error: cx.unparen(error), wrapper: Some(wrapper) }),
        _ => None,
    }
}

/// Whether a `return` gives nothing, in a branch that is left because something is not as it should be: not because nothing was
/// found.
fn is_refusal(cx: &Cx, stmt: StmtId, others: &[ExprId]) -> bool {
    let Some((cond, _)) = branch_of(cx, stmt) else { return false };
    let looks_empty = cx.any(cond, true, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Binary { lhs, rhs, .. } => is_zero(cx, lhs) || is_zero(cx, rhs),
            Expr::Call { fun, .. } => cx.is_builtin(fun, "len"),
            Expr::Ident => cx.ty(id) == TypeId::from(Basic::Bool),
            _ => false,
        },
        _ => false,
    });
    !others.is_empty() && !looks_empty && others.iter().all(|&result| is_zero(cx, result))
}

fn is_zero(cx: &Cx, expr: ExprId) -> bool {
    let expr = cx.unparen(expr);
    cx.is_builtin(expr, "nil")
        || cx.is_builtin(expr, "false")
        || cx.int_value(expr) == Some(0)
        || cx.string_value(expr).is_some_and(|text| text.is_empty())
        || matches!(cx.expr(expr), Expr::Composite { elems, .. } if elems.is_empty())
}

/// The last error of attempts in a loop, which is logged before nil is returned.
fn given_up(cx: &mut Cx, stmt: StmtId, others: &[ExprId]) {
    let Some(before) = cx.stmt_before(stmt).filter(|_| others.is_empty()) else { return };
    let Stmt::If { cond, then, els: None, .. } = cx.stmt(before) else { return };
    let Some((error, false)) = cx.nil_test(cond) else { return };
    let Some(declared) = error_variable(cx, error) else { return };
    let attempts = |used: ExprId| cx.is_target(used) && cx.enclosing_loop(used) != cx.enclosing_loop(declared);
    // What is logged at a low level is no failure.
    let loud = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if is_logged(cx, call));
    let is_logged_alone = is_logged_only(cx, then) && cx.list_of(then.into()).iter().any(loud);
    let is_last = is_logged_alone && cx.names.uses(declared).any(attempts);
    if !is_last || is_commented(cx, before) || cx.enclosing_loop(stmt) != cx.enclosing_loop(declared) {
        return;
    }
    let name = cx.source(error);
    let steps = [
        (cx.span(cond), format!("`{name}` holds an error from the loop")),
        (cx.span(stmt), "nil is returned here".to_owned()),
    ];
    cx.report(
        stmt,
        format!(
            "where `{name}` is not nil, it is logged and nil is returned, so the caller takes the failure for a success"
        ),
    )
    .severity(Severity::Medium)
    .steps(steps)
    .question();
}

/// The branch for an error that does nothing but return nil.
fn swallowed(cx: &mut Cx, func: Func, stmt: StmtId, others: &[ExprId]) {
    let Some(Branch { error, cond, stmt: branch }) = branch_of_error(cx, stmt) else { return };
    let Some(declared) = error_variable(cx, error) else { return };
    let answers = |&other: &ExprId| !is_zero(cx, other) || cx.is_builtin(other, "false");
    if cx.siblings(stmt).len() != 1
        || others.iter().any(answers)
        || is_commented(cx, branch)
        || !is_of_call(cx, error)
        || !returns_others(cx, func)
    {
        return;
    }
    let name = cx.source(error);
    let steps = vec![
        (cx.span(cond), format!("`{name}` is not nil from here on")),
        (cx.span(stmt), "nil is returned here".to_owned()),
    ];
    let call = call_of(cx, error);
    // Where the expected failure was told apart, or data was to be written, little speaks for a purpose.
    let severity = match is_told_apart(cx, branch, declared) || call.is_some_and(|call| writes(cx, call)) {
        true => Severity::Medium,
        false => Severity::Low,
    };
    cx.report(
        stmt,
        format!("`{name}` is not nil here, but nil is returned, so the caller takes the failure for a success"),
    )
    .severity(severity)
    .steps(steps)
    .question();
}
