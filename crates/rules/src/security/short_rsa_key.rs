//! An RSA key is too short.
//!
//! Keys below 2048 bits can be factored with enough computers (NIST SP 800-131A disallows them), and whoever factors a key
//! signs and reads in its owner's name. Use 3072 bits, or Ed25519, which is shorter and faster.
//!
//! Limits: the length must be a constant, or a local that is set once to one. Keys that are read from somewhere are not
//! looked at.
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
//!
//! # Impact
//!
//! Whoever factors the key reads recorded traffic that it protected and signs in its owner's name, without a trace on
//! this side. Recent Go versions return an error for keys below 1024 bits, and public certificate authorities refuse
//! those below 2048. Replacing it means replacing every certificate that carries it.
//!
//! # Verify
//!
//! - `openssl rsa -in key.pem -noout -text | head -1`: prints the number of bits
//! - `openssl s_client -connect HOST:443 </dev/null 2>/dev/null | openssl x509 -noout -text | grep 'Public-Key'`: what
//!   a running server presents
//!
//! # Options
//!
//! - Ed25519: short, fast, and not known to every old client
//!   - senior, throughput, backend: no size to choose
//! - RSA with 3072 bits: known everywhere, and slower to sign with
//!   - cloud-native, data: load balancers and old drivers accept it
//!
//! # References
//!
//! - [NIST SP 800-131A Rev. 2](https://csrc.nist.gov/pubs/sp/800/131/a/r2/final)
//! - [Package crypto/ed25519](https://pkg.go.dev/crypto/ed25519)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/short-rsa-key",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G403", "semgrep:use-of-weak-rsa-key", "gopeer:security/weak-crypto"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["crypto/rsa.GenerateKey", "crypto/rsa.GenerateMultiPrimeKey"], check)],
    examines: "RSA keys",
};

fn check(cx: &mut Cx, call: Call) {
    let Some(&bits) = call.args.last() else { return };
    cx.examined();
    let length = match cx.is_reassigned(bits) {
        true => cx.int_value(bits),
        false => cx.int_value(cx.initial_value(bits).unwrap_or(bits)),
    };
    if let Some(length) = length.filter(|length| (1..2048).contains(length)) {
        cx.report(bits, format!("an RSA key of {length} bits is too short"))
            .note("use 3072 bits, or Ed25519, which is shorter and faster");
    }
}
