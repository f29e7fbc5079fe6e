//! What happens to one channel: where it is made, how much room it has, and who sends, receives and closes, in which goroutine.
//!
//! A channel is known only as long as all that is done with it shows: it is made here, one variable holds it, and it goes nowhere but
//! into closures and into functions of the package that keep it to themselves. Of any other channel nothing is claimed.

mod amounts;
mod batch;
mod close;
mod cycle;
mod fields;
mod given;
mod gone;
mod leave;
mod leaving;
mod made;
mod own;
mod pool;
mod receive;
mod spin;
mod uses;
mod wait;

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{Expr, ExprId, Node, StmtId};

use crate::{Cx, Func, Spawn};

pub use amounts::Amount;
pub use batch::LostBatch;
pub use close::{ClosedEarly, ClosedTwice};
pub use cycle::Jam;
pub use fields::{FieldAct, FieldUse};
pub use given::{ChannelUse, Side};
pub use gone::Abandoned;
pub use leave::{Stuck, Why};
pub use made::MadeChannel;
pub use own::{Misused, Wrong};
pub use pool::Pool;
pub use receive::Blocked;
pub use spin::Spin;
pub(crate) use uses::Uses;
pub use wait::WaitBeforeDrain;

/// A channel that is made in a function, with all that is done with it.
pub struct Channel<'a> {
    /// The call that makes it: of `make`, or of a function of the package.
    pub made: ExprId,
    /// The identifier that declares the variable which holds it.
    pub declared: ExprId,
    /// The function that declares the variable.
    pub home: Func,
    /// How much room it has.
    pub capacity: Capacity,
    /// What is done with it, and whether that is all.
    pub uses: Uses<'a>,
}

/// How many values a channel holds that nobody has received yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// That many.
    Const(u32),
    /// What an expression says that is no constant.
    Expr(ExprId),
}

impl Capacity {
    /// The number of values, if it is constant.
    pub fn constant(self) -> Option<u32> {
        match self {
            Capacity::Const(room) => Some(room),
            Capacity::Expr(_) => None,
        }
    }
}

/// Who does something with a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The function that declares the variable.
    Own,
    /// A goroutine, by its place among those that are started ([`Uses::starts`]).
    Goroutine(usize),
    /// A closure of which it does not show who calls it.
    Unknown,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A value is sent.
    Send,
    /// One is received.
    Receive,
    /// All are received until it is closed.
    Range,
    /// It is closed.
    Close,
    /// A function of the package gets it.
    Given(ChannelUse),
}

/// One thing that is done with a channel.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// What.
    pub act: Act,
    /// The channel, as it is named there.
    pub at: ExprId,
    /// What a flow of the goroutine's body knows it by: the channel of a send, the receive expression, the subject of a `range`, or the
    /// call in which it happens.
    pub site: ExprId,
    /// Who does it.
    pub lane: Lane,
    /// The `select` of which it is a case, and which one.
    pub select: Option<(StmtId, usize)>,
    /// Whether that has another case, or a `default`.
    pub guarded: bool,
    /// Whether it happens in a closure, which `site` calls.
    pub nested: bool,
    /// Whether it happens when the function is left.
    pub deferred: bool,
}

impl Operation {
    /// Whether it receives.
    pub fn receives(&self) -> bool {
        match self.act {
            Act::Receive | Act::Range => true,
            Act::Given(given) => given.receives != Amount::NONE || given.ranges,
            Act::Send | Act::Close => false,
        }
    }

    /// Whether it sends and waits for as long as there is no room.
    pub fn blocks_sending(&self) -> bool {
        match self.act {
            Act::Send => !self.guarded,
            Act::Given(given) => given.sends != Amount::NONE,
            _ => false,
        }
    }

    /// Whether it sends and gives up where there is no room.
    pub fn tries_sending(&self) -> bool {
        match self.act {
            Act::Send => self.guarded,
            Act::Given(given) => given.tries,
            _ => false,
        }
    }

