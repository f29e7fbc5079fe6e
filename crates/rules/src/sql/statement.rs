//! Calls that hand a statement to a database. Handles are often wrapped, so a method of this module or of an unknown type
//! goes by its name and the file's imports; all rules about SQL ask here.

use std::borrow::Cow;

use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

use super::text::verb;

/// A call that hands a statement to a database.
pub(crate) struct Statement<'a> {
    /// The method, `QueryContext`.
    pub method: &'a str,
    /// The argument with the statement.
    pub query: ExprId,
    /// The arguments before it: a context, a destination.
    pub before: &'a [ExprId],
    /// The arguments after it: the values.
    pub values: &'a [ExprId],
}

/// Methods of database/sql, sqlx, pgx and gorm that take a statement.
const METHODS: &[&str] = &[
    "Exec",
    "ExecContext",
    "Get",
    "GetContext",
    "MustExec",
    "MustExecContext",
    "NamedExec",
    "NamedExecContext",
    "NamedQuery",
    "NamedQueryContext",
    "NewRaw",
    "Prepare",
    "PrepareContext",
    "Preparex",
    "PreparexContext",
    "Query",
    "QueryContext",
    "QueryRow",
    "QueryRowContext",
    "QueryRowx",
    "QueryRowxContext",
    "Queryx",
    "QueryxContext",
    "Queue",
    "Raw",
    "Select",
    "SelectContext",
];

/// Packages whose import says that a file talks SQL; a fragment may leave imports out.
pub(super) const PACKAGES: &[&str] = &[
    "database/sql",
    "github.com/jmoiron/sqlx",
    "github.com/jackc/pgx",
    "gorm.io/gorm",
    "github.com/jinzhu/gorm",
    "github.com/uptrace/bun",
    "github.com/go-pg/pg",
    "github.com/ClickHouse/clickhouse-go",
];

/// Whether methods of this name take a statement.
pub(super) fn takes_statement(method: &str) -> bool {
    METHODS.binary_search(&method).is_ok()
}

const CQL_PACKAGES: &[&str] =
    &["github.com/gocql/gocql", "github.com/apache/cassandra-gocql-driver", "github.com/scylladb/gocql"];

const GOCQLX: &[&str] = &["github.com/scylladb/gocqlx"];

/// The SQL statement that a call hands over, given how to recognize the argument that holds it.
pub(crate) fn statement<'a>(cx: &Cx<'a>, call: ExprId, is_text: impl Fn(ExprId) -> bool) -> Option<Statement<'a>> {
    let (receiver, method, args) = cx.method_call(call)?;
    if !takes_statement(method) || !is_handle(cx, call, receiver) {
        return None;
    }
    let at = args.iter().take(3).position(|&arg| is_text(arg))?;
    let (before, rest) = args.split_at_checked(at)?;
    let (&query, values) = rest.split_first()?;
    Some(Statement { method, query, before, values })
}

/// Like [`statement`], for a statement that is written out, there or where it is prepared: with its text.
pub(crate) fn constant<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, Cow<'a, str>)> {
    let is_sql = |arg| text_of(cx, arg).is_some_and(|text| verb(&text).is_some());
    let found = statement(cx, call, is_sql).or_else(|| {
        let (run, prepare) = prepared(cx, call)?;
        Some(Statement { query: statement(cx, prepare, is_sql)?.query, ..run })
    })?;
    let text = text_of(cx, found.query)?;
    Some((found, text))
}

/// The call of a prepared statement, `stmt.Exec(values…)`, and the one that prepared it in this function.
fn prepared<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, ExprId)> {
    let (stmt, method, args) = cx.method_call(call)?;
    let is_call = takes_statement(method) && !cx.is_reassigned(stmt);
    if !is_call || !cx.has_type(stmt, &["database/sql.Stmt", "github.com/jmoiron/sqlx.Stmt"]) {
        return None;
    }
    let (before, values) = args.split_at_checked(usize::from(method.ends_with("Context")))?;
    Some((Statement { method, query: stmt, before, values }, cx.defining_call(stmt)?))
}

