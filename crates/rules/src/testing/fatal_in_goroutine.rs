//! A goroutine or HTTP handler of a test calls `t.Fatal` or a `require` assertion.
//!
//! `FailNow`, on which these rest, ends the goroutine it is called from, and must be called from the one that runs the test
//! (documentation of `testing.T.FailNow`). Elsewhere the test goes on: it hangs waiting for the goroutine that is gone, or
//! the handler's client gets a broken connection and reports that instead. Use `t.Error` and return, or send the error to
//! the test.
//!
//! Limits: goroutines that other functions start, and handlers that a server runs in another way, are not found.
//!
//! ```go bad file=fetch_test.go
//! func TestFetch(t *testing.T) {
//! 	done := make(chan struct{})
//! 	go func() {
//! 		defer close(done)
//! 		if err := fetch(); err != nil {
//! 			t.Fatalf("fetch: %v", err)
//! 	//^^^^^^^^ `t.Fatalf` ends this goroutine, not `TestFetch`
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
//! //^^^^^^^^^^^^^ `require.Equal` ends this goroutine, not `TestClient`
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
//! 		t.Error("reported, and the test goes on")
//! 		assert.True(t, true)
//! 		t.Run("sub", func(t *testing.T) { t.Fatal("its own goroutine") })
//! 	}()
//! 	if err := <-errs; err != nil {
//! 		t.Fatal(err)
//! 	}
//! }
//!
//! func TestHandler(t *testing.T) {
//! 	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Fatal("called by the test itself") })
//! 	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
//! }
//! ```
use gopeer_lint::prelude::*;

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
};

const SERVERS: &[&str] =
    &["net/http/httptest.NewServer", "net/http/httptest.NewTLSServer", "net/http/httptest.NewUnstartedServer"];

const GROUPS: &[&str] = &["sync.WaitGroup.Go", "golang.org/x/sync/errgroup.Group.Go"];

fn check_go(cx: &mut Cx, go: StmtId) {
    let Stmt::Go(call) = cx.stmt(go) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    check_literal(cx, fun);
}

/// `wg.Go(func() { … })`.
fn check_group(cx: &mut Cx, call: Call) {
    call.args.iter().for_each(|&literal| check_literal(cx, literal));
}

/// Handlers written into the call that starts a test server.
fn check_server(cx: &mut Cx, call: Call) {
    call.args.iter().for_each(|&arg| check_handler(cx, arg));
}

fn check_handler(cx: &mut Cx, arg: ExprId) {
    if let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(arg))
        && cx.denotes(fun, &["net/http.HandlerFunc"])
        && let Some(literal) = cx.only(args)
    {
        check_literal(cx, literal);
    }
}

fn check_literal(cx: &mut Cx, literal: ExprId) {
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
        check_fatal(cx, func, call);
    }
}

fn check_fatal(cx: &mut Cx, func: Func, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let t = match (cx.method_call(call), cx.call(call)) {
        (Some((receiver, "FailNow" | "Fatal" | "Fatalf" | "Skip" | "Skipf" | "SkipNow", _)), _) => receiver,
        (_, Some(Call { callee, args: [t, ..], .. }))
            if callee.is_of_package("github.com/stretchr/testify/require") =>
        {
            *t
        }
        _ => return,
    };
    let Some(declared) = handle(cx, t) else { return };
    if cx.span(func.node).contains(cx.span(declared)) {
        return;
    }
    cx.examined();
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    let edits = mend(cx, call);
    let report = cx
        .report(fun, format!("`{}` ends this goroutine, not `{test}`", cx.source(fun)))
        .note("report with `t.Error` and return, or hand the error to the goroutine that runs the test");
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
