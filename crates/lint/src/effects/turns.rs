//! What is done in each iteration of a loop: once for each element, or until it succeeds.

use gopeer_flow::{Ending, Next, Op, OpKind, State, Values, Watch, When};
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::Effects;
use crate::{Call, Cx, Func, Step};

/// A call that is made once for each element of something whose length is not written in the code.
pub struct EachTurn {
    /// The loop.
    pub looping: StmtId,
    /// What it ranges over, or asks for the next element.
    pub over: ExprId,
}

/// A call that is made again where it has failed.
pub struct Retry {
    /// The loop.
    pub looping: StmtId,
    /// The call that waits before the next attempt; none where nothing does.
    pub waits: Option<ExprId>,
    /// From the failure to the next attempt.
    pub steps: Vec<Step>,
}

impl<'a> Cx<'a> {
    /// Whether a call is made for each element of what a loop goes over, and is given the element or something made of it.
    pub fn each_turn(&self, call: ExprId) -> Option<EachTurn> {
        let looping = self.enclosing_loop(call)?;
        let func = self.enclosing_func(call).filter(|&func| !self.is_long(func))?;
        let (over, held) = match self.stmt(looping) {
            Stmt::Range { key, value, subject, body, .. } => {
                let of_part = [key, value].into_iter().flatten().any(|name| is_part(self.source(name)));
                let counted = match self.under(subject) {
                    Type::Slice(_) => value.or(key),
                    Type::Map { .. } => key.or(value),
                    _ => None,
                };
                let inside = self.span(body).contains(self.span(call));
                // `for i := range items { save(items[i]) }`
                let indexed = value.is_none() || matches!(self.under(subject), Type::Map { .. });
                let key = key.filter(|_| indexed);
                counted.filter(|_| inside && !of_part && !self.is_few(subject))?;
                (subject, [key, value].into_iter().flatten().collect())
            }
            // `for rows.Next() { … }`
            Stmt::For { cond: Some(cond), .. } => {
                let (base, "Next", _) = self.method_call(cond)? else { return None };
                let gopeer_sema::Def::Local(declared) = self.def(self.unparen(base)) else { return None };
                (base, vec![declared])
            }
            _ => return None,
        };
        let message = self.made_of(func, held);
        message.is_given_to(call).then_some(EachTurn { looping, over })
    }

    /// Whether what a loop goes over is short, or a part of something: a literal, a variable of the package, chunks.
    fn is_few(&self, subject: ExprId) -> bool {
        let subject = self.unparen(subject);
        let value = self.initial_value(subject).map_or(subject, |value| self.unparen(value));
        let elements_are_lists = match self.under(subject) {
            Type::Slice(elem) => matches!(self.store.under(elem), Type::Slice(_)),
            _ => false,
        };
        elements_are_lists
            || matches!(self.expr(value), Expr::Composite { .. })
            || matches!(self.def(subject), gopeer_sema::Def::Package(_))
            || is_part(self.source(subject))
    }

    /// Whether a loop counts its iterations: `for i := 0; i < n; i++`, `for range 5`.
    fn counts_turns(&self, looping: StmtId) -> bool {
        match self.stmt(looping) {
            Stmt::For { post: Some(_), .. } => true,
            Stmt::Range { subject, .. } => matches!(self.under(subject), Type::Basic(_)),
            _ => false,
        }
    }

    /// Whether a call is given what a loop counts, or something made of it: each iteration is about something else.
    fn is_given_counter(&self, func: Func, looping: StmtId, call: ExprId) -> bool {
        let counter = match self.stmt(looping) {
            Stmt::For { cond: Some(cond), .. } if self.source(cond).contains("len(") => return true,
            Stmt::For { init: Some(init), .. } => match self.stmt(init) {
                Stmt::Assign { lhs, .. } => self.exprs(lhs).first().copied(),
                _ => None,
            },
            Stmt::Range { key, .. } => key,
            _ => None,
        };
        match counter.map(|counter| self.def(counter)) {
            Some(gopeer_sema::Def::Local(declared)) => self.made_of(func, vec![declared]).is_given_to(call),
            _ => false,
        }
    }

