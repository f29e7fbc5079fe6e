//! Cassandra and CQL.
category! {
}
