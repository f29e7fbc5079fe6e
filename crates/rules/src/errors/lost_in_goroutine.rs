//! A goroutine drops the error of what it runs.
//!
//! If a server cannot bind its port, or the broker of a consumer is gone, the goroutine ends and the process goes on without the
//! part it is there for, and its health checks may stay green. Send the error to whoever waits, through a channel or an
//! `errgroup.Group`, and stop or restart there. The finding is low for calls that neither serve, wait nor
//! write, and for those that take something back in the process or on its disk. Calls of one function of the project are one finding.
//!
//! Limits: not reported are clean-up, copies between two connections, what cannot fail or is logged elsewhere by the facts of the
//! library, and calls of functions whose type is not known. A goroutine that another function starts is not found.
//!
//! ```go bad
//! func main() {
//! 	srv := &http.Server{Addr: ":8080"}
//! 	go srv.ListenAndServe()
//! 	// ^^^^^^^^^^^^^^^^^^ `srv.ListenAndServe` can fail, and the goroutine drops its error
//! 	select {}
//! }
//! ```
//! ```diff fixed
//! -	go srv.ListenAndServe()
//! +	go func() {
//! +		if err := srv.ListenAndServe(); err != nil {
//! +			slog.Error("srv.ListenAndServe failed", "error", err)
//! +		}
//! +	}()
//! ```
//! ```go bad
//! func start(ctx context.Context) {
//! 	go func() {
//! 		consume(ctx)
//! //^^^^^^^ `consume` can fail, and the goroutine drops its error
//! 	}()
//! }
//!
//! func consume(ctx context.Context) error { return ctx.Err() }
//! ```
//! ```diff fixed
//! -		consume(ctx)
//! +		if err := consume(ctx); err != nil {
//! +			slog.Error("consume failed", "error", err)
//! +		}
//! ```
//! ```go bad
//! import "github.com/redis/go-redis/v9"
//!
//! func flush(ctx context.Context, pipe redis.Pipeliner) {
//! 	go pipe.Exec(ctx)
//! 	// ^^^^^^^^^ `pipe.Exec` can fail, and the goroutine drops its error
//! }
//! ```
//! ```diff fixed
//! -	go pipe.Exec(ctx)
//! +	go func() {
//! +		if _, err := pipe.Exec(ctx); err != nil {
//! +			slog.Error("pipe.Exec failed", "error", err)
//! +		}
//! +	}()
//! ```
//! ```go good
//! func run(srv *http.Server) error {
//! 	failed := make(chan error, 1)
//! 	go func() { failed <- srv.ListenAndServe() }() // goes to whoever waits
//! 	return <-failed
//! }
//! ```
//! ```go good
//! func stop(ctx context.Context, srv *http.Server, conn net.Conn) {
//! 	go func() {
//! 		<-ctx.Done()
//! 		conn.Close()
//! 		srv.Shutdown(context.WithoutCancel(ctx)) // clean-up at the end: nothing is left to do if it fails
//! 	}()
//! }
//! ```
//! ```go good
//! func proxy(conn net.Conn) {
//! 	go io.Copy(os.Stdout, conn) // ends when either side closes
//! }
//! ```
//!
//! # Idiom
//!
//! A goroutine has no result. Its error travels on a channel or through an errgroup, whose `Wait` returns the first one.
//!
//! # Impact
//!
//! A server that could not bind its port, or a consumer that lost its broker, is gone while the process stays up:
//! probes that look at another port pass, traffic fails. Where it is a write, the data is lost. The reason is nowhere
//! in the log.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: occupy the port first, or use a fake that fails at once; the process has to end
//!   or to report it
//!
//! # Options
//!
//! - Run it in an errgroup and end when it fails: the orchestrator restarts the process, with the error as last line
//!   - senior, cloud-native, data: half a process is worse than none
//! - Send the error to a channel that `main` reads: the same without a dependency
//!   - throughput, backend: explicit, and easy to fake
//! - Log the error: nothing else changes, and nobody but the log knows that the work has ended
//!
//! # References
//!
//! - [Package errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup)
use gopeer_lint::Wanted;
use gopeer_lint::prelude::*;

use super::clean_up::{REASONS, comes_after_failure, gives_back, runs_in_goroutine, undoes};
use super::ignorable::is_ignorable;
use super::log_and_return::is_logged;
use super::propagate::{logged_call, logging};
use super::support::{is_command, own_callee, waits, writes};

