//! What rules about SQL and CQL share: finding a statement in a call, and reading its text without a parser.

use std::borrow::Cow;

use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

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
    "Prepare",
    "PrepareContext",
    "Preparex",
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
const PACKAGES: &[&str] = &[
    "database/sql",
    "github.com/jmoiron/sqlx",
    "github.com/jackc/pgx",
    "gorm.io/gorm",
    "github.com/jinzhu/gorm",
    "github.com/uptrace/bun",
    "github.com/go-pg/pg",
    "github.com/ClickHouse/clickhouse-go",
];

const CQL_PACKAGES: &[&str] =
    &["github.com/gocql/gocql", "github.com/apache/cassandra-gocql-driver", "github.com/scylladb/gocql"];

/// Methods of `*gorm.DB` that run a statement and return the `*gorm.DB` (package gorm, "Finisher").
pub(crate) const GORM_FINISHERS: &[&str] = &[
    "Commit",
    "Count",
    "Create",
    "CreateInBatches",
    "Delete",
    "Exec",
    "Find",
    "FindInBatches",
    "First",
    "FirstOrCreate",
    "FirstOrInit",
    "Last",
    "Pluck",
    "Save",
    "SavePoint",
    "Scan",
    "Take",
    "Update",
    "UpdateColumn",
    "UpdateColumns",
    "Updates",
];

/// The SQL statement that a call hands over, given how to recognise the argument that holds it.
pub(crate) fn statement<'a>(cx: &Cx<'a>, call: ExprId, is_text: impl Fn(ExprId) -> bool) -> Option<Statement<'a>> {
    let (receiver, method, args) = cx.method_call(call)?;
    if METHODS.binary_search(&method).is_err() || !is_handle(cx, call, receiver) {
        return None;
    }
    let at = args.iter().take(3).position(|&arg| is_text(arg))?;
    let (before, rest) = args.split_at_checked(at)?;
    let (&query, values) = rest.split_first()?;
    Some(Statement { method, query, before, values })
}

/// Like [`statement`], for a statement that is written out: with its text.
pub(crate) fn constant<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, Cow<'a, str>)> {
    let is_sql = |arg| cx.string_value(arg).is_some_and(|text| verb(&text).is_some());
    let found = statement(cx, call, is_sql)?;
    let text = cx.string_value(found.query)?;
    Some((found, text))
}

/// The `Query("…", values…)` of gocql that a call is, with its text.
pub(crate) fn cql<'a>(cx: &Cx<'a>, call: ExprId) -> Option<(Statement<'a>, Cow<'a, str>)> {
    let (receiver, method @ "Query", args) = cx.method_call(call)? else { return None };
    let (&query, values) = args.split_first()?;
    let chained =
        matches!(cx.tree.parent(call), Some(Node::Expr(next)) if matches!(cx.expr(next), Expr::Selector { .. }));
    // Only gocql's Query can be chained; where it is not, the session has to show its type.
    let is_session = || {
        let by_name = cx.file.scope.is_fragment() || last_name(cx, receiver).ends_with("session");
        chained && by_name || cx.has_type(receiver, &["github.com/gocql/gocql.Session"])
    };
    let is_cql = match library(cx, call) {
        Some(callee) => is_of_module(callee.path, CQL_PACKAGES),
        None => talks_cql(cx) || !cx.file.imports_any(PACKAGES) && is_session(),
    };
    if !is_cql {
        return None;
    }
    let text = cx.string_value(query)?;
    verb(&text)?;
    Some((Statement { method, query, before: &[], values }, text))
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

/// The verb a statement starts with, in capitals.
pub(crate) fn verb(text: &str) -> Option<&'static str> {
    const VERBS: &[&str] =
        &["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", "ALTER", "DROP", "TRUNCATE", "REPLACE", "MERGE"];
    let word = text.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let spaced = text.trim_start().get(word.len()..)?.starts_with(char::is_whitespace);
    VERBS.iter().copied().find(|verb| spaced && word.eq_ignore_ascii_case(verb))
}

/// The statement in capitals with quoted text turned into `_` and comments into spaces, so that what is left is syntax.
/// None where that cannot be told without knowing the database: backslashes in quotes, dollar quoting, several statements.
pub(crate) fn mask(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if matches!(c, '\'' | '"' | '`') {
            let end = rest.get(1..)?.find(c)? + 2;
            if rest.get(..end)?.contains('\\') {
                return None;
            }
            out.push('_');
            end
        } else if rest.starts_with("--") {
            out.push(' ');
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            out.push(' ');
            rest.find("*/")? + 2
        } else if rest.starts_with("$$") || c == ';' && !rest.get(1..)?.trim().is_empty() {
            return None;
        } else {
            out.push(c.to_ascii_uppercase());
            c.len_utf8()
        };
        rest = rest.get(taken..)?;
    }
    Some(out)
}

/// Whether the masked statement holds the word.
pub(crate) fn has_word(masked: &str, word: &str) -> bool {
    masked.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|other| other == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_sorted() {
        assert!(METHODS.is_sorted() && GORM_FINISHERS.is_sorted());
    }

    #[test]
    fn masks() {
        assert_eq!(mask("select 'a?' -- ?\n, b").as_deref(), Some("SELECT _  \n, B"));
        assert_eq!(mask(r"select 'it\'s'"), None);
        assert_eq!(mask("select 1; select 2"), None);
        assert_eq!(mask("select 1;\n").as_deref(), Some("SELECT 1;\n"));
    }

    #[test]
    fn verbs() {
        assert_eq!(verb("\n\tselect 1"), Some("SELECT"));
        assert_eq!(verb("selection of"), None);
        assert_eq!(verb("delete"), None);
    }
}
