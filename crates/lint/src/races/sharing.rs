//! Fields and variables of a package that functions of it use at the same time: a goroutine that runs in the background, handlers
//! that answer requests, and what others call meanwhile.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_syntax::ast::{BinaryOp, Decl, DeclId, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::access::{Access, Base, Does, Part};
use super::atomics::AtomicUse;
use super::beside::{Late, Meanwhile, Passed, Slot, done_to};
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
    exported: bool,
    /// Whether it answers requests.
    answers: bool,
    /// Whether its first parameter is a context.
    rpc: bool,
    /// Whether sarama calls it for each partition.
    claims: bool,
    /// Whether it is given a request, or the context of one, and nothing else: it is made to be registered.
    handles: bool,
    /// Whether it is given what it works on anew for each call, by its name or comment: it is not for others to call meanwhile.
    prepares: bool,
    /// Whether it waits for something.
    waits: bool,
    /// The functions that it starts in goroutines.
    starts: Vec<FuncName>,
    /// Whether it starts goroutines.
    spawns: bool,
    /// The methods that it calls on its receiver, and functions, with whether a goroutine does it; not those that it calls under a lock.
    calls: Vec<(FuncName, bool)>,
    /// The functions that it uses as values.
    values: Vec<FuncName>,
    /// The functions that closures of it call when they answer requests, on what all requests share.
    asked: Vec<FuncName>,
    /// The channels of fields of its receiver or a parameter that it closes, whoever calls it: by field, with the call of `close`.
    closes: Vec<(Slot, Rc<str>, ExprId)>,
    /// Whom it gives its receiver, or a parameter, whatever is locked.
    leads: Vec<Lead>,
    /// Where it ends what its receiver has started, by a channel or a context, if its name says that it is there for that.
    stops: Option<ExprId>,
    /// What it has done while goroutines run that it starts.
    meanwhile: Meanwhile,
    /// Whom it gives its receiver, or a parameter, without a lock, and whether it has waited for something before.
    pub(super) passes: Vec<(Slot, Passed, bool)>,
    pub(super) touches: Vec<Touch>,
}

/// A function gives its receiver, or a parameter, to another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lead {
    slot: Slot,
    passed: Passed,
    /// Whether a goroutine does that.
    detached: bool,
    /// Whether it is done in the turns of a loop that go on after it.
    again: bool,
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
    shared: bool,
    /// Whether a goroutine does it that the function starts.
    detached: bool,
    in_loop: bool,
    /// Whether a lock is held, or may be.
    pub(super) guarded: bool,
    /// Whether something is waited for before.
    pub(super) waited: bool,
    /// Whether it is a `bool`.
    flag: bool,
    /// Whether it is set where it was found to be nil.
    lazy: bool,
}

/// What the functions of a package share.
#[derive(Debug, Default)]
pub struct PackageSharing {
    of: HashMap<FuncName, Rc<[FieldRace]>>,
    digest: u64,
}

impl PartialEq for PackageSharing {
    fn eq(&self, other: &PackageSharing) -> bool {
        self.digest == other.digest
    }
}

impl Eq for PackageSharing {}

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

type Facts = (FuncName, Rc<SharingFacts>);

impl PackageSharing {
    /// Of what each function does by itself. What is used with `sync/atomic` is left out.
    pub(crate) fn of(facts: &[Facts], atomics: &[AtomicUse]) -> PackageSharing {
        let users = Roles::of(facts);
        let mut classes: BTreeMap<&Rc<str>, Vec<(&Facts, &Touch)>> = BTreeMap::new();
        for one in facts {
            for touch in one.1.touches.iter().filter(|touch| touch.shared) {
                classes.entry(&touch.class).or_default().push((one, touch));
            }
        }
        let mut of: HashMap<FuncName, Vec<FieldRace>> = HashMap::new();
        let is_atomic = |class: &Rc<str>| atomics.iter().any(|used| used.class == *class);
        let mut known: BTreeSet<&Rc<str>> = BTreeSet::new();
        for (name, class, race) in races_beside(facts) {
            if !is_atomic(class) && known.insert(class) {
                of.entry(name.clone()).or_default().push(race);
            }
        }
        for (name, race) in users.closed_twice(facts).into_iter().chain(left_behind(facts)) {
            of.entry(name).or_default().push(race);
        }
        for (class, touches) in classes.into_iter().filter(|(class, _)| !known.contains(*class)) {
            if let Some((name, race)) = users.lazy(&touches) {
                of.entry(name).or_default().push(race);
                continue;
            }
            if is_atomic(class) {
                continue;
            }
            // Whoever holds a lock for it says that it needs one: that is for those who look at locks. Only of what many do no
            // more evidence is needed.
            let guarded = touches.iter().any(|(_, touch)| touch.guarded);
            let race = if guarded { users.race_of_many(&touches) } else { users.race(&touches) };
            if let Some((name, race)) = race {
                of.entry(name).or_default().push(race);
            }
        }
        let of: HashMap<FuncName, Rc<[FieldRace]>> = of.into_iter().map(|(name, found)| (name, found.into())).collect();
        let mut hasher = DefaultHasher::new();
        for (name, _) in facts {
            (name, of.get(name)).hash(&mut hasher);
        }
        PackageSharing { of, digest: hasher.finish() }
    }

