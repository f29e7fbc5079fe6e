//! A method returns a map, a slice or a pointer that a mutex guards, so that callers use it without the mutex.
//!
//! The lock is released when the method returns, and the caller still has the very map that other goroutines keep changing: ranging over it
//! while one of them writes ends the program with a fatal error, and a slice or struct is seen half changed. Return a copy (`maps.Clone`,
//! `slices.Clone`), or what the caller wants to know. Where reads are many and changes few, replace the whole value at each change and
//! never touch the old one: then it can be handed out.
//!
//! Limits: fields that are returned as they are. The mutex is inferred as in unguarded-field, or held at all accesses, and what the field
//! holds must be changed under it somewhere. Methods whose comment says how callers must treat the result are left alone.
//!
//! ```go bad
//! type Scores struct {
//! 	mu     sync.Mutex
//! 	points map[string]int
//! }
//!
//! func (s *Scores) Add(name string) {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.points[name]++
//! }
//!
//! func (s *Scores) Drop(name string) {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	delete(s.points, name)
//! }
//!
//! func (s *Scores) All() map[string]int {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	return s.points
//! 	//<^^^^^^^^^^^^^^^ `s.points` is returned without a copy: callers use it without `s.mu`, while `Add` and `Drop` change it
//! }
//! ```
//! ```diff fixed
//! -	return s.points
//! +	return maps.Clone(s.points)
//! ```
//! ```go good
//! type Scores struct {
//! 	mu     sync.Mutex
//! 	points map[string]int
//! 	names  []string
//! }
//!
//! func (s *Scores) Add(name string) {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.points[name]++
//! }
//!
//! func (s *Scores) All() map[string]int {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	return maps.Clone(s.points)
//! }
//!
//! func (s *Scores) Of(name string) int {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	return s.points[name]
//! }
//!
//! func (s *Scores) Load(names []string) {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.names = names
//! }
//!
//! func (s *Scores) Reset() {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	s.names = nil
//! }
//!
//! // Names are replaced as a whole: whoever has the old ones may keep them.
//! func (s *Scores) Names() []string {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	return s.names
//! }
//! ```
//!
//! # Impact
//!
//! A caller ranges over the map while a method writes to it, and the process ends with "fatal error: concurrent map
//! iteration and map write". The stack points at the caller's code, which has no lock to look for.
//!
//! # Verify
//!
//! - `go test -race -run {test} {package}`: range over the result while another goroutine calls a method that writes
//!
//! # References
//!
//! - [Package maps, Clone](https://pkg.go.dev/maps#Clone)
use gopeer_lint::prelude::*;
use gopeer_lint::{HandedOut, Spot, Step};

use super::support::in_words;

pub static RULE: Rule = Rule {
    id: "concurrency/returns-guarded-reference",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Race, 2)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "fields with a lock that are returned",
};

fn check(cx: &mut Cx) {
    for found in &*cx.handed_out() {
        cx.examined();
        report(cx, found);
    }
}

fn report(cx: &mut Cx, found: &HandedOut) {
    let Some(stmt) = cx.enclosing_stmt(found.at) else { return };
    let Expr::Selector { base, .. } = cx.expr(found.at) else { return };
    let (name, lock) = (cx.source(found.at), format!("{}.{}", cx.source(base), found.lock));
    let changers = in_words(&found.changers);
    let change = if found.changers.len() == 1 { "changes" } else { "change" };
    let (clone, package) = match cx.under(found.at) {
        Type::Map { .. } => ("maps.Clone", "maps"),
        Type::Slice(_) => ("slices.Clone", "slices"),
        _ => ("", ""),
    };
    let edit = (cx.span(found.at), format!("{clone}({name})"));
    // Both packages came with Go 1.21.
    let can_clone = !package.is_empty()
        && cx.name_for(package) == Some(package)
        && cx.file.build.go_minor.is_none_or(|minor| minor >= 21);
    let message =
        format!("`{name}` is returned without a copy: callers use it without `{lock}`, while {changers} {change} it");
    let change = |(function, at): &Spot| {
        Step::within(function.clone(), *at, format!("changed here, with `{}` locked", found.lock))
    };
    let returned = Step::from((cx.span(stmt), "returned to the caller, who uses it without the lock".to_owned()));
    let steps = std::iter::once(returned).chain(found.changers.iter().map(change));
    let report = cx.report(stmt, message).steps(steps).note("return a copy, or only what the caller needs");
    if can_clone {
        report.fix("Return a copy", [edit]).needing(package);
    }
}
