//! A test checks nothing.
//!
//! It never uses `t`, so whatever the code returns, the test passes and counts as coverage: the next bug passes with it. Compare
//! the result with what is expected and report with `t.Errorf`. If the test is only there to see that nothing panics, say so in a
//! comment. One that only logs a line is a low finding. So it is with a comparison with what is wanted that only logs that it fails.
//!
//! Limits: an assertion on constants counts as a check, and so does a helper that is given `t`, whatever it does. A test is also
//! left alone if its name says that it is content when nothing breaks (`TestNil…`, `TestRace…`).
//!
//! ```go bad file=sum_test.go
//! func TestSum(t *testing.T) {
//! //   ^^^^^^^ `TestSum` checks nothing: it never uses `t`
//! 	got := Sum(1, 2)
//! 	fmt.Println(got)
//! }
//! ```
//! ```go bad file=sum_test.go
//! func TestSum(t *testing.T) {
//! //   ^^^^^^^ `TestSum` checks nothing: it only logs
//! 	t.Parallel()
//! 	t.Logf("sum: %d", Sum(1, 2))
//! }
//! ```
//! ```go bad file=sum_test.go
//! func TestSum(t *testing.T) {
//! 	for _, tt := range []struct{ a, b, want int }{{1, 2, 3}} {
//! 		got, err := Sum(tt.a, tt.b)
//! 		if err != nil {
//! 			t.Fatal(err)
//! 		}
//! 		if got != tt.want {
//! 			t.Logf("got %d, want %d", got, tt.want)
//! 	//^^^^^^ `t.Logf` fails no test: it passes although `got != tt.want`
//! 		}
//! 	}
//! }
//! ```
//! ```go good file=sum_test.go
//! func TestHelper(t *testing.T) {
//! 	checkSum(t, 1, 2) // the helper checks
//! }
//! ```
//! ```go good file=sum_test.go
//! // Sum used to panic here: the comment says what the test is for.
//! func TestNothing(t *testing.T) {
//! 	Sum()
//! }
//! ```
//! ```go good file=sum_test.go
//! func TestInterface(t *testing.T) {
//! 	var _ fmt.Stringer = (*Total)(nil) // the compiler checks
//! }
//! ```
//! ```go good file=stop_test.go
//! func TestStop(t *testing.T) {
//! 	w := start()
//! 	w.Stop()
//! 	<-w.Done() // hangs if it does not stop
//! }
//! ```
//!
//! # Idiom
//!
//! Package `testing` has no assertions: a test compares with `if` and calls `t.Errorf` with what it got and what it wanted. Cases are often
//! rows of a table that a loop runs with `t.Run`.
use gopeer_lint::prelude::*;

use super::support::{handle, test_name};

pub static RULE: Rule = Rule {
    id: "testing/no-assertions",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Tests, 3)],
    equivalents: &["testifylint:useless-assert"],
    fix: FixKind::None,
    scope: Scope::Tests,
    hooks: &[Hook::Decl(&[DeclKind::Func], check), Hook::Stmt(&[StmtKind::If], check_comparison)],
    examines: "tests",
};

/// Methods of `t` that cannot fail a test.
const HARMLESS: &[&str] =
    &["Log", "Logf", "Parallel", "Name", "Helper", "Context", "TempDir", "Setenv", "Chdir", "Deadline", "Output"];

/// Parts of the names of functions that may fail a test without being given `t`.
const MAY_FAIL: &[&str] = &[
    "assert", "check", "ensure", "equal", "exit", "expect", "fatal", "fail", "getenv", "must", "panic", "require",
    "run", "serve", "test", "validate", "verify", "wait", "gomega", "so",
];

/// Words in the name of a test that is content if nothing breaks.
const EXPLAINED: &[&str] = &[
    "compile",
    "concurren",
    "crash",
    "deadlock",
    "empty",
    "fuzz",
    "hang",
    "idempotent",
    "issue",
    "leak",
    "nil",
    "noop",
    "null",
    "panic",
    "race",
    "regress",
    "safe",
    "smoke",
    "stress",
    "twice",
];

