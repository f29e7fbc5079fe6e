//! Watching a resource on the paths of a function.

use std::collections::HashSet;

use gopeer_flow::{Ending, Next, Op, OpKind, Root, State, Use, Val, Values, Watch, When, is_deferred};
use gopeer_sema::Def;
use gopeer_sema::types::{Basic, Lookup, PkgId, Type, TypeId};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::Release;
use crate::summary::{Answer, Given, What};
use crate::{Call, Cx, Func};

/// What is asked about a resource.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asks {
    /// Whether this function itself releases it nowhere.
    pub(super) alone: bool,
    /// Whether to go all ways, or to the first on which it is not released.
    pub(super) all: bool,
    /// Whether the question is what the caller gets: what is returned is looked at where the function is left.
    pub(super) returns: bool,
    /// Whether only paths matter on which the function succeeds.
    pub(super) successful: bool,
    /// Whether what is followed is the body of a deferred closure, which runs where the function is left.
    pub(super) deferred: bool,
}

/// What was seen of it on the paths.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// The call that gets it and releases it on some path only.
    pub(super) through: Option<ExprId>,
    /// Whether the caller gets it, on some path, before it is released.
    pub(super) returned: bool,
    /// Whether some path releases it.
    pub(super) released: bool,
    /// Whether somebody else has it on some path.
    pub(super) moved: bool,
    /// Whether some path leaves it as it is.
    pub(super) leaked: bool,
    /// Whether its variable gets another value.
    pub(super) overwritten: bool,
    /// The deferred closure that has it and leaves it as it is where the body is left.
    pub(super) idle: Option<ExprId>,
}

/// Watches a resource until it is released or somebody else has it.
pub(super) struct Watching<'c, 'a> {
    cx: &'c Cx<'a>,
    release: &'c Release,
    func: Func,
    asks: Asks,
    pub(super) seen: Seen,
    /// The calls that do something with it and may fail.
    tried: Vec<ExprId>,
    /// The branches that are taken where one of them has failed.
    failed: HashSet<(ExprId, When)>,
    /// The calls that make something of it which needs it.
    lent: Vec<ExprId>,
    /// The deferred closures that have it. Which of them a path has deferred, `State::count` says by its bits.
    deferred: Vec<ExprId>,
}

/// How many calls that use a resource are remembered: most functions have a few.
const MOST_TRIED: usize = 16;

impl<'c, 'a> Watching<'c, 'a> {
    pub(super) fn new(cx: &'c Cx<'a>, release: &'c Release, func: Func, asks: Asks) -> Watching<'c, 'a> {
        let (seen, tried, failed, lent, deferred) = Default::default();
        Watching { cx, release, func, asks, seen, tried, failed, lent, deferred }
    }

    /// Whether a branch is taken where something that was done with the resource has failed.
    pub(super) fn has_failed(&self, ending: Ending, when: When) -> bool {
        matches!(ending, Ending::If(cond) if self.failed.contains(&(cond, when)))
    }
}

fn is_kept(used: Use) -> bool {
    matches!(used, Use::Returned(_) | Use::Kept)
}

