//! An error is asserted to a type.
//!
//! The assertion looks at the outermost error only. As soon as a function in between adds context with `%w`, it fails, and the
//! case it stood for is handled as an unknown failure. `errors.As` looks along the whole chain (package `errors`).
//!
//! Limits: types are those whose names end in `Error`, of other packages or exported by this one: a type that only this
//! package knows is wrapped by this package alone. A type switch is left alone.
//!
//! ```go bad
//! import "github.com/jackc/pgx/v5/pgconn"
//!
//! func code(err error) string {
//! 	if pgErr, ok := err.(*pgconn.PgError); ok {
//! 	//              ^^^^^^^^^^^^^^^^^^^^^ `err.(*pgconn.PgError)` fails once `err` is wrapped
//! 		return pgErr.Code
//! 	}
//! 	return ""
//! }
//! ```
//! ```go good
//! import cause "github.com/pkg/errors"
//! import "github.com/jackc/pgx/v5/pgconn"
//!
//! func code(err error) string {
//! 	if pgErr, ok := cause.Cause(err).(*pgconn.PgError); ok { // the end of the chain
//! 		return pgErr.Code
//! 	}
//! 	return ""
//! }
//! ```
//! ```go good
//! type parseError struct{ line int }
//!
//! func (e *parseError) Error() string { return "bad line" }
//!
//! func line(err error) int {
//! 	if err, ok := err.(*parseError); ok { // nobody else can wrap it
//! 		return err.line
//! 	}
//! 	return 0
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::support::{is_error, is_exempt, is_root};

pub static RULE: Rule = Rule {
    id: "errors/direct-assertion",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 2)],
    equivalents: &["gopeer:errors/direct-comparison", "errorlint", "modernize:errorsastype"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::TypeAssert], check)],
    file: file!(),
};

fn check(cx: &mut Cx, assertion: ExprId) {
    let Expr::TypeAssert { base, ty: Some(ty) } = cx.expr(assertion) else { return };
    let named = match cx.expr(ty) {
        Expr::Star(named) => named,
        _ => ty,
    };
    let is_error_type = match cx.object(named).filter(|_| cx.is_qualified(named)) {
        Some(name) => name.name.ends_with("Error"),
        // A type that only this package knows is wrapped by this package alone.
        None => cx.def(named) == Def::Package(ObjectKind::Type) && is_exported_error(cx.source(named)),
    };
    if !is_error_type || !is_error(cx, base) || is_root(cx, base) || is_exempt(cx, assertion) {
        return;
    }
    cx.examined();
    let (error, text) = (cx.source(base), cx.source(assertion));
    let message = format!("`{text}` fails once `{error}` is wrapped");
    cx.report(assertion, message).note("errors.As, or errors.AsType since Go 1.26, looks along the whole chain");
}

fn is_exported_error(name: &str) -> bool {
    name.ends_with("Error") && name.starts_with(char::is_uppercase)
}
