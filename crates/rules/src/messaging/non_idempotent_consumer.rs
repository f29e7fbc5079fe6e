//! A message adds to a number in the database each time it is delivered.
//!
//! Brokers deliver at least once: after a crash between the write and the acknowledgement, and after a rebalance, the same message
//! comes again. `SET balance = balance + $1` then adds the amount twice, with no error and no trace. Record the id of the message in
//! the same transaction, and skip what has been recorded (`INSERT … ON CONFLICT DO NOTHING` says by its number of rows).
//!
//! Limits: only `UPDATE`s that add to a column, with a value of the message among their arguments. Packages that speak of
//! duplicates, or of what has been processed, are left alone.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func handle(ctx context.Context, db *sql.DB, m kafka.Message) error {
//! 	_, err := db.ExecContext(ctx, `UPDATE wallets SET cents = cents + 1 WHERE id = $1`, string(m.Value))
//! 	//                                                                                  ^^^^^^^^^^^^^^^ adds again each time the message is delivered
//! 	return err
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func handle(ctx context.Context, db *sql.DB, m kafka.Message) error {
//! 	_, err := db.ExecContext(ctx, `UPDATE wallets SET name = $1`, string(m.Value)) // the same, however often
//! 	return err
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "messaging/non-idempotent-consumer",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    file: file!(),
    examines: "statements that add to a column",
};

/// What says that a package knows which messages it has handled.
const ONCE: &[&str] = &[
    "CONFLICT", "conflict", "uplicate", "dedup", "Dedup", "rocessed", "dempoten", "applied", "EXISTS", "exists",
    "SetNX", "already",
];

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::COUNTER) {
        if cx.package_mentions(ONCE) != Some(false) {
            return;
        }
        let (sink, place) = (&taint.sink, taint.place());
        cx.report(taint.at, format!("`{sink}` adds again each time the message is delivered{place}"))
            .steps(taint.steps)
            .note("after a crash before the acknowledgement, or a rebalance, the same message comes again: the number is then too high, with no error")
            .note("store the ID of the message in the same transaction, and skip messages whose ID is already there");
    }
}
