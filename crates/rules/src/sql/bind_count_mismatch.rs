//! A statement has a different number of placeholders than the call has arguments.
//!
//! The database or its driver rejects the call each time it runs, so this path has never worked; it goes unnoticed where no
//! test reaches it. A numbered placeholder (`$1`) may repeat: the highest number counts, and each number below it must occur.
//!
//! Limits: the statement must be a constant or a local that is set once, and its arguments be written one by one. A condition
//! of gorm counts once it is given values. A prepared statement is followed within one function. Statements with named
//! placeholders are not counted, nor those where `?` may be an operator of PostgreSQL. Tests are left alone, because they fail
//! by themselves when they run.
//!
//! ```go bad
//! func rename(db *sql.DB, id int, name string) error {
//! 	_, err := db.Exec("UPDATE users SET name = $1 WHERE id = $2", name)
//! 	//                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the statement has 2 placeholders, the call 1 argument
//! 	return err
//! }
//! ```
//! ```go bad
//! func find(ctx context.Context, pool *pgxpool.Pool, id int, org int) pgx.Row {
//! 	return pool.QueryRow(ctx, "SELECT name FROM users WHERE id = $1 AND org = $3", id, org)
//! 	//                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the statement uses `$3` but never `$2`
//! }
//! ```
//! ```go bad
//! func add(session *gocql.Session, id gocql.UUID) error {
//! 	return session.Query("INSERT INTO users (id, name) VALUES (?, ?)", id).Exec()
//! 	//                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the statement has 2 placeholders, the call 1 argument
//! }
//! ```
//! ```go bad
//! import "database/sql"
//! const rename = "UPDATE " + users + " SET name = ? WHERE id = ?"
//! const users = "users"
//! type store struct{ handle *sql.DB }
//! func (s store) rename(name string) error {
//! 	_, err := s.handle.Exec(rename, name)
//! 	//                      ^^^^^^ the statement has 2 placeholders, the call 1 argument
//! 	return err
//! }
//! ```
//! ```go bad
//! import "gorm.io/gorm"
//! func find(tx *gorm.DB, from, to int, into *[]User) error {
//! 	return tx.Where("age BETWEEN ? AND ?", from).Find(into).Error
//! 	//              ^^^^^^^^^^^^^^^^^^^^^ the statement has 2 placeholders, the call 1 argument
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//! func find(tx *gorm.DB) *gorm.DB {
//! 	return tx.Where("doc ? 'key'") // an operator of PostgreSQL: no value follows
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, args []any) (*sql.Rows, error) {
//! 	return db.Query("SELECT a FROM t WHERE b IN (?, ?)", args...) // a list of any length
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, b int) (*sql.Rows, error) {
//! 	return db.Query("SELECT a FROM t WHERE b = $1 OR c = $1", b) // one value, used twice
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, b int) (*sql.Rows, error) {
//! 	return db.Query("SELECT a FROM t WHERE b = @b", sql.Named("b", b)) // by name
//! }
//! ```
//! ```go good
//! func add(ctx context.Context, tx *sql.Tx, id uint64, name string) error {
//! 	// The driver of ClickHouse completes an INSERT without values with what Exec is given.
//! 	batch, err := tx.PrepareContext(ctx, "INSERT INTO users (id, name)")
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer batch.Close()
//! 	_, err = batch.ExecContext(ctx, id, name)
//! 	return err
//! }
//! ```
//!
//! # Impact
//!
//! Every execution fails at once, whatever the data: with "expected n arguments, got m" from the driver or a protocol
//! error from the server. So either nobody has called this path, or its error is dropped. One test that runs the
//! statement against a real database is enough.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: against a container of the database; a fake driver does not count placeholders
//! - `PREPARE q AS {query}; SELECT parameter_types FROM pg_prepared_statements;`: in `psql`, lists the parameters that
//!   the server counts
//!
//! # References
//!
//! - [Querying for data](https://go.dev/doc/database/querying)
use gopeer_lint::prelude::*;

use super::statement::{Statement, constant, cql};
use super::text::mask;

pub static RULE: Rule = Rule {
    id: "sql/bind-count-mismatch",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "SQL statements with arguments",
};

/// How the methods that bind values begin.
const STARTS: &[&str] = &["Query", "Exec", "MustExec", "Get", "Select", "Raw", "Queue", "Where", "Or", "Not", "Having"];

/// What holds a condition and its values.
const CONDITIONS: &[&str] =
    &["gorm.io/gorm.DB.Where", "gorm.io/gorm.DB.Or", "gorm.io/gorm.DB.Not", "gorm.io/gorm.DB.Having"];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, spread: false, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    let method = cx.source(name);
    if !STARTS.iter().any(|start| method.starts_with(start)) {
        return;
    }
    let Some((found, text, dollars_only)) = bound(cx, call) else { return };
    if found.values.iter().any(|&value| is_setting(cx, value)) {
        return;
    }
    let Some(placeholders) = mask(&text).and_then(|masked| placeholders(&masked, dollars_only)) else { return };
    cx.examined();
    let values = found.values.len();
    match placeholders {
        Placeholders::Gap { missing, highest } => {
            cx.report(found.query, format!("the statement uses `${highest}` but never `${missing}`")).note(
                "PostgreSQL cannot determine the type of a parameter that does not occur, and rejects the statement",
            );
        }
        Placeholders::Count(count) if count != values => {
            let plural = |n: usize| if n == 1 { "" } else { "s" };
            let message = format!(
                "the statement has {count} placeholder{}, the call {values} argument{}",
                plural(count),
                plural(values)
            );
            let quoted = text.contains("'$") || text.contains("'?'");
            let note = match quoted {
                true => {
                    "what is between quotes is text, not a placeholder: the driver rejects this call each time it runs"
                }
                false => "the driver rejects this call each time it runs",
            };
            cx.report(found.query, message).note(note);
        }
        Placeholders::Count(_) => {}
    }
}

