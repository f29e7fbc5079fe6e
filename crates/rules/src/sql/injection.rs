//! A value is written into the text of an SQL statement.
//!
//! Whoever controls the value controls the statement: `' OR 1=1 --` in a name reads every row, and a quote in an honest
//! name breaks the query. Pass the value as an argument and put a placeholder in its place (`$1` for PostgreSQL, `?` for
//! MySQL and SQLite); the driver then sends it apart from the text, and the server can reuse the plan. A placeholder cannot
//! stand for the name of a table or column or for a sort direction: look the input up in a map of those that are allowed.
//!
//! Reported is a value where a value belongs (in quotes, or after a comparison) in text that the function itself puts together, and
//! in any other place what comes from a request or a message: that is followed through variables, fields, closures and the functions
//! of the package, as for `security/command-injection`.
//!
//! Where the value is, by its name, that of something which the program or an administrator has made (a queue, a table), and no such
//! input is known to decide it, the finding is high and not critical.
//!
//! Limits: names of tables and columns that no request decides are left alone, and so are tests.
//!
//! ```go bad
//! func find(ctx context.Context, db *sql.DB, name string) (*sql.Rows, error) {
//! 	return db.QueryContext(ctx, fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", name))
//! 	//                                                                                ^^^^ `name` becomes part of the SQL text
//! }
//! ```
//! ```diff fixed
//! -	return db.QueryContext(ctx, fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", name))
//! +	return db.QueryContext(ctx, "SELECT id FROM users WHERE name = ?", name)
//! ```
//! ```go bad
//! func remove(ctx context.Context, conn *pgx.Conn, org string, name string) error {
//! 	_, err := conn.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE org = '%s'", org))
//! 	//                                                                         ^^^ `org` becomes part of the SQL text
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	_, err := conn.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE org = '%s'", org))
//! +	_, err := conn.Exec(ctx, "DELETE FROM users WHERE org = $1", org)
//! ```
//! ```go bad
//! func list(db *sql.DB, r *http.Request) (*sql.Rows, error) {
//! 	query := "SELECT id FROM users ORDER BY " + r.FormValue("sort")
//! 	//                                          ^^^^^^^^^^^^^^^^^^^ `r.FormValue("sort")` becomes part of the SQL text
//! 	return db.Query(query)
//! }
//! ```
//! ```go bad
//! import "gorm.io/gorm"
//! func find(db *gorm.DB, user *User, name string) error {
//! 	return db.Where(fmt.Sprintf("name = '%s'", name)).First(user).Error
//! 	//                                         ^^^^ `name` becomes part of the SQL text
//! }
//! ```
//! ```diff fixed
//! -	return db.Where(fmt.Sprintf("name = '%s'", name)).First(user).Error
//! +	return db.Where("name = ?", name).First(user).Error
//! ```
//! ```go bad
//! func search(db *sql.DB, name, city string) (*sql.Rows, error) {
//! 	query := "SELECT id FROM users WHERE active"
//! 	if name != "" {
//! 		query += " AND name = '" + name + "'"
//! 		//                         ^^^^ `name` becomes part of the SQL text
//! 	}
//! 	return db.Query(query)
//! }
//! ```
//! ```go good
//! func list(db *sql.DB, r *http.Request) (*sql.Rows, error) {
//! 	columns := map[string]string{"name": "name", "age": "created_at"}
//! 	column, ok := columns[r.FormValue("sort")] // one of those that are allowed
//! 	if !ok {
//! 		return nil, errBadSort
//! 	}
//! 	return db.Query("SELECT id FROM users ORDER BY " + column)
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, table string, marks []string, args []any) (*sql.Rows, error) {
//! 	// A table's name, which is no value, and placeholders.
//! 	return db.Query(fmt.Sprintf("SELECT id FROM %s WHERE id IN (%s)", table, strings.Join(marks, ", ")), args...)
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, limit int) (*sql.Rows, error) {
//! 	return db.Query("SELECT id FROM users WHERE id < " + strconv.Itoa(limit)) // a number cannot hold a quote
//! }
//! ```
//! ```go good
//! func find(db *sql.DB, id int) (*sql.Rows, error) {
//! 	const users = "users"
//! 	return db.Query("SELECT id FROM "+users+" WHERE id = $1", id) // a constant
//! }
//! ```
//!
//! # Idiom
//!
//! `database/sql` takes values separately from the statement: `?` or `$1` in the text, the values as further arguments. Names of columns cannot
//! be arguments, so code chooses them from a list.
//!
//! # Impact
//!
//! Whoever sends the value can make the statement read, and often change or delete, what the database user may, which
//! is usually everything in the schema. Attempts show as syntax errors in the database's log; successful ones look like
//! normal queries. A test sends `x' OR '1'='1` and expects no rows, or an error.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `x' OR '1'='1` as input there must be no rows, or an error where a name is
//!   expected; a value such as `O'Neil` must work
//! - `sqlmap -u 'http://localhost:8080/PATH?PARAM=1' --batch --level 2`: for an HTTP endpoint, against a local instance
//!   only; reports the parameter as injectable until it is bound
//! - `psql -c "SELECT query, calls FROM pg_stat_statements ORDER BY calls LIMIT 20"`: many texts that differ only in a
//!   literal are built by concatenation
//!
//! # Options
//!
//! - Bind the value as an argument: the value can never become syntax, and the plan can be reused
//!   - senior, backend, data, throughput: one way for every value
//! - Look names up in a map of allowed ones: for tables, columns and directions, which cannot be bound; the map has to
//!   be kept
//!   - cloud-native: what may be asked for is listed in one place
//!
//! # References
//!
//! - [Avoiding SQL injection risk](https://go.dev/doc/database/sql-injection)
//! - [OWASP, "SQL Injection Prevention Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::input::{is_free_text, is_string, is_syntax, trimmed};
use super::statement::{Statement, constant, statement};
use super::template::{parameters, parts, template};
use super::text::verb;

pub static RULE: Rule = Rule {
    id: "sql/injection",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[
        "gosec:G201",
        "gosec:G202",
        "gosec:G701",
        "semgrep:string-formatted-query",
        "semgrep:gosql-sqli",
        "semgrep:pgx-sqli",
        "semgrep:pg-sqli",
        "semgrep:gorm-dangerous-method-usage",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check), Hook::Piece(check_piece)],
    examines: "SQL texts",
};

