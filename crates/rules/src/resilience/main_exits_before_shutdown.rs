//! `main` returns while a goroutine is still shutting the server down.
//!
//! `ListenAndServe` and `Serve` return as soon as `Shutdown` is called, and the program must not exit before `Shutdown`
//! itself returns (documentation of `net/http.Server.Shutdown`). When a goroutine calls it and `main` ends after serving, the
//! process is gone before the requests in flight are answered. Let `main` wait for the goroutine, or serve in the goroutine
//! and shut down in `main`.
//!
//! Limits: the goroutine must be a function literal in the function that serves, and that function `main`, or one that the
//! last statement of `main` calls in the same file.
//!
//! ```go bad
//! func main() {
//! 	srv := &http.Server{Addr: ":8080"}
//! 	go func() {
//! 		stop := make(chan os.Signal, 1)
//! 		signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
//! 		<-stop
//! 		srv.Shutdown(context.Background())
//! 	}()
//! 	if err := srv.ListenAndServe(); err != http.ErrServerClosed {
//! 	//        ^^^^^^^^^^^^^^^^^^ `main` returns as soon as `srv.Shutdown` begins
//! 		log.Fatal(err)
//! 	}
//! }
//! ```
//! ```diff fixed
//! +	done := make(chan struct{})
//! +		defer close(done)
//! +	<-done
//! ```
//! ```go bad
//! func main() {
//! 	srv := grpc.NewServer()
//! 	go func() {
//! 		<-ctx.Done()
//! 		srv.GracefulStop()
//! 	}()
//! 	log.Fatal(srv.Serve(lis))
//! 	//        ^^^^^^^^^ `main` returns as soon as `srv.GracefulStop` begins
//! }
//! ```
//! ```go good
//! func main() {
//! 	srv := &http.Server{Addr: ":8080"}
//! 	idle := make(chan struct{})
//! 	go func() {
//! 		defer close(idle)
//! 		<-ctx.Done()
//! 		srv.Shutdown(context.Background())
//! 	}()
//! 	if err := srv.ListenAndServe(); err != http.ErrServerClosed {
//! 		log.Fatal(err)
//! 	}
//! 	<-idle // waits for the goroutine
//! }
//! ```
//! ```go good
//! func main() {
//! 	srv := &http.Server{Addr: ":8080"}
//! 	go srv.ListenAndServe() // serves in the goroutine, so that main shuts down
//! 	<-ctx.Done()
//! 	srv.Shutdown(context.Background())
//! }
//! ```
//!
//! # Impact
//!
//! At each deployment the requests in flight are cut off although the code calls `Shutdown`: `main` has already
//! returned. Clients see resets for a second, the load balancer counts 502s, and the log lacks the line after
//! `Shutdown`. A test starts the binary, sends a slow request and then SIGTERM.
//!
//! # Verify
//!
//! - `(curl -s -o out.txt -w '%{http_code}\n' http://localhost:8080/SLOW &) ; sleep 0.2; kill -TERM PID`: the slow
//!   request has to finish with its status
//!
//! # Options
//!
//! - Wait in `main` for a channel that the shutdown goroutine closes: few lines, and the rest of `main` stays
//!   - throughput, senior: serving stays where it is
//! - Serve in a goroutine and shut down in `main`: the order of the end is the order of the code
//!   - cloud-native, backend, data: start, wait, drain, in one function
//!
//! # References
//!
//! - [Package net/http, Server.Shutdown](https://pkg.go.dev/net/http#Server.Shutdown)
use gopeer_lint::prelude::*;

use super::support::{any_call, is_program, serves, shuts_down};

pub static RULE: Rule = Rule {
    id: "resilience/main-exits-before-shutdown",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 1), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    file: file!(),
    examines: "main functions that serve",
};

fn check(file: &mut FileCx) {
    if !is_program(file) || !any_call(file, serves) {
        return;
    }
    let mut last = None;
    file.each_piece(|cx| last = last.take().or_else(|| cx.tree.roots().iter().find_map(|&decl| called_last(cx, decl))));
    file.each_piece(|cx| {
        for &decl in cx.tree.roots() {
            let Decl::Func { recv, name, body: Some(body), .. } = cx.decl(decl) else { continue };
            let name = cx.source(name);
            if recv.is_empty() && (name == "main" || last.as_deref() == Some(name)) {
                check_body(cx, body, name);
            }
        }
    });
}

