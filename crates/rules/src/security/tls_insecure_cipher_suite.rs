//! A TLS configuration allows an insecure cipher suite.
//!
//! The suites with RC4, 3DES, CBC-SHA256 or RSA key exchange are on crypto/tls's own list of insecure ones
//! (`tls.InsecureCipherSuites`). Go's default choice leaves them out and prefers what the hardware does well: leave
//! `CipherSuites` out.
//!
//! Limits: suites count where they are listed in the configuration itself; a list that is kept in a variable or computed is
//! not looked at. Silent where a condition decides, since then somebody had an old peer in mind.
//!
//! ```go bad
//! func config() *tls.Config {
//! 	return &tls.Config{CipherSuites: []uint16{
//! 		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
//! 		tls.TLS_RSA_WITH_RC4_128_SHA,
//! //^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `tls.TLS_RSA_WITH_RC4_128_SHA` is one of the insecure suites
//! 	}}
//! }
//! ```
//! ```diff fixed
//! -		tls.TLS_RSA_WITH_RC4_128_SHA,
//! ```
//! ```go good
//! func config() *tls.Config {
//! 	return &tls.Config{CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}} // one of the secure ones
//! }
//! ```
//! ```go good
//! // Names for a log: no configuration.
//! var names = map[uint16]string{tls.TLS_RSA_WITH_RC4_128_SHA: "RC4"}
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/tls-insecure-cipher-suite",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G402", "semgrep:tls-with-insecure-cipher", "gopeer:security/tls-weak-config"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Set(&["crypto/tls.Config.CipherSuites"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, suites: Assigned) {
    let Expr::Composite { elems, .. } = cx.expr(suites.value) else { return };
    if cx.is_conditional(suites.at) {
        return;
    }
    cx.examined();
    for &suite in cx.exprs(elems) {
        if cx.object(suite).is_some_and(|suite| suite.path == "crypto/tls" && is_insecure(suite.name)) {
            report(cx, suite);
        }
    }
}

fn is_insecure(suite: &str) -> bool {
    suite.starts_with("TLS_RSA_") || ["_RC4_", "_3DES_", "_CBC_SHA256"].iter().any(|part| suite.contains(part))
}

fn report(cx: &mut Cx, suite: ExprId) {
    let line = cx.lines(suite);
    let alone = line.of(cx.tree.text()).trim().trim_end_matches(',') == cx.source(suite);
    cx.report(suite, format!("`{}` is one of the insecure suites", cx.source(suite)))
        .note("crypto/tls lists it among InsecureCipherSuites and leaves it out of its defaults")
        .fix("Leave the suite out", alone.then_some((line, String::new())));
}
