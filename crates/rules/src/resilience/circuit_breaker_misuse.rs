//! A circuit breaker is made for each call, so that it never opens.
//!
//! A breaker counts failures over many calls. One that is made in the function that uses it starts with a count of zero each time, sees one
//! call, and is gone: a dependency that is down gets every request, and every request waits for its time limit, as if there were no
//! breaker. Make one for each dependency when the program starts, and keep it in a field.
//!
//! Limits: what counts as a failure, and whether dependencies share a breaker, is not looked at. A breaker that is used in a loop of the
//! same function is left alone.
//!
//! ```go bad
//! import "github.com/sony/gobreaker/v2"
//!
//! func fetch(url string) (*http.Response, error) {
//! 	cb := gobreaker.NewCircuitBreaker[*http.Response](gobreaker.Settings{Name: "prices"})
//! 	//    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `fetch` makes a circuit breaker for each call, which never opens
//! 	return cb.Execute(func() (*http.Response, error) { return http.Get(url) })
//! }
//! ```
//! ```go bad
//! import "github.com/sony/gobreaker"
//!
//! func newBreaker() *gobreaker.CircuitBreaker {
//! 	return gobreaker.NewCircuitBreaker(gobreaker.Settings{Name: "stock"})
//! }
//!
//! func ask(call func() (any, error)) (any, error) {
//! 	return newBreaker().Execute(call)
//! 	//     ^^^^^^^^^^ `ask` makes a circuit breaker for each call, which never opens
//! }
//! ```
//! ```go good
//! import "github.com/sony/gobreaker/v2"
//!
//! type client struct {
//! 	cb *gobreaker.CircuitBreaker[*http.Response]
//! }
//!
//! func newClient() *client {
//! 	cb := gobreaker.NewCircuitBreaker[*http.Response](gobreaker.Settings{Name: "prices"}) // once
//! 	return &client{cb: cb}
//! }
//!
//! func (c *client) fetch(url string) (*http.Response, error) {
//! 	return c.cb.Execute(func() (*http.Response, error) { return http.Get(url) })
//! }
//!
//! func poll(url string) error {
//! 	cb := gobreaker.NewCircuitBreaker[*http.Response](gobreaker.Settings{Name: "poll"})
//! 	for { // it lives as long as the loop
//! 		if _, err := cb.Execute(func() (*http.Response, error) { return http.Get(url) }); err != nil {
//! 			return err
//! 		}
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! During an outage of the dependency nothing is refused early: requests pile up until each has timed out, and the dependency gets the
//! full load while it tries to come back. The breaker's metrics and `OnStateChange` never show anything but closed.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: after ten failing calls the next one must return the breaker's error without reaching the fake
//!
//! # References
//!
//! - [Package gobreaker, CircuitBreaker](https://pkg.go.dev/github.com/sony/gobreaker/v2#CircuitBreaker)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resilience/circuit-breaker-misuse",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Availability, 3), (Concern::Latency, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(MAKES, check), Hook::Call(ASKS, asked)],
    examines: "circuit breakers",
};

const MAKES: &[&str] = &[
    "github.com/sony/gobreaker.NewCircuitBreaker",
    "github.com/sony/gobreaker.NewTwoStepCircuitBreaker",
    "github.com/sony/gobreaker/v2.NewCircuitBreaker",
    "github.com/sony/gobreaker/v2.NewTwoStepCircuitBreaker",
];

/// Methods that run a call through a breaker.
const ASKS: &[&str] = &[
    "github.com/sony/gobreaker.CircuitBreaker.Execute",
    "github.com/sony/gobreaker.TwoStepCircuitBreaker.Allow",
    "github.com/sony/gobreaker/v2.CircuitBreaker.Execute",
    "github.com/sony/gobreaker/v2.TwoStepCircuitBreaker.Allow",
];

/// A breaker that a function of the package makes.
fn asked(cx: &mut Cx, ask: Call) {
    let Some(breaker) = ask.receiver else { return };
    let is_asked = |&used: &ExprId| cx.called_on(used).is_some_and(|(call, ..)| cx.calls(call, ASKS));
    // One breaker is one finding, however often it is asked.
    if let Def::Local(declared) = cx.def(breaker)
        && cx.names.uses(declared).find(is_asked) != Some(breaker)
    {
        return;
    }
    let made = cx.defining_call(breaker).unwrap_or(breaker);
    if let Some(make) = cx.call(made).filter(|make| cx.find_within(*make, gives_new, 0).is_some()) {
        check(cx, make);
    }
}

/// The call that makes the breaker which a function returns, where it returns no other.
fn gives_new(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    let made = |results: &[ExprId]| {
        let &first = results.first()?;
        Some(cx.defining_call(first).unwrap_or(first)).filter(|&made| cx.calls(made, MAKES))
    };
    let mut returned = cx.returned(cx.as_func(decl.into())?.body).map(made);
    let first = returned.next()??;
    returned.all(|made| made.is_some()).then_some(first)
}

fn check(cx: &mut Cx, make: Call) {
    cx.examined();
    let Some(func) = cx.enclosing_func(make.expr) else { return };
    let once = |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if cx.runs_once(call));
    let runs_once = cx
        .enclosing_decl(make.expr)
        .and_then(|decl| cx.func_name(decl))
        .is_none_or(|name| name == "main" || name == "init");
    if runs_once || cx.around(make.expr, once).is_some() || !dies_here(cx, func, make.expr) {
        return;
    }
    let at = make.fun;
    let at = if let Expr::Index { base, .. } = cx.expr(at) { base } else { at };
    cx.report(at, format!("{} makes a circuit breaker for each call, which never opens", cx.func_in_words_of(func)))
        .note("its counts begin at zero each time, and one call is not enough to open it")
        .note("make one for each dependency when the program starts, and keep it in a field");
}

/// Whether the breaker is only asked for the calls of the function that makes it, each of them once.
fn dies_here(cx: &Cx, func: Func, made: ExprId) -> bool {
    let is_asked = |used: ExprId| {
        let here = cx.enclosing_func(used).is_some_and(|around| around.node == func.node);
        here && cx.enclosing_loop(used) == cx.enclosing_loop(made)
            && matches!(cx.called_on(used), Some((_, "Allow" | "Counts" | "Execute" | "Name" | "State", _)))
    };
    match cx.kept_in(made) {
        None => is_asked(made),
        Some(target) => match cx.def(cx.unparen(target)) {
            Def::Local(declared) => {
                let mut uses = cx.names.uses(declared).filter(|&used| used != declared).peekable();
                uses.peek().is_some() && uses.all(is_asked)
            }
            _ => false,
        },
    }
}
