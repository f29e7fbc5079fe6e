//! A password is stored as it is, or hashed with a fast hash.
//!
//! MD5, SHA-1 and the SHA-2 family are made to be fast: a stolen table of such hashes is tried against billions of
//! guesses a second, with or without a salt, and most passwords are found within days. bcrypt, scrypt and argon2id
//! (packages of golang.org/x/crypto) are slow on purpose and bring their salt, unless bcrypt is given a cost below its
//! default of 10. A stored password that is compared with the one that somebody types has not been hashed at all: who reads the
//! table, a backup or a dump knows what people use elsewhere, too.
//!
//! Limits: a password is known by the name of the variable or field that goes into the hash. A hash that goes into
//! bcrypt, scrypt, argon2 or PBKDF2 in the same function is left alone, and so are
//! checksums, sums that become a number or an ID, the challenges of protocols, and functions whose name, comment or mark
//! (`{SHA}`) says that others chose the format (crypt, apr1, htpasswd, legacy). A hash that is passed to another function is
//! not followed. Of comparisons, those are found with the field `Password` of a struct that has an id, as rows and documents do.
//!
//! ```go bad
//! func store(password string) [32]byte {
//! 	return sha256.Sum256([]byte(password))
//! 	//     ^^^^^^^^^^^^^ `sha256.Sum256` is fast, so `password` can be guessed from a stolen hash
//! }
//! ```
//! ```go bad
//! func store(user *User, salt []byte) {
//! 	h := sha512.New()
//! 	h.Write(salt)
//! 	h.Write([]byte(user.Password))
//! 	//      ^^^^^^^^^^^^^^^^^^^^^ `sha512.New` is fast, so `Password` can be guessed from a stolen hash
//! 	user.Hash = h.Sum(nil)
//! }
//! ```
//! ```go bad
//! type Account struct {
//! 	ID       int64
//! 	Password string
//! }
//! func check(account Account, password string) bool {
//! 	return account.Password == password
//! 	//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `account.Password` is stored as it is, not as a hash
//! }
//! ```
//! ```go good
//! type Config struct{ User, Password string }
//! func check(config Config, password string) bool {
//! 	return config.Password == password // one password, from the configuration
//! }
//! ```
//! ```go good
//! func etag(body []byte) string {
//! 	sum := md5.Sum(body) // a checksum
//! 	return hex.EncodeToString(sum[:])
//! }
//! ```
//! ```go good
//! import "encoding/binary"
//! import "math/rand"
//! func shuffle(password string, order []int) {
//! 	sum := sha256.Sum256([]byte(password))
//! 	seed := int64(binary.BigEndian.Uint64(sum[:8])) // a seed, which nobody keeps
//! 	rand.New(rand.NewSource(seed)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
//! }
//! ```
//! ```go good
//! import "golang.org/x/crypto/bcrypt"
//! func store(password string) ([]byte, error) {
//! 	sum := sha512.Sum512([]byte(password)) // bcrypt takes at most 72 bytes
//! 	return bcrypt.GenerateFromPassword(sum[:], bcrypt.DefaultCost)
//! }
//! ```
//!
//! # Impact
//!
//! Once the table leaks, passwords that are stored as they are can be used at once, most hashed ones are found within
//! days on one graphics card, and both are tried at other services. Until then everything works, which is why nobody
//! changes it. The repair needs a plan: hash again at the next sign-in, or wrap the old hash now.
//!
//! # Verify
//!
//! - `hashcat -b -m 1400`: how many SHA-256 guesses this machine makes in a second; compare with `-m 3200`, bcrypt
//! - `go test -run none -bench {test} {package}`: one hash should take tens of milliseconds
//!
//! # Options
//!
//! - bcrypt, cost 12: small, well known, and takes passwords of up to 72 bytes
//!   - senior, throughput: one function, salt included
//! - argon2id: resists hardware by using memory, which has to be planned for each concurrent sign-in
//!   - backend, data: what OWASP recommends first
//! - Leave passwords to an identity provider: nothing to leak here, and a dependency for each sign-in
//!   - cloud-native: the platform has one
//!
//! # References
//!
//! - [OWASP, "Password Storage Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)
//! - [Package bcrypt](https://pkg.go.dev/golang.org/x/crypto/bcrypt)
use std::borrow::Cow;

