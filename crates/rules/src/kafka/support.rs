//! The names of the client libraries, and what several rules ask about them.

use gopeer_lint::prelude::*;

pub(super) const WRITER: &str = "github.com/segmentio/kafka-go.Writer";
pub(super) const WRITER_CONFIG: &str = "github.com/segmentio/kafka-go.WriterConfig";
pub(super) const MESSAGE: &str = "github.com/segmentio/kafka-go.Message";
pub(super) const READER_CONFIG: &str = "github.com/segmentio/kafka-go.ReaderConfig";

/// Whether the file uses kafka-go: cheap to ask before looking at its trees.
pub(super) fn uses_kafka_go(cx: &FileCx) -> bool {
    cx.file.scope.imports("github.com/segmentio/kafka-go")
}

/// The type of what is made, as messages call it. An element of a list may leave its type out.
pub(super) fn type_name(cx: &Cx, made: Config) -> String {
    match cx.head(made) {
        at if at == made.expr => cx.store.show(cx.deref(cx.ty(at))),
        at => cx.source(at).to_owned(),
    }
}

/// The name by which the file calls kafka-go: the qualifier of one of its types.
pub(super) fn package<'a>(cx: &Cx<'a>, ty: ExprId) -> &'a str {
    match cx.expr(ty) {
        Expr::Selector { base, .. } => cx.source(base),
        _ => "kafka",
    }
}

/// Whether the topic, where it is written out, or the function is named after what may be lost.
pub(super) fn may_lose(cx: &Cx, at: ExprId, topic: Option<ExprId>) -> bool {
    let topic = topic.and_then(|topic| cx.string_value(topic));
    let func = cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl));
    let names = [topic.as_deref(), func];
    let lossy = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["log", "metric", "trace", "telemetry"].iter().any(|word| name.contains(word)) && !name.contains("catalog")
    };
    names.into_iter().flatten().any(lossy)
}

/// What consumers receive.
const MESSAGES: &[&str] = &[
    "github.com/IBM/sarama.ConsumerMessage",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Message",
    "github.com/segmentio/kafka-go.Message",
    "github.com/twmb/franz-go/pkg/kgo.Record",
];

/// Whether an expression is a channel of messages.
pub(super) fn carries_messages(cx: &Cx, channel: ExprId) -> bool {
    matches!(cx.under(channel), Type::Chan { elem, .. } if cx.type_is(cx.deref(elem), MESSAGES))
}

/// Whether a function is given a message that somebody has received: it reads the content, where a producer would set it.
pub(crate) fn is_given_message(cx: &Cx, func: Func) -> bool {
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return false };
    let is_read = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(field)) => {
            matches!(cx.expr(field), Expr::Selector { name, .. } if cx.source(name) == "Value") && !cx.is_target(field)
        }
        _ => false,
    };
    let is_message = |&(name, ty): &(Option<ExprId>, ExprId)| {
        cx.type_is(cx.deref(cx.ty(ty)), MESSAGES) && name.is_some_and(|name| cx.names.uses(name).any(is_read))
    };
    cx.params(params).iter().any(is_message)
}
