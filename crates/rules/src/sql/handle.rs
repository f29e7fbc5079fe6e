//! What runs statements: pools, transactions, connections.

use gopeer_lint::prelude::*;

/// Packages of handles.
const PACKAGES: &[&str] = &[
    "database/sql",
    "github.com/jackc/pgx/v5",
    "github.com/jackc/pgx/v5/pgxpool",
    "github.com/jmoiron/sqlx",
    "gorm.io/gorm",
];

/// Methods of handles that run a statement.
const RUN: &[&str] = &[
    "CopyFrom",
    "Create",
    "CreateInBatches",
    "Delete",
    "Exec",
    "ExecContext",
    "Find",
    "First",
    "Get",
    "GetContext",
    "Model",
    "MustExec",
    "MustExecContext",
    "NamedExec",
    "NamedExecContext",
    "NamedQuery",
    "NamedQueryContext",
    "Query",
    "QueryContext",
    "QueryRow",
    "QueryRowContext",
    "QueryRowx",
    "QueryRowxContext",
    "Queryx",
    "QueryxContext",
    "Raw",
    "Save",
    "Select",
    "SelectContext",
    "SendBatch",
    "Table",
    "Where",
];

/// The pool, transaction or connection on which a call runs a statement.
pub(super) fn handle_of(cx: &Cx, call: ExprId) -> Option<ExprId> {
    let call = cx.call(call)?;
    let runs = RUN.binary_search(&call.callee.name).is_ok() && PACKAGES.contains(&call.callee.path);
    let is_handle = matches!(call.callee.recv?, "Conn" | "DB" | "Pool" | "Tx");
    call.receiver.filter(|_| runs && is_handle)
}
