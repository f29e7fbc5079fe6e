//! A Kafka client is given a configuration that it refuses.
//!
//! kafka-go panics on a `ReaderConfig` with both `GroupID` and `Partition` (`NewReader` validates it); sarama refuses a
//! `Config` that was not made by `NewConfig`, because its zero limits are invalid, and a `SyncProducer` whose
//! `Producer.Return.Successes` is false. All of it shows only when the service starts.
//!
//! Settings that disable each other across functions, and error channels nobody reads, come with types and flow.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func reader(brokers []string) *kafka.Reader {
//! 	return kafka.NewReader(kafka.ReaderConfig{
//! 		Brokers:   brokers,
//! 		GroupID:   "billing",
//! 		Partition: 3,
//! 		//         ^ `Partition` cannot be combined with `GroupID`: `NewReader` panics
//! 	})
//! }
//! ```
//! ```diff fixed
//! -		Partition: 3,
//! ```
//! ```go bad
//! func producer(brokers []string) (sarama.AsyncProducer, error) {
//! 	config := &sarama.Config{ClientID: "orders"}
//! 	//         ^^^^^^^^^^^^^ this `sarama.Config` lacks the defaults that `sarama.NewConfig` sets, and does not validate
//! 	return sarama.NewAsyncProducer(brokers, config)
//! }
//! ```
//! ```go bad
//! func producer(brokers []string) (sarama.SyncProducer, error) {
//! 	config := sarama.NewConfig()
//! 	config.ClientID = "orders"
//! 	return sarama.NewSyncProducer(brokers, config)
//! 	//                                     ^^^^^^ `config` does not set `Producer.Return.Successes`, which a SyncProducer needs
//! }
//! ```
//! ```diff fixed
//! +	config.Producer.Return.Successes = true
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func clients(brokers []string, group string) {
//! 	kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, GroupID: group, Topic: "orders", Partition: 0})
//! 	config := sarama.NewConfig()
//! 	config.Producer.Return.Successes = true
//! 	sarama.NewSyncProducer(brokers, config)
//! 	other := sarama.NewConfig()
//! 	configure(other) // may set it
//! 	sarama.NewSyncProducer(brokers, other)
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{READER_CONFIG, head, is_sarama};

pub static RULE: Rule = Rule {
    id: "kafka/invalid-client-config",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::DataLoss, 2), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    needs: Needs::Syntax,
    hooks: &[Hook::Expr(&[ExprKind::Composite], literal), Hook::Expr(&[ExprKind::Call], call)],
    file: file!(),
};

fn literal(cx: &mut Cx, composite: ExprId) {
    let Expr::Composite { ty: Some(ty), .. } = cx.expr(composite) else { return };
    let Some(name) = cx.qualified(ty) else { return };
    if name.name == "ReaderConfig" {
        reader(cx, composite);
    } else if name.name == "Config" && is_sarama(name.path) && !cx.file.is_test() {
        cx.examined();
        let at = head(cx, composite);
        let message = format!(
            "this `{}` lacks the defaults that `{}` sets, and does not validate",
            cx.source(at),
            cx.source(at).replace("Config", "NewConfig")
        );
        cx.report(at, message).note("start from NewConfig and change what differs");
    }
}

fn reader(cx: &mut Cx, composite: ExprId) {
    let Some(elems) = cx.literal_of(composite, READER_CONFIG) else { return };
    let (Some(group), Some(partition)) = (cx.field(elems, "GroupID"), cx.field(elems, "Partition")) else { return };
    cx.examined();
    // Both must be known to be set: an empty group or partition 0 counts as absent.
    let grouped = cx.string_value(group).is_some_and(|group| !group.is_empty());
    if !grouped || cx.int_value(partition).is_none_or(|partition| partition == 0) {
        return;
    }
    let Some(Node::Expr(entry)) = cx.tree.parent(partition) else { return };
    let line = cx.lines(entry);
    let alone = line.of(cx.tree.text()).trim().trim_end_matches(',') == cx.source(entry);
    let report = cx
        .report(partition, "`Partition` cannot be combined with `GroupID`: `NewReader` panics")
        .note("a group assigns the partitions itself; leave Partition out, or read it without a group");
    if alone {
        report.fix("Leave the partition to the group", [(line, String::new())]);
    }
}

fn call(cx: &mut Cx, call: ExprId) {
    let Some((name, [_, config])) = cx.call_of(call) else { return };
    if name.name != "NewSyncProducer" || !is_sarama(name.path) || cx.file.is_test() {
        return;
    }
    let Def::Local(declaring) = cx.def(*config) else { return };
    let Some(made) = cx.initial_value(*config) else { return };
    if !cx.call_of(made).is_some_and(|(name, _)| name.name == "NewConfig" && is_sarama(name.path)) {
        return;
    }
    cx.examined();
    let names = cx.names;
    let harmless = |used: ExprId| used == declaring || used == *config || is_other_field(cx, used);
    if !names.uses(declaring).all(harmless) {
        return;
    }
    let Some(Node::Stmt(stmt)) = cx.tree.parent(made) else { return };
    let name = cx.source(*config);
    let line = format!("\n{}{name}.Producer.Return.Successes = true", cx.indent(stmt));
    let end = cx.span(stmt).end;
    cx.report(*config, format!("`{name}` does not set `Producer.Return.Successes`, which a SyncProducer needs"))
        .note("NewSyncProducer returns an error for it")
        .fix("Return successes", [(Span::new(end, end), line)]);
}

/// Whether the config is used here for a field that is surely not `Producer.Return.Successes`.
fn is_other_field(cx: &Cx, config: ExprId) -> bool {
    let mut path = Vec::new();
    let mut at = config;
    while let Some(Node::Expr(parent)) = cx.tree.parent(at) {
        let Expr::Selector { base, name } = cx.expr(parent) else { break };
        if base != at {
            break;
        }
        path.push(cx.source(name));
        at = parent;
    }
    match path.as_slice() {
        [] | ["Producer"] | ["Producer", "Return"] => false,
        ["Producer", "Return", field, ..] => *field != "Successes",
        _ => true,
    }
}
