//! All that is done with the channel that a variable holds.

use gopeer_sema::types::{PkgId, Type};
use gopeer_syntax::ast::{Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::{Act, ChannelUse, Lane, Operation, Side, Started};
use crate::summary::{Answer, What};
use crate::{Cx, Func, Spawn};

/// All that is done with the channel that a variable holds.
#[derive(Default)]
pub struct Uses<'a> {
    /// What is done, in the order of the source.
    pub ops: Vec<Operation>,
    /// The goroutines that do it.
    pub starts: Vec<Started<'a>>,
    /// Whether others may have the channel: it is returned, stored, or passed to code that is not known.
    pub open: bool,
    /// Whether the function returns it: its callers have it.
    pub returned: bool,
    /// Whether somebody asks how full it is.
    pub measured: bool,
}

/// Where a closure stands that does something.
#[derive(Clone, Copy)]
struct Place {
    lane: Lane,
    /// What the flow of the lane's body knows it by; none directly in the body.
    site: Option<ExprId>,
    deferred: bool,
}

/// How a function literal is run.
enum Run<'a> {
    /// Where it is written, or where the variable that holds it is called.
    Called(Vec<ExprId>),
    Deferred(ExprId),
    Started(Vec<Spawn<'a>>),
    Unknown,
}

impl<'a> Cx<'a> {
    /// What a function and its closures do with the channel that a variable or parameter of it holds.
    pub(crate) fn channel_uses(&self, declared: ExprId, home: Func) -> Uses<'a> {
        const MOST: usize = 64;
        let mut uses = Uses::default();
        let mut collect = Collect { cx: self, home, spawns: None, uses: &mut uses };
        for used in self.names.uses(declared).filter(|&used| used != declared).take(MOST + 1) {
            collect.add(used);
        }
        uses.open |= uses.ops.len() > MOST || uses.starts.len() > MOST;
        uses
    }
}

struct Collect<'c, 'a> {
    cx: &'c Cx<'a>,
    home: Func,
    spawns: Option<Vec<Spawn<'a>>>,
    uses: &'c mut Uses<'a>,
}

