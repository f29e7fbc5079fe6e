//! Methods that come in pairs: `Lock` and `Unlock`, `Acquire` and `Release`, `Start` and `Wait`.
//!
//! What is held between the two is the value that the first is called on, `s.mu` in `s.mu.Lock()`. It is followed from that call on,
//! along the paths on which the call succeeded, until the second is called, or somebody else is to call it: a closure, a
//! function that gets the value, or the caller, who gets what holds it.

use gopeer_flow::{Ending, Found, Next, Op, OpKind, Root, State, Symbol, Use, Val, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_sema::types::TypeId;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId, Node, StmtId};

use crate::summary::{Answer, What};
use crate::{Call, Cx, Followed, Func, words};

/// A pair of methods.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The second methods, also of fields: `Unlock`, `Process.Wait`.
    pub ends: &'static [&'static str],
    /// What the name of a function says that calls it: `unlock`.
    pub verb: &'static str,
    /// What a step says of the value after the first: `is locked`.
    pub begun: &'static str,
    /// What the last step says of it: `is still locked`.
    pub left: &'static str,
    /// What the first answers, if it answers a `bool`, where the second is due.
    pub answers: bool,
    /// Whether a function of which no path calls the second is none that forgets it.
    pub disagree: bool,
    /// Whether the second matters only on paths on which the function succeeds.
    pub on_success: bool,
}

impl Pair {
    /// Methods of which each call of the first needs one of the second.
    pub const fn new(
        ends: &'static [&'static str],
        verb: &'static str,
        (begun, left): (&'static str, &'static str),
    ) -> Pair {
        Pair { ends, verb, begun, left, answers: true, disagree: false, on_success: false }
    }
}

/// That the second of two methods is not called on some path.
pub struct Unpaired {
    /// The path, step by step.
    pub steps: Vec<(Span, String)>,
    /// The `return` by which the function is left; none where its end is, or where the value is lost.
    pub at: Option<StmtId>,
    /// Whether no path calls it.
    pub never: bool,
    /// Whether the function certainly gives an error there.
    pub fails: bool,
}

