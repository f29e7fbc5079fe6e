//! A bare number is used as a `time.Duration`.
//!
//! A `time.Duration` counts nanoseconds (package `time`), so `time.Sleep(5)` does not sleep at all, and a client with
//! `Timeout: 30` fails every request at once. The compiler converts the untyped constant without a warning. Multiply it by
//! the unit that you mean: `5 * time.Second`. A fix is offered where a name or a comment beside it says the unit. The same goes for
//! `time.Duration(n)`, which converts a count without giving it a unit.
//!
//! Limits: numbers of 100,000 and more are taken for nanoseconds on purpose, and so are `time.Duration(1)` and a 1 that is not
//! waited for. Elements of slices and maps, arguments of generic
//! functions, and variables of the package are not looked at, nor are comparisons with a field, nor locals that are counts, which the
//! function multiplies by their unit. In tests, only what waits is, and is of medium severity. A count that is converted is reported where
//! its name says the unit (`TTLSeconds`, `wait_ms`); another one of type `int` is a question, where it is waited for.
//!
//! ```go bad
//! func poll(ctx context.Context) error {
//! 	ctx, cancel := context.WithTimeout(ctx, 30)
//! 	//                                      ^^ `context.WithTimeout` takes a time.Duration, so `30` means 30 nanoseconds
//! 	defer cancel()
//! 	client := http.Client{Timeout: 10}
//! 	//                             ^^ `Timeout` is a time.Duration, so `10` means 10 nanoseconds
//! 	time.Sleep(250)
//! 	//         ^^^ `time.Sleep` takes a time.Duration
//! 	return fetch(ctx, &client)
//! }
//! ```
//! ```go bad
//! func pause() {
//! 	time.Sleep(250) // milliseconds
//! 	//         ^^^ `time.Sleep` takes a time.Duration
//! }
//! ```
//! ```diff fixed
//! -	time.Sleep(250) // milliseconds
//! +	time.Sleep(250 * time.Millisecond) // milliseconds
//! ```
//! ```go bad
//! package retry
//!
//! import "time"
//!
//! const wait = 15
//!
//! type policy struct{ wait time.Duration }
//!
//! func newPolicy(wait time.Duration) policy { return policy{wait: wait} }
//!
//! func policies(start time.Time) policy {
//! 	p := newPolicy(wait)
//! 	//             ^^^^ `newPolicy` takes a time.Duration, so `wait` means 15 nanoseconds
//! 	if time.Since(start) > 20 {
//! 	//                     ^^ `time.Since(start)` is a time.Duration, so `20` means 20 nanoseconds
//! 		p.wait = 20
//! 		//       ^^ `p.wait` is a time.Duration, so `20` means 20 nanoseconds
//! 	}
//! 	return p
//! }
//! ```
//! ```go bad
//! type config struct{ TimeoutSeconds int }
//!
//! func poll(ctx context.Context, c config) error {
//! 	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds))
//! 	//                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `context.WithTimeout` takes a time.Duration, so `time.Duration(c.TimeoutSeconds)` counts nanoseconds
//! 	defer cancel()
//! 	return fetch(ctx, nil)
//! }
//! ```
//! ```diff fixed
//! -	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds))
//! +	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds)*time.Second)
//! ```
//! ```go good
//! const backoff = 2 * time.Second
//!
//! func pause() { time.Sleep(backoff) } // the constant has its unit where it is declared
//! ```
//! ```go good
//! func client() http.Client {
//! 	return http.Client{Timeout: 0} // zero means the same in every unit
//! }
//! ```
//! ```go good
//! func pause(d time.Duration) {
//! 	time.Sleep(2 * d) // a multiple of a duration
//! }
//! ```
//! ```go good
//! func atLeast[T ~int | ~int64](v *T, least T) { *v = max(*v, least) }
//!
//! func fill(ping *time.Duration) {
//! 	atLeast(ping, 1) // takes numbers of any kind
//! }
//! ```
//!
//! # Impact
//!
//! A time limit of a few nanoseconds has passed before the call begins, so every call fails with "deadline exceeded"; a
//! sleep of that length does not sleep, and a retry loop hammers its dependency. It fails at once and always, except
//! where the value is a back-off or a ticker that is only needed when something else fails.
//!
//! # Verify
//!
//! - `go test -run {test} -v {package}`: print the duration with `%v`: `30ns` instead of `30s`
//! - `grep -rnE 'time\.(Sleep|After|NewTimer|NewTicker)\([0-9]+\)' {package}`: finds similar lines
//!
//! # References
//!
//! - [Package time, Duration](https://pkg.go.dev/time#Duration)
use gopeer_lint::prelude::*;

use super::support::names_count;
use super::units::{unit_in_comment, unit_of};

