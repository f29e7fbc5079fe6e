//! Loops that go on with a channel that is closed, and channels that are never made.

use gopeer_sema::Def;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, BranchKind, Expr, ExprId, Node, Stmt, StmtId};

use super::{Act, Channel, Lane, Operation};
use crate::Cx;

/// A receive in an endless loop that does not notice when the channel is closed.
pub struct Spin {
    /// The receive.
    pub at: ExprId,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// A receive from a channel, which is closed somewhere, in an endless loop that does not ask whether it is.
    pub fn spin(&self, channel: &Channel<'a>) -> Option<Spin> {
        let ops = channel.ops();
        // Whom another channel tells to close, the receiver itself may have told.
        let told = |op: &Operation| {
            channel.started(op.lane).is_some_and(|started| !self.tells(started, channel.declared).is_empty())
        };
        let closes = |op: &&Operation| op.act == Act::Close && op.lane != Lane::Unknown && !told(op);
        let close = ops.iter().find(closes)?;
        let inside = |op: &Operation| {
            self.enclosing_loop(op.site).is_some_and(|around| self.span(around).contains(self.span(channel.made)))
        };
        let spins = |op: &&Operation| op.act == Act::Receive && !inside(op) && self.is_repeated_unasked(op.site);
        // Who closes it in the loop itself knows.
        let receive = ops.iter().filter(|op| op.lane != close.lane).find(spins)?;
        let name = self.source(channel.declared);
        let steps = vec![
            (self.span(close.site), format!("`{name}` is closed here")),
            (self.span(receive.site), "from then on this receives a zero value, at once, in each iteration".to_owned()),
        ];
        Some(Spin { at: receive.site, steps })
    }

    /// Whether a receive stands in an endless loop, alone or as a case, and nothing there asks for the channel's end, or leaves.
    pub fn is_repeated_unasked(&self, receive: ExprId) -> bool {
        let Some(stmt) = self.enclosing_stmt(receive) else { return false };
        if self.asks_ok(stmt) {
            return false;
        }
        let Some(around) = self.enclosing_loop(receive) else { return false };
        if !matches!(self.stmt(around), Stmt::For { cond: None, .. }) {
            return false;
        }
        match self.case_of(stmt) {
            Some((select, clause)) => {
                let Stmt::Select { clauses } = self.stmt(select) else { return false };
                let Some(&clause_stmt) = self.stmts(clauses).get(clause) else { return false };
                let Some(func) = self.enclosing_func(receive) else { return false };
                let Some(followed) = self.followed(func.node) else { return false };
                self.is_all_of(around, select)
                    && !self.leaves_somewhere(clause_stmt)
                    && !self.sets_condition(clause_stmt, around)
                    && followed.comes_back(select, clause)
            }
            // Behind a receive of its own, all of the loop may ask for the value.
            None => self.is_whole_statement(stmt, receive) && !self.leaves_somewhere(around),
        }
    }

    /// Whether a statement is all that a loop does: nothing else there waits, and what is received from is no other in each iteration.
    fn is_all_of(&self, around: StmtId, select: StmtId) -> bool {
        let Stmt::For { body, .. } = self.stmt(around) else { return false };
        let Stmt::Block(stmts) = self.stmt(body) else { return false };
        matches!(*self.stmts(stmts), [only] if only == select)
    }

    /// Whether a part of a loop assigns to a variable that a condition of the loop asks for: it may end by that.
    fn sets_condition(&self, part: StmtId, around: StmtId) -> bool {
        // What the turn declares itself, the next one does not see.
        let outside = |declared: &ExprId| !self.span(around).contains(self.span(*declared));
        let assigned = |node: Node| match node {
            Node::Expr(id) if self.expr(id) == Expr::Ident && self.is_target(id) => match self.def(id) {
                Def::Local(declared) => Some(declared).filter(outside),
                _ => None,
            },
            _ => None,
        };
        let mut variables = Vec::new();
        self.any(part, false, |node| {
            variables.extend(assigned(node));
            false
        });
        let asks = |cond: ExprId| variables.iter().any(|&variable| self.mentions(cond, variable));
        self.any(around, false, |node| match node {
            Node::Stmt(id) => match self.stmt(id) {
                Stmt::If { cond, .. } => asks(cond),
                Stmt::Switch { tag: Some(tag), .. } => asks(tag),
                Stmt::CaseClause { exprs, .. } => self.exprs(exprs).iter().any(|&case| asks(case)),
                _ => false,
            },
            _ => false,
        })
    }

    fn is_whole_statement(&self, stmt: StmtId, receive: ExprId) -> bool {
        match self.stmt(stmt) {
            Stmt::Expr(expr) => self.unparen(expr) == receive,
            Stmt::Assign { rhs, .. } => self.only(rhs).is_some_and(|value| self.unparen(value) == receive),
            _ => false,
        }
    }

    /// `v, ok := <-c`.
    fn asks_ok(&self, stmt: StmtId) -> bool {
        match self.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Define | AssignOp::Assign, .. } => {
                matches!(self.exprs(lhs), [_, ok] if self.source(*ok) != "_")
            }
            _ => false,
        }
    }

    /// Whether some statement of a subtree leaves it: by a `return`, a branch, or a call that may not come back.
    fn leaves_somewhere(&self, root: StmtId) -> bool {
        self.any(root, false, |node| match node {
            Node::Stmt(id) => match self.stmt(id) {
                Stmt::Return(_) => true,
                Stmt::Branch { kind, .. } => kind != BranchKind::Continue,
                _ => false,
            },
            Node::Expr(call) => matches!(self.expr(call), Expr::Call { .. }) && self.may_end(call),
            _ => false,
        })
    }

    /// A send to, a receive from, or a `range` over a channel variable that is declared without a value and never gets one.
    pub fn blocked_on_nil(&self, declared: ExprId) -> Option<ExprId> {
        if self.is_reassigned(declared) {
            return None;
        }
        let home = self.enclosing_func(declared)?;
        let uses = self.channel_uses(declared, home);
        let waits = |op: &&Operation| match op.act {
            Act::Send | Act::Receive => !op.guarded,
            Act::Range => true,
            _ => false,
        };
        uses.ops.iter().filter(|_| !uses.open).find(waits).map(|op| op.site)
    }
}
