//! A condition has the same outcome for every value.
//!
//! `x != a || x != b` is true for every `x`, `x == a && x == b` and `x < 0 && x > 9` are false, and neither a length nor an
//! unsigned number is ever below zero. The compiler accepts them, and the case that was meant is never checked. Look for the
//! operator that was meant, or the name that was to differ.
//!
//! Limits: only two tests side by side are compared, and only literals, constants, statuses of `net/http` and error variables
//! are known to differ from each other. Generated code is left alone.
//!
//! ```go bad
//! func check(status int, items []int) string {
//! 	if status != http.StatusOK || status != http.StatusCreated {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is always true: no `status` equals both
//! 		return "failed"
//! 	}
//! 	if len(items) >= 0 {
//! 	// ^^^^^^^^^^^^^^^ a length is never negative, so `len(items) >= 0` is always true
//! 		return "some"
//! 	}
//! 	return ""
//! }
//! ```
//! ```go bad
//! func last(offset uint64) bool {
//! 	return offset >= 0
//! 	//     ^^^^^^^^^^^ `offset` is unsigned, so `offset >= 0` is always true
//! }
//! ```
//! ```go good
//! func failed(status int) bool {
//! 	return status != http.StatusOK && status != http.StatusCreated // neither of them
//! }
//! ```
//! ```go good
//! func isStatus(status int) bool {
//! 	code := uint(status)
//! 	return !(code < 0 || code >= 600) // says the whole range, whatever the type
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::are_same;

pub static RULE: Rule = Rule {
    id: "correctness/suspicious-condition",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["staticcheck:SA4003", "vet:bools"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check)],
    examines: "conditions",
};

fn check(cx: &mut Cx, binary: ExprId) {
    let Expr::Binary { op, lhs, rhs } = cx.expr(binary) else { return };
    if cx.file.generated {
        return;
    }
    let message = match op {
        BinaryOp::LogicalOr => decided(cx, BinaryOp::NotEqual, lhs, rhs).or_else(|| range(cx, op, lhs, rhs)),
        BinaryOp::LogicalAnd => decided(cx, BinaryOp::Equal, lhs, rhs).or_else(|| range(cx, op, lhs, rhs)),
        _ if op.is_comparison() => below_zero(cx, binary, op, lhs, rhs),
        _ => return,
    };
    if let Some(message) = message {
        cx.report(binary, message);
    }
}

/// `x != a || x != b`, `x == a && x == b` with different constants.
fn decided(cx: &Cx, wanted: BinaryOp, lhs: ExprId, rhs: ExprId) -> Option<String> {
    // The variable may be on either side.
    let sides = |expr| match cx.expr(cx.unparen(expr)) {
        Expr::Binary { op, lhs, rhs } if op == wanted && cx.constant_value(lhs).is_some() => Some((rhs, lhs)),
        Expr::Binary { op, lhs, rhs } if op == wanted => Some((lhs, rhs)),
        _ => None,
    };
    let ((x, a), (y, b)) = (sides(lhs)?, sides(rhs)?);
    if !are_same(cx, x, y) || !are_different(cx, a, b) {
        return None;
    }
    let always = wanted == BinaryOp::NotEqual;
    Some(format!(
        "this is always {always}: no `{}` equals both `{}` and `{}`",
        cx.source(x),
        cx.source(a),
        cx.source(b)
    ))
}

/// Literals of one kind, constants of this package, or statuses and sentinels, that cannot be equal.
fn are_different(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    if let (Some(a), Some(b)) = (cx.int_value(a), cx.int_value(b)) {
        return a != b;
    }
    if let (Some(a), Some(b)) = (cx.string_value(a), cx.string_value(b)) {
        return a != b;
    }
    let named = |expr| match cx.expr(expr) {
        Expr::Literal(LiteralKind::Rune) => true,
        Expr::Ident => cx.def(expr) == Def::Package(ObjectKind::Const),
        _ => cx.object(expr).is_some_and(|name| {
            name.path == "net/http" && (name.name.starts_with("Status") || name.name.starts_with("Method"))
                || name.name == "EOF"
                || name.name.starts_with("Err")
        }),
    };
    named(a) && named(b) && cx.expr(a).kind() == cx.expr(b).kind() && cx.source(a) != cx.source(b)
}

