//! The resolver of a field runs a query for each object that has the field.
//!
//! gqlgen calls the resolver of a field once for each parent object. A list of a hundred users with their posts is one query for the users
//! and a hundred for the posts, and the client decides how long the list is and how deep the query goes. A loader (`dataloader`, taken from
//! the context of the request) collects the ids of all parents and fetches what belongs to them at once.
//!
//! Limits: resolvers with the comment that gqlgen writes ("is the resolver for the … field"), with a query that shows in the package. Whether
//! the parent is ever in a list is not known.
//!
//! ```go bad
//! type userResolver struct{ db *sql.DB }
//!
//! // Posts is the resolver for the posts field.
//! func (r *userResolver) Posts(ctx context.Context, obj *User) ([]*Post, error) {
//! 	rows, err := r.db.QueryContext(ctx, "SELECT title FROM posts WHERE author = $1", obj.ID)
//! 	//           ^^^^^^^^^^^^^^^^^ `r.db.QueryContext` runs for each `User` whose `Posts` a client asks for
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return scanPosts(rows)
//! }
//!
//! type User struct{ ID string }
//! type Post struct{ Title string }
//! ```
//! ```go good
//! type queryResolver struct{ db *sql.DB }
//!
//! // Users is the resolver for the users field.
//! func (r *queryResolver) Users(ctx context.Context, filter *Filter) ([]*User, error) {
//! 	rows, err := r.db.QueryContext(ctx, "SELECT id FROM users WHERE team = $1", filter.Team) // once a request
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	return scanUsers(rows)
//! }
//!
//! type userResolver struct{}
//!
//! // Posts is the resolver for the posts field.
//! func (r *userResolver) Posts(ctx context.Context, obj *User) ([]*Post, error) {
//! 	return loadersOf(ctx).PostsByAuthor.Load(ctx, obj.ID) // one query for all
//! }
//!
//! type Filter struct{ Team string }
//! type User struct{ ID string }
//! type Post struct{ Title string }
//! ```
//!
//! # Impact
//!
//! One request of a client becomes as many queries as the list is long, and nested lists multiply. Each of them takes a connection of the
//! pool, so a single deep query slows everybody down. In a test with two objects nothing of this shows.
//!
//! # Verify
//!
//! - `SELECT calls, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 5`: send the GraphQL query once between two looks; `calls` of this
//!   statement rises by the length of the list
//! - `go test -run {test} {package}`: count the queries that a fake gets for a list of ten
//!
//! # Options
//!
//! - Use a loader for each request: one query for all parents of a level, with a few milliseconds to collect them
//!   - senior, backend, throughput: resolvers stay independent of each other
//! - Join in the resolver of the list, where the client asks for the field (`graphql.CollectFieldsCtx`): one query, and the list's
//!   resolver has to know about the field
//!   - data: the database does what it is good at
//!
//! # References
//!
//! - [gqlgen, "Optimizing N+1 database queries using Dataloaders"](https://gqlgen.com/reference/dataloaders/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "api-design/graphql-n-plus-one",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Decl(&[DeclKind::Func], check)],
    examines: "resolvers of fields",
};

/// Types whose fields are asked for once a request.
const ROOTS: &[&str] = &["queryResolver", "mutationResolver", "subscriptionResolver"];

fn check(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, name, .. } = cx.decl(decl) else { return };
    let doc = cx.doc_comment(decl).iter().map(|comment| comment.body(cx.tree.text()));
    let is_generated = { doc }.any(|line| line.contains(" is the resolver for the "));
    let (Some(func), Some(&(_, resolver))) = (cx.as_func(Node::Decl(decl)), cx.params(recv).first()) else { return };
    if ROOTS.contains(&cx.source(cx.pointee(resolver))) || !is_generated {
        return;
    }
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return };
    let &[_, (Some(_), parent), ..] = &cx.params(params)[..] else { return };
    cx.examined();
    let queries = Effects::QUERY.and(Effects::LOOKUP);
    let found = cx.calls_within(func.body, false).iter().find_map(|&node| {
        let Node::Expr(call) = node else { return None };
        cx.call(call).filter(|_| cx.effects(call).has(queries))
    });
    let Some(query) = found else { return };
    let steps = cx.steps_of(query, queries, "this runs for each parent");
    let (text, field, parent) = (cx.source(query.fun), cx.source(name), cx.source(cx.pointee(parent)));
    cx.report(query.fun, format!("`{text}` runs for each `{parent}` whose `{field}` a client asks for"))
        .steps(steps)
        .note("a list of a hundred makes a hundred queries, and the client decides how long the list is")
        .note("fetch what belongs to all parents at once, with a loader from the context of the request");
}
