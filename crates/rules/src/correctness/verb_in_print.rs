//! A function that takes no format is given text with verbs.
//!
//! `fmt.Println("user %d", id)` prints `user %d 7`: the functions whose names end in `f` take a format, the others print their
//! arguments as they are (package `fmt`, "Printing"). Call the one with an `f`.
//!
//! Limits: a verb before a letter or digit, or with a space in it, is taken for a percent sign that is meant, as in
//! `100%done` and `50% off`. Text that is put together at run time is not read.
//!
//! ```go bad
//! func report(id int) {
//! 	fmt.Println("user %d", id)
//! 	//  ^^^^^^^ `fmt.Println` takes no format, so it prints `%d` as it is
//! }
//! ```
//! ```diff fixed
//! -	fmt.Println("user %d", id)
//! +	fmt.Printf("user %d\n", id)
//! ```
//! ```go good
//! func report(id int) {
//! 	fmt.Println("100% done", id) // a percent sign and a word
//! }
//! ```
//! ```go good
//! func help() {
//! 	fmt.Println("use %d for numbers") // there is nothing to fill in
//! }
//! ```
use gopeer_lint::prelude::*;

use super::printers::{LETTERS, Printed, printed, severity};
use super::verbs;

pub static RULE: Rule = Rule {
    id: "correctness/verb-in-print",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["gopeer:correctness/printf-mismatch", "vet:printf"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "calls that print without a format",
};

/// Packages in which each function that prints has a sibling that takes a format.
const WITH_FORMATS: &[&str] = &["fmt", "log", "testing", "github.com/sirupsen/logrus", "go.uber.org/zap"];

fn check(cx: &mut Cx, call: ExprId) {
    let Some(printed) = printed(cx, call).filter(|printed| !printed.by_format) else { return };
    cx.examined();
    let literal = verbs::parse(cx, printed.first);
    let constant = || verbs::of_text(&cx.constant_value(printed.first)?.as_str_lossy()?, cx.span(printed.first));
    let (Some(parsed), false) = (literal.clone().or_else(constant), printed.rest.is_empty()) else { return };
    let text = cx.string_value(printed.first).unwrap_or_default();
    let Some(letter) = parsed.verbs.iter().map(|verb| verb.letter).find(|&letter| is_meant(&text, letter)) else {
        return;
    };
    let (function, severity) = (cx.source(printed.fun), severity(cx));
    let edits =
        literal.filter(|_| parsed.args == printed.rest.len() && !parsed.cut).and_then(|_| fixed(cx, call, &printed));
    let report = cx
        .report(printed.name, format!("`{function}` takes no format, so it prints `%{letter}` as it is"))
        .note("functions whose names end in `f` take a format")
        .severity(severity);
    if let Some(edits) = edits {
        report.fix("Call the function that takes a format", edits);
    }
}

/// Whether a text has the verb `%d`, and not only a percent sign before a word, as in "50% off" and "100%done".
fn is_meant(text: &str, letter: char) -> bool {
    LETTERS.contains(letter)
        && text.split('%').skip(1).any(|rest| {
            let rest = rest.trim_start_matches(|c: char| matches!(c, '+' | '-' | '#' | '.' | '*' | '0'..='9'));
            rest.strip_prefix(letter).is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        })
}

fn fixed(cx: &Cx, call: ExprId, printed: &Printed) -> Option<Vec<(Span, String)>> {
    let path = cx.callee(call).filter(|callee| WITH_FORMATS.contains(&callee.path))?.path;
    let old = cx.source(printed.name);
    let stem = old.strip_suffix("ln").unwrap_or(old);
    if !matches!(cx.expr(printed.first), Expr::Literal(LiteralKind::String)) {
        return None;
    }
    let mut edits = vec![(cx.span(printed.name), format!("{stem}f"))];
    // The line break that the ln functions of fmt add; a log line ends by itself.
    if old.ends_with("ln") && path == "fmt" {
        let end = cx.span(printed.first).end - 1;
        edits.push((Span::new(end, end), "\\n".to_owned()));
    }
    Some(edits)
}
