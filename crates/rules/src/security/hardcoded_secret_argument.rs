//! A password or key that is written into the source is handed to a library.
//!
//! Anyone who can read the repository, its history or the image has it: whoever knows the key that signs tokens can
//! issue them for any user. Read it from the environment or a secret store when the process starts, and revoke this
//! one.
//!
//! Limits: known are the keys of golang-jwt, HMAC, AES and ChaCha20, the cookie stores of gorilla and gin, the
//! passwords of HTTP basic authentication, SMTP, SSH, URLs and NATS, the secret of AWS, the token of Vault, and the
//! `Authorization` header, where they are literals, constants or locals that are set once. Placeholders such as
//! `changeme` are not reported, and neither are keys of an HMAC that derives something, such as another key or a number.
//!
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//! func sign(token *jwt.Token) (string, error) {
//! 	return token.SignedString([]byte("secret"))
//! 	//                               ^^^^^^^^ the key that signs tokens is written into the source
//! }
//! ```
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//! func verify(text string) (*jwt.Token, error) {
//! 	return jwt.Parse(text, func(*jwt.Token) (any, error) {
//! 		return []byte("secret"), nil
//! 		//            ^^^^^^^^ the key that verifies tokens is written into the source
//! 	})
//! }
//! ```
//! ```go good
//! func login(r *http.Request) {
//! 	r.SetBasicAuth("admin", os.Getenv("ADMIN_PASSWORD")) // comes from outside
//! }
//! ```
//! ```go good
//! func login(r *http.Request) {
//! 	r.SetBasicAuth("admin", "your-password") // still to be put there
//! }
//! ```
//! ```go good
//! import "hash/crc32"
//! func seed(id []byte) uint32 {
//! 	mac := hmac.New(sha256.New, []byte("shuffle")) // a label: what comes out is a number, and nobody is trusted for it
//! 	mac.Write(id)
//! 	return crc32.ChecksumIEEE(mac.Sum(nil))
//! }
//! ```
//!
//! # Impact
//!
//! Everyone who can read the source can sign tokens for any user, or open the database; a change needs a release, so it
//! is put off. Tokens that were forged verify as real, so no log tells them apart. Each environment that shares the
//! build shares the key.
//!
//! # Verify
//!
//! - `strings BINARY | grep -F 'FIRST_CHARACTERS'`: the value is in the shipped binary as well
//! - `go test -run {test} {package}`: without the setting, the constructor has to fail
//!
//! # References
//!
//! - [OWASP, "Secrets Management Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::credential;

pub static RULE: Rule = Rule {
    id: "security/hardcoded-secret-argument",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &[
        "semgrep:hardcoded-jwt-key",
        "semgrep:use-of-basic-authentication",
        "gopeer:security/hardcoded-credentials",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(TAKERS, check), Hook::Call(VERIFIES, check_key), Hook::Call(HEADERS, check_header)],
    examines: "passwords and keys given to libraries",
};

/// What takes a secret.
const TAKERS: &[&str] = &[
    "crypto/aes.NewCipher",
    "crypto/hmac.New",
    "github.com/aws/aws-sdk-go-v2/credentials.NewStaticCredentialsProvider",
    "github.com/gin-contrib/sessions/cookie.NewStore",
    "github.com/golang-jwt/jwt.Token.SignedString",
    "github.com/golang-jwt/jwt/v4.Token.SignedString",
    "github.com/golang-jwt/jwt/v5.Token.SignedString",
    "github.com/gorilla/sessions.NewCookieStore",
    "github.com/hashicorp/vault/api.Client.SetToken",
    "github.com/nats-io/nats.go.Token",
    "github.com/nats-io/nats.go.UserInfo",
    "golang.org/x/crypto/chacha20poly1305.New",
    "golang.org/x/crypto/chacha20poly1305.NewX",
    "golang.org/x/crypto/ssh.Password",
    "net/http.Request.SetBasicAuth",
    "net/smtp.PlainAuth",
    "net/url.UserPassword",
];
const VERIFIES: &[&str] = &[
    "github.com/golang-jwt/jwt/v4.Parse",
    "github.com/golang-jwt/jwt/v4.ParseWithClaims",
    "github.com/golang-jwt/jwt/v5.Parse",
    "github.com/golang-jwt/jwt/v5.ParseWithClaims",
];
const HEADERS: &[&str] = &["net/http.Header.Add", "net/http.Header.Set"];

fn check(cx: &mut Cx, call: Call) {
    let (at, what) = secret_of(&call.callee);
    if call.callee.path == "crypto/hmac" && derives(cx, call) {
        return cx.examined();
    }
    if let Some(&secret) = call.args.get(at) {
        report(cx, secret, what);
    }
}

