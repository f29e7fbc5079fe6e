//! A parallel test uses what its parent has released, or changes the process that it shares with other tests.
//!
//! A subtest that calls `t.Parallel` waits until the function of its parent has returned, and deferred calls run before that. A server that
//! the parent closes with `defer`, or a context that it cancels so, is gone when such a subtest goes on. `t.Cleanup` runs after the
//! subtests ("Parallel subtests" in the documentation of package testing).
//!
//! Environment variables and the working directory belong to the process. `t.Setenv` and `t.Chdir` panic in a parallel test;
//! `os.Setenv` and `os.Chdir` do not, and change them for all tests that run at the same time.
//!
//! Limits: what the subtest uses must be a local that the deferred call releases by a method such as `Close`, by `os.RemoveAll`, or as
//! the cancel function of its context. Variables that parallel subtests write are left to `concurrency/data-race`.
//!
//! ```go bad file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	srv := httptest.NewServer(handler)
//! 	defer srv.Close()
//! 	//    ^^^^^^^^^ `srv.Close` runs before the parallel subtests that use `srv`
//! 	for _, name := range names {
//! 		t.Run(name, func(t *testing.T) {
//! 			t.Parallel()
//! 			fetch(t, srv.URL+name)
//! 		})
//! 	}
//! }
//! ```
//! ```diff fixed
//! -	defer srv.Close()
//! +	t.Cleanup(func() { srv.Close() })
//! ```
//! ```go bad file=mode_test.go
//! func TestMode(t *testing.T) {
//! 	t.Parallel()
//! 	t.Setenv("MODE", "fast")
//! #^^^^^^^^ `t.Setenv` panics in a parallel test
//! 	load(t)
//! }
//!
//! func TestHome(t *testing.T) {
//! 	t.Parallel()
//! 	os.Setenv("HOME", t.TempDir())
//! #^^^^^^^^^ medium: `os.Setenv` changes the environment of all tests that run at the same time
//! 	load(t)
//! }
//! ```
//! ```go good file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	srv := httptest.NewServer(handler)
//! 	t.Cleanup(srv.Close) // after the subtests
//! 	for _, name := range names {
//! 		t.Run(name, func(t *testing.T) {
//! 			t.Parallel()
//! 			fetch(t, srv.URL+name)
//! 		})
//! 	}
//! }
//!
//! func TestGroup(t *testing.T) {
//! 	srv := httptest.NewServer(handler)
//! 	defer srv.Close()
//! 	t.Run("group", func(t *testing.T) { // returns when its subtests have ended
//! 		for _, name := range names {
//! 			t.Run(name, func(t *testing.T) {
//! 				t.Parallel()
//! 				fetch(t, srv.URL+name)
//! 			})
//! 		}
//! 	})
//! }
//! ```
//! ```go good file=mode_test.go
//! func TestMode(t *testing.T) {
//! 	t.Setenv("MODE", "fast") // the parent is not parallel, and what it sets is undone after its subtests
//! 	t.Run("load", func(t *testing.T) {
//! 		t.Parallel()
//! 		load(t)
//! 	})
//! }
//! ```
//!
//! # Idiom
//!
//! `defer` belongs to a function, `t.Cleanup` to a test. A test lasts until its parallel subtests have ended, which is after its function
//! has returned.
//!
//! # Impact
//!
//! Each parallel subtest fails with an error of its environment, such as "connection refused" or "context canceled", though the code
//! under test is right. Where errors are expected, or the release comes late, it passes for the wrong reason. Run alone or
//! without `t.Parallel` the same subtest behaves differently.
//!
//! # Verify
//!
//! - `go test -run {test} -count 1 -v {package}`: `PAUSE` of each subtest comes before the parent's deferred calls, `CONT` after them
//! - `go test -race -shuffle on -count 5 {package}`: shows tests that depend on what another one sets
//!
//! # Options
//!
//! - Use `t.Cleanup` instead of `defer`: it runs after all subtests, parallel ones included
//!   - senior, backend, cloud-native: `defer` becomes `t.Cleanup`, and nothing moves
//! - Put the subtests into a group, `t.Run("group", …)`: the call returns when they have ended, and `defer` stays right
//!   - data: where the order of several releases matters
//! - Leave out `t.Parallel`: the tests are slower, and may share the process
//!   - throughput: for what changes the environment
//!
//! # References
//!
//! - [Package testing, T.Parallel](https://pkg.go.dev/testing#T.Parallel)
//! - [Package testing, T.Run](https://pkg.go.dev/testing#T.Run)
use gopeer_lint::prelude::*;

