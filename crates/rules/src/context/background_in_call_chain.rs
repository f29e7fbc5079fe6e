//! A fresh `context.Background()` or `context.TODO()` is passed on although the function has a context of its own.
//!
//! The callee then knows nothing of the caller's deadline and cancellation: when the client hangs up or the deadline
//! passes, its query or request keeps running and keeps its connection, and traces break in two. Pass the context on. Work
//! that must outlive the call says so with `context.WithoutCancel(ctx)` (Go 1.21), which keeps the values, under a
//! timeout of its own.
//!
//! Limits: a fresh context that reaches the callee through a variable or wrapped in a timeout is not reported, nor is a
//! context parameter that is never passed on.
//!
//! ```go bad
//! func (s *Store) Save(ctx context.Context, u User) error {
//! 	_, err := s.db.ExecContext(context.Background(), insertUser, u.ID)
//! 	//                         ^^^^^^^^^^^^^^^^^^^^ `s.db.ExecContext` is cut off from `ctx`
//! 	return err
//! }
//! ```
//! ```diff fixed
//! -	_, err := s.db.ExecContext(context.Background(), insertUser, u.ID)
//! +	_, err := s.db.ExecContext(ctx, insertUser, u.ID)
//! ```
//! ```go bad
//! func show(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(context.TODO(), r.URL.Query().Get("id"))
//! 	//                ^^^^^^^^^^^^^^ `load` is cut off from `r.Context()`
//! 	render(w, user, err)
//! }
//! ```
//! ```diff fixed
//! -	user, err := load(context.TODO(), r.URL.Query().Get("id"))
//! +	user, err := load(r.Context(), r.URL.Query().Get("id"))
//! ```
//! ```go good
//! func run(ctx context.Context, srv *http.Server, db *sql.DB) error {
//! 	go audit(context.Background(), "started") // outlives the call on purpose
//! 	if ctx == nil {
//! 		return work(context.Background(), nil)
//! 	}
//! 	slog.InfoContext(context.Background(), "starting")
//! 	tx, err := db.BeginTx(ctx, nil)
//! 	if err != nil {
//! 		DeleteLock(context.Background(), db) // takes back what was done before
//! 		return err
//! 	}
//! 	defer rollback(context.Background(), tx)
//! 	work(ctx, tx)
//! 	<-ctx.Done()
//! 	save(context.Background()) // ctx is over by now
//! 	stopCtx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
//! 	defer cancel()
//! 	return srv.Shutdown(stopCtx)
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::comes_after_the_end;

pub static RULE: Rule = Rule {
    id: "context/background-in-call-chain",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Cancellation, 3), (Concern::Leak, 1), (Concern::Operability, 1)],
    equivalents: &[
        "contextcheck",
        "gosec:G118",
        "staticcheck:SA1012",
        "semgrep:context-todo",
        "revive:unused-parameter",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

/// Types of parameters that carry a context, and how it is read from them.
const CARRIERS: &[(&str, &str)] = &[
    ("context.Context", ""),
    ("net/http.Request", ".Context()"),
    ("github.com/gin-gonic/gin.Context", ".Request.Context()"),
    ("github.com/labstack/echo/v4.Context", ".Request().Context()"),
];

/// Parts of the names of functions that clean up, or make a context out of another.
const DETACHED: &[&str] = &[
    "audit",
    "cleanup",
    "close",
    "context",
    "detach",
    "disconnect",
    "flush",
    "release",
    "revoke",
    "rollback",
    "shutdown",
    "stop",
    "unlock",
];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if !args.is_empty() || !cx.denotes(fun, &["context.Background", "context.TODO"]) {
        return;
    }
    let Some(callee) = callee(cx, call) else { return };
    let Some(func) = cx.enclosing_func(call) else { return };
    let Some(own) = own_context(cx, func) else { return };
    cx.examined();
    if is_detached(cx, callee) || comes_after_the_end(cx, call) || undoes(cx, callee) || says_why(cx, call) {
        return;
    }
    let message = format!("`{}` is cut off from `{own}` by a fresh context", cx.source(callee));
    let span = cx.span(call);
    cx.report(call, message)
        .note("work that must outlive the call can use `context.WithoutCancel` and a timeout of its own")
        .fix(format!("Pass `{own}`"), [(span, own)]);
}

/// What is called with the fresh context, unless by `go` or `defer`.
fn callee(cx: &Cx, argument: ExprId) -> Option<ExprId> {
    let Node::Expr(outer) = cx.tree.parent(argument)? else { return None };
    let Expr::Call { fun, .. } = cx.expr(outer) else { return None };
    let aside =
        matches!(cx.tree.parent(outer)?, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Go(_) | Stmt::Defer(_)));
    (fun != argument && !aside).then_some(fun)
}

/// How the function reads the context it was given.
fn own_context(cx: &Cx, func: Func) -> Option<String> {
    CARRIERS.iter().find_map(|(ty, read)| {
        let name = cx.source(cx.param_of(func, ty)?);
        (name != "_").then(|| format!("{name}{read}"))
    })
}

fn is_detached(cx: &Cx, callee: ExprId) -> bool {
    let name = match cx.expr(cx.unparen(callee)) {
        Expr::Selector { name, .. } => name,
        _ => callee,
    };
    if cx.object(callee).is_some_and(|name| name.path == "context") {
        return true;
    }
    let name = cx.source(name).to_ascii_lowercase();
    // `QueryContext(ctx, …)` takes a context, `ContextWithSpan(ctx, …)` and `NewContext(ctx, …)` make one.
    let name = name
        .strip_suffix("withcontext")
        .or(name.strip_suffix("context").filter(|rest| *rest != "new"))
        .unwrap_or(&name);
    let option = name.is_empty() || name.starts_with("with") && !name.starts_with("withdraw");
    // What a log line is written with cancels nothing.
    let logs = ["debug", "error", "info", "log", "print", "warn"].iter().any(|word| name.starts_with(word));
    option || logs || DETACHED.iter().any(|word| name.contains(word))
}

/// Whether the call takes back a first step because a second one failed: a deletion in the branch for an error.
fn undoes(cx: &Cx, callee: ExprId) -> bool {
    let Some(name) = cx.source(callee).rsplit('.').next() else { return false };
    let takes_back =
        ["Delete", "Remove", "Undo", "Revert", "Abort", "Cancel"].iter().any(|word| name.starts_with(word));
    takes_back
        && cx.tree.ancestors(callee).any(|node| match node {
            Node::Stmt(stmt) => matches!(cx.stmt(stmt), Stmt::If { cond, .. } if cx.source(cond).contains("err")),
            _ => false,
        })
}

/// Whether a comment at the place, or in the few lines above it, speaks of the context, as one that gives the reason would.
fn says_why(cx: &Cx, call: ExprId) -> bool {
    const LINES: usize = 4;
    let (text, at) = (cx.tree.text(), cx.lines(call));
    let near = |comment: Span| {
        let between = Span::new(comment.end, at.start).of(text);
        comment.end <= at.end && (comment.start >= at.start || between.matches('\n').count() <= LINES)
    };
    cx.tree.comments().iter().filter(|comment| near(comment.span)).any(|comment| {
        let comment = comment.body(text).to_ascii_lowercase();
        ["context", "ctx", "cancel", "detach", "outlive", "background"].iter().any(|word| comment.contains(word))
    })
}
