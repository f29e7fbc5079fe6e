//! The names of the client libraries.

use gopeer_lint::prelude::*;

pub(super) const WRITER: &str = "github.com/segmentio/kafka-go.Writer";
pub(super) const MESSAGE: &str = "github.com/segmentio/kafka-go.Message";
pub(super) const READER_CONFIG: &str = "github.com/segmentio/kafka-go.ReaderConfig";

/// Whether the file uses kafka-go: cheap to ask before looking at its trees.
pub(super) fn uses_kafka_go(cx: &FileCx) -> bool {
    cx.file.scope.imports("github.com/segmentio/kafka-go")
}

/// The name by which the file calls kafka-go: the qualifier of one of its types.
pub(super) fn package<'a>(cx: &Cx<'a>, ty: ExprId) -> &'a str {
    match cx.expr(ty) {
        Expr::Selector { base, .. } => cx.source(base),
        _ => "kafka",
    }
}
