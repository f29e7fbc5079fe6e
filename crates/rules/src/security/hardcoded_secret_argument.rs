//! A password or key that is written into the source is handed to a library.
//!
//! Everybody who can read the repository, its history or the image has it: whoever knows the key that signs tokens can issue
//! them for any user. Read it from the environment or a secret store when the process starts, and revoke this one.
//!
//! Limits: the key of golang-jwt and the password of `SetBasicAuth` are looked at, where they are literals. A constant with
//! a name, and what looks like a placeholder, are not reported.
//!
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//! func sign(token *jwt.Token, r *http.Request) (string, error) {
//! 	r.SetBasicAuth("admin", "hunter2!")
//! 	//                      ^^^^^^^^^^ the password is written into the source
//! 	return token.SignedString([]byte("super-safe-key"))
//! 	//                               ^^^^^^^^^^^^^^^^ the key that signs tokens is written into the source
//! }
//! ```
//! ```go good
//! func login(r *http.Request) {
//! 	r.SetBasicAuth("admin", os.Getenv("ADMIN_PASSWORD")) // comes from outside
//! }
//! ```
//! ```go good
//! func login(r *http.Request) {
//! 	r.SetBasicAuth("admin", "your-password") // a placeholder
//! }
//! ```
use gopeer_lint::prelude::*;

use super::credential;

pub static RULE: Rule = Rule {
    id: "security/hardcoded-secret-argument",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &[
        "semgrep:hardcoded-jwt-key",
        "semgrep:use-of-basic-authentication",
        "gopeer:security/hardcoded-credentials",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(SIGNS, check_key), Hook::Call(&["net/http.Request.SetBasicAuth"], check_password)],
    file: file!(),
};

const SIGNS: &[&str] = &[
    "github.com/golang-jwt/jwt/v5.Token.SignedString",
    "github.com/golang-jwt/jwt/v4.Token.SignedString",
    "github.com/golang-jwt/jwt.Token.SignedString",
];

fn check_key(cx: &mut Cx, call: Call) {
    check(cx, call.args.first(), "the key that signs tokens");
}

fn check_password(cx: &mut Cx, call: Call) {
    check(cx, call.args.get(1), "the password");
}

fn check(cx: &mut Cx, secret: Option<&ExprId>, what: &str) {
    let Some(&secret) = secret else { return };
    cx.examined();
    let literal = credential::unconverted(cx, secret);
    // What has the form of a credential is another rule's.
    if credential::could_be_secret(cx, literal) && credential::recognised(cx, literal).is_none() {
        cx.report(literal, format!("{what} is written into the source")).note(credential::ADVICE);
    }
}
