//! What calls do outside of the process, and in which order: a message is fetched, handled and acknowledged, a row is written, a
//! response is sent.
//!
//! Which function or method of a library has which effect is a fact (`effects` in `crates/api/facts/effects.toml`). A function of the
//! package has the effects of what it calls. Paths between effects are followed as everything is (`crate::flow`): [`Cx::seek`] goes
//! from one on until another, or the end, is met.

mod done;
mod later;
mod message;
mod order;
mod outlives;
mod reply;
mod settled;
mod transaction;
mod turns;

use gopeer_flow::{Found, Next, Op, State, Values, Watch};
use gopeer_sema::has_host;
use gopeer_sema::types::{Type, TypeId};
use gopeer_syntax::ast::{Expr, ExprId, Node, StmtId};

pub use done::Done;
pub use message::Message;
pub use order::{Early, Skipped};
pub use reply::Reply;
pub use settled::Unsettled;
pub use transaction::{Inside, TRANSACTIONS};
pub use turns::{EachTurn, Retry};

use crate::summary::{Answer, What};
use crate::{Call, Cx, Followed, Func, Object, Start, words};

/// A set of effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Effects(u16);

impl Effects {
    /// Gets messages from a broker: as results, or as a channel of them.
    pub const FETCH: Effects = Effects(1);
    /// Records the position in a partition up to which messages are handled: Kafka delivers none of them again.
    pub const COMMIT: Effects = Effects(2);
    /// Acknowledges a message: the broker forgets it.
    pub const ACK: Effects = Effects(4);
    /// Gives a message back, or rejects it.
    pub const NACK: Effects = Effects(8);
    /// Publishes a message.
    pub const PUBLISH: Effects = Effects(16);
    /// Writes to a database.
    pub const WRITE: Effects = Effects(32);
    /// Runs a query of a relational database.
    pub const QUERY: Effects = Effects(64);
    /// Reads by key or filter from another store.
    pub const LOOKUP: Effects = Effects(128);
    /// Writes to a cache.
    pub const CACHE: Effects = Effects(256);
    /// Calls another service over the network.
    pub const REMOTE: Effects = Effects(512);
    /// Waits for time to pass.
    pub const WAIT: Effects = Effects(1024);
    /// Sends the status, or a part of the body, of a response; its headers are sent with that.
    pub const RESPOND: Effects = Effects(2048);
    /// Sets headers of a response.
    pub const HEADERS: Effects = Effects(4096);
    /// Does something else whose outcome matters: a program that runs (`work` in the facts), and what the package does not show and can
    /// fail, or says by its name that it handles something.
    pub const UNKNOWN: Effects = Effects(8192);
    /// What the effects are is taken from names of an interface.
    pub const GUESSED: Effects = Effects(16384);

    /// The names in `facts/effects.toml`, by bit.
    pub const NAMES: [&'static str; 14] = [
        "fetch", "commit", "ack", "nack", "publish", "write", "query", "lookup", "cache", "remote", "wait", "respond",
        "headers", "work",
    ];

    /// What handles something: its outcome matters to others.
    pub const WORK: Effects = Effects(16 + 32 + 256 + 512 + 8192);

    /// Whether it has one of these.
    pub const fn has(self, any: Effects) -> bool {
        self.0 & any.0 != 0
    }

    /// Both together.
    pub const fn and(self, other: Effects) -> Effects {
        Effects(self.0 | other.0)
    }

    /// Those that both have.
    pub const fn among(self, other: Effects) -> Effects {
        Effects(self.0 & other.0)
    }

    /// Those of a fact: names with spaces between them.
    fn read(text: &str) -> Effects {
        let bit = |name: &str| Effects::NAMES.iter().position(|known| *known == name).map_or(0, |at| 1 << at);
        Effects(text.split(' ').fold(0, |all, name| all | bit(name)))
    }
}

/// What names of functions say that only read, convert or report what they are given.
const HARMLESS: &[&str] = &[
    "check",
    "close",
    "commit",
    "convert",
    "count",
    "debug",
    "decode",
    "deserialize",
    "error",
    "extract",
    "filter",
    "from",
    "get",
    "has",
    "info",
    "is",
    "len",
    "log",
    "marshal",
    "measure",
    "metric",
    "new",
    "observe",
    "parse",
    "print",
    "printf",
    "report",
    "should",
    "span",
    "string",
    "to",
    "trace",
    "unmarshal",
    "valid",
    "validate",
    "verify",
    "warn",
    "with",
];
/// What they say that handle it.
const HANDLES: &[&str] = &[
    "apply", "charge", "consume", "create", "deliver", "execute", "handle", "handler", "index", "insert", "persist",
    "process", "publish", "save", "send", "store", "update", "upsert", "write",
];

