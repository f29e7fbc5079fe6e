//! A mutex is held while something waits: for a channel, for goroutines, for an answer, for time.
//!
//! Everybody who needs the lock waits as long, however little they want: one slow answer holds up all requests that read a field. If
//! what is waited for needs the same lock first, both block forever. Copy what is needed from the guarded fields and unlock before
//! waiting; lock again to keep the result.
//!
//! Limits: a lock that most functions hold while they wait is taken to be there for that, as is one with a name of its own, such as
//! `writeMu`. Channels with room, `select` with `default` or a time limit, and one side of an open connection do not count. Waiting in
//! other packages is known from their documentation.
//!
//! ```go bad
//! type Rates struct {
//! 	mu    sync.Mutex
//! 	known map[string]string
//! }
//!
//! func (r *Rates) Rate(currency string) string {
//! 	r.mu.Lock()
//! 	defer r.mu.Unlock()
//! 	return r.known[currency]
//! }
//!
//! func (r *Rates) Refresh(client *http.Client, req *http.Request) error {
//! 	r.mu.Lock()
//! 	defer r.mu.Unlock()
//! 	resp, err := client.Do(req)
//! 	//           ^^^^^^^^^ `client.Do` waits for an answer while `r.mu` is held
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer resp.Body.Close()
//! 	r.known["EUR"] = resp.Status
//! 	return nil
//! }
//! ```
//! ```go bad
//! type Pool struct {
//! 	mu   sync.Mutex
//! 	wg   sync.WaitGroup
//! 	done int
//! }
//!
//! func (p *Pool) Start() {
//! 	p.wg.Add(1)
//! 	go p.work()
//! }
//!
//! func (p *Pool) work() {
//! 	defer p.wg.Done()
//! 	p.mu.Lock()
//! 	p.done++
//! 	p.mu.Unlock()
//! }
//!
//! func (p *Pool) Stop() int {
//! 	p.mu.Lock()
//! 	defer p.mu.Unlock()
//! 	p.wg.Wait()
//! 	//<^^^^^^^^^ critical: `p.wg.Wait` waits for code in `work` that needs `p.mu`, and `p.mu` is held here: both block forever
//! 	return p.done
//! }
//! ```
//! ```go good
//! type Rates struct {
//! 	mu      sync.Mutex
//! 	writeMu sync.Mutex
//! 	known   map[string]string
//! 	changed *sync.Cond
//! 	events  chan string
//! }
//!
//! func NewRates() *Rates { return &Rates{events: make(chan string, 1)} }
//!
//! func (r *Rates) Rate(currency string) string {
//! 	r.mu.Lock()
//! 	defer r.mu.Unlock()
//! 	return r.known[currency]
//! }
//!
//! func (r *Rates) Refresh(client *http.Client, req *http.Request) error {
//! 	resp, err := client.Do(req) // nothing is held
//! 	if err != nil {
//! 		return err
//! 	}
//! 	defer resp.Body.Close()
//! 	r.mu.Lock()
//! 	defer r.mu.Unlock()
//! 	r.known["EUR"] = resp.Status
//! 	for len(r.known) == 0 {
//! 		r.changed.Wait() // gives the lock back meanwhile
//! 	}
//! 	select {
//! 	case r.events <- "refreshed": // or not
//! 	default:
//! 	}
//! 	return nil
//! }
//!
//! func (r *Rates) Send(client *http.Client, req *http.Request) (*http.Response, error) {
//! 	r.writeMu.Lock() // one request at a time: that is what this lock is for
//! 	defer r.writeMu.Unlock()
//! 	return client.Do(req)
//! }
//! ```
//!
//! # Impact
//!
//! One slow answer holds up every request that needs the lock, even to read one field; p99 of unrelated endpoints
//! follows the latency of that dependency. This function is at the top of the mutex profile. If what is waited for
//! needs the same lock, it is a deadlock.
//!
//! # Verify
//!
//! - `curl -s http://localhost:6060/debug/pprof/mutex -o mutex.out && go tool pprof -top mutex.out`: after
//!   `runtime.SetMutexProfileFraction(5)`, shows where others wait
//! - `go test -run none -bench {test} -cpu 1,8 -mutexprofile mutex.out {package}`: the same without a running service
//!
//! # Options
//!
//! - Copy what is needed, unlock, then call: others go on; the state may have changed in between
//!   - senior, throughput, cloud-native: a lock guards memory, not a network
//! - Let one caller do it and the others wait for its result (`singleflight`): no duplicate calls, and no lock while
//!   waiting
//!   - data, backend: right for filling a cache
//!
//! # References
//!
//! - [Package singleflight](https://pkg.go.dev/golang.org/x/sync/singleflight)
//! - [Diagnostics](https://go.dev/doc/diagnostics)
use gopeer_lint::prelude::*;
use gopeer_lint::{Across, Partner, Step, WaitKind};

pub static RULE: Rule = Rule {
    id: "concurrency/lock-held-across-blocking",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Deadlock, 2), (Concern::Latency, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "what waits while a lock is held",
};

