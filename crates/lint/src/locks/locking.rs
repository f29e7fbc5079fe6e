//! What functions of the package do with locks.

use std::rc::Rc;

use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node};

use super::{Base, HeldLocks, Mode, Place};
use crate::Cx;
use crate::summary::{Answer, What};

/// What a call of a function does with locks. Places begin with its receiver, its parameters or a variable of the package; those of
/// a closure with the locals around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locking {
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
                gopeer_sema::Def::Local(declared) if !self.is_reassigned(fun) => {
                    self.unparen(self.initial_value(declared)?)
                }
                _ => return None,
            },
            _ => fun,
        };
        matches!(self.expr(literal), Expr::FuncLit { .. }).then_some(literal)
    }

    pub(crate) fn locking_of_decl(&self, func: DeclId) -> Locking {
        let mut locking = self.locking(Node::Decl(func)).unwrap_or_default();
        let before = locking.leaves.len();
        locking.leaves.retain(|(place, _)| place.is_shared());
        locking.releases.retain(Place::is_shared);
        locking.unsure |= before != locking.leaves.len();
        locking
    }

    fn locking(&self, func: Node) -> Option<Locking> {
        let locks = self.body_locks(func)?;
        if locks.is_empty() {
            return Some(Locking::default());
        }
        let returns = locks.at_returns(self);
        let mut locking = Locking::default();
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
            let own = |place: &&Place| !state.held.iter().any(|held| held.lock == **place);
            let released = state.released.iter().chain(state.deferred.iter().filter(own));
            for place in released {
                if !locking.releases.contains(place) {
                    locking.releases.push(place.clone());
                }
            }
        }
        // What is declared inside is gone.
        let inside = |place: &Place| match place.base {
            Base::Local(declared) => self.span(func).contains(self.span(declared)),
            _ => false,
        };
        locking.leaves.retain(|(place, _)| !inside(place));
        locking.releases.retain(|place| !inside(place));
        Some(locking)
    }
}
