//! Which locks are held when an operation is reached.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gopeer_flow::{Body, Ending, Op, OpKind, Point, When};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt};

use super::Place;
use crate::{Call, Cx, Followed};

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// By `RLock`: with others who read.
    Read,
    /// By `Lock`: alone.
    Write,
}

/// A call of a method of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockCall {
    /// Takes it.
    Lock(Mode),
    /// Takes it if nobody has it: `TryLock`.
    Try(Mode),
    /// Gives it back.
    Unlock(Mode),
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The lock.
    pub lock: Place,
    /// How it is held.
    pub mode: Mode,
    /// The call that took it: of `Lock`, or of a function that leaves it locked.
    pub since: ExprId,
    /// Whether it may have been taken by `TryLock`, whose answer is not followed.
    pub tried: bool,
}

/// What is known of the locks when an operation is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldLocks {
    /// The locks that are held on every path there. Those that callers hold are not among them.
    pub held: Vec<Held>,
    /// The locks that were taken before the function was called, and have been unlocked here on some path.
    pub released: Vec<Place>,
    /// The locks that a deferred call unlocks, on some path.
    pub deferred: Vec<Place>,
    /// Whether other locks may be held: what was locked has no [`Place`], is locked on some paths only, or the operation is in a
    /// closure that somebody calls who may hold locks.
    pub unknown: bool,
}

impl HeldLocks {
    /// How a lock is held, if it is.
    pub fn mode(&self, lock: &Place) -> Option<Mode> {
        self.held.iter().find(|held| held.lock == *lock).map(|held| held.mode)
    }

    fn take(&mut self, taken: &Held) {
        match self.held.iter_mut().find(|held| held.lock == taken.lock) {
            Some(held) => held.mode = held.mode.max(taken.mode),
            None => self.held.push(taken.clone()),
        }
        self.released.retain(|released| *released != taken.lock);
    }

    fn release(&mut self, lock: &Place) {
        let before = self.held.len();
        self.held.retain(|held| held.lock != *lock);
        if before == self.held.len() && !self.released.contains(lock) {
            self.released.push(lock.clone());
        }
    }

    /// Something is assigned to: what was reached by it before has no name any more.
    fn lose(&mut self, cx: &Cx, target: ExprId) {
        let Some(changed) = cx.place_written(target) else { return };
        let before = self.held.len();
        self.held.retain(|held| !held.lock.rests_on(&changed));
        self.unknown |= before != self.held.len();
    }

    /// Keeps what is so on another path, too.
    fn join(&mut self, other: &HeldLocks) {
        let before = self.held.len();
        self.held.retain_mut(|held| match other.held.iter().find(|there| there.lock == held.lock) {
            Some(there) => {
                held.mode = held.mode.min(there.mode);
                held.tried |= there.tried;
                true
            }
            None => false,
        });
        self.unknown |= other.unknown || before != self.held.len() || before != other.held.len();
        for (own, others) in [(&mut self.released, &other.released), (&mut self.deferred, &other.deferred)] {
            for place in others {
                if !own.contains(place) {
                    own.push(place.clone());
                }
            }
        }
    }
}

/// What a call does to the locks.
#[derive(Clone, Debug)]
enum Effect {
    Take(Held),
    Release(Place),
    /// A lock without a place is taken, or one may be.
    Unknown,
}

/// The locks that are held in a body.
pub struct BodyLocks {
    followed: Rc<Followed>,
    effects: HashMap<ExprId, Vec<Effect>>,
    /// What is known where a block begins.
    entries: Vec<Option<HeldLocks>>,
    /// The calls of `TryLock` that a condition consists of.
    tried: HashSet<ExprId>,
    points: HashMap<(OpKind, ExprId), Point>,
}

