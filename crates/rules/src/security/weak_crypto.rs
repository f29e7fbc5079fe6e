//! A broken or outgrown algorithm protects something.
//!
//! DES has 56 bits of key and 3DES 64 bits of block, RC4's output is biased enough to recover plaintext, an RSA key
//! below 2048 bits is within reach of a factoring effort, and MD5 and SHA-1 over a password can be tried by the billion a
//! second. Use AES-GCM or ChaCha20-Poly1305, RSA of 3072 bits or Ed25519, and bcrypt, scrypt or argon2id for passwords.
//!
//! MD5 and SHA-1 are only looked at where a password goes in by name: as checksums they may stay. Block modes
//! and reused nonces come with flow.
//!
//! ```go bad
//! func seal(key []byte) (cipher.Block, error) {
//! 	return des.NewCipher(key)
//! 	//     ^^^^^^^^^^^^^ `des.NewCipher` uses DES, whose keys are found by trying all of them
//! }
//! ```
//! ```go bad
//! func store(password string) [16]byte {
//! 	return md5.Sum([]byte(password))
//! 	//     ^^^^^^^ `md5.Sum` over `password` can be tried by the billion a second
//! }
//! ```
//! ```go bad
//! func key(r io.Reader) (*rsa.PrivateKey, error) {
//! 	return rsa.GenerateKey(r, 1024)
//! 	//                        ^^^^ an RSA key of 1024 bits is too short
//! }
//! ```
//! ```go good
//! func open(algorithm string, key []byte) (cipher.Block, error) {
//! 	switch algorithm {
//! 	case "DESEDE3-CBC": // as the message says
//! 		return des.NewTripleDESCipher(key)
//! 	}
//! 	return aes.NewCipher(key)
//! }
//! ```
//! ```go good
//! func etag(body []byte, r io.Reader) string {
//! 	sum := md5.Sum(body)
//! 	rsa.GenerateKey(r, 3072)
//! 	return hex.EncodeToString(sum[:])
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/weak-crypto",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G401",
        "gosec:G403",
        "gosec:G405",
        "gosec:G406",
        "gosec:G407",
        "semgrep:use-of-md5",
        "semgrep:use-of-DES",
        "semgrep:use-of-weak-rsa-key",
    ],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !matches!(cx.expr(fun), Expr::Selector { .. }) {
        return;
    }
    let Some(Call { callee: name, args, .. }) = cx.call(call) else { return };
    let why = match (name.path, name.name) {
        ("crypto/des", "NewCipher") => "uses DES, whose keys are found by trying all of them",
        ("crypto/des", "NewTripleDESCipher") => "uses 3DES, whose small blocks repeat within one long connection",
        ("crypto/rc4", "NewCipher") => "uses RC4, whose output gives plaintext away",
        ("crypto/rsa", "GenerateKey") => return rsa(cx, args),
        ("crypto/md5" | "crypto/sha1", "Sum") => return hash(cx, fun, args),
        _ => return,
    };
    cx.examined();
    // A protocol that asks for the old algorithm is a reason: a comment says so, or a choice among several.
    if !cx.is_explained(call, &["protocol", "spec", "rfc", "compatib", "require"]) && !cx.is_conditional(call) {
        cx.report(fun, format!("`{}` {why}", cx.source(fun)))
            .note("crypto/aes with cipher.NewGCM encrypts and authenticates");
    }
}

fn rsa(cx: &mut Cx, args: &[ExprId]) {
    let [_, bits] = args else { return };
    cx.examined();
    if let Some(size) = cx.int_value(*bits).filter(|&size| size < 2048) {
        cx.report(*bits, format!("an RSA key of {size} bits is too short"))
            .note("3072 bits last, and Ed25519 is shorter and faster");
    }
}

fn hash(cx: &mut Cx, fun: ExprId, args: &[ExprId]) {
    let [input] = args else { return };
    cx.examined();
    let mut secret = None;
    cx.any(*input, false, |node| {
        if let Node::Expr(id) = node
            && cx.expr(id) == Expr::Ident
            && is_password(cx.source(id))
        {
            secret = Some(cx.source(id));
        }
        secret.is_some()
    });
    let Some(secret) = secret else { return };
    cx.report(fun, format!("`{}` over `{secret}` can be tried by the billion a second", cx.source(fun)))
        .note("bcrypt, scrypt and argon2id are slow on purpose");
}

fn is_password(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "password" | "passwd" | "passphrase" | "pw"))
}
