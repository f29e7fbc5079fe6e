//! A condition, branch or assignment cannot do what it says.
//!
//! Both operands are the same, the same test comes twice in a chain, `x != a || x != b` is true for every `x`, both
//! branches do the same, a field is assigned to itself. The compiler accepts all of these, and each is what a slip of
//! copy and paste leaves behind: the case that was meant is never checked. Look for the name that was to differ.
//!
//! A value of a float type may differ from itself (NaN), so that comparison is left alone.
//!
//! ```go bad
//! func same(a, b Point) bool {
//! 	return a.X == b.X && a.Y == a.Y
//! 	//                   ^^^^^^^^^^ both sides of `==` are `a.Y`
//! }
//!
//! func check(status int, items []int) string {
//! 	if status != http.StatusOK || status != http.StatusCreated {
//! 	// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is true for every `status`
//! 		return "failed"
//! 	}
//! 	if status == 1 {
//! 		return "one"
//! 	} else if status == 2 {
//! 		return "two"
//! 	} else if status == 1 {
//! 	//        ^^^^^^^^^^^ `status == 1` was tested before in this chain
//! 		return "three"
//! 	}
//! 	if len(items) >= 0 {
//! 	// ^^^^^^^^^^^^^^^ a length is never negative, so `len(items) >= 0` is always true
//! 		return "some"
//! 	}
//! 	return ""
//! }
//!
//! func (s *Server) Configure(name string, debug bool) {
//! 	s.name = s.name
//! #^^^^^^^^^^^^^^^ `s.name` is assigned to itself
//! 	if debug {
//! #^^^^^^^^^^ both branches do the same
//! 		s.level = 1
//! 	} else {
//! 		s.level = 1
//! 	}
//! }
//! ```
//! ```go bad
//! func last(offset uint64, n int) bool {
//! 	if offset >= 0 && n == n {
//! 	// ^^^^^^^^^^^ `offset` is unsigned, so `offset >= 0` is always true
//! 	//                ^^^^^^ both sides of `==` are `n`
//! 		return true
//! 	}
//! 	return false
//! }
//! ```
//! ```go good
//! func check(f, g float64, status int, err error, next func() int) bool {
//! 	if f != f { // NaN
//! 		return false
//! 	}
//! 	if status != http.StatusOK && status != http.StatusCreated {
//! 		return false
//! 	}
//! 	if next() == next() {
//! 		return true
//! 	}
//! 	if code := uint(status); code < 0 || code >= 600 { // the whole range
//! 		return false
//! 	}
//! 	if err != nil || status != 0 {
//! 		// nothing to do yet
//! 	}
//! 	if status > 4 {
//! 		return true // late
//! 	} else {
//! 		return true // early
//! 	}
//! }
//! ```
use std::collections::HashMap;

use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

pub static RULE: Rule = Rule {
    id: "correctness/suspicious-condition",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &[
        "staticcheck:SA4000",
        "staticcheck:SA4014",
        "staticcheck:SA4018",
        "staticcheck:SA4003",
        "staticcheck:SA9003",
        "vet:bools",
        "gocritic:dupSubExpr",
        "gocritic:dupBranchBody",
        "revive:identical-branches",
    ],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[
        Hook::Expr(&[ExprKind::Binary], check_binary),
        Hook::Stmt(&[StmtKind::If], check_if),
        Hook::Stmt(&[StmtKind::Assign], check_assign),
    ],
    file: file!(),
};

