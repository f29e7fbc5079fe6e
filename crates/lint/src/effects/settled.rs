//! Whether a message is acknowledged or given back on every path.

use gopeer_flow::{Ending, Next, Op, OpKind, Path, State, Use, Val, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_sema::types::TypeId;
use gopeer_syntax::ast::{BinaryOp, Decl, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::{Effects, Message};
use crate::{Call, Cx, Followed, Func, Start, Step};

/// That a message is neither acknowledged nor given back on some path.
pub struct Unsettled {
    /// Where the path leaves the message: a `return`, a `continue`, or the last statement that decides.
    pub at: Node,
    /// The path.
    pub steps: Vec<Step>,
}

impl<'a> Cx<'a> {
    /// The shortest path from where a function gets a message to where it is done with it that does not acknowledge it, although this
    /// call does on another one. Only for the first of several acknowledgements.
    pub fn unsettled(&self, ack: Call<'a>) -> Option<Unsettled> {
        let func = self.enclosing_func(ack.expr).filter(|&func| !self.is_long(func))?;
        let message = self.message_of(ack, func)?;
        let &[held] = &*message.held else { return None };
        // It gives messages, and is none.
        const GIVERS: &[&str] = &["consumer", "subscription", "subscriber", "client", "receiver", "channel", "session"];
        let ty = self.store.qualified_name(self.deref(self.ty(held))).map_or("", |(_, name)| name);
        let gives = |name| crate::words(name).last().is_some_and(|last| GIVERS.contains(&last.as_str()));
        if gives(ty) || gives(self.source(held)) {
            return None;
        }
        // What is not deleted is delivered again after a while: that is how a failure is answered.
        if self.type_path(self.deref(self.ty(held))).is_some_and(|path| path.starts_with("github.com/aws/")) {
            return None;
        }
        let calls = self.calls_within(func.body, false);
        let settles = |call: ExprId| self.effects(call).has(Effects::ACK) && message.is_given_to(call);
        let first = calls.iter().find_map(|&node| match node {
            Node::Expr(call) if settles(call) || call == ack.expr => Some(call),
            _ => None,
        });
        if first != Some(ack.expr) {
            return None;
        }
        let followed = self.followed(func.node)?;
        let mut start = self.where_received(func, &followed, held)?;
        let mut watch = Settled { cx: self, func, message: &message, held, begun: false };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let at = self.where_left(&followed, &found.path, ack.expr);
        let mut steps = vec![Step::from((self.span(held), format!("`{}` is a message here", self.source(held))))];
        steps.extend(self.branches_of(&followed, &found.path).into_iter().map(Step::from));
        steps.push((self.tree.span(at), "the message is left here without an acknowledgement".to_owned()).into());
        Some(Unsettled { at, steps })
    }

    /// Where a variable gets its message: the beginning of the function, an iteration of a loop, or after a receive that gave one.
    fn where_received(&self, func: Func, followed: &Followed, held: ExprId) -> Option<Start<'_>> {
        if !self.span(func.body).contains(self.span(held)) {
            return Some(self.start(followed, followed.entry()));
        }
        if let Some(Node::Stmt(stmt)) = self.tree.parent(held) {
            match self.stmt(stmt) {
                Stmt::Range { .. } => return Some(self.start(followed, followed.at_turn(stmt)?)),
                Stmt::Assign { rhs, .. } => {
                    let source = self.unparen(self.only(rhs)?);
                    let mut start = self.start(followed, followed.after_write(held)?);
                    return self.assume_received(&mut start, source).then_some(start);
                }
                _ => {}
            }
        }
        None
    }

    /// Adds that a receive, or a call, gave a message; false where it cannot.
    fn assume_received(&self, start: &mut Start<'_>, source: ExprId) -> bool {
        match self.expr(source) {
            Expr::Unary { op: UnaryOp::Recv, .. } => {
                let ok = start.values.made(source, 1);
                start.assume(ok, Val::TRUE, true)
            }
            Expr::Call { .. } => {
                let given = start.values.made(source, 0);
                start.assume(given, Val::NIL, false)
                    && self.assume_result(&mut start.values, &mut start.state, source, true)
            }
            _ => false,
        }
    }

    /// The statement by which a path leaves a message, or the last condition on it.
    fn where_left(&self, followed: &Followed, path: &Path, ack: ExprId) -> Node {
        if let Ending::Return(Some(stmt)) = path.ending {
            return stmt.into();
        }
        let conds = path.edges.iter().rev().filter_map(|(block, edge)| match followed.body.ending(*block) {
            Ending::If(cond) => Some((cond, edge.when == When::True)),
            _ => None,
        });
        let mut conds = conds.peekable();
        let decides = conds.peek().map_or(ack, |&(cond, _)| cond);
        // The last branch that is left by a `continue` or the like, else the last condition.
        conds.find_map(|(cond, holds)| self.last_of_branch(cond, holds)).map_or(Node::Expr(decides), Node::Stmt)
    }

    fn last_of_branch(&self, cond: ExprId, holds: bool) -> Option<StmtId> {
        let stmt = self.enclosing_stmt(cond)?;
        let Stmt::If { then: body, els, .. } = self.stmt(stmt) else { return None };
        let branch = if holds { Some(body) } else { els }?;
        let last = self.list_of(Node::Stmt(branch)).last().copied()?;
        matches!(self.stmt(last), Stmt::Branch { .. } | Stmt::Return(_)).then_some(last)
    }
}

/// Watches for the end of what is done with a message.
struct Settled<'c, 'a> {
    cx: &'c Cx<'a>,
    func: Func,
    message: &'c Message,
    held: ExprId,
    /// Whether anything happened yet.
    begun: bool,
}

impl Watch for Settled<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        let replaced = self.message.is_replaced_by(cx, op);
        if replaced && !self.begun {
            return Next::Go;
        }
        self.begun |= op.kind != OpKind::Write;
        match op.kind {
            _ if replaced => Next::Found,
            OpKind::Call | OpKind::Defer | OpKind::Go if self.message.is_given_to(op.at) => {
                let settles = cx.effects(op.at).has(Effects::ACK.and(Effects::NACK));
                if settles || op.kind == OpKind::Go || self.is_told(op.at) { Next::Stop } else { Next::Go }
            }
            OpKind::Make if self.message.is_given_to(op.at) => Next::Stop,
            OpKind::Send if self.message.is_given_to(op.at) => Next::Stop,
            OpKind::Read if cx.def(op.at) == Def::Local(self.held) => self.used(values, op.at),
            _ => Next::Go,
        }
    }

    fn after(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) {
        // A message without it does not come from JetStream, and nobody waits for an acknowledgement.
        if op.kind == OpKind::Call && self.cx.callee_word(op.at) == "Metadata" {
            self.cx.assume_result(values, state, op.at, true);
        }
    }

    /// What is not handled while the process ends is delivered again.
    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        let ends = match (ending, when) {
            // With acknowledgement by itself there is nothing to do.
            (Ending::If(cond), _) if self.decides_acks(cond) => true,
            (Ending::If(cond), When::True) => {
                let text = self.cx.source(cond);
                text.contains("ctx.Err") || text.contains("closed") || text.contains("Context()")
            }
            (Ending::Select(_), _) => true,
            _ => false,
        };
        if ends { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next {
        let cx = self.cx;
        let results = cx.results_of(self.func);
        let unanswered = match &*results {
            [] => true,
            [(_, ty)] if cx.ty(*ty) == TypeId::ERROR => cx.succeeds(self.func, values, state, at),
            _ => false,
        };
        if unanswered { Next::Found } else { Next::Stop }
    }
}

