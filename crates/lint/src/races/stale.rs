//! Decisions on shared state that are acted upon later, when it may have changed: what was read under a lock that has been released
//! since, or by an atomic operation of its own.

use gopeer_sema::Def;
use gopeer_sema::types::{Type, TypeId};
use gopeer_syntax::ast::{AssignOp, BinaryOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::access::{Access, Base, Does};
use crate::summary::{Answer, What};
use crate::{Cx, Func, Mode, words};

/// An act that rests on a check which may no longer hold.
#[derive(Clone, Debug)]
pub struct Stale {
    /// What is written: the variable, field or map; of atomics and `sync.Map` the call.
    pub at: ExprId,
    /// Where it was read.
    pub read: ExprId,
    /// The condition that it is written under, if it is not written from what was read.
    pub decided: Option<ExprId>,
    /// How it is kept from changing while it is read, and while it is written.
    pub by: Guard,
    /// Why that matters.
    pub act: Harmful,
}

/// What keeps shared state from changing for the length of one operation, or one locked region, and not between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A lock, by the calls that take it for the check and for the act.
    Lock(ExprId, ExprId),
    /// Atomic operations.
    Atomic,
    /// The methods of a `sync.Map`.
    Map,
}

/// What is done on a check that is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harmful {
    /// What was read is changed and written back.
    WritesBack,
    /// A counter, or a list, is changed that was looked at.
    Changes,
    /// Something is claimed that was free.
    Claims,
    /// Something is stored that must not exist twice: it has a lock or must be closed.
    Stores,
}

/// An operation that reads shared state, or writes it.
pub(super) struct Point<'a> {
    pub(super) access: Access<'a>,
    pub(super) base: Base<'a>,
    pub(super) at: ExprId,
    /// The locks that are held, with the calls that took them, and how.
    pub(super) locks: Vec<(crate::Place, ExprId, Mode)>,
    /// The key of a map.
    pub(super) key: Option<ExprId>,
}

impl<'a> Cx<'a> {
    /// The acts of the piece that rest on checks which may no longer hold.
    pub fn stale_acts(&self) -> Vec<Stale> {
        const MOST: usize = 64;
        let is_func = |cx: &Cx, node: Node| cx.as_func(node).is_some();
        let mut found = Vec::new();
        for &root in self.tree.roots() {
            let literals = self.within(root, true, is_func);
            let funcs = literals.iter().take(MOST).filter_map(|&node| self.as_func(node));
            for func in funcs.filter(|func| !self.is_single_flight(func.node)) {
                found.extend(self.stale_under_locks(func));
                found.extend(self.stale_pairs(func));
            }
        }
        if !found.is_empty() && self.is_alone() {
            found.clear();
        }
        found
    }

    /// Whether one goroutine alone runs the function of this piece: nobody makes a decision beside it.
    fn is_alone(&self) -> bool {
        matches!(self.ask_of_piece(What::Locking), Some(Answer::Locking(locking)) if locking.alone)
    }

    /// Whether a function literal is given to what runs one at a time for each key, by its name: `group.Do(key, func() …)`.
    fn is_single_flight(&self, literal: Node) -> bool {
        let flies = |text: &str| words(text).iter().any(|word| matches!(word.as_str(), "flight" | "singleflight"));
        let Some(Node::Expr(call)) = self.tree.parent(literal) else { return false };
        self.callee(call).is_some_and(|callee| flies(callee.path))
            || self.method_call(call).is_some_and(|(group, ..)| flies(self.source(group)))
    }

