//! What functions of the package do with locks.

use std::rc::Rc;

use gopeer_flow::{Edge, Ending, Op, OpKind};
use gopeer_sema::Def;
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_syntax::ast::{BinaryOp, DeclId, Expr, ExprId, Node};

use super::{Base, BodyLocks, HeldLocks, LockCall, Mode, Place};
use crate::summary::{Answer, What};
use crate::{Cx, Followed};

/// A lock that a function takes, and that its caller must not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The lock; none if it is one that the caller cannot name.
    pub lock: Option<Place>,
    /// What it is an instance of.
    pub class: Option<Rc<str>>,
    /// How it is taken.
    pub mode: Mode,
    /// The functions that lead to the one that takes it, from the one that is called; empty if that takes it itself.
    pub by: Rc<[Rc<str>]>,
}

/// What a call of a function does with locks. Places begin with its receiver, its parameters or a variable of the package; those of
/// a closure with the locals around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locking {
    /// The locks that it takes, unless a parameter that is true or nil keeps it from that.
    pub takes: Vec<Taken>,
    /// The locks that it leaves locked when it returns.
    pub leaves: Vec<(Place, Mode)>,
    /// The locks that it may unlock, which its caller has locked.
    pub releases: Vec<Place>,
    /// Whether it may leave another lock locked.
    pub unsure: bool,
}

impl<'a> Cx<'a> {
    /// What a call of a function of the package, or of a closure that shows, does with locks.
    pub fn locking_of(&self, call: ExprId) -> Option<Rc<Locking>> {
        if let Some(literal) = self.literal_called(call) {
            return self.locking(Node::Expr(literal)).map(Rc::new);
        }
        match self.ask(call, What::Locking)? {
            Answer::Locking(locking) => Some(locking),
            _ => None,
        }
    }

    /// The function literal that a call calls: in place, or by the local that holds it and nothing else.
    pub fn literal_called(&self, call: ExprId) -> Option<ExprId> {
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

    pub(crate) fn write_locks(&self, func: DeclId, class: &str) -> bool {
        self.any(func, true, |node| match node {
            Node::Expr(call) => match self.lock_call(call) {
                Some((LockCall::Lock(Mode::Write), Some(lock))) => lock.class.as_deref() == Some(class),
                _ => false,
            },
            _ => false,
        })
    }

    pub(crate) fn locking_of_decl(&self, func: DeclId) -> Locking {
        let mut locking = self.locking(Node::Decl(func)).unwrap_or_default();
        let before = locking.leaves.len();
        locking.leaves.retain(|(place, _)| place.is_shared());
        locking.releases.retain(Place::is_shared);
        for taken in &mut locking.takes {
            taken.lock = taken.lock.take().filter(Place::is_shared);
        }
        locking.takes.retain(|taken| taken.lock.is_some() || taken.class.is_some());
        locking.unsure |= before != locking.leaves.len();
        locking
    }

    fn locking(&self, func: Node) -> Option<Locking> {
        let locks = self.body_locks(func)?;
        let mut locking = Locking { takes: self.taken_in(&locks), ..Locking::default() };
        if !locks.is_empty() {
            self.add_ends(&locks, &mut locking);
        }
        // What is declared inside is gone.
        let span = self.span(func);
        let inside = |place: &Place| matches!(place.base, Base::Local(declared) if span.contains(self.span(declared)));
        let param = |place: &Place| match (place.base.clone(), func) {
            (Base::Local(declared), Node::Expr(literal)) => self.param_of_literal(literal, declared).is_some(),
            _ => false,
        };
        let gone = |place: &Place| inside(place) && !param(place);
        locking.leaves.retain(|(place, _)| !gone(place));
        locking.releases.retain(|place| !gone(place));
        for taken in &mut locking.takes {
            taken.lock = taken.lock.take().filter(|place| !gone(place));
        }
        Some(locking)
    }

    /// The locks that are taken in a body, directly or by what it calls.
    fn taken_in(&self, locks: &BodyLocks) -> Vec<Taken> {
        const MOST: usize = 24;
        let mut taken: Vec<Taken> = Vec::new();
        locks.each(self, |op, state| {
            if !matches!(op.kind, OpKind::Call | OpKind::Defer) || taken.len() >= MOST {
                return;
            }
            for one in self.taken_by(op.at) {
                let known = |place: &Place| state.released.contains(place) || state.mode(place).is_some();
                let is_new = !taken
                    .iter()
                    .any(|other| (&other.lock, &other.class, other.mode) == (&one.lock, &one.class, one.mode));
                if is_new && !one.lock.as_ref().is_some_and(known) && !self.hangs_on_parameter(locks.followed(), op) {
                    taken.push(one);
                }
            }
        });
        taken
    }

    /// The locks that a call takes: of `Lock`, of a function of the package, or of a closure that shows.
    pub fn taken_by(&self, call: ExprId) -> Vec<Taken> {
        match self.lock_call(call) {
            Some((LockCall::Lock(mode), Some(lock))) => {
                let class = lock.class.clone();
                return vec![Taken { lock: Some(lock), class, mode, by: [].into() }];
            }
            Some(_) => return Vec::new(),
            None => {}
        }
        let Some(locking) = self.locking_of(call) else { return Vec::new() };
        let name = self.called_name(call);
        let here = |taken: &Taken| Taken {
            lock: taken.lock.as_ref().and_then(|lock| self.place_in_caller(lock, call)),
            by: name.iter().cloned().chain(taken.by.iter().cloned()).collect(),
            ..taken.clone()
        };
        locking.takes.iter().map(here).collect()
    }

    /// The name of the function, or of the local with the closure, that a call calls; none for a closure without a name.
    fn called_name(&self, call: ExprId) -> Option<Rc<str>> {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return None };
        match self.expr(self.unparen(fun)) {
            Expr::FuncLit { .. } => None,
            _ => Some(self.callee_word(call).into()),
        }
    }

