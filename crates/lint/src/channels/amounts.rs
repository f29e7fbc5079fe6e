//! How often something happens, at most.

use std::collections::HashMap;

use gopeer_flow::{Body, Op, OpKind};
use gopeer_sema::Def;
use gopeer_sema::types::{Basic, TypeId};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::{Act, Lane, Operation, Uses};
use crate::{Cx, Func};

/// How often something happens, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        let mut weights: HashMap<ExprId, (Amount, Amount)> = HashMap::new();
        for op in uses.ops.iter().filter(|op| op.lane == lane && !self.is_instead_of_rest(op)) {
            let inside = if op.nested { self.turns_in_all(op.at) } else { Amount::ONE };
            let (once, all) = weights.entry(op.site).or_insert((Amount::NONE, Amount::NONE));
            *once = once.plus(counts(op).times(inside));
            *all = all.plus(counts(op).times(inside).times(self.turns_in_all(op.site)));
        }
        let weight = |op: &Op| match op.kind {
            OpKind::Send | OpKind::Recv | OpKind::Call | OpKind::Defer => {
                weights.get(&op.at).copied().unwrap_or((Amount::NONE, Amount::NONE))
            }
            _ => (Amount::NONE, Amount::NONE),
        };
        Some(most_on_a_way(&followed.body, weight))
    }

    /// Whether something is done by a deferred function only if it recovers from a panic, or if a flag says that the rest was not done.
    fn is_instead_of_rest(&self, op: &Operation) -> bool {
        let decides = |cx: &Cx, node: Node| {
            let Node::Stmt(id) = node else { return false };
            let Stmt::If { init, cond, .. } = cx.stmt(id) else { return false };
            let is_flag = |id| {
                matches!(cx.expr(id), Expr::Ident)
                    && matches!(cx.def(id), Def::Local(_))
                    && cx.ty(id) == TypeId::from(Basic::Bool)
            };
            let is_answer = |node: Node| matches!(node, Node::Expr(id) if cx.is_builtin(id, "recover") || is_flag(id));
            cx.any(cond, false, is_answer) || init.is_some_and(|init| cx.any(init, false, is_answer))
        };
        let Some(Node::Stmt(around)) = self.around(op.at, decides).filter(|_| op.deferred) else { return false };
        matches!(self.stmt(around), Stmt::If { then, .. } if self.span(then).contains(self.span(op.at)))
    }

    /// How often a node runs for each time that another one does, which stands before it in the same function or around that.
    pub(crate) fn turns(&self, node: impl Into<Node>, beside: ExprId) -> Amount {
        let outside = self.span(beside);
        self.turns_until(node, |around| self.span(around).contains(outside))
    }

    /// How often a node runs in one iteration of the innermost loop around it that `stop` holds of; without one, each time its function does.
    fn turns_until(&self, node: impl Into<Node>, stop: impl Fn(StmtId) -> bool) -> Amount {
        let mut turns = Amount::ONE;
        let mut at = node.into();
        while let Some(around) = self.enclosing_loop(at).filter(|&around| !stop(around)) {
            turns = turns.times(self.turns_of(around));
            at = around.into();
        }
        turns
    }

    /// How often a node runs each time a function does, whose closures may be around it.
    pub(crate) fn turns_below(&self, node: Node, home: Node) -> Amount {
        const DEEP: usize = 4;
        let mut turns = Amount::ONE;
        let mut at = node;
        for _ in 0..DEEP {
            while let Some(around) = self.enclosing_loop(at) {
                turns = turns.times(self.turns_of(around));
                at = around.into();
            }
            match self.enclosing_func(at) {
                Some(func) if func.node != home => at = func.node,
                _ => return turns,
            }
        }
        Amount::MANY
    }

    /// How often a node runs each time its function does.
    fn turns_in_all(&self, node: ExprId) -> Amount {
        let turns = self.turns_until(node, |_| false);
        // A jump back is a loop without the word.
        turns.max(Amount::ONE)
    }

    /// How often a node runs in one iteration of a loop around it.
    pub(crate) fn turns_within(&self, node: impl Into<Node>, within: StmtId) -> Amount {
        self.turns_until(node, |around| around == within)
    }

    /// How often a loop runs its body.
    fn turns_of(&self, around: StmtId) -> Amount {
        let known = match self.stmt(around) {
            Stmt::Range { subject, .. } => self.int_value(subject).or_else(|| self.known_len(subject)),
            Stmt::For { init: Some(init), cond: Some(cond), post: Some(post), .. } => {
                self.counted_from_zero(init, cond, post)
            }
            _ => None,
        };
        known.and_then(|turns| u32::try_from(turns).ok()).map_or(Amount::MANY, |turns| Amount(turns).min(Amount::MANY))
    }

    /// How many elements a slice has that a literal makes and nobody changes.
    fn known_len(&self, subject: ExprId) -> Option<i64> {
        let subject = self.unparen(subject);
        let changes = || self.is_reassigned(subject);
        let value = match self.expr(subject) {
            Expr::Ident => self.initial_value(subject).filter(|_| !changes())?,
            _ => subject,
        };
        let Expr::Composite { elems, .. } = self.expr(self.unparen(value)) else { return None };
        let keyed = |&elem: &ExprId| matches!(self.expr(elem), Expr::KeyValue { .. });
        let is_map = matches!(self.under(value), gopeer_sema::types::Type::Map { .. });
        (is_map || !self.exprs(elems).iter().any(keyed)).then_some(elems.len() as i64)
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

/// The greatest weight of a way through a body. An operation has one weight where it is met once, and one for all iterations of the loops
/// around it.
fn most_on_a_way(body: &Body, weight: impl Fn(&Op) -> (Amount, Amount)) -> Amount {
    let mut before = vec![Amount::NONE; body.blocks().len()];
    let mut most = Amount::NONE;
    for (block, _) in body.blocks() {
        let weights = body.ops(block).iter().map(&weight);
        let (once, all) =
            weights.fold((Amount::NONE, Amount::NONE), |(once, all), weight| (once.plus(weight.0), all.plus(weight.1)));
        let own = match once != Amount::NONE && comes_back(body, block) {
            true if all == once => Amount::MANY,
            true => all,
            false => once,
        };
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
