//! A server stops in order on Ctrl-C alone.
//!
//! Kubernetes, Docker and systemd stop a service with SIGTERM. A program that waits for `os.Interrupt` only is killed by it,
//! in the middle of its requests. Wait for both.
//!
//! Limits: the program must serve HTTP or gRPC and wait for signals in the same file, and name the signals in the call or in a
//! list that a local of the function starts with.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//! 	"net/http"
//! 	"os"
//! 	"os/signal"
//! 	"syscall"
//! )
//!
//! func main() {
//! 	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
//! 	//                                                      ^^^^^^^^^^^^ the server stops on Ctrl-C only: SIGTERM
//! 	defer stop()
//! 	srv := &http.Server{Addr: ":8080"}
//! 	go srv.ListenAndServe()
//! 	<-ctx.Done()
//! 	srv.Shutdown(context.WithoutCancel(ctx))
//! 	syscall.Sync()
//! }
//! ```
//! ```diff fixed
//! -	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
//! +	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//! 	"os"
//! 	"os/signal"
//! )
//!
//! func main() {
//! 	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // no server, but a tool at a terminal
//! 	defer stop()
//! 	<-ctx.Done()
//! }
//! ```
//!
//! # Verify
//!
//! - `kill -TERM PID`: must do what Ctrl-C does
//!
//! # References
//!
//! - [Package os/signal, NotifyContext](https://pkg.go.dev/os/signal#NotifyContext)
use gopeer_lint::prelude::*;

use super::support::{any_call, is_program, mentions, serves, signals};

pub static RULE: Rule = Rule {
    id: "resilience/signal-handling",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "waits for signals",
};

const WAITS: &[&str] = &["os/signal.Notify", "os/signal.NotifyContext"];
const INTERRUPT: &[&str] = &["os.Interrupt", "syscall.SIGINT", "golang.org/x/sys/unix.SIGINT"];

fn check(file: &mut FileCx) {
    if !mentions(file, "signal.Notify") || !is_program(file) || !any_call(file, serves) {
        return;
    }
    if !any_call(file, |cx, call| cx.calls(call, WAITS) && !waits_for_interrupt_only(cx, call)) {
        file.each_piece(|cx| cx.calls_of(WAITS).into_iter().for_each(|call| check_signals(cx, call)));
    }
}

/// Whether the signals are named, and Ctrl-C is the only one.
fn waits_for_interrupt_only(cx: &Cx, call: ExprId) -> bool {
    let named: Vec<_> = cx.call(call).map_or_else(Vec::new, |call| named(cx, call).collect());
    !named.is_empty() && named.iter().all(|&signal| cx.denotes(signal, INTERRUPT))
}

/// The signals of a call, without the channel or the context.
fn named<'a>(cx: &Cx<'a>, call: Call<'a>) -> impl Iterator<Item = ExprId> + 'a {
    let first = call.args.first().copied();
    signals(cx, call).iter().copied().filter(move |&signal| Some(signal) != first)
}

fn check_signals(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(last) = named(cx, call).last() else { return };
    let end = cx.span(last).end;
    let message = "the server stops on Ctrl-C only: SIGTERM, which Kubernetes and Docker send, kills it in the middle of its requests";
    cx.report(last, message)
        .fix("Wait for SIGTERM too", [(Span::new(end, end), ", syscall.SIGTERM".to_owned())])
        .needing("syscall");
}
