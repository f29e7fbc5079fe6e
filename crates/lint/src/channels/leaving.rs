//! Following a function to a point where not all is received that goroutines send.

use std::collections::{HashMap, HashSet};

use gopeer_flow::{Ending, Next, Op, OpKind, State, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_syntax::ast::{AssignOp, Expr, ExprId, Node, Stmt, StmtId};

use super::leave::Sender;
use super::{Act, Amount, Channel, Lane, Operation};
use crate::Cx;

/// What is counted on a path: in the low bits the values that are sent and not yet received.
const VALUES: u32 = 0xffff;
/// A `select` chose another case than the one that receives.
const OTHER: u32 = 1 << 16;
/// A loop was begun that ends when all is received.
const ENDLESS: u32 = 1 << 17;
/// An error has come up, while others of several goroutines go on.
const FAILED: u32 = 1 << 18;
/// The first of the bits that say which goroutines are counted already.
const COUNTED: u32 = 19;

/// What is looked for.
pub(super) enum Aim {
    /// A way out. Behind these calls, which wait for the senders, all is received, or nothing goes on.
    Leave(Vec<ExprId>),
    /// One of these calls.
    Wait(Vec<ExprId>),
    /// A call that closes the channel, or a way out where a deferred one does.
    Close {
        /// The calls that are not deferred.
        calls: Vec<ExprId>,
        /// Whether one is.
        deferred: bool,
        /// The calls that wait for the senders.
        waits: Vec<ExprId>,
    },
}

/// Watches for a way out of a function on which not all is received that goroutines send.
pub(super) struct Leaving<'c, 'a> {
    cx: &'c Cx<'a>,
    channel: &'c Channel<'a>,
    lane: Lane,
    room: u32,
    aim: Aim,
    /// What receives in the function itself, by site.
    receives: HashMap<ExprId, &'c Operation>,
    /// The bounded loops around what receives.
    loops: Vec<StmtId>,
    /// The goroutines by the call that starts them: which one, how many values, whether each time.
    starts: HashMap<ExprId, (usize, Amount, bool)>,
    /// Other channels on which a sender says something, by the variable that holds each: what is received from them may tell that
    /// nothing more is sent here.
    pub(super) told_by: HashSet<ExprId>,
    /// Variables that a sender assigns to: what is asked of them may tell the same.
    written: HashSet<ExprId>,
    /// Whether several goroutines send: that one of them has failed does not keep the others from sending.
    several: bool,
}

impl<'c, 'a> Leaving<'c, 'a> {
    pub(super) fn new(
        cx: &'c Cx<'a>,
        channel: &'c Channel<'a>,
        room: u32,
        senders: &[Sender<'_, 'a>],
        aim: Aim,
    ) -> Leaving<'c, 'a> {
        Leaving::of(cx, channel, room, (Lane::Own, senders), aim)
    }

    /// The same for the receives of a lane.
    pub(super) fn of(
        cx: &'c Cx<'a>,
        channel: &'c Channel<'a>,
        room: u32,
        (lane, senders): (Lane, &[Sender<'_, 'a>]),
        aim: Aim,
    ) -> Leaving<'c, 'a> {
        let own = || channel.ops().iter().filter(|op| op.lane == lane && op.receives());
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
            lane,
            room,
            aim,
            receives: own().map(|op| (op.site, op)).collect(),
            loops,
            starts: each.map(|(at, sender)| (sender.started.spawn.call, (at, sender.amount, sender.again))).collect(),
            // How many a loop that starts and receives has running, it counts itself.
            several: !senders.iter().any(|sender| sender.again)
                && senders
                    .iter()
                    .map(|sender| cx.turns_of_start(channel, sender.started))
                    .fold(Amount::NONE, Amount::plus)
                    > Amount::ONE,
            written: senders.iter().flat_map(|sender| cx.writes(sender.started)).collect(),
            told_by: senders.iter().flat_map(|sender| cx.tells(sender.started, channel.declared)).collect(),
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
        // Of a loop that starts and receives, how often it does each does not show.
        let endless = if again { ENDLESS } else { 0 };
        Some(count & !VALUES | values.0 | bit | endless)
    }

    /// The count once a value was received.
    fn received(&self, count: u32) -> u32 {
        match count & VALUES {
            0 | VALUES => count,
            _ => count - 1,
        }
    }

    fn is_told_by(&self, channel: ExprId) -> bool {
        matches!(self.cx.def(self.cx.unparen(channel)), Def::Local(declared) if self.told_by.contains(&declared))
    }

    /// Whether an operation is one on another channel that a sender has to do with: it may tell either side that nothing comes.
    fn is_told(&self, op: Op) -> bool {
        match (op.kind, self.cx.expr(op.at)) {
            (OpKind::Recv, Expr::Unary { operand, .. }) => self.is_told_by(operand),
            // A goroutine that receives says nothing to itself.
            (OpKind::Send | OpKind::Call, _) if self.lane != Lane::Own => false,
            (OpKind::Send, _) => self.is_told_by(op.at),
            (OpKind::Call, Expr::Call { fun, args, .. }) if self.cx.is_builtin(fun, "close") => {
                self.cx.only(args).is_some_and(|channel| self.is_told_by(channel))
            }
            _ => false,
        }
    }

    /// Whether a condition asks for a variable that a sender assigns to.
    fn asks_written(&self, cond: ExprId) -> bool {
        !self.written.is_empty()
            && self.cx.any(cond, false, |node| match node {
                Node::Expr(id) => matches!(self.cx.def(id), Def::Local(declared) if self.written.contains(&declared)),
                _ => false,
            })
    }

    fn is_left_over(&self, count: u32) -> bool {
        count & VALUES > self.room && (count & ENDLESS == 0 || count & (OTHER | FAILED) != 0)
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
        if self.is_told(op) {
            return Next::Stop;
        }
        if matches!(op.kind, OpKind::Go | OpKind::Call)
            && let Some(count) = self.started(state.count, op.at)
        {
            state.count = count;
        }
        match &self.aim {
            Aim::Leave(waits) if waits.contains(&op.at) => return Next::Stop,
            Aim::Close { waits, .. } if waits.contains(&op.at) => return Next::Stop,
            Aim::Close { calls, .. } if op.kind == OpKind::Call && calls.contains(&op.at) => {
                return if self.is_left_over(state.count) { Next::Found } else { Next::Stop };
            }
            Aim::Wait(waits) if op.kind == OpKind::Call && waits.contains(&op.at) => {
                return if self.is_left_over(state.count) { Next::Found } else { Next::Stop };
            }
            _ => {}
        }
        let closes = |other: &Operation| other.lane == self.lane && other.closes() && other.site == op.at;
        let ends = !matches!(self.aim, Aim::Close { .. }) && matches!(op.kind, OpKind::Call | OpKind::Defer);
        if ends && self.channel.ops().iter().any(closes) {
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
                    When::More | When::Done if self.is_told_by(subject) => return Next::Stop,
                    When::Done if self.loops.contains(&stmt) => return self.loop_ends(state, stmt),
                    _ => {}
                }
            }
            Ending::If(cond) => {
                if self.asks_written(cond) || when == When::False && self.is_ok(cond) {
                    return Next::Stop;
                }
                if self.several && self.cx.has_failed(ending, when) {
                    state.count |= FAILED;
                }
                if let Some(around) = self.loop_of_condition(cond).filter(|_| when == When::False) {
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
        let leaves = matches!(self.aim, Aim::Leave(_) | Aim::Close { deferred: true, .. });
        if leaves && self.is_left_over(state.count) { Next::Found } else { Next::Stop }
    }
}
