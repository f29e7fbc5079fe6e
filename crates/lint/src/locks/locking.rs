//! What functions of the package do with locks.

use std::collections::HashSet;
use std::rc::Rc;

use gopeer_flow::{BlockId, Body, Ending};
use gopeer_sema::types::{Basic, PkgId, Type, TypeId};
use gopeer_sema::{Def, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Decl, DeclId, Expr, ExprId, Node};

use super::{Base, BodyLocks, Held, HeldLocks, LockCall, Mode, Place};
use crate::summary::{Answer, What};
use crate::{Cx, Func, FuncName, words};

/// A lock that a function takes, and that its caller must not hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Taken {
    /// The lock; none if it is one that the caller cannot name.
    pub lock: Option<Place>,
    /// What it is an instance of.
    pub class: Option<Rc<str>>,
    /// How it is taken.
    pub mode: Mode,
    /// The functions that lead to the one that takes it, from the one that is called; empty if that takes it itself.
    pub by: Rc<[Rc<str>]>,
    /// Where it is taken, in another function.
    pub at: Option<Spot>,
    /// The locks of the caller that may have been unlocked before.
    pub released: Rc<[Place]>,
    /// Whether what it belongs to was made for it, so that nobody else can hold it.
    pub fresh: bool,
    /// Whether it does not show which value the function was called on that takes it, so that it may be the lock of another one.
    pub unsure: bool,
}

/// An expression of a function.
pub type Spot = (FuncName, ExprId);

/// What is left of locks when a function returns. Places begin with its receiver, its parameters or a variable of the package; those
/// of a closure with the locals around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockEnds {
    /// The locks that it leaves locked.
    pub leaves: Vec<(Place, Mode)>,
    /// The locks that it may unlock, which its caller has locked.
    pub releases: Vec<Place>,
    /// The locks that its caller has locked, and that it unlocks for a while.
    pub lends: Vec<Place>,
    /// Whether it may leave another lock locked.
    pub unsure: bool,
}

/// What a call of a function does while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Locking {
    /// The locks that it takes, unless a parameter that is true or nil keeps it from that.
    pub takes: Vec<Taken>,
    /// The parameters that it calls before it returns, with the locks that it holds then.
    pub invokes: Vec<(usize, Vec<(Place, Mode)>)>,
    /// Whether one goroutine alone calls it of those that a value starts.
    pub alone: bool,
}

impl<'a> Cx<'a> {
    /// What is left of locks when a function of the package, or a closure that shows, returns from a call.
    pub(crate) fn lock_ends_of(&self, call: ExprId) -> Option<Rc<LockEnds>> {
        if let Some(literal) = self.literal_called(call) {
            let locks = self.body_locks(Node::Expr(literal))?;
            return Some(Rc::new(self.lock_ends(Node::Expr(literal), &locks)));
        }
        match self.ask(call, What::LockEnds)? {
            Answer::LockEnds(ends) => Some(ends),
            _ => None,
        }
    }

    /// What a call of a function of the package, or of a closure that shows, does with locks.
    fn locking_of(&self, call: ExprId) -> Option<Rc<Locking>> {
        if let Some(literal) = self.literal_called(call) {
            return Some(Rc::new(Locking { takes: self.taken_in_literal(literal), ..Locking::default() }));
        }
        match self.ask(call, What::Locking)? {
            Answer::Locking(locking) => Some(locking),
            _ => None,
        }
    }

