//! What a function of the package does outside of the process, with what it calls.

use std::rc::Rc;

use gopeer_flow::{Op, OpKind};
use gopeer_syntax::ast::{DeclId, ExprId, Node, Stmt};

use super::Effects;
use crate::summary::{Answer, FuncName, What};
use crate::{Call, Cx, Step};

/// The effects of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// All of them.
    pub all: Effects,
    /// Whether it answers a request on every path.
    pub(crate) always_responds: bool,
    /// Whether there is such a function.
    pub(crate) declared: bool,
    /// For each effect, the first call that has it. Where that is, is asked of its function: callers need not be examined again when it
    /// moves.
    first: Vec<First>,
}

/// The first call that has an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
struct First {
    effects: Effects,
    /// The function that it is in.
    of: FuncName,
    /// What is called.
    text: Rc<str>,
}

impl Done {
    /// What several functions do, of which one is called.
    pub(crate) fn any(of: impl Iterator<Item = Rc<Done>>) -> Done {
        of.fold(Done::default(), |mut all, done| {
            done.first.iter().for_each(|first| all.add(first.clone()));
            Done { all: all.all.and(done.all), declared: true, always_responds: false, first: all.first }
        })
    }

    /// Whether the first call that answers a request is one of this method.
    pub(crate) fn begins_with(&self, method: &str) -> bool {
        let responds = self.first.iter().find(|first| first.effects.has(Effects::RESPOND));
        responds.is_some_and(|first| first.text.rsplit('.').next() == Some(method))
    }

    fn add(&mut self, first: First) {
        if first.effects.0 & !self.all.0 != 0 {
            self.all = self.all.and(first.effects);
            self.first.push(first);
        }
    }
}

impl<'a> Cx<'a> {
    /// The effects of a declared function.
    pub(crate) fn done(&self, decl: DeclId, of: &FuncName) -> Done {
        let mut done = Done { declared: true, ..Done::default() };
        for call in self.calls_that_count(decl) {
            let inner = self.call(call).and_then(|found| self.done_by(found));
            match inner {
                Some(inner) => inner.first.iter().for_each(|first| done.add(first.clone())),
                None => done.add(First {
                    effects: self.effects_alone(call),
                    of: FuncName::clone(of),
                    text: self.callee_text(call).into(),
                }),
            }
        }
        done.always_responds = done.all.has(Effects::RESPOND) && self.always_has(decl, Effects::RESPOND);
        done
    }

    /// The first call in a function that has one of these effects by itself.
    pub(crate) fn first_effect(&self, decl: DeclId, effects: Effects) -> Option<ExprId> {
        let has = |&call: &ExprId| {
            let inner = self.call(call).and_then(|found| self.done_by(found));
            inner.is_none() && self.effects_alone(call).has(effects)
        };
        self.calls_that_count(decl).find(has)
    }

    /// The calls of a function and its closures that it waits for; each is asked about, so that only so many are.
    fn calls_that_count(&self, decl: DeclId) -> impl Iterator<Item = ExprId> + '_ {
        const MOST: usize = 32;
        let calls = self.calls_within(decl, true);
        let count = calls.len();
        let call = move |at: usize| match calls[at] {
            Node::Expr(call) => Some(call),
            _ => None,
        };
        (0..count).filter_map(call).filter(|&call| !self.is_beside(call)).take(MOST)
    }

    /// Whether each path through a function meets a call with one of these effects.
    fn always_has(&self, decl: DeclId, effects: Effects) -> bool {
        let Some(followed) = self.followed(decl) else { return false };
        let has = |op: &Op| op.kind == OpKind::Call && self.effects(op.at).has(effects);
        followed.way_out(followed.entry(), has).is_none() && !followed.is_spent()
    }

    /// Whether a call is part of a `go` statement: nobody waits for what it does.
    fn is_beside(&self, call: ExprId) -> bool {
        self.around(call, |cx, node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Go(_)))).is_some()
    }

    /// The steps that show where a call has one of these effects: the call, `says` of it, and if a function of the package is called,
    /// the call in it that has the effect.
    pub fn steps_of(&self, call: Call<'a>, effects: Effects, says: impl Into<String>) -> Vec<Step> {
        let mut steps = vec![Step::from((self.span(call.fun), says.into()))];
        if let Some(done) = self.done_by(call)
            && let Some(first) = done.first.iter().find(|first| first.effects.has(effects))
            && let Some(Answer::At(Some(at))) =
                self.ask_function(FuncName::clone(&first.of), What::FirstEffect(effects))
        {
            steps.push(Step::within(FuncName::clone(&first.of), at, format!("`{}` is called here", first.text)));
        }
        steps
    }
}
