//! The stop function of `signal.NotifyContext` is discarded.
//!
//! Calling it restores the default behavior of the signals. Without it a second Ctrl-C is swallowed as well, and a program
//! that hangs while it shuts down cannot be stopped from its terminal. Keep the function and defer it, or call it as soon as
//! the context is done.
//!
//! Limits: a stop function that is kept and called too late, or passed on and never called, is not reported.
//!
//! ```go bad
//! func ended() context.Context {
//! 	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//! 	//   ^ the stop function of `signal.NotifyContext` is discarded
//! 	return ctx
//! }
//! ```
//! ```go good
//! func wait(ctx context.Context) {
//! 	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
//! 	defer stop() // restores the default behavior
//! 	<-ctx.Done()
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/signal-stop-discarded",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &["gopeer:resilience/signal-handling"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["os/signal.NotifyContext"], check)],
    examines: "calls of signal.NotifyContext",
};

fn check(cx: &mut Cx, call: Call) {
    let names = match cx.tree.parent(call.expr) {
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, .. } => lhs,
            _ => return,
        },
        Some(Node::Decl(spec)) => match cx.decl(spec) {
            Decl::Value { names, .. } => names,
            _ => return,
        },
        _ => return,
    };
    let &[_, stop] = cx.exprs(names) else { return };
    cx.examined();
    if cx.source(stop) == "_" || is_never_called(cx, stop) {
        let message = "the stop function of `signal.NotifyContext` is discarded, so a second Ctrl-C is swallowed too";
        cx.report(stop, message)
            .note("called once the context is done, it lets the next signal end a program that hangs");
    }
}

/// Whether all that happens to a local is `_ = stop`.
fn is_never_called(cx: &Cx, stop: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(stop) else { return false };
    let mut uses = cx.names.uses(declaring).filter(|&used| used != declaring && used != stop).peekable();
    let is_blank = |used| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => {
            matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if cx.exprs(lhs).iter().all(|&name| cx.source(name) == "_"))
        }
        _ => false,
    };
    uses.peek().is_some() && uses.all(is_blank)
}
