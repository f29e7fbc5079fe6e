//! Random bodies: their blocks do what the specification says, have the shape that is promised, and are dominated by what cuts them
//! off when it is deleted.

mod common;

use common::File;
use common::program::{Program, programs};
use common::run::{End, run, walk};
use gopeer_flow::{BlockId, Body, Dominators, Ending, When};
use proptest::prelude::*;

/// How often each program is run, with other choices.
const RUNS: u64 = 12;

fn lowered(program: &Program) -> (File, Body) {
    let file = File::new(&program.file());
    assert!(file.tree.errors().is_empty(), "{:?}", file.tree.errors());
    let body = file.body();
    (file, body)
}

proptest! {
    // As many as it takes to meet a `fallthrough` behind a switch inside of its clause.
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn blocks_do_what_the_specification_says(program in programs(), seed in any::<u64>()) {
        let (file, body) = lowered(&program);
        for seed in (0..RUNS).map(|at| seed.wrapping_add(at << 40)) {
            let (ours, theirs) = (walk(&body, &file.tree, seed), run(&program, seed));
            let same = ours.0.len().min(theirs.0.len());
            let text = || format!("{}\n{}", program.file(), body.text(&file.tree));
            prop_assert_eq!(&ours.0[..same], &theirs.0[..same], "{}", text());
            // A run that was cut short has done less.
            match (ours.1, theirs.1) {
                (End::TooLong, _) | (_, End::TooLong) => {}
                _ => prop_assert_eq!(&ours, &theirs, "{}", text()),
            }
        }
    }

}

proptest! {
    #[test]
    fn blocks_have_the_shape_that_is_promised(program in programs()) {
        let (file, body) = lowered(&program);
        if let Some(fault) = fault(&body) {
            return Err(TestCaseError::fail(format!("{fault}\n{}\n{}", program.file(), body.text(&file.tree))));
        }
    }

    #[test]
    fn dominators_are_what_deletion_says(program in programs()) {
        let (file, body) = lowered(&program);
        let forward = Graph::of(&body);
        let back = forward.left();
        for (dominators, graph, root) in
            [(Dominators::of(&body), &forward, 0), (Dominators::post(&body), &back, body.blocks().len())]
        {
            for (a, _) in body.blocks() {
                let without = graph.reached(root, Some(a.index()));
                let all = graph.reached(root, None);
                for (b, _) in body.blocks() {
                    let expected = all[b.index()] && (a == b || !without[b.index()]);
                    let text = || format!("{a:?} over {b:?}, root {root}\n{}", body.text(&file.tree));
                    prop_assert_eq!(dominators.dominates(a, b), expected, "{}", text());
                }
            }
        }
    }
}

/// What is wrong with the blocks of a body.
fn fault(body: &Body) -> Option<String> {
    let exit = body.exit();
    let reached = Graph::of(body).reached(0, None);
    let dominators = Dominators::of(body);
    body.blocks().find_map(|(block, _)| {
        let edges = body.edges(block);
        let whens: Vec<When> = edges.iter().map(|edge| edge.when).collect();
        let fits = match (body.ending(block), &whens[..]) {
            (Ending::Jump, [When::Always]) | (Ending::If(_) | Ending::Case(_), [When::True, When::False]) => true,
            (Ending::Switch(_), [clauses @ .., last]) => {
                are_clauses(clauses) && (*last == When::NoClause || are_clauses(&whens))
            }
            (Ending::Select(_), clauses) => are_clauses(clauses),
            (Ending::Range(_), [When::More, When::Done]) | (Ending::Stop(_) | Ending::Exit, []) => true,
            (Ending::Return(_), [When::Always]) | (Ending::Unwind(_), [When::Unwind]) => edges[0].to == exit,
            _ => false,
        };
        let is_last = (block == exit) == (body.ending(block) == Ending::Exit);
        let is_reached = block == exit || reached[block.index()];
        // What does nothing is passed, but for where the body begins and where it loops for ever.
        let idle = |at: BlockId| body.ops(at).is_empty() && body.ending(at) == Ending::Jump;
        let passes = edges.iter().all(|edge| !idle(edge.to) || body.edges(edge.to)[0].to == edge.to);
        // In reverse postorder no block comes before its dominator.
        let ordered = dominators.parent(block).is_none_or(|parent| parent < block);
        let faults =
            [(fits, "edges"), (is_last, "exit"), (is_reached, "reached"), (passes, "idle"), (ordered, "order")];
        faults.iter().find(|(holds, _)| !holds).map(|(_, what)| format!("{what} of {block:?}"))
    })
}

fn are_clauses(edges: &[When]) -> bool {
    edges.iter().enumerate().all(|(at, when)| *when == When::Clause(at as u32))
}

struct Graph(Vec<Vec<usize>>);

impl Graph {
    fn of(body: &Body) -> Graph {
        let next = |block| body.edges(block).iter().map(|edge| edge.to.index()).collect();
        Graph(body.blocks().map(|(block, _)| next(block)).collect())
    }

    /// The graph against its edges, from a node behind the last block to where the body is left: its exit, and the last
    /// blocks of what never gets there.
    fn left(&self) -> Graph {
        let root = self.0.len();
        let mut back = Graph(vec![Vec::new(); root + 1]);
        for (from, all) in self.0.iter().enumerate() {
            all.iter().for_each(|&to| back.0[to].push(from));
        }
        back.0[root].push(root - 1);
        for block in (0..root).rev() {
            if !back.reached(root, None)[block] {
                back.0[root].push(block);
            }
        }
        back
    }

    /// What can be reached from a root, without passing one node.
    fn reached(&self, root: usize, without: Option<usize>) -> Vec<bool> {
        let mut reached = vec![false; self.0.len()];
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            if Some(at) != without && !std::mem::replace(&mut reached[at], true) {
                open.extend(&self.0[at]);
            }
        }
        reached
    }
}
