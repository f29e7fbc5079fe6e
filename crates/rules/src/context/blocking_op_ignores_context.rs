//! A function that has a context waits without looking at it.
//!
//! A send on a full channel and a sleep know nothing of the context: when the caller has gone, or the deadline has passed, the
//! function waits on, for as long as the others take. Wait for the context as well: `select` with a `case <-ctx.Done()`.
//!
//! A handler that streams what comes from a channel keeps waiting after the client has left, and keeps its goroutine and its subscription.
//!
//! Limits: sends are looked at on channels in fields of a type of the package, whose size shows; of receives, only a handler that ranges
//! over a channel and flushes, of locks none. Sleeps of less than a second are left alone.
//!
//! ```go bad
//! type Limiter struct{ places chan struct{} }
//!
//! func NewLimiter(n int) *Limiter { return &Limiter{places: make(chan struct{}, n)} }
//!
//! func (l *Limiter) Do(ctx context.Context, call func(context.Context) error) error {
//! 	l.places <- struct{}{}
//! 	//<^^^^^^^^ `Do` waits for room in `l.places` without looking at `ctx`
//! 	defer func() { <-l.places }()
//! 	return call(ctx)
//! }
//! ```
//! ```go bad
//! func waitUntil(ctx context.Context, ready func() bool) {
//! 	for !ready() {
//! 		time.Sleep(5 * time.Second)
//! 		//<^^^^^^^^^^ the loop sleeps without looking at `ctx`
//! 	}
//! }
//! ```
//! ```go bad
//! func delayed(ctx context.Context, wait time.Duration, call func(context.Context) error) error {
//! 	time.Sleep(wait)
//! 	//<^^^^^^^^^^ low: this sleep does not end with `ctx`
//! 	return call(ctx)
//! }
//! ```
//! ```go good
//! type Queue struct{ jobs, done chan int }
//!
//! func NewQueue() *Queue { return &Queue{jobs: make(chan int), done: make(chan int, 1)} }
//!
//! func (q *Queue) Put(ctx context.Context, job int) error {
//! 	select {
//! 	case q.jobs <- job: // waits for the context as well
//! 		q.done <- job // there is room
//! 		return nil
//! 	case <-ctx.Done():
//! 		return ctx.Err()
//! 	}
//! }
//!
//! func pause(ctx context.Context, call func(context.Context) error) error {
//! 	time.Sleep(10 * time.Millisecond) // short
//! 	return call(ctx)
//! }
//! ```
//!
//! # Impact
//!
//! A caller that has given up still waits here, and each retry adds another one. A shutdown waits for them until its
//! own time is up.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: called with a canceled context, it must return at once
//!
//! # References
//!
//! - [Package context](https://pkg.go.dev/context)
//! - [Go blog, "Go Concurrency Patterns: Pipelines and cancellation"](https://go.dev/blog/pipelines)
use gopeer_lint::prelude::*;
use gopeer_lint::{Caller, FieldAct, FieldUse};

pub static RULE: Rule = Rule {
    id: "context/blocking-op-ignores-context",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Cancellation, 3), (Concern::Leak, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Stmt(&[StmtKind::Send], check_send),
        Hook::Stmt(&[StmtKind::Range], check_stream),
        Hook::Call(&["time.Sleep"], check_sleep),
    ],
    examines: "waits in functions with a context",
};

fn check_send(cx: &mut Cx, send: StmtId) {
    let Stmt::Send { chan, .. } = cx.stmt(send) else { return };
    let Some((func, context)) = context_of(cx, send) else { return };
    if cx.case_of(send).is_some() || !matches!(cx.expr(chan), Expr::Selector { .. }) {
        return;
    }
    let Some(uses) = cx.field_uses(chan).filter(|uses| uses.iter().all(|used| used.act != FieldAct::Other)) else {
        return;
    };
    cx.examined();
    let what = if FieldUse::is_unbuffered(&uses) {
        "a receiver of"
    } else if is_limit(cx, chan, func, &uses) {
        "room in"
    } else {
        return;
    };
    let (name, channel) = (cx.func_in_words_of(func), cx.source(chan));
    let report = cx.report(chan, format!("{name} waits for {what} `{channel}` without looking at `{context}`"));
    report.note(format!("use a `select` with a `case <-{context}.Done()`"));
}

/// Whether a channel limits how many run at a time: a value that says nothing is sent, and the function takes one out afterwards.
fn is_limit(cx: &Cx, chan: ExprId, func: Func, uses: &[FieldUse]) -> bool {
    const MOST: usize = 64;
    let received = cx.within(func.body, true, |cx, node| cx.received_from(node).is_some());
    let mut taken = received.iter().take(MOST).filter_map(|&node| cx.received_from(node));
    let mut makes = uses.iter().filter(|used| matches!(used.act, FieldAct::Make(_))).peekable();
    cx.carries_nothing(chan)
        && makes.peek().is_some()
        && makes.all(|made| made.act != FieldAct::Make(Some(0)))
        && taken.find(|&from| cx.same_text(from, chan)).is_some_and(|from| cx.span(from).start > cx.span(chan).start)
}

