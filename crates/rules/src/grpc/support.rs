//! What the rules about transport security ask.

use gopeer_lint::prelude::*;

use crate::security::support::is_chosen;

/// Whether somebody has chosen this: a condition, a comment at the statement, or a name that says what it does.
pub(super) fn is_meant(cx: &Cx, at: ExprId) -> bool {
    const WORDS: &[&str] = &["mesh", "sidecar", "encrypt", "tls", "proxy", "internal", "local", "trust", "insecure"];
    is_chosen(cx, at, WORDS) || cx.enclosing_decl(at).and_then(|decl| cx.func_name(decl)).is_some_and(says_insecure)
}

fn says_insecure(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["insecure", "plaintext", "local", "test"].iter().any(|word| name.contains(word))
}
