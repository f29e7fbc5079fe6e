//! Senders that nobody receives from any more: whoever receives can be gone first.

use std::collections::HashMap;

use gopeer_flow::{Ending, Found, Next, Op, OpKind, State, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, Expr, ExprId, Node, Stmt, StmtId};

use super::{Act, Amount, Capacity, Channel, Lane, Operation, Started};
use crate::{Cx, Followed};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Whoever receives has returned.
    Left,
    /// Nobody ever receives.
    Unreceived,
}

impl<'a> Cx<'a> {
    /// A goroutine that stays blocked at a send on a channel, because the function that receives can return first.
    pub fn stuck_send(&self, channel: &Channel<'a>) -> Option<Stuck> {
        let Capacity::Const(room) = channel.capacity else { return None };
        if !channel.is_closed_world() || self.ends_with_process(channel.home) {
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
        let senders = self.senders(channel)?;
        let sent = senders.iter().fold(Amount::NONE, |all, sender| all.plus(sender.amount));
        if sent.0 <= room && senders.iter().all(|sender| !sender.again) {
            return None;
        }
        if !received(|_| true) {
            return self.unreceived(channel, senders.first()?, sent);
        }
        senders
            .iter()
            .filter(|sender| sender.started.by_home)
            .find_map(|sender| self.leaves_first(channel, room, &senders, sender, sent))
    }

    /// The goroutines that send and wait for as long as there is no room.
    pub(super) fn senders<'c>(&self, channel: &'c Channel<'a>) -> Option<Vec<Sender<'c, 'a>>> {
        const MOST: usize = 8;
        let mut senders = Vec::new();
        for (at, started) in channel.uses.starts.iter().enumerate() {
            let lane = Lane::Goroutine(at);
            let Some(send) = channel.ops().iter().find(|op| op.lane == lane && op.blocks_sending()) else { continue };
            let each = match self.body_of(started) {
                Some(body) => self.most(&channel.uses, lane, body, Operation::sends)?,
                None => send.sends(),
            };
            let (turns, again) = self.starts_a_time(channel, started);
            senders.push(Sender { started, send, amount: each.times(turns), again });
        }
        (senders.len() <= MOST).then_some(senders)
    }

    /// How often a goroutine is started for one channel. If a loop starts it that receives as well, how often in one turn, and `true`.
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
        let mut start = self.start(&followed, followed.after_start(first.started.spawn.call)?);
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
        let sites: Vec<ExprId> = channel.ops().iter().filter(|op| op.receives()).map(|op| op.site).collect();
        let met = |op: &Op| matches!(op.kind, OpKind::Recv | OpKind::Call) && sites.contains(&op.at);
        let mut branches = self.branches(followed, &found.path, met);
        if branches.is_empty() {
            branches.extend(self.branches_of(followed, &found.path).pop());
        }
        steps.extend(branches);
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

