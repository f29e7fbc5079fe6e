//! A secret is logged, becomes part of an error, or is sent as JSON.
//!
//! Logs and errors are read by many and kept for long: what was written there has to be changed, wherever it is used. Log that
//! it is set, or a name for it, and give a type that holds one a `LogValue` or `String` method that hides it. A struct that is
//! sent needs `json:"-"` at such a field, or better a type of its own with what the client may see.
//!
//! A secret is known by the name of the variable or field that holds it (`password`, `clientSecret`, `accessToken`, `dsn`),
//! or is the `Authorization` header, alone or among all headers of a request or all metadata of a call. It is followed through
//! variables, formatted text and the functions of the package.
//!
//! Limits: what a function makes of it counts as masked, unless it only changes the form of a text (`strings.TrimSpace`).
//!
//! ```go bad
//! func connect(user, password string) error {
//! 	log.Printf("connecting as %s with %s", user, password)
//! 	//                                           ^^^^^^^^ `password` is written to the log
//! 	return dial(user, password)
//! }
//! ```
//! ```go bad
//! func check(r *http.Request) error {
//! 	auth := r.Header.Get("Authorization")
//! 	if !known(auth) {
//! 		return fmt.Errorf("who is %q?", auth)
//! 		//                              ^^^^ medium: `auth` holds the `Authorization` header and becomes part of an error
//! 	}
//! 	return nil
//! }
//! ```
//! ```go bad
//! type User struct {
//! 	Name         string `json:"name"`
//! 	PasswordHash string `json:"passwordHash"`
//! }
//!
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	user := User{Name: r.PathValue("name")}
//! 	json.NewEncoder(w).Encode(user)
//! 	//                        ^^^^ `user` is sent with its field `PasswordHash`
//! }
//! ```
//! ```go good
//! func connect(user, password string, passwordFile string) error {
//! 	log.Printf("connecting as %s, password from %s, set: %t", user, passwordFile, password != "")
//! 	log.Printf("with %s", mask(password))
//! 	return dial(user, password)
//! }
//!
//! type User struct {
//! 	Name     string `json:"name"`
//! 	Password string `json:"-"`
//! }
//!
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	json.NewEncoder(w).Encode(User{Name: r.PathValue("name")})
//! }
//! ```
//!
//! # Impact
//!
//! Everyone with access to logs, error trackers or the API's answers has the secret, for as long as these are kept,
//! often longer than the secret was meant to live. It has to be changed, at every place that uses it. A search in the
//! log store shows since when.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: capture the logger's output, or the JSON, and assert that the value is not in it
//! - `kubectl logs deploy/NAME | grep -ciE 'password=|authorization:|bearer '`: how often it has been written already
//!
//! # Options
//!
//! - Do not write it: log its name, its length or that it is set
//!   - senior, throughput, data: nothing is left to mask
//! - Give it a type with `LogValue` and `String` that mask it: safe wherever it is printed, and conversions have to be
//!   explicit
//!   - backend, cloud-native: the type protects the next log line as well
//!
//! # References
//!
//! - [Package log/slog, LogValuer](https://pkg.go.dev/log/slog#LogValuer)
//! - [OWASP, "Logging Cheat Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::headers::{entries, reads_credentials};
use super::names::{KEYS, holds_secret};
use super::support::is_text;
use super::tainted::named;

pub static RULE: Rule = Rule {
    id: "security/secret-exposure",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Operability, 1)],
    equivalents: &["gosec:G117", "gosec:G706"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check), Hook::Call(ENCODES, check_sent), Hook::Call(ANSWERS, check_sent)],
    examines: "values that are logged",
};

const ENCODES: &[&str] = &["encoding/json.Encoder.Encode"];

const ANSWERS: &[&str] = &[
    "github.com/gin-gonic/gin.Context.JSON",
    "github.com/gin-gonic/gin.Context.IndentedJSON",
    "github.com/labstack/echo/v4.Context.JSON",
    "github.com/gofiber/fiber/v2.Ctx.JSON",
];