    /// Whether a condition compares two numbers, and nothing else: `i < n`.
    fn only_compares(&self, cond: ExprId) -> bool {
        use BinaryOp::{Greater, GreaterEqual, Less, LessEqual, NotEqual};
        let Expr::Binary { op, lhs, rhs } = self.expr(self.unparen(cond)) else { return false };
        let number = |side| matches!(self.under(side), Type::Basic(_));
        matches!(op, Greater | GreaterEqual | Less | LessEqual | NotEqual) && number(lhs) && number(rhs)
    }

    /// How a call is tried again that has failed: its loop ends where it succeeds, and leads back to it where it does not.
    pub fn retried(&self, call: Call<'a>) -> Option<Retry> {
        let looping = self.enclosing_loop(call.expr)?;
        if !self.returns_error(call.expr) || !matches!(self.stmt(looping), Stmt::For { .. } | Stmt::Range { .. }) {
            return None;
        }
        // What only computes gives the same again.
        if self.calls_pure(call.expr) {
            return None;
        }
        let func = self.enclosing_func(call.expr).filter(|&func| !self.is_long(func))?;
        if self.is_given_counter(func, looping, call.expr) {
            return None;
        }
        let followed = self.followed(func.node)?;
        let at = followed.after_call(call.expr)?;
        let mut start = self.start(&followed, at);
        if !self.assume_result(&mut start.values, &mut start.state, call.expr, true) {
            return None;
        }
        // Where attempts are counted, something else may fail after the call; elsewhere, what is called after success is no retry.
        let counts = self.counts_turns(looping);
        let (met, end) = if counts { (Next::Stop, Next::Found) } else { (Next::Found, Next::Stop) };
        // A loop that goes on after success until its count is full is no retry: it does the same work so often.
        let count = match self.stmt(looping) {
            Stmt::For { cond: Some(cond), .. } if counts && self.only_compares(cond) => Some(self.span(cond)),
            _ => None,
        };
        let found = self.seek(&followed, &mut start, end, &mut |_, _, op| match op.kind {
            OpKind::Call if op.at == call.expr => met,
            OpKind::Read if count.is_some_and(|count| count.contains(self.span(op.at))) => Next::Stop,
            _ => Next::Go,
        });
        if found.is_some() != counts || followed.is_spent() {
            return None;
        }
        let mut start = self.start(&followed, at);
        if !self.assume_result(&mut start.values, &mut start.state, call.expr, false) {
            return None;
        }
        let mut watch = Attempts { cx: self, call, waited: None };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let mut steps = self.steps_of(call, Effects::WORK, "if this fails");
        steps.extend(self.branches_of(&followed, &found.path).into_iter().map(Step::from));
        steps.extend(watch.waited.map(|wait| Step::from((self.span(wait), "it waits here".to_owned()))));
        steps.push((self.keyword(looping), "it is tried again".to_owned()).into());
        Some(Retry { looping, waits: watch.waited, steps })
    }
}

/// Watches for the next attempt.
struct Attempts<'c, 'a> {
    cx: &'c Cx<'a>,
    call: Call<'a>,
    /// The last wait before it. On the way, a state counts one more than the number of its last wait.
    waited: Option<ExprId>,
}

