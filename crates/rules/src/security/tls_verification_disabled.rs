//! A TLS client does not verify the server's certificate.
//!
//! With `InsecureSkipVerify` a TLS client accepts any certificate. Whoever sits between the two sides reads and changes
//! everything that they send, credentials included. If a private authority signed the certificate, trust that authority in
//! `RootCAs`; otherwise check the peer in `VerifyConnection`. The settings of the Consul, Vault, Kubernetes, Pulsar and
//! Confluent Kafka clients that do the same are reported too.
//!
//! In a command, by its folder, the finding is high. It is a question of medium severity where a function of the project gets the
//! connection after the handshake, because it may check who answered, and in a function that only tries the connection, by its name.
//!
//! Limits: silent in tests, where a flag, the environment or a mode decides, where a name, the doc comment or a log message says so,
//! beside a `VerifyConnection` or `VerifyPeerCertificate` that does more than return nil, and where the function reads
//! `PeerCertificates` itself. What such code checks is not looked at. A setting that comes from a variable is not followed.
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
//! func config() *tls.Config {
//! 	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(tls.ConnectionState) error { return nil }}
//! 	//                 ^^^^^^^^^^^^^^^^^^^^^^^^ any certificate is accepted: `InsecureSkipVerify` is true
//! }
//! ```
//! ```go good
//! func config(verify func(tls.ConnectionState) error) *tls.Config {
//! 	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: verify} // the function verifies instead
//! }
//! ```
//! ```go good
//! func config(insecure bool) *tls.Config {
//! 	return &tls.Config{InsecureSkipVerify: insecure} // a flag decides
//! }
//! ```
//! ```go good
//! type flags struct{ InsecureSkipVerify bool }
//! func set(all *flags) {
//! 	all.InsecureSkipVerify = true // a field of the program's own, not of tls.Config
//! }
//! ```
//!
//! ```go good
//! func hello(name string, conn func(io.Writer) net.Conn) []byte {
//! 	var buf bytes.Buffer
//! 	// Nobody answers: what a client says first is written into a buffer.
//! 	client := tls.Client(conn(&buf), &tls.Config{ServerName: name, InsecureSkipVerify: true})
//! 	_ = client.Handshake()
//! 	return buf.Bytes()
//! }
//! ```
//!
//! # Impact
//!
//! Whoever is on the path, from a hotel's network to a compromised router in the cluster, reads and changes everything,
//! tokens included. Both sides see a TLS connection, so dashboards that count encrypted traffic are green. A test
//! against a server with a certificate of its own making must fail and does not.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: against `httptest.NewTLSServer` without its certificate in `RootCAs`, the call
//!   has to fail
//! - `openssl s_client -connect HOST:443 -verify_return_error </dev/null`: why verification failed in the first place:
//!   an unknown authority, a wrong name, or an expired certificate
//!
//! # Options
//!
//! - Add the private authority to `RootCAs`: verification stays on, and the file has to be shipped and renewed
//!   - senior, backend, cloud-native, data: one trust decision, in configuration
//! - Check the peer in `VerifyConnection`: for pinned keys or unusual names, and the check is yours to get right
//!   - throughput: where no authority exists
//!
//! # References
//!
//! - [Package crypto/tls, Config](https://pkg.go.dev/crypto/tls#Config)
use gopeer_lint::prelude::*;
use gopeer_sema::value::Value;

use super::support::{accepts_all, report_unverified};

pub static RULE: Rule = Rule {
    id: "security/tls-verification-disabled",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G402", "gosec:G123"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Set(&["crypto/tls.Config.InsecureSkipVerify"], |cx, skip| check(cx, skip, "RootCAs")),
        Hook::Set(PULSAR, |cx, skip| check(cx, skip, "TLSTrustCertsFilePath")),
        Hook::Set(FILES, |cx, skip| check(cx, skip, "CAFile")),
        Hook::Set(&["github.com/hashicorp/vault/api.TLSConfig.Insecure"], |cx, skip| check(cx, skip, "CACert")),
        Hook::Set(CONFLUENT, check_confluent),
    ],
    examines: "settings of certificate verification",
};

const PULSAR: &[&str] = &["github.com/apache/pulsar-client-go/pulsar.ClientOptions.TLSAllowInsecureConnection"];
const FILES: &[&str] =
    &["github.com/hashicorp/consul/api.TLSConfig.InsecureSkipVerify", "k8s.io/client-go/rest.TLSClientConfig.Insecure"];
const CONFLUENT: &[&str] =
    &["github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.enable.ssl.certificate.verification"];

fn check(cx: &mut Cx, skip: Assigned, authorities: &str) {
    cx.examined();
    let is_checked = || is_reset(cx, skip) || is_verified(cx, skip) || is_of_server(cx, skip) || is_in_memory(cx, skip);
    if is_true(cx, skip.value) && !is_checked() {
        report(cx, skip, "true", authorities);
    }
}

fn check_confluent(cx: &mut Cx, verify: Assigned) {
    cx.examined();
    if cx.is_builtin(verify.value, "false") || cx.string_value(verify.value).is_some_and(|value| value == "false") {
        report(cx, verify, "false", "ssl.ca.location");
    }
}