/// The statement of a call that binds its values in the same breath, and whether `?` is an operator in it.
fn bound<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, std::borrow::Cow<'a, str>, bool)> {
    if let Some((found, text)) = cql(cx, call) {
        // Bind may follow, and so may the values of a batch entry.
        return (!found.values.is_empty()).then_some((found, text, false));
    }
    if cx.calls(call, CONDITIONS) {
        return condition(cx, call);
    }
    let (found, text) = constant(cx, call)?;
    let dollars_only = cx.file.imports_any(&["github.com/jackc/pgx", "github.com/lib/pq"]);
    Some((found, text, dollars_only))
}

/// The condition of a gorm query; one without values may hold an operator `?`, or names.
fn condition<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, std::borrow::Cow<'a, str>, bool)> {
    let (_, method, args) = cx.method_call(call)?;
    let (&query, values) = args.split_first()?;
    let text = cx.string_value(query).filter(|text| !values.is_empty() && text.contains('?'))?;
    Some((Statement { method, query, before: &[], values }, text, false))
}

/// Whether an argument is no value but says how to run or bind: `pgx.QueryExecModeExec`, `pgx.NamedArgs{…}`, `sql.Named(…)`,
/// a type of one's own that rewrites the query, and by its name a mode kept in a variable of unknown type.
fn is_setting(cx: &Cx, value: ExprId) -> bool {
    let ty = cx.deref(cx.ty(value));
    if !ty.is_unknown() {
        let of_pgx =
            cx.type_path(ty).is_some_and(|path| path.starts_with("github.com/jackc/pgx/") && !path.ends_with("type"));
        return of_pgx
            || cx.type_is(ty, &["database/sql.NamedArg"])
            || matches!(cx.store.under(ty), Type::Signature(_) | Type::Map { .. })
            // It rewrites the query, as pgx allows (`pgx.QueryRewriter`).
            || cx.declared_method(ty, &["RewriteQuery"]).is_some();
    }
    if cx.source(value).to_ascii_lowercase().ends_with("mode") || is_rewriter(cx, value) {
        return true;
    }
    let inner = match cx.expr(cx.unparen(value)) {
        Expr::Composite { ty: Some(ty), .. } => ty,
        Expr::Call { fun, .. } => fun,
        Expr::FuncLit { .. } => return true,
        _ => value,
    };
    cx.object(inner).is_some_and(|name| name.path.contains("/pgx") || name.is(&["database/sql.Named"]))
        || matches!(cx.expr(inner), Expr::MapType { .. })
}

/// Whether it may be a value of the package's own that rewrites the query, as pgx allows.
fn is_rewriter(cx: &Cx, value: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(value)), Expr::Composite { ty: Some(ty), .. } if matches!(cx.expr(ty), Expr::Ident))
}

/// Whether it is an INSERT that ends before its values: the driver of ClickHouse completes it with what it is given.
fn is_open_insert(masked: &str) -> bool {
    const VALUES: &[&str] = &["VALUES", "VALUE", "SELECT", "SET", "DEFAULT", "TABLE"];
    let mut words = masked.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.next() == Some("INSERT") && !words.any(|word| VALUES.contains(&word))
}

enum Placeholders {
    Count(usize),
    Gap { missing: usize, highest: usize },
}

/// Counts the placeholders of a masked statement; none where it uses names, or where `?` may be an operator.
fn placeholders(masked: &str, dollars_only: bool) -> Option<Placeholders> {
    let bytes = masked.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(b' ');
    let (mut numbers, mut marks) = (Vec::new(), 0);
    let mut i = 0;
    while i < bytes.len() {
        let next = at(i + 1);
        match at(i) {
            b'$' if next.is_ascii_digit() => {
                let digits = masked.get(i + 1..)?;
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                numbers.push(digits.get(..end)?.parse::<u16>().ok()? as usize);
            }
            b':' if next == b':' || next == b'=' => i += 1,
            b':' | b'@' | b'$' if next.is_ascii_alphabetic() || next == b'_' || next == b'@' => return None,
            b'?' if matches!(next, b'?' | b'|' | b'&') || next.is_ascii_digit() => return None,
            b'?' => marks += 1,
            b'{' | b'%' => return None,
            _ => {}
        }
        i += 1;
    }
    let highest = numbers.iter().copied().max().unwrap_or(0);
    if let Some(missing) = (1..highest).find(|n| !numbers.contains(n)) {
        return Some(Placeholders::Gap { missing, highest });
    }
    match (highest, marks) {
        (0, marks) if marks > 0 && dollars_only => None,
        (0, 0) if is_open_insert(masked) => None,
        (0, marks) => Some(Placeholders::Count(marks)),
        (highest, _) => Some(Placeholders::Count(highest)),
    }
}
