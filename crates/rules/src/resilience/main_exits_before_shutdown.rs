//! A function that serves returns while a goroutine is still shutting the server down.
//!
//! `ListenAndServe` and `Serve` return as soon as `Shutdown` is called, and the program must not exit before `Shutdown`
//! itself returns (documentation of `net/http.Server.Shutdown`). When a goroutine calls it and `main` ends after serving, the
//! process is gone before the requests in flight are answered; and what a deferred `Close` closes is gone under them. Let the
//! function wait for the goroutine, or serve in the goroutine and shut down in the function. `Serve` of gRPC itself waits until `Stop` or
//! `GracefulStop` has ended.
//!
//! Limits: the goroutine must be started in the function that serves, and call the server's method in the same file. Where that function is
//! neither `main`, nor called by the last statement of `main` in the same file, nor closes anything, its caller may wait, and the
//! finding is a question.
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
//! func run(ctx context.Context, db *sql.DB, h http.Handler) error {
//! 	defer db.Close()
//! 	srv := &http.Server{Addr: ":8080", Handler: h}
//! 	go func() {
//! 		<-ctx.Done()
//! 		srv.Shutdown(context.Background())
//! 	}()
//! 	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
//! 		//       ^^^^^^^^^^^^^^^^^^ `run` goes on to `db.Close` as soon as `srv.Shutdown` begins
//! 		return err
//! 	}
//! 	return nil
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
//! ```go good
//! func run(ctx context.Context, lis net.Listener) error {
//! 	srv := grpc.NewServer()
//! 	go func() {
//! 		<-ctx.Done()
//! 		srv.GracefulStop()
//! 	}()
//! 	return srv.Serve(lis) // returns when GracefulStop has ended
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
use gopeer_lint::{FuncName, Step, func_name};

use super::support::{CLOSES, any_call, is_program, mentions, serves, shuts_down};

/// The words in the names of what ends serving.
const ENDS: &[&str] = &["Shutdown", "Stop", "Close"];

pub static RULE: Rule = Rule {
    id: "resilience/main-exits-before-shutdown",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::DataLoss, 1), (Concern::Operability, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::File(check)],
    examines: "functions that serve",
};

