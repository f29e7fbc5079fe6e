//! Operations that wait for somebody else: on channels, for goroutines, for an answer, for time.

use std::rc::Rc;

use gopeer_sema::types::Type;
use gopeer_sema::{CallFacts, Def, SelectionKind};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::{Base, Place};
use crate::Cx;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WaitKind {
    /// A value of a channel, or its end.
    Receive,
    /// Somebody who receives from a channel without room.
    Send,
    /// Each of many who receive from channels of their own.
    Each,
    /// One of several channels, none of which is sure to be ready at some time.
    Select,
    /// Somebody who receives, or the end of a context.
    Offer,
    /// Goroutines: `Wait`.
    Group,
    /// Another machine, a database, a process.
    Answer,
    /// A function that is not known and gets a context: it may wait until that ends.
    Given,
    /// Time.
    Sleep,
}

/// An operation that waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    /// What is waited for.
    pub kind: WaitKind,
    /// The operation, as it is written: `time.Sleep`, `<-c.done`.
    pub op: Rc<str>,
    /// The channel, or the `WaitGroup`.
    pub on: Option<Place>,
}

/// What ends the wait of another goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Serves {
    Sends,
    Closes,
    Receives,
    Done,
    /// Counts one more, for which is waited then.
    Adds,
}

impl Serves {
    /// Whether it ends a wait of this kind.
    pub(super) fn ends(self, kind: WaitKind) -> bool {
        match kind {
            WaitKind::Receive | WaitKind::Select => matches!(self, Serves::Sends | Serves::Closes),
            WaitKind::Send | WaitKind::Each | WaitKind::Offer => self == Serves::Receives,
            WaitKind::Group => self == Serves::Done,
            _ => false,
        }
    }
}

impl<'a> Cx<'a> {
    /// What an expression waits for that is a call, a receive, the channel of a `range`, or the channel of a send.
    pub(super) fn wait_at(&self, expr: ExprId) -> Option<Wait> {
        match self.expr(expr) {
            Expr::Call { .. } => self.waiting_call(expr),
            Expr::Unary { op: UnaryOp::Recv, operand } if self.select_of(expr).is_none() => {
                // A context that was canceled before is done.
                if matches!(self.expr(self.unparen(operand)), Expr::Call { .. }) && !self.gives_time(operand) {
                    return None;
                }
                if self.is_of_stopped_timer(operand) {
                    return None;
                }
                let kind = if self.gives_time(operand) { WaitKind::Sleep } else { WaitKind::Receive };
                self.waiting(kind, operand, self.source(expr))
            }
            _ => match self.tree.parent(expr)? {
                Node::Stmt(stmt) => match self.stmt(stmt) {
                    Stmt::Range { subject, .. } if subject == expr && self.is_channel(expr) => {
                        self.waiting(WaitKind::Receive, expr, "range")
                    }
                    Stmt::Send { chan, .. } if chan == expr && self.is_comm(stmt).is_none() => {
                        let kind = if self.is_of_each(chan) { WaitKind::Each } else { WaitKind::Send };
                        self.waiting(kind, chan, self.source(stmt))
                    }
                    _ => None,
                },
                _ => None,
            },
        }
    }

    fn waiting(&self, kind: WaitKind, on: ExprId, text: &str) -> Option<Wait> {
        const LONGEST: usize = 40;
        let on_text = self.source(on);
        let op = match kind {
            WaitKind::Send | WaitKind::Each => format!("{on_text} <- …"),
            _ if text == "range" => format!("range {on_text}"),
            _ if text.len() > LONGEST => format!("<-{}", self.callee_word(on)),
            _ => text.to_owned(),
        };
        Some(Wait { kind, op: op.into(), on: self.place(on) })
    }

