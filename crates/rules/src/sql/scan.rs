//! Statements whose rows are scanned.

use std::borrow::Cow;

use gopeer_lint::prelude::*;

use super::statement::{chain_start, constant, cql};

/// A statement whose rows are scanned.
pub(super) struct Scanned<'a> {
    /// The statement.
    pub query: ExprId,
    /// Its text.
    pub text: Cow<'a, str>,
    /// Whether pgx may run it.
    pub pgx: bool,
    /// The name `Scan`.
    pub name: ExprId,
    /// How many destinations there are.
    pub destinations: usize,
}

/// The statement behind a `Scan`, called right there or in the definition of the local that holds the rows.
pub(super) fn scanned<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Scanned<'a>> {
    let Expr::Call { fun, args, spread: false } = cx.expr(call) else { return None };
    let Expr::Selector { base: rows, name } = cx.expr(fun) else { return None };
    if cx.source(name) != "Scan" {
        return None;
    }
    let run = match cx.expr(cx.unparen(rows)) {
        Expr::Call { .. } => rows,
        Expr::Ident if !cx.is_reassigned(rows) => cx.defining_call(rows)?,
        _ => return None,
    };
    let start = ["QueryRow", "QueryRowContext", "QueryRowx", "QueryContext", "Query"]
        .iter()
        .find_map(|method| chain_start(cx, run, method))?;
    let (found, text) = cql(cx, start).or_else(|| constant(cx, start))?;
    let pgx = cx.file.imports_any(&["github.com/jackc/pgx"])
        || !found.before.is_empty() && !found.method.ends_with("Context");
    Some(Scanned { query: found.query, text, pgx, name, destinations: args.len() })
}