impl BodyLocks {
    fn of(cx: &Cx, followed: Rc<Followed>) -> BodyLocks {
        let body = &followed.body;
        let (mut effects, mut points) = (HashMap::new(), HashMap::new());
        let tried: HashSet<ExprId> = conditions(body).map(|cond| cx.unparen(cond)).collect();
        for (block, _) in body.blocks() {
            for (at, op) in body.ops(block).iter().enumerate() {
                points.insert((op.kind, op.at), Point { block, op: at as u32 });
                if matches!(op.kind, OpKind::Call | OpKind::Defer) {
                    let effect = cx.lock_effects(op.at);
                    if !effect.is_empty() {
                        effects.insert(op.at, effect);
                    }
                }
            }
        }
        let entries = Vec::new();
        let mut locks = BodyLocks { effects, entries, tried, points, followed: Rc::clone(&followed) };
        locks.entries = locks.solve(cx);
        locks
    }

    /// Whether nothing is locked or unlocked.
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// The control flow.
    pub fn followed(&self) -> &Followed {
        &self.followed
    }

    /// What is known where blocks begin. What holds on all paths shrinks until nothing changes.
    fn solve(&self, cx: &Cx) -> Vec<Option<HeldLocks>> {
        const TURNS: usize = 8;
        let body = &self.followed.body;
        let mut entries: Vec<Option<HeldLocks>> = vec![None; body.blocks().len()];
        if let Some(first) = entries.first_mut() {
            *first = Some(HeldLocks::default());
        }
        if self.effects.is_empty() {
            entries.fill(Some(HeldLocks::default()));
            return entries;
        }
        for _ in 0..TURNS {
            let mut changed = false;
            for (block, _) in body.blocks() {
                let Some(mut state) = entries[block.index()].clone() else { continue };
                body.ops(block).iter().for_each(|&op| self.run(cx, op, &mut state));
                for edge in body.edges(block) {
                    let mut state = state.clone();
                    self.enter(cx, body.ending(block), edge.when, &mut state);
                    let Some(known) = entries.get_mut(edge.to.index()) else { continue };
                    match known {
                        Some(known) => {
                            let before = known.clone();
                            known.join(&state);
                            changed |= *known != before;
                        }
                        None => {
                            *known = Some(state);
                            changed = true;
                        }
                    }
                }
            }
            if !changed {
                return entries;
            }
        }
        // So many loops inside each other are not followed to the end.
        vec![Some(HeldLocks { unknown: true, ..HeldLocks::default() }); entries.len()]
    }

    /// What an operation does to the locks.
    fn run(&self, cx: &Cx, op: Op, state: &mut HeldLocks) {
        match op.kind {
            OpKind::Call => {
                for effect in self.effects.get(&op.at).into_iter().flatten() {
                    match effect {
                        // It is for the branch to say.
                        Effect::Take(_) | Effect::Unknown if self.tried.contains(&op.at) && cx.tries(op.at) => {}
                        Effect::Take(held) => state.take(held),
                        Effect::Release(lock) => state.release(lock),
                        Effect::Unknown => state.unknown = true,
                    }
                }
            }
            OpKind::Defer => {
                for effect in self.effects.get(&op.at).into_iter().flatten() {
                    if let Effect::Release(lock) = effect
                        && !state.deferred.contains(lock)
                    {
                        state.deferred.push(lock.clone());
                    }
                }
            }
            OpKind::Write | OpKind::Zero => state.lose(cx, op.at),
            _ => {}
        }
    }

    fn enter(&self, cx: &Cx, ending: Ending, when: When, state: &mut HeldLocks) {
        let (Ending::If(cond), When::True) = (ending, when) else { return };
        let cond = cx.unparen(cond);
        if !cx.tries(cond) {
            return;
        }
        for effect in self.effects.get(&cond).into_iter().flatten() {
            match effect {
                Effect::Take(held) => state.take(&Held { tried: false, ..held.clone() }),
                _ => state.unknown = true,
            }
        }
    }

