//! A function is called for its result, which is thrown away.
//!
//! Strings and times cannot be changed in place: `strings.TrimSpace(s)` and `t.Add(d)` return a new value and leave the old one
//! as it was. Called on its own, such a function does nothing, and the code goes on with the old value.
//! `slices.Delete(s, i, j)` does change the elements, but only its result has the new length. Assign the result.
//!
//! Limits: the functions that do nothing else, or whose result must be used, are known for the standard library and for popular
//! modules. Functions of the program, and calls in `go` and `defer` statements, are not looked at.
//!
//! ```go bad
//! func clean(name string, req *http.Request, ctx context.Context) (string, *http.Request) {
//! 	strings.TrimSpace(name)
//! #^^^^^^^^^^^^^^^^^ `strings.TrimSpace` only returns its result, which is thrown away here
//! 	req.WithContext(ctx)
//! #^^^^^^^^^^^^^^^ `req.WithContext` only returns its result, which is thrown away here
//! 	return name, req
//! }
//! ```
//! ```diff fixed
//! -	strings.TrimSpace(name)
//! -	req.WithContext(ctx)
//! +	name = strings.TrimSpace(name)
//! +	req = req.WithContext(ctx)
//! ```
//! ```go bad
//! func page(ids []int) {
//! 	sort.Reverse(sort.IntSlice(ids))
//! #^^^^^^^^^^^^ `sort.Reverse` only returns its result
//! 	slices.Delete(ids, 0, 1)
//! #^^^^^^^^^^^^^ the result of `slices.Delete` is thrown away
//! }
//! ```
//! ```go bad
//! type order struct{ due time.Time }
//!
//! func (o *order) extend(days int) {
//! 	o.due.AddDate(0, 0, days)
//! #^^^^^^^^^^^^^ `o.due.AddDate` only returns its result, which is thrown away here
//! }
//! ```
//! ```go good
//! func clean(name string) string {
//! 	_ = strings.ToUpper(name) // thrown away on purpose
//! 	return strings.TrimSpace(name)
//! }
//! ```
//! ```go good
//! func add(set Set, name string) {
//! 	set.Add(name) // not the method of time.Time
//! }
//! ```
//! ```go good
//! func once(done *int32) {
//! 	atomic.CompareAndSwapInt32(done, 0, 1) // called for what it does
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/unused-result",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["staticcheck:SA4017", "staticcheck:SA4010", "vet:unusedresult"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    examines: "results of calls",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(expr) = cx.stmt(stmt) else { return };
    let Some(call) = cx.call(expr) else { return };
    let Some(known) = cx.known(&call.callee) else { return };
    let name = cx.source(call.fun);
    let message = if known.facts.has(CallFacts::PURE) {
        format!("`{name}` only returns its result, which is thrown away here")
    } else if known.facts.has(CallFacts::MUST_CHECK) && cx.results(expr).is_some_and(|results| !results.is_empty()) {
        // Errors are those of errors/unchecked, and limiters those of resilience/rate-limiter-misuse.
        if cx.returns_error(expr) || call.callee.path == "golang.org/x/time/rate" {
            return;
        }
        format!("the result of `{name}` is thrown away")
    } else {
        return;
    };
    cx.examined();
    let start = cx.span(expr).start;
    let variable = updated(cx, &call).filter(|&old| is_read_later(cx, old)).map(|old| cx.source(old));
    let report = cx.report(call.fun, message);
    if let Some(variable) = variable {
        report.fix(format!("Assign the result to {variable}"), [(Span::new(start, start), format!("{variable} = "))]);
    }
}

/// Whether an expression is a local that is mentioned again later, so that a new value would be read.
fn is_read_later(cx: &Cx, old: ExprId) -> bool {
    let Def::Local(declared) = cx.def(old) else { return false };
    let comes_again = |around: StmtId| !cx.span(around).contains(cx.span(declared));
    let later = |used: ExprId| cx.span(used).start > cx.span(old).start;
    cx.enclosing_loop(old).is_some_and(comes_again) || cx.names.uses(declared).take(256).any(later)
}

/// The argument, or the receiver, that the result is a new version of.
fn updated(cx: &Cx, call: &Call) -> Option<ExprId> {
    const METHODS: &[&str] = &[
        "net/http.Request.WithContext",
        "time.Time.Add",
        "time.Time.AddDate",
        "time.Time.In",
        "time.Time.Local",
        "time.Time.Round",
        "time.Time.Truncate",
        "time.Time.UTC",
    ];
    let first = call.args.first().copied();
    match (call.callee.path, call.callee.name) {
        _ if call.callee.is(METHODS) => cx.method_call(call.expr).map(|(receiver, _, _)| receiver),
        ("strings" | "bytes", n) if n.starts_with("Trim") || n.starts_with("Replace") || n.starts_with("To") => first,
        ("slices", "Clip" | "Compact" | "CompactFunc" | "Delete" | "DeleteFunc" | "Grow" | "Insert" | "Replace") => {
            first
        }
        ("path" | "path/filepath", "Clean") | ("context", "WithValue") => first,
        _ => None,
    }
}
