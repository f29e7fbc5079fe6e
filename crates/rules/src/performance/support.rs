//! What several performance rules ask.

use gopeer_lint::prelude::*;

/// The innermost loop of the same function that evaluates the node in each iteration: not the one whose first clause or
/// subject the node stands in.
pub(super) fn repeating_loop(cx: &Cx, node: impl Into<Node>) -> Option<StmtId> {
    let mut child = node.into();
    for ancestor in cx.tree.ancestors(child) {
        if let Node::Stmt(id) = ancestor {
            match cx.stmt(id) {
                Stmt::For { init, .. } if init.map(Node::from) != Some(child) => return Some(id),
                Stmt::Range { body, .. } if child == body.into() => return Some(id),
                _ => {}
            }
        }
        if cx.as_func(ancestor).is_some() {
            return None;
        }
        child = ancestor;
    }
    None
}

/// Whether the loop runs a few times, as its header shows: `for range 3`, `for i := 0; i < 3; i++`, or over a literal.
pub(super) fn runs_few_times(cx: &Cx, stmt: StmtId) -> bool {
    const FEW: i64 = 16;
    let few = |bound: ExprId| cx.int_value(bound).is_some_and(|bound| bound <= FEW);
    match cx.stmt(stmt) {
        Stmt::Range { subject, .. } => match cx.expr(cx.unparen(subject)) {
            Expr::Composite { elems, .. } => elems.len() as i64 <= FEW,
            _ => few(subject),
        },
        Stmt::For { cond: Some(cond), .. } => match cx.expr(cond) {
            Expr::Binary { op: BinaryOp::Less | BinaryOp::LessEqual, rhs, .. } => few(rhs),
            _ => false,
        },
        _ => false,
    }
}

/// How a slice is declared without capacity.
#[derive(Clone, Copy)]
pub(super) struct EmptySlice {
    /// The declaration.
    pub stmt: StmtId,
    /// What to point at.
    pub shown: Span,
    /// Its type.
    pub ty: ExprId,
    /// Declared by `var` and nil, rather than by a literal.
    pub nil: bool,
}

/// The declaration of a local that starts as a slice without elements and capacity.
pub(super) fn empty_slice(cx: &Cx, declared: ExprId) -> Option<EmptySlice> {
    let is_slice = |ty: ExprId| matches!(cx.expr(ty), Expr::ArrayType { len: None, .. });
    match cx.tree.parent(declared)? {
        Node::Stmt(stmt) => {
            let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = cx.stmt(stmt) else { return None };
            cx.only(lhs)?;
            let value = cx.only(rhs)?;
            let ty = match cx.expr(value) {
                Expr::Composite { ty: Some(ty), elems } if elems.is_empty() => ty,
                // `make([]T, 0)`
                Expr::Call { fun, args, .. } if cx.is_builtin(fun, "make") => match cx.exprs(args) {
                    &[ty, length] if cx.int_value(length) == Some(0) => ty,
                    _ => return None,
                },
                _ => return None,
            };
            is_slice(ty).then(|| EmptySlice { stmt, shown: cx.span(value), ty, nil: false })
        }
        Node::Decl(spec) => {
            let Decl::Value { names, ty: Some(ty), values, .. } = cx.decl(spec) else { return None };
            cx.only(names)?;
            let Node::Decl(group) = cx.tree.parent(spec)? else { return None };
            let Decl::Group { parens: false, .. } = cx.decl(group) else { return None };
            let Node::Stmt(stmt) = cx.tree.parent(group)? else { return None };
            (values.is_empty() && is_slice(ty)).then(|| EmptySlice { stmt, shown: cx.span(spec), ty, nil: true })
        }
        _ => None,
    }
}