impl Watch for Attempts<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let cx = self.cx;
        match op.kind {
            OpKind::Call if op.at == self.call.expr => {
                self.waited = state.count.checked_sub(1).map(ExprId);
                Next::Found
            }
            OpKind::Call if cx.calls(op.at, &["time.Sleep"]) => {
                state.count = op.at.0 + 1;
                Next::Go
            }
            OpKind::Call if self.may_wait(op.at) => Next::Stop,
            // Whoever receives something waits.
            OpKind::Recv | OpKind::Send => Next::Stop,
            _ => Next::Go,
        }
    }

    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        let cx = self.cx;
        match ending {
            Ending::Select(_) => Next::Stop,
            Ending::If(cond) if cx.asks_if_first(cond, when == When::True) => Next::Stop,
            Ending::If(cond) if cx.asks_for_code(cond, when == When::True) => Next::Stop,
            // An error that is looked into is no reason to wait, and nothing is known of flags.
            Ending::If(cond) if when == When::True => match cx.expr(cx.unparen(cond)) {
                Expr::Call { args, .. }
                    if cx.exprs(args).iter().any(|&arg| cx.ty(arg) == TypeId::ERROR) && !cx.asks_if_passing(cond) =>
                {
                    Next::Stop
                }
                Expr::Binary { op: BinaryOp::Equal, lhs, rhs }
                    if cx.ty(lhs) == TypeId::ERROR && !cx.is_builtin(rhs, "nil") =>
                {
                    Next::Stop
                }
                Expr::Ident if cx.ty(cond) == TypeId::from(Basic::Bool) => Next::Stop,
                _ => Next::Go,
            },
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl Attempts<'_, '_> {
    /// Whether a call waits, by its effects or its name, or changes what is tried.
    fn may_wait(&self, call: ExprId) -> bool {
        const WAITS: &[&str] = &[
            "after", "backoff", "delay", "jitter", "next", "pause", "poll", "reset", "refresh", "reload", "sleep",
            "tick", "wait",
        ];
        let named = crate::words(self.cx.callee_text(call));
        self.cx.effects(call).has(Effects::WAIT) || named.iter().any(|word| WAITS.contains(&word.as_str()))
    }
}

impl Cx<'_> {
    /// Whether a condition that holds, or does not, says that it is the first iteration: `attempt > 0` does not hold.
    fn asks_if_first(&self, cond: ExprId, holds: bool) -> bool {
        let Expr::Binary { op, lhs, rhs } = self.expr(self.unparen(cond)) else { return false };
        let first = match op {
            BinaryOp::Greater | BinaryOp::NotEqual => !holds,
            BinaryOp::Equal => holds,
            _ => return false,
        };
        first && self.int_value(rhs) == Some(0) && self.expr(lhs) == Expr::Ident
    }

    /// Whether a condition that holds, or does not, says which error it is: `status.Code(err) == codes.Aborted`.
    fn asks_for_code(&self, cond: ExprId, holds: bool) -> bool {
        let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = self.expr(self.unparen(cond))
        else {
            return false;
        };
        let of_error = self.call(lhs).is_some_and(|call| call.args.iter().any(|&arg| self.ty(arg) == TypeId::ERROR));
        of_error && (op == BinaryOp::Equal) == holds && !self.says_passing(rhs)
    }

    /// Whether a condition asks whether an error is one of a service that is not available for now.
    fn asks_if_passing(&self, cond: ExprId) -> bool {
        let asked = self.call(cond).filter(|call| call.callee.is(&["errors.Is"]));
        asked.and_then(|call| call.args.get(1)).is_some_and(|&error| self.says_passing(error))
    }

    fn says_passing(&self, error: ExprId) -> bool {
        const PASSING: &[&str] =
            &["again", "busy", "down", "overloaded", "retry", "temporary", "timeout", "transient", "unavailable"];
        crate::words(self.source(error)).iter().any(|word| PASSING.contains(&word.as_str()))
    }

    /// Whether the text of a loop asks for the end of a context.
    pub fn asks_for_context(&self, node: impl Into<Node>) -> bool {
        let text = self.source(node);
        [".Done()", ".Err()", "context.Cause"].iter().any(|ask| text.contains(ask))
    }
}

/// Whether a name says that it is one of the parts of something, or a list of them.
fn is_part(name: &str) -> bool {
    const PARTS: &[&str] = &["batch", "chunk", "migration", "page", "part", "replica", "shard"];
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
}
