//! Two mutexes are taken in one order here, and in the other order elsewhere.
//!
//! One goroutine holds the first and waits for the second, another one holds the second and waits for the first: both wait forever, and
//! so does everybody who needs either lock. It takes two calls at the same moment, so it happens under load, and no test shows it. Choose
//! one order and keep to it everywhere, or unlock the first before the second is taken.
//!
//! Limits: locks are distinguished by the type and the field, not by the instance. Two of one type are compared only where a function
//! gets both, as its receiver, by parameters or by a look-up, and nothing in it says which is to come first. Cycles of three locks and more
//! are not found.
//!
//! ```go bad
//! type Bank struct {
//! 	mu       sync.Mutex
//! 	accounts map[string]int
//! 	log      *Journal
//! }
//!
//! type Journal struct {
//! 	mu    sync.Mutex
//! 	lines []string
//! 	bank  *Bank
//! }
//!
//! func (b *Bank) Deposit(account string, amount int) {
//! 	b.mu.Lock()
//! 	defer b.mu.Unlock()
//! 	b.accounts[account] += amount
//! 	b.log.Write("deposit")
//! }
//!
//! func (j *Journal) Write(line string) {
//! 	j.mu.Lock()
//! 	defer j.mu.Unlock()
//! 	j.lines = append(j.lines, line)
//! }
//!
//! func (j *Journal) Balance(account string) int {
//! 	j.mu.Lock()
//! 	defer j.mu.Unlock()
//! 	j.bank.mu.Lock()
//! 	//<^^^^^^^^^^^^^^ medium: this takes `Bank.mu` while `Journal.mu` is held; `Bank.Deposit` takes them in the reverse order
//! 	defer j.bank.mu.Unlock()
//! 	return j.bank.accounts[account]
//! }
//! ```
//! ```go good
//! type Bank struct {
//! 	mu       sync.Mutex
//! 	accounts map[string]int
//! 	log      *Journal
//! }
//!
//! type Journal struct {
//! 	mu    sync.Mutex
//! 	lines []string
//! 	bank  *Bank
//! }
//!
//! func (b *Bank) Deposit(account string, amount int) {
//! 	b.mu.Lock()
//! 	defer b.mu.Unlock()
//! 	b.log.mu.Lock()
//! 	b.log.lines = append(b.log.lines, account)
//! 	b.log.mu.Unlock()
//! }
//!
//! func (j *Journal) Flush() int {
//! 	j.mu.Lock()
//! 	n := len(j.lines)
//! 	j.mu.Unlock() // released before the other one is taken
//! 	j.bank.mu.Lock()
//! 	defer j.bank.mu.Unlock()
//! 	return n + len(j.bank.accounts)
//! }
//! ```
//!
//! # Impact
//!
//! Two calls at the same moment block each other, and from then on every call that needs either lock waits until the
//! process is restarted. CPU use falls while the number of requests in flight climbs; liveness probes that need none of
//! the locks still pass. The goroutine dump shows both in `[sync.Mutex.Lock]`, each with the other's lock held.
//!
//! # Verify
//!
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | grep -B 1 -A 10 'Mutex.Lock'`: shows two stacks,
//!   each waiting for the lock that the other holds
//! - `go test -run {test} -count 500 -cpu 4 -timeout 30s {package}`: with a test that calls both functions in parallel,
//!   one of the runs hangs
//!
//! # Options
//!
//! - Take both locks in one fixed order: nothing else changes, and the order must be written down where the locks are
//!   declared
//!   - senior, data: one rule that a reviewer can check
//! - Release the first before taking the second: no order is needed, but what was read under the first may have changed
//!   - throughput: locks are held for less time
//! - Guard both with one mutex: the inversion is impossible, at the price of more contention
//!   - backend: the two are one aggregate, and tested as one
//!
//! # References
//!
//! - [Package sync, Mutex](https://pkg.go.dev/sync#Mutex)
//! - [Diagnostics](https://go.dev/doc/diagnostics)
use gopeer_lint::prelude::*;
use gopeer_lint::{Held, Inverted, Step};

pub static RULE: Rule = Rule {
    id: "concurrency/lock-order-inversion",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "locks that are taken while another one is held",
};

fn check(cx: &mut Cx) {
    let has_calls = cx.tree.all_exprs().any(|(_, expr)| matches!(expr, Expr::Call { .. }));
    // Generators of mocks write it a hundred times.
    if !has_calls || cx.file.generated {
        return;
    }
    for inverted in &*cx.inverted_locks() {
        cx.examined();
        report(cx, inverted);
    }
}

fn report(cx: &mut Cx, inverted: &Inverted) {
    let Expr::Call { fun, .. } = cx.expr(inverted.at) else { return };
    let (held, taken) = (shown(&inverted.held), shown(&inverted.taken));
    if let (true, (Some(first), second)) = (held == taken, inverted.other_at) {
        return alike(cx, held, (first, second));
    }
    let way = match &*inverted.by {
        [] => "this takes".to_owned(),
        [one] => format!("`{one}` takes"),
        [one, .., last] => format!("`{one}` calls `{last}`, which takes"),
    };
    let own = cx.enclosing_decl(inverted.at).and_then(|func| cx.func_name(func));
    let other = match inverted.other.rsplit('.').next() == own {
        true => "other code of this function".to_owned(),
        false => format!("`{}`", inverted.other),
    };
    let (here, there) = ("one goroutine", "another one");
    let mut steps: Vec<Step> = Vec::new();
    let locks = cx.held_at(inverted.at);
    let is_held = |lock: &&Held| lock.lock.class.as_ref() == Some(&inverted.held);
    let since = locks.held.iter().find(is_held).map(|lock| lock.since);
    if let Some(Expr::Call { fun, .. }) = since.map(|since| cx.expr(since)) {
        steps.push(Step::from((cx.span(fun), format!("takes `{held}`"))).by(here));
    }
    let (first, second) = inverted.other_at;
    let there_at = |at, text| Step::within(inverted.other.clone(), at, text).by(there);
    steps.extend(first.map(|first| there_at(first, format!("takes `{taken}`"))));
    steps.push(Step::from((cx.span(fun), format!("waits for `{taken}`, which the other one holds"))).by(here));
    steps.push(there_at(second, format!("waits for `{held}`: both block forever")));
    let other_way = match &*inverted.other_by {
        [] => format!("{other} holds `{taken}` and takes `{held}`"),
        [.., last] => format!("{other} holds `{taken}` and calls `{last}`, which takes `{held}`"),
    };
    cx.report(fun, format!("{way} `{taken}` while `{held}` is held; {other} takes them in the reverse order"))
        // Whether it is the same pair of values, and whether both run at once, is more than this shows.
        .severity(Severity::Medium)
        .asks(format!(
            "Can one goroutine be here while another one is in {other}? They take `{held}` and `{taken}` in opposite orders, so each \
             can wait for the other."
        ))
        .steps(steps)
        .note(format!("{other_way}: a goroutine there and one here can wait for each other"))
        .one_of("locks in this file are taken in both orders")
        .note("take both in the same order everywhere, or unlock the first before the second is taken");
}

/// Two locks of one kind, of which callers say which is the first.
fn alike(cx: &mut Cx, kind: &str, (first, second): (ExprId, ExprId)) {
    let (Expr::Call { fun: outer, .. }, Expr::Call { fun, .. }) = (cx.expr(first), cx.expr(second)) else { return };
    let (Expr::Selector { base: one, .. }, Expr::Selector { base: other, .. }) = (cx.expr(outer), cx.expr(fun)) else {
        return;
    };
    let twice = if are_compared(cx, one, other) { "" } else { "; a call with the same value twice blocks by itself" };
    let (one, other, func) = (cx.source(one), cx.source(other), cx.func_in_words(second));
    let (here, there) = ("one goroutine", "another one, with the two exchanged");
    let steps = vec![
        Step::from((cx.span(outer), format!("takes `{one}`"))).by(here),
        Step::from((cx.span(outer), format!("takes what is `{other}` for the first one"))).by(there),
        Step::from((cx.span(fun), format!("waits for `{other}`, which the other one holds"))).by(here),
        Step::from((cx.span(fun), "waits for the lock of the first one: both block forever".to_owned())).by(there),
    ];
    let message = format!(
        "`{other}` is taken while `{one}` is held, in no fixed order, so two calls of {func} with the two \
         exchanged can block each other"
    );
    let cause = crate::cause::in_package(cx, kind);
    cx.report(fun, message)
        .steps(steps)
        .one_cause(cause)
        .note(format!("take the two `{kind}` in an order of their own, such as by an id{twice}"));
}

/// Whether the function around asks whether two variables are the same value: `if h == from { return }`.
fn are_compared(cx: &Cx, one: ExprId, other: ExprId) -> bool {
    let (Some(one), Some(other)) = (cx.root(one), cx.root(other)) else { return false };
    let both = [cx.def(one), cx.def(other)];
    let compares = |id: ExprId| match cx.expr(id) {
        Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
            let sides = [cx.def(cx.unparen(lhs)), cx.def(cx.unparen(rhs))];
            sides[0] != sides[1] && sides.iter().all(|side| both.contains(side))
        }
        _ => false,
    };
    cx.enclosing_func(one).is_some_and(|func| cx.find_expr(func.body, false, compares).is_some())
}

/// A kind of lock without the function that a local one belongs to.
fn shown(class: &str) -> &str {
    class.split('@').next().unwrap_or(class)
}