    fn unreceived(&self, channel: &Channel<'a>, sender: &Sender<'_, 'a>, sent: Amount) -> Option<Stuck> {
        let Capacity::Const(room) = channel.capacity else { return None };
        let name = self.source(channel.declared);
        let steps = vec![
            (self.start_span(sender.started), format!("a goroutine is started here that sends on `{name}`")),
            (self.span(sender.send.at), self.blocked_here(name, room)),
        ];
        Some(Stuck { send: sender.send.at, why: Why::Unreceived, steps, sent })
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

/// A goroutine that sends, and how often in all.
pub(super) struct Sender<'c, 'a> {
    pub started: &'c Started<'a>,
    pub send: &'c Operation,
    /// How many values all that are started there send.
    pub amount: Amount,
    /// Whether the loop that starts it receives as well: then it is the amount of one turn.
    pub again: bool,
}

/// What is counted on a path: in the low bits the values that are sent and not yet received.
const VALUES: u32 = 0xffff;
/// A `select` chose another case than the one that receives.
const OTHER: u32 = 1 << 16;
/// A loop was begun that ends when all is received.
const ENDLESS: u32 = 1 << 17;
/// The first of the bits that say which goroutines are counted already.
const COUNTED: u32 = 18;

/// What is looked for.
pub(super) enum Aim {
    /// A way out. Behind these calls, which wait for the senders, all is received, or nothing goes on.
    Leave(Vec<ExprId>),
    /// One of these calls.
    Wait(Vec<ExprId>),
}

/// Watches for a way out of a function on which not all is received that goroutines send.
pub(super) struct Leaving<'c, 'a> {
    cx: &'c Cx<'a>,
    channel: &'c Channel<'a>,
    room: u32,
    aim: Aim,
    /// What receives in the function itself, by site.
    receives: HashMap<ExprId, &'c Operation>,
    /// The bounded loops around what receives.
    loops: Vec<StmtId>,
    /// The goroutines by the call that starts them: which one, how many values, whether each time.
    starts: HashMap<ExprId, (usize, Amount, bool)>,
}

impl<'c, 'a> Leaving<'c, 'a> {
    pub(super) fn new(
        cx: &'c Cx<'a>,
        channel: &'c Channel<'a>,
        room: u32,
        senders: &[Sender<'_, 'a>],
        aim: Aim,
    ) -> Leaving<'c, 'a> {
        let own = || channel.ops().iter().filter(|op| op.lane == Lane::Own && op.receives());
        let mut loops = Vec::new();
        for op in own().filter(|op| !op.nested) {
            let mut at: Node = op.site.into();
            while let Some(around) = cx.enclosing_loop(at)
                && !cx.span(around).contains(cx.span(channel.made))
                && !loops.contains(&around)
            {
                loops.push(around);
                at = around.into();
            }
        }
        let each = senders.iter().enumerate();
        Leaving {
            cx,
            channel,
            room,
            aim,
            receives: own().map(|op| (op.site, op)).collect(),
            loops,
            starts: each.map(|(at, sender)| (sender.started.spawn.call, (at, sender.amount, sender.again))).collect(),
        }
    }

    /// The count once a goroutine was started.
    pub(super) fn started(&self, count: u32, call: ExprId) -> Option<u32> {
        let &(at, amount, again) = self.starts.get(&call)?;
        let bit = 1 << (COUNTED + at as u32);
        if count & bit != 0 && !again {
            return Some(count);
        }
        let values = Amount(count & VALUES).plus(amount);
        Some(count & !VALUES | values.0 | bit)
    }

    /// The count once a value was received.
    fn received(&self, count: u32) -> u32 {
        match count & VALUES {
            0 | VALUES => count,
            _ => count - 1,
        }
    }

    fn is_left_over(&self, count: u32) -> bool {
        count & VALUES > self.room && (count & ENDLESS == 0 || count & OTHER != 0)
    }

    fn receive(&self, state: &mut State, op: &Operation) -> Next {
        match op.act {
            Act::Receive if !op.nested && !op.deferred => {
                let endless = self.cx.enclosing_loop(op.site).is_some_and(|around| self.is_endless(around));
                state.count = self.received(state.count) | if endless { ENDLESS } else { 0 };
                Next::Go
            }
            Act::Given(given)
                if given.receives == Amount::ONE && given.receives_always && !op.nested && !op.deferred =>
            {
                state.count = self.received(state.count);
                Next::Go
            }
            // As much as there is, perhaps.
            _ => Next::Stop,
        }
    }

    fn is_endless(&self, around: StmtId) -> bool {
        matches!(self.cx.stmt(around), Stmt::For { cond: None, .. })
    }

    /// A loop with a receive has ended: has it received all?
    fn loop_ends(&self, state: &State, around: StmtId) -> Next {
        // A turn in which something else came first has received nothing.
        let counts = match self.cx.stmt(around) {
            Stmt::For { post, .. } => post.is_some(),
            _ => true,
        };
        if state.count & OTHER != 0 && counts { Next::Go } else { Next::Stop }
    }

    /// The loop whose condition a branch decides by.
    fn loop_of_condition(&self, cond: ExprId) -> Option<StmtId> {
        self.loops.iter().copied().find(|&around| match self.cx.stmt(around) {
            Stmt::For { cond: Some(whole), .. } => self.cx.span(whole).contains(self.cx.span(cond)),
            _ => false,
        })
    }

    /// Whether a condition is the `ok` of a receive from the channel.
    fn is_ok(&self, cond: ExprId) -> bool {
        let Def::Local(declared) = self.cx.def(cond) else { return false };
        let Some(Node::Stmt(stmt)) = self.cx.tree.parent(declared) else { return false };
        let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = self.cx.stmt(stmt) else { return false };
        let receive = self.cx.only(rhs).map(|receive| self.cx.unparen(receive));
        self.cx.exprs(lhs).get(1) == Some(&declared)
            && receive.is_some_and(|receive| self.receives.contains_key(&receive))
    }

    fn chosen(&self, state: &mut State, select: StmtId, clause: u32) {
        let here = |op: &&&Operation| op.select.is_some_and(|(at, _)| at == select);
        let mut receiving = self.receives.values().filter(here).peekable();
        if receiving.peek().is_none() || receiving.any(|op| op.select == Some((select, clause as usize))) {
            return;
        }
        let Stmt::Select { clauses } = self.cx.stmt(select) else { return };
        let chosen = self.cx.stmts(clauses).get(clause as usize).map(|&clause| self.cx.stmt(clause));
        if matches!(chosen, Some(Stmt::CommClause { comm: Some(_), .. })) {
            state.count |= OTHER;
        }
    }
}

impl Watch for Leaving<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Recv | OpKind::Call | OpKind::Defer => {
                if let Some(receive) = self.receives.get(&op.at) {
                    return self.receive(state, receive);
                }
            }
            // It is made once more.
            OpKind::Write if op.at == self.channel.declared => {
                let left_over = matches!(self.aim, Aim::Leave(_)) && self.is_left_over(state.count);
                return if left_over { Next::Found } else { Next::Stop };
            }
            _ => {}
        }
        if matches!(op.kind, OpKind::Go | OpKind::Call)
            && let Some(count) = self.started(state.count, op.at)
        {
            state.count = count;
        }
        match &self.aim {
            Aim::Leave(waits) if waits.contains(&op.at) => return Next::Stop,
            Aim::Wait(waits) if op.kind == OpKind::Call && waits.contains(&op.at) => {
                return if self.is_left_over(state.count) { Next::Found } else { Next::Stop };
            }
            _ => {}
        }
        let closes = |other: &Operation| other.lane == Lane::Own && other.closes() && other.site == op.at;
        if matches!(op.kind, OpKind::Call | OpKind::Defer) && self.channel.ops().iter().any(closes) {
            return Next::Stop;
        }
        Next::Go
    }

    fn enters(&mut self, _: &mut Values<'_>, state: &mut State, ending: Ending, when: When) -> Next {
        match ending {
            Ending::Range(stmt) => {
                let Stmt::Range { subject, .. } = self.cx.stmt(stmt) else { return Next::Go };
                let over_channel = self.receives.contains_key(&subject);
                match when {
                    When::More if over_channel => state.count = self.received(state.count),
                    When::Done if over_channel => return Next::Stop,
                    When::Done if self.loops.contains(&stmt) => return self.loop_ends(state, stmt),
                    _ => {}
                }
            }
            Ending::If(cond) if when == When::False => {
                if self.is_ok(cond) {
                    return Next::Stop;
                }
                if let Some(around) = self.loop_of_condition(cond) {
                    return self.loop_ends(state, around);
                }
            }
            Ending::Select(select) => {
                if let When::Clause(clause) = when {
                    self.chosen(state, select, clause);
                }
            }
            _ => {}
        }
        Next::Go
    }

    fn leaves(&mut self, _: &mut Values<'_>, state: &mut State, _: Option<StmtId>) -> Next {
        let leaves = matches!(self.aim, Aim::Leave(_));
        if leaves && self.is_left_over(state.count) { Next::Found } else { Next::Stop }
    }
}
