//! What rules about batches and conditional writes share.

use crate::sql::text::{has_word, mask, verb};

/// What adds a statement to a batch.
pub(super) const ADDS: &[&str] =
    &["github.com/gocql/gocql.Batch.Query", "github.com/apache/cassandra-gocql-driver/v2.Batch.Query"];

/// What runs a conditional write and tells whether it was applied.
pub(super) const CONDITIONAL: &[&str] = &[
    "github.com/gocql/gocql.Query.ScanCAS",
    "github.com/gocql/gocql.Query.MapScanCAS",
    "github.com/apache/cassandra-gocql-driver/v2.Query.ScanCAS",
    "github.com/apache/cassandra-gocql-driver/v2.Query.ScanCASContext",
    "github.com/apache/cassandra-gocql-driver/v2.Query.MapScanCAS",
    "github.com/apache/cassandra-gocql-driver/v2.Query.MapScanCASContext",
];

/// The verb of a write with a condition: `UPDATE … IF …`.
pub(super) fn conditional_verb(text: &str) -> Option<&'static str> {
    let verb = verb(text).filter(|verb| matches!(*verb, "INSERT" | "UPDATE" | "DELETE"))?;
    mask(text).is_some_and(|masked| has_word(&masked, "IF")).then_some(verb)
}
