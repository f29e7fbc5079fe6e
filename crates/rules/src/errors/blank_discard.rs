//! An error is assigned to the blank identifier without a reason.
//!
//! `_` says that somebody saw the error and chose to ignore it, but not why, and the value beside it is then what a failure
//! leaves: zero, nil, or half of the data. Return the error or handle it. If it cannot occur or does not matter, say why in a
//! comment on the line or above it, and the finding is listed as silenced.
//!
//! The finding is of high severity where a transaction that has written is committed. It is medium where the library's documentation
//! asks for the check, and where the value of a call that writes, saves or deletes data, by its name, is taken without its error.
//! Elsewhere, where the call only parses or reads, where the value is tested or goes into the text of an error, and in the code of a
//! command line, the finding is low. Calls of one function of the project are one finding.
//!
//! Limits: not reported is what `errors/unchecked` leaves alone, and besides a call that parses constants, that marshals what
//! always encodes, or that parses a number which is compared or returned in the next statement. Test code is not looked at.
//!
//! ```go bad
//! func page(r *http.Request) (int, []byte, error) {
//! 	n, _ := strconv.Atoi(r.FormValue("page"))
//! 	// ^ low: the error of `strconv.Atoi` is discarded, and no comment says why
//! 	body, _ := io.ReadAll(r.Body)
//! 	//    ^ low: the error of `io.ReadAll` is discarded, and no comment says why
//! 	return n, body, nil
//! }
//! ```
//! ```go bad
//! func save(tx *sql.Tx, j *job) error {
//! 	if err := j.run(); err != nil {
//! 		return err
//! 	}
//! 	_ = j.run()
//! #^ low: the error of `j.run` is discarded, and no comment says why
//! 	_ = tx.Commit() // TODO: handle the error
//! #^ the error of `tx.Commit` is discarded, and no comment says why
//! 	return nil
//! }
//!
//! type job struct{ run func() error }
//! ```
//! ```go good
//! func page(r *http.Request) int {
//! 	n, _ := strconv.Atoi(r.FormValue("page")) // zero, the first page, where it is missing
//! 	return n + 1
//! }
//! ```
//! ```go good
//! func limit(r *http.Request) int {
//! 	limit, _ := strconv.Atoi(r.FormValue("limit"))
//! 	if limit < 1 { // looks at what a failure leaves
//! 		limit = 20
//! 	}
//! 	return limit * 2
//! }
//! ```
//! ```go good
//! func home() *url.URL {
//! 	home, _ := url.Parse("https://example.com/") // a constant parses on every run or on none
//! 	return home
//! }
//! ```
//! ```go good
//! func save(tx *sql.Tx) error {
//! 	defer func() { _ = tx.Rollback() }() // gives back; after a commit it always fails
//! 	return tx.Commit()
//! }
//! ```
//!
//! # Idiom
//!
//! `_ =` says that the result was seen and is not needed. Readers expect a comment with the reason beside it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with input for which the call fails, look at what the zero value does further
//!   down
//!
//! # References
//!
//! - [Go blog, "Error handling and Go"](https://go.dev/blog/error-handling-and-go)
use gopeer_lint::prelude::*;

use super::clean_up::{REASONS, comes_after_failure, ends, gives_back, runs_in_goroutine};
use super::harmless::{is_harmless, leaves_zero};
use super::numbers::{is_for_message, is_looked_at, is_parsed_or_zero, is_tested};
use super::support::{can_act, fails_in_ways, is_command, is_required, own_callee, rests_on_value, saves, writes};

pub static RULE: Rule = Rule {
    id: "errors/blank-discard",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 2), (Concern::Idiom, 2)],
    equivalents: &["errcheck", "errchkjson"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Assign, StmtKind::Define], check), Hook::Decl(&[DeclKind::Value], check_var)],
    examines: "blank identifiers",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let Some((target, value)) = discarded(cx, cx.exprs(lhs), cx.exprs(rhs)) else { return };
    cx.examined();
    if !is_left_alone(cx, stmt, value) {
        report(cx, stmt.into(), target, value);
    }
}

/// `var n, _ = f()`.
fn check_var(cx: &mut Cx, spec: DeclId) {
    let Decl::Value { names, values, .. } = cx.decl(spec) else { return };
    let Some((target, value)) = discarded(cx, cx.exprs(names), cx.exprs(values)) else { return };
    cx.examined();
    if !is_harmless(cx, value) {
        report(cx, spec.into(), target, value);
    }
}

fn report(cx: &mut Cx, node: Node, target: ExprId, value: ExprId) {
    if is_suite(cx) {
        return;
    }
    let what = match cx.expr(value) {
        Expr::Call { .. } => format!("the error of `{}`", cx.callee_text(value)),
        _ => format!("the error `{}`", cx.source(value)),
    };
    let severity = grade(cx, node, value);
    let callee = own_callee(cx, value);
    let comment = cx.comments_at(node).find(|comment| says_something(comment));
    // One above may as well say what the call is for.
    let reason = cx.explanation(node, REASONS).or(comment.filter(|_| is_behind(cx, node)));
    let unsaid = if comment.is_none() { ", and no comment says why" } else { "" };
    let report = cx
        .report(target, format!("{what} is discarded{unsaid}"))
        .severity(severity)
        .excused(reason)
        .note("return it or handle it, or say in a comment why it cannot occur or does not matter");
    if severity == Severity::Low {
        report.one_of("errors are discarded in this file");
    } else if let Some(callee) = callee {
        report.one_cause(callee);
    }
}

