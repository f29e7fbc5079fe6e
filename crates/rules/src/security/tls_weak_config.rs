//! A TLS configuration allows a version that is no longer safe.
//!
//! TLS 1.0 and 1.1 are deprecated (RFC 8996), because their hashes and ciphers can be attacked. crypto/tls asks for TLS 1.2
//! by default. Leave the version out, or ask for TLS 1.3.
//!
//! Limits: a version is known by its value, whether it is a constant or a local that is set once. One that is computed, or
//! looked up in a map, is not. Silent where a condition decides, since that serves an old peer.
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
//! ```go good
//! func config(legacy bool) *tls.Config {
//! 	config := &tls.Config{MinVersion: tls.VersionTLS12}
//! 	if legacy { // a flag asks for it
//! 		config.MinVersion = tls.VersionTLS10
//! 	}
//! 	return config
//! }
//! ```
//! ```go good
//! // Names for a flag: no configuration yet.
//! var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.2": tls.VersionTLS12}
//! ```
//!
//! # Verify
//!
//! - `openssl s_client -connect HOST:443 -tls1_1 -cipher 'DEFAULT@SECLEVEL=0' </dev/null`: the handshake has to fail
//!
//! # References
//!
//! - [RFC 8996, "Deprecating TLS 1.0 and TLS 1.1"](https://www.rfc-editor.org/rfc/rfc8996)
use gopeer_lint::prelude::*;

use super::support::reason;

pub static RULE: Rule = Rule {
    id: "security/tls-weak-config",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G402", "semgrep:missing-ssl-minversion", "semgrep:ssl-v3-is-insecure"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Set(&["crypto/tls.Config.MinVersion", "crypto/tls.Config.MaxVersion"], check)],
    examines: "TLS versions",
};

/// The version before TLS 1.2, whose number is 0x0303. Zero asks for the default.
const OUTDATED: std::ops::Range<i64> = 1..0x0303;

fn check(cx: &mut Cx, version: Assigned) {
    if cx.is_conditional(version.at) {
        return;
    }
    cx.examined();
    let version = version.value;
    let number = match cx.is_reassigned(version) {
        true => cx.int_value(version),
        false => cx.int_value(cx.initial_value(version).unwrap_or(version)),
    };
    if !number.is_some_and(|number| OUTDATED.contains(&number)) {
        return;
    }
    let edit = match cx.expr(cx.unparen(version)) {
        Expr::Selector { name, .. } if cx.object(version).is_some() => Some((cx.span(name), "VersionTLS12".to_owned())),
        _ => None,
    };
    let reason = reason(cx, version, &["old", "support", "compatib"]);
    cx.report(version, format!("`{}` is deprecated and allows known attacks", cx.source(version)))
        .note("TLS 1.2 is the default of `crypto/tls`; if an old peer needs less, say so in a comment or a setting")
        .fix("Ask for TLS 1.2", edit)
        .excused(reason);
}
