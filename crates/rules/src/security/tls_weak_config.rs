//! TLS is configured below what is safe today.
//!
//! TLS 1.0 and 1.1 are formally deprecated (RFC 8996), and the suites with RC4, 3DES, CBC-SHA256 or RSA key exchange
//! are on crypto/tls's own list of insecure ones. Go's defaults, TLS 1.2 and its own choice of suites, are better than
//! what is written here: leave both out, or ask for TLS 1.3.
//!
//! A version counts by its value, whatever constant holds it. Silent where a condition decides, since then an old peer was thought of. Certificates that are never renewed come
//! with flow.
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
//! func (f *filter) all() { f.MinVersion = 1 }
//! ```
//! ```go good
//! func config(legacy bool) *tls.Config {
//! 	config := &tls.Config{MinVersion: tls.VersionTLS12}
//! 	if legacy {
//! 		config.MinVersion = tls.VersionTLS10
//! 	}
//! 	return config
//! }
//!
//! var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.2": tls.VersionTLS12}
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/tls-weak-config",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G402",
        "semgrep:missing-ssl-minversion",
        "semgrep:tls-with-insecure-cipher",
        "semgrep:ssl-v3-is-insecure",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Composite], literal), Hook::Stmt(&[StmtKind::Assign], assign)],
    file: file!(),
};

fn literal(cx: &mut Cx, composite: ExprId) {
    let Some(elems) = cx.literal_of(composite, "crypto/tls.Config") else { return };
    if cx.is_conditional(composite) {
        return;
    }
    cx.examined();
    for name in ["MinVersion", "MaxVersion"] {
        if let Some(version) = cx.field(elems, name) {
            check_version(cx, version);
        }
    }
    if let Some(Expr::Composite { elems, .. }) = cx.field(elems, "CipherSuites").map(|suites| cx.expr(suites)) {
        cx.exprs(elems).iter().for_each(|&name| suite(cx, name));
    }
}

fn assign(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let ([target], [value]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return };
    let Expr::Selector { base, name } = cx.expr(*target) else { return };
    let is_version =
        matches!(cx.source(name), "MinVersion" | "MaxVersion") && cx.has_type(base, &["crypto/tls.Config"]);
    if is_version && !cx.is_conditional(stmt) {
        cx.examined();
        check_version(cx, *value);
    }
}

/// Reports a version before TLS 1.2, whose value is 0x0303. Zero asks for the default.
fn check_version(cx: &mut Cx, version: ExprId) {
    if !cx.int_value(version).is_some_and(|version| (1..0x0303).contains(&version)) {
        return;
    }
    let name = cx.object(version).and_then(|_| match cx.expr(cx.unparen(version)) {
        Expr::Selector { name, .. } => Some((cx.span(name), "VersionTLS12".to_owned())),
        _ => None,
    });
    let report = cx
        .report(version, format!("`{}` is deprecated and allows known attacks", cx.source(version)))
        .note("TLS 1.2 is the default of crypto/tls; a peer that cannot speak it has to be named");
    if let Some(edit) = name {
        report.fix("Ask for TLS 1.2", [edit]);
    }
}

fn suite(cx: &mut Cx, suite: ExprId) {
    let Some(name) = cx.object(suite).filter(|name| name.path == "crypto/tls") else { return };
    let weak = ["_RC4_", "_3DES_", "_CBC_SHA256"].iter().any(|part| name.name.contains(part))
        || name.name.starts_with("TLS_RSA_");
    if !weak {
        return;
    }
    let line = cx.lines(suite);
    let alone = line.of(cx.tree.text()).trim().trim_end_matches(',') == cx.source(suite);
    let report = cx
        .report(suite, format!("`{}` is one of the insecure suites", cx.source(suite)))
        .note("crypto/tls lists it among InsecureCipherSuites and leaves it out of its defaults");
    if alone {
        report.fix("Leave the suite out", [(line, String::new())]);
    }
}
