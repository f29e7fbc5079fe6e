//! The body that one goroutine runs: which signals it gives and waits for, and which locks it holds.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use gopeer_flow::{BlockId, Body, Edge, Ending, Op, OpKind, Point, When};
use gopeer_syntax::ast::{ExprId, Node, Stmt, StmtId};

use super::signal::{How, Key, Signal, Signaller, Signals};
use crate::{Cx, Followed, Spawn};

/// A lock that may be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) key: Key,
    /// Whether others may hold it, too, to read.
    pub(super) shared: bool,
}

/// A body, with what orders it with others.
pub(super) struct Side {
    pub(super) followed: Rc<Followed>,
    signals: HashMap<(OpKind, ExprId), Signals>,
    /// What is waited for in the iterations of a loop: after the loop, all of it has come.
    loops: HashMap<StmtId, Vec<Signal>>,
    /// The loops over channels, with what they receive from.
    ranges: HashMap<StmtId, Vec<Signal>>,
    /// The loops by their conditions.
    conditions: HashMap<ExprId, StmtId>,
    /// What is given when the body is left.
    pub(super) deferred: Vec<Signal>,
    /// The locks, with where they may be held.
    held: Vec<(Lock, Reach)>,
    /// The operations that give something, each with what is reached after it.
    givers: Vec<(Op, Reach)>,
    /// Whether it reads from a pipe, or writes to one.
    pub(super) uses_pipe: bool,
    /// Where something shows that this goroutine is the one that may go on.
    pub(super) claims: Vec<ExprId>,
}

/// The operations that are reached from a point.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    first: Option<(BlockId, u32, u32)>,
    /// Blocks that are entered, with how many of their operations are reached.
    blocks: HashMap<BlockId, u32>,
}

impl Reach {
    /// Whether the operation in front of a point is reached.
    pub(super) fn has(&self, point: Point) -> bool {
        let op = point.op.saturating_sub(1);
        let first = self.first.is_some_and(|(block, from, to)| block == point.block && from <= op && op < to);
        first || self.blocks.get(&point.block).is_some_and(|&to| op < to)
    }
}

/// What holds a path up.
pub(super) struct Stops<'s> {
    pub(super) op: &'s dyn Fn(&Op) -> bool,
    pub(super) edge: &'s dyn Fn(Ending, When) -> bool,
}

/// The operations that are reached from a point, and no further than where a path is held up.
pub(super) fn flood(body: &Body, from: Point, stops: &Stops<'_>, fuel: &Cell<u32>) -> Option<Reach> {
    let mut reach = Reach::default();
    let mut open = vec![(from.block, from.op)];
    while let Some((block, start)) = open.pop() {
        let ops = body.ops(block);
        let rest = ops.get(start as usize..).unwrap_or_default();
        let stop = rest.iter().position(|op| op.kind == OpKind::Havoc || (stops.op)(op));
        fuel.set(fuel.get().checked_sub((stop.unwrap_or(rest.len()) + body.edges(block).len() + 1) as u32)?);
        // One more than there are operations: the end of the block is reached, too.
        let to = stop.map_or(ops.len() as u32 + 1, |stop| start + stop as u32);
        match reach.first {
            None => reach.first = Some((block, start, to)),
            Some(_) => drop(reach.blocks.insert(block, to)),
        }
        if stop.is_some() {
            continue;
        }
        let ending = body.ending(block);
        let taken = |edge: &&Edge| edge.when != When::Unwind && !(stops.edge)(ending, edge.when);
        for edge in body.edges(block).iter().filter(taken) {
            if let Entry::Vacant(entry) = reach.blocks.entry(edge.to) {
                entry.insert(0);
                open.push((edge.to, 0));
            }
        }
    }
    Some(reach)
}

