//! A gocql cluster is used without token awareness.
//!
//! Where no `HostSelectionPolicy` is set, gocql sends queries round the ring in turn (its documentation of host
//! selection), so most of them reach a node that has no copy and must ask another: one more hop and one more place to
//! wait for each query. `TokenAwareHostPolicy` asks a replica first. Name the local data centre in the fallback where
//! there is more than one.
//!
//! Limits: reported only where the cluster and its session are made in one function, and the cluster is handed to no code
//! that may configure it.
//!
//! ```go bad
//! func connect(hosts []string) (*gocql.Session, error) {
//! 	cluster := gocql.NewCluster(hosts...)
//! 	//         ^^^^^^^^^^^^^^^^ `cluster` keeps the default round robin, which ignores where the data is
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
//! 	// Asks a replica in this data centre first.
//! 	cluster.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(gocql.DCAwareRoundRobinPolicy(dc))
//! 	return cluster.CreateSession()
//! }
//! ```
//! ```go good
//! func connect(hosts []string) (*gocql.Session, error) {
//! 	cluster := gocql.NewCluster(hosts...)
//! 	configure(cluster) // may set it
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
    scope: Scope::Production,
    hooks: &[Hook::Config(CLUSTERS, check)],
    file: file!(),
};

const CLUSTERS: &[&str] =
    &["github.com/gocql/gocql.ClusterConfig", "github.com/apache/cassandra-gocql-driver/v2.ClusterConfig"];
const POLICY: &str = "PoolConfig.HostSelectionPolicy";

fn check(cx: &mut Cx, cluster: Config) {
    let Some(keeper) = cx.keeper(cluster) else { return };
    cx.examined();
    // Only where the session is made as well is it certain that nobody sets a policy later.
    if !cx.setting(cluster, POLICY).is_unset() || !makes_session(cx, keeper) {
        return;
    }
    let at = cx.head(cluster);
    let package = cx.source(at).split('.').next().unwrap_or("gocql");
    let policy = format!("{package}.TokenAwareHostPolicy({package}.RoundRobinHostPolicy())");
    let edit = cx.with_setting(cluster, POLICY, &policy);
    cx.report(at, format!("`{}` keeps the default round robin, which ignores where the data is", cx.source(keeper)))
        .note("most queries then take a hop through a node without a copy; a token-aware policy asks a replica first")
        .fix("Ask a replica first", edit);
}

fn makes_session(cx: &Cx, cluster: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(cluster) else { return false };
    cx.names.uses(declaring).any(|used| match cx.tree.parent(used) {
        Some(Node::Expr(selector)) => {
            matches!(cx.expr(selector), Expr::Selector { name, .. } if cx.source(name) == "CreateSession")
        }
        _ => false,
    })
}
