//! A loop waits by spinning.
//!
//! A loop that never blocks keeps a whole CPU core busy while it waits, takes the container's quota from the other
//! goroutines, and shows in no trace. An empty `default` is enough: it turns a `select` that would wait into one that returns
//! at once. Leave the `default` out, or wait on a channel, a `sync.Cond` or a ticker. To block forever, use `select {}`.
//!
//! Limits: a loop that polls through a function of its own (`for !s.isReady() {}`) is not found, because what the function
//! does is not known. A spin lock on `CompareAndSwap`, a loop that calls `runtime.Gosched`, and tests are left alone.
//!
//! ```go bad
//! func run(events <-chan Event, done <-chan struct{}) {
//! 	for {
//! 		select {
//! 		case e := <-events:
//! 			handle(e)
//! 		case <-done:
//! 			return
//! 		default:
//! //^^^^^^^^ the empty `default` keeps this `select` from waiting, so the loop spins
//! 		}
//! 	}
//! }
//!
//! func main() {
//! 	go run(events, done)
//! 	for {
//! #^^^^^ the loop keeps a CPU core busy forever
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		default:
//! -	for {
//! -	}
//! +	select {}
//! ```
//! ```go bad
//! func wait(ready *atomic.Bool) {
//! 	for !ready.Load() {
//! #^^^^^^^^^^^^^^^^^^^ the loop spins until `!ready.Load()` is false
//! 	}
//! }
//! ```
//! ```go bad
//! func (c *Crawler) Wait() {
//! 	for {
//! #^^^^^ the loop keeps checking shared state without ever waiting
//! 		c.mu.Lock()
//! 		active := c.active
//! 		c.mu.Unlock()
//! 		if active == 0 {
//! 			return
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! func run(events <-chan Event) {
//! 	for {
//! 		select {
//! 		case e := <-events:
//! 			handle(e)
//! 		default:
//! 			time.Sleep(time.Second) // waits between two looks
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! func run(done <-chan struct{}) {
//! 	for {
//! 		select {
//! 		case <-done:
//! 			return
//! 		default: // only asks whether to stop; the loop does its work below
//! 		}
//! 		work()
//! 	}
//! }
//! ```
//! ```go good
//! func double(count *atomic.Int64) {
//! 	for {
//! 		old := count.Load()
//! 		if count.CompareAndSwap(old, old*2) { // tries again only when another goroutine was faster
//! 			break
//! 		}
//! 	}
//! }
//! ```
//! ```go good
//! func wait(ready *atomic.Bool) {
//! 	for !ready.Load() {
//! 		// The other core answers within a microsecond. (A comment says why it spins.)
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! Waiting is receiving: from a channel, from `time.After`, from `ctx.Done()`. A `select` without `default` sleeps until one of its cases
//! can proceed.
//!
//! # Impact
//!
//! One core is at 100 % although nothing is done; under a CPU limit the cgroup is throttled and every other request of
//! the pod slows down with it. `container_cpu_cfs_throttled_periods_total` rises, and a CPU profile shows the loop or
//! `runtime.selectgo` on top. A test sees it by the CPU time of a run in which nothing arrives.
//!
//! # Verify
//!
//! - `go test -run {test} -cpuprofile cpu.out {package} && go tool pprof -top cpu.out`: the function of the loop is
//!   first in the list
//! - `go tool pprof -seconds 5 http://localhost:6060/debug/pprof/profile`: in an idle process the samples come close to
//!   five seconds; without the loop they come to almost none
//!
//! # Options
//!
//! - Block in the `select`: without `default` the goroutine is parked until a case is ready and costs nothing, but it
//!   can then do nothing else meanwhile
//!   - senior, throughput: the scheduler waits better than any loop
//! - Look at intervals with a `time.Ticker`: needed where the state is not announced by a channel, at the price of a
//!   delay of up to one interval
//!   - cloud-native: it also bounds how often a dependency is asked
//! - Wait on a `sync.Cond`: wakes exactly when the state changes, but it cannot be combined with a context
//!
//! # References
//!
//! - [Go spec, "Select statements"](https://go.dev/ref/spec#Select_statements)
//! - [Diagnostics](https://go.dev/doc/diagnostics)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/busy-wait",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 2), (Concern::Allocation, 2), (Concern::Availability, 2)],
    equivalents: &["staticcheck:SA5002", "staticcheck:SA5004"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::For], check)],
    examines: "loops that poll",
};

fn check(cx: &mut Cx, looping: StmtId) {
    let Stmt::For { cond, post: None, body, .. } = cx.stmt(looping) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    match (cond, cx.stmts(stmts)) {
        (None, []) => report_endless(cx, looping, body),
        (Some(cond), []) if is_poll(cx, cond) => {
            cx.examined();
            let message = format!("the loop spins until `{}` is false", cx.source(cond));
            let note = match cx.find_expr(cond, true, |call| is_clock(cx, call)) {
                Some(_) => "use `time.Sleep` or a timer, which leave the CPU to others",
                None => {
                    "let the goroutine that changes it wake this one: with a channel, a `sync.Cond` or a `sync.WaitGroup`"
                }
            };
            let reason = explanation(cx, looping).or_else(|| comment_inside(cx, looping));
            cx.report_span(header(cx, looping, body), message).note(note).excused(reason);
        }
        (None, &[only]) if matches!(cx.stmt(only), Stmt::Select { .. }) => {
            cx.examined();
            if polls(cx, body) {
                report_polling(cx, looping, body);
            } else if let Stmt::Select { clauses } = cx.stmt(only) {
                check_select(cx, only, cx.stmts(clauses));
            }
        }
        (None, _) if polls(cx, body) => {
            cx.examined();
            report_polling(cx, looping, body);
        }
        _ => {}
    }
}