use super::support::{handle, handle_param, subtest};

pub static RULE: Rule = Rule {
    id: "testing/parallel-misuse",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Correctness, 1)],
    equivalents: &["tparallel", "testifylint:suite-broken-parallel"],
    fix: FixKind::Suggested,
    scope: Scope::Tests,
    hooks: &[Hook::Func(check_func), Hook::Call(PROCESS, check_process)],
    examines: "deferred calls and changes of the process in tests",
};

/// What changes the process.
const PROCESS: &[&str] = &["os.Chdir", "os.Setenv", "os.Unsetenv", "testing.T.Chdir", "testing.T.Setenv"];

/// Methods after which a thing is of no use.
const RELEASES: &[&str] =
    &["Close", "Disconnect", "Kill", "Purge", "Rollback", "Shutdown", "Stop", "Teardown", "TearDown", "Terminate"];

/// A deferred call that releases a local: the call, what it calls, and the identifier that declares the local.
struct Released {
    call: ExprId,
    fun: ExprId,
    local: ExprId,
}

fn check_func(cx: &mut Cx, func: Func) {
    const MOST: usize = 32;
    let Some(t) = handle_param(cx, func) else { return };
    let calls = cx.calls_within(func.body, false);
    let subtests = calls.iter().filter_map(|&node| {
        let Node::Expr(run) = node else { return None };
        let (receiver, ..) = cx.method_call(run)?;
        let sub = subtest(cx, run).filter(|_| handle(cx, receiver) == Some(t))?;
        Some((sub, parallel(cx, sub)?))
    });
    let subtests: Vec<(Func, ExprId)> = subtests.take(MOST).collect();
    if subtests.is_empty() {
        return;
    }
    for &defer in cx.defers(func.body).iter() {
        if let Node::Stmt(defer) = defer
            && cx.enclosing_func(defer).is_some_and(|around| around.node == func.node)
        {
            check_defer(cx, (func, t), &subtests, defer);
        }
    }
}

fn check_defer(cx: &mut Cx, (func, t): (Func, ExprId), subtests: &[(Func, ExprId)], defer: StmtId) {
    cx.examined();
    let found = cx.calls_within(defer, true).iter().find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        let released = released(cx, call)?;
        let used =
            subtests.iter().find_map(|&(sub, parallel)| Some((parallel, used_after(cx, &released, sub, parallel)?)))?;
        Some((released, used))
    });
    let Some((Released { call, fun, local }, (parallel, used))) = found else { return };
    let (around, name, text) = (cx.func_in_words_of(func), cx.source(local), cx.source(fun));
    let steps = [
        (cx.span(call), format!("runs when {around} returns")),
        (cx.span(parallel), format!("waits here until {around} has returned")),
        (cx.span(used), format!("`{name}` is used after that")),
    ];
    // A literal is cleaned up as it is.
    let Stmt::Defer(deferred) = cx.stmt(defer) else { return };
    let handle = cx.source(t);
    let mended = match cx.expr(deferred) {
        Expr::Call { fun, .. } if cx.as_func(Node::Expr(fun)).is_some() => {
            format!("{handle}.Cleanup({})", cx.source(fun))
        }
        _ => format!("{handle}.Cleanup(func() {{ {} }})", cx.source(deferred)),
    };
    let edit = (cx.span(defer), mended);
    let report = cx
        .report(fun, format!("`{text}` runs before the parallel subtests that use `{name}`"))
        .steps(steps)
        .note("a parallel subtest goes on when the function around it has returned, and so after its deferred calls");
    if handle != "_" {
        report.suggest(format!("Use `{handle}.Cleanup`"), [edit]);
    }
}

