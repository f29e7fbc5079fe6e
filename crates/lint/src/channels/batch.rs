//! Loops that collect what they receive, and pass it on in one go.

use gopeer_sema::Def;
use gopeer_syntax::ast::{AssignOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use crate::Cx;

/// A loop that leaves with what it has collected and not passed on yet.
pub struct LostBatch {
    /// The `return`.
    pub at: StmtId,
    /// The variable that has it.
    pub batch: ExprId,
    /// Where it is collected.
    pub collects: ExprId,
    /// The call that passes it on otherwise.
    pub passes: ExprId,
}

impl Cx<'_> {
    /// Whether a `select` in an endless loop collects values in a slice, which a call in the loop gets now and then, and returns without that
    /// where it is told to end.
    pub fn lost_batch(&self, select: StmtId) -> Option<LostBatch> {
        let Stmt::Select { clauses } = self.stmt(select) else { return None };
        let around =
            self.enclosing_loop(select).filter(|&around| matches!(self.stmt(around), Stmt::For { cond: None, .. }))?;
        let clauses = self.stmts(clauses);
        let (batch, collects) = clauses.iter().find_map(|&clause| self.collected(clause, around))?;
        let passes = self.passed_on(batch, around)?;
        let end = clauses.iter().find_map(|&clause| self.ends_without(clause, batch))?;
        Some(LostBatch { at: end, batch, collects, passes })
    }

    /// The slice from outside of a loop to which a clause appends what it has received.
    fn collected(&self, clause: StmtId, around: StmtId) -> Option<(ExprId, ExprId)> {
        let Stmt::CommClause { comm: Some(comm), .. } = self.stmt(clause) else { return None };
        let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = self.stmt(comm) else { return None };
        let received = *self.exprs(lhs).first()?;
        if !matches!(self.expr(self.unparen(self.only(rhs)?)), Expr::Unary { op: UnaryOp::Recv, .. }) {
            return None;
        }
        let calls = self.calls_within(clause, false);
        calls.iter().find_map(|&call| {
            let Node::Expr(call) = call else { return None };
            let Expr::Call { fun, args, .. } = self.expr(call) else { return None };
            let [to, value] = *self.exprs(args) else { return None };
            let appends = self.is_builtin(fun, "append") && self.def(self.unparen(value)) == Def::Local(received);
            let Def::Local(batch) = self.def(self.unparen(to)) else { return None };
            let outside = !self.span(around).contains(self.span(batch));
            (appends && outside && self.func_of_local(to) == self.enclosing_func(around)).then_some((batch, call))
        })
    }

    /// The call in a loop that gets a slice, and is none that appends to it or asks for its length; none where others have it, too.
    fn passed_on(&self, batch: ExprId, around: StmtId) -> Option<ExprId> {
        const MOST: usize = 64;
        let home = self.enclosing_func(around)?;
        let mut passes = None;
        for used in self.names.uses(batch).filter(|&used| used != batch).take(MOST) {
            // A closure, or a deferred call, may pass it on in the end.
            if self.enclosing_func(used) != Some(home) || self.enclosing_defer(used).is_some() {
                return None;
            }
            let Some(Node::Expr(call)) = self.tree.parent(used) else { continue };
            let Expr::Call { fun, .. } = self.expr(call) else { continue };
            if self.def(self.unparen(fun)) != Def::Universe && self.span(around).contains(self.span(call)) {
                passes = passes.or(Some(call));
            }
        }
        passes
    }

    /// The `return` at the end of a clause that is told to end and does nothing with a slice.
    fn ends_without(&self, clause: StmtId, batch: ExprId) -> Option<StmtId> {
        let Stmt::CommClause { comm: Some(comm), body } = self.stmt(clause) else { return None };
        let &last = self.stmts(body).last()?;
        (self.receives_end(comm) && matches!(self.stmt(last), Stmt::Return(_)) && !self.mentions(clause, batch))
            .then_some(last)
    }
}
