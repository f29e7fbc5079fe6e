//! SQL: statements, arguments, connections.
pub(crate) mod support;
mod template;

pub(crate) use support::GORM_FINISHERS;

category! {
    bind_count_mismatch,
    gorm_error_unchecked,
    injection,
    insecure_dsn,
    query_for_exec,
    scan_mismatch,
}
