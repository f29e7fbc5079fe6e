//! An error is formatted into a new error as text, so its cause is lost.
//!
//! With `%v`, `%s` or `err.Error()` the new error contains only words: `errors.Is` and `errors.As` find nothing behind it. A
//! caller can no longer tell a timeout from a missing row, so retries and status codes go wrong. `%w` prints the same text
//! and keeps the cause (package `fmt`, "Errorf"); since Go 1.20 one format may have several `%w`. If you hide the cause from
//! callers on purpose, say so in a comment, and the finding goes away.
//!
//! The finding is of medium severity where the new error is returned to a caller, and the function wraps the same error with `%w`
//! elsewhere; or where the package looks into errors, with `errors.Is` or `errors.As` or at their text, and the function has a context or
//! answers requests, and the error comes from a call that waits for something outside or takes the context. Elsewhere, where the call
//! gives texts alone, for which nobody can look, and in the code of a command line, it is low.
//!
//! Limits: errors that are formatted with flags, as in `%+v`, are not reported, and neither are values of a concrete error
//! type, such as `*fs.PathError`. A format that is not written into the call is not read.
//!
//! ```go bad
//! func load(ctx context.Context, db *sql.DB, id string) (string, error) {
//! 	var name string
//! 	err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! 	if err != nil {
//! 		return "", fmt.Errorf("load %q: %v", id, err)
//! 		//                              ^^ `%v` keeps only the text of `err` from `Scan`: `errors.Is` and `errors.As` no longer find it
//! 	}
//! 	if err := check(name); err != nil {
//! 		return "", fmt.Errorf("check %q: %s", name, err.Error())
//! 		//                               ^^ low: `%s` keeps only the text of `err`
//! 	}
//! 	return name, nil
//! }
//!
//! func isMissing(err error) bool { return errors.Is(err, sql.ErrNoRows) }
//! ```
//! ```diff fixed
//! -		return "", fmt.Errorf("load %q: %v", id, err)
//! +		return "", fmt.Errorf("load %q: %w", id, err)
//! -		return "", fmt.Errorf("check %q: %s", name, err.Error())
//! +		return "", fmt.Errorf("check %q: %w", name, err)
//! ```
//! ```go bad
//! func parse(text string) error {
//! 	err := validate(text)
//! 	if err != nil {
//! 		return errors.New("parse: " + err.Error())
//! 		//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ low: `errors.New` keeps only the text of `err`
//! 	}
//! 	if err := store(text); err != nil {
//! 		return errors.New(fmt.Sprintf("store: %v", err))
//! 		//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ low: `errors.New` keeps only the text of `err`
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func load(name string) ([]byte, error) {
//! 	data, err := os.ReadFile(name)
//! 	if err != nil {
//! 		return nil, fmt.Errorf("%w: load %q: %v", ErrConfig, name, err) // wraps one error; the other is extra by choice
//! 	}
//! 	return data, nil
//! }
//! ```
//! ```go good
//! func check(data []byte) error {
//! 	if err := validate(data); err != nil {
//! 		// What the driver says is hidden from callers on purpose.
//! 		return fmt.Errorf("check: %v", err) // the comment gives the reason
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func count(data []byte) error {
//! 	if n, err := rows(data); n != 1 || err != nil {
//! 		return fmt.Errorf("counted %d rows: %v", n, err) // err may be nil, which `%w` cannot print
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! package zipkin
//!
//! import (
//! 	"fmt"
//!
//! 	"github.com/apache/thrift/lib/go/thrift"
//! )
//!
//! type Span struct{}
//!
//! func check(p *Span) error { return nil }
//!
//! func (p *Span) Read(iprot thrift.TProtocol) error {
//! 	if err := check(p); err != nil {
//! 		return fmt.Errorf("%T read error: %s", p, err)
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Idiom
//!
//! `%w` in `fmt.Errorf` keeps the error inside the new one, like a cause in other languages. It is for causes that callers may look at;
//! `%v` is for those that should stay private.
//!
//! # Impact
//!
//! A caller can no longer tell one cause from another, such as a timeout from a missing row: it may retry what cannot
//! succeed, or answer 500 where 404 is right. The log line looks the same in both cases, so nobody notices until the
//! branch is needed.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: assert `errors.Is(err, cause)` on what comes out here
//!
//! # Options
//!
//! - Wrap with `%w`: callers can ask for the cause, which thereby becomes part of the function's contract
//!   - senior, backend, data, throughput: callers decide by values, not by texts
//! - Translate it into an error of your own: callers depend only on your type, which is one more type to document
//!   - cloud-native: changing the driver does not affect callers
//! - Keep `%v` with a comment: hides an implementation detail on purpose
//!
//! # References
//!
//! - [Go blog, "Working with Errors in Go 1.13"](https://go.dev/blog/go1.13-errors)
//! - [Package fmt, Errorf](https://pkg.go.dev/fmt#Errorf)
use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

use super::chains::is_looked_into;
use super::support::{can_act, error_in_words, is_command, is_error, may_be_nil, text_of};
use crate::correctness::verbs;

pub static RULE: Rule = Rule {
    id: "errors/errorf-without-w",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Operability, 1)],
    equivalents: &["errorlint", "revive:errorf"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(MAKERS, check)],
    examines: "errors formatted into errors",
};

/// What makes an error out of text. Only `fmt.Errorf` knows `%w`.
const MAKERS: &[&str] = &["errors.New", "fmt.Errorf", "github.com/pkg/errors.Errorf", "github.com/pkg/errors.New"];

