//! What a condition variable is waited for: where the code asks for it, and where it changes.

use gopeer_lint::prelude::*;

use super::support::lock_call;

/// What is changed in front of a signal, if a waiter asks for it: a field or captured variable, or an atomic.
pub(super) fn change_before(cx: &Cx, signal: ExprId, func: Func) -> Option<ExprId> {
    let changes = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => changed_by(cx, id).is_some(),
        _ => false,
    };
    let before = |node: &&Node| cx.span(**node).start < cx.span(signal).start;
    let all = cx.within(func.body, false, changes);
    let mut all = all.iter().filter(before).take(16).filter_map(|&node| match node {
        Node::Stmt(id) => changed_by(cx, id),
        _ => None,
    });
    all.find(|&changed| {
        let name = match cx.expr(changed) {
            Expr::Selector { name, .. } => name,
            _ => changed,
        };
        cx.package_waits_for(cx.source(name)) == Some(true)
    })
}

/// What a statement assigns to, counts up or down, or stores in atomically; not what is declared here.
fn changed_by(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let target = match cx.stmt(stmt) {
        Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Op(_), .. } => cx.only(lhs)?,
        Stmt::IncDec { operand, .. } => operand,
        Stmt::Expr(call) => match cx.method_call(call)? {
            (of, "Store" | "Add" | "Swap" | "CompareAndSwap", _) if cx.callee(call)?.path == "sync/atomic" => of,
            _ => return None,
        },
        _ => return None,
    };
    let target = cx.unparen(target);
    matches!(cx.expr(target), Expr::Ident | Expr::Selector { .. }).then_some(target)
}

/// The `if` that a `Wait` stands in, if what follows does not ask for the same again.
pub(super) fn asked_once(cx: &Cx, wait: ExprId) -> Option<StmtId> {
    let stmt = cx.enclosing_stmt(wait)?;
    let Node::Stmt(block) = cx.tree.parent(stmt)? else { return None };
    let Node::Stmt(around) = cx.tree.parent(block)? else { return None };
    let Stmt::If { cond, then, els: None, .. } = cx.stmt(around) else { return None };
    cx.place_in_list(around)?;
    let after = cx.stmts_after(around);
    let asks = |part: ExprId, stmt: &StmtId| match cx.stmt(*stmt) {
        Stmt::If { cond: again, .. } | Stmt::For { cond: Some(again), .. } => shares_name(cx, part, again),
        Stmt::Switch { .. } | Stmt::For { .. } => true,
        _ => false,
    };
    // Each part of the condition may hold again.
    let mut parts = parts(cx, cond).into_iter().filter(|&part| may_change(cx, part));
    let cond = parts.find(|&part| !after.iter().take(16).any(|stmt| asks(part, stmt)))?;
    let asks_again = |stmt: &StmtId| asks(cond, stmt);
    let in_loop = cx.enclosing_loop(around).is_some();
    let ends = |stmt: &StmtId| matches!(cx.stmt(*stmt), Stmt::Return(_) | Stmt::Branch { .. });
    let leaves = cx.stmts_after(stmt).iter().take(16).any(|stmt| asks_again(stmt) || ends(stmt));
    let unlocks = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Expr(call) if lock_call(cx, call).is_some());
    let ends_turn = in_loop && (after.iter().take(4).all(unlocks) || !needs_element(cx, cond, after));
    (then == block && !leaves && !ends_turn).then_some(around)
}

/// Whether others can change what a condition asks for: not if all of it are locals that no closure assigns to.
fn may_change(cx: &Cx, cond: ExprId) -> bool {
    let fixed = |declared: ExprId| {
        let assigned = |used: ExprId| cx.is_target(used) && cx.enclosing_func(used) != cx.enclosing_func(declared);
        !cx.names.uses(declared).take(64).any(assigned)
    };
    cx.any(cond, false, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { .. } => true,
            Expr::Selector { .. } => !cx.is_qualified(id),
            Expr::Ident => match cx.def(id) {
                Def::Local(declared) => !fixed(declared),
                Def::Package(_) => true,
                _ => false,
            },
            _ => false,
        },
        _ => false,
    })
}

/// Whether what follows needs what a condition says is there. Where the length of something is asked, it may take all there is, and that
/// may be nothing: then the next iteration of a loop asks again.
fn needs_element(cx: &Cx, cond: ExprId, after: &[StmtId]) -> bool {
    let length =
        cx.find_expr(cond, false, |id| matches!(cx.expr(id), Expr::Call { fun, .. } if cx.is_builtin(fun, "len")));
    let Some(Expr::Call { args, .. }) = length.map(|length| cx.expr(length)) else { return true };
    let Some(of) = cx.only(args) else { return true };
    let takes = |node: Node| match node {
        Node::Expr(id) => match cx.expr(id) {
            // A map answers for any key.
            Expr::Index { base, .. } | Expr::Slice { base, .. } => {
                cx.same_text(base, of) && !matches!(cx.under(base), Type::Map { .. })
            }
            // Who pops is another function.
            Expr::Call { fun, args, .. } => {
                let own = cx.call(id).is_some_and(|call| cx.is_own(&call.callee)) && cx.exprs(args).is_empty();
                own && matches!(cx.expr(fun), Expr::Selector { .. })
            }
            _ => false,
        },
        _ => false,
    };
    after.iter().take(16).any(|&stmt| cx.any(stmt, true, takes))
}

/// What a condition asks for, one thing after the other: the operands of `&&` and `||`.
fn parts(cx: &Cx, cond: ExprId) -> Vec<ExprId> {
    const MOST: usize = 8;
    let (mut open, mut parts) = (vec![cx.unparen(cond)], Vec::new());
    while let Some(part) = open.pop().filter(|_| parts.len() < MOST) {
        match cx.expr(part) {
            Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, lhs, rhs } => {
                open.extend([rhs, lhs].map(|part| cx.unparen(part)))
            }
            _ => parts.push(part),
        }
    }
    parts
}

/// Whether two conditions mention the same variable or field.
fn shares_name(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    let names = |of: ExprId| {
        let mut names = Vec::new();
        cx.any(of, false, |node| {
            if let Node::Expr(id) = node
                && cx.expr(id) == Expr::Ident
                && cx.def(id) != Def::Universe
            {
                names.push(cx.source(id));
            }
            false
        });
        // The receiver says nothing.
        names.retain(|name| name.len() > 2);
        names
    };
    let of_a = names(a);
    names(b).iter().any(|name| of_a.contains(name))
}
