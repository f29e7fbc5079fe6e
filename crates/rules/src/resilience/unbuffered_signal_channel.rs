//! A channel for signals has no buffer.
//!
//! `signal.Notify` does not block to deliver a signal: on an unbuffered channel, a signal that arrives while nobody receives
//! is dropped, and the program does not stop (documentation of `os/signal.Notify`). Make the channel with room for one signal.
//!
//! Limits: the channel must be made in the same function. One that came as a parameter, that another function made, or that is
//! kept in a package variable is not known.
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
//! 	go relay(events) // never passed to signal.Notify
//! }
//! ```
//!
//! # Idiom
//!
//! Package `signal` does not wait for receivers, so its channel has room for one. Most programs use `signal.NotifyContext` and need no
//! channel.
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
    examines: "channels for signals",
};

fn check(cx: &mut Cx, call: Call) {
    let Some(&channel) = call.args.first() else { return };
    cx.examined();
    let Some(made) = cx.initial_value(channel).or_else(|| field(cx, channel)).or_else(|| assigned_here(cx, channel))
    else {
        return;
    };
    let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(made)) else { return };
    if !cx.is_builtin(fun, "make") || cx.initial_value(channel).is_some() && cx.is_reassigned(channel) {
        return;
    }
    let edit = match *cx.exprs(args) {
        [ty] => (Span::new(cx.span(ty).end, cx.span(ty).end), ", 1".to_owned()),
        [_, size] if cx.int_value(size) == Some(0) => (cx.span(size), "1".to_owned()),
        _ => return,
    };
    let channel = cx.source(channel);
    cx.report(made, format!("`{channel}` has no buffer, so a signal that arrives while nobody receives is dropped"))
        .note("`signal.Notify` does not wait for a receiver")
        .fix("Give the channel room for one signal", [edit]);
}

/// The value of the field that keeps the channel, where the struct is made here: `server{stop: make(chan os.Signal)}`.
fn field(cx: &Cx, channel: ExprId) -> Option<ExprId> {
    let Expr::Selector { base, name } = cx.expr(channel) else { return None };
    cx.setting(cx.config(base)?, cx.source(name)).value()
}

/// The last value that this function assigns to the variable or the field: `s.stop = make(chan os.Signal)`.
fn assigned_here(cx: &Cx, channel: ExprId) -> Option<ExprId> {
    let func = cx.enclosing_func(channel)?;
    let assigns = cx.within(func.body, false, |cx, node| assigned(cx, node).is_some());
    let mut assigned = assigns.iter().rev().filter_map(|&node| assigned(cx, node));
    assigned.find(|&(target, _)| cx.same_pure(target, channel)).map(|(_, value)| value)
}

fn assigned(cx: &Cx, node: Node) -> Option<(ExprId, ExprId)> {
    let Node::Stmt(stmt) = node else { return None };
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
    Some((cx.only(lhs)?, cx.only(rhs)?))
}