fn check(cx: &mut Cx, decl: DeclId) {
    let Some(name) = test_name(cx, decl) else { return };
    let Decl::Func { name: at, ty, body: Some(body), .. } = cx.decl(decl) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    cx.examined();
    if cx.stmts(stmts).iter().all(|&stmt| matches!(cx.stmt(stmt), Stmt::Decl(_) | Stmt::Return(_)))
        || is_explained(cx, decl, name)
    {
        return;
    }
    let Some(used) = harmless_uses(cx, ty) else { return };
    if may_fail(cx, body) {
        return;
    }
    let why = if used { "it only logs" } else { "it never uses `t`" };
    // One line that logs is there to be read, and who gives `t` no name means to check nothing.
    let unnamed = matches!(cx.expr(ty), Expr::FuncType { params, .. } if cx.params(params).iter().all(|(name, _)| name.is_none()));
    let severity = if used && stmts.len() == 1 || unnamed { Severity::Low } else { Severity::Medium };
    cx.report(at, format!("`{name}` checks nothing: {why}"))
        .severity(severity)
        .one_of("tests in this file check nothing")
        .note("compare the result with what is expected, or say in a comment that the test is there to see that nothing panics");
}

/// Whether `t` is used at all; none if one of its uses may fail the test.
fn harmless_uses(cx: &Cx, ty: ExprId) -> Option<bool> {
    let Expr::FuncType { params, .. } = cx.expr(ty) else { return None };
    let Some((Some(t), _)) = cx.params(params).first().copied() else { return Some(false) };
    let mut used = false;
    for use_of in cx.names.uses(t).filter(|&use_of| use_of != t) {
        used = true;
        cx.called_on(use_of).filter(|(_, method, _)| HARMLESS.contains(method))?;
    }
    Some(used)
}

/// `if got != want { t.Logf(…) }`.
fn check_comparison(cx: &mut Cx, branch: StmtId) {
    let Stmt::If { cond, then, els: None, .. } = cx.stmt(branch) else { return };
    let differs = match cx.expr(cond) {
        Expr::Binary { op: BinaryOp::NotEqual, .. } => true,
        // `assert.Equal(t, …)` has let the test fail.
        Expr::Unary { op: UnaryOp::Not, operand } => {
            cx.callee_word(operand).ends_with("Equal")
                && cx.find_expr(operand, false, |id| handle(cx, id).is_some()).is_none()
        }
        _ => false,
    };
    let wanted =
        |id: ExprId| words(cx.source(id)).iter().any(|word| matches!(word.as_str(), "want" | "wanted" | "expected"));
    let is_wanted = |id| cx.expr(id) == Expr::Ident && wanted(id);
    let &[only] = cx.list_of(then.into()) else { return };
    let Stmt::Expr(call) = cx.stmt(only) else { return };
    let Some((t, "Log" | "Logf", _)) = cx.method_call(call).filter(|&(t, ..)| handle(cx, t).is_some()) else { return };
    if !differs || cx.find_expr(cond, false, is_wanted).is_none() {
        return;
    }
    cx.examined();
    let (t, cond, reason) = (cx.source(t), cx.source(cond), cx.explanation(branch, &[]));
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return };
    cx.report(fun, format!("`{}` fails no test: it passes although `{cond}`", cx.source(fun)))
        .excused(reason)
        .note(format!("`{t}.Errorf` reports it and lets the test fail"));
}

/// Whether something in the body can fail without `t`: by panicking on purpose, exiting, blocking, racing.
fn may_fail(cx: &Cx, body: StmtId) -> bool {
    cx.any(body, true, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Bad | Expr::Unary { op: UnaryOp::Recv, .. } | Expr::TypeAssert { .. } => true,
            Expr::Call { fun, .. } => {
                let name = match cx.expr(cx.unparen(fun)) {
                    Expr::Selector { name, .. } => cx.source(name).to_ascii_lowercase(),
                    Expr::Ident => cx.source(fun).to_ascii_lowercase(),
                    _ => return false,
                };
                name == "on" || name == "gc" || MAY_FAIL.iter().any(|part| name.contains(part))
            }
            _ => false,
        },
        // `var _ Interface = value` is checked by the compiler.
        Node::Decl(id) => matches!(cx.decl(id), Decl::Value { names, ty: Some(_), .. } if cx.only(names).is_some_and(|name| cx.source(name) == "_")),
        Node::Stmt(id) => match cx.stmt(id) {
            Stmt::Range { subject, .. } => matches!(cx.under(subject), Type::Chan { .. }),
            stmt => matches!(stmt, Stmt::Bad | Stmt::Go(_) | Stmt::Send { .. } | Stmt::Select { .. }),
        },
        _ => false,
    })
}

/// Whether the name or any comment says what the test is for.
fn is_explained(cx: &Cx, decl: DeclId, name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let named = lower.contains(|c: char| c.is_ascii_digit()) || EXPLAINED.iter().any(|word| lower.contains(word));
    named
        || !cx.doc_comment(decl).is_empty()
        || cx.tree.comments().iter().any(|comment| cx.span(decl).contains(comment.span))
}
