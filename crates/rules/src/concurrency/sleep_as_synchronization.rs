//! A goroutine is given time with `time.Sleep` instead of being waited for.
//!
//! How long a goroutine takes depends on the machine and its load. On a busy one the pause is too short, and what it was meant to wait for
//! has not happened: the work is cut off or the server does not answer yet. On all others it is waste. Wait for the goroutine with a
//! `sync.WaitGroup` or a channel that it closes, or ask until it is ready, with a limit.
//!
//! Limits: only a pause right after a `go` statement, outside of loops, or one of which a comment says what it waits for.
//!
//! ```go bad
//! func start(srv *http.Server) error {
//! 	go srv.ListenAndServe()
//! 	time.Sleep(100 * time.Millisecond)
//! 	//<^^^^^^^^^^ this pause guesses when `srv.ListenAndServe` is ready or done
//! 	return register(srv.Addr)
//! }
//! ```
//! ```go good
//! func poll(ready func() bool, work func()) {
//! 	for !ready() {
//! 		go work()
//! 		time.Sleep(time.Second) // paces the loop
//! 	}
//! 	time.Sleep(time.Second)
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/sleep-as-synchronization",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Race, 2), (Concern::Correctness, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["time.Sleep"], check)],
    examines: "calls of time.Sleep",
};

fn check(cx: &mut Cx, sleep: Call) {
    let Some(stmt) = cx.enclosing_stmt(sleep.expr) else { return };
    if cx.enclosing_loop(stmt).is_some() {
        return;
    }
    cx.examined();
    let list = cx.siblings(stmt);
    let before = cx.tree.place(list, stmt).and_then(|at| list.get(at.checked_sub(1)?).copied());
    let started = before.and_then(|before| cx.spawn(Node::Stmt(before)));
    let said = cx.is_said(
        stmt,
        &["to come up", "to be ready", "to start", "to finish", "to settle", "to complete", "goroutine"],
    );
    let message = match started {
        Some(spawn) => match cx.as_func(Node::Expr(spawn.runs)) {
            Some(_) => "this pause guesses when the goroutine is ready or done".to_owned(),
            None => format!("this pause guesses when `{}` is ready or done", cx.callee_text(spawn.call)),
        },
        None if said => "this pause guesses when something is ready or done".to_owned(),
        None => return,
    };
    cx.report(sleep.fun, message)
        .note("on a busy machine it is too short, and on all others too long; wait with a `sync.WaitGroup` or a channel, or ask until it is ready");
}
