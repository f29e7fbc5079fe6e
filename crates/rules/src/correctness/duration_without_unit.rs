//! A bare number stands where a `time.Duration` is meant.
//!
//! A `time.Duration` counts nanoseconds (package `time`), so `time.Sleep(5)` does not sleep at all and a `Timeout: 30`
//! fails every request at once. The untyped constant converts without a word from the compiler. Multiply by the unit
//! that is meant.
//!
//! Limits: a number of 100,000 or more is taken for nanoseconds on purpose, and so is a named constant. In tests only what
//! is waited for is judged.
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
//! ```diff fixed
//! -	ctx, cancel := context.WithTimeout(ctx, 30)
//! +	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
//! -	client := http.Client{Timeout: 10}
//! -	time.Sleep(250)
//! +	client := http.Client{Timeout: 10 * time.Second}
//! +	time.Sleep(250 * time.Millisecond)
//! ```
//! ```go bad
//! package retry
//!
//! import "time"
//!
//! type policy struct{ wait time.Duration }
//!
//! func newPolicy(wait time.Duration) policy { return policy{wait: wait} }
//!
//! func policies() policy {
//! 	p := newPolicy(15)
//! 	//             ^^ `newPolicy` takes a time.Duration, so `15` means 15 nanoseconds
//! 	p.wait = 20
//! 	//       ^^ `wait` is a time.Duration, so `20` means 20 nanoseconds
//! 	return p
//! }
//! ```
//! ```go good
//! const backoff = 2 * time.Second
//!
//! func poll(ctx context.Context, d time.Duration) {
//! 	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
//! 	defer cancel()
//! 	client := http.Client{Timeout: 0} // no limit, said on purpose
//! 	time.Sleep(backoff)               // has its unit where it is declared
//! 	time.Sleep(2 * d)                 // a multiple of a duration
//! 	use(ctx, client)
//! }
//! ```
//! ```go good
//! type limits struct {
//! 	ping   time.Duration
//! 	frames int
//! }
//!
//! func atLeast[T ~int | ~int64](v *T, least T) { *v = max(*v, least) }
//!
//! func (l *limits) fill() {
//! 	atLeast(&l.ping, 1) // takes numbers of any sort
//! 	atLeast(&l.frames, 1)
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/duration-without-unit",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2), (Concern::Latency, 1)],
    equivalents: &["staticcheck:SA1004"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Literal], check)],
    file: file!(),
};

/// What waits for as long as it is told to.
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

fn check(cx: &mut Cx, literal: ExprId) {
    if cx.expr(literal) != Expr::Literal(LiteralKind::Int) || !cx.type_is(cx.ty(literal), &["time.Duration"]) {
        return;
    }
    let Some(receiver) = receiver(cx, literal) else { return };
    cx.examined();
    let Some(number) = cx.int_value(literal) else { return };
    // Large literals are nanoseconds on purpose; a test may sleep for one to yield.
    if (1..100_000).contains(&number) && !(number == 1 && cx.file.is_test()) {
        report(cx, literal, number, &receiver);
    }
}

/// What a duration is given to: a parameter, a field in a literal, or a field that is assigned to.
fn receiver(cx: &Cx, literal: ExprId) -> Option<String> {
    match cx.tree.parent(literal)? {
        Node::Expr(parent) => match cx.expr(parent) {
            Expr::Call { fun, .. } if takes_durations(cx, parent, fun) => {
                Some(format!("`{}` takes", callee(cx, parent, fun)))
            }
            Expr::KeyValue { key, .. } if !cx.file.is_test() && is_of_struct(cx, parent) => {
                Some(format!("`{}` is", cx.source(key)))
            }
            _ => None,
        },
        Node::Stmt(stmt) => {
            let Stmt::Assign { lhs, op: AssignOp::Assign, .. } = cx.stmt(stmt) else { return None };
            let Expr::Selector { name, .. } = cx.expr(cx.only(lhs)?) else { return None };
            (!cx.file.is_test()).then(|| format!("`{}` is", cx.source(name)))
        }
        _ => None,
    }
}

/// Whether a number that is passed here is a duration by its parameter: not in a conversion, and not where a generic
/// function takes numbers of any sort. Tests may configure what they like; what they wait for is judged.
fn takes_durations(cx: &Cx, call: ExprId, fun: ExprId) -> bool {
    let name = match cx.expr(cx.unparen(fun)) {
        Expr::Selector { name, .. } => name,
        _ => cx.unparen(fun),
    };
    !cx.is_type_expr(fun) && cx.facts.instance(name).is_none() && (!cx.file.is_test() || cx.calls(call, WAITS))
}

fn callee(cx: &Cx, call: ExprId, fun: ExprId) -> String {
    match cx.callee(call).filter(|_| cx.is_qualified(fun)) {
        Some(name) => format!("{}.{}", name.path, name.name),
        None => cx.method_call(call).map_or_else(|| cx.source(fun), |(_, method, _)| method).to_owned(),
    }
}

fn is_of_struct(cx: &Cx, element: ExprId) -> bool {
    matches!(cx.tree.parent(element), Some(Node::Expr(literal)) if matches!(cx.under(literal), Type::Struct(_)))
}

fn report(cx: &mut Cx, literal: ExprId, number: i64, receiver: &str) {
    let (text, span) = (cx.source(literal), cx.span(literal));
    let plural = if number == 1 { "" } else { "s" };
    let message = format!("{receiver} a time.Duration, so `{text}` means {number} nanosecond{plural}");
    let time = cx.name_for("time");
    let unit = if number < 120 { "Second" } else { "Millisecond" };
    let after_comma = cx.tree.text().get(..span.start as usize).is_some_and(|head| head.ends_with(", "));
    let times = if after_comma { "*" } else { " * " };
    let report = cx.report(literal, message).note("multiply by the unit that is meant, such as `time.Second`");
    if let Some(time) = time {
        let mended = format!("{text}{times}{time}.{unit}");
        report.fix(format!("Say {}s", unit.to_ascii_lowercase()), [(span, mended)]).needing("time");
    }
}
