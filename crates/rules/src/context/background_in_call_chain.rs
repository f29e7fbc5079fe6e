//! A fresh `context.Background()` or `context.TODO()` is passed on although the function has a context of its own.
//!
//! The callee then knows nothing of the caller's deadline and cancellation: when the client hangs up or the deadline passes, its
//! query or request keeps running and keeps its connection, and traces break in two. Pass the context on. Work that has to
//! outlive the call can use `context.WithoutCancel(ctx)` (Go 1.21), which keeps the values, with a timeout of its own.
//!
//! The finding is high where the call is known to wait for a network, a database or a process (the facts of the libraries), and medium
//! where nothing is known of it. It is low where little waits: the call returns no error, the result is a new value of another
//! package, or a Kubernetes client reads from its cache for a function without an error result. It is low in the code of a command
//! line, too. With a timeout of its own, the fresh context is medium where the call is known to wait, and low elsewhere. Where the
//! call deletes or saves, which may have to run to its end, it is a question.
//!
//! Limits: not reported are goroutines and deferred calls, code that runs after the context has ended, calls that clean up, settle
//! a message or log, by their names, constructors of clients and of what a field keeps, contexts whose cancel function somebody else
//! has or that are canceled once another one has ended, and places where a comment speaks of the context. A context parameter that is
//! never used is not reported either.
//!
//! ```go bad
//! type Store struct{ db *sql.DB }
//! func (s *Store) Save(ctx context.Context, u User) error {
//! 	_, err := s.db.ExecContext(context.Background(), insertUser, u.ID)
//! 	//                         ^^^^^^^^^^^^^^^^^^^^ `s.db.ExecContext` gets a fresh context, so it does not stop when `ctx` ends
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
//! 	//                ^^^^^^^^^^^^^^ medium: `load` gets a fresh context, so it does not stop when `r.Context()` ends
//! 	render(w, user, err)
//! }
//! ```
//! ```diff fixed
//! -	user, err := load(context.TODO(), r.URL.Query().Get("id"))
//! +	user, err := load(r.Context(), r.URL.Query().Get("id"))
//! ```
//! ```go bad
//! type Store struct{ db *sql.DB }
//! func (s *Store) Count(ctx context.Context) (n int, err error) {
//! 	queryCtx, cancel := context.WithTimeout(context.Background(), time.Second)
//! 	//                                      ^^^^^^^^^^^^^^^^^^^^ medium: `s.db.QueryRowContext` gets a fresh context, so it does not stop when `ctx` ends
//! 	defer cancel()
//! 	err = s.db.QueryRowContext(queryCtx, "SELECT count(*) FROM users").Scan(&n)
//! 	return n, err
//! }
//! ```
//! ```diff fixed
//! -	queryCtx, cancel := context.WithTimeout(context.Background(), time.Second)
//! +	queryCtx, cancel := context.WithTimeout(ctx, time.Second)
//! ```
//! ```go good
//! func run(ctx context.Context, srv *http.Server) error {
//! 	<-ctx.Done()
//! 	stopCtx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // ctx has ended by now
//! 	defer cancel()
//! 	return srv.Shutdown(stopCtx)
//! }
//! ```
//! ```go good
//! func start(ctx context.Context) {
//! 	go audit(context.Background(), "started") // a goroutine may outlive the call
//! 	work(ctx)
//! }
//! ```
//! ```go good
//! func save(ctx context.Context, tx *sql.Tx) error {
//! 	if err := work(ctx, tx); err != nil {
//! 		DeleteLock(context.Background(), tx) // takes back what was done before, even if ctx has ended
//! 		return err
//! 	}
//! 	return tx.Commit()
//! }
//! ```
//!
//! # Idiom
//!
//! `context.Background()` is for `main`, for tests and for the top of a background job. Everything below passes on the context that it was
//! given.
//!
//! # Impact
//!
//! When the client hangs up or the deadline passes, this call runs on and keeps its connection: under overload the
//! database works for callers who have left long ago. Pool wait time rises while the request rate falls. In traces the
//! span of this call is a root of its own, without a parent.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: call {func} with a canceled context and a fake that waits for its own; it must
//!   return `context.Canceled`
//! - `psql -c "SELECT pid, now() - query_start AS age, query FROM pg_stat_activity WHERE state = 'active' ORDER BY age
//!   DESC LIMIT 10"`: for a PostgreSQL call, statements older than the longest request deadline
//!
//! # Options
//!
//! - Pass `ctx` on: cancellation, deadline and trace arrive, and the work ends with the caller
//!   - senior, backend, throughput: whoever waits decides how long
//! - Use `context.WithoutCancel` with a time limit of its own: for work that must outlive the request, such as an audit
//!   row; the limit has to be chosen
//!   - data, cloud-native: the write completes, and it still ends before the pod does
//!
//! # References
//!
//! - [Package context, WithoutCancel](https://pkg.go.dev/context#WithoutCancel)
//! - [Go blog, "Go Concurrency Patterns: Context"](https://go.dev/blog/context)
//! - [Canceling in-progress operations](https://go.dev/doc/database/cancel-operations)
use gopeer_lint::prelude::*;

