//! Credentials in string literals: how they look, and what stands for one.

use std::borrow::Cow;

use gopeer_lint::prelude::*;

use super::names::holds_secret;

pub(super) const ADVICE: &str = "revoke it, and read the new one from the environment or a secret store";

/// Prefixes of tokens, how many letters and digits follow at least, and what they are (each vendor's documentation).
const TOKENS: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("github_pat_", 50, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("https://hooks.slack.com/services/", 30, "a Slack webhook"),
    ("sk_live_", 20, "a Stripe key"),
    ("rk_live_", 20, "a Stripe key"),
    ("AIza", 35, "a Google API key"),
    ("SG.", 40, "a SendGrid key"),
    ("npm_", 36, "an npm token"),
    ("sk-ant-", 30, "an Anthropic key"),
    ("sk-proj-", 30, "an OpenAI key"),
];

/// What credential a literal holds, by its form or by the name of what it is given to.
pub(super) fn recognized(cx: &Cx, literal: ExprId) -> Option<String> {
    let text = text(cx, literal);
    if text.len() < 8 || is_for_tests(cx) {
        return None;
    }
    let of_test = |kept: ExprId| words(cx.source(kept)).first().is_some_and(|word| word == "test");
    if cx.kept_in(converted(cx, literal)).is_some_and(of_test) {
        return None;
    }
    by_form(text).or_else(|| named(cx, literal, text).map(|name| format!("the value of `{name}`")))
}

/// What credential a text is by its form.
pub(super) fn by_form(text: &str) -> Option<String> {
    let in_login = || in_url(text).and_then(|(user, password, _)| token(user).or_else(|| token(password)));
    let what = token(text).or_else(|| private_key(text)).or_else(in_login).map(str::to_owned);
    what.or_else(|| password(text).map(|user| format!("the password of `{user}`")))
}

/// Whether a literal can be a short secret: neither a placeholder nor a format.
pub(super) fn could_be_secret(cx: &Cx, literal: ExprId) -> bool {
    let text = text(cx, literal);
    is_string(cx, literal) && text.len() >= 6 && !is_placeholder(text) && !is_format(text) && !is_for_tests(cx)
}

/// The constant string that is given where only a secret makes sense, whatever it says; not where it says that the secret is
/// still to be put there.
pub(super) fn given<'a>(cx: &Cx<'a>, secret: ExprId) -> Option<Cow<'a, str>> {
    let secret = unconverted(cx, secret);
    let value = match cx.is_reassigned(secret) {
        true => secret,
        false => unconverted(cx, cx.initial_value(secret).unwrap_or(secret)),
    };
    let text = cx.string_value(value)?;
    // Secrets are wiped with `---`.
    let says_something = text.contains(char::is_alphanumeric);
    (says_something && !is_template(&text.to_ascii_lowercase()) && !is_format(&text) && !is_for_tests(cx))
        .then_some(text)
}

/// Whether a default is a literal or a constant that may be a secret; one that is reported by its form is not.
pub(super) fn is_default(cx: &Cx, value: ExprId) -> bool {
    let value = unconverted(cx, value);
    let Some(text) = cx.string_value(value).and_then(|_| given(cx, value)) else { return false };
    let is_known = match is_string(cx, value) {
        true => recognized(cx, value).is_some(),
        false => is_known_by_name(cx.source(value), &text),
    };
    text.len() >= 3 && !text.starts_with('.') && !text.contains('/') && !is_known
}

pub(super) fn is_string(cx: &Cx, literal: ExprId) -> bool {
    matches!(cx.expr(literal), Expr::Literal(LiteralKind::String | LiteralKind::RawString))
}

fn is_format(text: &str) -> bool {
    text.contains([' ', '%', '$', '{', '<', '*'])
}

/// Whether the file is generated, or helps tests.
fn is_for_tests(cx: &Cx) -> bool {
    let helps = matches!(cx.file.purpose(), Purpose::Test | Purpose::TestHelper | Purpose::Generated);
    helps
        || cx.file.name.rsplit('/').next().is_some_and(|name| name.starts_with("stub_"))
        || cx.file.name.rsplit('/').skip(1).take(3).any(|folder| folder.contains("test"))
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
    let Expr::Call { fun, .. } = cx.expr(call) else { return false };
    matches!(cx.expr(fun), Expr::ArrayType { elem, .. } if cx.source(elem) == "byte")
}

fn token(text: &str) -> Option<&'static str> {
    let (prefix, least, what) = TOKENS.iter().find(|(prefix, ..)| text.starts_with(prefix))?;
    let rest = text.get(prefix.len()..)?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let fits = rest.len() >= *least && rest.chars().all(is_allowed);
    let exact = *least != 16 || rest.len() == 16 && !rest.chars().any(|c| c.is_ascii_lowercase());
    (fits && exact && is_random(rest)).then_some(*what)
}

