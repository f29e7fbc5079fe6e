//! A variable or field is assigned to itself.
//!
//! The statement does nothing: in a method, a parameter of the field's name is often what was meant, and is lost. Look for
//! the name that was to differ.
//!
//! Limits: elements of maps and slices may be touched on purpose, to make an entry or to prove a bound. Generated code is
//! left alone.
//!
//! ```go bad
//! func (s *Server) Configure(name string) {
//! 	s.name = s.name
//! #^^^^^^^^^^^^^^^ `s.name` is assigned to itself
//! }
//! ```
//! ```go good
//! func touch(hits map[string]int, name string) {
//! 	hits[name] = hits[name] // makes the entry
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

pub static RULE: Rule = Rule {
    id: "correctness/self-assignment",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA4018", "vet:assign"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Assign], check)],
    file: file!(),
};

fn check(cx: &mut Cx, assign: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(assign) else { return };
    let (Some(lhs), Some(rhs)) = (cx.only(lhs), cx.only(rhs)) else { return };
    let is_place = matches!(cx.expr(lhs), Expr::Ident | Expr::Selector { .. });
    if is_place && cx.span(lhs).len() == cx.span(rhs).len() && cx.same_pure(lhs, rhs) && !cx.file.generated {
        cx.report(assign, format!("`{}` is assigned to itself", cx.source(lhs)));
    }
}