use super::at_hand::{FRESH, callers_context_at, limited};
use super::detached::{also_gets, cannot_say, has_to_run, is_detached, is_stopped, undoes, wait_of};
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
    scope: Scope::Service,
    hooks: &[Hook::Call(FRESH, check)],
    examines: "fresh contexts that are passed on",
};

fn check(cx: &mut Cx, Call { expr: call, .. }: Call) {
    let callees = callees(cx, call);
    let Some(&first) = callees.first() else { return };
    let Some(own) = callers_context_at(cx, call).filter(|own| !starts_over(cx, call, own)) else { return };
    cx.examined();
    let on_purpose = |&callee: &ExprId| {
        is_detached(cx, callee)
            || comes_after_the_end(cx, callee)
            || undoes(cx, callee)
            || says_why(cx, callee)
            || is_stopped(cx, callee)
    };
    if callees.iter().any(on_purpose) || says_why(cx, call) {
        return;
    }
    if callees.iter().any(|&callee| also_gets(cx, callee, &own)) || cancels_later(cx, call) {
        return;
    }
    let runs_through = callees.iter().any(|&callee| has_to_run(cx, callee) || cannot_say(cx, callee));
    let has_timeout = matches!(cx.tree.parent(call), Some(Node::Expr(outer)) if cx.calls(outer, TIMED));
    let worst = callees.iter().map(|&callee| wait_of(cx, callee)).max().unwrap_or(Severity::Medium);
    let severity = match worst {
        Severity::High if runs_through || has_timeout => Severity::Medium,
        // With a limit of its own it does not run for long.
        Severity::Medium if has_timeout => Severity::Low,
        worst => worst,
    };
    let span = cx.span(call);
    let detached = detach(cx, call, &own);
    let report = cx
        .report(call, format!("`{}` gets a fresh context, so it does not stop when `{own}` ends", cx.source(first)))
        .severity(severity)
        .note("work that has to outlive the call can use `context.WithoutCancel` and a timeout of its own");
    let report = match runs_through {
        true => report.question(),
        false => report.fix(format!("Pass `{own}` on"), [(span, own)]),
    };
    let Some(edits) = detached else { return };
    let derives = edits.len() > 1;
    let report = report.fix("Use `context.WithoutCancel` with a time limit of its own", edits);
    if derives {
        report.needing("time");
    }
}

/// The edits that keep the values of the context at hand, and give what is called a limit of its own, from Go 1.21 on.
fn detach(cx: &Cx, fresh: ExprId, own: &str) -> Option<Vec<(Span, String)>> {
    if cx.file.build.go_minor.is_some_and(|minor| minor < 21) {
        return None;
    }
    let Expr::Selector { base, .. } = cx.expr(cx.call(fresh)?.fun) else { return None };
    let (span, detached) = (cx.span(fresh), format!("{}.WithoutCancel({own})", cx.source(base)));
    match cx.tree.parent(fresh) {
        Some(Node::Expr(outer)) if cx.calls(outer, TIMED) => Some(vec![(span, detached)]),
        // Only what is called with it straight, and gives nothing that may outlive the function.
        Some(Node::Expr(outer)) if !cx.calls(outer, DERIVES) && cx.acquired(outer).is_none() => {
            Some(vec![limited(cx, fresh, &detached)?, (span, "limited".to_owned())])
        }
        _ => None,
    }
}

