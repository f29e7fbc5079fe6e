//! A value is written into the text of a CQL statement.
//!
//! Whoever controls the value controls the statement: `' ALLOW FILTERING` in a name reads the whole table, and a quote in an honest name
//! breaks the query. Each value also makes another text, so that the driver prepares each anew and its cache of prepared
//! statements, and that of every node, fills up with those that are used once. Put a bind marker (`?`) in its place and pass the
//! value as an argument. A marker cannot stand for the name of a table, column or keyspace: look those up in a map of those that are
//! allowed.
//!
//! Reported is a value where a value belongs (in quotes, or after a comparison) in text that the function itself puts together, and
//! in any other place what comes from a request or a message, as for `sql/injection`.
//!
//! Limits: names of tables, columns and keyspaces that no request decides are left alone.
//!
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! func find(session *gocql.Session, name string) *gocql.Iter {
//! 	return session.Query(fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", name)).Iter()
//! 	//                                                                         ^^^^ `name` becomes part of the CQL text
//! }
//! ```
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! func list(session *gocql.Session, r *http.Request) *gocql.Iter {
//! 	table := r.URL.Query().Get("table")
//! 	return session.Query("SELECT id FROM " + table + " WHERE day = ?", today()).Iter()
//! 	//                                       ^^^^^ `table` becomes part of the CQL text
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func find(session *gocql.Session, keyspace, name string) *gocql.Iter {
//! 	// A keyspace, which no marker can stand for, and which is the service's own.
//! 	return session.Query(fmt.Sprintf("SELECT id FROM %s.users WHERE name = ?", keyspace), name).Iter()
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func some(session *gocql.Session, ids []any) *gocql.Iter {
//! 	marks := strings.TrimSuffix(strings.Repeat("?,", len(ids)), ",")
//! 	return session.Query("SELECT name FROM users WHERE id IN ("+marks+")", ids...).Iter() // markers
//! }
//! ```
//!
//! # Impact
//!
//! Whoever sends the value reads or changes rows of others; a value with a quote breaks the query for other users. Each
//! distinct text is prepared on its own, so the metric `PreparedStatementsEvicted` of the nodes climbs and the log
//! warns of discarded prepared statements. A test sends a value with a single quote and expects it back unchanged.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `O'Neil` as input the statement must run and match one row
//! - `grep 'prepared statements discarded' /var/log/cassandra/system.log`: each such line means that texts which differ
//!   in a literal only have filled the cache
//!
//! # References
//!
//! - [OWASP, "Injection Prevention Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Injection_Prevention_Cheat_Sheet.html)
//! - [Package gocql](https://pkg.go.dev/github.com/gocql/gocql)
use gopeer_lint::prelude::*;

use crate::sql::statement::{Statement, cql_query};
use crate::sql::{advice, hole, is_put_together};

pub static RULE: Rule = Rule {
    id: "cassandra/cql-injection",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::DataLoss, 3), (Concern::Latency, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check), Hook::Piece(check_piece)],
    examines: "CQL texts",
};

fn check(cx: &mut Cx, call: ExprId) {
    let Some(found) = put_together(cx, call) else { return };
    cx.examined();
    let Some(hole) = hole(cx, found.query, Kinds::CQL) else { return };
    let steps = cx.tainted(hole.value, Kinds::CQL).map(|(_, steps)| steps).unwrap_or_default();
    let at = cx.span(found.query);
    cx.report(hole.value, format!("`{}` becomes part of the CQL text", cx.source(hole.value)))
        .steps(steps)
        .note_at(at, "each value makes another statement, which is prepared as well")
        .note(advice(&hole));
}

/// Reports input from outside that gets into a statement elsewhere than where it is run.
fn check_piece(cx: &mut Cx) {
    for taint in cx.taints(Kinds::CQL) {
        let here = |found: Statement| hole(cx, found.query, Kinds::CQL).is_some();
        if taint.within.is_none() && put_together(cx, taint.call).is_some_and(here) {
            continue;
        }
        let place = taint.place();
        let text = cx.source(taint.at).lines().next().unwrap_or_default();
        cx.report(taint.at, format!("`{text}` contains {} and is run as CQL{place}", taint.origin()))
            .steps(taint.steps)
            .note("pass values as arguments, with bind markers in the text; choose names from a fixed list");
    }
}

/// The statement whose text is put together here.
fn put_together<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Statement<'a>> {
    cql_query(cx, call).filter(|found| is_put_together(cx, found.query))
}