impl Side {
    /// The body of a function that a goroutine runs, or of one that starts some.
    pub(super) fn of<'a>(cx: &Cx<'a>, node: Node, spawn: Option<Spawn<'a>>, fuel: &Cell<u32>) -> Option<Side> {
        let followed = cx.followed(node)?;
        let signaller = Signaller { cx, spawn };
        let mut side = Side {
            followed: Rc::clone(&followed),
            signals: HashMap::new(),
            loops: HashMap::new(),
            ranges: HashMap::new(),
            conditions: HashMap::new(),
            deferred: Vec::new(),
            held: Vec::new(),
            givers: Vec::new(),
            uses_pipe: false,
            claims: Vec::new(),
        };
        let (mut locks, mut givers) = (Vec::new(), Vec::new());
        for (block, of_block) in followed.body.blocks() {
            for (at, &op) in followed.body.ops(block).iter().enumerate() {
                let signals = signaller.of(op);
                let is_call = op.kind == OpKind::Call;
                if is_call {
                    side.uses_pipe |= uses_pipe(cx, op.at);
                    side.claims.extend(Some(op.at).filter(|&call| claims(cx, call)));
                }
                let after = Point { block, op: at as u32 + 1 };
                let takes = signals.waits.iter().filter(|_| is_call).filter(|signal| signal.how == How::Lock);
                let shared = cx.callee_word(op.at) == "RLock";
                locks.extend(takes.map(|signal| (Lock { key: signal.key.clone(), shared }, after)));
                if matches!(op.kind, OpKind::Call | OpKind::Defer) && signaller.names_lock(op.at) {
                    locks.push((Lock { key: Key::Any, shared: false }, after));
                }
                if !signals.gives.is_empty() && op.kind != OpKind::Defer {
                    givers.push((op, after));
                }
                side.add(cx, op, signals);
            }
            match of_block.ending {
                Ending::Range(stmt) => side.add_range(cx, &signaller, stmt),
                Ending::If(cond) => side.add_condition(cx, cond),
                _ => {}
            }
        }
        if let Some(key) = spawn.and_then(|spawn| spawn.group).and_then(|group| signaller.key(group)) {
            side.deferred.push(Signal { key, how: How::Group });
        }
        if spawn.is_some() {
            side.deferred.push(Signal::end());
        }
        const MOST_LOCKS: usize = 16;
        const MOST_GIVERS: usize = 32;
        for (op, from) in givers.into_iter().take(MOST_GIVERS) {
            let reach = flood(&followed.body, from, &Stops { op: &|_| false, edge: &|_, _| false }, fuel)?;
            side.givers.push((op, reach));
        }
        for (lock, from) in locks.into_iter().take(MOST_LOCKS) {
            let unlocks = |op: &Op| {
                op.kind == OpKind::Call
                    && matches!(cx.callee_word(op.at), "Unlock" | "RUnlock")
                    && side.gives(op).iter().any(|given| given.how == How::Lock && given.key == lock.key)
            };
            let reach = flood(&followed.body, from, &Stops { op: &unlocks, edge: &|_, _| false }, fuel)?;
            side.held.push((lock, reach));
        }
        Some(side)
    }

    fn add(&mut self, cx: &Cx<'_>, op: Op, signals: Signals) {
        const MOST_LOOPS: usize = 4;
        if signals.gives.is_empty() && signals.waits.is_empty() {
            return;
        }
        if op.kind == OpKind::Defer {
            self.deferred.extend(signals.gives);
            return;
        }
        let waits = signals.waits.iter().filter(|signal| signal.how != How::Lock);
        let mut around = cx.enclosing_loop(op.at);
        for _ in 0..MOST_LOOPS {
            let Some(stmt) = around else { break };
            self.loops.entry(stmt).or_default().extend(waits.clone().cloned());
            around = cx.enclosing_loop(stmt);
        }
        self.signals.insert((op.kind, op.at), signals);
    }

    fn add_range(&mut self, cx: &Cx<'_>, signaller: &Signaller<'_, '_>, stmt: StmtId) {
        let Stmt::Range { subject, .. } = cx.stmt(stmt) else { return };
        if signaller.is_channel(subject) {
            let signals = signaller.receive(subject);
            self.ranges.insert(stmt, signals.waits.clone());
            if let Some(around) = cx.enclosing_loop(stmt) {
                self.loops.entry(around).or_default().extend(signals.waits);
            }
        }
    }

    fn add_condition(&mut self, cx: &Cx<'_>, cond: ExprId) {
        if let Some(around) = cx.enclosing_loop(cond)
            && let Stmt::For { cond: Some(whole), .. } = cx.stmt(around)
            && cx.span(whole).contains(cx.span(cond))
        {
            self.conditions.insert(cond, around);
        }
    }

    /// What an operation gives.
    pub(super) fn gives(&self, op: &Op) -> &[Signal] {
        self.signals.get(&(op.kind, op.at)).map_or(&[], |signals| &signals.gives)
    }

    /// What an operation waits for.
    pub(super) fn waits(&self, op: &Op) -> &[Signal] {
        self.signals.get(&(op.kind, op.at)).map_or(&[], |signals| &signals.waits)
    }

    /// What must have come where an edge is taken.
    pub(super) fn edge_waits(&self, ending: Ending, when: When) -> impl Iterator<Item = &Signal> {
        let loops = |stmt: StmtId| self.loops.get(&stmt);
        let (ranged, turns) = match ending {
            Ending::Range(stmt) => (self.ranges.get(&stmt), loops(stmt).filter(|_| when == When::Done)),
            Ending::If(cond) => {
                let around = self.conditions.get(&cond).filter(|_| when == When::False);
                (None, around.and_then(|&stmt| loops(stmt)))
            }
            _ => (None, None),
        };
        ranged.into_iter().chain(turns).flatten()
    }

    /// All that it waits for anywhere.
    pub(super) fn all_waits(&self) -> impl Iterator<Item = &Signal> {
        self.signals.values().flat_map(|signals| &signals.waits).chain(self.ranges.values().flatten())
    }

    /// All that it gives anywhere.
    pub(super) fn all_gives(&self) -> impl Iterator<Item = &Signal> {
        self.signals.values().flat_map(|signals| &signals.gives).chain(&self.deferred)
    }

    /// What it gives from a point on. What it gives elsewhere and not before counts as well: if it gets to the point, it has not given
    /// it, and who waits for it does not go on.
    pub(super) fn gives_after(&self, at: Point, fuel: &Cell<u32>) -> Option<Vec<Signal>> {
        let from = Point { op: at.op.saturating_sub(1), ..at };
        let reach = flood(&self.followed.body, from, &Stops { op: &|_| false, edge: &|_, _| false }, fuel)?;
        let mut given = self.deferred.clone();
        let body = &self.followed.body;
        let ops = body.blocks().flat_map(|(block, _)| {
            let ops = body.ops(block).iter().enumerate();
            ops.map(move |(at, op)| (op, Point { block, op: at as u32 + 1 }))
        });
        let reached: HashMap<(OpKind, ExprId), bool> = ops
            .filter(|(op, _)| !self.gives(op).is_empty())
            .map(|(op, point)| ((op.kind, op.at), reach.has(point)))
            .collect();
        for (op, later) in &self.givers {
            if reached.get(&(op.kind, op.at)) == Some(&true) || !later.has(at) {
                given.extend(self.gives(op).iter().cloned());
            }
        }
        given.sort();
        given.dedup();
        Some(given)
    }

    /// The locks that may be held at a point.
    pub(super) fn held_at(&self, at: Point) -> impl Iterator<Item = &Lock> {
        self.held.iter().filter(move |(_, reach)| reach.has(at)).map(|(lock, _)| lock)
    }
}

/// Whether a method of a pipe is called.
fn uses_pipe(cx: &Cx<'_>, call: ExprId) -> bool {
    let pipe =
        |callee: &crate::Object<'_>| callee.path == "io" && matches!(callee.recv, Some("PipeWriter" | "PipeReader"));
    cx.callee(call).is_some_and(|callee| pipe(&callee))
}

/// Whether a call answers one goroutine only that it may go on.
fn claims(cx: &Cx<'_>, call: ExprId) -> bool {
    cx.callee(call).is_some_and(|callee| match (callee.path, callee.recv) {
        ("sync/atomic", _) => ["CompareAndSwap", "Swap", "Add"].iter().any(|name| callee.name.starts_with(name)),
        ("sync", Some("Map")) => callee.name == "LoadOrStore" || callee.name == "LoadAndDelete",
        _ => callee.name.starts_with("TryLock"),
    })
}