/// A value that becomes a part of a statement.
pub(crate) struct Hole {
    pub value: ExprId,
    place: Place,
    /// Whether the statement defines something, so that it takes no arguments.
    pub defines: bool,
}

/// What stands in the statement's text where a value is put in.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// A value, in quotes or after a comparison: a placeholder can stand for it.
    Value,
    /// A name, a direction, a limit, or anything else.
    Other,
}

/// The first value that is put into the text of a statement here and may change it.
pub(crate) fn hole(cx: &Cx, query: ExprId, kinds: Kinds) -> Option<Hole> {
    let (mut before, mut first) = (String::new(), None);
    let mut defines = false;
    for (anew, part) in parts(cx, query) {
        if anew {
            before.clear();
        }
        let Some(template) = template(cx, part) else { continue };
        for (text, value) in &template.holes {
            before.push_str(text);
            defines |= is_definition(&before);
            first = first.or_else(|| Some((*value, danger(cx, &before, *value, kinds)?)));
        }
        before.push_str(&template.tail);
    }
    let (value, place) = first?;
    Some(Hole { value, place, defines })
}

/// What to do about a value in a statement.
pub(crate) fn advice(hole: &Hole) -> &'static str {
    match hole.place {
        Place::Value => {
            "a quote in the value changes the statement; pass it as an argument, and put a placeholder here"
        }
        Place::Other => {
            "a placeholder cannot stand for a name or a direction: choose it from a fixed list, and parse a limit as a number"
        }
    }
}

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !matches!(cx.expr(fun), Expr::Selector { .. }) {
        return;
    }
    let Some(found) = put_together(cx, call) else {
        // A statement that is written out is what this rule asks for.
        if constant(cx, call).is_some() {
            cx.examined();
        }
        return;
    };
    cx.examined();
    match hole(cx, found.query, Kinds::SQL) {
        Some(hole) if hole.defines => ask(cx, call, hole.value),
        Some(hole) => report(cx, call, &found, &hole),
        None => ask_order(cx, call, found.query),
    }
}

