//! A message is acknowledged before it is handled, or although that has failed.

use gopeer_flow::{Ending, Next, Op, OpKind, Point, State, Val, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_sema::types::{Basic, TypeId};
use gopeer_syntax::ast::{BinaryOp, DeclId, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::{Effects, HARMLESS, Message};
use crate::summary::FuncName;
use crate::{Call, Cx, Followed, Func, Step, words};

/// What acknowledges, for whatever broker.
const ACKNOWLEDGES: Effects = Effects(2 + 4 + 8);

/// That a message is handled after it was acknowledged.
pub struct Early<'a> {
    /// What is called, in short.
    pub name: &'a str,
    /// Whether somebody else handles it at the same time: a goroutine, or who receives from a channel.
    pub beside: bool,
    /// Whether it is sent on a channel.
    pub sent: bool,
    /// Whether it is published by a call that does not wait for the broker.
    pub published: bool,
    /// From the acknowledgement to the work, or the other way round where that runs beside.
    pub steps: Vec<Step>,
}

/// That a message is acknowledged although what handles it has failed.
pub struct Skipped<'a> {
    /// The call that fails.
    pub work: Call<'a>,
    /// Whether it is the acknowledgement of a later message that covers it.
    pub later: bool,
    /// Whether the call gives no result: the function logs the failure of what it calls, and ends as if it had succeeded.
    pub swallowed: bool,
    /// From the failure to the acknowledgement.
    pub steps: Vec<Step>,
}

