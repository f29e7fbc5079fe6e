//! What a function does with fields and variables that it may share with others: what [`super::package`] puts together.

use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_syntax::ast::{BinaryOp, Decl, DeclId, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::access::{Access, Base, Does, Part};
use super::beside::{Meanwhile, Passed, Slot};
use crate::summary::{Answer, What};
use crate::{Caller, Cx, FuncName, Spawn, words};

/// A field or variable that is used at the same time elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldRace {
    /// The access: the write that races.
    pub at: ExprId,
    /// What is done there.
    pub does: Does,
    /// The function that uses it at the same time, `Count`.
    pub other: Rc<str>,
    /// What that does.
    pub other_does: Does,
    /// Who does both.
    pub between: Users,
}

impl FieldRace {
    /// Whether what races is the inside of a map, or the elements that are appended to a slice.
    pub fn is_of_collection(&self) -> bool {
        self.does.is_of_collection() || self.other_does.is_of_collection()
    }

    /// What it is, in a sentence.
    pub fn message(&self, cx: &Cx) -> String {
        let (name, other) = (cx.source(self.at), &self.other);
        let does = self.does.change_of(&format!("`{name}`"), false);
        let by = || cx.enclosing_decl(self.at).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
        match self.between {
            Users::Background => format!("a goroutine {does} while `{other}` may be called, which uses it"),
            Users::Stop => format!("this {does} while `{other}` reads it in a goroutine"),
            Users::Claims => format!("`{name}` is written by the `{other}` of each partition at the same time"),
            Users::Requests => {
                let change = self.does.change_of(&format!("`{name}`"), true);
                format!("requests that are answered at the same time {change}")
            }
            Users::Beside => {
                format!("this {does} while it is used in another goroutine: `{other}` runs the two at the same time")
            }
            Users::Left => format!("this ends what calls {other}, and `{}` does not call it", by()),
            Users::Closers => format!("{other} get here, and the second one closes `{name}` again"),
            Users::Setters => format!("two that call `{other}` at the same time may both find `{name}` nil and set it"),
        }
    }
}

/// Who uses a field or variable at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Users {
    /// A goroutine in the background, which writes, and what others call.
    Background,
    /// What others call, which writes, and a goroutine in the background, which reads in a loop.
    Stop,
    /// Two requests.
    Requests,
    /// Two partitions of sarama.
    Claims,
    /// Two who find that it is nil, and set it.
    Setters,
    /// Goroutines of one function, or one and the function itself.
    Beside,
    /// Two who close a channel.
    Closers,
    /// A loop that passes on what was collected, and who ends it.
    Left,
}

/// What a function does with what it may share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SharingFacts {
    pub(super) exported: bool,
    /// Whether it answers requests.
    pub(super) answers: bool,
    /// Whether its first parameter is a context.
    pub(super) rpc: bool,
    /// Whether sarama calls it for each partition.
    pub(super) claims: bool,
    /// Whether it is given a request, or the context of one, and nothing else: it is made to be registered.
    pub(super) handles: bool,
    /// Whether it is given what it works on anew for each call, by its name or comment: it is not for others to call meanwhile.
    pub(super) prepares: bool,
    /// Whether it waits for something.
    pub(super) waits: bool,
    /// The functions that it starts in goroutines.
    pub(super) starts: Vec<FuncName>,
    /// Whether it starts goroutines.
    pub(super) spawns: bool,
    /// The methods that it calls on its receiver, and functions, with whether a goroutine does it; not those that it calls under a lock.
    pub(super) calls: Vec<(FuncName, bool)>,
    /// The functions that it uses as values.
    pub(super) values: Vec<FuncName>,
    /// The functions that closures of it call when they answer requests, on what all requests share.
    pub(super) asked: Vec<FuncName>,
    /// The channels of fields of its receiver or a parameter that it closes, whoever calls it: by field, with the call of `close`.
    pub(super) closes: Vec<(Slot, Rc<str>, ExprId)>,
    /// Whom it gives its receiver, or a parameter, whatever is locked.
    pub(super) leads: Vec<Lead>,
    /// Where it ends what its receiver has started, by a channel or a context, if its name says that it is there for that.
    pub(super) stops: Option<ExprId>,
    /// What it has done while goroutines run that it starts.
    pub(super) meanwhile: Meanwhile,
    /// Whom it gives its receiver, or a parameter, without a lock, and whether it has waited for something before.
    pub(super) passes: Vec<(Slot, Passed, bool)>,
    pub(super) touches: Vec<Touch>,
}

