//! A decision on shared state is acted upon when the state may have changed.
//!
//! Each half is safe by itself: the read under `RLock`, the write under `Lock`; the `Load` and the `Store`. Between them another
//! goroutine gets in, passes the same check, and acts as well: a seat is sold twice, a balance falls below zero, an update is
//! lost, two goroutines each get a mutex of their own for one key.
//!
//! Look again once the lock is held for the write, or hold it from the check to the act. Of a `sync.Map` use `LoadOrStore`, of
//! atomics `Add` or `CompareAndSwap`; create what exists once with `sync.Once` or `sync.OnceValue`.
//!
//! What one goroutine alone runs, such as the loop that handles events, is left alone: nobody else decides meanwhile.
//!
//! Limits: the act is looked for in one function, and the check there or in a function that it calls. A cache that computes a value twice
//! does no harm and is not reported, unless the value has a lock, is a channel, or must be closed. Lazy initialization after a test for
//! nil is reported in handlers.
//!
//! ```go bad
//! type Seats struct {
//! 	mu    sync.RWMutex
//! 	taken map[string]string
//! 	free  int
//! }
//!
//! func (s *Seats) Take(seat, customer string) error {
//! 	s.mu.RLock()
//! 	_, ok := s.taken[seat]
//! 	s.mu.RUnlock()
//! 	if ok {
//! 		return errors.New("taken")
//! 	}
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.taken[seat] = customer
//! 	//<^^^^^^^ `s.taken` is changed on a check that was made before `s.mu` was released
//! 	return nil
//! }
//!
//! func (s *Seats) Reserve(n int) bool {
//! 	s.mu.Lock()
//! 	free := s.free
//! 	s.mu.Unlock()
//! 	if free < n {
//! 		return false
//! 	}
//! 	s.mu.Lock()
//! 	s.free -= n
//! 	//<^^^^^^ `s.free` is changed on a check that was made before `s.mu` was released
//! 	s.mu.Unlock()
//! 	return true
//! }
//!
//! type Locks struct{ byKey sync.Map }
//!
//! func (l *Locks) For(key string) *sync.Mutex {
//! 	if found, ok := l.byKey.Load(key); ok {
//! 		return found.(*sync.Mutex)
//! 	}
//! 	mu := new(sync.Mutex)
//! 	l.byKey.Store(key, mu)
//! 	//<^^^^^^^^^^^^^^^^^^^^^^ `l.byKey.Store` acts on what `l.byKey.Load` said, which may have changed
//! 	return mu
//! }
//! ```
//! ```go good
//! type Seats struct {
//! 	mu    sync.RWMutex
//! 	taken map[string]string
//! 	sizes map[string]int
//! }
//!
//! func (s *Seats) Take(seat, customer string) error {
//! 	s.mu.RLock()
//! 	_, ok := s.taken[seat]
//! 	s.mu.RUnlock()
//! 	if ok {
//! 		return errors.New("taken")
//! 	}
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	// It is looked at again.
//! 	if _, ok := s.taken[seat]; ok {
//! 		return errors.New("taken")
//! 	}
//! 	s.taken[seat] = customer
//! 	return nil
//! }
//!
//! func (s *Seats) Size(row string, count func(string) int) int {
//! 	s.mu.RLock()
//! 	n, ok := s.sizes[row]
//! 	s.mu.RUnlock()
//! 	if ok {
//! 		return n
//! 	}
//! 	// Counted twice, it is the same number.
//! 	n = count(row)
//! 	s.mu.Lock()
//! 	s.sizes[row] = n
//! 	s.mu.Unlock()
//! 	return n
//! }
//!
//! type Locks struct{ byKey sync.Map }
//!
//! func (l *Locks) For(key string) *sync.Mutex {
//! 	mu, _ := l.byKey.LoadOrStore(key, new(sync.Mutex))
//! 	return mu.(*sync.Mutex)
//! }
//! ```
//!
//! # Idiom
//!
//! A lock makes one step atomic; two locked steps leave a gap between them. The decision and the change go into one method that locks once.
//!
//! # Impact
//!
//! Two requests pass the same check and both act: the seat is sold twice, or the later write wipes out the earlier one.
//! No error is logged, and the race detector is silent because each access is locked; the books do not balance days
//! later. A test shows it with many goroutines that want the last one and a count of how many got it.
//!
//! # Verify
//!
//! - `go test -run {test} -count 200 -cpu 1,4,8 {package}`: with a test in which many goroutines compete for one item,
//!   in some runs more than one gets it
//!
//! # Options
//!
//! - Hold the lock from the check to the write: one critical section that can be read from top to bottom, at the price
//!   of holding it during whatever happens in between
//!   - senior, backend: the invariant is in one place
//! - Check again under the second lock: readers stay cheap, and the slow part runs unlocked, but the condition is
//!   written twice
//!   - throughput: the common case takes the read lock only
//! - Use one atomic step (`LoadOrStore`, `CompareAndSwap`): no lock is held, but only a single word or key can be
//!   decided that way
//!
//! # References
//!
//! - [Package sync, Map.LoadOrStore](https://pkg.go.dev/sync#Map.LoadOrStore)
//! - [Package sync/atomic](https://pkg.go.dev/sync/atomic)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/check-then-act",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "checks of shared state",
};