pub static RULE: Rule = Rule {
    id: "correctness/duration-without-unit",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2), (Concern::Latency, 1)],
    equivalents: &["staticcheck:SA1004"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Literal, ExprKind::Ident], check), Hook::Expr(&[ExprKind::Call], check_conversion)],
    examines: "numbers given as durations",
};

/// What waits for as long as it is given.
const WAITS: &[&str] = &[
    "context.WithTimeout",
    "context.WithTimeoutCause",
    "time.After",
    "time.AfterFunc",
    "time.NewTicker",
    "time.NewTimer",
    "time.Sleep",
    "time.Tick",
];

const DURATION: &[&str] = &["time.Duration"];

fn check(cx: &mut Cx, number: ExprId) {
    if !is_bare_number(cx, number) {
        return;
    }
    // `time.Duration(5)` is as bare as `5`.
    let mut value = number;
    while let Some(Node::Expr(outer)) = cx.tree.parent(value)
        && (matches!(cx.expr(outer), Expr::Paren(_)) || is_conversion(cx, outer))
    {
        value = outer;
    }
    let Some(receiver) = receiver(cx, value) else { return };
    cx.examined();
    let Some(count) = cx.int_value(number) else { return };
    // Large numbers are nanoseconds on purpose. One is the shortest duration, or stands for any; but nobody waits for it,
    // except a test that yields.
    let waits = is_waited(&receiver);
    if (2..100_000).contains(&count) || count == 1 && waits && value == number && !cx.file.is_test() {
        report(cx, value, count, &receiver);
    }
}

fn is_waited(receiver: &str) -> bool {
    WAITS.iter().any(|wait| receiver == format!("`{wait}` takes"))
}

/// Whether an expression is a literal, or a constant without a type, that is made a duration here.
fn is_bare_number(cx: &Cx, number: ExprId) -> bool {
    if cx.constant_value(number).is_none() || cx.file.generated || !cx.type_is(cx.ty(number), DURATION) {
        return false;
    }
    let declared = match (cx.expr(number), cx.def(number)) {
        (Expr::Literal(LiteralKind::Int), _) => return true,
        (Expr::Ident, Def::Local(declaring)) => cx.ty(declaring),
        (Expr::Ident, Def::Package(_)) => {
            cx.facts.object(number).map_or(TypeId::UNKNOWN, |object| cx.store.object(object).ty)
        }
        _ => return false,
    };
    matches!(cx.store.get(declared), Type::Basic(basic) if basic.is_untyped())
}

fn is_conversion(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(call), Expr::Call { fun, .. } if cx.is_type_expr(fun) && cx.type_is(cx.ty(fun), DURATION))
}