impl<'a> Cx<'a> {
    /// The shortest path on which a call that has failed is made again at once: nothing waits, and nothing asks what has failed or
    /// whether the function is to end. Gives the branches of the path.
    pub fn repeats_at_once(&self, call: Call<'a>) -> Option<Vec<Step>> {
        let func = self.enclosing_func(call.expr)?;
        self.enclosing_loop(call.expr)?;
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_call(call.expr)?);
        if !self.assume_result(&mut start.values, &mut start.state, call.expr, false) {
            return None;
        }
        let found = self.follow(&followed, &mut start, &mut Repeated { cx: self, call })?;
        let mut steps = vec![Step::from((self.span(call.fun), "if this fails".to_owned()))];
        steps.extend(self.branches_of(&followed, &found.path).into_iter().map(Step::from));
        steps.push((self.span(call.fun), "it is called again at once".to_owned()).into());
        Some(steps)
    }

    /// Whether a call acknowledges a message and does nothing else with it.
    pub fn only_acknowledges(&self, call: Call<'_>) -> bool {
        let effects = self.effects(call.expr);
        effects.has(ACKNOWLEDGES) && !effects.has(Effects::WORK) && !effects.has(Effects::FETCH)
    }

    /// Whether a call handles a message, as far as that shows: it has effects of its own that matter, or may have.
    pub fn handles(&self, call: ExprId) -> bool {
        let effects = self.effects(call);
        if !effects.has(Effects::WORK) || effects.has(ACKNOWLEDGES) {
            return false;
        }
        let named = words(self.callee_word(call));
        !named.first().is_some_and(|word| HARMLESS.contains(&word.as_str()))
    }

    /// The work on a message that can run only after this call has acknowledged it.
    pub fn handled_after(&self, ack: Call<'a>) -> Option<Early<'a>> {
        let func = self.enclosing_func(ack.expr)?;
        if self.is_long(func)
            || self.is_deferred(ack.expr)
            || self.is_set_to_run(ack.expr, func)
            || !self.only_acknowledges(ack)
        {
            return None;
        }
        let message = self.message_of(ack, func)?;
        let followed = self.followed(func.node)?;
        if let Some(beside) = self.handled_beside(ack, func, &message, &followed) {
            return Some(beside);
        }
        if let Some(published) = self.published_before(ack, func, &message, &followed) {
            return Some(published);
        }
        if self.is_handled_before(ack, func, &message, &followed) {
            return None;
        }
        let mut start = self.start(&followed, followed.after_call(ack.expr)?);
        if !self.assume_result(&mut start.values, &mut start.state, ack.expr, true) {
            return None;
        }
        let found = self.seek(&followed, &mut start, Next::Stop, &mut |_, _, op| self.meets_work(&message, op))?;
        let op = found.op?;
        let (name, _) = self.named_work(op);
        let mut steps = vec![Step::from((self.span(ack.fun), "the message is acknowledged here".to_owned()))];
        steps.extend(self.branches_of(&followed, &found.path).into_iter().map(Step::from));
        match self.call(op.at).filter(|_| op.kind == OpKind::Call) {
            Some(call) => steps.extend(self.steps_of(call, Effects::WORK, "it is handled here")),
            None => steps.push((self.span(op.at), "it is handed on here".to_owned()).into()),
        }
        Some(Early { name, beside: op.kind == OpKind::Send, sent: op.kind == OpKind::Send, published: false, steps })
    }

    /// The work on what a call fetches.
    pub fn handled_after_fetch(&self, fetch: Call<'a>) -> Option<Early<'a>> {
        let func = self.enclosing_func(fetch.expr)?;
        let message = self.made_of(func, vec![self.first_target(fetch.expr)?]);
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_call(fetch.expr)?);
        if !self.assume_result(&mut start.values, &mut start.state, fetch.expr, true) {
            return None;
        }
        // Its variables get the message right after the call.
        let first = |op: Op| op.kind == OpKind::Write && self.gives_to(fetch.expr, op.at);
        let found = self.seek(&followed, &mut start, Next::Stop, &mut |_, _, op| match first(op) {
            true => Next::Go,
            false => self.meets_work(&message, op),
        })?;
        let op = found.op?;
        let (name, beside) = self.named_work(op);
        let mut steps = vec![Step::from((self.span(fetch.fun), "the message is fetched here".to_owned()))];
        match self.call(op.at).filter(|_| op.kind == OpKind::Call) {
            Some(call) => steps.extend(self.steps_of(call, Effects::WORK, "it is handled here")),
            None => steps.push((self.span(op.at), "it is handed on here".to_owned()).into()),
        }
        Some(Early { name, beside, sent: op.kind == OpKind::Send, published: false, steps })
    }

    /// Whether a setting says that a call is made here: `if cfg.CommitFirst { … }`.
    fn is_set_to_run(&self, call: ExprId, func: Func) -> bool {
        let is_setting = |cond: ExprId| {
            let of = match self.expr(self.unparen(cond)) {
                Expr::Unary { op: UnaryOp::Not, operand } => self.unparen(operand),
                _ => self.unparen(cond),
            };
            matches!(self.expr(of), Expr::Selector { .. }) && self.ty(of) == TypeId::from(Basic::Bool)
        };
        let mut around = self.tree.ancestors(call).take_while(|&node| node != func.node);
        around.any(
            |node| matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::If { cond, .. } if is_setting(cond))),
        )
    }

    /// Whether the results of a call are assigned to a target.
    fn gives_to(&self, call: ExprId, target: ExprId) -> bool {
        self.assignment_of(call).is_some_and(|(targets, ..)| targets.contains(&target))
    }

    fn meets_work(&self, message: &Message, op: Op) -> Next {
        match op.kind {
            OpKind::Call if self.effects(op.at).has(Effects::FETCH) => Next::Stop,
            OpKind::Call | OpKind::Go if message.is_given_to(op.at) && self.handles(op.at) => Next::Found,
            OpKind::Send if message.is_given_to(op.at) => Next::Found,
            _ if message.is_replaced_by(self, op) => Next::Stop,
            _ => Next::Go,
        }
    }

    /// What handles a message, in short, and whether that runs beside.
    fn named_work(&self, op: Op) -> (&'a str, bool) {
        match op.kind {
            OpKind::Send => (self.source(op.at), true),
            kind => (self.callee_text(op.at), kind == OpKind::Go),
        }
    }

    /// The goroutine, or the receiver of a channel, that gets a message before it is acknowledged, while nobody waits for that.
    fn handled_beside(&self, ack: Call<'a>, func: Func, message: &Message, followed: &Followed) -> Option<Early<'a>> {
        let before = |op: &Op| self.span(op.at).start < self.span(ack.expr).start;
        let starts =
            followed.ops().filter(|(_, op)| matches!(op.kind, OpKind::Go | OpKind::Send)).filter(|(_, op)| before(op));
        let given = starts.filter(|(_, op)| message.is_given_to(op.at));
        let works = given.filter(|(_, op)| op.kind == OpKind::Send || self.handles(op.at)).take(4);
        for (at, op) in works {
            // What is told when the work is done comes back over a channel, or through a group.
            let told = op.kind == OpKind::Go && self.is_waited_for(func, op.at);
            let mut start = self.start(followed, Point { op: at.op + 1, ..at });
            let found = self.seek(followed, &mut start, Next::Stop, &mut |_, _, next| match next.kind {
                OpKind::Call if next.at == ack.expr => Next::Found,
                OpKind::Call if self.callee_word(next.at) == "Wait" => Next::Stop,
                OpKind::Recv => Next::Stop,
                _ if message.is_replaced_by(self, next) => Next::Stop,
                _ => Next::Go,
            });
            if told || found.is_none() {
                continue;
            }
            let (name, _) = self.named_work(op);
            let steps = vec![
                Step::from((
                    self.span(op.at),
                    "the message is handed on here, and nobody waits for the outcome".to_owned(),
                )),
                Step::from((self.span(ack.fun), "it is acknowledged here".to_owned())),
            ];
            return Some(Early { name, beside: true, sent: op.kind == OpKind::Send, published: false, steps });
        }
        None
    }

    /// Whether a function waits somewhere for what a goroutine is started with.
    fn is_waited_for(&self, func: Func, start: ExprId) -> bool {
        let waits = |node: &Node| matches!(node, Node::Expr(call) if self.callee_word(*call) == "Wait");
        let calls = self.calls_within(func.body, false);
        let last = self.span(start).end;
        self.enclosing_loop(start).is_none()
            && calls.iter().any(|node| waits(node) && self.tree.span(*node).start > last)
    }

    /// Whether something handles the message before it is acknowledged.
    fn is_handled_before(&self, ack: Call<'a>, func: Func, message: &Message, followed: &Followed) -> bool {
        const MOST: usize = 6;
        let calls = self.calls_within(func.body, true);
        let at = self.span(ack.expr).start;
        let before = calls.iter().take_while(|node| self.tree.span(**node).start < at);
        let works = before.filter_map(|&node| match node {
            Node::Expr(call) if call != ack.expr && message.is_given_to(call) && self.handles(call) => Some(call),
            _ => None,
        });
        works
            .take(MOST)
            .enumerate()
            .any(|(nth, work)| nth + 1 == MOST || self.leads_to_ack(work, ack, message, followed))
    }

    /// Whether a turn of a `range` gives this variable its value.
    fn is_of_range(&self, target: ExprId) -> bool {
        matches!(self.tree.parent(target), Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Range { .. }))
    }

    /// Whether a path leads from work on a message to its acknowledgement.
    pub(super) fn leads_to_ack(&self, work: ExprId, ack: Call<'a>, message: &Message, followed: &Followed) -> bool {
        let Some(after) = followed.after_call(work) else { return true };
        let mut start = self.start(followed, after);
        let found = self.seek(followed, &mut start, Next::Stop, &mut |_, _, op| match op.kind {
            OpKind::Call if op.at == ack.expr => Next::Found,
            OpKind::Call if self.effects(op.at).has(Effects::FETCH) => Next::Stop,
            OpKind::Recv => Next::Stop,
            // What is taken out of a message is no other message.
            OpKind::Write if message.is_replaced_by(self, op) && self.is_of_range(op.at) => Next::Stop,
            _ => Next::Go,
        });
        found.is_some() || followed.is_spent()
    }

    /// Work on a message that fails, and after which this call acknowledges it nevertheless: `cumulative` where the acknowledgement of a
    /// later message covers it, too.
    pub fn skipped_by(&self, ack: Call<'a>, cumulative: bool) -> Option<Skipped<'a>> {
        let inner = self.enclosing_func(ack.expr)?;
        let deferred = self.always_deferred(ack.expr, inner);
        let func = deferred.map_or(Some(inner), |defer| self.enclosing_func(defer))?;
        // What is given the error decides by itself.
        let is_told = ack.args.iter().any(|&arg| self.ty(arg) == TypeId::ERROR);
        if self.is_long(func) || is_told || !self.only_acknowledges(ack) || self.effects(ack.expr).has(Effects::NACK) {
            return None;
        }
        let message = self.message_of(ack, func)?;
        // In a loop of its own, something else says which messages have been handled.
        let looping = self.enclosing_loop(ack.expr);
        let is_around = |call: &Call<'a>| match (looping, self.enclosing_loop(call.expr)) {
            (Some(around), inner) => {
                inner == Some(around) || inner.is_some_and(|inner| self.span(around).contains(self.span(inner)))
            }
            (None, _) => true,
        };
        let begins = deferred.map_or(0, |defer| self.tree.span(defer).end);
        let counts = |call: &Call<'a>| is_around(call) && self.span(call.expr).start >= begins;
        self.skipped_in(func, Some(ack), (&message, cumulative, deferred.is_some()), &counts)
    }

    /// Work on what a call has fetched that fails, and after which the same call fetches more.
    pub fn fetched_after_failure(&self, fetch: Call<'a>) -> Option<Skipped<'a>> {
        let func = self.enclosing_func(fetch.expr).filter(|&func| !self.is_long(func))?;
        let message = self.made_of(func, vec![self.first_target(fetch.expr)?]);
        self.skipped_in(func, Some(fetch), (&message, false, false), &|call| self.returns_error(call.expr))
    }

    /// The first work on a message in a function, of that which `counts`, that fails and after which this call is made nevertheless;
    /// without a call, the function ends.
    fn skipped_in(
        &self,
        func: Func,
        then: Option<Call<'a>>,
        (message, cumulative, deferred): (&Message, bool, bool),
        counts: &dyn Fn(&Call<'a>) -> bool,
    ) -> Option<Skipped<'a>> {
        const MOST: usize = 6;
        let followed = self.followed(func.node)?;
        let calls = self.calls_within(func.body, false);
        let works = calls.iter().filter_map(|&node| match node {
            Node::Expr(call) => self.call(call).or_else(|| self.call_of_value(call)),
            _ => None,
        });
        let fails = |call: &Call<'a>| {
            counts(call)
                && message.is_given_to(call.expr)
                && (self.returns_error(call.expr) || self.swallowed(*call).is_some())
                && self.handles(call.expr)
                && !self.puts_aside(call.expr)
        };
        let message = (message, cumulative, deferred);
        works.filter(fails).take(MOST).find_map(|work| self.skipped_after(work, then, message, &followed))
    }

    /// Where a function of the package that gives no result handles something, and goes on as if it had not failed.
    fn swallowed(&self, call: Call<'a>) -> Option<(FuncName, ExprId)> {
        let gives_nothing = self.results(call.expr).is_some_and(|results| results.is_empty());
        gives_nothing.then(|| self.find_within(call, swallows, 0))?
    }

    /// The `defer` in the body of a function that makes this call whatever happens: by itself, or as a statement of a literal.
    fn always_deferred(&self, call: ExprId, func: Func) -> Option<Node> {
        let defer = self.enclosing_defer(call)?;
        let outer = self.enclosing_func(defer)?;
        let in_list = |node: Node, func: Func| {
            let stmt = match node {
                Node::Stmt(stmt) => Some(stmt),
                _ => self.enclosing_stmt(node),
            };
            stmt.is_some_and(|stmt| self.tree.place(self.list_of(func.body.into()), stmt).is_some())
        };
        let asks =
            func.node != outer.node && (self.returned(func.body).next().is_some() || !in_list(Node::Expr(call), func));
        (in_list(defer, outer) && !asks).then_some(defer)
    }

    fn skipped_after(
        &self,
        work: Call<'a>,
        then: Option<Call<'a>>,
        (message, cumulative, deferred): (&Message, bool, bool),
        followed: &Followed,
    ) -> Option<Skipped<'a>> {
        let mut start = self.start(followed, followed.after_call(work.expr)?);
        if !self.assume_result(&mut start.values, &mut start.state, work.expr, false) {
            return None;
        }
        let ack = then.map(|then| then.expr);
        let mut watch = Failed { cx: self, work, ack, message, cumulative, deferred, later: false };
        let found = self.follow(followed, &mut start, &mut watch)?;
        let later = watch.later;
        let swallowed = self.swallowed(work);
        let mut steps = match swallowed.clone() {
            Some((within, at)) => vec![Step::within(within, at, "if this fails")],
            None => self.steps_of(work, Effects::WORK, "if this fails"),
        };
        steps.extend(self.branches_of(followed, &found.path).into_iter().take(5).map(Step::from));
        let says = |then: &Call<'_>| match self.effects(then.expr).has(ACKNOWLEDGES) {
            _ if later => "a later message is acknowledged here, and this one with it",
            true => "the message is acknowledged here",
            false => "the next ones are fetched here",
        };
        steps.extend(then.map(|then| Step::from((self.span(then.fun), says(&then).to_owned()))));
        Some(Skipped { work, later, swallowed: swallowed.is_some(), steps })
    }

    /// The call of a function value, as if it were one of a function.
    fn call_of_value(&self, call: ExprId) -> Option<Call<'a>> {
        let Expr::Call { fun, args, .. } = self.expr(self.unparen(call)) else { return None };
        let name = crate::objects::name_of(self.tree, fun);
        let callee = crate::Object { path: "", recv: None, name: self.source(name) };
        Some(Call { expr: call, fun, name, receiver: None, callee, args: self.exprs(args) })
    }

    /// Adds that a call has succeeded, or that it has failed; false where it cannot.
    pub fn assume_result(&self, values: &mut Values<'_>, state: &mut State, call: ExprId, success: bool) -> bool {
        let Some(results) = self.results(call).filter(|results| results.last() == Some(&TypeId::ERROR)) else {
            return true;
        };
        let error = values.made(call, results.len() - 1);
        let test = values.test(error, Val::NIL, success);
        state.assume(test, true, values)
    }

    /// Whether the name of what is called says that it puts a message aside that could not be handled, or stops the consumer.
    fn puts_aside(&self, call: ExprId) -> bool {
        const WORDS: &[&str] = &[
            "abort",
            "bury",
            "cancel",
            "close",
            "dead",
            "deadletter",
            "dlq",
            "dlt",
            "fail",
            "failed",
            "failure",
            "fatal",
            "nack",
            "nak",
            "parking",
            "park",
            "pause",
            "poison",
            "quarantine",
            "reject",
            "reprocess",
            "requeue",
            "reset",
            "retry",
            "rewind",
            "seek",
            "shutdown",
            "skip",
            "stop",
            "term",
        ];
        let aside = |text: &str| words(text).iter().any(|word| WORDS.contains(&word.as_str()));
        // To go back to an offset has the message delivered again.
        self.callee_text(call).split('.').any(aside) || matches!(self.callee_word(call), "SetOffset" | "SetOffsets")
    }
}

