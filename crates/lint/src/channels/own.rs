//! What one goroutine does with a channel, one operation after the other.

use gopeer_flow::{Ending, Found, Next, Op, OpKind, Path, State, Values, Watch, When};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{ExprId, Stmt, StmtId};

use super::{Act, Amount, Capacity, Channel, Lane, Operation};
use crate::{Cx, Followed};

/// What cannot go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The channel is closed twice.
    ClosedTwice,
    /// A value is sent after the close.
    SentAfterClose,
    /// A value is sent where there is no room, and nobody is there who could receive.
    SendBlocks,
    /// A value is received from an empty channel, and nobody is there who could send.
    ReceiveBlocks,
}

/// Something that cannot go well with a channel in the function that declares it.
pub struct Misused {
    /// The operation, as the flow knows it: the channel of a send, the receive, the call of `close`.
    pub at: ExprId,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// The shortest path of the function that declares a channel on which this goes wrong.
    pub fn misused(&self, channel: &Channel<'a>, wrong: Wrong) -> Option<Misused> {
        let blocks = matches!(wrong, Wrong::SendBlocks | Wrong::ReceiveBlocks);
        let room = match channel.capacity {
            Capacity::Const(room) => room,
            Capacity::Expr(_) if blocks => return None,
            Capacity::Expr(_) => 0,
        };
        if blocks && !channel.is_closed_world() {
            return None;
        }
        // Who starts others out of sight may have done so already.
        if blocks && channel.uses.starts.iter().any(|started| !started.by_home) {
            return None;
        }
        let wanted = |op: &Operation| match wrong {
            Wrong::ClosedTwice => op.act == Act::Close,
            Wrong::SentAfterClose | Wrong::SendBlocks => op.sends_at_all(),
            Wrong::ReceiveBlocks => op.act == Act::Receive,
        };
        // Nobody sends: this is how one waits forever on purpose.
        if wrong == Wrong::ReceiveBlocks && !channel.ops().iter().any(|op| op.sends_at_all() || op.closes()) {
            return None;
        }
        let closing = matches!(wrong, Wrong::ClosedTwice | Wrong::SentAfterClose);
        let own = |op: &Operation| op.lane == Lane::Own;
        let closes = || channel.ops().iter().any(|op| own(op) && op.closes());
        if !channel.ops().iter().any(|op| own(op) && wanted(op)) || closing && !closes() {
            return None;
        }
        let followed = self.followed(channel.home.node)?;
        let mut start = self.start(&followed, followed.after_write(channel.declared)?);
        let mut watch = Sequence { cx: self, channel, room, wrong, at: None };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let at = watch.at?;
        let steps = self.sequence_steps(channel, (&followed, &found), wrong, at);
        Some(Misused { at, steps })
    }

    fn sequence_steps(
        &self,
        channel: &Channel<'a>,
        (followed, found): (&Followed, &Found),
        wrong: Wrong,
        at: ExprId,
    ) -> Vec<(Span, String)> {
        let name = self.source(channel.declared);
        let mut steps = Vec::new();
        let mut closes = self.closes_on(channel, followed, &found.path, at);
        match wrong {
            Wrong::ClosedTwice | Wrong::SentAfterClose => {
                if wrong == Wrong::ClosedTwice && found.op.is_none() {
                    closes.retain(|&close| close != at);
                }
                if let Some(&close) = closes.first() {
                    steps.push((self.span(close), format!("`{name}` is closed here")));
                }
            }
            Wrong::SendBlocks | Wrong::ReceiveBlocks => {
                steps.push((self.span(channel.made), format!("`{name}` is made here")));
            }
        }
        let last = match wrong {
            Wrong::ClosedTwice if found.op.is_none() => {
                format!("this runs when the function returns, and closes `{name}` again, which panics")
            }
            Wrong::ClosedTwice => format!("`{name}` is closed again: this panics"),
            Wrong::SentAfterClose => format!("a send on the closed `{name}` panics"),
            Wrong::SendBlocks => "this waits for somebody to receive, and no other goroutine can".to_owned(),
            Wrong::ReceiveBlocks => "this waits for a value, and no other goroutine can send one".to_owned(),
        };
        steps.push((self.span(at), last));
        steps
    }

    /// The calls that close a channel on a path, in order.
    fn closes_on(&self, channel: &Channel<'a>, followed: &Followed, path: &Path, last: ExprId) -> Vec<ExprId> {
        let closing = |op: &&Op| {
            matches!(op.kind, OpKind::Call)
                && channel.ops().iter().any(|other| other.lane == Lane::Own && other.closes() && other.site == op.at)
        };
        let first = path.edges.iter().map(|(block, _)| *block);
        let mut found: Vec<ExprId> =
            first.flat_map(|block| followed.body.ops(block)).filter(closing).map(|op| op.at).collect();
        if found.is_empty() {
            // In the block where the path ends.
            let own = channel.ops().iter().filter(|op| op.lane == Lane::Own && op.closes() && !op.deferred);
            found.extend(own.map(|op| op.site).filter(|&site| self.span(site).start < self.span(last).start));
        }
        found
    }
}

