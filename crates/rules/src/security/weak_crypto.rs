//! Data is protected by a broken cipher.
//!
//! DES has 56 bits of key and 3DES 64 bits of block, and RC4's output is biased enough to recover plaintext. Use AES-GCM or
//! ChaCha20-Poly1305, which also notice when somebody has changed the data.
//!
//! Limits: silent where a condition chooses the cipher or a comment names the protocol that asks for it. Modes of operation
//! and nonces that are used twice are not looked at.
//!
//! ```go bad
//! func seal(key []byte) (cipher.Block, error) {
//! 	return des.NewCipher(key)
//! 	//     ^^^^^^^^^^^^^ `des.NewCipher` uses DES, whose keys are found by trying all of them
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
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/weak-crypto",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G405", "gosec:G406", "gosec:G407", "semgrep:use-of-DES"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(CIPHERS, check)],
    file: file!(),
};

const CIPHERS: &[&str] = &["crypto/des.NewCipher", "crypto/des.NewTripleDESCipher", "crypto/rc4.NewCipher"];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    // A protocol that asks for the old algorithm is a reason: a comment says so, or a choice among several.
    let asked_for = &["protocol", "spec", "rfc", "compatib", "require"];
    if cx.is_explained(call.expr, asked_for) || cx.is_conditional(call.expr) {
        return;
    }
    let why = match (call.callee.path, call.callee.name) {
        ("crypto/des", "NewCipher") => "uses DES, whose keys are found by trying all of them",
        ("crypto/des", _) => "uses 3DES, whose small blocks repeat within one long connection",
        _ => "uses RC4, whose output gives plaintext away",
    };
    cx.report(call.fun, format!("`{}` {why}", cx.source(call.fun)))
        .note("crypto/aes with cipher.NewGCM encrypts and authenticates");
}