    /// What a function writes while others use it.
    pub(crate) fn races(&self, of: &FuncName) -> Rc<[FieldRace]> {
        self.of.get(of).cloned().unwrap_or_else(|| Rc::new([]))
    }
}

/// What functions have done at the same time to one value, that is written by one of the two.
fn races_beside(facts: &[Facts]) -> Vec<(&FuncName, &Rc<str>, FieldRace)> {
    let by_name: HashMap<&FuncName, &SharingFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
    let race = |at: ExprId, does: Does, starter: &FuncName, other: &Touch| {
        let (other, other_does) = (short(starter), other.does);
        FieldRace { at, does, other, other_does, between: Users::Beside }
    };
    let mut found = Vec::new();
    for (starter, facts) in facts {
        let Meanwhile { beside, turns, late, .. } = &facts.meanwhile;
        let left = turns.iter().flat_map(|passed| {
            let leaves = by_name.get(&passed.callee).into_iter().flat_map(|facts| &facts.meanwhile.leaves);
            leaves.filter(|(slot, _)| *slot == passed.slot).map(|(_, left)| (left, left))
        });
        for (one, other) in beside.iter().map(|(one, other)| (one, other)).chain(left) {
            let (ones, others) = (done_to(&by_name, one, true), done_to(&by_name, other, true));
            for (write, with) in [(&ones, &others), (&others, &ones)] {
                let mut met: HashMap<&Rc<str>, &Touch> = HashMap::new();
                // Who reads after a wait may have waited for the write.
                for (_, touch) in with.iter().filter(|(_, touch)| touch.does.is_write() || !touch.waited) {
                    met.entry(&touch.class).or_insert(touch);
                }
                for (name, touch) in write.iter().filter(|(_, touch)| touch.does.is_write()) {
                    let Some(met) = met.get(&touch.class) else { continue };
                    found.push((*name, &touch.class, race(touch.at, touch.does, starter, met)));
                }
            }
        }
        for Late { passed, class, at, does } in late {
            let done = done_to(&by_name, passed, false);
            if let Some((_, touch)) = done.iter().find(|(_, touch)| touch.class == *class) {
                found.push((starter, class, race(*at, *does, starter, touch)));
            }
        }
    }
    found
}

/// Which functions run in the background, which answer requests, and which others may call meanwhile.
struct Roles<'f> {
    background: BTreeSet<&'f FuncName>,
    /// With the function that others call.
    called: BTreeMap<&'f FuncName, &'f FuncName>,
    requests: BTreeMap<&'f FuncName, &'f FuncName>,
    /// Those that partitions call, with that.
    claims: BTreeMap<&'f FuncName, &'f FuncName>,
    /// Those that could be registered to answer requests. What they are methods of may be made for each request; a map seldom is.
    shaped: BTreeSet<&'f FuncName>,
}

