//! A function that feeds workers and does not listen to them, while they wait for it to listen.

use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt};

use super::{Act, Amount, Capacity, Channel, Lane, Operation, Started};
use crate::Cx;

/// A function feeds workers until all is taken, and receives what they send only afterwards.
pub struct Jam {
    /// The channel of the send that feeds them.
    pub feed: ExprId,
    /// The variable of the channel on which the workers send.
    pub results: ExprId,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// Whether the function that makes a channel sends on it all that there is to do, before it receives anything that the workers
    /// send, although there is not room for all.
    pub fn jam(&self, jobs: &Channel<'a>) -> Option<Jam> {
        let Capacity::Const(_) = jobs.capacity else { return None };
        let ops = jobs.ops();
        if !jobs.is_closed_world() || ops.iter().any(|op| op.receives() && !matches!(op.lane, Lane::Goroutine(_))) {
            return None;
        }
        let own = |op: &&Operation| op.lane == Lane::Own && !op.nested && op.act == Act::Send && !op.guarded;
        let feed = ops.iter().find(own)?;
        let around = self.enclosing_loop(feed.at)?;
        let endless = matches!(self.stmt(around), Stmt::For { cond: None, .. });
        if endless
            || self.turns(feed.at, jobs.made) != Amount::MANY
            || ops.iter().any(|op| op.sends_at_all() && op.lane != Lane::Own)
        {
            return None;
        }
        let mut workers = ops.iter().filter(|op| op.receives()).filter_map(|op| jobs.started(op.lane));
        let first = workers.next()?;
        let results = self.sent_each_turn(jobs, first)?;
        if workers.any(|other| other.spawn.runs != first.spawn.runs) {
            return None;
        }
        let Capacity::Const(_) = results.capacity else { return None };
        let end = self.span(around).end;
        let later = |op: &Operation| op.lane == Lane::Own && !op.nested && self.span(op.at).start > end;
        let mut receives = results.ops().iter().filter(|op| op.receives()).peekable();
        receives.peek()?;
        let shared = |op: &Operation| {
            self.enclosing_loop(around).is_some_and(|outer| self.span(outer).contains(self.span(op.at)))
        };
        if !results.is_closed_world() || !receives.all(|op| later(op) && !shared(op)) {
            return None;
        }
        let (fed, sent) = (self.source(jobs.declared), self.source(results.declared));
        let send = results.ops().iter().find(|op| op.blocks_sending())?;
        let receive = results.ops().iter().find(|op| op.receives())?;
        let func = self.func_in_words(jobs.declared);
        let steps = vec![
            (
                self.start_span(first),
                format!("a goroutine is started here that receives from `{fed}` and sends on `{sent}`"),
            ),
            (self.span(send.at), format!("each of them waits here: nobody receives from `{sent}` yet")),
            (self.span(feed.at), format!("{func} waits here: nobody receives from `{fed}` any more")),
            (self.span(receive.at), format!("it would receive from `{sent}` here, and never gets that far")),
        ];
        Some(Jam { feed: feed.at, results: results.declared, steps })
    }

    /// The channel on which a goroutine sends for each value that it receives, waiting for room.
    fn sent_each_turn(&self, jobs: &Channel<'a>, started: &Started<'a>) -> Option<Channel<'a>> {
        let Some(body) = self.body_of(started) else {
            let others = started.spawn.args.iter().filter(|&&arg| self.channel_variable(arg, jobs.declared).is_some());
            return others.filter_map(|&arg| self.channel_of(arg)).find(|channel| {
                channel.ops().iter().any(|op| matches!(op.act, Act::Given(given) if given.sends == Amount::MANY))
            });
        };
        let range = jobs.ops().iter().find(|op| op.act == Act::Range && self.enclosing_func(op.at) == Some(body))?;
        let Stmt::Range { body: turn, .. } = self.stmt(self.enclosing_stmt(range.at)?) else { return None };
        let Stmt::Block(stmts) = self.stmt(turn) else { return None };
        self.stmts(stmts).iter().find_map(|&stmt| match self.stmt(stmt) {
            Stmt::Send { chan, .. } if self.channel_variable(chan, jobs.declared).is_some() => self.channel_of(chan),
            _ => None,
        })
    }

    /// The channel that a variable holds.
    fn channel_of(&self, expr: ExprId) -> Option<Channel<'a>> {
        let value = self.unparen(self.initial_value(expr)?);
        let is_call = matches!(self.expr(value), Expr::Call { .. });
        self.channel(value).filter(|_| is_call && self.tree.parent(Node::Expr(value)).is_some())
    }
}
