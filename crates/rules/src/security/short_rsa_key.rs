//! An RSA key is too short.
//!
//! A key below 2048 bits is within reach of a factoring effort, and whoever factors it can sign and read in its owner's
//! name. Use 3072 bits, or Ed25519, which is shorter and faster.
//!
//! Limits: the length counts where it is a constant. Keys that are read from somewhere are not looked at.
//!
//! ```go bad
//! func key(r io.Reader) (*rsa.PrivateKey, error) {
//! 	return rsa.GenerateKey(r, 1024)
//! 	//                        ^^^^ an RSA key of 1024 bits is too short
//! }
//! ```
//! ```go good
//! func key(r io.Reader) (*rsa.PrivateKey, error) {
//! 	return rsa.GenerateKey(r, 3072) // long enough
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/short-rsa-key",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G403", "semgrep:use-of-weak-rsa-key", "gopeer:security/weak-crypto"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["crypto/rsa.GenerateKey"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let &[_, bits] = call.args else { return };
    cx.examined();
    if let Some(size) = cx.int_value(bits).filter(|&size| size < 2048) {
        cx.report(bits, format!("an RSA key of {size} bits is too short"))
            .note("3072 bits last, and Ed25519 is shorter and faster");
    }
}
