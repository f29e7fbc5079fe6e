//! What runs beside the code that starts it, in a goroutine of its own.

use gopeer_sema::types::Type;
use gopeer_sema::{CallFacts, Def, Known};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use crate::{Cx, Func};

/// The start of a goroutine: a `go` statement, or a call that starts one, `g.Go(f)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spawn<'a> {
    /// The `go` statement; of other starts, the call.
    pub at: Node,
    /// The call: what `go` is followed by, or the one that starts a goroutine.
    pub call: ExprId,
    /// What runs: a function literal, also one that a local was given, or what names a function.
    pub runs: ExprId,
    /// What it is called with.
    pub args: &'a [ExprId],
    /// What it is waited for with, where the way that it is started says that: `g` in `g.Go(f)`.
    pub group: Option<ExprId>,
}

impl<'a> Cx<'a> {
    /// The goroutines that a node starts, in source order, with those that its function literals start.
    pub fn spawns_in(&self, node: impl Into<Node>) -> impl Iterator<Item = Spawn<'a>> + '_ {
        let nodes = self.within(node, true, |cx, node| cx.spawn(node).is_some());
        (0..nodes.len()).filter_map(move |at| self.spawn(nodes[at]))
    }

    /// How a function literal is started, if a goroutine runs it: where it is written, or by the local that it was given to. None,
    /// too, where it is started in several places.
    pub fn spawn_of(&self, literal: ExprId) -> Option<Spawn<'a>> {
        const FAR: usize = 16;
        let by = |func: Func| self.spawns_in(func.body).filter(|spawn| spawn.runs == literal).take(2).collect();
        let near = self
            .tree
            .ancestors(literal)
            .take(FAR)
            .find_map(|node| self.spawn(node).filter(|found| found.runs == literal));
        near.or_else(|| match <Vec<Spawn>>::as_slice(&by(self.enclosing_func(literal)?)) {
            [one] => Some(*one),
            _ => None,
        })
    }

    /// The start of a goroutine that a node is.
    pub fn spawn(&self, node: Node) -> Option<Spawn<'a>> {
        match node {
            Node::Stmt(stmt) => self.go(stmt),
            Node::Expr(call) => self.started_by(call),
            _ => None,
        }
    }

    /// The start of a goroutine that a call is, after `go` or by itself.
    pub(crate) fn spawn_by(&self, call: ExprId) -> Option<Spawn<'a>> {
        let around = self.tree.parent(call).filter(|node| matches!(node, Node::Stmt(_)));
        around.and_then(|stmt| self.spawn(stmt)).or_else(|| self.started_by(call))
    }

    fn go(&self, stmt: StmtId) -> Option<Spawn<'a>> {
        let Stmt::Go(call) = self.stmt(stmt) else { return None };
        let call = self.unparen(call);
        let Expr::Call { fun, args, .. } = self.expr(call) else { return None };
        Some(Spawn { at: Node::Stmt(stmt), call, runs: self.literal_of(fun), args: self.exprs(args), group: None })
    }

    /// A call of something that starts a goroutine with the function that it is given.
    fn started_by(&self, call: ExprId) -> Option<Spawn<'a>> {
        let found = self.call(call)?;
        let spawns = |known: &Known| known.facts.has(CallFacts::SPAWNS);
        self.known(&found.callee).filter(spawns)?;
        let &runs = found.args.iter().find(|&&arg| self.is_func(arg))?;
        let group = found.receiver;
        Some(Spawn { at: Node::Expr(call), call, runs: self.literal_of(runs), args: &[], group })
    }

    fn is_func(&self, arg: ExprId) -> bool {
        matches!(self.store.under(self.ty(arg)), Type::Signature(_))
    }

    /// The function literal that an expression is, or that the local was given which it names; else the expression.
    pub(crate) fn literal_of(&self, fun: ExprId) -> ExprId {
        let fun = self.unparen(fun);
        let is_literal = |id: &ExprId| matches!(self.expr(*id), Expr::FuncLit { .. });
        let given = || self.initial_value(fun).map(|value| self.unparen(value)).filter(is_literal);
        given().unwrap_or(fun)
    }

    /// Whether an iteration of a loop that starts a goroutine may wait for it.
    pub fn may_wait_in_turn(&self, spawn: &Spawn<'_>, looping: StmtId) -> bool {
        self.waits_after(spawn.at) || self.feeds_turn(spawn.runs, looping)
    }

    /// Whether a goroutine closes or sends on what belongs to the turn, such as a pipe: the rest of the turn may wait for that.
    fn feeds_turn(&self, literal: ExprId, looping: StmtId) -> bool {
        let own = |expr: ExprId| match self.def(self.unparen(expr)) {
            Def::Local(declared) => {
                self.span(looping).contains(self.span(declared)) && !self.span(literal).contains(self.span(declared))
            }
            _ => false,
        };
        self.any(literal, true, |node| match node {
            Node::Stmt(id) => matches!(self.stmt(id), Stmt::Send { chan, .. } if own(chan)),
            Node::Expr(call) => match self.expr(call) {
                Expr::Call { fun, args, .. } if self.is_builtin(fun, "close") => self.only(args).is_some_and(own),
                Expr::Call { .. } => {
                    matches!(self.method_call(call), Some((of, "Close" | "CloseWithError" | "Done", _)) if own(of))
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether the turn may wait for something after the start of a goroutine.
    fn waits_after(&self, start: Node) -> bool {
        let waits = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Unary { op: UnaryOp::Recv, .. } => true,
                Expr::Call { .. } => matches!(cx.callee_word(id), "Wait" | "Sleep" | "Join" | "Stop" | "Close"),
                _ => false,
            },
            _ => false,
        };
        let Some(looping) = self.enclosing_loop(start) else { return false };
        let (Stmt::For { body, .. } | Stmt::Range { body, .. }) = self.stmt(looping) else { return false };
        let end = self.span(start).end;
        self.within(body, false, waits).iter().any(|&node| self.span(node).start >= end)
    }
}
