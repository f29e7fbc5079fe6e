//! What the facts say of functions, methods, fields and types (`taint` in `crates/api/facts`).

use gopeer_sema::SelectionKind;
use gopeer_sema::types::{Type, TypeId};
use gopeer_syntax::ast::ExprId;

use crate::{Cx, Object};

/// A set of kinds of harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kinds(u16);

impl Kinds {
    /// The program of a command, or what a shell runs.
    pub const COMMAND: Kinds = Kinds(1);
    /// An argument of a program that is no shell.
    pub const ARGUMENT: Kinds = Kinds(2);
    /// A path in the file system.
    pub const PATH: Kinds = Kinds(4);
    /// The host of a request that is sent.
    pub const URL: Kinds = Kinds(8);
    /// HTML that a browser gets.
    pub const HTML: Kinds = Kinds(16);
    /// The text of an SQL statement.
    pub const SQL: Kinds = Kinds(32);
    /// The text of a CQL statement.
    pub const CQL: Kinds = Kinds(64);
    /// Where a client is sent.
    pub const REDIRECT: Kinds = Kinds(128);
    /// A token that is taken as it is.
    pub const TOKEN: Kinds = Kinds(512);
    /// Somebody who should not know it reads it: it is logged, or part of an error.
    pub const SECRET: Kinds = Kinds(256);
    /// Text between the tags of HTML, whoever gets that.
    pub const MARKUP: Kinds = Kinds(1024);
    /// A reader that is read however much comes out of it.
    pub const READER: Kinds = Kinds(2048);
    /// An argument of a statement that adds to a column.
    pub const COUNTER: Kinds = Kinds(4096);
    /// The value of a label of a metric.
    pub const LABEL: Kinds = Kinds(8192);
    /// A part of the path or of the query of an address.
    pub const PART: Kinds = Kinds(16384);
    /// An address as a whole, of which something may become a part on the way there.
    pub(super) const ADDRESS: Kinds = Kinds(32768);
    /// All that input from outside can do.
    pub const ALL: Kinds = Kinds(32767 - 256);
    /// All that may become of it.
    pub(super) const ANY: Kinds = Kinds(65535 - 256);

    /// The names of the bits, from the lowest.
    const NAMES: [&'static str; 15] = [
        "command", "argument", "path", "url", "html", "sql", "cql", "redirect", "secret", "token", "markup", "reader",
        "counter", "label", "part",
    ];

    /// The kinds of these names, or all where there are none.
    fn named<'t>(names: impl Iterator<Item = &'t str>) -> Kinds {
        let bit = |name| Kinds::NAMES.iter().position(|known| *known == name).map_or(Kinds::ALL.0, |at| 1 << at);
        match names.fold(0, |bits, name| bits | bit(name)) {
            0 => Kinds::ALL,
            bits => Kinds(bits),
        }
    }

    /// Those that both have.
    pub const fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    /// Those of this set that the other one does not have.
    pub const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    /// Those of either.
    pub const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// Those that a value has for what a function does with it, of these kinds: it may make it a part of an address.
    pub(super) fn through(self, function: Kinds) -> Kinds {
        let joins = self.has(Kinds::ADDRESS) && function.has(Kinds::PART) && !function.has(Kinds::ADDRESS);
        self.and(function).or(if joins { Kinds::PART } else { Kinds::default() })
    }

    /// Those that what is given for these kinds can have: an address can have a part.
    pub(super) fn wide(self) -> Kinds {
        if self.has(Kinds::ADDRESS) { self.or(Kinds::PART) } else { self }
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it has one of these.
    pub const fn has(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }
}

/// A part of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// What the method is called on.
    Receiver,
    /// The argument of this index.
    Arg(usize),
}

impl Part {
    fn read(text: &str) -> Option<Part> {
        match text {
            "recv" => Some(Part::Receiver),
            index => index.parse().ok().map(Part::Arg),
        }
    }
}