fn check_binary(cx: &mut Cx, binary: ExprId) {
    let Expr::Binary { op, lhs, rhs } = cx.expr(binary) else { return };
    if cx.file.generated {
        return;
    }
    let message = match op {
        BinaryOp::LogicalOr | BinaryOp::LogicalAnd => {
            if !is_inner(cx, binary, op) {
                check_repeats(cx, binary, op);
            }
            decided(cx, op, lhs, rhs)
        }
        BinaryOp::GreaterEqual | BinaryOp::Less if is_length(cx, lhs) && cx.int_value(rhs) == Some(0) => {
            let outcome = if op == BinaryOp::Less { "false" } else { "true" };
            Some(format!("a length is never negative, so `{}` is always {outcome}", cx.source(binary)))
        }
        BinaryOp::GreaterEqual | BinaryOp::Less
            if is_unsigned(cx, lhs) && cx.int_value(rhs) == Some(0) && !is_range_check(cx, binary, lhs) =>
        {
            let outcome = if op == BinaryOp::Less { "false" } else { "true" };
            Some(format!("`{}` is unsigned, so `{}` is always {outcome}", cx.source(lhs), cx.source(binary)))
        }
        _ => identical(cx, binary, op, lhs, rhs),
    };
    if let Some(message) = message {
        cx.report(binary, message);
    }
}

/// A variable of an unsigned type; what a constant is compared with may differ from one build to the next.
fn is_unsigned(cx: &Cx, value: ExprId) -> bool {
    cx.constant_value(value).is_none() && matches!(cx.under(value), Type::Basic(basic) if basic.is_unsigned())
}

/// `n < 0 || n >= size` says the whole range, whatever the type of `n` is today.
fn is_range_check(cx: &Cx, test: ExprId, value: ExprId) -> bool {
    let Some(Node::Expr(parent)) = cx.tree.parent(test) else { return false };
    let Expr::Binary { op: BinaryOp::LogicalOr | BinaryOp::LogicalAnd, lhs, rhs } = cx.expr(parent) else {
        return false;
    };
    [lhs, rhs].into_iter().filter(|&side| side != test).any(|side| match cx.expr(cx.unparen(side)) {
        Expr::Binary { op, lhs, .. } => op.is_comparison() && cx.same_pure(lhs, value),
        _ => false,
    })
}

/// Whether the value is known to equal itself: of a basic type without NaN.
fn is_exact(cx: &Cx, value: ExprId) -> bool {
    matches!(cx.under(value), Type::Basic(basic) if !basic.is_float() && !basic.is_complex() && !basic.is_untyped())
}

/// The same operand on both sides of an operator for which that is pointless.
fn identical(cx: &Cx, binary: ExprId, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> Option<String> {
    use BinaryOp::{Add, Mul, Shl, Shr};
    if matches!(op, Add | Mul | Shl | Shr) || cx.span(lhs).len() != cx.span(rhs).len() || !cx.same_pure(lhs, rhs) {
        return None;
    }
    let text = cx.source(lhs);
    // A float may differ from itself (NaN), and Inf - Inf is NaN; two literals are arithmetic for the reader.
    let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
    let maybe_nan = !is_exact(cx, lhs) && (equality && is_bare(cx, lhs) || in_float_test(cx, binary));
    let literal = matches!(cx.expr(cx.unparen(lhs)), Expr::Literal(_));
    // Tests try that a value equals itself.
    (!maybe_nan && !literal && !cx.file.is_test()).then(|| format!("both sides of `{}` are `{text}`", op.as_str()))
}

fn is_bare(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(expr)), Expr::Ident | Expr::Star(_))
}

fn in_float_test(cx: &Cx, expr: ExprId) -> bool {
    let function = cx.enclosing_decl(expr).and_then(|decl| cx.func_name(decl)).unwrap_or_default().to_ascii_lowercase();
    ["nan", "inf", "finite"].iter().any(|word| function.contains(word))
}

/// Whether a binary expression is the left operand of another one with the same operator.
fn is_inner(cx: &Cx, binary: ExprId, op: BinaryOp) -> bool {
    let Some(Node::Expr(parent)) = cx.tree.parent(binary) else { return false };
    matches!(cx.expr(parent), Expr::Binary { op: outer, lhs, .. } if outer == op && lhs == binary)
}