/// The text of a constant, or of a local that is one: `query := "SELECT …"`.
fn text_of<'a>(cx: &Cx<'a>, text: ExprId) -> Option<Cow<'a, str>> {
    let is_kept = cx.expr(text) == Expr::Ident && !cx.is_reassigned(text);
    cx.string_value(text).or_else(|| cx.string_value(cx.initial_value(text).filter(|_| is_kept)?))
}

/// The `Query("…", values…)` of gocql that a call is, with its text.
pub(crate) fn cql<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, Cow<'a, str>)> {
    let found = cql_query(cx, call)?;
    let text = text_of(cx, found.query)?;
    verb(&text)?;
    Some((found, text))
}

/// The `Query(query, values…)` of gocql that a call is.
pub(crate) fn cql_query<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Statement<'a>> {
    let (receiver, method @ "Query", args) = cx.method_call(call)? else { return None };
    let (&query, values) = args.split_first()?;
    // Only gocql's Query can be chained; where it is not, the session has to show its type.
    let is_session = || {
        let by_name = cx.file.scope.is_fragment() || last_name(cx, receiver).ends_with("session");
        is_chained(cx, call) && by_name || cx.has_type(receiver, &["github.com/gocql/gocql.Session"])
    };
    // gocqlx takes the names of the values instead.
    let values = if cx.callee(call).is_some_and(|callee| is_of_module(callee.path, GOCQLX)) { &[] } else { values };
    let is_cql = match library(cx, call) {
        Some(callee) => is_of_module(callee.path, CQL_PACKAGES) || is_of_module(callee.path, GOCQLX),
        None => talks_cql(cx) || !cx.file.imports_any(PACKAGES) && is_session(),
    };
    is_cql.then_some(Statement { method, query, before: &[], values })
}

/// The call that a chain of methods starts from: `s.Query("…")` in `s.Query("…").WithContext(ctx).Exec()`.
pub(crate) fn chain_start(cx: &Cx, call: ExprId, method: &str) -> Option<ExprId> {
    let mut at = call;
    loop {
        let (receiver, name, _) = cx.method_call(at)?;
        if name == method {
            return Some(cx.unparen(at));
        }
        at = receiver;
    }
}

/// Whether a method of the call's result is called.
pub(crate) fn is_chained(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.tree.parent(call), Some(Node::Expr(next)) if matches!(cx.expr(next), Expr::Selector { .. }))
}

/// The library function or method that a call calls. A helper of this package or module may wrap a handle: then, as where
/// the callee is not known, the file's imports tell.
fn library<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Object<'a>> {
    cx.callee(call).filter(|callee| !cx.is_own(callee))
}

/// Whether a method is one of a database's.
fn is_handle(cx: &Cx, call: ExprId, receiver: ExprId) -> bool {
    match library(cx, call) {
        Some(callee) if callee.recv.is_some() => is_of_module(callee.path, PACKAGES),
        _ => talks_sql(cx, receiver),
    }
}

/// Whether a call on `receiver` can be expected to talk SQL: by the file's imports, or, where the handle was declared in
/// another file of the package, by the name that such handles go by.
fn talks_sql(cx: &Cx, receiver: ExprId) -> bool {
    let by_name = || matches!(last_name(cx, receiver).as_str(), "db" | "tx" | "conn" | "pool");
    cx.file.imports_any(PACKAGES) || !talks_cql(cx) && (cx.file.scope.is_fragment() || by_name())
}

/// The last name of `s.db`, in small letters.
fn last_name(cx: &Cx, expr: ExprId) -> String {
    cx.source(expr).rsplit('.').next().unwrap_or_default().to_ascii_lowercase()
}

fn talks_cql(cx: &Cx) -> bool {
    cx.file.imports_any(CQL_PACKAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_sorted() {
        assert!(METHODS.is_sorted());
    }
}
