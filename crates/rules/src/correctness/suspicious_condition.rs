//! A condition has the same outcome for every value.
//!
//! `x != a || x != b` is true for every `x`, `x == a && x == b` is false, and a length or an unsigned number is never below
//! zero. The compiler accepts them, and the case that was meant is never checked. Look for the operator that was meant, or
//! the name that was to differ.
//!
//! Limits: of values that are compared, literals, constants of the package, statuses of `net/http` and error variables are
//! known to differ. Generated code is left alone.
//!
//! ```go bad
//! func check(status int, items []int) string {
//! 	if status != http.StatusOK || status != http.StatusCreated {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is true for every `status`
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

pub static RULE: Rule = Rule {
    id: "correctness/suspicious-condition",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["staticcheck:SA4003", "vet:bools"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check)],
    file: file!(),
};

fn check(cx: &mut Cx, binary: ExprId) {
    let Expr::Binary { op, lhs, rhs } = cx.expr(binary) else { return };
    if cx.file.generated {
        return;
    }
    let message = match op {
        BinaryOp::LogicalOr => decided(cx, BinaryOp::NotEqual, lhs, rhs),
        BinaryOp::LogicalAnd => decided(cx, BinaryOp::Equal, lhs, rhs),
        BinaryOp::GreaterEqual | BinaryOp::Less => below_zero(cx, binary, lhs, rhs),
        _ => return,
    };
    if let Some(message) = message {
        cx.report(binary, message);
    }
}

/// `x != a || x != b`, `x == a && x == b` with different constants.
fn decided(cx: &Cx, wanted: BinaryOp, lhs: ExprId, rhs: ExprId) -> Option<String> {
    let sides = |expr| match cx.expr(cx.unparen(expr)) {
        Expr::Binary { op, lhs, rhs } if op == wanted => Some((lhs, rhs)),
        _ => None,
    };
    let ((x, a), (y, b)) = (sides(lhs)?, sides(rhs)?);
    if !cx.same_pure(x, y) || !are_different(cx, a, b) {
        return None;
    }
    Some(format!("this is {} for every `{}`", wanted == BinaryOp::NotEqual, cx.source(x)))
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

/// `len(x) < 0`, `u >= 0`.
fn below_zero(cx: &Cx, test: ExprId, value: ExprId, zero: ExprId) -> Option<String> {
    if cx.int_value(zero) != Some(0) {
        return None;
    }
    let (text, negative) = (cx.source(test), matches!(cx.expr(test), Expr::Binary { op: BinaryOp::Less, .. }));
    if is_length(cx, value) {
        Some(format!("a length is never negative, so `{text}` is always {}", !negative))
    } else if is_unsigned(cx, value) && !is_range_check(cx, test, value) {
        Some(format!("`{}` is unsigned, so `{text}` is always {}", cx.source(value), !negative))
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
