//! The error of a Redis command is not read.
//!
//! go-redis puts the error into the command that it returns, so nothing shows where it is dropped: a value that was not
//! written, a key that got no expiry, a lock that was not taken. Read `Err` or `Result`; a cache write that may fail says so
//! in a comment.
//!
//! Limits: reported is a command that is thrown away. One that is kept in a variable and never asked is not. Silent for
//! commands queued in a pipeline, whose errors come from `Exec`, and for what is deferred.
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
//! 	defer rdb.Del(ctx, "lock:"+id)           // nobody is there to hear of it
//! 	rdb.Set(ctx, "seen:"+id, 1, time.Minute) // best effort, the next request tries again
//! 	return rdb.Ping(ctx).Err()
//! }
//! ```
use gopeer_lint::prelude::*;

use super::redis::{MODULE, is_command, is_queued};
use crate::errors::propagate;

pub static RULE: Rule = Rule {
    id: "nosql/redis-command-error-unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 1), (Concern::Correctness, 2), (Concern::Operability, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    file: file!(),
};

/// A command, or the result of one, that is thrown away.
fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let call = cx.unparen(call);
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let command = is_command(cx, cx.ty(call));
    if !(command || cx.returns_error(call)) {
        return;
    }
    let Some(callee) = cx.callee(call).filter(|callee| callee.path.starts_with(MODULE)) else { return };
    if command && is_queued(cx, call) || callee.name.starts_with("Close") {
        return;
    }
    cx.examined();
    if cx.is_explained(stmt, &["err", "retr", "again"]) || is_deferred(cx, stmt) {
        return;
    }
    let fix = if command {
        propagate::checked(cx, stmt, &format!("{}.Err()", cx.source(call)), 0)
    } else {
        propagate::checked_call(cx, stmt, call)
    };
    let note = match callee.name {
        "Expire" | "ExpireAt" | "PExpire" => "a key without its expiry stays for ever",
        "Exec" => "none of the queued commands may have run",
        _ => "`Err` or `Result` of the returned command tells whether Redis took it",
    };
    let name = cx.callee_text(call);
    cx.report(fun, format!("the error of `{name}` is not read")).note(note).fix("Return the error", fix);
}

fn is_deferred(cx: &Cx, stmt: StmtId) -> bool {
    cx.tree.ancestors(stmt).any(|node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Defer(_))))
}