/// Reports a setting that turns the check off, where `authorities` is the one that names those who sign certificates.
fn report(cx: &mut Cx, skip: Assigned, value: &str, authorities: &str) {
    let at = match skip.at {
        Node::Stmt(_) => skip.name.into(),
        element => element,
    };
    let name = cx.source(skip.name).trim_matches('"');
    let message = format!("any certificate is accepted: `{name}` is {value}");
    let is_command = cx.file.is_of_command();
    let may_be_checked = is_handed_on(cx, skip) || only_tries(cx, skip);
    if let Some(mut report) = report_unverified(cx, at, skip.name, message) {
        if may_be_checked {
            report = report.severity(Severity::Medium).question();
        } else if is_command {
            report = report.severity(Severity::High);
        }
        report
            .note("anyone in between can read the traffic, and answer in the server's place")
            .note(format!("a CA that the system does not know goes into `{authorities}`"));
    }
}

/// Whether other code of the piece sets it as well, as under a condition.
fn is_reset(cx: &Cx, skip: Assigned) -> bool {
    let Some(kept) = cx.config_of(skip).and_then(|config| cx.keeper(config)) else { return false };
    let Def::Local(declaring) = cx.def(kept) else { return false };
    let sets = |used| {
        let Some(Node::Expr(field)) = cx.tree.parent(used) else { return false };
        let Expr::Selector { name, .. } = cx.expr(field) else { return false };
        let is_other = name != skip.name && cx.source(name) == cx.source(skip.name);
        is_other && matches!(cx.tree.parent(field), Some(Node::Stmt(_)))
    };
    cx.names.uses(declaring).any(sets)
}

/// Whether it is a constant that is true.
fn is_true(cx: &Cx, value: ExprId) -> bool {
    cx.is_builtin(value, "true") || matches!(cx.constant_value(value), Some(Value::Bool(true)))
}

/// Whether a function of the project gets the connection that is made with the configuration, and can look at the certificate.
fn is_handed_on(cx: &Cx, skip: Assigned) -> bool {
    const CONNECTS: &[&str] = &["crypto/tls.Client", "crypto/tls.Dial", "crypto/tls.DialWithDialer"];
    let Some(Def::Local(kept)) = cx.config_of(skip).and_then(|config| cx.keeper(config)).map(|kept| cx.def(kept))
    else {
        return false;
    };
    let is_kept = |&arg: &ExprId| cx.def(cx.unparen(arg)) == Def::Local(kept);
    let connects = cx.calls_of(CONNECTS).into_iter().filter(|call| call.args.last().is_some_and(is_kept));
    let is_looked_at = |conn: ExprId| {
        let Def::Local(conn) = cx.def(conn) else { return false };
        let gets_it = |used| match cx.tree.parent(used) {
            Some(Node::Expr(call)) => cx.callee(call).is_some_and(|callee| cx.is_own(&callee)),
            _ => false,
        };
        cx.names.uses(conn).any(gets_it)
    };
    connects.filter_map(|call| result_of(cx, call.expr)).any(is_looked_at)
}

/// Whether the function around tries whether somebody answers, by its name: `TestTLS`, `probe`.
fn only_tries(cx: &Cx, skip: Assigned) -> bool {
    let name = cx.enclosing_decl(skip.name).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
    words(name)
        .iter()
        .any(|word| matches!(word.as_str(), "check" | "checker" | "detect" | "ping" | "probe" | "test" | "tests"))
}

/// The name that gets the first result of a call.
fn result_of(cx: &Cx, call: ExprId) -> Option<ExprId> {
    let Node::Stmt(stmt) = cx.tree.parent(call)? else { return None };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
    cx.exprs(lhs).first().copied()
}

/// Whether a server alone uses the configuration, which does not look at the setting (crypto/tls, `Config.InsecureSkipVerify`).
fn is_of_server(cx: &Cx, skip: Assigned) -> bool {
    const SERVERS: &[&str] = &["crypto/tls.Listen", "crypto/tls.NewListener", "crypto/tls.Server"];
    let Some(config) = cx.config_of(skip) else { return false };
    let kept = cx.keeper(config).map(|kept| cx.def(kept));
    let is_kept = |&arg: &ExprId| {
        let arg = match cx.expr(cx.unparen(arg)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => operand,
            _ => arg,
        };
        matches!(cx.def(cx.unparen(arg)), def @ Def::Local(_) if Some(def) == kept)
    };
    let serves = || cx.calls_of(SERVERS).iter().any(|call| call.args.last().is_some_and(is_kept));
    cx.sets(config, &["ClientAuth"]) || serves()
}

/// Whether the connection is made of a buffer: nobody answers, and only what is sent is looked at.
fn is_in_memory(cx: &Cx, skip: Assigned) -> bool {
    const MEMORY: &[&str] = &["bytes.Buffer", "bytes.Reader"];
    let connects = |node: Node| match node {
        Node::Expr(call) => cx.call(call).filter(|call| call.callee.is(&["crypto/tls.Client"])),
        _ => None,
    };
    let conn = cx.tree.ancestors(skip.name).find_map(connects).and_then(|call| call.args.first().copied());
    let is_memory = |id: ExprId| cx.has_type(id, MEMORY);
    conn.is_some_and(|conn| cx.find_expr(conn, false, is_memory).is_some())
}

/// `conn.ConnectionState().PeerCertificates`.
fn reads_certificates(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    matches!(cx.expr(id), Expr::Selector { name, .. } if cx.source(name) == "PeerCertificates")
}

/// Whether a function checks the other side instead.
fn is_verified(cx: &Cx, skip: Assigned) -> bool {
    if cx.enclosing_decl(skip.name).is_some_and(|func| !cx.within(func, true, reads_certificates).is_empty()) {
        return true;
    }
    let Some(config) = cx.config_of(skip) else { return false };
    ["VerifyConnection", "VerifyPeerCertificate"].iter().any(|&check| match cx.setting(config, check) {
        Setting::Set(function) => !accepts_all(cx, function),
        _ => cx.sets(config, &[check]),
    })
}
