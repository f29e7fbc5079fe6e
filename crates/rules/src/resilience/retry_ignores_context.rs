//! A loop that tries again sleeps without looking at its context.
//!
//! The caller has left, or the process is to end, and the loop goes on: it sleeps, tries again with a context that is canceled, fails at
//! once, and sleeps again. A shutdown waits for it until it is killed; a server keeps a goroutine, and what it holds, for each client that
//! has gone away. Wait with a `select` on `ctx.Done()` and a timer.
//!
//! Limits: loops are looked at that end where a call succeeds, in functions that are given a context, and functions that sleep and then
//! return `ctx.Err()`.
//!
//! ```go bad
//! func connect(ctx context.Context, db *sql.DB) error {
//! 	for {
//! 		_, err := db.ExecContext(ctx, "SELECT 1")
//! 		if err == nil {
//! 			return nil
//! 		}
//! 		time.Sleep(5 * time.Second)
//! //^^^^^^^^^^ the loop that tries `db.ExecContext` again sleeps without looking at `ctx`
//! 	}
//! }
//! ```
//! ```diff fixed
//! -		time.Sleep(5 * time.Second)
//! +		select {
//! +		case <-ctx.Done():
//! +			return ctx.Err()
//! +		case <-time.After(5 * time.Second):
//! +		}
//! ```
//! ```go bad
//! func wait(ctx context.Context, delay time.Duration) error {
//! 	time.Sleep(delay)
//! 	//<^^^^^^^^^^ this sleeps to the end before it looks at `ctx`
//! 	return ctx.Err()
//! }
//! ```
//! ```go good
//! func connect(ctx context.Context, db *sql.DB) error {
//! 	for {
//! 		_, err := db.ExecContext(ctx, "SELECT 1")
//! 		if err == nil || ctx.Err() != nil {
//! 			return err
//! 		}
//! 		time.Sleep(time.Second) // it ends soon after the context
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! A shutdown waits until the sleep is over or the pod is killed. Each caller that has given up leaves a goroutine
//! behind that sleeps and tries again for nobody.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 5s {package}`: cancel during the pause and expect an immediate return
//!
//! # References
//!
//! - [Package context](https://pkg.go.dev/context#Context)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/retry-ignores-context",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Cancellation, 3), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["time.Sleep"], check)],
    examines: "waits",
};

fn check(cx: &mut Cx, sleep: Call) {
    if let Some(context) = asked_afterwards(cx, sleep) {
        cx.examined();
        let Some(func) = cx.enclosing_func(sleep.expr) else { return };
        let context = cx.source(context);
        let edit = select_instead(cx, func, sleep, context);
        cx.report(sleep.fun, format!("this sleeps to the end before it looks at `{context}`"))
            .note("whoever cancels waits for as long as this sleeps")
            .fix("Wait for the context as well", edit);
        return;
    }
    let Some(looping) = cx.enclosing_loop(sleep.expr) else { return };
    cx.examined();
    let Some(func) = cx.enclosing_func(sleep.expr) else { return };
    let Some(context) = cx.param_of(func, "context.Context").filter(|&context| cx.source(context) != "_") else {
        return;
    };
    if cx.once(looping, |cx, node| cx.asks_for_context(node).then_some(node)).is_some() {
        return;
    }
    // What goes on when the caller has left does so on purpose.
    let goes_on = |cx: &Cx, node: Node| {
        let detaches = |&node: &Node| matches!(node, Node::Expr(call) if cx.calls(call, &["context.WithoutCancel"]));
        cx.calls_within(node, false).iter().any(detaches).then_some(node)
    };
    if cx.once(func.body, goes_on).is_some() {
        return;
    }
    let calls = cx.calls_within(looping, false);
    let tries = |node: &Node| match *node {
        Node::Expr(call) => {
            let call = cx.call(call)?;
            let retry = cx.retried(call)?;
            (retry.waits == Some(sleep.expr)).then_some((call, retry))
        }
        _ => None,
    };
    let Some((call, retry)) = calls.iter().take(16).find_map(tries) else { return };
    let (name, context) = (cx.source(call.fun), cx.source(context));
    let edit = select_instead(cx, func, sleep, context);
    let severity = if is_short(cx, looping, sleep) { Severity::Low } else { Severity::Medium };
    cx.report(sleep.fun, format!("the loop that tries `{name}` again sleeps without looking at `{context}`"))
        .severity(severity)
        .steps(retry.steps)
        .note("once the context has ended, each attempt fails at once, and the loop keeps its caller or the shutdown waiting")
        .fix("Wait for the context as well", edit);
}

/// The context whose end is what a function gives right after it has slept, for more than a moment.
fn asked_afterwards(cx: &Cx, sleep: Call) -> Option<ExprId> {
    const SECOND: i64 = 1_000_000_000;
    let next = cx.next_stmt(cx.enclosing_stmt(sleep.expr)?)?;
    let Stmt::Return(results) = cx.stmt(next) else { return None };
    let asked = cx.only(results).filter(|&asked| cx.calls(asked, &["context.Context.Err"]))?;
    let is_long = cx.int_value(*sleep.args.first()?).is_none_or(|delay| delay > SECOND);
    cx.method_call(asked).filter(|_| is_long).map(|(context, ..)| context)
}

/// Whether the attempts are counted, and no more than a second is slept between two.
fn is_short(cx: &Cx, looping: StmtId, sleep: Call) -> bool {
    const SECOND: i64 = 1_000_000_000;
    let counted = matches!(cx.stmt(looping), Stmt::For { cond: Some(_), post: Some(_), .. });
    counted && sleep.args.first().and_then(|&delay| cx.int_value(delay)).is_some_and(|delay| delay <= SECOND)
}

/// The `select` in place of the sleep, where the function gives an error and nothing else.
fn select_instead(cx: &Cx, func: Func, sleep: Call, context: &str) -> Option<(Span, String)> {
    let [(_, ty)] = cx.results_of(func)[..] else { return None };
    let is_error = cx.ty(ty) == TypeId::ERROR;
    let &[delay] = sleep.args else { return None };
    let (indent, time) = (cx.indent(sleep.expr), cx.name_for("time")?);
    let alone = matches!(cx.tree.parent(sleep.expr), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_)));
    let text = format!(
        "select {{\n{indent}case <-{context}.Done():\n{indent}\treturn {context}.Err()\n{indent}case <-{time}.After({}):\n{indent}}}",
        cx.source(delay)
    );
    (is_error && alone).then(|| (cx.span(sleep.expr), text))
}
