//! A chain of conditions tests the same thing twice.
//!
//! The second `status == 1` in a chain of `else if` or in a `switch` is never reached, and an operand that appears twice in
//! a chain of `||` or `&&` adds nothing. The compiler accepts both, and the case that was meant is never checked. Look for
//! the name or value that was to differ.
//!
//! Limits: tests are compared word by word, apart from the order of the operands of `==` and `!=`. A test that calls a function
//! is left alone unless the function is known to have no effect, and so is a test inside a branch of the same test.
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
//! 	//     ^^^^^^^^^^^ `a` appears twice in this chain of `&&`
//! }
//! ```
//! ```go good
//! func check(next func() int) bool {
//! 	return next() == 1 || next() == 1 // another value each time
//! }
//! ```
use std::collections::HashMap;

use gopeer_lint::prelude::*;

use super::support::is_steady;

pub static RULE: Rule = Rule {
    id: "correctness/repeated-condition",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["gopeer:correctness/suspicious-condition", "staticcheck:SA4014", "vet:bools", "gocritic:dupSubExpr"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[
        Hook::Expr(&[ExprKind::Binary], check_operands),
        Hook::Stmt(&[StmtKind::If], check_branches),
        Hook::Stmt(&[StmtKind::Switch], check_cases),
    ],
    examines: "chains of conditions",
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
    // Within one expression, a name means one thing.
    let mut seen: HashMap<String, ExprId> = HashMap::from([(words_of(cx, first), first)]);
    for (end, operand) in ends.into_iter().rev() {
        let earlier = *seen.entry(words_of(cx, operand)).or_insert(operand);
        if earlier != operand && is_steady(cx, operand) {
            cx.report(end, format!("`{}` appears twice in this chain of `{}`", cx.source(operand), op.as_str()));
        }
    }
}

/// Whether a binary expression is the left operand of another one with the same operator.
fn is_inner(cx: &Cx, binary: ExprId, op: BinaryOp) -> bool {
    let Some(Node::Expr(parent)) = cx.tree.parent(binary) else { return false };
    matches!(cx.expr(parent), Expr::Binary { op: outer, lhs, .. } if outer == op && lhs == binary)
}

/// The text without what does not matter in it: white space, parentheses around it, the order of what is compared.
fn words_of(cx: &Cx, expr: ExprId) -> String {
    let text = |expr| cx.source(cx.unparen(expr)).split_whitespace().collect::<Vec<_>>().join(" ");
    match cx.expr(cx.unparen(expr)) {
        Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } => {
            let (lhs, rhs) = (text(lhs), text(rhs));
            if lhs <= rhs { [&lhs, op.as_str(), &rhs].concat() } else { [&rhs, op.as_str(), &lhs].concat() }
        }
        _ => text(expr),
    }
}

/// Reports the `else if` further down that tests the same again.
fn check_branches(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { cond, els, .. } = cx.stmt(stmt) else { return };
    let is_else = matches!(cx.tree.parent(stmt), Some(Node::Stmt(outer)) if matches!(cx.stmt(outer), Stmt::If { .. }));
    if cx.file.generated || is_else {
        return;
    }
    let mut tests = vec![cond];
    let mut next = els;
    while let Some(stmt) = next
        && let Stmt::If { init: None, cond, els, .. } = cx.stmt(stmt)
    {
        tests.push(cond);
        next = els;
    }
    report_repeated(cx, &tests);
}

/// Reports a case of a `switch` without a tag that tests the same again.
fn check_cases(cx: &mut Cx, switch: StmtId) {
    let Stmt::Switch { tag: None, clauses, .. } = cx.stmt(switch) else { return };
    let mut tests = Vec::new();
    for &clause in cx.stmts(clauses) {
        if let Stmt::CaseClause { exprs, .. } = cx.stmt(clause) {
            tests.extend(cx.exprs(exprs));
        }
    }
    if !cx.file.generated {
        report_repeated(cx, &tests);
    }
}

fn report_repeated(cx: &mut Cx, tests: &[ExprId]) {
    let mut seen: HashMap<String, ExprId> = HashMap::new();
    for &test in tests {
        let first = *seen.entry(words_of(cx, test)).or_insert(test);
        if first != test && is_steady(cx, test) {
            let (text, place) = (cx.source(test), cx.span(first));
            cx.report(test, format!("`{text}` was tested before in this chain")).note_at(place, "tested here");
        }
    }
}
