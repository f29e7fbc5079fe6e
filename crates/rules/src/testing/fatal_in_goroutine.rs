//! A goroutine or an HTTP handler of a test calls `t.Fatal` or a `require` assertion.
//!
//! These rest on `FailNow`, which ends the goroutine that calls it and must be called from the one that runs the test (package
//! `testing`, "T.FailNow"). Elsewhere the test goes on: it hangs because it waits for the goroutine that is gone, or the client
//! of the handler gets a broken connection and the test reports that instead of the cause. Use `t.Error` and return, or send
//! the error to the test.
//!
//! Where the goroutine goes on to say that it is done (`wg.Done()`, `close(done)`, a send), the test hangs, unless it waits in a
//! `select` with other cases, or the channel is closed by what is deferred. The finding is low where nothing follows but what is deferred, and in `RunParallel`. Several calls in one goroutine are one finding. Not reported is a check of an error
//! whose outcome the branch around it has decided.
//!
//! Limits: goroutines that other functions start are not found, and neither is a helper that is given `t` and fails the test.
//!
//! ```go bad file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	done := make(chan struct{})
//! 	go func() {
//! 		if err := fetch(); err != nil {
//! 			t.Fatalf("fetch: %v", err)
//! 	//^^^^^^^^ `t.Fatalf` ends this goroutine, not `TestFetch`
//! 		}
//! 		close(done)
//! 	}()
//! 	<-done
//! }
//! ```
//! ```go bad file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	go func() {
//! 		if err := fetch(); err != nil {
//! 			t.Fatalf("fetch: %v", err)
//! 	//^^^^^^^^ medium: `t.Fatalf` ends this goroutine, not `TestFetch`
//! 		}
//! 		t.Log("fetched")
//! 	}()
//! }
//! ```
//! ```diff fixed
//! -			t.Fatalf("fetch: %v", err)
//! +			t.Errorf("fetch: %v", err)
//! +			return
//! ```
//! ```go bad file=fetch_test.go
//! func TestClient(t *testing.T) {
//! 	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		require.Equal(t, "GET", r.Method)
//! //^^^^^^^^^^^^^ medium: `require.Equal` ends this goroutine, not `TestClient`
//! 		w.WriteHeader(http.StatusNoContent)
//! 	}))
//! 	defer srv.Close()
//! 	get(srv.URL)
//! }
//! ```
//! ```diff fixed
//! -		require.Equal(t, "GET", r.Method)
//! +		if !assert.Equal(t, "GET", r.Method) {
//! +			return
//! +		}
//! ```
//! ```go good file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	errs := make(chan error, 1)
//! 	go func() {
//! 		errs <- fetch()
//! 		t.Error("late") // reports, and ends nothing
//! 	}()
//! 	if err := <-errs; err != nil {
//! 		t.Fatal(err)
//! 	}
//! }
//! ```
//! ```go good file=fetch_test.go
//! func TestHandler(t *testing.T) {
//! 	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		t.Fatal("unexpected") // the test itself calls the handler
//! 	})
//! 	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
//! }
//! ```
//!
//! # Idiom
//!
//! `t.Fatal` works by ending the goroutine that calls it, so only the goroutine of the test may call it. Others call `t.Error` and return.
//!
//! # Impact
//!
//! The test goes on without this goroutine. It may fail with an error that hides the cause, or hang until the time
//! limit of `go test`, ten minutes by default, which ends the whole package without the results of its other tests.
//!
//! # Verify
//!
//! - `go vet -testinggoroutine {package}`: reports `t.Fatal` in goroutines that it can see
//! - `go test -run {test} -timeout 20s {package}`: make the check fail on purpose; the test has to end at once and name
//!   it
//!
//! # Options
//!
//! - Use `t.Error` and return: a local change, and the test runs to its end
//!   - senior, throughput, cloud-native: one line
//! - Send the error to the test and fail there: the test stops at the first failure, but needs a channel or an errgroup
//!   - backend, data: the assertion is in the goroutine that may end the test
//!
//! # References
//!
//! - [Package testing, T](https://pkg.go.dev/testing#T)
use gopeer_lint::prelude::*;

