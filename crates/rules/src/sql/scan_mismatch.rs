//! `Scan` gets another number of destinations than the statement selects columns.
//!
//! database/sql and pgx compare the two at run time and fail each time ("expected 2 destination arguments in Scan, not
//! 1"), so the path has never worked. Name a destination for each column, in their order.
//!
//! Silent in tests, which show it themselves when they run, and for a single destination of pgx, which may be a
//! `RowScanner` that takes the whole row. `SELECT *` into a list of
//! destinations fails from the day on that the table gets another column.
//!
//! ```go bad
//! func find(db *sql.DB, id int) (name, mail string, err error) {
//! 	err = db.QueryRow("SELECT name, mail FROM users WHERE id = $1", id).Scan(&name)
//! 	//                                                                  ^^^^ the statement gives 2 columns, `Scan` has 1 destination
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
//! 			//            ^^^^ the statement gives 3 columns, `Scan` has 2 destinations
//! 			return err
//! 		}
//! 	}
//! 	return rows.Err()
//! }
//! ```
//! ```go bad
//! func insert(db *sql.DB, user *User) error {
//! 	return db.QueryRow("INSERT INTO users (name) VALUES ($1) RETURNING id, created", user.Name).Scan(&user.ID)
//! 	//                                                                                          ^^^^ the statement gives 2 columns, `Scan` has 1 destination
//! }
//! ```
//! ```go bad
//! import "database/sql"
//! const byID = `SELECT id, name, mail FROM users WHERE id = $1`
//! type store struct{ handle *sql.DB }
//! func (s store) find(id int) (user User, err error) {
//! 	err = s.handle.QueryRow(byID, id).Scan(&user.ID, &user.Name)
//! 	//                                ^^^^ the statement gives 3 columns, `Scan` has 2 destinations
//! 	return user, err
//! }
//! func (s store) user(id int) (name, mail string, err error) {
//! 	err = s.handle.QueryRow("SELECT * FROM users WHERE id = $1", id).Scan(&name, &mail)
//! 	//                                                               ^^^^ `SELECT *` is scanned into a list of 2 destinations: with another column it fails
//! 	return name, mail, err
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, some any) {
//! 	db.QueryRow("SELECT * FROM pg_control_checkpoint()").Scan(&some)
//! 	db.QueryRow("SELECT * FROM (SELECT a, b FROM t)").Scan(&some, &some)
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, user *User, fields []any) error {
//! 	db.QueryRow("SELECT u.*, o.name FROM users u JOIN orgs o ON o.id = u.org").Scan(&user.ID, &user.Name)
//! 	db.QueryRow("SELECT id, name FROM users").Scan(fields...)
//! 	db.QueryRow("SELECT (SELECT max(id) FROM users), 'a, b'").Scan(&user.ID, &user.Name)
//! 	return db.QueryRow("SELECT count(*) FROM users").Scan(&user.ID)
//! }
//! ```
use std::borrow::Cow;

use gopeer_lint::prelude::*;

use super::support::{chain_start, constant, cql, mask, verb};

pub static RULE: Rule = Rule {
    id: "sql/scan-mismatch",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::DataLoss, 2)],
    equivalents: &["unqueryvet"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, spread: false } = cx.expr(call) else { return };
    let Expr::Selector { base, name } = cx.expr(fun) else { return };
    if cx.source(name) != "Scan" {
        return;
    }
    let Some((query, text, pgx)) = query_of(cx, base) else { return };
    let Some(masked) = mask(&text) else { return };
    let destinations = args.len();
    if destinations > 1 && is_whole_table(&masked) {
        cx.examined();
        let message =
            format!("`SELECT *` is scanned into a list of {destinations} destinations: with another column it fails");
        let at = cx.span(query);
        cx.report(name, message).note_at(at, "name the columns here, in the order of the destinations");
        return;
    }
    let Some(columns) = verb(&text).and_then(|verb| columns(&masked, verb)) else { return };
    cx.examined();
    if columns == destinations || destinations == 0 || pgx && destinations == 1 {
        return;
    }
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let message = format!(
        "the statement gives {columns} column{}, `Scan` has {destinations} destination{}",
        plural(columns),
        plural(destinations)
    );
    let at = cx.span(query);
    cx.report(name, message).note_at(at, "the columns are listed here");
}

/// Whether a masked statement selects all columns of one table, and nothing else.
fn is_whole_table(masked: &str) -> bool {
    let mut words = masked.split_whitespace();
    let mut next = || words.next().unwrap_or_default();
    (next(), next(), next()) == ("SELECT", "*", "FROM") && {
        let table = next();
        !table.is_empty() && !table.contains('(') && !next().starts_with('(')
    }
}

/// The statement whose rows are scanned, called right here or in the definition of the local that holds the rows, with
/// its text and whether it may be pgx that runs it.
fn query_of<'a>(cx: &Cx<'a>, rows: ExprId) -> Option<(ExprId, Cow<'a, str>, bool)> {
    let call = match cx.expr(cx.unparen(rows)) {
        Expr::Call { .. } => rows,
        Expr::Ident if !cx.is_reassigned(rows) => cx.defining_call(rows)?,
        _ => return None,
    };
    let start = ["QueryRow", "QueryRowContext", "QueryRowx", "QueryContext", "Query"]
        .iter()
        .find_map(|method| chain_start(cx, call, method))?;
    let (found, text) = cql(cx, start).or_else(|| constant(cx, start))?;
    let pgx = cx.file.imports_any(&["github.com/jackc/pgx"])
        || !found.before.is_empty() && !found.method.ends_with("Context");
    Some((found.query, text, pgx))
}

/// How many columns a masked statement gives; none where that depends on the schema.
fn columns(masked: &str, verb: &str) -> Option<usize> {
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
    let mut columns = 1;
    let mut column = String::new();
    for c in list.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' | '%' => return None,
            ',' if depth == 0 => {
                columns += 1;
                column.clear();
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
