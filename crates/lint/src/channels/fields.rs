//! Channels in fields: what all functions of the package do with them.

use std::rc::Rc;

use gopeer_sema::types::{PkgId, Type};
use gopeer_sema::{Def, SelectionKind};
use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use crate::summary::{Answer, FuncName, What};
use crate::{Cx, Func};

/// What is done with a channel of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldAct {
    /// It gets a channel with this much room, if that is constant.
    Make(Option<u32>),
    /// A value is sent.
    Send,
    /// One is received.
    Receive,
    /// All are received until it is closed.
    Range,
    /// It is closed.
    Close,
    /// Something else: others may have it.
    Other,
}

/// One thing that a function does with a channel of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    /// The type that has the field, and the field's name.
    pub field: (Rc<str>, Rc<str>),
    /// The function.
    pub func: FuncName,
    /// What it does.
    pub act: FieldAct,
    /// Whether it is a case of a `select` that has others.
    pub guarded: bool,
    /// Whether another case of that `select` leaves the function; of a `range`, whether a statement leaves the loop.
    pub leaves: bool,
    /// Whether such a case leaves the function without having been told to: it waits neither for a context nor for a channel that says
    /// that something has ended.
    pub fails: bool,
    /// Whether the function itself does it again and again, and no closure of it.
    pub continues: bool,
    /// Whether a closure of the function does it.
    pub inside: bool,
    /// Whether a condition, a `sync.Once` or a lock decides whether it happens.
    pub decided: bool,
    /// Whether the function has waited for others before, or its comment says when it may be called.
    pub waited: bool,
}

impl FieldUse {
    /// The function's name, without its type's.
    pub fn func_name(&self) -> &str {
        self.func.rsplit('.').next().unwrap_or_default()
    }

    /// Whether the channels that the field gets are unbuffered, all of them.
    pub fn is_unbuffered(uses: &[FieldUse]) -> bool {
        let mut makes = uses.iter().filter(|used| matches!(used.act, FieldAct::Make(_))).peekable();
        makes.peek().is_some() && makes.all(|used| used.act == FieldAct::Make(Some(0)))
    }
}

impl<'a> Cx<'a> {
    /// What the package does with the field that an expression selects, if it is a channel in a struct of the package. None where
    /// the functions of the package are not at hand.
    pub fn field_uses(&self, channel: ExprId) -> Option<Rc<[FieldUse]>> {
        let (owner, field) = self.channel_field(channel)?;
        match self.ask_all(What::ChannelField(owner, field))? {
            Answer::Fields(uses) => Some(uses),
            _ => None,
        }
    }

    /// How many values the channel of a field has room for, at least: what is computed is more than one for somebody. None where it does not
    /// show which channels the field gets.
    pub(crate) fn room_of_field(&self, channel: ExprId) -> Option<u32> {
        let uses = self.field_uses(channel)?;
        let rooms = uses.iter().filter_map(|used| match used.act {
            FieldAct::Make(room) => Some(room.unwrap_or(u32::MAX)),
            _ => None,
        });
        rooms.min().filter(|_| uses.iter().all(|used| used.act != FieldAct::Other))
    }

    /// The type and the name of the field that an expression selects, if it is a channel in a struct of the package.
    fn channel_field(&self, channel: ExprId) -> Option<(Rc<str>, Rc<str>)> {
        let channel = self.unparen(channel);
        let name = match self.expr(channel) {
            Expr::Selector { name, .. } => name,
            // The key of a literal.
            Expr::Ident => channel,
            _ => return None,
        };
        let selection = self.facts.selection(channel)?;
        if selection.kind != SelectionKind::Field {
            return None;
        }
        let owner = selection.owner.filter(|&owner| self.store.named(owner).pkg == PkgId::SELF)?;
        Some((self.store.named_path(owner).1.into(), self.source(name).into()))
    }