/// What the value becomes, and the verb that fits: `` `time.Sleep` takes ``, `` `Timeout` is ``. Tests may configure what they
/// like; what they wait for is judged.
fn receiver(cx: &Cx, value: ExprId) -> Option<String> {
    let is_production =
        !matches!(cx.file.purpose(), Purpose::Test | Purpose::TestHelper | Purpose::Example | Purpose::Benchmark)
            && !cx.file.is_test();
    let is = |name: &str| is_production.then(|| format!("`{name}` is"));
    match cx.tree.parent(value)? {
        Node::Expr(parent) => match cx.expr(parent) {
            Expr::Call { args, .. } => takes(cx, parent, cx.exprs(args), value, is_production),
            Expr::KeyValue { key, .. } if is_of_struct(cx, cx.tree.parent(parent)?) => is(cx.source(key)),
            Expr::Composite { .. } if is_of_struct(cx, parent.into()) => {
                is_production.then(|| "the field is".to_owned())
            }
            Expr::Binary { op, lhs, rhs } if op.is_comparison() || matches!(op, BinaryOp::Add | BinaryOp::Sub) => {
                let other = if lhs == value { rhs } else { lhs };
                is(cx.source(other)).filter(|_| is_measured(cx, other))
            }
            _ => None,
        },
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Assign, .. } => {
                let target = cx.only(lhs)?;
                is(cx.source(target)).filter(|_| !is_factor(cx, target) && is_used_whole(cx, cx.def(target)))
            }
            Stmt::Return(_) => is_production.then(|| "the result is".to_owned()),
            _ => None,
        },
        Node::Decl(spec) => match cx.decl(spec) {
            Decl::Value { names, .. } => {
                let name = cx.only(names)?;
                is(cx.source(name)).filter(|_| cx.def(name) == Def::Local(name) && is_used_whole(cx, cx.def(name)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether the name of what gets a value says that others are multiplied by it: `timeoutMultiplier`.
fn is_factor(cx: &Cx, target: ExprId) -> bool {
    const FACTORS: &[&str] = &["factor", "multiple", "multiplier", "ratio", "scale"];
    words(cx.source(target)).iter().any(|word| FACTORS.contains(&word.as_str()))
}

/// Whether a value is the result of a call, or a parameter or local with one: neither a quotient nor a count without its unit.
fn is_measured(cx: &Cx, value: ExprId) -> bool {
    let value = cx.unparen(value);
    let is_call = |value| matches!(cx.expr(value), Expr::Call { fun, .. } if !cx.is_type_expr(fun));
    match cx.def(value) {
        Def::Local(_) if names_count(cx.source(value)) => false,
        Def::Local(declaring) if cx.declares_parameter(declaring) => true,
        Def::Local(_) => cx.origin(value).is_some_and(|(origin, _)| is_call(cx.unparen(origin))),
        _ => is_call(value),
    }
}

/// What a function takes that is given the value, unless the number could be of any kind there. Of several bare numbers in one
/// call the first is enough.
fn takes(cx: &Cx, call: ExprId, args: &[ExprId], value: ExprId, is_production: bool) -> Option<String> {
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    let name = match cx.expr(cx.unparen(fun)) {
        Expr::Selector { name, .. } => name,
        _ => cx.unparen(fun),
    };
    let is_first = args.iter().find(|&&arg| is_bare_number(cx, arg)).is_none_or(|&first| first == value);
    let takes_durations = !cx.is_type_expr(fun) && cx.facts.instance(name).is_none() && cx.def(name) != Def::Universe;
    (is_first && takes_durations && (is_production || cx.calls(call, WAITS)))
        .then(|| format!("`{}` takes", cx.callee_text(call)))
}

fn is_of_struct(cx: &Cx, literal: Node) -> bool {
    matches!(literal, Node::Expr(literal) if matches!(cx.under(literal), Type::Struct(_)))
}

/// Whether what gets a value is no local that is a count: one that is multiplied by its unit where it is used.
fn is_used_whole(cx: &Cx, target: Def) -> bool {
    let Def::Local(declared) = target else { return true };
    !cx.names.uses(declared).any(|used| is_multiplied(cx, used))
}

/// Whether a local is a factor where it is used; a literal makes a multiple of it, and gives it no unit.
fn is_multiplied(cx: &Cx, value: ExprId) -> bool {
    match cx.tree.parent(value) {
        Some(Node::Expr(parent)) => matches!(cx.expr(parent), Expr::Binary { op: BinaryOp::Mul, .. }),
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { op: AssignOp::Op(BinaryOp::Mul), rhs, .. } => {
                cx.only(rhs).is_some_and(|by| !matches!(cx.expr(by), Expr::Literal(_)))
            }
            _ => false,
        },
        _ => false,
    }
}

fn report(cx: &mut Cx, value: ExprId, count: i64, receiver: &str) {
    let text = cx.source(value);
    let plural = if count == 1 { "" } else { "s" };
    let message = format!("{receiver} a time.Duration, so `{text}` means {count} nanosecond{plural}");
    let unit = unit_in_comment(cx, value, count);
    let edit = unit.and_then(|unit| multiplied(cx, value, unit));
    // Mocks seldom look at a context that has ended.
    let severity = if cx.file.is_test() { Severity::Medium } else { Severity::High };
    let reason = cx.said(value, &["right away", "immediately", "at once"]).filter(|_| count == 1);
    let report = cx.report(value, message).severity(severity).note(UNIT).excused(reason);
    if let Some((unit, edit)) = unit.zip(edit) {
        report.fix(format!("Multiply by time.{unit}"), [edit]).needing("time");
    }
}

const UNIT: &str = "multiply it by the unit that is meant, such as `time.Second`";

/// The edit that multiplies a value by a unit of package time.
fn multiplied(cx: &Cx, value: ExprId, unit: &str) -> Option<(Span, String)> {
    let (text, span) = (cx.source(value), cx.span(value));
    let after_comma = cx.tree.text().get(..span.start as usize).is_some_and(|head| head.ends_with(", "));
    let times = if after_comma { "*" } else { " * " };
    Some((span, format!("{text}{times}{}.{unit}", cx.name_for("time")?)))
}

/// `time.Duration(n)` of a count, which nothing multiplies by its unit.
fn check_conversion(cx: &mut Cx, conversion: ExprId) {
    let Expr::Call { args, .. } = cx.expr(conversion) else { return };
    if !is_conversion(cx, conversion) || cx.constant_value(conversion).is_some() || cx.file.generated {
        return;
    }
    let Some(count) = cx.only(args).filter(|&count| !cx.type_is(cx.ty(count), DURATION)) else { return };
    cx.examined();
    let Some(receiver) = whole_receiver(cx, conversion) else { return };
    let unit = unit_of(cx, count);
    if unit.is_none() && !(is_waited(&receiver) && is_small(cx, count)) {
        return;
    }
    // Whoever reads a field of the project, or gets a result, may multiply it.
    let compared =
        matches!(cx.tree.parent(conversion), Some(Node::Expr(at)) if matches!(cx.expr(at), Expr::Binary { .. }));
    let settled = receiver.ends_with(" takes") || compared || sets_foreign_field(cx, conversion);
    let text = cx.source(conversion);
    let edit = unit.and_then(|unit| multiplied(cx, conversion, unit));
    let message = format!("{receiver} a time.Duration, so `{text}` counts nanoseconds");
    let count = cx.source(count);
    let report = cx.report(conversion, message).note(UNIT);
    match unit {
        Some(unit) => {
            let report = report.fix(format!("Multiply by time.{unit}"), edit).needing("time");
            report.question_unless(settled);
        }
        None => {
            report.asks(format!("In which unit is `{count}`? `{text}` counts nanoseconds."));
        }
    }
}

/// Whether a value becomes that of a field of another module's struct, in a literal or by an assignment.
fn sets_foreign_field(cx: &Cx, value: ExprId) -> bool {
    let of_target = |target| match cx.expr(target) {
        Expr::Selector { base, .. } => Some(base),
        _ => None,
    };
    let holder = match cx.tree.parent(value) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, .. } => cx.only(lhs).and_then(of_target),
            _ => None,
        },
        _ => match cx.tree.ancestors(value).nth(1) {
            Some(Node::Expr(literal)) if is_of_struct(cx, literal.into()) => Some(literal),
            _ => None,
        },
    };
    let named = holder.and_then(|holder| cx.store.qualified_name(cx.deref(cx.ty(holder))));
    named.is_some_and(|(path, name)| !cx.is_own(&Object { path, recv: None, name }))
}

