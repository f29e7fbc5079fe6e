//! A producer does not wait until its messages are replicated.
//!
//! Without an acknowledgement from all in-sync replicas a message that the producer takes for sent is lost when the
//! leader dies (`One`, `Local`), or when anything at all goes wrong (`None`). In a literal `kafka.Writer` of kafka-go
//! the zero value is `RequireNone`, as its documentation says; only the old `kafka.NewWriter` defaults to all.
//! Ask for all replicas, and set `min.insync.replicas` on the topic.
//!
//! Silent for topics and functions that are named after logs, metrics or traces, and where a condition chooses the level. Settings of
//! confluent-kafka-go and idempotence come with types.
//!
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{
//! 		//     ^^^^^^^^^^^^ this `kafka.Writer` waits for no acknowledgement: `RequiredAcks` is not set
//! 		Addr:  kafka.TCP(addr),
//! 		Topic: "orders",
//! 	}
//! }
//! ```
//! ```diff fixed
//! +		RequiredAcks: kafka.RequireAll,
//! ```
//! ```go bad
//! import "github.com/segmentio/kafka-go"
//! func newWriter(addr string) *kafka.Writer {
//! 	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireOne}
//! 	//                                                                         ^^^^^^^^^^^^^^^^ `kafka.RequireOne` loses messages when the leader dies before it replicates
//! }
//! ```
//! ```diff fixed
//! -	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireOne}
//! +	return &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders", RequiredAcks: kafka.RequireAll}
//! ```
//! ```go bad
//! func config() *sarama.Config {
//! 	config := sarama.NewConfig()
//! 	config.Producer.RequiredAcks = sarama.NoResponse
//! 	//                             ^^^^^^^^^^^^^^^^^ `sarama.NoResponse` loses messages without anybody hearing of it
//! 	return config
//! }
//! ```
//! ```diff fixed
//! -	config.Producer.RequiredAcks = sarama.NoResponse
//! +	config.Producer.RequiredAcks = sarama.WaitForAll
//! ```
//! ```go bad
//! func client(seeds []string) (*kgo.Client, error) {
//! 	return kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
//! 	//                                                                                             ^^^^^^^^^^^^^ `kgo.LeaderAck` loses messages when the leader dies before it replicates
//! }
//! ```
//! ```diff fixed
//! -	return kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
//! +	return kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.AllISRAcks()))
//! ```
//! ```go good
//! import "github.com/segmentio/kafka-go"
//! func writers(addr string, config *sarama.Config, fast bool) {
//! 	all := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "orders"}
//! 	all.RequiredAcks = kafka.RequireAll
//! 	logs := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "access-logs"}
//! 	use(all, logs, kafka.NewWriter(kafka.WriterConfig{Topic: "orders"})) // zero means all here
//! 	if fast {
//! 		config.Producer.RequiredAcks = sarama.WaitForLocal
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{WRITER, head, is_sarama, package};

pub static RULE: Rule = Rule {
    id: "kafka/weak-acks",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    needs: Needs::Syntax,
    hooks: &[
        Hook::Expr(&[ExprKind::Composite], literal),
        Hook::Expr(&[ExprKind::Call], option),
        Hook::Stmt(&[StmtKind::Assign], assign),
    ],
    file: file!(),
};

const NOTHING: &str = "loses messages without anybody hearing of it";
const LEADER: &str = "loses messages when the leader dies before it replicates";

fn literal(cx: &mut Cx, composite: ExprId) {
    let Some(elems) = cx.literal_of(composite, WRITER) else { return };
    if cx.file.is_test() || may_lose(cx, composite, cx.field(elems, "Topic")) {
        return;
    }
    cx.examined();
    if let Some(level) = cx.field(elems, "RequiredAcks") {
        return level_is(cx, level);
    }
    if cx.sets_any(composite, &["RequiredAcks"]) {
        return;
    }
    let at = head(cx, composite);
    let edit = cx.with_field(composite, &format!("RequiredAcks: {}.RequireAll", package(cx, composite)));
    cx.report(at, format!("this `{}` waits for no acknowledgement: `RequiredAcks` is not set", cx.source(at)))
        .note("the zero value is RequireNone: WriteMessages succeeds even when no broker keeps the message")
        .fix("Wait for all replicas", [edit]);
}

fn assign(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let ([target], [level]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return };
    let Expr::Selector { name, .. } = cx.expr(*target) else { return };
    if cx.source(name) != "RequiredAcks" || cx.file.is_test() || cx.is_conditional(stmt) {
        return;
    }
    cx.examined();
    level_is(cx, *level);
}

fn option(cx: &mut Cx, call: ExprId) {
    let Some((name, [level])) = cx.call_of(call) else { return };
    if name.is("github.com/twmb/franz-go/pkg/kgo.RequiredAcks") && !cx.file.is_test() && !cx.is_conditional(call) {
        cx.examined();
        level_is(cx, *level);
    }
}

/// Reports a level that is below all.
fn level_is(cx: &mut Cx, level: ExprId) {
    let name = match cx.expr(cx.unparen(level)) {
        Expr::Call { fun, .. } => fun,
        _ => level,
    };
    let Some(level) = cx.qualified(name) else { return };
    let (why, all) = match level.name {
        "RequireNone" if level.path == "github.com/segmentio/kafka-go" => (NOTHING, "RequireAll"),
        "RequireOne" if level.path == "github.com/segmentio/kafka-go" => (LEADER, "RequireAll"),
        "NoResponse" if is_sarama(level.path) => (NOTHING, "WaitForAll"),
        "WaitForLocal" if is_sarama(level.path) => (LEADER, "WaitForAll"),
        "NoAck" if level.path == "github.com/twmb/franz-go/pkg/kgo" => (NOTHING, "AllISRAcks"),
        "LeaderAck" if level.path == "github.com/twmb/franz-go/pkg/kgo" => (LEADER, "AllISRAcks"),
        _ => return,
    };
    let Expr::Selector { name: short, .. } = cx.expr(name) else { return };
    let edit = (cx.span(short), all.to_owned());
    cx.report(name, format!("`{}` {why}", cx.source(name)))
        .note("wait for all in-sync replicas, and set min.insync.replicas on the topic")
        .fix("Wait for all replicas", [edit]);
}

/// Whether the topic, where it is written out, or the function is named after what may be lost.
fn may_lose(cx: &Cx, composite: ExprId, topic: Option<ExprId>) -> bool {
    let topic = topic.and_then(|topic| cx.string_value(topic));
    let func = cx.enclosing_decl(composite).and_then(|decl| cx.func_name(decl));
    let names = [topic.as_deref(), func];
    let lossy = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["log", "metric", "trace", "telemetry"].iter().any(|word| name.contains(word)) && !name.contains("catalog")
    };
    names.into_iter().flatten().any(lossy)
}