    /// What a function does with channels of fields.
    pub(crate) fn field_facts(&self, decl: DeclId) -> Rc<[FieldUse]> {
        const MOST: usize = 256;
        let Some(func) = crate::summary::func_name(self.tree, decl) else { return Rc::new([]) };
        let selects = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Selector { .. } => matches!(cx.under(id), Type::Chan { .. }) && cx.channel_field(id).is_some(),
                Expr::KeyValue { key, value } => {
                    matches!(cx.under(value), Type::Chan { .. }) && cx.channel_field(key).is_some()
                }
                _ => false,
            },
            _ => false,
        };
        let nodes = self.within(decl, true, selects);
        let uses = nodes.iter().take(MOST).filter_map(|&node| match node {
            Node::Expr(id) => self.field_use(&func, id),
            _ => None,
        });
        uses.collect()
    }

    fn field_use(&self, func: &FuncName, at: ExprId) -> Option<FieldUse> {
        if let Expr::KeyValue { key, value } = self.expr(at) {
            return Some(self.new_use(func, key, self.made_act(value), None));
        }
        let (act, stmt) = match self.tree.parent(at)? {
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::Send { chan, .. } if chan == at => (FieldAct::Send, Some(stmt)),
                Stmt::Range { subject, .. } if subject == at => (FieldAct::Range, None),
                Stmt::Assign { lhs, rhs, .. } => {
                    let value = self.tree.place(self.exprs(lhs), at).and_then(|at| self.exprs(rhs).get(at));
                    (value.map_or(FieldAct::Other, |&value| self.made_act(value)), None)
                }
                _ => (FieldAct::Other, None),
            },
            Node::Expr(around) => match self.expr(around) {
                Expr::Unary { op: UnaryOp::Recv, .. } => {
                    let stmt = self.enclosing_stmt(around);
                    (FieldAct::Receive, stmt)
                }
                Expr::Call { fun, .. } if self.is_builtin(fun, "close") => (FieldAct::Close, None),
                Expr::Call { fun, .. } if self.is_builtin(fun, "len") || self.is_builtin(fun, "cap") => return None,
                Expr::Binary { .. } => return None,
                _ => (FieldAct::Other, None),
            },
            _ => (FieldAct::Other, None),
        };
        Some(self.new_use(func, at, act, stmt))
    }

    fn made_act(&self, value: ExprId) -> FieldAct {
        let made = self.made_capacity(self.unparen(value));
        made.map_or(FieldAct::Other, |capacity| FieldAct::Make(capacity.constant()))
    }

    fn new_use(&self, func: &FuncName, at: ExprId, act: FieldAct, stmt: Option<StmtId>) -> FieldUse {
        let case = stmt.and_then(|stmt| self.case_of(stmt));
        let others = case.map(|(select, clause)| self.other_clauses(select, clause)).unwrap_or_default();
        let field = self.channel_field(at).unwrap_or_else(|| ("".into(), "".into()));
        FieldUse {
            field,
            func: func.clone(),
            act,
            guarded: !others.is_empty(),
            leaves: match act {
                FieldAct::Range => self.enclosing_stmt(at).is_some_and(|range| !self.ranges_to_the_end(range)),
                _ => others.iter().any(|&clause| self.clause_leaves(clause)),
            },
            fails: act == FieldAct::Receive
                && others.iter().any(|&clause| self.clause_leaves(clause) && !self.is_told_by_clause(clause)),
            continues: self.enclosing_func(at).is_some_and(|func| matches!(func.node, Node::Decl(_)))
                && (act == FieldAct::Range
                    || self
                        .enclosing_loop(at)
                        .is_some_and(|around| matches!(self.stmt(around), Stmt::For { cond: None, .. }))
                        && !others
                            .iter()
                            .any(|&clause| matches!(self.stmt(clause), Stmt::CommClause { comm: None, .. }))),
            inside: self.enclosing_func(at).is_some_and(|func| matches!(func.node, Node::Expr(_))),
            decided: self.is_decided_at(at),
            waited: self.has_waited(at) || self.enclosing_decl(at).is_some_and(|decl| self.limits_calls(decl)),
        }
    }

    fn other_clauses(&self, select: StmtId, clause: usize) -> Vec<StmtId> {
        let Stmt::Select { clauses } = self.stmt(select) else { return Vec::new() };
        let all = self.stmts(clauses).iter().enumerate();
        all.filter(|&(at, _)| at != clause).map(|(_, &other)| other).collect()
    }

    /// Whether a case that waits for something leaves the function.
    fn clause_leaves(&self, clause: StmtId) -> bool {
        let waits = matches!(self.stmt(clause), Stmt::CommClause { comm: Some(_), .. });
        waits
            && self.any(
                clause,
                false,
                |node| matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::Return(_))),
            )
    }

    /// Whether a case waits for the end of something, or asks for it.
    fn is_told_by_clause(&self, clause: StmtId) -> bool {
        let Stmt::CommClause { comm: Some(comm), .. } = self.stmt(clause) else { return false };
        // Who asks whether the channel is closed leaves when it is.
        let asks = matches!(self.stmt(comm), Stmt::Assign { lhs, .. } if lhs.len() == 2);
        asks || self.receives_end(comm)
    }

    /// Whether what a case waits for is the end of something: of a context, or what a channel says by its name.
    pub(crate) fn receives_end(&self, comm: StmtId) -> bool {
        let ends = |id: ExprId| match self.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, operand } => self.means_end(operand) && !self.gives_time(operand),
            _ => false,
        };
        self.find_expr(comm, false, ends).is_some()
    }

    /// Whether something decides whether a function gets to an expression: a condition, a lock, a `sync.Once`, or a `return` before it
    /// under a condition that looks at what the expression belongs to.
    pub fn is_decided_at(&self, at: ExprId) -> bool {
        self.is_decided_beside_locks(at) || self.is_locked_at(at)
    }

    /// Whether something else than a lock does.
    pub(crate) fn is_decided_beside_locks(&self, at: ExprId) -> bool {
        let clause = |node: Node| matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::CaseClause { .. }));
        let Some(func) = self.enclosing_func(at) else { return true };
        let in_clause = self.tree.ancestors(at).take_while(|&node| node != func.node).any(clause);
        let in_select = self.tree.ancestors(at).take_while(|&node| node != func.node).any(
            |node| matches!(node, Node::Stmt(id) if matches!(self.stmt(id), Stmt::CommClause { comm, .. } if comm.is_none_or(|comm| !self.span(comm).contains(self.span(at))))),
        );
        let literal = matches!(func.node, Node::Expr(literal) if !self.is_deferred_literal(literal));
        in_clause || in_select || literal || self.is_conditional(at) || self.returns_before(func, at, true)
    }

    pub(crate) fn is_deferred_literal(&self, literal: ExprId) -> bool {
        matches!(self.tree.parent(literal), Some(Node::Expr(call)) if self.is_deferred(call))
    }

    /// Whether a lock is held, or may be, where an expression is evaluated.
    pub fn is_locked_at(&self, at: ExprId) -> bool {
        let held = self.held_at(at);
        held.unknown || !held.held.is_empty()
    }

    /// Whether a condition asks for a flag alone, which may be another one right after: `p.closed`, `p.closed.Load()`.
    pub(crate) fn asks_flag(&self, cond: ExprId) -> bool {
        let cond = self.unparen(cond);
        match self.expr(cond) {
            Expr::Unary { op: UnaryOp::Not, operand } => self.asks_flag(operand),
            Expr::Selector { .. } => matches!(self.under(cond), Type::Basic(_)),
            Expr::Call { .. } => {
                self.callee(cond).is_some_and(|callee| callee.path == "sync/atomic" && callee.name.starts_with("Load"))
            }
            _ => false,
        }
    }

    /// Whether a function returns before an expression, in an `if` that looks at the same variable, `p` of `p.jobs`, or at what a
    /// call answers; with `flags`, also where it asks for a flag alone.
    pub fn returns_before(&self, func: Func, at: ExprId, flags: bool) -> bool {
        let Some(root) = self.root(at).map(|root| self.def(root)) else { return true };
        let returning = |cx: &Cx, node: Node| match node {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::If { .. } | Stmt::Select { .. } | Stmt::Switch { .. } => {
                    cx.any(id, false, |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_))))
                }
                _ => false,
            },
            _ => false,
        };
        let nodes = self.within(func.body, false, returning);
        let before = |node: &&Node| self.span(**node).end <= self.span(at).start;
        let counts = |node: &&Node| match **node {
            Node::Stmt(id) => flags || !matches!(self.stmt(id), Stmt::If { cond, .. } if self.asks_flag(cond)),
            _ => true,
        };
        nodes.iter().filter(before).filter(counts).any(|&node| {
            self.any(node, false, |node| match node {
                Node::Expr(id) => self.expr(id) == Expr::Ident && self.def(id) == root && root != Def::Unknown,
                _ => false,
            })
        })
    }

    /// Whether a call of `Wait`, or a receive from another channel, stands before an expression.
    fn has_waited(&self, at: ExprId) -> bool {
        let Some(func) = self.enclosing_func(at) else { return false };
        let waits = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Call { .. } => matches!(cx.method_call(id), Some((_, "Wait", []))),
                Expr::Unary { op: UnaryOp::Recv, .. } => true,
                _ => false,
            },
            _ => false,
        };
        let nodes = self.within(func.body, true, waits);
        nodes.iter().any(|&node| self.span(node).start < self.span(at).start)
    }

    /// Whether a goroutine runs what a node stands in: a literal that one is started with, or a function that the package starts.
    pub fn runs_beside(&self, node: impl Into<Node>) -> bool {
        let Some(func) = self.enclosing_func(node) else { return false };
        match func.node {
            Node::Expr(literal) => self.spawn_of(literal).is_some(),
            Node::Decl(decl) => self.is_started(decl) == Some(true),
            _ => false,
        }
    }

    /// Whether nothing but the end of a channel ends a loop that ranges over it.
    pub fn ranges_to_the_end(&self, range: StmtId) -> bool {
        !self.any(range, false, |node| matches!(node, Node::Stmt(id) if self.leaves_loop(id)))
    }
}
