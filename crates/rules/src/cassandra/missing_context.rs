//! A query of gocql runs without a context, although a context is at hand.
//!
//! It then runs until the driver's own timeout, also when the caller has gone or its deadline has passed, and with retries that is a
//! multiple of the timeout. During an outage such queries keep their goroutines, and the stream ids of the connection, long after anybody
//! wants the answer. `WithContext(ctx)` ends the wait with the context.
//!
//! Limits: a query in a variable may have got its context elsewhere, so only chains that begin with `Session.Query` are looked at. Code
//! that is deferred or started as a goroutine may outlive the call on purpose.
//!
//! ```go bad
//! import "github.com/gocql/gocql"
//!
//! type Store struct{ session *gocql.Session }
//!
//! func (s *Store) Seen(ctx context.Context, device string) error {
//! 	return s.session.Query("UPDATE devices SET seen = toTimestamp(now()) WHERE id = ?", device).Exec()
//! 	//     ^^^^^^^^^^^^^^^ the query has no context, so it does not stop when `ctx` ends
//! }
//! ```
//! ```diff fixed
//! -	return s.session.Query("UPDATE devices SET seen = toTimestamp(now()) WHERE id = ?", device).Exec()
//! +	return s.session.Query("UPDATE devices SET seen = toTimestamp(now()) WHERE id = ?", device).WithContext(ctx).Exec()
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func owner(ctx context.Context, session *gocql.Session, device string) (name string, err error) {
//! 	err = session.Query("SELECT owner FROM devices WHERE id = ?", device).Consistency(gocql.One).WithContext(ctx).Scan(&name)
//! 	return name, err
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func touch(ctx context.Context, query *gocql.Query) error {
//! 	return query.Exec() // the caller may have given it the context
//! }
//! ```
//! ```go good
//! import "github.com/gocql/gocql"
//!
//! func migrate(session *gocql.Session) error {
//! 	return session.Query("ALTER TABLE devices ADD owner text").Exec() // no context is at hand
//! }
//! ```
//!
//! # References
//!
//! - [Package gocql, Query.WithContext](https://pkg.go.dev/github.com/gocql/gocql#Query.WithContext)
use gopeer_lint::prelude::*;

use crate::context::at_hand::context_at;

pub static RULE: Rule = Rule {
    id: "cassandra/missing-context",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Cancellation, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(QUERIES, check)],
    examines: "queries of gocql where a context is at hand",
};

const QUERIES: &[&str] =
    &["github.com/gocql/gocql.Session.Query", "github.com/apache/cassandra-gocql-driver/v2.Session.Query"];

/// Methods that ask the database; those that take a context have longer names.
const ASKS: &[&str] = &["Exec", "Iter", "MapScan", "MapScanCAS", "Scan", "ScanCAS"];

fn check(cx: &mut Cx, query: Call) {
    let mut chain = query.expr;
    while let Some((next, name, _)) = cx.called_on(chain) {
        match name {
            "WithContext" => return,
            _ if ASKS.contains(&name) => return report(cx, query),
            _ => chain = next,
        }
    }
}

fn report(cx: &mut Cx, query: Call) {
    let Some(context) = context_at(cx, query.expr) else { return };
    cx.examined();
    let end = cx.span(query.expr).end;
    cx.report(query.fun, format!("the query has no context, so it does not stop when `{context}` ends"))
        .fix(format!("Give it `{context}`"), [(Span::new(end, end), format!(".WithContext({context})"))]);
}