/// Whether a comment is more than a label, such as "save the user", and promises nothing.
fn says_something(comment: &str) -> bool {
    let words = words(comment);
    words.len() > 4 && !words.iter().any(|word| matches!(word.as_str(), "todo" | "fixme" | "nolint"))
}

/// Whether a comment follows a node on its line.
fn is_behind(cx: &Cx, node: Node) -> bool {
    let rest = cx.tree.text().get(cx.span(node).end as usize..);
    rest.and_then(|rest| rest.lines().next()).is_some_and(|rest| rest.contains("//"))
}

fn grade(cx: &Cx, node: Node, value: ExprId) -> Severity {
    let Expr::Call { args, .. } = cx.expr(value) else { return Severity::Low };
    // What is given constants fails on every run or on none.
    let args = cx.exprs(args);
    let constant = !args.is_empty() && args.iter().all(|&arg| cx.constant_value(arg).is_some());
    let is_marshal = cx.callee(value).is_some_and(|callee| callee.name.starts_with("Marshal"));
    let stmt = match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => None,
    };
    // Others get the error, too: this is only there to wait.
    let waits_aside = stmt.is_some_and(|stmt| runs_in_goroutine(cx, stmt)) && cx.callee_text(value).ends_with(".Wait");
    if is_command(cx, node) || is_marshal || waits_aside || rests_on_value(cx, value) || answers(cx, value) {
        return Severity::Low;
    }
    if stmt.is_some_and(|stmt| is_tested(cx, stmt) || is_for_message(cx, stmt)) {
        return Severity::Low;
    }
    let required = is_required(cx, value) && !leaves_zero(cx, value);
    let medium = match stmt.is_some_and(|stmt| is_alone(cx, stmt)) {
        // `_ = f()` takes nothing from the call, so it can go on without.
        // A copy between connections ends with an error whenever one side is closed first.
        true => {
            required && !cx.callee_text(value).ends_with(".Encode")
                // A process that has failed is reaped.
                && !cx.calls(value, &["io.Copy", "io.CopyBuffer", "os/exec.Cmd.Wait"])
        }
        false => required || writes(cx, value) && (fails_in_ways(cx, value) || can_act(cx, node) && !constant),
    };
    match medium {
        true if saves(cx, value) => Severity::High,
        true => Severity::Medium,
        false => Severity::Low,
    }
}

/// Whether a call writes to a client, which is gone if that fails.
fn answers(cx: &Cx, call: ExprId) -> bool {
    let is_response = |id| cx.has_type(id, &["net/http.ResponseWriter"]);
    cx.find_expr(call, false, is_response).is_some()
}

/// Tests of a suite need not stand in a test file.
fn is_suite(cx: &Cx) -> bool {
    cx.file.imports_any(&["github.com/stretchr/testify"])
}

/// The blank identifier that takes an error, and what gives it.
fn discarded(cx: &Cx, targets: &[ExprId], values: &[ExprId]) -> Option<(ExprId, ExprId)> {
    let is_blank = |&target: &ExprId| cx.expr(target) == Expr::Ident && cx.source(target) == "_";
    targets.iter().enumerate().filter(|(_, target)| is_blank(target)).find_map(|(index, &target)| {
        let (value, ty) = assigned(cx, values, targets.len(), index)?;
        (ty == TypeId::ERROR).then_some((target, value))
    })
}

fn is_left_alone(cx: &Cx, stmt: StmtId, value: ExprId) -> bool {
    is_harmless(cx, value)
        || gives_back(cx, stmt, value)
        || is_alone(cx, stmt) && ends(cx, value)
        || comes_after_failure(cx, stmt) && !saves(cx, value)
        || is_looked_at(cx, stmt, value)
        || is_parsed_or_zero(cx, stmt, value)
}

/// `_ = f()` and `_, _ = f()`: nothing is taken from the call.
fn is_alone(cx: &Cx, stmt: StmtId) -> bool {
    matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if cx.exprs(lhs).iter().all(|&name| cx.source(name) == "_"))
}

/// The value that goes to the name of this index, and the type of what goes there.
fn assigned(cx: &Cx, values: &[ExprId], names: usize, index: usize) -> Option<(ExprId, TypeId)> {
    match *values {
        [call] if names > 1 => {
            let call = cx.unparen(call);
            let Expr::Call { .. } = cx.expr(call) else { return None };
            Some((call, *cx.results(call)?.get(index)?))
        }
        _ => {
            let value = cx.unparen(*values.get(index)?);
            Some((value, cx.ty(value)))
        }
    }
}
