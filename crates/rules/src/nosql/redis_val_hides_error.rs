//! `Val` hides the error of a Redis command.
//!
//! On failure `Val` returns the zero value, which looks like a key that holds nothing: while Redis is down, every user is a
//! stranger and every counter is 0, and nothing in the log says why. `Result` returns both the value and the error.
//!
//! Limits: the command must be run in the same expression, or be kept in a local that is asked for nothing else. Commands of a
//! pipeline are left alone, because `Exec` returns their errors.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func greet(ctx context.Context, rdb *redis.Client, id string) string {
//! 	name := rdb.Get(ctx, "name:"+id).Val() // the name to greet with
//! 	//                               ^^^ `Val` hides the error of `rdb.Get`
//! 	return "Hello " + name
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func visits(ctx context.Context, rdb *redis.Client) (string, error) {
//! 	count := rdb.Get(ctx, "visits")
//! 	if err := count.Err(); err != nil { // asked for its error first
//! 		return "", err
//! 	}
//! 	return count.Val(), nil
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func visits(ctx context.Context, rdb *redis.Client) (string, error) {
//! 	pipe := rdb.Pipeline()
//! 	count := pipe.Get(ctx, "visits")
//! 	if _, err := pipe.Exec(ctx); err != nil { // returns the errors of all
//! 		return "", err
//! 	}
//! 	return count.Val(), nil
//! }
//! ```
//!
//! # Impact
//!
//! While Redis is down, each key looks like one that does not exist: sessions are unknown, and counters are 0. The log
//! says nothing of it, and the error rate stays flat.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `miniredis` closed before the call
//!
//! # References
//!
//! - [Package go-redis](https://pkg.go.dev/github.com/redis/go-redis/v9)
use gopeer_lint::prelude::*;

use super::redis::{is_command, is_queued};

pub static RULE: Rule = Rule {
    id: "nosql/redis-val-hides-error",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 1), (Concern::Correctness, 2), (Concern::Operability, 3)],
    equivalents: &["gopeer:nosql/redis-command-error-unchecked"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "calls of Val on Redis commands",
};

/// `rdb.Get(…).Val()`, and `cmd.Val()` where `cmd` is asked for nothing else.
fn check(cx: &mut Cx, call: ExprId) {
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
    if cx.receiver_type(source).is_none() || is_queued(cx, source) {
        return;
    }
    cx.examined();
    let reason = cx.explanation(call, &["err", "retr", "again"]);
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    let message = format!("`Val` hides the error of `{}`", cx.callee_text(source));
    cx.report(name, message)
        .note("on failure it returns the zero value, as for a key that holds nothing; `Result` returns both")
        .excused(reason);
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
