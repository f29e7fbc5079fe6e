//! A Kafka client is given a configuration that it refuses.
//!
//! kafka-go panics on a `ReaderConfig` with both `GroupID` and `Partition` (`NewReader` validates it); sarama refuses a
//! `Config` that was not made by `NewConfig`, because its zero limits are invalid, and a `SyncProducer` whose
//! `Producer.Return.Successes` is false, and an idempotent producer without `WaitForAll` and a single open request
//! (`Config.Validate`). A kafka-go `Reader` cannot `SetOffset` in a group, nor `CommitMessages` without one. All of it
//! shows only when the service runs.
//!
//! Settings that disable each other across functions, and error channels nobody reads, come with flow.
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
//! ```go bad
//! import "github.com/IBM/sarama"
//! func producer(brokers []string) (sarama.AsyncProducer, error) {
//! 	config := sarama.NewConfig()
//! 	config.Producer.Idempotent = true
//! 	//                           ^^^^ an idempotent producer needs `Net.MaxOpenRequests` 1, which `config` does not set
//! 	config.Producer.RequiredAcks = sarama.WaitForAll
//! 	return sarama.NewAsyncProducer(brokers, config)
//! }
//! ```
//! ```diff fixed
//! +	config.Net.MaxOpenRequests = 1
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func read(ctx context.Context, brokers []string) error {
//! 	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders"})
//! 	message, err := reader.FetchMessage(ctx)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return reader.CommitMessages(ctx, message)
//! 	//            ^^^^^^^^^^^^^^ `CommitMessages` fails: the reader has no `GroupID`
//! }
//! func rewind(brokers []string) error {
//! 	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders", GroupID: "billing"})
//! 	return reader.SetOffset(kafka.FirstOffset)
//! 	//            ^^^^^^^^^ `SetOffset` fails: the reader is in a group
//! }
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! import "github.com/IBM/sarama"
//! func fine(ctx context.Context, brokers []string, conf kafka.ReaderConfig, message kafka.Message, strict bool) {
//! 	grouped := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders", GroupID: "billing"})
//! 	grouped.CommitMessages(ctx, message)
//! 	single := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders"})
//! 	single.SetOffset(kafka.FirstOffset)
//! 	unknown := kafka.NewReader(conf)
//! 	unknown.CommitMessages(ctx, message)
//! 	config := sarama.NewConfig()
//! 	config.Producer.Idempotent = true
//! 	config.Producer.RequiredAcks = sarama.WaitForAll
//! 	config.Net.MaxOpenRequests = 1
//! 	sarama.NewAsyncProducer(brokers, config)
//! }
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
    scope: Scope::Both,
    hooks: &[
        Hook::Expr(&[ExprKind::Composite], literal),
        Hook::Expr(&[ExprKind::Call], call),
        Hook::Stmt(&[StmtKind::Assign], idempotent),
    ],
    file: file!(),
};

fn literal(cx: &mut Cx, composite: ExprId) {
    let Expr::Composite { ty: Some(ty), .. } = cx.expr(composite) else { return };
    let Some(name) = cx.object(ty) else { return };
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

/// `config.Producer.Idempotent = true` without what it needs.
fn idempotent(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let ([target], [value]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return };
    let Some((config, path)) = path_from(cx, *target) else { return };
    if path != ["Producer", "Idempotent"] || !cx.is_builtin(*value, "true") || cx.file.is_test() {
        return;
    }
    let Some(declaring) = made_here(cx, config) else { return };
    cx.examined();
    for (needed, text, mend) in NEEDED_BY_IDEMPOTENT {
        if !cx.names.uses(declaring).all(|used| used == declaring || leaves_alone(cx, used, needed)) {
            continue;
        }
        let name = cx.source(config);
        let mend = match mend.strip_prefix('.') {
            Some(constant) => format!("{}.{constant}", package_of(cx, config)),
            None => (*mend).to_owned(),
        };
        let line = format!("\n{}{name}.{} = {mend}", cx.indent(stmt), needed.join("."));
        let end = cx.span(stmt).end;
        cx.report(*value, format!("an idempotent producer needs {text}, which `{name}` does not set"))
            .note("the client refuses the configuration when it is created")
            .fix("Set what idempotence needs", [(Span::new(end, end), line)]);
        return;
    }
}

/// What an idempotent producer needs of the fields whose default is another: path, how to say it, value.
const NEEDED_BY_IDEMPOTENT: &[(&[&str], &str, &str)] = &[
    (&["Producer", "RequiredAcks"], "`Producer.RequiredAcks` `WaitForAll`", ".WaitForAll"),
    (&["Net", "MaxOpenRequests"], "`Net.MaxOpenRequests` 1", "1"),
];

/// The variable that a field is selected from, and the names on the way: `config`, [`Producer`, `Idempotent`].
fn path_from<'a>(cx: &Cx<'a>, target: ExprId) -> Option<(ExprId, Vec<&'a str>)> {
    let mut path = Vec::new();
    let mut at = target;
    while let Expr::Selector { base, name } = cx.expr(at) {
        path.push(cx.source(name));
        at = base;
    }
    path.reverse();
    (cx.expr(at) == Expr::Ident).then_some((at, path))
}