fn check(cx: &mut Cx) {
    for stale in cx.stale_acts() {
        cx.examined();
        let message = message(cx, &stale);
        let steps = steps(cx, &stale);
        // What is only counted or averaged is off by a little.
        let counts = matches!(stale.by, Guard::Atomic) && stale.decided.is_none();
        let severity = if is_once(cx, &stale) || counts { Severity::Medium } else { Severity::High };
        cx.report(stale.at, message).severity(severity).steps(steps).note(harm(stale.act)).note(advice(&stale.by));
    }
    for race in cx.field_races().iter().filter(|race| race.between == Users::Setters) {
        cx.examined();
        let message = race.message(cx);
        cx.report(race.at, message)
            .note("what the first has made is lost, and may still be used")
            .note("set it with `sync.Once`, under a lock, or before others can get here")
            .question();
    }
}

fn message(cx: &Cx, stale: &Stale) -> String {
    match stale.by {
        Guard::Lock(_, second) => {
            let (name, lock) = (cx.source(stale.at), lock_of(cx, second));
            match stale.decided {
                Some(_) => format!("`{name}` is changed on a check that was made before `{lock}` was released"),
                None => format!("`{name}` is written from what was read before `{lock}` was released"),
            }
        }
        Guard::Atomic | Guard::Map => {
            let (store, load) = (cx.callee_text(stale.at), cx.callee_text(stale.read));
            format!("`{store}` acts on what `{load}` said, which may have changed")
        }
    }
}

/// Whether what is done and noted under the condition is something that all who come here need, and go on with, as to register a name:
/// who comes too early does it twice.
fn is_once(cx: &Cx, stale: &Stale) -> bool {
    let Some(Node::Stmt(around)) =
        stale.decided.and_then(|cond| cx.around(cond, |_, node| matches!(node, Node::Stmt(_))))
    else {
        return false;
    };
    let claims = matches!((&stale.by, stale.act), (Guard::Map | Guard::Atomic, Harmful::Claims));
    claims && cx.span(around).contains(cx.span(stale.at)) && cx.next_stmt(around).is_some()
}

fn lock_of<'a>(cx: &Cx<'a>, call: ExprId) -> &'a str {
    cx.method_call(call).map_or("the lock", |(lock, _, _)| cx.source(lock))
}

fn steps(cx: &Cx, stale: &Stale) -> Vec<(Span, String)> {
    let name = cx.source(stale.read);
    let mut steps = Vec::new();
    match stale.by {
        Guard::Lock(first, second) => {
            let lock = lock_of(cx, second);
            if first == stale.read {
                let callee = cx.callee_word(first);
                steps.push((
                    cx.span(first),
                    format!("`{callee}` looks here, and has released `{lock}` when it returns"),
                ));
            } else {
                steps.push((cx.span(first), format!("`{lock}` is locked here")));
                steps.push((cx.span(stale.read), format!("`{name}` is read here, and `{lock}` is released after it")));
            }
            if let Some(cond) = stale.decided {
                steps.push((
                    cx.span(cond),
                    "the decision is made here; another goroutine may make the same one".to_owned(),
                ));
            }
            steps.push((
                cx.span(second),
                format!("`{lock}` is locked again here; another goroutine may have held it meanwhile"),
            ));
            steps.push((
                cx.span(stale.at),
                format!("`{}` is changed here without being checked again", cx.source(stale.at)),
            ));
        }
        Guard::Atomic | Guard::Map => {
            steps.push((cx.span(stale.read), "it is read here".to_owned()));
            if let Some(cond) = stale.decided {
                steps.push((
                    cx.span(cond),
                    "the decision is made here; another goroutine may make the same one".to_owned(),
                ));
            }
            steps.push((
                cx.span(stale.at),
                "the new value is stored here, over whatever others have stored meanwhile".to_owned(),
            ));
        }
    }
    steps
}

fn harm(act: Harmful) -> &'static str {
    match act {
        Harmful::WritesBack => "what others have written meanwhile is lost",
        Harmful::Changes => "two goroutines that pass the check together both make the change",
        Harmful::Claims => "two goroutines that pass the check together both proceed",
        Harmful::Stores => {
            "two goroutines that pass the check together each use one of their own, and one of them is lost"
        }
    }
}

fn advice(by: &Guard) -> &'static str {
    match by {
        Guard::Lock(..) => "check again after the second `Lock`, or hold the lock from the check to the act",
        Guard::Atomic => "use one call for both: `CompareAndSwap` with what was read, or `Add` for a number",
        Guard::Map => "use `LoadOrStore`, or `CompareAndSwap` with what was read",
    }
}
