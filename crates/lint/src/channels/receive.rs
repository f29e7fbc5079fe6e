//! Receives to which nothing comes any more.

use std::collections::HashSet;

use gopeer_flow::{BlockId, Ending, Found, Next, Op, OpKind, Point, State, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::{Act, Amount, Channel, Lane, Operation, Started, Uses};
use crate::{Cx, Followed};

/// A receive that stays blocked.
pub struct Blocked {
    /// The receive, or the channel of a `range`.
    pub at: ExprId,
    /// Why nothing comes, in words that follow what waits: `but nobody closes it`.
    pub because: String,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// A receive from a channel, or a `range` over it, that stays blocked.
    pub fn blocked_receive(&self, channel: &Channel<'a>) -> Option<Blocked> {
        if !channel.is_closed_world() {
            return self.unended(channel);
        }
        self.unfed(channel)
            .or_else(|| self.unclosed(channel))
            .or_else(|| self.unanswered(channel))
            .or_else(|| self.unended(channel))
    }

    /// Nobody ever sends or closes.
    fn unfed(&self, channel: &Channel<'a>) -> Option<Blocked> {
        let ops = channel.ops();
        if ops.iter().any(|op| op.sends_at_all() || op.closes()) {
            return None;
        }
        let waits = ops.iter().find(|op| match op.act {
            Act::Range => true,
            // In the function itself it is how one waits forever on purpose.
            Act::Receive => !op.guarded && matches!(op.lane, Lane::Goroutine(_)),
            _ => false,
        })?;
        if self.ends_with_process(channel.home) {
            return None;
        }
        let name = self.source(channel.declared);
        let steps = vec![
            (self.span(channel.made), format!("`{name}` is made here")),
            (self.span(waits.site), "this waits for a value, or for the channel to be closed".to_owned()),
        ];
        Some(Blocked { at: waits.site, because: "but nobody sends on it or closes it".to_owned(), steps })
    }

    /// A `range` over a channel that is not closed on every path.
    fn unclosed(&self, channel: &Channel<'a>) -> Option<Blocked> {
        let ops = channel.ops();
        let to_the_end = |op: &Operation| match op.act {
            Act::Range => self.enclosing_stmt(op.at).is_some_and(|range| self.ranges_to_the_end(range)),
            // A function does it that a goroutine calls.
            Act::Given(given) => given.drains && !given.closes && matches!(op.lane, Lane::Goroutine(_)),
            _ => false,
        };
        let range = ops.iter().find(|op| !op.nested && to_the_end(op))?;
        if !ops.iter().any(Operation::sends_at_all)
            || ops.iter().any(|op| op.closes() && (op.lane != Lane::Own || op.nested))
            || self.ends_with_process(channel.home)
        {
            return None;
        }
        match range.lane {
            Lane::Own => self.never_ends_here(channel, range),
            Lane::Goroutine(at) => self.left_behind(channel, range, channel.uses.starts.get(at)?),
            Lane::Unknown => None,
        }
    }

    /// The function itself ranges over what its goroutines send, and nobody closes the channel.
    fn never_ends_here(&self, channel: &Channel<'a>, range: &Operation) -> Option<Blocked> {
        let ops = channel.ops();
        let closed = ops.iter().any(Operation::closes);
        let own = ops.iter().any(|op| op.lane == Lane::Own && op.sends_at_all());
        // Only what ends leaves it waiting.
        let all_end = channel
            .uses
            .starts
            .iter()
            .enumerate()
            .all(|(at, started)| self.comes_to_an_end(started, Lane::Goroutine(at), &channel.uses));
        let in_time = closed && (self.closed_before(channel, range) || !self.closed_only_after(channel, range));
        if in_time || own || !all_end {
            return None;
        }
        let name = self.source(channel.declared);
        let mut steps = Vec::new();
        if let Some(send) = ops.iter().find(|op| op.sends_at_all()) {
            steps.push((self.span(send.at), format!("the last value is sent on `{name}` here")));
        }
        let func = self.func_in_words(channel.declared);
        steps.push((self.span(range.at), format!("{func} waits here for another one, or for `{name}` to be closed")));
        let because = match closed {
            true => "but it is closed only after the loop".to_owned(),
            false => "but nobody closes it".to_owned(),
        };
        Some(Blocked { at: range.site, because, steps })
    }

    fn closed_before(&self, channel: &Channel<'a>, range: &Operation) -> bool {
        let before = |op: &Operation| op.closes() && !op.deferred && self.span(op.at).start < self.span(range.at).start;
        channel.ops().iter().any(before)
    }

    /// Whether the function that ranges over a channel closes it, and only after the loop.
    fn closed_only_after(&self, channel: &Channel<'a>, range: &Operation) -> bool {
        let Some(around) = self.enclosing_stmt(range.at) else { return false };
        let end = self.span(around).end;
        let after = |op: &Operation| op.lane == Lane::Own && (op.deferred || self.span(op.at).start > end);
        channel.ops().iter().filter(|op| op.closes()).all(after) && self.enclosing_loop(around).is_none()
    }

    /// A goroutine ranges over a channel, and the function that would close it returns, or waits for the goroutine, first.
    fn left_behind(&self, channel: &Channel<'a>, range: &Operation, started: &Started<'a>) -> Option<Blocked> {
        let ops = channel.ops();
        let others_end = ops.iter().all(|op| match (op.sends_at_all(), op.lane) {
            (true, Lane::Goroutine(at)) => {
                channel.uses.starts.get(at).is_some_and(|started| self.comes_to_an_end(started, op.lane, &channel.uses))
            }
            _ => true,
        });
        if !started.by_home || !others_end {
            return None;
        }
        let followed = self.followed(channel.home.node)?;
        let from = self.behind(channel, &followed, started)?;
        let before =
            |op: &Operation| op.closes() && op.deferred && self.span(op.at).start < self.span(started.spawn.call).start;
        let closed = |op: &Operation| {
            op.closes() && op.lane == Lane::Own && self.span(op.at).start < self.span(started.spawn.call).start
        };
        if ops.iter().any(before) || ops.iter().any(closed) {
            return None;
        }
        let group = self.group_of(started, range.at);
        let waits = group.map(|group| self.waits_for(channel, group)).unwrap_or_default();
        let closes: HashSet<ExprId> = ops.iter().filter(|op| op.closes()).map(|op| op.site).collect();
        let deferred: HashSet<ExprId> = ops.iter().filter(|op| op.closes() && op.deferred).map(|op| op.site).collect();
        let mut start = self.start(&followed, from);
        let mut watch = Unclosed { declared: channel.declared, closes: &closes, deferred: &deferred, waits: &waits };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let name = self.source(channel.declared);
        let mut steps = vec![(
            self.start_span(started),
            format!("a goroutine is started here that receives from `{name}` until it is closed"),
        )];
        let func = self.func_in_words(channel.declared);
        let met = |op: &Op| op.kind == OpKind::Call && closes.contains(&op.at);
        steps.extend(self.branches(&followed, &found.path, met));
        let because = match found.op {
            Some(wait) if waits.contains(&wait.at) => {
                steps.push((
                    self.span(wait.at),
                    format!("{func} waits here for the goroutine, before it closes `{name}`"),
                ));
                match closes.is_empty() {
                    true => "but nobody closes it".to_owned(),
                    false => format!("but {func} closes it only when the goroutine is done"),
                }
            }
            Some(write) => {
                steps.push((self.span(write.at), format!("`{name}` becomes another channel here")));
                "but nobody closes it".to_owned()
            }
            None => {
                steps.push((
                    self.end_of_path(&followed, &found.path),
                    format!("{func} returns here and leaves `{name}` open"),
                ));
                match closes.is_empty() {
                    true => "but nobody closes it".to_owned(),
                    false => format!("but {func} does not close it on every path"),
                }
            }
        };
        steps.push((self.span(range.at), "the goroutine waits here forever".to_owned()));
        Some(Blocked { at: range.site, because, steps })
    }

    /// The function waits for a value, and the only goroutine that would send one can end without sending.
    fn unanswered(&self, channel: &Channel<'a>) -> Option<Blocked> {
        let ops = channel.ops();
        if ops.iter().any(|op| op.closes() || op.lane == Lane::Own && op.sends_at_all()) {
            return None;
        }
        let mut receives = ops.iter().filter(|op| op.receives());
        let (Some(receive), None) = (receives.next(), receives.next()) else { return None };
        if receive.act != Act::Receive
            || receive.guarded
            || receive.nested
            || receive.deferred
            || receive.lane != Lane::Own
        {
            return None;
        }
        let counted = match self.enclosing_loop(receive.site) {
            Some(around) if !self.span(around).contains(self.span(channel.made)) => Some(around),
            _ => None,
        };
        if counted.is_some_and(|around| !self.counts_all(around)) {
            return None;
        }
        let senders = self.senders(channel, true)?;
        let [sender] = &senders[..] else { return None };
        let turns = self.turns(sender.started.spawn.at, channel.made);
        if (counted.is_none() && turns != Amount::ONE) || !sender.started.by_home {
            return None;
        }
        let body = self.body_of(sender.started)?;
        // Of workers, each sends as often as it gets something to do.
        if counted.is_some()
            && self.enclosing_loop(sender.send.at).is_some_and(|around| self.enclosing_func(around) == Some(body))
        {
            return None;
        }
        let followed = self.followed(body.node)?;
        let sites: Vec<ExprId> = ops.iter().filter(|op| op.lane != Lane::Own).map(|op| op.site).collect();
        let found = self.silent_way(&followed, &sites, false)?;
        let sites: Vec<ExprId> = ops.iter().filter(|op| op.sends_at_all()).map(|op| op.site).collect();
        let steps = self.steps_to_silence(channel, sender.started, receive, (&followed, &found, &sites), "sent on");
        let because = "but the goroutine that sends on it can end without sending".to_owned();
        Some(Blocked { at: receive.site, because, steps })
    }

    /// The function waits for a channel to be closed, and the only goroutine that would close it can end without that.
    fn unended(&self, channel: &Channel<'a>) -> Option<Blocked> {
        let ops = channel.ops();
        // A closure that is returned may wait as well.
        let elsewhere = |op: &Operation| op.lane == Lane::Unknown && op.act != Act::Receive;
        if channel.uses.open || channel.uses.returned || ops.iter().any(|op| op.sends_at_all() || elsewhere(op)) {
            return None;
        }
        let closes = || ops.iter().filter(|op| op.closes());
        let close = closes().next()?;
        let Lane::Goroutine(at) = close.lane else { return None };
        let started = channel.uses.starts.get(at).filter(|started| started.by_home)?;
        let receive = ops.iter().find(|op| op.receives())?;
        let by_function = matches!(receive.lane, Lane::Own | Lane::Unknown);
        let waits = receive.act == Act::Receive && !receive.guarded && !receive.nested && by_function;
        // Where a closure closes it, who calls that does not show.
        if !waits || closes().any(|op| op.lane != close.lane || op.deferred || op.nested) {
            return None;
        }
        let because = "but the goroutine that closes it can end without closing it".to_owned();
        if let Act::Given(given) = close.act {
            let (start, name) = (self.start_span(started), self.source(channel.declared));
            let steps = vec![
                (start, format!("a goroutine is started here that can return without closing `{name}`")),
                (self.span(receive.site), "this then waits forever".to_owned()),
            ];
            return (given.leaves_open && closes().count() == 1).then_some(Blocked {
                at: receive.site,
                because,
                steps,
            });
        }
        let followed = self.followed(self.body_of(started)?.node)?;
        let sites: Vec<ExprId> = closes().map(|op| op.site).collect();
        let found = self.silent_way(&followed, &sites, true)?;
        let steps = self.steps_to_silence(channel, started, receive, (&followed, &found, &sites), "closed");
        Some(Blocked { at: receive.site, because, steps })
    }

    /// How a goroutine ends on a path on which it has not `done` what a receive waits for; on others it does so at these `sites`.
    fn steps_to_silence(
        &self,
        channel: &Channel<'a>,
        started: &Started<'a>,
        receive: &Operation,
        (followed, found, sites): (&Followed, &Found, &[ExprId]),
        done: &str,
    ) -> Vec<(Span, String)> {
        let (name, func) = (self.source(channel.declared), self.func_in_words(channel.declared));
        let met = |op: &Op| matches!(op.kind, OpKind::Send | OpKind::Call) && sites.contains(&op.at);
        let mut steps = vec![(self.start_span(started), "a goroutine is started here".to_owned())];
        steps.extend(self.branches(followed, &found.path, met));
        steps.push((self.end_of_path(followed, &found.path), format!("it ends here and has not {done} `{name}`")));
        steps.push((self.span(receive.site), format!("{func} waits here forever")));
        steps
    }

    /// A way out of a body on which none of these operations is met, and nothing is said on another channel. `selects` says whether it may
    /// be a way by a `select`.
    pub fn silent_way(&self, followed: &Followed, sites: &[ExprId], selects: bool) -> Option<Found> {
        let mut start = self.start(followed, Point { block: BlockId::ENTRY, op: 0 });
        self.follow(followed, &mut start, &mut Silent { cx: self, sites, selects })
    }

    /// Whether a loop runs as often as something says that the loop before it, which started the goroutines, went by as well.
    fn counts_all(&self, around: StmtId) -> bool {
        let fixed = |limit: ExprId| {
            let limit = self.unparen(limit);
            match self.expr(limit) {
                Expr::Call { fun, args, .. } if self.is_builtin(fun, "len") => {
                    self.only(args).is_some_and(|of| matches!(self.def(self.unparen(of)), Def::Local(_)))
                }
                Expr::Ident => matches!(self.def(limit), Def::Local(_)) && !self.is_reassigned(limit),
                Expr::Literal(_) => true,
                _ => false,
            }
        };
        let leaves = |node: Node| match node {
            Node::Stmt(id) => matches!(self.stmt(id), Stmt::Branch { .. } | Stmt::Select { .. }),
            _ => false,
        };
        let regular = match self.stmt(around) {
            Stmt::Range { subject, .. } => fixed(subject),
            Stmt::For { cond: Some(cond), post: Some(_), .. } => match self.expr(self.unparen(cond)) {
                Expr::Binary { op: BinaryOp::Less | BinaryOp::LessEqual, rhs, .. } => fixed(rhs),
                _ => false,
            },
            _ => false,
        };
        regular && !self.any(around, false, leaves) && self.enclosing_loop(around).is_none()
    }

    /// Whether a goroutine can return.
    pub(super) fn comes_to_an_end(&self, started: &Started<'_>, lane: Lane, uses: &Uses<'_>) -> bool {
        let Some(body) = self.body_of(started) else {
            let stays = |op: &Operation| matches!(op.act, Act::Given(given) if given.beside.stays);
            if uses.ops.iter().any(|op| op.lane == lane && stays(op)) {
                return false;
            }
            return self.ask(started.spawn.call, crate::summary::What::Ends)
                == Some(crate::summary::Answer::Ends(None));
        };
        let Some(followed) = self.followed(body.node) else { return false };
        followed.way_out(Point { block: BlockId::ENTRY, op: 0 }, |_| false).is_some()
    }
}

/// Watches for a way out of a function, or to a `Wait`, on which it does not close a channel.
struct Unclosed<'c> {
    declared: ExprId,
    closes: &'c HashSet<ExprId>,
    deferred: &'c HashSet<ExprId>,
    waits: &'c [ExprId],
}