use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/weak-password-storage",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G401",
        "semgrep:use-of-md5",
        "semgrep:md5-used-as-password",
        "gopeer:security/fast-password-hash",
        "gopeer:security/weak-crypto",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(SUMS, check_sum),
        Hook::Call(&["golang.org/x/crypto/bcrypt.GenerateFromPassword"], check_cost),
        Hook::Expr(&[ExprKind::Call], check_write),
        Hook::Expr(&[ExprKind::Binary], check_plain),
    ],
    examines: "hashes",
};

const SUMS: &[&str] = &[
    "crypto/md5.Sum",
    "crypto/sha1.Sum",
    "crypto/sha256.Sum224",
    "crypto/sha256.Sum256",
    "crypto/sha512.Sum384",
    "crypto/sha512.Sum512",
    "crypto/sha512.Sum512_256",
];
const NEW: &[&str] = &[
    "crypto/md5.New",
    "crypto/sha1.New",
    "crypto/sha256.New",
    "crypto/sha256.New224",
    "crypto/sha512.New",
    "crypto/sha512.New384",
];
/// What is slow, or a protocol's own way with passwords.
const SLOW: &[&str] = &[
    "bcrypt",
    "scrypt",
    "argon2",
    "pbkdf2",
    "pwned",
    "hibp",
    "scramble",
    "ntlm",
    "challenge",
    "digestauth",
    "nonce",
    "mongo",
];

fn check_sum(cx: &mut Cx, call: Call) {
    if let &[input] = call.args {
        report(cx, call.fun, call.fun, input);
    }
}

/// A cost below bcrypt's default of 10.
fn check_cost(cx: &mut Cx, call: Call) {
    let &[_, cost] = call.args else { return };
    cx.examined();
    if cx.int_value(cost).is_some_and(|cost| (1..10).contains(&cost)) {
        cx.report(
            cost,
            format!("a bcrypt cost of `{}` is low, so passwords can be guessed from stolen hashes", cx.source(cost)),
        )
        .note("each step doubles the work; `bcrypt.DefaultCost` is 10");
    }
}

/// `h.Write(password)` and `io.WriteString(h, password)`, where `h` is a hash made in this function.
fn check_write(cx: &mut Cx, call: ExprId) {
    let (hash, input) = match cx.method_call(call) {
        Some((hash, "Write", &[input])) => (hash, input),
        _ => match cx.call(call) {
            Some(Call { callee, args: &[hash, input], .. }) if callee.is(&["io.WriteString"]) => (hash, input),
            _ => return,
        },
    };
    let made = cx.defining_call(hash).and_then(|made| cx.call(made)).filter(|made| made.callee.is(NEW));
    if let Some(made) = made {
        report(cx, input, made.fun, input);
    }
}

/// The password of a row that is compared with the one that somebody gives.
fn check_plain(cx: &mut Cx, expr: ExprId) {
    let Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } = cx.expr(expr) else { return };
    let stored = |side: ExprId| match cx.expr(cx.unparen(side)) {
        Expr::Selector { base, name } => matches!(cx.source(name), "Password" | "Passwd") && is_row(cx, base),
        _ => false,
    };
    for (kept, given) in [(lhs, rhs), (rhs, lhs)] {
        if !stored(kept) || !is_given(cx, given) {
            continue;
        }
        cx.examined();
        let kept = cx.source(kept);
        cx.report(expr, format!("`{kept}` is stored as it is, not as a hash"))
            .note("store what `bcrypt.GenerateFromPassword` gives, and compare with `bcrypt.CompareHashAndPassword`");
        return;
    }
}

/// Whether a value is a struct with an id, as a row is.
fn is_row(cx: &Cx, value: ExprId) -> bool {
    let Type::Struct(fields) = cx.store.under(cx.deref(cx.ty(value))) else { return false };
    fields.fields.iter().any(|field| matches!(cx.store.text(field.name), "ID" | "Id" | "UserID" | "UserId"))
}

/// Whether a local holds a password that nothing has been made of yet.
fn is_given(cx: &Cx, given: ExprId) -> bool {
    const OTHERS: &[&str] = &["confirm", "confirmation", "new", "old", "repeat", "again", "encrypted", "encoded"];
    let given = cx.unparen(given);
    let name = match cx.expr(given) {
        Expr::Ident if !cx.is_reassigned(given) && cx.defining_call(given).is_none() => cx.source(given),
        Expr::Selector { name, base } if !is_row(cx, base) => cx.source(name),
        _ => return false,
    };
    names_password(name) && !words(name).iter().any(|word| OTHERS.contains(&word.as_str()))
}

