//! A password is hashed with a fast hash.
//!
//! MD5 and SHA-1 over a password can be tried by the billion a second, so most passwords of a stolen table are known within
//! a day. bcrypt, scrypt and argon2id (packages of golang.org/x/crypto) are slow on purpose and take a salt.
//!
//! Limits: a password is known by the name of the variable or field that goes into the hash. As checksums MD5 and SHA-1
//! are not reported, and `New` followed by `Write` is not looked at.
//!
//! ```go bad
//! func store(password string) [16]byte {
//! 	return md5.Sum([]byte(password))
//! 	//     ^^^^^^^ `md5.Sum` over `password` can be tried by the billion a second
//! }
//! ```
//! ```go good
//! func etag(body []byte) string {
//! 	sum := md5.Sum(body) // a checksum
//! 	return hex.EncodeToString(sum[:])
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/fast-password-hash",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G401", "semgrep:use-of-md5", "gopeer:security/weak-crypto"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["crypto/md5.Sum", "crypto/sha1.Sum"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let &[input] = call.args else { return };
    cx.examined();
    let is_password = |id| cx.expr(id) == Expr::Ident && names_password(cx.source(id));
    let Some(password) = cx.find_expr(input, false, is_password) else { return };
    let (hash, password) = (cx.source(call.fun), cx.source(password));
    cx.report(call.fun, format!("`{hash}` over `{password}` can be tried by the billion a second"))
        .note("bcrypt, scrypt and argon2id are slow on purpose");
}

fn names_password(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "passphrase" | "pw"))
}
