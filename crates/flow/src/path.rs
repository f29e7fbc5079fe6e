//! Ways through a body.

use std::collections::{HashMap, VecDeque};

use gopeer_syntax::ast::{ExprId, StmtId};

use crate::{BlockId, Body, Edge, Ending, Op, OpKind, When};

/// Before an operation of a block, or before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The block.
    pub block: BlockId,
    /// How many of its operations come before.
    pub op: u32,
}

/// A way from a point to where the body is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The blocks with the edges by which they are left, in order.
    pub edges: Vec<(BlockId, Edge)>,
    /// How the last block ends.
    pub ending: Ending,
}

impl Body {
    /// The points right behind the calls, by the call.
    pub fn calls(&self) -> HashMap<ExprId, Point> {
        self.points(|kind| kind == OpKind::Call)
    }

    /// The points right behind the writes, by what is written. A declaration without a value writes its zero value.
    pub fn writes(&self) -> HashMap<ExprId, Point> {
        self.points(|kind| matches!(kind, OpKind::Write | OpKind::Zero))
    }

    /// The points right behind the reads, by the identifier.
    pub fn reads(&self) -> HashMap<ExprId, Point> {
        self.points(|kind| kind == OpKind::Read)
    }

    /// The points right after closures are made, by the closure.
    pub fn closures(&self) -> HashMap<ExprId, Point> {
        self.points(|kind| kind == OpKind::Make)
    }

    /// The points where `return` statements leave, by the statement.
    pub fn returns(&self) -> HashMap<StmtId, Point> {
        let of_block = |(id, block): (BlockId, &crate::Block)| match block.ending {
            Ending::Return(Some(stmt)) => Some((stmt, Point { block: id, op: self.ops(id).len() as u32 })),
            _ => None,
        };
        self.blocks().filter_map(of_block).collect()
    }

    fn points(&self, wanted: fn(OpKind) -> bool) -> HashMap<ExprId, Point> {
        let of_block = |block: BlockId| {
            let ops = self.ops(block).iter().enumerate().filter(move |(_, op)| wanted(op.kind));
            ops.map(move |(at, op)| (op.at, Point { block, op: at as u32 + 1 }))
        };
        self.blocks().flat_map(|(block, _)| of_block(block)).collect()
    }

    /// The shortest way, in blocks, from a point to a return that meets no operation which is `met`. Ways that a panic or the end
    /// of the process takes are none, and behind what could not be parsed nothing is known. `fuel` is what may be spent, in
    /// operations and edges looked at, and is less afterwards; none is left if it did not suffice, and then there is no answer.
    pub fn way_out(&self, from: Point, met: impl Fn(&Op) -> bool, fuel: &mut u32) -> Option<Path> {
        // A body may be asked often, and most ways are short: a table of all blocks would cost more.
        let mut came: HashMap<BlockId, (BlockId, Edge)> = HashMap::new();
        let mut open = VecDeque::from([(from.block, from.op as usize)]);
        let mut again = false;
        while let Some((block, start)) = open.pop_front() {
            let ops = self.ops(block).get(start..).unwrap_or_default();
            let edges = self.edges(block);
            let stop = ops.iter().position(|op| op.kind == OpKind::Havoc || met(op));
            *fuel = fuel.saturating_sub((stop.unwrap_or(ops.len()) + edges.len() + 1) as u32);
            if *fuel == 0 {
                return None;
            }
            if stop.is_some() {
                continue;
            }
            if let (ending @ Ending::Return(_), [edge]) = (self.ending(block), edges) {
                return Some(self.path(from.block, (block, *edge), ending, &came));
            }
            for &edge in edges.iter().filter(|edge| edge.when != When::Unwind) {
                // The block of the start may be entered once more, from its beginning.
                let first = edge.to == from.block && !std::mem::replace(&mut again, true);
                if !came.contains_key(&edge.to) && (edge.to != from.block || first) {
                    came.insert(edge.to, (block, edge));
                    open.push_back((edge.to, 0));
                }
            }
        }
        None
    }

    fn path(
        &self,
        start: BlockId,
        last: (BlockId, Edge),
        ending: Ending,
        came: &HashMap<BlockId, (BlockId, Edge)>,
    ) -> Path {
        let mut edges = vec![last];
        let mut at = last.0;
        while at != start
            && let Some(&step) = came.get(&at)
        {
            edges.push(step);
            at = step.0;
        }
        edges.reverse();
        Path { edges, ending }
    }

    /// The blocks from which an operation that is `wanted` can be met, that of the block itself included.
    pub fn leads_to(&self, wanted: impl Fn(&Op) -> bool) -> Vec<bool> {
        let mut leads: Vec<bool> = self.blocks().map(|(block, _)| self.ops(block).iter().any(&wanted)).collect();
        let mut before: Vec<Vec<BlockId>> = vec![Vec::new(); leads.len()];
        for (block, _) in self.blocks() {
            for edge in self.edges(block) {
                before[edge.to.index()].push(block);
            }
        }
        let mut open: Vec<BlockId> =
            self.blocks().map(|(block, _)| block).filter(|block| leads[block.index()]).collect();
        while let Some(block) = open.pop() {
            for &earlier in &before[block.index()] {
                if !std::mem::replace(&mut leads[earlier.index()], true) {
                    open.push(earlier);
                }
            }
        }
        leads
    }
}