    /// Goes over the operations of the body with what is known of the locks before each.
    pub fn each(&self, cx: &Cx, mut seen: impl FnMut(Op, &HeldLocks)) {
        for (block, _) in self.followed.body.blocks() {
            let Some(mut state) = self.entries.get(block.index()).cloned().flatten() else { continue };
            for &op in self.followed.body.ops(block) {
                seen(op, &state);
                self.run(cx, op, &mut state);
            }
        }
    }

    /// What is known of the locks at a point.
    pub fn at(&self, cx: &Cx, point: Point) -> HeldLocks {
        let mut state = self.entries.get(point.block.index()).cloned().flatten().unwrap_or_default();
        let ops = self.followed.body.ops(point.block);
        ops.iter().take(point.op as usize).for_each(|&op| self.run(cx, op, &mut state));
        state
    }

    /// What is known before the operation of an expression, if it has one: a call, a read of a variable, a write, a send.
    pub fn before(&self, cx: &Cx, expr: ExprId) -> Option<HeldLocks> {
        const KINDS: [OpKind; 10] = [
            OpKind::Call,
            OpKind::Defer,
            OpKind::Go,
            OpKind::Write,
            OpKind::Read,
            OpKind::Recv,
            OpKind::Send,
            OpKind::Make,
            OpKind::Deref,
            OpKind::Addr,
        ];
        let point = KINDS.iter().find_map(|&kind| self.points.get(&(kind, expr)))?;
        Some(self.at(cx, *point))
    }

    /// What is known where the body returns, deferred calls not counted.
    pub fn at_returns(&self, cx: &Cx) -> Vec<HeldLocks> {
        let body = &self.followed.body;
        let returns = body.blocks().filter(|(_, block)| matches!(block.ending, Ending::Return(_)));
        returns.map(|(id, _)| self.at(cx, Point { block: id, op: body.ops(id).len() as u32 })).collect()
    }
}

fn conditions(body: &Body) -> impl Iterator<Item = ExprId> + '_ {
    body.blocks().filter_map(|(_, block)| match block.ending {
        Ending::If(cond) => Some(cond),
        _ => None,
    })
}

impl Place {
    /// Whether it is another thing once something is assigned to.
    fn rests_on(&self, changed: &Place) -> bool {
        let by_index = |index: &ExprId| changed.path.is_empty() && changed.base == super::Base::Local(*index);
        self.below(changed).is_some() || self.indexes.iter().any(by_index)
    }
}

/// Locks that are held.
impl<'a> Cx<'a> {
    /// What a call does to a lock that calls a method of one: of `sync`, or of a type that has the same methods.
    pub fn lock_call(&self, call: ExprId) -> Option<(LockCall, Option<Place>)> {
        let (_, name, args) = self.method_call(call)?;
        let does = match name {
            "Lock" => LockCall::Lock(Mode::Write),
            "RLock" => LockCall::Lock(Mode::Read),
            "TryLock" => LockCall::Try(Mode::Write),
            "TryRLock" => LockCall::Try(Mode::Read),
            "Unlock" => LockCall::Unlock(Mode::Write),
            "RUnlock" => LockCall::Unlock(Mode::Read),
            _ => return None,
        };
        let call = self.call(call).filter(|_| args.is_empty())?;
        // A lock of the package's own is what its methods say.
        let own = self.is_own(&call.callee);
        (!own).then(|| (does, self.receiver_place(call).filter(|_| self.is_mutex_call(call))))
    }

    /// Whether a method of one of the locks of package `sync` is called, and not of what may be any of them (`sync.Locker`).
    fn is_mutex_call(&self, call: Call<'_>) -> bool {
        call.callee.path == "sync" && matches!(call.callee.recv, Some("Mutex" | "RWMutex"))
    }

    fn tries(&self, call: ExprId) -> bool {
        matches!(self.lock_call(call), Some((LockCall::Try(_), _)))
    }

