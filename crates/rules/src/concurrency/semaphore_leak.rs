//! A semaphore is not released on a path out of the function that releases it on others.
//!
//! What was acquired stays taken. Each call that takes this path leaves less for the others, until `Acquire` waits for its context
//! to end and the work stops. `defer sem.Release(n)` behind the check of the error covers every path.
//!
//! Limits: a function that never releases it is taken for one that acquires for others. A closure that releases it, or a function
//! that gets the semaphore, counts as one that does. Of channels that serve as semaphores nothing is known.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"golang.org/x/sync/semaphore"
//! )
//!
//! func render(ctx context.Context, slots *semaphore.Weighted, draw func() ([]byte, error)) ([]byte, error) {
//! 	if err := slots.Acquire(ctx, 1); err != nil {
//! 		//       ^^^^^^^^^^^^^ `slots` is not released on every path out of `render`
//! 		return nil, err
//! 	}
//! 	image, err := draw()
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	slots.Release(1)
//! 	return image, nil
//! }
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"golang.org/x/sync/semaphore"
//! )
//!
//! func all(ctx context.Context, slots *semaphore.Weighted, jobs []func()) error {
//! 	for _, job := range jobs {
//! 		if err := slots.Acquire(ctx, 1); err != nil {
//! 			// Nothing was acquired.
//! 			return err
//! 		}
//! 		go func() {
//! 			defer slots.Release(1)
//! 			job()
//! 		}()
//! 	}
//! 	return nil
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/semaphore-leak",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(ACQUIRES, check)],
    file: file!(),
    examines: "semaphores that are acquired",
};

const ACQUIRES: &[&str] =
    &["golang.org/x/sync/semaphore.Weighted.Acquire", "golang.org/x/sync/semaphore.Weighted.TryAcquire"];

const PAIR: Pair = Pair { disagree: true, ..Pair::new(&["Release"], "release", ("is acquired", "is still acquired")) };

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(semaphore) = call.receiver else { return };
    let Some(unpaired) = cx.unpaired(call, PAIR) else { return };
    let around = cx.func_in_words(call.expr);
    let message = format!("`{}` is not released on every path out of {around}", cx.source(semaphore));
    cx.report(call.fun, message).steps(unpaired.steps).note("what was acquired stays taken");
}
