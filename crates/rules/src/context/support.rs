//! What is a context, and where one has ended.

use gopeer_lint::prelude::*;

/// Whether a field or parameter is a context.
pub(super) fn is_context(cx: &Cx, field: FieldId) -> bool {
    let ty = cx.tree.field(field).ty;
    cx.type_is(cx.ty(ty), &["context.Context"]) || cx.denotes(ty, &["context.Context"])
}

/// Whether the function has waited for the end of a context before this place, or the place stands in a branch for that
/// case.
pub(crate) fn comes_after_the_end(cx: &Cx, node: impl Into<Node>) -> bool {
    let node = node.into();
    let Some(func) = cx.enclosing_func(node) else { return false };
    let first = cx.within(func.body, false, is_wait_that_reaches_on).first().copied();
    if first.is_some_and(|wait| cx.span(wait).start < cx.span(node).start) {
        return true;
    }
    let mut clause = clause_of_a_wait(cx, node);
    while let Some((outer, wait)) = clause {
        if cx.span(wait).start < cx.span(node).start {
            return true;
        }
        clause = clause_of_a_wait(cx, outer);
    }
    cx.around(node, is_branch_for_the_end).is_some()
}

/// `<-ctx.Done()`.
pub(super) fn is_wait(cx: &Cx, node: Node) -> bool {
    let channel = cx.received_from(node);
    matches!(channel.and_then(|channel| cx.method_call(channel)), Some((_, "Done", _)))
}

/// What waits in a clause of a `select` that leaves the function or goes on with the loop is over for that clause alone.
fn is_wait_that_reaches_on(cx: &Cx, wait: Node) -> bool {
    if !is_wait(cx, wait) {
        return false;
    }
    let leaves = |&last: &StmtId| match cx.stmt(last) {
        Stmt::Return(_) => true,
        Stmt::Branch { kind, .. } => kind == BranchKind::Continue,
        _ => false,
    };
    // The statement that a clause waits in has none around it within the clause.
    let mut around = cx.tree.ancestors(wait).skip_while(|node| matches!(node, Node::Expr(_)));
    match (around.next(), around.next()) {
        (Some(Node::Stmt(comm)), Some(Node::Stmt(clause))) => match cx.stmt(clause) {
            Stmt::CommClause { comm: Some(own), body } if own == comm => !cx.stmts(body).last().is_some_and(leaves),
            _ => true,
        },
        _ => true,
    }
}

/// The nearest clause around a node, in the same function, that waits so, and the wait.
fn clause_of_a_wait(cx: &Cx, node: Node) -> Option<(Node, Node)> {
    let clause = cx.around(node, |cx, node| wait_of(cx, node).is_some() || cx.as_func(node).is_some())?;
    Some((clause, wait_of(cx, clause)?))
}

fn wait_of(cx: &Cx, clause: Node) -> Option<Node> {
    let Node::Stmt(id) = clause else { return None };
    let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(id) else { return None };
    cx.within(comm, false, is_wait).first().copied()
}

fn is_branch_for_the_end(cx: &Cx, node: Node) -> bool {
    let Node::Stmt(stmt) = node else { return false };
    let Stmt::If { init, cond, .. } = cx.stmt(stmt) else { return false };
    let asks = |node: Node| {
        let Node::Expr(id) = node else { return false };
        matches!(cx.method_call(id), Some((_, "Err", _)))
            || cx.denotes(id, &["context.Canceled", "context.DeadlineExceeded"])
            || matches!(cx.expr(id), Expr::Binary { op: BinaryOp::Equal, lhs, .. } if cx.has_type(lhs, &["context.Context"]))
    };
    cx.any(cond, false, asks) || init.is_some_and(|init| cx.any(init, false, asks))
}

/// The name of the function declaration or interface method that has this signature.
pub(crate) fn declared_name(cx: &Cx, ty: ExprId) -> Option<ExprId> {
    match cx.tree.parent(ty)? {
        Node::Decl(decl) => match cx.decl(decl) {
            Decl::Func { name, .. } => Some(name),
            _ => None,
        },
        Node::Field(field) => {
            let Some(Node::Expr(owner)) = cx.tree.parent(field) else { return None };
            let method = matches!(cx.expr(owner), Expr::InterfaceType { .. });
            cx.only(cx.tree.field(field).names).filter(|_| method)
        }
        _ => None,
    }
}

/// Whether a context is given to a call that may end with it: not one that logs, asks why it ended, or makes a context which does not
/// end, nor a function of the package that hands it to such calls only.
pub(crate) fn may_end_with(cx: &Cx, context: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(context) else { return false };
    let given = matches!(cx.expr(call), Expr::Call { args, .. } if cx.exprs(args).contains(&context));
    given && !only_reports(cx, context)
}

/// The parameter of a function that is a context, if it reports with it and does nothing else.
fn reporting(cx: &Cx, decl: DeclId, index: usize) -> Option<ExprId> {
    let given = cx.param_at(cx.as_func(decl.into())?, index)?;
    cx.names.uses(given).all(|used| used == given || only_reports(cx, used)).then_some(given)
}

/// Whether a context is an argument of a call that does not wait for anything with it.
pub(crate) fn only_reports(cx: &Cx, context: ExprId) -> bool {
    const OTHERS: &[&str] = &["debug", "error", "from", "info", "log", "logger", "trace", "value", "warn", "without"];
    let Some(Node::Expr(call)) = cx.tree.parent(context) else { return false };
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    // `Errorf` is an `Error`.
    let is_other =
        |word: &str| OTHERS.contains(&word) || word.strip_suffix('f').is_some_and(|word| OTHERS.contains(&word));
    let quiet = words(cx.callee_word(call)).iter().any(|word| is_other(word));
    let logs = cx.callee_text(call).to_lowercase().contains("log");
    let asks = cx.calls(call, &["context.AfterFunc", "context.Cause"]);
    let Some(index) = cx.exprs(args).iter().position(|&arg| arg == context) else { return false };
    let hands_on = || cx.call(call).is_some_and(|call| cx.find_within(call, reporting, index).is_some());
    quiet || logs || asks || hands_on()
}
