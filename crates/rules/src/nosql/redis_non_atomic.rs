//! A counter gets its expiry in a second command, or a value that was read is written back.
//!
//! Between two commands the process can die, or another one can come in. After an `Incr` without its `Expire` the key stays forever: a
//! rate limit never opens again for that client. After a `Get` and a `Set` of what was made of it, one of two increments is lost. Use one
//! command (`SetNX` with an expiry, `IncrBy`), a `TxPipeline`, or a script.
//!
//! Limits: the two commands have to name the same key in one function. Pipelines and functions that watch keys are left alone.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func allow(ctx context.Context, client *redis.Client, key string) (bool, error) {
//! 	n, err := client.Incr(ctx, key).Result()
//! 	if err != nil {
//! 		return false, err
//! 	}
//! 	if n == 1 {
//! 		client.Expire(ctx, key, time.Minute)
//! //^^^^^^^^^^^^^ the key never expires if the process dies between `client.Incr` and `client.Expire`
//! 	}
//! 	return n <= 100, nil
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func allow(ctx context.Context, client *redis.Client, key string) (bool, error) {
//! 	pipe := client.TxPipeline()
//! 	n := pipe.Incr(ctx, key)
//! 	pipe.ExpireNX(ctx, key, time.Minute) // in the same transaction
//! 	_, err := pipe.Exec(ctx)
//! 	return n.Val() <= 100, err
//! }
//! ```
//!
//! # Verify
//!
//! - `redis-cli TTL KEY`: `-1` on a counter means that it never expires
//! - `go test -race -run {test} -count 20 {package}`: many goroutines increment; the sum has to be right
//!
//! # References
//!
//! - [Package go-redis](https://pkg.go.dev/github.com/redis/go-redis/v9)
use gopeer_lint::prelude::*;

use super::redis::is_queued;

pub static RULE: Rule = Rule {
    id: "nosql/redis-non-atomic",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3), (Concern::Race, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["github.com/redis/go-redis/v9.cmdable.Expire"], expired), Hook::Call(SETS, written)],
    examines: "commands on one key",
};

const COUNTS: &[&str] = &[
    "github.com/redis/go-redis/v9.cmdable.Incr",
    "github.com/redis/go-redis/v9.cmdable.IncrBy",
    "github.com/redis/go-redis/v9.cmdable.SetNX",
];
const SETS: &[&str] = &["github.com/redis/go-redis/v9.cmdable.Set"];
const GETS: &[&str] = &["github.com/redis/go-redis/v9.cmdable.Get"];

fn expired(cx: &mut Cx, expire: Call) {
    cx.examined();
    let Some(count) = before(cx, expire, COUNTS) else { return };
    let (counts, expires) = (cx.source(count.fun), cx.source(expire.fun));
    let steps = [
        (cx.span(count.fun), "the key is made here".to_owned()),
        (cx.span(expire.fun), "it gets its expiry only here".to_owned()),
    ];
    cx.report(expire.fun, format!("the key never expires if the process dies between `{counts}` and `{expires}`"))
        .steps(steps)
        .note("a limit or a lock kept under this key is then never released, until somebody deletes it by hand")
        .note("send both in a `TxPipeline` or a script");
}

fn written(cx: &mut Cx, set: Call) {
    cx.examined();
    let Some(get) = before(cx, set, GETS) else { return };
    let (Some(func), Some(&value)) = (cx.enclosing_func(set.expr), set.args.get(2)) else { return };
    // What is written has to be made of what was read.
    let Some(read) = read_into(cx, get) else { return };
    let made = cx.made_of(func, vec![read]);
    let is_made = made.is_given_to(set.expr) && !matches!(cx.expr(cx.unparen(value)), Expr::Literal { .. });
    let text = cx.source(func.body);
    if !is_made || text.contains(".Watch(") || text.contains("ock(") || cx.mentions(set.args[1], read) {
        return;
    }
    let (gets, sets) = (cx.source(get.fun), cx.source(set.fun));
    let steps = [
        (cx.span(get.fun), "the value is read here".to_owned()),
        (cx.span(set.fun), "what was made of it is written here".to_owned()),
    ];
    cx.report(set.fun, format!("what another process writes between `{gets}` and `{sets}` is lost"))
        .steps(steps)
        .note("use one command (`IncrBy`, `HIncrBy`), `Watch` with a `TxPipeline`, or a script");
}

/// The local that gets what a `Get` gives, also at the end of a chain: `client.Get(ctx, key).Int()`.
fn read_into(cx: &Cx, get: Call) -> Option<ExprId> {
    let mut call = get.expr;
    for _ in 0..3 {
        if let Some(local) = cx.first_target(call) {
            return Some(local);
        }
        (call, ..) = cx.called_on(call)?;
    }
    None
}

/// The command of these on the same key that the function runs before.
fn before<'a>(cx: &Cx<'a>, second: Call, names: &[&str]) -> Option<Call<'a>> {
    let func = cx.enclosing_func(second.expr).filter(|&func| !cx.is_long(func))?;
    let &key = second.args.get(1)?;
    if is_queued(cx, second.expr) {
        return None;
    }
    let at = cx.span(second.expr).start;
    let calls = cx.calls_within(func.body, false);
    calls.iter().take_while(|&&node| cx.tree.span(node).start < at).find_map(|&node| match node {
        Node::Expr(call) => cx.call(call).filter(|call| {
            call.callee.is(names) && !is_queued(cx, call.expr) && call.args.get(1).is_some_and(|&other| cx.same_pure(other, key))
                // With an expiry of its own, there is nothing left behind.
                && (call.callee.name != "SetNX" || call.args.get(3).is_some_and(|&expiry| cx.int_value(expiry) == Some(0)))
        }),
        _ => None,
    })
}
