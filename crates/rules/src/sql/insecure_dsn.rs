//! A connection string turns encryption to the database off.
//!
//! `sslmode=disable` (PostgreSQL) and `tls=false` (MySQL) send the password exchange and every row in clear text.
//! `sslmode=allow` does so whenever the server lets it, and `tls=skip-verify` encrypts for whoever answers. Written as a
//! constant it holds in production too. Use `sslmode=verify-full` or `tls=true`, or take the mode from the configuration.
//!
//! Limits: the setting must be in a connection string with a host, which a constant, a `Sprintf` or a sum puts together, or be
//! set on `url.Values` or `mysql.Config`. Hosts without a domain (`postgres`, a container next to this one) and tests are left
//! alone, and so are the modes `prefer` and `require`. Passwords in connection strings are security/hardcoded-credentials.
//!
//! ```go bad
//! func open() (*sql.DB, error) {
//! 	return sql.Open("postgres", "host=db.example.com user=app dbname=orders sslmode=disable")
//! 	//                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `sslmode=disable` leaves the connection to `db.example.com` open to eavesdroppers
//! }
//! ```
//! ```go bad
//! func dsn(conf Config) string {
//! 	return fmt.Sprintf("postgres://%s:%s@%s/orders?sslmode=disable", conf.User, conf.Password, conf.Host)
//! 	//                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `sslmode=disable` is fixed for whatever host is configured
//! }
//! ```
//! ```go good
//! const dsn = "postgres://app@localhost:5432/orders?sslmode=disable" // does not leave this machine
//! ```
//! ```go good
//! const dsn = "host=postgres user=app sslmode=disable" // a container next to this one
//! ```
//! ```go good
//! const host = "localhost"
//!
//! func dsn(port int) string {
//! 	return fmt.Sprintf("host=%s port=%d sslmode=disable", host, port) // a constant says which host
//! }
//! ```
//! ```go good
//! func dsn(conf Config) string {
//! 	return fmt.Sprintf("host=%s sslmode=%s", conf.Host, conf.SSLMode) // configured
//! }
//! ```
//! ```go good
//! const help = "set sslmode=disable to switch TLS off" // a sentence
//! ```
//!
//! # Verify
//!
//! - `psql -c "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"`: for the service's user, `t` and a
//!   TLS version
//!
//! # References
//!
//! - [PostgreSQL, "SSL Support"](https://www.postgresql.org/docs/current/libpq-ssl.html)
use gopeer_lint::prelude::*;

use super::template::parts;

pub static RULE: Rule = Rule {
    id: "sql/insecure-dsn",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Expr(&[ExprKind::Literal], check),
        Hook::Call(&["net/url.Values.Set", "net/url.Values.Add"], check_values),
        Hook::Set(&["github.com/go-sql-driver/mysql.Config.TLSConfig"], check_config),
    ],
    examines: "connection strings",
};

const SETTINGS: &[&str] = &["sslmode=disable", "sslmode=allow", "tls=skip-verify", "tls=false"];

fn check(cx: &mut Cx, literal: ExprId) {
    let part = cx.source(literal);
    if !(part.contains("sslmode=") || part.contains("tls=")) {
        return;
    }
    let whole = concatenation(cx, literal);
    let text = text_of(cx, whole);
    // A text of several lines explains something.
    let Some(host) = host(&text).filter(|_| !text.contains('\n')) else { return };
    cx.examined();
    let Some(setting) = SETTINGS.iter().find(|setting| has_setting(part, setting)) else { return };
    if host.starts_with('%') {
        let before = text.len() - text.split_once(host).map_or(0, |(_, after)| after.len() + host.len());
        if !is_constant(cx, whole, text.get(..before).unwrap_or("")) {
            report(cx, literal, format!("`{setting}` is fixed for whatever host is configured"));
        }
    } else if is_remote(host) {
        report(cx, literal, format!("`{setting}` leaves the connection to `{host}` open to eavesdroppers"));
    }
}