impl<'a> Collect<'_, 'a> {
    fn add(&mut self, used: ExprId) {
        let cx = self.cx;
        let at = cx.with_parens(used);
        match cx.tree.parent(at) {
            Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
                Stmt::Send { chan, .. } if chan == at => self.push(Act::Send, at, at, Some(stmt)),
                Stmt::Range { subject, .. } if subject == at => self.push(Act::Range, at, at, None),
                Stmt::Return(_) if cx.enclosing_func(at).is_some_and(|func| func.node == self.home.node) => {
                    self.uses.returned = true;
                }
                // `_ = c` does nothing.
                Stmt::Assign { lhs, .. } if matches!(cx.only(lhs), Some(blank) if cx.source(blank) == "_") => {}
                _ => self.uses.open = true,
            },
            Some(Node::Expr(around)) => self.add_in(at, around),
            _ => self.uses.open = true,
        }
    }

    fn add_in(&mut self, at: ExprId, around: ExprId) {
        let cx = self.cx;
        match cx.expr(around) {
            Expr::Unary { op: UnaryOp::Recv, .. } => {
                let stmt = match cx.tree.parent(cx.with_parens(around)) {
                    Some(Node::Stmt(stmt)) => Some(stmt),
                    _ => None,
                };
                self.push(Act::Receive, at, around, stmt);
            }
            Expr::Call { fun, .. } if cx.is_builtin(fun, "close") => self.push(Act::Close, at, around, None),
            Expr::Call { fun, .. } if cx.is_builtin(fun, "len") || cx.is_builtin(fun, "cap") => {
                self.uses.measured = true;
            }
            Expr::Call { args, .. } => {
                let given = cx.tree.place(cx.exprs(args), at).map(What::Channel).and_then(|what| cx.ask(around, what));
                match given {
                    Some(Answer::Channel(given)) if !given.keeps => self.given(given, at, around),
                    _ => self.uses.open = true,
                }
            }
            // It is compared with nil.
            Expr::Binary { .. } => {}
            _ => self.uses.open = true,
        }
    }

    /// A function of the package gets the channel, and the goroutines have it that this one starts.
    fn given(&mut self, given: ChannelUse, at: ExprId, call: ExprId) {
        let beside = given.beside;
        let itself = ChannelUse { beside: Side::default(), ..given };
        if !beside.is_any() {
            return self.push(Act::Given(itself), at, call, None);
        }
        // Who starts such a function in a goroutine has it do everything.
        if self.started_at(call).is_some() || self.cx.is_deferred(call) {
            self.uses.open = true;
            return;
        }
        if itself != ChannelUse::default() {
            self.push(Act::Given(itself), at, call, None);
        }
        for place in self.places(call, 0) {
            if place.lane != Lane::Own || place.site.is_some() {
                self.uses.open = true;
                return;
            }
            let lane = self.lane_of(self.cx.start_by(call));
            let act = Act::Given(ChannelUse::of_side(beside));
            let op =
                Operation { act, at, site: call, lane, select: None, guarded: false, nested: false, deferred: false };
            self.uses.ops.push(op);
        }
    }

    fn push(&mut self, act: Act, at: ExprId, site: ExprId, stmt: Option<StmtId>) {
        let select = stmt.and_then(|stmt| self.cx.case_of(stmt));
        let guarded = select.is_some_and(|(select, _)| match self.cx.stmt(select) {
            Stmt::Select { clauses } => clauses.len() > 1,
            _ => false,
        });
        for place in self.places(site, 0) {
            let (site, nested) = (place.site.unwrap_or(site), place.site.is_some());
            let op = Operation { act, at, site, lane: place.lane, select, guarded, nested, deferred: place.deferred };
            self.uses.ops.push(op);
        }
    }

    /// Where a node runs: by whom, and in which call of theirs.
    fn places(&mut self, node: ExprId, depth: usize) -> Vec<Place> {
        const DEEP: usize = 4;
        const UNKNOWN: Place = Place { lane: Lane::Unknown, site: None, deferred: false };
        let cx = self.cx;
        if let Some(spawn) = self.started_at(node) {
            return vec![Place { lane: self.lane_of(spawn), site: None, deferred: false }];
        }
        let deferred = cx.is_deferred(node);
        let Some(func) = cx.enclosing_func(node) else { return vec![UNKNOWN] };
        if func.node == self.home.node {
            return vec![Place { lane: Lane::Own, site: None, deferred }];
        }
        let Node::Expr(literal) = func.node else { return vec![UNKNOWN] };
        let (calls, defers) = match self.run(literal) {
            Run::Started(spawns) => {
                let lanes = spawns.into_iter().map(|spawn| self.lane_of(spawn));
                return lanes.map(|lane| Place { lane, site: None, deferred }).collect();
            }
            Run::Called(calls) => (calls, deferred),
            Run::Deferred(call) => (vec![call], true),
            Run::Unknown => return vec![UNKNOWN],
        };
        if depth == DEEP || calls.len() > DEEP {
            return vec![UNKNOWN];
        }
        let mut places = Vec::new();
        for call in calls {
            for place in self.places(call, depth + 1) {
                places.push(Place {
                    site: Some(place.site.unwrap_or(call)),
                    deferred: place.deferred || defers,
                    ..place
                });
            }
        }
        places
    }

    /// The goroutine that a call is the start of: `go f(c)`.
    fn started_at(&self, call: ExprId) -> Option<Spawn<'a>> {
        let Some(go @ Node::Stmt(_)) = self.cx.tree.parent(call) else { return None };
        self.cx.spawn(go).filter(|spawn| spawn.call == call)
    }

    fn run(&mut self, literal: ExprId) -> Run<'a> {
        let cx = self.cx;
        let starts: Vec<Spawn> = self.spawns().iter().filter(|spawn| spawn.runs == literal).copied().collect();
        let called = |fun: ExprId| match cx.tree.parent(fun) {
            Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun: of, .. } if of == fun) => Some(call),
            _ => None,
        };
        if let Some(call) = called(literal).filter(|_| starts.is_empty()) {
            return if cx.is_deferred(call) { Run::Deferred(call) } else { Run::Called(vec![call]) };
        }
        let Some(kept) = cx.kept_in(literal) else {
            return if starts.is_empty() { Run::Unknown } else { Run::Started(starts) };
        };
        let gopeer_sema::Def::Local(declared) = cx.def(kept) else { return Run::Unknown };
        let calls: Vec<Option<ExprId>> =
            cx.names.uses(declared).filter(|&used| used != declared).take(8).map(called).collect();
        let is_start = |call: &ExprId| starts.iter().any(|spawn| spawn.call == *call);
        match calls.into_iter().collect::<Option<Vec<ExprId>>>() {
            Some(calls) if calls.iter().all(is_start) && !calls.is_empty() => Run::Started(starts),
            Some(calls) if starts.is_empty() => Run::Called(calls),
            // `g.Go(work)` mentions it as an argument.
            None if !starts.is_empty() && cx.names.uses(declared).count() == starts.len() + 1 => Run::Started(starts),
            _ => Run::Unknown,
        }
    }

    fn spawns(&mut self) -> &[Spawn<'a>] {
        let (cx, body) = (self.cx, self.home.body);
        self.spawns.get_or_insert_with(|| cx.spawns_in(body).collect())
    }

    fn lane_of(&mut self, spawn: Spawn<'a>) -> Lane {
        let starts = &mut self.uses.starts;
        let at = starts.iter().position(|known| known.spawn.at == spawn.at).unwrap_or_else(|| {
            let by_home = self.cx.enclosing_func(spawn.call).is_some_and(|func| func.node == self.home.node);
            starts.push(Started { spawn, by_home });
            starts.len() - 1
        });
        Lane::Goroutine(at)
    }
}

