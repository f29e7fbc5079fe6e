//! An SSH client accepts any host key.
//!
//! With `ssh.InsecureIgnoreHostKey` the client does not know which machine answers. Whoever sits between the two reads and
//! changes everything, passwords included. Compare the key with one that is known (`ssh.FixedHostKey`) or with a file of
//! known keys (package `golang.org/x/crypto/ssh/knownhosts`).
//!
//! Limits: silent in tests, where a flag, the environment or a mode decides, and where a name, the doc comment or a log message
//! says so. A callback is examined if it is a function literal; one that is a named function, or that logs and then accepts, is not.
//!
//! ```go bad
//! import "golang.org/x/crypto/ssh"
//! func dial(addr string, auth ssh.AuthMethod) (*ssh.Client, error) {
//! 	return ssh.Dial("tcp", addr, &ssh.ClientConfig{
//! 		Auth:            []ssh.AuthMethod{auth},
//! 		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
//! 		//               ^^^^^^^^^^^^^^^^^^^^^^^^^ any host key is accepted
//! 	})
//! }
//! ```
//! ```go good
//! import "golang.org/x/crypto/ssh"
//! func dial(addr string, strict bool, key ssh.PublicKey) (*ssh.Client, error) {
//! 	callback := ssh.FixedHostKey(key)
//! 	if !strict {
//! 		callback = ssh.InsecureIgnoreHostKey() // a flag asks for it
//! 	}
//! 	return ssh.Dial("tcp", addr, &ssh.ClientConfig{HostKeyCallback: callback})
//! }
//! ```
//!
//! # Impact
//!
//! Whoever can redirect the connection, by DNS, ARP or a rogue router, gets the password and every file, and passes
//! them on so that nobody notices. Known hosts exist to show exactly that, and this client does not ask them. The
//! server's log shows an ordinary login from an unusual address.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: connect to a test server with another key and expect a handshake error
//! - `ssh-keyscan -t ed25519 HOST`: the key to pin, to be compared over another channel
//!
//! # Options
//!
//! - Read a `known_hosts` file: several hosts and key changes without a release, and the file has to be shipped
//!   - senior, cloud-native, backend: mounted like any other configuration
//! - Pin one key with `ssh.FixedHostKey`: no file, and a key change needs new configuration
//!   - data, throughput: for a single fixed target
//!
//! # References
//!
//! - [Package knownhosts](https://pkg.go.dev/golang.org/x/crypto/ssh/knownhosts)
use gopeer_lint::prelude::*;

use super::support::{accepts_all, report_unverified};

pub static RULE: Rule = Rule {
    id: "security/ssh-host-key-ignored",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G106",
        "semgrep:avoid-ssh-insecure-ignore-host-key",
        "gopeer:security/tls-verification-disabled",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(&["golang.org/x/crypto/ssh.InsecureIgnoreHostKey"], check),
        Hook::Set(&["golang.org/x/crypto/ssh.ClientConfig.HostKeyCallback"], check_callback),
    ],
    examines: "SSH host key checks",
};

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    report(cx, call.fun, call.expr);
}

fn check_callback(cx: &mut Cx, callback: Assigned) {
    cx.examined();
    let function = cx.unparen(callback.value);
    let function = match cx.expr(function) {
        Expr::Ident => cx.initial_value(function).unwrap_or(function),
        _ => function,
    };
    if matches!(cx.expr(function), Expr::FuncLit { .. }) && accepts_all(cx, function) {
        report(cx, callback.name, callback.name);
    }
}

fn report(cx: &mut Cx, at: ExprId, place: ExprId) {
    if let Some(report) = report_unverified(cx, at, place, "any host key is accepted") {
        report
            .note("anyone in between can read and change the session; use `ssh.FixedHostKey` or package `knownhosts`");
    }
}