/// Asks about an order that the function gets from its caller, by its name, and puts into the text unchecked.
fn ask_order(cx: &mut Cx, call: ExprId, query: ExprId) {
    let ends = |text: &str| text.trim_end().to_ascii_uppercase().ends_with("ORDER BY");
    let in_part = |(_, part)| template(cx, part)?.holes.into_iter().find(|(text, _)| ends(text));
    let Some((_, value)) = parts(cx, query).into_iter().find_map(in_part) else { return };
    if !is_callers_order(cx, value) {
        return;
    }
    let (name, at) = (cx.source(value), cx.span(call));
    cx.report(value, format!("`{name}` becomes part of the SQL text"))
        .severity(Severity::High)
        .note_at(at, "the statement is run here")
        .note(advice(&Hole { value, place: Place::Other, defines: false }))
        .asks(format!("Can a client choose `{name}`? Then it writes a part of the statement."));
}

/// Whether a value is a text that a parameter is, or a field of one, and is named after an order; nothing in the function looks at it but
/// to see whether there is any.
fn is_callers_order(cx: &Cx, value: ExprId) -> bool {
    let (base, name) = match cx.expr(value) {
        Expr::Ident => (value, value),
        Expr::Selector { base, name } => (cx.unparen(base), name),
        _ => return false,
    };
    let named = words(cx.source(name)).iter().any(|word| word.starts_with("order") || word.starts_with("sort"));
    let is_text = cx.ty(value) == TypeId::from(Basic::String);
    let Def::Local(declared) = cx.def(base) else { return false };
    let Some(decl) = cx.enclosing_decl(value).filter(|_| named && is_text && cx.declares_parameter(declared)) else {
        return false;
    };
    let exported = cx.func_name(decl).is_some_and(|name| name.starts_with(char::is_uppercase));
    let is_default = |text: ExprId| cx.string_value(text).is_some();
    let is_empty = |side: ExprId| cx.string_value(side).is_some_and(|text| text.is_empty());
    let lets_be = |around: Option<Node>| match around {
        Some(Node::Expr(around)) => {
            matches!(cx.expr(around), Expr::Binary { lhs, rhs, .. } if is_empty(lhs) || is_empty(rhs))
        }
        Some(Node::Stmt(stmt)) => {
            matches!(cx.stmt(stmt), Stmt::Assign { rhs, .. } if cx.exprs(rhs).iter().all(|&text| is_default(text)))
        }
        _ => false,
    };
    let looks =
        |id: ExprId| ![value, name, declared].contains(&id) && cx.same_text(id, value) && !lets_be(cx.tree.parent(id));
    exported && cx.find_expr(decl, true, looks).is_none()
}

/// Reports input from outside that gets into a statement elsewhere than where it is run.
fn check_piece(cx: &mut Cx) {
    for taint in cx.taints(Kinds::SQL) {
        let here = |found: Statement| hole(cx, found.query, Kinds::SQL).is_some();
        if taint.within.is_none() && put_together(cx, taint.call).is_some_and(here) {
            continue;
        }
        let place = taint.place();
        let text = cx.source(taint.at).lines().next().unwrap_or_default();
        cx.report(taint.at, format!("`{text}` contains {} and is run as SQL{place}", taint.origin()))
            .steps(taint.steps)
            .note("pass values as arguments, with placeholders in the text; choose names and directions from a fixed list");
    }
}

/// The statement whose text is put together here.
fn put_together<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Statement<'a>> {
    statement(cx, call, |arg| is_put_together(cx, arg)).or_else(|| condition(cx, call))
}

/// Whether a statement defines something, so that it takes no arguments.
fn is_definition(text: &str) -> bool {
    matches!(verb(text), Some("CREATE" | "ALTER" | "DROP" | "TRUNCATE"))
}