/// The work on what a function is given that can fail, after which the function ends as if it had not.
fn swallows(cx: &Cx<'_>, decl: DeclId, _: usize) -> Option<ExprId> {
    let func = cx.as_func(Node::Decl(decl)).filter(|&func| !cx.is_long(func))?;
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return None };
    let given = cx.params(params).into_iter().filter_map(|(name, _)| name);
    let message = cx.made_of(func, given.filter(|&name| !cx.has_type(name, &["context.Context"])).collect());
    let skipped = cx.skipped_in(func, None, (&message, false, true), &|work| cx.only_reports_failure(work.expr))?;
    Some(skipped.work.expr)
}

/// Watches for the acknowledgement of a message of which the handling has failed.
struct Failed<'c, 'a> {
    cx: &'c Cx<'a>,
    work: Call<'a>,
    ack: Option<ExprId>,
    message: &'c Message,
    cumulative: bool,
    /// Whether the function acknowledges it when it is left.
    deferred: bool,
    later: bool,
}

impl Watch for Failed<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        const LATER: u32 = 1;
        let cx = self.cx;
        if matches!(op.kind, OpKind::Call) && Some(op.at) == self.ack {
            self.later = state.count == LATER;
            return Next::Found;
        }
        if self.message.is_replaced_by(cx, op)
            || matches!(op.kind, OpKind::Call) && cx.effects(op.at).has(Effects::FETCH)
        {
            state.count = LATER;
            return if self.cumulative { Next::Go } else { Next::Stop };
        }
        match op.kind {
            OpKind::Call | OpKind::Go | OpKind::Defer if op.at == self.work.expr => {
                if state.count == LATER {
                    Next::Go
                } else {
                    Next::Stop
                }
            }
            OpKind::Call | OpKind::Go if state.count != LATER && self.settles(op.at) => Next::Stop,
            OpKind::Send if self.message.is_given_to(op.at) => Next::Stop,
            _ => Next::Go,
        }
    }

    /// Who asks what kind of error it is has decided what becomes of the message.
    fn takes(&mut self, _: &mut Values<'_>, state: &State, ending: Ending, when: When) -> Next {
        match ending {
            Ending::If(cond) if state.count == 0 && self.decides(cond, when) => Next::Stop,
            Ending::Switch(_) | Ending::Case(_) if state.count == 0 => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        if self.deferred { Next::Found } else { Next::Stop }
    }
}

