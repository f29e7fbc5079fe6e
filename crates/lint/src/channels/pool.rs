//! Workers of a type, that receive from one field of it and send on another.

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::{FieldAct, FieldUse};
use crate::summary::{Answer, Deed, FuncName, What};
use crate::{Cx, Func};

/// A worker that cannot go on, because the function that would receive from it waits for something else first.
pub struct Pool {
    /// The worker's name.
    pub worker: String,
    /// The channel that it sends on, as the function names it where it would receive.
    pub results: ExprId,
}

impl<'a> Cx<'a> {
    /// Whether a function waits with `group.Wait()` for workers that send on a field, which only the function receives from, and only
    /// after the wait.
    pub fn waits_for_senders(&self, wait: ExprId) -> Option<Pool> {
        let (group, "Wait", []) = self.method_call(wait)? else { return None };
        let Expr::Selector { name, .. } = self.expr(self.unparen(group)) else { return None };
        let group: Box<str> = self.source(name).into();
        let func = self.enclosing_func(wait)?;
        let end = self.span(wait).end;
        self.received_only_after(func, end, |worker| {
            let done = What::CallsOn { method: "Done".into(), of: group.clone(), never: None };
            self.ask_function(worker.clone(), done) == Some(Answer::Is(true))
        })
    }

    /// Whether a function sends on a field in a loop, until workers have taken all, while these send on another field, which only the
    /// function receives from, and only after the loop.
    pub fn feeds_senders(&self, chan: ExprId) -> Option<Pool> {
        let around = self.enclosing_loop(chan)?;
        let endless = matches!(self.stmt(around), Stmt::For { cond: None, .. });
        let jobs = self.field_uses(chan).filter(|_| !endless)?;
        if !FieldUse::is_unbuffered(&jobs) || jobs.iter().any(|used| used.act == FieldAct::Other) {
            return None;
        }
        let func = self.enclosing_func(chan)?;
        let takes = |worker: &FuncName| {
            jobs.iter().any(|used| matches!(used.act, FieldAct::Range | FieldAct::Receive) && used.func == *worker)
        };
        self.received_only_after(func, self.span(around).end, takes)
    }

    /// The worker that sends on a field which a function receives from after an offset, where nobody else receives.
    fn received_only_after(&self, func: Func, offset: u32, is_worker: impl Fn(&FuncName) -> bool) -> Option<Pool> {
        const MOST: usize = 16;
        let Node::Decl(decl) = func.node else { return None };
        let own = crate::summary::func_name(self.tree, decl)?;
        let receives = |cx: &Cx, node: Node| cx.received_field(node).is_some();
        let nodes = self.within(func.body, false, receives);
        let mut received = nodes.iter().filter_map(|&node| self.received_field(node)).take(MOST);
        received.find_map(|results| {
            let uses = self.field_uses(results)?;
            let only_here = uses.iter().all(|used| match used.act {
                FieldAct::Other => false,
                FieldAct::Receive | FieldAct::Range => used.func == own,
                _ => true,
            });
            let same = |node: &Node| self.received_field(*node).is_some_and(|other| self.same_text(other, results));
            let after = nodes.iter().filter(|node| same(node)).all(|&node| self.span(node).start > offset);
            if !only_here || !after || !FieldUse::is_unbuffered(&uses) {
                return None;
            }
            let sends = |used: &&FieldUse| used.act == FieldAct::Send && !used.guarded && used.func != own;
            let worker =
                uses.iter().filter(sends).find(|used| is_worker(&used.func) && self.is_started_anywhere(&used.func))?;
            Some(Pool { worker: worker.func_name().to_owned(), results })
        })
    }

    /// How much room there is in the channel of a field that a function has made, where a loop sends more than that on it before the function
    /// has started anybody, or called anything that gets the value which has the field.
    pub fn filled_before_start(&self, send: StmtId, chan: ExprId) -> Option<u32> {
        let func = self.enclosing_func(send)?;
        let Node::Decl(decl) = func.node else { return None };
        let own = crate::summary::func_name(self.tree, decl)?;
        let Def::Local(declared) = self.def(self.root(chan)?) else { return None };
        let uses = self.field_uses(chan)?;
        let makes = uses.iter().any(|used| matches!(used.act, FieldAct::Make(_)) && used.func == own);
        let receives = |used: &FieldUse| matches!(used.act, FieldAct::Receive | FieldAct::Range) && used.func != own;
        let room = self.room_of_field(chan).filter(|_| makes && uses.iter().any(receives))?;
        // One loop over what is there.
        let around = self.enclosing_loop(send)?;
        let counted = matches!(self.stmt(around), Stmt::Range { .. }) && self.enclosing_loop(around).is_none();
        if !counted || room == u32::MAX || self.turns_within(send, around).0 != 1 || !self.is_fresh(chan) {
            return None;
        }
        let many = self.turns(send, declared).0 > room;
        let start = self.span(around).start;
        let before = |node: Node| self.span(node).start < start;
        let started = self.spawns_in(func.body).any(|spawn| before(spawn.at));
        let mut uses = self.names.uses(declared).filter(|&used| used != declared && before(used.into()));
        let only_set = uses.all(|used| {
            let selector = matches!(self.tree.parent(used), Some(Node::Expr(around)) if matches!(self.expr(around), Expr::Selector { base, .. } if base == used && !self.is_called(around)));
            selector || self.is_target(used)
        });
        (many && !started && only_set).then_some(room)
    }

    /// Whether a function leads to another one.
    pub fn leads_here(&self, from: &FuncName, to: DeclId) -> bool {
        crate::summary::func_name(self.tree, to)
            .is_some_and(|to| *from != to && self.function_leads_to(from.clone(), &to))
    }

    /// Whether some function of the package starts a function in a goroutine.
    pub fn is_started_anywhere(&self, worker: &FuncName) -> bool {
        self.doer(Deed::Starts, worker).flatten().is_some()
    }

    /// The field that a node receives from: `p.results` in `<-p.results`, and in a `range`.
    fn received_field(&self, node: Node) -> Option<ExprId> {
        let channel = match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::Unary { op: UnaryOp::Recv, operand } => operand,
                _ => return None,
            },
            Node::Stmt(id) => match self.stmt(id) {
                Stmt::Range { subject, .. } if matches!(self.under(subject), Type::Chan { .. }) => subject,
                _ => return None,
            },
            _ => return None,
        };
        matches!(self.expr(self.unparen(channel)), Expr::Selector { .. }).then_some(channel)
    }
}