pub static RULE: Rule = Rule {
    id: "errors/lost-in-goroutine",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3)],
    equivalents: &["errcheck"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Go, StmtKind::Expr], check)],
    examines: "goroutines that run what can fail",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let (call, started) = match cx.stmt(stmt) {
        Stmt::Go(call) => (cx.unparen(call), true),
        Stmt::Expr(call) => (cx.unparen(call), false),
        _ => return,
    };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if !cx.returns_error(call) || !(started || runs_in_goroutine(cx, stmt)) {
        return;
    }
    cx.examined();
    if is_expected(cx, stmt, call) || is_ignorable(cx, call) || reads_own_result(cx, fun) || logs_itself(cx, fun) {
        return;
    }
    let callee = own_callee(cx, call);
    let (name, reason) = (cx.callee_text(call), cx.explanation(stmt, REASONS));
    let edit = logged(cx, stmt, call, started);
    let literal = matches!(cx.expr(fun), Expr::FuncLit { .. });
    let at = if literal { cx.span(stmt) } else { cx.span(fun) };
    let component = words(name.rsplit('.').next().unwrap_or_default()).iter().any(|word| is_component(word));
    // `go cmd.Wait()` reaps a process.
    let matters = component || literal || writes(cx, call) || waits(cx, call) && !cx.calls(call, &["os/exec.Cmd.Wait"]);
    let severity = match matters && (component || !is_command(cx, stmt)) && !undoes(cx, call) {
        true => Severity::Medium,
        false => Severity::Low,
    };
    let note = match component {
        true => "send it through a channel or an errgroup.Group to whoever can stop or restart the component",
        false => "log it, or send it through a channel or an errgroup.Group to whoever can act on it",
    };
    let report = cx
        .report_span(at, format!("`{name}` can fail, and the goroutine drops its error"))
        .note(note)
        .severity(severity)
        .excused(reason)
        .one_cause_if(callee);
    if let Some(edit) = edit.filter(|_| !literal) {
        report.fix("Log the error", [edit]).needing("log/slog");
    }
}

/// A word in the name of what runs for as long as the program.
fn is_component(word: &str) -> bool {
    ["consume", "listen", "run", "serve", "start", "watch"].contains(&word)
}

/// Clean-up, copies between two connections that end when either does, and a wait for what reports elsewhere.
fn is_expected(cx: &Cx, stmt: StmtId, call: ExprId) -> bool {
    gives_back(cx, stmt, call)
        || cx.calls(call, &["io.Copy", "io.CopyBuffer", "golang.org/x/sync/errgroup.Group.Wait"])
        || cx.callee_text(call).to_ascii_lowercase().contains("copy")
        || comes_after_failure(cx, stmt)
}

/// Whether what is called is a closure that logs an error.
fn logs_itself(cx: &Cx, fun: ExprId) -> bool {
    let fun = cx.unparen(fun);
    let Some(func) = cx.as_func(Node::Expr(cx.initial_value(fun).unwrap_or(fun))) else { return false };
    let logs: Wanted = |cx, node| {
        let is_error = |id| cx.expr(id) == Expr::Ident && cx.ty(id) == TypeId::ERROR;
        matches!(node, Node::Expr(id) if is_logged(cx, id) && cx.find_expr(id, false, is_error).is_some())
    };
    !cx.within(func.body, false, logs).is_empty()
}

/// `go func() (err error) { defer func() { … err … }() … }()`: a named result can be read by what is deferred.
fn reads_own_result(cx: &Cx, fun: ExprId) -> bool {
    let Expr::FuncLit { ty, .. } = cx.expr(cx.unparen(fun)) else { return false };
    let Expr::FuncType { results, .. } = cx.expr(ty) else { return false };
    cx.params(results).last().is_some_and(|(name, _)| name.is_some())
}

/// The edit that logs the error of a statement, in a function literal of its own where `go` stands before it.
fn logged(cx: &Cx, stmt: StmtId, call: ExprId, started: bool) -> Option<(Span, String)> {
    if !started {
        return logged_call(cx, stmt, call);
    }
    let outer = cx.indent(stmt);
    let body = logging(cx, call, &format!("{outer}\t"))?;
    Some((cx.span(stmt), format!("go func() {{\n{outer}\t{body}\n{outer}}}()")))
}