/// A function gives its receiver, or a parameter, to another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lead {
    pub(super) slot: Slot,
    pub(super) passed: Passed,
    /// Whether a goroutine does that.
    pub(super) detached: bool,
    /// Whether it is done in the turns of a loop that go on after it.
    pub(super) again: bool,
}

/// A field or variable is read or written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Touch {
    /// The type and the field, or the variable.
    pub(super) class: Rc<str>,
    pub(super) at: ExprId,
    pub(super) does: Does,
    /// What of the function it is reached by.
    pub(super) slot: Option<Slot>,
    /// Whether others have it as well: it belongs to the receiver, to a variable of the package, or to what is shared otherwise.
    pub(super) shared: bool,
    /// Whether a goroutine does it that the function starts.
    pub(super) detached: bool,
    pub(super) in_loop: bool,
    /// Whether a lock is held, or may be.
    pub(super) guarded: bool,
    /// Whether something is waited for before.
    pub(super) waited: bool,
    /// Whether it is a `bool`.
    pub(super) flag: bool,
    /// Whether it is set where it was found to be nil.
    pub(super) lazy: bool,
}

impl<'a> Cx<'a> {
    /// The fields and variables that the function of this piece writes while others use them.
    pub fn field_races(&self) -> Rc<[FieldRace]> {
        if self.file.is_test() {
            return Rc::new([]);
        }
        let Some(Answer::Shared(found)) = self.ask_of_piece(What::Shared) else { return Rc::new([]) };
        if found.is_empty() {
            return found;
        }
        // Where others hold a lock, that is what there is to say.
        let unguarded = self.unguarded();
        found.iter().filter(|race| unguarded.iter().all(|look| look.at != race.at)).cloned().collect()
    }

    /// Whether a function starts a goroutine, or answers requests.
    pub(crate) fn is_concurrent(&self, func: DeclId) -> bool {
        !self.file.is_test()
            && (self.spawns_in(func).next().is_some()
                || self.answers(func)
                || self.claims(func)
                || !self.answering(func).is_empty())
    }

    /// Whether a function is what sarama calls for each partition.
    fn claims(&self, func: DeclId) -> bool {
        const CLAIM: &str = "github.com/IBM/sarama.ConsumerGroupClaim";
        let of = self.as_func(Node::Decl(func)).filter(|_| self.func_name(func) == Some("ConsumeClaim"));
        of.is_some_and(|of| self.param_of(of, CLAIM).is_some())
    }