impl Failed<'_, '_> {
    /// Whether a call puts the message elsewhere, or stops the consumer.
    fn settles(&self, call: ExprId) -> bool {
        let effects = self.cx.effects(call);
        let stored = self.message.is_given_to(call) && effects.has(Effects::WORK);
        stored || effects.has(Effects::NACK) || self.cx.puts_aside(call)
    }

    fn decides(&self, cond: ExprId, when: When) -> bool {
        let cx = self.cx;
        let cond = cx.unparen(cond);
        let is_error = |expr: ExprId| cx.ty(expr) == TypeId::ERROR;
        match cx.expr(cond) {
            Expr::Call { args, .. } => {
                let known = cx.call(cond).is_some_and(|call| call.callee.path == "errors");
                cx.exprs(args).iter().any(|&arg| is_error(arg)) && (!known || when == When::True)
            }
            Expr::Binary { op: BinaryOp::Equal, lhs, rhs } => {
                is_error(lhs) && !cx.is_builtin(rhs, "nil") && when == When::True
            }
            // A flag or a counter of whoever wrote this tells these errors apart.
            Expr::Ident => cx.ty(cond) == TypeId::from(Basic::Bool) && when == When::True,
            _ => false,
        }
    }
}

/// Watches for a call that is made again at once.
struct Repeated<'c, 'a> {
    cx: &'c Cx<'a>,
    call: Call<'a>,
}