/// Whether the HMAC derives something, so that its key is but a label: a secret is written into it, its variable says so, or its sum
/// becomes a number.
fn derives(cx: &Cx, call: Call) -> bool {
    let Some(Def::Local(hash)) = cx.kept_in(call.expr).map(|kept| cx.def(kept)) else { return false };
    let names = |word: &String| matches!(word.as_str(), "key" | "password" | "psk" | "secret" | "seed");
    let is_secret = |id| cx.expr(id) == Expr::Ident && words(cx.source(id)).iter().any(names);
    let is_derived = |used| match cx.called_on(used) {
        Some((_, "Write", &[input])) => cx.find_expr(input, false, is_secret).is_some(),
        Some((sum, "Sum", _)) => becomes_number(cx, sum),
        _ => false,
    };
    cx.source(hash).to_ascii_lowercase().contains("kdf") || cx.names.uses(hash).any(is_derived)
}

/// Whether a call is handed to a checksum, or to what reads a number.
fn becomes_number(cx: &Cx, sum: ExprId) -> bool {
    let Some(Node::Expr(outer)) = cx.tree.parent(sum) else { return false };
    let reads = |callee: &Object| callee.path == "encoding/binary" && callee.name.starts_with("Uint");
    cx.callee(outer).is_some_and(|callee| callee.path.starts_with("hash/") || reads(&callee))
}

/// Which argument the secret is, and what it is called.
fn secret_of(callee: &Object) -> (usize, &'static str) {
    match (callee.path, callee.name) {
        ("crypto/hmac", _) => (1, "the key of the HMAC"),
        ("net/smtp", _) => (2, "the password"),
        ("net/http" | "net/url", _) | (_, "UserInfo") => (1, "the password"),
        (_, "NewStaticCredentialsProvider") => (1, "the secret access key"),
        (_, "Password") => (0, "the password"),
        (_, "SignedString") => (0, "the key that signs tokens"),
        (_, "NewCipher" | "New" | "NewX") => (0, "the key of the cipher"),
        (_, "NewCookieStore" | "NewStore") => (0, "the key of the cookies"),
        _ => (0, "the token"),
    }
}

/// The function that gives the key to verify a token with.
fn check_key(cx: &mut Cx, call: Call) {
    let body = call.args.iter().find_map(|&arg| match cx.expr(arg) {
        Expr::FuncLit { body, .. } => Some(body),
        _ => None,
    });
    let Some(body) = body else { return };
    let is_return = |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_)));
    for &node in cx.within(body, false, is_return).iter() {
        let Node::Stmt(id) = node else { continue };
        let Stmt::Return(results) = cx.stmt(id) else { continue };
        if let &[key, _] = cx.exprs(results) {
            report(cx, key, "the key that verifies tokens");
        }
    }
}

fn check_header(cx: &mut Cx, call: Call) {
    let &[name, value] = call.args else { return };
    if !cx.string_value(name).is_some_and(|name| name.eq_ignore_ascii_case("authorization")) {
        return;
    }
    cx.examined();
    let Some(text) = cx.string_value(value) else { return };
    let Some((_, secret)) = text.split_once(' ').filter(|(scheme, _)| matches!(*scheme, "Bearer" | "Basic" | "token"))
    else {
        return;
    };
    // A constant that is put in is reported where it is declared.
    let is_known = |id| {
        let text = cx.string_value(id).filter(|_| cx.expr(id) == Expr::Ident);
        text.is_some_and(|text| credential::is_known_by_name(cx.source(id), &text))
    };
    let is_secret = secret.len() >= 16 && !secret.contains([' ', '%', '<', '{', '$']);
    if is_secret && credential::recognized(cx, value).is_none() && cx.find_expr(value, false, is_known).is_none() {
        cx.report(value, "the value of the `Authorization` header is written into the source").note(credential::ADVICE);
    }
}

fn report(cx: &mut Cx, secret: ExprId, what: &str) {
    cx.examined();
    let literal = credential::unconverted(cx, secret);
    let Some(text) = credential::given(cx, secret) else { return };
    // What has the form of a credential is another rule's, also where a constant has it.
    let is_known = match credential::is_string(cx, literal) {
        true => credential::recognized(cx, literal).is_some(),
        false => credential::is_known_by_name(cx.source(literal), &text),
    };
    if !is_known {
        cx.report(literal, format!("{what} is written into the source")).note(credential::ADVICE);
    }
}
