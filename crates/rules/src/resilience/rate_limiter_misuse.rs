//! A rate limiter is made for each request, or nobody looks at what it says.
//!
//! A limiter that is made in the handler has its full burst each time, so it limits nothing. `Allow` answers whether the event may happen,
//! and `Wait` gives an error when the context ends first, or when the wait would take too long; whoever ignores that goes on as if there
//! were no limit. Keep the limiter in the server, or one for each client in a bounded store, and act on the answer.
//!
//! ```go bad
//! import "golang.org/x/time/rate"
//!
//! func search(w http.ResponseWriter, r *http.Request) {
//! 	limiter := rate.NewLimiter(10, 20)
//! 	//         ^^^^^^^^^^^^^^^ a limiter that `search` makes for each request limits nothing
//! 	if !limiter.Allow() {
//! 		http.Error(w, "slow down", http.StatusTooManyRequests)
//! 		return
//! 	}
//! 	w.Write([]byte("found"))
//! }
//!
//! func push(ctx context.Context, limiter *rate.Limiter, send func()) {
//! 	limiter.Wait(ctx)
//! 	//<^^^^^^^^^^^^ the answer of `limiter.Wait` is thrown away, so that nothing is limited once it refuses
//! 	send()
//! }
//! ```
//! ```go good
//! import "golang.org/x/time/rate"
//!
//! func newLimiter(perSecond, burst int) *rate.Limiter {
//! 	limiter := rate.NewLimiter(rate.Limit(perSecond), burst)
//! 	limiter.AllowN(time.Now(), burst) // it begins without its burst
//! 	return limiter
//! }
//! ```
//! ```go good
//! import "golang.org/x/time/rate"
//!
//! type server struct{ limiter *rate.Limiter }
//!
//! func (s *server) search(w http.ResponseWriter, r *http.Request) {
//! 	if !s.limiter.Allow() { // it is shared by all requests
//! 		http.Error(w, "slow down", http.StatusTooManyRequests)
//! 		return
//! 	}
//! 	w.Write([]byte("found"))
//! }
//! ```
//!
//! # Impact
//!
//! The limit that the code names does not exist: bursts reach the dependency, which answers 429 or falls over, and the
//! quota of the day is gone by noon. The limiter's own metrics, if any, show no wait. A test sends twice the burst and
//! counts what gets through.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: of `2 × burst` calls at once, half have to wait or to be refused
//! - `hey -n 200 -c 50 http://localhost:8080/PATH`: counts the status codes; where requests are refused, there must be
//!   some 429s
//!
//! # Options
//!
//! - Keep one limiter in the server: protects the dependency as a whole, and one client can take it all
//!   - senior, data, throughput: one number that matches the dependency's
//! - Keep one for each client in a bounded store: fair between clients, with memory and eviction to think of
//!   - backend: abuse by one is not the others' problem
//! - Limit at the gateway: shared by all replicas, outside of this code
//!   - cloud-native: three replicas do not triple the limit
//!
//! # References
//!
//! - [Package rate](https://pkg.go.dev/golang.org/x/time/rate)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/rate-limiter-misuse",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["golang.org/x/time/rate.NewLimiter"], made), Hook::Call(ASKS, asked)],
    examines: "rate limiters",
};

const ASKS: &[&str] = &[
    "golang.org/x/time/rate.Limiter.Allow",
    "golang.org/x/time/rate.Limiter.AllowN",
    "golang.org/x/time/rate.Limiter.Wait",
    "golang.org/x/time/rate.Limiter.WaitN",
];

fn made(cx: &mut Cx, call: Call) {
    cx.examined();
    // What is stored somewhere is there for the next request.
    let local = cx.first_target(call.expr);
    let is_kept = |local: ExprId| {
        let uses = cx.names.uses(local).take(32).filter(|&used| used != local);
        uses.into_iter().any(|used| cx.called_on(used).is_none())
    };
    let Some(local) = local.filter(|&local| !is_kept(local)) else { return };
    if !cx.answers_requests(call.expr) || cx.enclosing_loop(local).is_some() {
        return;
    }
    // Whoever works through a list in one request limits that.
    let in_loop = cx.names.uses(local).any(|used| used != local && cx.enclosing_loop(used).is_some());
    if in_loop {
        return;
    }
    let func = cx.func_in_words(call.expr);
    cx.report(call.fun, format!("a limiter that {func} makes for each request limits nothing"))
        .note("each has its full burst: keep one in the server, or one for each client in a bounded store");
}

fn asked(cx: &mut Cx, call: Call) {
    cx.examined();
    let thrown = matches!(cx.tree.parent(call.expr), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Expr(_)));
    if !thrown || spends_burst(cx, call) {
        return;
    }
    let asks = cx.source(call.fun);
    cx.report(call.fun, format!("the answer of `{asks}` is thrown away, so that nothing is limited once it refuses"))
        .note("`Wait` gives an error when the context ends, or when its deadline is too near; `Allow` answers false");
}

/// `limiter.AllowN(time.Now(), burst)` where the limiter is made: it begins without its burst.
fn spends_burst(cx: &Cx, call: Call) -> bool {
    let made = call.receiver.and_then(|limiter| cx.initial_value(limiter));
    let is_new = made.is_some_and(|made| cx.calls(made, &["golang.org/x/time/rate.NewLimiter"]));
    call.callee.name == "AllowN" && is_new && cx.enclosing_loop(call.expr).is_none()
}
