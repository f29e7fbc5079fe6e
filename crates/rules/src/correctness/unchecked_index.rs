//! An element is taken that may not be there.
//!
//! How many parts `strings.Split` gives, or whether a regular expression matches, is up to the input, and an index beyond the end panics.
//! A header without its second word, or a transfer with an unusual text, then ends the request, or the process. Check the length, or
//! use `strings.Cut`, which says whether it found the separator.
//!
//! The finding rests on a path on which the length is not checked, or is known to be too small. It is a question unless it is known, because
//! the form of the text may be certain for other reasons. Parts are looked at only where the text comes from a request or the
//! environment, or a condition asks for its parts or their number: others are mostly put together by the program itself.
//!
//! A list that JSON is decoded into has as many elements as the sender has put there; an index into it is asked about where the function
//! does nothing else with the list.
//!
//! Limits: parts that are passed to a function, which may check them, are left alone, and so is a text that a condition looks into.
//!
//! ```go bad
//! func token(header string) (string, error) {
//! 	parts := strings.Split(header, " ")
//! 	if parts[0] != "Bearer" {
//! 		return "", errors.New("unknown scheme")
//! 	}
//! 	return parts[1], nil
//! 	//     ^^^^^^^^ `parts[1]` panics if `strings.Split` gives fewer parts, and nothing rules that out here
//! }
//! ```
//! ```go bad
//! func year(text string) string {
//! 	found := regexp.MustCompile(`(\d+)/\d+`).FindStringSubmatch(text)
//! 	if found == nil {
//! 		slog.Warn("no number", "text", text)
//! 	}
//! 	return found[1]
//! 	//     ^^^^^^^^ `found[1]` panics where nothing matches, and nothing rules that out here
//! }
//! ```
//! ```go bad
//! func first(data []byte) (string, error) {
//! 	var answer struct{ Choices []string }
//! 	if err := json.Unmarshal(data, &answer); err != nil {
//! 		return "", err
//! 	}
//! 	return answer.Choices[0], nil
//! 	//     ^^^^^^^^^^^^^^^^^ medium: `answer.Choices[0]` panics if the JSON text has no such element, and nothing rules that out here
//! }
//! ```
//! ```go good
//! func token(header string) (string, error) {
//! 	parts := strings.Split(header, " ")
//! 	if len(parts) != 2 || parts[0] != "Bearer" { // checked first
//! 		return "", errors.New("no token")
//! 	}
//! 	return parts[1], nil
//! }
//!
//! func choices(data []byte) (string, error) {
//! 	var answer struct{ Choices []string }
//! 	if err := json.Unmarshal(data, &answer); err != nil {
//! 		return "", err
//! 	}
//! 	if len(answer.Choices) == 0 { // checked first
//! 		return "", errors.New("no choice")
//! 	}
//! 	return answer.Choices[0], nil
//! }
//!
//! func host(address string) string {
//! 	return strings.Split(address, ":")[0] // always there
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_lint::{Length, Missing};

use super::parts::{is_doubted, is_looked_into, is_match};

pub static RULE: Rule = Rule {
    id: "correctness/unchecked-index",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["gosec:G602", "gocritic:offBy1"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(PARTS, check),
        Hook::Call(MATCHES, check),
        Hook::Call(DECODES, decoded),
        Hook::Expr(&[ExprKind::Index], beyond),
    ],
    examines: "parts and matches that are indexed",
};

/// Functions that give as many parts as the text has.
const PARTS: &[&str] = &[
    "bytes.Fields",
    "bytes.Split",
    "bytes.SplitN",
    "strings.Fields",
    "strings.Split",
    "strings.SplitAfter",
    "strings.SplitAfterN",
    "strings.SplitN",
];

/// Functions that give nil where nothing matches.
const MATCHES: &[&str] = &[
    "regexp.Regexp.FindIndex",
    "regexp.Regexp.FindStringIndex",
    "regexp.Regexp.FindStringSubmatch",
    "regexp.Regexp.FindStringSubmatchIndex",
    "regexp.Regexp.FindSubmatch",
    "regexp.Regexp.FindSubmatchIndex",
];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(&text) = call.args.first() else { return };
    if cx.constant_value(text).is_some() || is_looked_into(cx, call, text) || is_match(cx, text) {
        return;
    }
    let matches = call.callee.is(MATCHES);
    if !matches && !is_doubted(cx, call, text) {
        return;
    }
    // A text has one part at least, unless white space is all there is.
    let least = if matches || call.callee.name == "Fields" { 0 } else { 1 };
    let found = match cx.tree.parent(call.expr) {
        Some(Node::Expr(at)) => {
            let is_missing = cx.element_needed(at, call.expr).is_some_and(|index| index >= least);
            is_missing.then_some(Missing { at, steps: Vec::new(), is_certain: false })
        }
        Some(Node::Stmt(_)) => {
            let length = if matches { Length::AllOrNil } else { Length::AtLeast(least) };
            cx.kept_in(call.expr).and_then(|variable| cx.missing_element(call.expr, variable, length))
        }
        _ => None,
    };
    let Some(Missing { at: index, steps, is_certain }) = found else { return };
    let says = |node: Node| cx.is_said(node, &["guarante", "always"]);
    let next = cx.enclosing_stmt(call.expr).and_then(|stmt| cx.next_stmt(stmt));
    if says(index.into()) || next.is_some_and(|next| says(next.into())) {
        return;
    }
    let name = cx.source(index);
    let gives = cx.callee_text(call.expr);
    let message = match matches {
        true => format!("`{name}` panics where nothing matches, and nothing rules that out here"),
        false => format!("`{name}` panics if `{gives}` gives fewer parts, and nothing rules that out here"),
    };
    let report = cx.report(index, message).steps(steps);
    if !is_certain {
        report.question();
    }
}

