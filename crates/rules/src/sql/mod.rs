//! SQL: statements, arguments, connections.
mod gorm;
mod handle;
mod input;
mod scan;
pub(crate) mod statement;
mod template;
pub(crate) mod text;

pub(crate) use gorm::GORM_FINISHERS;
pub(crate) use injection::{advice, hole, is_put_together};

category! {
    bind_count_mismatch,
    check_then_insert,
    conditional_update_unchecked,
    connection_shared,
    gorm_error_unchecked,
    injection,
    insecure_dsn,
    io_in_transaction,
    n_plus_one,
    not_found_sentinel,
    outage_as_not_found,
    pgx_resource_leak,
    pool_settings,
    query_for_exec,
    query_while_rows_open,
    read_modify_write,
    row_by_row_insert,
    rows_err_unchecked,
    rows_not_closed,
    scan_mismatch,
    select_star_scanned,
    tx_bypassed,
    tx_lifecycle,
    writes_without_transaction,
}
