//! A secret is written into the source.
//!
//! Anyone who can read the repository, its history, the image or an old laptop has it, and it cannot be changed without a
//! release. Revoke it, since it is known already, and read the new one from the environment or a secret store when the
//! process starts.
//!
//! Limits: reported are keys that show by their form (AWS, GitHub, GitLab, Slack, Stripe, Google, SendGrid, npm, private
//! keys), passwords in connection strings to other machines, values of variables and fields named after a secret that are
//! random, mix characters as passwords do, or are converted to bytes, and passwords in the settings of a library. Secrets in
//! plain words (`"opensesame"`), what looks like a placeholder, and what is put together from parts are not.
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
//! var jwtSecret = []byte("my-signing-secret")
//! //                     ^^^^^^^^^^^^^^^^^^^ the value of `jwtSecret` is written into the source
//! ```
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//! func connect(addr string) *redis.Client {
//! 	return redis.NewClient(&redis.Options{Addr: addr, Password: "hunter2"})
//! 	//                                                          ^^^^^^^^^ the value of `Password` is written into the source
//! }
//! ```
//! ```go good
//! func connect() string {
//! 	return "postgres://app:Vq8dTz31xw@localhost/orders" // this machine: a developer's own database
//! }
//! ```
//! ```go good
//! type form struct{ Password string }
//! func labels() form {
//! 	return form{Password: "Passwort"} // a type of the program's own: the label of a field
//! }
//! ```
//! ```go good
//! const bootstrapTokenGroupsKey = "auth-extra-groups"
//! func secret(data map[string][]byte) {
//! 	use(map[string][]byte{
//! 		bootstrapTokenGroupsKey: []byte("system:bootstrappers:default-node-token"), // the key is called otherwise
//! 	})
//! }
//! ```
//! ```go good file=auth_test.go
//! const testToken = "ghp_0123456789abcdefghijABCDEFGHIJ012345" // tests make up their own
//! ```
//!
//! # Impact
//!
//! The secret is in every clone, every image and every backup of the repository; deleting the line leaves it in the
//! history. Whoever finds it acts under your name, and the provider's audit log is the only place where that shows.
//! Revoke first, then remove.
//!
//! # Verify
//!
//! - `git log -p --all -S 'FIRST_CHARACTERS' -- {file}`: each commit that has contained it
//! - `gitleaks git --redact .`: finds what else the history holds
//!
//! # References
//!
//! - [OWASP, "Secrets Management Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html)
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
    examines: "string literals",
};

fn check(cx: &mut Cx, literal: ExprId) {
    if !credential::is_string(cx, literal) {
        return;
    }
    let what = credential::recognized(cx, literal)
        .or_else(|| credential::could_be_secret(cx, literal).then(|| library_setting(cx, literal)).flatten());
    let Some(what) = what.filter(|_| !is_of_developer(cx, literal)) else { return };
    cx.examined();
    let message = format!("{what} is written into the source");
    if is_called_encoded(&what) {
        cx.report(literal, message)
            .severity(Severity::Medium)
            .question()
            .note("its name says that it is encoded, so whoever has the key, which is often in the same source, can read it")
            .one_cause("encoded secrets");
    } else {
        cx.report(literal, message).note(credential::ADVICE);
    }
}

/// Whether a name says that the secret cannot be used as it is written, like those of the OAuth clients of native apps
/// (RFC 8252).
fn is_called_encoded(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "encrypted" | "obscured" | "obfuscated" | "encoded"))
}

/// The setting of a library that the literal is the value of, if it holds a secret by its name.
fn library_setting(cx: &Cx, literal: ExprId) -> Option<String> {
    const SECRETS: &[&str] = &[
        "APIKey",
        "AccessToken",
        "ApiKey",
        "AuthToken",
        "ClientSecret",
        "Passwd",
        "Password",
        "SecretAccessKey",
        "SecretKey",
        "Token",
    ];
    let value = credential::converted(cx, literal);
    let (name, owner) = match cx.tree.parent(value)? {
        Node::Expr(element) => match (cx.expr(element), cx.tree.parent(element)?) {
            (Expr::KeyValue { key, .. }, Node::Expr(composite)) => (key, composite),
            _ => return None,
        },
        _ => field(cx, cx.kept_in(value)?)?,
    };
    let name = cx.source(name);
    let is_secret = SECRETS.contains(&name) && cx.is_of_library(cx.deref(cx.ty(owner)));
    is_secret.then(|| format!("the value of `{name}`"))
}

/// Whether it is the set-up of a developer: the user has the same name, or the server is on this machine.
fn is_of_developer(cx: &Cx, literal: ExprId) -> bool {
    let Some(Node::Expr(element)) = cx.tree.parent(credential::converted(cx, literal)) else { return false };
    let Some(Node::Expr(owner)) = cx.tree.parent(element) else { return false };
    const MOST: usize = 64;
    let Expr::Composite { elems, .. } = cx.expr(owner) else { return false };
    cx.exprs(elems).iter().take(MOST).any(|&element| match cx.expr(element) {
        Expr::KeyValue { key, value } => {
            let value = cx.source(value);
            let is_user = matches!(cx.source(key), "User" | "Username" | "UserName");
            is_user && value == cx.source(literal) || value.contains("localhost") || value.contains("127.0.0.1")
        }
        _ => false,
    })
}

/// The name of a field, and the value of a named type that it belongs to: `config` of `config.Net.SASL.Password`.
fn field(cx: &Cx, target: ExprId) -> Option<(ExprId, ExprId)> {
    let Expr::Selector { base: mut owner, name } = cx.expr(target) else { return None };
    while let Expr::Selector { base, .. } = cx.expr(owner)
        && !cx.is_of_library(cx.deref(cx.ty(owner)))
    {
        owner = base;
    }
    Some((name, owner))
}
