//! Another service is called, or time is spent waiting, while a transaction is open.
//!
//! The transaction holds its locks and its connection for as long as the service takes. When that gets slow, requests that touch the
//! same rows queue up behind the locks, the pool runs empty, and the whole service stops because of a dependency that most of it
//! does not use. A rollback does not undo the call either. Call before the transaction begins or after it is committed, or write down in
//! the transaction what is to be done.
//!
//! Limits: what is called in the function that begins the transaction, or in one that is given it, with what these call.
//!
//! ```go bad
//! func place(ctx context.Context, db *sql.DB, client *http.Client, req *http.Request) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance - 1"); err != nil {
//! 		return err
//! 	}
//! 	resp, err := client.Do(req)
//! 	//           ^^^^^^^^^ `client.Do` calls another service while the transaction `tx` is open
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer resp.Body.Close()
//! 	return tx.Commit()
//! }
//! ```
//! ```go good
//! func place(ctx context.Context, db *sql.DB, client *http.Client, req *http.Request) error {
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer tx.Rollback()
//! 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance - 1"); err != nil {
//! 		return err
//! 	}
//! 	if err := tx.Commit(); err != nil {
//! 		return err
//! 	}
//! 	// The transaction is over.
//! 	resp, err := client.Do(req)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return resp.Body.Close()
//! }
//! ```
//!
//! # Impact
//!
//! Row locks and a connection are held for as long as the other service takes. When that gets slow, requests that touch
//! the same rows queue up, and the pool runs empty for everybody.
//!
//! # Verify
//!
//! - `psql -c "SELECT pid, now() - state_change AS idle, left(query, 60) FROM pg_stat_activity WHERE state = 'idle in
//!   transaction' ORDER BY idle DESC"`: idle for as long as the call takes
//!
//! # References
//!
//! - [PostgreSQL, "Explicit Locking"](https://www.postgresql.org/docs/current/explicit-locking.html)
use gopeer_lint::Inside;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "sql/io-in-transaction",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("transaction", begun), Hook::Func(given)],
    examines: "transactions",
};

const SLOW: Effects = Effects::REMOTE.and(Effects::WAIT);

fn begun(cx: &mut Cx, tx: &Resource) {
    cx.examined();
    if let Some(inside) = cx.done_in(tx, SLOW) {
        report(cx, inside);
    }
}

fn given(cx: &mut Cx, func: Func) {
    if let Some(inside) = cx.done_in_given(func, SLOW) {
        report(cx, inside);
    }
}

fn report(cx: &mut Cx, inside: Inside) {
    let (name, tx) = (cx.source(inside.call.fun), inside.tx);
    let effects = cx.effects(inside.call.expr);
    let remote = effects.has(Effects::REMOTE);
    let does = if remote { "calls another service" } else { "waits" };
    let report = cx.report(inside.call.fun, format!("`{name}` {does} while the transaction `{tx}` is open"));
    let report = report.steps(inside.steps).note(match remote {
        true => {
            "locks and a connection of the pool are held for as long as that takes: when it is slow, others that need the same rows queue \
             up, and the pool can run empty; and a rollback does not undo the call"
        }
        false => {
            "locks and a connection of the pool are held while it waits: others that need the same rows queue up, and the pool can run \
             empty"
        }
    });
    if effects.has(Effects::GUESSED) {
        report.question();
    }
}
