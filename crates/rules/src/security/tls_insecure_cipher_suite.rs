//! A TLS configuration allows an insecure cipher suite.
//!
//! Suites with RC4, 3DES, CBC-SHA256 or RSA key exchange are on crypto/tls's own list of insecure ones
//! (`tls.InsecureCipherSuites`). The default of crypto/tls leaves them out and prefers what the hardware does well. Leave
//! `CipherSuites` out.
//!
//! Limits: suites are seen where they are listed by name: in the configuration, in a local that it uses, or in a call of
//! `append`. A list in a variable of the package or from a function is not followed. Silent where a condition decides,
//! since that serves an old peer.
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
    scope: Scope::Service,
    hooks: &[Hook::Set(&["crypto/tls.Config.CipherSuites"], check)],
    examines: "lists of TLS cipher suites",
};

fn check(cx: &mut Cx, suites: Assigned) {
    if cx.is_conditional(suites.at) {
        return;
    }
    cx.examined();
    let listed = listed(cx, suites.value);
    let insecure: Vec<ExprId> = listed.iter().copied().filter(|&suite| is_insecure(cx, suite)).collect();
    // An empty list allows no suite at all.
    let can_go = insecure.len() < listed.len();
    insecure.into_iter().for_each(|suite| report(cx, suite, can_go));
}

/// The suites that a list names: a literal, one in a local, or what is appended to a list.
fn listed(cx: &Cx, list: ExprId) -> Vec<ExprId> {
    match cx.expr(cx.unparen(list)) {
        Expr::Composite { elems, .. } => cx.exprs(elems).to_vec(),
        Expr::Call { fun, args, .. } if cx.is_builtin(fun, "append") => cx.exprs(args).to_vec(),
        Expr::Ident => match cx.initial_value(list).map(|value| (value, cx.expr(value))) {
            Some((_, Expr::Composite { elems, .. })) => cx.exprs(elems).to_vec(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn is_insecure(cx: &Cx, suite: ExprId) -> bool {
    cx.object(suite).is_some_and(|suite| {
        let weak = ["_RC4_", "_3DES_", "_CBC_SHA256"].iter().any(|part| suite.name.contains(part));
        suite.path == "crypto/tls" && (suite.name.starts_with("TLS_RSA_") || weak)
    })
}

fn report(cx: &mut Cx, suite: ExprId, can_go: bool) {
    let line = cx.lines(suite);
    let alone = line.of(cx.tree.text()).trim().trim_end_matches(',') == cx.source(suite);
    cx.report(suite, format!("`{}` is one of the insecure suites", cx.source(suite)))
        .note("`crypto/tls` lists it among its `InsecureCipherSuites` and leaves it out of its defaults")
        .fix("Leave the suite out", (alone && can_go).then_some((line, String::new())));
}
