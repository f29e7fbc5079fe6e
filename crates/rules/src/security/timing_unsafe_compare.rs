//! A secret is compared with what a client sends by an operator that stops at the first difference.
//!
//! How long the comparison takes tells how many of the first bytes are right, so that a secret can be found byte by byte, a few
//! thousand requests for each. `subtle.ConstantTimeCompare` and `hmac.Equal` take the same time wherever the difference is
//! (documentation of `crypto/subtle`).
//!
//! Reported are comparisons of a code that `crypto/hmac` made, and of a secret of the service, known by its name, with what comes
//! from a request. A comparison with a constant, such as the empty string, is left alone.
//!
//! ```go bad
//! func admin(w http.ResponseWriter, r *http.Request, apiKey string) {
//! 	if r.Header.Get("X-Api-Key") != apiKey {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ comparing `apiKey` with a header of the request can take longer the more leading bytes match
//! 		http.Error(w, "who are you?", http.StatusUnauthorized)
//! 		return
//! 	}
//! }
//! ```
//! ```go bad
//! func verify(key, body []byte, signature string) bool {
//! 	mac := hmac.New(sha256.New, key)
//! 	mac.Write(body)
//! 	want := hex.EncodeToString(mac.Sum(nil))
//! 	return want == signature
//! 	//     ^^^^^^^^^^^^^^^^^ comparing `want` can take longer the more leading bytes match
//! }
//! ```
//! ```go good
//! func admin(w http.ResponseWriter, r *http.Request, apiKey string) {
//! 	given := r.Header.Get("X-Api-Key")
//! 	if given == "" || subtle.ConstantTimeCompare([]byte(given), []byte(apiKey)) != 1 {
//! 		http.Error(w, "who are you?", http.StatusUnauthorized)
//! 		return
//! 	}
//! 	if r.FormValue("password") != r.FormValue("confirmed") { // both are the client's
//! 		http.Error(w, "not the same", http.StatusBadRequest)
//! 	}
//! }
//! ```
//!
//! # Verify
//!
//! - `grep -nE '(==|bytes\.Equal).*([Ss]ignature|[Tt]oken|[Kk]ey|[Ss]ecret)' {file}`: finds similar comparisons in the
//!   file
//!
//! # References
//!
//! - [Package crypto/subtle, ConstantTimeCompare](https://pkg.go.dev/crypto/subtle#ConstantTimeCompare)
use gopeer_lint::prelude::*;

use super::names::{holds_secret, is_secret_name};
use super::support;

pub static RULE: Rule = Rule {
    id: "security/timing-unsafe-compare",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["semgrep:use-hmac-equal"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check_operator), Hook::Call(EQUALS, check_call)],
    examines: "comparisons of secrets",
};

const EQUALS: &[&str] = &["bytes.Equal", "bytes.Compare", "strings.Compare", "strings.EqualFold", "reflect.DeepEqual"];

fn check_operator(cx: &mut Cx, expr: ExprId) {
    let Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } = cx.expr(expr) else { return };
    check(cx, expr, lhs, rhs);
}

fn check_call(cx: &mut Cx, call: Call) {
    if let &[one, other] = call.args {
        check(cx, call.expr, one, other);
    }
}

fn check(cx: &mut Cx, at: ExprId, one: ExprId, other: ExprId) {
    if cx.string_value(one).is_some() || cx.string_value(other).is_some() || !is_text(cx, one) || !is_text(cx, other) {
        return;
    }
    const NOTE: &str = "compare with `subtle.ConstantTimeCompare` or `hmac.Equal`";
    if let Some(code) = [one, other].into_iter().find(|&side| cx.is_mac(side)) {
        cx.examined();
        // Of two codes that are both made here, nobody has sent one.
        let is_given = !(cx.is_mac(one) && cx.is_mac(other));
        cx.report(at, format!("comparing `{}` can take longer the more leading bytes match", cx.source(code)))
            .question_unless(is_given)
            .note(NOTE);
        return;
    }
    for (secret, given) in [(one, other), (other, one)] {
        // The name of a cookie or of a field is no secret: `config.PasswordCookie == cookie.Name`.
        if is_name(cx, given) {
            continue;
        }
        if !is_secret(cx, secret) && !is_sent_as_key(cx, secret, given) {
            continue;
        }
        cx.examined();
        if cx.tainted(secret, Kinds::ALL).is_none()
            && let Some((origin, steps)) = cx.tainted(given, Kinds::ALL)
        {
            let secret = cx.source(secret);
            cx.report(at, format!("comparing `{secret}` with {origin} can take longer the more leading bytes match"))
                .question()
                .steps(steps)
                .note(NOTE);
            return;
        }
    }
}

/// Whether something named `key` is compared with what a header gives that is named after a key: `X-API-Key`.
fn is_sent_as_key(cx: &Cx, secret: ExprId, given: ExprId) -> bool {
    let named = |expr: ExprId| words(cx.source(expr)).last().is_some_and(|word| word == "key");
    let says = |id| cx.string_value(id).is_some_and(|text| is_secret_name(&text));
    named(secret) && named(given) && cx.origin(given).is_some_and(|(made, _)| cx.find_expr(made, false, says).is_some())
}

/// Whether an expression is the field `Name` of something.
fn is_name(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(expr)), Expr::Selector { name, .. } if cx.source(name) == "Name")
}

fn is_text(cx: &Cx, expr: ExprId) -> bool {
    cx.under(expr) == Type::Unknown || support::is_text(cx, cx.ty(expr))
}

/// Whether an expression is a secret by its name.
fn is_secret(cx: &Cx, expr: ExprId) -> bool {
    let expr = cx.unconverted(expr);
    let name = match cx.expr(cx.unparen(expr)) {
        Expr::Ident => cx.source(expr),
        Expr::Selector { name, .. } => cx.source(name),
        _ => return false,
    };
    // An access key names the account.
    let all = words(name);
    let is_public =
        all == ["access", "key"] || all.iter().any(|word| matches!(word.as_str(), "accessor" | "nonce" | "salt"));
    !is_public && holds_secret(name)
        || words(name).iter().any(|word| matches!(word.as_str(), "signature" | "hmac" | "apikey"))
}
