//! An entry of a cache never expires.
//!
//! `Set(ctx, key, value, 0)` keeps the entry until somebody deletes it. What has changed at its source stays as it was, and since each
//! key that was ever asked for is kept, the instance fills up: at its limit, Redis refuses writes, or throws out keys that others
//! need, sessions among them. Give each entry a time to live that fits how old it may be.
//!
//! Limits: the names or comments of the function, or of its receiver, must speak of a cache. Keys that are written out are left alone:
//! their number is known.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//! func fillCache(ctx context.Context, client *redis.Client, id string, data []byte) error {
//! 	return client.Set(ctx, "user:"+id, data, 0).Err()
//! 	//     ^^^^^^^^^^ the entry that `client.Set` caches never expires
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//! func count(ctx context.Context, client *redis.Client, id string, n int) error {
//! 	return client.Set(ctx, "visits:"+id, n, 0).Err() // it is to stay
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "nosql/cache-policy",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 2), (Concern::Leak, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["github.com/redis/go-redis/v9.cmdable.Set"], check)],
    examines: "entries of caches",
};

fn check(cx: &mut Cx, set: Call) {
    let &[_, key, _, expiry] = set.args else { return };
    if cx.int_value(expiry) != Some(0) || cx.string_value(key).is_some() {
        return;
    }
    cx.examined();
    let Some(decl) = cx.enclosing_decl(set.expr) else { return };
    if cx.once(decl, caches_for_good).is_none() {
        return;
    }
    let sets = cx.source(set.fun);
    cx.report(set.fun, format!("the entry that `{sets}` caches never expires"))
        .note("it is served until something overwrites or deletes it, and Redis needs more memory with each key that somebody asks for")
        .note("give it a time to live: how old may it be?");
}

/// A function that speaks of a cache, or whose comment does, and that neither sets an expiry by itself nor takes one away.
fn caches_for_good(cx: &Cx, decl: Node) -> Option<Node> {
    let says =
        |text: &str| words(text).iter().any(|word| matches!(word.as_str(), "cache" | "cached" | "caches" | "caching"));
    let text = cx.source(decl);
    let expires = text.contains(".Expire") || text.contains(".Persist(");
    (!expires && (says(text) || cx.comments_at(decl).any(says))).then_some(decl)
}
