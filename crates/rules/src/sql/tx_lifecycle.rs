//! A transaction is neither committed nor rolled back on some path.
//!
//! It stays open: its connection does not return to the pool, its locks keep others waiting, and PostgreSQL cannot remove old rows
//! that it might still see. `defer tx.Rollback()` right behind the check of the error covers every path: after a commit it does
//! nothing but return `sql.ErrTxDone`.
//!
//! Limits: a transaction that is returned, stored, used in a closure or passed to a function of the package is left alone:
//! somebody else may end it. Tests and `main` are left out.
//!
//! ```go bad
//! func transfer(ctx context.Context, db *sql.DB, from, to string, amount int64) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! //<^^ `tx` is not committed or rolled back on every path out of `transfer`
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance - $1 WHERE id = $2", amount, from); err != nil {
//! 		return err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance + $1 WHERE id = $2", amount, to); err != nil {
//! 		tx.Rollback()
//! 		return err
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//! ```diff fixed
//! +	defer tx.Rollback()
//! ```
//! ```go good
//! func begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if _, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = '5s'"); err != nil {
//! 		tx.Rollback()
//! 		return nil, err
//! 	}
//! 	// The caller ends it.
//! 	return tx, nil
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "sql/tx-lifecycle",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("transaction", check)],
    file: file!(),
    examines: "transactions",
};

fn check(cx: &mut Cx, tx: &Resource) {
    cx.examined();
    if let Some(leak) = cx.leak(tx) {
        leak.report(cx, tx).note("its connection and its locks are kept until the database gives up on it");
    }
}
