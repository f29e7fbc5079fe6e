//! A benchmark does not measure what its numbers say.
//!
//! Package testing runs a benchmark with growing values of `b.N`, and divides the time by the last of them. So the work has to be done
//! `b.N` times, or as long as `b.Loop()` holds (Go 1.24): a benchmark without that reports its time divided by whatever `b.N` is at last,
//! and the numbers get better with the flags. The function of `b.RunParallel` has to ask `pb.Next()` for each iteration, because its
//! goroutines share the iterations. `b.ResetTimer` in each iteration leaves only the last one, and `b.StopTimer` needs a `b.StartTimer`.
//!
//! Limits: set-up before the loop without `b.ResetTimer` is not looked at, nor are results that nobody uses. A benchmark that hands `b`
//! to another function is left alone.
//!
//! ```go bad file=sum_test.go
//! func BenchmarkSum(b *testing.B) {
//! //   ^^^^^^^^^^^^ `BenchmarkSum` does its work once, whatever `b.N` is
//! 	values := make([]int, 1000)
//! 	sum(values)
//! }
//!
//! func BenchmarkReset(b *testing.B) {
//! 	for i := 0; i < b.N; i++ {
//! 		b.ResetTimer()
//! //^^^^^^^^^^^^ `b.ResetTimer` in each iteration leaves nothing but the last one
//! 		sum(values)
//! 	}
//! }
//!
//! func BenchmarkParallel(b *testing.B) {
//! 	b.RunParallel(func(pb *testing.PB) {
//! #^^^^^^^^^^^^^ each goroutine does its work without asking `pb.Next`
//! 		for i := 0; i < b.N; i++ {
//! 			sum(values)
//! 		}
//! 	})
//! }
//! ```
//! ```go good file=sum_test.go
//! func BenchmarkSum(b *testing.B) {
//! 	for b.Loop() {
//! 		sum(values)
//! 	}
//! }
//!
//! func BenchmarkSizes(b *testing.B) {
//! 	for _, size := range sizes { // the loops are in the benchmarks inside
//! 		b.Run(size.name, func(b *testing.B) {
//! 			for i := 0; i < b.N; i++ {
//! 				sum(size.values)
//! 			}
//! 		})
//! 	}
//! }
//!
//! func BenchmarkParallel(b *testing.B) {
//! 	b.RunParallel(func(pb *testing.PB) {
//! 		for pb.Next() {
//! 			sum(values)
//! 		}
//! 	})
//! }
//!
//! func BenchmarkWithHelper(b *testing.B) {
//! 	runSum(b, 1000) // has the loop
//! }
//! ```
//!
//! # Idiom
//!
//! `for b.Loop() { … }` (Go 1.24) does the work as often as needed, does not count the time before it, and keeps the compiler
//! from removing what nobody uses.
//!
//! # Verify
//!
//! - `go test -run none -bench {test} -benchtime 10x {package}`, then with `100x`: the time of one operation must stay the same
//!
//! # References
//!
//! - [Package testing, B.Loop](https://pkg.go.dev/testing#B.Loop)
//! - [Package testing, B.RunParallel](https://pkg.go.dev/testing#B.RunParallel)
use gopeer_lint::prelude::*;

use super::support::handle;

pub static RULE: Rule = Rule {
    id: "testing/benchmark-misuse",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Correctness, 1)],
    equivalents: &["staticcheck:SA3001"],
    fix: FixKind::None,
    scope: Scope::Tests,
    hooks: &[Hook::Func(check_func), Hook::Expr(&[ExprKind::Selector], check_count), Hook::Call(TIMERS, check_timer)],
    examines: "benchmarks",
};

const TIMERS: &[&str] = &["testing.B.ResetTimer", "testing.B.StopTimer", "testing.B.RunParallel"];

