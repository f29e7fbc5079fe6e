//! A secret is written into the source.
//!
//! Everybody who can read the repository, its history, the image or a stack of old laptops has it, and it cannot be
//! changed without a release. Read it from the environment or a secret store when the process starts, and revoke this
//! one: it is already known.
//!
//! Reported are keys that show by their form (AWS, GitHub, GitLab, Slack, Stripe, Google, private keys), passwords in
//! connection strings to other machines, long random values in variables named after a secret, whatever is handed to a
//! library as a password or to sign a JWT, and the value that a secret has when its environment variable is empty.
//!
//! ```go bad
//! const accessKey = "AKIAQYLPMN5HGKRT3WXZ"
//! //                ^^^^^^^^^^^^^^^^^^^^^^ an AWS access key is written into the source
//! ```
//! ```go bad
//! func open() (*sql.DB, error) {
//! 	return sql.Open("pgx", "postgres://app:Vq8dTz31xw@db.example.com/orders")
//! 	//                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the password of `app` is written into the source
//! }
//! ```
//! ```go bad
//! var jwtSecret = []byte("f3A9x0QmZ7tLw2Kc8RvYb5NdHs1JpUe6")
//! //                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the value of `jwtSecret` is written into the source
//! ```
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//! import "github.com/redis/go-redis/v9"
//! func connect(token *jwt.Token, r *http.Request) (*redis.Client, string, error) {
//! 	r.SetBasicAuth("admin", "hunter2!")
//! 	//                      ^^^^^^^^^^ the password is written into the source
//! 	key := os.Getenv("JWT_SECRET")
//! 	if key == "" {
//! 		key = "super-safe-key"
//! 		//    ^^^^^^^^^^^^^^^^ `key` falls back to a value that is written into the source
//! 	}
//! 	signed, err := token.SignedString([]byte("super-safe-key"))
//! 	//                                       ^^^^^^^^^^^^^^^^ the key that signs tokens is written into the source
//! 	return redis.NewClient(&redis.Options{Addr: addr, Password: "hunter2!"}), signed, err
//! 	//                                                          ^^^^^^^^^^ the value of `Password` is written into the source
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//! type form struct{ Password string }
//! func connect(r *http.Request) *redis.Client {
//! 	level := os.Getenv("LOG_LEVEL")
//! 	if level == "" {
//! 		level = "informative"
//! 	}
//! 	use(form{Password: "Passwort"}, level)
//! 	return redis.NewClient(&redis.Options{Addr: addr, Password: ""})
//! }
//! ```
//! ```go good
//! func fine() {
//! 	password := os.Getenv("DB_PASSWORD")
//! 	secretName := "projects/shop/secrets/db-password-2"
//! 	token := "changeme-in-production-please-1"
//! 	key := "AKIAIOSFODNN7EXAMPLE" // from the AWS manual
//! 	use(password, secretName, token, key,
//! 		"postgres://app:password@localhost/orders", "postgres://app:%s@db.example.com/orders",
//! 		"postgres://app:${PASSWORD}@db.example.com/orders", "-----BEGIN PRIVATE KEY-----")
//! }
//! ```
//! ```go good file=auth_test.go
//! const testToken = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
//! ```
use gopeer_lint::prelude::*;

use super::support::is_secret_name;

pub static RULE: Rule = Rule {
    id: "security/hardcoded-credentials",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gosec:G101", "semgrep:hardcoded-jwt-key", "semgrep:use-of-basic-authentication"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Literal], check)],
    file: file!(),
};

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

fn check(cx: &mut Cx, literal: ExprId) {
    if !matches!(cx.expr(literal), Expr::Literal(LiteralKind::String | LiteralKind::RawString)) {
        return;
    }
    let text = cx.source(literal).trim_matches(['"', '`']);
    let for_tests = cx.file.name.rsplit('/').skip(1).take(3).any(|folder| folder.contains("test"));
    if text.len() < 6 || for_tests || cx.file.generated {
        return;
    }
    if let Some(what) = handed_over(cx, literal, text) {
        cx.examined();
        cx.report(literal, what).note("revoke it, and read its successor from the environment or a secret store");
        return;
    }
    if text.len() < 16 {
        return;
    }
    let what = match token(text).or_else(|| private_key(text)) {
        Some(what) => format!("{what} is written into the source"),
        None => match password(text) {
            Some(user) => format!("the password of `{user}` is written into the source"),
            None => match named(cx, literal, text) {
                Some(name) => format!("the value of `{name}` is written into the source"),
                None => return,
            },
        },
    };
    cx.examined();
    cx.report(literal, what).note("revoke it, and read its successor from the environment or a secret store");
}

