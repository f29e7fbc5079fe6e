//! A secret is made with math/rand.
//!
//! The generators of math/rand are predictable: from a few values, or from the time at which they were seeded, the next
//! ones can be computed, and with them the tokens, passwords or session ids of other users. The functions of math/rand/v2 are
//! seeded by the system and hard to predict, but nothing promises that they stay so. Use crypto/rand; its `Text`
//! (Go 1.24) gives a token in one call.
//!
//! Limits: a secret is known by a name: of the variable or field that the value goes into, of the function around, or of the
//! variable that gets the result of such a function in the same file. Values that become secrets elsewhere are not reported. A nonce is
//! asked about, because it may only have to be new each time.
//!
//! ```go bad
//! import "math/rand"
//! func NewSessionToken() string {
//! 	b := make([]byte, 16)
//! 	for i := range b {
//! 		b[i] = letters[rand.Intn(len(letters))]
//! 		//             ^^^^^^^^^ `rand.Intn` of math/rand is not made for secrets, and by its name `NewSessionToken` is one
//! 	}
//! 	return string(b)
//! }
//! ```
//! ```go bad
//! import "math/rand/v2"
//! func register(user *User) {
//! 	password := strconv.Itoa(rand.IntN(1_000_000))
//! 	//                       ^^^^^^^^^ medium: `rand.IntN` of math/rand/v2 is not made for secrets, and by its name `password` is one
//! 	user.Password = hash(password)
//! }
//! ```
//! ```go bad
//! import "math/rand"
//! func randomString(n int) string {
//! 	b := make([]byte, n)
//! 	for i := range b {
//! 		b[i] = letters[rand.Intn(len(letters))]
//! 		//             ^^^^^^^^^ `rand.Intn` of math/rand is not made for secrets, and by its name `resetToken` is one
//! 	}
//! 	return string(b)
//! }
//! func reset(user *User) {
//! 	resetToken := randomString(32)
//! 	send(user, resetToken)
//! }
//! ```
//! ```go bad
//! import "math/rand"
//! func authorize() string {
//! 	nonce := strconv.FormatInt(rand.Int63(), 36)
//! 	//                         ^^^^^^^^^^ medium: `rand.Int63` of math/rand is not made for secrets, and by its name `nonce` is one
//! 	return "https://id.example.com/authorize?nonce=" + nonce
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
//! }
//! ```
//!
//! # Impact
//!
//! Where the seed can be guessed, or the generator's state computed from a few values that a client sees, so can the
//! next session ids, reset tokens or passwords. Victims see sign-ins that used a valid token. No test fails, since the
//! values look random.
//!
//! # Verify
//!
//! - `grep -rn '"math/rand' {package}`: every import beside code that makes secrets
//!
//! # References
//!
//! - [Go blog, "Secure Randomness in Go 1.22"](https://go.dev/blog/chacha8rand)
//! - [Package crypto/rand, Text](https://pkg.go.dev/crypto/rand#Text)
use gopeer_lint::prelude::*;

use super::names::is_secret_name;

pub static RULE: Rule = Rule {
    id: "security/weak-random",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G404", "semgrep:math-random-used"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(DRAWS, check), Hook::File(check_helpers)],
    examines: "random numbers",
};

/// What draws from the generator that math/rand shares, or from one of its own.
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
    "math/rand.Rand.Int",
    "math/rand.Rand.Int31",
    "math/rand.Rand.Int31n",
    "math/rand.Rand.Int63",
    "math/rand.Rand.Int63n",
    "math/rand.Rand.Intn",
    "math/rand.Rand.Read",
    "math/rand.Rand.Uint32",
    "math/rand.Rand.Uint64",
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
    "math/rand/v2.Rand.Int",
    "math/rand/v2.Rand.Int64",
    "math/rand/v2.Rand.Int64N",
    "math/rand/v2.Rand.IntN",
    "math/rand/v2.Rand.Uint32",
    "math/rand/v2.Rand.Uint64",
];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    if let Some(secret) = secret_around(cx, call) {
        report(cx, call, secret);
    }
}

