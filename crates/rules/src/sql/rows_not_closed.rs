//! Rows or a prepared statement are not closed on every path.
//!
//! Open rows keep their connection out of the pool. Every call that leaves early takes one more, until `db.Query` waits for a
//! connection forever; with no limit on connections the database refuses them first. `Next` closes rows by itself only when it has
//! answered `false` (`database/sql`, Rows). `defer rows.Close()` after the check of the error covers every path, and calling it
//! twice does no harm. A statement stays prepared in the database until it is closed.
//!
//! Limits: rows that are returned, stored, used in a closure, or passed to a function that may keep or close them are left alone:
//! somebody else may close them. So are rows of a transaction of `database/sql`, which its end closes. Tests and `main` are left out.
//!
//! ```go bad
//! func names(ctx context.Context, db *sql.DB) ([]string, error) {
//! 	rows, err := db.QueryContext(ctx, "SELECT name FROM users")
//! //<^^^^ `rows` is not closed on every path out of `names`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	var all []string
//! 	for rows.Next() {
//! 		var name string
//! 		if err := rows.Scan(&name); err != nil {
//! 			return nil, err
//! 		}
//! 		all = append(all, name)
//! 	}
//! 	return all, rows.Err()
//! }
//! ```
//! ```diff fixed
//! +	defer rows.Close()
//! ```
//! ```go good
//! func any(ctx context.Context, db *sql.DB) (bool, error) {
//! 	ctx, cancel := context.WithTimeout(ctx, time.Second)
//! 	// The end of the context closes the rows.
//! 	defer cancel()
//! 	rows, err := db.QueryContext(ctx, "SELECT name FROM users")
//! 	if err != nil {
//! 		return false, err
//! 	}
//! 	return rows.Next(), rows.Err()
//! }
//!
//! func count(ctx context.Context, db *sql.DB) (int, error) {
//! 	rows, err := db.QueryContext(ctx, "SELECT name FROM users")
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	n := 0
//! 	// The loop has no other way out, and the last Next closes the rows.
//! 	for rows.Next() {
//! 		n++
//! 	}
//! 	return n, rows.Err()
//! }
//! ```
//!
//! # Impact
//!
//! Rows that stay open keep a connection for each call that leaves early; `db.Stats().InUse` climbs to the maximum,
//! `WaitCount` after it, and then every query of the service waits. The database itself is idle, which sends the search
//! in the wrong direction. Statements that stay open take memory on the server instead. For rows, a pool of one
//! connection makes the second call of a test hang.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 20s {package}`: with `db.SetMaxOpenConns(1)`, take the early return and query again
//! - `psql -c "SELECT pid, state, left(query, 60) FROM pg_stat_activity WHERE datname = current_database()"`: the same
//!   statement on many connections that do nothing
//!
//! # Options
//!
//! - Defer `rows.Close()` after the check of the error: covers every path, in one line
//!   - senior, backend, cloud-native: nothing to remember at the next early return
//! - Read all rows with a helper that closes (`pgx.CollectRows`, `sqlx.Select`): no loop left to get wrong, and the
//!   result is held in memory
//!   - data, throughput: less code for each query
//!
//! # References
//!
//! - [Package database/sql, Rows](https://pkg.go.dev/database/sql#Rows)
//! - [Managing connections](https://go.dev/doc/database/manage-connections)
use gopeer_lint::prelude::*;

use super::statement::constant;
use super::text::returns_rows;

pub static RULE: Rule = Rule {
    id: "sql/rows-not-closed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &["sqlclosecheck"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("rows", rows), Hook::Acquire("statement", statement)],
    examines: "rows and statements",
};

fn rows(cx: &mut Cx, rows: &Resource) {
    // That a statement without rows is no query is for query-for-exec to say.
    if constant(cx, rows.call.expr).is_some_and(|(_, text)| returns_rows(&text) == Some(false)) {
        return;
    }
    // The end of their transaction closes them, too (`database/sql`, Tx.Commit and Tx.Rollback).
    if matches!(rows.call.callee, Object { path: "database/sql" | "github.com/jmoiron/sqlx", recv: Some("Tx"), .. }) {
        return;
    }
    // A context that ends with the function closes them (`database/sql`, QueryContext).
    if rows.call.args.first().is_some_and(|&context| is_derived_here(cx, context)) {
        return;
    }
    report(cx, rows, "the connection does not return to the pool until they are closed");
}

/// Whether a variable holds a context that was derived in the same function, with a cancel function whose call is deferred.
fn is_derived_here(cx: &Cx, context: ExprId) -> bool {
    let Def::Local(declared) = cx.def(cx.unparen(context)) else { return false };
    let derived = |used: ExprId| {
        let Some(Node::Stmt(stmt)) = cx.tree.parent(used) else { return None };
        let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
        match *cx.exprs(lhs) {
            [made, cancel] if made == used => Some(cancel),
            _ => None,
        }
    };
    let mut cancels = cx.names.uses(declared).take(64).filter_map(derived);
    cancels.any(|cancel| {
        let Def::Local(cancel) = cx.def(cancel) else { return false };
        let is_called = |used: ExprId| matches!(cx.tree.parent(used), Some(Node::Expr(call)) if cx.is_deferred(call));
        cx.names.uses(cancel).take(64).any(is_called)
    })
}

fn statement(cx: &mut Cx, statement: &Resource) {
    report(cx, statement, "it stays prepared in the database until it is closed");
}

fn report(cx: &mut Cx, resource: &Resource, note: &str) {
    cx.examined();
    if let Some(leak) = cx.leak(resource) {
        leak.report(cx, resource).note(note);
    }
}
