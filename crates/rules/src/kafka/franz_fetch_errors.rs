//! What franz-go has fetched is looked at without its errors.
//!
//! `PollFetches` reports failures inside what it returns: a partition that cannot be read, an authorization that was taken away, data
//! that was lost, and the client being closed. Whoever looks at the records only, sees an empty poll. The consumer then polls again and
//! again while a partition makes no progress, and after `Close` it spins.
//!
//! Limits: what is passed to another function is left alone.
//!
//! ```go bad
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func run(ctx context.Context, client *kgo.Client, handle func(*kgo.Record)) {
//! 	for {
//! 		fetches := client.PollFetches(ctx)
//! //^^^^^^^ the errors of `fetches` are never checked
//! 		fetches.EachRecord(handle)
//! 	}
//! }
//! ```
//! ```go bad
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func run(ctx context.Context, client *kgo.Client, handle func(*kgo.Record)) {
//! 	for {
//! 		fetches := client.PollRecords(ctx, 100)
//! //^^^^^^^ the errors of `fetches` are never checked
//! 		if fetches.IsClientClosed() {
//! 			return
//! 		}
//! 		fetches.EachRecord(handle)
//! 	}
//! }
//! ```
//! ```go good
//! import "github.com/twmb/franz-go/pkg/kgo"
//!
//! func run(ctx context.Context, client *kgo.Client, handle func(*kgo.Record)) error {
//! 	for {
//! 		fetches := client.PollFetches(ctx)
//! 		if fetches.IsClientClosed() {
//! 			return nil
//! 		}
//! 		for _, failed := range fetches.Errors() {
//! 			return failed.Err
//! 		}
//! 		fetches.EachRecord(handle)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! A partition that cannot be read, a lost authorization or a data-loss notice looks like an empty poll. Lag of that
//! partition grows while the consumer seems idle, and unless `IsClientClosed` is checked, the loop polls a closed
//! client at full speed. A test gives the loop a fetch with an error and expects to hear of it.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: a fetch made with `kgo.NewErrFetch(err)` must reach a log or the
//!   caller, and after `client.Close()` the function must return
//! - `kafka-consumer-groups.sh --bootstrap-server HOST:9092 --describe --group GROUP`: one partition's lag grows while
//!   its neighbors stay at zero
//!
//! # References
//!
//! - [Package kgo, Fetches](https://pkg.go.dev/github.com/twmb/franz-go/pkg/kgo#Fetches)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "kafka/franz-fetch-errors",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(FETCHES, check)],
    examines: "polls of franz-go",
};

const FETCHES: &[&str] =
    &["github.com/twmb/franz-go/pkg/kgo.Client.PollFetches", "github.com/twmb/franz-go/pkg/kgo.Client.PollRecords"];
/// What holds the error of a partition.
const PARTS: &[&str] = &[
    "github.com/twmb/franz-go/pkg/kgo.FetchPartition",
    "github.com/twmb/franz-go/pkg/kgo.FetchTopic",
    "github.com/twmb/franz-go/pkg/kgo.FetchTopicPartition",
];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(fetches) = cx.first_target(call.expr) else { return };
    let reads = |used: ExprId| {
        used != fetches
            && cx
                .called_on(used)
                .is_some_and(|(_, name, _)| name.starts_with("Each") || name == "Records" || name == "RecordIter")
    };
    let mut uses = cx.names.uses(fetches).take(64).filter(|&used| used != fetches).peekable();
    // Whoever else gets it, or looks into it, may look at the errors.
    let only_reads = |used: ExprId| match cx.called_on(used) {
        Some((_, name, _)) => {
            matches!(
                name,
                "EachPartition"
                    | "EachRecord"
                    | "EachTopic"
                    | "Empty"
                    | "IsClientClosed"
                    | "NumRecords"
                    | "RecordIter"
                    | "Records"
            ) && !looks_inside(cx, used)
        }
        None => used == fetches || cx.is_target(used),
    };
    if uses.peek().is_none() || !uses.all(only_reads) || !cx.names.uses(fetches).any(reads) {
        return;
    }
    let name = cx.source(fetches);
    let asks_if_closed =
        cx.names.uses(fetches).any(|used| matches!(cx.called_on(used), Some((_, "IsClientClosed", _))));
    let advice = match !asks_if_closed && cx.enclosing_loop(call.expr).is_some() {
        true => format!(
            "handle what `{name}.EachError` reports, and return if `{name}.IsClientClosed()`: the loop spins then"
        ),
        false => format!("handle what `{name}.EachError` reports"),
    };
    cx.report(fetches, format!("the errors of `{name}` are never checked"))
        .note(
            "a partition that fails (lost data, an authorization that was taken away) makes no progress, without a trace",
        )
        .note(advice);
}

/// Whether the function that looks at partitions asks for their errors, or may do so elsewhere.
fn looks_inside(cx: &Cx, used: ExprId) -> bool {
    let Some((call, name, args)) = cx.called_on(used) else { return false };
    let is_elsewhere = |&arg: &ExprId| !matches!(cx.expr(cx.unparen(arg)), Expr::FuncLit { .. });
    let looks = |id| match cx.expr(id) {
        Expr::Selector { name, .. } => cx.source(name) == "Err",
        // Whoever gets the partition, or the topic, may ask.
        Expr::Call { args, .. } => cx.exprs(args).iter().any(|&arg| cx.has_type(arg, PARTS)),
        _ => false,
    };
    matches!(name, "EachPartition" | "EachTopic") && args.iter().any(is_elsewhere)
        || cx.find_expr(call, true, looks).is_some()
}