impl Watch for Repeated<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Call if op.at == self.call.expr => Next::Found,
            // What it is given is made anew.
            OpKind::Call if self.cx.span(self.call.expr).contains(self.cx.span(op.at)) => Next::Go,
            OpKind::Call if self.cx.is_report(op.at) || self.ends_loop(op.at) => Next::Go,
            OpKind::Call | OpKind::Recv | OpKind::Send | OpKind::Go => Next::Stop,
            _ => Next::Go,
        }
    }

    /// A branch by anything but whether there is an error may be a way to end the loop.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, _: When) -> Next {
        let cx = self.cx;
        let is_nil_test = |cond: ExprId| match cx.expr(cx.unparen(cond)) {
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                let is_result =
                    || cx.first_target(self.call.expr).is_some_and(|result| cx.def(lhs) == Def::Local(result));
                cx.is_builtin(rhs, "nil") && (cx.ty(lhs) == TypeId::ERROR || is_result())
            }
            Expr::Ident => cx.source(cond) == "true",
            _ => false,
        };
        match ending {
            Ending::If(cond) if is_nil_test(cond) => Next::Go,
            Ending::If(_) | Ending::Case(_) | Ending::Switch(_) | Ending::Select(_) | Ending::Range(_) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

impl Repeated<'_, '_> {
    /// Whether a call is how the loop asks for its end: `for ctx.Err() == nil`. A call that fails for another reason is made again.
    fn ends_loop(&self, call: ExprId) -> bool {
        let looping = self.cx.loop_while(call);
        looping.is_some() && looping == self.cx.enclosing_loop(self.call.expr) && self.cx.asks_for_context(call)
    }
}

impl Cx<'_> {
    /// Whether the error of a call is asked for, and otherwise only reported.
    fn only_reports_failure(&self, call: ExprId) -> bool {
        let Some((targets, ..)) = self.assignment_of(call) else { return false };
        let Some(Def::Local(error)) = targets.last().map(|&last| self.def(last)) else { return false };
        let is_harmless = |used: ExprId| {
            let Some(stmt) = self.enclosing_stmt(used) else { return false };
            let around = self.tree.ancestors(used).take_while(|&node| node != Node::Stmt(stmt));
            let mut calls = around.filter_map(|node| match node {
                Node::Expr(id) if matches!(self.expr(id), Expr::Call { .. }) => Some(id),
                _ => None,
            });
            match self.stmt(stmt) {
                Stmt::Assign { .. } => self.is_target(used),
                Stmt::Expr(_) | Stmt::If { .. } => calls.all(|call| self.is_report(call)),
                _ => false,
            }
        };
        self.names.uses(error).take(32).all(is_harmless)
    }

    /// Whether a call only logs, counts or makes text.
    pub(super) fn is_report(&self, call: ExprId) -> bool {
        const REPORTS: &[&str] = &[
            "debug", "debugf", "error", "errorf", "errorw", "err", "inc", "info", "infof", "infow", "log", "logf",
            "msg", "msgf", "print", "printf", "println", "string", "str", "warn", "warnf", "warning", "warnw", "with",
        ];
        let name = self.callee_word(call);
        let named = words(name);
        // `ctx.Err()` and `zerolog`'s `Err(err)` differ by the argument.
        let asks = self.method_call(call).is_some_and(|(_, name, args)| name == "Err" && args.is_empty());
        !asks && named.first().is_some_and(|word| REPORTS.contains(&word.as_str()))
    }
}
