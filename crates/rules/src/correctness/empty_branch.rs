//! Nothing depends on a condition: its branch is empty.
//!
//! What was to happen is missing, or the test is left over. The compiler accepts it. Write what is to be done, or drop the
//! `if`; where nothing is to be done on purpose, a comment in the branch says why.
//!
//! Limits: a condition that calls something may be there for what that does. Generated code is left alone.
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

pub static RULE: Rule = Rule {
    id: "correctness/empty-branch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA9003", "revive:empty-block"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    file: file!(),
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { init: None, cond, then, els: None } = cx.stmt(stmt) else { return };
    if !cx.file.generated && is_empty(cx, then) && cx.is_pure(cond) && !is_else(cx, stmt) {
        let text = cx.source(cond);
        cx.report(cond, format!("nothing depends on `{text}`: the branch is empty"));
    }
}

fn is_empty(cx: &Cx, block: StmtId) -> bool {
    matches!(cx.stmt(block), Stmt::Block(stmts) if stmts.is_empty())
        && !cx.tree.comments().iter().any(|comment| cx.span(block).contains(comment.span))
}

fn is_else(cx: &Cx, stmt: StmtId) -> bool {
    matches!(cx.tree.parent(stmt), Some(Node::Stmt(parent)) if matches!(cx.stmt(parent), Stmt::If { .. }))
}
