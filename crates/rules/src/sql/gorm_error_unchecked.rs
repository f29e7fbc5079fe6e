//! The `Error` of a gorm chain is not read.
//!
//! gorm returns the error in the `*gorm.DB` at the end of the chain, so a statement that failed looks like one that worked:
//! the row is not there, and the caller believes that it is. `RowsAffected` is zero both when nothing matched and when the
//! database was not reached. Read `Error` after each chain that runs a statement.
//!
//! Limits: reported is a chain whose result is discarded, or of whose result only `RowsAffected` is read. A result that is
//! passed on or returned is not followed, and deferred calls are left alone.
//!
//! ```go bad
//! import "gorm.io/gorm"
//!
//! type User struct{ ID int }
//!
//! func add(db *gorm.DB, u *User) error {
//! 	// Save the new user.
//! 	if u.ID == 0 {
//! 		db.Create(u)
//! //^^^^^^^^^ the `Error` of `db.Create` is not read
//! 	}
//! 	return nil
//! }
//! ```
//! ```diff fixed
//! -		db.Create(u)
//! +		if err := db.Create(u).Error; err != nil {
//! +			return err
//! +		}
//! ```
//! ```go bad
//! import "gorm.io/gorm"
//!
//! type User struct{ ID int }
//!
//! func remove(db *gorm.DB, id int) error {
//! 	if db.Where("id = ?", id).Delete(&User{}).RowsAffected == 0 {
//! 	//                        ^^^^^^ the `Error` of `Delete` is not read
//! 		return gorm.ErrRecordNotFound
//! 	}
//! 	return nil
//! }
//!
//! func find(db *gorm.DB, id int) (User, bool) {
//! 	var u User
//! 	found := db.First(&u, id)
//! 	//          ^^^^^ the `Error` of `First` is not read
//! 	return u, found.RowsAffected == 1
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! type User struct{ ID int }
//!
//! func all(db *gorm.DB) ([]User, error) {
//! 	var users []User
//! 	db = db.Where("active") // runs nothing yet
//! 	err := db.Find(&users).Error
//! 	return users, err
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! type User struct{ ID int }
//!
//! func touch(db *gorm.DB, u *User) {
//! 	db.Model(u).Update("seen", true) // best effort: the next visit sets it
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! type User struct{ ID int }
//!
//! func save(db *gorm.DB, u *User) *gorm.DB {
//! 	return db.Save(u) // the caller reads Error
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! func begin(db *gorm.DB) *gorm.DB {
//! 	tx := db.Begin()
//! 	defer tx.Rollback() // after Commit, it has nothing left to do
//! 	return tx.Commit()
//! }
//! ```
//!
//! # Impact
//!
//! A constraint violation, a lost connection or a typing error in a column leaves no trace here: callers get a success
//! for a row that does not exist. Only gorm's own log line, if the logger is on, mentions it. A test inserts a duplicate
//! and expects an error.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: violate a unique constraint and expect the function to fail
//!
//! # References
//!
//! - [GORM, "Error Handling"](https://gorm.io/docs/error_handling.html)
use gopeer_lint::prelude::*;

use super::GORM_FINISHERS;
use crate::errors::propagate;

pub static RULE: Rule = Rule {
    id: "sql/gorm-error-unchecked",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 2), (Concern::Correctness, 3), (Concern::Operability, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(GORM_FINISHERS, check)],
    examines: "gorm chains",
};

fn check(cx: &mut Cx, call: Call) {
    // gorm itself adds to the chain that it was given.
    if cx.is_own(&call.callee) {
        return;
    }
    cx.examined();
    let stmt = match cx.tree.parent(call.expr) {
        Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_)) => Some(stmt),
        Some(Node::Expr(selector)) if reads_rows(cx, selector) => None,
        Some(Node::Stmt(_) | Node::Decl(_)) if is_never_asked(cx, call.expr) => None,
        _ => return,
    };
    let reason = cx.explanation(call.expr, &["err"]);
    let fix = stmt.and_then(|stmt| propagate::checked(cx, stmt, &format!("{}.Error", cx.source(call.expr)), 0));
    // A chain is named by its last method, a plain call as it stands.
    let plain = stmt.is_some() && !cx.source(call.fun).contains('(');
    let at = if plain { call.fun } else { call.name };
    cx.report(at, format!("the `Error` of `{}` is not read", cx.source(at)))
        .note("gorm returns the error in the result of the chain; unread, a failed statement looks like one that found nothing")
        .fix("Return the error", fix)
        .excused(reason);
}

/// Whether the chain goes nowhere, or into a local of which nothing but `RowsAffected` is read.
fn is_never_asked(cx: &Cx, call: ExprId) -> bool {
    let Some(kept) = cx.kept_in(call) else { return false };
    if cx.source(kept) == "_" {
        return true;
    }
    let Def::Local(declaring) = cx.def(kept) else { return false };
    let mut uses = cx.names.uses(declaring).filter(|&used| used != declaring).peekable();
    declaring == kept
        && uses.peek().is_some()
        && uses.all(|used| matches!(cx.tree.parent(used), Some(Node::Expr(parent)) if reads_rows(cx, parent)))
}

fn reads_rows(cx: &Cx, selector: ExprId) -> bool {
    matches!(cx.expr(selector), Expr::Selector { name, .. } if cx.source(name) == "RowsAffected")
}
