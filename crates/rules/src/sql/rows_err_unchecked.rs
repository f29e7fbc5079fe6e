//! Rows are read in a loop, and nobody asks why it ended.
//!
//! `Next` answers `false` at the end of the rows, and also when the connection breaks or the context ends on the way. Only
//! `rows.Err()` tells one from the other (`database/sql`, Rows.Next): without it a short result looks complete. Check it
//! after the loop.
//!
//! Limits: paths on which another error is returned do not matter here. Rows that are returned, stored, used in a closure or passed
//! to another function are left alone, and so are those that a function literal is given: its caller has them, too. Tests and `main`
//! are left out.
//!
//! ```go bad
//! func names(ctx context.Context, db *sql.DB) ([]string, error) {
//! 	rows, err := db.QueryContext(ctx, "SELECT name FROM users")
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	defer rows.Close()
//! 	var all []string
//! 	for rows.Next() {
//! 		// ^^^^^^^^^ `rows.Err` is not checked after the loop: rows may be missing
//! 		var name string
//! 		if err := rows.Scan(&name); err != nil {
//! 			return nil, err
//! 		}
//! 		all = append(all, name)
//! 	}
//! 	return all, nil
//! }
//! ```
//! ```diff fixed
//! +	if err := rows.Err(); err != nil {
//! +		return nil, err
//! +	}
//! ```
//! ```go good
//! func count(ctx context.Context, db *sql.DB) (n int, err error) {
//! 	rows, err := db.QueryContext(ctx, "SELECT name FROM users")
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	defer rows.Close()
//! 	for rows.Next() {
//! 		n++
//! 	}
//! 	return n, rows.Err()
//! }
//!
//! type Queries func(ctx context.Context, query string, each func(rows *sql.Rows) error) error
//!
//! func (q Queries) rooms(ctx context.Context) (all []string, err error) {
//! 	err = q(ctx, "SELECT name FROM rooms", func(rows *sql.Rows) error {
//! 		for rows.Next() {
//! 			var name string
//! 			if err := rows.Scan(&name); err != nil {
//! 				return err
//! 			}
//! 			all = append(all, name)
//! 		}
//! 		return nil
//! 	})
//! 	return all, err
//! }
//! ```
//!
//! # Idiom
//!
//! `rows.Next` returns false at the end and after a failure alike. The form is: defer `rows.Close()`, loop over `Next` with `Scan`, return
//! `rows.Err()`.
//!
//! # Impact
//!
//! A connection that breaks in the middle of the result looks like its end: an export with 40,000 of 60,000 rows is
//! delivered as complete. It happens at failovers and with contexts that expire while rows are read. The driver's error
//! is lost, so no log mentions it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `sqlmock.NewRows(…).RowError(1, err)` or a context that is canceled after
//!   the first row, the function must fail
//!
//! # References
//!
//! - [Package database/sql, Rows.Err](https://pkg.go.dev/database/sql#Rows.Err)
//! - [Querying for data](https://go.dev/doc/database/querying)
use gopeer_lint::prelude::*;

use crate::errors::propagate::return_with;

pub static RULE: Rule = Rule {
    id: "sql/rows-err-unchecked",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Errors, 2)],
    equivalents: &["rowserrcheck", "vet:sqlrowserr"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(NEXT, check)],
    examines: "loops over rows",
};

const NEXT: &[&str] = &["database/sql.Rows.Next", "github.com/jackc/pgx/v5.Rows.Next"];

fn check(cx: &mut Cx, next: Call) {
    let (Some(rows), Some(of)) = (next.receiver, cx.loop_while(next.expr)) else { return };
    cx.examined();
    let Some(unasked) = cx.unasked(next, "gives no more rows") else { return };
    let name = cx.source(rows);
    let leave = cx.enclosing_func(of).and_then(|func| return_with(cx, func, "err"));
    let silent = leave.as_ref().map(|_| {
        let func = cx.func_in_words(of);
        format!("a connection that breaks ends the loop like the last row does, and {func} returns no error")
    });
    let edit = leave.filter(|_| cx.place_in_list(of).is_some()).map(|leave| {
        let (end, indent) = (cx.span(of).end, cx.indent(of));
        let text = format!("\n{indent}if err := {name}.Err(); err != nil {{\n{indent}\t{leave}\n{indent}}}");
        (Span::new(end, end), text)
    });
    let message = format!("`{name}.Err` is not checked after the loop: rows may be missing");
    cx.report(next.fun, message).steps(unasked.steps).notes(silent).fix(format!("Check `{name}.Err()`"), edit);
}
