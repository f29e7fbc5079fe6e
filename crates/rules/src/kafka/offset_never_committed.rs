//! Messages are fetched in a mode in which offsets are committed by hand, and nothing commits them.
//!
//! `FetchMessage` of segmentio/kafka-go commits nothing ("FetchMessage does not commit offsets automatically when using consumer
//! groups"), sarama commits only what was marked, and franz-go and confluent-kafka-go commit nothing once automatic commits are
//! switched off. The group has no position then: after each restart or rebalance it begins where it began before, and every
//! message since is processed again, or skipped, where the reset policy is "latest".
//!
//! Limits: a commit in another package is not seen. Readers of exported fields are left alone, and so are tests and tools.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! type worker struct{ reader *kafka.Reader }
//!
//! func (w *worker) run(ctx context.Context) error {
//! 	for {
//! 		msg, err := w.reader.FetchMessage(ctx)
//! 		//          ^^^^^^^^^^^^^^^^^^^^^ `w.reader.FetchMessage` does not commit offsets, and nothing in this package commits them
//! 		if err != nil {
//! 			return err
//! 		}
//! 		process(msg.Value)
//! 	}
//! }
//!
//! func process([]byte) {}
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! type worker struct{ reader *kafka.Reader }
//!
//! func (w *worker) run(ctx context.Context) error {
//! 	for {
//! 		msg, err := w.reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		process(msg.Value)
//! 		w.done(ctx, msg)
//! 	}
//! }
//!
//! // The commit is in another function.
//! func (w *worker) done(ctx context.Context, msg kafka.Message) {
//! 	if err := w.reader.CommitMessages(ctx, msg); err != nil {
//! 		slog.Error("commit", "err", err)
//! 	}
//! }
//!
//! func process([]byte) {}
//! ```
//!
//! # Impact
//!
//! At each restart and each rebalance, the group begins where its reset policy says: all retained messages are
//! processed again, or everything in between is skipped. Lag in monitoring only grows or is absent, since there is no
//! committed offset. A test starts the consumer twice in one group and expects nothing the second time.
//!
//! # Verify
//!
//! - `kafka-consumer-groups.sh --bootstrap-server HOST:9092 --describe --group GROUP`: `CURRENT-OFFSET` is `-` although
//!   messages are handled
//! - `go test -run {test} {package}`: a fake reader has to record one commit for each handled message
//!
//! # Options
//!
//! - Commit after each message: simple, and one request to the coordinator per message
//!   - senior, backend: the position is exact
//! - Commit every n messages or seconds and on shutdown: little traffic, and up to n repeats after a crash
//!   - throughput, data, cloud-native: repeats are harmless where handling is idempotent
//!
//! # References
//!
//! - [Package kafka-go, Reader.CommitMessages](https://pkg.go.dev/github.com/segmentio/kafka-go#Reader.CommitMessages)
use gopeer_lint::Effects;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/offset-never-committed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::DataLoss, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(FETCHES, fetched), Hook::Call(CLAIMS, claimed), Hook::Call(BY_HAND, by_hand)],
    examines: "consumers that commit by hand",
};

const FETCHES: &[&str] = &["github.com/segmentio/kafka-go.Reader.FetchMessage"];
const CLAIMS: &[&str] = &["github.com/IBM/sarama.ConsumerGroupClaim.Messages"];
const BY_HAND: &[&str] =
    &["github.com/twmb/franz-go/pkg/kgo.DisableAutoCommit", "github.com/twmb/franz-go/pkg/kgo.AutoCommitMarks"];
/// What commits what was marked before.
const ENDS: &[&str] =
    &["github.com/IBM/sarama.ConsumerGroupSession.Commit", "github.com/twmb/franz-go/pkg/kgo.GroupTransactSession.End"];

/// Where a function commits an offset, or marks one, also by an interface that repeats the client's method.
fn commits(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let commits = |call: &Call| cx.effects_by_facts(*call).has(Effects::COMMIT) || call.callee.is(ENDS);
    let calls = cx.calls_within(decl, true);
    let mut calls = calls.iter().filter_map(|&node| if let Node::Expr(call) = node { cx.call(call) } else { None });
    calls.find(commits).map(|call| call.expr)
}

fn fetched(cx: &mut Cx, call: Call) {
    cx.examined();
    if is_own(cx, &call) && cx.package_finds(commits) == Some(false) {
        let fetch = cx.source(call.fun);
        cx.report(call.fun, format!("`{fetch}` does not commit offsets, and nothing in this package commits them"));
    }
}

fn claimed(cx: &mut Cx, call: Call) {
    cx.examined();
    if cx.package_finds(commits) == Some(false) {
        cx.report(call.fun, "sarama commits only what is marked, and nothing in this package marks a message");
    }
}

fn by_hand(cx: &mut Cx, call: Call) {
    cx.examined();
    if cx.package_finds(commits) == Some(false) {
        let option = cx.source(call.fun);
        let resets = says_where(cx, call);
        let message =
            format!("with `{option}` nothing is committed automatically, and nothing in this package commits");
        let report = cx.report(call.fun, message);
        if resets {
            report.asks(format!(
                "Is each start meant to read from there again? With `{option}` nothing is committed here."
            ));
        }
    }
}

/// Whether an option beside it says from where a group reads that has committed nothing.
fn says_where(cx: &Cx, option: Call) -> bool {
    let Some(Node::Expr(around)) = cx.tree.parent(option.expr) else { return false };
    let options = match cx.expr(around) {
        Expr::Call { args, .. } => cx.exprs(args),
        Expr::Composite { elems, .. } => cx.exprs(elems),
        _ => return false,
    };
    options.iter().any(|&option| cx.calls(option, &["github.com/twmb/franz-go/pkg/kgo.ConsumeResetOffset"]))
}

/// Whether code outside of the package cannot have the reader.
fn is_own(cx: &Cx, call: &Call) -> bool {
    let Some(reader) = call.receiver else { return false };
    let name = match cx.expr(cx.unparen(reader)) {
        Expr::Selector { name, .. } => cx.source(name),
        Expr::Ident => cx.source(reader),
        _ => return false,
    };
    name.starts_with(|c: char| c.is_lowercase())
}
