//! A server runs until the process is killed, with requests in flight.
//!
//! On every deployment and scale-down the orchestrator sends SIGTERM. A Go program that does not catch it ends at once:
//! requests in flight get a broken connection, and deferred functions do not run. Catch the signal with
//! `signal.NotifyContext`, and call `Shutdown` (HTTP) or `GracefulStop` (gRPC), which let running requests finish.
//!
//! The finding is high where the file works with a database, a queue or a cache, whose half-done work is lost, or serves gRPC, and
//! medium elsewhere, since most clients try again. It is low where only metrics, profiles or health checks are served.
//!
//! `Stop` of a gRPC server does not wait either; it is asked about where nothing in the package calls `GracefulStop`.
//! And `GracefulStop` waits for streams, however long their clients take: where the package has methods with streams and never calls
//! `Stop`, that is asked about, unless something is closed or canceled before.
//!
//! Limits: only the file that declares `main` is looked at. A program that stops its server in another file is reported as
//! well, and a server that another package starts is not. Nor are consumers of messages.
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
//! 	//        ^^^^^^^^^^^^^^^^^^^ medium: `http.ListenAndServe` serves until the process is killed
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
//! func main() {
//! 	// A tool for one's own machine.
//! 	log.Fatal(http.ListenAndServe("localhost:8080", http.FileServer(http.Dir("."))))
//! }
//! ```
//!
//! # Idiom
//!
//! `signal.NotifyContext` makes a context that a signal cancels. `main` waits for it, shuts the server down with a time limit, and returns.
//!
//! # Impact
//!
//! Each rollout ends requests and jobs in the middle: clients get connection resets, messages are handled twice, and
//! buffered logs and spans are lost. The error rate has a small spike at every deployment, in proportion to traffic.
//! Deferred functions do not run, so nothing says what was lost.
//!
//! # Verify
//!
//! - `kubectl rollout restart deploy/NAME`: while a load generator runs; there must be no failed request
//! - `kill -TERM PID`: during a slow request, which the process has to answer before it exits
//!
//! # Options
//!
//! - Catch the signal and call `Shutdown` with a deadline: requests in flight finish, and the deadline must be below
//!   the grace period
//!   - senior, backend, throughput: a dozen lines of the standard library
//! - Run everything under one errgroup with the signal's context: servers, consumers and flushes end in one order
//!   - cloud-native, data: the consumer commits and the producer flushes before the pool closes
//!
//! # References
//!
//! - [Package net/http, Server.Shutdown](https://pkg.go.dev/net/http#Server.Shutdown)
//! - [Package os/signal, NotifyContext](https://pkg.go.dev/os/signal#NotifyContext)
//! - [Kubernetes, "Pod Lifecycle"](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

use super::support::{any_call, is_local, is_program, serves, shuts_down};
use crate::operators::{is_for_operators, is_operational, serves_operators};

pub static RULE: Rule = Rule {
    id: "resilience/no-graceful-shutdown",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 1), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check), Hook::Call(&[STOP, GRACEFUL], stops)],
    examines: "calls that serve",
};

/// Modules that stop a program in order.
const FRAMEWORKS: &[&str] = &[
    "go.uber.org/fx",
    "github.com/go-kratos/kratos",
    "sigs.k8s.io/controller-runtime",
    "k8s.io/apiserver",
    "github.com/oklog/run",
    "github.com/thejerf/suture",
    "github.com/cloudflare/tableflip",
    "github.com/facebookgo/grace",
    "github.com/aws/aws-lambda-go",
];

/// Libraries of what keeps a state, and of servers whose callers do not try again by themselves.
const STATEFUL: &[&str] = &[
    "cloud.google.com/go/pubsub",
    "database/sql",
    "github.com/IBM/sarama",
    "github.com/apache/cassandra-gocql-driver",
    "github.com/apache/pulsar-client-go",
    "github.com/confluentinc/confluent-kafka-go",
    "github.com/gocql/gocql",
    "github.com/jackc/pgx",
    "github.com/jmoiron/sqlx",
    "github.com/nats-io/nats.go",
    "github.com/rabbitmq/amqp091-go",
    "github.com/redis/go-redis",
    "github.com/segmentio/kafka-go",
    "github.com/twmb/franz-go",
    "go.mongodb.org/mongo-driver",
    "google.golang.org/grpc",
    "gorm.io/gorm",
];