impl Watch for Watching<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let before = self.seen.released;
        let next = match op.kind {
            OpKind::Read if self.keeps_lent(values, state, op.at) => Next::Stop,
            OpKind::Read | OpKind::Addr => self.read(values, state, op.at),
            OpKind::Make => self.captured(values, state, op.at),
            _ => Next::Go,
        };
        self.seen.moved |= next == Next::Stop && (before || !self.seen.released);
        next
    }

    fn takes(&mut self, values: &mut Values<'_>, state: &State, ending: Ending, when: When) -> Next {
        if self.asks.successful && self.cx.branch_fails(self.func, ending, when) {
            return Next::Stop;
        }
        if self.has_no_body(values, state, ending, when) || self.learns_of_failure(values, state, ending, when) {
            return Next::Stop;
        }
        let (Ending::If(cond), When::False, Some(ends)) = (ending, when, &self.release.ends) else { return Next::Go };
        match self.cx.method_call(cond) {
            Some((base, name, _)) if name == &**ends && Some(values.eval(base, state)) == state.subject => {
                self.seen.released = true;
                Next::Stop
            }
            _ => Next::Go,
        }
    }

    fn after(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) {
        // No path is one of a panic.
        if op.kind == OpKind::Call
            && self.asks.deferred
            && matches!(self.cx.expr(op.at), Expr::Call { fun, .. } if self.cx.is_builtin(fun, "recover"))
        {
            let recovered = values.made(op.at, 0);
            let none = values.test(recovered, Val::NIL, true);
            let _ = state.assume(none, true, values);
        }
    }

    fn lost(&mut self, _: Op) -> Next {
        // A closure that has the variable releases what it holds in the end.
        if !self.deferred.is_empty() {
            return Next::Stop;
        }
        self.seen.overwritten = true;
        self.leaks()
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next {
        if self.asks.successful && !self.cx.succeeds(self.func, values, state, at) {
            return Next::Stop;
        }
        if self.asks.returns {
            let results = match at.map(|at| self.cx.stmt(at)) {
                Some(Stmt::Return(results)) => self.cx.exprs(results),
                _ => &[],
            };
            let subject = state.holding(values);
            self.seen.returned |= results.iter().any(|&result| subject.contains(&values.eval(result, state)));
            return Next::Stop;
        }
        // A bare return gives the named results, and a deferred call sees them.
        let given = self.cx.results_of(self.func).into_iter().filter_map(|(name, _)| state.get(Root(name?)));
        let subject = state.holding(values);
        if given.into_iter().any(|val| subject.contains(&val)) {
            self.seen.moved = true;
            return Next::Stop;
        }
        if self.is_settled_by_deferred(values, state, at) { Next::Stop } else { self.leaks() }
    }
}

impl Watching<'_, '_> {
    fn leaks(&mut self) -> Next {
        self.seen.leaked = true;
        if self.asks.all { Next::Stop } else { Next::Found }
    }

    /// A variable is mentioned: what is done with the resource, if it holds it?
    fn read(&mut self, values: &mut Values<'_>, state: &State, ident: ExprId) -> Next {
        let held = state.holding(values);
        let mut expr = ident;
        loop {
            let val = values.eval(expr, state);
            if !held.contains(&val) {
                return Next::Go;
            }
            let itself = Some(val) == state.subject;
            match values.input.use_of(expr) {
                Use::Field(selector) => expr = selector,
                Use::Seen => return Next::Go,
                Use::Method { call, name } if itself => return self.method(call, name, values),
                Use::Method { call, .. } => return self.by_unknown(call),
                Use::Called(call) => return if itself { self.method(call, call, values) } else { Next::Stop },
                Use::Argument { call, index } => {
                    self.tries(call, values);
                    return self.argument(call, index, itself);
                }
                Use::Assigned(target) => return self.assigned(target),
                Use::Returned(_) if self.asks.returns => return Next::Go,
                Use::Returned(_) | Use::Kept | Use::Converted(_) => return Next::Stop,
            }
        }
    }

    /// A branch that says of a call which uses the resource that it has failed: whether that has released it.
    fn learns_of_failure(&mut self, values: &mut Values<'_>, state: &State, ending: Ending, when: When) -> bool {
        let Ending::If(cond) = ending else { return false };
        if self.tried.is_empty() {
            return false;
        }
        let Expr::Binary { lhs: asked, .. } = self.cx.expr(self.cx.unparen(cond)) else { return false };
        let asked = values.eval(asked, state);
        let error = |call: ExprId, values: &mut Values<'_>| values.made(call, self.cx.last_result(call));
        let Some(call) = self.tried.iter().copied().find(|&call| error(call, values) == asked) else { return false };
        if !state.excludes(asked, Val::NIL) {
            return false;
        }
        self.failed.insert((cond, when));
        let callee = self.cx.callee(call);
        callee.is_some_and(|callee| self.release.fails.iter().any(|name| &**name == callee.name))
    }