/// The local that a call releases: `srv.Close()`, `os.RemoveAll(dir)`, or the context of `cancel()`.
fn released(cx: &Cx, call: ExprId) -> Option<Released> {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return None };
    let declared = |local: ExprId| match cx.def(cx.unparen(local)) {
        Def::Local(declared) => Some(declared),
        _ => None,
    };
    let local = match (cx.method_call(call), cx.exprs(args)) {
        (Some((receiver, method, _)), _) => declared(receiver).filter(|_| RELEASES.contains(&method)),
        (None, &[dir]) if cx.calls(call, &["os.Remove", "os.RemoveAll"]) => declared(dir),
        (None, []) => canceled(cx, declared(fun)?),
        _ => None,
    };
    Some(Released { call, fun, local: local? })
}

/// The context that comes with a cancel function: `ctx` in `ctx, cancel := context.WithCancel(…)`.
fn canceled(cx: &Cx, cancel: ExprId) -> Option<ExprId> {
    const MAKES: &[&str] = &["context.WithCancel", "context.WithDeadline", "context.WithTimeout"];
    let Node::Stmt(stmt) = cx.tree.parent(cancel)? else { return None };
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
    let &[context, second] = cx.exprs(lhs) else { return None };
    let makes = second == cancel && cx.only(rhs).is_some_and(|call| cx.calls(call, MAKES));
    match cx.def(context) {
        Def::Local(declared) if makes => Some(declared),
        _ => None,
    }
}

/// The call of `t.Parallel` that a test makes in any case.
fn parallel(cx: &Cx, func: Func) -> Option<ExprId> {
    let t = handle_param(cx, func)?;
    cx.calls_within(func.body, false).iter().find_map(|&node| match node {
        Node::Expr(call) => {
            let (receiver, "Parallel", []) = cx.method_call(call)? else { return None };
            (handle(cx, receiver) == Some(t) && !cx.is_conditional(call)).then_some(call)
        }
        _ => None,
    })
}

/// Where a subtest uses what is released, after it has called `t.Parallel`. The name of a closed file is still its name.
fn used_after(cx: &Cx, released: &Released, sub: Func, parallel: ExprId) -> Option<ExprId> {
    let (body, start) = (cx.span(sub.body), cx.span(parallel).end);
    let asks_name = |used| matches!(cx.called_on(used), Some((_, "Name" | "String", [])));
    cx.names.uses(released.local).find(|&used| {
        let at = cx.span(used);
        body.contains(at) && at.start > start && !asks_name(used) && !cx.is_target(used)
    })
}

fn check_process(cx: &mut Cx, call: Call) {
    cx.examined();
    let functions = cx.tree.ancestors(call.expr).filter_map(|node| cx.as_func(node)).filter(|&func| !cx.is_long(func));
    let Some(parallel) = { functions }.find_map(|func| parallel(cx, func)) else { return };
    let name = cx.source(call.fun);
    let step = |text: &str| {
        [(cx.span(parallel), text.to_owned()), (cx.span(call.fun), "this changes the whole process".into())]
    };
    if call.callee.recv.is_some() {
        let steps = step("makes the test parallel");
        cx.report(call.fun, format!("`{name}` panics in a parallel test"))
            .steps(steps)
            .note("pass the value to the code under test, or leave out `t.Parallel` here and in the tests around");
        return;
    }
    if cx.enclosing_defer(call.expr).is_some() {
        return;
    }
    let (steps, cause) =
        (step("runs at the same time as other tests"), format!("{} {}", cx.file.name, cx.span(parallel).start));
    let (what, undone) = match call.callee.name {
        "Chdir" => ("working directory", "use `t.Chdir`, which undoes it"),
        "Setenv" => ("environment", "use `t.Setenv`, which undoes it"),
        _ => ("environment", "undo it in `t.Cleanup`"),
    };
    cx.report(call.fun, format!("`{name}` changes the {what} of all tests that run at the same time"))
        .severity(Severity::Medium)
        .steps(steps)
        .note(format!("they become flaky: leave out `t.Parallel`, and {undone}"))
        .one_cause(cause);
}
