//! A bare number is used as a `time.Duration`.
//!
//! A `time.Duration` counts nanoseconds (package `time`), so `time.Sleep(5)` does not sleep at all, and a client with
//! `Timeout: 30` fails every request at once. The compiler converts the untyped constant without a warning. Multiply it by
//! the unit that you mean: `5 * time.Second`. A fix is offered where a comment beside it names the unit.
//!
//! Limits: numbers of 100,000 and more are taken for nanoseconds on purpose, and so are `time.Duration(1)` and a 1 that is not
//! waited for. Elements of slices and maps, arguments of generic
//! functions, and variables of the package are not looked at, nor are comparisons with a field. In tests, only what waits is.
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

pub static RULE: Rule = Rule {
    id: "correctness/duration-without-unit",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2), (Concern::Latency, 1)],
    equivalents: &["staticcheck:SA1004"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Literal, ExprKind::Ident], check)],
    file: file!(),
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
    let waits = WAITS.iter().any(|wait| receiver == format!("`{wait}` takes"));
    if (2..100_000).contains(&count) || count == 1 && waits && value == number && !cx.file.is_test() {
        report(cx, value, count, &receiver);
    }
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
                is(cx.source(cx.only(lhs)?)).filter(|_| !is_factor(cx, lhs))
            }
            Stmt::Return(_) => is_production.then(|| "the result is".to_owned()),
            _ => None,
        },
        Node::Decl(spec) => match cx.decl(spec) {
            Decl::Value { names, .. } => is(cx.source(cx.only(names)?)).filter(|_| is_used_whole(cx, names)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the name of what gets a value says that others are multiplied by it: `timeoutMultiplier`.
fn is_factor(cx: &Cx, target: ExprList) -> bool {
    const FACTORS: &[&str] = &["factor", "multiple", "multiplier", "ratio", "scale"];
    cx.only(target).is_some_and(|target| words(cx.source(target)).iter().any(|word| FACTORS.contains(&word.as_str())))
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

/// Whether a local is never a count that is multiplied by its unit where it is used.
fn is_used_whole(cx: &Cx, names: ExprList) -> bool {
    let Some(declaring) = cx.only(names).filter(|&name| cx.def(name) == Def::Local(name)) else { return false };
    let is_factor = |used| match cx.tree.parent(used) {
        Some(Node::Expr(parent)) => matches!(cx.expr(parent), Expr::Binary { op: BinaryOp::Mul, .. }),
        _ => false,
    };
    !cx.names.uses(declaring).any(is_factor)
}

fn report(cx: &mut Cx, value: ExprId, count: i64, receiver: &str) {
    let (text, span) = (cx.source(value), cx.span(value));
    let plural = if count == 1 { "" } else { "s" };
    let message = format!("{receiver} a time.Duration, so `{text}` means {count} nanosecond{plural}");
    let meant = cx.name_for("time").zip(unit_in_comment(cx, value, count));
    let after_comma = cx.tree.text().get(..span.start as usize).is_some_and(|head| head.ends_with(", "));
    let times = if after_comma { "*" } else { " * " };
    let report = cx.report(value, message).note("multiply it by the unit that is meant, such as `time.Second`");
    if let Some((time, unit)) = meant {
        let fixed = format!("{text}{times}{time}.{unit}");
        report.fix(format!("Multiply by time.{unit}"), [(span, fixed)]).needing("time");
    }
}

/// The unit that a comment at the number names: of `600, // 10 minutes` it is the second.
fn unit_in_comment(cx: &Cx, value: ExprId, count: i64) -> Option<&'static str> {
    /// Their lengths in milliseconds.
    const UNITS: &[(&str, i64, &[&str])] = &[
        ("Millisecond", 1, &["ms", "millis", "millisecond", "milliseconds"]),
        ("Second", 1_000, &["sec", "secs", "second", "seconds"]),
        ("Minute", 60_000, &["min", "mins", "minute", "minutes"]),
        ("Hour", 3_600_000, &["hour", "hours"]),
    ];
    let comment = cx.comments_at(value).next()?.to_ascii_lowercase();
    let words: Vec<&str> = comment.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let length = |word: &str| UNITS.iter().find(|(.., names)| names.contains(&word)).map(|&(_, length, _)| length);
    let (at, length) = words.iter().enumerate().find_map(|(at, &word)| Some((at, length(word)?)))?;
    let before = at.checked_sub(1).and_then(|at| words.get(at)?.parse::<i64>().ok());
    let whole = before.unwrap_or(count).checked_mul(length)?;
    UNITS.iter().find(|&&(_, unit, _)| count.checked_mul(unit) == Some(whole)).map(|&(unit, ..)| unit)
}
