//! Signals are waited for in a way that misses them.
//!
//! `signal.Notify` never blocks to deliver: with an unbuffered channel, a signal that arrives before the receive is ready
//! is dropped, and the program does not stop (documentation of `os/signal.Notify`). SIGKILL and SIGSTOP never reach a
//! program at all. And Kubernetes, Docker and systemd stop a service with SIGTERM: one that waits for Ctrl-C alone is
//! killed in the middle of its requests.
//!
//! The stop function of `signal.NotifyContext` gives the signals back: without it the second Ctrl-C is swallowed as well,
//! and a program that hangs while it stops cannot be ended from its terminal.
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
//! ```go bad
//! func ended() context.Context {
//! 	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//! 	//   ^ the stop function of `signal.NotifyContext` is thrown away
//! 	return ctx
//! }
//! ```
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
//! func wait(ctx context.Context) {
//! 	stop := make(chan os.Signal, 1)
//! 	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
//! 	<-stop
//! 	events := make(chan os.Signal)
//! 	go relay(events) // not given to signal.Notify
//! 	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt) // a tool at a terminal
//! 	defer cancel()
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
    equivalents: &["staticcheck:SA1016", "staticcheck:SA1017", "vet:sigchanyzer"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check), Hook::File(check_program)],
    file: file!(),
};

const UNCATCHABLE: &[&str] = &[
    "os.Kill",
    "syscall.SIGKILL",
    "syscall.SIGSTOP",
    "golang.org/x/sys/unix.SIGKILL",
    "golang.org/x/sys/unix.SIGSTOP",
];
const TERMINATE: &[&str] = &["syscall.SIGTERM", "golang.org/x/sys/unix.SIGTERM"];
const INTERRUPT: &[&str] = &["os.Interrupt", "syscall.SIGINT", "golang.org/x/sys/unix.SIGINT"];

fn check(cx: &mut Cx, call: ExprId) {
    let Some(Call { callee: name, args, .. }) = cx.call(call) else { return };
    if name.path != "os/signal" {
        return;
    }
    let [first, signals @ ..] = args else { return };
    match name.name {
        "Notify" => {
            cx.examined();
            check_channel(cx, *first);
            check_signals(cx, signals);
        }
        "NotifyContext" => {
            check_signals(cx, signals);
            check_stop(cx, call);
        }
        "Ignore" => check_signals(cx, args),
        _ => {}
    }
}

/// `ctx, _ := signal.NotifyContext(…)`.
fn check_stop(cx: &mut Cx, call: ExprId) {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return };
    let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return };
    let &[_, stop] = cx.exprs(lhs) else { return };
    if cx.source(stop) == "_" && !cx.file.is_test() {
        let message = "the stop function of `signal.NotifyContext` is thrown away, so a second Ctrl-C is swallowed too";
        cx.report(stop, message)
            .note("called once the context is over, it lets the next signal end a program that hangs");
    }
}

/// What the field that a channel is kept in is given in this function: `s.stop = make(chan os.Signal)`.
fn given(cx: &Cx, channel: ExprId) -> Option<ExprId> {
    let func = cx.enclosing_func(channel).filter(|_| matches!(cx.expr(channel), Expr::Selector { .. }))?;
    let mut value = None;
    cx.any(func.body, false, |node| {
        if let Node::Stmt(stmt) = node
            && let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt)
            && let (Some(target), Some(given)) = (cx.only(lhs), cx.only(rhs))
            && cx.same_pure(target, channel)
        {
            value = Some(given);
        }
        false
    });
    value
}

fn check_channel(cx: &mut Cx, channel: ExprId) {
    let Some(made) = cx.initial_value(channel).or_else(|| given(cx, channel)) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(made)) else { return };
    if !cx.is_builtin(fun, "make") || cx.expr(channel) == Expr::Ident && cx.is_reassigned(channel) {
        return;
    }
    let (ty, size) = match cx.exprs(args) {
        [ty] => (*ty, None),
        [ty, size] if cx.int_value(*size) == Some(0) => (*ty, Some(*size)),
        _ => return,
    };
    let edit = match size {
        Some(size) => (cx.span(size), "1".to_owned()),
        None => (Span::new(cx.span(ty).end, cx.span(ty).end), ", 1".to_owned()),
    };
    cx.report(
        made,
        format!("`{}` has no buffer, so a signal that comes while nobody receives is dropped", cx.source(channel)),
    )
    .note("`signal.Notify` does not wait for the receiver")
    .fix("Give the channel room for one signal", [edit]);
}

fn check_signals(cx: &mut Cx, signals: &[ExprId]) {
    for (at, &signal) in signals.iter().enumerate() {
        if !cx.denotes(signal, UNCATCHABLE) {
            continue;
        }
        let has_terminate = signals.iter().any(|&other| cx.denotes(other, TERMINATE));
        let before = at.checked_sub(1).and_then(|before| signals.get(before));
        let message = format!("`{}` never reaches a program: the kernel acts on it alone", cx.source(signal));
        let (span, removed) =
            (cx.span(signal), before.map(|&before| Span::new(cx.span(before).end, cx.span(signal).end)));
        let report = cx.report(signal, message).note("what stops a service politely is SIGTERM");
        match removed {
            Some(removed) if has_terminate => {
                report.fix("Remove the signal", [(removed, String::new())]);
            }
            _ if !has_terminate => {
                report.fix("Wait for SIGTERM", [(span, "syscall.SIGTERM".to_owned())]).needing("syscall");
            }
            _ => {}
        }
    }
}

/// A program that serves and waits for Ctrl-C alone.
fn check_program(file: &mut FileCx) {
    let mentioned = mentions(file, "signal.Notify") && mentions(file, "Serve");
    if !mentioned || mentions(file, "SIGTERM") || !is_program(file) {
        return;
    }
    let mut serving = false;
    file.each_piece(|cx| {
        serving = serving || cx.tree.all_exprs().any(|(id, expr)| matches!(expr, Expr::Call { .. }) && serves(cx, id))
    });
    if serving {
        file.each_piece(|cx| {
            let calls: Vec<ExprId> =
                cx.tree.all_exprs().filter(|(_, expr)| matches!(expr, Expr::Call { .. })).map(|(id, _)| id).collect();
            calls.into_iter().for_each(|call| check_terminate(cx, call));
        });
    }
}

fn check_terminate(cx: &mut Cx, call: ExprId) {
    let Some(Call { callee: name, args: [_, signals @ ..], .. }) = cx.call(call) else { return };
    let [.., last] = signals else { return };
    let waits = name.path == "os/signal" && matches!(name.name, "Notify" | "NotifyContext");
    if !waits || !signals.iter().all(|&signal| cx.denotes(signal, INTERRUPT)) {
        return;
    }
    let end = cx.span(*last).end;
    let shown = cx.span(*last);
    cx.report_span(
        shown,
        "the server stops on Ctrl-C alone: SIGTERM, which Kubernetes and Docker send, kills it in mid-request",
    )
    .fix("Wait for SIGTERM too", [(Span::new(end, end), ", syscall.SIGTERM".to_owned())])
    .needing("syscall");
}
