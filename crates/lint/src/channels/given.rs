//! What a function does with a channel that it is given.

use gopeer_flow::{BlockId, OpKind, Point};
use gopeer_syntax::ast::{DeclId, Expr};

use super::{Act, Amount, Lane, Operation};
use crate::{Cx, Func};

/// What a function does with a channel that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Whether others have it afterwards: it is returned, stored, or a goroutine uses it.
    pub keeps: bool,
}

impl ChannelUse {
    const KEEPS: ChannelUse = ChannelUse { keeps: true, ..ChannelUse::NOTHING };
    const NOTHING: ChannelUse = ChannelUse {
        sends: Amount::NONE,
        tries: false,
        receives: Amount::NONE,
        receives_always: false,
        ranges: false,
        drains: false,
        closes: false,
        keeps: false,
    };
}

impl Cx<'_> {
    /// What a function does with its parameter of this index, which is a channel.
    pub(crate) fn channel_given(&self, decl: DeclId, index: usize) -> ChannelUse {
        self.look_at_given(decl, index).unwrap_or(ChannelUse::KEEPS)
    }

    fn look_at_given(&self, decl: DeclId, index: usize) -> Option<ChannelUse> {
        let func = self.as_func(decl.into())?;
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        let (name, ty) = *self.params(params).get(index)?;
        if matches!(self.expr(ty), Expr::Ellipsis(_)) {
            return None;
        }
        let Some(declared) = name.filter(|&name| self.source(name) != "_") else {
            return Some(ChannelUse::NOTHING);
        };
        if self.is_reassigned(declared) {
            return None;
        }
        let uses = self.channel_uses(declared, func);
        if uses.open || uses.ops.iter().any(|op| op.lane != Lane::Own) {
            return None;
        }
        let receives = |op: &Operation| match op.act {
            Act::Receive => Amount::ONE,
            Act::Given(given) => given.receives,
            _ => Amount::NONE,
        };
        let any = |does: fn(&Operation) -> bool| uses.ops.iter().any(does);
        let tries = |op: &Operation| match op.act {
            Act::Send => op.guarded,
            Act::Given(given) => given.tries,
            _ => false,
        };
        let ranges = |op: &Operation| matches!(op.act, Act::Range | Act::Given(ChannelUse { ranges: true, .. }));
        Some(ChannelUse {
            sends: self.most(&uses, Lane::Own, func, Operation::sends)?,
            tries: any(tries),
            receives: self.most(&uses, Lane::Own, func, receives)?,
            receives_always: self.always(func, &uses.ops, |op| op.act == Act::Receive && !op.guarded),
            ranges: any(ranges),
            drains: any(|op| op.act == Act::Range) && self.never_leaves_range(func, &uses.ops),
            closes: any(Operation::closes),
            keeps: false,
        })
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

    /// Whether no `return` or `break` leaves a loop that ranges over the channel.
    fn never_leaves_range(&self, func: Func, ops: &[Operation]) -> bool {
        use gopeer_syntax::ast::{BranchKind, Node, Stmt};
        let ranges = ops.iter().filter(|op| op.act == Act::Range && !op.nested);
        ranges.filter_map(|op| self.enclosing_stmt(op.at)).all(|range| {
            let leaves = |node: Node| match node {
                Node::Stmt(id) => match self.stmt(id) {
                    Stmt::Return(_) => true,
                    Stmt::Branch { kind, .. } => matches!(kind, BranchKind::Break | BranchKind::Goto),
                    _ => false,
                },
                _ => false,
            };
            self.enclosing_func(range) == Some(func) && !self.any(range, false, leaves)
        })
    }
}
