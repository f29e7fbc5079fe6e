//! A lock that is taken again by the goroutine that holds it.

use std::rc::Rc;

use gopeer_flow::{Found, Next, Op, OpKind, State, Values, Watch};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId};

use super::{LockCall, Mode, Place, Taken};
use crate::{Call, Cx, Followed, Step};

/// That a lock is taken again while it is held.
pub struct Again {
    /// The lock.
    pub lock: Place,
    /// The call that takes it: of `Lock`, or of a function that does.
    pub at: ExprId,
    /// How it is held.
    pub held: Mode,
    /// How it is to be taken.
    pub mode: Mode,
    /// The functions that lead to the one that takes it, from the one that is called; empty if it is taken at once.
    pub by: Rc<[Rc<str>]>,
    /// The path, step by step.
    pub steps: Vec<Step>,
}

impl<'a> Cx<'a> {
    /// The shortest path on which a lock, taken by a call, is taken again before it is unlocked.
    pub fn locked_again(&self, first: Call<'a>) -> Option<Again> {
        let (LockCall::Lock(held), Some(lock)) = self.lock_call(first.expr)? else { return None };
        let func = self.enclosing_func(first.expr)?;
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_call(first.expr)?);
        start.state.steady = true;
        let mut watch = LockedAgain { cx: self, lock: &lock, held, unlocks: false, again: None };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let (at, taken, deferred) = watch.again?;
        let steps = self.again_steps(&followed, &found, first, (at, &taken, deferred));
        let Taken { mode, by, .. } = taken;
        Some(Again { lock, at, held, mode, by, steps })
    }

    fn again_steps(
        &self,
        followed: &Followed,
        found: &Found,
        first: Call<'_>,
        (at, taken, deferred): (ExprId, &Taken, bool),
    ) -> Vec<Step> {
        let name = first.receiver.map(|lock| self.source(lock)).unwrap_or_default();
        let method = first.callee.name;
        let mut steps = vec![(self.span(first.fun), format!("`{name}.{method}` takes the lock"))];
        steps.extend(self.branches_of(followed, &found.path));
        let when = if deferred { "when the function returns, before the lock is released, " } else { "" };
        const WAITS: &str = "waits for the lock that the same goroutine holds";
        let what = match (&*taken.by, &taken.at) {
            ([], _) => format!("{when}this {WAITS}"),
            ([one], None) => format!("{when}`{one}` {WAITS}"),
            ([one, .., last], None) => format!("{when}`{one}` leads to `{last}`, which {WAITS}"),
            ([one, ..], Some(_)) => format!("{when}`{one}` is called"),
        };
        let mut steps: Vec<Step> = steps.into_iter().map(Step::from).collect();
        steps.push((self.span(at), what).into());
        if let Some((function, lock)) = taken.at.clone().filter(|_| !taken.by.is_empty()) {
            steps.push(Step::within(function, lock, format!("this {WAITS}")));
        }
        steps
    }
}

impl Cx<'_> {
    /// The deferred call by which alone a lock is released that each iteration of a loop takes, while two iterations may take the same one: it belongs
    /// to one of few parts, by the value that the turn is about.
    pub fn kept_for_next_turn(&self, first: Call<'_>) -> Option<ExprId> {
        const PARTS: &[&str] = &["bucket", "partition", "segment", "shard", "slot", "stripe"];
        const MOST: usize = 64;
        let around = self.enclosing_loop(first.expr)?;
        let lock = first.receiver?;
        let (finds, _) = self.origin(self.root(lock)?)?;
        let says = |word: &String| PARTS.contains(&word.as_str());
        let by_value = matches!(self.expr(finds), Expr::Call { args, .. } if !args.is_empty());
        if !by_value
            || !self.span(around).contains(self.span(finds))
            || !crate::words(self.callee_word(finds)).iter().any(says)
        {
            return None;
        }
        let unlocks = |node: &Node| match *node {
            Node::Expr(call) => {
                let (of, method, _) = self.method_call(call)?;
                (method == "Unlock" && self.same_text(of, lock)).then_some(call)
            }
            _ => None,
        };
        let calls = self.calls_within(around, true);
        let mut unlocks = calls.iter().take(MOST).filter_map(unlocks);
        let unlock =
            unlocks.next().filter(|&call| self.is_deferred(call) && self.enclosing_loop(call) == Some(around))?;
        let leaves = matches!(
            self.list_of_body(around).last().map(|&last| self.stmt(last)),
            Some(Stmt::Return(_) | Stmt::Branch { .. })
        );
        (unlocks.next().is_none() && !leaves).then_some(unlock)
    }

    /// The statements of a loop.
    fn list_of_body(&self, around: StmtId) -> &[StmtId] {
        match self.stmt(around) {
            Stmt::For { body, .. } | Stmt::Range { body, .. } => self.list_of(Node::Stmt(body)),
            _ => &[],
        }
    }

    /// The calls in a function literal that a call calls in place.
    fn calls_in_place(&self, call: ExprId) -> Vec<ExprId> {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return Vec::new() };
        let Some(func) = self.as_func(Node::Expr(self.unparen(fun))) else { return Vec::new() };
        self.calls_made(func.body)
    }
}

/// Watches for a lock that is taken again.
struct LockedAgain<'c, 'a> {
    cx: &'c Cx<'a>,
    lock: &'c Place,
    held: Mode,
    /// Whether a deferred call that unlocks was met.
    unlocks: bool,
    /// The call, what it takes, and whether it is deferred.
    again: Option<(ExprId, Taken, bool)>,
}

impl Watch for LockedAgain<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        match op.kind {
            OpKind::Call => self.call(op.at, false),
            OpKind::Defer if cx.unlocks(op.at, self.lock) => {
                self.unlocks = true;
                Next::Go
            }
            OpKind::Defer if self.unlocks => self.call(op.at, true),
            // Somebody else may unlock it.
            OpKind::Make if cx.unlocks_inside(op.at, self.lock) && !gopeer_flow::is_deferred(cx.tree, op.at) => {
                Next::Stop
            }
            OpKind::Read if cx.is_unlock_value(op.at, self.lock) => Next::Stop,
            OpKind::Write | OpKind::Zero if cx.changes(op.at, self.lock) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl LockedAgain<'_, '_> {
    fn call(&mut self, call: ExprId, deferred: bool) -> Next {
        let cx = self.cx;
        if cx.may_unlock(call, self.lock) {
            return Next::Stop;
        }
        let takes_it =
            |call: ExprId| cx.taken_by(call).into_iter().find(|taken| taken.lock.as_ref() == Some(self.lock));
        let Some(taken) = takes_it(call) else { return Next::Go };
        // A closure that is called in place is a part of the function: what it calls is what locks.
        let inside = cx.calls_in_place(call).into_iter().find_map(|inner| Some((inner, takes_it(inner)?)));
        let (call, taken) = inside.unwrap_or((call, taken));
        // Two readers may hold it.
        if (self.held, taken.mode) == (Mode::Read, Mode::Read) && taken.by.is_empty() && deferred {
            return Next::Go;
        }
        self.again = Some((call, taken, deferred));
        Next::Found
    }
}
