//! A query is changed in the copy that `URL.Query` returns.
//!
//! `url.URL.Query` parses a fresh copy each time (package net/url), so what is set there never reaches the URL. Keep the
//! values in a variable, and assign their `Encode()` to `RawQuery`.
//!
//! Limits: a copy that is kept in a variable and not written back is not found.
//!
//! ```go bad
//! func page(u *url.URL) {
//! 	u.Query().Set("page", "2")
//! #^^^^^^^^^^^^^ `u.Query()` is a copy, so this `Set` changes nothing
//! }
//! ```
//! ```go good
//! func page(u *url.URL) {
//! 	query := u.Query()
//! 	query.Set("page", "2")
//! 	u.RawQuery = query.Encode() // written back
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/copied-query",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/unused-result", "staticcheck:SA4027"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["net/url.Values.Add", "net/url.Values.Del", "net/url.Values.Set"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let Some((receiver, method, _)) = cx.method_call(call.expr) else { return };
    cx.examined();
    if cx.calls(receiver, &["net/url.URL.Query"]) {
        let copy = cx.source(receiver);
        cx.report(call.fun, format!("`{copy}` is a copy, so this `{method}` changes nothing"))
            .note("keep the values in a variable and assign its `Encode()` to `RawQuery`");
    }
}