/// Asks about a definition, whose parts are more often the program's own.
fn ask(cx: &mut Cx, call: ExprId, value: ExprId) {
    let tainted = cx.tainted(value, Kinds::SQL);
    let severity = if tainted.is_some() { Severity::Critical } else { Severity::High };
    let at = cx.span(call);
    cx.report(value, format!("`{}` becomes part of the SQL text", cx.source(value)))
        .severity(severity)
        .steps(tainted.map(|(_, steps)| steps).unwrap_or_default())
        .note_at(at, "the statement is run here")
        .note(
            "a definition takes no placeholders: if the value may come from elsewhere, check it against an allow-list",
        )
        .question();
}

/// Whether a text begins with the verb of a statement and goes on with what is no constant.
pub(crate) fn is_put_together(cx: &Cx, text: ExprId) -> bool {
    cx.string_value(text).is_none()
        && parts(cx, text).into_iter().filter_map(|(_, part)| template(cx, part)).any(|template| {
            let start = template.holes.first().map_or(&template.tail, |(text, _)| text);
            verb(start).is_some()
        })
}

fn report(cx: &mut Cx, call: ExprId, found: &Statement, hole: &Hole) {
    let value = hole.value;
    let is_value = |before: &str, value| danger(cx, before, value, Kinds::SQL) == Some(Place::Value);
    let whole = template(cx, found.query).filter(|_| hole.place == Place::Value);
    let fix = whole.and_then(|whole| parameters(cx, call, found, &whole, is_value));
    let tainted = cx.tainted(value, Kinds::SQL);
    // What a program or an administrator has named is no stranger's text as far as is known.
    let severity = if tainted.is_none() && is_named(cx, value) { Severity::High } else { Severity::Critical };
    let at = cx.span(call);
    cx.report(value, format!("`{}` becomes part of the SQL text", cx.source(value)))
        .severity(severity)
        .steps(tainted.map(|(_, steps)| steps).unwrap_or_default())
        .note_at(at, "the statement is run here")
        .note(advice(hole))
        .fix("Pass the values as arguments", fix);
}

/// Whether a value is the name of what a database, or the program, consists of: `queue`, `db.tableName`.
fn is_named(cx: &Cx, value: ExprId) -> bool {
    const THINGS: &[&str] = &[
        "bucket",
        "channel",
        "column",
        "database",
        "db",
        "index",
        "partition",
        "queue",
        "role",
        "schema",
        "sequence",
        "table",
        "topic",
        "trigger",
        "view",
    ];
    let words = words(cx.source(value));
    let mut words = words.iter().rev().map(String::as_str).skip_while(|&word| word == "name");
    words.next().is_some_and(|word| THINGS.contains(&word))
}

/// Methods of gorm and bun that take a part of a statement.
fn condition<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Statement<'a>> {
    const METHODS: &[&str] =
        &["Where", "WhereOr", "Or", "Not", "Having", "Order", "OrderExpr", "Joins", "Join", "Group", "ColumnExpr"];
    let (_, method, args) = cx.method_call(call)?;
    let is_part = METHODS.contains(&method) && cx.file.imports_any(&["gorm.io/gorm", "github.com/uptrace/bun"]);
    let (&query, values) = args.split_first().filter(|_| is_part)?;
    Some(Statement { method, query, before: &[], values })
}

/// Whether what is put in may change the statement: it comes out of a request, or is a free text in the place of a value.
fn danger(cx: &Cx, before: &str, value: ExprId, kinds: Kinds) -> Option<Place> {
    let quoted = before.matches('\'').count() % 2 == 1;
    let ends = ["=", "<", ">", " LIKE", " like", " ILIKE"].iter().any(|end| before.trim_end().ends_with(end));
    let place = if quoted || ends { Place::Value } else { Place::Other };
    if cx.tainted(value, kinds).is_some() {
        return Some(place);
    }
    let text = trimmed(cx, value);
    let is_value = quoted || ends && is_string(cx, text);
    (is_value && is_free_text(cx, text) && !is_syntax(cx, text)).then_some(place)
}
