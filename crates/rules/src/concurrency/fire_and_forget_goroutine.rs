//! A handler starts a goroutine that nothing waits for and nothing can stop.
//!
//! A process that shuts down waits for the requests that are being served and not for this goroutine: the mail is not sent,
//! the record is written by half. Its errors reach nobody, a panic in it ends the process, and a burst of requests starts as many of
//! them. Do the work before the answer, give it to a worker that `Shutdown` waits for, or count it in a `sync.WaitGroup` of the server. Where
//! it may be lost, a comment at the `go` statement says so.
//!
//! Limits: only goroutines of functions that answer requests or handle messages are looked at. One that gets a context or a channel,
//! or calls `Done`, counts as one that somebody waits for or can stop.
//!
//! ```go bad
//! func register(w http.ResponseWriter, r *http.Request) {
//! 	user := r.FormValue("user")
//! 	go sendMail(user)
//! 	//<^^^^^^^^^^^ nothing waits for `sendMail` when the process ends
//! 	w.WriteHeader(http.StatusAccepted)
//! }
//! ```
//! ```go good
//! type server struct {
//! 	background sync.WaitGroup // Shutdown waits for it
//! }
//!
//! func (s *server) register(w http.ResponseWriter, r *http.Request) {
//! 	user := r.FormValue("user")
//! 	s.background.Add(1)
//! 	go func() {
//! 		defer s.background.Done()
//! 		sendMail(user)
//! 	}()
//! 	// The counter may miss some.
//! 	go count(user)
//! 	w.WriteHeader(http.StatusAccepted)
//! }
//! ```
//!
//! # Impact
//!
//! The goroutine is cut off at each deployment, its errors reach nobody, and a panic in it ends the process. A burst of
//! requests starts as many of them as it has requests.
//!
//! # Verify
//!
//! - `kill -TERM PID`: right after a request; the work has to be done or to be found again after the restart
//! - `go test -race -run {test} {package}`: end the test's server right after the response
//!
//! # Options
//!
//! - Do it before answering: no goroutine, a slower response and an error that the client sees
//!   - backend: the contract covers it
//! - Hand it to a worker that shutdown waits for: fast response, bounded number, survives a rollout
//!   - senior, cloud-native, throughput: the server owns its goroutines
//! - Write it to an outbox: survives a crash as well
//!   - data: the work stays in a table until it is done
//!
//! # References
//!
//! - [Package errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup)
use gopeer_lint::Spawn;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/fire-and-forget-goroutine",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 2), (Concern::Leak, 2), (Concern::Operability, 1)],
    equivalents: &["semgrep:hidden-goroutine"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check)],
    examines: "goroutines of handlers",
};

fn check(cx: &mut Cx, go: StmtId) {
    let Some(spawn) = cx.spawn(Node::Stmt(go)).filter(|_| cx.handler(go).is_some()) else { return };
    cx.examined();
    if cx.comments_at(go).next().is_some() || is_held(cx, &spawn) || cx.endless(&spawn).is_some() {
        return;
    }
    let what = cx.goroutine_in_words(&spawn);
    let starts = cx.start_of(&spawn);
    cx.report_span(starts, format!("nothing waits for {what} when the process ends"))
        .note("what it has begun is lost then; give it to a worker that the shutdown waits for, or say in a comment that it may be lost");
}

/// Whether somebody may wait for a goroutine, or stop it: it communicates, has a context, or is counted. One that loops lives longer
/// than what it was started for, and has its own way to end.
fn is_held(cx: &Cx, spawn: &Spawn) -> bool {
    const ENDS: &[&str] = &["Broadcast", "Cancel", "Close", "Done", "Shutdown", "Signal", "Stop", "Unlock", "cancel"];
    let communicates = |node: Node| match node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Send { .. } | Stmt::Select { .. } | Stmt::For { .. }),
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { fun, .. } => {
                cx.is_builtin(fun, "close")
                    || ENDS.contains(&cx.callee_word(id))
                    || cx.has_type(id, &["context.Context"])
            }
            Expr::Ident => is_lifeline(cx, id),
            _ => false,
        },
        _ => false,
    };
    // What another package does to be waited for does not show.
    let foreign =
        cx.as_func(Node::Expr(spawn.runs)).is_none() && cx.callee(spawn.call).is_some_and(|callee| !cx.is_own(&callee));
    foreign
        || [spawn.call, spawn.runs].iter().any(|&part| cx.any(part, true, communicates))
        || cx.callee_communicates(spawn.call)
}

/// Whether an identifier names a channel, or a context that ends.
fn is_lifeline(cx: &Cx, ident: ExprId) -> bool {
    matches!(cx.under(ident), Type::Chan { .. })
        || cx.has_type(ident, &["context.Context"]) && matches!(cx.def(ident), Def::Local(_))
}
