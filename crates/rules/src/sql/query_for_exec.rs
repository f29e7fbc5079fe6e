//! `Query` runs a statement that returns no rows.
//!
//! `Query` gives back rows, and its connection stays taken until they are closed; with the rows thrown away nobody can
//! close them, so each call costs one connection of the pool until the pool is empty and the service hangs. `Exec` gives
//! the connection back at once, and says how many rows were affected.
//!
//! Limits: statements that are put together at run time are not read, and neither is what a function in the database does.
//! Silent in tests.
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
//! 	//              ^^^^^ `db.Query` runs a DELETE without RETURNING
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
//! 	return session.Query("DELETE FROM users WHERE id = ?", id).Exec() // gocql: a query runs when told to
//! }
//! ```
use gopeer_lint::prelude::*;

use super::statement::{constant, is_chained};
use super::text::{has_word, mask, verb};

pub static RULE: Rule = Rule {
    id: "sql/query-for-exec",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3), (Concern::Availability, 2), (Concern::DataLoss, 1)],
    equivalents: &["gocritic:sqlQuery"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    let exec = match cx.source(name) {
        "Query" | "QueryRow" | "Queryx" | "QueryRowx" => "Exec",
        "QueryContext" | "QueryRowContext" | "QueryxContext" | "QueryRowxContext" => "ExecContext",
        _ => return,
    };
    let Some((found, text)) = constant(cx, call) else { return };
    // A chained Query is a builder's (gocql): it runs nothing yet.
    if is_chained(cx, call) && !found.method.starts_with("QueryRow") {
        return;
    }
    cx.examined();
    let (Some(verb), Some(masked)) = (verb(&text), mask(&text)) else { return };
    let returns =
        matches!(verb, "SELECT" | "WITH") || ["RETURNING", "OUTPUT"].iter().any(|word| has_word(&masked, word));
    if returns {
        return;
    }
    let article = if matches!(verb, "INSERT" | "UPDATE" | "ALTER") { "an" } else { "a" };
    let message = format!("`{}` runs {article} {verb} without RETURNING", cx.source(fun));
    let edit = (cx.span(name), exec.to_owned());
    let edit = result_is_dropped(cx, call).then_some(edit);
    cx.report(name, message)
        .note(format!("there are no rows to read, and the connection stays taken until the result is closed; `{exec}` frees it at once"))
        .fix(format!("Call {exec}"), edit);
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