/// `query.Set("sslmode", "disable")`
fn check_values(cx: &mut Cx, call: Call) {
    let &[key, value] = call.args else { return };
    let (Some(key), Some(mode)) = (cx.string_value(key), cx.string_value(value)) else { return };
    let setting = format!("{key}={mode}");
    // Under a condition, somebody chose.
    if SETTINGS.contains(&setting.as_str()) && !cx.is_conditional(call.expr) {
        cx.examined();
        report(cx, value, format!("`{setting}` is fixed for whatever host is configured"));
    }
}

/// `mysql.Config{TLSConfig: "skip-verify"}`
fn check_config(cx: &mut Cx, tls: Assigned) {
    let Some(mode) = cx.string_value(tls.value).filter(|_| !cx.is_conditional(tls.at)) else { return };
    cx.examined();
    if matches!(&*mode, "false" | "skip-verify") {
        report(cx, tls.value, format!("`TLSConfig` is fixed to `{mode}` for whatever host is configured"));
    }
}

fn report(cx: &mut Cx, at: ExprId, message: String) {
    // The database is a container that the program itself has started.
    const CONTAINERS: &[&str] =
        &["github.com/testcontainers", "github.com/ory/dockertest", "github.com/docker/docker", "github.com/moby/moby"];
    if cx.file.imports_any(CONTAINERS) {
        return;
    }
    cx.report(at, message)
        .note("take the mode from the configuration, and default to `verify-full` (PostgreSQL) or `true` (MySQL)");
}

/// The literal with what it is joined to by `+`.
fn concatenation(cx: &Cx, literal: ExprId) -> ExprId {
    let mut whole = literal;
    while let Some(Node::Expr(parent)) = cx.tree.parent(whole)
        && matches!(cx.expr(parent), Expr::Binary { op: BinaryOp::Add, .. })
    {
        whole = parent;
    }
    whole
}

/// The text of a sum, with `%s` for what is no constant.
fn text_of(cx: &Cx, whole: ExprId) -> String {
    let (mut at, mut terms) = (whole, Vec::new());
    while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = cx.expr(at) {
        terms.push(rhs);
        at = lhs;
    }
    terms.push(at);
    terms.iter().rev().map(|&term| cx.string_value(term).unwrap_or("%s".into())).collect()
}

/// Whether what a format puts in after the text `before` is a constant, or has one as its default: that says nothing about
/// production.
fn is_constant(cx: &Cx, format: ExprId, before: &str) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(format) else { return false };
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    let Some(&value) = cx.exprs(args).get(before.matches('%').count() + 1) else { return false };
    // A host that is this machine unless somebody says otherwise is a helper's.
    let is_here = |(_, part): (bool, ExprId)| cx.string_value(part).is_some_and(|host| !is_remote(&host));
    matches!(cx.def(value), Def::Package(gopeer_sema::ObjectKind::Const))
        || cx.string_value(value).is_some()
        || parts(cx, value).into_iter().any(is_here)
}

fn has_setting(text: &str, setting: &str) -> bool {
    text.split_once(setting).is_some_and(|(before, after)| {
        before.ends_with(['?', '&', ' ', '"', '`']) && !after.starts_with(|c: char| c.is_alphanumeric() || c == '-')
    })
}

/// The host of a connection string: after `host=`, in `tcp(…)`, or between `@` and what ends it.
fn host(text: &str) -> Option<&str> {
    let rest = ["host=", "@tcp("].iter().find_map(|key| Some(text.split_once(key)?.1)).or_else(|| {
        let authority = text.split_once("://")?.1;
        let authority = authority.split(['/', '?']).next()?;
        Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
    })?;
    let host = rest.split([':', '/', ' ', ')', '?', '"', '`', ',']).next()?;
    (!host.is_empty()).then_some(host)
}

/// Whether the host is surely another machine: a name with a domain, or an address outside this one.
fn is_remote(host: &str) -> bool {
    let local = ["localhost", "127.", "0.0.0.0", "host.docker.internal"].iter().any(|name| host.starts_with(name));
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    !local && plain && host.contains('.') && !host.ends_with(".local") && !host.ends_with(".localhost")
}
