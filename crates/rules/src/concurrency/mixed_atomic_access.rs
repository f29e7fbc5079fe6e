//! A variable is used with `sync/atomic` in one place and plainly in another.
//!
//! An atomic operation orders itself with other atomic operations, and with nothing else. A plain read beside it may see an old
//! value, or half of a new one on a 32-bit machine, and the compiler may read it once and never again: a loop that waits for the
//! flag does not end. A plain write is lost between the load and the store of another goroutine. So is `n = atomic.AddInt64(&n, 1)`:
//! what is assigned may be older than what others have added meanwhile.
//!
//! Use the functions of `sync/atomic` everywhere, or better a type such as `atomic.Int64` (Go 1.19), which has no plain access.
//!
//! Limits: looked at are fields of a method's receiver, variables of the package, and variables that a function shares with its
//! goroutines. Plain accesses count in functions that others may call meanwhile (exported ones), or that a goroutine runs; not in
//! those whose name speaks of initialization (`New…`, `Reset`), under a lock, or after a wait.
//!
//! ```go bad
//! package stats
//!
//! import "sync/atomic"
//!
//! type Stats struct {
//! 	hits   int64
//! 	closed int32
//! }
//!
//! func (s *Stats) Hit() {
//! 	atomic.AddInt64(&s.hits, 1)
//! }
//!
//! func (s *Stats) Hits() int64 {
//! 	return s.hits
//! 	//     ^^^^^^ medium: `s.hits` is read plainly, but `Stats.Hit` uses it with `sync/atomic`
//! }
//!
//! func (s *Stats) Close() {
//! 	atomic.StoreInt32(&s.closed, 1)
//! }
//!
//! func (s *Stats) Reopen() {
//! 	s.closed = 0
//! 	//<^^^^^^^^ medium: `s.closed` is written plainly, but `Stats.Close` uses it with `sync/atomic`
//! }
//!
//! func next(n *int64) int64 {
//! 	*n = atomic.AddInt64(n, 1)
//! 	//<^^ what `atomic.AddInt64` returns is assigned to what it has changed
//! 	return *n
//! }
//! ```
//! ```go good
//! package stats
//!
//! import "sync/atomic"
//!
//! type Stats struct {
//! 	hits  int64
//! 	calls atomic.Int64
//! }
//!
//! func New(hits int64) *Stats {
//! 	s := &Stats{}
//! 	// Nobody else has it yet.
//! 	s.hits = hits
//! 	return s
//! }
//!
//! func (s *Stats) Hit() int64 {
//! 	s.calls.Add(1)
//! 	return atomic.AddInt64(&s.hits, 1)
//! }
//!
//! func (s *Stats) Hits() int64 {
//! 	return atomic.LoadInt64(&s.hits)
//! }
//! ```
//!
//! # Impact
//!
//! The plain access may never see the new value, because the compiler is free to read it once before the loop, or it
//! overwrites what another goroutine has added meanwhile. It shows as a worker that ignores its stop flag, or as
//! counters that lag behind the logs. The race detector reports it when a test executes both accesses.
//!
//! # Verify
//!
//! - `go test -race -run {test} -cpu 4 {package}`: pairs the plain access with the atomic one of the other goroutine
//! - `grep -rn 'atomic\.\(Load\|Store\|Add\|Swap\|CompareAndSwap\)' {package}`: each variable listed here must have no
//!   other access
//!
//! # Options
//!
//! - Declare it as `atomic.Int64` or its siblings: plain access no longer compiles; every use has to be rewritten, and
//!   copies are forbidden
//!   - senior, throughput, cloud-native: the type makes the fault impossible
//! - Guard it with the mutex of its struct: right where it has to agree with other fields, and more expensive for a
//!   counter
//!   - backend, data: one lock for one invariant
//!
//! # References
//!
//! - [Package sync/atomic](https://pkg.go.dev/sync/atomic)
//! - [The Go Memory Model](https://go.dev/ref/mem)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/mixed-atomic-access",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Race, 3)],
    equivalents: &["vet:atomic", "modernize:atomictypes", "revive:atomic"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check), Hook::Stmt(&[StmtKind::Assign, StmtKind::Define], check_assigned)],
    examines: "variables that are used with `sync/atomic`",
};

fn check(cx: &mut Cx) {
    for mixed in cx.mixed_atomics() {
        cx.examined();
        let (name, by) = (cx.source(mixed.at), &mixed.by);
        let done = if mixed.writes { "written" } else { "read" };
        let message = format!("`{name}` is {done} plainly, but `{by}` uses it with `sync/atomic`");
        // Who reads one field of a type plainly reads the others so.
        let of = mixed.class.split_once('.').map_or(&*mixed.class, |(of, _)| of);
        let cause = crate::cause::in_package(cx, &format!("{of} {done}"));
        // Who reads it plainly may do so when nobody else uses it any more.
        cx.report(mixed.at, message).severity(Severity::Medium).note(advice(mixed.writes)).one_cause(cause);
    }
    for race in cx.races().iter().filter(|race| race.is_mixed()) {
        let (name, writes) = (&race.name, race.does.is_write());
        let done = if writes { "written" } else { "read" };
        let message = format!("{name} is {done} plainly while a goroutine uses it with `sync/atomic`");
        cx.report_span(race.at, message).steps(race.steps.clone()).note(advice(writes));
    }
}

fn advice(writes: bool) -> &'static str {
    match writes {
        true => "use `atomic.Store…`, or a type such as `atomic.Int64`, which has no plain access",
        false => "use `atomic.Load…`, or a type such as `atomic.Int64`, which has no plain access",
    }
}

/// `n = atomic.AddInt64(&n, 1)`.
fn check_assigned(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    let (Some(target), Some(value)) = (cx.only(lhs), cx.only(rhs)) else { return };
    let Some(call) = cx.call(value).filter(|call| call.callee.is_of_package("sync/atomic")) else { return };
    let Some(&address) = call.args.first().filter(|_| call.callee.name.starts_with("Add")) else { return };
    let same = match (cx.expr(cx.unparen(address)), cx.expr(cx.unparen(target))) {
        (Expr::Unary { op: UnaryOp::Addr, operand }, _) => cx.same_pure(operand, target),
        (_, Expr::Star(pointer)) => cx.same_pure(address, pointer),
        _ => false,
    };
    if !same {
        return;
    }
    let add = cx.callee_text(value);
    let message = format!("what `{add}` returns is assigned to what it has changed");
    cx.report(target, message)
        .note("the assignment is no atomic operation: it overwrites what others have added meanwhile; call it without assigning");
}
