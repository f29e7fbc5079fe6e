//! A test sets up by hand what `testing` would undo by itself.
//!
//! An environment variable, working directory or temporary directory that a test leaves behind changes the tests after
//! it, and a deferred clean-up is skipped by nothing but forgotten by anybody. `t.Setenv`, `t.Chdir` (Go 1.24) and
//! `t.TempDir` undo themselves when the test is over, fail it when they cannot do their work, and refuse to run in parallel
//! tests, where a process-wide change is a race. A helper that says `t.Helper()` reports the line that called it.
//!
//! Limits: contexts are not looked at, nor is what set-up functions leave behind.
//!
//! ```go bad file=config_test.go
//! func TestConfig(t *testing.T) {
//! 	os.Setenv("MODE", "fast")
//! #^^^^^^^^^ undoing `os.Setenv` is left to `TestConfig`
//! 	dir, err := os.MkdirTemp("", "config")
//! 	//          ^^^^^^^^^^^^ undoing `os.MkdirTemp` is left to `TestConfig`
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	defer os.RemoveAll(dir)
//! 	if err := os.Chdir(dir); err != nil {
//! 	//        ^^^^^^^^ undoing `os.Chdir` is left to `TestConfig`
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
//! 	os.Setenv("MODE", "fast") // for all tests
//! 	os.Exit(m.Run())
//! }
//!
//! func TestParallel(t *testing.T) {
//! 	t.Parallel()
//! 	dir, err := os.MkdirTemp("/dev/shm", "config") // a place of its own
//! 	// Not t.TempDir: the path of a socket has to be short.
//! 	short, err := os.MkdirTemp("", "s")
//! 	check(t, dir, short, err)
//! 	defer os.Setenv("MODE", os.Getenv("MODE"))
//! 	t.Cleanup(func() { os.Chdir("/") })
//! }
//!
//! func mustLoad(t *testing.T, path string) *Config {
//! 	t.Helper()
//! 	c, err := load(path)
//! 	if err != nil {
//! 		t.Fatal(err)
//! 	}
//! 	return c
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{handle, handle_param};

pub static RULE: Rule = Rule {
    id: "testing/lifecycle-helpers",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3), (Concern::Modern, 1)],
    equivalents: &["thelper", "usetesting", "modernize:testingcontext"],
    fix: FixKind::Safe,
    scope: Scope::Tests,
    hooks: &[Hook::Call(SET_UPS, check_call), Hook::Decl(&[DeclKind::Func], check_helper)],
    file: file!(),
};

/// First words of the names of functions that set something up or check it for a test.
const HELPERS: &[&str] = &[
    "assert", "create", "expect", "load", "make", "must", "new", "open", "read", "require", "setup", "start", "write",
];

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
    let Some(t) = handle_param(cx, func).map(|t| cx.source(t)) else { return };
    if t == "_" || is_deferred(cx, call) || method != "TempDir" && cx.source(func.node).contains(".Parallel()") {
        return;
    }
    cx.examined();
    // `// not t.TempDir: socket paths are short` is a reason.
    if cx.comments_at(call).any(|comment| comment.contains(method)) {
        return;
    }
    let edit = if method == "TempDir" { mend_dir(cx, call, t) } else { mend_statement(cx, call, t, method) };
    let Some(test) = cx.enclosing_decl(call).and_then(|decl| cx.func_name(decl)) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let report = cx
        .report(fun, format!("undoing `{}` is left to `{test}`", cx.source(fun)))
        .note(format!("`{t}.{method}` undoes itself when the test is over"));
    if let Some(edit) = edit {
        report.fix(format!("Use `{t}.{method}`"), [edit]);
    }
}

fn is_default_dir(cx: &Cx, dir: ExprId) -> bool {
    cx.string_value(dir).is_some_and(|dir| dir.is_empty()) || cx.calls(dir, &["os.TempDir"])
}

fn is_deferred(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Defer(_)))
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

/// A helper that may end the test and does not say that it is one.
fn check_helper(cx: &mut Cx, decl: DeclId) {
    let Some(func) = cx.as_func(Node::Decl(decl)) else { return };
    let Some(t) = handle_param(cx, func) else { return };
    let Decl::Func { name, ty, .. } = cx.decl(decl) else { return };
    let lower = cx.source(name).to_ascii_lowercase();
    let Expr::FuncType { params, .. } = cx.expr(ty) else { return };
    if !HELPERS.iter().any(|word| lower.starts_with(word)) || cx.params(params).len() < 2 && !lower.starts_with("setup")
    {
        return;
    }
    cx.examined();
    let t_name = cx.source(t);
    let calls = |method: &str| {
        cx.any(func.body, false, |node| match node {
            Node::Expr(id) => matches!(cx.method_call(id), Some((receiver, name, _)) if name == method && cx.def(receiver) == Def::Local(t)),
            _ => false,
        })
    };
    if t_name == "_" || calls("Helper") || !["Fatal", "Fatalf", "Error", "Errorf"].into_iter().any(calls) {
        return;
    }
    let Stmt::Block(stmts) = cx.stmt(func.body) else { return };
    let Some(&first) = cx.stmts(stmts).first() else { return };
    let at = Span::new(cx.span(first).start, cx.span(first).start);
    let insert = format!("{t_name}.Helper()\n{}", cx.indent(first));
    cx.report(name, format!("`{}` reports failures at its own lines, not at the test that called it", cx.source(name)))
        .note(format!("`{t_name}.Helper()` as its first statement makes the report name the caller"))
        .fix(format!("Call `{t_name}.Helper`"), [(at, insert)]);
}
