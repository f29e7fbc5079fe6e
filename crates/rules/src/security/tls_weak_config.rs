//! TLS is allowed in a version that is no longer safe.
//!
//! TLS 1.0 and 1.1 are formally deprecated (RFC 8996). Go's own default, TLS 1.2, is better than what is written here: leave
//! it out, or ask for TLS 1.3.
//!
//! Limits: a version counts by its value, whatever constant holds it; one that is computed is not known. Silent where a
//! condition decides, since then somebody had an old peer in mind.
//!
//! ```go bad
//! func config() *tls.Config {
//! 	return &tls.Config{MinVersion: tls.VersionTLS10}
//! 	//                             ^^^^^^^^^^^^^^^^ `tls.VersionTLS10` is deprecated and allows known attacks
//! }
//! ```
//! ```diff fixed
//! -	return &tls.Config{MinVersion: tls.VersionTLS10}
//! +	return &tls.Config{MinVersion: tls.VersionTLS12}
//! ```
//! ```go bad
//! const oldest = tls.VersionTLS11
//! const newest = 0x0302
//! type server struct{ settings tls.Config }
//! func (s *server) configure() {
//! 	s.settings.MinVersion = oldest
//! 	//                      ^^^^^^ `oldest` is deprecated and allows known attacks
//! 	s.settings.MaxVersion = newest
//! 	//                      ^^^^^^ `newest` is deprecated and allows known attacks
//! }
//! ```
//! ```go good
//! type filter struct{ MinVersion int }
//! func (f *filter) all() { f.MinVersion = 1 } // not a version of TLS
//! ```
//! ```go good
//! func config(legacy bool) *tls.Config {
//! 	config := &tls.Config{MinVersion: tls.VersionTLS12}
//! 	if legacy { // somebody asked for it
//! 		config.MinVersion = tls.VersionTLS10
//! 	}
//! 	return config
//! }
//! ```
//! ```go good
//! // Names for a flag: no configuration yet.
//! var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.2": tls.VersionTLS12}
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/tls-weak-config",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G402", "semgrep:missing-ssl-minversion", "semgrep:ssl-v3-is-insecure"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Set(&["crypto/tls.Config.MinVersion", "crypto/tls.Config.MaxVersion"], check)],
    file: file!(),
};

/// The version before TLS 1.2, whose number is 0x0303. Zero asks for the default.
const OUTDATED: std::ops::Range<i64> = 1..0x0303;

fn check(cx: &mut Cx, version: Assigned) {
    if cx.is_conditional(version.at) {
        return;
    }
    cx.examined();
    let version = version.value;
    if !cx.int_value(version).is_some_and(|version| OUTDATED.contains(&version)) {
        return;
    }
    let edit = match cx.expr(cx.unparen(version)) {
        Expr::Selector { name, .. } if cx.object(version).is_some() => Some((cx.span(name), "VersionTLS12".to_owned())),
        _ => None,
    };
    cx.report(version, format!("`{}` is deprecated and allows known attacks", cx.source(version)))
        .note("TLS 1.2 is the default of crypto/tls; a peer that cannot speak it has to be named")
        .fix("Ask for TLS 1.2", edit);
}
