//! An amount of money is calculated with floats, and then cut to an integer.
//!
//! Most decimal fractions have no exact float: 19.99 × 100 gives 1998.9999999999998. A conversion to an integer drops what is after the
//! point, so that a cent is missing, in some amounts and not in others. Calculate in integers (cents, and a rate in basis points), or with
//! a decimal type, and decide how to round; where a float must do, convert `math.Round(x)`.
//!
//! Limits: only names tell what is money, so the finding is a question. It is none where a text has been parsed and is multiplied by 100:
//! decimal digits are cut off there, whatever the number means.
//!
//! ```go bad
//! func cents(price float64) int64 {
//! 	return int64(price * 100)
//! 	//     ^^^^^^^^^^^^^^^^^^ `int64(price * 100)` cuts off the fraction instead of rounding
//! }
//! ```
//! ```go bad
//! func parse(s string) (int64, error) {
//! 	f, err := strconv.ParseFloat(s, 64)
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	return int64(f * 100), nil
//! 	//     ^^^^^^^^^^^^^^ `int64(f * 100)` cuts off the fraction instead of rounding
//! }
//!
//! func tax(cents, basisPoints int64) int64 {
//! 	return int64(float64(cents) * float64(basisPoints) / 10_000)
//! 	//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cuts off the fraction of an amount instead of rounding it
//! }
//! ```
//! ```go good
//! func cents(price float64) int64 {
//! 	return int64(math.Round(price * 100)) // rounds
//! }
//!
//! func fee(amountCents, basisPoints int64) int64 {
//! 	return amountCents * basisPoints / 10_000 // no floats
//! }
//!
//! func pixels(width float64) int {
//! 	return int(width * 100) // no money
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/money-as-float",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "amounts of money as floats",
};

fn check(cx: &mut Cx, conversion: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(conversion) else { return };
    let Some(amount) = cx.only(args).filter(|_| cx.is_type_expr(fun)) else { return };
    if !is_integer(cx, conversion) || !is_calculated_float(cx, amount) {
        return;
    }
    let parsed = is_parsed_decimal(cx, amount);
    if !parsed && !names_money(cx, amount) {
        return;
    }
    cx.examined();
    let text = cx.source(conversion);
    if is_quotient(cx, amount) {
        cx.report(conversion, format!("`{text}` cuts off the fraction of an amount instead of rounding it"))
            .note("convert `math.Round(…)`, or add half of the divisor and divide as integers")
            .question();
        return;
    }
    let report = cx
        .report(conversion, format!("`{text}` cuts off the fraction instead of rounding"))
        .note("most decimal fractions have no exact float: 19.99 × 100 gives 1998.9999999999998, and 1998 when it is converted")
        .note("calculate in integers or with a decimal type, or convert `math.Round(…)`");
    if !parsed {
        report.question();
    }
}

/// Whether a number that was parsed from a text is multiplied by 100.
fn is_parsed_decimal(cx: &Cx, amount: ExprId) -> bool {
    let Expr::Binary { op: BinaryOp::Mul, lhs, rhs } = cx.expr(cx.unparen(amount)) else { return false };
    let is_parsed = |id| cx.origin(id).is_some_and(|(made, _)| cx.calls(made, &["strconv.ParseFloat"]));
    let is_hundred = |id| cx.int_value(id) == Some(100);
    is_parsed(lhs) && is_hundred(rhs) || is_hundred(lhs) && is_parsed(rhs)
}

fn is_integer(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.under(expr), Type::Basic(basic) if matches!(basic, Basic::Int | Basic::Int64 | Basic::Int32 | Basic::Uint64 | Basic::Uint32 | Basic::Uint))
}

/// Whether a float is multiplied or divided, and nothing rounds it.
fn is_calculated_float(cx: &Cx, amount: ExprId) -> bool {
    let product = |node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Binary { op: BinaryOp::Mul | BinaryOp::Div, .. }));
    let rounds = |node: Node| match node {
        Node::Expr(id) => cx.call(id).is_some_and(|call| call.callee.path == "math") || cx.source(id) == "0.5",
        _ => false,
    };
    is_float(cx, amount)
        && cx.constant_value(amount).is_none()
        && cx.any(amount, false, product)
        && !cx.any(amount, false, rounds)
}

/// Whether it is a quotient of integers, or of their products: where that is whole, the float is exact.
fn is_quotient(cx: &Cx, amount: ExprId) -> bool {
    let Expr::Binary { op: BinaryOp::Div, lhs, rhs } = cx.expr(cx.unparen(amount)) else { return false };
    let may_be_inexact = |node: Node| match node {
        Node::Expr(id) if !is_float(cx, id) || cx.is_type_expr(id) || cx.int_value(id).is_some() => false,
        Node::Expr(id) => match cx.expr(id) {
            Expr::Paren(_) | Expr::Binary { op: BinaryOp::Mul, .. } => false,
            Expr::Call { fun, args, .. } => {
                !cx.is_type_expr(fun) || !cx.only(args).is_some_and(|from| is_integer(cx, from))
            }
            _ => true,
        },
        _ => false,
    };
    !cx.any(lhs, false, may_be_inexact) && !cx.any(rhs, false, may_be_inexact)
}

fn is_float(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.under(expr), Type::Basic(Basic::Float64 | Basic::Float32))
}

fn names_money(cx: &Cx, amount: ExprId) -> bool {
    const MONEY: &[&str] = &[
        "amount", "cent", "cents", "discount", "fee", "fees", "invoice", "price", "prices", "refund", "salary", "tax",
    ];
    let is_money = |id: ExprId| {
        cx.expr(id) == Expr::Ident && words(cx.source(id)).iter().any(|word| MONEY.contains(&word.as_str()))
    };
    cx.find_expr(amount, false, is_money).is_some()
}