    fn stale_under_locks(&self, func: Func) -> Vec<Stale> {
        const MOST: usize = 512;
        let is_lock = |cx: &Cx, node: Node| {
            matches!(node, Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. })
                && cx.lock_call(call).is_some_and(|(call, _)| matches!(call, crate::LockCall::Lock(_))))
        };
        if self.within(func.body, false, is_lock).is_empty() {
            return Vec::new();
        }
        let is_ident = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident);
        let idents = self.within(func.body, false, is_ident);
        let points = idents.iter().take(MOST).filter_map(|&node| match node {
            Node::Expr(ident) => self.point(ident),
            _ => None,
        });
        let points: Vec<Point> = points.collect();
        let mut found: Vec<Stale> = Vec::new();
        for act in points.iter().filter(|point| point.access.does.is_write()) {
            let same = |point: &&Point<'a>| {
                point.base == act.base && point.access.parts == act.access.parts && point.at != act.at
            };
            let direct = points.iter().filter(same).find_map(|read| self.stale(func, read, act, &points));
            let Some(stale) = direct.or_else(|| self.stale_by_call(func, act, &points)) else { continue };
            // Who writes with the lock of the check still held has claimed it, perhaps by a mark that others look at.
            let read = points.iter().find(|point| point.at == stale.read);
            let held = |point: &Point<'a>, since: ExprId| point.locks.iter().any(|&(_, of, _)| of == since);
            let claimed = read.is_some_and(|read| {
                let with = |other: &&Point<'a>| read.locks.iter().any(|&(_, since, _)| held(other, since));
                points.iter().filter(with).any(|other| other.access.does.is_write() && !self.is_counted(other.at))
            });
            if claimed {
                continue;
            }
            if !found.iter().any(|known| known.read == stale.read) {
                found.push(stale);
            }
        }
        found
    }

    /// Whether a write rests on what a function has said that held the same lock before.
    fn stale_by_call(&self, func: Func, act: &Point<'a>, points: &[Point<'a>]) -> Option<Stale> {
        const MOST: usize = 64;
        let calls = self.calls_within(func.body, false);
        let calls =
            || calls.iter().take(MOST).filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
        let (_, since, _) = act.locks.iter().find(|(_, _, mode)| *mode == Mode::Write)?;
        let between = |call: ExprId| {
            let start = self.span(call).start;
            self.span(*since).start < start && start < self.span(act.at).start
        };
        if calls().any(|call| between(call) && self.may_look_again(call, act)) {
            return None;
        }
        let before = |&call: &ExprId| self.span(call).end <= self.span(*since).start;
        calls().filter(before).find_map(|call| self.stale(func, &self.looked_by_call(call, act)?, act, points))
    }

    fn point(&self, ident: ExprId) -> Option<Point<'a>> {
        let base = self.base_of(ident)?;
        let access = self.access(ident)?;
        let Node::Expr(at) = access.at else { return None };
        // What a function has for itself changes under no lock.
        if access.parts.is_empty() && self.func_of_local(ident).is_some() {
            return None;
        }
        let held = self.held_at(at);
        if held.held.is_empty() {
            return None;
        }
        let locks = held.held.into_iter().map(|held| (held.lock, held.since, held.mode)).collect();
        let key = match self.tree.parent(at) {
            Some(Node::Expr(index)) => match self.expr(index) {
                Expr::Index { base, args } if base == at => self.only(args),
                _ => None,
            },
            _ => None,
        };
        Some(Point { access, base, at, locks, key })
    }

    /// Whether a write rests on what was read when the same lock was held before.
    fn stale(&self, func: Func, read: &Point<'a>, act: &Point<'a>, all: &[Point<'a>]) -> Option<Stale> {
        let before = |one: ExprId, other: ExprId| self.span(one).start < self.span(other).start;
        if read.access.does.is_write() || !before(read.at, act.at) {
            return None;
        }
        if let (Some(one), Some(other)) = (read.key, act.key)
            && !self.same_text(one, other)
        {
            return None;
        }
        let (lock, since, _) = act.locks.iter().find(|(_, _, mode)| *mode == Mode::Write)?;
        let (_, first, _) = read.locks.iter().find(|(other, _, _)| other == lock)?;
        if first == since || self.enclosing_loop(*first) != self.enclosing_loop(*since) {
            return None;
        }
        let own = self.enclosing_stmt(act.at)?;
        // It is looked at again.
        let again = |point: &&Point<'a>| {
            point.base == act.base
                && point.access.parts == act.access.parts
                && point.at != act.at
                && before(*since, point.at)
                && before(point.at, act.at)
                && !self.span(own).contains(self.span(point.at))
        };
        if all.iter().any(|point| again(&point)) {
            return None;
        }
        let value = self.value_written(own, act.at);
        let changes = match self.stmt(own) {
            Stmt::IncDec { .. } | Stmt::Assign { op: AssignOp::Op(_), .. } => true,
            _ => act.access.does == Does::Appends,
        };
        let (decided, acts) = self.rests_on(func, (read.at, act.at), value, (changes, false, false))?;
        Some(Stale { at: act.at, read: read.at, decided, by: Guard::Lock(*first, *since), act: acts })
    }

    /// What is assigned to what a statement writes.
    fn value_written(&self, stmt: StmtId, target: ExprId) -> Option<ExprId> {
        let Stmt::Assign { lhs, rhs, .. } = self.stmt(stmt) else { return None };
        let (lhs, rhs) = (self.exprs(lhs), self.exprs(rhs));
        let at = lhs.iter().position(|&one| self.span(one).contains(self.span(target)))?;
        if lhs.len() == rhs.len() { rhs.get(at).copied() } else { None }
    }

    /// How an act rests on something that was read before: by a condition, or because what is written is made from it.
    fn rests_on(
        &self,
        func: Func,
        (read, act): (ExprId, ExprId),
        value: Option<ExprId>,
        (changes, atomic, by_key): (bool, bool, bool),
    ) -> Option<(Option<ExprId>, Harmful)> {
        let known = self.locals_given(read);
        // What got another value since says nothing about it any more.
        let is_known = |declared: ExprId, at: ExprId| {
            let meanwhile = |used: &ExprId| {
                (self.span(read).end..self.span(at).start).contains(&self.span(*used).start) && self.is_target(*used)
            };
            known.contains(&declared) && !self.names.uses(declared).take(64).any(|used| meanwhile(&used))
        };
        let mentions = |node: Node| {
            self.any(node, true, |node| match node {
                Node::Expr(id) => {
                    id == read
                        || self.expr(id) == Expr::Ident
                            && matches!(self.def(id), Def::Local(declared) if is_known(declared, id))
                }
                _ => false,
            })
        };
        let sum = value.filter(|&value| match self.expr(self.unparen(value)) {
            Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub, lhs, rhs } => {
                [lhs, rhs].iter().any(|&operand| mentions(Node::Expr(operand)) && self.is_plain(operand))
            }
            _ => false,
        });
        if sum.is_some_and(|sum| matches!(self.under(sum), Type::Basic(_))) {
            return Some((None, Harmful::WritesBack));
        }
        let is_if = |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. }));
        let ifs = self.within(func.body, false, is_if);
        let (read_at, act_at) = (self.span(read).start, self.span(act).start);
        for &node in ifs.iter().take(128) {
            let Node::Stmt(stmt) = node else { continue };
            let Stmt::If { cond, then, els, .. } = self.stmt(stmt) else { continue };
            let span = self.span(cond);
            if span.end < read_at || span.start > act_at || !mentions(Node::Expr(cond)) {
                continue;
            }
            let inside = self.span(then).contains(self.span(act));
            let otherwise = els.is_some_and(|els| self.span(els).contains(self.span(act)));
            // A branch that makes a change itself is another way, and no refusal.
            let passes =
                !inside && !otherwise && self.leaves(then) && self.comes_after(stmt, act) && !self.assigns(then);
            if !inside && !passes {
                continue;
            }
            if self.enclosing_loop(act) != self.enclosing_loop(cond) {
                continue;
            }
            if changes {
                // Only a limit can be passed by two: whoever asks whether there is anything at all may change it all the same.
                if self.asks_for_limit(cond) {
                    return Some((Some(cond), Harmful::Changes));
                }
                continue;
            }
            let Some(value) = value else { continue };
            // What is there turns away, what is missing is added.
            let there = self.says_there(cond);
            if there != Some(passes) {
                continue;
            }
            if self.exists_once(self.ty(value)) {
                return Some((Some(cond), Harmful::Stores));
            }
            // Where another condition decides after the check, it is for that one.
            if passes && (!self.turns_away(then) || self.is_decided_after(stmt, act, &mentions)) {
                continue;
            }
            let next = || self.next_stmt(stmt) == self.enclosing_stmt(act);
            if self.is_mark(value) && (passes && (!atomic || next()) || inside && self.does_more(then, act)) {
                return Some((Some(cond), Harmful::Claims));
            }
            if passes && (!atomic || by_key) && self.refuses(then) {
                return Some((Some(cond), Harmful::Claims));
            }
        }
        None
    }

    /// Whether a condition asks which of two is less.
    fn asks_for_limit(&self, cond: ExprId) -> bool {
        use BinaryOp::{Greater, GreaterEqual, Less, LessEqual};
        let compares = |part: ExprId| {
            self.find_expr(part, false, |id| {
                matches!(self.expr(id), Expr::Binary { op: Less | LessEqual | Greater | GreaterEqual, .. })
            })
        };
        let named = |id: ExprId| self.expr(id) == Expr::Ident && self.initial_value(id).and_then(compares).is_some();
        compares(cond).is_some() || self.find_expr(cond, false, named).is_some()
    }

    /// Whether an act is under a condition that comes after a check and asks for nothing of what was read for it.
    fn is_decided_after(&self, check: StmtId, act: ExprId, mentions: &dyn Fn(Node) -> bool) -> bool {
        let after = self.span(check).end;
        let decides = |node: Node| match node {
            Node::Stmt(id) if self.span(id).start >= after => match self.stmt(id) {
                Stmt::If { cond, .. } => !mentions(Node::Expr(cond)),
                _ => false,
            },
            _ => false,
        };
        self.tree.ancestors(act).take_while(|&node| self.as_func(node).is_none()).any(decides)
    }

    /// The locals that are given what is read: `v, ok := m[k]`, `n := len(m)`.
    fn locals_given(&self, read: ExprId) -> Vec<ExprId> {
        let Some(stmt) = self.enclosing_stmt(read) else { return Vec::new() };
        let Stmt::Assign { lhs, rhs, .. } = self.stmt(stmt) else { return Vec::new() };
        if !self.exprs(rhs).iter().any(|&value| self.span(value).contains(self.span(read))) {
            return Vec::new();
        }
        let local = |&target: &ExprId| match self.def(self.unparen(target)) {
            Def::Local(declared) => Some(declared),
            _ => None,
        };
        self.exprs(lhs).iter().filter_map(local).collect()
    }

    /// Whether a block assigns to something that is there before it.
    fn assigns(&self, block: StmtId) -> bool {
        self.list_of(Node::Stmt(block)).iter().any(|&stmt| match self.stmt(stmt) {
            Stmt::IncDec { .. } => true,
            Stmt::Assign { op, .. } => op != AssignOp::Define,
            _ => false,
        })
    }

    /// Whether a node comes after a statement of the same list.
    fn comes_after(&self, stmt: StmtId, node: ExprId) -> bool {
        let Some(list) = self.tree.parent(stmt) else { return false };
        self.span(list).contains(self.span(node)) && self.span(stmt).end <= self.span(node).start
    }

    /// Whether a condition says that something is there (`ok`, `v != nil`), or that it is missing (`!ok`, `v == nil`).
    fn says_there(&self, cond: ExprId) -> Option<bool> {
        let cond = self.unparen(cond);
        match self.expr(cond) {
            Expr::Unary { op: UnaryOp::Not, operand } => self.says_there(operand).map(|there| !there),
            Expr::Binary { op: BinaryOp::Equal, rhs, .. } if self.is_builtin(rhs, "nil") => Some(false),
            Expr::Binary { op: BinaryOp::NotEqual, rhs, .. } if self.is_builtin(rhs, "nil") => Some(true),
            Expr::Binary { .. } => None,
            Expr::Ident | Expr::Selector { .. } | Expr::Index { .. } | Expr::Call { .. } => Some(true),
            _ => None,
        }
    }

    /// Whether an expression is a name or a call, with nothing computed.
    fn is_plain(&self, expr: ExprId) -> bool {
        matches!(
            self.expr(self.unparen(expr)),
            Expr::Ident | Expr::Selector { .. } | Expr::Index { .. } | Expr::Call { .. } | Expr::TypeAssert { .. }
        )
    }

    /// Whether a block gives its caller nothing but an error, a `bool` or nothing at all.
    fn turns_away(&self, block: StmtId) -> bool {
        let says_nothing = |&result: &ExprId| {
            self.is_builtin(result, "nil")
                || self.ty(result) == TypeId::ERROR
                || matches!(self.source(result), "true" | "false" | "0" | "\"\"")
                || self.returns_error(result) && self.results(result).is_some_and(|results| results.len() == 1)
        };
        self.returned(block).all(|results| results.iter().all(says_nothing))
    }

    /// Whether a block answers an error, or `false`.
    fn refuses(&self, block: StmtId) -> bool {
        self.returned(block).any(|results| {
            results.last().is_some_and(|&last| {
                self.source(last) == "false" || self.ty(last) == TypeId::ERROR && !self.is_builtin(last, "nil")
                    || matches!(self.expr(self.unparen(last)), Expr::Ident if self.source(last).starts_with("Err") || self.source(last).starts_with("err"))
                    || matches!(self.expr(self.unparen(last)), Expr::Call { .. }) && self.returns_error(last)
            })
        })
    }

    /// Whether a block does more than an act.
    fn does_more(&self, block: StmtId, act: ExprId) -> bool {
        let calls = |node: Node| matches!(node, Node::Expr(id) if matches!(self.expr(id), Expr::Call { .. }) && self.lock_call(id).is_none() && !self.span(id).contains(self.span(act)));
        self.any(block, true, calls)
    }

    /// Whether a value says no more than that something is there: `true`, `struct{}{}`, the time.
    fn is_mark(&self, value: ExprId) -> bool {
        let value = self.unparen(value);
        self.source(value) == "true"
            || self.calls(value, &["time.Now"])
            || matches!(self.expr(value), Expr::Composite { elems, .. } if elems.is_empty() && self.source(value).starts_with("struct{"))
    }

    /// Whether two values of a type, of which one is lost, do harm: it has a lock, is a channel, or must be closed.
    fn exists_once(&self, ty: TypeId) -> bool {
        let is_sync = |ty: TypeId| {
            let path = self.type_path(self.deref(ty)).unwrap_or_default();
            matches!(path, "sync" | "sync/atomic" | "golang.org/x/time/rate")
                || matches!(self.store.under(ty), Type::Chan { .. })
        };
        if is_sync(ty) || self.has_methods(ty, &["Close"]) {
            return true;
        }
        let Type::Pointer(elem) = self.store.get(ty) else { return false };
        match self.store.under(elem) {
            Type::Struct(of) => of.fields.iter().any(|field| is_sync(field.ty)),
            _ => false,
        }
    }

    /// Loads and stores, each atomic, of one variable or of one key, which are not atomic together.
    fn stale_pairs(&self, func: Func) -> Vec<Stale> {
        const MOST: usize = 32;
        let is_pair = |cx: &Cx, node: Node| match node {
            Node::Expr(call) => matches!(cx.expr(call), Expr::Call { .. }) && cx.atomic_pair(call).is_some(),
            _ => false,
        };
        let calls = self.within(func.body, false, is_pair);
        let pairs = calls.iter().take(MOST).filter_map(|&node| match node {
            Node::Expr(call) => self.atomic_pair(call),
            _ => None,
        });
        let pairs: Vec<Atomic> = pairs.collect();
        let mut found: Vec<Stale> = Vec::new();
        for store in pairs.iter().filter(|pair| pair.value.is_some()) {
            let held = self.held_at(store.call);
            // What a function has for itself.
            if self.root(store.of).is_none_or(|root| self.func_of_local(root).is_some()) {
                continue;
            }
            if !held.held.is_empty()
                || held.unknown
                || self.enclosing_decl(store.call).is_some_and(|decl| self.expects_lock(decl))
            {
                continue;
            }
            let earlier = |load: &&Atomic| {
                load.value.is_none()
                    && load.by == store.by
                    && self.same_text(load.of, store.of)
                    && load.key.is_some() == store.key.is_some()
                    && load.key.zip(store.key).is_none_or(|(one, other)| self.same_text(one, other))
                    && self.enclosing_loop(load.call) == self.enclosing_loop(store.call)
                    && (self.span(load.call).start < self.span(store.call).start
                        || self.span(store.call).contains(self.span(load.call)))
            };
            let act = pairs.iter().filter(earlier).find_map(|load| {
                let (decided, act) =
                    self.rests_on(func, (load.call, store.call), store.value, (false, true, store.key.is_some()))?;
                Some(Stale { at: store.call, read: load.call, decided, by: store.by.clone(), act })
            });
            found.extend(act);
        }
        found
    }

    /// A load or store of `sync/atomic`, or of a `sync.Map`.
    fn atomic_pair(&self, call: ExprId) -> Option<Atomic> {
        let found = self.call(call)?;
        let name = found.callee.name;
        match (found.callee.path, found.callee.recv) {
            ("sync/atomic", None) => {
                let value = name.starts_with("Store").then(|| found.args.get(1).copied()).flatten();
                (value.is_some() || name.starts_with("Load")).then_some(())?;
                Some(Atomic { call, of: self.atomic_operand(call)?, key: None, value, by: Guard::Atomic })
            }
            ("sync/atomic", Some(_)) => {
                let value = (name == "Store").then(|| found.args.first().copied()).flatten();
                (value.is_some() || name == "Load").then_some(())?;
                Some(Atomic { call, of: found.receiver?, key: None, value, by: Guard::Atomic })
            }
            ("sync", Some("Map")) => {
                let value = (name == "Store").then(|| found.args.get(1).copied()).flatten();
                (value.is_some() || name == "Load").then_some(())?;
                Some(Atomic { call, of: found.receiver?, key: found.args.first().copied(), value, by: Guard::Map })
            }
            _ => None,
        }
    }
}

/// A load, or a store of a value.
struct Atomic {
    call: ExprId,
    of: ExprId,
    key: Option<ExprId>,
    value: Option<ExprId>,
    by: Guard,
}
