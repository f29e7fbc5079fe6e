//! A session cookie has no `Secure`, `HttpOnly` or `SameSite`.
//!
//! Without `Secure` the browser sends it over plain HTTP, where anybody on the way reads it. Without `HttpOnly` a script on the page does,
//! and one injection anywhere on the site is enough. Without `SameSite` browsers decide for themselves whether other sites may make
//! requests with it (documentation of `net/http.Cookie`, RFC 6265bis).
//!
//! Limits: only cookies whose name speaks of a session, a token or a sign-in are looked at, and not those that are deleted. One whose
//! flag is a variable is left alone.
//!
//! ```go bad
//! func signIn(w http.ResponseWriter, id string) {
//! 	http.SetCookie(w, &http.Cookie{Name: "session_id", Value: id, Path: "/"})
//! 	//                 ^^^^^^^^^^^ the cookie `session_id` is set without `Secure`, `HttpOnly` and `SameSite`
//! }
//! ```
//! ```diff fixed
//! -	http.SetCookie(w, &http.Cookie{Name: "session_id", Value: id, Path: "/"})
//! +	http.SetCookie(w, &http.Cookie{Name: "session_id", Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
//! ```
//! ```go good
//! func signIn(w http.ResponseWriter, id string, theme string) {
//! 	http.SetCookie(w, &http.Cookie{
//! 		Name:     "session_id",
//! 		Value:    id,
//! 		Secure:   true,
//! 		HttpOnly: true,
//! 		SameSite: http.SameSiteStrictMode,
//! 	})
//! 	http.SetCookie(w, &http.Cookie{Name: "theme", Value: theme}) // no secret
//! }
//!
//! func signOut(w http.ResponseWriter) {
//! 	http.SetCookie(w, &http.Cookie{Name: "session_id", MaxAge: -1}) // deletes it
//! }
//! ```
//!
//! # Verify
//!
//! - `curl -si http://localhost:8080/PATH | grep -i set-cookie`: has to list `Secure`, `HttpOnly` and `SameSite`
//!
//! # References
//!
//! - [Package net/http, Cookie](https://pkg.go.dev/net/http#Cookie)
use gopeer_lint::Step;
use gopeer_lint::prelude::*;

use super::support::listed;

pub static RULE: Rule = Rule {
    id: "security/cookie-flags",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G124",
        "semgrep:cookie-missing-httponly",
        "semgrep:cookie-missing-secure",
        "semgrep:session-cookie-missing-httponly",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Config(&["net/http.Cookie"], check),
        Hook::Call(&["github.com/gin-gonic/gin.Context.SetCookie"], check_gin),
        Hook::Expr(&[ExprKind::Call], check_helper),
    ],
    examines: "cookies that stand for a session",
};

const WHY: &str = "if it stands for a session, whoever gets it is signed in as its owner";

fn check(cx: &mut Cx, cookie: Config) {
    let Some(name) = cx.setting(cookie, "Name").value().filter(|&name| is_session(cx, name)) else { return };
    let value = cx.setting(cookie, "Value");
    // A plain name may stand for -1.
    let may_delete = |age: ExprId| match cx.int_value(age) {
        Some(age) => age < 0,
        None => !matches!(cx.expr(cx.unparen(age)), Expr::Call { .. }),
    };
    let is_deleted = !cx.setting(cookie, "MaxAge").is_unset()
        && cx.setting(cookie, "MaxAge").value().is_none_or(may_delete)
        || value.is_unset()
        || value.value().is_some_and(|value| cx.string_value(value).is_some_and(|value| value.is_empty()));
    if is_deleted || is_sent_back(cx, cookie) || value.value().is_some_and(|value| is_forgotten(cx, value)) {
        return;
    }
    cx.examined();
    let is_off = |flag: &str| match cx.setting(cookie, flag) {
        setting if setting.is_unset() => true,
        setting => setting.value().is_some_and(|value| cx.is_builtin(value, "false")),
    };
    let missing: Vec<&str> = ["Secure", "HttpOnly", "SameSite"].into_iter().filter(|flag| is_off(flag)).collect();
    // Without SameSite alone, the browsers' default is `Lax`.
    if !missing.contains(&"Secure") && !missing.contains(&"HttpOnly") {
        return;
    }
    let edits: Vec<(Span, String)> =
        match missing.iter().all(|flag| cx.setting(cookie, flag).is_unset()) && cookie.is_literal() {
            true => {
                let fields = missing.iter().map(|&flag| match flag {
                    "SameSite" => "SameSite: http.SameSiteLaxMode".to_owned(),
                    flag => format!("{flag}: true"),
                });
                cx.with_setting(cookie, "Secure", "true")
                    .map(|(span, text)| (span, text.replace("Secure: true", &fields.collect::<Vec<_>>().join(", "))))
                    .into_iter()
                    .collect()
            }
            false => Vec::new(),
        };
    let named = name_of(cx, name);
    cx.report(cx.head(cookie), format!("the cookie {named} is set without {}", listed(&missing)))
        .note(WHY)
        .fix("Set them", edits);
}

