//! A channel for signals has no buffer.
//!
//! `signal.Notify` never blocks to deliver: with an unbuffered channel, a signal that arrives before the receive is ready
//! is dropped, and the program does not stop (documentation of `os/signal.Notify`). Give the channel room for one signal.
//!
//! Limits: the channel must be made in the same function, and put into a local or a field.
//!
//! ```go bad
//! func wait() {
//! 	stop := make(chan os.Signal)
//! 	//      ^^^^^^^^^^^^^^^^^^^^ `stop` has no buffer
//! 	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
//! 	<-stop
//! }
//! ```
//! ```diff fixed
//! -	stop := make(chan os.Signal)
//! +	stop := make(chan os.Signal, 1)
//! ```
//! ```go bad
//! type server struct{ stop chan os.Signal }
//!
//! func wait(s *server) {
//! 	s.stop = make(chan os.Signal)
//! 	//       ^^^^^^^^^^^^^^^^^^^^ `s.stop` has no buffer
//! 	signal.Notify(s.stop, os.Interrupt, syscall.SIGTERM)
//! 	<-s.stop
//! }
//! ```
//! ```diff fixed
//! -	s.stop = make(chan os.Signal)
//! +	s.stop = make(chan os.Signal, 1)
//! ```
//! ```go good
//! func wait() {
//! 	stop := make(chan os.Signal, 1) // room for one
//! 	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
//! 	<-stop
//! }
//! ```
//! ```go good
//! func forward() {
//! 	events := make(chan os.Signal)
//! 	go relay(events) // not given to signal.Notify
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/unbuffered-signal-channel",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &["staticcheck:SA1017", "vet:sigchanyzer", "gopeer:resilience/signal-handling"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(&["os/signal.Notify"], check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let Some(&channel) = call.args.first() else { return };
    cx.examined();
    let Some(made) = cx.initial_value(channel).or_else(|| given(cx, channel)) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(made)) else { return };
    if !cx.is_builtin(fun, "make") || cx.expr(channel) == Expr::Ident && cx.is_reassigned(channel) {
        return;
    }
    let edit = match *cx.exprs(args) {
        [ty] => (Span::new(cx.span(ty).end, cx.span(ty).end), ", 1".to_owned()),
        [_, size] if cx.int_value(size) == Some(0) => (cx.span(size), "1".to_owned()),
        _ => return,
    };
    let channel = cx.source(channel);
    cx.report(made, format!("`{channel}` has no buffer, so a signal that comes while nobody receives is dropped"))
        .note("`signal.Notify` does not wait for the receiver")
        .fix("Give the channel room for one signal", [edit]);
}

/// What the field that a channel is kept in is given in this function: `s.stop = make(chan os.Signal)`.
fn given(cx: &Cx, channel: ExprId) -> Option<ExprId> {
    let func = cx.enclosing_func(channel).filter(|_| matches!(cx.expr(channel), Expr::Selector { .. }))?;
    let assigns = cx.within(func.body, false, |cx, node| assigned(cx, node).is_some());
    let mut assigned = assigns.iter().rev().filter_map(|&node| assigned(cx, node));
    assigned.find(|&(target, _)| cx.same_pure(target, channel)).map(|(_, value)| value)
}

fn assigned(cx: &Cx, node: Node) -> Option<(ExprId, ExprId)> {
    let Node::Stmt(stmt) = node else { return None };
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
    Some((cx.only(lhs)?, cx.only(rhs)?))
}
