//! How often something happens, at most.

use std::collections::HashMap;

use gopeer_flow::{Body, Op, OpKind};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::{Act, Lane, Operation, Uses};
use crate::{Cx, Func};

/// How often something happens, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u32);

impl Amount {
    /// Never.
    pub const NONE: Amount = Amount(0);
    /// Once.
    pub const ONE: Amount = Amount(1);
    /// As often as something says that is not known.
    pub const MANY: Amount = Amount(0xffff);

    /// Both.
    pub fn plus(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0)).min(Amount::MANY)
    }

    /// That often, each time.
    pub fn times(self, turns: Amount) -> Amount {
        Amount(self.0.saturating_mul(turns.0)).min(Amount::MANY)
    }
}

impl Cx<'_> {
    /// How often the body of a lane does what `counts` says of an operation on a channel, on one way through it.
    pub(crate) fn most(
        &self,
        uses: &Uses<'_>,
        lane: Lane,
        body: Func,
        counts: impl Fn(&Operation) -> Amount,
    ) -> Option<Amount> {
        let followed = self.followed(body.node)?;
        let mut weights: HashMap<ExprId, Amount> = HashMap::new();
        for op in uses.ops.iter().filter(|op| op.lane == lane) {
            let amount = match op.nested && self.enclosing_loop(op.at).is_some() {
                true => counts(op).times(Amount::MANY),
                false => counts(op),
            };
            let weight = weights.entry(op.site).or_insert(Amount::NONE);
            *weight = weight.plus(amount);
        }
        let weight = |op: &Op| match op.kind {
            OpKind::Send | OpKind::Recv | OpKind::Call | OpKind::Defer => {
                weights.get(&op.at).copied().unwrap_or(Amount::NONE)
            }
            _ => Amount::NONE,
        };
        Some(most_on_a_way(&followed.body, weight))
    }

    /// How often a node runs for each time that another one does, which stands before it in the same function or around that.
    pub(crate) fn turns(&self, node: impl Into<Node>, beside: ExprId) -> Amount {
        let outside = self.span(beside);
        let mut turns = Amount::ONE;
        let mut at = node.into();
        while let Some(around) = self.enclosing_loop(at)
            && !self.span(around).contains(outside)
        {
            turns = turns.times(self.turns_of(around));
            at = around.into();
        }
        turns
    }

    /// How often a node runs in one turn of a loop around it.
    pub(crate) fn turns_within(&self, node: impl Into<Node>, within: StmtId) -> Amount {
        let mut turns = Amount::ONE;
        let mut at = node.into();
        while let Some(around) = self.enclosing_loop(at)
            && around != within
        {
            turns = turns.times(self.turns_of(around));
            at = around.into();
        }
        turns
    }

    /// How often a loop runs its body.
    fn turns_of(&self, around: StmtId) -> Amount {
        let known = match self.stmt(around) {
            Stmt::Range { subject, .. } => self.int_value(subject),
            Stmt::For { init: Some(init), cond: Some(cond), post: Some(post), .. } => {
                self.counted_from_zero(init, cond, post)
            }
            _ => None,
        };
        known.and_then(|turns| u32::try_from(turns).ok()).map_or(Amount::MANY, |turns| Amount(turns).min(Amount::MANY))
    }

    /// The limit of `for i := 0; i < limit; i++`, if that is a constant.
    fn counted_from_zero(&self, init: StmtId, cond: ExprId, post: StmtId) -> Option<i64> {
        let Stmt::Assign { rhs, .. } = self.stmt(init) else { return None };
        let Stmt::IncDec { inc: true, .. } = self.stmt(post) else { return None };
        let Expr::Binary { op, rhs: limit, .. } = self.expr(self.unparen(cond)) else { return None };
        let (first, limit) = (self.int_value(self.only(rhs)?)?, self.int_value(limit)?);
        match op {
            BinaryOp::Less => Some(limit - first),
            BinaryOp::LessEqual => Some(limit - first + 1),
            _ => None,
        }
    }
}

/// The greatest weight of a way through a body; what stands in a loop counts as many.
fn most_on_a_way(body: &Body, weight: impl Fn(&Op) -> Amount) -> Amount {
    let mut before = vec![Amount::NONE; body.blocks().len()];
    let mut most = Amount::NONE;
    for (block, _) in body.blocks() {
        let own = body.ops(block).iter().map(&weight).fold(Amount::NONE, Amount::plus);
        let own = if own != Amount::NONE && comes_back(body, block) { Amount::MANY } else { own };
        let after = before[block.index()].plus(own);
        most = most.max(after);
        // Blocks are in reverse postorder: what leads back is a loop.
        for edge in body.edges(block).iter().filter(|edge| edge.to > block) {
            let next = &mut before[edge.to.index()];
            *next = (*next).max(after);
        }
    }
    most
}

fn comes_back(body: &Body, block: gopeer_flow::BlockId) -> bool {
    let mut seen = vec![false; body.blocks().len()];
    let mut open = vec![block];
    while let Some(at) = open.pop() {
        for edge in body.edges(at) {
            if edge.to == block {
                return true;
            }
            if !std::mem::replace(&mut seen[edge.to.index()], true) {
                open.push(edge.to);
            }
        }
    }
    false
}

impl Operation {
    /// How many values it sends, waiting for as long as there is no room.
    pub(crate) fn sends(&self) -> Amount {
        match self.act {
            Act::Send if !self.guarded => Amount::ONE,
            Act::Given(given) => given.sends,
            _ => Amount::NONE,
        }
    }
}
