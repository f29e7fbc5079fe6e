//! The names of the client libraries.

use gopeer_lint::prelude::*;

pub(super) const WRITER: &str = "github.com/segmentio/kafka-go.Writer";
pub(super) const MESSAGE: &str = "github.com/segmentio/kafka-go.Message";
pub(super) const READER_CONFIG: &str = "github.com/segmentio/kafka-go.ReaderConfig";

/// Whether the file uses kafka-go: cheap to ask before looking at its trees.
pub(super) fn uses_kafka_go(cx: &FileCx) -> bool {
    cx.file.scope.imports("github.com/segmentio/kafka-go")
}

/// Whether `path` is sarama's, old home or new.
pub(super) fn is_sarama(path: &str) -> bool {
    matches!(path, "github.com/IBM/sarama" | "github.com/Shopify/sarama")
}

/// The name by which the file calls kafka-go: the qualifier of the type of one of its literals.
pub(super) fn package<'a>(cx: &Cx<'a>, composite: ExprId) -> &'a str {
    let Expr::Composite { ty: Some(ty), .. } = cx.expr(composite) else { return "kafka" };
    match cx.expr(ty) {
        Expr::Selector { base, .. } => cx.source(base),
        _ => "kafka",
    }
}

/// The type of a composite literal: where a finding about the literal as a whole stands.
pub(super) fn head(cx: &Cx, composite: ExprId) -> ExprId {
    match cx.expr(composite) {
        Expr::Composite { ty: Some(ty), .. } => ty,
        _ => composite,
    }
}
