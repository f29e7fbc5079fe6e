//! What is known at a point before any path is followed from there.

use std::collections::HashSet;

use gopeer_sema::{CallFacts, Def, ObjectKind};
use gopeer_syntax::ast::{Expr, ExprId, Node};

use crate::value::Values;
use crate::{BlockId, Ending, Ground, Live, Point, State};

impl Ground<'_> {
    /// What is known at a point: what the conditions that lead there say of variables that have not changed since, and what the last
    /// operations before it have assigned.
    pub fn state(&self, at: Point, values: &mut Values<'_>) -> State {
        /// How many operations are run to get there.
        const NEAR: u32 = 32;
        let mut state = State::new(self.shared.outside(self.body.node, self.offset(at, values)));
        let before = Point { op: at.op.saturating_sub(NEAR), ..at };
        self.add_conditions(before, &mut state, values);
        // Nobody has said yet whether a call may change what conditions ask for.
        state.steady = true;
        let ops = self.body.ops(at.block).get(before.op as usize..at.op as usize);
        ops.unwrap_or_default().iter().for_each(|&op| self.effect(op, &mut state, values));
        state.steady = false;
        state
    }

    fn add_conditions(&self, at: Point, state: &mut State, values: &mut Values<'_>) {
        const FAR: usize = 24;
        let mut between = Between::new(at);
        let mut below = at.block;
        for _ in 0..FAR {
            let Some(above) = self.dominators.parent(below) else { break };
            between.reach_back(above, self.live);
            // Only if one way out of the block leads here, what it says holds here.
            let mut ways = self.body.edges(above).iter().filter(|edge| edge.to == below);
            if let (Some(&way), None) = (ways.next(), ways.next())
                && self.live.edges_into(below).len() == 1
                && self.is_unchanged(above, &between, values)
            {
                // A contradiction says that the point is never reached, which is not for this to judge.
                let before = state.clone();
                if !self.take(above, way, state, values) {
                    *state = before;
                }
            }
            between.open.push(above);
            below = above;
        }
    }

    /// Where a point is in the source: closures that begin after it have not been made yet. A loop that comes back to it may have made
    /// them in an earlier iteration, in which other variables of the same name were followed.
    fn offset(&self, at: Point, values: &Values<'_>) -> u32 {
        if at.block == BlockId::ENTRY && at.op == 0 {
            return 0;
        }
        let ops = self.body.ops(at.block);
        let op = ops.get((at.op as usize).saturating_sub(1));
        op.map_or(u32::MAX, |op| values.input.tree.span(op.at).start)
    }

    /// Whether what a block decides by is still the same.
    fn is_unchanged(&self, block: BlockId, between: &Between, values: &Values<'_>) -> bool {
        let Ending::If(cond) = self.body.ending(block) else { return false };
        let mut unchanged = true;
        values.input.tree.walk(Node::Expr(cond), &mut |node| {
            if let Node::Expr(id) = node {
                match values.input.tree.expr(id) {
                    Expr::Ident => unchanged &= self.keeps(id, between, values),
                    Expr::Call { fun, .. } => {
                        let is_len = values.input.tree.source(fun) == "len";
                        unchanged &= is_len || values.calls.facts(id).has(CallFacts::PURE);
                    }
                    _ => {}
                }
            }
            unchanged
        });
        unchanged
    }

    /// Whether nothing is assigned to what an identifier names.
    fn keeps(&self, ident: ExprId, between: &Between, values: &Values<'_>) -> bool {
        match values.input.names.def(ident) {
            Def::Local(declared) => match self.live.assignments(declared) {
                [] | [_] => true,
                several => !between.has_any(several),
            },
            Def::Package(ObjectKind::Var) => false,
            _ => true,
        }
    }
}

/// The blocks on the ways from a block that dominates a point to that point.
struct Between {
    at: Point,
    blocks: HashSet<BlockId>,
    /// Blocks whose predecessors have not been looked at.
    open: Vec<BlockId>,
    /// Whether there are too many of them.
    is_full: bool,
}

impl Between {
    fn new(at: Point) -> Between {
        Between { at, blocks: HashSet::new(), open: vec![at.block], is_full: false }
    }

    /// Adds the blocks on the ways from a dominator, which is not among them.
    fn reach_back(&mut self, dominator: BlockId, live: &Live) {
        const MOST: usize = 64;
        while let Some(block) = self.open.pop() {
            // The first is the block of the point itself: all of it is run only if a way leads through it.
            if block != self.at.block {
                self.blocks.insert(block);
            }
            let before = live.edges_into(block);
            self.is_full |= self.blocks.len() + before.len() > MOST;
            if self.is_full {
                self.open.clear();
                break;
            }
            for &from in before {
                if from != dominator && !self.blocks.contains(&from) {
                    self.blocks.insert(from);
                    if from != self.at.block {
                        self.open.push(from);
                    }
                }
            }
        }
    }

    /// Whether one of these operations, each given by the point after it, may be run on the way.
    fn has_any(&self, of: &[Point]) -> bool {
        const MOST: usize = 16;
        let is_run = |point: &Point| {
            self.blocks.contains(&point.block) || point.block == self.at.block && point.op <= self.at.op
        };
        self.is_full || of.len() > MOST || of.iter().any(is_run)
    }
}