/// Reports each operand of a chain of `||` or `&&` that repeats an earlier one, at the part of the chain that ends with it.
fn check_repeats(cx: &mut Cx, whole: ExprId, op: BinaryOp) {
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

/// The text without what does not matter in it.
fn words_of(cx: &Cx, expr: ExprId) -> String {
    cx.source(expr).split_whitespace().collect()
}

/// `x != a || x != b`, `x == a && x == b` with different constants.
fn decided(cx: &Cx, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> Option<String> {
    let wanted = if op == BinaryOp::LogicalOr { BinaryOp::NotEqual } else { BinaryOp::Equal };
    let sides = |expr| match cx.expr(cx.unparen(expr)) {
        Expr::Binary { op, lhs, rhs } if op == wanted => Some((lhs, rhs)),
        _ => None,
    };
    let ((x, a), (y, b)) = (sides(lhs)?, sides(rhs)?);
    if !cx.same_pure(x, y) || !are_different(cx, a, b) {
        return None;
    }
    let outcome = if op == BinaryOp::LogicalOr { "true" } else { "false" };
    Some(format!("this is {outcome} for every `{}`", cx.source(x)))
}

/// Literals of one kind, constants of this package, or statuses and sentinels, that cannot be equal.
fn are_different(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    if let (Some(a), Some(b)) = (cx.int_value(a), cx.int_value(b)) {
        return a != b;
    }
    if let (Some(a), Some(b)) = (cx.string_value(a), cx.string_value(b)) {
        return a != b;
    }
    let named = |expr| match cx.expr(expr) {
        Expr::Literal(LiteralKind::Rune) => true,
        Expr::Ident => cx.def(expr) == Def::Package(ObjectKind::Const),
        _ => cx.object(expr).is_some_and(|name| {
            name.path == "net/http" && (name.name.starts_with("Status") || name.name.starts_with("Method"))
                || name.name == "EOF"
                || name.name.starts_with("Err")
        }),
    };
    named(a) && named(b) && cx.expr(a).kind() == cx.expr(b).kind() && cx.source(a) != cx.source(b)
}

fn is_length(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(expr)), Expr::Call { fun, .. } if cx.is_builtin(fun, "len") || cx.is_builtin(fun, "cap"))
}

fn check_if(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { init, cond, then, els } = cx.stmt(stmt) else { return };
    if cx.file.generated {
        return;
    }
    if let Some(els) = els {
        // The header is what to look at; the branches may be long.
        let body = cx.span(then).start;
        if matches!(cx.stmt(els), Stmt::Block(stmts) if !stmts.is_empty()) && cx.same_text(then, els) {
            cx.report_span(Span::new(cx.span(stmt).start, body + 1), "both branches do the same");
        }
        if init.is_none() {
            check_chain(cx, cond, els);
        }
    } else if init.is_none() && is_empty(cx, then) && cx.is_pure(cond) && !is_else(cx, stmt) {
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

/// Reports the `else if` further down that tests the same again.
fn check_chain(cx: &mut Cx, cond: ExprId, els: StmtId) {
    let mut next = Some(els);
    while let Some(stmt) = next
        && let Stmt::If { init: None, cond: later, els, .. } = cx.stmt(stmt)
    {
        if cx.span(later).len() == cx.span(cond).len() && cx.same_pure(cond, later) {
            let text = cx.source(later);
            let span = cx.span(cond);
            cx.report(later, format!("`{text}` was tested before in this chain")).note_at(span, "tested here");
            return;
        }
        next = els;
    }
}

fn check_assign(cx: &mut Cx, assign: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(assign) else { return };
    let (Some(lhs), Some(rhs)) = (cx.only(lhs), cx.only(rhs)) else { return };
    // Elements may be touched on purpose: to make a map entry or to prove a bound.
    let simple = |expr| matches!(cx.expr(expr), Expr::Ident | Expr::Selector { .. });
    if simple(lhs) && cx.span(lhs).len() == cx.span(rhs).len() && cx.same_pure(lhs, rhs) && !cx.file.generated {
        let name = cx.source(lhs);
        cx.report(assign, format!("`{name}` is assigned to itself"));
    }
}