impl<'f> Roles<'f> {
    fn of(facts: &'f [Facts]) -> Roles<'f> {
        let by_name: HashMap<&FuncName, &SharingFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
        let values: BTreeSet<&FuncName> = facts.iter().flat_map(|(_, facts)| &facts.values).collect();
        let started = facts.iter().filter(|(_, facts)| !facts.waits).flat_map(|(_, facts)| &facts.starts);
        let detached = facts.iter().filter(|(_, facts)| !facts.waits).flat_map(|(_, facts)| &facts.calls);
        let detached = detached.filter(|(_, detached)| *detached).map(|(name, _)| name);
        let background = spread(&by_name, started.chain(detached).map(|name| (name, name)));
        let is_method = |name: &&FuncName| name.contains('.');
        let exported = facts.iter().filter(|(_, facts)| facts.exported && !facts.prepares && !facts.spawns);
        // By the custom of `bufio.Scanner`, who asks for the error has waited for the end.
        let exported = exported
            .map(|(name, _)| name)
            .filter(is_method)
            .filter(|name| !name.ends_with(".Err"))
            .filter(|name| !background.contains_key(*name));
        let called: BTreeSet<&FuncName> =
            facts.iter().flat_map(|(_, facts)| &facts.calls).map(|(name, _)| name).collect();
        let requests = facts.iter().filter(|(name, facts)| {
            facts.answers && (values.contains(name) || facts.exported && (facts.rpc || name.ends_with(".ServeHTTP")))
        });
        let shaped = facts.iter().filter(|(name, facts)| facts.exported && facts.handles && !called.contains(name));
        let claims = facts.iter().filter(|(_, facts)| facts.claims).map(|(name, _)| (name, name));
        let asked = facts.iter().flat_map(|(_, facts)| &facts.asked);
        let requests: Vec<&FuncName> = requests.map(|(name, _)| name).chain(asked).collect();
        Roles {
            called: spread(&by_name, exported.chain(requests.iter().copied()).map(|name| (name, name))),
            requests: spread(&by_name, requests.into_iter().map(|name| (name, name))),
            claims: spread(&by_name, claims),
            shaped: shaped.map(|(name, _)| name).filter(is_method).collect(),
            background: background.into_keys().collect(),
        }
    }

    /// Channels of fields that are closed by what a goroutine runs and by what others call, or by two goroutines.
    fn closed_twice(&self, facts: &'f [Facts]) -> Vec<(FuncName, FieldRace)> {
        if facts.iter().all(|(_, facts)| facts.closes.is_empty()) {
            return Vec::new();
        }
        let mut callers: Callers = HashMap::new();
        for (name, facts) in facts {
            for Lead { slot, passed, detached, .. } in &facts.leads {
                callers.entry((&passed.callee, passed.slot)).or_default().push(((name, *slot), facts, *detached));
            }
        }
        let started: BTreeSet<&FuncName> = facts.iter().flat_map(|(_, facts)| &facts.starts).collect();
        let mut found: BTreeMap<&Rc<str>, (FuncName, FieldRace)> = BTreeMap::new();
        let mut roots: BTreeMap<&Rc<str>, (BTreeSet<&FuncName>, BTreeSet<&FuncName>)> = BTreeMap::new();
        for (name, facts) in facts {
            for (slot, class, at) in &facts.closes {
                let (goroutines, entries) = roots.entry(class).or_default();
                for (above, facts) in leading_to(&callers, ((name, *slot), facts)) {
                    let beside = callers.get(&above).is_some_and(|all| all.iter().any(|(_, _, detached)| *detached));
                    if started.contains(above.0) || beside {
                        goroutines.insert(above.0);
                    } else if facts.exported && !facts.prepares {
                        entries.insert(above.0);
                    }
                }
                let race = FieldRace {
                    at: *at,
                    does: Does::Writes,
                    other: "".into(),
                    other_does: Does::Writes,
                    between: Users::Closers,
                };
                found.entry(class).or_insert((name.clone(), race));
            }
        }
        let several = |(class, (name, race)): (&Rc<str>, (FuncName, FieldRace))| {
            let (goroutines, entries) = roots.get(class)?;
            let mut all = goroutines.iter().chain(entries);
            let (first, second) = (all.next().filter(|_| !goroutines.is_empty())?, all.next()?);
            Some((name, FieldRace { other: format!("`{}` and `{}`", short(first), short(second)).into(), ..race }))
        };
        found.into_iter().filter_map(several).collect()
    }

    /// What is set where it was found to be nil, without a lock, in what answers requests.
    fn lazy(&self, touches: &[(&Facts, &Touch)]) -> Option<(FuncName, FieldRace)> {
        let is_shared = |(one, touch): &&(&Facts, &Touch)| {
            let free = !touch.guarded && !touch.detached && !touch.waited;
            touch.lazy && free && self.requests.contains_key(&one.0)
        };
        let (one, touch) = touches.iter().find(is_shared)?;
        let race = FieldRace {
            at: touch.at,
            does: touch.does,
            other: short(&one.0),
            other_does: touch.does,
            between: Users::Setters,
        };
        Some((one.0.clone(), race))
    }

    /// The race of one field or variable, with the function that writes.
    fn race(&self, touches: &[(&Facts, &Touch)]) -> Option<(FuncName, FieldRace)> {
        const STOPS: &[&str] =
            &["cancel", "close", "disable", "enable", "pause", "quit", "resume", "shutdown", "stop", "terminate"];
        // A variable of the package that a background goroutine writes, functions may use before it is started.
        let is_background = |(one, touch): &&(&Facts, &Touch)| {
            if !touch.class.contains('.') {
                return false;
            }
            if touch.detached { !one.1.waits } else { self.background.contains(&one.0) }
        };
        let caller = |(one, touch): &(&Facts, &Touch), of: &BTreeMap<&FuncName, &FuncName>| {
            let free = !touch.detached && !touch.waited && !one.1.prepares;
            of.get(&one.0).filter(|_| free).map(|name| short(name))
        };
        for write in touches.iter().filter(is_background).filter(|(_, touch)| touch.does.is_write()) {
            for read in touches {
                if let Some(name) = caller(read, &self.called) {
                    return Some(between(write, name, read.1.does, Users::Background));
                }
            }
        }
        let reads = |(_, touch): &&(&Facts, &Touch)| touch.in_loop && touch.flag && touch.does == Does::Reads;
        if let Some(read) = touches.iter().filter(is_background).find(reads) {
            let stops = |name: &str| words(name).first().is_some_and(|word| STOPS.contains(&word.as_str()));
            for write in touches.iter().filter(|(_, touch)| touch.does.is_write()) {
                if caller(write, &self.called).is_some_and(|name| stops(&name)) {
                    return Some(between(write, short(&read.0.0), read.1.does, Users::Stop));
                }
            }
        }
        self.race_of_many(touches)
    }

    /// The race of one field or variable that requests write, or partitions, whose goroutines run at the same time.
    fn race_of_many(&self, touches: &[(&Facts, &Touch)]) -> Option<(FuncName, FieldRace)> {
        touches.iter().filter(|(_, touch)| touch.does.is_write() && !touch.guarded).find_map(|write| {
            let (one, touch) = write;
            // A message is nothing that partitions wait for each other with.
            if let Some(name) = self.claims.get(&one.0) {
                return Some(between(write, short(name), touch.does, Users::Claims));
            }
            let shaped = || self.shaped.get(&one.0).filter(|_| touch.does.is_of_map());
            let name = self.requests.get(&one.0).or_else(shaped).filter(|_| !touch.waited && !one.1.prepares)?;
            Some(between(write, short(name), touch.does, Users::Requests))
        })
    }
}

/// The race of a write with what another function does.
fn between((one, touch): &(&Facts, &Touch), other: Rc<str>, other_does: Does, between: Users) -> (FuncName, FieldRace) {
    (one.0.clone(), FieldRace { at: touch.at, does: touch.does, other, other_does, between })
}

/// The name of a function without the type that it is a method of.
fn short(name: &FuncName) -> Rc<str> {
    name.rsplit('.').next().unwrap_or_default().into()
}

/// What is collected in a field that a loop in the background passes on now and then, where a method ends the loop and nobody passes on the
/// rest.
fn left_behind(facts: &[Facts]) -> Vec<(FuncName, FieldRace)> {
    const PASSES: &[&str] = &[
        "commit", "deliver", "drain", "emit", "export", "flush", "persist", "publish", "push", "save", "send", "ship",
        "store", "upload", "write",
    ];
    if facts.iter().all(|(_, facts)| facts.stops.is_none()) {
        return Vec::new();
    }
    let by_name: HashMap<&FuncName, &SharingFacts> = facts.iter().map(|(name, facts)| (name, &**facts)).collect();
    let started: BTreeSet<&FuncName> = facts.iter().flat_map(|(_, facts)| &facts.starts).collect();
    let passes = |name: &FuncName| words(&short(name)).first().is_some_and(|word| PASSES.contains(&word.as_str()));
    let own = |facts: &'_ SharingFacts, class: &Rc<str>, does: Does| {
        facts.touches.iter().any(|touch| touch.class == *class && touch.slot == Some(None) && touch.does == does)
    };
    let mut found = Vec::new();
    for (closer, closing) in facts.iter().filter(|(_, facts)| facts.exported) {
        let (Some(at), Some((of, _))) = (closing.stops, closer.rsplit_once('.')) else { continue };
        let reached = called_from(&by_name, closer);
        for (taker, taking) in
            facts.iter().filter(|(name, _)| passes(name) && name.rsplit_once('.').is_some_and(|(owner, _)| owner == of))
        {
            let drained = taking.touches.iter().filter(|touch| touch.slot == Some(None) && touch.does == Does::Writes);
            let Some(class) = drained.map(|touch| &touch.class).find(|class| {
                own(taking, class, Does::Reads) && facts.iter().any(|(_, facts)| own(facts, class, Does::Appends))
            }) else {
                continue;
            };
            let leads_to = |lead: &&Lead| {
                lead.passed.callee == *taker || called_from(&by_name, &lead.passed.callee).contains(&taker)
            };
            let leads = |name: &&FuncName| -> Vec<&Lead> { by_name[*name].leads.iter().filter(leads_to).collect() };
            let is_loop = |name: &&FuncName| {
                let leads = by_name.get(*name).map(|_| leads(name)).unwrap_or_default();
                !leads.is_empty() && leads.iter().all(|lead| lead.again)
            };
            let looks = |name: &&FuncName| {
                by_name.get(*name).is_some_and(|facts| facts.touches.iter().any(|touch| touch.class == *class))
            };
            if !reached.iter().any(looks) && started.iter().any(is_loop) {
                let field = class.rsplit('.').next().unwrap_or_default();
                let other = format!("`{}` for what is left in `{field}`", short(taker)).into();
                let (does, other_does) = (Does::Writes, Does::Reads);
                found.push((closer.clone(), FieldRace { at, does, other, other_does, between: Users::Left }));
                break;
            }
        }
    }
    found
}

