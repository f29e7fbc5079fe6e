//! Credentials in string literals: how they look, and what stands for one.

use gopeer_lint::prelude::*;

use super::support::is_secret_name;

pub(super) const ADVICE: &str = "revoke it, and read its successor from the environment or a secret store";

/// Prefixes of tokens, how many letters and digits follow at least, and what they are (each vendor's documentation).
const TOKENS: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("github_pat_", 50, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("sk_live_", 20, "a Stripe key"),
    ("AIza", 35, "a Google API key"),
];

/// What credential a literal holds, by its form or by the name of what it is given to.
pub(super) fn recognised(cx: &Cx, literal: ExprId) -> Option<String> {
    let text = text(cx, literal);
    if text.len() < 16 || is_for_tests(cx) {
        return None;
    }
    let by_form = token(text).or_else(|| private_key(text)).map(str::to_owned);
    by_form
        .or_else(|| password(text).map(|user| format!("the password of `{user}`")))
        .or_else(|| named(cx, literal, text).map(|name| format!("the value of `{name}`")))
}

/// Whether a literal can be a short secret: neither a placeholder nor a format.
pub(super) fn could_be_secret(cx: &Cx, literal: ExprId) -> bool {
    let text = text(cx, literal);
    let is_string = matches!(cx.expr(literal), Expr::Literal(LiteralKind::String | LiteralKind::RawString));
    is_string
        && text.len() >= 6
        && !is_placeholder(text)
        && !text.contains([' ', '%', '$', '{', '<', '*'])
        && !is_for_tests(cx)
}

/// Whether the file is generated, or lies in a folder for tests.
fn is_for_tests(cx: &Cx) -> bool {
    cx.file.generated || cx.file.name.rsplit('/').skip(1).take(3).any(|folder| folder.contains("test"))
}

fn text<'a>(cx: &Cx<'a>, literal: ExprId) -> &'a str {
    cx.source(literal).trim_matches(['"', '`'])
}

/// The conversion to bytes around a literal, or the literal itself.
pub(super) fn converted(cx: &Cx, literal: ExprId) -> ExprId {
    match cx.tree.parent(literal) {
        Some(Node::Expr(call)) if is_conversion(cx, call) => call,
        _ => literal,
    }
}

/// What a conversion to bytes converts, or the expression itself.
pub(super) fn unconverted(cx: &Cx, expr: ExprId) -> ExprId {
    match cx.expr(expr) {
        Expr::Call { args, .. } if is_conversion(cx, expr) => cx.only(args).unwrap_or(expr),
        _ => expr,
    }
}

fn is_conversion(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(call), Expr::Call { fun, .. } if matches!(cx.expr(fun), Expr::ArrayType { .. }))
}

fn token(text: &str) -> Option<&'static str> {
    let (prefix, least, what) = TOKENS.iter().find(|(prefix, ..)| text.starts_with(prefix))?;
    let rest = text.get(prefix.len()..)?;
    let fits = rest.len() >= *least && rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let exact = *least != 16 || rest.len() == 16 && !rest.chars().any(|c| c.is_ascii_lowercase());
    (fits && exact && is_random(rest)).then_some(*what)
}

/// A PEM block with a body, not the header alone that parsers look for.
fn private_key(text: &str) -> Option<&'static str> {
    let (_, body) = text.split_once("-----BEGIN ")?.1.split_once("PRIVATE KEY-----")?;
    (body.len() > 100 && !body.contains("...")).then_some("a private key")
}

/// The user whose password stands in a connection string to another machine.
fn password(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let (user, host) = rest.split(['/', '?']).next()?.rsplit_once('@')?;
    let (user, password) = user.split_once(':')?;
    let simple = |part: &str| !part.is_empty() && !part.contains(['%', '$', '{', '<', '*', '[', ' ', '(']);
    let local = ["localhost", "127.", "0.0.0.0", "[::1]"].iter().any(|name| host.starts_with(name));
    let remote = host.split(':').next().is_some_and(|host| host.contains('.')) && !local;
    let real = password.len() >= 6 && !is_placeholder(password) && password != user;
    (scheme.len() > 1 && simple(user) && simple(password) && remote && real).then_some(user)
}

/// The variable, constant or field named after a secret that gets a long random value here.
fn named<'a>(cx: &Cx<'a>, literal: ExprId, text: &str) -> Option<&'a str> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-'));
    if !plain || text.len() < 20 || !is_random(text) {
        return None;
    }
    let value = converted(cx, literal);
    let target = match cx.tree.parent(value)? {
        Node::Expr(entry) => match cx.expr(entry) {
            Expr::KeyValue { key, .. } => key,
            _ => return None,
        },
        _ => cx.kept_in(value)?,
    };
    let name = cx.source(target).rsplit('.').next()?;
    let about =
        ["name", "header", "path", "url", "id", "file", "field", "type", "prefix", "hash", "public", "label", "ref"];
    let is_value = !words(name).iter().any(|word| about.contains(&word.as_str()));
    (is_secret_name(name) && is_value).then_some(name)
}

/// Whether the text mixes letters and digits without a pattern, and none of the words that stand for "put yours here".
fn is_random(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let mut distinct: Vec<char> = Vec::new();
    for char in text.chars() {
        if distinct.len() < 10 && !distinct.contains(&char) {
            distinct.push(char);
        }
    }
    digits >= 2 && letters >= 4 && distinct.len() >= 10 && !is_placeholder(text)
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = [
        "example",
        "changeme",
        "change-me",
        "change_me",
        "placeholder",
        "password",
        "secret",
        "dummy",
        "test",
        "sample",
        "your",
        "xxxx",
        "redacted",
        "insert",
        "todo",
        "fake",
        "1234567",
    ];
    words.iter().any(|word| lower.contains(word))
}
