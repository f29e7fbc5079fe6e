//! A bare number stands where a `time.Duration` is meant.
//!
//! A `time.Duration` counts nanoseconds (package `time`), so `time.Sleep(5)` does not sleep at all and a `Timeout: 30`
//! fails every request at once. The untyped constant converts without a word from the compiler. Multiply by the unit
//! that is meant. The opposite slip, multiplying a value that is a duration already, gives spans of centuries.
//!
//! A named constant that counts nanoseconds on purpose is left alone.
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
//!
//! func wait(delay time.Duration) {
//! 	<-time.After(delay * time.Second)
//! 	//           ^^^^^^^^^^^^^^^^^^^ `delay` is a time.Duration already, so `delay * time.Second` multiplies two durations
//! }
//! ```
//! ```diff fixed
//! -	ctx, cancel := context.WithTimeout(ctx, 30)
//! +	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
//! -	client := http.Client{Timeout: 10}
//! -	time.Sleep(250)
//! +	client := http.Client{Timeout: 10 * time.Second}
//! +	time.Sleep(250 * time.Millisecond)
//! -	<-time.After(delay * time.Second)
//! +	<-time.After(delay)
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
//! func elapsed(start time.Time) time.Duration { return time.Since(start) }
//!
//! func policies(start time.Time) (policy, time.Duration) {
//! 	p := newPolicy(15)
//! 	//             ^^ `newPolicy` takes a time.Duration, so `15` means 15 nanoseconds
//! 	p.wait = 20
//! 	//       ^^ `wait` is a time.Duration, so `20` means 20 nanoseconds
//! 	return p, elapsed(start) * time.Second
//! 	//        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `elapsed(start)` is a time.Duration already
//! }
//! ```
//! ```go good
//! const backoff = 2 * time.Second
//!
//! func poll(ctx context.Context, seconds time.Duration, d time.Duration) {
//! 	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
//! 	defer cancel()
//! 	client := http.Client{Timeout: 0} // no limit, said on purpose
//! 	time.Sleep(backoff)
//! 	time.Sleep(seconds * time.Second) // named as the count that it is
//! 	left := d * time.Second / time.Minute
//! 	time.Sleep(2 * d)
//! 	use(ctx, client, left)
//! }
//!
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
    equivalents: &["staticcheck:SA1004", "durationcheck"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[
        Hook::Expr(&[ExprKind::Call], check_call),
        Hook::Expr(&[ExprKind::Composite], check_literal),
        Hook::Expr(&[ExprKind::Binary], check_product),
        Hook::Stmt(&[StmtKind::Assign], check_assign),
    ],
    file: file!(),
};

/// Functions with a duration among their parameters, and its index.
const FUNCTIONS: &[(&str, usize)] = &[
    ("time.Sleep", 0),
    ("time.After", 0),
    ("time.AfterFunc", 0),
    ("time.NewTicker", 0),
    ("time.NewTimer", 0),
    ("time.Tick", 0),
    ("context.WithTimeout", 1),
    ("context.WithTimeoutCause", 1),
];

/// Methods of `database/sql.DB` whose names leave no doubt.
const METHODS: &[&str] = &["SetConnMaxLifetime", "SetConnMaxIdleTime"];

/// Struct types, what makes one of them, and their fields that are durations.
const STRUCTS: &[(&str, &str, &[&str])] = &[
    ("net/http.Client", "", &["Timeout"]),
    ("net/http.Server", "", &["ReadTimeout", "ReadHeaderTimeout", "WriteTimeout", "IdleTimeout"]),
    (
        "net/http.Transport",
        "",
        &["TLSHandshakeTimeout", "IdleConnTimeout", "ResponseHeaderTimeout", "ExpectContinueTimeout"],
    ),
    ("net.Dialer", "", &["Timeout", "KeepAlive"]),
    (
        "github.com/gocql/gocql.ClusterConfig",
        "github.com/gocql/gocql.NewCluster",
        &["Timeout", "ConnectTimeout", "WriteTimeout", "ReconnectInterval"],
    ),
    (
        "github.com/redis/go-redis/v9.Options",
        "",
        &["DialTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "ConnMaxIdleTime", "ConnMaxLifetime"],
    ),
];

fn check_call(cx: &mut Cx, call: ExprId) {
    if is_typed(cx, call) {
        return check_args(cx, call);
    }
    if let Some(Call { callee: name @ Object { recv: None, .. }, args, .. }) = cx.call(call) {
        if !matches!(name.path, "time" | "context") {
            return;
        }
        let Some((full, index)) = FUNCTIONS.iter().find(|(full, _)| name.is(&[full])) else { return };
        if let Some(&arg) = args.get(*index) {
            check_number(cx, arg, &format!("`{full}` takes"));
        }
    } else if let Some((_, method, &[arg])) = cx.method_call(call)
        && METHODS.contains(&method)
    {
        check_number(cx, arg, &format!("`{method}` takes"));
    }
}

/// Whether the type of what is called is known: then types tell which arguments are durations.
fn is_typed(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(call), Expr::Call { fun, .. } if !cx.ty(fun).is_unknown())
}

fn check_args(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if cx.is_type_expr(fun) || is_instance(cx, fun) {
        return;
    }
    for &arg in cx.exprs(args) {
        if is_bare_duration(cx, arg) {
            let name = match cx.callee(call).filter(|_| cx.is_qualified(fun)) {
                Some(name) => format!("{}.{}", name.path, name.name),
                None => {
                    cx.method_call(call).map_or_else(|| cx.source(fun).to_owned(), |(_, method, _)| method.to_owned())
                }
            };
            check_number(cx, arg, &format!("`{name}` takes"));
        }
    }
}

