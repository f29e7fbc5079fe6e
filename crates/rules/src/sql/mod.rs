//! SQL: statements, arguments, connections.
pub(crate) mod support;
mod template;

category! {
    bind_count_mismatch,
    injection,
    insecure_dsn,
    query_for_exec,
    scan_mismatch,
}