    /// Whether it sends.
    pub fn sends_at_all(&self) -> bool {
        self.blocks_sending() || self.tries_sending()
    }

    /// Whether it closes.
    pub fn closes(&self) -> bool {
        match self.act {
            Act::Close => true,
            Act::Given(given) => given.closes,
            _ => false,
        }
    }
}

/// A goroutine that is started where a channel is known.
#[derive(Clone, Copy, Debug)]
pub struct Started<'a> {
    /// How.
    pub spawn: Spawn<'a>,
    /// Whether the function that declares the channel starts it itself, not one of its closures.
    pub by_home: bool,
}

impl<'a> Cx<'a> {
    /// The channel that a call of `make` makes, if a variable of the function is the first to hold it.
    pub fn made_channel(&self, make: ExprId) -> Option<Channel<'a>> {
        self.made_capacity(make)?;
        self.channel(make)
    }

    /// The same, also where a call of a function of the package makes it.
    pub(crate) fn channel(&self, made: ExprId) -> Option<Channel<'a>> {
        let target = self.kept_in(made)?;
        let room = self.made_capacity(made);
        let given = match room {
            Some(_) => None,
            None => Some(self.made_by_call(made, target)?),
        };
        let capacity = room.or_else(|| given?.room.map(Capacity::Const))?;
        let Def::Local(declared) = self.def(self.unparen(target)) else { return None };
        // What gets another channel later is not one channel.
        if target != declared || self.is_reassigned(declared) {
            return None;
        }
        let home = self.enclosing_func(declared)?;
        let mut uses = self.channel_uses(declared, home);
        if let Some(given) = given {
            let started = Started { spawn: self.start_by(made), by_home: true };
            let (lane, act) = (Lane::Goroutine(uses.starts.len()), Act::Given(ChannelUse::of_side(given.side)));
            uses.starts.push(started);
            uses.ops.push(Operation {
                act,
                at: made,
                site: made,
                lane,
                select: None,
                guarded: false,
                nested: false,
                deferred: false,
            });
        }
        Some(Channel { made, declared, home, capacity, uses })
    }

    /// The room of what a call of `make` makes, if that is a channel.
    pub fn made_capacity(&self, made: ExprId) -> Option<Capacity> {
        let Expr::Call { fun, args, .. } = self.expr(made) else { return None };
        if !self.is_builtin(fun, "make") || !matches!(self.under(made), Type::Chan { .. }) {
            return None;
        }
        match *self.exprs(args) {
            [_] => Some(Capacity::Const(0)),
            [_, room] => Some(match self.int_value(room).and_then(|room| u32::try_from(room).ok()) {
                Some(room) => Capacity::Const(room),
                None => Capacity::Expr(room),
            }),
            _ => None,
        }
    }
}

impl<'a> Channel<'a> {
    /// What is done with it.
    pub fn ops(&self) -> &[Operation] {
        &self.uses.ops
    }

    /// Whether anything closes it.
    pub fn is_closed(&self) -> bool {
        self.uses.ops.iter().any(Operation::closes)
    }

    /// Whether all that is done with it shows.
    pub fn is_closed_world(&self) -> bool {
        !self.uses.open && !self.uses.returned && self.uses.ops.iter().all(|op| op.lane != Lane::Unknown)
    }

    /// The goroutine of a lane.
    pub fn started(&self, lane: Lane) -> Option<&Started<'a>> {
        match lane {
            Lane::Goroutine(at) => self.uses.starts.get(at),
            _ => None,
        }
    }
}

impl Cx<'_> {
    /// The body of a goroutine, where a literal runs.
    pub(crate) fn body_of(&self, started: &Started<'_>) -> Option<Func> {
        self.as_func(Node::Expr(started.spawn.runs))
            .filter(|_| matches!(self.expr(started.spawn.runs), Expr::FuncLit { .. }))
    }
}
