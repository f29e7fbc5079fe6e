//! The stop function of `signal.NotifyContext` is thrown away.
//!
//! It gives the signals back to the runtime: without it the second Ctrl-C is swallowed as well, and a program that hangs
//! while it stops cannot be ended from its terminal. Keep it and defer it, or call it once the context is done.
//!
//! Limits: reported is a stop function that is assigned to `_`. One that is kept and never called is not.
//!
//! ```go bad
//! func ended() context.Context {
//! 	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//! 	//   ^ the stop function of `signal.NotifyContext` is thrown away
//! 	return ctx
//! }
//! ```
//! ```go good
//! func wait(ctx context.Context) {
//! 	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
//! 	defer stop() // gives the signals back
//! 	<-ctx.Done()
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/signal-stop-discarded",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &["gopeer:resilience/signal-handling"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["os/signal.NotifyContext"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let &[_, stop] = cx.exprs(lhs) else { return };
    cx.examined();
    if cx.source(stop) == "_" {
        let message = "the stop function of `signal.NotifyContext` is thrown away, so a second Ctrl-C is swallowed too";
        cx.report(stop, message)
            .note("called once the context is over, it lets the next signal end a program that hangs");
    }
}
