//! Functions that give their callers something locked, or the function that unlocks it.

use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, StmtId};

use super::{HeldLocks, Mode, Place};
use crate::resource::{Release, Resource};
use crate::summary::{Answer, What};
use crate::{Call, Cx};

/// Which result is locked, or unlocks, and how its caller unlocks it.
pub type LockedResult = (usize, Release);

impl<'a> Cx<'a> {
    /// What a call of a function of the package gives that is locked, or that unlocks: the caller must see to it on every path.
    pub fn locked_result(&self, call: Call<'a>) -> Option<Resource<'a>> {
        let results = self.results(call.expr).filter(|results| !results.is_empty())?;
        let Answer::LockedResult(Some((result, release))) = self.ask(call.expr, What::LockedResult)? else {
            return None;
        };
        let ty = *results.get(result)?;
        Some(Resource { call, kind: "lock", result, ty, release, sure: true })
    }

    /// The result that a function gives its caller locked, or that unlocks, wherever it does not give nil instead.
    pub(crate) fn gives_locked(&self, func: DeclId) -> Option<LockedResult> {
        let text = self.source(func);
        if !text.contains("Lock()") || !text.contains("return") {
            return None;
        }
        let locks = self.own_locks(Node::Decl(func))?;
        let mut found: Option<LockedResult> = None;
        let mut others = Vec::new();
        for (at, state) in locks.returns() {
            let Stmt::Return(results) = self.stmt((*at)?) else { return None };
            let results = self.exprs(results);
            match (self.left_in_results(results, state), &found) {
                (Some(one), Some(known)) if one != *known => return None,
                (Some(one), _) => found = Some(one),
                (None, _) => others.push(results),
            }
        }
        let (result, _) = found.as_ref()?;
        // Where nothing is locked, nothing is given.
        let is_nil = |results: &&[ExprId]| results.get(*result).is_some_and(|&value| self.is_builtin(value, "nil"));
        if others.iter().all(is_nil) { found } else { None }
    }

    fn left_in_results(&self, results: &[ExprId], state: &HeldLocks) -> Option<LockedResult> {
        let held = state.held.iter().filter(|held| !state.deferred.contains(&held.lock) && !held.tried);
        let unlocks = |held: &super::Held| {
            let unlock = if held.mode == Mode::Read { "RUnlock" } else { "Unlock" };
            let calls = results.iter().position(|&value| self.is_unlock_of(value, unlock, &held.lock));
            let called = calls.map(|at| (at, Release::by("()")));
            called.or_else(|| {
                let below = |&value: &ExprId| Some(held.lock.below(&self.place(value)?)?.to_owned());
                let (at, way) = results.iter().enumerate().find_map(|(at, value)| Some((at, below(value)?)))?;
                // Of an embedded lock, the methods are those of what embeds it.
                let field = way.trim_start_matches('.');
                let field = if matches!(field, "Mutex" | "RWMutex") { "" } else { field };
                let plain = !field.contains(['.', '[']);
                plain.then(|| (at, Release { field: field.into(), ..Release::by(unlock) }))
            })
        };
        held.into_iter().find_map(unlocks)
    }

    /// Whether a value is the method that unlocks a lock, or a closure that does.
    fn is_unlock_of(&self, value: ExprId, unlock: &str, lock: &Place) -> bool {
        let value = self.unparen(value);
        match self.expr(value) {
            Expr::Selector { base, name } => self.source(name) == unlock && self.place(base).as_ref() == Some(lock),
            Expr::FuncLit { .. } => self.unlocks_inside(value, lock),
            _ => false,
        }
    }
}

/// Where a body returns, and what is known of the locks there.
pub(super) type Return = (Option<StmtId>, HeldLocks);
