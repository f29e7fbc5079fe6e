//! What requests use is closed before the server has stopped.
//!
//! Between the two, requests that are still running, and those that come in, find a closed database or producer: they fail with
//! "sql: database is closed", and what they would have written is lost, at each deployment. Deferred calls run in the reverse order of
//! their statements: what is deferred first is closed last. Stop the server or the consumer first, wait until it has, and close what it
//! uses after that.
//!
//! ```go bad
//! func stop(ctx context.Context, server *http.Server, db *sql.DB) error {
//! 	if err := db.Close(); err != nil {
//! 	//        ^^^^^^^^ `db.Close` runs before `server.Shutdown` has drained the requests that may use it
//! 		return err
//! 	}
//! 	return server.Shutdown(ctx)
//! }
//! ```
//! ```go good
//! func stop(ctx context.Context, server *http.Server, db *sql.DB) error {
//! 	// Nothing uses the database any more.
//! 	if err := server.Shutdown(ctx); err != nil {
//! 		return err
//! 	}
//! 	return db.Close()
//! }
//! ```
//!
//! # Impact
//!
//! Between the two calls, requests find a closed database, and what they would have written is lost. "sql: database is
//! closed" appears in the log for about a second at each deployment.
//!
//! # Verify
//!
//! - `kubectl rollout restart deploy/NAME`: under load; then count those lines in the logs of the old pods
//!
//! # References
//!
//! - [Package net/http, Server.Shutdown](https://pkg.go.dev/net/http#Server.Shutdown)
use gopeer_lint::prelude::*;
use gopeer_lint::{Next, OpKind};

use super::support::{CLOSES, shuts_down};

pub static RULE: Rule = Rule {
    id: "resilience/shutdown-order",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(CLOSES, check)],
    examines: "clients that are closed",
};

fn check(cx: &mut Cx, close: Call) {
    cx.examined();
    let Some(func) = cx.enclosing_func(close.expr).filter(|&func| !cx.is_long(func)) else { return };
    let shutdown = match cx.is_deferred(close.expr) {
        true => deferred_before(cx, func, close),
        false => called_after(cx, func, close),
    };
    let Some(shutdown) = shutdown else { return };
    let Expr::Call { fun, .. } = cx.expr(shutdown) else { return };
    let (closes, stops) = (cx.source(close.fun), cx.source(fun));
    let deferred = cx.is_deferred(close.expr);
    let steps = [
        (
            cx.span(close.fun),
            if deferred {
                "it is deferred last, so that it runs first".to_owned()
            } else {
                "this is closed first".to_owned()
            },
        ),
        (cx.span(fun), "requests are drained only here".to_owned()),
    ];
    cx.report(close.fun, format!("`{closes}` runs before `{stops}` has drained the requests that may use it"))
        .steps(steps)
        .note("requests that are still running and use it then fail, at each deployment")
        .note("stop what takes requests or messages first, and close what they use after that");
}

/// The call after this one, on some path, that stops a server.
fn called_after(cx: &Cx, func: Func, close: Call) -> Option<ExprId> {
    let followed = cx.followed(func.node)?;
    let mut start = cx.start(&followed, followed.after_call(close.expr)?);
    if !cx.assume_result(&mut start.values, &mut start.state, close.expr, true) {
        return None;
    }
    let found = cx.seek(&followed, &mut start, Next::Stop, &mut |_, _, op| match op.kind {
        OpKind::Call if shuts_down(cx, op.at) && cx.call(op.at).is_some() => Next::Found,
        _ => Next::Go,
    });
    found?.op.map(|op| op.at)
}

/// The deferred call before this one, in the source, that stops a server: it runs later.
fn deferred_before(cx: &Cx, func: Func, close: Call) -> Option<ExprId> {
    let at = cx.span(close.expr).start;
    let defers = cx.defers(func.body);
    let stops = |node: &Node| match *node {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Defer(call) if shuts_down(cx, call) && cx.call(call).is_some() => Some(call),
            _ => None,
        },
        _ => None,
    };
    defers.iter().take_while(|&&node| cx.tree.span(node).start < at).find_map(stops)
}