fn report_polling(cx: &mut Cx, looping: StmtId, body: StmtId) {
    let reason = explanation(cx, looping);
    cx.report_span(header(cx, looping, body), "the loop keeps checking shared state without ever waiting")
        .note("let the goroutine that changes it wake this one: with a channel, a `sync.Cond` or a `sync.WaitGroup`")
        .excused(reason);
}

/// Whether the body only looks at what others share: it locks or loads, and neither calls anything else, nor waits, nor
/// changes what it did not declare.
fn polls(cx: &Cx, body: StmtId) -> bool {
    let (span, mut shared) = (cx.span(body), false);
    let own = |expr| matches!(cx.def(expr), Def::Local(declared) if span.contains(cx.span(declared)));
    let acts = cx.any(body, true, |node| match node {
        Node::Stmt(id) => match cx.stmt(id) {
            Stmt::Send { .. } | Stmt::Go(_) | Stmt::Defer(_) | Stmt::Range { .. } | Stmt::Bad => true,
            Stmt::CommClause { comm, .. } => comm.is_some(),
            Stmt::Assign { lhs, .. } => !cx.exprs(lhs).iter().all(|&name| own(name)),
            Stmt::IncDec { operand, .. } => !own(operand),
            _ => false,
        },
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { fun, .. } => {
                let locks = |method| matches!(method, "Lock" | "Unlock" | "RLock" | "RUnlock");
                let looks = is_look(cx, id) || matches!(cx.method_call(id), Some((_, method, [])) if locks(method));
                shared |= looks;
                !looks && !cx.is_builtin(fun, "len")
            }
            Expr::Unary { op: UnaryOp::Recv, .. } | Expr::FuncLit { .. } | Expr::Bad => true,
            _ => false,
        },
        _ => false,
    });
    shared && !acts
}

/// The comment above the loop that says why it spins.
fn explanation<'a>(cx: &Cx<'a>, looping: StmtId) -> Option<&'a str> {
    cx.explanation(looping, &["spin", "wait", "busy", "debug"])
}

/// The comment in an empty loop: it can only speak of the loop.
fn comment_inside<'a>(cx: &Cx<'a>, looping: StmtId) -> Option<&'a str> {
    let (within, tree) = (cx.span(looping), cx.tree);
    tree.comments().iter().find(|comment| within.contains(comment.span)).map(|comment| comment.body(tree.text()))
}

/// From `for` to the brace.
fn header(cx: &Cx, looping: StmtId, body: StmtId) -> Span {
    Span::new(cx.span(looping).start, cx.span(body).start + 1)
}

fn report_endless(cx: &mut Cx, looping: StmtId, body: StmtId) {
    cx.examined();
    let span = cx.span(looping);
    let at = header(cx, looping, body);
    cx.report_span(at, "the loop keeps a CPU core busy forever")
        .note("`select {}` blocks forever and uses no CPU")
        .fix("Block with an empty select", [(span, "select {}".to_owned())]);
}

/// Whether a condition only reads: variables, which are then the same forever or read in a race, and what others store.
fn is_poll(cx: &Cx, cond: ExprId) -> bool {
    let mut reads = false;
    let acts = cx.any(cond, true, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { fun, .. } => !(is_look(cx, id) || is_clock(cx, id) || cx.is_builtin(fun, "len")),
            Expr::Unary { op: UnaryOp::Recv, .. } | Expr::FuncLit { .. } | Expr::Bad => true,
            Expr::Ident => {
                reads = true;
                false
            }
            _ => false,
        },
        _ => false,
    });
    reads && !acts && cx.constant_value(cond).is_none()
}

/// Whether a call looks at what other goroutines change, and does nothing else: `ready.Load()`, `ctx.Err()`.
fn is_look(cx: &Cx, call: ExprId) -> bool {
    match (cx.callee(call), cx.method_call(call)) {
        (Some(callee), _) if callee.path == "sync/atomic" => callee.name.starts_with("Load"),
        (Some(callee), _) if callee.recv.is_some() => {
            callee.is(&["context.Context.Err", "sync.Mutex.TryLock", "sync.RWMutex.TryLock", "sync.RWMutex.TryRLock"])
        }
        (None, Some((receiver, "Load", []))) => cx.ty(receiver).is_unknown(),
        _ => false,
    }
}

fn is_clock(cx: &Cx, call: ExprId) -> bool {
    cx.calls(call, &["time.Now", "time.Since", "time.Until", "time.Time.After", "time.Time.Before", "time.Time.Sub"])
}

fn check_select(cx: &mut Cx, select: StmtId, clauses: &[StmtId]) {
    let Some((default, body)) = clauses.iter().find_map(|&clause| match cx.stmt(clause) {
        Stmt::CommClause { comm: None, body } => Some((clause, cx.stmts(body))),
        _ => None,
    }) else {
        return;
    };
    let goes_on = |stmt: &StmtId| {
        matches!(cx.stmt(*stmt), Stmt::Branch { kind: BranchKind::Continue, label: None } | Stmt::Empty)
    };
    if !body.iter().all(goes_on) {
        return;
    }
    let start = cx.span(default).start;
    let at = Span::new(start, start + "default:".len() as u32);
    let edit =
        if clauses.len() == 1 { (cx.span(select), "select {}".to_owned()) } else { (cx.lines(default), String::new()) };
    cx.report_span(at, "the empty `default` keeps this `select` from waiting, so the loop spins")
        .note("without the `default`, the `select` waits for one of its cases")
        .fix("Let the select wait", [edit]);
}
