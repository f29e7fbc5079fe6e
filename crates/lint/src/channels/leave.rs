//! Senders that nobody receives from any more: whoever receives can be gone first.

use gopeer_flow::{Found, Op, OpKind};
use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId, Node};

use super::leaving::{Aim, Leaving};
use super::{Act, Amount, Capacity, Channel, Lane, Operation, Started};
use crate::{Cx, Followed, Func};

/// A goroutine that stays blocked where it sends.
pub struct Stuck {
    /// The channel of the send, as it is named there; where the sender is a function of the package, the argument.
    pub send: ExprId,
    /// Why.
    pub why: Why,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
    /// How many values are sent in all, at most.
    pub sent: Amount,
}

/// Why a send blocks forever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Whoever receives has returned.
    Left,
    /// A function of this name that the channel was returned to has returned.
    LeftBy(String),
    /// Nobody ever receives.
    Unreceived,
}

impl<'a> Cx<'a> {
    /// A goroutine that stays blocked at a send on a channel, because the function that receives can return first.
    pub fn stuck_send(&self, channel: &Channel<'a>) -> Option<Stuck> {
        let Capacity::Const(room) = channel.capacity else { return None };
        if channel.uses.returned {
            return self.left_by_caller(channel, room);
        }
        if !channel.is_closed_world() || self.ends_with_process(channel.home) || self.is_command(channel.home) {
            return None;
        }
        let ops = channel.ops();
        let received = |lane: fn(Lane) -> bool| ops.iter().any(|op| op.receives() && lane(op.lane));
        // Where the function closes the channel, a sender does not wait: it panics.
        let deferred = ops.iter().any(|op| op.deferred && op.lane == Lane::Own && (op.receives() || op.closes()));
        if received(|lane| lane != Lane::Own)
            || deferred
            || ops.iter().any(|op| op.lane == Lane::Own && op.blocks_sending())
        {
            return None;
        }
        let senders = self.senders(channel, false)?;
        let sent = senders.iter().fold(Amount::NONE, |all, sender| all.plus(sender.amount));
        if sent.0 <= room && senders.iter().all(|sender| !sender.again) {
            return None;
        }
        // How many there are of what a loop sends, its author knew better, if there is a buffer.
        let ranges = ops.iter().any(|op| op.act == Act::Range);
        if room > 0 && !ranges && senders.iter().any(|sender| sender.each == Amount::MANY) {
            return None;
        }
        if !received(|_| true) {
            return Some(self.unreceived(channel, room, senders.first()?, sent));
        }
        senders
            .iter()
            .filter(|sender| sender.started.by_home && !self.serves(channel.home, sender.started))
            .find_map(|sender| self.leaves_first(channel, room, &senders, sender, sent))
    }

    /// Whether a function is what a program does: when it returns, the process ends.
    fn is_command(&self, func: Func) -> bool {
        self.file.is_main() && self.is_run(func)
    }

    /// Whether a goroutine serves for as long as the function runs that starts it. Both end with the process.
    fn serves(&self, home: Func, started: &Started<'a>) -> bool {
        const MOST: usize = 32;
        let calls = self.calls_within(started.spawn.at, true);
        let serves = |node: &Node| matches!(*node, Node::Expr(call) if runs_for_long(self.callee_word(call)));
        self.is_run(home) && calls.iter().take(MOST).any(serves)
    }

    /// Whether the name of a function says that it runs a program, or a server.
    fn is_run(&self, func: Func) -> bool {
        matches!(func.node, Node::Decl(decl) if self.func_name(decl).is_some_and(runs_for_long))
    }

