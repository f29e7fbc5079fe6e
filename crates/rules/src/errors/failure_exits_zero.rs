//! `main` logs an error and returns: the process ends with exit code 0.
//!
//! What runs the program goes by the exit code. A Job or CronJob of Kubernetes, systemd, a pipeline and a script in a shell take 0 for
//! success: nothing is tried again, the next step runs, and no alert fires. Only a line in the log says otherwise. Let `main` end with
//! `log.Fatal` or `os.Exit(1)`; deferred functions do not run then, so keep them in a function that returns the error.
//!
//! Limits: reported are branches for `err != nil` in `main` itself that log or print the error and do nothing else. Errors of what ends
//! or closes something are left alone.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"errors"
//! 	"log"
//! )
//!
//! func run() error { return errors.ErrUnsupported }
//!
//! func main() {
//! 	if err := run(); err != nil {
//! 		log.Printf("batch failed: %v", err)
//! //^^^^^^^^^^ `main` logs the error of `run` and ends with exit code 0
//! 	}
//! }
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"errors"
//! 	"log"
//! )
//!
//! func run() error { return errors.ErrUnsupported }
//!
//! func main() {
//! 	if err := run(); err != nil {
//! 		log.Fatalf("batch failed: %v", err) // exit code 1
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::clean_up::ends;
use super::support::source_of;

pub static RULE: Rule = Rule {
    id: "errors/failure-exits-zero",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 3), (Concern::Errors, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Decl(&[DeclKind::Func], check)],
    examines: "errors in `main`",
};

fn check(cx: &mut Cx, decl: DeclId) {
    if !cx.file.is_main() || cx.func_name(decl) != Some("main") {
        return;
    }
    let Some(func) = cx.as_func(decl.into()) else { return };
    // A deferred function may exit with a code of its own.
    if cx.defers(func.body).iter().any(|&defer| cx.source(defer).contains("Exit(")) {
        return;
    }
    let stmts = cx.list_of(func.body.into());
    for &stmt in stmts {
        let Some((error, log)) = logged(cx, stmt, Some(&stmt) == stmts.last()) else { continue };
        cx.examined();
        let Some(source) = source_of(cx, error).filter(|&source| cx.callee(source).is_some() && !ends(cx, source))
        else {
            continue;
        };
        let (callee, reason) = (cx.callee_text(source), cx.explanation(stmt, &[]));
        cx.report(log, format!("`main` logs the error of `{callee}` and ends with exit code 0"))
            .excused(reason)
            .one_of("failures end with exit code 0 in this file")
            .note("what runs the program takes it for a success; end with log.Fatal, or with os.Exit(1) once deferred calls have run");
    }
}

/// The error that a branch of `main` only logs before `main` ends, and what logs it.
fn logged(cx: &Cx, branch: StmtId, last: bool) -> Option<(ExprId, ExprId)> {
    let Stmt::If { cond, then, els: None, .. } = cx.stmt(branch) else { return None };
    let (error, false) = cx.nil_test(cond)? else { return None };
    let (calls, returns) = match cx.list_of(then.into()) {
        [calls @ .., end] if matches!(cx.stmt(*end), Stmt::Return(values) if values.is_empty()) => (calls, true),
        calls => (calls, false),
    };
    let &[only] = calls else { return None };
    let Stmt::Expr(call) = cx.stmt(only) else { return None };
    let Def::Local(declared) = cx.def(error) else { return None };
    let says = ["error", "log", "msg", "print", "warn"];
    let logs = words(cx.callee_word(call)).iter().any(|word| says.iter().any(|say| word.contains(say)));
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return None };
    // `log.Log(ctx, LevelFatal, …)`
    let exits = cx.may_end(call) || cx.source(call).contains("Fatal");
    ((last || returns) && logs && cx.mentions(call, declared) && !exits).then_some((error, fun))
}