/// Effects of calls.
impl<'a> Cx<'a> {
    /// The effects of a call: those of a library's function or method by the facts, those of a function of the package by its body,
    /// and those of the function literals that it is given, unless a goroutine runs them.
    pub fn effects(&self, call: ExprId) -> Effects {
        if let Some(&known) = self.asked.effects.borrow().get(&call) {
            return known;
        }
        let found = self.effects_alone(call).and(self.effects_of_literals(call));
        self.asked.effects.borrow_mut().insert(call, found);
        found
    }

    /// The effects of a call without those of function literals.
    fn effects_alone(&self, call: ExprId) -> Effects {
        let Some(found) = self.call(call) else { return self.effects_of_value(call) };
        if self.own_function(found.callee).is_some() {
            return self.done_by(found).map_or_else(|| self.guessed(found), |done| done.all);
        }
        match self.declared_effects(&found.callee) {
            Effects(0) if self.is_rpc_client(found.fun) => Effects::REMOTE,
            Effects(0) if self.is_own(&found.callee) => self.guessed(found),
            declared => declared,
        }
    }

    /// The effects that the facts give a function or method of a library.
    pub fn declared_effects(&self, callee: &Object<'_>) -> Effects {
        let text = match callee.recv {
            Some(recv) => self.store.default_setting(callee.path, &format!("{recv}.{}", callee.name)),
            None => self.store.default_setting(callee.path, callee.name),
        };
        text.map(Effects::read).unwrap_or_default()
    }

    /// The effects that a call has by the facts alone: of a library's function or method, or of a method by which an interface of the
    /// module repeats one.
    pub fn effects_by_facts(&self, call: Call<'a>) -> Effects {
        match self.declared_effects(&call.callee) {
            Effects(0) => self.mirrored(call),
            declared => declared,
        }
    }

    /// What a function of the package does that a call calls, or what the methods do that an interface of the package may stand for.
    pub(crate) fn done_by(&self, call: Call<'a>) -> Option<std::rc::Rc<Done>> {
        let of = self.own_function(call.callee)?;
        let answer = self.ask_function(of, What::Effects).or_else(|| {
            call.callee.recv?;
            self.ask_all(What::MethodEffects(call.callee.name.into()))
        });
        match answer {
            Some(Answer::Effects(done)) if done.declared => Some(done),
            _ => None,
        }
    }

    /// A client stub of gRPC takes options of the call at last.
    pub fn is_rpc_client(&self, fun: ExprId) -> bool {
        let Type::Signature(signature) = self.store.get(self.ty(fun)) else { return false };
        let Some(&last) = signature.params.last().filter(|_| signature.variadic) else { return false };
        matches!(self.store.get(last), Type::Slice(elem) if self.type_is(elem, &["google.golang.org/grpc.CallOption"]))
    }