impl Watch for Unclosed<'_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Defer if self.deferred.contains(&op.at) => {
                state.count = 1;
                Next::Go
            }
            OpKind::Call | OpKind::Defer if self.closes.contains(&op.at) => Next::Stop,
            OpKind::Call if self.waits.contains(&op.at) => Next::Found,
            OpKind::Write if op.at == self.declared => {
                if state.count == 0 {
                    Next::Found
                } else {
                    Next::Stop
                }
            }
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, state: &mut State, _: Option<StmtId>) -> Next {
        if state.count == 0 { Next::Found } else { Next::Stop }
    }
}

/// Watches for a way out of a goroutine on which it says nothing on a channel, nor on another one.
struct Silent<'c, 'a> {
    cx: &'c Cx<'a>,
    sites: &'c [ExprId],
    selects: bool,
}

impl Watch for Silent<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        match op.kind {
            // On another channel it may have said that nothing comes here.
            OpKind::Send => Next::Stop,
            OpKind::Call | OpKind::Defer if self.sites.contains(&op.at) => Next::Stop,
            OpKind::Call | OpKind::Defer => match self.cx.expr(op.at) {
                Expr::Call { fun, .. } if self.cx.is_builtin(fun, "close") => Next::Stop,
                _ => Next::Go,
            },
            _ => Next::Go,
        }
    }

    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        // A case of `select` that waits for a context is how it ends early on purpose.
        match (ending, when) {
            (Ending::Select(_), When::Clause(_)) if !self.selects => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Found
    }
}
