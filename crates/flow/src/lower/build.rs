//! Blocks in the making.

use gopeer_syntax::ast::{ExprId, Node};

use crate::{Block, BlockId, Body, Edge, Ending, Op, OpKind, When};

/// A block in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Draft(u32);

struct Making {
    ops: Vec<Op>,
    ending: Ending,
    edges: Vec<(Draft, When)>,
}

/// Makes blocks; operations go into the current one.
pub(super) struct Builder {
    blocks: Vec<Making>,
    current: Draft,
}

impl Default for Builder {
    /// With the block where the body begins, which is current, and the one where it is left.
    fn default() -> Builder {
        let mut builder = Builder { blocks: Vec::new(), current: Draft(0) };
        builder.block();
        let exit = builder.block();
        builder.blocks[exit.0 as usize].ending = Ending::Exit;
        builder
    }
}

impl Builder {
    /// A new block; the current one stays.
    pub(super) fn block(&mut self) -> Draft {
        self.blocks.push(Making { ops: Vec::new(), ending: Ending::Jump, edges: Vec::new() });
        Draft(self.blocks.len() as u32 - 1)
    }

    pub(super) fn exit(&self) -> Draft {
        Draft(1)
    }

    pub(super) fn op(&mut self, kind: OpKind, at: ExprId) {
        self.blocks[self.current.0 as usize].ops.push(Op { kind, at });
    }

    /// Ends the current block. What follows cannot be reached, until another block is made current.
    pub(super) fn end(&mut self, ending: Ending, edges: &[(Draft, When)]) {
        let block = &mut self.blocks[self.current.0 as usize];
        (block.ending, block.edges) = (ending, edges.to_vec());
        self.current = self.block();
    }

    /// Ends the current block by going on to another.
    pub(super) fn jump(&mut self, to: Draft) {
        self.end(Ending::Jump, &[(to, When::Always)]);
    }

    pub(super) fn current(&self) -> Draft {
        self.current
    }

    /// Makes a block current.
    pub(super) fn enter(&mut self, block: Draft) {
        self.current = block;
    }

    /// The blocks that can be reached, in reverse postorder, and the exit last. Edges lead past blocks that do nothing.
    pub(super) fn finish(mut self, node: Node) -> Body {
        self.pass_empty();
        let order = self.order();
        let mut number = vec![u32::MAX; self.blocks.len()];
        for (at, draft) in order.iter().enumerate() {
            number[draft.0 as usize] = at as u32;
        }
        let mut body = Body { node, ops: Vec::new(), blocks: Vec::new(), edges: Vec::new() };
        for draft in order {
            let making = &self.blocks[draft.0 as usize];
            let (ops, edges) = (body.ops.len() as u32, body.edges.len() as u32);
            body.ops.extend(&making.ops);
            let edge = |&(to, when): &(Draft, When)| Edge { to: BlockId(number[to.0 as usize]), when };
            body.edges.extend(making.edges.iter().map(edge));
            let (ops, edges) = ((ops, body.ops.len() as u32), (edges, body.edges.len() as u32));
            body.blocks.push(Block { ops, edges, ending: making.ending });
        }
        body
    }

    fn pass_empty(&mut self) {
        let mut leads: Vec<Option<Draft>> = vec![None; self.blocks.len()];
        for at in 0..self.blocks.len() {
            let (mut way, mut to) = (Vec::new(), Draft(at as u32));
            while leads[to.0 as usize].is_none()
                && let Some(next) = self.only_goes_on(to)
            {
                // A loop of blocks that do nothing ends where it was entered.
                leads[to.0 as usize] = Some(to);
                way.push(to);
                to = next;
            }
            let to = leads[to.0 as usize].unwrap_or(to);
            way.into_iter().for_each(|passed| leads[passed.0 as usize] = Some(to));
        }
        for (to, _) in self.blocks.iter_mut().flat_map(|block| &mut block.edges) {
            *to = leads[to.0 as usize].unwrap_or(*to);
        }
    }

    /// Where a block leads that does nothing.
    fn only_goes_on(&self, block: Draft) -> Option<Draft> {
        let block = &self.blocks[block.0 as usize];
        match block.edges[..] {
            [(to, When::Always)] if block.ops.is_empty() && block.ending == Ending::Jump => Some(to),
            _ => None,
        }
    }

    fn order(&self) -> Vec<Draft> {
        let exit = self.exit();
        let mut seen = vec![false; self.blocks.len()];
        let (mut open, mut done) = (vec![(Draft(0), 0)], Vec::new());
        seen[0] = true;
        seen[exit.0 as usize] = true;
        while let Some((draft, edge)) = open.pop() {
            // The last edge first, so that in the reverse the first successor follows its block.
            let edges = &self.blocks[draft.0 as usize].edges;
            let Some(&(next, _)) = edges.len().checked_sub(edge + 1).and_then(|at| edges.get(at)) else {
                done.push(draft);
                continue;
            };
            open.push((draft, edge + 1));
            if !std::mem::replace(&mut seen[next.0 as usize], true) {
                open.push((next, 0));
            }
        }
        done.reverse();
        done.push(exit);
        done
    }
}
