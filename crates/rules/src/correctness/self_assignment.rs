//! A variable or field is assigned to itself.
//!
//! The statement does nothing. In a method, a parameter with the name of the field is often what was meant, and its value is
//! lost. Look for the name that was to differ.
//!
//! Limits: an element of a map or slice may be assigned to itself on purpose, to create the entry or to prove a bound.
//! Generated code is left alone.
//!
//! ```go bad
//! func (s *Server) Configure(name string) {
//! 	s.name = s.name
//! #^^^^^^^^^^^^^^^ `s.name` is assigned to itself
//! }
//! ```
//! ```go good
//! func touch(hits map[string]int, name string) {
//! 	hits[name] = hits[name] // creates the entry
//! }
//! ```
//! ```go good
//! func double(n int) int {
//! 	n += n // adds to it
//! 	return n
//! }
//! ```
//! ```go good
//! func each(names []string) {
//! 	for _, name := range names {
//! 		name := name // a copy of its own
//! 		go use(name)
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::are_same;

pub static RULE: Rule = Rule {
    id: "correctness/self-assignment",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA4018", "vet:assign"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Assign], check)],
    examines: "assignments",
};

fn check(cx: &mut Cx, assign: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(assign) else { return };
    let (lhs, rhs) = (cx.exprs(lhs), cx.exprs(rhs));
    if lhs.len() != rhs.len() || cx.file.generated {
        return;
    }
    for (&place, &value) in lhs.iter().zip(rhs) {
        let is_place = matches!(cx.expr(cx.unparen(place)), Expr::Ident | Expr::Selector { .. } | Expr::Star(_));
        if is_place && are_same(cx, place, value) {
            let at: Node = if lhs.len() == 1 { assign.into() } else { place.into() };
            cx.report(at, format!("`{}` is assigned to itself", cx.source(place)));
        }
    }
}
