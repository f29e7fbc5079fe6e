//! A batch is filled in a loop, to write many rows at once.
//!
//! A batch is no bulk load. Its rows are in many partitions, so one coordinator has to reach all their replicas, and a logged batch first
//! writes all of it to two other nodes: it is slower than the single statements, it loads one node, and above
//! `batch_size_fail_threshold` (50 KB) it is refused, which happens first where the input is largest. Write single statements from a
//! bounded number of goroutines, and keep batches for rows of one partition, or for tables that have to agree.
//!
//! Limits: batches whose size is bounded in the loop are left alone.
//!
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! func store(session *gocql.Session, ids []string) error {
//! 	batch := session.NewBatch(gocql.LoggedBatch)
//! 	for _, id := range ids {
//! 		batch.Query("INSERT INTO devices (id) VALUES (?)", id)
//! //^^^^^^^^^^^ `batch` grows with `ids`, whose rows may be in many partitions
//! 	}
//! 	return session.ExecuteBatch(batch)
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! // Two tables that have to agree.
//! func store(session *gocql.Session, id, owner string) error {
//! 	batch := session.NewBatch(gocql.LoggedBatch)
//! 	batch.Query("INSERT INTO devices (id, owner) VALUES (?, ?)", id, owner)
//! 	batch.Query("INSERT INTO devices_by_owner (owner, id) VALUES (?, ?)", owner, id)
//! 	return session.ExecuteBatch(batch)
//! }
//! ```
//!
//! # Impact
//!
//! One coordinator holds all rows in memory, writes them to the batch log of two other nodes and then waits for all
//! replicas, so one large input slows the whole ring. From `batch_size_warn_threshold` on the node logs "Batch …
//! exceeding specified threshold", and above the fail threshold the write is refused. It works with ten rows in a test
//! and fails with the first large customer.
//!
//! # Verify
//!
//! - `grep 'exceeding specified threshold' /var/log/cassandra/system.log`: which tables are affected and by how much
//! - `go test -run none -bench {test} {package}`: compare the batch with single statements from eight goroutines over a
//!   thousand partitions
//!
//! # Options
//!
//! - Run single statements from a bounded number of goroutines: each goes to its own replica, and failures are per row
//!   - data, throughput, cloud-native: load is spread, and a retry repeats one row
//! - Group by partition and send one unlogged batch for each: fewer round trips, for rows that share a partition only
//!   - senior: atomic where it costs nothing
//! - Keep the logged batch, with a cap on its size: all or nothing eventually, and the coordinator pays
//!   - backend: where tables have to agree
//!
//! # References
//!
//! - [Cassandra, "Data Manipulation"](https://cassandra.apache.org/doc/latest/cassandra/developing/cql/dml.html)
use gopeer_lint::prelude::*;

use super::support::ADDS;

pub static RULE: Rule = Rule {
    id: "cassandra/logged-batch-multi-partition",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(ADDS, check)],
    examines: "batches",
};

fn check(cx: &mut Cx, add: Call) {
    cx.examined();
    let Some(batch) = add.receiver.map(|batch| cx.unparen(batch)) else { return };
    let (Def::Local(declared), Some(turn)) = (cx.def(batch), cx.each_turn(add.expr)) else { return };
    let made = cx.source(cx.defining_call(batch).unwrap_or(batch));
    // Unlogged ones are made for rows of one partition, and a batch of the turn is as large as the turn.
    if made.contains("Unlogged") || made.contains("Counter") || cx.span(turn.looping).contains(cx.span(declared)) {
        return;
    }
    let bounded = ["Size()", "len(batch", "chunk", "Chunk", "ExecuteBatch", "Exec("]
        .iter()
        .any(|text| cx.source(turn.looping).contains(text));
    let fixed = matches!(add.args, [_, first, ..] if is_same_each_turn(cx, *first, turn.looping));
    if bounded || fixed {
        return;
    }
    let (name, over) = (cx.source(batch), cx.source(turn.over));
    let reason = cx.said(add.expr, &["partition", "few", "small"]);
    cx.report(add.fun, format!("`{name}` grows with `{over}`, whose rows may be in many partitions"))
        .note(
            "one coordinator reaches all their replicas and logs the batch first; above the limit of the server it is refused (`Batch too \
             large`), which happens first for the largest input",
        )
        .note("write single statements from a bounded number of goroutines; a batch is for rows of one partition")
        .excused(reason);
}

/// Whether the first value, which is mostly the partition's key, is the same in each iteration.
fn is_same_each_turn(cx: &Cx, value: ExprId, looping: StmtId) -> bool {
    let inside = |node: Node| match node {
        Node::Expr(id) => match cx.def(id) {
            Def::Local(declared) => cx.expr(id) == Expr::Ident && cx.span(looping).contains(cx.span(declared)),
            _ => false,
        },
        _ => false,
    };
    !cx.any(value, true, inside)
}
