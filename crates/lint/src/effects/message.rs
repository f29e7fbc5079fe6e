//! A message from a broker, and what is made of it.

use std::collections::HashSet;

use gopeer_flow::{Op, OpKind};
use gopeer_sema::Def;
use gopeer_sema::types::{Type, TypeId};
use gopeer_syntax::ast::{Decl, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::Effects;
use crate::{Call, Cx, Func};

/// The locals that hold something and what is made of it, and where they are mentioned.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The locals that hold it, by the identifiers that declare them.
    pub held: Vec<ExprId>,
    /// These, and those that something made of it was assigned to.
    made: HashSet<ExprId>,
    /// The calls, function literals and sent values that mention one of them.
    mentions: HashSet<ExprId>,
}

impl Message {
    /// Whether a call, or a function literal, is given it or something made of it, or is called on that.
    pub fn is_given_to(&self, at: ExprId) -> bool {
        self.mentions.contains(&at)
    }

    /// Whether an operation gives one of its variables another value: the next message.
    pub fn is_replaced_by(&self, cx: &Cx<'_>, op: Op) -> bool {
        let target = || match cx.def(op.at) {
            Def::Local(declared) => declared,
            _ => op.at,
        };
        matches!(op.kind, OpKind::Write | OpKind::Zero) && self.held.contains(&target())
    }
}

/// More of what is made of one message is not followed.
const MOST: usize = 48;

impl<'a> Cx<'a> {
    /// The message that a call commits or acknowledges. If it names none, that is what the function fetches.
    pub fn message_of(&self, call: Call<'a>, func: Func) -> Option<Message> {
        let mut held = self.acknowledged(call);
        if held.is_empty() {
            held = self.fetched_in(func);
        }
        (!held.is_empty()).then(|| self.made_of(func, held))
    }

    /// The locals that a call which acknowledges is given, or is called on.
    fn acknowledged(&self, call: Call<'a>) -> Vec<ExprId> {
        /// The fields that say which message is meant.
        const KEYS: &[&str] = &["DeliveryTag", "ID", "Offset", "ReceiptHandle", "TopicPartition"];
        // What a method gives of its own receiver says who acknowledges: `chunk.discard(c.consumer)`.
        let receiver = match self.enclosing_decl(call.expr).map(|decl| self.decl(decl)) {
            Some(Decl::Func { recv, .. }) => self.params(recv).first().and_then(|&(name, _)| name),
            _ => None,
        };
        let direct = call.args.iter().map(|&arg| self.unparen(arg)).filter(|&arg| {
            let ty = self.ty(arg);
            self.expr(arg) == Expr::Ident && self.is_content(arg) && !matches!(self.store.under(ty), Type::Basic(_))
        });
        let direct: Vec<ExprId> = direct
            .filter_map(|arg| match self.def(arg) {
                Def::Local(declared) => Some(declared),
                _ => None,
            })
            .filter(|&local| Some(local) != receiver)
            .collect();
        // A message is of the broker's library; what keeps track of it is of the module.
        let held = |local: ExprId| match self.store.get(self.ty(local)) {
            Type::Slice(elem) => self.deref(elem),
            _ => self.deref(self.ty(local)),
        };
        let of_library: Vec<ExprId> = direct.iter().copied().filter(|&local| self.is_of_library(held(local))).collect();
        if !of_library.is_empty() {
            return of_library;
        }
        if !direct.is_empty() {
            return direct;
        }
        let mut named = Vec::new();
        let mut keyed = Vec::new();
        for &arg in call.args {
            self.tree.walk(Node::Expr(arg), &mut |node| {
                if let Node::Expr(id) = node
                    && let Def::Local(declared) = self.def(id)
                    && self.expr(id) == Expr::Ident
                    && !self.has_type(id, &["context.Context"])
                    && Some(declared) != receiver
                    && named.len() < 8
                {
                    let field = self.tree.parent(id).and_then(|node| match node {
                        Node::Expr(around) => match self.expr(around) {
                            Expr::Selector { name, .. } => Some(self.source(name)),
                            _ => None,
                        },
                        _ => None,
                    });
                    // Of `messages[i]`, the index is no message.
                    if matches!(self.tree.parent(id), Some(Node::Expr(around)) if matches!(self.expr(around), Expr::Index { base, .. } if base != id)) {
                        return true;
                    }
                    if field.is_some_and(|field| KEYS.contains(&field)) {
                        keyed.push(declared);
                    }
                    named.push(declared);
                }
                true
            });
        }
        if !keyed.is_empty() {
            return keyed;
        }
        if !named.is_empty() {
            return named;
        }
        // `msg.Ack()`, not `session.Commit()`.
        let acknowledges = self.effects(call.expr).has(Effects::ACK.and(Effects::NACK));
        let base = call.receiver.filter(|_| acknowledges).and_then(|base| self.root(base));
        match base.map(|base| self.def(base)) {
            Some(Def::Local(declared)) => vec![declared],
            _ => Vec::new(),
        }
    }

    /// The locals that get what a function fetches.
    fn fetched_in(&self, func: Func) -> Vec<ExprId> {
        let calls = self.calls_within(func.body, false);
        let fetches = calls.iter().filter_map(|&node| match node {
            Node::Expr(call) if self.effects(call).has(Effects::FETCH) => self.first_target(call),
            _ => None,
        });
        fetches.take(4).collect()
    }