/// Functions that decode JSON into their last argument.
const DECODES: &[&str] = &["encoding/json.Decoder.Decode", "encoding/json.Unmarshal"];

/// An element of a list that was decoded, and that nothing else is done with.
fn decoded(cx: &mut Cx, decode: Call) {
    let Some(&target) = decode.args.last() else { return };
    let Expr::Unary { op: UnaryOp::Addr, operand } = cx.expr(cx.unparen(target)) else { return };
    let Def::Local(declared) = cx.def(cx.unparen(operand)) else { return };
    cx.examined();
    let lists: Vec<Option<ExprId>> =
        cx.names.uses(declared).take(64).filter(|&used| used != declared).map(|used| list_of(cx, used)).collect();
    // Who gets the whole value may check it.
    if lists.contains(&None) && !is_only_decoded(cx, declared) {
        return;
    }
    let indexed_at = |list: ExprId| match cx.tree.parent(list) {
        Some(Node::Expr(around)) if matches!(cx.under(list), Type::Slice(_)) => {
            cx.element_needed(around, list).map(|_| around)
        }
        _ => None,
    };
    let lists: Vec<ExprId> = lists.into_iter().flatten().collect();
    let checked = |list: ExprId| {
        lists.iter().any(|&other| cx.same_text(other, list) && indexed_at(other).is_none() && !is_given_away(cx, other))
    };
    let found = lists.iter().find_map(|&list| indexed_at(list).filter(|_| !checked(list)));
    let Some(index) = found.filter(|&index| cx.enclosing_func(index) == cx.enclosing_func(decode.expr)) else { return };
    let name = cx.source(index);
    cx.report(index, format!("`{name}` panics if the JSON text has no such element, and nothing rules that out here"))
        .severity(Severity::Medium)
        .question();
}

/// Whether a list is an argument of a library's function, which checks nothing for its caller.
fn is_given_away(cx: &Cx, list: ExprId) -> bool {
    let Some(Node::Expr(around)) = cx.tree.parent(list) else { return false };
    cx.call(around).is_some_and(|call| call.args.contains(&list) && !cx.is_own(&call.callee))
}

/// The whole selector that begins with a mention of a variable; none where the variable itself is meant.
fn list_of(cx: &Cx, used: ExprId) -> Option<ExprId> {
    let mut whole = used;
    while let Some(Node::Expr(around)) = cx.tree.parent(whole)
        && matches!(cx.expr(around), Expr::Selector { base, .. } if base == whole)
    {
        whole = around;
    }
    (whole != used || matches!(cx.under(used), Type::Slice(_))).then_some(whole)
}

/// Whether a variable as a whole is only given to what decodes into it.
fn is_only_decoded(cx: &Cx, declared: ExprId) -> bool {
    let is_call: gopeer_lint::Wanted =
        |cx, node| matches!(node, Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. }));
    let decodes = |used| matches!(cx.around(used, is_call), Some(Node::Expr(call)) if cx.calls(call, DECODES));
    let whole = |&used: &ExprId| used != declared && list_of(cx, used).is_none();
    cx.names.uses(declared).take(64).filter(whole).all(decodes)
}

/// `xs[len(xs)]`: one beyond the last.
fn beyond(cx: &mut Cx, index: ExprId) {
    let Expr::Index { base, args } = cx.expr(index) else { return };
    let Some(arg) = cx.only(args).map(|arg| cx.unparen(arg)) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(arg) else { return };
    let Some(of) = cx.only(args).filter(|_| cx.is_builtin(fun, "len")) else { return };
    if !matches!(cx.under(base), Type::Slice(_) | Type::Array { .. } | Type::Basic(_)) || !cx.same_pure(of, base) {
        return;
    }
    let name = cx.source(index);
    cx.report(index, format!("`{name}` is one beyond the last element, and always panics")).severity(Severity::High);
}
