//! A lock in Redis has no expiry, or is released by whoever comes along.
//!
//! Without an expiry, a process that dies while it holds the lock keeps it forever: all others wait, until somebody deletes the key by
//! hand. Released with a bare `Del`, the lock of somebody else is deleted: if the work takes longer than the expiry, another process has
//! the lock by then, and a third one gets it as soon as the first deletes the key. Two of them do at the same time what the lock was to
//! keep apart. Set an expiry, set a random token as the value, and delete the key with a script that compares the token, or use redsync.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func once(ctx context.Context, client *redis.Client, work func() error) error {
//! 	ok, err := client.SetNX(ctx, "lock:report", "1", time.Minute).Result()
//! 	if err != nil || !ok {
//! 		return err
//! 	}
//! 	defer client.Del(ctx, "lock:report")
//! 	//    ^^^^^^^^^^ `client.Del` deletes the lock even if another process holds it by now
//! 	return work()
//! }
//!
//! func try(ctx context.Context, client *redis.Client, token string) (bool, error) {
//! 	return client.SetNX(ctx, "lock:report", token, 0).Result()
//! 	//     ^^^^^^^^^^^^ the lock that `client.SetNX` sets has no expiry, and stays if the process dies
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! var release = redis.NewScript(`if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end`)
//!
//! func once(ctx context.Context, client *redis.Client, token string, work func() error) error {
//! 	ok, err := client.SetNX(ctx, "lock:report", token, time.Minute).Result()
//! 	if err != nil || !ok {
//! 		return err
//! 	}
//! 	defer release.Run(ctx, client, []string{"lock:report"}, token)
//! 	return work()
//! }
//! ```
//!
//! # Impact
//!
//! A process that dies keeps the lock until somebody deletes the key by hand; or a slow one deletes the lock of its
//! successor, and two processes do what only one may. Neither logs anything: the first looks like a job that stopped,
//! the second like a job that ran twice. A test with an expiry shorter than the work shows the second.
//!
//! # Verify
//!
//! - `redis-cli TTL KEY`: `-1` means that the lock has no expiry
//! - `go test -run {test} {package}`: let the work outlast the expiry; the second holder's key must survive the first
//!   one's release
//!
//! # Options
//!
//! - Set an expiry and a random token, and release by a script that compares it: enough where a rare overlap does no
//!   harm
//!   - senior, throughput: one round trip and no new dependency
//! - Use redsync, with extension of the lock while working: long jobs keep their lock, but a long pause of the process
//!   still breaks it
//!   - cloud-native, backend: a library that others test
//! - Let the database decide with a fencing number or an advisory lock: safe under every pause, and the write has to
//!   check it
//!   - data: the resource refuses the late writer
//!
//! # References
//!
//! - [Package redsync](https://pkg.go.dev/github.com/go-redsync/redsync/v4)
//! - [Martin Kleppmann, "How to do distributed
//!   locking"](https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "nosql/redis-lock-unsafe",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(SETS, check), Hook::Call(DELETES, check_unlock)],
    examines: "locks in Redis",
};

const SETS: &[&str] = &["github.com/redis/go-redis/v9.cmdable.SetNX"];
const DELETES: &[&str] = &["github.com/redis/go-redis/v9.cmdable.Del", "github.com/redis/go-redis/v9.cmdable.Unlink"];

