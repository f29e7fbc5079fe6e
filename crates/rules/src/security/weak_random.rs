//! A secret is made with math/rand.
//!
//! The generators of math/rand are predictable: from a few values, or from the time at which they were seeded, the next
//! ones can be computed, and with them the tokens, passwords or session ids of other users. crypto/rand is made for
//! this; its `Text` (Go 1.24) gives a token in one call.
//!
//! Limits: a secret is known by the name of the variable that the number goes into, or of the function around. Generators of
//! one's own (`rand.New`), and values that become secrets elsewhere, are not reported.
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
//! 	return rand.Text() // of crypto/rand
//! }
//! ```
//! ```go good
//! import "math/rand"
//! func refreshToken(ctx context.Context) {
//! 	time.Sleep(time.Duration(rand.Intn(100)) * time.Millisecond) // spreads the load
//! 	key := rand.Intn(8) // a key alone is seldom a secret
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
    hooks: &[Hook::Call(DRAWS, check)],
    file: file!(),
};

/// What draws from the generator that math/rand shares.
const DRAWS: &[&str] = &[
    "math/rand.Float32",
    "math/rand.Float64",
    "math/rand.Int",
    "math/rand.Int31",
    "math/rand.Int31n",
    "math/rand.Int63",
    "math/rand.Int63n",
    "math/rand.Intn",
    "math/rand.Perm",
    "math/rand.Read",
    "math/rand.Shuffle",
    "math/rand.Uint32",
    "math/rand.Uint64",
    "math/rand/v2.Float32",
    "math/rand/v2.Float64",
    "math/rand/v2.Int",
    "math/rand/v2.Int32",
    "math/rand/v2.Int32N",
    "math/rand/v2.Int64",
    "math/rand/v2.Int64N",
    "math/rand/v2.IntN",
    "math/rand/v2.N",
    "math/rand/v2.Perm",
    "math/rand/v2.Shuffle",
    "math/rand/v2.Uint",
    "math/rand/v2.Uint32",
    "math/rand/v2.Uint32N",
    "math/rand/v2.Uint64",
    "math/rand/v2.Uint64N",
    "math/rand/v2.UintN",
];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    if is_delay(cx, call.expr) {
        return;
    }
    let Some(secret) = names_around(cx, call.expr).into_iter().find(|name| makes_secret(name)) else { return };
    let (draw, package) = (cx.source(call.fun), call.callee.path);
    cx.report(call.fun, format!("`{draw}` of {package} is predictable, and `{secret}` says that this is a secret"))
        .note(
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
