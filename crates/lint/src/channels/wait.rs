//! Waiting for workers before what they send is received.

use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::leave::Sender;
use super::leaving::{Aim, Leaving};
use super::{Act, Capacity, Channel, Lane, Started};
use crate::Cx;

/// A call of `Wait` that the workers it waits for never let return: they wait for somebody to receive.
pub struct WaitBeforeDrain {
    /// The call of `Wait`.
    pub wait: ExprId,
    /// What waits: `wg`.
    pub group: ExprId,
    /// Whether anybody receives afterwards.
    pub received: bool,
    /// How it comes to that.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// A `Wait` for the goroutines that send on a channel, before what they send is received, although there is not room for all.
    pub fn wait_before_drain(&self, channel: &Channel<'a>) -> Option<WaitBeforeDrain> {
        let Capacity::Const(room) = channel.capacity else { return None };
        if !channel.is_closed_world() {
            return None;
        }
        let mut receivers = channel.ops().iter().filter(|op| op.receives());
        if receivers.any(|op| op.lane != Lane::Own) || channel.ops().iter().any(|op| op.receives() && op.deferred) {
            return None;
        }
        let senders = self.senders(channel, false)?;
        senders.iter().filter(|sender| sender.started.by_home).find_map(|sender| {
            let group = self.group_of(sender.started, sender.send.at)?;
            let waits = self.waits_for(channel, group);
            self.waits_first(channel, room, &senders, (sender, group), &waits)
        })
    }

    fn waits_first(
        &self,
        channel: &Channel<'a>,
        room: u32,
        senders: &[Sender<'_, 'a>],
        (first, group): (&Sender<'_, 'a>, ExprId),
        waits: &[ExprId],
    ) -> Option<WaitBeforeDrain> {
        if waits.is_empty() || self.has_room_for_keys(channel, first.started.spawn.call) {
            return None;
        }
        let followed = self.followed(channel.home.node)?;
        let mut start = self.start(&followed, self.behind(channel, &followed, first.started)?);
        let mut watch = Leaving::new(self, channel, room, senders, Aim::Wait(waits.to_vec()));
        start.state.count = watch.started(0, first.started.spawn.call)?;
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let wait = found.op?.at;
        let name = self.source(channel.declared);
        let mut steps =
            vec![(self.start_span(first.started), format!("a goroutine is started here that sends on `{name}`"))];
        steps.push((self.span(first.send.at), self.blocked_here(name, room)));
        let receives = channel.ops().iter().any(|op| op.receives());
        let func = self.func_in_words(channel.declared);
        let then = if receives { ", and receives only afterwards" } else { ", and nobody receives" };
        steps.push((self.span(wait), format!("{func} waits here for the goroutine{then}")));
        Some(WaitBeforeDrain { wait, group, received: receives, steps })
    }

    /// Whether a goroutine is started for each key of a map, of which there are no more than a constant with a name says that there is
    /// room for.
    fn has_room_for_keys(&self, channel: &Channel<'a>, started: ExprId) -> bool {
        let Expr::Call { args, .. } = self.expr(channel.made) else { return false };
        let named = self.exprs(args).get(1).is_some_and(|&room| !matches!(self.expr(room), Expr::Literal(_)));
        let of_map = |around| match self.stmt(around) {
            Stmt::Range { subject, .. } => matches!(self.under(subject), gopeer_sema::types::Type::Map { .. }),
            _ => false,
        };
        named && self.enclosing_loop(started).is_some_and(of_map)
    }

    /// The `WaitGroup`, or other group, by which one waits for a goroutine that says that it is done only after an expression.
    pub(super) fn group_of(&self, started: &Started<'a>, last: ExprId) -> Option<ExprId> {
        let spawn = started.spawn;
        if let Some(group) = spawn.group {
            return Some(group);
        }
        let given = || {
            spawn.args.iter().find_map(|&arg| match self.expr(self.unparen(arg)) {
                Expr::Unary { op: UnaryOp::Addr, operand } if self.has_type(operand, &["sync.WaitGroup"]) => {
                    Some(operand)
                }
                _ => None,
            })
        };
        let Some(body) = self.body_of(started) else { return given() };
        let done = self.find_expr(body.body, true, |call| self.is_done(call))?;
        // What is done in each iteration of a loop is not the goroutine.
        if self.enclosing_loop(done).is_some() {
            return None;
        }
        let after = self.enclosing_defer(done).is_some() || self.span(done).start > self.span(last).start;
        let (group, _, _) = self.method_call(done).filter(|_| after)?;
        // One of the goroutine's own counts others.
        let outside = self.root(group).is_none_or(|root| match self.def(root) {
            gopeer_sema::Def::Local(declared) => !self.span(body.node).contains(self.span(declared)),
            _ => true,
        });
        Some(group).filter(|_| outside)
    }

    /// Whether a call says that something is done: `wg.Done()`, also of a project's own wait group.
    fn is_done(&self, call: ExprId) -> bool {
        matches!(self.method_call(call), Some((_, "Done", []))) && self.ty(call) == gopeer_sema::types::TypeId::VOID
    }

    /// The calls of `Wait` on a group that the function makes which declares the channel.
    pub(super) fn waits_for(&self, channel: &Channel<'a>, group: ExprId) -> Vec<ExprId> {
        const MOST: usize = 8;
        let is_wait = |cx: &Cx, node: Node| match node {
            Node::Expr(call) => matches!(cx.method_call(call), Some((_, "Wait", []))),
            _ => false,
        };
        let nodes = self.within(channel.home.body, false, is_wait);
        let waits = nodes.iter().filter_map(|&node| match node {
            Node::Expr(call) => Some(call),
            _ => None,
        });
        let same = |call: &ExprId| self.method_call(*call).is_some_and(|(base, _, _)| self.same_text(base, group));
        waits.filter(same).filter(|&call| self.enclosing_defer(call).is_none()).take(MOST).collect()
    }

    /// All the calls of `Wait` that do not return before the senders are done.
    pub(super) fn waits_for_all(&self, channel: &Channel<'a>, senders: &[Sender<'_, 'a>]) -> Vec<ExprId> {
        let groups = senders.iter().filter_map(|sender| self.group_of(sender.started, sender.send.at));
        groups.flat_map(|group| self.waits_for(channel, group)).collect()
    }

    /// The statement after a `Wait` that closes the channel, where the two can move into a goroutine of their own: the values are
    /// received by a `range` afterwards.
    pub fn close_behind(&self, channel: &Channel<'a>, wait: ExprId) -> Option<(StmtId, StmtId)> {
        let wait = self.enclosing_stmt(wait).filter(|&stmt| matches!(self.stmt(stmt), Stmt::Expr(_)))?;
        let next = self.next_stmt(wait)?;
        let closes = |op: &&super::Operation| op.act == Act::Close && op.lane == Lane::Own && !op.nested;
        let close = channel.ops().iter().find(closes)?;
        let behind = self.enclosing_stmt(close.site)? == next && matches!(self.stmt(next), Stmt::Expr(_));
        let ranges = channel
            .ops()
            .iter()
            .any(|op| op.act == Act::Range && op.lane == Lane::Own && self.span(op.at).start > self.span(next).start);
        (behind && ranges).then_some((wait, next))
    }
}