fn check(file: &mut FileCx) {
    if file.file.is_test() || !ENDS.iter().any(|end| mentions(file, end)) || !any_call(file, serves) {
        return;
    }
    let program = is_program(file);
    let mut last = None;
    let mut stoppers = Vec::new();
    file.each_piece(|cx| {
        for &decl in cx.tree.roots() {
            last = last.take().or_else(|| called_last(cx, decl));
            stoppers.extend(func_name(cx.tree, decl).zip(shuts(cx, decl)));
        }
    });
    file.each_piece(|cx| {
        for &decl in cx.tree.roots() {
            let Decl::Func { recv, name, body: Some(body), .. } = cx.decl(decl) else { continue };
            let name = cx.source(name);
            let end = match recv.is_empty() && (name == "main" || last.as_deref() == Some(name)) {
                true if program => End::Process,
                _ if program => End::Nothing,
                _ => End::Unknown,
            };
            check_body(cx, body, (name, end), &stoppers);
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

/// What ends with a function.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Process,
    /// Nothing: `main` goes on.
    Nothing,
    Unknown,
}

fn check_body(cx: &mut Cx, body: StmtId, (name, end): (&str, End), stoppers: &[Stopper]) {
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    let stmts = cx.stmts(stmts);
    let last = stmts.iter().enumerate().rev().find_map(|(at, &stmt)| Some((at, serving(cx, stmt)?)));
    let Some((at, serve)) = last else { return };
    cx.examined();
    let before = &stmts[..=at];
    let Some((go, (stops, step))) =
        before.iter().find_map(|&stmt| Some((stmt, shutting_down(cx, stmt, serve, stoppers)?)))
    else {
        return;
    };
    let deferred = |&&stmt: &&StmtId| matches!(cx.stmt(stmt), Stmt::Defer(_));
    let then = stmts[at..].iter().chain(before.iter().filter(deferred));
    if then.clone().any(|&stmt| waits(cx, stmt, serve)) {
        return;
    }
    let closes = then.filter(|&&stmt| !handles_failure(cx, stmt)).find_map(|&stmt| closing(cx, stmt));
    let closes = closes.filter(|_| end != End::Process);
    if end == End::Nothing && closes.is_none() {
        return;
    }
    let Expr::Call { fun, .. } = cx.expr(serve) else { return };
    let edits = before.last().and_then(|&stmt| waiting(cx, go, stmt));
    let message = match closes {
        Some(close) => {
            format!(
                "`{name}` goes on to `{}` as soon as `{stops}` begins, with requests in flight",
                cx.callee_text(close)
            )
        }
        None => format!("`{name}` returns as soon as `{stops}` begins, with requests in flight"),
    };
    let mut steps = vec![step];
    steps.extend(closes.map(|close| Step::from((cx.span(close), "requests that still run may use it".to_owned()))));
    let report = cx.report(fun, message).steps(steps).fix("Wait for the goroutine", edits.into_iter().flatten());
    if end == End::Unknown && closes.is_none() {
        report.severity(Severity::Medium).question();
    }
}

/// The call that serves in this statement, unless it runs beside `main`, or waits until the server has been shut down.
fn serving(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let beside = matches!(cx.stmt(stmt), Stmt::Go(_) | Stmt::Defer(_));
    let returns_early = |id| serves(cx, id) && !cx.calls(id, &["google.golang.org/grpc.Server.Serve"]);
    cx.find_expr(stmt, false, returns_early).filter(|_| !beside)
}

/// Where a goroutine shuts the server down which is served with: what is called, and the step that shows it.
fn shutting_down<'a>(cx: &Cx<'a>, stmt: StmtId, serve: ExprId, stoppers: &[Stopper]) -> Option<(&'a str, Step)> {
    let Stmt::Go(go) = cx.stmt(stmt) else { return None };
    let server = cx.method_call(serve).map(|(server, ..)| cx.source(server))?;
    let stops =
        |expr| shuts_down(cx, expr) && cx.method_call(expr).is_some_and(|(stopped, ..)| cx.source(stopped) == server);
    if let Some(call) = cx.find_expr(go, true, stops)
        && let Expr::Call { fun, .. } = cx.expr(call)
    {
        return Some((cx.source(fun), (cx.span(fun), RETURNS.to_owned()).into()));
    }
    let call = cx.call(go)?;
    let holds = |&given: &ExprId| {
        server.strip_prefix(cx.source(given)).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let given = call.args.iter().chain(&call.receiver).any(holds);
    let callee = cx.own_function(call.callee).filter(|_| given)?;
    let (within, at) = stoppers.iter().find(|(name, _)| *name == callee)?;
    Some((cx.source(call.fun), Step::within(FuncName::clone(within), *at, RETURNS)))
}

/// Whether an `if` tells a failure of serving from the end of the server, so that it closes something after a failure.
fn handles_failure(cx: &Cx, stmt: StmtId) -> bool {
    matches!(cx.stmt(stmt), Stmt::If { .. }) && knows_the_end(cx, stmt)
}

/// Whether a statement tells an orderly end from a failure.
fn knows_the_end(cx: &Cx, stmt: StmtId) -> bool {
    cx.find_expr(stmt, false, |id| cx.denotes(id, &["net/http.ErrServerClosed"])).is_some()
}

const RETURNS: &str = "serving returns when this begins, not when it is done";

/// A function of the file, and the call in it that shuts a server down.
type Stopper = (FuncName, ExprId);

/// The call in a function that shuts a server down.
fn shuts(cx: &Cx, decl: DeclId) -> Option<ExprId> {
    cx.find_expr(cx.as_func(decl.into())?.body, false, |expr| shuts_down(cx, expr))
}

/// Whether the statement may wait for something, or hands over to what may.
fn waits(cx: &Cx, stmt: StmtId, serve: ExprId) -> bool {
    const WAITS: &[&str] = &["Wait", "Join", "Sleep"];
    // Of the statement that serves, only what comes after that counts.
    let serving = cx.span(serve);
    let begins = if cx.span(stmt).contains(serving) { serving.end } else { 0 };
    cx.any(stmt, true, |node| match node {
        _ if cx.tree.span(node).start < begins => false,
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Select { .. } | Stmt::Range { .. }),
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { fun, .. } if !cx.is_type_expr(fun) => {
                WAITS.iter().any(|word| cx.callee_word(id).contains(word))
                    || shuts_down(cx, id)
                    || is_own_call(cx, id, fun)
            }
            _ => false,
        },
        _ => false,
    })
}

/// Whether a call runs what this package, or one of its module, does there; of a literal, the statements are looked at.
fn is_own_call(cx: &Cx, call: ExprId, fun: ExprId) -> bool {
    match cx.call(call) {
        Some(call) => cx.is_own(&call.callee),
        None => {
            !matches!(cx.expr(cx.unparen(fun)), Expr::FuncLit { .. })
                && !cancels(cx, fun)
                && cx.def(fun) != Def::Universe
        }
    }
}

/// Whether a function is one that ends a context: `stop` of `ctx, stop := signal.NotifyContext(…)`.
fn cancels(cx: &Cx, fun: ExprId) -> bool {
    cx.has_type(fun, &["context.CancelFunc", "context.CancelCauseFunc"])
}

/// The call in a statement that closes a client which requests may use.
fn closing(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    cx.find_expr(stmt, true, |expr| cx.calls(expr, CLOSES))
}

/// The edits that make `main` wait, where serving tells an orderly end from a failure.
fn waiting(cx: &Cx, go: StmtId, serve: StmtId) -> Option<Vec<(Span, String)>> {
    let Stmt::Go(call) = cx.stmt(go) else { return None };
    let Expr::Call { fun, .. } = cx.expr(call) else { return None };
    let func = cx.as_func(Node::Expr(fun))?;
    let Stmt::Block(stmts) = cx.stmt(func.body) else { return None };
    let first = *cx.stmts(stmts).first()?;
    let taken = cx.tree.all_exprs().any(|(id, expr)| expr == Expr::Ident && cx.source(id) == "done");
    if taken || !matches!(cx.stmt(serve), Stmt::If { .. }) || !knows_the_end(cx, serve) {
        return None;
    }
    let (start, inner, end) = (cx.span(go).start, cx.span(first).start, cx.span(serve).end);
    Some(vec![
        (Span::new(start, start), format!("done := make(chan struct{{}})\n{}", cx.indent(go))),
        (Span::new(inner, inner), format!("defer close(done)\n{}", cx.indent(first))),
        (Span::new(end, end), format!("\n{}<-done", cx.indent(serve))),
    ])
}