fn check(cx: &mut Cx, call: Call) {
    match *call.args {
        [text] => check_text(cx, call, text),
        [format, ref rest @ ..] => check_format(cx, call, format, rest),
        [] => {}
    }
}

fn check_format(cx: &mut Cx, call: Call, format: ExprId, args: &[ExprId]) {
    let cut = cut_by(cx, format, args);
    let Some(&(verb, _, error)) = cut.first() else {
        // Where one error is wrapped, others are extra by choice.
        if !cx.source(format).contains("%w") {
            check_text(cx, call, format);
        }
        return;
    };
    cx.examined();
    if is_deliberate(cx, call.expr) || is_spent(cx, call.expr) {
        return;
    }
    let mut edits = Vec::new();
    for &(verb, arg, error) in cut.iter().filter(|_| call.callee.path == "fmt") {
        edits.push((verb.span, "%w".to_owned()));
        if arg != error {
            edits.push((cx.span(arg), cx.source(error).to_owned()));
        }
    }
    let message = format!("`%{}` keeps only the text of {}: {LOST}", verb.letter, error_in_words(cx, error));
    let (severity, kind) = grade(cx, call.expr, error);
    let report = cx.report_span(verb.span, message).severity(severity).one_of(kind);
    match call.callee.path {
        "fmt" => report.note("`%w` prints the same text and keeps the error").fix("Wrap with %w", edits),
        _ => report.note("`Wrapf` adds text and keeps the error"),
    };
}

const LOST: &str = "`errors.Is` and `errors.As` no longer find it";

/// The severity of a finding, and what several of it in a file are called.
fn grade(cx: &Cx, call: ExprId, error: ExprId) -> (Severity, &'static str) {
    match cx.is_returned(call) && can_act(cx, call) && !is_command(cx, call) && is_looked_into(cx, call, error) {
        true => (Severity::Medium, "errors that callers may want to tell apart lose their cause in this file"),
        false => (Severity::Low, "errors lose their cause in this file"),
    }
}

/// The verbs that print an error as text, with their arguments and the errors in them. None at all where one error is
/// wrapped already: then the others are extra by choice.
fn cut_by(cx: &Cx, format: ExprId, args: &[ExprId]) -> Vec<(verbs::Verb, ExprId, ExprId)> {
    let Some(parsed) = verbs::parse(cx, format) else { return Vec::new() };
    if parsed.verbs.iter().any(|verb| verb.letter == 'w') {
        return Vec::new();
    }
    let plain = parsed.verbs.into_iter().filter(|verb| verb.plain && matches!(verb.letter, 'v' | 's'));
    plain
        .filter_map(|verb| {
            let arg = *args.get(verb.arg)?;
            let error = text_of(cx, arg).unwrap_or(arg);
            (is_error(cx, error) && !may_be_nil(cx, arg, error)).then_some((verb, arg, error))
        })
        .collect()
}

/// `errors.New(err.Error())`, `errors.New("…" + err.Error())`, `errors.New(fmt.Sprintf("…%v", err))`, and with Errorf; the
/// text may be kept in a local first.
fn check_text(cx: &mut Cx, call: Call, text: ExprId) {
    let Some(error) = error_in(cx, cx.initial_value(text).unwrap_or(text)).filter(|&error| is_error(cx, error)) else {
        return;
    };
    cx.examined();
    if is_deliberate(cx, call.expr) || is_spent(cx, call.expr) {
        return;
    }
    let name = cx.source(error);
    let message = format!("`{}` keeps only the text of {}: {LOST}", cx.source(call.fun), error_in_words(cx, error));
    let (severity, kind) = grade(cx, call.expr, error);
    cx.report(call.expr, message)
        .severity(severity)
        .one_of(kind)
        .note(format!("`fmt.Errorf(\"…: %w\", {name})` prints the same text and keeps the error"));
}

/// The error whose text is part of a text.
fn error_in(cx: &Cx, text: ExprId) -> Option<ExprId> {
    let mut rest = cx.unparen(text);
    while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = cx.expr(rest) {
        if let Some(error) = text_of(cx, rhs) {
            return Some(error);
        }
        rest = cx.unparen(lhs);
    }
    match cx.call(rest) {
        Some(Call { callee, args: [format, args @ ..], .. }) if callee.is(&["fmt.Sprintf"]) => {
            cut_by(cx, *format, args).first().map(|cut| cut.2)
        }
        _ => text_of(cx, rest),
    }
}

fn is_deliberate(cx: &Cx, call: ExprId) -> bool {
    const REASONS: &[&str] = &[
        "opaque",
        "hid",
        "expos",
        "leak",
        "n't wrap",
        "not wrap",
        "no wrap",
        "%w",
        "boundary",
        "intention",
        "deliberat",
        "on purpose",
    ];
    cx.is_said(call, REASONS)
}

/// Whether the new error goes into a panic or a line of a log: nobody asks there what it wraps.
fn is_spent(cx: &Cx, call: ExprId) -> bool {
    let Some(Node::Expr(outer)) = cx.tree.parent(call) else { return false };
    let Expr::Call { fun, .. } = cx.expr(outer) else { return false };
    cx.is_builtin(fun, "panic") || cx.callee(outer).is_some_and(|callee| is_of_module(callee.path, LOGGERS))
}

const LOGGERS: &[&str] = &[
    "github.com/go-logr/logr",
    "github.com/rs/zerolog",
    "github.com/sirupsen/logrus",
    "go.uber.org/zap",
    "k8s.io/klog",
    "log",
];