    /// Whether it hangs on a parameter that is a `bool`, or is compared with nil, whether an operation is reached.
    fn hangs_on_parameter(&self, followed: &Followed, op: Op) -> bool {
        let decides = |cond: ExprId| self.any(cond, false, |node| matches!(node, Node::Expr(id) if self.is_switch(id)));
        let mut deciding =
            followed.body.blocks().filter(|(_, block)| matches!(block.ending, Ending::If(cond) if decides(cond)));
        let Some(first) = deciding.next() else { return false };
        let Some(leads) = followed.leads_to(|other| *other == op) else { return true };
        std::iter::once(first).chain(deciding).any(|(id, _)| {
            let edges = followed.body.edges(id);
            let leads = |edge: &Edge| leads.get(edge.to.index()).copied().unwrap_or_default();
            edges.iter().any(leads) && !edges.iter().all(leads)
        })
    }

    /// Whether an expression in a condition is a parameter that is a `bool`, or a comparison of one with nil.
    fn is_switch(&self, expr: ExprId) -> bool {
        let param = |expr: ExprId| {
            let expr = self.unparen(expr);
            matches!(self.def(expr), Def::Local(declared) if matches!(self.tree.parent(declared), Some(Node::Field(_))))
                && self.ty(expr) != TypeId::ERROR
        };
        match self.expr(expr) {
            Expr::Ident => param(expr) && matches!(self.under(expr), Type::Basic(Basic::Bool)),
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                self.is_builtin(rhs, "nil") && param(lhs)
            }
            _ => false,
        }
    }

    /// What holds where a body returns.
    fn add_ends(&self, locks: &BodyLocks, locking: &mut Locking) {
        let returns = locks.at_returns(self);
        let left = |state: &HeldLocks| {
            let left = state.held.iter().filter(|held| !state.deferred.contains(&held.lock));
            left.map(|held| (held.lock.clone(), held.mode)).collect::<Vec<_>>()
        };
        let all: Vec<Vec<(Place, Mode)>> = returns.iter().map(left).collect();
        let everywhere = |lock: &(Place, Mode)| all.iter().all(|left| left.contains(lock));
        if let Some(first) = all.first() {
            locking.leaves = first.iter().filter(|&lock| everywhere(lock)).cloned().collect();
        }
        locking.unsure = all.iter().any(|left| left.len() > locking.leaves.len());
        for state in &returns {
            let own = |place: &&Place| state.mode(place).is_none();
            for place in state.released.iter().chain(state.deferred.iter().filter(own)) {
                if !locking.releases.contains(place) {
                    locking.releases.push(place.clone());
                }
            }
        }
    }
}
