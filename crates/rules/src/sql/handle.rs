//! What runs statements: pools, transactions, connections.

use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

use super::statement::{PACKAGES, takes_statement};

/// Methods of handles that run what is not written as a statement: those of pgx, and those with which gorm builds one.
const OTHERS: &[&str] = &[
    "CopyFrom",
    "Create",
    "CreateInBatches",
    "Delete",
    "Find",
    "First",
    "Model",
    "Save",
    "SendBatch",
    "Table",
    "Where",
];

/// Handles that have one connection, which does one thing at a time.
pub(super) const SINGLE: &[&str] = &[
    "database/sql.Conn",
    "database/sql.Tx",
    "github.com/jackc/pgx/v5.Conn",
    "github.com/jackc/pgx/v5.Tx",
    "github.com/jackc/pgx/v5/pgxpool.Conn",
    "github.com/jackc/pgx/v5/pgxpool.Tx",
    "github.com/jmoiron/sqlx.Conn",
    "github.com/jmoiron/sqlx.Tx",
];

/// The pool, transaction or connection on which a call runs a statement.
pub(super) fn handle_of(cx: &Cx, call: ExprId) -> Option<ExprId> {
    let call = cx.call(call)?;
    let Object { path, recv: Some("Conn" | "DB" | "Pool" | "Tx"), name } = call.callee else { return None };
    // What is only prepared does not run yet.
    let runs = OTHERS.contains(&name) || takes_statement(name) && !name.starts_with("Prepare");
    call.receiver.filter(|_| runs && is_of_module(path, PACKAGES))
}