/// A handler that streams what comes from a channel.
fn check_stream(cx: &mut Cx, range: StmtId) {
    let Stmt::Range { subject, body, .. } = cx.stmt(range) else { return };
    let Some((func, Caller::Client)) = cx.handler(range) else { return };
    let Some(request) = cx.param_of(func, "net/http.Request").filter(|_| cx.enclosing_func(range) == Some(func)) else {
        return;
    };
    let streams = cx.find_expr(body, false, |id| cx.callee_word(id) == "Flush").is_some();
    if !streams || !matches!(cx.under(subject), Type::Chan { .. }) || !cx.ranges_to_the_end(range) {
        return;
    }
    cx.examined();
    // Who makes the channel may close it when the client leaves.
    let given = cx.initial_value(subject).or_else(|| cx.defining_call(subject)).unwrap_or(subject);
    let text = cx.source(func.body);
    let Def::Local(request) = cx.def(request) else { return };
    if cx.mentions(given, request) || [".Context()", "CloseNotify", "AfterFunc"].iter().any(|ends| text.contains(ends))
    {
        return;
    }
    let (name, channel) = (cx.func_in_words_of(func), cx.source(subject));
    cx.report(subject, format!("{name} keeps waiting for values of `{channel}` after the client has left"))
        .note("use a `select` with a case for `Done()` of the request's context");
}

fn check_sleep(cx: &mut Cx, sleep: Call) {
    let Some((_, context)) = context_of(cx, sleep.expr) else { return };
    cx.examined();
    const SECOND: i64 = 1_000_000_000;
    let is_short = sleep.args.first().and_then(|&delay| cx.int_value(delay)).is_some_and(|delay| delay < SECOND);
    let looping = cx.enclosing_loop(sleep.expr);
    if is_short || looping.is_some_and(|looping| is_retry(cx, looping, sleep.expr)) {
        return;
    }
    let ignores = looping.is_some_and(|looping| cx.once(looping, context_in).is_none());
    let endless = looping.is_some_and(|looping| cx.once(looping, goes_on).is_some());
    let (message, severity) = match ignores {
        _ if endless => {
            (format!("the loop goes on when `{context}` has ended: nothing in it checks for that"), Severity::Medium)
        }
        true => (format!("the loop sleeps without looking at `{context}`"), Severity::Medium),
        false => (format!("this sleep does not end with `{context}`"), Severity::Low),
    };
    let cause = crate::cause::in_function(cx, sleep.expr);
    let report = cx
        .report(sleep.fun, message)
        .severity(severity)
        .note(format!("use a `select` with `case <-{context}.Done()` and `case <-time.After(…)`"));
    if endless {
        report.one_cause(cause);
    }
}

/// A loop without a condition that nothing leaves, and that does not ask for the end of a context.
fn goes_on(cx: &Cx, node: Node) -> Option<Node> {
    let Node::Stmt(looping) = node else { return None };
    let endless = matches!(cx.stmt(looping), Stmt::For { cond: None, .. });
    let ends = |node| matches!(node, Node::Expr(call) if cx.ends(call).is_some());
    (endless && cx.ranges_to_the_end(looping) && !cx.asks_for_context(looping) && !cx.any(looping, true, ends))
        .then_some(node)
}

/// Where a node mentions a context.
fn context_in(cx: &Cx, node: Node) -> Option<Node> {
    let is_context = |node| matches!(node, Node::Expr(id) if cx.has_type(id, &["context.Context"]));
    cx.any(node, true, is_context).then_some(node)
}

/// Whether something is tried again after the sleep, which `resilience/retry-ignores-context` is about.
fn is_retry(cx: &Cx, looping: StmtId, sleep: ExprId) -> bool {
    let waits_so = |call| cx.retried(call).is_some_and(|retry| retry.waits == Some(sleep));
    let retries = |node: &Node| matches!(*node, Node::Expr(call) if cx.call(call).is_some_and(waits_so));
    cx.calls_within(looping, false).iter().take(16).any(retries)
}

/// The function around, and the name of the context that it is given.
fn context_of<'a>(cx: &Cx<'a>, at: impl Into<Node>) -> Option<(Func, &'a str)> {
    let func = cx.enclosing_func(at)?;
    let context = cx.source(cx.param_of(func, "context.Context")?);
    (context != "_").then_some((func, context))
}
