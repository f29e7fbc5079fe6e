//! `Scan` gets a different number of destinations than the statement has columns, or a destination that cannot be NULL for an aggregate.
//!
//! database/sql and pgx compare the two at run time and fail each time ("expected 2 destination arguments in Scan, not
//! 1"), so this path has never worked. Pass a destination for each column, in the same order. And `SUM`, `MAX`, `MIN` and `AVG` of no rows
//! are NULL (PostgreSQL documentation, "Aggregate Functions"), which a number or a string does not take: that is asked about.
//!
//! Limits: the statement must be a constant or a local that is set once, and `Scan` be called on its result or on the local
//! that keeps the rows. A prepared statement is followed within one function. `SELECT *` and functions that return tables
//! depend on the schema. A single destination of pgx may be a `RowScanner`, which takes the whole row. Tests are left alone,
//! because they fail by themselves when they run.
//!
//! ```go bad
//! func find(db *sql.DB, id int) (name, mail string, err error) {
//! 	err = db.QueryRow("SELECT name, mail FROM users WHERE id = $1", id).Scan(&name)
//! 	//                                                                  ^^^^ the statement returns 2 columns, `Scan` has 1 destination
//! 	return name, mail, err
//! }
//! ```
//! ```go bad
//! func all(ctx context.Context, db *sql.DB) error {
//! 	rows, err := db.QueryContext(ctx, `SELECT id, count(*), coalesce(name, 'a, b') FROM users GROUP BY 1, 3`)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer rows.Close()
//! 	for rows.Next() {
//! 		var id, n int
//! 		if err := rows.Scan(&id, &n); err != nil {
//! 			//            ^^^^ the statement returns 3 columns, `Scan` has 2 destinations
//! 			return err
//! 		}
//! 	}
//! 	return rows.Err()
//! }
//! ```
//! ```go bad
//! func insert(db *sql.DB, user *User) error {
//! 	return db.QueryRow("INSERT INTO users (name) VALUES ($1) RETURNING id, created", user.Name).Scan(&user.ID)
//! 	//                                                                                          ^^^^ the statement returns 2 columns, `Scan` has 1 destination
//! }
//! ```
//! ```go bad
//! import "database/sql"
//! const byID = `SELECT id, name, mail FROM users WHERE id = $1`
//! type store struct{ handle *sql.DB }
//! func (s store) find(id int) (user User, err error) {
//! 	err = s.handle.QueryRow(byID, id).Scan(&user.ID, &user.Name)
//! 	//                                ^^^^ the statement returns 3 columns, `Scan` has 2 destinations
//! 	return user, err
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, user *User) error {
//! 	return db.QueryRow("SELECT u.*, o.name FROM users u JOIN orgs o ON o.id = u.org").Scan(&user.ID) // the schema decides
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, fields []any) error {
//! 	return db.QueryRow("SELECT id, name FROM users").Scan(fields...) // a list of any length
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, user *User) error {
//! 	// Commas in parentheses and in quotes separate no columns.
//! 	return db.QueryRow("SELECT (SELECT coalesce(a, b) FROM t), 'a, b'").Scan(&user.ID, &user.Name)
//! }
//! ```
//!
//! # Impact
//!
//! `Scan` fails for the first row, each time: "expected n destination arguments in Scan, not m". With an empty table it
//! never runs, so only tests with data find it. If the error is dropped, callers get zero values.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: insert one row first
//! - `PREPARE q AS {query}; SELECT result_types FROM pg_prepared_statements;`: in `psql` from PostgreSQL 16 on, lists
//!   the columns that come back
//!
//! # References
//!
//! - [Package database/sql, Rows.Scan](https://pkg.go.dev/database/sql#Rows.Scan)
use gopeer_lint::prelude::*;

use super::scan::scanned;
use super::text::{mask, verb};

pub static RULE: Rule = Rule {
    id: "sql/scan-mismatch",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "calls of Scan",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some(scan) = scanned(cx, call) else { return };
    let masked = mask(&scan.text);
    let columns = verb(&scan.text).zip(masked.as_deref()).and_then(|(verb, masked)| columns(masked, verb));
    let Some(columns) = columns else { return };
    cx.examined();
    let destinations = scan.destinations;
    if columns.len() == destinations {
        return check_nulls(cx, call, &masked.unwrap_or_default(), &columns);
    }
    let columns = columns.len();
    if destinations == 0 || scan.pgx && destinations == 1 {
        return;
    }
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let message = format!(
        "the statement returns {columns} column{}, `Scan` has {destinations} destination{}",
        plural(columns),
        plural(destinations)
    );
    let at = cx.span(scan.query);
    cx.report(scan.name, message).note_at(at, "the columns are listed here");
}

/// A `SUM` of no rows, which is NULL, that goes into what cannot be that.
fn check_nulls(cx: &mut Cx, call: ExprId, masked: &str, columns: &[String]) {
    // In these it is 0.
    const OTHERS: &[&str] =
        &["github.com/ClickHouse/clickhouse-go", "github.com/gocql/gocql", "github.com/scylladb/gocqlx"];
    let Expr::Call { args, .. } = cx.expr(call) else { return };
    if cx.file.imports_any(OTHERS) {
        return;
    }
    for (column, &arg) in columns.iter().zip(cx.exprs(args)) {
        let Expr::Unary { op: UnaryOp::Addr, operand } = cx.expr(cx.unparen(arg)) else { continue };
        let plain = matches!(cx.under(operand), Type::Basic(_)) && !cx.has_methods(cx.ty(arg), &["Scan"]);
        let Some(why) = null_of(column, masked).filter(|_| plain) else { continue };
        let name = cx.source(operand);
        cx.report(arg, format!("`{name}` cannot be NULL, and {why}"))
            .severity(Severity::Medium)
            .question()
            .note("`Scan` fails then: use `COALESCE`, or scan into a pointer or a `sql.Null`");
    }
}

/// Why a column of a masked statement may be NULL: an aggregate without rows.
fn null_of(column: &str, masked: &str) -> Option<&'static str> {
    let column = column.trim();
    let inside = ["SUM(", "MAX(", "MIN(", "AVG("].iter().find_map(|of| column.strip_prefix(of))?;
    let end = closing(inside)?;
    let rest = inside.get(end + 1..)?.trim();
    if !(rest.is_empty() || rest.starts_with("::") || rest.starts_with("AS ")) || rest.contains('(') {
        return None;
    }
    let from = masked.get(top_level(masked, "FROM")?..)?;
    match top_level(from, "GROUP") {
        None if top_level(from, "HAVING").is_none() => Some("an aggregate of no rows is"),
        // Of a group, only where all that is joined to it is missing.
        Some(_) => {
            let (of, _) = inside.get(..end)?.split_once('.')?;
            let joined: Vec<&str> = from.split_whitespace().collect();
            let is_joined = joined.windows(2).enumerate().any(|(at, words)| {
                words == ["LEFT", "JOIN"] && joined.get(at + 2..at + 5).is_some_and(|name| name.contains(&of))
            });
            is_joined.then_some("the aggregate of what `LEFT JOIN` has not found is")
        }
        None => None,
    }
}

