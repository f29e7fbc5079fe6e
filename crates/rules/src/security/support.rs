//! What rules about security share: names that speak of secrets, and signs that somebody has chosen what stands there.

use gopeer_lint::prelude::*;

/// Whether a name says that it stands for a secret: `sessionToken`, `APIKey`, `resetPassword`. A `key` or a `session`
/// alone does not.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["password", "passwd", "secret", "nonce", "otp", "apikey", "salt", "token"])
        || has(&["key"]) && has(&["api", "secret", "private", "encryption", "signing", "auth", "access"])
        || has(&["session"]) && has(&["id", "key", "cookie"])
}

/// Whether somebody has chosen what stands here: a condition decides about it, or a comment at the statement explains it, if
/// need be in these words.
pub(crate) fn is_chosen(cx: &Cx, at: ExprId, words: &[&str]) -> bool {
    let place = cx.tree.ancestors(at).find(|node| matches!(node, Node::Stmt(_) | Node::Decl(_)));
    cx.is_conditional(at) || place.is_some_and(|place| cx.is_explained(place, words))
}

/// Whether the other side is left unverified on purpose: a condition, a comment at the statement, or a name says so.
pub(super) fn is_unverified_on_purpose(cx: &Cx, at: ExprId) -> bool {
    let says = |name: &&str| !name.ends_with("InsecureSkipVerify") && name.to_ascii_lowercase().contains("insecure");
    is_chosen(cx, at, &["self-signed", "self signed", "verif", "prove", "pin", "insecure"])
        || names_around(cx, at).iter().any(says)
}

/// Reports what is open to everybody, unless a condition decides about it or a comment says that the place is closed.
pub(super) fn check_surface(cx: &mut Cx, at: ExprId, message: &'static str) {
    cx.examined();
    if !is_chosen(cx, at, &["internal", "private", "auth", "firewall", "behind", "cluster"]) {
        cx.report(at, message)
            .note("switch it on by a setting of the environment that needs it, or put it behind a login");
    }
}

/// The names that a value goes by where it is written: those of the functions around it, and of the variable it is put into.
pub(super) fn names_around<'a>(cx: &Cx<'a>, value: ExprId) -> Vec<&'a str> {
    let mut names = Vec::new();
    for ancestor in cx.tree.ancestors(value) {
        match ancestor {
            Node::Stmt(stmt) => {
                if let Stmt::Assign { lhs, .. } = cx.stmt(stmt) {
                    names.extend(cx.exprs(lhs).iter().map(|&target| cx.source(target)));
                }
            }
            Node::Decl(decl) => match cx.decl(decl) {
                Decl::Value { names: declared, .. } => {
                    names.extend(cx.exprs(declared).iter().map(|&name| cx.source(name)))
                }
                Decl::Func { name, .. } => names.push(cx.source(name)),
                _ => {}
            },
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets() {
        for name in ["GenerateToken", "apiKey", "newSessionID", "resetPassword", "OTP"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["sortKeys", "key", "tokens", "session", "tokenize"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