fn check(cx: &mut Cx) {
    for taint in cx.leaked_secrets(is_secret) {
        // Where a function of the package shows a struct, that is reported there.
        let whole = matches!(cx.store.under(cx.deref(cx.ty(taint.source))), Type::Struct(_));
        if whole && taint.within.is_some() {
            continue;
        }
        // A part of it that is none: `block.Type` of a key in PEM, the user of an address.
        const PARTS: &[&str] = &["type", "kind", "name", "user", "username", "host", "scheme", "version"];
        let part = words(cx.source(taint.at)).pop().is_some_and(|last| PARTS.contains(&last.as_str()));
        // The path of a file that holds one is no secret either.
        if part || [taint.source, taint.at].into_iter().any(|at| cx.names_file(cx.source(at))) {
            continue;
        }
        if let Some(entries) = entries(cx, taint.source) {
            report_entries(cx, taint, entries);
            continue;
        }
        let secret = cx.source(taint.source);
        let reason = cx.explanation(taint.at, &["intention", "on purpose", "deliberate"]);
        let authorization = is_authorization(cx, taint.source);
        let holds = match cx.source(taint.at) == secret {
            _ if authorization => {
                format!("{} holds the `Authorization` header and", named(cx, &taint))
            }
            true => format!("`{secret}`"),
            false => format!("{} contains `{secret}`, and", named(cx, &taint)),
        };
        let place = taint.place();
        let (how, note, severity) = match &*taint.sink == "fmt.Errorf" {
            true => {
                let note =
                    "whoever gets the error logs it or shows it: leave the secret out, or name what it belongs to";
                ("becomes part of an error", note, Severity::Medium)
            }
            false => ("is written to the log", "log that it is set, or a name for it", Severity::High),
        };
        // What a function of the package logs is told once: there, or at its first caller.
        let own = cx.enclosing_decl(taint.at).and_then(|decl| gopeer_lint::func_name(cx.tree, decl));
        let cause = crate::cause::in_package(cx, taint.within.as_deref().or(own.as_deref()).unwrap_or_default());
        // A constant may be a text about one: `errWrongPassword`.
        let is_value = !whole && cx.string_value(taint.source).is_none();
        let report = cx
            .report(taint.at, format!("{holds} {how}{place}"))
            .severity(severity)
            .note(note)
            .one_cause(cause)
            .excused(reason);
        let report = report.question_unless(authorization || is_value && is_password(secret));
        if taint.at != taint.source || taint.within.is_some() {
            report.steps(taint.steps);
        }
    }
}

/// All headers of a request, or all metadata of a call: what clients prove who they are with is among it.
fn report_entries(cx: &mut Cx, taint: Taint, entries: &str) {
    let how = if &*taint.sink == "fmt.Errorf" { "becomes part of an error" } else { "is written to the log" };
    let (reason, settled) = (cx.explanation(taint.at, &[]), cx.package_finds(reads_credentials) == Some(true));
    let report = cx
        .report(taint.at, format!("{entries} {how}{}", taint.place()))
        .note("credentials and cookies are among them: log those that you need, by name")
        .excused(reason)
        .steps(taint.steps);
    if !settled {
        report.asks("Do clients send `Authorization`, a key or a cookie? Then it is in the log.");
    }
}

/// Whether a name ends with what nothing but a secret is called.
fn is_password(name: &str) -> bool {
    words(name).last().is_some_and(|last| matches!(last.as_str(), "password" | "passwd" | "passphrase"))
}

/// Whether an expression is a secret itself.
fn is_secret(cx: &Cx, expr: ExprId) -> bool {
    let name = match cx.expr(expr) {
        _ if entries(cx, expr).is_some() => return true,
        Expr::Ident => cx.source(expr),
        Expr::Selector { name, .. } => cx.source(name),
        Expr::Call { .. } => return is_authorization(cx, expr),
        _ => return false,
    };
    match cx.store.under(cx.deref(cx.ty(expr))) {
        Type::Struct(fields) => {
            let is_secret = |field: &gopeer_sema::types::Field| {
                is_text(cx, field.ty) && !field.embedded && names_secret(cx.store.text(field.name))
            };
            // Of another type than expected, nothing shows.
            let asserted = matches!(cx.origin(expr), Some((made, _)) if matches!(cx.expr(cx.unparen(made)), Expr::TypeAssert { .. }));
            fields.fields.iter().any(is_secret) && !shows_itself(cx, expr) && !asserted
        }
        _ => {
            let named = names_secret(name) && !is_of_kubernetes(cx, name) && !is_of_name(cx, expr);
            // As text, a `secret` may be the name of one.
            let bytes = || matches!(cx.store.under(cx.ty(expr)), Type::Slice(_));
            let alone = || match name {
                "token" => is_of_request(cx, expr),
                "secret" => bytes() && !is_of_kubernetes(cx, name),
                // With the password of the database, mostly; that of Sentry has none. Where it is put together here, its parts say more.
                _ => {
                    name.eq_ignore_ascii_case("dsn")
                        && cx.origin(expr).is_none()
                        && !cx.file.imports_any(&["github.com/getsentry/sentry-go"])
                }
            };
            is_text(cx, cx.ty(expr)) && (named || alone())
        }
    }
}

/// Where Secrets of Kubernetes are at hand, `tlsSecret` and `secretKey` are names of one and of its entries.
fn is_of_kubernetes(cx: &Cx, name: &str) -> bool {
    words(name).iter().any(|word| word == "secret") && cx.file.imports_any(&["k8s.io/api", "k8s.io/apimachinery"])
}

/// A part of a name: `token, _, _ := strings.Cut(accountName, ".")`.
fn is_of_name(cx: &Cx, expr: ExprId) -> bool {
    let call = cx.origin(expr).and_then(|(made, _)| cx.call(made)).filter(|call| call.callee.path == "strings");
    let cut = call.and_then(|call| call.args.first().copied());
    cut.and_then(|cut| words(cx.source(cut)).pop()).is_some_and(|last| matches!(&*last, "name" | "path" | "host"))
}

