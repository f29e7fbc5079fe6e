//! A test does by hand what package `testing` does for it.
//!
//! An environment variable, working directory or temporary directory that a test leaves behind changes the tests after it.
//! `t.Setenv`, `t.TempDir` and `t.Chdir` (Go 1.24) undo themselves when the test ends and fail it when they cannot do their
//! work; `t.Setenv` and `t.Chdir` also refuse to run in parallel tests, where a change to the process is a race. A helper that
//! calls `t.Helper()` lets failures be reported at the line that called it; of several such helpers in a file the first is reported,
//! with the places of the others.
//!
//! Limits: helpers are functions that take a test handle and something else, or that return something; a function that runs
//! subtests, or whose name begins with `test` or `run`, is the body of a test. Methods of suites, and contexts that `t.Context`
//! could give (Go 1.24), are not looked at.
//!
//! ```go bad file=config_test.go
//! func TestConfig(t *testing.T) {
//! 	os.Setenv("MODE", "fast")
//! #^^^^^^^^^ `os.Setenv` has to be undone by hand
//! 	dir, err := os.MkdirTemp("", "config")
//! 	//          ^^^^^^^^^^^^ `os.MkdirTemp` has to be undone by hand
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	defer os.RemoveAll(dir)
//! 	if err := os.Chdir(dir); err != nil {
//! 	//        ^^^^^^^^ `os.Chdir` has to be undone by hand
//! 		t.Fatal(err)
//! 	}
//! 	check(t, dir)
//! }
//! ```
//! ```diff fixed
//! -	os.Setenv("MODE", "fast")
//! -	dir, err := os.MkdirTemp("", "config")
//! -	if err != nil {
//! -		t.Fatal(err)
//! -	}
//! -	defer os.RemoveAll(dir)
//! -	if err := os.Chdir(dir); err != nil {
//! -		t.Fatal(err)
//! -	}
//! +	t.Setenv("MODE", "fast")
//! +	dir := t.TempDir()
//! +	t.Chdir(dir)
//! ```
//! ```go bad file=config_test.go
//! func mustLoad(t *testing.T, path string) *Config {
//! //   ^^^^^^^^ `mustLoad` reports failures at its own lines
//! 	c, err := load(path)
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	return c
//! }
//! ```
//! ```diff fixed
//! +	t.Helper()
//! ```
//! ```go good file=config_test.go
//! func TestMain(m *testing.M) {
//! 	os.Setenv("MODE", "fast") // for all tests of the package
//! 	os.Exit(m.Run())
//! }
//! ```
//! ```go good file=config_test.go
//! func TestSocket(t *testing.T) {
//! 	// Not t.TempDir: the path of a socket has to be short.
//! 	dir, err := os.MkdirTemp("", "s") // the comment gives the reason
//! 	listen(t, dir, err)
//! }
//! ```
//! ```go good file=config_test.go
//! func mustLoad(t *testing.T, path string) *Config {
//! 	t.Helper() // failures are reported where it is called
//! 	c, err := load(path)
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	return c
//! }
//! ```
//!
//! # Idiom
//!
//! `t.Cleanup`, `t.Setenv` and `t.TempDir` undo what they did when the test ends, and `t.Helper` lets failures be reported at the caller's
//! line.
//!
//! # Verify
//!
//! - `go test -shuffle on -count 5 {package}`: in another order, what one test leaves behind can break another
//!
//! # References
//!
//! - [Package testing, T.Setenv](https://pkg.go.dev/testing#T.Setenv)
use gopeer_lint::prelude::*;

use super::support::{handle, handle_param, test_name};

pub static RULE: Rule = Rule {
    id: "testing/lifecycle-helpers",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Modern, 1)],
    equivalents: &["thelper", "usetesting", "modernize:testingcontext"],
    fix: FixKind::Safe,
    scope: Scope::Tests,
    hooks: &[Hook::Call(SET_UPS, check_call), Hook::Decl(&[DeclKind::Func], check_helper)],
    examines: "set-up in tests",
};

/// What a method of `testing.T` does and undoes by itself.
const SET_UPS: &[&str] = &["os.Setenv", "os.Chdir", "os.MkdirTemp", "io/ioutil.TempDir"];

fn check_call(cx: &mut Cx, Call { expr: call, callee, args, .. }: Call) {
    let method = match (callee.name, args) {
        ("Setenv", [_, _]) => "Setenv",
        ("Chdir", [_]) => "Chdir",
        ("MkdirTemp" | "TempDir", [dir, _]) if is_default_dir(cx, *dir) => "TempDir",
        _ => return,
    };
    let Some(func) = cx.enclosing_func(call) else { return };
    let Some(decl) = cx.enclosing_decl(call) else { return };
    let Some(t) = handle_param(cx, func).map(|t| cx.source(t)) else { return };
    let parallel = method != "TempDir" && cx.source(decl).contains(".Parallel()");
    if t == "_" || cx.is_deferred(call) || parallel {
        return;
    }
    cx.examined();
    // `// not t.TempDir: socket paths are short` is a reason.
    if cx.comments_at(call).any(|comment| comment.contains(method)) {
        return;
    }
    let edit = if method == "TempDir" { mend_dir(cx, call, t) } else { mend_statement(cx, call, t, method) };
    // A helper may be called from a parallel test, which must not change the process, and `Chdir` is new.
    let safe = method == "TempDir" || method == "Setenv" && test_name(cx, decl).is_some();
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let report = cx
        .report(fun, format!("`{}` has to be undone by hand", cx.source(fun)))
        .note(format!("`{t}.{method}` undoes itself when the test ends"))
        .one_of("changes in this file have to be undone by hand");
    let title = format!("Use `{t}.{method}`");
    if safe {
        report.fix(title, edit)
    } else {
        report.suggest(title, edit)
    };
}