/// A function, and those that it has called on its receiver or what it is given.
fn called_from<'f>(by_name: &HashMap<&'f FuncName, &'f SharingFacts>, from: &'f FuncName) -> Vec<&'f FuncName> {
    const MOST: usize = 32;
    let (mut all, mut at) = (vec![from], 0);
    while let Some(&name) = all.get(at) {
        at += 1;
        for lead in by_name.get(name).into_iter().flat_map(|facts| &facts.leads) {
            if all.len() < MOST && !all.contains(&&lead.passed.callee) {
                all.push(&lead.passed.callee);
            }
        }
    }
    all
}

/// A function, and what of it has a value.
type Having<'f> = (&'f FuncName, Slot);

/// Who gives functions a value, and whether a goroutine does that.
type Callers<'f> = HashMap<Having<'f>, Vec<(Having<'f>, &'f SharingFacts, bool)>>;

/// A function, and those that give it the same value, directly or not, in the same goroutine.
fn leading_to<'f>(callers: &Callers<'f>, of: (Having<'f>, &'f SharingFacts)) -> Vec<(Having<'f>, &'f SharingFacts)> {
    const MOST: usize = 32;
    let (mut all, mut at) = (vec![of], 0);
    while let Some(&(having, _)) = all.get(at) {
        at += 1;
        for &(caller, facts, _) in callers.get(&having).into_iter().flatten().filter(|(_, _, detached)| !detached) {
            if all.len() < MOST && all.iter().all(|(known, _)| *known != caller) {
                all.push((caller, facts));
            }
        }
    }
    all
}

/// The functions that are called by these, each with the one that it begins with.
fn spread<'f>(
    facts: &HashMap<&'f FuncName, &'f SharingFacts>,
    from: impl Iterator<Item = (&'f FuncName, &'f FuncName)>,
) -> BTreeMap<&'f FuncName, &'f FuncName> {
    const FAR: usize = 4;
    let mut all: BTreeMap<&FuncName, &FuncName> = from.collect();
    let mut newest: Vec<(&FuncName, &FuncName)> = all.iter().map(|(name, first)| (*name, *first)).collect();
    for _ in 0..FAR {
        let mut next = Vec::new();
        for (name, first) in newest {
            let calls = facts.get(name).into_iter().flat_map(|facts| &facts.calls);
            // What starts the goroutines comes before them, whoever calls it.
            let starts = |name: &FuncName| facts.get(name).is_some_and(|facts| facts.spawns && facts.prepares);
            for (callee, _) in calls.filter(|(name, detached)| !detached && !starts(name)) {
                if !all.contains_key(callee) {
                    all.insert(callee, first);
                    next.push((callee, first));
                }
            }
        }
        newest = next;
    }
    all
}
