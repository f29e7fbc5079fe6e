//! A message adds to a number in the database each time it is delivered.
//!
//! Brokers deliver at least once: after a crash between the write and the acknowledgement, and after a rebalance, the same message
//! comes again. `SET balance = balance + $1` then adds the amount twice, with no error and no trace. Record the id of the message in
//! the same transaction, and skip what has been recorded (`INSERT … ON CONFLICT DO NOTHING` says by its number of rows).
//!
//! Limits: only `UPDATE`s that add to a column, with a value of the message among their arguments. Packages that speak of
//! duplicates, or of what has been processed, are left alone, and so are functions that handle a message and look something up that
//! may exist.
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
    examines: "statements that add to a column",
};

/// What says that a package knows which messages it has handled.
const ONCE: &[&str] = &["uplicate", "dedup", "Dedup", "rocessed", "dempoten", "SetNX"];
/// What says so in a function that handles one.
const CHECKS: &[&str] =
    &["CONFLICT", "conflict", "EXISTS", "exists", "Exists", "applied", "already", "IGNORE", "RowsAffected"];

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::COUNTER) {
        let checks = cx.enclosing_decl(taint.at).is_some_and(|decl| looks_it_up(cx, decl, CALLS_DEEP).is_some());
        if checks || cx.package_mentions(ONCE) != Some(false) {
            return;
        }
        let (sink, place) = (&taint.sink, taint.place());
        cx.report(taint.at, format!("`{sink}`{place} adds again each time the message is delivered"))
            .steps(taint.steps)
            .note("after a crash before the acknowledgement, or a rebalance, the same message comes again: the number is then too high, with no error")
            .note("store the ID of the message in the same transaction, and skip messages whose ID is already there");
    }
}

/// Functions that a consumer calls are asked, too, and what these call.
const CALLS_DEEP: usize = 2;

/// The call in a function, or what it leads to, that may find out that a message was handled before.
fn looks_it_up(cx: &Cx, decl: DeclId, deep: usize) -> Option<ExprId> {
    let calls = cx.calls_within(decl, true);
    let mut calls =
        calls.iter().filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None }).take(64);
    calls.find(|&call| {
        let text = cx.source(call);
        let inner = || cx.call(call).is_some_and(|call| cx.find_within(call, looks_it_up, deep - 1).is_some());
        CHECKS.iter().any(|word| text.contains(word)) || deep > 0 && inner()
    })
}
