//! What has failed is tried again at once.
//!
//! A service or a database that is overloaded or restarting gets as many requests as the network can carry, from each client, at the
//! moment at which it can least answer them. All attempts are used up within milliseconds, so that they do not survive a restart of the
//! other side either. Wait between attempts, longer each time, with a random part, and end after a number of them.
//!
//! Limits: loops are looked at that end where the call succeeds, around calls of services, databases and brokers, also through
//! functions of the package.
//!
//! ```go bad
//! func fetch(ctx context.Context, client *http.Client, req *http.Request) (*http.Response, error) {
//! 	for {
//! 		resp, err := client.Do(req)
//! 		//           ^^^^^^^^^ when `client.Do` fails, it is tried again at once
//! 		if err == nil {
//! 			return resp, nil
//! 		}
//! 		slog.Warn("fetch", "err", err)
//! 	}
//! }
//! ```
//! ```go good
//! func fetch(ctx context.Context, client *http.Client, req *http.Request) (resp *http.Response, err error) {
//! 	delay := 100 * time.Millisecond
//! 	for range 5 {
//! 		resp, err = client.Do(req)
//! 		if err == nil {
//! 			return resp, nil
//! 		}
//! 		select { // it waits longer each time
//! 		case <-ctx.Done():
//! 			return nil, ctx.Err()
//! 		case <-time.After(delay + rand.N(delay)):
//! 		}
//! 		delay *= 2
//! 	}
//! 	return nil, err
//! }
//! ```
//!
//! # Impact
//!
//! All attempts are used up within milliseconds, so they do not outlast a restart of the dependency; at the same time
//! every client multiplies its load at the worst moment. Request rates at the dependency spike to a multiple at the
//! moment it fails.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a server that fails three times, record the times between attempts
//!
//! # References
//!
//! - [Google SRE Book, "Addressing Cascading Failures"](https://sre.google/sre-book/addressing-cascading-failures/)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/retry-without-backoff",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Latency, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Effect(NETWORK, check)],
    examines: "calls over the network",
};

const NETWORK: Effects = Effects::REMOTE
    .and(Effects::WRITE)
    .and(Effects::QUERY)
    .and(Effects::LOOKUP)
    .and(Effects::PUBLISH)
    .and(Effects::CACHE);

fn check(cx: &mut Cx, call: Call) {
    if cx.enclosing_loop(call.expr).is_none() {
        return;
    }
    cx.examined();
    // What waits inside waits for all who call it.
    if cx.effects(call.expr).has(Effects::WAIT.and(Effects::GUESSED)) {
        return;
    }
    let Some(retry) = cx.retried(call).filter(|retry| retry.waits.is_none()) else { return };
    if cx.each_turn(call.expr).is_some() || tries_others(cx, retry.looping) || waits_first(cx, retry.looping, call) {
        return;
    }
    let name = cx.source(call.fun);
    cx.report(call.fun, format!("when `{name}` fails, it is tried again at once")).steps(retry.steps).note(
        "while the other side is down, attempts follow each other without a pause: wait between them, longer each time, with a random \
         part",
    );
}

/// Whether all iterations but the first begin with a wait: `if attempt > 0 { time.Sleep(delay) }`.
fn waits_first(cx: &Cx, looping: StmtId, call: Call) -> bool {
    let end = cx.span(call.expr).start;
    cx.within(looping, false, is_wait_between).iter().take(64).any(|&node| cx.tree.span(node).end <= end)
}

/// Whether a node is an `if` that waits unless this is the first iteration.
fn is_wait_between(cx: &Cx, node: Node) -> bool {
    const WAITS: &[&str] = &["backoff", "delay", "pause", "sleep", "wait"];
    let waits = |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Unary { op, .. } => op == UnaryOp::Recv,
            Expr::Call { .. } => words(cx.callee_word(id)).iter().any(|word| WAITS.contains(&word.as_str())),
            _ => false,
        },
        _ => false,
    };
    let Node::Stmt(stmt) = node else { return false };
    let Stmt::If { cond, then, .. } = cx.stmt(stmt) else { return false };
    let Expr::Binary { lhs, rhs, .. } = cx.expr(cx.unparen(cond)) else { return false };
    let first = |at: ExprId| cx.int_value(at).is_some_and(|value| (0..=1).contains(&value));
    (first(lhs) || first(rhs)) && cx.any(then, false, waits)
}

/// Whether each iteration of a loop tries another thing: it ranges over something.
fn tries_others(cx: &Cx, looping: StmtId) -> bool {
    match cx.stmt(looping) {
        Stmt::Range { subject, .. } => !matches!(cx.under(subject), Type::Basic(_)),
        _ => false,
    }
}