/// A benchmark that repeats nothing: nothing asks `b.N` or `b.Loop`, and `b` is handed to nobody.
fn check_func(cx: &mut Cx, func: Func) {
    let Node::Decl(decl) = func.node else { return };
    let Some(name) = cx.func_name(decl).filter(|name| name.starts_with("Benchmark")) else { return };
    let Expr::FuncType { params, results, .. } = cx.expr(func.ty) else { return };
    let &[(Some(b), ty)] = &cx.params(params)[..] else { return };
    let Decl::Func { recv, name: at, .. } = cx.decl(decl) else { return };
    if !recv.is_empty() || !results.is_empty() || !cx.denotes(cx.pointee(ty), &["testing.B"]) {
        return;
    }
    cx.examined();
    let mut uses = cx.names.uses(b).filter(|&used| used != b);
    let leaves_open = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(selector)) => match cx.expr(selector) {
            Expr::Selector { base, name } if base == used => ENDS_OR_REPEATS.contains(&cx.source(name)),
            _ => true,
        },
        _ => true,
    };
    let works = cx.calls_within(func.body, true).iter().any(|&node| match node {
        Node::Expr(call) => cx.method_call(call).is_none_or(|(on, ..)| cx.def(on) != Def::Local(b)),
        _ => false,
    });
    if works && !uses.any(leaves_open) {
        cx.report(at, format!("`{name}` does its work once, whatever `b.N` is"))
            .note("the time is divided by `b.N`, so the result depends on how long the benchmark was told to run")
            .note("repeat the work: `for b.Loop() { … }`, before Go 1.24 `for i := 0; i < b.N; i++ { … }`");
    }
}

/// What a benchmark repeats its work with, or reports its own numbers, or that it measures nothing.
const ENDS_OR_REPEATS: &[&str] =
    &["Elapsed", "Loop", "N", "ReportMetric", "Run", "RunParallel", "Skip", "SkipNow", "Skipf"];

/// `b.N = 100`
fn check_count(cx: &mut Cx, selector: ExprId) {
    let Expr::Selector { base, name } = cx.expr(selector) else { return };
    if cx.source(name) != "N" || !cx.is_target(selector) || !cx.has_type(base, &["testing.B"]) {
        return;
    }
    let text = cx.source(selector);
    cx.report(selector, format!("`{text}` is set by package testing, which divides the time by its own value"))
        .note("for a fixed number of iterations use `-benchtime 100x`");
}

fn check_timer(cx: &mut Cx, call: Call) {
    let Some(b) = call.receiver.and_then(|b| handle(cx, b)) else { return };
    let name = cx.source(b);
    match call.callee.name {
        "RunParallel" => check_parallel(cx, call),
        _ if !is_in_turns(cx, call.expr, name) => {}
        "ResetTimer" if !cx.is_conditional(call.expr) => {
            cx.report(call.fun, format!("`{name}.ResetTimer` in each iteration leaves nothing but the last one"))
                .note(format!("the time starts anew, and is still divided by `{name}.N`; reset it before the loop"));
        }
        "StopTimer" if cx.once(b, start_of).is_none() => {
            cx.report(call.fun, format!("`{name}.StopTimer` is never followed by `{name}.StartTimer`"))
                .note("the iterations after the first one are not measured");
        }
        _ => {}
    }
}

/// Where the timer of a benchmark may be started.
fn start_of(cx: &Cx, b: Node) -> Option<Node> {
    let Node::Expr(b) = b else { return None };
    cx.names.uses(b).find(|&used| used != b && may_start(cx, used)).map(Node::Expr)
}

/// `b.StartTimer()`, or `b` in another function's hands.
fn may_start(cx: &Cx, b: ExprId) -> bool {
    cx.called_on(b).is_none_or(|(_, method, _)| method == "StartTimer")
        && !matches!(cx.tree.parent(b), Some(Node::Expr(selector)) if cx.source(selector).ends_with(".N"))
}

/// Whether a call is in the loop over the iterations of a benchmark: `for b.Loop()`, `for i := 0; i < b.N; i++`, `for range b.N`.
fn is_in_turns(cx: &Cx, call: ExprId, b: &str) -> bool {
    let head = match cx.enclosing_loop(call).map(|looping| cx.stmt(looping)) {
        Some(Stmt::For { cond: Some(cond), .. }) => cond,
        Some(Stmt::Range { subject, .. }) => subject,
        _ => return false,
    };
    let counts = [format!("{b}.N"), format!("{b}.Loop()")];
    cx.find_expr(head, false, |id| counts.iter().any(|count| cx.source(id) == count)).is_some()
}

/// A function that runs in parallel and never asks whether there is another iteration.
fn check_parallel(cx: &mut Cx, run: Call) {
    cx.examined();
    let Some(func) = run.args.first().and_then(|&body| cx.as_func(Node::Expr(cx.unparen(body)))) else { return };
    let Some(pb) = cx.param_at(func, 0) else { return };
    if cx.names.uses(pb).all(|used| used == pb) {
        let asked = if cx.source(pb) == "_" { "pb" } else { cx.source(pb) };
        cx.report(run.fun, format!("each goroutine does its work without asking `{asked}.Next`"))
            .note("the iterations are shared by the goroutines: repeat the work with `for pb.Next() { … }`");
    }
}
