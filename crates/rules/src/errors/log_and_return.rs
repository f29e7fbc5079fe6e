//! An error is logged and returned, so that it is logged once more further up.
//!
//! One failure becomes two or three lines with different texts that nobody connects, and as many alerts. Whoever decides what the
//! failure means logs it, once; everybody else returns it with what they know: `fmt.Errorf("read payout %s: %w", id, err)`.
//!
//! Limits: lines below the level of a warning are left alone, and so is what ends where a client or the process is answered:
//! handlers, statuses of gRPC, `main` and command lines.
//!
//! ```go bad
//! func (r *repo) name(ctx context.Context, id string) (name string, err error) {
//! 	err = r.db.QueryRowContext(ctx, byID, id).Scan(&name)
//! 	if err != nil {
//! 		slog.Error("read name", "id", id, "err", err)
//! 		return "", fmt.Errorf("name of %s: %w", id, err)
//! 		//         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `err` is logged and returned, so the caller may log it again
//! 	}
//! 	return name, nil
//! }
//!
//! const byID = "SELECT name FROM users WHERE id = $1"
//!
//! type repo struct{ db *sql.DB }
//! ```
//! ```diff fixed
//! -		slog.Error("read name", "id", id, "err", err)
//! ```
//! ```go good
//! func (r *repo) name(ctx context.Context, id string) (name string, err error) {
//! 	err = r.db.QueryRowContext(ctx, byID, id).Scan(&name)
//! 	if errors.Is(err, sql.ErrNoRows) {
//! 		slog.Debug("no such user", "id", id, "err", err) // for whoever looks for it
//! 		return "", err
//! 	}
//! 	if err != nil {
//! 		slog.Error("read name", "id", id, "err", err)
//! 		return "", errInternal // another error, which tells the client nothing
//! 	}
//! 	return name, nil
//! }
//!
//! var errInternal = errors.New("internal error")
//!
//! const byID = "SELECT name FROM users WHERE id = $1"
//!
//! type repo struct{ db *sql.DB }
//! ```
//!
//! # Idiom
//!
//! An error is handled once: logged, or returned with more context. The outermost function, a handler or `main`, does the logging.
//!
//! # Impact
//!
//! One failure becomes two or three log lines with different texts, so error rates computed from logs are too high.
//! Whoever is on call reads about the same incident several times.
//!
//! # Verify
//!
//! - `kubectl logs deploy/NAME --since=1h | grep -c 'level=ERROR'`: compare with the number of requests that failed
//!
//! # Options
//!
//! - Return it with context and log at the top: one line that says everything
//!   - senior, backend, throughput: errors are handled once
//! - Log it here and return nothing: where the caller has nothing to decide
//!   - data, cloud-native: a worker loop has nobody to return it to
//!
//! # References
//!
//! - [Go blog, "Errors are values"](https://go.dev/blog/errors-are-values)
use gopeer_lint::prelude::*;

use super::support::{branch_of_error, error_variable, is_command, is_commented, returns_error};

pub static RULE: Rule = Rule {
    id: "errors/log-and-return",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 1), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Return], check)],
    examines: "branches for errors",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Return(results) = cx.stmt(stmt) else { return };
    let Some(&last) = cx.exprs(results).last() else { return };
    let Some(branch) = branch_of_error(cx, stmt) else { return };
    let Some(declared) = error_variable(cx, branch.error) else { return };
    if !cx.enclosing_func(stmt).is_some_and(|func| returns_error(cx, func)) {
        return;
    }
    cx.examined();
    if !hands_on(cx, last, declared) || answers(cx, stmt) || is_commented(cx, branch.stmt) {
        return;
    }
    let Some(&[before, ..]) = cx.place_in_list(stmt).and_then(|at| cx.siblings(stmt).get(at.checked_sub(1)?..)) else {
        return;
    };
    let Stmt::Expr(call) = cx.stmt(before) else { return };
    if !cx.mentions(before, declared) || !is_logged(cx, call) {
        return;
    }
    let (name, edit) = (cx.source(branch.error), (cx.lines(before), String::new()));
    let logged = cx.span(before);
    cx.report(last, format!("`{name}` is logged and returned, so the caller may log it again"))
        .note_at(logged, "it is logged here")
        .one_of("errors are logged and returned in this file")
        .fix("Return it without logging it", [edit]);
}

/// Whether what is returned is an error, or has it as its cause.
fn hands_on(cx: &Cx, last: ExprId, declared: ExprId) -> bool {
    if error_variable(cx, last) == Some(declared) {
        return true;
    }
    let Some(call) = cx.call(last) else { return false };
    let wraps = call.callee.path == "fmt" || call.callee.path.ends_with("/errors") || call.callee.name.contains("rap");
    wraps && call.args.iter().any(|&arg| error_variable(cx, arg) == Some(declared))
}

/// Whether the function answers a client, or belongs to a command line, whose caller only ends the process.
fn answers(cx: &Cx, stmt: StmtId) -> bool {
    cx.handler(stmt).is_some() || is_command(cx, stmt)
}

/// Whether a call writes a line of a log, of a level that somebody is to look at: `log.Error().Err(err).Msg("…")` as well.
pub(crate) fn is_logged(cx: &Cx, call: ExprId) -> bool {
    const LEVELS: &[&str] = &[
        "error", "errorf", "errorln", "errorw", "print", "printf", "println", "warn", "warnf", "warning", "warningf",
        "warnw",
    ];
    is_logged_at(cx, call, LEVELS)
}

/// Whether a call writes to a log, by one of these words at the beginning of a method's name.
pub(super) fn is_logged_at(cx: &Cx, call: ExprId, levels: &[&str]) -> bool {
    let (mut expr, mut levelled, mut given) = (cx.unparen(call), false, false);
    while let Expr::Call { fun, .. } = cx.expr(expr)
        && let Expr::Selector { base, name } = cx.expr(cx.unparen(fun))
    {
        levelled |= words(cx.source(name)).first().is_some_and(|first| levels.contains(&first.as_str()));
        // `common.Logger(ctx).Warn("…")`
        given |= expr != cx.unparen(call) && is_logger(cx, name);
        expr = cx.unparen(base);
    }
    levelled && (given || is_logger(cx, expr))
}

/// Whether an expression is a logger, or the package of one, by its name.
fn is_logger(cx: &Cx, expr: ExprId) -> bool {
    const NAMES: &[&str] =
        &["glog", "klog", "level", "lgr", "log", "logger", "logging", "logrus", "slog", "sugar", "zap"];
    let last = cx.source(expr).rsplit('.').next().unwrap_or_default().trim_end_matches("()");
    words(last).last().is_some_and(|last| NAMES.contains(&last.as_str()))
}
