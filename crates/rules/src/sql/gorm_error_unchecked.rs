//! The `Error` of a gorm chain is not read.
//!
//! gorm keeps the error in the `*gorm.DB` that the chain returns, so a statement that failed looks like one that worked:
//! the row is not there, and the answer is 200. `RowsAffected` is zero both where nothing matched and where the database
//! was not reached. Read `Error` of each chain that runs a statement.
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
//! 	db = db.Where("active")
//! 	err := db.Find(&users).Error
//! 	return users, err
//! }
//!
//! func touch(db *gorm.DB, u *User) {
//! 	db.Model(u).Update("seen", true) // best effort: the next visit sets it
//! }
//!
//! func save(db *gorm.DB, u *User) *gorm.DB {
//! 	if result := db.Save(u); result.Error != nil || result.RowsAffected == 0 {
//! 		return result
//! 	}
//! 	tx := db.Begin()
//! 	defer tx.Rollback()
//! 	return tx.Save(u)
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::GORM_FINISHERS;
use crate::errors::propagate;

pub static RULE: Rule = Rule {
    id: "sql/gorm-error-unchecked",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 2), (Concern::Correctness, 3), (Concern::Operability, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    if GORM_FINISHERS.binary_search(&cx.source(name)).is_err() {
        return;
    }
    let is_gorm = cx.callee(call).is_some_and(|callee| callee.path == "gorm.io/gorm" && callee.recv == Some("DB"));
    if !is_gorm {
        return;
    }
    cx.examined();
    let dropped = match cx.tree.parent(call) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Expr(_) => Some(Some(stmt)),
            _ => is_never_asked(cx, call).then_some(None),
        },
        Some(Node::Decl(_)) => is_never_asked(cx, call).then_some(None),
        Some(Node::Expr(selector)) => reads_rows(cx, selector).then_some(None),
        _ => None,
    };
    let Some(stmt) = dropped else { return };
    if cx.is_explained(call, &["err"]) {
        return;
    }
    let fix = stmt.and_then(|stmt| propagate::checked(cx, stmt, &format!("{}.Error", cx.source(call)), 0));
    // A chain is named by its last method, a plain call as it stands.
    let plain = stmt.is_some() && !cx.source(fun).contains('(');
    let (at, what) = if plain { (fun, cx.source(fun)) } else { (name, cx.source(name)) };
    let report = cx.report(at, format!("the `Error` of `{what}` is not read")).note(
        "gorm returns the error in the chain's result; a statement that failed looks like one that found nothing",
    );
    if let Some(edit) = fix {
        report.fix("Return the error", [edit]);
    }
}

/// Whether the chain goes into a local of which nothing but `RowsAffected` is read.
fn is_never_asked(cx: &Cx, call: ExprId) -> bool {
    let Some(kept) = cx.kept_in(call) else { return false };
    let Def::Local(declaring) = cx.def(kept) else { return false };
    let mut uses = cx.names.uses(declaring).filter(|&used| used != declaring).peekable();
    declaring == kept
        && uses.peek().is_some()
        && uses.all(|used| matches!(cx.tree.parent(used), Some(Node::Expr(parent)) if reads_rows(cx, parent)))
}

fn reads_rows(cx: &Cx, selector: ExprId) -> bool {
    matches!(cx.expr(selector), Expr::Selector { name, .. } if cx.source(name) == "RowsAffected")
}
