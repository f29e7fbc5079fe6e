//! The error of a Redis command is not read.
//!
//! go-redis puts the error into the command that it returns, so nothing shows where it is dropped: a value that was not
//! written, a key that got no expiry, a lock that was not taken. `Val` gives the zero value on failure, which looks like a
//! missing key. Read `Err` or `Result`; a cache write that may fail says so in a comment.
//!
//! Commands queued in a pipeline are silent: their errors come from `Exec`. So is what is deferred.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func login(ctx context.Context, rdb *redis.Client, id string) (string, error) {
//! 	if id != "" {
//! 		rdb.Set(ctx, "session:"+id, "on", time.Hour)
//! //^^^^^^^ the error of `rdb.Set` is not read
//! 	}
//! 	name := rdb.Get(ctx, "name:"+id).Val() // the name to greet with
//! 	//                               ^^^ `Val` hides the error of `rdb.Get`
//! 	return name, nil
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
//! func visit(ctx context.Context, rdb *redis.Client, id string) (string, error) {
//! 	if _, err := rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
//! 		pipe.Incr(ctx, "visits")
//! 		return nil
//! 	}); err != nil {
//! 		return "", err
//! 	}
//! 	defer rdb.Del(ctx, "lock:"+id)
//! 	rdb.Set(ctx, "seen:"+id, 1, time.Minute) // best effort, the next request tries again
//! 	count := rdb.Get(ctx, "visits")
//! 	if err := count.Err(); err != nil {
//! 		return "", err
//! 	}
//! 	return count.Val(), rdb.Ping(ctx).Err()
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::types::{Type, TypeId};

use crate::errors::propagate;

pub static RULE: Rule = Rule {
    id: "nosql/redis-command-error-unchecked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 1), (Concern::Correctness, 2), (Concern::Operability, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check_dropped), Hook::Expr(&[ExprKind::Call], check_val)],
    file: file!(),
};

const MODULE: &str = "github.com/redis/go-redis/";

/// A command, or the result of one, that is thrown away.
fn check_dropped(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let call = cx.unparen(call);
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let command = is_command(cx, cx.ty(call));
    if !(command || cx.returns_error(call)) {
        return;
    }
    let Some(callee) = cx.callee(call).filter(|callee| callee.path.starts_with(MODULE)) else { return };
    if command && cx.receiver_type(call).is_some_and(|receiver| queues(cx, receiver))
        || callee.name.starts_with("Close")
    {
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
    let report = cx.report(fun, format!("the error of `{name}` is not read")).note(note);
    if let Some(edit) = fix {
        report.fix("Return the error", [edit]);
    }
}

/// `rdb.Get(…).Val()`, and `cmd.Val()` where `cmd` is asked for nothing else.
fn check_val(cx: &mut Cx, call: ExprId) {
    let Some((command, "Val", [])) = cx.method_call(call) else { return };
    if !is_command(cx, cx.ty(command)) {
        return;
    }
    let command = cx.unparen(command);
    let source = match cx.expr(command) {
        Expr::Call { .. } => command,
        Expr::Ident => match cx.initial_value(command) {
            Some(made) if !asks_for_error(cx, command) => made,
            _ => return,
        },
        _ => return,
    };
    if cx.receiver_type(source).is_none_or(|receiver| queues(cx, receiver)) {
        return;
    }
    cx.examined();
    if cx.is_explained(call, &["err", "retr", "again"]) {
        return;
    }
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    let message = format!("`Val` hides the error of `{}`", cx.callee_text(source));
    cx.report(name, message)
        .note("on failure it is the zero value, as for a key that holds nothing; `Result` gives both");
}

/// Whether the local is used for anything but `Val`.
fn asks_for_error(cx: &Cx, local: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(local) else { return true };
    cx.names.uses(declaring).filter(|&used| used != declaring).any(|used| match cx.tree.parent(used) {
        Some(Node::Expr(selector)) => {
            !matches!(cx.expr(selector), Expr::Selector { name, .. } if matches!(cx.source(name), "Val" | "Args" | "Name"))
        }
        _ => true,
    })
}

/// Whether the type is one of go-redis's commands: a pointer to a type of its package whose name ends in `Cmd`.
fn is_command(cx: &Cx, ty: TypeId) -> bool {
    let Type::Pointer(elem) = cx.store.get(ty) else { return false };
    let Type::Named(named, _) = cx.store.get(elem) else { return false };
    let named = cx.store.named(named);
    cx.store.text(named.name).ends_with("Cmd") && cx.store.text(cx.store.package(named.pkg).path).starts_with(MODULE)
}

/// Whether commands given to this are queued instead of run.
fn queues(cx: &Cx, receiver: TypeId) -> bool {
    let Type::Named(named, _) = cx.store.get(receiver) else { return false };
    cx.store.text(cx.store.named(named).name).contains("Pipeline")
}

fn is_deferred(cx: &Cx, stmt: StmtId) -> bool {
    cx.tree.ancestors(stmt).any(|node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Defer(_))))
}