/// Whether a generic function is called, which need not know that its numbers are durations here.
fn is_instance(cx: &Cx, fun: ExprId) -> bool {
    let name = match cx.expr(cx.unparen(fun)) {
        Expr::Selector { name, .. } => name,
        _ => cx.unparen(fun),
    };
    cx.facts.instance(name).is_some()
}

/// A number that is written out and has become a duration. A test's configuration may be any number; what it waits for
/// is judged.
fn is_bare_duration(cx: &Cx, value: ExprId) -> bool {
    let waits = || matches!(cx.tree.parent(value), Some(Node::Expr(call)) if FUNCTIONS.iter().any(|(full, _)| cx.calls(call, &[full])));
    if cx.file.is_test() && !waits() {
        return false;
    }
    matches!(cx.expr(cx.unparen(value)), Expr::Literal(_)) && cx.type_is(cx.ty(value), &["time.Duration"])
}

fn check_literal(cx: &mut Cx, literal: ExprId) {
    let Expr::Composite { ty, elems } = cx.expr(literal) else { return };
    if let Type::Struct(_) = cx.under(literal) {
        for &elem in cx.exprs(elems) {
            if let Expr::KeyValue { key, value } = cx.expr(elem)
                && is_bare_duration(cx, value)
            {
                check_number(cx, value, &format!("`{}` is", cx.source(key)));
            }
        }
        return;
    }
    let Some(ty) = ty else { return };
    let Some((_, _, fields)) = STRUCTS.iter().find(|(full, _, _)| cx.denotes(ty, &[full])) else { return };
    for &elem in cx.exprs(elems) {
        let Expr::KeyValue { key, value } = cx.expr(elem) else { continue };
        let field = cx.source(key);
        if fields.contains(&field) {
            check_number(cx, value, &format!("`{field}` is"));
        }
    }
}

fn check_assign(cx: &mut Cx, assign: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(assign) else { return };
    let (Some(lhs), Some(rhs)) = (cx.only(lhs), cx.only(rhs)) else { return };
    let Expr::Selector { base, name } = cx.expr(lhs) else { return };
    let field = cx.source(name);
    if !cx.ty(lhs).is_unknown() {
        if is_bare_duration(cx, rhs) {
            check_number(cx, rhs, &format!("`{field}` is"));
        }
        return;
    }
    let is_of = |&&(ty, maker, fields): &&(&str, &str, &[&str])| {
        fields.contains(&field)
            && (cx.has_type(base, &[ty]) || cx.initial_value(base).is_some_and(|made| cx.calls(made, &[maker])))
    };
    if STRUCTS.iter().any(|row| is_of(&row)) {
        check_number(cx, rhs, &format!("`{field}` is"));
    }
}

fn check_number(cx: &mut Cx, value: ExprId, what: &str) {
    cx.examined();
    let Some(number) = cx.int_value(value) else { return };
    // Large literals are nanoseconds on purpose; a test may sleep for one to yield.
    if !(1..100_000).contains(&number) || (number == 1 && cx.file.is_test()) {
        return;
    }
    let text = cx.source(value);
    let message = format!("{what} a time.Duration, so `{text}` means {number} nanosecond{}", plural(number));
    let time = cx.name_for("time");
    let unit = if number < 120 { "Second" } else { "Millisecond" };
    let after_comma = cx.tree.text().get(..cx.span(value).start as usize).is_some_and(|head| head.ends_with(", "));
    let times = if after_comma { "*" } else { " * " };
    let span = cx.span(value);
    let report = cx.report(value, message).note("multiply by the unit that is meant, such as `time.Second`");
    if let Some(time) = time {
        let mended = format!("{text}{times}{time}.{unit}");
        report.fix(format!("Say {}s", unit.to_ascii_lowercase()), [(span, mended)]).needing("time");
    }
}

fn plural(number: i64) -> &'static str {
    if number == 1 { "" } else { "s" }
}

fn check_product(cx: &mut Cx, product: ExprId) {
    let Expr::Binary { op: BinaryOp::Mul, lhs, rhs } = cx.expr(product) else { return };
    let value = match (is_unit(cx, lhs), is_unit(cx, rhs)) {
        (false, true) => lhs,
        (true, false) => rhs,
        _ => return,
    };
    cx.examined();
    if !is_duration(cx, value) || is_divided(cx, product) || cx.file.is_test() {
        return;
    }
    let (name, text, span) = (cx.source(value), cx.source(product), cx.span(product));
    let message = format!("`{name}` is a time.Duration already, so `{text}` multiplies two durations");
    cx.report(product, message)
        .note("either drop the unit, or let the value be a plain count and convert it here")
        .fix("Drop the unit", [(span, name.to_owned())]);
}

fn is_unit(cx: &Cx, expr: ExprId) -> bool {
    cx.object(expr).is_some_and(|name| {
        name.path == "time"
            && matches!(name.name, "Nanosecond" | "Microsecond" | "Millisecond" | "Second" | "Minute" | "Hour")
    })
}

/// What a call gives, a parameter of the type, or a local made from a unit; `var n time.Duration = 5` is a count in
/// disguise, and so may a field be.
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
            Expr::Binary { op: BinaryOp::Mul, lhs, rhs } => is_unit(cx, lhs) || is_unit(cx, rhs),
            _ => cx.calls(first, &["time.Since"]) || cx.calls(first, &["time.Until"]),
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
