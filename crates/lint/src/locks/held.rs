//! Which locks are held when an operation is reached.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gopeer_flow::{Body, Ending, Op, OpKind, When};
use gopeer_sema::Def;
use gopeer_syntax::ast::{Expr, ExprId, Node, StmtId};

use super::handed::Return;
use super::{Base, Place};
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
    /// Those of them that have been locked again.
    pub restored: Vec<Place>,
    /// The locks that a deferred call unlocks, on some path.
    pub deferred: Vec<Place>,
    /// Whether other locks may be held: what was locked has no [`Place`], is locked on some paths only, or the operation is in a
    /// closure that somebody calls who may hold locks.
    pub unknown: bool,
    /// Whether `unknown` says no more than that a library calls the closure, which holds no lock of the package.
    pub free: bool,
    /// Whether it runs in a goroutine that the function starts: what callers of the function hold is not held there.
    pub detached: bool,
}

impl HeldLocks {
    /// How a lock is held, if it is.
    pub fn mode(&self, lock: &Place) -> Option<Mode> {
        self.held.iter().find(|held| held.lock == *lock).map(|held| held.mode)
    }

    fn take(&mut self, taken: &Held) {
        let is_full = self.held.len() >= MOST;
        match self.held.iter_mut().find(|held| held.lock == taken.lock) {
            Some(held) => held.mode = held.mode.max(taken.mode),
            None if !is_full => self.held.push(taken.clone()),
            None => self.unknown = true,
        }
        if self.released.contains(&taken.lock) {
            self.released.retain(|released| *released != taken.lock);
            add(&mut self.restored, &taken.lock);
        }
    }

    fn release(&mut self, lock: &Place) {
        let before = self.held.len();
        self.held.retain(|held| held.lock != *lock);
        if before == self.held.len() || self.restored.contains(lock) {
            self.restored.retain(|restored| restored != lock);
            add(&mut self.released, lock);
        }
    }

    /// Something is assigned to: what was reached by it before has no name any more.
    fn lose(&mut self, cx: &Cx, target: ExprId) {
        let Some(changed) = cx.place_written(target) else { return };
        let before = self.held.len();
        self.held.retain(|held| !held.lock.rests_on(&changed));
        self.unknown |= before != self.held.len();
    }

    /// Keeps what is so on another path, too; whether that makes a difference.
    fn join(&mut self, other: &HeldLocks) -> bool {
        if self == other {
            return false;
        }
        let before = self.clone();
        self.held.retain_mut(|held| match other.held.iter().find(|there| there.lock == held.lock) {
            Some(there) => {
                held.mode = held.mode.min(there.mode);
                held.tried |= there.tried;
                true
            }
            None => false,
        });
        let lost = |held: &Vec<Held>| held.iter().any(|held| self.mode(&held.lock).is_none());
        self.unknown |= other.unknown || lost(&before.held) || lost(&other.held);
        for (own, others) in [
            (&mut self.released, &other.released),
            (&mut self.restored, &other.restored),
            (&mut self.deferred, &other.deferred),
        ] {
            others.iter().for_each(|place| add(own, place));
        }
        *self != before
    }
}

/// The most locks that are tracked at a time.
const MOST: usize = 16;