fn is_default_dir(cx: &Cx, dir: ExprId) -> bool {
    cx.string_value(dir).is_some_and(|dir| dir.is_empty()) || cx.calls(dir, &["os.TempDir"])
}

/// `os.Setenv(…)` on its own, or as `if err := os.Setenv(…); err != nil { … }` that ends the test.
fn mend_statement(cx: &Cx, call: ExprId, t: &str, method: &str) -> Option<(Span, String)> {
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    match cx.stmt(stmt) {
        Stmt::Expr(_) => Some((cx.span(fun), format!("{t}.{method}"))),
        Stmt::Assign { lhs, op: AssignOp::Define, .. } => {
            cx.only(lhs)?;
            let Node::Stmt(around) = cx.tree.parent(stmt)? else { return None };
            let Stmt::If { init: Some(init), then, els: None, .. } = cx.stmt(around) else { return None };
            let args = Span::new(cx.span(fun).end, cx.span(call).end).of(cx.tree.text());
            (init == stmt && only_fails(cx, then)).then(|| (cx.span(around), format!("{t}.{method}{args}")))
        }
        _ => None,
    }
}

/// Whether a block is a single report of failure.
fn only_fails(cx: &Cx, block: StmtId) -> bool {
    let Stmt::Block(stmts) = cx.stmt(block) else { return false };
    let [one] = cx.stmts(stmts) else { return false };
    let Stmt::Expr(call) = cx.stmt(*one) else { return false };
    match cx.method_call(call) {
        Some((receiver, "Fatal" | "Fatalf", _)) => handle(cx, receiver).is_some(),
        _ => false,
    }
}

/// `dir, err := os.MkdirTemp("", …)`, the check of `err`, and the deferred removal, as `dir := t.TempDir()`.
fn mend_dir(cx: &Cx, call: ExprId, t: &str) -> Option<(Span, String)> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Stmt::Assign { lhs, op: AssignOp::Define, .. } = cx.stmt(stmt) else { return None };
    let [dir, err] = cx.exprs(lhs) else { return None };
    let check = cx.next_stmt(stmt)?;
    let Stmt::If { init: None, cond, then, els: None } = cx.stmt(check) else { return None };
    let asks =
        matches!(cx.expr(cond), Expr::Binary { op: BinaryOp::NotEqual, lhs, .. } if cx.def(lhs) == Def::Local(*err));
    let last = cx.next_stmt(check).filter(|&next| removes(cx, next, *dir)).unwrap_or(check);
    let whole = cx.span(stmt).to(cx.span(last));
    let fresh = [dir, err].iter().all(|&&name| cx.def(name) == Def::Local(name));
    let confined = cx.names.uses(*err).all(|used| whole.contains(cx.span(used)));
    (asks && fresh && confined && only_fails(cx, then))
        .then(|| (whole, format!("{} := {t}.TempDir()", cx.source(*dir))))
}

fn removes(cx: &Cx, stmt: StmtId, dir: ExprId) -> bool {
    let Stmt::Defer(call) = cx.stmt(stmt) else { return false };
    matches!(cx.call(call), Some(Call { callee, args: [removed], .. }) if callee.is(&["os.RemoveAll"]) && cx.def(*removed) == Def::Local(dir))
}

/// A helper that fails the test and does not say that it is one.
fn check_helper(cx: &mut Cx, decl: DeclId) {
    let Some(func) = cx.as_func(Node::Decl(decl)) else { return };
    // A handle that may be nil has no `Helper` to call.
    let takes_any = |&t: &ExprId| cx.source(t) != "_" && !cx.is_compared_with_nil(t);
    let Some(t) = handle_param(cx, func).filter(takes_any) else { return };
    let (Decl::Func { name, .. }, Stmt::Block(stmts)) = (cx.decl(decl), cx.stmt(func.body)) else { return };
    let Expr::FuncType { params, results, .. } = cx.expr(func.ty) else { return };
    let is_body =
        ["test", "run", "bench", "fuzz"].iter().any(|word| cx.source(name).to_ascii_lowercase().starts_with(word));
    if is_body || cx.params(params).len() < 2 && results.is_empty() {
        return;
    }
    cx.examined();
    let calls = |methods: &[&str]| {
        cx.any(func.body, false, |node| match node {
            Node::Expr(id) => matches!(cx.method_call(id), Some((receiver, name, _)) if methods.contains(&name) && cx.def(receiver) == Def::Local(t)),
            _ => false,
        })
    };
    let Some(&first) = cx.stmts(stmts).first() else { return };
    if calls(&["Helper", "Run", "Parallel"]) || !calls(&["Fatal", "Fatalf", "Error", "Errorf"]) {
        return;
    }
    let at = Span::new(cx.span(first).start, cx.span(first).start);
    let (t, helper, cause) = (cx.source(t), cx.source(name), cx.file.name.clone());
    let insert = format!("{t}.Helper()\n{}", cx.indent(first));
    cx.report(name, format!("`{helper}` reports failures at its own lines, not at the line that calls it"))
        .note(format!("`{t}.Helper()` as its first statement makes the report name the caller"))
        .fix(format!("Call `{t}.Helper`"), [(at, insert)])
        .one_cause(cause);
}