    /// Whether a channel is, or belongs to, an element that a loop takes from what others have as well, and that stays there: another value
    /// is sent to it the next time.
    fn is_of_each(&self, channel: ExprId) -> bool {
        const REMOVES: &[&str] = &["clear", "close", "delete"];
        let Some(Def::Local(declared)) = self.root(channel).map(|root| self.def(root)) else { return false };
        let Some(Node::Stmt(range)) = self.tree.parent(declared) else { return false };
        let Stmt::Range { subject, .. } = self.stmt(range) else { return false };
        let Some(func) = self.enclosing_func(range).filter(|_| self.is_of_shared(subject)) else { return false };
        !self.any(func.body, false, |node| match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::Call { fun, .. } => REMOVES.iter().any(|name| self.is_builtin(fun, name)),
                _ => self.is_target(id) && self.same_text(id, subject),
            },
            _ => false,
        })
    }

    fn is_channel(&self, expr: ExprId) -> bool {
        matches!(self.under(expr), Type::Chan { .. })
    }

    /// Whether a channel gives something once time has passed: `time.After(d)`, `timer.C`.
    pub(crate) fn gives_time(&self, channel: ExprId) -> bool {
        let channel = self.unparen(channel);
        match self.expr(channel) {
            Expr::Call { .. } => self.calls(channel, &["time.After", "time.Tick"]),
            Expr::Selector { base, name } => {
                self.source(name) == "C" && self.has_type(base, &["time.Timer", "time.Ticker"])
            }
            _ => false,
        }
    }

    /// Whether a channel is that of a timer which has just been found to have fired: `if !timer.Stop() { <-timer.C }`.
    fn is_of_stopped_timer(&self, channel: ExprId) -> bool {
        let Expr::Selector { base: timer, .. } = self.expr(self.unparen(channel)) else { return false };
        let asks = |cx: &Cx, node: Node| match node {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::If { cond, .. } => {
                    cx.find_expr(cond, false, |id| matches!(cx.method_call(id), Some((_, "Stop", [])))).is_some()
                }
                _ => false,
            },
            _ => false,
        };
        let Some(Node::Stmt(around)) = self.around(channel, asks).filter(|_| self.gives_time(channel)) else {
            return false;
        };
        let stops = |id| matches!(self.method_call(id), Some((of, "Stop", [])) if self.same_text(of, timer));
        matches!(self.stmt(around), Stmt::If { cond, .. } if self.find_expr(cond, false, stops).is_some())
    }

    /// The `select` of whose case a receive or send is the operation.
    fn select_of(&self, receive: ExprId) -> Option<StmtId> {
        let mut above = self.tree.ancestors(receive);
        let Node::Stmt(stmt) = above.next()? else { return None };
        self.is_comm(stmt)
    }

    fn is_comm(&self, stmt: StmtId) -> Option<StmtId> {
        let Some(Node::Stmt(clause)) = self.tree.parent(stmt) else { return None };
        match self.stmt(clause) {
            Stmt::CommClause { comm: Some(comm), .. } if comm == stmt => match self.tree.parent(clause)? {
                Node::Stmt(select) => Some(select),
                _ => None,
            },
            _ => None,
        }
    }

    fn waiting_call(&self, expr: ExprId) -> Option<Wait> {
        const GROUPS: &[&str] = &["sync.WaitGroup.Wait", "golang.org/x/sync/errgroup.Group.Wait"];
        let op: Rc<str> = self.callee_text(expr).into();
        if self.gives_context(expr) {
            return Some(Wait { kind: WaitKind::Given, op, on: None });
        }
        let call = self.call(expr)?;
        if call.callee.is(&["time.Sleep"]) {
            return Some(Wait { kind: WaitKind::Sleep, op, on: None });
        }
        if call.callee.is(GROUPS) {
            return Some(Wait { kind: WaitKind::Group, op, on: self.receiver_place(call) });
        }
        let known = self.known(&call.callee)?;
        let asks = known.facts.has(CallFacts::BLOCKS)
            && self.asks_others(call.callee.path, call.callee.recv, call.callee.name);
        asks.then_some(Wait { kind: WaitKind::Answer, op, on: None })
    }

    /// Whether a call gives a context to a function that a parameter or a field holds, and that may fail.
    fn gives_context(&self, call: ExprId) -> bool {
        let Expr::Call { fun, args, .. } = self.expr(call) else { return false };
        let fun = self.unparen(fun);
        let given = match self.expr(fun) {
            Expr::Ident => self.is_parameter(fun),
            Expr::Selector { .. } => {
                self.facts.selection(fun).is_some_and(|selection| selection.kind == SelectionKind::Field)
            }
            _ => false,
        };
        let context = || self.exprs(args).first().is_some_and(|&first| self.has_type(first, &["context.Context"]));
        given && context() && self.returns_error(call)
    }

    /// Whether what blocks asks somebody else, and is neither one side of a connection that is already there, which a lock may serialize, nor
    /// what a program runs for as long as it lives.
    fn asks_others(&self, path: &str, recv: Option<&str>, name: &str) -> bool {
        let one_side =
            matches!(recv, Some("Conn" | "PacketConn" | "Rows" | "BatchResults" | "Cursor" | "Reader" | "Consumer"))
                || matches!(recv, Some("Tx" | "Batch" | "Iter" | "Subscription" | "Process"));
        let lives = ["Serve", "Listen", "Accept"].iter().any(|word| name.starts_with(word))
            || matches!(name, "Shutdown" | "GracefulStop" | "Close");
        !matches!(path, "sync" | "io" | "crypto/tls") && !one_side && !lives
    }

    /// What a `select` waits for that has no `default`, with an expression in it. If it also has a case that comes with time or the end of
    /// a context, that is the one channel that it receives from besides.
    pub(super) fn select_waits(&self, select: StmtId) -> Option<(Wait, ExprId)> {
        let Stmt::Select { clauses } = self.stmt(select) else { return None };
        let (mut cases, mut ends): (Vec<(ExprId, ExprId)>, bool) = (Vec::new(), false);
        for &clause in self.stmts(clauses) {
            let Stmt::CommClause { comm, .. } = self.stmt(clause) else { return None };
            let at = self.find_expr(comm?, false, |id| match self.expr(id) {
                Expr::Unary { op: UnaryOp::Recv, .. } => true,
                _ => matches!(self.tree.parent(id), Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Send { chan, .. } if chan == id)),
            })?;
            let channel = match self.expr(at) {
                Expr::Unary { op: UnaryOp::Recv, operand } => {
                    if self.gives_time(operand) || self.means_end(operand) {
                        ends = true;
                        continue;
                    }
                    operand
                }
                _ => at,
            };
            // One that is full can be emptied, and the other way round.
            if cases.iter().any(|&(_, other)| self.same_text(channel, other)) {
                return None;
            }
            cases.push((at, channel));
        }
        let &(first, channel) = cases.first()?;
        let receives = matches!(self.expr(first), Expr::Unary { .. });
        let (kind, on) = match (ends, cases.len()) {
            (false, _) => (WaitKind::Select, None),
            (true, 1) => (if receives { WaitKind::Select } else { WaitKind::Offer }, Some(self.place(channel)?)),
            (true, _) => return None,
        };
        Some((Wait { kind, op: "select".into(), on }, first))
    }

    /// Whether a channel says that something has ended, by its name, or by that of the method which gives it.
    pub(crate) fn means_end(&self, channel: ExprId) -> bool {
        const WORDS: &[&str] = &[
            "cancel", "close", "closed", "closing", "ctx", "die", "done", "exit", "quit", "shutdown", "stop", "stopped",
        ];
        let channel = self.unparen(channel);
        if let Expr::Call { .. } = self.expr(channel) {
            return true;
        }
        let name = self.source(channel).rsplit('.').next().unwrap_or_default();
        crate::words(name).iter().any(|word| WORDS.contains(&word.as_str()))
    }

    /// What an expression does that ends the wait of another goroutine, and on which channel or `WaitGroup`.
    pub(super) fn serves_at(&self, expr: ExprId) -> Option<(Serves, Place)> {
        match self.expr(expr) {
            Expr::Call { fun, args, .. } if self.is_builtin(fun, "close") => {
                Some((Serves::Closes, self.place(self.only(args)?)?))
            }
            Expr::Call { .. } => {
                let call = self.call(expr)?;
                if !call.callee.is(&["sync.WaitGroup.Add", "sync.WaitGroup.Done"]) {
                    return None;
                }
                let serves = if call.callee.name == "Add" { Serves::Adds } else { Serves::Done };
                Some((serves, self.receiver_place(call)?))
            }
            Expr::Unary { op: UnaryOp::Recv, operand } => Some((Serves::Receives, self.place(operand)?)),
            _ => match self.tree.parent(expr)? {
                Node::Stmt(stmt) => match self.stmt(stmt) {
                    Stmt::Range { subject, .. } if subject == expr && self.is_channel(expr) => {
                        Some((Serves::Receives, self.place(expr)?))
                    }
                    Stmt::Send { chan, .. } if chan == expr => Some((Serves::Sends, self.place(chan)?)),
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// The channel that a call of `make` makes, and whether it has room.
    pub(super) fn channel_made(&self, call: ExprId) -> Option<(Place, bool)> {
        let Expr::Call { fun, args, .. } = self.expr(call) else { return None };
        if !self.is_builtin(fun, "make") || !self.is_channel(call) {
            return None;
        }
        let room = match self.exprs(args) {
            [_] => false,
            [_, capacity] => self.int_value(*capacity) != Some(0),
            _ => return None,
        };
        if let Some(Node::Expr(element)) = self.tree.parent(call)
            && let Expr::KeyValue { key, .. } = self.expr(element)
        {
            let selection = self.facts.selection(key)?;
            let (_, owner) = self.store.named_path(selection.owner?);
            let class: Rc<str> = format!("{owner}.{}", self.source(key)).into();
            return Some((Place { class: Some(class), ..Place::of(Base::Local(call)) }, room));
        }
        Some((self.place_kept(call)?, room))
    }

    /// The variable or field that a value is assigned to.
    fn place_kept(&self, value: ExprId) -> Option<Place> {
        let kept = self.kept_in(value)?;
        match self.def(self.unparen(kept)) {
            Def::Local(declared) => Some(Place::of(Base::Local(declared))),
            _ => self.place(kept),
        }
    }
}
