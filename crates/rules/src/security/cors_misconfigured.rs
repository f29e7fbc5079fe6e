//! Any site may read answers, or open a WebSocket, on behalf of its visitors.
//!
//! `Access-Control-Allow-Origin` with the `Origin` of the request together with `Access-Control-Allow-Credentials: true` lets each page on the
//! web make requests with the cookies of its visitor and read what comes back. A check of the beginning or the end of the origin
//! lets in `https://example.com.evil.org` or `https://evilexample.com`. Browsers send cookies with WebSockets from everywhere and
//! leave the check to the server; a `CheckOrigin` that always answers `true` makes none.
//!
//! Compare the origin with a list of those that are allowed.
//!
//! Limits: services without cookies have nothing to lose by it; a finding about a WebSocket is a question.
//!
//! ```go bad
//! func cors(w http.ResponseWriter, r *http.Request) {
//! 	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
//! 	//                                            ^^^^^^^^^^^^^^^^^^^^^^ any origin is allowed, with credentials
//! 	w.Header().Set("Access-Control-Allow-Credentials", "true")
//! }
//! ```
//! ```go bad
//! import "github.com/gorilla/websocket"
//!
//! var upgrader = websocket.Upgrader{
//! 	CheckOrigin: func(r *http.Request) bool { return true },
//! 	//           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ medium: pages of any site may open a WebSocket
//! }
//! ```
//! ```go good
//! var origins = map[string]bool{"https://app.example.com": true}
//!
//! func cors(w http.ResponseWriter, r *http.Request) {
//! 	if origin := r.Header.Get("Origin"); origins[origin] {
//! 		w.Header().Set("Access-Control-Allow-Origin", origin) // one of ours
//! 		w.Header().Set("Access-Control-Allow-Credentials", "true")
//! 	}
//! }
//!
//! func public(w http.ResponseWriter) {
//! 	w.Header().Set("Access-Control-Allow-Origin", "*") // for all to read, without credentials
//! }
//! ```
//!
//! # Impact
//!
//! Any page that a signed-in user opens can call this service with the user's cookies and read the answers. In access
//! logs these are ordinary requests of that user, with a foreign `Origin` at most. Nothing breaks, and no dependency
//! scanner reports it.
//!
//! # Verify
//!
//! - `curl -si -H 'Origin: https://evil.example' http://localhost:8080/PATH | grep -i access-control`: the foreign
//!   origin must not come back; the handshake of a WebSocket must be refused
//! - `go test -run {test} {package}`: origins such as `https://example.com.evil.org` must be refused
//!
//! # References
//!
//! - [MDN, "Cross-Origin Resource Sharing (CORS)"](https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS)
use gopeer_lint::prelude::*;

use super::support::reason;

pub static RULE: Rule = Rule {
    id: "security/cors-misconfigured",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["semgrep:websocket-missing-origin-check"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(
            &["net/http.Header.Set", "net/http.Header.Add", "github.com/gin-gonic/gin.Context.Header"],
            check_header,
        ),
        Hook::Expr(&[ExprKind::FuncLit], check_function),
    ],
    examines: "origins that are allowed",
};

fn check_header(cx: &mut Cx, call: Call) {
    let &[name, value] = call.args else { return };
    if !is_header(cx, name, "access-control-allow-origin") || cx.string_value(value).is_some() {
        return;
    }
    cx.examined();
    if !allows_credentials(cx, call.expr) || asks_about_origin(cx, call.expr) {
        return;
    }
    if let Some((_, steps)) = cx.tainted(value, Kinds::REDIRECT) {
        cx.report(
            value,
            "any origin is allowed, with credentials, so any site can read answers on behalf of its visitors",
        )
        .steps(steps)
        .note("compare the origin with a list of those that are allowed");
    }
}

fn is_header(cx: &Cx, name: ExprId, wanted: &str) -> bool {
    cx.string_value(name).is_some_and(|name| name.eq_ignore_ascii_case(wanted))
}

/// Whether the function around a call asks another one about origins: `if !s.originAllowed(r)`.
fn asks_about_origin(cx: &Cx, call: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call) else { return false };
    let asks = |cx: &Cx, node: Node| match node {
        Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. }) => {
            let name = words(cx.callee_word(call));
            !matches!(name.first().map(String::as_str), Some("get" | "set" | "write" | "parse" | "header"))
                && name.iter().any(|word| matches!(word.as_str(), "origin" | "origins"))
        }
        _ => false,
    };
    !cx.within(func.body, false, asks).is_empty()
}