/// Whether the type of a value says by a method how it is shown.
fn shows_itself(cx: &Cx, expr: ExprId) -> bool {
    const SHOWS: [&str; 7] = ["String", "Error", "Format", "GoString", "LogValue", "MarshalJSON", "MarshalText"];
    SHOWS.iter().any(|&method| cx.has_methods(cx.ty(expr), &[method]))
}

/// Whether a variable gets what a function takes out of a request.
fn is_of_request(cx: &Cx, expr: ExprId) -> bool {
    let is_request = |&arg: &ExprId| cx.has_type(arg, &["net/http.Request"]);
    cx.defining_call(expr).and_then(|made| cx.call(made)).is_some_and(|made| made.args.iter().any(is_request))
}

/// Whether a name is that of a secret which nobody should read: it ends with what it is, `password`, or with its form,
/// `passwordBytes`. What ends otherwise is something about a secret: `tokenVersion`, `secretIDHMAC`.
fn names_secret(name: &str) -> bool {
    // What is used once, or is no secret of anybody: a nonce, a position in a list, the token of a parser, the name of a Secret of
    // Kubernetes, what a server for development prints.
    const OTHERS: &str = "nonce salt session csrf xsrf page pagination continue continuation next sync resume cancel lease version zed \
        etag partition shard position offset scroll delta marker masked redacted encrypted sealed hashed pattern accessor cursor \
        locality starting regex regexp rule rules required changed expired strength min max dev state kube";
    // Tokens of a text.
    const OF_TEXT: &str = "invalid unknown unexpected prev previous current lookahead peek first last start end begin";
    const FORMS: &str = "value val string str bytes text plain plaintext raw b64 base64 hex pem data header";
    const SECRETS: &str = "password passwd passphrase secret otp apikey token";
    let is_in = |list: &str, word: &str| list.split_ascii_whitespace().any(|known| known == word);
    let mut all = words(name);
    while all.len() > 1 && all.last().is_some_and(|last| is_in(FORMS, last) || last.parse::<u32>().is_ok()) {
        all.pop();
    }
    let ends = match &all[..] {
        // The half that names the account, unless it says otherwise.
        [before @ .., access, key] if access == "access" && key == "key" => before.iter().any(|word| word == "secret"),
        [.., of, key] if key == "key" => KEYS.contains(&of.as_str()),
        // As JSON Web Tokens are called.
        [token] if token == "token" => name.eq_ignore_ascii_case("tokenString"),
        [alone] => is_in(SECRETS, alone) && !matches!(alone.as_str(), "secret" | "otp"),
        [of, token] if token == "token" => !is_in(OF_TEXT, of),
        [.., last] => is_in(SECRETS, last),
        [] => false,
    };
    ends && holds_secret(name) && !all.iter().any(|word| is_in(OTHERS, word))
}

/// Whether a call gets the header that carries credentials.
fn is_authorization(cx: &Cx, expr: ExprId) -> bool {
    cx.calls(expr, &["net/http.Header.Get", "google.golang.org/grpc/metadata.MD.Get"])
        && cx
            .method_call(expr)
            .and_then(|(.., args)| cx.string_value(*args.first()?))
            .is_some_and(|name| name.eq_ignore_ascii_case("authorization"))
}

/// A struct that is sent with a password in it.
fn check_sent(cx: &mut Cx, call: Call) {
    let encodes = call.callee.name == "Encode";
    let Some(&value) = call.args.last() else { return };
    if encodes && !call.receiver.is_some_and(|encoder| writes_answer(cx, encoder)) {
        return;
    }
    cx.examined();
    let mut ty = cx.deref(cx.ty(value));
    if let Type::Slice(elem) = cx.store.under(ty) {
        ty = cx.deref(elem);
    }
    let Type::Struct(fields) = cx.store.under(ty) else { return };
    let is_sent = |field: &&gopeer_sema::types::Field| {
        let name = cx.store.text(field.name);
        let tag = field.tag.map(|tag| cx.store.text(tag)).unwrap_or_default();
        let all = words(name);
        let word = |word: &str| all.iter().any(|own| own == word);
        let is_text = matches!(cx.store.under(field.ty), Type::Basic(basic) if basic.is_string());
        is_text
            && !field.embedded
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && !tag.contains("json:\"-\"")
            && !tag.contains("omitempty")
            && matches!(all.first().map(String::as_str), Some("password" | "passwd" | "hashed" | "encrypted"))
            && (word("password") || word("passwd"))
            && (all.len() == 1 || word("hash") || word("hashed") || word("encrypted"))
    };
    let Some(field) = fields.fields.iter().find(is_sent).map(|field| cx.store.text(field.name)) else { return };
    cx.report(value, format!("`{}` is sent with its field `{field}`", cx.source(value)))
        .question()
        .note("give the field the tag `json:\"-\"`, or send a type of its own with what the client may see");
}

/// Whether an encoder writes to the client.
fn writes_answer(cx: &Cx, encoder: ExprId) -> bool {
    let made = cx.initial_value(encoder).unwrap_or(encoder);
    cx.call(made)
        .and_then(|call| call.args.first().copied())
        .is_some_and(|to| cx.has_type(to, &["net/http.ResponseWriter"]))
}
