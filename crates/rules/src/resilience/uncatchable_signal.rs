//! A program waits for a signal that never reaches it.
//!
//! The kernel acts on SIGKILL and SIGSTOP alone; no program can catch or ignore them (documentation of `os/signal`). What
//! stops a service politely is SIGTERM.
//!
//! Limits: signals count where they are named in the call; a list in a variable is not looked at.
//!
//! ```go bad
//! func wait() {
//! 	stop := make(chan os.Signal, 1)
//! 	signal.Notify(stop, os.Interrupt, os.Kill)
//! 	//                                ^^^^^^^ `os.Kill` never reaches a program
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
//! 	return process.Signal(os.Kill) // sent, not waited for
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/uncatchable-signal",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &["staticcheck:SA1016", "gopeer:resilience/signal-handling"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(TAKES_SIGNALS, check)],
    file: file!(),
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
    let has_terminate = call.args.iter().any(|&signal| cx.denotes(signal, TERMINATE));
    let mut before = None;
    for &signal in call.args {
        if cx.denotes(signal, UNCATCHABLE) {
            report(cx, signal, before, has_terminate);
        }
        before = Some(signal);
    }
}

fn report(cx: &mut Cx, signal: ExprId, before: Option<ExprId>, has_terminate: bool) {
    let span = cx.span(signal);
    let removed = before.map(|before| (Span::new(cx.span(before).end, span.end), String::new()));
    let message = format!("`{}` never reaches a program: the kernel acts on it alone", cx.source(signal));
    let report = cx.report(signal, message).note("what stops a service politely is SIGTERM");
    if has_terminate {
        report.fix("Remove the signal", removed);
    } else {
        report.fix("Wait for SIGTERM", [(span, "syscall.SIGTERM".to_owned())]).needing("syscall");
    }
}