    fn lock_effects(&self, call: ExprId) -> Vec<Effect> {
        match self.lock_call(call) {
            Some((LockCall::Unlock(_), Some(lock))) => vec![Effect::Release(lock)],
            Some((LockCall::Unlock(_), None)) => Vec::new(),
            Some((LockCall::Lock(mode), Some(lock))) => {
                vec![Effect::Take(Held { lock, mode, since: call, tried: false })]
            }
            Some((LockCall::Try(mode), Some(lock))) => {
                vec![Effect::Take(Held { lock, mode, since: call, tried: true })]
            }
            Some((_, None)) => vec![Effect::Unknown],
            None => self.effects_of_callee(call),
        }
    }

    /// What a function of the package, or a closure that is called in place, does to the locks.
    fn effects_of_callee(&self, call: ExprId) -> Vec<Effect> {
        let Some(locking) = self.locking_of(call) else { return Vec::new() };
        let mut effects = Vec::new();
        for released in &locking.releases {
            effects.extend(self.place_in_caller(released, call).map(Effect::Release));
        }
        for (left, mode) in &locking.leaves {
            effects.push(match self.place_in_caller(left, call) {
                Some(lock) => Effect::Take(Held { lock, mode: *mode, since: call, tried: false }),
                None => Effect::Unknown,
            });
        }
        if locking.unsure {
            effects.push(Effect::Unknown);
        }
        effects
    }

    /// The place that an assignment changes.
    fn place_written(&self, target: ExprId) -> Option<Place> {
        let target = self.unparen(target);
        match self.expr(target) {
            Expr::Ident | Expr::Selector { .. } | Expr::Index { .. } => match self.def(target) {
                gopeer_sema::Def::Local(declared) => Some(Place::of(super::Base::Local(declared))),
                _ => self.place(target),
            },
            _ => None,
        }
    }

    /// The locks of a declared function or a function literal.
    pub fn body_locks(&self, func: Node) -> Option<Rc<BodyLocks>> {
        // Closures that call each other nest by this much.
        const DEEP: u32 = 16;
        if let Some(known) = self.asked.locks.borrow().get(&func) {
            return known.clone();
        }
        let deep = self.asked.locks_open.get();
        if deep > DEEP {
            return None;
        }
        self.asked.locks_open.set(deep + 1);
        let locks = self.followed(func).map(|followed| Rc::new(BodyLocks::of(self, followed)));
        self.asked.locks_open.set(deep);
        self.asked.locks.borrow_mut().insert(func, locks.clone());
        locks
    }

    /// What is known of the locks before the operation that belongs to an expression: a call, a variable that is read, what is
    /// assigned to, a channel that is sent to, a receive. None if it belongs to none, or is never reached.
    ///
    /// In a closure that is called in place, or by a function of a library that calls it at once, what is held around it counts, too; what
    /// runs as a goroutine of its own begins with nothing.
    pub fn held_at(&self, expr: ExprId) -> Option<HeldLocks> {
        const DEEP: usize = 6;
        let (mut at, mut known): (ExprId, Option<HeldLocks>) = (expr, None);
        for _ in 0..DEEP {
            let func = self.enclosing_func(at)?;
            let here = self.body_locks(func.node)?.before(self, at)?;
            let state = known.get_or_insert_with(HeldLocks::default);
            let released = state.released.clone();
            for held in here.held.iter().filter(|held| !released.contains(&held.lock)) {
                state.take(held);
            }
            state.unknown |= here.unknown;
            state.released.extend(here.released);
            let Node::Expr(literal) = func.node else { return known };
            match self.called_by(literal) {
                Caller::Goroutine => return known,
                Caller::Here(call) => at = call,
                Caller::Unknown => break,
            }
        }
        known.map(|known| HeldLocks { unknown: true, ..known })
    }

