//! Sends for which the goroutines that receive are gone.

use gopeer_flow::{BlockId, Found, OpKind, Point};
use gopeer_sema::Def;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId};

use super::leaving::{Aim, Leaving};
use super::{Act, Amount, Capacity, Channel, Lane, Operation};
use crate::{Cx, Followed};

/// A send that nobody receives once the goroutines that receive have returned.
pub struct Abandoned {
    /// The channel of the send, as it is named there.
    pub send: ExprId,
    /// Who sends.
    pub lane: Lane,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// A send on a channel, all of whose receivers are goroutines that can return before all is sent.
    pub fn abandoned_send(&self, channel: &Channel<'a>) -> Option<Abandoned> {
        const MOST: usize = 4;
        let Capacity::Const(room) = channel.capacity else { return None };
        let ops = channel.ops();
        if !channel.is_closed_world() || ops.iter().any(|op| op.receives() && (op.lane == Lane::Own || op.nested)) {
            return None;
        }
        let mut sends = ops.iter().filter(|op| op.blocks_sending());
        let send = sends.next().filter(|op| op.act == Act::Send)?;
        // Of several senders each may be the one that goes on.
        if sends.any(|other| other.lane != send.lane) || send.nested {
            return None;
        }
        let body = match channel.started(send.lane) {
            Some(started) => self.body_of(started)?,
            None => channel.home,
        };
        let sent = self.most(&channel.uses, send.lane, body, Operation::sends)?;
        let mut lanes: Vec<Lane> = ops.iter().filter(|op| op.receives()).map(|op| op.lane).collect();
        lanes.dedup();
        if lanes.iter().any(|&lane| self.is_token(channel, send, lane)) {
            return None;
        }
        if lanes.is_empty() || lanes.len() > MOST || sent != Amount::MANY {
            return None;
        }
        let mut steps = Vec::new();
        for lane in lanes {
            let started = channel.started(lane)?;
            let body = self.body_of(started)?;
            let followed = self.followed(body.node)?;
            let mut start = self.start(&followed, Point { block: BlockId::ENTRY, op: 0 });
            let mut watch = Leaving::of(self, channel, room, (lane, &[]), Aim::Leave(Vec::new()));
            watch.told_by = self.channels_named(body.node, channel.declared).into_iter().collect();
            start.state.count = sent.0;
            let found = self.follow(&followed, &mut start, &mut watch)?;
            if self.is_cancelled_here(channel, &followed, &found) {
                return None;
            }
            if steps.is_empty() {
                steps = self.gone_steps(channel, (&followed, &found), self.start_span(started), lane);
            }
        }
        let name = self.source(channel.declared);
        let who = match send.lane {
            Lane::Own => self.func_in_words(channel.declared),
            _ => "the goroutine that sends".to_owned(),
        };
        steps.push((self.span(send.at), format!("{who} waits here forever: nobody receives from `{name}` any more")));
        Some(Abandoned { send: send.at, lane: send.lane, steps })
    }

    /// Whether the goroutines of a lane receive once each, or start where the values are sent: then a value is a token, not work.
    fn is_token(&self, channel: &Channel<'a>, send: &Operation, lane: Lane) -> bool {
        let Some(started) = channel.started(lane) else { return false };
        let once = |op: &Operation| op.act != Act::Range && self.enclosing_loop(op.site).is_none();
        let of_lane = || channel.ops().iter().filter(|op| op.lane == lane && op.receives());
        let around = self.enclosing_loop(send.at);
        of_lane().all(once) || around.is_some_and(|around| self.span(around).contains(self.span(started.spawn.at)))
    }

    fn gone_steps(
        &self,
        channel: &Channel<'a>,
        (followed, found): (&Followed, &Found),
        started: Span,
        lane: Lane,
    ) -> Vec<(Span, String)> {
        let name = self.source(channel.declared);
        let mut steps = vec![(started, format!("a goroutine is started here that receives from `{name}`"))];
        let receives = channel.ops().iter().filter(|op| op.lane == lane && op.receives());
        steps.extend(self.branches_past(followed, found, receives));
        steps.push((
            self.end_of_path(followed, &found.path),
            "the goroutine returns here, before all is sent".to_owned(),
        ));
        steps
    }

    /// Whether a goroutine leaves because of a context that the function itself ends: it does so when it has sent all.
    fn is_cancelled_here(&self, channel: &Channel<'a>, followed: &Followed, found: &Found) -> bool {
        const MADE: &[&str] = &["context.WithCancel", "context.WithCancelCause", "os/signal.NotifyContext"];
        let last = found.path.edges.iter().rev().take(4).flat_map(|(block, _)| followed.body.ops(*block));
        last.filter(|op| op.kind == OpKind::Recv).any(|op| {
            let context = self.find_expr(op.at, false, |id| {
                self.expr(id) == Expr::Ident
                    && self.has_type(id, &["context.Context"])
                    && self.origin(id).is_some_and(|(call, _)| self.calls(call, MADE))
            });
            context.is_some_and(|context| {
                matches!(self.def(context), Def::Local(declared) if self.span(channel.home.node).contains(self.span(declared)))
            })
        })
    }
}
