//! The certificate of the other side is not checked.
//!
//! With `InsecureSkipVerify` a TLS client accepts any certificate: whoever sits between the two reads and changes
//! everything, credentials included. Trust the private authority that signed the certificate (`RootCAs`), or check the peer
//! in `VerifyConnection`.
//!
//! Limits: silent in tests, where an option or another condition decides, where a comment gives a reason or a name says
//! `insecure`, and beside a `VerifyConnection` or `VerifyPeerCertificate` that does more than return nil. What such a
//! function checks is not looked at.
//!
//! ```go bad
//! func client() *http.Client {
//! 	return &http.Client{Timeout: time.Second, Transport: &http.Transport{
//! 		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
//! 		//                           ^^^^^^^^^^^^^^^^^^^^^^^^ any certificate is accepted: `InsecureSkipVerify` is true
//! 	}}
//! }
//! ```
//! ```go bad
//! func setUp(config *tls.Config) {
//! 	config.InsecureSkipVerify = true
//! 	//     ^^^^^^^^^^^^^^^^^^ any certificate is accepted: `InsecureSkipVerify` is true
//! }
//! ```
//! ```go bad
//! const skip = true
//! func config() *tls.Config {
//! 	return &tls.Config{InsecureSkipVerify: skip, VerifyConnection: func(tls.ConnectionState) error { return nil }}
//! 	//                 ^^^^^^^^^^^^^^^^^^^^^^^^ any certificate is accepted: `InsecureSkipVerify` is true
//! }
//! ```
//! ```go good
//! type flags struct{ InsecureSkipVerify bool }
//! func set(all *flags) {
//! 	all.InsecureSkipVerify = true // a field of one's own
//! }
//! ```
//! ```go good
//! func config(verify func(tls.ConnectionState) error) *tls.Config {
//! 	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: verify} // checked in another way
//! }
//! ```
//! ```go good
//! func own(verify func(tls.ConnectionState) error, config *tls.Config) {
//! 	config.InsecureSkipVerify = true
//! 	config.VerifyConnection = verify // checked in another way
//! }
//! ```
//! ```go good
//! func config(insecure bool) *tls.Config {
//! 	config := &tls.Config{InsecureSkipVerify: insecure} // an option
//! 	if insecure {
//! 		config.InsecureSkipVerify = true // somebody asked for it
//! 	}
//! 	return config
//! }
//! ```
//! ```go good
//! // The challenge itself proves who answers (RFC 8555).
//! var transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
//! ```
//! ```go good
//! var insecureClient = &http.Client{ // the name says it
//! 	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
//! }
//! ```
//! ```go good file=client_test.go
//! var config = &tls.Config{InsecureSkipVerify: true} // a test talks to itself
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::value::Value;

use super::support::is_unverified_on_purpose;

pub static RULE: Rule = Rule {
    id: "security/tls-verification-disabled",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G402", "gosec:G123"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Set(&["crypto/tls.Config.InsecureSkipVerify"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, skip: Assigned) {
    cx.examined();
    if !is_true(cx, skip.value) || is_verified(cx, skip) || is_unverified_on_purpose(cx, skip.name) {
        return;
    }
    let at = match skip.at {
        Node::Stmt(_) => skip.name.into(),
        element => element,
    };
    cx.report(at, "any certificate is accepted: `InsecureSkipVerify` is true")
        .note("whoever sits in between can read and change the traffic; trust the authority in RootCAs instead");
}

/// Whether it is a constant that is true.
fn is_true(cx: &Cx, value: ExprId) -> bool {
    cx.is_builtin(value, "true") || matches!(cx.constant_value(value), Some(Value::Bool(true)))
}

/// Whether a function checks the other side instead.
fn is_verified(cx: &Cx, skip: Assigned) -> bool {
    let Some(config) = cx.config_of(skip) else { return false };
    ["VerifyConnection", "VerifyPeerCertificate"].iter().any(|&check| match cx.setting(config, check) {
        Setting::Set(function) => !accepts_all(cx, function),
        _ => cx.sets(config, &[check]),
    })
}

/// Whether a verification function does nothing but return nil.
fn accepts_all(cx: &Cx, function: ExprId) -> bool {
    if cx.is_builtin(function, "nil") {
        return true;
    }
    let Expr::FuncLit { body, .. } = cx.expr(function) else { return false };
    let Stmt::Block(stmts) = cx.stmt(body) else { return false };
    let &[only] = cx.stmts(stmts) else { return false };
    matches!(cx.stmt(only), Stmt::Return(results) if cx.only(results).is_some_and(|result| cx.is_builtin(result, "nil")))
}