    /// Who calls a function literal.
    fn called_by(&self, literal: ExprId) -> Caller {
        let Some(Node::Expr(call)) = self.tree.parent(literal) else { return Caller::Unknown };
        let Expr::Call { fun, .. } = self.expr(call) else { return Caller::Unknown };
        if fun == literal {
            return match self.tree.parent(call) {
                Some(Node::Stmt(stmt)) => match self.stmt(stmt) {
                    Stmt::Go(_) => Caller::Goroutine,
                    Stmt::Defer(_) => Caller::Unknown,
                    _ => Caller::Here(call),
                },
                _ => Caller::Here(call),
            };
        }
        match self.callee(call) {
            Some(callee) if callee.is(SPAWN) => Caller::Goroutine,
            Some(callee) if CALL_AT_ONCE.contains(&callee.path) || callee.is(CALL) => Caller::Here(call),
            _ => Caller::Unknown,
        }
    }
}

enum Caller {
    /// A goroutine of its own.
    Goroutine,
    /// This call, before it returns.
    Here(ExprId),
    Unknown,
}

const SPAWN: &[&str] = &[
    "golang.org/x/sync/errgroup.Group.Go",
    "golang.org/x/sync/errgroup.Group.TryGo",
    "sync.WaitGroup.Go",
    "time.AfterFunc",
];

/// Packages whose functions call what they are given before they return.
const CALL_AT_ONCE: &[&str] = &["bytes", "maps", "slices", "sort", "strings"];
const CALL: &[&str] =
    &["io/fs.WalkDir", "path/filepath.Walk", "path/filepath.WalkDir", "sync.Map.Range", "sync.Once.Do"];

/// Who else may unlock.
impl Cx<'_> {
    /// Whether a call certainly, or on some path, unlocks a lock that is held around it.
    pub(super) fn unlocks(&self, call: ExprId, lock: &Place) -> bool {
        self.lock_effects(call).iter().any(|effect| matches!(effect, Effect::Release(released) if released == lock))
    }

    /// Whether a call may unlock a lock: it does, it unlocks something that has no [`Place`], or its body is not
    /// seen and its name says so.
    pub(super) fn may_unlock(&self, call: ExprId, lock: &Place) -> bool {
        match self.lock_call(call) {
            Some((LockCall::Unlock(_), None)) => true,
            Some(_) => self.unlocks(call, lock),
            None => {
                let says = |word: &String| matches!(word.as_str(), "unlock" | "unlocked" | "runlock" | "release");
                let hidden =
                    || self.locking_of(call).is_none() && crate::words(self.callee_word(call)).iter().any(says);
                self.unlocks(call, lock) || hidden()
            }
        }
    }

    /// Whether a function literal unlocks a lock.
    pub(super) fn unlocks_inside(&self, literal: ExprId, lock: &Place) -> bool {
        self.any(literal, true, |node| match node {
            Node::Expr(call) => match self.lock_call(call) {
                Some((LockCall::Unlock(_), unlocked)) => unlocked.is_none_or(|unlocked| unlocked == *lock),
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether a variable that is read begins a method value that unlocks: `s.mu.Unlock` without a call.
    pub(super) fn is_unlock_value(&self, mut expr: ExprId, lock: &Place) -> bool {
        while let Some(Node::Expr(around)) = self.tree.parent(expr)
            && let Expr::Selector { base, name } = self.expr(around)
            && base == expr
        {
            let unlocks = matches!(self.source(name), "Unlock" | "RUnlock");
            let called = matches!(self.tree.parent(around), Some(Node::Expr(call))
                if matches!(self.expr(call), Expr::Call { fun, .. } if fun == around));
            if unlocks && !called {
                return self.place(base).is_none_or(|place| lock.below(&place).is_some());
            }
            expr = around;
        }
        false
    }

    /// Whether an assignment makes a place another thing.
    pub(super) fn changes(&self, target: ExprId, place: &Place) -> bool {
        self.place_written(target).is_some_and(|changed| place.rests_on(&changed))
    }
}
