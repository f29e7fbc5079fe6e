//! A goroutine or an HTTP handler of a test calls `t.Fatal` or a `require` assertion.
//!
//! These rest on `FailNow`, which ends the goroutine that calls it and must be called from the one that runs the test (package
//! `testing`, "T.FailNow"). Elsewhere the test goes on: it hangs because it waits for the goroutine that is gone, or the client
//! of the handler gets a broken connection and the test reports that instead of the cause. Use `t.Error` and return, or send
//! the error to the test.
//!
//! The finding is medium in handlers, and in goroutines that the test waits for, because the test is marked as failed all the same;
//! it is low in `RunParallel`. Not reported is a check of an error whose outcome the branch around it has decided.
//!
//! Limits: goroutines that other functions start are not found, and neither is a helper that is given `t` and fails the test.
//!
//! ```go bad file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	done := make(chan struct{})
//! 	go func() {
//! 		defer close(done)
//! 		if err := fetch(); err != nil {
//! 			t.Fatalf("fetch: %v", err)
//! 	//^^^^^^^^ medium: `t.Fatalf` ends this goroutine, not `TestFetch`
//! 		}
//! 	}()
//! 	<-done
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
use gopeer_lint::prelude::*;

use super::outcome::is_decided;
use super::support::{handle, subtest};

pub static RULE: Rule = Rule {
    id: "testing/fatal-in-goroutine",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Deadlock, 1)],
    equivalents: &["staticcheck:SA2002", "vet:testinggoroutine", "testifylint:go-require"],
    fix: FixKind::Suggested,
    scope: Scope::Tests,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check_go), Hook::Call(SERVERS, check_server), Hook::Call(GROUPS, check_group)],
    file: file!(),
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
    let severity = if is_joined(cx, go, fun) { Severity::Medium } else { Severity::High };
    check_literal(cx, fun, severity);
}

/// Whether the goroutine says when it has ended, however it ends, and the function that starts it waits: for a `sync.WaitGroup`
/// or on a channel.
fn is_joined(cx: &Cx, go: StmtId, literal: ExprId) -> bool {
    let Some(func) = cx.as_func(Node::Expr(cx.unparen(literal))) else { return false };
    !cx.within(func.body, false, says_when_it_ends).is_empty() && test_waits(cx, go)
}

fn says_when_it_ends(cx: &Cx, node: Node) -> bool {
    let Node::Stmt(stmt) = node else { return false };
    let Stmt::Defer(call) = cx.stmt(stmt) else { return false };
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    cx.is_builtin(fun, "close") || matches!(cx.method_call(call), Some((_, "Done", [])))
}

fn test_waits(cx: &Cx, node: impl Into<Node>) -> bool {
    cx.enclosing_func(node).is_some_and(|func| !cx.within(func.body, false, is_wait).is_empty())
}

fn is_wait(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. }) || matches!(cx.method_call(id), Some((_, "Wait", [])))
}

/// `wg.Go(func() { … })`.
fn check_group(cx: &mut Cx, call: Call) {
    let severity = match call.callee.name {
        "RunParallel" => Severity::Low,
        "Go" if test_waits(cx, call.expr) => Severity::Medium,
        _ => Severity::High,
    };
    call.args.iter().for_each(|&literal| check_literal(cx, literal, severity));
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
    let registered = |used: ExprId| {
        let Node::Expr(selector) = cx.tree.parent(used)? else { return None };
        let Node::Expr(call) = cx.tree.parent(selector)? else { return None };
        match cx.method_call(call)? {
            (receiver, "Handle" | "HandleFunc", &[_, handler]) if receiver == used => Some(handler),
            _ => None,
        }
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

fn check_literal(cx: &mut Cx, literal: ExprId, severity: Severity) {
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
    for call in calls {
        check_fatal(cx, func, call, severity);
    }
}

fn check_fatal(cx: &mut Cx, func: Func, call: ExprId, severity: Severity) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Some(declared) = stopped_by(cx, call) else { return };
    if cx.span(func.node).contains(cx.span(declared)) {
        return;
    }
    cx.examined();
    if is_decided(cx, call) {
        return;
    }
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    let edits = mend(cx, call);
    let report = cx
        .report(fun, format!("`{}` ends this goroutine, not `{test}`", cx.source(fun)))
        .severity(severity)
        .note(match severity {
            Severity::High => {
                "report with `t.Error` and return: if the test has returned by then, this panics and ends the whole test binary"
            }
            _ => "report with `t.Error` and return, or send the error to the goroutine that runs the test",
        })
        .one_of("calls in this file end a goroutine instead of the test");
    match edits {
        Some((edits, true)) => {
            report.fix("Report and return", edits).needing("github.com/stretchr/testify/assert");
        }
        Some((edits, false)) => {
            report.fix("Report and return", edits);
        }
        None => {}
    }
}

/// Where the handle is declared whose test a call ends: `t.Fatal`, `require.Equal(t, …)`, or a method of `require.New(t)`.
fn stopped_by(cx: &Cx, call: ExprId) -> Option<ExprId> {
    const STOPS: &[&str] = &["FailNow", "Fatal", "Fatalf", "Skip", "SkipNow", "Skipf"];
    if let Some(Call { callee, args: [t, ..], .. }) = cx.call(call)
        && callee.is_of_package("github.com/stretchr/testify/require")
    {
        return handle(cx, *t).filter(|_| callee.name != "New");
    }
    let (receiver, method, _) = cx.method_call(call)?;
    if let Some(declared) = handle(cx, receiver) {
        return STOPS.contains(&method).then_some(declared);
    }
    let Call { callee, args: &[t], .. } = cx.call(cx.initial_value(receiver)?)? else { return None };
    handle(cx, t).filter(|_| callee.is(&["github.com/stretchr/testify/require.New"]))
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
