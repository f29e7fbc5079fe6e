//! What orders goroutines: operations that let another goroutine go on, and those that wait for one.

use std::rc::Rc;

use gopeer_flow::{Op, OpKind};
use gopeer_sema::Def;
use gopeer_sema::types::{Type, TypeId};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, UnaryOp};

use crate::{Cx, Spawn, words};

/// What a signal is given with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A variable, or a field that is reached by one: the identifier that declares it, if it is a local, and the text.
    Exact(Option<ExprId>, Rc<str>),
    /// Anything that a local leads to.
    Within(ExprId),
    /// Anything.
    Any,
}

/// In which way one goroutine waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum How {
    /// A send or `close` lets a receive go on.
    Message,
    /// A receive lets a send go on: the channel has no room for two.
    Room,
    /// `Done` and `Wait`, a condition, `Once`, atomics.
    Group,
    /// `Unlock` and `Lock`.
    Lock,
    /// The cancellation of a context.
    Context,
    /// The goroutine ends.
    End,
    /// Not known, but no end.
    Any,
    /// Waits for whatever is at work.
    All,
}

/// A signal that is given or waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Signal {
    pub(crate) key: Key,
    pub(crate) how: How,
}

impl Signal {
    /// What each goroutine gives, for what waits for all.
    pub(crate) fn end() -> Signal {
        Signal::new(Key::Exact(None, "".into()), How::End)
    }

    /// Whether it is known what it is given with, and how.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.key, Key::Exact(..)) && !matches!(self.how, How::Any | How::All)
    }

    fn new(key: Key, how: How) -> Signal {
        Signal { key, how }
    }

    /// Whether waiting for this may mean waiting for the other.
    pub(crate) fn may_be(&self, given: &Signal) -> bool {
        let same_way = match (self.how, given.how) {
            (How::All, _) => true,
            (How::Any, How::End) => false,
            (How::Any, _) | (_, How::Any) => true,
            (one, other) => one == other,
        };
        let same_key = match (&self.key, &given.key) {
            (Key::Any, _) | (_, Key::Any) => true,
            (Key::Within(root), Key::Exact(Some(other), _)) | (Key::Exact(Some(other), _), Key::Within(root)) => {
                root == other
            }
            (one, other) => one == other && !matches!(one, Key::Within(_)),
        };
        same_way && same_key
    }
}

/// What an operation gives and waits for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    pub(crate) gives: Vec<Signal>,
    pub(crate) waits: Vec<Signal>,
}

impl Signals {
    fn both(key: Key, how: How) -> Signals {
        let signal = Signal::new(key, how);
        Signals { gives: vec![signal.clone()], waits: vec![signal] }
    }

    fn gives(key: Key, how: How) -> Signals {
        Signals { gives: vec![Signal::new(key, how)], waits: Vec::new() }
    }

    fn waits(key: Key, how: How) -> Signals {
        Signals { gives: Vec::new(), waits: vec![Signal::new(key, how)] }
    }

    fn add(&mut self, other: Signals) {
        self.gives.extend(other.gives);
        self.waits.extend(other.waits);
    }
}

/// Words in the names of functions that wait for whatever is at work.
const WAITS: &[&str] = &["await", "block", "drain", "eventually", "join", "shutdown", "stop", "sync", "wait"];

/// Words in the names of functions that may wait for something.
const ENDS: &[&str] = &[
    "cancel",
    "close",
    "collect",
    "done",
    "exit",
    "finish",
    "finished",
    "flush",
    "halt",
    "kill",
    "ready",
    "recv",
    "run",
    "serve",
    "stopped",
    "terminate",
];

/// Words in the names of functions that keep others out until they are undone.
const LOCKS: &[&str] = &["acquire", "lock", "rlock"];

/// Reads signals in one goroutine.
pub(crate) struct Signaller<'c, 'a> {
    pub(crate) cx: &'c Cx<'a>,
    /// How the goroutine is started, if it is a function literal: its parameters are what it is given.
    pub(crate) spawn: Option<Spawn<'a>>,
}

