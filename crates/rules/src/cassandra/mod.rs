//! Cassandra and Scylla through gocql.
category! {
    cluster_config,
    consistency_level,
    cql_injection,
    full_scan_query,
    iter_close_unchecked,
    lwt_applied_ignored,
}
