//! The same test comes twice in a chain of conditions.
//!
//! A second `status == 1` in a chain of `else if` is never reached, and an operand that comes twice in a chain of `||` or
//! `&&` adds nothing. The compiler accepts both, and the case that was meant is never checked. Look for the name or value
//! that was to differ.
//!
//! Limits: tests are compared word by word, so `a == b` and `b == a` differ. A chain with a test that calls or receives, or
//! whose `if` has a statement before it, is left alone, and so is generated code.
//!
//! ```go bad
//! func check(status int) string {
//! 	if status == 1 {
//! 		return "one"
//! 	} else if status == 2 {
//! 		return "two"
//! 	} else if status == 1 {
//! 	//        ^^^^^^^^^^^ `status == 1` was tested before in this chain
//! 		return "three"
//! 	}
//! 	return ""
//! }
//! ```
//! ```go bad
//! func ready(a, b, c bool) bool {
//! 	return a && b && a
//! 	//     ^^^^^^^^^^^ `a` comes twice in this chain of `&&`
//! }
//! ```
//! ```go good
//! func check(next func() int) bool {
//! 	return next() == 1 || next() == 1 // another value each time
//! }
//! ```
use std::collections::HashMap;

use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/repeated-condition",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA4014", "vet:bools", "gocritic:dupSubExpr"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Binary], check_operands), Hook::Stmt(&[StmtKind::If], check_branches)],
    file: file!(),
};

/// Reports each operand of a chain of `||` or `&&` that repeats an earlier one, at the part of the chain that ends with it.
fn check_operands(cx: &mut Cx, whole: ExprId) {
    let Expr::Binary { op: op @ (BinaryOp::LogicalOr | BinaryOp::LogicalAnd), .. } = cx.expr(whole) else { return };
    if cx.file.generated || is_inner(cx, whole, op) {
        return;
    }
    let mut ends = Vec::new();
    let mut first = whole;
    while let Expr::Binary { op: same, lhs, rhs } = cx.expr(first)
        && same == op
    {
        ends.push((first, rhs));
        first = lhs;
    }
    let mut seen: HashMap<String, ExprId> = HashMap::from([(words_of(cx, first), first)]);
    for (end, operand) in ends.into_iter().rev() {
        let earlier = *seen.entry(words_of(cx, operand)).or_insert(operand);
        if earlier != operand && cx.same_pure(earlier, operand) {
            cx.report(end, format!("`{}` comes twice in this chain of `{}`", cx.source(operand), op.as_str()));
        }
    }
}

/// Whether a binary expression is the left operand of another one with the same operator.
fn is_inner(cx: &Cx, binary: ExprId, op: BinaryOp) -> bool {
    let Some(Node::Expr(parent)) = cx.tree.parent(binary) else { return false };
    matches!(cx.expr(parent), Expr::Binary { op: outer, lhs, .. } if outer == op && lhs == binary)
}

/// The text without what does not matter in it.
fn words_of(cx: &Cx, expr: ExprId) -> String {
    cx.source(expr).split_whitespace().collect()
}

/// Reports the `else if` further down that tests the same again.
fn check_branches(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { init: None, cond, els: mut next, .. } = cx.stmt(stmt) else { return };
    if cx.file.generated {
        return;
    }
    while let Some(stmt) = next
        && let Stmt::If { init: None, cond: later, els, .. } = cx.stmt(stmt)
    {
        if cx.span(later).len() == cx.span(cond).len() && cx.same_pure(cond, later) {
            let (text, first) = (cx.source(later), cx.span(cond));
            cx.report(later, format!("`{text}` was tested before in this chain")).note_at(first, "tested here");
            return;
        }
        next = els;
    }
}