    /// Of a function value nothing shows but its name and its results.
    fn effects_of_value(&self, call: ExprId) -> Effects {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return Effects::default() };
        if !matches!(self.store.under(self.ty(fun)), Type::Signature(_)) || self.is_type_expr(fun) {
            return Effects::default();
        }
        match self.expr(self.unparen(fun)) {
            Expr::FuncLit { .. } => self.effects_inside(fun),
            _ => self.unknown(call),
        }
    }

    /// The effects of a client's method that an interface of the module repeats: it has the same name, and types of the client's package
    /// in its signature.
    fn mirrored(&self, call: Call<'a>) -> Effects {
        const CLIENTS: &[&str] = &["Channel", "Client", "Consumer", "Producer", "Reader", "Writer"];
        let Type::Signature(signature) = self.store.get(self.ty(call.fun)) else { return Effects::default() };
        let types = signature.params.iter().chain(signature.results.iter());
        let paths = types.filter_map(|&ty| match self.store.get(ty) {
            Type::Slice(elem) => self.type_path(self.deref(elem)),
            _ => self.type_path(self.deref(ty)),
        });
        let of = |path| {
            let method = |recv| self.declared_effects(&Object { path, recv: Some(recv), name: call.callee.name });
            CLIENTS.iter().map(|recv| method(*recv)).find(|found| *found != Effects::default())
        };
        paths.filter(|path| has_host(path)).find_map(of).unwrap_or_default()
    }

    /// What the signature and the names of a method of the module say that shows no body.
    fn guessed(&self, call: Call<'a>) -> Effects {
        let mirrored = self.mirrored(call);
        if mirrored != Effects::default() {
            return mirrored;
        }
        let unknown = self.unknown(call.expr);
        let Some(recv) = call.callee.recv.filter(|_| unknown.has(Effects::UNKNOWN)) else { return unknown };
        let (of, named) = (words(recv), words(call.callee.name));
        let is = |list: &[&str]| of.iter().any(|word| list.contains(&word.as_str()));
        let does = |list: &[&str]| named.first().is_some_and(|word| list.contains(&word.as_str()));
        const STORES: &[&str] = &["dao", "database", "db", "repo", "repository", "storage", "store"];
        const BROKERS: &[&str] = &["broker", "bus", "emitter", "producer", "publisher"];
        const SERVICES: &[&str] = &["api", "client", "gateway", "mailer", "smtp"];
        let guess = if is(BROKERS) && does(&["dispatch", "emit", "produce", "publish", "send", "write"]) {
            Effects::PUBLISH
        } else if is(STORES)
            && does(&["create", "delete", "insert", "put", "remove", "save", "set", "update", "upsert"])
        {
            Effects::WRITE
        } else if is(&["dao", "repo", "repository"])
            && does(&["fetch", "find", "get", "load", "lookup", "query", "select"])
        {
            Effects::QUERY
        } else if is(SERVICES) {
            Effects::REMOTE
        } else {
            return unknown;
        };
        unknown.and(guess).and(Effects::GUESSED)
    }

    /// Whether what shows no body may handle something: it can fail, or its name says so.
    fn unknown(&self, call: ExprId) -> Effects {
        let named = words(self.callee_word(call));
        let first = named.first().map(String::as_str).unwrap_or_default();
        let handles = || named.iter().any(|word| HANDLES.contains(&word.as_str()));
        match !HARMLESS.contains(&first) && (self.returns_error(call) || handles()) {
            true => Effects::UNKNOWN,
            false => Effects::default(),
        }
    }

    /// Whether a call only makes a value, which keeps the function literals that it is given: an option, a handler, a timer.
    fn makes_a_value(&self, call: ExprId) -> bool {
        let is_made = |ty| matches!(self.store.under(ty), Type::Interface(_) | Type::Signature(_) | Type::Pointer(_));
        matches!(self.results(call).as_deref(), Some([made]) if *made != TypeId::ERROR && is_made(*made))
    }

    /// The effects of function literals that a call is given and that run before it returns, as far as that shows.
    fn effects_of_literals(&self, call: ExprId) -> Effects {
        let Expr::Call { args, .. } = self.expr(self.unparen(call)) else { return Effects::default() };
        let is_literal = |arg: &&ExprId| matches!(self.expr(self.unparen(**arg)), Expr::FuncLit { .. });
        let mut literals = self.exprs(args).iter().filter(is_literal).peekable();
        if literals.peek().is_none() || self.starts_goroutine(call) || self.makes_a_value(call) {
            return Effects::default();
        }
        literals.fold(Effects::default(), |all, &literal| all.and(self.effects_inside(literal)))
    }

    /// Whether a goroutine runs the call, or what it is given.
    fn starts_goroutine(&self, call: ExprId) -> bool {
        self.is_go(call) || self.spawn(Node::Expr(call)).is_some_and(|spawn| spawn.group.is_none())
    }

    /// The effects of all calls in a subtree.
    pub fn effects_inside(&self, node: impl Into<Node>) -> Effects {
        let calls = self.calls_within(node, true);
        // What literals do that are called there is among the calls already.
        let is_literal = |call: ExprId| match self.expr(self.unparen(call)) {
            Expr::Call { fun, .. } => matches!(self.expr(self.unparen(fun)), Expr::FuncLit { .. }),
            _ => false,
        };
        calls.iter().take(256).fold(Effects::default(), |all, &node| match node {
            Node::Expr(call) if !is_literal(call) => all.and(self.effects_alone(call)),
            _ => all,
        })
    }
}

/// Functions with more calls are left alone by what looks at all of them for each of some.
const MOST_CALLS: usize = 1000;

impl Cx<'_> {
    /// Whether a function makes so many calls that they cannot be compared with each other.
    pub fn is_long(&self, func: Func) -> bool {
        self.calls_within(func.body, false).len() > MOST_CALLS
    }
}

/// Watches for operations on the paths from one on.
struct Seek<'f> {
    meets: &'f mut dyn FnMut(&mut Values<'_>, &mut State, Op) -> Next,
    /// What the end of the function is.
    end: Next,
}

impl Watch for Seek<'_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        (self.meets)(values, state, op)
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        self.end
    }
}

/// Paths between effects.
impl Cx<'_> {
    /// The shortest path from a point to an operation at which `meets` says [`Next::Found`]; a path ends where it says
    /// [`Next::Stop`]. Where the function is left, `end` says the same.
    pub fn seek(
        &self,
        of: &Followed,
        start: &mut Start<'_>,
        end: Next,
        meets: &mut dyn FnMut(&mut Values<'_>, &mut State, Op) -> Next,
    ) -> Option<Found> {
        self.follow(of, start, &mut Seek { meets, end })
    }
}

#[cfg(test)]
mod tests {
    use super::Effects;

    #[test]
    fn facts_are_read() {
        assert_eq!(Effects::read("publish"), Effects::PUBLISH);
        assert_eq!(Effects::read("ack write"), Effects::ACK.and(Effects::WRITE));
        assert_eq!(Effects::read("12"), Effects::default());
    }

    #[test]
    fn facts_name_known_effects() {
        let facts = include_str!("../../../api/facts/effects.toml");
        let named = facts.lines().filter_map(|line| line.split_once(" = [")).map(|(name, _)| name);
        let unknown: Vec<&str> = named.filter(|name| !Effects::NAMES.contains(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
