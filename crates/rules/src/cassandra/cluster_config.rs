//! A gocql cluster is used without token awareness.
//!
//! Where no `HostSelectionPolicy` is set, gocql sends queries round the ring in turn (its documentation of host
//! selection), so most of them reach a node that has no copy and must ask another: one more hop and one more place to
//! wait for each query. `TokenAwareHostPolicy` asks a replica first. Name the local data centre in the fallback where
//! there is more than one.
//!
//! Time limits, keyspace and pool sizes, and clusters configured across functions, are not looked at yet.
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
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(fun) else { return };
    if cx.source(name) != "NewCluster" || cx.object(fun).is_none_or(|name| !name.path.contains("gocql")) {
        return;
    }
    let Some(cluster) = cx.kept_in(call) else { return };
    let Def::Local(declaring) = cx.def(cluster) else { return };
    cx.examined();
    let names = cx.names;
    let uses: Vec<_> = names.uses(declaring).filter(|&used| used != declaring).map(|used| use_of(cx, used)).collect();
    // Only where the session is made here and nothing else gets hold of the cluster is it certain that nobody sets a policy.
    if !uses.contains(&Use::Session) || uses.iter().any(|used| matches!(used, Use::Policy | Use::Escapes)) {
        return;
    }
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return };
    let Expr::Selector { base: package, .. } = cx.expr(fun) else { return };
    let (name, package) = (cx.source(cluster), cx.source(package));
    let policy = format!(
        "\n{}{name}.PoolConfig.HostSelectionPolicy = {package}.TokenAwareHostPolicy({package}.RoundRobinHostPolicy())",
        cx.indent(stmt)
    );
    let end = cx.span(stmt).end;
    cx.report(fun, format!("`{name}` keeps the default round robin, which ignores where the data is"))
        .note("most queries then take a hop through a node without a copy; a token-aware policy asks a replica first")
        .fix("Ask a replica first", [(Span::new(end, end), policy)]);
}

#[derive(PartialEq)]
enum Use {
    Field,
    Policy,
    Session,
    Escapes,
}

fn use_of(cx: &Cx, cluster: ExprId) -> Use {
    let Some(Node::Expr(parent)) = cx.tree.parent(cluster) else { return Use::Escapes };
    let Expr::Selector { name, .. } = cx.expr(parent) else { return Use::Escapes };
    match (cx.source(name), cx.tree.parent(parent)) {
        ("CreateSession", _) => Use::Session,
        ("PoolConfig", Some(Node::Expr(outer))) => match cx.expr(outer) {
            Expr::Selector { name, .. } if cx.source(name) != "HostSelectionPolicy" => Use::Field,
            _ => Use::Policy,
        },
        ("PoolConfig", _) => Use::Policy,
        _ => Use::Field,
    }
}
