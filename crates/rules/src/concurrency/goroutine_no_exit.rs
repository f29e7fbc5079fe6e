//! A goroutine runs a loop that has no way out.
//!
//! Nothing ends it but the process: not the end of the request that started it, and not the `Close` of the value that it works for. Each
//! start leaves one more, with all that it refers to, until memory runs out; and tests see goroutines of the tests before. Let the loop
//! end with a context (`case <-ctx.Done(): return`), with a channel that `Close` closes, or with its input, and let `Close` wait
//! for it. A context that nobody can cancel, `context.Background()`, ends nothing.
//!
//! Limits: a goroutine of `main`, or one that is started once in the life of the process, may run as long as the process. So may one
//! that a method starts whose type nothing stops.
//!
//! ```go bad
//! type cache struct {
//! 	mu    sync.Mutex
//! 	items map[string]time.Time
//! }
//!
//! func newCache() *cache {
//! 	c := &cache{items: map[string]time.Time{}}
//! 	go c.sweep()
//! 	//<^^^^^^^^^^ medium: `c.sweep` never ends, and `cache` has no method that stops it
//! 	return c
//! }
//!
//! func (c *cache) sweep() {
//! 	for {
//! 		time.Sleep(time.Minute)
//! 		c.mu.Lock()
//! 		clear(c.items)
//! 		c.mu.Unlock()
//! 	}
//! }
//! ```
//! ```go bad
//! func handle(w http.ResponseWriter, r *http.Request) {
//! 	go func() {
//! 	//<^^^^^^^^^ this goroutine never ends, and each request starts one
//! 		for {
//! 			refresh(r.URL.Path)
//! 			time.Sleep(time.Minute)
//! 		}
//! 	}()
//! }
//! ```
//! ```go good
//! type cache struct {
//! 	done chan struct{}
//! }
//!
//! func newCache() *cache {
//! 	c := &cache{done: make(chan struct{})}
//! 	go c.sweep()
//! 	return c
//! }
//!
//! func (c *cache) Close() { close(c.done) }
//!
//! func (c *cache) sweep() {
//! 	tick := time.NewTicker(time.Minute)
//! 	defer tick.Stop()
//! 	for {
//! 		select {
//! 		case <-c.done:
//! 			return // `Close` ends it
//! 		case <-tick.C:
//! 			sweep()
//! 		}
//! 	}
//! }
//!
//! func main() {
//! 	go func() { // as long as the process
//! 		for {
//! 			report()
//! 			time.Sleep(time.Minute)
//! 		}
//! 	}()
//! 	serve()
//! }
//! ```
//!
//! # Idiom
//!
//! Loops that run for long take a `context.Context` and select on `ctx.Done()` beside their work. Whoever starts the goroutine cancels the
//! context and waits for the end.
//!
//! # Impact
//!
//! The loop outlives whoever started it: tests run with the goroutines of earlier tests, and a service that makes such
//! values at run time collects them. `go_goroutines` rises in steps that match the constructor's calls. At shutdown the
//! loop is cut off wherever it happens to be, for example in the middle of a write.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `goleak.VerifyTestMain(m)` in `TestMain`, the loop is listed with the line
//!   that started it
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -c 'created by .*{func}'`: one for each call
//!   that has left its loop running
//!
//! # Options
//!
//! - Take a context and return when it is done: the caller decides, and one cancellation ends all loops, but the
//!   context has to be passed down to here
//!   - senior, cloud-native, data: the signal handler reaches every loop
//! - Add a `Close` that closes a channel and waits: fits a value with state of its own; every owner has to call it
//!   - backend: a test can close the value and know that it is quiet
//! - Let the loop end with its input: nothing new to pass, as long as the producer is certain to close the channel
//!
//! # References
//!
//! - [Go blog, "Go Concurrency Patterns: Context"](https://go.dev/blog/context)
//! - [Package testing/synctest](https://pkg.go.dev/testing/synctest)
use gopeer_lint::prelude::*;

use crate::context::goes_on;

pub static RULE: Rule = Rule {
    id: "concurrency/goroutine-no-exit",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Leak, 3), (Concern::Operability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check)],
    examines: "goroutines that loop",
};

/// Who has the goroutine.
enum Owner {
    /// A request or message: what each is called.
    Caller(&'static str),
    /// A context that the function is given.
    Context(String),
    /// A value of this type, and the method that ends what it has started.
    Value(TypeId, Option<String>),
}

fn check(cx: &mut Cx, go: StmtId) {
    let Some(spawn) = cx.spawn(Node::Stmt(go)) else { return };
    cx.examined();
    let Some(endless) = cx.endless(&spawn) else { return };
    // A loop that learns of the end and goes on is reported where it does (`context/done-without-exit`).
    if endless.looping.is_some_and(|looping| asks_and_goes_on(cx, looping)) {
        return;
    }
    let Some(owner) = owner(cx, go) else { return };
    let what = cx.goroutine_in_words(&spawn);
    let (message, note) = match &owner {
        Owner::Caller(each) => (
            format!("{what} never ends, and each {each} starts one"),
            "let it end with a context that ends, and let somebody wait for it".to_owned(),
        ),
        Owner::Context(name) => (
            format!("{what} never ends, even when `{name}` has ended"),
            format!("let the loop end with `case <-{name}.Done(): return`"),
        ),
        Owner::Value(ty, None) => (
            format!("{what} never ends, and `{}` has no method that stops it", name_of(cx, *ty)),
            "each value leaves behind a goroutine that refers to it; give it a `Close` that ends the loop".to_owned(),
        ),
        Owner::Value(ty, Some(method)) => (
            format!("{what} never ends, even when `{method}` of `{}` is called", name_of(cx, *ty)),
            format!("let the loop end with a channel that `{method}` closes, or with a context that it cancels"),
        ),
    };
    // A program may make one such value, and keep it.
    let severity = if matches!(owner, Owner::Value(..)) { Severity::Medium } else { Severity::High };
    let starts = cx.start_of(&spawn);
    let mut steps = vec![(starts, "the goroutine starts here".to_owned())];
    if let Some(looping) = endless.looping {
        let at = cx.span(looping).start;
        steps.push((Span::new(at, at + 3), "this loop has no `return`, `break` or condition that ends it".to_owned()));
    }
    if let Some(context) = endless.context {
        steps.push((cx.span(context), "it waits for the end of this context, which never comes".to_owned()));
    }
    let reason = cx.explanation(go, &["process", "forever", "life", "background", "daemon", "exit", "leak"]);
    cx.report_span(starts, message).severity(severity).steps(steps).note(note).excused(reason);
}

/// Whether a case of a `select` in a loop learns that a context is done, and the loop goes on.
fn asks_and_goes_on(cx: &Cx, looping: StmtId) -> bool {
    cx.any(looping, false, |node| match node {
        Node::Stmt(select) => match cx.stmt(select) {
            Stmt::Select { clauses } => cx.stmts(clauses).iter().any(|&clause| goes_on(cx, select, clause)),
            _ => false,
        },
        _ => false,
    })
}

/// Who has a goroutine that is not meant to live as long as the process.
fn owner(cx: &Cx, go: StmtId) -> Option<Owner> {
    if let Some((_, caller)) = cx.handler(go) {
        return Some(Owner::Caller(if caller == gopeer_lint::Caller::Client { "request" } else { "message" }));
    }
    if cx.runs_for_life(go) {
        return None;
    }
    let decl = cx.enclosing_decl(go)?;
    let name = cx.func_name(decl)?;
    // What is started to end something ends with the process.
    if words(name).iter().any(|word| super::support::ends_use(word)) {
        return None;
    }
    // A goroutine that has the context is meant to end with it.
    let given = cx.as_func(Node::Decl(decl)).and_then(|func| cx.param_of(func, "context.Context"));
    if let Some(context) = given.filter(|&context| cx.mentions(go, context)) {
        return Some(Owner::Context(cx.source(context).to_owned()));
    }
    if let Some(ty) = cx.receiver_of(decl) {
        if let Some(stops) = cx.stopping_method(ty) {
            return Some(Owner::Value(ty, Some(stops.to_owned())));
        }
        // It may be for what the method makes.
        let made = cx.made_by(decl).filter(|_| works_for_new(cx, go))?;
        return cx.releasing_method(made).map(|stops| Owner::Value(made, Some(stops.to_owned())));
    }
    let ty = cx.made_by(decl).filter(|&ty| !matches!(cx.store.under(ty), Type::Signature(_)))?;
    match cx.stopping_method(ty).or_else(|| cx.releasing_method(ty)) {
        Some(stops) => Some(Owner::Value(ty, Some(stops.to_owned()))),
        None => (!cx.may_be_stopped(ty)).then_some(Owner::Value(ty, None)),
    }
}

/// Whether a goroutine runs a method of what the function has made.
fn works_for_new(cx: &Cx, go: StmtId) -> bool {
    let Some(spawn) = cx.spawn(Node::Stmt(go)) else { return false };
    let receiver = cx.call(spawn.call).and_then(|call| call.receiver);
    receiver.is_some_and(|receiver| cx.is_fresh(receiver))
}

fn name_of(cx: &Cx, ty: TypeId) -> String {
    cx.store.qualified_name(ty).map_or_else(|| "its value".to_owned(), |(_, name)| name.to_owned())
}