/// What a literal is by where it goes: to a library that takes it for a password or a key, or to a variable that the
/// environment left empty.
fn handed_over(cx: &Cx, literal: ExprId, text: &str) -> Option<String> {
    if is_placeholder(text) || text.contains([' ', '%', '$', '{', '<', '*']) {
        return None;
    }
    let value = match cx.tree.parent(literal)? {
        Node::Expr(call) if is_conversion(cx, call) => call,
        _ => literal,
    };
    match cx.tree.parent(value)? {
        Node::Expr(parent) => match cx.expr(parent) {
            Expr::Call { args, .. } => {
                let at = cx.tree.place(cx.exprs(args), value)?;
                taken_as_secret(cx, parent, at).map(str::to_owned)
            }
            Expr::KeyValue { key, .. } => {
                let Some(Node::Expr(composite)) = cx.tree.parent(parent) else { return None };
                let name = cx.source(key);
                let secret = ["Password", "Passwd", "SecretKey", "SecretAccessKey", "ClientSecret"].contains(&name);
                (secret && cx.is_of_library(cx.ty(composite)))
                    .then(|| format!("the value of `{name}` is written into the source"))
            }
            _ => None,
        },
        Node::Stmt(stmt) => fallback(cx, stmt),
        _ => None,
    }
}

fn is_conversion(cx: &Cx, call: ExprId) -> bool {
    matches!(cx.expr(call), Expr::Call { fun, .. } if matches!(cx.expr(fun), Expr::ArrayType { .. }))
}

/// What a library takes the argument for.
fn taken_as_secret(cx: &Cx, call: ExprId, at: usize) -> Option<&'static str> {
    const SIGNS: &[&str] = &[
        "github.com/golang-jwt/jwt/v5.Token.SignedString",
        "github.com/golang-jwt/jwt/v4.Token.SignedString",
        "github.com/golang-jwt/jwt.Token.SignedString",
    ];
    match at {
        0 if cx.calls(call, SIGNS) => Some("the key that signs tokens is written into the source"),
        1 if cx.calls(call, &["net/http.Request.SetBasicAuth"]) => Some("the password is written into the source"),
        _ => None,
    }
}

/// A value for a variable of the environment that names a secret and is empty: `if key == "" { key = "…" }`.
fn fallback(cx: &Cx, stmt: StmtId) -> Option<String> {
    let Stmt::Assign { lhs, op: AssignOp::Assign, .. } = cx.stmt(stmt) else { return None };
    let [target] = cx.exprs(lhs) else { return None };
    let Some(Node::Stmt(block)) = cx.tree.parent(stmt) else { return None };
    let Some(Node::Stmt(branch)) = cx.tree.parent(block) else { return None };
    let Stmt::If { cond, then, .. } = cx.stmt(branch) else { return None };
    let Expr::Binary { op: BinaryOp::Equal, lhs, rhs } = cx.expr(cond) else { return None };
    if then != block || !cx.same_text(lhs, *target) || cx.string_value(rhs).as_deref() != Some("") {
        return None;
    }
    let Call { callee: name, args: [variable], .. } = cx.call(cx.initial_value(*target)?)? else { return None };
    let secret = name.is(&["os.Getenv"]) && cx.string_value(*variable).is_some_and(|name| is_secret_name(&name));
    secret.then(|| format!("`{}` falls back to a value that is written into the source", cx.source(*target)))
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
    let value = match cx.tree.parent(literal)? {
        Node::Expr(call) if matches!(cx.expr(call), Expr::Call { fun, .. } if matches!(cx.expr(fun), Expr::ArrayType { .. })) => {
            call
        }
        _ => literal,
    };
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
