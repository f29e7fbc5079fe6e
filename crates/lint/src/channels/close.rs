//! Channels that are closed too early, or by too many.

use gopeer_flow::{Next, Op, State, Values, Watch};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use super::leave::Sender;
use super::leaving::{Aim, Leaving};
use super::{Act, Amount, Channel, Lane, Operation, Started};
use crate::Cx;

/// Watches for a call, or the start of a goroutine.
struct Reaches(ExprId);

impl Watch for Reaches {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        if op.at == self.0 { Next::Found } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// A channel that is closed while a goroutine may still send on it.
pub struct ClosedEarly {
    /// The channel of the send.
    pub send: ExprId,
    /// The call of `close`.
    pub close: ExprId,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

/// A channel that several goroutines close.
pub struct ClosedTwice {
    /// The call of `close` that can be the second.
    pub close: ExprId,
    /// How it comes to that, in the order of time.
    pub steps: Vec<(Span, String)>,
}

impl<'a> Cx<'a> {
    /// A close of a channel in the function that declares it, which does not wait for the goroutines that send.
    pub fn closed_early(&self, channel: &Channel<'a>) -> Option<ClosedEarly> {
        if !channel.is_closed_world() {
            return None;
        }
        let ops = channel.ops();
        let own: Vec<&Operation> =
            ops.iter().filter(|op| op.lane == Lane::Own && op.act == Act::Close && !op.nested).collect();
        let close = own.first()?;
        let senders = self.senders(channel, true)?;
        senders.iter().filter(|sender| sender.started.by_home && !self.may_exclude(sender)).find_map(|sender| {
            let followed = self.followed(channel.home.node)?;
            let begin = sender.started.spawn.call;
            let mut start = self.start(&followed, self.behind(channel, &followed, sender.started)?);
            let waits = self.waits_for_all(channel, &senders);
            // Where the function waits before it closes, a path without does not start any.
            let waited = |op: &Operation| waits.iter().any(|&wait| self.span(wait).start < self.span(op.site).start);
            let calls = own.iter().filter(|op| !op.deferred && !waited(op)).map(|op| op.site).collect();
            let deferred = own.iter().any(|op| op.deferred);
            let mut watch = Leaving::new(self, channel, 0, &senders, Aim::Close { calls, deferred, waits });
            start.state.count = watch.started(0, begin)?;
            let found = self.follow(&followed, &mut start, &mut watch)?;
            let name = self.source(channel.declared);
            let func = self.func_in_words(channel.declared);
            let mut steps =
                vec![(self.start_span(sender.started), format!("a goroutine is started here that sends on `{name}`"))];
            let sites: Vec<ExprId> = ops.iter().filter(|op| op.receives()).map(|op| op.site).collect();
            steps.extend(self.branches(&followed, &found.path, |op| sites.contains(&op.at)));
            let at = match found.op {
                Some(op) => op.at,
                None => {
                    let end = self.end_of_path(&followed, &found.path);
                    steps.push((end, format!("{func} returns here, and the deferred call runs")));
                    own.iter().find(|op| op.deferred).map_or(close.site, |op| op.site)
                }
            };
            steps.push((self.span(at), format!("`{name}` is closed, and the goroutine may not have sent yet")));
            steps.push((self.span(sender.send.at), format!("a send on the closed `{name}` panics")));
            Some(ClosedEarly { send: sender.send.at, close: at, steps })
        })
    }

    /// Whether a goroutine takes a lock, by which it may know that the channel is open.
    fn may_exclude(&self, sender: &Sender<'_, 'a>) -> bool {
        let Some(body) = self.body_of(sender.started) else { return false };
        let locks = |cx: &Cx, node: Node| match node {
            Node::Expr(call) => matches!(cx.method_call(call), Some((_, "Lock" | "RLock" | "TryLock", []))),
            _ => false,
        };
        !self.within(body.body, true, locks).is_empty()
    }

