//! A connection or a transaction is used by several goroutines at once.
//!
//! A `*pgx.Conn`, a `pgx.Tx` and a `*sql.Conn` do one thing at a time. Two goroutines on one of them fail with `conn busy`, or mix up
//! each other's answers; a transaction of database/sql takes turns, so that nothing is gained, and one that is committed while a
//! goroutine still works loses that part. Use the pool, or run the statements one after the other.
//!
//! Limits: goroutines that are started in a loop, or of which two use the same thing, in one function, and a single connection
//! that a handler uses.
//!
//! ```go bad
//! import "github.com/jackc/pgx/v5"
//!
//! func update(ctx context.Context, tx pgx.Tx, ids []int64) error {
//! 	var wg sync.WaitGroup
//! 	for _, id := range ids {
//! 		wg.Go(func() {
//! 			tx.Exec(ctx, "UPDATE orders SET done = true WHERE id = $1", id)
//! 	//^^^^^^^ several goroutines use `tx` at once, which does one thing at a time
//! 		})
//! 	}
//! 	wg.Wait()
//! 	return nil
//! }
//! ```
//! ```go good
//! func update(ctx context.Context, db *sql.DB, ids []int64) {
//! 	var wg sync.WaitGroup
//! 	for _, id := range ids {
//! 		wg.Go(func() {
//! 			// Each takes a connection of the pool.
//! 			if _, err := db.ExecContext(ctx, "UPDATE orders SET done = true WHERE id = $1", id); err != nil {
//! 				slog.Error("update", "err", err)
//! 			}
//! 		})
//! 	}
//! 	wg.Wait()
//! }
//! ```
//!
//! # Impact
//!
//! The second goroutine gets "conn busy", or both wait in turn for one connection, so the parallelism is an illusion;
//! if the transaction ends while one still works, its part fails with `sql.ErrTxDone`. Which goroutine loses changes
//! from run to run. A test with a real driver and two slow statements shows it.
//!
//! # Verify
//!
//! - `go test -race -run {test} {package}`: run both statements against a real database, each with a short sleep in SQL
//!
//! # Options
//!
//! - Run the statements one after the other: a transaction has one connection and gains nothing from goroutines
//!   - senior, data, backend: order inside a transaction is defined
//! - Give each goroutine a connection from the pool: truly parallel, outside of the transaction and of its snapshot
//!   - throughput: for independent reads
//! - Send them as one `pgx.Batch`: one round trip, in order, on one connection
//!   - cloud-native: fewer connections per pod
//!
//! # References
//!
//! - [Managing connections](https://go.dev/doc/database/manage-connections)
//! - [Package pgx, Batch](https://pkg.go.dev/github.com/jackc/pgx/v5#Batch)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

use super::handle::{SINGLE, handle_of};

pub static RULE: Rule = Rule {
    id: "sql/connection-shared",
    severity: Severity::Critical,
    confidence: Confidence::New,
    concerns: &[(Concern::Race, 3), (Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::QUERY.and(Effects::WRITE), check)],
    examines: "statements",
};

/// Those whose statements wait for each other (package database/sql locks the driver's connection).
const WAITING: &[&str] =
    &["database/sql.Conn", "database/sql.Tx", "github.com/jmoiron/sqlx.Conn", "github.com/jmoiron/sqlx.Tx"];