    /// The local that gets the first result of a call.
    pub fn first_target(&self, call: ExprId) -> Option<ExprId> {
        let (targets, ..) = self.assignment_of(call)?;
        match self.def(*targets.first()?) {
            Def::Local(declared) => Some(declared),
            _ => None,
        }
    }

    /// What is made of what these locals hold, and where it is mentioned.
    pub fn made_of(&self, func: Func, held: Vec<ExprId>) -> Message {
        let mut message = Message { held: held.clone(), ..Message::default() };
        let mut open = held;
        while let Some(local) = open.pop() {
            if message.made.len() >= MOST || !message.made.insert(local) {
                continue;
            }
            for used in self.names.uses(local).take(128) {
                open.extend(self.follow_use(func, used, &mut message));
            }
        }
        message
    }

    /// Notes the calls around a mention, and gives the locals that get something made of it.
    fn follow_use(&self, func: Func, used: ExprId, message: &mut Message) -> Vec<ExprId> {
        const FAR: usize = 64;
        let mut targets = Vec::new();
        let mut inner = Node::Expr(used);
        for around in self.tree.ancestors(used).take(FAR) {
            match around {
                _ if around == func.node || around == Node::Stmt(func.body) => break,
                Node::Expr(id) => match self.expr(id) {
                    Expr::Call { args, .. } => {
                        message.mentions.insert(id);
                        let filled = self.exprs(args).iter().filter_map(|&arg| self.filled(arg));
                        targets.extend(filled);
                        targets.extend(self.handed_to_literals(id, inner));
                    }
                    Expr::FuncLit { .. } => {
                        message.mentions.insert(id);
                    }
                    _ => {}
                },
                Node::Stmt(id) => {
                    message.mentions.extend(targets_of(self, id, inner, &mut targets));
                    // What a block of statements does is no value.
                    if !self.is_in_literal(id, func) {
                        break;
                    }
                }
                Node::Decl(id) => {
                    if let Decl::Value { names, .. } = self.decl(id) {
                        targets.extend(self.exprs(names));
                    }
                }
                Node::Field(_) => {}
            }
            inner = around;
        }
        targets.retain(|&target| self.is_content(target));
        targets
    }

    /// What the function literals of a call are given by it: `record` of `fetches.EachRecord(func(record *kgo.Record) { … })`.
    fn handed_to_literals(&self, call: ExprId, inner: Node) -> Vec<ExprId> {
        let Expr::Call { args, .. } = self.expr(call) else { return Vec::new() };
        let literals = self.exprs(args).iter().filter(|&&arg| Node::Expr(arg) != inner);
        let params = literals.filter_map(|&arg| match self.expr(self.unparen(arg)) {
            Expr::FuncLit { ty, .. } => match self.expr(ty) {
                Expr::FuncType { params, .. } => Some(self.params(params)),
                _ => None,
            },
            _ => None,
        });
        params.flatten().filter_map(|(name, _)| name).collect()
    }

    /// Whether the function literal in which a statement is runs inside the function that is looked at.
    fn is_in_literal(&self, stmt: StmtId, func: Func) -> bool {
        self.enclosing_func(stmt).is_some_and(|around| around.node != func.node)
    }

    /// The local that a call may fill: `&order` of `json.Unmarshal(msg.Value, &order)`.
    fn filled(&self, arg: ExprId) -> Option<ExprId> {
        let Expr::Unary { op: UnaryOp::Addr, operand } = self.expr(self.unparen(arg)) else { return None };
        match self.def(self.root(operand)?) {
            Def::Local(declared) => Some(declared),
            _ => None,
        }
    }

    /// Whether a local can hold something of a message: errors and conditions tell about it only.
    fn is_content(&self, local: ExprId) -> bool {
        let ty = self.ty(local);
        ty != TypeId::ERROR
            && ty != TypeId::from(gopeer_sema::types::Basic::Bool)
            && !matches!(self.store.under(ty), Type::Signature(_))
            && !self.has_type(local, &["context.Context"])
    }
}

/// Adds the locals that a statement assigns something made of `inner` to; gives the channel that it is sent on.
fn targets_of(cx: &Cx<'_>, stmt: StmtId, inner: Node, targets: &mut Vec<ExprId>) -> Option<ExprId> {
    // What is put into a map or a list is in it.
    let local = |&target: &ExprId| {
        let whole = match cx.expr(target) {
            Expr::Index { base, .. } => base,
            _ => target,
        };
        match cx.def(whole) {
            Def::Local(declared) => Some(declared),
            _ => None,
        }
    };
    match cx.stmt(stmt) {
        Stmt::Assign { lhs, rhs, .. } => {
            let (lhs, rhs) = (cx.exprs(lhs), cx.exprs(rhs));
            let Node::Expr(inner) = inner else { return None };
            match cx.tree.place(rhs, inner) {
                Some(at) if lhs.len() == rhs.len() => targets.extend(lhs.get(at).and_then(local)),
                Some(_) => targets.extend(lhs.iter().filter_map(local)),
                None => {}
            }
        }
        Stmt::IncDec { operand, .. } if Node::Expr(operand) == inner => targets.extend(local(&operand)),
        Stmt::Range { key, value, subject, .. } if Node::Expr(subject) == inner => {
            targets.extend([key, value].into_iter().flatten().filter_map(|target| local(&target)));
        }
        Stmt::TypeSwitch { bind, guard, .. } if Node::Expr(guard) == inner => targets.extend(bind),
        Stmt::Send { chan, value } if Node::Expr(value) == inner => return Some(chan),
        _ => {}
    }
    None
}
