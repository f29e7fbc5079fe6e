//! A CQL query reads more than one partition can answer.
//!
//! Without its partition key in the `WHERE`, a `SELECT` asks every node for every row, and `ALLOW FILTERING` tells
//! Cassandra to read rows in order to throw them away: both work on a laptop and time out once the table has grown. Keep
//! a table for the query, with its key, or scan by token ranges in a batch job. `COUNT(*)` reads all that it counts.
//!
//! Limits: the schema is not known, so a `WHERE` that misses the partition key is not reported, and neither is `IN` with many
//! keys. Statements that are put together at run time are not read.
//!
//! ```go bad
//! func byMail(session *gocql.Session, mail string) *gocql.Iter {
//! 	return session.Query("SELECT id FROM users WHERE mail = ? ALLOW FILTERING", mail).Iter()
//! 	//                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `ALLOW FILTERING` reads rows to throw them away
//! }
//! ```
//! ```go bad
//! func all(session *gocql.Session, n *int) error {
//! 	iter := session.Query(`SELECT id, name FROM users`).Iter()
//! 	//                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the SELECT has no WHERE, so every node reads the whole table `users`
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
use gopeer_lint::prelude::*;

use crate::sql::statement::cql;
use crate::sql::text::{has_word, mask};

pub static RULE: Rule = Rule {
    id: "cassandra/full-scan-query",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 2), (Concern::DataLoss, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some((found, text)) = cql(cx, call) else { return };
    let Some(masked) = mask(&text).filter(|masked| masked.trim_start().starts_with("SELECT")) else { return };
    cx.examined();
    if masked.split_whitespace().collect::<Vec<_>>().join(" ").contains("ALLOW FILTERING") {
        cx.report(found.query, "`ALLOW FILTERING` reads rows to throw them away")
            .note("the cost grows with the table, not with the answer; keep a table whose key fits the query");
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
        format!("the SELECT has no WHERE, so every node reads the whole table `{table}`")
    };
    cx.report(found.query, message)
        .note("name the partition key, or scan by token ranges in a batch job that may take its time");
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