/// In the low bits the values in the channel.
const VALUES: u32 = 0xff;
const CLOSED: u32 = 1 << 8;
const CLOSES_LATER: u32 = 1 << 9;

struct Sequence<'c, 'a> {
    cx: &'c Cx<'a>,
    channel: &'c Channel<'a>,
    room: u32,
    wrong: Wrong,
    at: Option<ExprId>,
}

impl Sequence<'_, '_> {
    fn found(&mut self, at: ExprId) -> Next {
        self.at = Some(at);
        Next::Found
    }

    fn close(&mut self, state: &mut State, op: &Operation) -> Next {
        if state.count & CLOSED != 0 {
            let found = self.wrong == Wrong::ClosedTwice && self.is_sure(op) && !self.is_asked_alike(op);
            return if found { self.found(op.site) } else { Next::Stop };
        }
        state.count |= CLOSED;
        Next::Go
    }

    /// Whether two closes stand under the same condition: what the first does makes it false, perhaps.
    fn is_asked_alike(&self, op: &Operation) -> bool {
        let cx = self.cx;
        let cond = |at: ExprId| {
            let around = cx.around(at, |cx, node| {
                cx.as_func(node).is_some()
                    || matches!(node, gopeer_syntax::ast::Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. }))
            });
            match around {
                Some(gopeer_syntax::ast::Node::Stmt(id)) => match cx.stmt(id) {
                    Stmt::If { cond, .. } => Some(cond),
                    _ => None,
                },
                _ => None,
            }
        };
        let Some(own) = cond(op.site) else { return false };
        let mut others = self.channel.ops().iter().filter(|other| other.closes() && other.site != op.site);
        others.any(|other| {
            cond(other.site).is_some_and(|other| cx.same_text(own, other)) || self.decides(other.site, own)
        })
    }

    /// Whether a variable that a condition asks for is assigned to beside a close.
    fn decides(&self, close: ExprId, cond: ExprId) -> bool {
        const MOST: usize = 16;
        let cx = self.cx;
        let beside = cx.enclosing_stmt(close).map(|stmt| cx.siblings(stmt)).unwrap_or_default();
        let is_asked_for = |&target: &ExprId| match cx.def(cx.unparen(target)) {
            gopeer_sema::Def::Local(declared) => cx.mentions(cond, declared),
            _ => false,
        };
        let assigns = |stmt: &StmtId| match cx.stmt(*stmt) {
            Stmt::Assign { lhs, .. } => cx.exprs(lhs).iter().any(is_asked_for),
            _ => false,
        };
        beside.iter().take(MOST).any(assigns)
    }

    /// Whether a close does not come before an operation in a later iteration of a loop only, where a condition may keep them apart.
    fn is_sure(&self, op: &Operation) -> bool {
        let cx = self.cx;
        let closes =
            self.channel.ops().iter().filter(|other| other.lane == Lane::Own && other.closes() && !other.deferred);
        let before = |close: &Operation| cx.span(close.site).start < cx.span(op.site).start;
        closes.into_iter().any(|close| before(close) || close.site == op.site && !cx.is_conditional(op.site))
    }

    fn send(&mut self, state: &mut State, op: &Operation) -> Next {
        if state.count & CLOSED != 0 {
            let found = self.wrong == Wrong::SentAfterClose && self.is_sure(op);
            return if found { self.found(op.site) } else { Next::Stop };
        }
        if self.wrong != Wrong::SendBlocks {
            state.count += u32::from(state.count & VALUES < VALUES);
            return Next::Go;
        }
        if op.guarded || self.is_joined(op, Operation::receives) || !matches!(op.act, Act::Send) {
            return Next::Stop;
        }
        let turns = match self.balanced(op) {
            true => Amount::ONE,
            false => self.cx.turns(op.at, self.channel.made),
        };
        let values = state.count & VALUES;
        // Of a loop it is counted at once how often it runs.
        if values.saturating_add(turns.0) > self.room {
            // In which turns a condition lets it send does not show.
            let measured = self.channel.uses.measured || self.cx.is_conditional(op.at);
            let unsure = turns == Amount::MANY && self.room > 0 && measured;
            return if unsure { Next::Stop } else { self.found(op.at) };
        }
        if turns != Amount::ONE {
            return Next::Stop;
        }
        state.count += 1;
        Next::Go
    }

    /// Whether a goroutine that does something of this kind can have been started before an operation: it is written before, or in a
    /// loop around it.
    fn is_joined(&self, op: &Operation, does: impl Fn(&Operation) -> bool) -> bool {
        let cx = self.cx;
        let at = cx.span(op.at);
        let is_before = |started: &super::Started<'_>| {
            let start = cx.span(started.spawn.at);
            let mut node: gopeer_syntax::ast::Node = op.at.into();
            let mut around = std::iter::from_fn(|| {
                let around = cx.enclosing_loop(node)?;
                node = around.into();
                Some(around)
            });
            start.start < at.start || around.any(|around| cx.span(around).contains(start))
        };
        let mut others = self.channel.ops().iter().filter(|other| does(other));
        others.any(|other| self.channel.started(other.lane).is_some_and(is_before))
    }

    /// Whether an earlier iteration of a loop around a receive may have put a value into the channel.
    fn is_fed_by_turn(&self, op: &Operation) -> bool {
        let Some(around) = self.cx.enclosing_loop(op.at).filter(|_| self.room > 0) else { return false };
        let inside = |other: &Operation| self.cx.span(around).contains(self.cx.span(other.at));
        self.channel.ops().iter().any(|other| other.lane == op.lane && other.sends_at_all() && inside(other))
    }

    /// Whether a loop before a receive sends in those iterations in which a condition holds.
    fn is_fed_by_some_turn(&self, op: &Operation) -> bool {
        let before = |other: &Operation| self.cx.span(other.at).start < self.cx.span(op.at).start;
        let in_some =
            |other: &Operation| self.cx.enclosing_loop(other.at).is_some() && self.cx.is_conditional(other.at);
        self.channel.ops().iter().any(|other| other.sends_at_all() && before(other) && in_some(other))
    }

    /// Whether a loop around a send receives as well.
    fn balanced(&self, op: &Operation) -> bool {
        let Some(around) = self.cx.enclosing_loop(op.at) else { return false };
        let inside = |other: &Operation| other.receives() && self.cx.span(around).contains(self.cx.span(other.at));
        self.channel.ops().iter().any(inside) || self.is_left(around)
    }

    /// Whether a loop has a way out besides its condition: how often it runs does not show.
    fn is_left(&self, around: StmtId) -> bool {
        use gopeer_syntax::ast::Node;
        let leaves = |node: Node| matches!(node, Node::Stmt(id) if matches!(self.cx.stmt(id), Stmt::Return(_) | Stmt::Branch { .. }));
        self.cx.any(around, false, leaves)
    }

    fn receive(&mut self, state: &mut State, op: &Operation) -> Next {
        if self.wrong != Wrong::ReceiveBlocks {
            if state.count & VALUES > 0 {
                state.count -= 1;
            }
            return Next::Go;
        }
        let fed = state.count & CLOSED != 0
            || self.is_joined(op, |other| other.sends_at_all() || other.closes())
            || self.is_fed_by_turn(op)
            || self.is_fed_by_some_turn(op);
        if op.guarded || fed || !matches!(op.act, Act::Receive) {
            return Next::Stop;
        }
        if state.count & VALUES == 0 {
            return self.found(op.site);
        }
        state.count -= 1;
        Next::Go
    }
}

