//! What the rules about transport security ask.

use gopeer_lint::prelude::*;

use crate::security::support::reason;

/// Whether a condition decides about this, or the name of the function says what it does.
pub(super) fn is_asked_for(cx: &Cx, at: ExprId) -> bool {
    cx.is_conditional(at) || cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).is_some_and(says_insecure)
}

/// The comment that says why no transport security is needed, as behind a mesh that encrypts.
pub(super) fn why_plain<'a>(cx: &Cx<'a>, at: ExprId) -> Option<&'a str> {
    reason(cx, at, &["mesh", "sidecar", "encrypt", "tls", "proxy", "internal", "local", "trust", "insecure"])
}

fn says_insecure(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["insecure", "plaintext", "local", "test"].iter().any(|word| name.contains(word))
}
