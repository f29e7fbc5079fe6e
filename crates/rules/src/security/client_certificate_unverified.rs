//! A server that means to know its clients by their certificates does not verify them.
//!
//! `RequireAnyClientCert` and `RequestClientCert` take any certificate, one that the client has signed itself included, and
//! `ClientCAs` says whom to trust but asks nobody: `ClientAuth` is `NoClientCert` unless set (documentation of crypto/tls).
//! Set `tls.RequireAndVerifyClientCert`.
//!
//! Limits: silent in tests, where a condition decides, where a comment gives a reason or a name says `insecure`, and beside
//! `VerifyConnection`, `VerifyPeerCertificate` or `GetConfigForClient`. A configuration with `RootCAs` may serve both sides;
//! there a missing `ClientAuth` is not reported.
//!
//! ```go bad
//! func servers(pool *x509.CertPool) []*tls.Config {
//! 	return []*tls.Config{
//! 		&tls.Config{ClientCAs: pool, ClientAuth: tls.RequireAnyClientCert},
//! 		//                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ any client certificate is accepted: `tls.RequireAnyClientCert` does not verify it
//! 		&tls.Config{ClientCAs: pool},
//! 		//          ^^^^^^^^^^^^^^^ no client certificate is asked for: `ClientAuth` is not set
//! 	}
//! }
//! ```
//! ```go good
//! func servers(pool *x509.CertPool) []*tls.Config {
//! 	return []*tls.Config{ // both verify what they are given
//! 		{ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
//! 		{ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven},
//! 	}
//! }
//! ```
//! ```go good
//! func server(verify func(tls.ConnectionState) error) *tls.Config {
//! 	return &tls.Config{ClientAuth: tls.RequestClientCert, VerifyConnection: verify} // verified by code of one's own
//! }
//! ```
//! ```go good
//! func both(pool *x509.CertPool) *tls.Config {
//! 	return &tls.Config{RootCAs: pool, ClientCAs: pool, ServerName: "db"} // may be for the client's side alone
//! }
//! ```
//! ```go good
//! func server(pool *x509.CertPool) *tls.Config {
//! 	config := &tls.Config{ClientCAs: pool}
//! 	config.ClientAuth = tls.RequireAndVerifyClientCert // set after the literal
//! 	return config
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::is_unverified_on_purpose;

pub static RULE: Rule = Rule {
    id: "security/client-certificate-unverified",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gopeer:security/tls-verification-disabled"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[
        Hook::Set(&["crypto/tls.Config.ClientAuth"], check_auth),
        Hook::Set(&["crypto/tls.Config.ClientCAs"], check_authorities),
    ],
    file: file!(),
};

/// What decides about a connection in another way.
const DECIDED: &[&str] = &["VerifyConnection", "VerifyPeerCertificate", "GetConfigForClient"];

/// `tls.RequestClientCert` and `tls.RequireAnyClientCert`.
const UNVERIFIED: std::ops::RangeInclusive<i64> = 1..=2;

fn check_auth(cx: &mut Cx, auth: Assigned) {
    cx.examined();
    if cx.int_value(auth.value).is_some_and(|auth| UNVERIFIED.contains(&auth)) {
        let name = cx.source(auth.value);
        report(cx, auth, format!("any client certificate is accepted: `{name}` does not verify it"));
    }
}

fn check_authorities(cx: &mut Cx, authorities: Assigned) {
    let Some(config) = cx.config_of(authorities).filter(Config::is_literal) else { return };
    cx.examined();
    if !cx.sets(config, &["ClientAuth", "RootCAs"]) {
        report(cx, authorities, "no client certificate is asked for: `ClientAuth` is not set".to_owned());
    }
}

fn report(cx: &mut Cx, set: Assigned, message: String) {
    let decided = cx.config_of(set).is_some_and(|config| cx.sets(config, DECIDED));
    if !decided && !is_unverified_on_purpose(cx, set.name) {
        cx.report(set.at, message).note("`tls.RequireAndVerifyClientCert` checks the certificate against ClientCAs");
    }
}
