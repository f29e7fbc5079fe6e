//! Cassandra and Scylla through gocql.
mod support;

category! {
    batch_type_mismatch,
    cluster_config,
    consistency_level,
    cql_injection,
    full_scan_query,
    iter_close_unchecked,
    logged_batch_multi_partition,
    lwt_applied_ignored,
    missing_context,
    paging_misuse,
    row_map_reuse,
}
