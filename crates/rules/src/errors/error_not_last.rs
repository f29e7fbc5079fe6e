//! An error is not the last result of a function.
//!
//! Go code expects the error last: readers look for it there, and linters and helpers that take `(T, error)` rely on it
//! (Effective Go, "Errors").
//!
//! Limits: only functions, methods and methods of interfaces are looked at, and only results of the type `error` itself.
//!
//! ```go bad
//! func find(id int) (error, string) {
//! //                 ^^^^^ the error is not the last result of `find`
//! 	return nil, ""
//! }
//! ```
//! ```go good
//! func find(id int) (name string, err error) { return "", nil }
//! ```
//! ```go good
//! func both() (first, second error) { return nil, nil } // the last one is an error
//! ```
use gopeer_lint::prelude::*;

use crate::context::declared_name;

pub static RULE: Rule = Rule {
    id: "errors/error-not-last",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 2), (Concern::Clarity, 1)],
    equivalents: &["gopeer:errors/conventions", "staticcheck:ST1008", "revive:error-return"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::FuncType], check)],
    examines: "functions that return an error",
};

fn check(cx: &mut Cx, ty: ExprId) {
    let Expr::FuncType { results, .. } = cx.expr(ty) else { return };
    let Some(name) = declared_name(cx, ty).map(|name| cx.source(name)) else { return };
    let types: Vec<ExprId> = cx.params(results).into_iter().map(|(_, ty)| ty).collect();
    let is_error = |ty: &ExprId| cx.is_builtin(*ty, "error");
    if let (Some(&error), Some(false)) = (types.iter().find(|ty| is_error(ty)), types.last().map(is_error)) {
        cx.report(error, format!("the error is not the last result of `{name}`")).note("callers expect the error last");
    }
}
