//! A connection of a pgx pool is not released, or the results of a batch are not closed, on every path.
//!
//! A connection that was acquired belongs to its caller until `Release`. Every call that leaves early takes one more out of the
//! pool, and once all are out, `Acquire` waits until its context ends. The results of a batch keep their connection in the same
//! way until `Close`, which also reports the errors of statements whose results were not read. Defer the call, or use
//! `AcquireFunc`, which cannot forget it.
//!
//! Limits: what is returned, stored, used in a closure, or passed to a function that may keep or release it is left alone:
//! somebody else may release it. Tests and `main` are left out.
//!
//! ```go bad
//! func listen(ctx context.Context, pool *pgxpool.Pool, channel string) error {
//! 	conn, err := pool.Acquire(ctx)
//! //<^^^^ `conn` is not released on every path out of `listen`
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
//! 		return err
//! 	}
//! 	_, err = conn.Conn().WaitForNotification(ctx)
//! 	conn.Release()
//! 	return err
//! }
//! ```
//! ```diff fixed
//! +	defer conn.Release()
//! ```
//! ```go good
//! func insert(ctx context.Context, pool *pgxpool.Pool, batch *pgx.Batch) error {
//! 	results := pool.SendBatch(ctx, batch)
//! 	for range batch.Len() {
//! 		if _, err := results.Exec(); err != nil {
//! 			return errors.Join(err, results.Close())
//! 		}
//! 	}
//! 	return results.Close()
//! }
//! ```
//!
//! # Impact
//!
//! Each call that leaves early keeps one connection; after `MaxConns` of them every `Acquire` waits until its context
//! ends, and the whole service answers with timeouts although the database is idle. `pgxpool.Stat().AcquiredConns()`
//! climbs and never falls. With a pool of one connection a test hangs at the second call.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 20s {package}`: with `pool_max_conns=1`, take the early path twice
//! - `psql -c "SELECT count(*), state FROM pg_stat_activity GROUP BY state"`: many idle connections of a service that
//!   says it has none free
//!
//! # References
//!
//! - [Package pgxpool, Pool](https://pkg.go.dev/github.com/jackc/pgx/v5/pgxpool#Pool)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "sql/pgx-resource-leak",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("pgx", check)],
    examines: "connections and batches of pgx",
};

fn check(cx: &mut Cx, resource: &Resource) {
    cx.examined();
    if let Some(leak) = cx.leak(resource) {
        leak.report(cx, resource).note("its connection does not return to the pool");
    }
}