const SIGNALS: &[&str] = &["os/signal.Notify", "os/signal.NotifyContext"];

const STOP: &str = "google.golang.org/grpc.Server.Stop";
const GRACEFUL: &str = "google.golang.org/grpc.Server.GracefulStop";

fn stops(cx: &mut Cx, call: Call) {
    cx.examined();
    if call.callee.is(&[GRACEFUL]) {
        return waits_for_streams(cx, call);
    }
    if cx.package_mentions(&["GracefulStop"]) != Some(false) {
        return;
    }
    let name = cx.source(call.fun);
    cx.report(call.fun, format!("`{name}` ends the calls in progress, and nothing in this package waits for them"))
        .severity(Severity::Medium)
        .question()
        .note("call `GracefulStop` first, and this once a time limit is over");
}

/// A stream lives for as long as its client likes.
fn waits_for_streams(cx: &mut Cx, call: Call) {
    if cx.package_finds(streaming) != Some(true) || cx.package_calls(&[STOP]) != Some(false) {
        return;
    }
    // The function may tell the streams before that they have to end.
    let tells = |&node: &Node| match node {
        Node::Expr(id) if cx.span(id).start < cx.span(call.expr).start => {
            matches!(
                words(cx.callee_word(id)).first().map(String::as_str),
                Some("cancel" | "close" | "shutdown" | "stop")
            )
        }
        _ => false,
    };
    let around = cx.enclosing_func(call.expr);
    if around.is_some_and(|func| cx.calls_within(func.body, false).iter().take(64).any(tells)) {
        return;
    }
    let name = cx.source(call.fun);
    cx.report(call.fun, format!("`{name}` waits for each stream, however long its client takes"))
        .severity(Severity::Medium)
        .question()
        .note("call it in a goroutine, and `Stop` once a time limit is over");
}

/// A method of a gRPC service that has a stream.
fn streaming(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(decl.into()).filter(|&func| cx.caller(func) == Some(Caller::Client))?;
    cx.stream_of(func)
}

fn check(file: &mut FileCx) {
    if !is_program(file) || !any_call(file, serves) {
        return;
    }
    let stops =
        file.file.imports_any(FRAMEWORKS) || any_call(file, |cx, call| cx.calls(call, SIGNALS) || shuts_down(cx, call));
    let mut reported = false;
    file.each_piece(|cx| {
        for call in serving_calls(cx) {
            cx.examined();
            if !stops && !reported && !is_beside(cx, call) && !is_local(cx, call) {
                reported = true;
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

/// Whether the server runs in a goroutine, beside something that `main` does; to block forever is nothing to do.
fn is_beside(cx: &Cx, call: ExprId) -> bool {
    let Some(go) = cx.around(call, |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_))))
    else {
        return false;
    };
    let Node::Stmt(go) = go else { return false };
    !matches!(cx.siblings(go).last(), Some(&last) if blocks_forever(cx, last))
}

fn blocks_forever(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::Select { clauses } => clauses.is_empty(),
        Stmt::For { cond: None, body, .. } => cx.list_of(Node::Stmt(body)).is_empty(),
        _ => false,
    }
}

fn report(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let edit = graceful(cx, call);
    let address = cx.call(call).and_then(|call| call.args.first()).map_or("", |&first| cx.source(first));
    let severity = if is_for_operators(cx, call) || is_operational(address) || serves_operators(cx, call) {
        Severity::Low
    } else if cx.file.imports_any(STATEFUL) {
        Severity::High
    } else {
        Severity::Medium
    };
    let stop = match cx.calls(call, &["google.golang.org/grpc.Server.Serve"]) {
        true => "`GracefulStop`, and `Stop` once a time limit is over",
        false => "`Shutdown` with a time limit",
    };
    let report = cx
        .report(fun, format!("`{}` serves until the process is killed, with requests in flight", cx.source(fun)))
        .severity(severity)
        .note(format!("catch SIGTERM with `signal.NotifyContext`, then call {stop}"))
        .fix("Shut down on SIGTERM", edit);
    let imports = ["context", "errors", "os", "os/signal", "syscall", "time"];
    imports.into_iter().fold(report, |report, path| report.needing(path));
}

/// `log.Fatal(http.ListenAndServe(…))` as a server that is shut down, where main has no names that get in the way.
fn graceful(cx: &Cx, call: ExprId) -> Option<(Span, String)> {
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
