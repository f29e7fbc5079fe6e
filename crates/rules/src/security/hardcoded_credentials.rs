//! A secret is written into the source.
//!
//! Everybody who can read the repository, its history, the image or a stack of old laptops has it, and it cannot be
//! changed without a release. Read it from the environment or a secret store when the process starts, and revoke this
//! one: it is already known.
//!
//! Limits: reported are keys that show by their form (AWS, GitHub, GitLab, Slack, Stripe, Google, private keys), passwords
//! in connection strings to other machines, long random values in variables named after a secret, and passwords in the
//! settings of a library. Short secrets in variables, and what is put together from parts, are not.
//!
//! ```go bad
//! const accessKey = "AKIAQYLPMN5HGKRT3WXZ"
//! //                ^^^^^^^^^^^^^^^^^^^^^^ an AWS access key is written into the source
//! ```
//! ```go bad
//! func open() (*sql.DB, error) {
//! 	return sql.Open("pgx", "postgres://app:Vq8dTz31xw@db.example.com/orders")
//! 	//                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the password of `app` is written into the source
//! }
//! ```
//! ```go bad
//! var jwtSecret = []byte("f3A9x0QmZ7tLw2Kc8RvYb5NdHs1JpUe6")
//! //                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the value of `jwtSecret` is written into the source
//! ```
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//! func connect(addr string) *redis.Client {
//! 	return redis.NewClient(&redis.Options{Addr: addr, Password: "hunter2!"})
//! 	//                                                          ^^^^^^^^^^ the value of `Password` is written into the source
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//! func connect(addr string) *redis.Client {
//! 	return redis.NewClient(&redis.Options{Addr: addr, Password: ""}) // none
//! }
//! ```
//! ```go good
//! type form struct{ Password string }
//! func labels() form {
//! 	return form{Password: "Passwort"} // a type of one's own: the label of a field
//! }
//! ```
//! ```go good
//! func fine() {
//! 	// Names, placeholders and formats: none of them opens anything.
//! 	password := os.Getenv("DB_PASSWORD")
//! 	secretName := "projects/shop/secrets/db-password-2"
//! 	token := "changeme-in-production-please-1"
//! 	key := "AKIAIOSFODNN7EXAMPLE" // from the AWS manual
//! 	use(password, secretName, token, key,
//! 		"postgres://app:password@localhost/orders", "postgres://app:%s@db.example.com/orders",
//! 		"postgres://app:${PASSWORD}@db.example.com/orders", "-----BEGIN PRIVATE KEY-----")
//! }
//! ```
//! ```go good file=auth_test.go
//! // Tests make up their own.
//! const testToken = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
//! ```
use gopeer_lint::prelude::*;

use super::credential;

pub static RULE: Rule = Rule {
    id: "security/hardcoded-credentials",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 1)],
    equivalents: &["gosec:G101"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Literal], check)],
    file: file!(),
};

fn check(cx: &mut Cx, literal: ExprId) {
    if !matches!(cx.expr(literal), Expr::Literal(LiteralKind::String | LiteralKind::RawString)) {
        return;
    }
    let what = credential::recognised(cx, literal)
        .or_else(|| credential::could_be_secret(cx, literal).then(|| library_setting(cx, literal)).flatten());
    if let Some(what) = what {
        cx.examined();
        cx.report(literal, format!("{what} is written into the source")).note(credential::ADVICE);
    }
}

/// The setting of a library that the literal is the value of, if it holds a secret by its name.
fn library_setting(cx: &Cx, literal: ExprId) -> Option<String> {
    const SECRETS: &[&str] = &["Password", "Passwd", "SecretKey", "SecretAccessKey", "ClientSecret"];
    let Node::Expr(element) = cx.tree.parent(credential::converted(cx, literal))? else { return None };
    let Expr::KeyValue { key, .. } = cx.expr(element) else { return None };
    let Node::Expr(composite) = cx.tree.parent(element)? else { return None };
    let name = cx.source(key);
    (SECRETS.contains(&name) && cx.is_of_library(cx.ty(composite))).then(|| format!("the value of `{name}`"))
}
