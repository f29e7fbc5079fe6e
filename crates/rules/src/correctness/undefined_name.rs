//! A name is used that nothing declares.
//!
//! The compiler stops there. The usual causes are a package that is used but not imported, and a function that the package does
//! not have, or has only in a newer version of Go.
//!
//! Limits: a name that another file of the package may declare is left alone unless the whole package is known, and so is a name
//! of a library. A known package before a dot, such as `errors`, is reported in any case.
//!
//! ```go bad
//! package shop
//!
//! import "database/sql"
//!
//! func find(db *sql.DB) error {
//! 	err := db.Ping()
//! 	if errors.Is(err, sql.ErrNoRows) {
//! #   ^^^^^^ `errors` is not imported
//! 		return nil
//! 	}
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -import "database/sql"
//! +import (
//! +	"database/sql"
//! +	"errors"
//! +)
//! ```
//! ```go bad
//! package shop
//!
//! import "strings"
//!
//! func clean(name string) string {
//! 	return strings.Strip(name)
//! #               ^^^^^ undefined: strings.Strip
//! }
//! ```
//! ```go good
//! package shop
//!
//! func clean(name string) string {
//! 	return normalize(name) // another file may declare it
//! }
//! ```
//! ```go good
//! package shop
//!
//! func clean(name string) {
//! 	log.Info(name) // many packages have a variable of this name
//! }
//! ```
//!
//! # Impact
//!
//! The compiler stops here, so the package and all that imports it cannot be built. Where the name belongs to another
//! file that was not pasted, the build is fine and this review lacks that file.
//!
//! # Verify
//!
//! - `go build {package}`: says "undefined:" with this name, or succeeds
//! - `go doc {package}`: lists what the package does have
//!
//! # References
//!
//! - [Go spec, "Declarations and scope"](https://go.dev/ref/spec#Declarations_and_scope)
use gopeer_lint::prelude::*;

use super::versions::selector_of;
use gopeer_sema::ErrorCode;
use gopeer_syntax::GO_MINOR;

pub static RULE: Rule = Rule {
    id: "correctness/undefined-name",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Correctness, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Piece(check), Hook::Expr(&[ExprKind::Selector], check_qualifier)],
    examines: "names, each declared somewhere",
};

fn check(cx: &mut Cx) {
    if cx.file.excluded {
        return;
    }
    cx.examined();
    for error in &cx.facts.errors {
        let of_std = error.code == ErrorCode::UndeclaredImportedName && is_of_std(cx, error.span);
        if !is_undeclared(error.code) || of_std && cx.file.asks_for_newer_go() || qualifies(cx, error.span) {
            continue;
        }
        let report = cx.report_span(error.span, error.message.clone());
        if of_std {
            report.note(format!("as of Go 1.{GO_MINOR}"));
        }
    }
}

/// Whether an error is this rule's, and not one of `correctness/compile-error`.
pub(super) fn is_undeclared(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::UndeclaredName | ErrorCode::UndeclaredImportedName)
}

/// Whether a name behind a dot is looked for in the standard library.
fn is_of_std(cx: &Cx, span: Span) -> bool {
    let qualified = selector_of(cx, span).and_then(|(selector, _)| cx.object(selector));
    qualified.is_some_and(|name| cx.store.is_std(cx.store.add_package(name.path)))
}

/// Whether the other hook speaks of it.
fn qualifies(cx: &Cx, span: Span) -> bool {
    let Some(root) = cx.tree.roots().iter().copied().find(|&root| cx.span(root).contains(span)) else { return false };
    let qualifiers = cx.within(root, true, |cx, node| missing_qualifier(cx, node).is_some());
    // A selector begins where its qualifier does.
    let first = qualifiers.partition_point(|&selector| cx.span(selector).start < span.start);
    let mut here = qualifiers.iter().skip(first).take_while(|&&selector| cx.span(selector).start == span.start);
    here.any(|&selector| missing_qualifier(cx, selector).is_some_and(|base| cx.span(base) == span))
}

/// What stands before the dot of a selector, where it names a package that is not imported.
fn missing_qualifier(cx: &Cx, selector: Node) -> Option<ExprId> {
    let Node::Expr(id) = selector else { return None };
    let Expr::Selector { base, name } = cx.expr(id) else { return None };
    missing_package(cx, base, name).map(|_| base)
}

fn check_qualifier(cx: &mut Cx, selector: ExprId) {
    let Expr::Selector { base, name } = cx.expr(selector) else { return };
    if let Some(path) = missing_package(cx, base, name) {
        let message = format!("`{}` is not imported", cx.source(base));
        cx.report(base, message).fix_by_import(path);
    }
}

/// The well-known package that a qualifier names where nothing in sight declares it: the exported name behind the dot has
/// to exist there. A package-level variable of another file would have to be spelled like the package and have such a
/// field or method.
fn missing_package(cx: &Cx, base: ExprId, name: ExprId) -> Option<&'static str> {
    if cx.expr(base) != Expr::Ident || cx.def(base) != Def::Unknown {
        return None;
    }
    if cx.file.excluded || cx.file.scope.is_fragment() {
        return None;
    }
    let unknown_import = |import: &gopeer_sema::Import| import.name.is_none() || import.name.as_deref() == Some(".");
    // Many packages keep their logger in a variable of that name, in another file.
    let path = gopeer_sema::implied_path(cx.source(base)).filter(|path| *path != "log")?;
    if cx.file.scope.imports.iter().any(unknown_import) {
        return None;
    }
    let exists = cx.store.member(cx.store.add_package(path), cx.source(name));
    matches!(exists, gopeer_sema::Member::Object(_)).then_some(path)
}