impl<'a> Signaller<'_, 'a> {
    /// What an operation gives and waits for.
    pub(crate) fn of(&self, op: Op) -> Signals {
        match op.kind {
            OpKind::Recv => self.receive(op.at),
            OpKind::Send => self.send(op.at),
            OpKind::Call | OpKind::Defer | OpKind::Go => match self.cx.spawn_by(op.at) {
                Some(spawn) => self.started(spawn),
                None => self.call(op.at, 0),
            },
            _ => Signals::default(),
        }
    }

    /// Another goroutine is started: what it gives comes after what was done before.
    fn started(&self, spawn: Spawn<'a>) -> Signals {
        let mut signals = match self.cx.expr(spawn.runs) {
            Expr::FuncLit { body, .. } => Signaller { spawn: Some(spawn), ..*self }.inside(Node::Stmt(body), 1),
            _ => self.unknown_call(spawn.call, spawn.runs, spawn.args),
        };
        signals.waits.clear();
        signals.gives.extend(spawn.group.and_then(|group| self.key(group)).map(|key| Signal::new(key, How::Group)));
        signals
    }

    /// Receiving from a channel: the receive expression, or the channel itself.
    pub(crate) fn receive(&self, expr: ExprId) -> Signals {
        let cx = self.cx;
        let expr = cx.unparen(expr);
        let channel = match cx.expr(expr) {
            Expr::Unary { op: UnaryOp::Recv, operand } => cx.unparen(operand),
            _ => expr,
        };
        if let Expr::Call { .. } = cx.expr(channel) {
            let of_context = cx.calls(channel, &["context.Context.Done"]);
            let of_clock = matches!(cx.callee_word(channel), "After" | "Tick" | "NewTimer" | "C" | "Chan");
            return match (of_context, of_clock) {
                (true, _) => Signals::waits(Key::Any, How::Context),
                (_, true) => Signals::default(),
                _ => Signals::waits(Key::Any, How::Message),
            };
        }
        if let Expr::Selector { base, .. } = cx.expr(channel)
            && cx.has_type(base, &["time.Timer", "time.Ticker"])
        {
            return Signals::default();
        }
        let Some(key) = self.key(channel) else { return Signals::waits(Key::Any, How::Message) };
        let mut signals = Signals::waits(key.clone(), How::Message);
        if self.room(channel).is_none_or(|room| room < 2) {
            signals.gives.push(Signal::new(key, How::Room));
        }
        signals
    }

    fn send(&self, channel: ExprId) -> Signals {
        let key = self.key(channel).unwrap_or(Key::Any);
        let mut signals = Signals::gives(key.clone(), How::Message);
        if self.room(channel).is_none_or(|room| room < 2) {
            signals.waits.push(Signal::new(key, How::Room));
        }
        signals
    }

    /// How many values a channel has room for; none where that is not known.
    fn room(&self, channel: ExprId) -> Option<i64> {
        let cx = self.cx;
        let channel = cx.unparen(cx.initial_value(channel).unwrap_or(channel));
        let Expr::Call { fun, args, .. } = cx.expr(channel) else { return cx.room_of_field(channel).map(i64::from) };
        match cx.exprs(args) {
            _ if !cx.is_builtin(fun, "make") => None,
            [_] => Some(0),
            // What is computed is more than one for somebody.
            [_, size] => Some(cx.int_value(*size).unwrap_or(i64::MAX)),
            _ => None,
        }
    }

    /// What a call gives and waits for; function literals that it calls or is given may do it for it.
    fn call(&self, call: ExprId, depth: u32) -> Signals {
        let cx = self.cx;
        let call = cx.unparen(call);
        let Expr::Call { fun, args, .. } = cx.expr(call) else { return Signals::default() };
        let (fun, args) = (cx.unparen(fun), cx.exprs(args));
        if cx.is_builtin(fun, "close") {
            return args
                .first()
                .map_or_else(Signals::default, |&of| Signals::gives(self.key(of).unwrap_or(Key::Any), How::Message));
        }
        if cx.def(fun) == Def::Universe || cx.is_type_expr(fun) || cx.spawn(Node::Expr(call)).is_some() {
            return Signals::default();
        }
        let mut signals = match cx.call(call) {
            Some(found) => match self.known_call(found, call) {
                Some(signals) => signals,
                None => self.unknown_call(call, fun, args),
            },
            None => self.value_call(call, fun, args),
        };
        if depth < 3 {
            for &literal in args.iter().chain([&cx.literal_of(fun)]) {
                // A parallel subtest continues when the call has returned.
                if cx.subtest(literal).is_some() {
                    continue;
                }
                if let Expr::FuncLit { body, .. } = cx.expr(literal) {
                    let mut inner = self.inside(Node::Stmt(body), depth + 1);
                    // When it runs in the course of the call is not known.
                    inner.gives.extend(inner.waits.clone());
                    inner.waits = inner.gives.clone();
                    signals.add(inner);
                }
            }
        }
        signals
    }

    /// What the code of a function literal gives and waits for.
    fn inside(&self, node: Node, depth: u32) -> Signals {
        let cx = self.cx;
        let mut signals = Signals::default();
        cx.tree.walk(node, &mut |node| {
            match node {
                _ if cx.spawn(node).is_some() => return false,
                Node::Expr(id) => match cx.expr(id) {
                    Expr::Unary { op: UnaryOp::Recv, .. } => signals.add(self.receive(id)),
                    Expr::Call { .. } => signals.add(self.call(id, depth)),
                    Expr::FuncLit { .. } => return false,
                    _ => {}
                },
                Node::Stmt(id) => match cx.stmt(id) {
                    Stmt::Send { chan, .. } => signals.add(self.send(chan)),
                    Stmt::Range { subject, .. } if self.is_channel(subject) => signals.add(self.receive(subject)),
                    _ => {}
                },
                _ => {}
            }
            true
        });
        signals
    }

    pub(crate) fn is_channel(&self, expr: ExprId) -> bool {
        matches!(self.cx.under(expr), Type::Chan { .. })
    }

    /// A call of which the library says what it does; none where it does not.
    fn known_call(&self, found: crate::Call<'_>, call: ExprId) -> Option<Signals> {
        let callee = found.callee;
        let key = |of: Option<ExprId>| of.and_then(|of| self.key(of)).unwrap_or(Key::Any);
        let of = || key(found.receiver);
        Some(match (callee.path, callee.recv, callee.name) {
            ("sync", Some("WaitGroup"), "Add") if self.adds(found.args) => Signals::default(),
            ("sync", Some("WaitGroup"), "Done" | "Add") => Signals::gives(of(), How::Group),
            ("sync", Some("WaitGroup"), "Wait") => Signals::waits(of(), How::Group),
            ("sync", Some("Cond"), "Signal" | "Broadcast") => Signals::gives(of(), How::Group),
            ("sync", Some("Cond"), "Wait") => Signals::waits(of(), How::Group),
            ("sync", Some("Once" | "Map"), _) => Signals::both(of(), How::Group),
            ("sync", _, "Lock" | "RLock" | "TryLock" | "TryRLock") => Signals::waits(of(), How::Lock),
            ("sync", _, "Unlock" | "RUnlock") => Signals::gives(of(), How::Lock),
            ("sync/atomic", Some(_), _) => Signals::both(of(), How::Group),
            ("sync/atomic", None, _) => Signals::both(key(found.args.first().copied()), How::Group),
            ("golang.org/x/sync/errgroup", _, "Wait") => Signals::waits(of(), How::Group),
            ("golang.org/x/sync/errgroup" | "sync", _, _) => Signals::default(),
            ("golang.org/x/sync/semaphore", _, "Acquire" | "TryAcquire") => Signals::waits(of(), How::Room),
            ("golang.org/x/sync/semaphore", _, "Release") => Signals::gives(of(), How::Room),
            ("time" | "context", _, _) | ("testing", _, "Run") => Signals::default(),
            _ if self.cx.is_library_call(call) && self.named_wait(call).is_none() => self.given_channels(found.args),
            _ => return None,
        })
    }

    /// Whether what is added to a group is more work, and not less.
    fn adds(&self, args: &[ExprId]) -> bool {
        !args.first().is_some_and(|&delta| {
            self.cx.int_value(delta).is_some_and(|delta| delta < 0) || self.cx.source(delta).starts_with('-')
        })
    }

    /// A library may send to the channels that it is given, or close them.
    fn given_channels(&self, args: &[ExprId]) -> Signals {
        let mut signals = Signals::default();
        for &arg in args.iter().filter(|&&arg| self.is_channel(arg)) {
            signals.add(Signals::both(self.key(arg).unwrap_or(Key::Any), How::Any));
        }
        signals
    }

    /// Whether the name of what is called says that it waits, and for what: a goroutine hardly waits for its own end.
    fn named_wait(&self, call: ExprId) -> Option<How> {
        let words = words(self.cx.callee_word(call));
        let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        match self.spawn {
            _ if says(WAITS) => Some(How::All),
            None if says(ENDS) => Some(How::Any),
            _ => None,
        }
    }

    /// Whether a call keeps others out in a way that is not known, by its name.
    pub(crate) fn names_lock(&self, call: ExprId) -> bool {
        let known = self.cx.callee(call).is_some_and(|callee| callee.path == "sync");
        !known && words(self.cx.callee_word(call)).iter().any(|word| LOCKS.contains(&word.as_str()))
    }

    /// A call of something of the project, or of which nothing is known but its name: it may do anything with what it is given.
    fn unknown_call(&self, call: ExprId, fun: ExprId, args: &[ExprId]) -> Signals {
        let mut signals = Signals::default();
        if let Some(how) = self.named_wait(call) {
            signals.waits.push(Signal::new(Key::Any, how));
            signals.gives.push(Signal::new(Key::Any, How::Any));
        }
        // In a test, much goes on between a goroutine and what the test calls.
        if self.spawn.is_some() && self.cx.file.is_test() {
            signals.gives.push(Signal::new(Key::Any, How::Any));
        }
        let receiver = match self.cx.expr(fun) {
            Expr::Selector { base, name } => Some(base).filter(|&base| !self.fetches(base, name)),
            _ => None,
        };
        for &given in args.iter().chain(&receiver) {
            if let Some(Key::Exact(root, text)) = self.key(given) {
                if self.is_channel(given) || self.is_func(given) {
                    signals.add(Signals::both(Key::Exact(root, text), How::Any));
                } else if let Some(root) = root.filter(|_| self.leads_on(given)) {
                    signals.add(Signals::both(Key::Exact(Some(root), text), How::Any));
                    signals.add(Signals::both(Key::Within(root), How::Any));
                }
            }
        }
        signals
    }

    /// Whether a method of an interface gets what is next, which waits for no goroutine that works on what came before.
    fn fetches(&self, of: ExprId, name: ExprId) -> bool {
        const WORDS: &[&str] = &["accept", "fetch", "list", "next", "poll", "read"];
        let fetches = || words(self.cx.source(name)).first().is_some_and(|first| WORDS.contains(&first.as_str()));
        matches!(self.cx.under(of), Type::Interface(_)) && fetches()
    }

    /// A call of a function value: which function that is does not show.
    fn value_call(&self, call: ExprId, fun: ExprId, args: &[ExprId]) -> Signals {
        if self.cx.has_type(fun, &["context.CancelFunc", "context.CancelCauseFunc"]) {
            return Signals::gives(Key::Any, How::Context);
        }
        let mut signals = self.unknown_call(call, fun, args);
        if !matches!(self.cx.expr(self.cx.literal_of(fun)), Expr::FuncLit { .. }) {
            let key = self.key(fun).filter(|_| self.named_wait(call).is_none());
            signals.gives.push(Signal::new(Key::Any, How::Any));
            // A goroutine hardly waits for who started it by what it is given to do.
            if let Some(key) = key.filter(|_| self.spawn.is_none()) {
                signals.add(Signals::both(key, How::Any));
            }
        }
        signals
    }

    fn is_func(&self, expr: ExprId) -> bool {
        matches!(self.cx.under(expr), Type::Signature(_))
    }

    /// Whether a channel or a lock may be reached from a value.
    fn leads_on(&self, expr: ExprId) -> bool {
        let ty = self.cx.deref(self.cx.ty(expr));
        matches!(
            self.cx.store.under(ty),
            Type::Struct(_) | Type::Interface(_) | Type::Unknown | Type::Slice(_) | Type::Map { .. }
        ) && ty != TypeId::ERROR
            && !self.cx.type_is(ty, &["context.Context", "testing.T", "testing.B"])
    }

    /// What an expression names, points to or is the address of.
    pub(crate) fn key(&self, expr: ExprId) -> Option<Key> {
        let cx = self.cx;
        let mut expr = cx.unparen(expr);
        loop {
            expr = match cx.expr(expr) {
                Expr::Star(inner) | Expr::Unary { op: UnaryOp::Addr, operand: inner } => cx.unparen(inner),
                Expr::Index { base, .. } => cx.unparen(base),
                _ => break,
            };
        }
        expr = self.alias_of(expr);
        let root = cx.root(expr)?;
        let text: Rc<str> = cx.source(expr).into();
        let Def::Local(declared) = cx.def(root) else { return Some(Key::Exact(None, text)) };
        match self.spawn.and_then(|spawn| self.given(spawn, declared)) {
            Some(given) if root == expr => Signaller { spawn: None, ..*self }.key(given),
            Some(given) => match cx.root(given).map(|root| cx.def(root)) {
                Some(Def::Local(declared)) => Some(Key::Within(declared)),
                _ => Some(Key::Any),
            },
            None => Some(Key::Exact(Some(declared), text)),
        }
    }

    /// What a local stands for that is given the value of another variable where it is declared: `sem := s.sem`.
    fn alias_of(&self, mut expr: ExprId) -> ExprId {
        const FAR: usize = 3;
        for _ in 0..FAR {
            let Some(value) = self.cx.initial_value(expr).map(|value| self.cx.unparen(value)) else { break };
            let other = match self.cx.expr(value) {
                Expr::Unary { op: UnaryOp::Addr, operand } => self.cx.unparen(operand),
                _ => value,
            };
            if self.cx.root(other).is_none() || self.cx.is_builtin(other, "nil") {
                break;
            }
            expr = other;
        }
        expr
    }

    /// What a parameter of the goroutine's function literal is given.
    fn given(&self, spawn: Spawn<'a>, declared: ExprId) -> Option<ExprId> {
        let func = self.cx.as_func(Node::Expr(spawn.runs))?;
        let Expr::FuncType { params, .. } = self.cx.expr(func.ty) else { return None };
        let at = self.cx.params(params).iter().position(|(name, _)| *name == Some(declared))?;
        spawn.args.get(at).copied()
    }

    /// What a goroutine that runs a declared function may wait for and give: what it is given and what it is called on.
    pub(crate) fn of_callee(&self, spawn: &Spawn<'_>) -> Signals {
        self.unknown_call(spawn.call, spawn.runs, spawn.args)
    }
}
