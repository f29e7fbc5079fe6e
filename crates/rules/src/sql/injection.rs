//! A value is written into the text of an SQL statement.
//!
//! Whoever controls the value controls the statement: `' OR 1=1 --` in a name reads every row, and a quote in an honest
//! name breaks the query. Pass the value as an argument and put a placeholder in its place (`$1` for PostgreSQL, `?` for
//! MySQL and SQLite); the driver then sends it apart from the text, and the server can reuse the plan.
//!
//! Limits: reported is text that is put together in the call or in the local it uses, with a value that stands where a value
//! belongs (in quotes, or after a comparison) or that comes right out of a request. Names of tables and columns, which cannot
//! be arguments, and tests are left alone. Values and texts that come from other functions are not followed.
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
//! ```go good
//! func find(db *sql.DB, table string, marks []string, args []any, limit int) {
//! 	const users = "users"
//! 	db.Query("SELECT id FROM " + users + " WHERE name = $1", args[0]) // a constant
//! 	// A table and placeholders.
//! 	db.Query(fmt.Sprintf("SELECT id FROM %s WHERE id IN (%s)", table, strings.Join(marks, ", ")), args...)
//! 	db.Query(fmt.Sprintf("SELECT id FROM users WHERE id = $%d LIMIT %d", len(args), limit), args...) // numbers
//! 	db.Query("SELECT id FROM users WHERE id = " + strconv.Itoa(limit))                               // a number
//! }
//! ```
use gopeer_lint::prelude::*;

use super::statement::{Statement, constant, statement};
use super::template::{parameters, template};
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
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !matches!(cx.expr(fun), Expr::Selector { .. }) {
        return;
    }
    let is_text = |arg| {
        template(cx, written(cx, arg)).is_some_and(|t| t.holes.first().is_some_and(|(text, _)| verb(text).is_some()))
    };
    let Some(found) = statement(cx, call, is_text).or_else(|| condition(cx, call)) else {
        // A statement that is written out is what this rule asks for.
        if constant(cx, call).is_some() {
            cx.examined();
        }
        return;
    };
    cx.examined();
    let text = written(cx, found.query);
    let Some(template) = template(cx, text) else { return };
    let mut before = String::new();
    let Some(value) = template.holes.iter().find_map(|(text, value)| {
        before.push_str(text);
        is_dangerous(cx, &before, *value).then_some(*value)
    }) else {
        return;
    };
    let fix = (text == found.query).then(|| parameters(cx, call, &found, &template, is_dangerous)).flatten();
    let at = cx.span(call);
    cx.report(value, format!("`{}` becomes part of the SQL text", cx.source(value)))
        .note_at(at, "the statement is run here")
        .note("a value with a quote in it changes the statement; pass it as an argument for a placeholder instead")
        .fix("Pass the values as arguments", fix);
}

/// gorm's methods that take a part of a statement.
fn condition<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Statement<'a>> {
    let (_, method, args) = cx.method_call(call)?;
    let is_part = matches!(method, "Where" | "Or" | "Not" | "Having" | "Order" | "Joins" | "Group");
    let (&query, values) = args.split_first().filter(|_| is_part && cx.file.imports_any(&["gorm.io/gorm"]))?;
    Some(Statement { method, query, before: &[], values })
}

/// The expression that a local which is set once stands for, or the expression itself.
fn written(cx: &Cx, expr: ExprId) -> ExprId {
    match cx.expr(expr) {
        Expr::Ident if !cx.is_reassigned(expr) => cx.initial_value(expr).unwrap_or(expr),
        _ => cx.unparen(expr),
    }
}

/// Whether what fills a hole is a value from elsewhere in a place for a value, or comes out of a request.
fn is_dangerous(cx: &Cx, before: &str, value: ExprId) -> bool {
    if from_request(cx, value) {
        return true;
    }
    let value = cx.unparen(value);
    let source = cx.source(value).to_ascii_lowercase();
    let harmless = [
        "placeholder",
        "param",
        "quote",
        "escape",
        "sanitize",
        "mark",
        "bind",
        "clause",
        "where",
        "cond",
        "col",
        "field",
        "table",
        "alias",
        "expr",
        "sql",
        "query",
    ];
    let simple = match cx.expr(value) {
        Expr::Ident => matches!(cx.def(value), Def::Local(_)) && !is_number(cx, value),
        Expr::Selector { .. } => !cx.is_qualified(value),
        Expr::Index { .. } => true,
        _ => false,
    };
    simple && !harmless.iter().any(|word| source.contains(word)) && is_value_place(cx, before, value)
}

/// Whether text that ends so goes on with a value: inside quotes, or, for what is known to be a string, after a comparison.
fn is_value_place(cx: &Cx, before: &str, value: ExprId) -> bool {
    let quoted = before.matches('\'').count() % 2 == 1;
    let text = before.trim_end();
    let compared = ["=", "<", ">", " LIKE", " like"].iter().any(|end| text.ends_with(end));
    let is_string = || cx.local_type(value).is_some_and(|local| cx.is_builtin(local.ty, "string"));
    quoted || compared && is_string()
}

fn is_number(cx: &Cx, value: ExprId) -> bool {
    const NUMBERS: &[&str] =
        &["int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float64", "bool"];
    cx.local_type(value).is_some_and(|local| NUMBERS.iter().any(|name| cx.is_builtin(local.ty, name)))
}

/// What reads a value out of a request.
const READS_REQUEST: &[&str] = &[
    "net/http.Request.FormValue",
    "net/http.Request.PathValue",
    "net/http.Request.PostFormValue",
    "github.com/gin-gonic/gin.Context.DefaultQuery",
    "github.com/gin-gonic/gin.Context.Param",
    "github.com/gin-gonic/gin.Context.PostForm",
    "github.com/gin-gonic/gin.Context.Query",
    "github.com/go-chi/chi/v5.URLParam",
];

/// Whether the value is read from a request in this expression or in the definition of this local.
fn from_request(cx: &Cx, value: ExprId) -> bool {
    let Some(call) = cx.call(written(cx, value)) else { return false };
    // `r.URL.Query().Get("sort")`
    let of_url = || match cx.call(call.receiver?)? {
        Call { callee, receiver: Some(url), .. } if callee.is(&["net/url.URL.Query"]) => match cx.expr(url) {
            Expr::Selector { base, .. } => Some(cx.has_type(base, &["net/http.Request"])),
            _ => None,
        },
        _ => None,
    };
    call.callee.is(READS_REQUEST) || call.callee.is(&["net/url.Values.Get"]) && of_url() == Some(true)
}
