//! Text that comes from elsewhere is used as a format.
//!
//! The first percent sign in the text makes `fmt` look for an argument: a URL with `%20` is printed as `%!(NOVERB)`, and the
//! log line that was to explain an error is garbled (package `fmt`, "Format errors"). Print the text with `%s`, or
//! call the function without an `f` in its name.
//!
//! Limits: text is followed to where the function gets it, not through assignments on the way. A name with "format" or
//! "template" in it, and variables of the package, are taken for formats.
//!
//! ```go bad
//! func report(msg string) {
//! 	log.Printf(msg)
//! 	//         ^^^ low: `msg` is used as a format, so a percent sign in it garbles the output of `log.Printf`
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
//! 	fmt.Printf(usage) // a constant, which can be read
//! }
//! ```
//! ```go good
//! func report(format string) {
//! 	fmt.Printf(format) // meant to be a format, by its name
//! }
//! ```
//! ```go good
//! func logf(text string, args ...any) {
//! 	log.Printf(text, args...) // passes on a format with its arguments
//! }
//! ```
//! ```go good
//! func report(err error) error {
//! 	return fmt.Errorf(err.Error()) // loses the error first of all, which errors/errorf-without-w reports
//! }
//! ```
//!
//! # Verify
//!
//! - `go vet -printf {package}`: reports non-constant formats without arguments
//! - `go test -run {test} {package}`: with `100%` and `%20` in the text
//!
//! # References
//!
//! - [Package fmt](https://pkg.go.dev/fmt)
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::printers;

pub static RULE: Rule = Rule {
    id: "correctness/variable-format",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["gopeer:correctness/printf-mismatch", "vet:printf", "staticcheck:SA1006"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "formats",
};

/// Words in the names of formats, and of functions that give one in the reader's language.
const FORMATS: &[&str] = &[
    "fmt",
    "format",
    "formats",
    "gettext",
    "help",
    "i18n",
    "localize",
    "t",
    "template",
    "tmpl",
    "tr",
    "translate",
    "usage",
];

fn check(cx: &mut Cx, call: ExprId) {
    let Some(printed) = printers::printed(cx, call).filter(|printed| printed.by_format && printed.rest.is_empty())
    else {
        return;
    };
    let format = printed.first;
    cx.examined();
    // An error's text in Errorf is a lost error first of all: errors/errorf-without-w.
    let loses_error = cx.calls(call, &["fmt.Errorf"]) && cx.source(format).ends_with(".Error()");
    if loses_error || !is_foreign_text(cx, format) || is_of_printer(cx, format) || cx.file.generated {
        return;
    }
    let (name, text, start) = (cx.source(printed.fun), cx.source(format), cx.span(format).start);
    let severity =
        if is_own_text(cx, format) || is_of_own_callers(cx, format) { Severity::Low } else { printers::severity(cx) };
    let message = format!("`{text}` is used as a format, so a percent sign in it garbles the output of `{name}`");
    // A habit of whoever wrote the file.
    let cause = format!("{} {name} {severity:?}", cx.file.name);
    let report = cx.report(format, message).severity(severity).one_cause(cause);
    report.fix("Print it with %s", [(Span::new(start, start), "\"%s\", ".to_owned())]);
}

/// Text that the program got from somewhere: a parameter, a field, an element, the result of a call, or a sum with one of them.
fn is_foreign_text(cx: &Cx, text: ExprId) -> bool {
    let text = cx.unparen(text);
    if cx.constant_value(text).is_some() || !matches!(cx.under(text), Type::Basic(Basic::String)) {
        return false;
    }
    match cx.expr(text) {
        Expr::Binary { op: BinaryOp::Add, lhs, rhs } => is_foreign_text(cx, lhs) || is_foreign_text(cx, rhs),
        Expr::Call { fun, .. } => !names_format(cx, fun),
        Expr::Selector { name, .. } => !names_format(cx, name) && !cx.is_qualified(text),
        Expr::Index { base, .. } => !names_format(cx, base) && cx.def(base) != Def::Package(ObjectKind::Var),
        Expr::Ident => !names_format(cx, text) && is_local_text(cx, text),
        _ => false,
    }
}

/// Whether a local has text from elsewhere: a parameter, what a loop goes through, or what a call gave.
fn is_local_text(cx: &Cx, ident: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(ident) else { return false };
    match cx.tree.parent(declaring) {
        Some(Node::Field(_)) => !cx.is_reassigned(ident),
        Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Range { .. }) => ranges_over_foreign(cx, stmt),
        _ => match cx.origin(ident) {
            Some((value, 0)) => is_foreign_text(cx, value) || matches!(cx.expr(value), Expr::Call { .. }),
            Some((value, _)) => !names_format(cx, value),
            None => false,
        },
    }
}

/// Whether the text is what a function of the program puts together, which may never hold a percent sign.
fn is_own_text(cx: &Cx, text: ExprId) -> bool {
    let text = cx.origin(text).map_or(text, |(value, _)| value);
    let is_method = |name: &str| matches!(name, "Error" | "String");
    // The text of `ErrAuthentication` is in the source.
    if matches!(cx.method_call(text), Some((err, "Error", _)) if matches!(cx.def(err), Def::Package(_))) {
        return true;
    }
    cx.callee(text).is_some_and(|callee| cx.is_own(&callee) && !is_method(callee.name))
}

/// Whether the text is a parameter of a function that only this package calls, mostly with constants.
fn is_of_own_callers(cx: &Cx, text: ExprId) -> bool {
    let mut text = cx.unparen(text);
    while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = cx.expr(text) {
        text = if cx.constant_value(lhs).is_some() { rhs } else { lhs };
    }
    let name = cx.enclosing_decl(text).and_then(|decl| cx.func_name(decl));
    cx.is_parameter(text) && name.is_some_and(|name| name.starts_with(char::is_lowercase))
}

fn ranges_over_foreign(cx: &Cx, range: StmtId) -> bool {
    let Stmt::Range { subject, .. } = cx.stmt(range) else { return false };
    let is_written_out = matches!(cx.expr(cx.unparen(subject)), Expr::Composite { .. });
    !is_written_out && !matches!(cx.def(subject), Def::Package(_)) && !names_format(cx, subject)
}

fn names_format(cx: &Cx, name: ExprId) -> bool {
    let name = match cx.expr(cx.unparen(name)) {
        Expr::Selector { name, .. } => name,
        Expr::Call { fun, .. } => return names_format(cx, fun),
        _ => name,
    };
    words(cx.source(name)).iter().any(|word| FORMATS.contains(&word.as_str()))
}

/// Whether the text is a parameter of a function that takes the arguments of a format after it.
fn is_of_printer(cx: &Cx, text: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(cx.unparen(text)) else { return false };
    let Some(Node::Field(_)) = cx.tree.parent(declaring) else { return false };
    let Some(func) = cx.enclosing_func(declaring) else { return false };
    let Type::Signature(function) = cx.under(func.ty) else { return false };
    function.variadic
}