use super::hangs::Skipped;
use super::outcome::{is_decided, statement, stopped_by};
use super::support::subtest;

pub static RULE: Rule = Rule {
    id: "testing/fatal-in-goroutine",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Deadlock, 1)],
    equivalents: &["staticcheck:SA2002", "vet:testinggoroutine", "testifylint:go-require"],
    fix: FixKind::Suggested,
    scope: Scope::Tests,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check_go), Hook::Call(SERVERS, check_server), Hook::Call(GROUPS, check_group)],
    examines: "calls of t.Fatal and the like",
};

const SERVERS: &[&str] =
    &["net/http/httptest.NewServer", "net/http/httptest.NewTLSServer", "net/http/httptest.NewUnstartedServer"];

/// What runs a function that it is given in another goroutine.
const GROUPS: &[&str] =
    &["sync.WaitGroup.Go", "golang.org/x/sync/errgroup.Group.Go", "testing.B.RunParallel", "time.AfterFunc"];

fn check_go(cx: &mut Cx, go: StmtId) {
    let Stmt::Go(call) = cx.stmt(go) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    check_literal(cx, fun, Severity::High);
}

/// `wg.Go(func() { … })`.
fn check_group(cx: &mut Cx, call: Call) {
    let worst = if call.callee.name == "RunParallel" { Severity::Low } else { Severity::High };
    call.args.iter().for_each(|&literal| check_literal(cx, literal, worst));
}

/// Handlers that a test server is started with: written into the call, kept in a local, or registered with a mux before.
fn check_server(cx: &mut Cx, call: Call) {
    for &arg in call.args {
        let handler = cx.initial_value(arg).unwrap_or(arg);
        if cx.calls(handler, &["net/http.NewServeMux"]) {
            handlers_of(cx, arg).into_iter().for_each(|handler| check_handler(cx, handler));
        } else {
            check_handler(cx, handler);
        }
    }
}

/// What is registered with a mux that a local keeps.
fn handlers_of(cx: &Cx, mux: ExprId) -> Vec<ExprId> {
    let Def::Local(declared) = cx.def(mux) else { return Vec::new() };
    let registered = |used: ExprId| match cx.called_on(used)? {
        (_, "Handle" | "HandleFunc", &[_, handler]) => Some(handler),
        _ => None,
    };
    cx.names.uses(declared).filter_map(registered).collect()
}

/// A function literal, or `http.HandlerFunc` of one.
fn check_handler(cx: &mut Cx, handler: ExprId) {
    match cx.expr(cx.unparen(handler)) {
        Expr::Call { fun, args, .. } if cx.denotes(fun, &["net/http.HandlerFunc"]) => {
            cx.only(args).into_iter().for_each(|literal| check_literal(cx, literal, Severity::Medium));
        }
        _ => check_literal(cx, handler, Severity::Medium),
    }
}

/// Looks at a function that runs in another goroutine; what ends it is one finding, at the call that does most harm.
fn check_literal(cx: &mut Cx, literal: ExprId, worst: Severity) {
    let Some(func) = cx.as_func(Node::Expr(cx.unparen(literal))) else { return };
    let mut calls = Vec::new();
    cx.tree.walk(func.body, &mut |node| match node {
        Node::Expr(id) => {
            calls.push(id);
            subtest(cx, id).is_none()
        }
        // A goroutine inside is looked at by itself.
        Node::Stmt(id) => !matches!(cx.stmt(id), Stmt::Go(_)),
        _ => true,
    });
    calls.retain(|&call| stops_test_around(cx, func, call));
    calls.iter().for_each(|_| cx.examined());
    calls.retain(|&call| !is_decided(cx, call));
    let skipped = Skipped::of(cx, func);
    let harm = |&call: &ExprId| match call {
        call if skipped.hangs(cx, call) => Severity::High,
        call if is_last(cx, call) => Severity::Low,
        _ => Severity::Medium,
    };
    let graded: Vec<(ExprId, Severity)> = calls.iter().map(|call| (*call, harm(call).min(worst))).collect();
    // The first of those that do most harm.
    let Some(&(call, severity)) = graded.iter().rev().max_by_key(|(_, severity)| *severity) else { return };
    report(cx, call, severity, &calls);
}