impl<'a> Cx<'a> {
    /// The start of goroutines by a function that is called.
    pub(super) fn start_by(&self, call: ExprId) -> Spawn<'a> {
        let (runs, args) = match self.expr(call) {
            Expr::Call { fun, args, .. } => (fun, self.exprs(args)),
            _ => (call, [].as_slice()),
        };
        Spawn { at: Node::Expr(call), call, runs, args, group: None }
    }
}

impl Cx<'_> {
    /// The `select` of which a statement is what a case waits for, and which case.
    pub fn case_of(&self, comm: StmtId) -> Option<(StmtId, usize)> {
        let Node::Stmt(clause) = self.tree.parent(comm)? else { return None };
        let Stmt::CommClause { comm: Some(waited), .. } = self.stmt(clause) else { return None };
        let Node::Stmt(select) = self.tree.parent(clause)? else { return None };
        let Stmt::Select { clauses } = self.stmt(select) else { return None };
        Some((select, self.tree.place(self.stmts(clauses), clause)?)).filter(|_| waited == comm)
    }

    /// The channel that a node receives from: `c` of `<-c`.
    pub fn received_from(&self, node: Node) -> Option<ExprId> {
        let Node::Expr(receive) = node else { return None };
        let Expr::Unary { op: UnaryOp::Recv, operand } = self.expr(receive) else { return None };
        Some(operand)
    }

    /// Whether what is sent on a channel says nothing but that it was sent: `chan struct{}`, or a `type token struct{}` of this package.
    /// Which fields a type of another package has need not show.
    pub fn carries_nothing(&self, channel: ExprId) -> bool {
        let Type::Chan { elem, .. } = self.under(channel) else { return false };
        let shows = match self.store.get(elem) {
            Type::Named(named, _) => self.store.named(named).pkg == PkgId::SELF,
            _ => true,
        };
        shows && matches!(self.store.under(elem), Type::Struct(of) if of.fields.is_empty())
    }
}