/// The function of this package that the last statement of `main` calls.
fn called_last(cx: &Cx, decl: DeclId) -> Option<String> {
    let Decl::Func { name, body: Some(body), .. } = cx.decl(decl) else { return None };
    let &last = cx.list_of(Node::Stmt(body)).last().filter(|_| cx.source(name) == "main")?;
    let own = |call| matches!(cx.expr(call), Expr::Call { fun, .. } if matches!(cx.def(fun), Def::Package(_)));
    let Expr::Call { fun, .. } = cx.expr(cx.find_expr(last, false, own)?) else { return None };
    Some(cx.source(fun).to_owned())
}

fn check_body(cx: &mut Cx, body: StmtId, name: &str) {
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    let stmts = cx.stmts(stmts);
    let last = stmts.iter().enumerate().rev().find_map(|(at, &stmt)| Some((at, serving(cx, stmt)?)));
    let Some((at, serve)) = last else { return };
    cx.examined();
    let (before, after) = stmts.split_at(at + 1);
    let Some((go, shutdown)) = before.iter().find_map(|&stmt| Some((stmt, shutting_down(cx, stmt)?))) else { return };
    let deferred = |&&stmt: &&StmtId| matches!(cx.stmt(stmt), Stmt::Defer(_));
    if after.iter().chain(before.iter().filter(deferred)).any(|&stmt| waits(cx, stmt)) {
        return;
    }
    let Expr::Call { fun, .. } = cx.expr(serve) else { return };
    let Expr::Call { fun: shutdown, .. } = cx.expr(shutdown) else { return };
    let edits = before.last().and_then(|&stmt| waiting(cx, go, stmt));
    let message = format!("`{name}` returns as soon as `{}` begins, with requests in flight", cx.source(shutdown));
    let (begins, returns) = (cx.span(shutdown), cx.source(fun));
    cx.report(fun, message)
        .note_at(begins, format!("`{returns}` returns when this call begins, not when it is done"))
        .fix("Wait for the goroutine", edits.into_iter().flatten());
}

/// The call that serves in this statement, unless it runs beside `main`.
fn serving(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let beside = matches!(cx.stmt(stmt), Stmt::Go(_) | Stmt::Defer(_));
    cx.find_expr(stmt, false, |expr| serves(cx, expr)).filter(|_| !beside)
}

/// The call in a goroutine literal that shuts a server down.
fn shutting_down(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let Stmt::Go(call) = cx.stmt(stmt) else { return None };
    cx.find_expr(call, true, |expr| shuts_down(cx, expr))
}

/// Whether the statement may wait for something, or hands over to what may.
fn waits(cx: &Cx, stmt: StmtId) -> bool {
    cx.any(stmt, true, |node| match node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Select { .. } | Stmt::Range { .. }),
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { .. } => match cx.method_call(id) {
                Some((_, name, _)) => {
                    ["Wait", "Shutdown", "Stop", "Close", "Join", "Sleep"].iter().any(|word| name.contains(word))
                }
                None => !cx.callee(id).is_some_and(|name| matches!(name.path, "log" | "fmt" | "log/slog" | "os")),
            },
            _ => false,
        },
        _ => false,
    })
}

/// The edits that make `main` wait, where serving tells an orderly end from a failure.
fn waiting(cx: &Cx, go: StmtId, serve: StmtId) -> Option<Vec<(Span, String)>> {
    let Stmt::Go(call) = cx.stmt(go) else { return None };
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    let func = cx.as_func(Node::Expr(fun))?;
    let Stmt::Block(stmts) = cx.stmt(func.body) else { return None };
    let first = *cx.stmts(stmts).first()?;
    let taken = cx.tree.all_exprs().any(|(id, expr)| expr == Expr::Ident && cx.source(id) == "done");
    if taken || !matches!(cx.stmt(serve), Stmt::If { .. }) || !cx.source(serve).contains("ErrServerClosed") {
        return None;
    }
    let (start, inner, end) = (cx.span(go).start, cx.span(first).start, cx.span(serve).end);
    Some(vec![
        (Span::new(start, start), format!("done := make(chan struct{{}})\n{}", cx.indent(go))),
        (Span::new(inner, inner), format!("defer close(done)\n{}", cx.indent(first))),
        (Span::new(end, end), format!("\n{}<-done", cx.indent(serve))),
    ])
}
