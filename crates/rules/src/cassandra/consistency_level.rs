//! A consistency level makes one slow replica an outage, or lets writes get lost.
//!
//! `ALL` needs every replica: while one node restarts, the query fails, which gives up what replication is for. `ANY` calls a
//! write done when only a hint of it is stored, which no read at any level is certain to see. `LOCAL_QUORUM` for both reads
//! and writes lets a client read what it wrote, and survives the loss of a node.
//!
//! With `ONE`, a read may not see what a lightweight transaction has written; where a package makes both, it is asked about.
//!
//! Limits: else each level is judged alone, not whether those of reads and writes fit each other. A level that is computed, or
//! parsed from a text or the configuration, is not known.
//!
//! ```go bad
//! func load(session *gocql.Session, id gocql.UUID) *gocql.Query {
//! 	return session.Query("SELECT name FROM users WHERE id = ?", id).Consistency(gocql.All)
//! 	//                                                                          ^^^^^^^^^ `gocql.All` fails as soon as one replica is down
//! }
//! ```
//! ```diff fixed
//! -	return session.Query("SELECT name FROM users WHERE id = ?", id).Consistency(gocql.All)
//! +	return session.Query("SELECT name FROM users WHERE id = ?", id).Consistency(gocql.LocalQuorum)
//! ```
//! ```go bad
//! func connect(cluster *gocql.ClusterConfig) (*gocql.Session, error) {
//! 	cluster.Consistency = gocql.Any
//! 	//                    ^^^^^^^^^ `gocql.Any` calls a write done before any replica has it
//! 	return cluster.CreateSession()
//! }
//! ```
//! ```diff fixed
//! -	cluster.Consistency = gocql.Any
//! +	cluster.Consistency = gocql.LocalQuorum
//! ```
//! ```go bad
//! func claim(cluster *gocql.ClusterConfig, name string) (owner string, err error) {
//! 	cluster.Consistency = gocql.One
//! 	//                    ^^^^^^^^^ a read at `gocql.One` may not see what a lightweight transaction of this package has written
//! 	session, err := cluster.CreateSession()
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	defer session.Close()
//! 	applied, err := session.Query("INSERT INTO names (name) VALUES (?) IF NOT EXISTS", name).ScanCAS(&owner)
//! 	if err != nil || applied {
//! 		return "", err
//! 	}
//! 	return owner, session.Query("SELECT owner FROM names WHERE name = ?", name).Scan(&owner)
//! }
//! ```
//! ```go good
//! func truncate(session *gocql.Session) error {
//! 	// An admin command: all nodes have to be up. (A comment gives the reason.)
//! 	return session.Query("TRUNCATE users").Consistency(gocql.All).Exec()
//! }
//! ```
//! ```go good
//! type settings struct{ Consistency gocql.Consistency }
//! func weakest() settings {
//! 	return settings{Consistency: gocql.Any} // a type of one's own: what it means is not known
//! }
//! ```
//!
//! # Verify
//!
//! - `nodetool getendpoints KEYSPACE TABLE KEY`: the replicas, all of which `ALL` needs
//! - `nodetool drain`: on one of them, in a test cluster; the query has to survive it
//!
//! # References
//!
//! - [Cassandra, "Dynamo"](https://cassandra.apache.org/doc/latest/cassandra/architecture/dynamo.html)
use gopeer_lint::prelude::*;

use super::support::CONDITIONAL;

pub static RULE: Rule = Rule {
    id: "cassandra/consistency-level",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 2), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(SETTERS, check_call), Hook::Set(SETTINGS, check_setting)],
    examines: "consistency levels",
};

const SETTERS: &[&str] = &[
    "github.com/gocql/gocql.Query.Consistency",
    "github.com/gocql/gocql.Query.SetConsistency",
    "github.com/gocql/gocql.Batch.SetConsistency",
    "github.com/gocql/gocql.Session.SetConsistency",
    "github.com/apache/cassandra-gocql-driver/v2.Query.Consistency",
    "github.com/apache/cassandra-gocql-driver/v2.Query.SetConsistency",
    "github.com/apache/cassandra-gocql-driver/v2.Batch.Consistency",
    "github.com/apache/cassandra-gocql-driver/v2.Batch.SetConsistency",
    "github.com/scylladb/gocqlx/v2.Queryx.Consistency",
    "github.com/scylladb/gocqlx/v3.Queryx.Consistency",
];
const SETTINGS: &[&str] = &[
    "github.com/gocql/gocql.ClusterConfig.Consistency",
    "github.com/apache/cassandra-gocql-driver/v2.ClusterConfig.Consistency",
];
const LEVEL: &[&str] =
    &["github.com/gocql/gocql.Consistency", "github.com/apache/cassandra-gocql-driver/v2.Consistency"];
/// The levels by their numbers in the protocol.
const ANY: i64 = 0;
const ALL: i64 = 5;
const ONE: i64 = 1;
const LOCAL_ONE: i64 = 10;

fn check_call(cx: &mut Cx, call: Call) {
    if let &[level] = call.args {
        check(cx, level);
    }
}

fn check_setting(cx: &mut Cx, level: Assigned) {
    let level = level.value;
    check(cx, level);
    let is_one = matches!(cx.int_value(level), Some(ONE | LOCAL_ONE)) && cx.has_type(level, LEVEL);
    let reads_beside =
        || cx.package_calls(CONDITIONAL) == Some(true) && cx.package_mentions(&["SELECT "]) == Some(true);
    if is_one && reads_beside() {
        let one = cx.source(level);
        cx.report(level, format!("a read at `{one}` may not see what a lightweight transaction of this package has written"))
            .question()
            .note("a transaction is committed by a quorum, and one replica answers the read: use `LocalQuorum`, or `Serial` for these reads");
    }
}

fn check(cx: &mut Cx, level: ExprId) {
    cx.examined();
    let why = match cx.int_value(level).filter(|_| cx.has_type(level, LEVEL)) {
        Some(ALL) => "fails as soon as one replica is down",
        Some(ANY) => "calls a write done before any replica has it",
        _ => return,
    };
    let reason = cx.explanation(level, &["consisten", "quorum", "replica", "availab", "have to", "has to", "must"]);
    let edit = match cx.expr(cx.unparen(level)) {
        Expr::Selector { name, .. } if cx.is_qualified(level) => Some((cx.span(name), "LocalQuorum".to_owned())),
        _ => None,
    };
    cx.report(level, format!("`{}` {why}", cx.source(level)))
        .note("`LOCAL_QUORUM` for reads and writes lets a reader see what was written, and survives the loss of a node")
        .fix("Use `LocalQuorum`", edit)
        .excused(reason);
}