impl<'a> Cx<'a> {
    /// The shortest path on which the second method of a pair is not called after a call of the first.
    pub fn unpaired(&self, first: Call<'a>, pair: Pair) -> Option<Unpaired> {
        let base = first.receiver?;
        let func = self.enclosing_func(first.expr)?;
        if self.ends_with_process(func) || self.is_deferred_before(func.body, base, pair, first.expr) {
            return None;
        }
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_call(first.expr)?);
        // What is found by its spelling only, as `locks[i]`, is no value that can be lost.
        let subject = if self.root(base).is_some() { Some(start.pin(self, base)?) } else { None };
        let given = start.values.made(first.expr, 0);
        let succeeded = match self.results(first.expr).unwrap_or_default()[..] {
            [TypeId::ERROR] => start.assume(given, Val::NIL, true),
            [_] => start.assume(given, if pair.answers { Val::TRUE } else { Val::FALSE }, true),
            _ => true,
        };
        // A pointer to a lock that was followed is not nil.
        if !succeeded || subject.is_some_and(|subject| !start.assume(subject, Val::NIL, false)) {
            return None;
        }
        // What the second is called on is there.
        let fields = pair.ends.iter().filter_map(|end| end.split_once('.'));
        for (of, (field, _)) in subject.into_iter().flat_map(|subject| fields.clone().map(move |end| (subject, end))) {
            let field = start.values.intern(Symbol::Field(of, field.into()));
            if !start.assume(field, Val::NIL, false) {
                return None;
            }
        }
        start.state.steady = true;
        start.state.subject = subject;
        let mut watch = Paired { cx: self, func, base, pair, seeks_end: true, handed: false, fails: false };
        let ends = self.follow(&followed, &mut start, &mut watch).is_some();
        if !ends && (pair.disagree || watch.handed) {
            return None;
        }
        let mut watch = Paired { seeks_end: false, ..watch };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let at = match found.path.ending {
            Ending::Return(at) if found.op.is_none() => at,
            _ => None,
        };
        let steps = self.unpaired_steps(&followed, &found, (base, first), pair);
        Some(Unpaired { steps, at, never: !ends, fails: watch.fails })
    }

    /// The shortest path on which nobody asks for the error of an iterator after a loop, `for rows.Next() { … }`, that ends where
    /// `next` gives false, and on which the function succeeds. `begun` is what a step says of the iterator then.
    pub fn unasked(&self, next: Call<'a>, begun: &'static str) -> Option<Unpaired> {
        let asks = Pair::new(&["Err"], "err", (begun, "was not asked for its error"));
        let iterator = next.receiver?;
        if self.is_called_in_closure(iterator, "Err") || self.is_given_to_literal(iterator) {
            return None;
        }
        self.unpaired(next, Pair { answers: false, on_success: true, ..asks })
    }

    /// Whether a local is a parameter of a function literal: whoever calls that has the iterator, and may ask it.
    fn is_given_to_literal(&self, local: ExprId) -> bool {
        let Def::Local(declared) = self.def(local) else { return false };
        let literal = self.enclosing_func(declared).map(|func| func.node);
        matches!(literal, Some(Node::Expr(literal)) if self.param_of_literal(literal, declared).is_some())
    }

    /// Whether a closure calls a method of what a local of the function around it holds: `defer func() { err = rows.Err() }()`.
    fn is_called_in_closure(&self, local: ExprId, method: &str) -> bool {
        let Def::Local(declared) = self.def(local) else { return false };
        let own = self.enclosing_func(local).map(|func| func.node);
        self.names.uses(declared).take(256).any(|used| {
            let Some(Node::Expr(selector)) = self.tree.parent(used) else { return false };
            matches!(self.expr(selector), Expr::Selector { name, .. } if self.source(name) == method)
                && self.enclosing_func(used).map(|func| func.node) != own
        })
    }

    /// The variable that an expression names, or names a field of.
    pub fn root(&self, expr: ExprId) -> Option<ExprId> {
        let mut expr = self.unparen(expr);
        while let Expr::Selector { base, .. } = self.expr(expr) {
            expr = self.unparen(base);
        }
        (self.expr(expr) == Expr::Ident).then_some(expr)
    }

    /// Whether a call deferred earlier ends what the first begins: it was interrupted for a while.
    fn is_deferred_before(&self, body: StmtId, base: ExprId, pair: Pair, first: ExprId) -> bool {
        let start = self.span(first).start;
        let deferred = self.defers(body);
        let mut before = deferred.iter().take(64).take_while(|&&node| self.span(node).start < start);
        before.any(|&node| self.ends_inside(node, base, pair))
    }

    /// Whether a subtree calls the second method of what is spelled like this.
    fn ends_inside(&self, node: Node, base: ExprId, pair: Pair) -> bool {
        self.any(node, true, |node| match node {
            Node::Expr(call) => self.end_called(call, pair).is_some_and(|of| self.same_text(of, base)),
            _ => false,
        })
    }

    /// What the second method of a pair is called on by a call, if it is one of it.
    fn end_called(&self, call: ExprId, pair: Pair) -> Option<ExprId> {
        let (mut base, name, _) = self.method_call(call)?;
        let is_end = |end: &&&str| end.rsplit('.').next() == Some(name);
        let end = pair.ends.iter().find(is_end)?;
        for field in end.rsplit('.').skip(1) {
            let Expr::Selector { base: inner, name } = self.expr(self.unparen(base)) else { return None };
            if self.source(name) != field {
                return None;
            }
            base = inner;
        }
        Some(self.unparen(base))
    }

    fn unpaired_steps(
        &self,
        followed: &Followed,
        found: &Found,
        (base, first): (ExprId, Call<'_>),
        pair: Pair,
    ) -> Vec<(Span, String)> {
        let (name, left) = (self.source(base), pair.left);
        let mut steps = vec![(self.span(first.fun), format!("`{name}` {} here", pair.begun))];
        let met = |op: &Op| {
            matches!(op.kind, OpKind::Call | OpKind::Defer)
                && self.end_called(op.at, pair).is_some_and(|of| self.same_text(of, base))
        };
        match found.op {
            Some(op) => {
                steps.extend(self.branches(followed, &found.path, met));
                let lost = self.source(op.at);
                steps.push((self.span(op.at), format!("`{lost}` becomes another here, and the first {left}")));
            }
            None => {
                let leaves = format!("the function returns here, and `{name}` {left}");
                steps.extend(self.steps(followed, &found.path, met, leaves));
            }
        }
        steps
    }
}

/// Watches for the second method of a pair.
struct Paired<'c, 'a> {
    cx: &'c Cx<'a>,
    func: Func,
    /// What the first method is called on.
    base: ExprId,
    pair: Pair,
    /// Whether the second method is looked for, and not a way around it.
    seeks_end: bool,
    /// Whether somebody else may call it on some path.
    handed: bool,
    /// Whether the function gives an error on the path that is found.
    fails: bool,
}

