//! A value that is a duration already is multiplied by a unit of time.
//!
//! A `time.Duration` counts nanoseconds (package `time`), so `delay * time.Second` with a `delay` of one second is a thousand
//! million seconds, or a negative number once it overflows. Either drop the unit, or keep a plain number and convert
//! it here.
//!
//! Limits: a variable or field of type `time.Duration` whose name is that of a count, such as `seconds` or `n`, is taken for one. A
//! field is reported as a question, since a configuration may keep a count in it. Tests are left alone.
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
//! 	time.Sleep(seconds * time.Second) // its name says that it is a count
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
//!
//! # Impact
//!
//! One second becomes about 31 years, or after overflow a negative time that does not wait at all: a retry that never
//! happens, or one that happens in a tight loop. It shows as a goroutine that has been in `time.Sleep` since the process
//! began. A test that prints the product sees it.
//!
//! # Verify
//!
//! - `go test -run {test} -v {package}`: log the value with `%v`; `277777h46m40s` is one second times one second
//!
//! # References
//!
//! - [Package time, Duration](https://pkg.go.dev/time#Duration)
use gopeer_lint::prelude::*;

use super::support::names_count;

pub static RULE: Rule = Rule {
    id: "correctness/squared-duration",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2), (Concern::Latency, 1)],
    equivalents: &["gopeer:correctness/duration-without-unit", "durationcheck"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check), Hook::Stmt(&[StmtKind::OpAssign], check_assign)],
    examines: "durations that are multiplied",
};

/// The units of package time.
const UNITS: &[&str] =
    &["time.Nanosecond", "time.Microsecond", "time.Millisecond", "time.Second", "time.Minute", "time.Hour"];

const DURATION: &[&str] = &["time.Duration"];

/// How sure it is that a value is a duration, and not a count in the clothes of one.
#[derive(PartialEq)]
enum Known {
    Certain,
    Likely,
}

fn check(cx: &mut Cx, product: ExprId) {
    let Expr::Binary { op: BinaryOp::Mul, lhs, rhs } = cx.expr(product) else { return };
    let value = match (cx.denotes(lhs, UNITS), cx.denotes(rhs, UNITS)) {
        (false, true) => lhs,
        (true, false) => rhs,
        _ => return,
    };
    cx.examined();
    // A nanosecond is one.
    let changes_nothing = cx.denotes(if value == lhs { rhs } else { lhs }, &["time.Nanosecond"]);
    let Some(known) = duration(cx, value).filter(|_| !changes_nothing && !is_divided(cx, product)) else { return };
    let (name, text, span) = (cx.source(value), cx.source(product), cx.span(product));
    report(cx, product.into(), (name, text), known, Some((span, name.to_owned())));
}

/// `delay *= time.Second`
fn check_assign(cx: &mut Cx, assign: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Op(BinaryOp::Mul), rhs } = cx.stmt(assign) else { return };
    let (Some(value), Some(unit)) = (cx.only(lhs), cx.only(rhs)) else { return };
    if !cx.denotes(unit, UNITS) {
        return;
    }
    cx.examined();
    if let Some(known) = duration(cx, value).filter(|_| !is_cut(cx, value)) {
        let (name, text) = (cx.source(value), cx.source(assign));
        report(cx, assign.into(), (name, text), known, None);
    }
}

fn report(cx: &mut Cx, at: Node, (name, text): (&str, &str), known: Known, edit: Option<(Span, String)>) {
    let message = format!("`{name}` is a time.Duration already, so `{text}` multiplies two durations");
    let report = cx.report(at, message).note("drop the unit, or keep a plain number and convert it here");
    let report = if known == Known::Likely { report.question() } else { report };
    report.fix("Drop the unit", edit);
}

