//! Nobody looks at whether a conditional write was applied.
//!
//! A lightweight transaction (`IF NOT EXISTS`, `IF column = …`) whose condition does not hold is no error: the answer is a row
//! whose first column, `[applied]`, is false. `Exec` discards that row, so a write that was not applied counts as a success,
//! and two owners of one name both believe that they have it. Run it with `ScanCAS` or `MapScanCAS`, and branch on the result.
//!
//! Limits: the statement must be a constant, and the query be made where it runs or in a local of the same function. Batches
//! are `cassandra/batch-type-mismatch`; a result that is kept in a variable and compared with nothing is not looked at.
//!
//! ```go bad
//! func claim(session *gocql.Session, name string, id gocql.UUID) error {
//! 	return session.Query("INSERT INTO names (name, id) VALUES (?, ?) IF NOT EXISTS", name, id).Exec()
//! 	//                                                                                         ^^^^ `Exec` discards whether the conditional INSERT was applied
//! }
//! ```
//! ```go bad
//! func release(session *gocql.Session, name string, id gocql.UUID) error {
//! 	query := session.Query("DELETE FROM names WHERE name = ? IF id = ?", name, id)
//! 	_, err := query.ScanCAS()
//! 	//              ^^^^^^^ whether the conditional write was applied is discarded
//! 	return err
//! }
//! ```
//! ```go bad
//! import "github.com/gocql/gocql"
//! const claimName = "UPDATE names SET id = ? WHERE name = ? IF id = null"
//! type names struct{ cluster *gocql.Session }
//! func (n names) claim(name string, id gocql.UUID) error {
//! 	claim := n.cluster.Query(claimName, id, name)
//! 	return claim.Exec()
//! 	//           ^^^^ `Exec` discards whether the conditional UPDATE was applied
//! }
//! ```
//! ```go good
//! func claim(session *gocql.Session, name string, id gocql.UUID) (bool, error) {
//! 	query := session.Query("INSERT INTO names (name, id) VALUES (?, ?) IF NOT EXISTS", name, id)
//! 	return query.MapScanCAS(map[string]any{}) // the caller learns whether it was applied
//! }
//! ```
//! ```go good
//! func create(session *gocql.Session) error {
//! 	return session.Query("CREATE TABLE IF NOT EXISTS names (name text PRIMARY KEY, id uuid)").Exec() // no row is written
//! }
//! ```
//! ```go good
//! func note(session *gocql.Session, name string) error {
//! 	return session.Query("UPDATE names SET note = 'IF only' WHERE name = ?", name).Exec() // in quotes
//! }
//! ```
//!
//! # Impact
//!
//! The loser of the race continues as the winner: two accounts with one name, two workers with one lease. The statement
//! reports no error, so logs and metrics show success on both sides. A test runs it twice with the same key and expects
//! the second call to be refused.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: the second identical call must report that nothing was applied
//! - `TRACING ON; {query}`: in `cqlsh`, shows the `[applied]` column that the code does not read, and the Paxos round
//!   trips that were paid for it
//!
//! # References
//!
//! - [Cassandra, "Data Manipulation"](https://cassandra.apache.org/doc/latest/cassandra/developing/cql/dml.html)
//! - [Package gocql, Query.ScanCAS](https://pkg.go.dev/github.com/gocql/gocql#Query.ScanCAS)
use gopeer_lint::prelude::*;

use super::support::{CONDITIONAL, conditional_verb};
use crate::sql::statement::{chain_start, cql};

pub static RULE: Rule = Rule {
    id: "cassandra/lwt-applied-ignored",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(EXECS, check_exec), Hook::Call(CONDITIONAL, check_scan)],
    examines: "conditional writes",
};

const EXECS: &[&str] = &[
    "github.com/gocql/gocql.Query.Exec",
    "github.com/scylladb/gocqlx/v2.Queryx.Exec",
    "github.com/scylladb/gocqlx/v2.Queryx.ExecRelease",
    "github.com/scylladb/gocqlx/v3.Queryx.Exec",
    "github.com/scylladb/gocqlx/v3.Queryx.ExecRelease",
    "github.com/apache/cassandra-gocql-driver/v2.Query.Exec",
    "github.com/apache/cassandra-gocql-driver/v2.Query.ExecContext",
];

fn check_exec(cx: &mut Cx, call: Call) {
    let Some(verb) = conditional(cx, call) else { return };
    cx.examined();
    let message = format!("`{}` discards whether the conditional {verb} was applied", call.callee.name);
    let func = cx.func_in_words(call.expr);
    let refused = match verb {
        "INSERT" => {
            format!("if the row is there already, nothing is written, and {func} goes on as if it had written it")
        }
        _ => format!("if the condition does not hold, nothing is changed, and {func} goes on as if it did"),
    };
    cx.report(call.name, message)
        .note(refused)
        .note("a condition that does not hold is no error; use `applied, err := query.MapScanCAS(map[string]any{})`");
}

fn check_scan(cx: &mut Cx, call: Call) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let &[applied, _] = cx.exprs(lhs) else { return };
    cx.examined();
    // A refused INSERT that is dropped on purpose is the way to make sure that a row is there.
    let checked = conditional(cx, call).is_none_or(|verb| verb == "INSERT");
    if cx.source(applied) == "_" && !checked {
        cx.report(call.name, "whether the conditional write was applied is discarded")
            .note("a condition that does not hold is no error: the first result is the only place where it shows");
    }
}

/// The verb of the conditional write that a call runs.
fn conditional(cx: &Cx, run: Call) -> Option<&'static str> {
    let query = run.receiver?;
    let start = match cx.expr(cx.unparen(query)) {
        Expr::Ident if !cx.is_reassigned(query) => cx.defining_call(query),
        Expr::Call { .. } => Some(query),
        _ => None,
    };
    let (_, text) = cql(cx, chain_start(cx, start?, "Query")?)?;
    conditional_verb(&text)
}
