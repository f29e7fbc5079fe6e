//! An SSH client accepts any host key.
//!
//! With `ssh.InsecureIgnoreHostKey` the client does not know which machine answers: whoever sits between the two reads and
//! changes everything, passwords included. Compare with a key that is known (`ssh.FixedHostKey`), or with a file of them
//! (package `golang.org/x/crypto/ssh/knownhosts`).
//!
//! Limits: silent in tests, where a condition decides, and where a comment gives a reason or a name says `insecure`.
//! Callbacks of one's own that accept any key are not reported.
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
//! 		callback = ssh.InsecureIgnoreHostKey() // somebody asked for it
//! 	}
//! 	return ssh.Dial("tcp", addr, &ssh.ClientConfig{HostKeyCallback: callback})
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::is_unverified_on_purpose;

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
    scope: Scope::Production,
    hooks: &[Hook::Call(&["golang.org/x/crypto/ssh.InsecureIgnoreHostKey"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    if !is_unverified_on_purpose(cx, call.expr) {
        cx.report(call.fun, "any host key is accepted").note(
            "whoever sits in between can read and change the session; use ssh.FixedHostKey or the knownhosts package",
        );
    }
}
