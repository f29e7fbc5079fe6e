//! A loop waits by spinning.
//!
//! An endless loop that never blocks takes a whole core, starves the other goroutines of the container's quota, and shows
//! in no trace. An empty `default` turns a `select` that would wait into one that does not. Leave the `default` out, wait
//! on a channel or a `sync.Cond`, or use a ticker; to block for ever, `select {}` costs nothing.
//!
//! Limits: a loop that polls through a function of its own is not found.
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
//! #^^^^^ this loop spins for ever
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
//! #^^^^^^^^^^^^^^^^^^^ this loop spins until `!ready.Load()` is false
//! 	}
//! }
//! ```
//! ```go bad
//! func (c *Crawler) Wait() {
//! 	for {
//! #^^^^^ this loop looks at shared state again and again without waiting
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
//! func run(events <-chan Event, ready *atomic.Bool) {
//! 	for {
//! 		select {
//! 		case e := <-events:
//! 			handle(e)
//! 		default:
//! 			time.Sleep(time.Second)
//! 		}
//! 	}
//! 	for {
//! 		select {
//! 		case <-done:
//! 			return
//! 		default:
//! 		}
//! 		work()
//! 	}
//! 	for queue.Step() {
//! 	}
//! 	for i = 0; text[i] == ' '; i++ {
//! 	}
//! 	for !ready.Load() {
//! 		runtime.Gosched()
//! 	}
//! 	for {
//! 		old := count.Load()
//! 		if count.CompareAndSwap(old, old*2) {
//! 			break
//! 		}
//! 	}
//! 	for ready.Load() {
//! 		// The other core answers within a microsecond.
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/busy-wait",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 2), (Concern::Allocation, 2), (Concern::Availability, 2)],
    equivalents: &["staticcheck:SA5002", "staticcheck:SA5004"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::For], check)],
    file: file!(),
};

fn check(cx: &mut Cx, looping: StmtId) {
    // Tests spin to make goroutines meet.
    let Stmt::For { init: None, cond, post: None, body } = cx.stmt(looping) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    match (cond, cx.stmts(stmts)) {
        (None, []) => report_endless(cx, looping, body),
        (Some(cond), []) if is_poll(cx, cond) && !is_explained(cx, looping) => {
            cx.examined();
            let text = cx.source(cond);
            let message = format!("this loop spins until `{text}` is false");
            cx.report_span(header(cx, looping, body), message).note("wait on a channel or a sync.Cond instead");
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
    if !is_explained(cx, looping) {
        cx.report_span(header(cx, looping, body), "this loop looks at shared state again and again without waiting")
            .note("let the one that changes it wake this one: a channel, a sync.Cond, a WaitGroup");
    }
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
                let looks = match cx.method_call(id) {
                    Some((_, method, [])) => matches!(method, "Lock" | "Unlock" | "RLock" | "RUnlock" | "Load"),
                    _ => is_atomic_load(cx, id),
                };
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

/// Whether a comment in the loop or above it says why it spins.
fn is_explained(cx: &Cx, looping: StmtId) -> bool {
    let within = cx.span(looping);
    cx.is_explained(looping, &["spin", "wait", "busy", "debug"])
        || cx.tree.comments().iter().any(|comment| within.contains(comment.span))
}

/// From `for` to the brace.
fn header(cx: &Cx, looping: StmtId, body: StmtId) -> Span {
    Span::new(cx.span(looping).start, cx.span(body).start + 1)
}

fn report_endless(cx: &mut Cx, looping: StmtId, body: StmtId) {
    cx.examined();
    let span = cx.span(looping);
    let at = header(cx, looping, body);
    cx.report_span(at, "this loop spins for ever")
        .note("`select {}` waits for ever without a core")
        .fix("Block with an empty select", [(span, "select {}".to_owned())]);
}

/// Reading a shared value over and over: no call but an atomic load.
fn is_poll(cx: &Cx, cond: ExprId) -> bool {
    let cond = cx.unparen(cond);
    let test = match cx.expr(cond) {
        Expr::Unary { op: UnaryOp::Not, operand } => cx.unparen(operand),
        Expr::Binary { op, lhs, .. } if op.is_comparison() => cx.unparen(lhs),
        _ => cond,
    };
    match cx.method_call(test) {
        Some((_, method, args)) => method == "Load" && args.is_empty(),
        // A plain variable: true for ever, or a race.
        None if matches!(cx.expr(test), Expr::Ident | Expr::Selector { .. }) => cx.is_pure(cond),
        None => is_atomic_load(cx, test),
    }
}

fn is_atomic_load(cx: &Cx, call: ExprId) -> bool {
    cx.callee(call).is_some_and(|callee| callee.is_of_package("sync/atomic") && callee.name.starts_with("Load"))
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
