//! A secret is made with math/rand.
//!
//! The generators of math/rand are predictable: from a few values, or from the time at which they were seeded, the next
//! ones can be computed, and with them the tokens, passwords or session ids of other users. crypto/rand is made for
//! this; its `Text` (Go 1.24) gives a token in one call.
//!
//! Recognised by the name of the function or variable; values that become secrets elsewhere come with flow.
//!
//! ```go bad
//! import "math/rand"
//! func NewSessionToken() string {
//! 	b := make([]byte, 16)
//! 	for i := range b {
//! 		b[i] = letters[rand.Intn(len(letters))]
//! 		//             ^^^^^^^^^ `rand.Intn` of math/rand is predictable, and `NewSessionToken` says that this is a secret
//! 	}
//! 	return string(b)
//! }
//! ```
//! ```go bad
//! import "math/rand/v2"
//! func register(user *User) {
//! 	password := strconv.Itoa(rand.IntN(1_000_000))
//! 	//                       ^^^^^^^^^ `rand.IntN` of math/rand/v2 is predictable, and `password` says that this is a secret
//! 	user.Password = hash(password)
//! }
//! ```
//! ```go good
//! import "crypto/rand"
//! func NewToken() string {
//! 	return rand.Text()
//! }
//! ```
//! ```go good
//! import "math/rand"
//! func refreshToken(ctx context.Context) {
//! 	time.Sleep(time.Duration(rand.Intn(100)) * time.Millisecond) // spreads the load
//! 	key := rand.Intn(8)
//! 	use(key)
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{is_secret_name, names_around};

pub static RULE: Rule = Rule {
    id: "security/weak-random",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G404", "semgrep:math-random-used"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !matches!(cx.expr(fun), Expr::Selector { .. }) {
        return;
    }
    let Some(name) =
        cx.object(fun).filter(|name| name.recv.is_none() && matches!(name.path, "math/rand" | "math/rand/v2"))
    else {
        return;
    };
    if matches!(name.name, "New" | "NewSource" | "Seed" | "NewZipf" | "NewPCG" | "NewChaCha8") {
        return;
    }
    cx.examined();
    if is_delay(cx, call) {
        return;
    }
    let Some(secret) = names_around(cx, call).into_iter().find(|name| makes_secret(name)) else { return };
    let message =
        format!("`{}` of {} is predictable, and `{secret}` says that this is a secret", cx.source(fun), name.path);
    cx.report(fun, message).note(
        "crypto/rand.Text gives a random token; crypto/rand.Read fills bytes, crypto/rand.Int draws below a bound",
    );
}

/// Whether the name is that of a secret, or of a function that makes one: `refreshToken` does something else with it.
fn makes_secret(name: &str) -> bool {
    let verbs = ["new", "generate", "gen", "random", "rand", "create", "make", "get", "build", "issue"];
    let words = words(name);
    let is_made = words.len() < 3 || words.first().is_some_and(|word| verbs.contains(&word.as_str()));
    let other_verb = ["refresh", "check", "verify", "parse", "validate", "renew", "revoke", "read", "select", "pick"];
    is_secret_name(name) && is_made && !words.first().is_some_and(|word| other_verb.contains(&word.as_str()))
}

/// Whether the number becomes a time to wait.
fn is_delay(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { fun, .. } => cx.denotes(fun, &["time.Duration", "time.Sleep", "time.After"]),
            _ => false,
        },
        _ => false,
    })
}