impl Watch for Sequence<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let channel = self.channel;
        if op.kind == OpKind::Write && op.at == channel.declared {
            return Next::Stop;
        }
        if !matches!(op.kind, OpKind::Send | OpKind::Recv | OpKind::Call | OpKind::Defer) {
            return Next::Go;
        }
        let Some(own) = channel.ops().iter().find(|other| other.lane == Lane::Own && other.site == op.at) else {
            return Next::Go;
        };
        if own.deferred {
            state.count |= if own.closes() { CLOSES_LATER } else { 0 };
            return Next::Go;
        }
        match own.act {
            // What a closure or a function does, and when, is not counted.
            Act::Given(given) if !given.closes => match self.wrong {
                Wrong::SentAfterClose if own.sends_at_all() => self.send(state, own),
                Wrong::ClosedTwice | Wrong::SentAfterClose => Next::Go,
                _ => Next::Stop,
            },
            _ if own.nested && own.act != Act::Close => match self.wrong {
                Wrong::ClosedTwice | Wrong::SentAfterClose => Next::Go,
                _ => Next::Stop,
            },
            Act::Close | Act::Given(_) => {
                if own.nested || matches!(own.act, Act::Given(_)) {
                    return Next::Stop;
                }
                self.close(state, own)
            }
            Act::Send => self.send(state, own),
            Act::Receive => self.receive(state, own),
            Act::Range => Next::Stop,
        }
    }

    fn takes(&mut self, _: &mut Values<'_>, state: &State, ending: Ending, when: When) -> Next {
        let (Ending::Select(select), When::Clause(clause)) = (ending, when) else { return Next::Go };
        let Stmt::Select { clauses } = self.cx.stmt(select) else { return Next::Go };
        let chosen = self.cx.stmts(clauses).get(clause as usize).map(|&clause| self.cx.stmt(clause));
        let gives_up = matches!(chosen, Some(Stmt::CommClause { comm: None, .. }));
        let receives = |op: &Operation| op.receives() && op.select.is_some_and(|(at, _)| at == select);
        // There is a value, so the case that receives is chosen, sooner or later.
        let full = state.count & VALUES > 0 && self.channel.ops().iter().any(receives);
        if (gives_up || self.room > 1) && full { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, state: &mut State, _: Option<StmtId>) -> Next {
        let both = CLOSED | CLOSES_LATER;
        if self.wrong == Wrong::ClosedTwice && state.count & both == both {
            let deferred = self.channel.ops().iter().find(|op| op.lane == Lane::Own && op.deferred && op.closes());
            if let Some(site) = deferred.filter(|op| !op.nested).map(|op| op.site) {
                return self.found(site);
            }
        }
        Next::Stop
    }
}