/// A PEM block with a body, not the header alone that parsers look for, nor a sample in a text of help.
fn private_key(text: &str) -> Option<&'static str> {
    /// An Ed25519 key, the shortest, has 64 characters.
    const SHORTEST: usize = 60;
    let (_, rest) = text.trim_start().strip_prefix("-----BEGIN ")?.split_once("PRIVATE KEY-----")?;
    let body = rest.split("-----END").next().unwrap_or_default();
    let length = body.bytes().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')).count();
    (length >= SHORTEST && !body.contains("...")).then_some("a private key")
}

/// The user whose password stands in a connection string to another machine: a URL, `user:password@tcp(host)/db` as MySQL
/// has it, or `host=… user=… password=…`.
fn password(text: &str) -> Option<&str> {
    let (user, password, host) = in_url(text).or_else(|| in_pairs(text))?;
    let simple = |part: &str| !part.is_empty() && !part.contains(['%', '$', '{', '<', '*', '[', ' ', '(']);
    let local = ["localhost", "127.", "0.0.0.0", "[::1]", "host", "hostname"].iter().any(|name| host.starts_with(name));
    let real = password.len() >= 6 && !is_placeholder(password) && password != user;
    (simple(user) && simple(password) && simple(host) && !local && real).then_some(user)
}

fn in_url(text: &str) -> Option<(&str, &str, &str)> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.len() > 1 => rest,
        _ if text.contains("@tcp(") => text,
        _ => return None,
    };
    let (login, host) = rest.split(['/', '?']).next()?.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    Some((user, password, host.trim_start_matches("tcp(").trim_end_matches(')')))
}

fn in_pairs(text: &str) -> Option<(&str, &str, &str)> {
    let value = |key: &str| text.split_whitespace().find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
    Some((value("user")?, value("password")?, value("host")?))
}

/// Whether a constant of this name and value is reported where it is declared.
pub(super) fn is_known_by_name(name: &str, text: &str) -> bool {
    by_form(text).is_some() || holds_secret(name) && (is_long_and_random(text) || is_mixed(text))
}

/// The variable, constant or field named after a secret that gets a value here which looks like one.
fn named<'a>(cx: &Cx<'a>, literal: ExprId, text: &str) -> Option<&'a str> {
    let value = converted(cx, literal);
    let target = match cx.tree.parent(value)? {
        Node::Expr(entry) => match cx.expr(entry) {
            // What the entry of a map is called says the key itself, not the constant that holds it.
            Expr::KeyValue { key, .. } if cx.string_value(key).is_some_and(|key| !holds_secret(&key)) => return None,
            Expr::KeyValue { key, .. } => key,
            _ => return None,
        },
        _ => cx.kept_in(value)?,
    };
    let name = cx.source(target).rsplit('.').next()?;
    // The label of a derivation: `MYAPP_SESSION_KEY`.
    let is_label = text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    // Keys are bytes; a token of bytes is an identifier, such as that of a task or a page.
    let is_key = value != literal
        && words(name).last().is_none_or(|last| last != "token")
        && !is_label
        && !text.contains("abcdefg")
        && !is_template(&text.to_ascii_lowercase())
        && !is_format(text);
    if !is_key && !is_long_and_random(text) && !is_mixed(text) {
        return None;
    }
    // `Password: []byte("password")` stands for one.
    (holds_secret(name) && !text.eq_ignore_ascii_case(name) && cx.file.purpose().is_service()).then_some(name)
}

fn is_long_and_random(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    text.len() >= 20 && text.chars().all(is_plain) && is_random(text) && !is_name(text)
}

/// Whether the text is made of words joined by hyphens: `X-Amz-Customer-Key-Md5`, `teleport-operator`.
pub(super) fn is_name(text: &str) -> bool {
    let is_word = |part: &str| {
        let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let rest = word.get(1..).unwrap_or_default();
        let has_one_case = |is: fn(&char) -> bool| rest.chars().all(|c| is(&c));
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.len() <= word.len() + 3
            && (has_one_case(char::is_ascii_lowercase) || has_one_case(char::is_ascii_uppercase))
    };
    text.contains('-') && text.split('-').all(is_word)
}

/// Whether the text mixes letters with digits and with marks or capitals, as passwords have to: `Tr0ub4dor&3`.
fn is_mixed(text: &str) -> bool {
    let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let marks = has(|c| matches!(c, '!' | '#' | '@' | '&' | '?' | '^' | '~' | '+'));
    let in_password = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '/' | '\\' | ':' | '(' | ')' | '[' | ']' | ',' | ';' | '=' | '"')
    };
    // Words in a row are a name: `X-Amz-Customer-Key-Md5`.
    let joints = text.chars().filter(|c| matches!(c, '-' | '_' | '.')).count();
    joints < 2
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && (marks || has(char::is_ascii_uppercase))
        && text.chars().all(in_password)
        && !is_format(text)
        && !is_placeholder(text)
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

/// Whether a text, in lower case, says that the real value is still to be put there.
fn is_template(lower: &str) -> bool {
    let words = ["changeme", "change-me", "change_me", "placeholder", "xxxx", "redacted", "insert", "todo", "your"];
    words.iter().any(|word| lower.contains(word))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = ["example", "password", "secret", "dummy", "test", "sample", "fake", "token", "1234567"];
    is_template(&lower) || words.iter().any(|word| lower.contains(word))
}
