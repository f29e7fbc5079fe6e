//! A gocql cluster is used without token awareness.
//!
//! Unless `HostSelectionPolicy` is set, gocql sends queries to the nodes in turn (its documentation of host selection), so most
//! of them reach a node that has no copy of the data and must ask another: one more hop, and one more place to wait.
//! `TokenAwareHostPolicy` asks a replica first. Name the local data center in its fallback where there is more than one.
//!
//! Limits: reported only where the cluster and its session are made in one function, and the cluster is passed to no code that
//! may configure it.
//!
//! ```go bad
//! func connect(hosts []string) (*gocql.Session, error) {
//! 	cluster := gocql.NewCluster(hosts...)
//! 	//         ^^^^^^^^^^^^^^^^ `cluster` asks its nodes in turn, wherever the data is
//! 	cluster.Keyspace = "shop"
//! 	return cluster.CreateSession()
//! }
//! ```
//! ```diff fixed
//! +	cluster.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
//! ```
//! ```go good
//! func connect(hosts []string, dc string) (*gocql.Session, error) {
//! 	cluster := gocql.NewCluster(hosts...)
//! 	// Asks a replica in this data center first.
//! 	cluster.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.DCAwareRoundRobinPolicy(dc))
//! 	return cluster.CreateSession()
//! }
//! ```
//! ```go good
//! func connect(hosts []string) (*gocql.Session, error) {
//! 	cluster := gocql.NewCluster(hosts...)
//! 	configure(cluster) // may set a policy
//! 	return cluster.CreateSession()
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "cassandra/cluster-config",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Config(CLUSTERS, check)],
    examines: "gocql clusters",
};

const CLUSTERS: &[&str] =
    &["github.com/gocql/gocql.ClusterConfig", "github.com/apache/cassandra-gocql-driver/v2.ClusterConfig"];
const POLICY: &str = "PoolConfig.HostSelectionPolicy";

/// Policies that go by no token; the token-aware one takes one of them as its fallback.
const BY_TURN: &[&str] = &[
    "github.com/gocql/gocql.DCAwareRoundRobinPolicy",
    "github.com/gocql/gocql.RackAwareRoundRobinPolicy",
    "github.com/gocql/gocql.RoundRobinHostPolicy",
    "github.com/apache/cassandra-gocql-driver/v2.DCAwareRoundRobinPolicy",
    "github.com/apache/cassandra-gocql-driver/v2.RackAwareRoundRobinPolicy",
    "github.com/apache/cassandra-gocql-driver/v2.RoundRobinHostPolicy",
];
const SESSIONS: &[&str] =
    &["github.com/gocql/gocql.NewSession", "github.com/apache/cassandra-gocql-driver/v2.NewSession"];

fn check(cx: &mut Cx, cluster: Config) {
    let Some(keeper) = cx.keeper(cluster) else { return };
    cx.examined();
    let at = cx.head(cluster);
    let package = cx.source(at).split('.').next().unwrap_or("gocql");
    let (at, edit) = match cx.setting(cluster, POLICY) {
        // Only where the session is made as well is it certain that nobody sets a policy later.
        Setting::Unset(_) if makes_session(cx, keeper) => {
            let policy = format!("{package}.TokenAwareHostPolicy({package}.RoundRobinHostPolicy())");
            (at, cx.with_setting(cluster, POLICY, &policy))
        }
        Setting::Set(policy) if cx.calls(policy, BY_TURN) => {
            (policy, Some((cx.span(policy), format!("{package}.TokenAwareHostPolicy({})", cx.source(policy)))))
        }
        _ => return,
    };
    // What a tool asks for is little.
    let severity = if cx.file.purpose() == Purpose::Command { Severity::Low } else { Severity::Medium };
    cx.report(at, format!("`{}` asks its nodes in turn, wherever the data is", cx.source(keeper)))
        .note("most queries then go through a node without a copy; a token-aware policy asks a replica first")
        .severity(severity)
        .fix("Ask a replica first", edit);
}

/// Whether `cluster.CreateSession()` or `gocql.NewSession(*cluster)` is called.
fn makes_session(cx: &Cx, cluster: ExprId) -> bool {
    let makes = |node: Option<Node>| match node {
        Some(Node::Expr(selector)) => match cx.expr(selector) {
            Expr::Selector { name, .. } => cx.source(name) == "CreateSession",
            Expr::Star(_) => matches!(cx.tree.parent(selector), Some(Node::Expr(call)) if cx.calls(call, SESSIONS)),
            _ => false,
        },
        _ => false,
    };
    let Def::Local(declaring) = cx.def(cluster) else { return false };
    cx.names.uses(declaring).any(|used| makes(cx.tree.parent(used)))
}
