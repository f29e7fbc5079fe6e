//! Rows are inserted or updated one by one in a loop.
//!
//! Each statement is a round trip, and outside of a transaction also a commit with its own write to disk: ten thousand rows take half a
//! minute instead of half a second. Use `pgx.CopyFrom`, a `pgx.Batch`, one `INSERT` with many `VALUES`, `unnest`, or gorm's
//! `CreateInBatches`.
//!
//! Limits: loops that go on after an error need statements of their own, and are left alone, and so are loops over literals.
//!
//! ```go bad
//! func store(ctx context.Context, tx *sql.Tx, prices []float64) error {
//! 	for _, price := range prices {
//! 		if _, err := tx.ExecContext(ctx, "INSERT INTO prices (price) VALUES ($1)", price); err != nil {
//! 		//           ^^^^^^^^^^^^^^ `tx.ExecContext` inserts the elements of `prices` one by one
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func store(ctx context.Context, db *sql.DB, prices []float64) error {
//! 	for _, price := range prices {
//! 		// Each row is independent.
//! 		if _, err := db.ExecContext(ctx, "INSERT INTO prices (price) VALUES ($1)", price); err != nil {
//! 			slog.Error("price", "err", err)
//! 			continue
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -run none -bench {test} {package}`: with 1,000 rows against a database that is not on this machine
//! - `psql -c "SELECT calls, rows, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 5"`: one row for each call
//!
//! # Options
//!
//! - `CopyFrom`: fastest, for plain inserts without conflicts
//!   - throughput, data: the protocol was made for it
//! - One `INSERT … SELECT FROM unnest($1, $2)`: one statement with `ON CONFLICT`, and arrays to build
//!   - senior: plain SQL that upserts
//! - `pgx.Batch` or `CreateInBatches`: the same statements in fewer round trips
//!   - backend, cloud-native: the loop stays as it is
//!
//! # References
//!
//! - [Package pgx, Conn.CopyFrom](https://pkg.go.dev/github.com/jackc/pgx/v5#Conn.CopyFrom)
use gopeer_lint::prelude::*;

use super::n_plus_one::is_maintenance;
use super::statement::constant;
use super::text::verb;

pub static RULE: Rule = Rule {
    id: "sql/row-by-row-insert",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Latency, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::WRITE, check)],
    examines: "statements that write",
};

const GORM: &[&str] = &["gorm.io/gorm.DB.Create", "gorm.io/gorm.DB.Save"];

fn check(cx: &mut Cx, write: Call) {
    let inserts = match constant(cx, write.expr) {
        Some((_, text)) => verb(&text) == Some("INSERT"),
        None => write.callee.is(GORM),
    };
    if !inserts {
        return;
    }
    cx.examined();
    let Some(turn) = cx.each_turn(write.expr) else { return };
    let is_unchecked =
        matches!(cx.tree.parent(write.expr), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_)));
    if is_maintenance(cx, write.expr) || !is_unchecked && goes_on(cx, turn.looping) {
        return;
    }
    let (name, over) = (cx.source(write.fun), cx.source(turn.over));
    let reason = cx.said(write.expr, &["few", "small"]);
    let steps = [
        (cx.span(turn.over), format!("the loop goes over `{over}`")),
        (cx.span(write.fun), "each iteration is a round trip".to_owned()),
    ];
    cx.report(write.fun, format!("`{name}` inserts the elements of `{over}` one by one"))
        .steps(steps)
        .note(
            "send them together: `CopyFrom`, a batch, one `INSERT` with many `VALUES`, `unnest`, or `CreateInBatches`",
        )
        .excused(reason);
}

/// Whether a loop goes on after an error: each row stands for itself.
fn goes_on(cx: &Cx, looping: StmtId) -> bool {
    let is_continue = |cx: &Cx, node: Node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Branch { kind: BranchKind::Continue, .. }));
    !cx.within(looping, false, is_continue).is_empty()
}
