//! A program waits for a signal that it cannot catch.
//!
//! SIGKILL and SIGSTOP are never delivered to a program: the kernel acts on them (documentation of `os/signal`). The signal
//! that asks a service to stop is SIGTERM.
//!
//! Limits: signals count where they are named in the call, or in a list that a local of the function starts with. A list in a
//! package variable is not looked at.
//!
//! ```go bad
//! func wait() {
//! 	stop := make(chan os.Signal, 1)
//! 	signal.Notify(stop, os.Interrupt, os.Kill)
//! 	//                                ^^^^^^^ medium: `os.Kill` cannot be caught
//! 	<-stop
//! }
//! ```
//! ```diff fixed
//! -	signal.Notify(stop, os.Interrupt, os.Kill)
//! +	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
//! ```
//! ```go good
//! func wait() {
//! 	stop := make(chan os.Signal, 1)
//! 	signal.Notify(stop, os.Interrupt, syscall.SIGTERM) // both can be caught
//! 	<-stop
//! }
//! ```
//! ```go good
//! func end(process *os.Process) error {
//! 	return process.Signal(os.Kill) // sends the signal
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::signals;

pub static RULE: Rule = Rule {
    id: "resilience/uncatchable-signal",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &["staticcheck:SA1016", "gopeer:resilience/signal-handling"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(TAKES_SIGNALS, check)],
    examines: "signals that are waited for",
};

const TAKES_SIGNALS: &[&str] = &["os/signal.Notify", "os/signal.NotifyContext", "os/signal.Ignore"];
const UNCATCHABLE: &[&str] = &[
    "os.Kill",
    "syscall.SIGKILL",
    "syscall.SIGSTOP",
    "golang.org/x/sys/unix.SIGKILL",
    "golang.org/x/sys/unix.SIGSTOP",
];
const TERMINATE: &[&str] = &["syscall.SIGTERM", "golang.org/x/sys/unix.SIGTERM"];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let signals = signals(cx, call);
    let has_terminate = signals.iter().any(|&signal| cx.denotes(signal, TERMINATE));
    let mut before = None;
    for &signal in signals {
        if cx.denotes(signal, UNCATCHABLE) {
            // To ignore SIGTERM instead would be no help.
            let waits = !call.callee.is(&["os/signal.Ignore"]);
            report(cx, signal, before, waits && !has_terminate);
        }
        before = Some(signal);
    }
}

fn report(cx: &mut Cx, signal: ExprId, before: Option<ExprId>, wants_terminate: bool) {
    let span = cx.span(signal);
    let removed = before.map(|before| (Span::new(cx.span(before).end, span.end), String::new()));
    let message =
        format!("`{}` cannot be caught: the kernel acts on it, and the program never sees it", cx.source(signal));
    let report = cx.report(signal, message).note("the signal that asks a service to stop is SIGTERM");
    if wants_terminate {
        report
            .severity(Severity::Medium)
            .fix("Wait for SIGTERM", [(span, "syscall.SIGTERM".to_owned())])
            .needing("syscall");
    } else {
        report.fix("Remove the signal", removed);
    }
}
