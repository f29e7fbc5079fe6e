//! Input from outside becomes part of an address without being escaped.
//!
//! A `/`, `?`, `#` or `&` in it changes which resource is asked: an order number `1/../../users/7` leads to another path, and `paid&limit=0`
//! adds a parameter. The other service believes what a trusted client sends. A blank or an umlaut makes the request fail instead. Put a
//! segment through `url.PathEscape` and the value of a parameter through `url.QueryEscape`, or let `url.Values` and `url.JoinPath` build the address.
//!
//! Limits: what is followed comes from a request or a message in sight, and has been neither compared nor checked. Whole paths
//! that are handed on are left alone.
//!
//! ```go bad
//! func search(w http.ResponseWriter, r *http.Request, client *http.Client) {
//! 	u := fmt.Sprintf("https://users.internal/search?q=%s&limit=20", r.FormValue("q"))
//! 	resp, err := client.Get(u)
//! 	//                      ^ `u` contains a form value of the request unescaped
//! 	if err != nil {
//! 		http.Error(w, "search", http.StatusBadGateway)
//! 		return
//! 	}
//! 	defer resp.Body.Close()
//! 	io.Copy(w, resp.Body)
//! }
//! ```
//! ```go good
//! func search(w http.ResponseWriter, r *http.Request, client *http.Client) {
//! 	u := fmt.Sprintf("https://users.internal/search?q=%s&limit=20", url.QueryEscape(r.FormValue("q")))
//! 	resp, err := client.Get(u)
//! 	if err != nil {
//! 		http.Error(w, "search", http.StatusBadGateway)
//! 		return
//! 	}
//! 	defer resp.Body.Close()
//! 	io.Copy(w, resp.Body)
//! }
//! ```
//!
//! # References
//!
//! - [Package net/url, PathEscape](https://pkg.go.dev/net/url#PathEscape)
use gopeer_lint::prelude::*;

use super::tainted::named;

pub static RULE: Rule = Rule {
    id: "security/unescaped-address",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "addresses of requests",
};

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::PART) {
        let (name, place, origin) = (named(cx, &taint), taint.place(), taint.origin());
        let cause = crate::cause::in_function(cx, taint.at);
        cx.report(taint.at, format!("{name} contains {origin} unescaped, and is the address of a request{place}"))
            .steps(taint.steps)
            .one_cause(cause)
            .note("a `/`, `?` or `&` in it asks for something else: use `url.PathEscape`, `url.QueryEscape` or `url.Values`");
    }
}
