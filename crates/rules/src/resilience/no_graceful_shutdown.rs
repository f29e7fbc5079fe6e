//! A program serves requests and never stops serving in order.
//!
//! On every deployment and scale-down the orchestrator sends SIGTERM. A Go program that does not catch it dies on the
//! spot: requests in flight get a broken connection, and deferred clean-up does not run. Catch the signal with
//! `signal.NotifyContext` and call `Shutdown` (HTTP) or `GracefulStop` (gRPC), which let running requests finish.
//!
//! Limits: looked at is the file with `main`, so a program that stops its server in another file is reported as well.
//! Consumers of messages are not looked at.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"log"
//! 	"net/http"
//! )
//!
//! func main() {
//! 	http.HandleFunc("/", home)
//! 	log.Fatal(http.ListenAndServe(":8080", nil))
//! 	//        ^^^^^^^^^^^^^^^^^^^ `http.ListenAndServe` serves until the process is killed
//! }
//! ```
//! ```diff fixed
//! +	"context"
//! +	"errors"
//! +	"os"
//! +	"os/signal"
//! +	"syscall"
//! +	"time"
//! -	log.Fatal(http.ListenAndServe(":8080", nil))
//! +	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//! +	defer stop()
//! +	srv := &http.Server{Addr: ":8080", ReadHeaderTimeout: 5 * time.Second}
//! +	go func() {
//! +		if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
//! +			log.Fatal(err)
//! +		}
//! +	}()
//! +	<-ctx.Done()
//! +	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
//! +	defer cancel()
//! +	if err := srv.Shutdown(ctx); err != nil {
//! +		log.Print(err)
//! +	}
//! ```
//! ```go good
//! func main() {
//! 	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//! 	defer stop()
//! 	srv := &http.Server{Addr: ":8080", Handler: routes()}
//! 	go srv.ListenAndServe()
//! 	<-ctx.Done() // SIGTERM ends it
//! 	srv.Shutdown(context.WithoutCancel(ctx))
//! }
//! ```
//! ```go good
//! func main() {
//! 	go http.ListenAndServe(":6060", nil) // profiles, beside the work
//! 	run()
//! }
//! ```
//! ```go good
//! // A tool for one's own machine.
//! func main() {
//! 	log.Fatal(http.ListenAndServe("localhost:8080", http.FileServer(http.Dir("."))))
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{is_program, mentions, serves};
use crate::address::is_loopback;

pub static RULE: Rule = Rule {
    id: "resilience/no-graceful-shutdown",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 1), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::File(check)],
    file: file!(),
};

/// What shows that the program stops in some order, or leaves that to a framework.
const STOPS: &[&str] = &[
    "signal.Notify",
    "Shutdown",
    "GracefulStop",
    "go.uber.org/fx",
    "go-kratos/kratos",
    "controller-runtime",
    "oklog/run",
    "thejerf/suture",
    "cloudflare/tableflip",
    "facebookgo/grace",
    "aws-lambda-go",
];

fn check(file: &mut FileCx) {
    if !mentions(file, "Serve") || !is_program(file) {
        return;
    }
    let stops = STOPS.iter().any(|text| mentions(file, text));
    let mut told = false;
    file.each_piece(|cx| {
        for call in serving_calls(cx) {
            cx.examined();
            if !stops && !told && !is_beside(cx, call) && !is_local_tool(cx, call) {
                told = true;
                report(cx, call);
            }
        }
    });
}

/// The calls that serve, in the order of the text.
fn serving_calls(cx: &Cx) -> Vec<ExprId> {
    let calls = cx.tree.all_exprs().filter(|&(id, expr)| matches!(expr, Expr::Call { .. }) && serves(cx, id));
    let mut calls: Vec<ExprId> = calls.map(|(id, _)| id).collect();
    calls.sort_by_key(|&call| cx.span(call).start);
    calls
}

/// Whether the server runs in a goroutine, beside something that main waits for.
fn is_beside(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Go(_))))
}

/// Whether the address says that only this machine is served.
fn is_local_tool(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    let address = cx.exprs(args).first().and_then(|&address| cx.string_value(address));
    address.is_some_and(|address| is_loopback(&address))
}

fn report(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let edit = mend(cx, call);
    let report = cx
        .report(fun, format!("`{}` serves until the process is killed, with requests in flight", cx.source(fun)))
        .note("catch SIGTERM with `signal.NotifyContext`, then let running requests finish under a time limit")
        .fix("Stop in order on SIGTERM", edit);
    let imports = ["context", "errors", "os", "os/signal", "syscall", "time"];
    imports.into_iter().fold(report, |report, path| report.needing(path));
}

/// `log.Fatal(http.ListenAndServe(…))` as a server that is shut down, where main has no names that get in the way.
fn mend(cx: &Cx, call: ExprId) -> Option<(Span, String)> {
    let Call { callee: serve, args: [address, handler], .. } = cx.call(call)? else { return None };
    let Node::Expr(fatal) = cx.tree.parent(call)? else { return None };
    let Node::Stmt(stmt) = cx.tree.parent(fatal)? else { return None };
    let statement = matches!(cx.stmt(stmt), Stmt::Expr(_)) && cx.siblings(stmt).last() == Some(&stmt);
    if !serve.is(&["net/http.ListenAndServe"]) || !cx.calls(fatal, &["log.Fatal"]) || !statement {
        return None;
    }
    let taken = |name: &str| matches!(name, "ctx" | "stop" | "srv" | "cancel");
    if cx.tree.all_exprs().any(|(id, expr)| expr == Expr::Ident && taken(cx.source(id))) {
        return None;
    }
    let handler =
        if cx.is_builtin(*handler, "nil") { String::new() } else { format!(", Handler: {}", cx.source(*handler)) };
    let lines = [
        "ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)".to_owned(),
        "defer stop()".to_owned(),
        format!("srv := &http.Server{{Addr: {}{handler}, ReadHeaderTimeout: 5 * time.Second}}", cx.source(*address)),
        "go func() {".to_owned(),
        "\tif err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {".to_owned(),
        "\t\tlog.Fatal(err)".to_owned(),
        "\t}".to_owned(),
        "}()".to_owned(),
        "<-ctx.Done()".to_owned(),
        "ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)".to_owned(),
        "defer cancel()".to_owned(),
        "if err := srv.Shutdown(ctx); err != nil {".to_owned(),
        "\tlog.Print(err)".to_owned(),
        "}".to_owned(),
    ];
    Some((cx.span(stmt), lines.join(&format!("\n{}", cx.indent(stmt)))))
}
