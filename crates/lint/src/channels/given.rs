//! What a function does with a channel that it is given.

use gopeer_flow::{BlockId, OpKind, Point};
use gopeer_syntax::ast::{DeclId, Expr, Node};

use super::{Act, Amount, Lane, Operation, Uses};
use crate::{Cx, Func};

/// What a function does with a channel that it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChannelUse {
    /// How many values it sends, at most, waiting for as long as there is no room.
    pub sends: Amount,
    /// Whether it sends where there is room, or something else does not happen first.
    pub tries: bool,
    /// How many values it receives, at most.
    pub receives: Amount,
    /// Whether it does so on every way through it.
    pub receives_always: bool,
    /// Whether it receives until the channel is closed.
    pub ranges: bool,
    /// Whether it always does that to the end.
    pub drains: bool,
    /// Whether it closes it.
    pub closes: bool,
    /// Whether it can return without that.
    pub leaves_open: bool,
    /// What the goroutines do with it that it starts.
    pub beside: Side,
    /// Whether others have it afterwards: it is returned or stored.
    pub keeps: bool,
}

/// What goroutines do with a channel that somebody else starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Side {
    /// How many values they send, at most, waiting for as long as there is no room.
    pub sends: Amount,
    /// Whether they send where there is room, or something else does not happen first.
    pub tries: bool,
    /// Whether they receive.
    pub receives: bool,
    /// Whether they close it.
    pub closes: bool,
    /// Whether one of them may go on for as long as the process runs.
    pub stays: bool,
}

impl Side {
    /// Whether they do anything.
    pub fn is_any(self) -> bool {
        self != Side::default()
    }
}

impl ChannelUse {
    /// What goroutines do, as what a call does.
    pub(crate) fn of_side(side: Side) -> ChannelUse {
        let receives = if side.receives { Amount::MANY } else { Amount::NONE };
        ChannelUse {
            sends: side.sends,
            tries: side.tries,
            receives,
            closes: side.closes,
            beside: side,
            ..ChannelUse::default()
        }
    }
}

impl Cx<'_> {
    /// What a function does with its parameter of this index, which is a channel.
    pub(crate) fn channel_given(&self, decl: DeclId, index: usize) -> ChannelUse {
        self.look_at_given(decl, index).unwrap_or(ChannelUse { keeps: true, ..ChannelUse::default() })
    }

    fn look_at_given(&self, decl: DeclId, index: usize) -> Option<ChannelUse> {
        let func = self.as_func(decl.into())?;
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        let (name, ty) = *self.params(params).get(index)?;
        if matches!(self.expr(ty), Expr::Ellipsis(_)) {
            return None;
        }
        let Some(declared) = name.filter(|&name| self.source(name) != "_") else {
            return Some(ChannelUse::default());
        };
        if self.is_reassigned(declared) {
            return None;
        }
        let uses = self.channel_uses(declared, func);
        if uses.open || uses.returned || uses.ops.iter().any(|op| op.lane == Lane::Unknown) {
            return None;
        }
        let beside = self.side_of(&uses, func.node)?;
        let receives = |op: &Operation| match op.act {
            Act::Receive => Amount::ONE,
            Act::Given(given) => given.receives,
            _ => Amount::NONE,
        };
        let own: Vec<Operation> = uses.ops.iter().filter(|op| op.lane == Lane::Own).copied().collect();
        let any = |does: fn(&Operation) -> bool| own.iter().any(does);
        let ranges = |op: &Operation| matches!(op.act, Act::Range | Act::Given(ChannelUse { ranges: true, .. }));
        Some(ChannelUse {
            sends: self.most(&uses, Lane::Own, func, Operation::sends)?,
            tries: any(Operation::tries_sending),
            receives: self.most(&uses, Lane::Own, func, receives)?,
            receives_always: self.always(func, &own, |op| op.act == Act::Receive && !op.guarded),
            ranges: any(ranges),
            drains: any(|op| op.act == Act::Range) && self.never_leaves_range(func, &own),
            closes: any(Operation::closes),
            leaves_open: self.may_leave_open(func, &own),
            beside,
            keeps: false,
        })
    }

    /// What the goroutines do with a channel that a function starts.
    pub(crate) fn side_of(&self, uses: &Uses<'_>, home: Node) -> Option<Side> {
        let mut side = Side::default();
        for (at, started) in uses.starts.iter().enumerate() {
            let lane = Lane::Goroutine(at);
            let ops = || uses.ops.iter().filter(|op| op.lane == lane);
            let each = match self.body_of(started) {
                Some(body) => self.most(uses, lane, body, Operation::sends)?,
                None => ops().map(Operation::sends).fold(Amount::NONE, Amount::plus),
            };
            side.sends = side.sends.plus(each.times(self.turns_below(started.spawn.at, home)));
            side.tries |= ops().any(Operation::tries_sending);
            side.receives |= ops().any(Operation::receives);
            side.closes |= ops().any(Operation::closes);
            side.stays |= !self.comes_to_an_end(started, lane, uses);
        }
        Some(side)
    }

    /// Whether every way through a function does something of this kind.
    pub(crate) fn always(&self, func: Func, ops: &[Operation], does: impl Fn(&Operation) -> bool) -> bool {
        let Some(followed) = self.followed(func.node) else { return false };
        let sites: Vec<_> = ops.iter().filter(|op| does(op)).map(|op| op.site).collect();
        let met = |op: &gopeer_flow::Op| {
            matches!(op.kind, OpKind::Send | OpKind::Recv | OpKind::Call | OpKind::Defer) && sites.contains(&op.at)
        };
        let entry = Point { block: BlockId::ENTRY, op: 0 };
        !sites.is_empty() && followed.way_out(entry, met).is_none() && !followed.is_spent()
    }

    /// Whether a function that closes a channel can return without that. Where a closure closes it, or one condition decides, it may know
    /// better.
    fn may_leave_open(&self, func: Func, ops: &[Operation]) -> bool {
        let closes: Vec<&Operation> = ops.iter().filter(|op| op.closes()).collect();
        let decided = matches!(closes[..], [only] if self.is_conditional(only.site));
        if closes.is_empty() || decided || closes.iter().any(|op| op.nested || op.deferred) {
            return false;
        }
        let sites: Vec<_> = closes.iter().map(|op| op.site).collect();
        self.followed(func.node).is_some_and(|followed| self.silent_way(&followed, &sites, true).is_some())
    }

    /// Whether no `return` or `break` leaves a loop that ranges over the channel.
    fn never_leaves_range(&self, func: Func, ops: &[Operation]) -> bool {
        let ranges = ops.iter().filter(|op| op.act == Act::Range && !op.nested);
        ranges
            .filter_map(|op| self.enclosing_stmt(op.at))
            .all(|range| self.enclosing_func(range) == Some(func) && self.ranges_to_the_end(range))
    }
}
