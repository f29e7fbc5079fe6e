//! A key is looked up in Redis, MongoDB, DynamoDB or Cassandra once for each element of a loop.
//!
//! Each is a round trip, one after the other: a thousand keys take a second where one command takes a few milliseconds. Use `MGet`, a
//! pipeline, `$in`, `BatchGetItem`, or a bounded number of concurrent queries.
//!
//! Limits: the lookup has to depend on the element, directly or through functions of the package. Literals, variables of the package
//! and loops over chunks are left alone.
//!
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func values(ctx context.Context, client *redis.Client, keys []string) ([]string, error) {
//! 	var values []string
//! 	for _, key := range keys {
//! 		value, err := client.Get(ctx, key).Result()
//! 		//            ^^^^^^^^^^ `client.Get` looks up the elements of `keys` one by one
//! 		if err != nil {
//! 			return nil, err
//! 		}
//! 		values = append(values, value)
//! 	}
//! 	return values, nil
//! }
//! ```
//! ```go good
//! import "github.com/redis/go-redis/v9"
//!
//! func values(ctx context.Context, client *redis.Client, keys []string) error {
//! 	pipe := client.Pipeline()
//! 	for _, key := range keys {
//! 		pipe.Get(ctx, key) // queued, and sent with the others
//! 	}
//! 	_, err := pipe.Exec(ctx)
//! 	return err
//! }
//! ```
use gopeer_lint::prelude::*;

use super::redis::is_queued;

pub static RULE: Rule = Rule {
    id: "nosql/lookup-in-loop",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Latency, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(Effects::LOOKUP, check)],
    examines: "lookups",
};

fn check(cx: &mut Cx, lookup: Call) {
    cx.examined();
    let Some(turn) = cx.each_turn(lookup.expr) else { return };
    let effects = cx.effects(lookup.expr);
    let other = Effects::WRITE.and(Effects::CACHE).and(Effects::FETCH).and(Effects::WAIT).and(Effects::REMOTE);
    if effects.has(other) || is_queued(cx, lookup.expr) || cx.spawn(Node::Expr(lookup.expr)).is_some() {
        return;
    }
    let (name, over) = (cx.source(lookup.fun), cx.source(turn.over));
    let mut steps = vec![(cx.span(turn.over), format!("the loop goes over `{over}`")).into()];
    steps.extend(cx.steps_of(lookup, Effects::LOOKUP, "each iteration is a round trip"));
    let reason = cx.said(lookup.expr, &["few", "small"]);
    // Redis refuses `MGET` for keys of several slots.
    let cluster =
        lookup.receiver.is_some_and(|client| cx.has_type(client, &["github.com/redis/go-redis/v9.ClusterClient"]));
    let note = match cluster {
        true => "send them with one pipeline, which the client splits by node",
        false => {
            "ask for all of them at once: `MGet`, a pipeline, `$in`, `BatchGetItem`, or a bounded number of concurrent queries"
        }
    };
    cx.report(lookup.fun, format!("`{name}` looks up the elements of `{over}` one by one"))
        .steps(steps)
        .note(note)
        .excused(reason);
}
