//! A statement of gorm runs without a context, although a context is at hand.
//!
//! It then runs on when the caller has gone and the deadline has passed, keeps its connection, and is missing from the trace.
//! `db.WithContext(ctx)` gives the statements of a chain their context (gorm's documentation, "Context").
//!
//! Limits: a handle in a local variable or parameter may have got its context elsewhere, so only fields and package variables
//! are looked at. Code that is deferred or started as a goroutine may outlive the call on purpose.
//!
//! ```go bad
//! import "gorm.io/gorm"
//!
//! type Store struct{ db *gorm.DB }
//!
//! func (s *Store) names(ctx context.Context) (names []string, err error) {
//! 	err = s.db.Table("users").Pluck("name", &names).Error
//! 	//    ^^^^ `s.db` has no context, so its statements do not stop when `ctx` ends
//! 	return names, err
//! }
//! ```
//! ```diff fixed
//! -	err = s.db.Table("users").Pluck("name", &names).Error
//! +	err = s.db.WithContext(ctx).Table("users").Pluck("name", &names).Error
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! type Store struct{ db *gorm.DB }
//!
//! func (s *Store) load(ctx context.Context, names *[]string) error {
//! 	db := s.db.WithContext(ctx) // every statement of db has the context
//! 	return db.Table("users").Pluck("name", names).Error
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! func touch(ctx context.Context, tx *gorm.DB) error {
//! 	return tx.Exec("UPDATE users SET seen = now()").Error // the caller may have given it the context
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

use super::at_hand::context_at;
use crate::sql::GORM_FINISHERS;

pub static RULE: Rule = Rule {
    id: "context/gorm-without-context",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Cancellation, 3)],
    equivalents: &["gopeer:context/missing-context-variant"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(GORM_FINISHERS, check), Hook::Call(&["gorm.io/gorm.DB.Transaction"], check)],
    examines: "gorm statements where a context is at hand",
};

/// `s.db.Where(…).Find(…)`: where the chain starts from a field or package variable, nobody has given it a context.
fn check(cx: &mut Cx, call: Call) {
    let mut start = call.expr;
    while let Some((receiver, name, args)) = cx.method_call(start) {
        let gives =
            name == "WithContext" || name == "Session" && args.iter().any(|&arg| cx.source(arg).contains("Context:"));
        if gives {
            return;
        }
        start = cx.unparen(receiver);
    }
    let is_handle =
        matches!(cx.expr(start), Expr::Selector { .. }) || matches!(cx.def(start), Def::Package(ObjectKind::Var));
    if !is_handle || !cx.has_type(start, &["gorm.io/gorm.DB"]) {
        return;
    }
    let Some(context) = context_at(cx, call.expr) else { return };
    cx.examined();
    let end = cx.span(start).end;
    cx.report(
        start,
        format!("`{}` has no context, so its statements do not stop when `{context}` ends", cx.source(start)),
    )
    .note("`WithContext` gives the statements of a chain their context")
    .fix(format!("Give it `{context}`"), [(Span::new(end, end), format!(".WithContext({context})"))]);
}
