//! Both branches of an `if` do the same.
//!
//! The condition decides nothing: one branch was copied and never changed, or the `if` is left over. Look for what was to
//! differ, or remove the condition.
//!
//! Limits: branches are compared word by word, comments apart. Cases of a `switch` may do the same for the reader's sake.
//!
//! ```go bad
//! func (s *Server) Configure(debug bool) {
//! 	if debug {
//! #^^^^^^^^^^ both branches do the same thing
//! 		s.level = 1
//! 	} else {
//! 		s.level = 1
//! 	}
//! }
//! ```
//! ```go bad
//! func level(debug bool) int {
//! 	if debug {
//! #^^^^^^^^^^ low: the code after this branch does the same thing
//! 		return 1
//! 	}
//! 	return 1
//! }
//! ```
//! ```go good
//! func level(status int) int {
//! 	if status > 4 {
//! 		return 1
//! 	} else {
//! 		return 2 // another value
//! 	}
//! }
//! ```
//! ```go good
//! func level(status int) {
//! 	if status > 4 {
//! 		// nothing to do yet
//! 	} else {
//! 		// nor here: both branches are empty
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::is_steady;

pub static RULE: Rule = Rule {
    id: "correctness/identical-branches",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "gocritic:dupBranchBody", "revive:identical-branches"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    examines: "branches of if statements",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { cond, then, els, .. } = cx.stmt(stmt) else { return };
    if cx.file.generated {
        return;
    }
    // The header is what to look at; the branches may be long.
    let header = Span::new(cx.span(stmt).start, cx.span(then).start + 1);
    match els {
        Some(els) if have_same_statements(cx, then, els) => {
            cx.report_span(header, "both branches do the same thing");
        }
        // `if err != nil { return err }` before `return err` is a habit.
        None if returns_the_same(cx, stmt, then) && is_steady(cx, cond) && !tests_for_nil(cx, cond) => {
            cx.report_span(header, "the code after this branch does the same thing").severity(Severity::Low);
        }
        _ => {}
    }
}

/// Whether two blocks hold the same statements, whatever comments stand between them.
fn have_same_statements(cx: &Cx, then: StmtId, els: StmtId) -> bool {
    let (Stmt::Block(then), Stmt::Block(els)) = (cx.stmt(then), cx.stmt(els)) else { return false };
    let (then, els) = (cx.stmts(then), cx.stmts(els));
    !els.is_empty() && then.len() == els.len() && then.iter().zip(els).all(|(&a, &b)| cx.same_text(a, b))
}

/// Whether the only statement of a branch is a `return` of values, and the same comes after the `if`.
fn returns_the_same(cx: &Cx, stmt: StmtId, then: StmtId) -> bool {
    let Stmt::Block(stmts) = cx.stmt(then) else { return false };
    let (&[last], Some(next)) = (cx.stmts(stmts), cx.next_stmt(stmt)) else { return false };
    // A comment says what the case is.
    let is_explained = cx.tree.comments().iter().any(|comment| cx.span(then).contains(comment.span));
    matches!(cx.stmt(last), Stmt::Return(values) if !values.is_empty()) && cx.same_text(last, next) && !is_explained
}

fn tests_for_nil(cx: &Cx, cond: ExprId) -> bool {
    matches!(cx.expr(cond), Expr::Binary { rhs, .. } if cx.is_builtin(rhs, "nil"))
}