    /// The goroutines that send and wait for as long as there is no room; if asked for, those too that give up.
    pub(super) fn senders<'c>(&self, channel: &'c Channel<'a>, tries: bool) -> Option<Vec<Sender<'c, 'a>>> {
        const MOST: usize = 8;
        let mut senders = Vec::new();
        for (at, started) in channel.uses.starts.iter().enumerate() {
            let lane = Lane::Goroutine(at);
            let sends = |op: &&Operation| op.lane == lane && (op.blocks_sending() || tries && op.tries_sending());
            let Some(send) = channel.ops().iter().find(sends) else { continue };
            let amount = |op: &Operation| match tries && op.tries_sending() {
                true => Amount::ONE,
                false => op.sends(),
            };
            let each = match self.body_of(started) {
                Some(body) => self.most(&channel.uses, lane, body, amount)?,
                None => amount(send),
            };
            let (turns, again) = self.starts_a_time(channel, started);
            senders.push(Sender { started, send, each, amount: each.times(turns), again });
        }
        (senders.len() <= MOST).then_some(senders)
    }

    /// How often a goroutine is started for one channel. If a loop starts it that receives as well, how often in one iteration, and `true`.
    fn starts_a_time(&self, channel: &Channel<'a>, started: &Started<'a>) -> (Amount, bool) {
        let mut at = started.spawn.at;
        let shared = std::iter::from_fn(|| {
            let around = self.enclosing_loop(at)?;
            at = around.into();
            Some(around)
        })
        .take_while(|&around| !self.span(around).contains(self.span(channel.made)))
        .find(|&around| {
            let inside = |op: &&Operation| op.lane == Lane::Own && self.span(around).contains(self.span(op.at));
            channel.ops().iter().filter(inside).any(Operation::receives)
        });
        match shared {
            // What stands in the shared loop runs as often as the loop, which the path shows.
            Some(around) => (self.turns_within(started.spawn.at, around), true),
            None => (self.turns(started.spawn.at, channel.made), false),
        }
    }

    fn leaves_first(
        &self,
        channel: &Channel<'a>,
        room: u32,
        senders: &[Sender<'_, 'a>],
        first: &Sender<'_, 'a>,
        sent: Amount,
    ) -> Option<Stuck> {
        let followed = self.followed(channel.home.node)?;
        let mut start = self.start(&followed, self.behind(channel, &followed, first.started)?);
        let waits = self.waits_for_all(channel, senders);
        let mut watch = Leaving::new(self, channel, room, senders, Aim::Leave(waits));
        start.state.count = watch.started(0, first.started.spawn.call)?;
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let steps = self.leaving_steps(channel, &followed, &found, (first, room));
        Some(Stuck { send: first.send.at, why: Why::Left, steps, sent })
    }

    fn leaving_steps(
        &self,
        channel: &Channel<'a>,
        followed: &Followed,
        found: &Found,
        (sender, room): (&Sender<'_, 'a>, u32),
    ) -> Vec<(Span, String)> {
        let name = self.source(channel.declared);
        let mut steps =
            vec![(self.start_span(sender.started), format!("a goroutine is started here that sends on `{name}`"))];
        steps.extend(self.branches_past(followed, found, channel.ops().iter().filter(|op| op.receives())));
        let (at, leaves) = match found.op {
            Some(op) => (self.span(op.at), format!("`{name}` becomes another channel here")),
            None => {
                let func = self.func_in_words(channel.declared);
                (self.end_of_path(followed, &found.path), format!("{func} returns here"))
            }
        };
        steps.push((at, format!("{leaves}, and nobody receives from this one any more")));
        steps.push((self.span(sender.send.at), self.blocked_here(name, room)));
        steps
    }

    /// The branches by which a path comes to meet none of these receives any more; if none decides it, the last branch.
    pub(super) fn branches_past<'c>(
        &self,
        followed: &Followed,
        found: &Found,
        receives: impl Iterator<Item = &'c Operation>,
    ) -> Vec<(Span, String)> {
        let sites: Vec<ExprId> = receives.map(|op| op.site).collect();
        let met = |op: &Op| matches!(op.kind, OpKind::Recv | OpKind::Call) && sites.contains(&op.at);
        let mut branches = self.branches(followed, &found.path, met);
        if branches.is_empty() {
            branches.extend(self.branches_of(followed, &found.path).pop());
        }
        branches
    }

    /// What a step says where a goroutine sends.
    pub(super) fn blocked_here(&self, name: &str, room: u32) -> String {
        match room {
            0 => format!("the goroutine waits here forever: `{name}` has no buffer"),
            1 => format!("once the one value that `{name}` has room for is there, the goroutine waits here forever"),
            _ => {
                format!("once the {room} values that `{name}` has room for are there, the goroutine waits here forever")
            }
        }
    }

    fn unreceived(&self, channel: &Channel<'a>, room: u32, sender: &Sender<'_, 'a>, sent: Amount) -> Stuck {
        let name = self.source(channel.declared);
        let steps = vec![
            (self.start_span(sender.started), format!("a goroutine is started here that sends on `{name}`")),
            (self.span(sender.send.at), self.blocked_here(name, room)),
        ];
        Stuck { send: sender.send.at, why: Why::Unreceived, steps, sent }
    }

    /// The channels besides this one that a goroutine has to do with, by the variables that hold them.
    pub(super) fn tells(&self, started: &Started<'a>, but: ExprId) -> Vec<ExprId> {
        const MOST: usize = 32;
        let mut told: Vec<ExprId> =
            started.spawn.args.iter().filter_map(|&arg| self.channel_variable(arg, but)).collect();
        if let Some(body) = self.body_of(started) {
            let outer = |declared: &ExprId| !self.span(body.node).contains(self.span(*declared));
            told.extend(self.channels_named(body.body, but).into_iter().filter(outer));
        }
        told.sort_unstable();
        told.dedup();
        told.truncate(MOST);
        told
    }

    /// The variables of channels that a part of the code names, but one.
    pub(super) fn channels_named(&self, part: impl Into<Node>, but: ExprId) -> Vec<ExprId> {
        let is_channel = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => cx.expr(id) == Expr::Ident && matches!(cx.under(id), Type::Chan { .. }),
            _ => false,
        };
        let variable = |node: &Node| match *node {
            Node::Expr(id) => self.channel_variable(id, but),
            _ => None,
        };
        self.within(part, true, is_channel).iter().filter_map(variable).collect()
    }

    /// The variable of a channel that an expression is, but one.
    pub(super) fn channel_variable(&self, expr: ExprId, but: ExprId) -> Option<ExprId> {
        match self.def(self.unparen(expr)) {
            Def::Local(declared) if declared != but && matches!(self.under(expr), Type::Chan { .. }) => Some(declared),
            _ => None,
        }
    }

    /// The variables from outside that a goroutine assigns to.
    pub(super) fn writes(&self, started: &Started<'a>) -> Vec<ExprId> {
        const MOST: usize = 64;
        let Some(body) = self.body_of(started) else { return Vec::new() };
        let assigns =
            |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && cx.is_target(id));
        let nodes = self.within(body.body, true, assigns);
        let outer = |node: &Node| match *node {
            Node::Expr(id) => match self.def(id) {
                Def::Local(declared) if !self.span(body.node).contains(self.span(declared)) => Some(declared),
                _ => None,
            },
            _ => None,
        };
        nodes.iter().filter_map(outer).take(MOST).collect()
    }

    /// What says that a goroutine is started: `go`, or the function that starts it.
    pub(crate) fn start_span(&self, started: &Started<'_>) -> Span {
        match started.spawn.at {
            Node::Stmt(stmt) => self.keyword(stmt),
            _ => match self.expr(started.spawn.call) {
                Expr::Call { fun, .. } => self.span(fun),
                _ => self.span(started.spawn.call),
            },
        }
    }
}

/// Whether the name of a function says that it runs until the process ends: `Serve`, `ListenAndServe`, `Run`, `Start`.
fn runs_for_long(name: &str) -> bool {
    const WORDS: &[&str] = &["listen", "main", "run", "serve", "start"];
    crate::words(name).first().is_some_and(|first| WORDS.contains(&first.as_str()))
}

/// A goroutine that sends, and how often in all.
pub(super) struct Sender<'c, 'a> {
    pub started: &'c Started<'a>,
    pub send: &'c Operation,
    /// How many values all that are started there send.
    pub amount: Amount,
    /// How many values one of them sends.
    pub each: Amount,
    /// Whether the loop that starts it receives as well: then it is the amount of one iteration.
    pub again: bool,
}