/// Where the local was declared, if it starts as what `sarama.NewConfig` returns.
fn made_here(cx: &Cx, config: ExprId) -> Option<ExprId> {
    let Def::Local(declaring) = cx.def(config) else { return None };
    let name = cx.callee(cx.initial_value(config)?)?;
    (name.name == "NewConfig" && is_sarama(name.path)).then_some(declaring)
}

/// The name by which the file calls sarama: that of the call which made the configuration.
fn package_of<'a>(cx: &Cx<'a>, config: ExprId) -> &'a str {
    let made = cx.initial_value(config).map_or("", |made| cx.source(made));
    made.split('.').next().unwrap_or("sarama")
}

/// Whether the config is used here in a way that does not set the field: for another field, or handed to sarama itself.
fn leaves_alone(cx: &Cx, used: ExprId, field: &[&str]) -> bool {
    let path = path_to(cx, used);
    match path.iter().zip(field).find(|(a, b)| a != b) {
        Some(_) => true,
        None if path.is_empty() => {
            matches!(cx.tree.parent(used), Some(Node::Expr(call)) if cx.callee(call).is_some_and(|name| is_sarama(name.path)))
        }
        None => false,
    }
}

/// A reader made here is asked for what its configuration rules out.
fn reader_call(cx: &mut Cx, call: ExprId) {
    let Some((reader, method, _)) = cx.method_call(call) else { return };
    if !matches!(method, "SetOffset" | "SetOffsetAt" | "CommitMessages") || cx.file.is_test() {
        return;
    }
    let Some(made) = cx.initial_value(reader).filter(|_| !cx.is_reassigned(reader)) else { return };
    let Some(Call { callee: name, args: [config], .. }) = cx.call(made) else { return };
    if !name.is(&["github.com/segmentio/kafka-go.NewReader"]) {
        return;
    }
    let Some(elems) = cx.literal_of(*config, READER_CONFIG) else { return };
    cx.examined();
    let group = cx.field(elems, "GroupID").map(|group| cx.string_value(group));
    let why = match (method, group) {
        ("CommitMessages", None) => "has no `GroupID`",
        ("SetOffset" | "SetOffsetAt", Some(Some(group))) if !group.is_empty() => "is in a group",
        _ => return,
    };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    let at = cx.span(*config);
    cx.report(name, format!("`{method}` fails: the reader {why}"))
        .note_at(at, "its configuration")
        .note("a group keeps the offsets of its members; a reader without one keeps its own");
}

fn call(cx: &mut Cx, call: ExprId) {
    reader_call(cx, call);
    let Some(Call { callee: name, args: [_, config], .. }) = cx.call(call) else { return };
    if name.name != "NewSyncProducer" || !is_sarama(name.path) || cx.file.is_test() {
        return;
    }
    let Def::Local(declaring) = cx.def(*config) else { return };
    let Some(made) = cx.initial_value(*config) else { return };
    if !cx.callee(made).is_some_and(|name| name.name == "NewConfig" && is_sarama(name.path)) {
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
    match path_to(cx, config).as_slice() {
        [] | ["Producer"] | ["Producer", "Return"] => false,
        ["Producer", "Return", field, ..] => *field != "Successes",
        _ => true,
    }
}

/// The names that are selected from an expression: `Producer`, `Return` of `config` in `config.Producer.Return`.
fn path_to<'a>(cx: &Cx<'a>, base: ExprId) -> Vec<&'a str> {
    let mut path = Vec::new();
    let mut at = base;
    while let Some(Node::Expr(parent)) = cx.tree.parent(at) {
        let Expr::Selector { base, name } = cx.expr(parent) else { break };
        if base != at {
            break;
        }
        path.push(cx.source(name));
        at = parent;
    }
    path
}
