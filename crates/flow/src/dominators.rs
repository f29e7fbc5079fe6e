//! Dominators: what always runs before what.

use crate::{BlockId, Body};

/// The dominator tree of a graph: `a` dominates `b` if every path from the root to `b` passes `a`.
#[derive(Clone, Debug)]
pub struct Dominators {
    /// The immediate dominator of each node; of the root itself, and of what cannot be reached, none.
    parents: Vec<Option<u32>>,
    /// When a walk through the tree enters and leaves each node; of what cannot be reached (0, 0).
    visits: Vec<(u32, u32)>,
}

impl Dominators {
    /// Of the blocks of a body, from where it begins.
    pub fn of(body: &Body) -> Dominators {
        let successors = successors(body);
        Dominators::new(0, &successors)
    }

    /// Post-dominators: from where the body is left. What never gets there, because it loops or waits for ever or the process
    /// ends, is taken to be left at its last block.
    pub fn post(body: &Body) -> Dominators {
        let forward = successors(body);
        Dominators::new(forward.len(), &backward(&forward, body.exit().index()))
    }

    /// Whether every path from the root to `b` passes `a`. A block dominates itself.
    pub fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let visit = |block: BlockId| self.visits.get(block.index()).copied().unwrap_or_default();
        let ((enter, leave), (inner, _)) = (visit(a), visit(b));
        inner > 0 && enter <= inner && inner <= leave
    }

    /// The last block but itself that every path to `block` passes.
    pub fn parent(&self, block: BlockId) -> Option<BlockId> {
        self.parents.get(block.index()).copied().flatten().map(BlockId)
    }

    /// By Georgiadis' semi-NCA, which takes little more than linear time on any graph: chains of a hundred thousand cases
    /// included, where the usual iteration takes the square.
    fn new(root: usize, successors: &[Vec<u32>]) -> Dominators {
        let walk = Walk::new(root, successors);
        let idoms = walk.immediate_dominators(successors);
        let mut parents = vec![None; successors.len()];
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); successors.len()];
        for (at, &node) in walk.order.iter().enumerate().skip(1) {
            let parent = walk.order[idoms[at] as usize];
            parents[node as usize] = Some(parent);
            children[parent as usize].push(node);
        }
        Dominators { visits: visits(root, &children), parents }
    }
}

fn successors(body: &Body) -> Vec<Vec<u32>> {
    body.blocks().map(|(block, _)| body.edges(block).iter().map(|edge| edge.to.0).collect()).collect()
}

/// The graph against its edges, from one more node that all ways out lead to.
fn backward(forward: &[Vec<u32>], exit: usize) -> Vec<Vec<u32>> {
    let root = forward.len();
    let mut back = vec![Vec::new(); root + 1];
    for (from, all) in forward.iter().enumerate() {
        for &to in all {
            back[to as usize].push(from as u32);
        }
    }
    back[root].push(exit as u32);
    let mut reached = vec![false; root + 1];
    reach(root, &back, &mut reached);
    // The last in reverse postorder are the ends of what never ends.
    for block in (0..root).rev() {
        if !reached[block] {
            back[root].push(block as u32);
            reach(block, &back, &mut reached);
        }
    }
    back
}

fn reach(root: usize, successors: &[Vec<u32>], reached: &mut [bool]) {
    let mut open = vec![root];
    reached[root] = true;
    while let Some(at) = open.pop() {
        for &next in &successors[at] {
            if !std::mem::replace(&mut reached[next as usize], true) {
                open.push(next as usize);
            }
        }
    }
}

/// When a walk through a tree enters and leaves each node, counted from 1.
fn visits(root: usize, children: &[Vec<u32>]) -> Vec<(u32, u32)> {
    let mut visits = vec![(0, 0); children.len()];
    let mut clock = 0;
    let mut open = vec![(root, 0)];
    while let Some((node, child)) = open.pop() {
        if child == 0 {
            clock += 1;
            visits[node].0 = clock;
        }
        match children[node].get(child) {
            Some(&next) => open.extend([(node, child + 1), (next as usize, 0)]),
            None => visits[node].1 = clock,
        }
    }
    visits
}

/// A depth-first walk: nodes in preorder, by whose numbers the rest speaks.
struct Walk {
    /// The nodes in preorder.
    order: Vec<u32>,
    /// The number of each node; `u32::MAX` where it is not reached.
    number: Vec<u32>,
    /// The number of the parent of each number.
    parent: Vec<u32>,
}