fn check(cx: &mut Cx, statement: Call) {
    let is_single = |handle: &ExprId| cx.has_type(*handle, SINGLE);
    // A function of the package uses what it is given.
    let given = || statement.args.iter().copied().find(is_single).filter(|_| cx.is_own(&statement.callee));
    let Some(handle) = handle_of(cx, statement.expr).filter(is_single).or_else(given) else { return };
    cx.examined();
    if is_served(cx, handle) {
        let name = cx.source(handle);
        let note = match cx.has_type(handle, WAITING) {
            true => {
                "they wait for each other, and a broken connection fails all of them until a restart; use the `sql.DB`"
            }
            false => {
                "two at the same time fail with `conn busy`, and a broken connection fails all of them until a restart; use a \
                 pool (`pgxpool.Pool`)"
            }
        };
        cx.report(statement.fun, format!("all requests use `{name}` at once, which does one thing at a time"))
            .note(note);
        return;
    }
    let Def::Local(declared) = cx.def(cx.unparen(handle)) else { return };
    let is_spawn = |cx: &Cx, node: Node| cx.spawn(node).is_some() || matches!(node, Node::Decl(_));
    let Some(spawn) = cx.around(statement.expr, is_spawn).and_then(|node| cx.spawn(node)) else { return };
    let own = cx.tree.span(spawn.at).contains(cx.span(declared));
    if own || !(is_in_loop(cx, spawn, declared) || is_used_by_another(cx, spawn, declared)) || is_guarded(cx, spawn) {
        return;
    }
    let name = cx.source(handle);
    let steps = [
        (cx.tree.span(spawn.at), "a goroutine is started here".to_owned()),
        (cx.span(statement.fun), format!("it uses `{name}`, and so does another at the same time")),
    ];
    let waits = cx.has_type(handle, WAITING);
    let cause = crate::cause::in_function(cx, statement.expr);
    let report =
        cx.report(statement.fun, format!("several goroutines use `{name}` at once, which does one thing at a time"));
    let report = report.steps(steps).one_cause(cause);
    if waits {
        report
            .severity(Severity::High)
            .note("the statements take turns, so nothing is gained, and drivers with open rows fail (`busy buffer`)");
    } else {
        report
            .note("it fails with `conn busy`, or answers get mixed up: use the pool, or one statement after the other");
    }
}

/// Whether goroutines are started in a loop in which the handle is not made.
fn is_in_loop(cx: &Cx, spawn: Spawn, declared: ExprId) -> bool {
    cx.enclosing_loop(spawn.at).is_some_and(|looping| !cx.span(looping).contains(cx.span(declared)))
}

/// Whether another goroutine of the same function uses it, too.
fn is_used_by_another(cx: &Cx, spawn: Spawn, declared: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(spawn.at) else { return false };
    cx.spawns_in(func.body).filter(|other| other.at != spawn.at).take(16).any(|other| {
        let outside = !cx.tree.span(other.at).contains(cx.tree.span(spawn.at))
            && !cx.tree.span(spawn.at).contains(cx.tree.span(other.at));
        outside && cx.names.uses(declared).take(256).any(|used| cx.tree.span(other.at).contains(cx.span(used)))
    })
}

/// Whether the goroutine takes a lock, or a group lets one run at a time.
fn is_guarded(cx: &Cx, spawn: Spawn) -> bool {
    let locks = cx.once(spawn.at, |cx, node| cx.source(node).contains(".Lock()").then_some(node));
    let one = |func: Func| cx.once(func.body, |cx, node| cx.source(node).contains("SetLimit(1)").then_some(node));
    locks.or_else(|| one(cx.enclosing_func(spawn.at)?)).is_some()
}

/// Whether a handler uses a connection that its receiver keeps.
fn is_served(cx: &Cx, handle: ExprId) -> bool {
    const CONNECTIONS: &[&str] = &["github.com/jackc/pgx/v5.Conn", "database/sql.Conn"];
    let Expr::Selector { base, .. } = cx.expr(cx.unparen(handle)) else { return false };
    let Some((func, Caller::Client)) = cx.handler(handle) else { return false };
    let Node::Decl(decl) = func.node else { return false };
    let Decl::Func { recv, .. } = cx.decl(decl) else { return false };
    let receiver = cx.params(recv).first().and_then(|(name, _)| *name);
    let is_receiver = matches!(cx.def(cx.unparen(base)), Def::Local(declared) if Some(declared) == receiver);
    is_receiver
        && cx.has_type(handle, CONNECTIONS)
        && cx.once(func.body, |cx, node| cx.source(node).contains("ock()").then_some(node)).is_none()
}
