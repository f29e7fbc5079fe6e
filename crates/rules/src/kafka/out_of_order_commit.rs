//! Goroutines that handle messages of one partition at the same time commit each its own offset.
//!
//! An offset stands for everything before it. Where the goroutine of message 12 commits while that of message 11 still works, or has
//! failed, the group is past message 11. If the process dies then, message 11 is lost: the lag is zero, and nothing was logged. Use one
//! worker per partition, wait for all messages of a batch before the highest offset is committed, or keep a list of what is open and commit
//! the lowest offset that is done.
//!
//! Limits: goroutines that are started in the loop that fetches, and workers that share a channel and commit, are looked at. Where
//! the loop looks at partitions, nothing is said.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, handle func(kafka.Message) error) error {
//! 	for {
//! 		msg, err := reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		go func() {
//! 			if err := handle(msg); err != nil {
//! 				return
//! 			}
//! 			reader.CommitMessages(ctx, msg)
//! 	//^^^^^^^^^^^^^^^^^^^^^ `reader.CommitMessages` runs in several goroutines at once, so a later offset can be committed before an earlier message is handled
//! 		}()
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//!
//! func run(ctx context.Context, reader *kafka.Reader, handle func(kafka.Message)) error {
//! 	for {
//! 		msg, err := reader.FetchMessage(ctx)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		done := make(chan struct{})
//! 		go func() {
//! 			defer close(done)
//! 			handle(msg)
//! 		}()
//! 		<-done
//! 		// One message at a time.
//! 		if err := reader.CommitMessages(ctx, msg); err != nil {
//! 			return err
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The highest offset wins: when message 12 is committed while 11 still fails, 11 is never seen again. With one slow
//! message out of a thousand, a deployment loses about as many messages as there are workers. Lag shows zero
//! throughout.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 50 {package}`: let the first message take longest, stop in between, and look for
//!   the lowest offset that was not handled
//!
//! # Options
//!
//! - One worker per partition: order and commits are right by construction, and a slow message holds up its partition
//!   - data, senior: the partition is the unit of order
//! - Handle a batch in parallel, wait for all of it, commit the highest: parallel within the batch, as slow as its
//!   slowest message
//!   - backend, cloud-native: one wait makes it correct
//! - Track what is open and commit the lowest finished offset: full parallelism, and a structure that needs tests of
//!   its own
//!   - throughput: for slow calls with uneven times
//!
//! # References
//!
//! - [Apache Kafka, "Message Delivery Semantics"](https://kafka.apache.org/documentation/#semantics)
//! - [Package kgo,
//!   Client.MarkCommitRecords](https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#Client.MarkCommitRecords)
use gopeer_lint::prelude::*;

use super::support::carries_messages;

pub static RULE: Rule = Rule {
    id: "kafka/out-of-order-commit",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::COMMIT, committed)],
    examines: "commits of offsets",
};

fn committed(cx: &mut Cx, commit: Call) {
    cx.examined();
    if !started_each(cx, commit) && !shared_channel(cx, commit) {
        return;
    }
    let commits = cx.source(commit.fun);
    cx.report(
        commit.fun,
        format!("`{commits}` runs in several goroutines at once, so a later offset can be committed before an earlier message is handled"),
    )
    .note(
        "if the process dies, or the earlier message fails, after the later commit, the earlier message is never delivered again, and the \
         lag does not show it",
    )
    .note("use one worker per partition, or commit the highest offset of a batch after all of it is handled");
}

/// Whether the commit runs in a goroutine that is started in the loop which fetches.
fn started_each(cx: &Cx, commit: Call) -> bool {
    let is_go = |cx: &Cx, node: Node| cx.spawn(node).is_some() || matches!(node, Node::Decl(_));
    let Some(start) = cx.around(commit.expr, is_go) else { return false };
    if cx.spawn(start).is_none() {
        return false;
    }
    let Some(fetching) = cx.enclosing_loop(start) else { return is_each(cx, start) };
    fetches(cx, fetching) && !cx.source(fetching).contains("artition")
}

/// Whether a node is in a function literal that franz-go calls for each record.
fn is_each(cx: &Cx, node: Node) -> bool {
    let Some(Func { node: Node::Expr(literal), .. }) = cx.enclosing_func(node) else { return false };
    matches!(cx.tree.parent(literal), Some(Node::Expr(call)) if cx.callee_word(call) == "EachRecord")
}

/// Whether a loop fetches messages, or ranges over a channel of them.
fn fetches(cx: &Cx, around: StmtId) -> bool {
    cx.effects_inside(around).has(Effects::FETCH)
        || matches!(cx.stmt(around), Stmt::Range { subject, .. } if carries_messages(cx, subject))
}

/// Whether the commit is in a worker of which several share a channel of messages.
fn shared_channel(cx: &Cx, commit: Call) -> bool {
    let Some(around) = cx.enclosing_loop(commit.expr) else { return false };
    let Stmt::Range { subject, .. } = cx.stmt(around) else { return false };
    if !carries_messages(cx, subject) {
        return false;
    }
    // `claim.Messages()` is the channel of the claim.
    let holder = cx.call(subject).and_then(|call| call.receiver).unwrap_or(subject);
    match cx.enclosing_func(commit.expr).map(|func| func.node) {
        Some(Node::Expr(literal)) => cx.spawn_of(literal).is_some_and(|spawn| {
            // A channel that is made for each worker is its own.
            let own = |looping: StmtId| matches!(cx.def(holder), Def::Local(made) if cx.span(looping).contains(cx.span(made)));
            cx.enclosing_loop(spawn.at).is_some_and(|looping| !own(looping))
        }),
        Some(Node::Decl(decl)) => !cx.effects_inside(subject).has(Effects::FETCH) && cx.is_started_often(decl),
        _ => false,
    }
}
