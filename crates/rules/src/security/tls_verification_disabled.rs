//! The identity of the other side is not checked.
//!
//! With `InsecureSkipVerify` a TLS client accepts any certificate, and with `ssh.InsecureIgnoreHostKey` any host key:
//! whoever sits between the two reads and changes everything, credentials included. Trust the private authority that
//! signed the certificate (`RootCAs`), or check the peer in `VerifyConnection`.
//!
//! Silent in tests, where an option or another condition decides, where a comment gives a reason or a name says
//! `insecure`, and beside a `VerifyConnection` or
//! `VerifyPeerCertificate` that does something. A server that asks for client certificates and does not verify them
//! (`RequireAnyClientCert`), or that has `ClientCAs` and does not ask, knows as little.
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
//! import "golang.org/x/crypto/ssh"
//! func dial(addr string, auth ssh.AuthMethod) (*ssh.Client, error) {
//! 	return ssh.Dial("tcp", addr, &ssh.ClientConfig{
//! 		Auth:            []ssh.AuthMethod{auth},
//! 		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
//! 		//               ^^^^^^^^^^^^^^^^^^^^^^^^^ any host key is accepted
//! 	})
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
//! func servers(pool *x509.CertPool) []*tls.Config {
//! 	return []*tls.Config{
//! 		&tls.Config{ClientCAs: pool, ClientAuth: tls.RequireAnyClientCert},
//! 		//                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ any client certificate is accepted: `tls.RequireAnyClientCert` does not verify it
//! 		&tls.Config{ClientCAs: pool},
//! 		//          ^^^^^^^^^^^^^^^ no client certificate is asked for: `ClientAuth` is not set
//! 		&tls.Config{InsecureSkipVerify: skip},
//! 		//          ^^^^^^^^^^^^^^^^^^^^^^^^ any certificate is accepted: `InsecureSkipVerify` is true
//! 	}
//! }
//! ```
//! ```go good
//! type flags struct{ InsecureSkipVerify bool }
//! func servers(pool *x509.CertPool, verify func(tls.ConnectionState) error, all *flags) []*tls.Config {
//! 	all.InsecureSkipVerify = true
//! 	return []*tls.Config{
//! 		{ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
//! 		{ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven},
//! 		{ClientAuth: tls.RequestClientCert, VerifyConnection: verify},
//! 		{RootCAs: pool, ClientCAs: pool, ServerName: "db"},
//! 	}
//! }
//! ```
//! ```go good
//! func config(verify func(tls.ConnectionState) error, insecure bool) []*tls.Config {
//! 	own := &tls.Config{InsecureSkipVerify: true, VerifyConnection: verify}
//! 	option := &tls.Config{InsecureSkipVerify: insecure}
//! 	if insecure {
//! 		own.InsecureSkipVerify = true // somebody asked for it
//! 	}
//! 	return []*tls.Config{own, option, {InsecureSkipVerify: false}}
//! }
//! ```
//! ```go good
//! // The challenge itself proves who answers (RFC 8555).
//! var transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
//!
//! var insecureClient = &http.Client{
//! 	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
//! }
//! ```
//! ```go good file=client_test.go
//! var config = &tls.Config{InsecureSkipVerify: true}
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::value::Value;

use super::support::{is_chosen, names_around};

pub static RULE: Rule = Rule {
    id: "security/tls-verification-disabled",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G402", "gosec:G106", "gosec:G123", "semgrep:avoid-ssh-insecure-ignore-host-key"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[
        Hook::Expr(&[ExprKind::Composite], literal),
        Hook::Expr(&[ExprKind::Call], call),
        Hook::Stmt(&[StmtKind::Assign], assign),
    ],
    file: file!(),
};

const MESSAGE: &str = "any certificate is accepted: `InsecureSkipVerify` is true";
const WHY: &str = "whoever sits in between can read and change the traffic; trust the authority in RootCAs instead";