fn stops_test_around(cx: &Cx, func: Func, call: ExprId) -> bool {
    stopped_by(cx, call).is_some_and(|declared| !cx.span(func.node).contains(cx.span(declared)))
}

/// Whether nothing follows the call in its function but what is deferred: `t.Error` would do the same.
fn is_last(cx: &Cx, call: ExprId) -> bool {
    let is_return = |&stmt: &StmtId| match cx.stmt(stmt) {
        Stmt::Return(results) => cx.exprs(results).iter().all(|&result| cx.is_pure(result)),
        _ => false,
    };
    let Some(mut stmt) = statement(cx, call) else { return false };
    loop {
        let rest = cx.stmts_after(stmt);
        // A return at the end of a branch skips what follows the branch.
        if !rest.is_empty() {
            return rest.iter().all(is_return);
        }
        let outer = cx.tree.ancestors(stmt).find(|&node| match node {
            Node::Stmt(outer) => cx.place_in_list(outer).is_some() || cx.is_loop(node),
            other => cx.as_func(other).is_some(),
        });
        match outer {
            Some(node) if cx.is_loop(node) => return false,
            Some(Node::Stmt(outer)) => stmt = outer,
            _ => return true,
        }
    }
}

/// Reports the call that does most harm; the fix is for all calls of the goroutine.
fn report(cx: &mut Cx, call: ExprId, severity: Severity, all: &[ExprId]) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    let edits: Option<Vec<_>> = all.iter().map(|&call| mend(cx, call)).collect();
    let others: Vec<Span> = all.iter().filter(|&&other| other != call).map(|&other| cx.span(other)).collect();
    let mut report = cx
        .report(fun, format!("`{}` ends this goroutine, not `{test}`", cx.source(fun)))
        .severity(severity.min(Severity::Medium))
        .note(match severity {
            Severity::High => {
                "the goroutine then does not say that it is done, and who waits for that hangs: defer it, or report with `t.Error`"
            }
            _ => "report with `t.Error` and return, or send the error to the goroutine that runs the test",
        })
        .one_of("calls in this file end a goroutine instead of the test");
    for other in others {
        report = report.note_at(other, "this call ends it as well");
    }
    // To return would not say that it is done either.
    let Some(edits) = edits.filter(|_| severity < Severity::High) else { return };
    let needs_assert = edits.iter().any(|(_, asserts)| *asserts);
    let report = report.fix("Report and return", edits.into_iter().flat_map(|(edits, _)| edits));
    if needs_assert {
        report.needing("github.com/stretchr/testify/assert");
    }
}

/// The edits that report and return instead, in a function without results; and whether they use testify's `assert`.
fn mend(cx: &Cx, call: ExprId) -> Option<(Vec<(Span, String)>, bool)> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Expr::FuncType { results, .. } = cx.expr(cx.enclosing_func(call)?.ty) else { return None };
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    let Expr::Selector { base, name } = cx.expr(fun) else { return None };
    if !results.is_empty() || cx.place_in_list(stmt).is_none() {
        return None;
    }
    let (indent, end) = (cx.indent(stmt), Span::new(cx.span(stmt).end, cx.span(stmt).end));
    if cx.is_qualified(fun) {
        let assert = cx.name_for("github.com/stretchr/testify/assert")?;
        let edits = vec![(cx.span(base), format!("if !{assert}")), (end, format!(" {{\n{indent}\treturn\n{indent}}}"))];
        return Some((edits, true));
    }
    let soft = match cx.source(name) {
        "Fatal" => "Error",
        "Fatalf" => "Errorf",
        "FailNow" => "Fail",
        _ => return None,
    };
    Some((vec![(cx.span(name), soft.to_owned()), (end, format!("\n{indent}return"))], false))
}