    /// Whether a branch says of a response that its status leaves no body to be closed: 204 or 304 (RFC 9110, sections 15.3.5 and 15.4.5).
    fn has_no_body(&self, values: &mut Values<'_>, state: &State, ending: Ending, when: When) -> bool {
        if &*self.release.field != "Body" {
            return false;
        }
        let cx = self.cx;
        let bodiless = |status: &ExprId| matches!(cx.int_value(*status), Some(204 | 304));
        let (asked, statuses) = match (ending, when) {
            (Ending::If(cond), _) => match (cx.expr(cond), when) {
                (Expr::Binary { op: BinaryOp::Equal, lhs, rhs }, When::True)
                | (Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs }, When::False) => (lhs, vec![rhs]),
                _ => return false,
            },
            (Ending::Switch(stmt), When::Clause(at)) => {
                let Stmt::Switch { tag: Some(tag), clauses, .. } = cx.stmt(stmt) else { return false };
                match cx.stmts(clauses).get(at as usize).map(|&clause| cx.stmt(clause)) {
                    Some(Stmt::CaseClause { exprs, .. }) => (tag, cx.exprs(exprs).to_vec()),
                    _ => return false,
                }
            }
            _ => return false,
        };
        let Expr::Selector { base, name } = cx.expr(cx.unparen(asked)) else { return false };
        let of_response = cx.source(name) == "StatusCode" && state.holding(values).contains(&values.eval(base, state));
        of_response && !statuses.is_empty() && statuses.iter().all(bodiless)
    }

    /// A call gets the resource, or what was made of it for the call: it may fail.
    fn tries(&mut self, call: ExprId, values: &Values<'_>) {
        let call = match values.input.use_of(call) {
            Use::Argument { call: outer, .. } if !self.cx.returns_error(call) => outer,
            _ => call,
        };
        if self.tried.len() < MOST_TRIED && self.cx.returns_error(call) && !self.tried.contains(&call) {
            self.tried.push(call);
        }
    }

    /// Whether what a call makes of the resource, and needs it, is kept at once: a topic of a client, the messages of a channel.
    fn lends(&mut self, call: ExprId, values: &Values<'_>) -> bool {
        // A client of a test server is there for requests, and closes nothing.
        if self.cx.calls(call, &["net/http/httptest.Server.Client"]) {
            return false;
        }
        let needs = |ty| matches!(self.cx.store.get(ty), Type::Pointer(_) | Type::Chan { .. });
        if !self.cx.results(call).is_some_and(|results| results.first().is_some_and(|&ty| needs(ty))) {
            return false;
        }
        if self.lent.len() < MOST_TRIED && !self.lent.contains(&call) {
            self.lent.push(call);
        }
        let target = self.cx.assignment_of(call).and_then(|(targets, ..)| targets.first().copied());
        is_kept(values.input.use_of(call)) || target.is_some_and(|target| self.cx.expr(target) != Expr::Ident)
    }

    /// Whether a variable is kept that holds what was made of the resource.
    fn keeps_lent(&self, values: &mut Values<'_>, state: &State, ident: ExprId) -> bool {
        if self.lent.is_empty() {
            return false;
        }
        let kept = match values.input.use_of(ident) {
            Use::Assigned(target) => self.cx.expr(target) != Expr::Ident,
            other => is_kept(other),
        };
        if !kept {
            return false;
        }
        let val = values.eval(ident, state);
        self.lent.iter().any(|&call| values.made(call, 0) == val)
    }

    fn method(&mut self, call: ExprId, name: ExprId, values: &Values<'_>) -> Next {
        let released = match self.cx.expr(name) {
            Expr::Call { .. } => self.release.is_call(),
            _ => self.release.is_method(self.cx.source(name)),
        };
        if released {
            self.seen.released = true;
            return Next::Stop;
        }
        if self.lends(call, values) {
            return Next::Stop;
        }
        self.tries(call, values);
        self.by_unknown(call)
    }

    /// A method that does not release what it is called on, if a library declares it.
    fn by_unknown(&self, call: ExprId) -> Next {
        let library = self.cx.callee(call).is_some_and(|callee| !self.cx.is_own(&callee));
        if library && !self.cx.is_go(call) { Next::Go } else { Next::Stop }
    }

    /// A library that takes something which can be released may release it; one that takes a reader does not.
    fn argument(&mut self, call: ExprId, index: usize, itself: bool) -> Next {
        let Expr::Call { fun, .. } = self.cx.expr(call) else { return Next::Stop };
        if self.cx.is_builtin(fun, "len") {
            return Next::Go;
        }
        if itself && self.release.drains && self.drains(call) {
            self.seen.released = true;
            return Next::Stop;
        }
        if self.by_unknown(call) == Next::Stop {
            return self.given(call, index, itself);
        }
        if self.cx.callee_word(call).ends_with("Client") && self.is_for_one_call(call) {
            return Next::Go;
        }
        let Type::Signature(signature) = self.cx.store.get(self.cx.ty(fun)) else { return Next::Stop };
        let last = signature.params.len().saturating_sub(1);
        let Some(&param) = signature.params.get(index.min(last)) else { return Next::Stop };
        let param = match self.cx.store.get(param) {
            Type::Slice(elem) if signature.variadic && index >= last => elem,
            _ => param,
        };
        let releases = |name: &&str| {
            let name = self.cx.store.symbol(name);
            !matches!(self.cx.store.lookup(param, PkgId::SELF, name), Lookup::NotFound)
        };
        let mut methods = self.release.methods.iter().map(|method| &**method);
        let called = self.release.is_call() && matches!(self.cx.store.under(param), Type::Signature(_));
        // What is kept for a later request is closed with it.
        const TAKES: &[&str] = &["net/http.NewRequest", "net/http.NewRequestWithContext"];
        let any = matches!(self.cx.store.under(param), Type::Interface(interface) if interface.methods.is_empty());
        let printed = self.cx.callee(call).is_some_and(|callee| ["fmt", "log", "log/slog"].contains(&callee.path));
        let takes = any && !printed || called || methods.any(|method| releases(&method)) || self.cx.calls(call, TAKES);
        if takes || self.cx.ty(fun).is_unknown() { Next::Stop } else { Next::Go }
    }

    /// Whether a call reads what it gets to the end, or fails because that cannot be read.
    fn drains(&self, call: ExprId) -> bool {
        const READS: &[&str] = &["io.ReadAll", "io/ioutil.ReadAll", "bytes.Buffer.ReadFrom"];
        const COPIES: &[&str] = &["io.Copy", "io.CopyBuffer"];
        let discards = |call: &Call| {
            call.args.first().is_some_and(|&to| self.cx.denotes(to, &["io.Discard", "io/ioutil.Discard"]))
        };
        self.cx.call(call).is_some_and(|call| call.callee.is(READS) || call.callee.is(COPIES) && discards(&call))
    }

    /// Whether what a call makes is asked once, and nobody has it then: `pb.NewOrdersClient(conn).Get(ctx, id)`.
    fn is_for_one_call(&self, call: ExprId) -> bool {
        let conn = |&arg: &ExprId| self.cx.has_type(arg, &["google.golang.org/grpc.ClientConn"]);
        let chained = matches!(self.cx.tree.parent(call), Some(Node::Expr(of)) if matches!(self.cx.expr(of), Expr::Selector { .. }));
        chained && self.cx.call(call).is_some_and(|call| call.args.iter().any(conn))
    }

    /// A function of the package gets it: its body says what becomes of it.
    fn given(&mut self, call: ExprId, index: usize, itself: bool) -> Next {
        if self.cx.is_go(call) {
            return Next::Stop;
        }
        let field = if itself { "".into() } else { self.release.field.clone() };
        let release = Release { field, ..self.release.clone() };
        match self.cx.ask(call, What::Given(index, release)) {
            Some(Answer::Given(Given::Borrows)) => Next::Go,
            // Who releases it elsewhere may know when the function did not, and so may who gets a `bool` from it.
            Some(Answer::Given(Given::Sometimes)) if self.asks.alone && !self.answers(call) => {
                self.seen.through = Some(call);
                Next::Go
            }
            Some(Answer::Given(Given::Releases)) => {
                self.seen.released = true;
                Next::Stop
            }
            _ => Next::Stop,
        }
    }

    /// Whether a call gives a `bool`.
    fn answers(&self, call: ExprId) -> bool {
        self.cx.results(call).is_some_and(|results| results.contains(&TypeId::from(Basic::Bool)))
    }

    fn assigned(&self, target: ExprId) -> Next {
        let Def::Local(declared) = self.cx.def(target) else {
            return if self.cx.source(target) == "_" || self.only_uses(target) { Next::Go } else { Next::Stop };
        };
        let inside =
            self.cx.span(self.func.body).contains(self.cx.span(declared)) || self.cx.is_result(self.func, declared);
        let alone = self.cx.shared().closures(Root(declared)).next().is_none();
        if inside && alone && !self.is_for_next_turn(target, declared) { Next::Go } else { Next::Stop }
    }

    /// Whether an iteration of a loop leaves it in a variable from outside for the next iteration to release.
    fn is_for_next_turn(&self, target: ExprId, declared: ExprId) -> bool {
        let Some(looping) = self.cx.enclosing_loop(target).map(|looping| self.cx.span(looping)) else { return false };
        let mut releases =
            self.cx.names.uses(declared).take(256).filter(|&used| self.cx.is_release(used, self.release));
        !looping.contains(self.cx.span(declared))
            && releases.any(|used| looping.contains(self.cx.span(used)))
            && !self.is_deferred_before(declared, looping.start)
    }

    /// Whether a `defer` before this place releases what the variable held then: it does not release what it gets later.
    fn is_deferred_before(&self, declared: ExprId, at: u32) -> bool {
        let mut uses = self.cx.names.uses(declared).take(256);
        let here = |used: ExprId| self.cx.enclosing_func(used).is_some_and(|around| around.node == self.func.node);
        uses.any(|used| {
            self.cx.span(used).end < at
                && here(used)
                && self.cx.is_in_defer(used)
                && self.cx.is_release(used, self.release)
        })
    }

    /// Whether what is assigned to is a field of something that uses it, and leaves it to its owner to release it (`os/exec`, Cmd).
    fn only_uses(&self, target: ExprId) -> bool {
        matches!(self.cx.expr(target), Expr::Selector { base, .. } if self.cx.has_type(base, &["os/exec.Cmd"]))
    }

    /// A closure is made: does it have the resource? What a deferred one does with it shows where the body is left.
    fn captured(&mut self, values: &Values<'_>, state: &mut State, closure: ExprId) -> Next {
        const MOST: usize = 8;
        let held = state.holding(values);
        let has = |&val: &Val| state.holders(val).any(|root| self.cx.shared().mentions(closure, root));
        if !held.iter().any(has) {
            return Next::Go;
        }
        if !is_deferred(self.cx.tree, closure) || self.asks.deferred || self.cx.enclosing_loop(closure).is_some() {
            return Next::Stop;
        }
        let known = self.deferred.iter().position(|&known| known == closure);
        let at = known.unwrap_or(self.deferred.len());
        if at == MOST {
            return Next::Stop;
        }
        if known.is_none() {
            self.deferred.push(closure);
        }
        state.count |= 1 << at;
        Next::Go
    }

    /// Whether a deferred closure that has the resource may do something about it where the body is left: it is followed with what is
    /// known there.
    fn is_settled_by_deferred(&mut self, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> bool {
        let armed = self.deferred.iter().enumerate().filter(|(at, _)| state.count & 1 << at != 0);
        let armed: Vec<ExprId> = armed.map(|(_, &closure)| closure).collect();
        if armed.is_empty() {
            return false;
        }
        let mut left = state.clone();
        left.count = 0;
        self.cx.set_results(self.func, values, &mut left, at);
        for closure in armed {
            let Some((func, followed)) = self.cx.as_func(closure.into()).zip(self.cx.followed(closure)) else {
                return true;
            };
            let mut inside =
                Watching::new(self.cx, self.release, func, Asks { all: true, deferred: true, ..Asks::default() });
            self.cx.follow_from(&followed, (followed.entry(), left.clone()), values, &mut inside);
            let Seen { released, moved, .. } = inside.seen;
            self.seen.released |= released;
            self.seen.moved |= moved;
            if released || moved || followed.is_spent() {
                return true;
            }
            self.seen.idle = Some(closure);
        }
        false
    }
}
