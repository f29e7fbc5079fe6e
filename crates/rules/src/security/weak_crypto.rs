//! Data is protected by a broken cipher.
//!
//! DES keys have 56 bits and are found by trying all of them. 3DES, Blowfish, CAST5 and the TEA family encrypt blocks of 64
//! bits, so that blocks repeat within one long connection (Sweet32). RC4's output gives plaintext away. PKCS #1 v1.5
//! encryption with RSA tells an attacker who may ask often enough what was encrypted. Use AES-GCM or ChaCha20-Poly1305,
//! which also notice when data was changed, and OAEP with RSA.
//!
//! Limits: silent where a condition chooses the cipher, and where a comment names the protocol that asks for it. Modes of
//! operation and nonces that are used twice are not looked at.
//!
//! ```go bad
//! func seal(key []byte) (cipher.Block, error) {
//! 	return des.NewCipher(key)
//! 	//     ^^^^^^^^^^^^^ `des.NewCipher` uses DES, whose keys can be found by trying them all
//! }
//! ```
//! ```go good
//! func open(algorithm string, key []byte) (cipher.Block, error) {
//! 	switch algorithm {
//! 	case "DESEDE3-CBC": // the message says so
//! 		return des.NewTripleDESCipher(key)
//! 	}
//! 	return aes.NewCipher(key)
//! }
//! ```
//!
//! # Impact
//!
//! Recorded data can be decrypted later, and none of these ciphers notices by itself that data was changed. Nothing
//! fails in operation. Audits and `crypto` policies (FIPS 140, PCI DSS) refuse it, often at the worst time.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: flip one bit of the ciphertext and expect decryption to fail
//! - `go version -m BINARY`: which crypto modules are linked in
//!
//! # Options
//!
//! - AES-GCM, and OAEP with RSA: GCM has hardware support and authentication, and a nonce that must never repeat under
//!   one key
//!   - senior, throughput, cloud-native: the standard library, at gigabytes a second
//! - XChaCha20-Poly1305: random nonces are safe, at the price of a module of golang.org/x
//!   - backend: the nonce mistake cannot happen
//! - Let a key service encrypt the data key: rotation and audit are there, with a call per object
//!   - data: who could read which row is answered by a log
//!
//! # References
//!
//! - [Package crypto/cipher, NewGCM](https://pkg.go.dev/crypto/cipher#NewGCM)
//! - [Package chacha20poly1305](https://pkg.go.dev/golang.org/x/crypto/chacha20poly1305)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/weak-crypto",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G405", "gosec:G406", "gosec:G407", "semgrep:use-of-DES"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(CIPHERS, check)],
    examines: "ciphers",
};

const CIPHERS: &[&str] = &[
    "crypto/des.NewCipher",
    "crypto/des.NewTripleDESCipher",
    "crypto/rc4.NewCipher",
    "crypto/rsa.EncryptPKCS1v15",
    "golang.org/x/crypto/blowfish.NewCipher",
    "golang.org/x/crypto/blowfish.NewSaltedCipher",
    "golang.org/x/crypto/cast5.NewCipher",
    "golang.org/x/crypto/tea.NewCipher",
    "golang.org/x/crypto/xtea.NewCipher",
];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    // A choice among several follows what the message or the peer says.
    if cx.is_conditional(call.expr) {
        return;
    }
    let reason = cx.explanation(call.expr, &["protocol", "spec", "rfc", "compatib", "require"]);
    let (why, instead) = match (call.callee.path, call.callee.name) {
        ("crypto/des", "NewCipher") => ("uses DES, whose keys can be found by trying them all", CIPHER),
        ("crypto/rc4", _) => ("uses RC4, whose output gives plaintext away", CIPHER),
        ("crypto/rsa", _) => ("pads so that decryption errors can give the plaintext away", "rsa.EncryptOAEP does not"),
        _ => ("uses 64-bit blocks, which repeat within one long connection", CIPHER),
    };
    // It gives something away only to whoever can ask for decryption again and again.
    let severity = if call.callee.path == "crypto/rsa" { Severity::Medium } else { Severity::High };
    cx.report(call.fun, format!("`{}` {why}", cx.source(call.fun))).severity(severity).note(instead).excused(reason);
}

const CIPHER: &str = "crypto/aes with cipher.NewGCM encrypts and authenticates";