impl Watch for Paired<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Call | OpKind::Defer | OpKind::Go => match self.cx.end_called(op.at, self.pair) {
                Some(of) if self.is_subject(values, state, of) => self.ended(),
                None if self.calls_closure_that_ends(op.at) => self.hand_on(),
                _ => Next::Go,
            },
            OpKind::Make if self.ends_in_closure(op.at) => self.hand_on(),
            OpKind::Read => self.read(values, state, op.at),
            _ => Next::Go,
        }
    }

    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        match self.pair.on_success && self.cx.branch_fails(self.func, ending, when) {
            true => Next::Stop,
            false => Next::Go,
        }
    }

    fn lost(&mut self, _: Op) -> Next {
        if self.seeks_end { Next::Stop } else { Next::Found }
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next {
        let due = !self.pair.on_success || self.cx.succeeds(self.func, values, state, at);
        if !due || self.seeks_end {
            return Next::Stop;
        }
        self.fails = self.cx.fails(self.func, values, state, at);
        Next::Found
    }
}

impl Paired<'_, '_> {
    fn ended(&self) -> Next {
        if self.seeks_end { Next::Found } else { Next::Stop }
    }

    /// Whether a closure mentions what is held and calls the second method.
    fn ends_in_closure(&self, closure: ExprId) -> bool {
        let cx = self.cx;
        let mentions = match cx.root(self.base).map(|root| cx.def(root)) {
            Some(Def::Local(declared)) => cx.shared().mentions(closure, Root(declared)),
            _ => true,
        };
        let ends = |node| matches!(node, Node::Expr(call) if cx.end_called(call, self.pair).is_some());
        mentions && cx.any(closure, true, ends)
    }

    /// Whether a call is one of a local that holds such a closure, `reject := func(err error) error { mu.Unlock(); return err }`.
    fn calls_closure_that_ends(&self, call: ExprId) -> bool {
        let Expr::Call { fun, .. } = self.cx.expr(call) else { return false };
        let held = self.cx.initial_value(self.cx.unparen(fun));
        held.is_some_and(|held| matches!(self.cx.expr(held), Expr::FuncLit { .. }) && self.ends_in_closure(held))
    }

    fn hand_on(&mut self) -> Next {
        self.handed = true;
        Next::Stop
    }

    /// A variable of a package, and one whose address others have, is the same place whatever it holds.
    fn is_subject(&self, values: &mut Values<'_>, state: &State, expr: ExprId) -> bool {
        Some(values.eval(expr, state)) == state.subject || self.cx.same_text(expr, self.base)
    }

    /// A variable is mentioned: does somebody else get what is held?
    fn read(&mut self, values: &mut Values<'_>, state: &State, ident: ExprId) -> Next {
        let mut expr = ident;
        loop {
            let itself = self.is_subject(values, state, expr);
            let val = values.eval(expr, state);
            if !itself && !state.holding(values).contains(&val) {
                return Next::Go;
            }
            // The caller of a method has its receiver anyway, but what was made here it gets from here.
            let made = self.cx.func_of_local(ident).is_some();
            match values.input.use_of(expr) {
                Use::Field(selector) => expr = selector,
                Use::Assigned(target) if itself || made => {
                    let local = matches!(self.cx.def(target), Def::Local(_));
                    return if local { Next::Go } else { self.hand_on() };
                }
                Use::Kept | Use::Returned(_) | Use::Converted(_) if itself || made => return self.hand_on(),
                Use::Argument { call, .. } if itself => return self.given(call),
                Use::Argument { call, .. } | Use::Method { call, .. } if self.may_end(call) => return self.hand_on(),
                _ => return Next::Go,
            }
        }
    }

    fn given(&mut self, call: ExprId) -> Next {
        let prints = self.cx.callee(call).is_some_and(|callee| ["fmt", "log", "log/slog"].contains(&callee.path));
        if prints { Next::Go } else { self.hand_on() }
    }

    /// Whether what is called calls the second method, by its body or by its name: `unlockAndNotify`.
    fn may_end(&self, call: ExprId) -> bool {
        let Expr::Call { fun, .. } = self.cx.expr(call) else { return false };
        if self.cx.end_called(call, self.pair).is_some() {
            return false;
        }
        let name = self.cx.source(fun).rsplit('.').next().unwrap_or_default();
        words(name).iter().any(|word| word == self.pair.verb) || self.ends_by_body(call)
    }

    fn ends_by_body(&self, call: ExprId) -> bool {
        // The lock of what embeds one has no name of its own.
        let held = match self.cx.expr(self.base) {
            Expr::Selector { name, .. } => self.cx.source(name),
            _ => "",
        };
        let calls = |end: &&str| {
            let method = end.rsplit('.').next().unwrap_or_default();
            let calls = What::CallsOn { method: method.into(), of: held.into(), never: None };
            self.cx.ask(call, calls) == Some(Answer::Is(true))
        };
        self.pair.ends.iter().any(calls)
    }
}