    /// The function literals of a function that answer requests.
    fn answering(&self, func: DeclId) -> Vec<ExprId> {
        const MOST: usize = 32;
        let is_literal =
            |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::FuncLit { .. }));
        let literals = self.within(func, true, is_literal);
        let answers = |node: &Node| match *node {
            Node::Expr(literal) => self.is_handler_literal(literal).then_some(literal),
            _ => None,
        };
        literals.iter().take(MOST).filter_map(answers).collect()
    }

    /// The functions that closures call when they answer requests, on what is there before the request.
    fn asked_by(&self, literal: ExprId) -> Vec<FuncName> {
        const MOST: usize = 32;
        let span = self.span(literal);
        let shared = |call: ExprId| {
            let found = self.call(call)?;
            let root = self.root(found.receiver?)?;
            // Each request may have a value of its own whose method returns the closure.
            let own = |declared: ExprId| {
                span.contains(self.span(declared))
                    || self.slot_of(declared) == Some(None) && !self.is_registered(literal, false)
            };
            let inner = matches!(self.def(root), Def::Local(declared) if own(declared));
            let held = self.held_at(call);
            let free = held.held.is_empty() && !inner;
            self.own_function(found.callee).filter(|_| free)
        };
        let calls = self.calls_within(literal, true);
        calls
            .iter()
            .take(MOST)
            .filter_map(|&call| if let Node::Expr(call) = call { shared(call) } else { None })
            .collect()
    }

    fn answers(&self, func: DeclId) -> bool {
        let caller = self.as_func(Node::Decl(func)).and_then(|func| self.caller(func));
        caller == Some(Caller::Client)
    }

    /// Whether a receiver has a request or its response, or is one: it is made for each request.
    fn is_for_one_request(&self, ty: ExprId) -> bool {
        self.is_of_request(self.deref(self.ty(ty)), 0) || self.has_methods(self.ty(ty), &["Header", "WriteHeader"])
    }

    pub(crate) fn sharing_facts(&self, func: DeclId) -> SharingFacts {
        const MOST: usize = 2048;
        let Decl::Func { recv, body: Some(body), .. } = self.decl(func) else { return SharingFacts::default() };
        if self.file.is_test() || self.file.generated {
            return SharingFacts::default();
        }
        let name = self.func_name(func).unwrap_or_default();
        let receiver = self.params(recv).first().copied();
        let own = receiver.and_then(|(name, ty)| Some((name?, ty)));
        let spawns: Vec<Spawn> = self.spawns_in(func).collect();
        // `Create` is a common name of handlers.
        let answers = self.answers(func) && !receiver.is_some_and(|(_, ty)| self.is_for_one_request(ty));
        let mut facts = SharingFacts {
            exported: name.starts_with(char::is_uppercase),
            answers,
            rpc: self.is_rpc_method(func),
            claims: self.claims(func),
            handles: answers && self.is_handler_method(func),
            prepares: !answers && self.prepares(func) || self.expects_lock(func),
            spawns: !spawns.is_empty(),
            starts: spawns.iter().filter_map(|spawn| self.own_function(self.object(spawn.runs)?)).collect(),
            asked: self.answering(func).into_iter().flat_map(|literal| self.asked_by(literal)).collect(),
            meanwhile: self.meanwhile(func),
            ..SharingFacts::default()
        };
        let is_node = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Unary { op, .. } => op == UnaryOp::Recv,
                kind => matches!(kind, Expr::Ident | Expr::Call { .. } | Expr::Selector { .. }),
            },
            Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Range { .. }),
            _ => false,
        };
        let (mut waited, mut passes) = (u32::MAX, Vec::new());
        for &node in self.within(body, true, is_node).iter().take(MOST) {
            if self.waits_at(node) && self.enclosing_func(node).is_some_and(|around| around.node == Node::Decl(func)) {
                waited = waited.min(self.span(node).start);
            }
            let Node::Expr(expr) = node else { continue };
            match self.expr(expr) {
                Expr::Ident => {
                    facts.touches.extend(self.touch(expr, func));
                    if !self.is_called(expr) {
                        facts.values.extend(self.function_value(expr).map(|(name, _)| name));
                    }
                }
                Expr::Selector { .. } if !self.is_called(expr) => {
                    facts.values.extend(self.function_value(expr).map(|(name, _)| name))
                }
                Expr::Call { .. } => {
                    let callee = self.called_on_own(expr, own.map(|(receiver, _)| receiver));
                    let held = callee.is_some().then(|| self.held_at(expr));
                    let free = |held: &crate::HeldLocks| held.held.is_empty() && !held.unknown;
                    if let (Some(callee), Some(held)) = (callee, held.filter(free)) {
                        facts.calls.push((callee, held.detached || self.is_go(expr)));
                    }
                    facts.closes.extend(self.closed_for_all(expr).map(|(slot, class)| (slot, class, expr)));
                    facts.leads.extend(self.led_to(expr));
                    facts.stops = facts.stops.or_else(|| self.stopped_by(expr, name));
                    let given = self.passed_unlocked(expr).into_iter();
                    passes.extend(given.filter_map(|(declared, passed)| Some((self.slot_of(declared)?, passed, expr))));
                }
                _ => {}
            }
        }
        let before = |expr: ExprId| waited < self.span(expr).start;
        facts.passes = passes.into_iter().map(|(slot, passed, call)| (slot, passed, before(call))).collect();
        // A lock of a type that is not known may guard all of it.
        if self.locks_something_unknown(func) {
            facts.calls.clear();
            facts.passes.clear();
            facts.meanwhile = Meanwhile::default();
            facts.touches.iter_mut().for_each(|touch| touch.guarded = true);
        }
        facts.waits = waited < u32::MAX;
        for touch in &mut facts.touches {
            touch.waited = before(touch.at);
        }
        facts
    }

    /// Whether a function has a method called that locks, by its name, of what is no lock that is known, or has somebody else call it.
    fn locks_something_unknown(&self, func: DeclId) -> bool {
        let locks = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Selector { name, .. } if matches!(cx.source(name), "Lock" | "RLock" | "TryLock" | "TryRLock") => {
                    !cx.is_called(id) || cx.object(id).is_none()
                }
                _ => false,
            },
            _ => false,
        };
        !self.within(func, true, locks).is_empty()
    }

    /// The method that a call calls on the receiver of the function itself: `s.flush()`.
    fn called_on_own(&self, call: ExprId, receiver: Option<ExprId>) -> Option<FuncName> {
        let found = self.call(call)?;
        let base = self.unparen(found.receiver?);
        let own = self.expr(base) == Expr::Ident && self.def(base) == Def::Local(receiver?);
        self.own_function(found.callee).filter(|_| own)
    }

    /// Whether a function answers requests as a method of a gRPC service does.
    fn is_rpc_method(&self, func: DeclId) -> bool {
        let Some(of) = self.as_func(Node::Decl(func)) else { return false };
        self.param_at(of, 0).is_some_and(|first| self.has_type(first, &["context.Context"]))
    }

    /// Whether values of a type are made for one request each: they have it, or are a context.
    fn is_of_request(&self, ty: TypeId, depth: usize) -> bool {
        const DEEP: usize = 3;
        const REQUEST: &[(&str, &str)] = &[("net/http", "Request"), ("net/http", "ResponseWriter")];
        let Type::Struct(of) = self.store.under(ty) else { return false };
        of.fields.iter().take(64).any(|field| {
            let ty = self.deref(field.ty);
            match self.store.qualified_name(ty) {
                Some(name) if REQUEST.contains(&name) => true,
                Some(("context", "Context")) => field.embedded,
                _ => field.embedded && depth < DEEP && self.is_of_request(ty, depth + 1),
            }
        })
    }

    /// Whether a method of a type has the parameters of a handler.
    fn is_handler_method(&self, func: DeclId) -> bool {
        const WRITER: &[&str] = &["net/http.ResponseWriter"];
        let Some(Expr::FuncType { params, .. }) = self.as_func(Node::Decl(func)).map(|func| self.expr(func.ty)) else {
            return false;
        };
        match self.params(params)[..] {
            [_] => true,
            [(_, writer), _] => self.has_type(writer, WRITER),
            _ => false,
        }
    }

    /// Whether something is waited for: a channel, a group, whatever a name says.
    pub fn waits_at(&self, node: Node) -> bool {
        const WAITS: &[&str] = &["await", "block", "drain", "join", "shutdown", "stop", "wait"];
        match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::Unary { op: UnaryOp::Recv, .. } => true,
                Expr::Call { .. } => words(self.callee_word(id)).iter().any(|word| WAITS.contains(&word.as_str())),
                _ => false,
            },
            Node::Stmt(id) => {
                matches!(self.stmt(id), Stmt::Range { subject, .. } if matches!(self.under(subject), Type::Chan { .. }))
            }
            _ => false,
        }
    }

    /// Whether the name of a function, or its comment, says that nobody else uses what it works on meanwhile.
    pub(super) fn prepares(&self, func: DeclId) -> bool {
        const WORDS: &[&str] = &[
            "build",
            "configure",
            "create",
            "init",
            "initialize",
            "load",
            "main",
            "make",
            "new",
            "open",
            "register",
            "reset",
            "restore",
            "set",
            "setup",
            "start",
            "with",
        ];
        let name = self.func_name(func).unwrap_or_default();
        let first = words(name).first().is_some_and(|first| WORDS.contains(&first.as_str()));
        const CALLED: &[&str] = &["call", "called", "calling", "must", "should", "use", "used", "start", "started"];
        let says = |text: &str| {
            let said = words(text);
            let any = |list: &[&str]| said.iter().any(|word| list.contains(&word.as_str()));
            any(&["concurrent", "goroutine"]) || any(&["before", "after"]) && any(CALLED)
        };
        first || self.doc_comment(func).iter().any(|comment| says(comment.body(self.tree.text())))
    }

    /// What a call of a function, or of a closure that it defers or starts, gives to a function of the package, unless it asks for that first.
    fn led_to(&self, call: ExprId) -> Vec<Lead> {
        let passed = self.passed_at(call);
        let runs = |node: Node| match node {
            Node::Expr(literal) => self.spawn_of(literal).is_some() || self.is_deferred_literal(literal),
            _ => true,
        };
        if passed.is_empty() || !self.enclosing_func(call).is_some_and(|around| runs(around.node)) {
            return Vec::new();
        }
        let detached = self.held_at(call).detached || self.is_go(call);
        let again = self.enclosing_loop(call).is_some() && !self.leaves_after(call);
        let given = passed.into_iter().filter(|(declared, _)| !self.is_asked_before(call, *declared));
        let lead = |(declared, passed)| Some(Lead { slot: self.slot_of(declared)?, passed, detached, again });
        given.filter_map(lead).collect()
    }

    /// A call that ends what the receiver of a function of this name has started: `close(s.stop)`, `s.cancel()`.
    fn stopped_by(&self, call: ExprId, name: &str) -> Option<ExprId> {
        const STOPS: &[&str] = &["close", "shutdown", "stop"];
        let Expr::Call { fun, args, .. } = self.expr(call) else { return None };
        let ends = name.starts_with(char::is_uppercase)
            && words(name).first().is_some_and(|word| STOPS.contains(&word.as_str()));
        let field = match self.is_builtin(fun, "close") {
            true => self.only(args)?,
            false => Some(fun).filter(|&fun| self.source(fun).ends_with("cancel"))?,
        };
        let own = |place: crate::Place| place.base == crate::Base::Receiver && !place.path.is_empty();
        (ends && self.place(field).is_some_and(own)).then_some(call)
    }

    /// The field whose channel a call closes whoever calls the function, or each time that it was not closed yet: which two may find at once.
    /// A lock alone lets one in after the other.
    fn closed_for_all(&self, call: ExprId) -> Option<(Slot, Rc<str>)> {
        let Expr::Call { fun, args, .. } = self.expr(call) else { return None };
        let channel = self.only(args).filter(|_| self.is_builtin(fun, "close"))?;
        let place = self.place(channel)?;
        let slot = match place.base {
            crate::Base::Receiver => None,
            crate::Base::Param(index) => Some(index),
            _ => return None,
        };
        let own = place.path.matches('.').count() == 1;
        let func = self.enclosing_func(call)?;
        // Who makes another one afterwards tells all that have the one before.
        let renewed = || {
            let targets = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Selector { .. }) && cx.is_target(id));
            self.within(func.body, true, targets)
                .iter()
                .any(|node| matches!(*node, Node::Expr(id) if self.same_text(id, channel)))
        };
        let decided = || {
            (self.is_decided_beside_locks(channel)
                || self.is_locked_at(channel) && self.may_return_before(func, channel))
                && !self.asks_itself(channel, func)
        };
        Some((slot, place.class.filter(|_| own && !decided() && !renewed())?))
    }

    /// Whether a function returns somewhere before an expression.
    fn may_return_before(&self, func: crate::Func, at: ExprId) -> bool {
        let returns: crate::Wanted =
            |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_)));
        let start = self.span(at).start;
        self.within(func.body, false, returns).iter().any(|&node| self.span(node).start < start)
    }

    /// Whether nothing but a `select` decides whether a channel is closed that asks whether it is: no lock, no other condition.
    fn asks_itself(&self, channel: ExprId, func: crate::Func) -> bool {
        if !matches!(func.node, Node::Decl(_)) || self.is_locked_at(channel) {
            return false;
        }
        let asks = |stmt: StmtId| {
            let Stmt::Select { clauses } = self.stmt(stmt) else { return false };
            let receives = |id: ExprId| matches!(self.expr(id), Expr::Unary { op: UnaryOp::Recv, operand } if self.same_text(operand, channel));
            let is_it = |&clause: &StmtId| match self.stmt(clause) {
                Stmt::CommClause { comm: Some(comm), .. } => self.find_expr(comm, false, receives).is_some(),
                _ => true,
            };
            clauses.len() == 2 && self.stmts(clauses).iter().all(is_it)
        };
        let around = self.tree.ancestors(channel).find_map(|node| match node {
            Node::Stmt(stmt) if asks(stmt) => Some(stmt),
            _ => None,
        });
        let list = self.list_of(Node::Stmt(func.body));
        let last = around.or_else(|| self.enclosing_stmt(channel));
        let place = last.and_then(|last| self.tree.place(list, last));
        let before = |at: usize| list.iter().take(at).copied();
        let leaves = |stmt: StmtId| {
            self.any(stmt, false, |node| matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::Return(_))))
        };
        place.is_some_and(|at| {
            (around.is_some() || before(at).any(asks)) && before(at).all(|stmt| asks(stmt) || !leaves(stmt))
        })
    }

    /// What a variable that points to a struct, or holds a map, leads to: `Store.count`.
    pub(super) fn class_of_part(&self, declared: ExprId, access: &Access<'_>) -> Option<Rc<str>> {
        let ty = self.ty(declared);
        match self.store.get(ty) {
            Type::Pointer(elem) => {
                let (_, owner) = self.store.qualified_name(elem)?;
                let leads = access.parts.first() == Some(&Part::Pointee) && access.parts.len() > 1;
                leads.then(|| self.class_in(owner, access))
            }
            _ => (access.does.is_of_map() && access.parts.is_empty()).then(|| self.store.show(ty).into()),
        }
    }

    /// Whether a function makes what a local points to, and returns it.
    fn is_made_for_others(&self, declared: ExprId, func: DeclId) -> bool {
        let home = self.enclosing_func(declared).is_some_and(|home| home.node == Node::Decl(func));
        home && self.is_fresh(declared) && self.made_by(func) == Some(self.deref(self.ty(declared)))
    }

    /// Whether a value comes out of a map that others have as well: of a `sync.Map`, or of a map of the receiver or the package.
    fn comes_out_of_shared(&self, expr: ExprId, depth: usize) -> bool {
        const DEEP: usize = 4;
        const MAP: &[&str] = &["sync.Map.Load", "sync.Map.LoadOrStore"];
        let expr = self.unparen(expr);
        depth < DEEP
            && match self.expr(expr) {
                Expr::Ident => self.origin(expr).is_some_and(|(value, at)| match self.expr(self.unparen(value)) {
                    Expr::Call { .. } => self.call_gives_shared(value, at),
                    _ => self.comes_out_of_shared(value, depth + 1),
                }),
                Expr::TypeAssert { base, .. } => self.comes_out_of_shared(base, depth + 1),
                Expr::Index { base, .. } => {
                    matches!(self.under(base), Type::Map { .. })
                        && self.is_of_shared(base)
                        && self.expr(self.unparen(base)) != Expr::Ident
                }
                Expr::Call { .. } => self.calls(expr, MAP) || self.call_gives_shared(expr, 0),
                _ => false,
            }
    }

    fn call_gives_shared(&self, call: ExprId, result: usize) -> bool {
        const MAP: &[&str] = &["sync.Map.Load", "sync.Map.LoadOrStore"];
        result == 0 && self.calls(call, MAP) || self.ask(call, What::GivesShared(result)) == Some(Answer::Is(true))
    }

    /// Whether a function returns as this result what comes out of a map that others have as well.
    pub(crate) fn gives_shared(&self, func: DeclId, result: usize) -> bool {
        let Some(func) = self.as_func(Node::Decl(func)) else { return false };
        let is_pointer =
            self.results_of(func).get(result).is_some_and(|(_, ty)| matches!(self.under(*ty), Type::Pointer(_)));
        is_pointer
            && self
                .returned(func.body)
                .take(16)
                .any(|results| results.get(result).is_some_and(|&value| self.comes_out_of_shared(value, 0)))
    }

    /// A field of the receiver, or a variable of the package, that an identifier leads to.
    fn touch(&self, ident: ExprId, func: DeclId) -> Option<Touch> {
        let base = self.base_of(ident)?;
        let access = self.access(ident)?;
        let Node::Expr(at) = access.at else { return None };
        if access.does.is_atomic() {
            return None;
        }
        let (class, slot) = match base {
            Base::Package(name) => (self.class_in(name, &access), None),
            Base::Local(declared) => (self.class_of_part(declared, &access)?, self.slot_of(declared)),
        };
        let held = self.held_at(at);
        let shared = match base {
            Base::Package(_) => true,
            Base::Local(_) if access.parts.len() < 2 => false,
            Base::Local(declared) => match slot {
                Some(slot) => slot.is_none(),
                None => {
                    self.is_made_for_others(declared, func) && held.detached || self.comes_out_of_shared(declared, 0)
                }
            },
        };
        if slot.is_none() && !shared {
            return None;
        }
        Some(Touch {
            class,
            at,
            slot,
            shared,
            does: access.does,
            detached: held.detached,
            in_loop: self.enclosing_loop(at).is_some(),
            guarded: !held.held.is_empty() || held.unknown || self.is_in_once(at),
            waited: false,
            flag: self.ty(at) == TypeId::from(Basic::Bool),
            lazy: access.does == Does::Writes && self.is_lazy(at),
        })
    }

    /// Whether something is set after a test that it is nil.
    pub(crate) fn is_lazy(&self, at: ExprId) -> bool {
        const FAR: usize = 6;
        self.tree.ancestors(at).take(FAR).any(|above| {
            let Node::Stmt(stmt) = above else { return false };
            let Stmt::If { cond, then, .. } = self.stmt(stmt) else { return false };
            let Expr::Binary { op: BinaryOp::Equal, lhs, rhs } = self.expr(self.unparen(cond)) else { return false };
            self.span(then).contains(self.span(at)) && self.is_builtin(rhs, "nil") && self.same_text(lhs, at)
        })
    }

    fn class_in(&self, owner: &str, access: &Access<'_>) -> Rc<str> {
        let mut class = owner.to_owned();
        for part in &access.parts {
            if let Part::Field(name) = part {
                class.push('.');
                class.push_str(name);
            }
        }
        class.into()
    }

    fn is_in_once(&self, at: ExprId) -> bool {
        let is_once = |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. }) && cx.runs_once(call));
        self.around(at, is_once).is_some()
    }
}
