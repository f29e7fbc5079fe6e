//! A value that is a duration already is multiplied by a unit of time.
//!
//! `delay * time.Second` with a `delay` of one second is a thousand million seconds (a `time.Duration` counts nanoseconds,
//! package `time`), or a negative number once it overflows. Either drop the unit, or let the value be a plain count and
//! convert it here.
//!
//! Limits: of variables, only parameters and what is made from a unit or measured in the same function count as durations: a
//! field or a `var n time.Duration = 5` may be a count in disguise. Tests are left alone.
//!
//! ```go bad
//! func wait(delay time.Duration) {
//! 	<-time.After(delay * time.Second)
//! 	//           ^^^^^^^^^^^^^^^^^^^ `delay` is a time.Duration already, so `delay * time.Second` multiplies two durations
//! }
//! ```
//! ```diff fixed
//! -	<-time.After(delay * time.Second)
//! +	<-time.After(delay)
//! ```
//! ```go bad
//! func elapsed(start time.Time) time.Duration { return time.Since(start) }
//!
//! func double(start time.Time) time.Duration {
//! 	return elapsed(start) * time.Second
//! 	//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `elapsed(start)` is a time.Duration already
//! }
//! ```
//! ```go good
//! func wait(seconds time.Duration) {
//! 	time.Sleep(seconds * time.Second) // named as the count that it is
//! }
//! ```
//! ```go good
//! func minutes(d time.Duration) time.Duration {
//! 	return d * time.Second / time.Minute // the product is only a step
//! }
//! ```
//! ```go good
//! func wait(n int) {
//! 	time.Sleep(time.Duration(n) * time.Second) // a count that is converted
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/squared-duration",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2), (Concern::Latency, 1)],
    equivalents: &["gopeer:correctness/duration-without-unit", "durationcheck"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check)],
    file: file!(),
};

/// The units of package time.
const UNITS: &[&str] =
    &["time.Nanosecond", "time.Microsecond", "time.Millisecond", "time.Second", "time.Minute", "time.Hour"];

fn check(cx: &mut Cx, product: ExprId) {
    let Expr::Binary { op: BinaryOp::Mul, lhs, rhs } = cx.expr(product) else { return };
    let value = match (cx.denotes(lhs, UNITS), cx.denotes(rhs, UNITS)) {
        (false, true) => lhs,
        (true, false) => rhs,
        _ => return,
    };
    cx.examined();
    if !is_duration(cx, value) || is_divided(cx, product) {
        return;
    }
    let (name, text, span) = (cx.source(value), cx.source(product), cx.span(product));
    let message = format!("`{name}` is a time.Duration already, so `{text}` multiplies two durations");
    cx.report(product, message)
        .note("either drop the unit, or let the value be a plain count and convert it here")
        .fix("Drop the unit", [(span, name.to_owned())]);
}

/// What a call gives, a parameter of the type, or a local made from a unit.
fn is_duration(cx: &Cx, value: ExprId) -> bool {
    if let Expr::Call { fun, .. } = cx.expr(cx.unparen(value)) {
        return !cx.is_type_expr(fun) && cx.type_is(cx.ty(value), &["time.Duration"]);
    }
    let Def::Local(declaring) = cx.def(value) else { return false };
    match cx.tree.parent(declaring) {
        Some(Node::Field(field)) => {
            cx.denotes(cx.tree.field(field).ty, &["time.Duration"]) && !names_count(cx.source(value))
        }
        _ => cx.initial_value(value).is_some_and(|first| match cx.expr(first) {
            Expr::Binary { op: BinaryOp::Mul, lhs, rhs } => cx.denotes(lhs, UNITS) || cx.denotes(rhs, UNITS),
            _ => cx.calls(first, &["time.Since", "time.Until"]),
        }),
    }
}

fn names_count(name: &str) -> bool {
    const COUNTS: &[&str] = &["sec", "min", "hour", "milli", "micro", "nano", "count", "num", "factor", "mult", "unit"];
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "n" | "s" | "m" | "h" | "ms" | "us" | "ns")
        || COUNTS.iter().any(|word| lower.contains(word))
}

/// In `a * b / c` the product is only a step.
fn is_divided(cx: &Cx, product: ExprId) -> bool {
    cx.tree
        .ancestors(product)
        .take_while(|node| matches!(node, Node::Expr(_)))
        .any(|node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Binary { op: BinaryOp::Div, .. })))
}