    /// A close of a channel by a goroutine of which several run, or which another goroutine closes as well.
    pub fn closed_by_many(&self, channel: &Channel<'a>) -> Option<ClosedTwice> {
        let ops = channel.ops();
        let closes: Vec<&Operation> = ops
            .iter()
            .filter(|op| op.act == Act::Close && matches!(op.lane, Lane::Goroutine(_)) && !self.is_decided(op))
            .collect();
        let name = self.source(channel.declared);
        let many = closes.iter().find_map(|op| {
            let started = channel.started(op.lane)?;
            let turns = self.turns(started.spawn.at, channel.made);
            (turns > Amount::ONE && !self.leaves_after_start(started)).then_some((op, started))
        });
        if let Some((op, started)) = many {
            let steps = vec![
                (self.start_span(started), "a goroutine is started here in each iteration".to_owned()),
                (self.span(op.site), format!("the first that comes here closes `{name}`; the next one panics")),
            ];
            return Some(ClosedTwice { close: op.site, steps });
        }
        let (first, second) = match closes[..] {
            [first, second, ..] if first.lane != second.lane => (first, second),
            _ => return None,
        };
        if !self.both_start(channel, channel.started(first.lane)?, channel.started(second.lane)?) {
            return None;
        }
        let steps = vec![
            (self.span(first.site), format!("one goroutine closes `{name}` here")),
            (self.span(second.site), "another one closes it again: this panics".to_owned()),
        ];
        Some(ClosedTwice { close: second.site, steps })
    }

    /// Whether the function starts one goroutine after the other on some path.
    fn both_start(&self, channel: &Channel<'a>, first: &Started<'a>, second: &Started<'a>) -> bool {
        first.by_home && second.by_home && self.comes_to(channel.home.node, first.spawn.call, second.spawn.call)
    }

    /// Whether some path of a function leads from the start of a goroutine to a call.
    pub(crate) fn comes_to(&self, home: Node, started: ExprId, call: ExprId) -> bool {
        let Some(followed) = self.followed(home) else { return false };
        let Some(from) = followed.after_start(started) else { return false };
        let mut start = self.start(&followed, from);
        self.follow(&followed, &mut start, &mut Reaches(call)).is_some()
    }

    /// Whether the loop that starts a goroutine is left right after, so that one is started.
    fn leaves_after_start(&self, started: &Started<'a>) -> bool {
        let Node::Stmt(stmt) = started.spawn.at else { return false };
        let mut at = Some(stmt);
        std::iter::from_fn(|| {
            at = self.next_stmt(at?);
            at
        })
        .take(16)
        .any(|stmt| matches!(self.stmt(stmt), Stmt::Return(_) | Stmt::Branch { .. }))
    }

    /// Whether something decides who of several comes to an operation: a condition, or a clause.
    fn is_decided(&self, op: &Operation) -> bool {
        // What a deferred function does, it decides itself.
        let decided = |at: ExprId| {
            self.around(at, |cx, node| {
                cx.as_func(node).is_some()
                    || matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. } | Stmt::CaseClause { .. } | Stmt::CommClause { .. }))
            })
            .is_some_and(|node| matches!(node, Node::Stmt(stmt) if !self.asks_own_outcome(stmt)))
        };
        op.nested && !op.deferred || decided(op.site) || decided(op.at) || self.has_early_return(op)
    }

    /// Whether a statement is an `if` that asks how something has gone which each goroutine does for itself: not who of them is to do what.
    fn asks_own_outcome(&self, stmt: StmtId) -> bool {
        const CLAIMS: &[&str] = &[
            "acquire", "add", "claim", "compare", "done", "first", "last", "load", "once", "swap", "take", "try", "win",
        ];
        let Stmt::If { cond, .. } = self.stmt(stmt) else { return false };
        let Some(func) = self.enclosing_func(stmt) else { return false };
        let outcome = |ident: ExprId| {
            let Some((value, _)) = self.origin(ident) else { return false };
            let claims = |word: &String| CLAIMS.contains(&word.as_str());
            matches!(self.expr(self.unparen(value)), Expr::Call { .. })
                && self.span(func.node).contains(self.span(value))
                && !crate::words(self.callee_word(value)).iter().any(claims)
                && self.callee(value).is_none_or(|callee| callee.path != "sync/atomic")
        };
        match self.expr(self.unparen(cond)) {
            Expr::Ident => outcome(self.unparen(cond)),
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                self.is_builtin(rhs, "nil") && outcome(self.unparen(lhs))
            }
            _ => false,
        }
    }

    /// Whether the function around an operation can return before it gets there, as it is written.
    fn has_early_return(&self, op: &Operation) -> bool {
        let Some(func) = self.enclosing_func(op.site) else { return true };
        let returns = self.within(
            func.body,
            false,
            |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_))),
        );
        !op.deferred && returns.iter().any(|&node| self.span(node).start < self.span(op.site).start)
    }
}

impl Cx<'_> {
    /// How many goroutines are started there for one channel.
    pub fn turns_of_start(&self, channel: &Channel<'_>, started: &Started<'_>) -> Amount {
        self.turns(started.spawn.at, channel.made)
    }
}
