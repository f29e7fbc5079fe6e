//! A server asks for client certificates and does not verify them.
//!
//! `RequireAnyClientCert` and `RequestClientCert` accept any certificate, even one that the client has signed itself.
//! `ClientCAs` says which authorities to trust, but `ClientAuth` is `NoClientCert` unless set, and then no certificate is
//! asked for (documentation of crypto/tls). Set `tls.RequireAndVerifyClientCert`, or `tls.VerifyClientCertIfGiven` where a
//! certificate is optional.
//!
//! Limits: silent in tests, where a flag, the environment or a mode decides, where a name says `insecure`, and beside
//! `VerifyConnection`, `VerifyPeerCertificate` or `GetConfigForClient`. `RequestClientCert` is a question, since handlers
//! may look at the certificate. A configuration with `RootCAs` may serve both sides; there a missing `ClientAuth` is not
//! reported. A `ClientAuth` that comes from a variable is not followed.
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
//! func server(pool *x509.CertPool) *tls.Config {
//! 	config := &tls.Config{ClientCAs: pool}
//! 	config.ClientAuth = tls.RequireAndVerifyClientCert // set after the literal
//! 	return config
//! }
//! ```
//! ```go good
//! func server(verify func(tls.ConnectionState) error) *tls.Config {
//! 	return &tls.Config{ClientAuth: tls.RequestClientCert, VerifyConnection: verify} // the function verifies instead
//! }
//! ```
//! ```go good
//! func both(pool *x509.CertPool) *tls.Config {
//! 	return &tls.Config{RootCAs: pool, ClientCAs: pool, ServerName: "db"} // may be for the client's side alone
//! }
//! ```
//!
//! # Impact
//!
//! Anyone who can reach the port is a client: a certificate signed by the caller itself is accepted, or none is asked
//! for. Access logs show names from certificates as if they were proven. No legitimate client fails, so nothing hints
//! at it.
//!
//! # Verify
//!
//! - `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=admin -keyout k.pem -out c.pem -days 1 && openssl s_client
//!   -connect localhost:8443 -cert c.pem -key k.pem`: a certificate that nobody vouches for must not get through the
//!   handshake
//! - `go test -run {test} {package}`: dial with a certificate of another authority and expect the handshake to fail
//!
//! # References
//!
//! - [Package crypto/tls, ClientAuthType](https://pkg.go.dev/crypto/tls#ClientAuthType)
use gopeer_lint::prelude::*;

use super::support::report_unverified;

pub static RULE: Rule = Rule {
    id: "security/client-certificate-unverified",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gopeer:security/tls-verification-disabled"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Set(&["crypto/tls.Config.ClientAuth"], check_auth),
        Hook::Set(&["crypto/tls.Config.ClientCAs"], check_authorities),
    ],
    examines: "settings for client certificates",
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
    let is_optional = cx.int_value(set.value) == Some(1);
    if !decided && let Some(report) = report_unverified(cx, set.at, set.name, message) {
        // The handlers may look at a certificate that comes.
        if is_optional {
            report.severity(Severity::Medium).question().note(
                "`tls.VerifyClientCertIfGiven` checks it against `ClientCAs`, and still lets in clients without one",
            );
        } else {
            report.note("`tls.RequireAndVerifyClientCert` checks the certificate against `ClientCAs`");
        }
    }
}