fn add(places: &mut Vec<Place>, place: &Place) {
    if places.len() < MOST && !places.contains(place) {
        places.push(place.clone());
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
#[derive(Default)]
pub struct BodyLocks {
    effects: HashMap<ExprId, Vec<Effect>>,
    /// What is known before the operations that belong to an expression; nothing is held before the others.
    before: HashMap<ExprId, Rc<HeldLocks>>,
    /// What is known where the body returns.
    returns: Vec<Return>,
}

impl BodyLocks {
    /// `with_callees` says whether what functions of the package leave locked, or unlock, counts.
    fn of(cx: &Cx, func: Node, with_callees: bool) -> Option<BodyLocks> {
        let root = cx.as_func(func).map_or(func, |func| Node::Stmt(func.body));
        let calls = cx.calls_within(root, false);
        let effect = |node: &Node| match *node {
            Node::Expr(call) => {
                Some((call, cx.lock_effects(call, with_callees))).filter(|(_, effects)| !effects.is_empty())
            }
            _ => None,
        };
        let mut locks = BodyLocks { effects: calls.iter().filter_map(effect).collect(), ..BodyLocks::default() };
        // Most bodies lock nothing: their control flow need not be known.
        if !locks.effects.is_empty() {
            locks.solve(cx, &*cx.followed(func)?);
        }
        Some(locks)
    }

    /// Whether something in the body takes a lock.
    pub(super) fn takes(&self, lock: &Place) -> bool {
        let is_it = |effect: &Effect| matches!(effect, Effect::Take(held) if held.lock == *lock);
        self.effects.values().flatten().any(is_it)
    }

    /// What is known where the body returns, deferred calls not counted.
    pub(super) fn returns(&self) -> &[Return] {
        &self.returns
    }

    /// What holds on all paths shrinks until nothing changes.
    fn solve(&mut self, cx: &Cx, followed: &Followed) {
        let body = &followed.body;
        let tried: HashSet<ExprId> =
            conditions(body).map(|cond| cx.unparen(cond)).filter(|&cond| cx.tries(cond)).collect();
        let entries = self.entries(cx, body, &tried);
        for (block, known) in body.blocks() {
            let Some(mut state) = entries.get(block.index()).cloned().flatten() else { continue };
            let mut kept = Rc::new(state.clone());
            for &op in body.ops(block) {
                if *kept != state {
                    kept = Rc::new(state.clone());
                }
                if *kept != HeldLocks::default() {
                    self.before.insert(op.at, Rc::clone(&kept));
                }
                self.run(cx, op, &tried, &mut state);
            }
            if let Ending::Return(at) = known.ending {
                self.returns.push((at, state));
            }
        }
    }

    /// What is known where blocks begin.
    fn entries(&self, cx: &Cx, body: &Body, tried: &HashSet<ExprId>) -> Vec<Option<HeldLocks>> {
        const TURNS: usize = 8;
        let mut entries: Vec<Option<HeldLocks>> = vec![None; body.blocks().len()];
        if let Some(first) = entries.first_mut() {
            *first = Some(HeldLocks::default());
        }
        for _ in 0..TURNS {
            let mut changed = false;
            for (block, _) in body.blocks() {
                let Some(mut state) = entries[block.index()].clone() else { continue };
                body.ops(block).iter().for_each(|&op| self.run(cx, op, tried, &mut state));
                for edge in body.edges(block) {
                    let mut state = state.clone();
                    self.enter(body.ending(block), edge.when, (cx, tried), &mut state);
                    let Some(known) = entries.get_mut(edge.to.index()) else { continue };
                    match known {
                        Some(known) => changed |= known.join(&state),
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
    fn run(&self, cx: &Cx, op: Op, tried: &HashSet<ExprId>, state: &mut HeldLocks) {
        match op.kind {
            // It is for the branch to say whether it was taken.
            OpKind::Call if tried.contains(&op.at) => {}
            OpKind::Call => {
                for effect in self.effects.get(&op.at).into_iter().flatten() {
                    match effect {
                        Effect::Take(held) => state.take(held),
                        Effect::Release(lock) => state.release(lock),
                        Effect::Unknown => state.unknown = true,
                    }
                }
            }
            OpKind::Defer => {
                for effect in self.effects.get(&op.at).into_iter().flatten() {
                    match effect {
                        Effect::Release(lock) => add(&mut state.deferred, lock),
                        // `mu.Unlock()` before `defer mu.Lock()`.
                        Effect::Take(held) if state.released.contains(&held.lock) => {
                            add(&mut state.restored, &held.lock)
                        }
                        _ => {}
                    }
                }
            }
            OpKind::Write | OpKind::Zero => state.lose(cx, op.at),
            _ => {}
        }
    }

    fn enter(&self, ending: Ending, when: When, (cx, tried): (&Cx, &HashSet<ExprId>), state: &mut HeldLocks) {
        let (Ending::If(cond), When::True) = (ending, when) else { return };
        let cond = cx.unparen(cond);
        if !tried.contains(&cond) {
            return;
        }
        for effect in self.effects.get(&cond).into_iter().flatten() {
            match effect {
                Effect::Take(held) => state.take(&Held { tried: false, ..held.clone() }),
                _ => state.unknown = true,
            }
        }
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
        let by_index = |index: &ExprId| changed.path.is_empty() && changed.base == Base::Local(*index);
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

    /// The calls that a body makes itself: those that it starts as goroutines are not among them.
    pub(super) fn calls_made(&self, body: StmtId) -> Vec<ExprId> {
        let calls = self.calls_within(body, false);
        let calls = calls.iter().filter_map(|node| match *node {
            Node::Expr(call) => Some(call),
            _ => None,
        });
        calls.filter(|&call| !self.is_go(call)).collect()
    }

    fn tries(&self, call: ExprId) -> bool {
        matches!(self.lock_call(call), Some((LockCall::Try(_), _)))
    }

    fn lock_effects(&self, call: ExprId, with_callees: bool) -> Vec<Effect> {
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
            None if with_callees || self.literal_called(call).is_some() => self.effects_of_callee(call),
            None => Vec::new(),
        }
    }

    /// What a function of the package, or a closure that is called in place, does to the locks.
    fn effects_of_callee(&self, call: ExprId) -> Vec<Effect> {
        let Some(ends) = self.lock_ends_of(call) else { return Vec::new() };
        let mut effects = Vec::new();
        for released in &ends.releases {
            effects.extend(self.place_in_caller(released, call).map(Effect::Release));
        }
        for (left, mode) in &ends.leaves {
            effects.push(match self.place_in_caller(left, call) {
                Some(lock) => Effect::Take(Held { lock, mode: *mode, since: call, tried: false }),
                None => Effect::Unknown,
            });
        }
        if ends.unsure {
            effects.push(Effect::Unknown);
        }
        effects
    }

    /// The place that an assignment changes.
    fn place_written(&self, target: ExprId) -> Option<Place> {
        let target = self.unparen(target);
        match self.expr(target) {
            Expr::Ident | Expr::Selector { .. } | Expr::Index { .. } => match self.def(target) {
                Def::Local(declared) => Some(Place::of(Base::Local(declared))),
                _ => self.place(target),
            },
            _ => None,
        }
    }

    /// The locks of a declared function or a function literal.
    pub(crate) fn body_locks(&self, func: Node) -> Option<Rc<BodyLocks>> {
        // Closures call each other, and so many at most are looked at, each for the one before.
        const DEEP: u32 = 16;
        if let Some(known) = self.asked.locks.borrow().get(&func) {
            return known.clone();
        }
        let deep = self.asked.locks_open.get();
        if deep > DEEP {
            return None;
        }
        self.asked.locks_open.set(deep + 1);
        let locks = BodyLocks::of(self, func, true).map(Rc::new);
        self.asked.locks_open.set(deep);
        self.asked.locks.borrow_mut().insert(func, locks.clone());
        locks
    }

    /// The locks of a body, without what functions of the package leave locked.
    pub(super) fn own_locks(&self, func: Node) -> Option<BodyLocks> {
        BodyLocks::of(self, func, false)
    }

    /// What is known of the locks before the operation that belongs to an expression: a call, a variable or field that is looked at, what
    /// is assigned to, a channel that is sent to, a receive.
    ///
    /// In a closure that is called in place, or by a function of a library that calls it at once, what is held around it counts, too; what
    /// runs as a goroutine of its own begins with nothing.
    pub fn held_at(&self, expr: ExprId) -> HeldLocks {
        const DEEP: usize = 6;
        let mut at = expr;
        let mut known = HeldLocks::default();
        for _ in 0..DEEP {
            let Some(func) = self.enclosing_func(at) else { return known };
            let Some(locks) = self.body_locks(func.node) else { break };
            let here = self.before_in(&locks, at);
            let released = known.released.clone();
            for held in here.held.iter().filter(|held| !released.contains(&held.lock)) {
                known.take(held);
            }
            known.unknown |= here.unknown;
            if at == expr {
                (known.restored, known.deferred) = (here.restored.clone(), here.deferred.clone());
            }
            here.released.iter().for_each(|place| add(&mut known.released, place));
            let Node::Expr(literal) = func.node else { return known };
            match self.called_by(literal) {
                Caller::Goroutine => return HeldLocks { detached: true, ..known },
                Caller::Here(call) => at = call,
                Caller::Library(given) => {
                    let around = self.held_at(given);
                    let free = !known.unknown && around.held.is_empty() && (!around.unknown || around.free);
                    return HeldLocks { unknown: true, free, ..known };
                }
                Caller::Unknown => break,
            }
        }
        HeldLocks { unknown: true, ..known }
    }

    /// The closure around an expression that is not called in place: somebody else runs it, or a goroutine.
    pub(super) fn unit_of(&self, expr: ExprId) -> Option<ExprId> {
        const DEEP: usize = 6;
        let mut at = expr;
        for _ in 0..DEEP {
            let Node::Expr(literal) = self.enclosing_func(at)?.node else { return None };
            match self.called_by(literal) {
                Caller::Here(call) => at = call,
                _ => return Some(literal),
            }
        }
        None
    }

    /// What is known before an expression: where it has no operation of its own, before what it begins with.
    pub(super) fn before_in(&self, locks: &BodyLocks, mut expr: ExprId) -> Rc<HeldLocks> {
        const DEEP: usize = 16;
        for _ in 0..DEEP {
            if let Some(known) = locks.before.get(&expr) {
                return Rc::clone(known);
            }
            expr = match self.expr(expr) {
                Expr::Selector { base, .. } | Expr::Index { base, .. } | Expr::Paren(base) | Expr::Star(base) => base,
                _ => break,
            };
        }
        Rc::default()
    }

    /// Who calls a function literal.
    fn called_by(&self, literal: ExprId) -> Caller {
        if let Some(&known) = self.asked.callers.borrow().get(&literal) {
            return known;
        }
        let caller = self.find_caller(literal);
        self.asked.callers.borrow_mut().insert(literal, caller);
        caller
    }

    fn find_caller(&self, literal: ExprId) -> Caller {
        if self.spawn_of(literal).is_some() {
            return Caller::Goroutine;
        }
        // What answers requests is called for each of them, whoever has it.
        if self.as_func(Node::Expr(literal)).is_some_and(|func| self.caller(func).is_some()) {
            return Caller::Library(literal);
        }
        let Some(Node::Expr(call)) = self.tree.parent(literal) else { return Caller::Unknown };
        let Expr::Call { fun, .. } = self.expr(call) else { return Caller::Unknown };
        if fun == literal {
            return if self.is_deferred(call) { Caller::Unknown } else { Caller::Here(call) };
        }
        match self.calls_at_once(call) {
            true => Caller::Here(call),
            false if self.is_given_to_library(call) => Caller::Library(call),
            false => Caller::Unknown,
        }
    }

    /// Whether a call gives a function to a library, which holds no lock of the package when it calls that.
    pub(super) fn is_given_to_library(&self, call: ExprId) -> bool {
        // What something is made with is called by whoever calls that, perhaps under a lock.
        let kept = self.constructs(call) && !self.calls(call, &["time.AfterFunc"]);
        self.callee(call).is_some_and(|callee| !self.is_own(&callee)) && !self.calls_at_once(call) && !kept
    }

    /// Whether a function of a library calls what it is given before it returns.
    pub(super) fn calls_at_once(&self, call: ExprId) -> bool {
        self.callee(call).is_some_and(|callee| CALL_AT_ONCE.contains(&callee.path) || callee.is(CALL))
    }
}

/// Who calls a function literal.
#[derive(Clone, Copy)]
pub(crate) enum Caller {
    /// A goroutine of its own.
    Goroutine,
    /// This call, before it returns.
    Here(ExprId),
    /// A library, which gets it here.
    Library(ExprId),
    Unknown,
}

/// Packages whose functions call what they are given before they return.
const CALL_AT_ONCE: &[&str] = &["bytes", "maps", "slices", "sort", "strings"];
const CALL: &[&str] =
    &["io/fs.WalkDir", "path/filepath.Walk", "path/filepath.WalkDir", "sync.Map.Range", "sync.Once.Do"];

/// Who else may unlock.
impl Cx<'_> {
    /// Whether a call certainly, or on some path, unlocks a lock that is held around it.
    pub(super) fn unlocks(&self, call: ExprId, lock: &Place) -> bool {
        self.lock_effects(call, true)
            .iter()
            .any(|effect| matches!(effect, Effect::Release(released) if released == lock))
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
                    || self.lock_ends_of(call).is_none() && crate::words(self.callee_word(call)).iter().any(says);
                let lends = || self.lends(call, lock);
                self.unlocks(call, lock) || hidden() || lends()
            }
        }
    }

    /// Whether what a call calls unlocks a lock for a while.
    fn lends(&self, call: ExprId, lock: &Place) -> bool {
        let is_it = |lent: &Place| self.place_in_caller(lent, call).as_ref() == Some(lock);
        self.lock_ends_of(call).is_some_and(|ends| ends.lends.iter().any(is_it))
    }

    /// Whether a function literal unlocks a lock.
    pub(super) fn unlocks_inside(&self, literal: ExprId, lock: &Place) -> bool {
        self.does_inside(literal, lock, |does| matches!(does, LockCall::Unlock(_)))
    }

    /// Whether a function literal takes a lock.
    pub(super) fn locks_inside(&self, literal: ExprId, lock: &Place) -> bool {
        self.does_inside(literal, lock, |does| !matches!(does, LockCall::Unlock(_)))
    }

    fn does_inside(&self, literal: ExprId, lock: &Place, wanted: fn(LockCall) -> bool) -> bool {
        self.any(literal, true, |node| match node {
            Node::Expr(call) => {
                self.lock_call(call).is_some_and(|(does, of)| wanted(does) && of.is_none_or(|of| of == *lock))
            }
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
            if unlocks && !self.is_called(around) {
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