/// Whether the function around a call sets the header that lets credentials through.
fn allows_credentials(cx: &Cx, call: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call) else { return false };
    let sets = |cx: &Cx, node: Node| {
        let Node::Expr(call) = node else { return false };
        let Expr::Call { args, .. } = cx.expr(call) else { return false };
        match cx.exprs(args) {
            &[name, value] => {
                is_header(cx, name, "access-control-allow-credentials")
                    && cx.string_value(value).is_some_and(|value| value == "true")
            }
            _ => false,
        }
    };
    !cx.within(func.body, false, sets).is_empty()
}

/// A function that says of an origin whether it is allowed, and always says yes or looks at its end only.
fn check_function(cx: &mut Cx, literal: ExprId) {
    let Some(field) = field_of(cx, literal) else { return };
    if !matches!(field, "CheckOrigin" | "AllowOriginFunc") {
        return;
    }
    cx.examined();
    let Some(func) = cx.as_func(Node::Expr(literal)) else { return };
    let returned: Vec<ExprId> = cx.returned(func.body).filter_map(|results| results.first().copied()).collect();
    let always = !returned.is_empty() && returned.iter().all(|&value| cx.is_builtin(value, "true"));
    match (always, field) {
        (true, "CheckOrigin") => {
            // A page of another site has no token to send.
            const TOKENS: &[&str] = &["access_token", "accessToken", "Authorization", "Bearer", "bearer"];
            if cx.package_mentions(TOKENS) == Some(true) {
                return;
            }
            let reason = reason(cx, literal, &["token", "auth", "origin", "security"]);
            cx.report(literal, "pages of any site may open a WebSocket on behalf of their visitors")
                .severity(Severity::Medium)
                .question()
                .excused(reason)
                .note("if a cookie signs visitors in, the page of another site talks to the service on their behalf")
                .note("leave it out to allow the same origin only, or compare with a list");
        }
        (true, _) if with_credentials(cx, literal) => {
            cx.report(
                literal,
                "any origin is allowed, with credentials, so any site can read answers on behalf of its visitors",
            )
            .question()
            .note("compare the origin with a list of those that are allowed");
        }
        _ => {
            if let Some((call, part)) = returned.iter().find_map(|&value| loose(cx, value)) {
                cx.report(call, format!("an origin is allowed by {part}, which others can have too"))
                    .question()
                    .note("compare the whole origin with those that are allowed");
            }
        }
    }
}

/// The field of a literal that an expression is the value of, or the field that it is assigned to.
fn field_of<'a>(cx: &Cx<'a>, value: ExprId) -> Option<&'a str> {
    match cx.tree.parent(value)? {
        Node::Expr(around) => match cx.expr(around) {
            Expr::KeyValue { key, .. } => Some(cx.source(key)),
            _ => None,
        },
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, .. } => match cx.expr(cx.only(lhs)?) {
                Expr::Selector { name, .. } => Some(cx.source(name)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether the literal around says that credentials are let through.
fn with_credentials(cx: &Cx, field: ExprId) -> bool {
    let is_set = |&elem: &ExprId| matches!(cx.expr(elem), Expr::KeyValue { key, value } if cx.source(key) == "AllowCredentials" && cx.is_builtin(value, "true"));
    cx.tree.ancestors(field).take(2).any(|node| match node {
        Node::Expr(id) => matches!(cx.expr(id), Expr::Composite { elems, .. } if cx.exprs(elems).iter().any(is_set)),
        _ => false,
    })
}

/// A comparison of the beginning or the end of an origin that leaves the rest open: `strings.HasSuffix(origin, "example.com")`.
fn loose(cx: &Cx, value: ExprId) -> Option<(ExprId, &'static str)> {
    let call = cx.call(value)?;
    let text = cx.string_value(*call.args.get(1)?)?;
    let part = match (call.callee.path, call.callee.name) {
        ("strings", "HasSuffix") if !text.starts_with(['.', '/', ':']) => "its end",
        ("strings", "HasPrefix")
            if text.contains("://") && text.len() > 8 && !text.ends_with([':', '/']) && !text.contains("localhost") =>
        {
            "its beginning"
        }
        ("strings", "Contains") => "a part of it",
        _ => return None,
    };
    Some((value, part))
}
