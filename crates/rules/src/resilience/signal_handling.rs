//! A server stops in order on Ctrl-C alone.
//!
//! Kubernetes, Docker and systemd stop a service with SIGTERM. A program that waits for `os.Interrupt` only is killed by it
//! in the middle of its requests. Wait for both.
//!
//! Limits: reported is a program that serves HTTP or gRPC and waits for signals in the same file, and does not name SIGTERM
//! there.
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
//! 	//                                                      ^^^^^^^^^^^^ the server stops on Ctrl-C alone: SIGTERM
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
//! 	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // a tool at a terminal
//! 	defer stop()
//! 	<-ctx.Done()
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{is_program, mentions, serves};

pub static RULE: Rule = Rule {
    id: "resilience/signal-handling",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::File(check)],
    file: file!(),
};

const WAITS: &[&str] = &["os/signal.Notify", "os/signal.NotifyContext"];
const INTERRUPT: &[&str] = &["os.Interrupt", "syscall.SIGINT", "golang.org/x/sys/unix.SIGINT"];

fn check(file: &mut FileCx) {
    let mentioned = mentions(file, "signal.Notify") && mentions(file, "Serve");
    if !mentioned || mentions(file, "SIGTERM") || !is_program(file) {
        return;
    }
    let mut serving = false;
    file.each_piece(|cx| serving = serving || cx.tree.all_exprs().any(|(id, _)| serves(cx, id)));
    if serving {
        file.each_piece(|cx| cx.calls_of(WAITS).into_iter().for_each(|call| check_signals(cx, call)));
    }
}

fn check_signals(cx: &mut Cx, call: Call) {
    let [_, signals @ .., last] = call.args else { return };
    cx.examined();
    if !signals.iter().chain([last]).all(|&signal| cx.denotes(signal, INTERRUPT)) {
        return;
    }
    let end = cx.span(*last).end;
    let message =
        "the server stops on Ctrl-C alone: SIGTERM, which Kubernetes and Docker send, kills it in mid-request";
    cx.report(*last, message)
        .fix("Wait for SIGTERM too", [(Span::new(end, end), ", syscall.SIGTERM".to_owned())])
        .needing("syscall");
}
