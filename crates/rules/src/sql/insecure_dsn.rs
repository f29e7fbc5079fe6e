//! A connection string turns encryption to the database off.
//!
//! `sslmode=disable` (PostgreSQL) and `tls=false` (MySQL) send the password exchange and every row in clear text;
//! `sslmode=allow` does so whenever the server lets it, and `tls=skip-verify` talks to whoever answers. Written as a
//! constant it holds for production too, whatever the host is. Use `sslmode=verify-full` or `tls=true`, or take the
//! setting from the configuration.
//!
//! Limits: the string must be a literal that names a host, or leaves it to a format. Silent in tests, and where the host is a
//! constant without a domain. Passwords in connection strings are the subject of security/hardcoded-credentials.
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
//! const local = "localhost"
//!
//! func dsn(conf Config) []string {
//! 	return []string{
//! 		"postgres://app@localhost:5432/orders?sslmode=disable", // does not leave this machine
//! 		"host=postgres user=app sslmode=disable", // a container beside this one
//! 		"app@tcp(127.0.0.1:3306)/orders?tls=false",
//! 		fmt.Sprintf("host=%s sslmode=%s", conf.Host, conf.SSLMode), // a setting
//! 		"postgres://app@db.example.com/orders?sslmode=verify-full",
//! 		fmt.Sprintf("host=%s sslmode=disable", local), // a constant says which host
//! 		"set sslmode=disable to switch TLS off", // a sentence
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "sql/insecure-dsn",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Literal], check)],
    file: file!(),
};

const SETTINGS: &[&str] = &["sslmode=disable", "sslmode=allow", "tls=skip-verify", "tls=false"];

fn check(cx: &mut Cx, literal: ExprId) {
    let part = cx.source(literal);
    if !(part.contains("sslmode=") || part.contains("tls=")) {
        return;
    }
    let whole = concatenation(cx, literal);
    let Some(text) = cx.string_value(whole) else { return };
    let Some(host) = host(&text) else { return };
    cx.examined();
    let Some(setting) = SETTINGS.iter().find(|setting| has_setting(part, setting)) else { return };
    let message = if host.starts_with('%') {
        let before = text.len() - text.split_once(host).map_or(0, |(_, after)| after.len() + host.len());
        if is_constant(cx, whole, text.get(..before).unwrap_or("")) {
            return;
        }
        format!("`{setting}` is fixed for whatever host is configured")
    } else if is_remote(host) {
        format!("`{setting}` leaves the connection to `{host}` open to eavesdroppers")
    } else {
        return;
    };
    cx.report(literal, message).note(
        "take the mode from the configuration, with `verify-full` (PostgreSQL) or `true` (MySQL) where nothing is set",
    );
}

/// The literal with those it is joined to by `+`.
fn concatenation(cx: &Cx, literal: ExprId) -> ExprId {
    let mut whole = literal;
    while let Some(Node::Expr(parent)) = cx.tree.parent(whole)
        && matches!(cx.expr(parent), Expr::Binary { op: BinaryOp::Add, .. })
    {
        whole = parent;
    }
    whole
}

/// Whether what a format puts in after the text `before` is a constant, whose value says nothing about production.
fn is_constant(cx: &Cx, format: ExprId, before: &str) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(format) else { return false };
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    let Some(&value) = cx.exprs(args).get(before.matches('%').count() + 1) else { return false };
    matches!(cx.def(value), Def::Package(gopeer_sema::ObjectKind::Const)) || cx.string_value(value).is_some()
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
