//! A field is used without the mutex that the rest of the package holds for it.
//!
//! If most code locks a mutex of the struct before it touches a field, the field is shared, and the one place that does not lock races
//! with all that do: it may see a map while it grows, which ends the program, or half of an update. A read needs the lock as much as a
//! write does (The Go Memory Model: programs that modify data which several goroutines access must serialize such access).
//!
//! The mutex of a field is inferred: it is held at three accesses or more, in two functions or more, once for a write, and at three
//! quarters of all accesses; or two functions change the field with it, and one looks at it without; or two exported methods hold it, and
//! one function counts, or puts something into a map, without. Where it is less than nine in ten, a
//! read without it is less severe. A change under `RLock` needs no other evidence: several may hold that at once. What a constructor does
//! before others can have the value does not count, and a function that only callers with the lock call is taken to have it.
//!
//! Limits: only mutexes that are fields of the same struct are inferred. Functions whose name or comment speaks of a lock are not judged,
//! and neither are closures that are called somewhere else.
//!
//! ```go bad
//! type Stats struct {
//! 	mu     sync.Mutex
//! 	counts map[string]int
//! }
//!
//! func (s *Stats) Add(key string) {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.counts[key]++
//! }
//!
//! func (s *Stats) Reset() {
//! 	s.mu.Lock()
//! 	s.counts = make(map[string]int)
//! 	s.mu.Unlock()
//! }
//!
//! func (s *Stats) Get(key string) int {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	return s.counts[key]
//! }
//!
//! func (s *Stats) Len() int {
//! 	return len(s.counts)
//! 	//         ^^^^^^^^ medium: `s.counts` is read without `s.mu`, which `Add`, `Reset` and `Get` hold when they use it
//! }
//! ```
//! ```go good
//! type Stats struct {
//! 	mu     sync.Mutex
//! 	name   string
//! 	counts map[string]int
//! }
//!
//! func NewStats(name string) *Stats {
//! 	s := &Stats{name: name}
//! 	s.counts = make(map[string]int) // nobody else has it yet
//! 	return s
//! }
//!
//! func (s *Stats) Add(key string) {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.counts[key]++
//! 	s.trim()
//! }
//!
//! func (s *Stats) Reset() {
//! 	s.mu.Lock()
//! 	s.counts = make(map[string]int)
//! 	s.trim()
//! 	s.mu.Unlock()
//! }
//!
//! func (s *Stats) Get(key string) int {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	return s.counts[key]
//! }
//!
//! func (s *Stats) trim() {
//! 	if len(s.counts) > 1000 { // all who call it hold the lock
//! 		clear(s.counts)
//! 	}
//! }
//!
//! // sizeLocked needs the lock.
//! func (s *Stats) sizeLocked() int { return len(s.counts) }
//!
//! func (s *Stats) Name() string { return s.name } // never written
//! ```
//!
//! # Impact
//!
//! This access can run at the same time as those under the lock: an update is lost or seen half done, and a map that is
//! read while it grows ends the process. What shows is a wrong value, or a panic in code that is correct by itself. A
//! test that calls this function and one of the locked ones in parallel makes the race detector name both.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 20 {package}`: call this function and one that holds the lock from two
//!   goroutines, and read the two stacks
//! - `go test -run none -bench . -cpu 1,4,16 {package}`: shows what the lock costs
//!
//! # Options
//!
//! - Hold the same mutex here, for writing if the field is changed: simple, and cheap without contention
//!   - senior, backend, data: one field, one lock, no exceptions
//! - Read a copy that is published through `atomic.Pointer`: readers never wait, while writers replace the whole value
//!   - throughput: for state that is read a thousand times per write
//! - Give the field to one goroutine and ask it over a channel: no lock, and each access becomes a message
//!
//! # References
//!
//! - [The Go Memory Model](https://go.dev/ref/mem)
//! - [Data Race Detector](https://go.dev/doc/articles/race_detector)
use std::collections::BTreeMap;

use gopeer_lint::prelude::*;
use gopeer_lint::{Spot, Step, Unguarded};

