//! `Query` runs a statement that returns no rows.
//!
//! `Query` returns rows, and its connection stays in use until they are closed. When the rows are discarded nobody can close
//! them: each call costs one connection of the pool, until the pool is empty and the service hangs. `QueryRow` and `Get` find
//! no row to scan, so they fail with `sql.ErrNoRows` each time. `Exec` frees the connection at once, and says how many rows
//! were affected.
//!
//! Limits: the statement must be a constant or a local that is set once. A prepared statement is followed within one function,
//! and what a function in the database returns is not known. Tests are left alone.
//!
//! ```go bad
//! func touch(ctx context.Context, db *sql.DB, id int) error {
//! 	_, err := db.QueryContext(ctx, "UPDATE users SET seen = now() WHERE id = $1", id)
//! 	//           ^^^^^^^^^^^^ `db.QueryContext` runs an UPDATE without RETURNING
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	_, err := db.QueryContext(ctx, "UPDATE users SET seen = now() WHERE id = $1", id)
//! +	_, err := db.ExecContext(ctx, "UPDATE users SET seen = now() WHERE id = $1", id)
//! ```
//! ```go bad
//! func drop(db *sql.DB) error {
//! 	rows, err := db.Query("DELETE FROM jobs WHERE done")
//! 	//              ^^^^^ medium: `db.Query` runs a DELETE without RETURNING
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return rows.Close()
//! }
//! ```
//! ```go bad
//! import "database/sql"
//! const purge = `DELETE FROM sessions WHERE expires < now()`
//! type store struct{ sessions *sql.DB }
//! func (s *store) purge(ctx context.Context) error {
//! 	_, err := s.sessions.QueryContext(ctx, purge)
//! 	//                   ^^^^^^^^^^^^ `s.sessions.QueryContext` runs a DELETE without RETURNING
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	_, err := s.sessions.QueryContext(ctx, purge)
//! +	_, err := s.sessions.ExecContext(ctx, purge)
//! ```
//! ```go good
//! func insert(db *sql.DB, name string) (id int, err error) {
//! 	// RETURNING gives a row.
//! 	err = db.QueryRow("INSERT INTO users (name) VALUES ($1) RETURNING id", name).Scan(&id)
//! 	return id, err
//! }
//! ```
//! ```go good
//! func save(session *gocql.Session, id gocql.UUID) error {
//! 	return session.Query("DELETE FROM users WHERE id = ?", id).Exec() // gocql: Query only prepares what Exec runs
//! }
//! ```
//!
//! # Idiom
//!
//! `Exec` is for statements without rows, `QueryRow` for one row, `Query` for several, which then have to be closed.
//!
//! # Impact
//!
//! Outside of a transaction, every call takes a connection out of the pool and does not give it back, or it fails with
//! `sql.ErrNoRows` although the statement worked. After `SetMaxOpenConns` calls the service hangs; without a limit the database
//! refuses with "too many clients already". `db.Stats().InUse` rises by one for each call.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 20s {package}`: with `db.SetMaxOpenConns(1)`, the second call must not hang
//!
//! # References
//!
//! - [Executing SQL statements that don't return data](https://go.dev/doc/database/change-data)
use gopeer_lint::prelude::*;

use super::statement::{constant, is_chained};
use super::text::{returns_rows, verb};

pub static RULE: Rule = Rule {
    id: "sql/query-for-exec",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3), (Concern::Availability, 2), (Concern::DataLoss, 1)],
    equivalents: &["gocritic:sqlQuery"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "statements that return no rows",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    let exec = match cx.source(name) {
        "Query" | "QueryRow" | "Queryx" | "QueryRowx" | "Get" | "Select" => "Exec",
        "QueryContext" | "QueryRowContext" | "QueryxContext" | "QueryRowxContext" | "GetContext" | "SelectContext" => {
            "ExecContext"
        }
        _ => return,
    };
    let Some((found, text)) = constant(cx, call) else { return };
    let one_row = found.method.starts_with("QueryRow");
    // A chained Query is a builder's (gocql): it runs nothing yet.
    if is_chained(cx, call) && !one_row {
        return;
    }
    cx.examined();
    let Some(verb) = verb(&text).filter(|_| returns_rows(&text) == Some(false)) else { return };
    let article = if matches!(verb, "INSERT" | "UPDATE" | "ALTER") { "an" } else { "a" };
    let dropped = result_is_dropped(cx, call);
    let scans = found.method.starts_with("Get") || one_row && is_chained(cx, call);
    let (severity, note) = match () {
        () if scans => (
            Severity::High,
            format!("there is no row to scan, so the call fails each time with `ErrNoRows`; use `{exec}`"),
        ),
        () if dropped => (
            Severity::High,
            format!("the rows are never closed, so the connection stays busy; `{exec}` frees it at once"),
        ),
        () => (
            Severity::Medium,
            format!(
                "there are no rows to read, and the connection is in use until they are closed; `{exec}` frees it at once"
            ),
        ),
    };
    let edit = dropped.then(|| (cx.span(name), exec.to_owned()));
    cx.report(name, format!("`{}` runs {article} {verb} without RETURNING", cx.source(fun)))
        .severity(severity)
        .note(note)
        .fix(format!("Call `{exec}`"), edit);
}

/// Whether the rows go to `_` or nowhere, so that the result's other type does not matter.
fn result_is_dropped(cx: &Cx, call: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
    match cx.stmt(stmt) {
        Stmt::Expr(_) => true,
        Stmt::Assign { lhs, .. } => matches!(cx.exprs(lhs), [rows, _] if cx.source(*rows) == "_"),
        _ => false,
    }
}