/// What a function, method or field does with input from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role<'a> {
    /// It gives some: of a class, and dangerous for these kinds.
    Source(&'a str, Kinds),
    /// It gives a part of a request that belongs to a class.
    Carries(&'a str),
    /// What it gives belongs to a class if what it got is from outside.
    As(&'a str),
    /// What it gives comes from this part of the call.
    Flow(Part),
    /// What it gives does no harm of these kinds.
    Clean(Kinds),
    /// It puts into an argument what comes from another part of the call.
    Into(Part, Part),
    /// It fills an argument with input of a class.
    Fills(usize, &'a str),
    /// If it answers `true`, or no error, an argument does no harm of these kinds.
    Guard(usize, Kinds),
    /// It looks for something in an argument.
    Denies(usize),
    /// It compares the beginning of an argument.
    Prefix(usize),
    /// It compares the end of an argument.
    Suffix(usize),
    /// An argument can do harm; of labels those that follow as well.
    Sink(usize, Kinds),
    /// It sends a request.
    Sends(usize),
    /// It runs the program that an argument names with those that follow.
    Exec(usize),
    /// It writes this argument, and those that follow, to a log or into an error.
    Logs(usize),
    /// It writes an argument, and those that follow, to what the other part is.
    Answer(Part, usize),
    /// Of a type: a value of it that a handler is given is a request.
    Request,
}

impl<'a> Role<'a> {
    fn read(text: &'a str) -> Option<Role<'a>> {
        let mut words = text.split(' ');
        let verb = words.next()?;
        let index = |words: &mut std::str::Split<'a, char>| words.next()?.parse().ok();
        Some(match verb {
            "source" => Role::Source(words.next()?, Kinds::named(words)),
            "carries" => Role::Carries(words.next()?),
            "as" => Role::As(words.next()?),
            "flow" => Role::Flow(Part::read(words.next()?)?),
            "clean" => Role::Clean(Kinds::named(words)),
            "into" => Role::Into(Part::read(words.next()?)?, Part::read(words.nth(1)?)?),
            "fills" => {
                let target = index(&mut words)?;
                match words.next()? {
                    "from" => Role::Into(Part::Arg(target), Part::read(words.next()?)?),
                    class => Role::Fills(target, class),
                }
            }
            "guard" => Role::Guard(index(&mut words)?, Kinds::named(words)),
            "denies" => Role::Denies(index(&mut words)?),
            "prefix" => Role::Prefix(index(&mut words)?),
            "suffix" => Role::Suffix(index(&mut words)?),
            "sink" => Role::Sink(index(&mut words)?, Kinds::named(words)),
            "sends" => Role::Sends(index(&mut words)?),
            "exec" => Role::Exec(index(&mut words)?),
            "answer" => Role::Answer(Part::read(words.next()?)?, index(&mut words)?),
            "logs" => Role::Logs(index(&mut words)?),
            "request" => Role::Request,
            _ => return None,
        })
    }
}

impl<'a> Cx<'a> {
    /// What the facts say of an object.
    pub(super) fn roles(&self, object: &Object<'_>) -> Roles<'a> {
        let text = (!object.path.is_empty()).then(|| self.store.taint(object.path, object.recv, object.name)).flatten();
        Roles(text.unwrap_or_default())
    }

    /// What the facts say of the field that a selector selects.
    pub(super) fn roles_of_field(&self, selector: ExprId, name: &str) -> Roles<'a> {
        let owner = match self.facts.selection(selector) {
            Some(selection) if selection.kind == SelectionKind::Field => selection.owner,
            _ => return Roles(""),
        };
        let Some(owner) = owner else { return Roles("") };
        let (path, recv) = self.store.named_path(owner);
        self.roles(&Object { path, recv: Some(recv), name })
    }

    /// Whether values of a type, or what they point to, are requests.
    pub(super) fn is_request(&self, ty: TypeId) -> bool {
        let Some((path, name)) = self.store.qualified_name(self.deref(ty)) else { return false };
        self.roles(&Object { path, recv: None, name }).any(|role| role == Role::Request)
    }

    /// Whether values of a type can carry text from outside: not numbers, times, ids, errors and functions.
    pub(super) fn carries_text(&self, ty: TypeId) -> bool {
        const HARMLESS: &[&str] = &[
            "time.Time",
            "github.com/google/uuid.UUID",
            "net/netip.Addr",
            "net.IP",
            "math/big.Int",
            "context.Context",
            "github.com/shopspring/decimal.Decimal",
            "net/http.ResponseWriter",
        ];
        const DEEP: usize = 4;
        let mut ty = ty;
        for _ in 0..DEEP {
            if ty == TypeId::ERROR || self.type_is(ty, HARMLESS) {
                return false;
            }
            ty = match self.store.under(ty) {
                Type::Basic(basic) => return basic.is_string(),
                Type::Signature(_) | Type::Array { .. } => return false,
                Type::Slice(elem) if self.is_byte(elem) => return true,
                Type::Pointer(elem) | Type::Slice(elem) | Type::Map { value: elem, .. } | Type::Chan { elem, .. } => {
                    elem
                }
                _ => return true,
            };
        }
        true
    }

    fn is_byte(&self, ty: TypeId) -> bool {
        use gopeer_sema::types::Basic;
        matches!(self.store.under(ty), Type::Basic(Basic::Uint8 | Basic::Int32))
    }
}

/// What the facts say of one object.
#[derive(Clone, Copy)]
pub(super) struct Roles<'a>(&'a str);

impl<'a> Roles<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Role<'a>> {
        self.0.split("; ").filter_map(Role::read)
    }

    pub(super) fn any(self, is: impl Fn(Role<'a>) -> bool) -> bool {
        self.iter().any(is)
    }
}