fn check(cx: &mut Cx) {
    for across in &*cx.held_across() {
        cx.examined();
        report(cx, across);
    }
}

fn report(cx: &mut Cx, across: &Across) {
    let at = match cx.expr(across.at) {
        Expr::Call { fun, .. } => fun,
        _ => across.at,
    };
    let locks = cx.held_at(across.at);
    let since = locks.held.iter().find(|held| held.lock == across.lock).map(|held| held.since);
    let Some(Expr::Call { fun, .. }) = since.map(|since| cx.expr(since)) else { return };
    let lock = match cx.expr(fun) {
        Expr::Selector { base, .. } => cx.source(base).to_owned(),
        _ => across.lock.name().to_owned(),
    };
    let op = &across.wait.op;
    if across.wait.kind == WaitKind::Given {
        return asks(cx, across, at, &lock);
    }
    let waits = match &*across.by {
        [] => format!("`{op}` waits"),
        [one] => format!("in `{one}`, `{op}` waits"),
        [one, .., last] => format!("`{one}` leads to `{last}`, where `{op}` waits"),
    };
    let locked = Step::from((cx.span(fun), format!("locks `{lock}`")));
    if let Some(Partner { function, needs, ends }) = &across.partner {
        if across.full && is_signal(cx, across.at) {
            return;
        }
        let name = function.rsplit('.').next().unwrap_or_default();
        let both = match across.wait.kind {
            WaitKind::Select | WaitKind::Offer => "both wait until another case ends it",
            _ if across.full => "once there is no room, both block forever",
            _ => "both block forever",
        };
        let message = format!("{waits} for code in `{name}` that needs `{lock}`, and `{lock}` is held here: {both}");
        let (here, there) = ("the one that holds the lock", "the one that is waited for");
        let steps = [
            locked.by(here),
            Step::from((cx.span(at), format!("{waits}, with the lock held"))).by(here),
            Step::within(function.clone(), *needs, format!("waits for `{lock}`")).by(there),
            Step::within(function.clone(), *ends, "would end the wait, and is never reached").by(there),
        ];
        let report = cx.report(at, message).severity(Severity::Critical).steps(steps);
        let report = report.note(format!("unlock `{lock}` before this"));
        // Whether there is always room is for those to know who have said how much.
        if across.full {
            report.question();
        }
        return;
    }
    // What is being ended is waited for on purpose.
    let own = cx.enclosing_decl(across.at).and_then(|decl| cx.func_name(decl));
    let ends = across.by.iter().map(|name| &**name).chain(own).any(super::support::ends_use);
    if ends && matches!(across.wait.kind, WaitKind::Receive | WaitKind::Group) {
        return;
    }
    let what = match across.wait.kind {
        WaitKind::Receive => " for a value",
        WaitKind::Send => " for a receiver",
        WaitKind::Each => " for each receiver in turn",
        WaitKind::Select | WaitKind::Offer => " for a channel",
        WaitKind::Group => " for goroutines",
        WaitKind::Answer if across.wait.op.ends_with("Acquire") => " for a slot",
        WaitKind::Answer => " for an answer",
        WaitKind::Given | WaitKind::Sleep => "",
    };
    let steps = [locked, Step::from((cx.span(at), format!("{waits}{what}, with the lock held")))];
    let others: Vec<String> = across.others.iter().map(|name| format!("`{name}`")).collect();
    // What others wait for is the lock, in however many places something waits with it.
    let cause = crate::cause::in_package(cx, across.lock.class.as_deref().unwrap_or(&lock));
    let (severity, advice) = match across.wait.kind {
        WaitKind::Each => (
            Severity::High,
            "one receiver that is slow, or gone, stops all: send in a `select` with `default`, or unlock first",
        ),
        _ => (Severity::Medium, "copy what is needed from the guarded fields, and unlock before waiting"),
    };
    cx.report(at, format!("{waits}{what} while `{lock}` is held"))
        .severity(severity)
        .one_cause(cause)
        .steps(steps)
        .note(format!("meanwhile {} cannot get the lock", others.join(", ")))
        .note(advice);
}

/// What gets a context may wait.
fn asks(cx: &mut Cx, across: &Across, at: ExprId, lock: &str) {
    let op = &across.wait.op;
    let called = match across.by.last() {
        Some(by) => format!("`{op}`, which `{by}` calls,"),
        None => format!("`{op}`"),
    };
    cx.report(at, format!("{called} runs while `{lock}` is held, and gets a context, as what waits does"))
        .asks(format!("How long may {called} take? Until it returns, nobody else gets `{lock}`."))
        .note("copy what is needed from the guarded fields, and unlock before the call");
}

/// Whether a channel with room gets a value that says nothing more than that something has happened: there is room for it.
fn is_signal(cx: &Cx, chan: ExprId) -> bool {
    let Some(Node::Stmt(send)) = cx.tree.parent(chan) else { return false };
    let Stmt::Send { value, .. } = cx.stmt(send) else { return false };
    matches!(cx.source(value), "true" | "struct{}{}")
}
