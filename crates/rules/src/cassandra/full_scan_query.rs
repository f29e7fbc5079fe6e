//! A CQL query reads more than its answer.
//!
//! `ALLOW FILTERING` tells Cassandra to read rows that it then discards, and a `SELECT` without `WHERE` reads all partitions, on
//! all nodes. Both work on a laptop, and time out once the table has grown. Keep a table for the query, with a key that fits
//! it, or scan by token ranges in a batch job. `COUNT(*)` reads all that it counts.
//!
//! Limits: the schema and the size of tables are not known. A `WHERE` that misses the partition key is not reported, nor is `IN`
//! with many keys; a whole table that is read is a question. Statements that are put together at run time are not read.
//!
//! ```go bad
//! func byMail(session *gocql.Session, mail string) *gocql.Iter {
//! 	return session.Query("SELECT id FROM users WHERE mail = ? ALLOW FILTERING", mail).Iter()
//! 	//                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `ALLOW FILTERING` also reads the rows that it discards
//! }
//! ```
//! ```go bad
//! func all(session *gocql.Session, n *int) error {
//! 	iter := session.Query(`SELECT id, name FROM users`).Iter()
//! 	//                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a SELECT without WHERE reads the whole table `users`
//! 	defer iter.Close()
//! 	return session.Query(`SELECT count(*) FROM shop.orders`).Scan(n)
//! 	//                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `COUNT(*)` without WHERE reads the whole table `shop.orders`
//! }
//! ```
//! ```go good
//! func part(session *gocql.Session, from, to int64) *gocql.Iter {
//! 	return session.Query("SELECT name FROM users WHERE token(id) >= ? AND token(id) < ?", from, to).Iter() // a slice of the ring
//! }
//! ```
//! ```go good
//! func version(session *gocql.Session) *gocql.Iter {
//! 	return session.Query("SELECT release_version FROM system.local").Iter() // one row
//! }
//! ```
//! ```go good
//! func one(session *gocql.Session) *gocql.Iter {
//! 	return session.Query("SELECT name FROM users LIMIT 1").Iter() // stops early
//! }
//! ```
//! ```go good
//! func notes(session *gocql.Session, id gocql.UUID) *gocql.Iter {
//! 	return session.Query("SELECT now() FROM users WHERE id = ? AND note = 'ALLOW FILTERING'", id).Iter() // in quotes
//! }
//! ```
//!
//! # Impact
//!
//! The query reads every partition on every node and times out as soon as the table outgrows the caches. On its way it
//! slows all other reads down, so the first alert is often about another table.
//!
//! # Verify
//!
//! - `TRACING ON; {query}`: in `cqlsh`, shows how many nodes and tombstones were read
//!
//! # References
//!
//! - [Cassandra, "Data Manipulation"](https://cassandra.apache.org/doc/latest/cassandra/developing/cql/dml.html)
use gopeer_lint::prelude::*;

use crate::sql::statement::cql;
use crate::sql::text::{has_word, mask, one_line};

pub static RULE: Rule = Rule {
    id: "cassandra/full-scan-query",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 2), (Concern::DataLoss, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check), Hook::Call(FILTERS, check_builder)],
    examines: "CQL queries",
};

const FILTERS: &[&str] = &[
    "github.com/scylladb/gocqlx/v2/qb.SelectBuilder.AllowFiltering",
    "github.com/scylladb/gocqlx/v3/qb.SelectBuilder.AllowFiltering",
];
const FILTERING: &str = "`ALLOW FILTERING` also reads the rows that it discards";
const INSTEAD: &str = "the cost grows with the table, not with the answer; keep a table whose key fits the query";

/// `qb.Select("users").AllowFiltering()`
fn check_builder(cx: &mut Cx, call: Call) {
    cx.examined();
    cx.report(call.name, FILTERING).note(INSTEAD);
}

fn check(cx: &mut Cx, call: ExprId) {
    let Some((found, text)) = cql(cx, call) else { return };
    let Some(masked) = mask(&text).filter(|masked| masked.trim_start().starts_with("SELECT")) else { return };
    cx.examined();
    if one_line(&masked).contains("ALLOW FILTERING") {
        // With a key it filters one partition, or the index of one.
        let severity = if compares_equal(&masked) { Severity::Medium } else { Severity::High };
        cx.report(found.query, FILTERING).severity(severity).note(INSTEAD);
        return;
    }
    let Some(table) = table(&text, &masked) else { return };
    let bounded = ["WHERE", "LIMIT"].iter().any(|word| has_word(&masked, word));
    if bounded || table.to_ascii_lowercase().starts_with("system") {
        return;
    }
    let message = if masked.contains("COUNT(") {
        format!("`COUNT(*)` without WHERE reads the whole table `{table}`")
    } else {
        format!("a SELECT without WHERE reads the whole table `{table}`")
    };
    // A table of settings has a few rows, and stays that way.
    cx.report(found.query, message)
        .note("if the table can grow, name the partition key, or scan by token ranges in a batch job")
        .question();
}

/// Whether a masked statement compares something with `=` or `IN`.
fn compares_equal(masked: &str) -> bool {
    let equals = |(at, _): (usize, &str)| !masked.get(..at).is_some_and(|before| before.ends_with(['<', '>', '!']));
    masked.match_indices('=').any(equals) || has_word(masked, "IN")
}

/// The table after `FROM`, as it is written. Quoted names and comments shift the masked text against the original: then
/// none.
fn table<'t>(text: &'t str, masked: &str) -> Option<&'t str> {
    if masked.len() != text.len() {
        return None;
    }
    let spaced = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let (at, _) = masked.match_indices("FROM").find(|(at, _)| spaced(at.saturating_sub(1)) && spaced(at + 4))?;
    text.get(at + 4..)?.split_whitespace().next().map(|name| name.trim_end_matches(';'))
}
