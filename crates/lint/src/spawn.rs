//! What runs beside the code that starts it, in a goroutine of its own.

use gopeer_sema::types::Type;
use gopeer_sema::{CallFacts, Known};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId};

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
}