/// The name of a secret that what is drawn goes into.
fn secret_around<'a>(cx: &Cx<'a>, call: Call<'a>) -> Option<&'a str> {
    if is_delay(cx, call.expr) {
        return None;
    }
    let is_kept = !matches!(cx.tree.parent(call.expr), Some(Node::Expr(around)) if matches!(cx.expr(around), Expr::Call { .. } | Expr::Index { .. }));
    // `rand.Read(salt)` fills its argument.
    let bytes =
        call.args.first().filter(|_| call.callee.name == "Read").map(|&bytes| match cx.expr(cx.unparen(bytes)) {
            // How much of it is filled says nothing of what it is.
            Expr::Slice { base, .. } => base,
            _ => bytes,
        });
    let filled = bytes.map(|bytes| cx.source(bytes));
    let is_filled =
        |name: &&str| is_secret_name(name) || words(name).iter().any(|word| matches!(word.as_str(), "key" | "iv"));
    let filled = filled.filter(is_filled);
    filled.or_else(|| {
        cx.names_around(call.expr).into_iter().find(|name| makes_secret(name) && !(is_kept && numbers_session(name)))
    })
}

/// Whether a name is that of a session which may be one of a protocol if its ID is a number.
fn numbers_session(name: &str) -> bool {
    matches!(&*words(name), [.., session, id] if session == "session" && id == "id")
}

fn report(cx: &mut Cx, call: Call, secret: &str) {
    let (draw, package) = (cx.source(call.fun), call.callee.path);
    // Since version 2 the functions of the package draw from ChaCha8, with a seed of the system.
    let is_seeded = package == "math/rand/v2" && call.callee.recv.is_none();
    // What is used once does not have to be secret everywhere.
    let is_nonce = words(secret).iter().any(|word| word == "nonce");
    let severity = if is_seeded || is_nonce { Severity::Medium } else { Severity::High };
    let message = format!("`{draw}` of {package} is not made for secrets, and by its name `{secret}` is one");
    cx.report(call.fun, message).severity(severity).question_unless(!is_nonce).note(
        "in `crypto/rand`, `Text` gives a random token, `Read` fills bytes, and `Int` draws a number below a bound",
    );
}

/// Functions of the file that draw, such as `randomString`, and whose results go into a secret in the same file.
fn check_helpers(cx: &mut FileCx) {
    if !["math/rand", "math/rand/v2"].iter().any(|path| cx.file.scope.imports(path)) {
        return;
    }
    let mut secrets: Vec<(String, String)> = Vec::new();
    cx.each_piece(|cx| secrets.extend(secrets_of_helpers(cx)));
    if secrets.is_empty() {
        return;
    }
    cx.each_piece(|cx| {
        let drawn =
            cx.calls_of(DRAWS).into_iter().find(|&call| secret_around(cx, call).is_none() && !is_delay(cx, call.expr));
        let Some(draw) = drawn else { return };
        let helper = cx.enclosing_decl(draw.expr).and_then(|decl| cx.func_name(decl));
        if let Some((_, secret)) = secrets.iter().find(|(called, _)| helper == Some(called)) {
            report(cx, draw, secret);
        }
    });
}

/// Calls of functions of this package whose result goes into a secret by its name: the function, and the secret.
fn secrets_of_helpers(cx: &Cx) -> Vec<(String, String)> {
    let named = |(id, _): (ExprId, Expr)| {
        let call = cx.call(id).filter(|call| call.callee.recv.is_none() && cx.is_own(&call.callee))?;
        let secret = cx.names_around(id).into_iter().find(|name| makes_secret(name))?;
        Some((call.callee.name.to_owned(), secret.to_owned()))
    };
    let calls = cx.tree.all_exprs().filter(|(_, expr)| matches!(expr, Expr::Call { .. }));
    calls.filter_map(named).collect()
}

/// Whether the name is that of a secret, or of a function that makes one: `refreshToken` does something else with it.
fn makes_secret(name: &str) -> bool {
    let verbs = ["new", "generate", "gen", "random", "rand", "create", "make", "get", "build", "issue"];
    let words = words(name.rsplit('.').next().unwrap_or(name));
    // Salts of hash tables need not be secret.
    if words.iter().any(|word| word == "salt") {
        return false;
    }
    let is_made = words.len() < 3 || words.first().is_some_and(|word| verbs.contains(&word.as_str()));
    let other_verb = ["refresh", "check", "verify", "parse", "validate", "renew", "revoke", "read", "select", "pick"];
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_code = has(&["code", "pin"])
        && has(&["reset", "verification", "login", "auth", "confirmation", "activation", "recovery"]);
    // `secret.Name` is a name.
    (is_secret_name(name.rsplit('.').next().unwrap_or(name)) || is_code)
        && is_made
        && !words.first().is_some_and(|word| other_verb.contains(&word.as_str()))
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