    /// The function literal that a call calls: in place, or by the local that holds it and nothing else.
    pub(crate) fn literal_called(&self, call: ExprId) -> Option<ExprId> {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return None };
        let fun = self.unparen(fun);
        let literal = match self.expr(fun) {
            Expr::Ident => match self.def(fun) {
                Def::Local(declared) if !self.is_reassigned(fun) => self.unparen(self.initial_value(declared)?),
                _ => return None,
            },
            _ => fun,
        };
        matches!(self.expr(literal), Expr::FuncLit { .. }).then_some(literal)
    }

    /// Whether some function of the package takes a lock of this kind for writing.
    pub fn is_write_locked(&self, lock: &Place) -> bool {
        lock.class.as_ref().is_some_and(|class| self.any_function(&What::Writes(Rc::clone(class))) == Some(true))
    }

    /// Whether some function of the package unlocks a lock of this kind that its caller has locked. None where the functions of the
    /// package are not at hand, or the lock is only known in this function.
    pub fn is_unlocked_for_others(&self, lock: &Place) -> Option<bool> {
        self.any_function(&What::Releases(Rc::clone(lock.class.as_ref()?)))
    }

    pub(crate) fn releases_class(&self, func: DeclId, class: &str) -> bool {
        let unlocks = |cx: &Cx, node: Node| match node {
            Node::Expr(call) => matches!(cx.lock_call(call), Some((LockCall::Unlock(_), _))),
            _ => false,
        };
        let is_of_class = |place: &Place| place.class.as_deref() == Some(class);
        !self.within(func, true, unlocks).is_empty() && self.lock_ends_of_decl(func).releases.iter().any(is_of_class)
    }

    pub(crate) fn write_locks(&self, func: DeclId, class: &str) -> bool {
        self.any(func, true, |node| match node {
            Node::Expr(call) => match self.lock_call(call) {
                Some((LockCall::Lock(Mode::Write), Some(lock))) => lock.class.as_deref() == Some(class),
                _ => false,
            },
            _ => false,
        })
    }

    pub(crate) fn lock_ends_of_decl(&self, func: DeclId) -> LockEnds {
        let node = Node::Decl(func);
        let ends = |locks: &BodyLocks| {
            let mut ends = self.lock_ends(node, locks);
            let before = ends.leaves.len();
            ends.leaves.retain(|(place, _)| place.is_shared());
            ends.releases.retain(Place::is_shared);
            ends.lends.retain(Place::is_shared);
            ends.unsure |= before != ends.leaves.len();
            ends
        };
        // Most functions unlock what they lock, whatever they call: nothing else needs to be asked then.
        let own = self.own_locks(node).map(|locks| ends(&locks)).unwrap_or_default();
        if own == LockEnds::default() && !self.func_name(func).is_some_and(speaks_of_locks) {
            return own;
        }
        let mut all = self.body_locks(node).map(|locks| ends(&locks)).unwrap_or_default();
        all.unsure |= self.leaves_something_locked(func);
        all
    }

    /// Whether a function locks what is no lock that is known, itself or by a method of the package, and does not unlock such a one.
    fn leaves_something_locked(&self, func: DeclId) -> bool {
        let Decl::Func { body: Some(body), .. } = self.decl(func) else { return false };
        let calls = self.calls_made(body);
        let unknown = |call: ExprId| {
            let (_, name, _) = self.method_call(call)?;
            let is_known = self.lock_call(call).is_some_and(|(_, lock)| lock.is_some());
            let is_own = self.callee(call).is_some_and(|callee| self.is_own(&callee));
            (!is_known && !is_own).then_some(name)
        };
        let takes = |&call: &ExprId| {
            matches!(unknown(call), Some("Lock" | "RLock")) || self.lock_ends_of(call).is_some_and(|ends| ends.unsure)
        };
        calls.iter().any(takes) && !calls.iter().any(|&call| matches!(unknown(call), Some("Unlock" | "RUnlock")))
    }

    fn lock_ends(&self, func: Node, locks: &BodyLocks) -> LockEnds {
        let left = |state: &HeldLocks| {
            let kept = |held: &&Held| !state.deferred.contains(&held.lock) && !state.restored.contains(&held.lock);
            state.held.iter().filter(kept).map(|held| (held.lock.clone(), held.mode)).collect::<Vec<_>>()
        };
        let returns = || locks.returns().iter().map(|(_, state)| state);
        let all: Vec<Vec<(Place, Mode)>> = returns().map(left).collect();
        let everywhere = |lock: &(Place, Mode)| all.iter().all(|left| left.contains(lock));
        let mut ends = LockEnds::default();
        if let Some(first) = all.first() {
            ends.leaves = first.iter().filter(|&lock| everywhere(lock)).cloned().collect();
        }
        ends.unsure = all.iter().any(|left| left.len() > ends.leaves.len());
        for state in returns() {
            // `if !locked { mu.Lock(); defer mu.Unlock() }` comes out even, whichever way it went.
            let own = |place: &&Place| state.mode(place).is_none() && !locks.takes(place);
            // What is locked again on some path is so on those on which it was unlocked: a flag says which.
            let gone = state.released.iter().filter(|place| !state.restored.contains(place));
            for place in gone.chain(state.deferred.iter().filter(own)) {
                if !ends.releases.contains(place) {
                    ends.releases.push(place.clone());
                }
            }
        }
        for place in returns().flat_map(|state| &state.restored) {
            if !ends.lends.contains(place) {
                ends.lends.push(place.clone());
            }
        }
        ends.leaves.retain(|(place, _)| !self.is_gone(place, func));
        ends.lends.retain(|place| !self.is_gone(place, func));
        ends.releases.retain(|place| !self.is_gone(place, func));
        ends
    }

    /// Whether a place is one that callers cannot know: it begins with what a function declares inside.
    fn is_gone(&self, place: &Place, func: Node) -> bool {
        let Base::Local(declared) = place.base else { return false };
        let param = matches!(func, Node::Expr(literal) if self.param_of_literal(literal, declared).is_some());
        !param && self.span(func).contains(self.span(declared))
    }

    /// The locks that a function literal takes when it is called.
    fn taken_in_literal(&self, literal: ExprId) -> Vec<Taken> {
        const MOST: usize = 24;
        let node = Node::Expr(literal);
        let (Some(func), Some(locks)) = (self.as_func(node), self.body_locks(node)) else { return Vec::new() };
        let mut taken: Vec<Taken> = Vec::new();
        for call in self.calls_made(func.body) {
            let state = self.before_in(&locks, call);
            let known = |place: &Place| state.released.contains(place) || state.mode(place).is_some();
            for mut one in self.taken_by(call) {
                if one.lock.as_ref().is_some_and(known) || taken.len() >= MOST {
                    continue;
                }
                one.lock = one.lock.take().filter(|place| !self.is_gone(place, node));
                if !taken.iter().any(|other| other.is_like(&one)) {
                    taken.push(one);
                }
            }
        }
        taken
    }

    /// The locks that a call takes: of `Lock`, of a function of the package, or of a closure that shows.
    pub(crate) fn taken_by(&self, call: ExprId) -> Vec<Taken> {
        if self.lock_call(call).is_some() {
            return self.taken_at(call).into_iter().collect();
        }
        let locking = self.locking_of(call);
        let invokes = |index: usize| match &locking {
            Some(locking) => locking.invokes.iter().any(|(invoked, _)| *invoked == index),
            None => self.calls_at_once(call),
        };
        let own = locking.iter().flat_map(|locking| &locking.takes).map(|taken| {
            let lock = taken.lock.as_ref().and_then(|lock| self.place_in_caller(lock, call));
            Taken { lock, ..taken.clone() }
        });
        let formatted = self.formatters(call).into_iter().flat_map(|(name, arg)| {
            let method = name.rsplit('.').next().unwrap_or_default().into();
            self.taken_by_method(name, arg, method)
        });
        let all = own.chain(self.taken_by_arguments(call, invokes)).chain(formatted);
        match self.called_name(call) {
            Some(name) => all.map(|taken| Taken { by: led_to_by(&name, &taken.by), ..taken }).collect(),
            None => all.collect(),
        }
    }

    /// The locks that closures and methods take which a call is given, and which it calls before it returns.
    fn taken_by_arguments(&self, call: ExprId, invokes: impl Fn(usize) -> bool) -> Vec<Taken> {
        let Expr::Call { args, .. } = self.expr(self.unparen(call)) else { return Vec::new() };
        let args = self.exprs(args).iter().enumerate().filter(|(index, _)| invokes(*index));
        args.flat_map(|(_, &arg)| self.taken_by_value(arg)).collect()
    }

    /// The locks that a function value takes when it is called: a function literal, or a method value `s.Get`.
    fn taken_by_value(&self, value: ExprId) -> Vec<Taken> {
        let value = self.unparen(value);
        if let Expr::FuncLit { .. } = self.expr(value) {
            return self.taken_in_literal(value);
        }
        match (self.method_value(value), self.expr(value)) {
            (Some((name, object)), Expr::Selector { base, .. }) => self.taken_by_method(name, base, object),
            _ => Vec::new(),
        }
    }

    /// The locks that a method takes when somebody calls it on what an expression names.
    fn taken_by_method(&self, name: FuncName, base: ExprId, object: Rc<str>) -> Vec<Taken> {
        let (Some(Answer::Locking(locking)), Some(there)) = (self.ask_function(name, What::Locking), self.place(base))
        else {
            return Vec::new();
        };
        let here = |taken: &Taken| {
            let lock = taken.lock.as_ref().and_then(|lock| match lock.base {
                Base::Receiver => Some(there.then(&lock.path, lock.class.clone())),
                Base::Package(_) => Some(lock.clone()),
                _ => None,
            });
            Taken { lock, by: led_to_by(&object, &taken.by), ..taken.clone() }
        };
        locking.takes.iter().map(here).collect()
    }

    /// The arguments that a call formats with a method of the package, `String` or `Error`, with that method.
    pub(super) fn formatters(&self, call: ExprId) -> Vec<(FuncName, ExprId)> {
        let Some(found) = self.call(call).filter(|found| matches!(found.callee.path, "fmt" | "log")) else {
            return Vec::new();
        };
        // What a format says of an argument that is no text, or no value.
        let format = |arg: &ExprId| matches!(self.under(*arg), Type::Basic(_)) && self.source(*arg).contains('%');
        let plain = found.args.iter().find(|arg| format(arg)).is_some_and(|&format| {
            let verbs = ["%v", "%+v", "%s", "%q"];
            !verbs.iter().any(|verb| self.source(format).contains(verb))
        });
        let method = |&arg: &ExprId| {
            let ty = self.deref(self.ty(arg));
            let own = matches!(self.store.get(ty), Type::Named(named, _) if self.store.named(named).pkg == PkgId::SELF);
            let method =
                ["Error", "String"].into_iter().find(|name| own && self.declared_method(ty, &[name]).is_some())?;
            let (_, name) = self.store.qualified_name(ty)?;
            Some((format!("{name}.{method}").into(), arg))
        };
        found.args.iter().filter(|_| !plain).filter_map(method).collect()
    }

    /// The method of the package that a method value names, without embedded fields on the way.
    fn method_value(&self, value: ExprId) -> Option<(FuncName, Rc<str>)> {
        let selection = self.facts.selection(value)?;
        if selection.kind != SelectionKind::Method || !selection.path.is_empty() {
            return None;
        }
        let object = self.object(value)?;
        Some((self.own_function(object)?, object.name.into()))
    }

    /// What a function literal locks that the function which it is given to holds when it calls it: the call in the literal, the
    /// lock, and how it is held.
    pub fn locked_around(&self, literal: ExprId) -> Option<(ExprId, Taken, Mode)> {
        let Some(Node::Expr(call)) = self.tree.parent(literal) else { return None };
        let Expr::Call { args, .. } = self.expr(call) else { return None };
        let index = self.tree.place(self.exprs(args), literal)?;
        let locking = self.locking_of(call)?;
        let invoked = locking.invokes.iter().filter(|(invoked, _)| *invoked == index);
        let held: Vec<(Place, Mode)> = invoked
            .flat_map(|(_, held)| held)
            .filter_map(|(lock, mode)| Some((self.place_in_caller(lock, call)?, *mode)))
            .collect();
        if held.is_empty() {
            return None;
        }
        let func = self.as_func(Node::Expr(literal))?;
        let locks = self.body_locks(func.node)?;
        self.calls_made(func.body).into_iter().find_map(|call| {
            let state = self.before_in(&locks, call);
            let taken = self.taken_by(call).into_iter();
            let mut found = taken.filter_map(|taken| {
                let lock = taken.lock.as_ref().filter(|lock| !state.released.contains(lock))?;
                let (_, mode) = held.iter().find(|(held, _)| held == lock)?;
                Some((*mode, taken))
            });
            found.next().map(|(mode, taken)| (call, taken, mode))
        })
    }

    /// The lock that a call of `Lock` takes.
    pub(super) fn taken_at(&self, call: ExprId) -> Option<Taken> {
        let (LockCall::Lock(mode), Some(lock)) = self.lock_call(call)? else { return None };
        let class = lock.class.clone();
        let of = self.call(call).and_then(|call| call.receiver);
        // A local mutex is shared with the closures of its function.
        let own = |of: ExprId| {
            let declared = self.begins_with(of).map(|root| self.enclosing_func(root) == self.func_of_local(root));
            !lock.path.is_empty() && declared == Some(true) && self.is_fresh(of)
        };
        let fresh = of.is_some_and(own);
        let (by, released) = ([].into(), [].into());
        Some(Taken { lock: Some(lock), class, mode, by, at: None, released, fresh, unsure: false })
    }

    /// The name of the function, or of the local with the closure, that a call calls; none for a closure without a name.
    fn called_name(&self, call: ExprId) -> Option<Rc<str>> {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return None };
        match self.expr(self.unparen(fun)) {
            Expr::FuncLit { .. } => None,
            _ => Some(self.callee_word(call).into()),
        }
    }

    /// Whether it hangs on a parameter that is a `bool`, or is compared with nil or a literal, whether an operation is reached.
    pub(super) fn hangs_on_parameter(&self, expr: ExprId) -> bool {
        let Some(func) = self.enclosing_func(expr) else { return false };
        if let Some(known) = self.asked.optional.borrow().get(&func.node) {
            return known.contains(&expr);
        }
        let optional = Rc::new(self.optional_in(func));
        self.asked.optional.borrow_mut().insert(func.node, Rc::clone(&optional));
        optional.contains(&expr)
    }

    /// The operations of a function that can be reached by one branch of a condition on such a parameter, and not by the other.
    fn optional_in(&self, func: Func) -> HashSet<ExprId> {
        // A function has few such parameters, and asks for them once or twice.
        const MOST: usize = 8;
        let mut optional = HashSet::new();
        if self.within(func.body, false, |cx, node| matches!(node, Node::Expr(id) if cx.is_switch(id))).is_empty() {
            return optional;
        }
        let Some(followed) = self.followed(func.node) else { return optional };
        let body = &followed.body;
        let decides = |cond: ExprId| self.any(cond, false, |node| matches!(node, Node::Expr(id) if self.is_switch(id)));
        let deciding = body.blocks().filter(|(_, block)| matches!(block.ending, Ending::If(cond) if decides(cond)));
        for (block, _) in deciding.take(MOST) {
            let reached: Vec<HashSet<BlockId>> = body.edges(block).iter().map(|edge| reached(body, edge.to)).collect();
            let some = reached.iter().flatten().filter(|block| !reached.iter().all(|all| all.contains(block)));
            optional.extend(some.flat_map(|&block| body.ops(block)).map(|op| op.at));
        }
        optional
    }

    /// Whether an expression in a condition is a parameter that is a `bool`, or a comparison of one with nil.
    fn is_switch(&self, expr: ExprId) -> bool {
        let param = |expr: ExprId| {
            let expr = self.unparen(expr);
            self.is_parameter(expr) && self.ty(expr) != TypeId::ERROR
        };
        match self.expr(expr) {
            Expr::Ident => param(expr) && matches!(self.under(expr), Type::Basic(Basic::Bool)),
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                param(lhs) && (self.is_builtin(rhs, "nil") || matches!(self.expr(self.unparen(rhs)), Expr::Literal(_)))
            }
            _ => false,
        }
    }
}

impl Taken {
    /// Whether it is the same lock, taken the same way.
    pub(super) fn is_like(&self, other: &Taken) -> bool {
        let kind = |taken: &Taken| (taken.mode, taken.fresh, taken.unsure);
        (&self.lock, &self.class, kind(self)) == (&other.lock, &other.class, kind(other))
    }
}

/// The functions that lead to another one, beginning with one more that is called first.
pub(super) fn led_to_by(first: &Rc<str>, by: &[Rc<str>]) -> Rc<[Rc<str>]> {
    std::iter::once(first).chain(by).cloned().collect()
}

/// Whether a name says that what it names locks, or unlocks, for others.
fn speaks_of_locks(name: &str) -> bool {
    const WORDS: [&str; 8] = ["acquire", "enter", "exit", "leave", "lock", "release", "rlock", "unlock"];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// The blocks that can be reached from one.
fn reached(body: &Body, from: BlockId) -> HashSet<BlockId> {
    let mut reached = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(block) = open.pop() {
        open.extend(body.edges(block).iter().map(|edge| edge.to).filter(|&to| reached.insert(to)));
    }
    reached
}