/// A function of the package sets a cookie of the name that it is given.
fn check_helper(cx: &mut Cx, call: ExprId) {
    let Some(call) = cx.call(call).filter(|call| call.args.len() > 2 && cx.is_own(&call.callee)) else { return };
    let is_name = |&arg: &ExprId| cx.string_value(arg).is_some() && is_session(cx, arg);
    let Some(index) = call.args.iter().position(is_name) else { return };
    let Some((within, at)) = cx.find_within(call, sets_open_cookie, index) else { return };
    cx.examined();
    let named = name_of(cx, call.args[index]);
    cx.report(call.fun, format!("the cookie {named} is set without `Secure` and `HttpOnly` in `{within}`"))
        .question()
        .steps([Step::within(within, at, "the cookie is made here")])
        .note(WHY);
}

/// The cookie without flags that a function makes, named by a parameter.
fn sets_open_cookie(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into())?;
    let param = cx.param_at(func, index)?;
    cx.find_expr(func.body, false, |id| {
        let literal = matches!(cx.expr(id), Expr::Composite { .. }) && cx.has_type(id, &["net/http.Cookie"]);
        literal
            && cx.config(id).is_some_and(|cookie| {
                let name = cx.setting(cookie, "Name").value();
                let unset = |flag| cx.setting(cookie, flag).is_unset();
                name.is_some_and(|name| cx.def(cx.unparen(name)) == Def::Local(param))
                    && unset("Secure")
                    && unset("HttpOnly")
            })
    })
}

/// Whether a client sends the cookie with a request, itself or from its jar, without its flags.
fn is_sent_back(cx: &Cx, cookie: Config) -> bool {
    let adds = |node: Node| matches!(node, Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. }) && matches!(cx.callee_word(call), "AddCookie" | "SetCookies"));
    let kept = cx.keeper(cookie).and_then(|kept| match cx.def(kept) {
        Def::Local(declared) => Some(declared),
        _ => None,
    });
    cx.tree.ancestors(cookie.expr).take(3).any(adds)
        || kept.is_some_and(|kept| cx.names.uses(kept).take(16).any(|used| cx.tree.ancestors(used).take(3).any(adds)))
}

/// Whether a value is made on the spot of random bytes that are kept nowhere else, so that it stands for nothing.
fn is_forgotten(cx: &Cx, value: ExprId) -> bool {
    let made = cx.initial_value(value).unwrap_or(value);
    let Some(Call { args: &[bytes], callee, .. }) = cx.call(made) else { return false };
    let Def::Local(declared) = cx.def(bytes) else { return false };
    let reads = |used: ExprId| {
        let call = cx.tree.ancestors(used).find_map(|node| match node {
            Node::Expr(id) if matches!(cx.expr(id), Expr::Call { .. }) => Some(id),
            _ => None,
        });
        call.is_some_and(|call| call == made || matches!(cx.callee_word(call), "Read" | "ReadFull"))
    };
    let once = |of: ExprId| match cx.def(of) {
        Def::Local(declared) => cx.names.uses(declared).filter(|&used| used != declared).count() == 1,
        _ => true,
    };
    callee.path.starts_with("encoding/")
        && once(value)
        && cx.names.uses(declared).filter(|&used| used != declared).all(reads)
}

/// gin's `SetCookie(name, value, maxAge, path, domain, secure, httpOnly)`.
fn check_gin(cx: &mut Cx, call: Call) {
    let &[name, value, age, _, _, secure, http_only] = call.args else { return };
    let is_deleted =
        cx.string_value(value).is_some_and(|value| value.is_empty()) || cx.int_value(age).is_some_and(|age| age < 0);
    if !is_session(cx, name) || is_deleted {
        return;
    }
    cx.examined();
    let flags = [("Secure", secure), ("HttpOnly", http_only)];
    let missing: Vec<&str> =
        flags.iter().filter(|(_, value)| cx.is_builtin(*value, "false")).map(|(flag, _)| *flag).collect();
    if !missing.is_empty() {
        let named = name_of(cx, name);
        cx.report(call.fun, format!("the cookie {named} is set without {}", listed(&missing))).question().note(WHY);
    }
}

fn name_of(cx: &Cx, name: ExprId) -> String {
    match cx.string_value(name) {
        Some(name) => format!("`{name}`"),
        None => format!("`{}`", cx.source(name)),
    }
}

/// Whether the name of a cookie, or of the constant or variable that holds it, speaks of a session.
fn is_session(cx: &Cx, name: ExprId) -> bool {
    const WORDS: &[&str] = &["auth", "authorization", "jwt", "login", "session", "sessionid", "sid", "sess", "token"];
    // What protects against forged requests is read by scripts.
    const OTHERS: &[&str] = &["csrf", "xsrf", "flash", "state", "oauth", "redirect"];
    let text = cx.string_value(name);
    let all = words(text.as_deref().unwrap_or_else(|| cx.source(name)));
    let has = |list: &[&str]| all.iter().any(|word| list.contains(&word.as_str()));
    has(WORDS) && !has(OTHERS)
}
