//! Channels that a function makes and gives to its caller, while goroutines of it send on them.

use gopeer_flow::Point;
use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, UnaryOp};

use super::{Amount, Channel, Lane, Side, Started, Stuck, Why};
use crate::summary::{Answer, FuncName, What};
use crate::{Cx, Followed};

/// A channel that a function makes for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeChannel {
    /// How much room it has, if that is constant.
    pub room: Option<u32>,
    /// What the goroutines of the function do with it.
    pub side: Side,
}

impl<'a> Cx<'a> {
    /// The channel that a call of a function of the package makes for a variable.
    pub(super) fn made_by_call(&self, call: ExprId, target: ExprId) -> Option<MadeChannel> {
        let (targets, values, _) = self.assignment_of(call)?;
        let result = if values.len() == 1 { self.tree.place(targets, target)? } else { 0 };
        self.channel_made_by(call, result)
    }

    fn channel_made_by(&self, call: ExprId, result: usize) -> Option<MadeChannel> {
        if !matches!(self.expr(call), Expr::Call { .. }) {
            return None;
        }
        let types = self.results(call)?;
        if !matches!(self.store.under(*types.get(result)?), Type::Chan { .. }) {
            return None;
        }
        match self.ask(call, What::Makes(result))? {
            Answer::Made(made) => made,
            _ => None,
        }
    }

    /// The channel that a function makes and always returns as this result, if only its goroutines use it besides.
    pub(crate) fn makes_channel(&self, decl: DeclId, result: usize) -> Option<MadeChannel> {
        let mut variable = None;
        for results in self.returned(decl) {
            let &value = results.get(result)?;
            if self.is_builtin(value, "nil") {
                continue;
            }
            let Def::Local(declared) = self.def(self.unparen(value)) else { return None };
            if variable.is_some_and(|known| known != declared) {
                return None;
            }
            variable = Some(declared);
        }
        let declared = variable?;
        let made = self.unparen(self.initial_value(declared)?);
        let channel = self.made_channel(made)?;
        if channel.home.node != decl.into() || channel.uses.open {
            return None;
        }
        if !channel.ops().iter().all(|op| matches!(op.lane, Lane::Goroutine(_))) {
            return None;
        }
        Some(MadeChannel { room: channel.capacity.constant(), side: self.side_of(&channel.uses, decl.into())? })
    }

    /// Whether a function can leave a channel behind that `maker` makes for it, on which a goroutine is then stuck at a send.
    pub(crate) fn abandons(&self, decl: DeclId, maker: &FuncName) -> bool {
        let calls = self.calls_of_own(decl, maker);
        calls.into_iter().any(|call| self.is_passed_over(call) || self.is_ranged_over(call) || self.leaves_made(call))
    }

    /// Whether a function has a goroutine call `ranger` with a channel as this argument that it makes, and that it does not close on every
    /// path, while `ranger` receives from it until it is closed.
    pub(crate) fn leaves_open(&self, decl: DeclId, ranger: &FuncName, index: usize) -> bool {
        self.calls_of_own(decl, ranger).into_iter().any(|call| {
            let Expr::Call { args, .. } = self.expr(call) else { return false };
            let made = self.exprs(args).get(index).and_then(|&arg| self.initial_value(arg));
            let channel = made.and_then(|made| self.made_channel(self.unparen(made)));
            channel.and_then(|channel| self.blocked_receive(&channel)).is_some_and(|blocked| blocked.at == call)
        })
    }

    /// Another function of the package that leaves a channel open which this function is given, and receives from until it is closed.
    pub fn who_leaves_open(&self, ranger: DeclId, index: usize) -> Option<FuncName> {
        match self.ask_all(What::LeavesOpen(crate::summary::func_name(self.tree, ranger)?, index))? {
            Answer::Who(name) => name,
            _ => None,
        }
    }

    /// The calls that a function makes of another one of the package, a few at most.
    fn calls_of_own(&self, decl: DeclId, callee: &FuncName) -> Vec<ExprId> {
        const MOST: usize = 8;
        let name = callee.rsplit('.').next().unwrap_or_default();
        // Most functions never mention it.
        if !self.source(decl).contains(name) {
            return Vec::new();
        }
        let of_callee = |node: &Node| match *node {
            Node::Expr(call) => {
                let own = self.callee_word(call) == name && self.own_function(self.callee(call)?)? == *callee;
                own.then_some(call)
            }
            _ => None,
        };
        self.calls_within(decl, true).iter().filter_map(of_callee).take(MOST).collect()
    }

