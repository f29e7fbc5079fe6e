//! A channel can be closed twice.
//!
//! Closing a closed channel panics (Go spec, "Close"), and the panic is usually that of a goroutine that nothing recovers: the process
//! ends. Let one place close the channel: the only sender, or a goroutine that waits for all senders. Where several callers may, use a
//! `sync.Once`.
//!
//! Limits: of closures that are called in several places, and of channels that others have, nothing is known. A method that closes a
//! field is found where a goroutine and an exported method, or two goroutines, lead to it, where a function of the package calls it in a
//! `defer` and once more, and, less severely, where it is the `Close` of an
//! exported type that returns an error, as `io.Closer` has it. A condition or a `sync.Once` around the close is taken to guard it.
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
//!
//! # Idiom
//!
//! Unlike a file, a channel need not be closed to be freed: one that nobody refers to is collected. Closing it says that no more values
//! come, which can be said once.
//!
//! # Impact
//!
//! The second close panics with "close of closed channel", in whichever goroutine comes second; without a recover there
//! the whole process exits with code 2 and every request in flight is lost. It needs both paths in one run, such as an
//! error during shutdown, so it appears in deployments rather than in tests. A test calls both ways to the end.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 50 {package}`: a test that ends the value twice, or from two goroutines, must
//!   not panic
//! - `kubectl logs --previous deploy/NAME | grep -A 12 'close of closed channel'`: the last lines of a pod that died of
//!   it have the stack of the second close
//!
//! # Options
//!
//! - Let only the sender close: no lock and no flag; several senders need a goroutine that waits for them all and
//!   closes then
//!   - senior, data: who sends knows when there is nothing more
//! - Wrap the close in a `sync.Once`: right for a `Close` method that callers may call twice, and hides which caller
//!   was first
//!   - backend, cloud-native: shutdown may come from a signal and from an error
//! - Cancel a context instead of closing: canceling twice does no harm, but receivers must listen to it
//!
//! # References
//!
//! - [Go spec, "Close"](https://go.dev/ref/spec#Close)
//! - [Package sync, Once](https://pkg.go.dev/sync#Once)
use super::support::ends_use;
use gopeer_lint::prelude::*;
use gopeer_lint::{Amount, Channel, FieldAct, Wrong};

pub static RULE: Rule = Rule {
    id: "concurrency/double-close",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Channel(check), Hook::Expr(&[ExprKind::Call], closed_again)],
    examines: "channels that are closed",
};

fn check(cx: &mut Cx, channel: &Channel) {
    if !channel.is_closed() {
        return;
    }
    cx.examined();
    let name = cx.source(channel.declared);
    if let Some(found) = cx.misused(channel, Wrong::ClosedTwice) {
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
    let Some(found) = cx.closed_by_many(channel) else { return };
    let op = channel.ops().iter().find(|op| op.site == found.close);
    let started = op.and_then(|op| channel.started(op.lane));
    let many = started.is_some_and(|started| cx.turns_of_start(channel, started) > Amount::ONE);
    let message = match many {
        true => format!("each goroutine that the loop starts closes `{name}`"),
        false => format!("two goroutines close `{name}`"),
    };
    cx.report(found.close, message).steps(found.steps).note("closing a closed channel panics");
}

/// A method that ends the use of a value closes a channel of it, whether or not it has done so before.
fn closed_again(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if !cx.is_builtin(fun, "close") {
        return;
    }
    let Some(channel) = cx.only(args) else { return };
    let Expr::Selector { .. } = cx.expr(channel) else { return };
    let twice = cx
        .field_races()
        .iter()
        .find(|race| race.between == Users::Closers && race.at == call)
        .map(|race| race.other.clone());
    if let Some(both) = twice {
        let text = cx.source(channel);
        cx.report(call, format!("{both} get here, one in a goroutine, and the second one closes `{text}` again"))
            .note("closing a closed channel panics; a `sync.Once` around the close lets both call it");
        return;
    }
    let Some(decl) = cx.enclosing_decl(call) else { return };
    let Some(name) = cx.func_name(decl).filter(|name| ends_use(name)) else { return };
    let Decl::Func { recv, .. } = cx.decl(decl) else { return };
    if recv.is_empty() || cx.is_decided_at(channel) || cx.limits_calls(decl) {
        return;
    }
    let Some(uses) = cx.field_uses(channel) else { return };
    cx.examined();
    if uses.iter().any(|used| used.act == FieldAct::Other) {
        return;
    }
    let text = cx.source(channel);
    let note =
        format!("closing a closed channel panics; a `sync.Once` around the close makes `{name}` safe to call again");
    if let Some(who) = cx.who_calls_twice(decl) {
        let who = who.rsplit('.').next().unwrap_or_default();
        let message = format!("`{who}` calls `{name}` twice, which then closes `{text}` again");
        cx.report(call, message).note(note);
    }
}
