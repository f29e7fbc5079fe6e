//! A channel can be closed twice.
//!
//! Closing a closed channel panics (Go spec, "Close"), and the panic is usually that of a goroutine that nothing recovers: the process
//! ends. Let one place close the channel: the only sender, or a goroutine that waits for all senders. Where several callers may, use a
//! `sync.Once`.
//!
//! Limits: of closures that are called in several places, and of channels that others have, nothing is known.
//!
//! ```go bad
//! func produce(items []string, out func(<-chan string)) error {
//! 	queue := make(chan string)
//! 	defer close(queue)
//! 	//    ^^^^^^^^^^^^ `queue` is closed already when this deferred call runs
//! 	go out(queue)
//! 	for _, item := range items {
//! 		if item == "" {
//! 			close(queue)
//! 			return errors.New("an empty item")
//! 		}
//! 		queue <- item
//! 	}
//! 	return nil
//! }
//!
//! func squares(numbers []int) (sum int) {
//! 	results := make(chan int)
//! 	for _, n := range numbers {
//! 		go func() {
//! 			defer close(results)
//! 			//    ^^^^^^^^^^^^^^ each goroutine that the loop starts closes `results`
//! 			results <- n * n
//! 		}()
//! 	}
//! 	for n := range results {
//! 		sum += n
//! 	}
//! 	return sum
//! }
//! ```
//! ```go good
//! func squares(numbers []int) (sum int) {
//! 	results := make(chan int)
//! 	var wg sync.WaitGroup
//! 	for _, n := range numbers {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			results <- n * n
//! 		}()
//! 	}
//! 	go func() {
//! 		wg.Wait()
//! 		close(results) // by one, when all are done
//! 	}()
//! 	for n := range results {
//! 		sum += n
//! 	}
//! 	return sum
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_lint::{Amount, Wrong};

pub static RULE: Rule = Rule {
    id: "concurrency/double-close",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
    examines: "channels that are closed",
};

fn check(cx: &mut Cx, call: ExprId) {
    if cx.made_capacity(call).is_none() {
        return;
    }
    let Some(channel) = cx.channel(call) else { return };
    if !channel.ops().iter().any(|op| op.closes()) {
        return;
    }
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(found) = cx.misused(&channel, Wrong::ClosedTwice) {
        let deferred = channel.ops().iter().any(|op| op.site == found.at && op.deferred);
        let message = match deferred {
            true => format!("`{name}` is closed already when this deferred call runs"),
            false => format!("`{name}` can be closed already when it is closed here"),
        };
        cx.report(found.at, message).steps(found.steps).note("closing a closed channel panics");
        return;
    }
    if !channel.is_closed_world() {
        return;
    }
    let Some(found) = cx.closed_by_many(&channel) else { return };
    let op = channel.ops().iter().find(|op| op.site == found.close);
    let started = op.and_then(|op| channel.started(op.lane));
    let many = started.is_some_and(|started| cx.turns_of_start(&channel, started) > Amount::ONE);
    let message = match many {
        true => format!("each goroutine that the loop starts closes `{name}`"),
        false => format!("two goroutines close `{name}`"),
    };
    cx.report(found.close, message).steps(found.steps).note("closing a closed channel panics");
}
