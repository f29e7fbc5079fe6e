//! Both operands of an operator are the same.
//!
//! `a.Y == a.Y` is true whatever `a.Y` is, `a - a` is zero, and `a && a` is `a`: what a slip of copy and paste leaves
//! behind. Look for the name that was to differ.
//!
//! Limits: a float may differ from itself (NaN), so a comparison of one name with itself is left alone unless the type is
//! known to be exact. Calls are taken to give another value each time; tests may try that a value equals itself.
//!
//! ```go bad
//! func same(a, b Point) bool {
//! 	return a.X == b.X && a.Y == a.Y
//! 	//                   ^^^^^^^^^^ both sides of `==` are `a.Y`
//! }
//! ```
//! ```go bad
//! func valid(n int) bool {
//! 	return n == n
//! 	//     ^^^^^^ both sides of `==` are `n`
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

pub static RULE: Rule = Rule {
    id: "correctness/same-operands",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA4000", "gocritic:dupSubExpr"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check)],
    file: file!(),
};

fn check(cx: &mut Cx, binary: ExprId) {
    use BinaryOp::{Add, Equal, LogicalAnd, LogicalOr, Mul, NotEqual, Shl, Shr};
    let Expr::Binary { op, lhs, rhs } = cx.expr(binary) else { return };
    // Repeats in a chain of && or || are those of correctness/repeated-condition.
    if cx.file.generated
        || matches!(op, Add | Mul | Shl | Shr | LogicalAnd | LogicalOr)
        || cx.span(lhs).len() != cx.span(rhs).len()
        || !cx.same_pure(lhs, rhs)
    {
        return;
    }
    // A float may differ from itself (NaN), and Inf - Inf is NaN; two literals are arithmetic for the reader.
    let equality = matches!(op, Equal | NotEqual);
    let may_be_nan = !is_exact(cx, lhs) && (equality && is_bare(cx, lhs) || in_float_test(cx, binary));
    let is_literal = matches!(cx.expr(cx.unparen(lhs)), Expr::Literal(_));
    if !may_be_nan && !is_literal {
        cx.report(binary, format!("both sides of `{}` are `{}`", op.as_str(), cx.source(lhs)));
    }
}

/// Whether the value is known to equal itself: of a basic type without NaN.
fn is_exact(cx: &Cx, value: ExprId) -> bool {
    matches!(cx.under(value), Type::Basic(basic) if !basic.is_float() && !basic.is_complex() && !basic.is_untyped())
}

fn is_bare(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(expr)), Expr::Ident | Expr::Star(_))
}

fn in_float_test(cx: &Cx, expr: ExprId) -> bool {
    let function = cx.enclosing_decl(expr).and_then(|decl| cx.func_name(decl)).unwrap_or_default().to_ascii_lowercase();
    ["nan", "inf", "finite"].iter().any(|word| function.contains(word))
}
