//! Headers of requests and metadata of calls, which hold what clients prove who they are with.

use gopeer_lint::prelude::*;

/// What a value is, if it is all headers of a request or all metadata of a call, in a function that takes none of them away.
pub(super) fn entries(cx: &Cx, value: ExprId) -> Option<&'static str> {
    const HIDES: &[&str] = &["del", "delete", "mask", "redact", "sanitize"];
    let hides = |cx: &Cx, node: Node| {
        let Node::Expr(id) = node else { return false };
        let by_call = || {
            matches!(cx.expr(id), Expr::Call { .. })
                && words(cx.callee_word(id)).iter().any(|word| HIDES.contains(&word.as_str()))
        };
        is_credential_text(cx, id) || by_call()
    };
    let copies = |call: &Call| call.callee.is(&["net/http.Header.Clone", "google.golang.org/grpc/metadata.MD.Copy"]);
    let value = cx.call(value).filter(copies).and_then(|call| call.receiver).unwrap_or(value);
    let one_is_taken = match cx.tree.parent(value) {
        Some(Node::Expr(around)) => match cx.expr(around) {
            Expr::Selector { name, .. } => !matches!(cx.source(name), "Clone" | "Copy"),
            around => matches!(around, Expr::Index { .. }),
        },
        _ => false,
    };
    // A function of the project may take out one as well.
    let is_expr = |node: &Node| matches!(node, Node::Expr(_));
    let of_project =
        |node| matches!(node, Node::Expr(call) if cx.callee(call).is_some_and(|callee| cx.is_own(&callee)));
    if one_is_taken || cx.tree.ancestors(value).take_while(is_expr).any(of_project) {
        return None;
    }
    let what = match cx.expr(value) {
        Expr::Selector { base, name } if cx.source(name) == "Header" && cx.has_type(base, &["net/http.Request"]) => {
            "each header of the request"
        }
        Expr::Ident if cx.has_type(value, &["google.golang.org/grpc/metadata.MD"]) => {
            let (made, _) = cx.origin(value)?;
            cx.calls(made, &["google.golang.org/grpc/metadata.FromIncomingContext"])
                .then_some("all metadata of the call")?
        }
        _ => return None,
    };
    let func = cx.enclosing_func(value)?;
    cx.within(func.body, true, hides).is_empty().then_some(what)
}

/// Where a function asks for what clients prove who they are with.
pub(super) fn reads_credentials(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let asks = |id| is_credential_text(cx, id) || matches!(cx.callee_word(id), "BasicAuth" | "Cookie");
    cx.find_expr(decl, true, asks)
}

/// Whether a text names a header that holds credentials.
fn is_credential_text(cx: &Cx, text: ExprId) -> bool {
    let names = ["authorization", "cookie", "x-api-key"];
    let text = cx.string_value(text);
    text.is_some_and(|text| names.iter().any(|name| text.eq_ignore_ascii_case(name)))
}