impl Settled<'_, '_> {
    /// Whether a condition asks whether messages are acknowledged at all.
    fn decides_acks(&self, cond: ExprId) -> bool {
        let text = self.cx.source(cond).to_ascii_lowercase();
        text.contains("autoack") || text.contains("ackpolicy") || self.is_of_settings(cond)
    }

    /// Whether a condition compares with a constant what does not come from the message but from outside of the function, or from what
    /// the method belongs to (`c.mode == manual`); or whether that is itself a flag that speaks of acknowledging.
    fn is_of_settings(&self, cond: ExprId) -> bool {
        let cx = self.cx;
        let flag = |cond| crate::words(cx.source(cond)).iter().any(|word| word.starts_with("ack"));
        let asked = match cx.expr(cx.unparen(cond)) {
            Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } if cx.constant_value(rhs).is_some() => {
                lhs
            }
            Expr::Ident | Expr::Selector { .. } if flag(cond) => cond,
            _ => return false,
        };
        let Some(Def::Local(declared)) = cx.root(asked).map(|root| cx.def(root)) else { return false };
        let is_receiver = |decl| match cx.decl(decl) {
            Decl::Func { recv, .. } => cx.params(recv).iter().any(|(name, _)| *name == Some(declared)),
            _ => false,
        };
        let outside = !cx.span(self.func.node).contains(cx.span(declared));
        outside || matches!(self.func.node, Node::Decl(decl) if is_receiver(decl))
    }

    /// Whether the name of what is called says that it settles the message.
    fn is_told(&self, call: ExprId) -> bool {
        const SETTLES: &[&str] =
            &["ack", "acknowledge", "complete", "done", "nack", "nak", "reject", "requeue", "settle", "term"];
        crate::words(self.cx.callee_word(call)).iter().any(|word| SETTLES.contains(&word.as_str()))
    }

    /// The message itself is mentioned: whoever gets it may acknowledge it.
    fn used(&self, values: &Values<'_>, ident: ExprId) -> Next {
        let cx = self.cx;
        match values.input.use_of(ident) {
            Use::Assigned(target) if cx.source(target) == "_" => Next::Go,
            Use::Kept | Use::Returned(_) | Use::Converted(_) | Use::Assigned(_) => Next::Stop,
            Use::Argument { call, .. } => {
                let shown = cx.call(call).is_some_and(|found| match cx.own_function(found.callee) {
                    Some(_) => cx.done_by(found).is_some(),
                    None => ["fmt", "log", "log/slog"].contains(&found.callee.path),
                });
                if shown { Next::Go } else { Next::Stop }
            }
            _ => Next::Go,
        }
    }
}
