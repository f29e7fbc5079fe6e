//! The error of a Redis command is not read.
//!
//! go-redis returns the error in the command, so nothing shows where it is dropped: a value that was not written, a key that
//! got no expiry, a lock that was not taken. Read `Err` or `Result`. Where a cache may miss a write, say so in a comment.
//!
//! Limits: reported is a command that is discarded, of go-redis and, where the connection's type is written out, of redigo. One
//! that is kept in a variable and never asked is not, nor are commands queued in a pipeline, whose errors `Exec` returns, and
//! deferred calls. `_ = ` counts as a decision.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func login(ctx context.Context, rdb *redis.Client, id string) string {
//! 	if id != "" {
//! 		rdb.Set(ctx, "session:"+id, "on", time.Hour)
//! //^^^^^^^ the error of `rdb.Set` is not read
//! 	}
//! 	return id
//! }
//! ```
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func count(ctx context.Context, rdb redis.UniversalClient) error {
//! 	pipe := rdb.TxPipeline()
//! 	pipe.Incr(ctx, "visits")
//! 	if pipe.Len() > 0 {
//! 		pipe.Exec(ctx)
//! //^^^^^^^^^ the error of `pipe.Exec` is not read
//! 		rdb.Expire(ctx, "visits", time.Hour)
//! //^^^^^^^^^^ the error of `rdb.Expire` is not read
//! 	}
//! 	return nil
//! }
//! ```
//! ```diff fixed
//! -		pipe.Exec(ctx)
//! -		rdb.Expire(ctx, "visits", time.Hour)
//! +		if _, err := pipe.Exec(ctx); err != nil {
//! +			return err
//! +		}
//! +		if err := rdb.Expire(ctx, "visits", time.Hour).Err(); err != nil {
//! +			return err
//! +		}
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func visit(ctx context.Context, rdb *redis.Client) error {
//! 	_, err := rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
//! 		pipe.Incr(ctx, "visits") // queued: Pipelined returns its error
//! 		return nil
//! 	})
//! 	return err
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func visit(ctx context.Context, rdb *redis.Client, id string) error {
//! 	rdb.Set(ctx, "seen:"+id, 1, time.Minute) // best effort, the next request tries again
//! 	return rdb.Ping(ctx).Err()
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func locked(ctx context.Context, rdb *redis.Client, id string) error {
//! 	defer rdb.Del(ctx, "lock:"+id) // nobody is left to learn of it
//! 	return rdb.Ping(ctx).Err()
//! }
//! ```
use gopeer_lint::prelude::*;

use super::redis::{is_command, is_go_redis, is_queued};
use crate::errors::propagate;

pub static RULE: Rule = Rule {
    id: "nosql/redis-command-error-unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 1), (Concern::Correctness, 2), (Concern::Operability, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    examines: "Redis commands",
};

/// Calls of redigo, by the declared type of the connection.
const REDIGO: &[&str] = &[
    "github.com/gomodule/redigo/redis.Conn.Do",
    "github.com/gomodule/redigo/redis.Conn.Flush",
    "github.com/gomodule/redigo/redis.Conn.Send",
];

/// A command, or the result of one, that is discarded.
fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let call = cx.unparen(call);
    let command = is_command(cx, cx.ty(call));
    let returns_error = cx.returns_error(call);
    // Of an error that is known to be one, errors/unchecked speaks.
    if cx.calls(call, REDIGO) && !returns_error {
        return report(cx, stmt, call, None);
    }
    let spoken_for = |path: &str| !command && !path.starts_with("github.com/redis/");
    let Some(callee) = cx.callee(call).filter(|callee| is_go_redis(callee.path) && !spoken_for(callee.path)) else {
        return;
    };
    let is_left_for_later = command && is_queued(cx, call) || keeps_commands(cx, call);
    if (command || returns_error) && !is_left_for_later && !callee.name.starts_with("Close") {
        report(cx, stmt, call, command.then_some(".Err()"));
    }
}

/// `rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error { gets[i] = pipe.Get(ctx, key) … })`: each command keeps its own error.
fn keeps_commands(cx: &Cx, call: ExprId) -> bool {
    let keeps = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => match cx.stmt(id) {
            Stmt::Assign { rhs, .. } => cx.exprs(rhs).iter().any(|&value| is_command(cx, cx.ty(value))),
            _ => false,
        },
        _ => false,
    };
    cx.callee_word(call).ends_with("Pipelined") && !cx.within(call, true, keeps).is_empty()
}

/// Reports a call whose error is the last result, or what `asked` gives for it.
fn report(cx: &mut Cx, stmt: StmtId, call: ExprId, asked: Option<&str>) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    cx.examined();
    if cx.enclosing_defer(stmt).is_some() {
        return;
    }
    let reason = cx.explanation(stmt, &["err", "retr", "again"]);
    let fix = match asked {
        Some(asked) => propagate::checked(cx, stmt, &format!("{}{asked}", cx.source(call)), 0),
        None => propagate::checked_call(cx, stmt, call),
    };
    // `rdb.Set(ctx, key, value, 0).Err()` is named after the command.
    let named = match cx.method_call(call) {
        Some((inner, "Err" | "Result", _)) if is_command(cx, cx.ty(inner)) => inner,
        _ => call,
    };
    let note = match cx.callee(named).map_or("", |callee| callee.name) {
        "Expire" | "ExpireAt" | "PExpire" => "a key without its expiry stays forever",
        "Exec" => "none of the queued commands may have run",
        _ => "`Err` and `Result` of the returned command tell whether Redis executed it",
    };
    let name = cx.callee_text(named);
    let note = if asked.is_none() && named == call && note.starts_with('`') {
        "the call returns whether Redis executed it"
    } else {
        note
    };
    cx.report(fun, format!("the error of `{name}` is not read"))
        .note(note)
        .fix("Return the error", fix)
        .excused(reason);
}