fn literal(cx: &mut Cx, composite: ExprId) {
    let Some(elems) = cx.literal_of(composite, "crypto/tls.Config") else { return };
    cx.examined();
    client_auth(cx, composite, elems);
    let Some(skip) = cx.field(elems, "InsecureSkipVerify") else { return };
    let checks = ["VerifyConnection", "VerifyPeerCertificate"];
    let verified = match checks.iter().find_map(|name| cx.field(elems, name)) {
        Some(check) => !accepts_all(cx, check),
        None => cx.sets_any(composite, &checks),
    };
    if !is_true(cx, skip) || verified || is_meant(cx, composite) {
        return;
    }
    let Some(entry) = cx.tree.parent(skip) else { return };
    cx.report(entry, MESSAGE).note(WHY);
}

/// Whether it is a constant that is true.
fn is_true(cx: &Cx, value: ExprId) -> bool {
    cx.is_builtin(value, "true") || matches!(cx.constant_value(value), Some(Value::Bool(true)))
}

/// A server that means to know its clients by their certificates, and does not.
fn client_auth(cx: &mut Cx, composite: ExprId, elems: &[ExprId]) {
    // Set elsewhere, or chosen for each connection.
    let decided = ["VerifyConnection", "VerifyPeerCertificate", "GetConfigForClient"];
    if cx.sets_any(composite, &decided) || is_meant(cx, composite) {
        return;
    }
    let (at, message) = match (cx.field(elems, "ClientAuth"), cx.field(elems, "ClientCAs")) {
        (Some(auth), _) if matches!(cx.int_value(auth), Some(1 | 2)) => {
            let name = cx.source(auth);
            (auth, format!("any client certificate is accepted: `{name}` does not verify it"))
        }
        // With RootCAs beside it, one literal may serve both sides.
        (None, Some(authorities)) if !cx.sets_any(composite, &["ClientAuth", "RootCAs"]) => {
            (authorities, "no client certificate is asked for: `ClientAuth` is not set".to_owned())
        }
        _ => return,
    };
    let Some(entry) = cx.tree.parent(at) else { return };
    cx.report(entry, message).note("`tls.RequireAndVerifyClientCert` checks the certificate against ClientCAs");
}

/// Whether somebody has chosen this: a condition, a comment at the statement, or a name that says what it does.
fn is_meant(cx: &Cx, at: ExprId) -> bool {
    let says = |name: &&str| !name.ends_with("InsecureSkipVerify") && name.to_ascii_lowercase().contains("insecure");
    is_chosen(cx, at, &["self-signed", "self signed", "verif", "prove", "pin", "insecure"])
        || names_around(cx, at).iter().any(says)
}

/// Whether a verification function does nothing but return nil.
fn accepts_all(cx: &Cx, function: ExprId) -> bool {
    if cx.is_builtin(function, "nil") {
        return true;
    }
    let Expr::FuncLit { body, .. } = cx.expr(function) else { return false };
    let Stmt::Block(stmts) = cx.stmt(body) else { return false };
    let [only] = cx.stmts(stmts) else { return false };
    matches!(cx.stmt(*only), Stmt::Return(results) if cx.only(results).is_some_and(|result| cx.is_builtin(result, "nil")))
}

fn assign(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let ([target], [value]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return };
    let Expr::Selector { base, name } = cx.expr(*target) else { return };
    if cx.source(name) != "InsecureSkipVerify" || !is_true(cx, *value) {
        return;
    }
    let ty = cx.deref(cx.ty(base));
    if !ty.is_unknown() && !cx.type_is(ty, &["crypto/tls.Config"]) {
        return;
    }
    cx.examined();
    let verified = cx.tree.all_stmts().any(|(_, other)| match other {
        Stmt::Assign { lhs, .. } => cx.exprs(lhs).iter().any(|&target| match cx.expr(target) {
            Expr::Selector { base: other, name } => cx.source(name).starts_with("Verify") && cx.same_text(other, base),
            _ => false,
        }),
        _ => false,
    });
    if !verified && !is_meant(cx, base) {
        cx.report(name, MESSAGE).note(WHY);
    }
}

fn call(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    if cx.source(name) != "InsecureIgnoreHostKey"
        || !cx.denotes(fun, &["golang.org/x/crypto/ssh.InsecureIgnoreHostKey"])
    {
        return;
    }
    cx.examined();
    if is_meant(cx, call) {
        return;
    }
    cx.report(fun, "any host key is accepted").note(
        "whoever sits in between can read and change the session; use ssh.FixedHostKey or the knownhosts package",
    );
}
