//! sarama's `ConsumerGroup.Consume` is called once, or again and again after it has ended.
//!
//! `Consume` returns at each rebalance, without an error: the group expects it to be called again ("Consume should be called inside an
//! infinite loop"). Called once, the member leaves after the first rebalance, as when another replica starts; its partitions are taken
//! over by others, and when all have left, nothing is consumed while all processes are up. A loop around it that never asks for the
//! context spins once that is canceled.
//!
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! func run(ctx context.Context, group sarama.ConsumerGroup, handler sarama.ConsumerGroupHandler) error {
//! 	return group.Consume(ctx, []string{"orders"}, handler)
//! 	//     ^^^^^^^^^^^^^ `group.Consume` returns at the first rebalance, and is not called again
//! }
//! ```
//! ```go bad
//! import "github.com/IBM/sarama"
//!
//! func run(ctx context.Context, group sarama.ConsumerGroup, handler sarama.ConsumerGroupHandler) {
//! 	for {
//! 		if err := group.Consume(ctx, []string{"orders"}, handler); err != nil {
//! 		//        ^^^^^^^^^^^^^ the loop calls `group.Consume` again at once after the context is canceled, and does not end
//! 			slog.Error("consume", "err", err)
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/IBM/sarama"
//!
//! func run(ctx context.Context, group sarama.ConsumerGroup, handler sarama.ConsumerGroupHandler) error {
//! 	for {
//! 		if err := group.Consume(ctx, []string{"orders"}, handler); err != nil {
//! 			return err
//! 		}
//! 		// It ends with the context.
//! 		if ctx.Err() != nil {
//! 			return nil
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! After the first rebalance this member leaves the group. If the process goes on, it consumes nothing while its probes
//! pass, and once the last member has left, lag grows on an apparently healthy deployment. If it ends, its restart
//! causes the next rebalance. Restarting helps until the next replica starts.
//!
//! # Verify
//!
//! - `kafka-consumer-groups.sh --bootstrap-server HOST:9092 --describe --group GROUP --members`: after a rebalance,
//!   count the members and compare with the number of pods
//! - `go test -run {test} {package}`: a fake `ConsumerGroup` whose `Consume` returns nil must be called again
//!
//! # References
//!
//! - [Package sarama, ConsumerGroup](https://pkg.go.dev/github.com/IBM/sarama#ConsumerGroup)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/sarama-consume-not-in-loop",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["github.com/IBM/sarama.ConsumerGroup.Consume"], check)],
    examines: "members of consumer groups",
};

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let consume = cx.source(call.fun);
    if cx.enclosing_loop(call.expr).is_some() {
        let Some(steps) = cx.repeats_at_once(call) else { return };
        cx.report(
            call.fun,
            format!("the loop calls `{consume}` again at once after the context is canceled, and does not end"),
        )
        .steps(steps)
        .note("return if `ctx.Err() != nil`, and on `sarama.ErrClosedConsumerGroup`; wait a little after other errors");
        return;
    }
    if !is_called_once(cx, call.expr) {
        return;
    }
    // Who calls it from another package may do so in a loop.
    let name = cx.enclosing_decl(call.expr).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    let seen = cx.file.is_main() || !name.starts_with(char::is_uppercase);
    cx.report(call.fun, format!("`{consume}` returns at the first rebalance, and is not called again"))
        .note(
            "the member leaves the group then: other members take over its partitions, and when all have left, nobody consumes and the lag \
             grows",
        )
        .note("call it in a loop that ends with the context")
        .question_unless(seen);
}

/// Whether the function around calls it once, and nobody calls that function in a loop, as far as the package shows.
fn is_called_once(cx: &Cx, consume: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(consume) else { return false };
    let Some(decl) = cx.enclosing_decl(consume) else { return false };
    // A function value may be called by whoever tries again.
    let own = match func.node {
        Node::Expr(literal) => cx.spawn_of(literal).is_some_and(|spawn| cx.enclosing_loop(spawn.at).is_none()),
        _ => true,
    };
    own && cx.is_called_in_loop(decl) == Some(false)
}
