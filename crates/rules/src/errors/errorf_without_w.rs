//! An error is formatted into a new one as text.
//!
//! With `%v`, `%s` or `err.Error()` the new error holds words only: `errors.Is` and `errors.As` find nothing behind it,
//! so a caller can no longer tell a timeout from a missing row, and retries or status codes go wrong. `%w` prints the
//! same text and keeps the chain (`fmt.Errorf`); several `%w` may stand in one format since Go 1.20. Where the cause is
//! kept from callers on purpose, a comment that says so silences the rule.
//!
//! ```go bad
//! func load(name string) ([]byte, error) {
//! 	data, err := os.ReadFile(name)
//! 	if err != nil {
//! 		return nil, fmt.Errorf("load %q: %v", name, err)
//! 		//                               ^^ `%v` keeps only the text of `err`, so errors.Is and errors.As cannot find it
//! 	}
//! 	if err := check(data); err != nil {
//! 		return nil, fmt.Errorf("check %q: %s", name, err.Error())
//! 		//                                ^^ `%s` keeps only the text of `err`
//! 	}
//! 	return data, nil
//! }
//! ```
//! ```diff fixed
//! -		return nil, fmt.Errorf("load %q: %v", name, err)
//! +		return nil, fmt.Errorf("load %q: %w", name, err)
//! -		return nil, fmt.Errorf("check %q: %s", name, err.Error())
//! +		return nil, fmt.Errorf("check %q: %w", name, err)
//! ```
//! ```go bad
//! func parse(text string) error {
//! 	err := validate(text)
//! 	if err != nil {
//! 		return errors.New("parse: " + err.Error())
//! 		//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `errors.New` keeps only the text of `err`
//! 	}
//! 	if err := store(text); err != nil {
//! 		return errors.New(fmt.Sprintf("store: %v", err))
//! 		//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `errors.New` keeps only the text of `err`
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func load(name string) ([]byte, error) {
//! 	data, err := os.ReadFile(name)
//! 	if err != nil {
//! 		return nil, fmt.Errorf("%w: load %q: %v", ErrConfig, name, err)
//! 	}
//! 	err = check(data)
//! 	if err != nil {
//! 		// What the driver says is hidden from callers on purpose.
//! 		return nil, fmt.Errorf("check %q: %v", name, err)
//! 	}
//! 	if n, err := count(data); n != 1 || err != nil {
//! 		return nil, fmt.Errorf("counted %d: %v", n, err) // may be nil
//! 	}
//! 	if message := problem(data); message != "" {
//! 		return nil, fmt.Errorf("check %q: %s", name, message)
//! 	}
//! 	return data, nil
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{is_error, text_of};
use crate::correctness::verbs;

pub static RULE: Rule = Rule {
    id: "errors/errorf-without-w",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Operability, 1)],
    equivalents: &["errorlint", "revive:errorf"],
    fix: FixKind::Suggested,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some((name, args)) = cx.call_of(call) else { return };
    let errorf = name.is("fmt.Errorf");
    if !(errorf || name.is("errors.New")) || cx.file.generated || cx.file.is_test() {
        return;
    }
    match *args {
        [text] => check_text(cx, call, text, errorf),
        [format, ref rest @ ..] if errorf => check_format(cx, call, format, rest),
        _ => {}
    }
}

fn check_format(cx: &mut Cx, call: ExprId, format: ExprId, args: &[ExprId]) {
    let cut = cut_by(cx, format, args);
    if cut.is_empty() {
        return;
    }
    cx.examined();
    if is_deliberate(cx, call) {
        return;
    }
    let mut edits = Vec::new();
    for &(verb, arg, error) in &cut {
        edits.push((verb.span, "%w".to_owned()));
        if arg != error {
            edits.push((cx.span(arg), cx.source(error).to_owned()));
        }
    }
    let Some(&(verb, _, error)) = cut.first() else { return };
    let (letter, name) = (verb.letter, cx.source(error));
    let message = format!("`%{letter}` keeps only the text of `{name}`, so errors.Is and errors.As cannot find it");
    cx.report_span(verb.span, message).note("`%w` prints the same and keeps the error").fix("Wrap with %w", edits);
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

/// `errors.New(err.Error())`, `errors.New("…" + err.Error())`, `errors.New(fmt.Sprintf("…%v", err))`, and with Errorf.
fn check_text(cx: &mut Cx, call: ExprId, text: ExprId, errorf: bool) {
    let error = match cx.expr(cx.unparen(text)) {
        Expr::Binary { op: BinaryOp::Add, rhs, .. } => text_of(cx, rhs),
        Expr::Call { .. } => match cx.call_of(text) {
            Some((name, [format, args @ ..])) if name.is("fmt.Sprintf") => {
                cut_by(cx, *format, args).first().map(|cut| cut.2)
            }
            _ => text_of(cx, text),
        },
        _ => None,
    };
    let Some(error) = error.filter(|&error| is_error(cx, error)) else { return };
    cx.examined();
    if is_deliberate(cx, call) {
        return;
    }
    let function = if errorf { "fmt.Errorf" } else { "errors.New" };
    let name = cx.source(error);
    let message = format!("`{function}` keeps only the text of `{name}`, so errors.Is and errors.As cannot find it");
    cx.report(call, message).note(format!("`fmt.Errorf(\"…: %w\", {name})` prints the same and keeps the error"));
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

/// In `if n != 1 || err != nil`, the error may be nil, which `%w` cannot print.
fn may_be_nil(cx: &Cx, call: ExprId, error: ExprId) -> bool {
    let mentions = |expr| cx.any(expr, true, |node| matches!(node, Node::Expr(id) if cx.def(id) == cx.def(error)));
    for node in cx.tree.ancestors(call) {
        let Node::Stmt(id) = node else { continue };
        let Stmt::If { cond, .. } = cx.stmt(id) else { continue };
        if !mentions(cond) {
            continue;
        }
        let mut rest = cx.unparen(cond);
        while let Expr::Binary { op: BinaryOp::LogicalOr, lhs, rhs } = cx.expr(rest) {
            if !mentions(rhs) {
                return true;
            }
            rest = cx.unparen(lhs);
        }
        return !mentions(rest);
    }
    false
}