impl Walk {
    fn new(root: usize, successors: &[Vec<u32>]) -> Walk {
        let mut walk = Walk { order: Vec::new(), number: vec![u32::MAX; successors.len()], parent: Vec::new() };
        let mut open = vec![(root as u32, 0)];
        while let Some((node, parent)) = open.pop() {
            if walk.number[node as usize] != u32::MAX {
                continue;
            }
            let number = walk.order.len() as u32;
            walk.number[node as usize] = number;
            walk.order.push(node);
            walk.parent.push(parent);
            open.extend(successors[node as usize].iter().rev().map(|&next| (next, number)));
        }
        walk
    }

    /// The number of the immediate dominator of each number.
    fn immediate_dominators(&self, successors: &[Vec<u32>]) -> Vec<u32> {
        let len = self.order.len();
        let mut back: Vec<Vec<u32>> = vec![Vec::new(); len];
        for (from, &node) in self.order.iter().enumerate() {
            for &next in &successors[node as usize] {
                back[self.number[next as usize] as usize].push(from as u32);
            }
        }
        let mut semi: Vec<u32> = (0..len as u32).collect();
        let mut forest = Forest { ancestor: vec![u32::MAX; len], label: semi.clone() };
        for at in (1..len).rev() {
            for &before in &back[at] {
                let best = forest.best(before, &semi);
                semi[at] = semi[at].min(semi[best as usize]);
            }
            forest.ancestor[at] = self.parent[at];
        }
        let mut idoms = self.parent.clone();
        for at in 1..len {
            while idoms[at] > semi[at] {
                idoms[at] = idoms[idoms[at] as usize];
            }
        }
        idoms
    }
}

/// The forest of Lengauer and Tarjan, with paths that are shortened as they are asked.
struct Forest {
    ancestor: Vec<u32>,
    label: Vec<u32>,
}

impl Forest {
    /// The node with the least semidominator on the way up from `node`, below the root of its tree.
    fn best(&mut self, node: u32, semi: &[u32]) -> u32 {
        let mut way = Vec::new();
        let mut at = node;
        while self.ancestor[at as usize] != u32::MAX {
            way.push(at);
            at = self.ancestor[at as usize];
        }
        let root = at;
        // From the top down, each takes over what is better above it.
        for pair in (1..way.len()).rev() {
            let (below, above) = (way[pair - 1] as usize, way[pair] as usize);
            if semi[self.label[above] as usize] < semi[self.label[below] as usize] {
                self.label[below] = self.label[above];
            }
        }
        for &passed in &way {
            self.ancestor[passed as usize] = root;
        }
        self.label[node as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NODES: usize = 12;

    fn graphs() -> impl Strategy<Value = Vec<Vec<u32>>> {
        let node = 0..NODES as u32;
        proptest::collection::vec((node.clone(), node), 0..40).prop_map(|edges| {
            let mut successors = vec![Vec::new(); NODES];
            edges.into_iter().for_each(|(from, to)| successors[from as usize].push(to));
            successors
        })
    }

    /// What can be reached from a root, once a node is deleted.
    fn reached(root: usize, successors: &[Vec<u32>], deleted: Option<usize>) -> Vec<bool> {
        let mut reached = vec![false; successors.len()];
        if let Some(node) = deleted {
            reached[node] = true;
        }
        if deleted != Some(root) {
            reach(root, successors, &mut reached);
        }
        if let Some(node) = deleted {
            reached[node] = false;
        }
        reached
    }

    /// The first two nodes of which deletion says something else than the tree.
    fn fault(root: usize, successors: &[Vec<u32>]) -> Option<(usize, usize)> {
        let dominators = Dominators::new(root, successors);
        let all = reached(root, successors, None);
        let pairs = (0..successors.len()).flat_map(|a| (0..successors.len()).map(move |b| (a, b)));
        pairs.into_iter().find(|&(a, b)| {
            let expected = all[b] && (a == b || !reached(root, successors, Some(a))[b]);
            dominators.dominates(BlockId(a as u32), BlockId(b as u32)) != expected
        })
    }

    proptest! {
        #[test]
        fn one_dominates_what_its_deletion_cuts_off(graph in graphs()) {
            prop_assert_eq!(fault(0, &graph), None, "in {:?}", graph);
        }

        #[test]
        fn one_post_dominates_what_its_deletion_keeps_from_leaving(graph in graphs(), exit in 0..NODES) {
            let back = backward(&graph, exit);
            prop_assert_eq!(fault(NODES, &back), None, "to {} in {:?}", exit, graph);
            // Everything leaves somewhere: at the exit, unless it cannot get there.
            prop_assert!(reached(NODES, &back, None).into_iter().all(|reached| reached));
            let leaves = reached(exit, &back, None);
            prop_assert!(back[NODES].iter().all(|&end| end as usize == exit || !leaves[end as usize]));
        }
    }
}
