//! `KEYS` walks all keys of a Redis instance in one command.
//!
//! Redis runs one command at a time. With a million keys, `KEYS` takes about half a second, in which nobody else is served: each call makes
//! all clients of the instance wait, and time out. A pattern changes nothing about that, because every key is compared with it. Go
//! through the keys with `SCAN`, or keep those that belong together in a set of their own.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func sessions(ctx context.Context, rdb *redis.Client, user string) ([]string, error) {
//! 	return rdb.Keys(ctx, "session:"+user+":*").Result()
//! 	//     ^^^^^^^^ `rdb.Keys` walks all keys of the database, and Redis serves nobody else meanwhile
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func sessions(ctx context.Context, rdb *redis.Client, user string) ([]string, error) {
//! 	return rdb.SMembers(ctx, "sessions:"+user).Result() // one key, with what belongs to the user
//! }
//! ```
//!
//! # References
//!
//! - [Redis, KEYS](https://redis.io/docs/latest/commands/keys/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "nosql/redis-keys",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["github.com/redis/go-redis/v9.cmdable.Keys"], check)],
    examines: "commands that list keys",
};

fn check(cx: &mut Cx, keys: Call) {
    cx.examined();
    let reason = cx.said(keys.expr, &["few keys", "small", "only for debugging", "at start", "migration"]);
    let lists = cx.source(keys.fun);
    cx.report(keys.fun, format!("`{lists}` walks all keys of the database, and Redis serves nobody else meanwhile"))
        .note("go through them with `Scan(ctx, 0, pattern, 1000).Iterator()`, or keep the keys that belong together in a set")
        .excused(reason);
}
