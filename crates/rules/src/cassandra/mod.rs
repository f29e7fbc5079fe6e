//! Cassandra and Scylla through gocql.
category! {
    cluster_config,
    consistency_level,
    full_scan_query,
    lwt_applied_ignored,
}
