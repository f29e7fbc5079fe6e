//! Where loops learn that a context is done, and whether they go on as if it were not.

use std::collections::HashSet;

use gopeer_flow::{BlockId, Ending, OpKind, When};
use gopeer_lint::Followed;
use gopeer_lint::prelude::*;

/// A place where a loop learns that a context is done.
pub(super) struct Asked {
    /// The receive, or the condition.
    pub(super) at: ExprId,
    pub(super) context: ExprId,
    /// The statements that then run.
    pub(super) body: Node,
    /// Which clause of a `select`.
    pub(super) clause: Option<u32>,
}

/// What a `select` or an `if` asks of contexts.
pub(super) fn asked(cx: &Cx, stmt: StmtId) -> Vec<Asked> {
    match cx.stmt(stmt) {
        Stmt::Select { clauses } => {
            let clauses = cx.stmts(clauses).iter().zip(0..);
            clauses.filter_map(|(&clause, at)| received(cx, clause, at)).collect()
        }
        Stmt::If { cond, then, .. } => {
            let Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs } = cx.expr(cx.unparen(cond)) else {
                return Vec::new();
            };
            let context =
                cx.method_call(lhs).filter(|_| cx.calls(lhs, &["context.Context.Err"]) && cx.is_builtin(rhs, "nil"));
            context
                .map(|(context, ..)| Asked { at: lhs, context, body: then.into(), clause: None })
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

fn received(cx: &Cx, clause: StmtId, at: u32) -> Option<Asked> {
    let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(clause) else { return None };
    let Stmt::Expr(receive) = cx.stmt(comm) else { return None };
    let channel = cx.received_from(cx.unparen(receive).into())?;
    let (context, ..) = cx.method_call(channel).filter(|_| cx.calls(channel, &["context.Context.Done"]))?;
    Some(Asked { at: receive, context, body: clause.into(), clause: Some(at) })
}

/// Whether all paths from there lead back to the same question, without waiting for anything else.
pub(super) fn goes_round(cx: &Cx, stmt: StmtId, asked: &Asked, looping: StmtId) -> bool {
    let Some(func) = cx.enclosing_func(stmt) else { return false };
    let Some(followed) = cx.followed(func.node) else { return false };
    let Some((question, first)) = begins(cx, &followed, stmt, asked) else { return false };
    let body = &followed.body;
    let mut entered = HashSet::from([first]);
    let mut open = vec![first];
    let mut back = false;
    while let Some(block) = open.pop() {
        if block == question {
            back = true;
            continue;
        }
        let leaves = matches!(
            body.ending(block),
            Ending::Return(_) | Ending::Unwind(_) | Ending::Stop(_) | Ending::Exit | Ending::Select(_)
        );
        let acts = body.ops(block).iter().any(|op| match op.kind {
            OpKind::Recv => cx.unparen(op.at) != cx.unparen(asked.at),
            OpKind::Send | OpKind::Havoc => true,
            OpKind::Call => cx.may_end(op.at) || sleeps(cx, op.at) || ends_test(cx, op.at),
            OpKind::Write => decides(cx, op.at, looping),
            _ => false,
        });
        if leaves || acts || entered.len() > 256 {
            return false;
        }
        for edge in body.edges(block).iter().filter(|edge| edge.when != When::Unwind) {
            if entered.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    back
}

/// The block that asks, and the one that then runs.
fn begins(cx: &Cx, followed: &Followed, stmt: StmtId, asked: &Asked) -> Option<(BlockId, BlockId)> {
    let body = &followed.body;
    let (when, question) = match (asked.clause, cx.stmt(stmt)) {
        (Some(at), _) => (When::Clause(at), Ending::Select(stmt)),
        (None, Stmt::If { cond, .. }) => (When::True, Ending::If(cond)),
        _ => return None,
    };
    const MOST: usize = 4096;
    let (block, _) = body.blocks().take(MOST).find(|(_, block)| block.ending == question)?;
    let edge = body.edges(block).iter().find(|edge| edge.when == when)?;
    Some((block, edge.to))
}

/// `require.NoError(t, ctx.Err())`: the context is done, so that there is an error.
fn ends_test(cx: &Cx, call: ExprId) -> bool {
    const REQUIRES: &[&str] =
        &["github.com/stretchr/testify/require.NoError", "github.com/stretchr/testify/require.NoErrorf"];
    let Expr::Call { args, .. } = cx.expr(call) else { return false };
    cx.calls(call, REQUIRES) && cx.exprs(args).iter().any(|&arg| cx.calls(arg, &["context.Context.Err"]))
}

fn sleeps(cx: &Cx, call: ExprId) -> bool {
    cx.callee_text(call).contains("Sleep") || cx.callee_text(call).contains("Wait")
}

/// Whether what is assigned may end the loop, or change what it waits for: a flag, a channel, a field, a counter that a condition
/// with a way out asks for.
fn decides(cx: &Cx, target: ExprId, looping: StmtId) -> bool {
    let Def::Local(declared) = cx.def(target) else { return cx.source(target) != "_" };
    if matches!(cx.under(target), Type::Chan { .. }) || cx.ty(target) == TypeId::from(Basic::Bool) {
        return true;
    }
    let exits: gopeer_lint::Wanted = |cx, node| matches!(node, Node::Stmt(id) if cx.leaves_loop(id));
    cx.names.uses(declared).take(256).filter(|&used| cx.span(looping).contains(cx.span(used))).any(|used| {
        cx.tree.ancestors(used).take_while(|&node| node != Node::Stmt(looping)).any(|node| match node {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::If { cond, .. } => {
                    cx.span(cond).contains(cx.span(used)) && !cx.within(id, false, exits).is_empty()
                }
                Stmt::For { .. } => true,
                _ => false,
            },
            _ => false,
        })
    })
}
