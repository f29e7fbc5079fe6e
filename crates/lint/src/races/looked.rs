//! What a function says of a field that it has looked at under a lock, which it has released when it returns.

use std::rc::Rc;

use gopeer_syntax::ast::{DeclId, ExprId, Node};

use super::access::{Access, Does, Part};
use super::stale::Point;
use crate::locks::Base;
use crate::summary::{Answer, What};
use crate::{Cx, Mode};

/// A field of the receiver that a function looks at, with the lock, another field, that it holds meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Looked {
    /// The name of the field.
    pub(super) field: Rc<str>,
    /// The name of the lock.
    pub(super) lock: Rc<str>,
}

impl<'a> Cx<'a> {
    /// The fields of its receiver that a function looks at under a lock that it has released when it returns, if it changes none of them.
    pub(crate) fn looks(&self, func: DeclId) -> Rc<[Looked]> {
        let answers = self.as_func(Node::Decl(func)).is_some_and(|func| !self.results_of(func).is_empty());
        if !answers || !self.lock_ends_of_decl(func).leaves.is_empty() {
            return [].into();
        }
        let mut found =
            self.lock_facts(func).looks(&|callee| match self.ask_function(callee.clone(), What::LockFacts) {
                Some(Answer::LockFacts(facts)) => Some(facts),
                _ => None,
            });
        found.sort();
        found.dedup();
        found.into_iter().map(|(field, lock)| Looked { field, lock }).collect()
    }

    /// A call before an act which looks at what the act changes, under the lock that is held for the act, as if it was looked at here.
    pub(super) fn looked_by_call(&self, call: ExprId, act: &Point<'a>) -> Option<Point<'a>> {
        let found = self.call(call)?;
        let receiver = self.unparen(found.receiver?);
        let (&Part::Field(field), before) = act.access.parts.split_last()? else { return None };
        if self.base_of(receiver)? != act.base || before != [Part::Pointee] {
            return None;
        }
        // Of a map, what is looked at is the entry that is changed.
        let args = found.args.iter();
        if act.key.is_some_and(|key| !args.into_iter().any(|&arg| self.same_text(arg, key))) {
            return None;
        }
        let Some(Answer::Looks(looks)) = self.ask(call, What::Looks) else { return None };
        let there = self.receiver_place(found)?;
        let is_it = |lock: &crate::Place| {
            let name = lock.below(&there).and_then(|way| way.strip_prefix('.'));
            looks.iter().any(|look| *look.field == *field && Some(&*look.lock) == name)
        };
        let (lock, ..) = act.locks.iter().find(|(lock, _, mode)| *mode == Mode::Write && is_it(lock))?;
        let does = if act.access.does.is_of_map() { Does::ReadsMap } else { Does::Reads };
        let access = Access { at: Node::Expr(call), ident: Some(receiver), parts: act.access.parts.clone(), does };
        Some(Point { access, base: act.base, at: call, locks: vec![(lock.clone(), call, Mode::Read)], key: None })
    }

    /// Whether a call is one of a function of the package on what an act changes a part of: it may look again.
    pub(super) fn may_look_again(&self, call: ExprId, act: &Point<'a>) -> bool {
        let receiver = self.call(call).filter(|found| self.is_own(&found.callee)).and_then(|found| found.receiver);
        receiver.and_then(|receiver| self.base_of(self.unparen(receiver))) == Some(act.base)
    }
}

/// Whether a place is the receiver itself.
pub(crate) fn is_receiver(place: &crate::Place) -> bool {
    place.base == Base::Receiver && place.path.is_empty()
}
