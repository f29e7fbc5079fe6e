//! Text that the program got from elsewhere is used as a format.
//!
//! The first percent sign in it prints `%!d(MISSING)` instead of what follows (package `fmt`, "Format errors"), so a path
//! or a URL with `%20` garbles the log line that was to explain it. Pass the text as an argument of `%s`.
//!
//! Limits: seen are parameters of type `string`, results of functions of `strings` and `fmt` and of `Error` and `String`
//! methods, and sums with one of these, in the function that prints them.
//!
//! ```go bad
//! func report(msg string) {
//! 	log.Printf(msg)
//! 	//         ^^^ `msg` is used as a format
//! }
//! ```
//! ```diff fixed
//! -	log.Printf(msg)
//! +	log.Printf("%s", msg)
//! ```
//! ```go good
//! const usage = "usage: tool [flags]\n"
//!
//! func report() {
//! 	fmt.Printf(usage) // a constant
//! }
//! ```
//! ```go good
//! func report(format string) {
//! 	fmt.Printf(format) // meant to be a format, by its name
//! }
//! ```
//! ```go good
//! func report(err error) error {
//! 	return fmt.Errorf(err.Error()) // what is lost here first of all is the chain: see errors/errorf-without-w
//! }
//! ```
use gopeer_lint::prelude::*;

use super::printers::{self, FORMATTERS};
use super::verbs;

pub static RULE: Rule = Rule {
    id: "correctness/variable-format",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["gopeer:correctness/printf-mismatch", "vet:printf", "staticcheck:SA1006"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(FORMATTERS, check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let Some((format, [])) = printers::printed(cx, &call) else { return };
    cx.examined();
    let is_errorf = call.callee.is(&["fmt.Errorf"]);
    if verbs::parse(cx, format).is_some() || !is_foreign_text(cx, format, is_errorf) {
        return;
    }
    let (name, text, start) = (cx.source(call.fun), cx.source(format), cx.span(format).start);
    cx.report(format, format!("`{text}` is used as a format, so a percent sign in it breaks the output of `{name}`"))
        .fix("Print it with %s", [(Span::new(start, start), "\"%s\", ".to_owned())]);
}

/// Text that the program got from somewhere: a parameter, a call's result, a sum with one of them.
fn is_foreign_text(cx: &Cx, text: ExprId, is_errorf: bool) -> bool {
    let text = cx.unparen(text);
    match cx.expr(text) {
        Expr::Binary { op: BinaryOp::Add, lhs, rhs } => {
            let outer = |side| cx.string_value(side).is_none() && (is_call(cx, side) || is_local_text(cx, side));
            outer(lhs) || outer(rhs)
        }
        // An error's text in Errorf is a lost chain first of all: errors/errorf-without-w.
        Expr::Call { .. } => is_call(cx, text) && !(is_errorf && cx.source(text).ends_with(".Error()")),
        Expr::Ident => is_local_text(cx, text),
        _ => false,
    }
}

fn is_call(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.method_call(expr), Some((_, "Error" | "String", [])))
        || cx
            .callee(expr)
            .is_some_and(|callee| callee.is_of_package("strings") || callee.is(&["fmt.Sprintf", "fmt.Sprint"]))
}

/// A parameter of type `string` that is not called a format, or a local that a call gave its value.
fn is_local_text(cx: &Cx, ident: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(ident) else { return false };
    let name = cx.source(ident).to_ascii_lowercase();
    if name.contains("format") || name.contains("fmt") || name.contains("template") || name.contains("usage") {
        return false;
    }
    match cx.tree.parent(declaring) {
        Some(Node::Field(field)) => cx.is_builtin(cx.tree.field(field).ty, "string"),
        _ => cx.initial_value(ident).is_some_and(|value| is_call(cx, value)),
    }
}
