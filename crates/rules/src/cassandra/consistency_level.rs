//! A consistency level makes one slow replica an outage, or lets writes be lost.
//!
//! `ALL` needs every replica: one node in a restart, and the query fails; it gives up what replication is for. `ANY`
//! calls a write done when a mere hint of it is stored, which no read at any level is certain to see. `LOCAL_QUORUM` for
//! both reads and writes gives read-your-writes and survives a node.
//!
//! Levels of reads and writes that do not fit each other, and `QUORUM` across data centres, come with flow.
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
//! 	//                    ^^^^^^^^^ `gocql.Any` calls a write done before a replica has it
//! 	return cluster.CreateSession()
//! }
//! ```
//! ```diff fixed
//! -	cluster.Consistency = gocql.Any
//! +	cluster.Consistency = gocql.LocalQuorum
//! ```
//! ```go good
//! func truncate(session *gocql.Session, cluster *gocql.ClusterConfig) error {
//! 	cluster.Consistency = gocql.LocalQuorum
//! 	// An admin command: all nodes have to be there.
//! 	return session.Query("TRUNCATE users").Consistency(gocql.All).Exec()
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "cassandra/consistency-level",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::DataLoss, 2), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], call), Hook::Stmt(&[StmtKind::Assign], assign)],
    file: file!(),
};

fn call(cx: &mut Cx, call: ExprId) {
    let Some((_, "Consistency" | "SetConsistency", [level])) = cx.method_call(call) else { return };
    check(cx, *level);
}

fn assign(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let ([target], [level]) = (cx.exprs(lhs), cx.exprs(rhs)) else { return };
    let Expr::Selector { name, .. } = cx.expr(*target) else { return };
    if cx.source(name) == "Consistency" {
        check(cx, *level);
    }
}

fn check(cx: &mut Cx, level: ExprId) {
    let Some(name) = cx.object(level).filter(|name| name.path.contains("gocql")) else { return };
    cx.examined();
    let why = match name.name {
        "All" => "fails as soon as one replica is down",
        "Any" => "calls a write done before a replica has it",
        _ => return,
    };
    if cx.is_explained(level, &["consisten", "quorum", "replica", "availab", "have to", "has to", "must"]) {
        return;
    }
    let Expr::Selector { name, .. } = cx.expr(cx.unparen(level)) else { return };
    let edit = (cx.span(name), "LocalQuorum".to_owned());
    cx.report(level, format!("`{}` {why}", cx.source(level)))
        .note("LOCAL_QUORUM for reads and writes lets a reader see what was written, and survives a node; a comment can say why it is not enough")
        .fix("Use LocalQuorum", [edit]);
}
