//! A branch of an `if` is empty.
//!
//! Nothing depends on the condition: the code that was to run is missing, or the test is left over. `if err := f(); err != nil {}`
//! loses the error. Write what is to happen, or remove the `if`. If nothing is to happen on purpose, a comment
//! in the branch tells the reader so.
//!
//! Limits: a condition that calls a function may be there for what the function does, unless it is known to have no effect.
//! An empty branch before an `else if`, and loops and cases without statements, are left alone.
//!
//! ```go bad
//! func close(err error) {
//! 	if err != nil {
//! 	// ^^^^^^^^^^ nothing depends on `err != nil`: the branch is empty
//! 	}
//! }
//! ```
//! ```go good
//! func close(err error) {
//! 	if err != nil {
//! 		// nothing to do: the file was only read
//! 	}
//! }
//! ```
//! ```go good
//! func next(read func() bool) {
//! 	if read() { // called for what it does
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::is_steady;

pub static RULE: Rule = Rule {
    id: "correctness/empty-branch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA9003", "revive:empty-block"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    examines: "branches",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { cond, then, els, .. } = cx.stmt(stmt) else { return };
    if cx.file.generated || !is_steady(cx, cond) {
        return;
    }
    let text = cx.source(cond);
    // In a chain, an empty branch says that the case needs nothing.
    let is_chain = els.is_some_and(|els| matches!(cx.stmt(els), Stmt::If { .. }));
    let has_else = els.is_some_and(|els| !is_empty(cx, els));
    match els {
        _ if is_chain => {}
        _ if is_empty(cx, then) && has_else => {
            cx.report(cond, format!("nothing happens if `{text}`: the branch is empty"))
                .note("negate the condition if only the `else` branch is needed")
                .severity(Severity::Low);
        }
        _ if is_empty(cx, then) => {
            cx.report(cond, format!("nothing depends on `{text}`: the branch is empty"));
        }
        Some(els) if is_empty(cx, els) => {
            cx.report(els, "the `else` branch is empty").severity(Severity::Low);
        }
        _ => {}
    }
}

fn is_empty(cx: &Cx, block: StmtId) -> bool {
    matches!(cx.stmt(block), Stmt::Block(stmts) if stmts.is_empty())
        && !cx.tree.comments().iter().any(|comment| cx.span(block).contains(comment.span))
}