/// Where the parenthesis closes that was open before a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        (depth < 0).then_some(at)
    })
}

/// The columns of a masked statement; none where they depend on the schema.
fn columns(masked: &str, verb: &str) -> Option<Vec<String>> {
    let list = match verb {
        "SELECT" => {
            let list = masked.trim_start().strip_prefix("SELECT")?;
            list.get(..top_level(list, "FROM").unwrap_or(list.len()))?
        }
        "INSERT" | "UPDATE" | "DELETE" => {
            let (_, list) = masked.rsplit_once("RETURNING")?;
            list
        }
        _ => return None,
    };
    let list = list.trim().trim_end_matches(';').trim();
    // DISTINCT ON (…) has a list of its own, JSON and TOP change what comes back.
    let words = ["DISTINCT ON", "DISTINCT(", "JSON ", "TOP "];
    if list.is_empty() || list.ends_with(" DISTINCT") || words.iter().any(|word| list.starts_with(word)) {
        return None;
    }
    let mut depth = 0;
    let mut columns = Vec::new();
    let mut column = String::new();
    for c in list.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' | '%' => return None,
            ',' if depth == 0 => {
                columns.push(std::mem::take(&mut column));
                continue;
            }
            _ => {}
        }
        column.push(c);
        let so_far = column.trim();
        if so_far.trim_start_matches("DISTINCT ").trim() == "*" || so_far.ends_with(".*") {
            return None;
        }
    }
    columns.push(column);
    (depth == 0).then_some(columns)
}

/// Where a word stands outside parentheses.
fn top_level(masked: &str, word: &str) -> Option<usize> {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in masked.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        let rest = masked.get(at..)?;
        let alone = !(before.is_alphanumeric() || before == '_' || before == '.');
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if depth == 0 && alone && rest.strip_prefix(word).is_some_and(ends) {
            return Some(at);
        }
        before = c;
    }
    None
}
