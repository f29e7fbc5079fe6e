//! A lock that is unlocked twice, or by the wrong method.

use gopeer_flow::{Next, Op, OpKind, State, Values, Watch};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId};

use super::{LockCall, Mode, Place};
use crate::{Call, Cx};

/// That a lock is unlocked again.
pub struct UnlockedTwice {
    /// The call that unlocks it again; none if a deferred call does.
    pub again: Option<ExprId>,
    /// The path, step by step.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// The call that took the lock which a call unlocks, if it took it the other way: `RLock` goes with `RUnlock`.
    pub fn locked_otherwise(&self, unlock: Call<'a>) -> Option<Call<'a>> {
        let (LockCall::Unlock(mode), Some(lock)) = self.lock_call(unlock.expr)? else { return None };
        let state = self.held_at(unlock.expr);
        let held = state.held.iter().find(|held| held.lock == lock && held.mode != mode && !held.tried)?;
        match self.lock_call(held.since)? {
            (LockCall::Lock(taken), _) if taken != mode && !self.is_taken_both_ways(unlock.expr, &lock) => {
                self.call(held.since)
            }
            _ => None,
        }
    }

    /// Whether the function around a call takes a lock by `Lock` and by `RLock`: which of them was called may hang on something.
    fn is_taken_both_ways(&self, call: ExprId, lock: &Place) -> bool {
        let Some(func) = self.enclosing_func(call) else { return true };
        const MOST: usize = 512;
        let calls = self.calls_within(func.body, false);
        let takes = |mode: Mode| {
            calls.iter().take(MOST).any(|&node| match node {
                Node::Expr(call) => self
                    .lock_call(call)
                    .is_some_and(|(does, of)| does == LockCall::Lock(mode) && of.as_ref() == Some(lock)),
                _ => false,
            })
        };
        takes(Mode::Read) && takes(Mode::Write)
    }

    /// The shortest path on which a lock, taken in this function and unlocked by a call, is unlocked again.
    pub fn unlocked_twice(&self, unlock: Call<'a>) -> Option<UnlockedTwice> {
        let (LockCall::Unlock(mode), Some(lock)) = self.lock_call(unlock.expr)? else { return None };
        let func = self.enclosing_func(unlock.expr)?;
        // What was locked by the caller may be unlocked for a while.
        self.body_locks(func.node).filter(|_| !self.is_deferred(unlock.expr))?;
        let state = self.held_at(unlock.expr);
        state.mode(&lock).filter(|_| !state.restored.contains(&lock) && !state.unknown)?;
        let deferred = state.deferred.contains(&lock) && self.is_deferred_for_certain(unlock.expr, mode, &lock);
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_call(unlock.expr)?);
        start.state.steady = true;
        let mut watch = UnlockedAgain { cx: self, lock: &lock, deferred };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let name = unlock.receiver.map(|lock| self.source(lock)).unwrap_or_default();
        let mut steps = vec![(self.span(unlock.fun), format!("`{name}` is unlocked here"))];
        steps.extend(self.branches_of(&followed, &found.path));
        let again = found.op.map(|op| op.at);
        steps.push(match again {
            Some(again) => (self.span(again), format!("`{name}` is unlocked again, and nobody has locked it since")),
            None => (
                self.end_of_path(&followed, &found.path),
                format!("the function returns here, and the deferred call unlocks `{name}` again"),
            ),
        });
        Some(UnlockedTwice { again, steps })
    }

    /// Whether a `defer` before a call, in a block around it, unlocks a lock, and none locks it again.
    fn is_deferred_for_certain(&self, call: ExprId, mode: Mode, lock: &Place) -> bool {
        let Some(func) = self.enclosing_func(call) else { return false };
        let start = self.span(call).start;
        let does = |node: &Node, wanted: fn(LockCall, Mode) -> bool| match node {
            Node::Stmt(id) => match self.stmt(*id) {
                Stmt::Defer(deferred) => {
                    self.lock_call(deferred).is_some_and(|(does, of)| wanted(does, mode) && of.as_ref() == Some(lock))
                }
                _ => false,
            },
            _ => false,
        };
        let around = |node: &Node| match node {
            Node::Stmt(id) => {
                let block = self.tree.parent(*id);
                self.span(*id).start < start && block.is_some_and(|block| self.span(block).contains(self.span(call)))
            }
            _ => false,
        };
        const FAR: usize = 64;
        let defers = self.defers(func.body);
        let defers = &defers[..defers.len().min(FAR)];
        let relocks = |does: LockCall, _: Mode| matches!(does, LockCall::Lock(_));
        defers.iter().any(|node| around(node) && does(node, |does, mode| does == LockCall::Unlock(mode)))
            && !defers.iter().any(|node| does(node, relocks) || self.locks_in_closure(*node))
    }

    /// Whether a deferred closure has to do with locks.
    fn locks_in_closure(&self, defer: Node) -> bool {
        self.any(defer, true, |node| match node {
            Node::Expr(call) => {
                matches!(self.expr(call), Expr::Call { .. })
                    && !self.is_deferred(call)
                    && matches!(self.lock_call(call), Some((LockCall::Lock(_) | LockCall::Try(_), _)))
            }
            _ => false,
        })
    }
}

/// Watches for a lock that is unlocked again.
struct UnlockedAgain<'c, 'a> {
    cx: &'c Cx<'a>,
    lock: &'c Place,
    /// Whether a deferred call unlocks it.
    deferred: bool,
}

impl Watch for UnlockedAgain<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        match op.kind {
            OpKind::Call => match cx.lock_call(op.at) {
                Some((LockCall::Unlock(_), Some(lock))) if lock == *self.lock => Next::Found,
                Some((_, Some(lock))) if lock == *self.lock => Next::Stop,
                Some((_, None)) => Next::Stop,
                Some(_) => Next::Go,
                // Who locks for others, or may.
                None => match cx.lock_ends_of(op.at) {
                    Some(ends) if ends.leaves.is_empty() && ends.releases.is_empty() && !ends.unsure => Next::Go,
                    None if !crate::words(cx.callee_word(op.at)).iter().any(|word| word.contains("lock")) => Next::Go,
                    _ => Next::Stop,
                },
            },
            OpKind::Write | OpKind::Zero if cx.changes(op.at, self.lock) => Next::Stop,
            // Whoever gets the closure may call it.
            OpKind::Make if cx.locks_inside(op.at, self.lock) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        if self.deferred { Next::Found } else { Next::Stop }
    }
}