use super::support::in_words;

pub static RULE: Rule = Rule {
    id: "concurrency/unguarded-field",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Race, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "fields of structs with a lock",
};

fn check(cx: &mut Cx) {
    let found = cx.unguarded();
    if !found.is_empty() {
        cx.examined();
    }
    let mut by_lock: BTreeMap<(String, bool), Vec<&Unguarded>> = BTreeMap::new();
    for one in &*found {
        if let Expr::Selector { base, .. } = cx.expr(one.at) {
            by_lock.entry((format!("{}.{}", cx.source(base), one.lock), one.reading)).or_default().push(one);
        }
    }
    // Once a function and lock: the others are the same mistake.
    for ((lock, _), mut all) in by_lock {
        all.sort_by_key(|one| cx.span(one.at).start);
        report(cx, &lock, &all);
    }
}

/// Reports what a function uses without a lock: the worst of it, and the other fields in a note.
fn report(cx: &mut Cx, lock: &str, all: &[&Unguarded]) {
    let Some(&one) = all.iter().find(|one| is_certain(one)).or(all.first()) else { return };
    let Expr::Selector { base, name: field } = cx.expr(one.at) else { return };
    let name = cx.source(one.at);
    let done = if one.writes { "changed" } else { "read" };
    let holders = in_words(&one.holders);
    let message = match one.reading {
        true => format!(
            "`{name}` is changed while `{lock}` is locked for reading only, so others can read it at the same time"
        ),
        false => format!("`{name}` is {done} without `{lock}`, which {holders} hold when they use it"),
    };
    let reason = cx.explanation(
        one.at,
        &["concurrent", "goroutine", "guard", "lock", "mutex", "race", "racy", "single", "thread", "unlocked"],
    );
    let owner = cx.store.qualified_name(cx.deref(cx.ty(base))).map_or("", |(_, owner)| owner);
    let cause = crate::cause::in_package(cx, &format!("{owner}.{} {} {done}", cx.source(field), one.reading));
    let span = cx.span(one.at);
    let (guarded, total) = one.share;
    let others = also(cx, all, name);
    let share = match one.reading {
        true => format!("lock `{lock}` for writing where a field is changed"),
        false => format!("the lock is held for {guarded} of {total} accesses in the package"),
    };
    let report = cx.report(one.at, message).note(share);
    let used = |(function, at): &Spot| Step::within(function.clone(), *at, format!("used with `{}` locked", one.lock));
    let without = match one.reading {
        true => format!("changed with `{}` locked for reading only", one.lock),
        false => format!("{done} without it"),
    };
    let without = Step::from((span, without));
    let report = report.excused(reason).one_cause(cause).steps(one.holders.iter().map(used).chain([without]));
    let report = if is_certain(one) { report } else { report.severity(Severity::Medium) };
    let report = match others {
        Some(others) => report.note(others),
        None => report,
    };
    if !one.reading {
        report.note(format!("lock `{lock}` here, or say in the function's comment that callers hold it"));
    }
}

/// Three places are no habit yet, and a read may be by the only one who writes.
fn is_certain(one: &Unguarded) -> bool {
    let (guarded, all) = one.share;
    one.writes || guarded >= 5 && guarded * 10 >= all * 9
}

/// What else a function uses without the lock.
fn also(cx: &Cx, all: &[&Unguarded], name: &str) -> Option<String> {
    let mut others: Vec<String> = all
        .iter()
        .map(|one| cx.source(one.at))
        .filter(|other| *other != name)
        .map(|other| format!("`{other}`"))
        .collect();
    others.sort();
    others.dedup();
    let again = all.iter().filter(|one| cx.source(one.at) == name).count() - 1;
    match (again, &others[..]) {
        (0, []) => None,
        (1, []) => Some("this function uses it once more without the lock".to_owned()),
        (_, []) => Some(format!("this function uses it {again} more times without the lock")),
        (_, others) => Some(format!("this function uses {} without the lock, too", others.join(", "))),
    }
}