/// What a converted count becomes, by itself or through the local that it is assigned to, unless it is multiplied.
fn whole_receiver(cx: &Cx, conversion: ExprId) -> Option<String> {
    let mut value = conversion;
    while let Some(Node::Expr(outer)) = cx.tree.parent(value)
        && matches!(cx.expr(outer), Expr::Paren(_) | Expr::Unary { op: UnaryOp::Minus, .. })
    {
        value = outer;
    }
    let is_duration = |at: ExprId| match cx.tree.parent(at) {
        Some(Node::Expr(call)) => !matches!(cx.expr(call), Expr::Call { .. }) || takes_duration(cx, call, at),
        _ => true,
    };
    let local = match cx.tree.parent(value)? {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Define | AssignOp::Assign, .. } => Some(lhs),
            _ => None,
        },
        Node::Decl(spec) => match cx.decl(spec) {
            Decl::Value { names, .. } => Some(names),
            _ => None,
        },
        _ => None,
    };
    let Some(Def::Local(declared)) = local.and_then(|names| cx.only(names)).map(|name| cx.def(name)) else {
        return receiver(cx, value).filter(|_| is_duration(value));
    };
    let uses = || cx.names.uses(declared).filter(|&used| used != declared);
    let receives = |used| receiver(cx, used).filter(|_| is_duration(used));
    (!uses().any(|used| is_multiplied(cx, used))).then(|| uses().find_map(receives)).flatten()
}

/// Whether a call takes a duration where it gets the value.
fn takes_duration(cx: &Cx, call: ExprId, value: ExprId) -> bool {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return false };
    let Type::Signature(signature) = cx.under(fun) else { return false };
    let param = cx.tree.place(cx.exprs(args), value).and_then(|at| signature.params.get(at).copied());
    param.is_some_and(|param| cx.type_is(param, DURATION))
}

/// Whether a count without a unit in its name is one of a few, or of a type in which nobody keeps nanoseconds, and no calculation.
fn is_small(cx: &Cx, count: ExprId) -> bool {
    let count = cx.unparen(count);
    let is_int = matches!(cx.under(count), Type::Basic(Basic::Int | Basic::Int32 | Basic::Uint | Basic::Uint32));
    let is_nano = |word: &String| matches!(word.as_str(), "nano" | "nanos" | "ns" | "duration");
    let says_none = |name: ExprId| !words(cx.source(name)).iter().any(is_nano);
    match cx.expr(count) {
        Expr::Ident => is_int && says_none(count),
        Expr::Selector { name, .. } => is_int && says_none(name),
        Expr::Call { .. } => cx.call(count).is_some_and(|call| {
            let few = |&most: &ExprId| cx.int_value(most).is_some_and(|most| most < 100_000);
            call.callee.is(&["math/rand.Intn", "math/rand/v2.IntN"]) && call.args.iter().all(few)
        }),
        _ => false,
    }
}
