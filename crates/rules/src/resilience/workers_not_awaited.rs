//! `main` tells its workers to stop and returns without waiting for them.
//!
//! A worker that gets a context stops when the context ends: it finishes the message at hand, writes its buffer, commits. That takes a
//! moment, and when `main` returns the process is gone. So each deployment cuts off what is in flight. Count the workers in a
//! `sync.WaitGroup` or start them with an errgroup, and wait after the end of the context, with a limit.
//!
//! Limits: only workers that are started in `main`, or in `run` of a command, with a context that ends before the function does. Where
//! something after that may wait, nothing is said.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//! 	"os/signal"
//! 	"syscall"
//! )
//!
//! func main() {
//! 	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
//! 	defer stop()
//! 	jobs := make(chan string)
//! 	go work(ctx, jobs)
//! 	//<^^^^^^^ `main` returns as soon as `ctx` has ended, and does not wait for `work`
//! 	<-ctx.Done()
//! }
//!
//! func work(ctx context.Context, jobs <-chan string) {
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 			return
//! 		case job := <-jobs:
//! 			save(job)
//! 		}
//! 	}
//! }
//!
//! func save(string) {}
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//! 	"os/signal"
//! 	"sync"
//! 	"syscall"
//! )
//!
//! func main() {
//! 	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
//! 	defer stop()
//! 	var wg sync.WaitGroup
//! 	jobs := make(chan string)
//! 	wg.Add(1)
//! 	go func() {
//! 		defer wg.Done()
//! 		work(ctx, jobs)
//! 	}()
//! 	<-ctx.Done()
//! 	wg.Wait()
//! }
//!
//! func work(ctx context.Context, jobs <-chan string) {
//! 	for {
//! 		select {
//! 		case <-ctx.Done():
//! 			return
//! 		case job := <-jobs:
//! 			save(job)
//! 		}
//! 	}
//! }
//!
//! func save(string) {}
//! ```
//!
//! # Impact
//!
//! Workers get the signal and no time: messages are left half done, buffers unwritten, transactions to be rolled back
//! by the server. After each deployment there are duplicates or gaps, as many as there were workers. The log ends
//! before the workers' last lines.
//!
//! # Verify
//!
//! - `kill -TERM PID`: with a worker that logs its end; the line has to be there before the process exits
//! - `go test -race -run {test} {package}`: cancel the context and assert that `Run` returns only after the worker has
//!
//! # Options
//!
//! - Count them in a `sync.WaitGroup` and wait with a limit: small, and errors are collected elsewhere
//!   - senior, throughput: no dependency
//! - Run them in an errgroup: waits, cancels the others on the first error and returns it
//!   - cloud-native, backend, data: one place that knows when everything has ended
//!
//! # References
//!
//! - [Package errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup)
//! - [Package os/signal, NotifyContext](https://pkg.go.dev/os/signal#NotifyContext)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/workers-not-awaited",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 3), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check)],
    examines: "workers of main",
};

fn check(cx: &mut Cx, go: StmtId) {
    let Some(func) = cx.enclosing_func(go).filter(|_| cx.file.is_main()) else { return };
    let Node::Decl(decl) = func.node else { return };
    let Some(name @ ("main" | "run")) = cx.func_name(decl) else { return };
    let Some(spawn) = cx.spawn(Node::Stmt(go)) else { return };
    cx.examined();
    let Some(context) = spawn.args.iter().copied().find(|&arg| is_own_context(cx, arg)) else { return };
    // It looks at its context, or at a channel: it does not only call something once.
    let polls = || cx.call(spawn.call).and_then(|call| cx.find_within(call, polls, 0)).is_some();
    if !cx.callee_communicates(spawn.call) && !polls() {
        return;
    }
    let list = cx.list_of(Node::Stmt(func.body));
    let Some(ends) = list.iter().rposition(|&stmt| is_end_of(cx, stmt, context)) else { return };
    let begins = cx.span(go).end <= cx.span(list[ends]).start;
    let waits = |&&stmt: &&StmtId| may_wait(cx, stmt);
    let deferred = |stmt: &&StmtId| matches!(cx.stmt(**stmt), Stmt::Defer(_));
    let (before, after) = list.split_at(ends);
    if !begins
        || after.iter().skip(1).any(|stmt| waits(&stmt))
        || before.iter().filter(deferred).any(|stmt| waits(&stmt))
    {
        return;
    }
    let (context, worker) = (cx.source(context), cx.callee_text(spawn.call));
    let steps = vec![
        (cx.start_of(&spawn), format!("`{worker}` starts here")),
        (cx.span(list[ends]), format!("`{context}` has ended here, and `{worker}` begins to stop")),
    ];
    cx.report_span(
        cx.start_of(&spawn),
        format!("`{name}` returns as soon as `{context}` has ended, and does not wait for `{worker}`"),
    )
    .steps(steps)
    .note("what it has at hand is cut off; count it in a `sync.WaitGroup` and wait for it before the function returns");
}

/// The condition of a loop that asks whether a context has ended.
fn polls(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let asks = |id| cx.calls(id, &["context.Context.Err"]) && cx.loop_while(id).is_some();
    cx.find_expr(cx.as_func(decl.into())?.body, false, asks)
}

/// Whether an expression is a local context that a signal or a `cancel` of this function ends.
fn is_own_context(cx: &Cx, arg: ExprId) -> bool {
    const ENDS: &[&str] = &["context.WithCancel", "os/signal.NotifyContext"];
    cx.origin(arg).is_some_and(|(value, at)| at == 0 && cx.calls(value, ENDS))
}

/// Whether a statement waits for the end of a context: `<-ctx.Done()`.
fn is_end_of(cx: &Cx, stmt: StmtId, context: ExprId) -> bool {
    let Stmt::Expr(receive) = cx.stmt(stmt) else { return false };
    let Expr::Unary { op: UnaryOp::Recv, operand } = cx.expr(cx.unparen(receive)) else { return false };
    matches!(cx.method_call(operand), Some((of, "Done", [])) if cx.def(cx.unparen(of)) == cx.def(cx.unparen(context)))
}

/// Whether a statement may wait for something else than a server's requests.
fn may_wait(cx: &Cx, stmt: StmtId) -> bool {
    const KNOWN: &[&str] = &["errors", "fmt", "log", "log/slog", "net/http", "context", "os", "time"];
    cx.any(stmt, true, |node| match node {
        Node::Stmt(id) => {
            matches!(cx.stmt(id), Stmt::Select { .. } | Stmt::Range { .. } | Stmt::For { .. } | Stmt::Send { .. })
        }
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { .. } => match cx.callee(id) {
                // A library's client waits for nobody who uses it.
                Some(callee) if callee.name == "Close" && cx.known(&callee).is_some() => false,
                Some(callee) => !KNOWN.contains(&callee.path) || callee.name == "Sleep",
                // A builtin, or what a variable holds: `cancel()`.
                None => !matches!(cx.callee_word(id), "cancel" | "stop" | "close" | "panic"),
            },
            _ => false,
        },
        _ => false,
    })
}
