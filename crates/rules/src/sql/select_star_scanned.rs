//! `SELECT *` is scanned into a list of destinations.
//!
//! `*` returns whatever columns the table has, in the order of the day. Once the table gets another column, `Scan` fails in
//! every instance that is still running; when two columns change places, it fills the wrong fields. Name the columns, in the
//! order of the destinations.
//!
//! Limits: the statement must be a constant or a local that is set once, return `*` and nothing beside it, and `Scan` be called
//! on its result or on the local that keeps the rows. Tests are left alone.
//!
//! ```go bad
//! func user(db *sql.DB, id int) (name, mail string, err error) {
//! 	err = db.QueryRow("SELECT * FROM users WHERE id = $1", id).Scan(&name, &mail)
//! 	//                                                         ^^^^ `SELECT *` is scanned into 2 destinations: a new column in the table makes it fail
//! 	return name, mail, err
//! }
//! ```
//! ```go good
//! func control(db *sql.DB, some any) error {
//! 	return db.QueryRow("SELECT * FROM pg_control_checkpoint()").Scan(&some, &some) // a function declares its columns
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, some any) error {
//! 	return db.QueryRow("SELECT * FROM (SELECT a, b FROM t)").Scan(&some, &some) // named inside
//! }
//! ```
//! ```go good
//! func user(db *sql.DB, fields []any) error {
//! 	return db.QueryRow("SELECT * FROM users").Scan(fields...) // a list made for whatever comes
//! }
//! ```
//!
//! # Impact
//!
//! The next migration that adds a column breaks every instance of the old version while the new one rolls out, which is
//! in the middle of a deployment; a column of the same type in another place fills the wrong field silently. Wide
//! columns that nobody asked for are transferred as well.
//!
//! # Verify
//!
//! - `psql -c "\d TABLE"`: compare the order of the columns with that of the destinations
//! - `go test -run {test} {package}`: after an `ALTER TABLE … ADD COLUMN` in the test database
//!
//! # Options
//!
//! - Name the columns: the query says what it needs, and has to be changed with the struct
//!   - senior, backend, data, cloud-native: migrations and code can be rolled out separately
//! - Map by name (`pgx.RowToStructByName`, sqlx with `Unsafe`): new columns are ignored or reported by name, at the
//!   cost of reflection
//!   - throughput: for many wide structs, after measuring
//!
//! # References
//!
//! - [Package pgx, RowToStructByName](https://pkg.go.dev/github.com/jackc/pgx/v5#RowToStructByName)
//! - [Querying for data](https://go.dev/doc/database/querying)
use gopeer_lint::prelude::*;

use super::scan::scanned;
use super::text::mask;

pub static RULE: Rule = Rule {
    id: "sql/select-star-scanned",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::DataLoss, 2)],
    equivalents: &["unqueryvet", "gopeer:sql/scan-mismatch"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "scanned statements",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some(scan) = scanned(cx, call).filter(|scan| scan.destinations > 1) else { return };
    cx.examined();
    if mask(&scan.text).is_some_and(|masked| is_whole_table(&masked)) {
        let destinations = scan.destinations;
        let message =
            format!("`SELECT *` is scanned into {destinations} destinations: a new column in the table makes it fail");
        let at = cx.span(scan.query);
        cx.report(scan.name, message).note_at(at, "name the columns here, in the order of the destinations");
    }
}

/// Whether a masked statement returns all columns of one table, and nothing else.
fn is_whole_table(masked: &str) -> bool {
    let text = masked.trim().trim_end_matches(';').trim_end();
    if text.ends_with("RETURNING *") {
        return true;
    }
    let mut words = text.split_whitespace();
    let mut next = || words.next().unwrap_or_default();
    let (select, columns, from, table, after) = (next(), next(), next(), next(), next());
    let is_star = columns == "*" || columns.ends_with(".*") && !columns.contains(',');
    (select, from) == ("SELECT", "FROM")
        && is_star
        && !table.contains('(')
        && !after.starts_with('(')
        && !table.is_empty()
}
