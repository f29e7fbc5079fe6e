//! Both branches of an `if` do the same.
//!
//! The condition then decides nothing: one branch was copied and not changed, or the `if` is left over. Look for what was
//! to differ, or drop the condition.
//!
//! Limits: branches are compared word by word, comments apart. Cases of a `switch` may do the same for the reader's sake.
//!
//! ```go bad
//! func (s *Server) Configure(debug bool) {
//! 	if debug {
//! #^^^^^^^^^^ both branches do the same
//! 		s.level = 1
//! 	} else {
//! 		s.level = 1
//! 	}
//! }
//! ```
//! ```go good
//! func level(status int) int {
//! 	if status > 4 {
//! 		return 1 // late
//! 	} else {
//! 		return 2 // early
//! 	}
//! }
//! ```
//! ```go good
//! func level(status int) {
//! 	if status > 4 {
//! 		// nothing to do yet
//! 	} else {
//! 		// nor here
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/identical-branches",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "gocritic:dupBranchBody", "revive:identical-branches"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    file: file!(),
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { then, els: Some(els), .. } = cx.stmt(stmt) else { return };
    let has_statements = matches!(cx.stmt(els), Stmt::Block(stmts) if !stmts.is_empty());
    if !cx.file.generated && has_statements && cx.same_text(then, els) {
        // The header is what to look at; the branches may be long.
        let header = Span::new(cx.span(stmt).start, cx.span(then).start + 1);
        cx.report_span(header, "both branches do the same");
    }
}