/// `x > 0 || x < 10`, which is true for every `x`, and `x < 0 && x > 10`, which is for none.
fn range(cx: &Cx, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> Option<String> {
    let (x, low) = bound(cx, lhs)?;
    let (y, high) = bound(cx, rhs)?;
    // One test bounds from below, the other from above.
    let (at_least, at_most) = match (low, high) {
        (Bound::AtLeast(low), Bound::AtMost(high)) | (Bound::AtMost(high), Bound::AtLeast(low)) => (low, high),
        _ => return None,
    };
    let is_always = op == BinaryOp::LogicalOr && at_least <= at_most.saturating_add(1);
    let is_never = op == BinaryOp::LogicalAnd && at_least > at_most;
    let is_integer = matches!(cx.under(x), Type::Basic(basic) if basic.is_integer());
    let why = if is_always { "one of the two holds for every" } else { "they never both hold for one" };
    (is_integer && are_same(cx, x, y) && (is_always || is_never))
        .then(|| format!("this is always {is_always}: {why} `{}`", cx.source(x)))
}

/// What a comparison with a constant says of an integer.
enum Bound {
    AtLeast(i64),
    AtMost(i64),
}

fn bound(cx: &Cx, test: ExprId) -> Option<(ExprId, Bound)> {
    let Expr::Binary { op, lhs, rhs } = cx.expr(cx.unparen(test)) else { return None };
    // A constant with a name may have another value tomorrow.
    let is_number = matches!(cx.expr(cx.unparen(rhs)), Expr::Literal(_) | Expr::Unary { op: UnaryOp::Minus, .. });
    let limit = cx.int_value(rhs).filter(|_| is_number && cx.constant_value(lhs).is_none())?;
    let bound = match op {
        BinaryOp::Less => Bound::AtMost(limit.checked_sub(1)?),
        BinaryOp::LessEqual => Bound::AtMost(limit),
        BinaryOp::Greater => Bound::AtLeast(limit.checked_add(1)?),
        BinaryOp::GreaterEqual => Bound::AtLeast(limit),
        _ => return None,
    };
    Some((lhs, bound))
}

/// `len(x) < 0`, `u >= 0`, `len(x) == -1`, and the same with the number in front.
fn below_zero(cx: &Cx, test: ExprId, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> Option<String> {
    use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    let turned = |op| match op {
        Less => Greater,
        LessEqual => GreaterEqual,
        Greater => Less,
        GreaterEqual => LessEqual,
        same => same,
    };
    let (value, op, number) = match (cx.int_value(lhs), cx.int_value(rhs)) {
        (None, Some(number)) => (lhs, op, number),
        (Some(number), None) => (rhs, turned(op), number),
        _ => return None,
    };
    let outcome = match (op, number) {
        (Less, ..=0) | (LessEqual | Equal, ..=-1) => false,
        (GreaterEqual, ..=0) | (Greater | NotEqual, ..=-1) => true,
        _ => return None,
    };
    let text = cx.source(test);
    if is_length(cx, value) {
        Some(format!("a length is never negative, so `{text}` is always {outcome}"))
    } else if is_unsigned(cx, value) && !is_range_check(cx, test, value) {
        Some(format!("`{}` is unsigned, so `{text}` is always {outcome}", cx.source(value)))
    } else {
        None
    }
}

fn is_length(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(expr)), Expr::Call { fun, .. } if cx.is_builtin(fun, "len") || cx.is_builtin(fun, "cap"))
}

/// A variable of an unsigned type; what a constant is compared with may differ from one build to the next.
fn is_unsigned(cx: &Cx, value: ExprId) -> bool {
    cx.constant_value(value).is_none() && matches!(cx.under(value), Type::Basic(basic) if basic.is_unsigned())
}

/// `n < 0 || n >= size` says the whole range, whatever the type of `n` is today.
fn is_range_check(cx: &Cx, test: ExprId, value: ExprId) -> bool {
    let Some(Node::Expr(parent)) = cx.tree.parent(test) else { return false };
    let Expr::Binary { op: BinaryOp::LogicalOr | BinaryOp::LogicalAnd, lhs, rhs } = cx.expr(parent) else {
        return false;
    };
    [lhs, rhs].into_iter().filter(|&side| side != test).any(|side| match cx.expr(cx.unparen(side)) {
        Expr::Binary { op, lhs, .. } => op.is_comparison() && cx.same_pure(lhs, value),
        _ => false,
    })
}
