//! `Wait` is called for workers before the results that they send are received.
//!
//! The workers wait for somebody to receive, and the function that would receive waits for the workers: neither ever continues. With
//! a buffer it happens once there are more results than room. Wait in a goroutine of its own, which closes the channel when all are
//! done, and receive meanwhile; or make room for every result.
//!
//! Limits: a capacity that is not constant is taken to suffice. Of the channels of fields, only unbuffered ones are looked at that one
//! method receives from.
//!
//! ```go bad
//! func sizes(paths []string) []int64 {
//! 	results := make(chan int64)
//! 	var wg sync.WaitGroup
//! 	for _, path := range paths {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			results <- size(path)
//! 		}()
//! 	}
//! 	wg.Wait()
//! //<^^^^^^^ `wg.Wait` waits for goroutines that send on `results`, and nobody receives until it returns
//! 	close(results)
//! 	var all []int64
//! 	for size := range results {
//! 		all = append(all, size)
//! 	}
//! 	return all
//! }
//! ```
//! ```diff fixed
//! -	wg.Wait()
//! -	close(results)
//! +	go func() {
//! +		wg.Wait()
//! +		close(results)
//! +	}()
//! ```
//! ```go good
//! func sizes(paths []string) []int64 {
//! 	results := make(chan int64)
//! 	var wg sync.WaitGroup
//! 	for _, path := range paths {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			results <- size(path)
//! 		}()
//! 	}
//! 	go func() {
//! 		wg.Wait() // in a goroutine of its own
//! 		close(results)
//! 	}()
//! 	var all []int64
//! 	for size := range results {
//! 		all = append(all, size)
//! 	}
//! 	return all
//! }
//!
//! func errorsOf(checks []func() error) (all []error) {
//! 	errs := make(chan error, len(checks)) // there is room for all
//! 	var wg sync.WaitGroup
//! 	for _, check := range checks {
//! 		wg.Go(func() { errs <- check() })
//! 	}
//! 	wg.Wait()
//! 	close(errs)
//! 	for err := range errs {
//! 		all = append(all, err)
//! 	}
//! 	return all
//! }
//! ```
//!
//! # Impact
//!
//! The function hangs as soon as there are more results than the buffer has room for: always with an unbuffered
//! channel, and with a buffer on the first large input. The caller's request never ends, workers stay blocked in `chan
//! send`, and the waiting goroutine sits in `WaitGroup.Wait`. A test with one more element than the buffer holds is
//! enough.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: with one more input than the buffer holds, the dump shows a
//!   goroutine in `WaitGroup.Wait` and workers in `chan send`
//!
//! # Options
//!
//! - Wait in a goroutine that closes the channel, and range over the results: constant memory and no fixed size, one
//!   goroutine more
//!   - senior, data, cloud-native: results can be handled while others are computed
//! - Make room for every result: the order of the code stays, and memory grows with the input
//!   - throughput: no hand-over between goroutines where the number is small
//! - Write into a slice by index and only wait: no channel is left, if the number of results is known
//!   - backend: order is deterministic, so a test can compare it
//!
//! # References
//!
//! - [Go blog, "Go Concurrency Patterns: Pipelines and cancellation"](https://go.dev/blog/pipelines)
//! - [Package sync, WaitGroup](https://pkg.go.dev/sync#WaitGroup)
use gopeer_lint::prelude::*;
use gopeer_lint::{Capacity, Channel, Pool, WaitBeforeDrain};

pub static RULE: Rule = Rule {
    id: "concurrency/wait-before-drain",
    severity: Severity::Critical,
    confidence: Confidence::New,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Expr(&[ExprKind::Call], of_fields)],
    examines: "channels that workers send on",
};

fn check(cx: &mut Cx, channel: &Channel) {
    cx.examined();
    let Some(found) = cx.wait_before_drain(channel) else { return };
    let WaitBeforeDrain { wait, group, received, steps } = found;
    let (name, group) = (cx.source(channel.declared), cx.source(group));
    let room = match channel.capacity {
        Capacity::Const(room @ 1..) => format!(" more than the {room} that it has room for"),
        _ => String::new(),
    };
    let until = if received { " until it returns" } else { "" };
    let message =
        format!("`{group}.Wait` waits for goroutines that send on `{name}`{room}, and nobody receives{until}");
    let moved = cx.close_behind(channel, wait).map(|(wait, close)| {
        let indent = cx.indent(wait);
        let (first, second) = (cx.source(wait), cx.source(close));
        let text = format!("go func() {{\n{indent}\t{first}\n{indent}\t{second}\n{indent}}}()");
        (Span::new(cx.span(wait).start, cx.span(close).end), text)
    });
    let at = match cx.expr(wait) {
        Expr::Call { fun, .. } => fun,
        _ => wait,
    };
    let report = cx.report(at, message).steps(steps);
    match moved {
        Some(edit) => report.fix("Wait and close in a goroutine of its own", [edit]),
        None => report.note(
            "receive while the workers run, and wait in a goroutine of its own that closes the channel when they are done; or make \
             room for every value, where their number is known and they are small",
        ),
    };
}

/// The same where a type has the wait group and the channel.
fn of_fields(cx: &mut Cx, wait: ExprId) {
    let Some(Pool { worker, results }) = cx.waits_for_senders(wait) else { return };
    cx.examined();
    let Expr::Call { fun, .. } = cx.expr(wait) else { return };
    let (group, name) = (cx.source(fun), cx.source(results));
    let func = cx.func_in_words(wait);
    let message =
        format!("`{group}` waits for `{worker}`, which sends on `{name}`, and nobody receives until it returns");
    let steps = vec![
        (cx.span(fun), format!("{func} waits here for `{worker}`")),
        (
            cx.span(results),
            format!("it receives from `{name}` only here, and `{worker}` waits for that: `{name}` has no buffer"),
        ),
    ];
    cx.report(fun, message).steps(steps).note(
        "receive while the workers run, and wait in a goroutine of its own that closes the channel when they are done",
    );
}
