//! Both operands of an operator are the same.
//!
//! `a.Y == a.Y` is true whatever `a.Y` is, `a - a` is zero, and `bytes.Equal(a, a)` is true: a slip of copy and paste. Look for
//! the name that was to differ.
//!
//! Limits: a float may differ from itself (NaN), so a name alone is left alone unless its type is known to be exact. Calls are
//! taken to give another value each time, unless they are known to have no effect. Tests may check that a value equals itself.
//!
//! ```go bad
//! func same(a, b Point) bool {
//! 	return a.X == b.X && a.Y == a.Y
//! 	//                   ^^^^^^^^^^ both sides of `==` are `a.Y`
//! }
//! ```
//! ```go bad
//! func equal(a, b []byte) bool {
//! 	return len(a) == len(a) && bytes.Equal(a, a)
//! 	//     ^^^^^^^^^^^^^^^^ both sides of `==` are `len(a)`
//! 	//                         ^^^^^^^^^^^^^^^^^ `bytes.Equal` compares `a` with itself
//! }
//! ```
//! ```go good
//! func isNaN(f float64) bool {
//! 	return f != f // true for NaN alone
//! }
//! ```
//! ```go good
//! func twice(next func() int) bool {
//! 	return next() == next() // two calls, two values
//! }
//! ```
//! ```go good
//! const minute = 60 * 60 // arithmetic for the reader
//!
//! func double(n int) int { return n + n }
//! ```
use gopeer_lint::prelude::*;

use super::support::are_same;

pub static RULE: Rule = Rule {
    id: "correctness/same-operands",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA4000", "gocritic:dupSubExpr"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check), Hook::Call(COMPARE, check_call)],
    examines: "operators and their operands",
};

/// Functions and methods that compare their arguments, or their receiver with their argument.
const COMPARE: &[&str] = &[
    "bytes.Compare",
    "bytes.Equal",
    "bytes.HasPrefix",
    "cmp.Compare",
    "errors.Is",
    "maps.Equal",
    "reflect.DeepEqual",
    "slices.Compare",
    "slices.Equal",
    "strings.Compare",
    "strings.Contains",
    "strings.EqualFold",
    "strings.HasPrefix",
    "strings.HasSuffix",
    "time.Time.After",
    "time.Time.Before",
    "time.Time.Compare",
    "time.Time.Equal",
    "time.Time.Sub",
];

fn check(cx: &mut Cx, binary: ExprId) {
    use BinaryOp::{Add, LogicalAnd, LogicalOr, Mul, Shl, Shr};
    let Expr::Binary { op, lhs, rhs } = cx.expr(binary) else { return };
    // Repeats in a chain of && or || are those of correctness/repeated-condition.
    if cx.file.generated || matches!(op, Add | Mul | Shl | Shr | LogicalAnd | LogicalOr) || !are_same(cx, lhs, rhs) {
        return;
    }
    // A float may differ from itself (NaN), and Inf - Inf is NaN; two literals are arithmetic for the reader.
    let may_be_nan = is_bare(cx, lhs) && !is_exact(cx, lhs);
    let is_literal = matches!(cx.expr(cx.unparen(lhs)), Expr::Literal(_));
    if !may_be_nan && !is_literal {
        cx.report(binary, format!("both sides of `{}` are `{}`", op.as_str(), cx.source(lhs)));
    }
}

fn check_call(cx: &mut Cx, call: Call) {
    let (a, b) = match (call.receiver, call.args) {
        (None, &[a, b]) | (Some(a), &[b]) => (a, b),
        _ => return,
    };
    cx.examined();
    if are_same(cx, a, b) && cx.constant_value(a).is_none() && !cx.file.generated {
        let name = cx.source(call.fun);
        cx.report(call.expr, format!("`{name}` compares `{}` with itself", cx.source(a)));
    }
}

/// Whether the value is known to equal itself: of a basic type without NaN.
fn is_exact(cx: &Cx, value: ExprId) -> bool {
    cx.constant_value(value).is_some()
        || matches!(cx.under(value), Type::Basic(basic) if !basic.is_float() && !basic.is_complex() && !basic.is_untyped())
}

fn is_bare(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(expr)), Expr::Ident | Expr::Star(_))
}