fn check(cx: &mut Cx, set: Call) {
    let &[_, key, _, expiry] = set.args else { return };
    if !is_lock(cx, set, key) {
        return;
    }
    cx.examined();
    let sets = cx.source(set.fun);
    if cx.int_value(expiry) == Some(0) && !expires_later(cx, set) {
        // Another function may set it, as one that keeps the lock.
        let never_set = cx.package_mentions(&[".Expire", ".PExpire", "EXPIRE"]) == Some(false);
        cx.report(set.fun, format!("the lock that `{sets}` sets has no expiry, and stays if the process dies"))
            .question_unless(never_set)
            .note(
                "nobody gets the lock until somebody deletes the key by hand; the only symptom is work that is not done",
            );
        return;
    }
    let Some(func) = cx.enclosing_func(set.expr).filter(|&func| !cx.is_long(func)) else { return };
    let calls = cx.calls_within(func.body, true);
    let is_del = |node: &Node| match *node {
        Node::Expr(call) => cx.call(call).filter(|call| {
            call.callee.is(DELETES) && call.args.get(1).is_some_and(|&deleted| cx.same_text(deleted, key))
        }),
        _ => None,
    };
    let Some(del) = calls.iter().find_map(is_del).filter(|del| !compares(cx, *del)) else { return };
    let steps = [
        (cx.span(set.fun), "the lock is taken here".to_owned()),
        (
            cx.span(del.fun),
            "if the work took longer than the expiry, this deletes the lock of the next holder".to_owned(),
        ),
    ];
    let settled = !may_compare(cx, del);
    report(cx, del).question_unless(settled).steps(steps);
}

/// A function of its own gives the lock back.
fn check_unlock(cx: &mut Cx, del: Call) {
    let &[_, key] = del.args else { return };
    let unlocks = |name: &str| words(name).iter().any(|word| matches!(word.as_str(), "unlock" | "release"));
    let Some(decl) = cx.enclosing_decl(del.expr).filter(|&decl| cx.func_name(decl).is_some_and(unlocks)) else {
        return;
    };
    if !is_lock(cx, del, key) || cx.package_finds(sets_lock) != Some(true) {
        return;
    }
    cx.examined();
    if !may_compare(cx, del) && !cx.source(decl).contains("SetNX") && !compares(cx, del) {
        report(cx, del).question();
    }
}

/// The call in a function that takes a lock.
fn sets_lock(cx: &Cx, _: DeclId, _: usize) -> Option<ExprId> {
    cx.calls_of(SETS)
        .into_iter()
        .find(|set| set.args.get(1).is_some_and(|&key| is_lock(cx, *set, key)))
        .map(|set| set.expr)
}

fn report<'c>(cx: &'c mut Cx, del: Call) -> Report<'c> {
    let deletes = cx.source(del.fun);
    cx.report(del.fun, format!("`{deletes}` deletes the lock even if another process holds it by now"))
        .note("two processes then do at the same time what only one of them may do, with no error in either")
        .note("delete the key with a script that compares a random token, set with the lock; or use redsync")
}

/// Whether the names say that it is a lock: the key is set to keep others out.
fn is_lock(cx: &Cx, set: Call, key: ExprId) -> bool {
    let says = |text: &str| {
        words(text)
            .iter()
            .any(|word| matches!(word.as_str(), "lock" | "locks" | "mutex" | "lease" | "leader" | "locked" | "locker"))
    };
    let decl = cx.enclosing_decl(set.expr);
    let func = decl.and_then(|decl| gopeer_lint::func_name(cx.tree, decl));
    let named = cx.string_value(key).is_some_and(|key| says(&key))
        || says(cx.source(key))
        || func.is_some_and(|func| says(&func));
    let value = cx.initial_value(key).map(|value| cx.source(value)).unwrap_or_default();
    named || says(value)
}

/// Whether the function sets an expiry afterwards.
fn expires_later(cx: &Cx, set: Call) -> bool {
    cx.enclosing_func(set.expr).is_some_and(|func| cx.source(func.body).contains(".Expire"))
}

/// Whether the function asks for the value of a key, or runs a script, so that it may compare a token.
fn may_compare(cx: &Cx, del: Call) -> bool {
    let text = cx.enclosing_decl(del.expr).map_or("", |decl| cx.source(decl));
    [".Get(", ".Eval", ".Run(", ".TxPipelined(", ".Watch("].iter().any(|ask| text.contains(ask))
}

/// Whether the deletion stands in a branch that has compared a token.
fn compares(cx: &Cx, del: Call) -> bool {
    let is_if = |cx: &Cx, node: Node| match node {
        Node::Stmt(stmt) => {
            matches!(cx.stmt(stmt), Stmt::If { cond, .. } if matches!(cx.expr(cx.unparen(cond)), Expr::Binary { op: BinaryOp::Equal, .. }))
        }
        _ => false,
    };
    cx.around(del.expr, is_if).is_some()
}