fn report(cx: &mut Cx, at: ExprId, hash: ExprId, input: ExprId) {
    cx.examined();
    let is_password = |id| cx.expr(id) == Expr::Ident && names_password(cx.source(id));
    let Some(password) = cx.find_expr(input, false, is_password) else { return };
    if is_stretched(cx, at) || follows_format(cx, at) || becomes_number(cx, at) {
        return;
    }
    // Several steps of one function are one way to hash.
    let cause = crate::cause::in_function(cx, at);
    let is_key = |name: &&str| {
        words(name).iter().any(|word| matches!(word.as_str(), "aead" | "cipher" | "encrypt" | "key" | "psk"))
    };
    let (stolen, severity) = match cx.names_around(at).iter().any(is_key) {
        true => ("what is encrypted with it", Severity::Medium),
        false => ("a stolen hash", Severity::High),
    };
    let (hash, password) = (cx.source(hash), cx.source(password));
    cx.report(at, format!("`{hash}` is fast, so `{password}` can be guessed from {stolen}"))
        .severity(severity)
        .note("bcrypt, scrypt and argon2id are slow on purpose")
        .one_cause(cause);
}

/// Whether the sum becomes a number, such as a seed, or the ID of something: no hash of a password is kept.
fn becomes_number(cx: &Cx, at: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(at) else { return false };
    let sum = match cx.tree.parent(call) {
        // A type of the hash's own.
        Some(Node::Expr(converted)) if cx.unconverted(converted) == call => converted,
        _ => call,
    };
    let Some(kept) = cx.kept_in(sum) else { return false };
    let is_id = || words(cx.source(kept)).last().is_some_and(|word| matches!(word.as_str(), "id" | "seed"));
    let reads_number = |used: ExprId| {
        let around = cx.tree.ancestors(used).take(2).find_map(|node| match node {
            Node::Expr(id) => cx.callee(id),
            _ => None,
        });
        around.is_some_and(|callee| callee.path == "encoding/binary" && callee.name.starts_with("Uint"))
    };
    is_id() || matches!(cx.def(kept), Def::Local(local) if cx.names.uses(local).any(reads_number))
}

/// Whether the function around uses a slow hash as well, asks a list of stolen passwords, or answers a challenge of a
/// protocol.
fn is_stretched(cx: &Cx, at: ExprId) -> bool {
    let is_slow = |cx: &Cx, node| match node {
        Node::Expr(id) if cx.expr(id) == Expr::Ident => {
            let name = cx.source(id).to_ascii_lowercase();
            SLOW.iter().any(|slow| name.contains(slow))
        }
        _ => false,
    };
    // Others chose the hash: lists of stolen passwords, the protocols of databases, and Trojan, which sends it.
    let is_given = matches!(
        cx.file.scope.package.as_deref(),
        Some("pwn" | "pwned" | "hibp" | "pgproto" | "pgwire" | "postgres" | "trojan")
    );
    is_given || cx.enclosing_decl(at).is_some_and(|decl| !cx.within(decl, true, is_slow).is_empty())
}

/// Whether the name or the comment of the function says that others chose the hash: a format of files, or an old version.
fn follows_format(cx: &Cx, at: ExprId) -> bool {
    const FORMATS: &[&str] = &["apr1", "compat", "compatibility", "htpasswd", "legacy"];
    let Some(decl) = cx.enclosing_decl(at) else { return false };
    // crypt(3) and its kin: `md5Crypt`.
    let is_crypt = |word: &str| word.ends_with("crypt") && !word.ends_with("encrypt") && !word.ends_with("decrypt");
    let says = |text: &str| words(text).iter().any(|word| FORMATS.contains(&word.as_str()) || is_crypt(word));
    // The marks of htpasswd files, LDAP and MySQL.
    let has_mark = |cx: &Cx, node: Node| {
        let Node::Expr(id) = node else { return false };
        let mark = |text: Cow<str>| text == "*" || ["{SHA}", "{SSHA}", "$apr1$"].iter().any(|mark| text.contains(mark));
        matches!(cx.expr(id), Expr::Literal(_)) && cx.string_value(id).is_some_and(mark)
    };
    cx.func_name(decl).is_some_and(says)
        || cx.comments_at(decl).any(says)
        || !cx.within(decl, true, has_mark).is_empty()
}

/// Whether it is the name of a password itself, not of something about one.
fn names_password(name: &str) -> bool {
    const ABOUT: &[&str] =
        &["token", "reset", "id", "hash", "hashed", "file", "path", "len", "length", "policy", "salt"];
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["password", "passwd", "passphrase", "pw", "pwd"]) && !has(ABOUT)
}
