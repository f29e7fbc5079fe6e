//! A zerolog event is built and never written.
//!
//! `log.Error().Err(err)` only fills an event; `Msg`, `Msgf` or `Send` writes it. Without one of them the line is missing, and the event
//! does not return to zerolog's pool. Nothing shows that until somebody looks for the line during an incident.
//!
//! Limits: only events that a statement throws away are looked at. One that is kept in a variable, returned or passed on may be written
//! elsewhere.
//!
//! ```go bad
//! import "github.com/rs/zerolog/log"
//!
//! func charge(id string) {
//! 	if err := pay(id); err != nil {
//! 		log.Error().Err(err).Str("order", id)
//! 		//                   ^^^ the event is built and never written
//! 	}
//! }
//!
//! func pay(id string) error
//! ```
//! ```diff fixed
//! -		log.Error().Err(err).Str("order", id)
//! +		log.Error().Err(err).Str("order", id).Send()
//! ```
//! ```go good
//! import "github.com/rs/zerolog"
//!
//! func charge(log *zerolog.Logger, id string) *zerolog.Event {
//! 	log.Info().Str("order", id).Msg("charged")
//! 	log.Info().Str("order", id).Send()
//! 	event := log.Debug().Str("order", id)
//! 	return event // whoever gets it writes it
//! }
//! ```
//!
//! # References
//!
//! - [Package zerolog, Event](https://pkg.go.dev/github.com/rs/zerolog#Event)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "observability/log-not-emitted",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Operability, 3), (Concern::Correctness, 2)],
    equivalents: &["zerologlint"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    examines: "events of zerolog",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(expr) = cx.stmt(stmt) else { return };
    let Some(last) = cx.call(expr) else { return };
    if !cx.type_is(cx.deref(cx.ty(expr)), &["github.com/rs/zerolog.Event"]) || is_of_others(cx, last) {
        return;
    }
    cx.examined();
    let end = cx.span(expr).end;
    cx.report(last.name, "the event is built and never written")
        .note("`Msg` writes it with a message, `Send` without one")
        .fix("Write it with `Send`", [(Span::new(end, end), ".Send()".to_owned())]);
}

/// Whether a chain adds to an event that was there before: whoever made it writes it.
fn is_of_others(cx: &Cx, last: Call) -> bool {
    let mut first = last;
    while first.callee.recv == Some("Event") {
        match first.receiver.and_then(|receiver| cx.call(receiver)) {
            Some(before) => first = before,
            None => return true,
        }
    }
    false
}