    /// The methods of the package that a function calls on the same value twice: in a `defer`, and after that.
    pub(crate) fn calls_twice(&self, decl: DeclId) -> Vec<FuncName> {
        const MOST: usize = 16;
        let is_call = |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if cx.method_call(call).is_some());
        let calls = self.within(decl, false, is_call);
        let of_package = |node: &Node| match *node {
            Node::Expr(call) => Some((call, self.method_call(call)?.0, self.own_function(self.callee(call)?)?)),
            _ => None,
        };
        let deferred = calls.iter().filter(|node| matches!(node, Node::Expr(call) if self.is_deferred(*call)));
        let again = |(first, base, method): &(ExprId, ExprId, FuncName)| {
            let later = calls.iter().filter(|node| self.tree.span(**node).start > self.span(*first).start);
            let mut same = later.filter_map(of_package).filter(|(_, _, called)| called == method).take(MOST);
            same.any(|(call, other, _)| !self.is_deferred(call) && self.same_text(*base, other))
        };
        deferred.filter_map(of_package).take(MOST).filter(again).map(|(_, _, method)| method).collect()
    }

    fn leaves_made(&self, call: ExprId) -> bool {
        self.channel(call).is_some_and(|channel| {
            self.stuck_send(&channel).is_some_and(|stuck| stuck.why == Why::Left && !channel.uses.returned)
        })
    }

    /// Whether a loop ranges over what a call gives, and is left before its end.
    fn is_ranged_over(&self, call: ExprId) -> bool {
        let Some(Node::Stmt(range)) = self.tree.parent(call) else { return false };
        let Stmt::Range { subject, .. } = self.stmt(range) else { return false };
        subject == call && !self.ranges_to_the_end(range) && self.overfills(call)
    }

    /// Whether a case of `select` receives from what a call gives, and another case may come first.
    fn is_passed_over(&self, call: ExprId) -> bool {
        let Some(Node::Expr(receive)) = self.tree.parent(call) else { return false };
        let Expr::Unary { op: UnaryOp::Recv, .. } = self.expr(receive) else { return false };
        let select = self.enclosing_stmt(receive).and_then(|stmt| self.case_of(stmt));
        let alone = select.is_none_or(|(select, _)| match self.stmt(select) {
            Stmt::Select { clauses } => clauses.len() < 2,
            _ => true,
        });
        !alone && self.overfills(call)
    }

    /// Whether goroutines send more on the channel that a call gives than it has room for, and the process goes on when the function
    /// around the call has returned.
    fn overfills(&self, call: ExprId) -> bool {
        let more = |made: MadeChannel| made.room.is_some_and(|room| made.side.sends.0 > room);
        self.enclosing_func(call).is_some_and(|func| !self.ends_with_process(func))
            && self.channel_made_by(call, 0).is_some_and(more)
    }

    /// A goroutine sends on a channel that the function returns, and a caller can return first.
    pub(super) fn left_by_caller(&self, channel: &Channel<'a>, room: u32) -> Option<Stuck> {
        let Node::Decl(decl) = channel.home.node else { return None };
        if channel.uses.open || !channel.ops().iter().all(|op| matches!(op.lane, Lane::Goroutine(_))) {
            return None;
        }
        let senders = self.senders(channel, false)?;
        let sent = senders.iter().fold(Amount::NONE, |all, sender| all.plus(sender.amount));
        let first = senders.first().filter(|_| sent.0 > room)?;
        let who = self.who_abandons(crate::summary::func_name(self.tree, decl)?)?;
        let name = self.source(channel.declared);
        let who = who.rsplit('.').next().unwrap_or_default().to_owned();
        let steps = vec![
            (self.start_span(first.started), format!("a goroutine is started here that sends on `{name}`")),
            (self.span(channel.made), format!("`{who}` gets this channel, and can return before it has received all")),
            (self.span(first.send.at), self.blocked_here(name, room)),
        ];
        Some(Stuck { send: first.send.at, why: Why::LeftBy(who), steps, sent })
    }

    /// Right after the start of a goroutine; where a call makes the channel and starts it, after the assignment.
    pub(super) fn behind(&self, channel: &Channel<'a>, followed: &Followed, started: &Started<'a>) -> Option<Point> {
        match started.spawn.call == channel.made {
            true => followed.after_write(channel.declared),
            false => followed.after_start(started.spawn.call),
        }
    }
}