const TIMED: &[&str] = &["context.WithTimeout", "context.WithDeadline"];
const DERIVES: &[&str] = &["context.WithTimeout", "context.WithDeadline", "context.WithCancel", "context.WithValue"];

/// What is called with a context: straight, or by a local that it is kept in, also after a timeout was added to it. None at all if
/// one of these is started as a goroutine or deferred, or the local goes elsewhere.
fn callees(cx: &Cx, context: ExprId) -> Vec<ExprId> {
    let Some(Node::Expr(outer)) = cx.tree.parent(context) else {
        return kept(cx, context);
    };
    let Expr::Call { fun, .. } = cx.expr(outer) else { return Vec::new() };
    let derives = cx.calls(outer, DERIVES);
    let aside = matches!(cx.tree.parent(outer), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Go(_) | Stmt::Defer(_)));
    match derives {
        true => kept(cx, outer),
        false if fun == context || aside => Vec::new(),
        false => vec![fun],
    }
}

/// What is called with the local that a value defines first.
fn kept(cx: &Cx, value: ExprId) -> Vec<ExprId> {
    const MANY: usize = 200;
    let Some(Node::Stmt(define)) = cx.tree.parent(value) else { return Vec::new() };
    let Stmt::Assign { lhs, op: AssignOp::Define, .. } = cx.stmt(define) else { return Vec::new() };
    let Some(Def::Local(local)) = cx.exprs(lhs).first().map(|&name| cx.def(name)) else { return Vec::new() };
    // One that is used so often is defined again and again.
    if cx.names.uses(local).nth(MANY).is_some() {
        return Vec::new();
    }
    let uses: Vec<ExprId> = cx.names.uses(local).filter(|&used| cx.span(used).start > cx.span(value).start).collect();
    let func = cx.enclosing_func(value);
    let called = |&used: &ExprId| {
        let Some(Node::Expr(call)) = cx.tree.parent(used) else { return None };
        let Expr::Call { fun, .. } = cx.expr(call) else { return None };
        let aside = |node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_) | Stmt::Defer(_)));
        let here = cx.enclosing_func(used) == func && !cx.tree.parent(call).is_some_and(aside);
        (fun != used && here).then_some(fun)
    };
    let callees: Option<Vec<ExprId>> = uses.iter().map(called).collect();
    callees.unwrap_or_default()
}

/// Whether the name of the context at hand is given the fresh one: `ctx = context.Background()`, and `if ctx == nil`.
fn starts_over(cx: &Cx, call: ExprId, own: &str) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(call) else { return false };
    matches!(cx.stmt(stmt), Stmt::Assign { lhs, .. } if cx.exprs(lhs).iter().any(|&name| cx.source(name) == own))
}

/// Whether the code decides itself when the context that is derived here ends: somebody else has the cancel function, or it is called once
/// another context has ended.
fn cancels_later(cx: &Cx, fresh: ExprId) -> bool {
    let cancel = || {
        let Node::Expr(outer) = cx.tree.parent(fresh)? else { return None };
        let Node::Stmt(stmt) = cx.tree.parent(outer)? else { return None };
        let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return None };
        match cx.def(*cx.exprs(lhs).get(1).filter(|_| cx.calls(outer, DERIVES))?) {
            Def::Local(declared) => Some(declared),
            _ => None,
        }
    };
    let Some((cancel, func)) = cancel().zip(cx.enclosing_func(fresh)) else { return false };
    let decides = |used: ExprId| {
        let called = matches!(cx.tree.parent(used), Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if fun == used));
        let here = cx.enclosing_func(used) == Some(func);
        !called || !here || comes_after_the_end(cx, used)
    };
    cx.names.uses(cancel).filter(|&used| !cx.is_target(used) && cx.enclosing_defer(used).is_none()).any(decides)
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