/// Whether a value is a duration: the result of a call, a parameter, a constant, or a local that is made from one. A conversion
/// of a duration is still one.
fn duration(cx: &Cx, value: ExprId) -> Option<Known> {
    let value = cx.unparen(value);
    if !cx.type_is(cx.ty(value), DURATION) || names_count(last_name(cx, value)) {
        return None;
    }
    match (cx.expr(value), cx.def(value)) {
        (Expr::Call { fun, args, .. }, _) if cx.is_type_expr(fun) => duration(cx, cx.only(args)?),
        (Expr::Call { .. }, _) => Some(Known::Certain),
        // What `flag.Duration` gives is a pointer.
        (Expr::Star(pointer), _) => {
            matches!(cx.origin(pointer), Some((call, 0)) if is_call(cx, call)).then_some(Known::Certain)
        }
        (Expr::Selector { .. }, _) if !cx.is_qualified(value) => Some(Known::Likely),
        (Expr::Ident, Def::Local(declaring)) => match cx.tree.parent(declaring) {
            Some(Node::Field(_)) => match given_here(cx, declaring) {
                Some(given) if counts(cx, given) => None,
                _ => Some(Known::Certain),
            },
            _ => {
                let (origin, _) = cx.origin(value)?;
                (is_call(cx, origin) || has_unit(cx, origin)).then_some(Known::Certain)
            }
        },
        // A constant of a microsecond and more was made from a unit, unless it is a number that is converted here.
        (Expr::Ident, Def::Package(_)) => {
            let of_type = cx.facts.object(value).is_some_and(|object| cx.type_is(cx.store.object(object).ty, DURATION));
            cx.int_value(value).filter(|&count| of_type && count >= 1_000).map(|_| Known::Certain)
        }
        _ => None,
    }
}

/// What a parameter of a function literal gets that is called where it stands: `go func(delay time.Duration) { … }(start)`.
fn given_here(cx: &Cx, param: ExprId) -> Option<ExprId> {
    let func = cx.enclosing_func(param)?;
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return None };
    let place = cx.params(params).iter().position(|&(name, _)| name == Some(param))?;
    let (Node::Expr(literal), Some(Node::Expr(call))) = (func.node, cx.tree.parent(func.node)) else { return None };
    match cx.expr(call) {
        Expr::Call { fun, args, .. } if fun == literal => cx.exprs(args).get(place).copied(),
        _ => None,
    }
}

/// Whether a local is counted up, so that it is a number in the clothes of a duration.
fn counts(cx: &Cx, value: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(value) else { return false };
    let is_counted =
        |used| matches!(cx.tree.parent(used), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::IncDec { .. }));
    cx.names.uses(declaring).any(is_counted)
}

fn is_call(cx: &Cx, value: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(value)), Expr::Call { fun, .. } if !cx.is_type_expr(fun))
}

fn has_unit(cx: &Cx, value: ExprId) -> bool {
    match cx.expr(cx.unparen(value)) {
        Expr::Binary { op: BinaryOp::Mul, lhs, rhs } => has_unit(cx, lhs) || has_unit(cx, rhs),
        _ => cx.denotes(value, UNITS),
    }
}

/// The name of what a value is, or of the function that gives it.
fn last_name<'a>(cx: &Cx<'a>, value: ExprId) -> &'a str {
    match cx.expr(cx.unparen(value)) {
        Expr::Selector { name, .. } => cx.source(name),
        Expr::Call { fun, args, .. } if cx.is_type_expr(fun) => cx.only(args).map_or("", |arg| last_name(cx, arg)),
        Expr::Call { .. } => "",
        Expr::Star(inner) => last_name(cx, inner),
        _ => cx.source(value),
    }
}

/// `delay /= time.Second; delay *= time.Second`: whether a local is divided in the same way, so that it becomes whole seconds.
fn is_cut(cx: &Cx, value: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(value) else { return false };
    let divides = |used| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => {
            cx.is_target(used) && matches!(cx.stmt(stmt), Stmt::Assign { op: AssignOp::Op(BinaryOp::Div), .. })
        }
        _ => false,
    };
    cx.names.uses(declaring).any(divides)
}

/// In `a * b / c` the product is only a step.
fn is_divided(cx: &Cx, product: ExprId) -> bool {
    cx.tree
        .ancestors(product)
        .take_while(|node| matches!(node, Node::Expr(_)))
        .any(|node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Binary { op: BinaryOp::Div, .. })))
}
