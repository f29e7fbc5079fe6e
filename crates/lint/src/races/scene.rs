//! A function, the goroutines that it starts, and what they do with the variables that they share.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use gopeer_flow::{Ending, Next, Op, OpKind, Point, State, Values, Watch, When};
use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{BinaryOp, DeclId, Expr, ExprId, Node, Stmt, StmtId};

use super::access::{Access, Base, Levels, Part};
use super::side::{Lock, Reach, Side, Stops, flood};
use super::signal::{How, Key, Signal, Signaller};
use super::{Between, Does, Race};
use crate::summary::{Answer, What};
use crate::{Cx, Followed, Func, Spawn};

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thread {
    /// The function itself.
    Own,
    /// The goroutine that one of its statements starts.
    Spawned(usize),
}

/// An access, by whom, and how it is got to.
pub(super) struct Placed<'a> {
    pub(super) access: Access<'a>,
    thread: Thread,
    /// From the function that the access stands in to the one that the goroutine runs.
    levels: Levels,
    /// The locks that may be held.
    locks: Vec<Lock>,
    /// Whether the function returns a pointer to it, so that its caller may access it from then on.
    returned: bool,
}

impl Placed<'_> {
    /// Where it is in the function that the goroutine runs.
    fn point(&self) -> Option<Point> {
        self.levels.last().map(|&(_, point)| point)
    }
}

/// What runs beside the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A goroutine that it starts.
    Goroutine,
    /// A parallel subtest: it continues, together with the others, when the test itself has ended.
    Subtest,
    /// A function literal that answers requests, of which there may be several at once.
    Handler,
}

pub(super) struct Started<'a> {
    kind: Kind,
    pub(super) spawn: Spawn<'a>,
    /// Right after the start.
    from: Point,
    side: Option<Rc<Side>>,
}

/// Which goroutine is started, what it gives, and the variable that must not be declared again.
type StartKey = (usize, Vec<Signal>, Option<ExprId>);

/// A function and what it starts.
pub(super) struct Scene<'c, 'a> {
    pub(super) cx: &'c Cx<'a>,
    pub(super) home: Func,
    own: Side,
    pub(super) started: Vec<Started<'a>>,
    fuel: Cell<u32>,
    /// Where function literals are looked at besides.
    sides: RefCell<HashMap<Node, Option<Rc<Side>>>>,
    reached: RefCell<HashMap<StartKey, Rc<Reach>>>,
}

/// How many accesses of one variable are looked at.
const MOST_USES: usize = 128;

impl<'a> Cx<'a> {
    /// The functions of a declaration that start goroutines which run function literals.
    pub(super) fn spawning(&self, decl: DeclId) -> Vec<Func> {
        let mut found: Vec<Func> = Vec::new();
        for (_, spawn) in self.started_in(Node::Decl(decl)) {
            if self.as_func(Node::Expr(spawn.runs)).is_some()
                && let Some(func) = self.enclosing_func(spawn.at)
                && !found.contains(&func)
            {
                found.push(func);
            }
        }
        found
    }

    /// What runs beside the functions inside a node.
    fn started_in(&self, node: Node) -> Vec<(Kind, Spawn<'a>)> {
        let spawns = self.spawns_in(node).map(|spawn| (Kind::Goroutine, spawn));
        let is_literal =
            |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::FuncLit { .. }));
        let literals = self.within(node, true, is_literal);
        let others = literals.iter().filter_map(|&node| match node {
            Node::Expr(literal) => self.subtest(literal).or_else(|| self.handler_literal(literal)),
            _ => None,
        });
        spawns.chain(others).collect()
    }

    /// A function literal that `t.Run` runs as a parallel subtest.
    pub(super) fn subtest(&self, literal: ExprId) -> Option<(Kind, Spawn<'a>)> {
        let Some(Node::Expr(call)) = self.tree.parent(literal) else { return None };
        if !self.calls(call, &["testing.T.Run"]) {
            return None;
        }
        let func = self.as_func(Node::Expr(literal))?;
        let is_parallel = |node: Node| matches!(node, Node::Expr(call) if self.calls(call, &["testing.T.Parallel"]));
        let runs = self.any(func.body, false, is_parallel);
        runs.then_some((Kind::Subtest, Spawn { at: Node::Expr(call), call, runs: literal, args: &[], group: None }))
    }

    /// A function literal that answers requests, and is not made anew for each request.
    fn handler_literal(&self, literal: ExprId) -> Option<(Kind, Spawn<'a>)> {
        if self.file.is_test() || self.handler(literal).is_some() {
            return None;
        }
        let func = self.as_func(Node::Expr(literal))?;
        let answers = self.is_registered(literal, true) && self.caller(func) == Some(crate::Caller::Client);
        let spawn = Spawn { at: Node::Expr(literal), call: literal, runs: literal, args: &[], group: None };
        answers.then_some((Kind::Handler, spawn))
    }

    /// Whether a group runs one goroutine at a time.
    pub(super) fn is_limited_to_one(&self, spawn: &Spawn) -> bool {
        let Some(group) = spawn.group else { return false };
        self.calls_of(&["golang.org/x/sync/errgroup.Group.SetLimit"]).iter().any(|call| {
            let one = call.args.first().and_then(|&limit| self.int_value(limit)) == Some(1);
            one && call.receiver.is_some_and(|of| self.same_text(of, group))
        })
    }

    /// Whether a function literal answers requests, and is not made anew for each of them.
    pub(super) fn is_handler_literal(&self, literal: ExprId) -> bool {
        self.handler_literal(literal).is_some()
    }

    /// Whether a function literal is given to what handles requests with it, directly or by functions that wrap handlers:
    /// `mux.HandleFunc("/", logged(func…))`. Others are made to be called once: `http.HandlerFunc(func…).ServeHTTP(w, r)`.
    ///
    /// With `returned`, it may also be returned in this way, for callers to register.
    pub(super) fn is_registered(&self, literal: ExprId, returned: bool) -> bool {
        const DEEP: usize = 4;
        let mut at = literal;
        for _ in 0..DEEP {
            let call = match self.tree.parent(at) {
                Some(Node::Expr(call)) => call,
                around => {
                    return returned
                        && at != literal
                        && matches!(around, Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Return(_)));
                }
            };
            let Expr::Call { fun, .. } = self.expr(call) else { return false };
            let name = self.callee_word(call);
            if fun == at || name.starts_with("Handle") && name != "HandlerFunc" {
                return fun != at;
            }
            if !self.has_type(call, &["net/http.Handler", "net/http.HandlerFunc"]) {
                return false;
            }
            at = call;
        }
        false
    }
}

/// The races between a function and the goroutines that it starts.
pub(super) fn races(cx: &Cx<'_>, home: Func) -> Vec<Race> {
    Scene::of(cx, home).and_then(|scene| scene.races()).unwrap_or_default()
}

impl<'c, 'a> Scene<'c, 'a> {
    fn of(cx: &'c Cx<'a>, home: Func) -> Option<Scene<'c, 'a>> {
        const MOST_SPAWNS: usize = 32;
        let ops = cx.followed(home.node)?.body.op_count() as u32;
        let fuel = Cell::new((128 * ops).saturating_add(8192).min(400_000));
        let own = Side::of(cx, home.node, None, &fuel)?;
        let all = cx.started_in(Node::Stmt(home.body)).into_iter();
        let own_starts = all.filter(|(_, spawn)| cx.enclosing_func(spawn.at) == Some(home));
        let mut started = Vec::new();
        for (kind, spawn) in own_starts.take(MOST_SPAWNS) {
            let Some(from) = own.followed.after_start(spawn.call) else { continue };
            let side = match cx.as_func(Node::Expr(spawn.runs)) {
                Some(func) => Some(Rc::new(Side::of(cx, func.node, Some(spawn), &fuel)?)),
                None => None,
            };
            started.push(Started { kind, spawn, from, side });
        }
        let (sides, reached) = Default::default();
        Some(Scene { cx, home, own, started, fuel, sides, reached })
    }

    fn races(&self) -> Option<Vec<Race>> {
        let mut found: Vec<Race> = Vec::new();
        for uses in self.shared_variables().into_values() {
            let placed: Vec<Placed> = uses.into_iter().take(MOST_USES).flat_map(|ident| self.placed(ident)).collect();
            let mut placed = placed;
            self.add_returns(&mut placed);
            for race in self.races_of(&placed)? {
                // `n, err = read()` is one mistake.
                let same = |other: &&mut Race| {
                    other.stmt.is_some() && other.stmt == race.stmt && other.between == race.between
                };
                match found.iter_mut().find(same) {
                    Some(other) => other.name = format!("{} and {}", other.name, race.name),
                    None => found.push(race),
                }
            }
        }
        Some(found)
    }

    /// The variables from outside that the goroutines mention, with all that mentions them in the function.
    fn shared_variables(&self) -> BTreeMap<Base<'a>, Vec<ExprId>> {
        let cx = self.cx;
        let idents =
            |node: Node| cx.within(node, true, |cx, node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident));
        let mut shared = BTreeSet::new();
        for started in self.started.iter().filter(|started| started.side.is_some()) {
            let literal = Node::Expr(started.spawn.runs);
            let called = self.called_by(literal);
            let idents = std::iter::once(literal).chain(called).flat_map(|node| idents(node).to_vec());
            for ident in idents {
                let Node::Expr(ident) = ident else { continue };
                let Some(base) = cx.base_of(ident) else { continue };
                let inside = matches!(base, Base::Local(declared) if cx.span(literal).contains(cx.span(declared)));
                if !inside && !self.is_loop_variable(base) {
                    shared.insert(base);
                }
            }
        }
        let mut all: BTreeMap<Base, Vec<ExprId>> = BTreeMap::new();
        for &ident in idents(Node::Stmt(self.home.body)).iter() {
            if let Node::Expr(ident) = ident
                && let Some(base) = cx.base_of(ident)
                && shared.contains(&base)
            {
                all.entry(base).or_default().push(ident);
            }
        }
        all
    }

    /// The function literals that a goroutine mentions by the locals that they were given to.
    fn called_by(&self, literal: Node) -> Vec<Node> {
        const MOST: usize = 8;
        let cx = self.cx;
        let is_function = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => cx.expr(id) == Expr::Ident && matches!(cx.under(id), Type::Signature(_)),
            _ => false,
        };
        let names = cx.within(literal, true, is_function);
        let called = names.iter().filter_map(|&name| {
            let Node::Expr(name) = name else { return None };
            let value = cx.unparen(cx.initial_value(name)?);
            matches!(cx.expr(value), Expr::FuncLit { .. }).then_some(Node::Expr(value))
        });
        called.take(MOST).collect()
    }

    /// Whether a `for` declares it: each iteration may have its own.
    fn is_loop_variable(&self, base: Base) -> bool {
        let Base::Local(declared) = base else { return false };
        let Some(Node::Stmt(stmt)) = self.cx.tree.parent(declared) else { return false };
        let is_init = || matches!(self.cx.tree.parent(stmt), Some(Node::Stmt(around)) if matches!(self.cx.stmt(around), Stmt::For { init, .. } if init == Some(stmt)));
        matches!(self.cx.stmt(stmt), Stmt::Range { .. }) || is_init()
    }

    /// An identifier as an access of each goroutine that gets there.
    fn placed(&self, ident: ExprId) -> Vec<Placed<'a>> {
        let Some(access) = self.cx.access(ident) else { return Vec::new() };
        let Some(func) = self.cx.enclosing_func(ident) else { return Vec::new() };
        let Some(followed) = self.cx.followed(func.node) else { return Vec::new() };
        let written = match access.at {
            Node::Expr(at) if access.does.is_atomic() => {
                self.atomic_call(at).and_then(|call| followed.after_call(call))
            }
            Node::Expr(at) if access.does.is_write() && !access.does.is_of_map() => followed.after_write(at),
            _ => None,
        };
        let Some(point) = written.or_else(|| followed.at_read(ident)) else { return Vec::new() };
        let mut all = Vec::new();
        let declared = match self.cx.def(ident) {
            Def::Local(declared) => Some(self.cx.span(declared)),
            _ => None,
        };
        self.callers(func, vec![(func.node, point)], Vec::new(), &mut |thread, levels, mut locks| {
            // What a function declares that is called, each call has for itself.
            let own = |node: Node| {
                node != self.home.node && declared.is_some_and(|declared| self.cx.span(node).contains(declared))
            };
            if levels.iter().any(|&(node, _)| own(node)) {
                return;
            }
            for &(node, point) in &levels {
                if let Some(side) = self.side(node, thread) {
                    locks.extend(side.held_at(point).cloned());
                }
            }
            let points_to = Access { parts: vec![Part::Pointee], ..access.clone() };
            if thread == Thread::Own && self.is_pointer_returned(ident) {
                let (levels, locks) = (levels.clone(), locks.clone());
                all.push(Placed { access: points_to, thread, levels, locks, returned: true });
            }
            all.push(Placed { access: access.clone(), thread, levels, locks, returned: false });
        });
        all
    }

    /// Whether a local that points to a struct is returned.
    fn is_pointer_returned(&self, ident: ExprId) -> bool {
        self.cx.is_returned(self.cx.with_parens(ident))
            && matches!(self.cx.under(ident), Type::Pointer(to) if matches!(self.cx.store.under(to), Type::Struct(_)))
    }

    /// The call that is given the address of an expression.
    fn atomic_call(&self, of: ExprId) -> Option<ExprId> {
        self.cx.tree.ancestors(of).take(4).find_map(|above| match above {
            Node::Expr(id) => matches!(self.cx.expr(id), Expr::Call { .. }).then_some(id),
            _ => None,
        })
    }

    /// Who gets to a function: the goroutines that run it, or who calls it in its course.
    fn callers(&self, func: Func, levels: Levels, locks: Vec<Lock>, found: &mut dyn FnMut(Thread, Levels, Vec<Lock>)) {
        const DEEP: usize = 4;
        if func.node == self.home.node {
            return found(Thread::Own, levels, locks);
        }
        let Node::Expr(literal) = func.node else { return };
        let runs = |started: &Started| started.spawn.runs == literal && started.side.is_some();
        for (at, _) in self.started.iter().enumerate().filter(|(_, started)| runs(started)) {
            found(Thread::Spawned(at), levels.clone(), locks.clone());
        }
        if levels.len() >= DEEP {
            return;
        }
        for (call, once) in self.calls_of(literal) {
            let Some(outer) = self.cx.enclosing_func(call) else { continue };
            let point = |followed: Rc<Followed>| followed.after_call(call).or_else(|| followed.at_read(call));
            let Some(point) = self.cx.followed(outer.node).and_then(point) else {
                continue;
            };
            let (mut levels, mut locks) = (levels.clone(), locks.clone());
            levels.push((outer.node, point));
            locks.extend(once);
            self.callers(outer, levels, locks, found);
        }
    }

    /// The calls by which a function literal runs in the course of another function: where it stands, by the local that it is
    /// given to, or by a function of a library that calls it at once. What `Once` calls, it calls under a lock.
    fn calls_of(&self, literal: ExprId) -> Vec<(ExprId, Option<Lock>)> {
        const MOST_CALLS: usize = 8;
        let cx = self.cx;
        let above = cx.with_parens(literal);
        match cx.tree.parent(above) {
            Some(Node::Expr(call)) => match cx.expr(call) {
                Expr::Call { fun, .. } if fun == above => vec![(call, None)],
                Expr::Call { .. } if cx.runs_once(call) => {
                    let once = cx.call(call).and_then(|call| call.receiver);
                    let key = once.and_then(|once| Signaller { cx, spawn: None }.key(once)).unwrap_or(Key::Any);
                    vec![(call, Some(Lock { key, shared: false }))]
                }
                Expr::Call { .. } if calls_at_once(cx, call) => vec![(call, None)],
                _ => Vec::new(),
            },
            Some(Node::Stmt(_) | Node::Decl(_)) => {
                let Some(name) = self.local_given(above) else { return Vec::new() };
                let called = cx.names.uses(name).filter(|&used| used != name).filter_map(|used| {
                    let Node::Expr(around) = cx.tree.parent(used)? else { return None };
                    match cx.expr(around) {
                        Expr::Call { fun, .. } if fun == used => Some((around, None)),
                        // A goroutine that gives it to others has them call it.
                        Expr::Call { .. } => self.runs_in_goroutine(used).then(|| (used, self.order_of(around, used))),
                        Expr::KeyValue { .. } | Expr::Composite { .. } => {
                            self.runs_in_goroutine(used).then_some((used, None))
                        }
                        _ => None,
                    }
                });
                called.take(MOST_CALLS).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The lock under which a call may run a function that it is given: that of a method, unless it shows that the method holds none.
    fn order_of(&self, call: ExprId, given: ExprId) -> Option<Lock> {
        let cx = self.cx;
        let found = cx.call(call);
        let at = found.and_then(|found| found.args.iter().position(|&arg| arg == given));
        let freely = || match (at, cx.ask(call, What::LockFacts)) {
            (Some(at), Some(Answer::LockFacts(facts))) => facts.calls_freely(at),
            _ => false,
        };
        let is_method = found.is_none_or(|found| found.callee.recv.is_some());
        let any = is_method && !freely();
        any.then_some(Lock { key: Key::Any, shared: false })
    }

    /// Whether the body of a goroutine that is started here mentions something.
    fn runs_in_goroutine(&self, used: ExprId) -> bool {
        let func = self.cx.enclosing_func(used).map(|func| func.node);
        let runs = |started: &Started| started.kind == Kind::Goroutine && func == Some(Node::Expr(started.spawn.runs));
        self.started.iter().any(runs)
    }

    /// The local that a function literal is given to where it is declared, if nothing else is.
    fn local_given(&self, literal: ExprId) -> Option<ExprId> {
        let cx = self.cx;
        let name = match cx.tree.parent(literal)? {
            Node::Stmt(stmt) => match cx.stmt(stmt) {
                Stmt::Assign { lhs, .. } => cx.only(lhs)?,
                _ => return None,
            },
            Node::Decl(decl) => match cx.decl(decl) {
                gopeer_syntax::ast::Decl::Value { names, .. } => cx.only(names)?,
                _ => return None,
            },
            _ => return None,
        };
        let Def::Local(declared) = cx.def(name) else { return None };
        (cx.initial_value(declared).map(|value| cx.unparen(value)) == Some(cx.unparen(literal))).then_some(declared)
    }

    /// The signals and locks of a function.
    fn side(&self, node: Node, thread: Thread) -> Option<Rc<Side>> {
        if let Thread::Spawned(at) = thread
            && let Some(started) = self.started.get(at)
            && Node::Expr(started.spawn.runs) == node
        {
            return started.side.clone();
        }
        if let Some(known) = self.sides.borrow().get(&node) {
            return known.clone();
        }
        let side = Side::of(self.cx, node, None, &self.fuel).map(Rc::new);
        self.sides.borrow_mut().insert(node, side.clone());
        side
    }

    /// A `return` sets named results, or reads them.
    fn add_returns(&self, placed: &mut Vec<Placed<'a>>) {
        let Some(declared) = placed.iter().find_map(|placed| match self.cx.def(placed.access.ident?) {
            Def::Local(declared) => Some(declared),
            _ => None,
        }) else {
            return;
        };
        if !self.cx.is_result(self.home, declared) {
            return;
        }
        for (block, of_block) in self.own.followed.body.blocks() {
            let Ending::Return(Some(stmt)) = of_block.ending else { continue };
            let Stmt::Return(results) = self.cx.stmt(stmt) else { continue };
            // `return err` of a result of that name leaves it as it is.
            let itself = self
                .cx
                .exprs(results)
                .iter()
                .any(|&result| self.cx.def(self.cx.unparen(result)) == Def::Local(declared));
            let does = if results.is_empty() || itself { Does::Reads } else { Does::Writes };
            let point = Point { block, op: self.own.followed.body.ops(block).len() as u32 + 1 };
            let access = Access { at: Node::Stmt(stmt), ident: None, parts: Vec::new(), does };
            let locks = Vec::new();
            let levels = vec![(self.home.node, point)];
            placed.push(Placed { access, thread: Thread::Own, levels, locks, returned: false });
        }
    }

    /// The races of a variable, and of what is reached by it; none once no more may be spent.
    fn races_of(&self, placed: &[Placed<'a>]) -> Option<Vec<Race>> {
        let spawned = placed.iter().filter(|one| one.thread != Thread::Own);
        let mut pairs: Vec<(&Placed, &Placed)> = Vec::new();
        for one in spawned {
            let others = placed.iter().filter(|other| other.thread == Thread::Own || one.thread <= other.thread);
            pairs.extend(others.filter(|other| one.access.meets(&other.access)).map(|other| (one, other)));
        }
        // What the goroutine writes says most, then what stands first.
        pairs.sort_by_key(|(one, other)| {
            (!one.access.does.is_write(), self.span(one).start, other.thread != Thread::Own)
        });
        const MOST_PAIRS: usize = 64;
        let (mut found, mut named) = (Vec::new(), Vec::new());
        for (one, other) in pairs.into_iter().take(MOST_PAIRS) {
            let known = named.iter().any(|parts: &&[Part]| one.access.parts.starts_with(parts));
            if known || self.is_moved(one, placed) || self.may_share(one, other) {
                continue;
            }
            if let Some(race) = self.pair(one, other)? {
                named.push(&one.access.parts[..]);
                found.push(race);
            }
        }
        Some(found)
    }

    /// Whether two accesses may be under one lock, which one of them holds alone. What each iteration of a loop makes anew is none that
    /// the goroutines of the loop share.
    fn may_share(&self, one: &Placed, other: &Placed) -> bool {
        let Thread::Spawned(at) = one.thread else { return may_share(&one.locks, &other.locks) };
        if one.thread != other.thread {
            let by_caller = other.thread == Thread::Own && !one.locks.is_empty() && self.may_be_called_locked(other);
            return by_caller || may_share(&one.locks, &other.locks);
        }
        let spawn = &self.started[at].spawn;
        let (runs, turn) =
            (self.cx.span(spawn.runs), self.cx.enclosing_loop(spawn.at).map(|around| self.cx.span(around)));
        let is_shared = |lock: &&Lock| match lock.key {
            Key::Exact(Some(root), _) => {
                let root = self.cx.span(root);
                !runs.contains(root) && !turn.is_some_and(|turn| turn.contains(root))
            }
            _ => true,
        };
        let shared = |locks: &[Lock]| locks.iter().filter(is_shared).cloned().collect::<Vec<_>>();
        may_share(&shared(&one.locks), &shared(&other.locks))
    }

    /// Whether callers of the function may hold a lock for what is accessed: it is no local, and other packages do not call the function.
    fn may_be_called_locked(&self, of: &Placed) -> bool {
        let name = match self.home.node {
            Node::Decl(decl) => self.cx.func_name(decl).unwrap_or_default(),
            _ => "",
        };
        let local = of.access.ident.is_some_and(|ident| self.cx.func_of_local(ident).is_some());
        !local && !name.is_empty() && (!name.starts_with(char::is_uppercase) || name.ends_with("Locked"))
    }

    /// Whether a pointer on the way to a place is assigned to: which place is meant is not known then.
    fn is_moved(&self, of: &Placed, placed: &[Placed]) -> bool {
        let parts = &of.access.parts;
        let pointers = parts.iter().enumerate().filter(|(_, part)| **part == Part::Pointee).map(|(at, _)| &parts[..at]);
        let mut pointers = pointers
            .map(|pointer| placed.iter().any(|one| one.access.does == Does::Writes && one.access.parts == pointer));
        pointers.any(|moved| moved)
    }

    fn pair(&self, one: &Placed<'a>, other: &Placed<'a>) -> Option<Option<Race>> {
        let Thread::Spawned(at) = one.thread else { return Some(None) };
        // `t = time.AfterFunc(d, func() { t.Reset(d) })`: nobody waits that shortly.
        let spawn = &self.started[at].spawn;
        if other.thread == Thread::Own && self.span_of_stmt(other).contains(self.cx.span(spawn.at)) {
            return Some(None);
        }
        match other.thread {
            Thread::Own if self.started[at].kind != Kind::Goroutine => Some(None),
            Thread::Own => self.with_spawner(at, one, other),
            Thread::Spawned(second) if second == at => self.with_itself(at, one, other),
            Thread::Spawned(second) => self.with_another((at, one), (second, other)),
        }
    }

    /// A goroutine against the function that started it.
    fn with_spawner(&self, at: usize, one: &Placed<'a>, other: &Placed<'a>) -> Option<Option<Race>> {
        let (Some(inside), Some(outside)) = (one.point(), other.point()) else { return Some(None) };
        let started = &self.started[at];
        let Some(side) = &started.side else { return Some(None) };
        // Who reads from a pipe waits for who writes to it.
        if side.uses_pipe {
            return Some(None);
        }
        let given = self.given_after(at, side, inside)?;
        // How callers are kept from what they get does not show, unless the function waits for the goroutine, only not always. A lock
        // that both take says nothing of that.
        let own_waits = || self.own.all_waits().filter(|wait| wait.is_exact() && wait.how != How::Lock);
        if other.returned && (!one.locks.is_empty() || !waits_for(own_waits(), &given)) {
            return Some(None);
        }
        let kill = self.declared_again(one);
        if !self.reach(at, &given, kill)?.has(outside) || self.waits_in_statement(other, &given) {
            return Some(None);
        }
        // The other way round: the goroutine may wait for what the function does after its access.
        let mut back = self.own.gives_after(outside, &self.fuel)?;
        back.retain(|signal| signal.key != Key::Any);
        if !self.reaches_from_entry(side, &back, inside, false)? {
            return Some(None);
        }
        let between = if one.access.does.is_write() { Between::Spawner } else { Between::Reader };
        Some(self.confirmed(at, &given, kill, outside).then(|| self.race(between, at, one, other)))
    }

    /// A goroutine against those that the same statement starts later.
    fn with_itself(&self, at: usize, one: &Placed<'a>, other: &Placed<'a>) -> Option<Option<Race>> {
        let (Some(inside), Some(also)) = (one.point(), other.point()) else { return Some(None) };
        let started = &self.started[at];
        let Some(side) = &started.side else { return Some(None) };
        let given = self.given_after(at, side, inside)?;
        let kill = self.declared_again(one);
        let requests = started.kind == Kind::Handler;
        let again = requests || self.reach(at, &given, kill)?.has(started.from);
        if !again || self.cx.is_limited_to_one(&started.spawn) || self.is_sequential(at, inside)? {
            return Some(None);
        }
        if started.kind == Kind::Goroutine && self.is_of_one_turn(at, one) {
            return Some(None);
        }
        if !self.reaches_from_entry(side, &given, also, true)?
            || self.is_claimed(side, inside)?
            || self.is_claimed(side, also)?
        {
            return Some(None);
        }
        let between = match started.kind {
            Kind::Goroutine => Between::Turns,
            Kind::Subtest => Between::Subtests,
            Kind::Handler => Between::Requests,
        };
        let confirmed = requests || self.confirmed(at, &given, kill, started.from);
        Some(confirmed.then(|| self.race(between, at, one, other)))
    }

    /// Whether something is assigned to under a condition on the element of the turn: it may hold for one of them only.
    fn is_of_one_turn(&self, at: usize, one: &Placed<'a>) -> bool {
        let (cx, spawn) = (self.cx, &self.started[at].spawn);
        let (Does::Writes, Node::Expr(written)) = (one.access.does, one.access.at) else { return false };
        let Some(turn) = cx.enclosing_loop(spawn.at) else { return false };
        let (turn, runs) = (cx.span(turn), cx.span(spawn.runs));
        let is_element = |expr: ExprId| {
            let Some(Def::Local(declared)) = cx.root(expr).map(|root| cx.def(root)) else { return false };
            let place = cx.span(declared);
            turn.contains(place) && (cx.declares_parameter(declared) || !runs.contains(place))
        };
        let selects = |cond: ExprId| match cx.expr(cx.unparen(cond)) {
            Expr::Ident | Expr::Selector { .. } => is_element(cond),
            Expr::Binary { op: BinaryOp::Equal, lhs, rhs } => {
                is_element(lhs) && cx.constant_value(rhs).is_some()
                    || is_element(rhs) && cx.constant_value(lhs).is_some()
            }
            _ => false,
        };
        cx.tree.ancestors(written).take_while(|&above| cx.span(above) != runs).any(|above| match above {
            Node::Stmt(stmt) => match cx.stmt(stmt) {
                Stmt::If { cond, then, .. } => cx.span(then).contains(cx.span(written)) && selects(cond),
                Stmt::Switch { tag: Some(tag), .. } => is_element(tag),
                _ => false,
            },
            _ => false,
        })
    }

    /// Two goroutines that are started by different statements.
    fn with_another(
        &self,
        (at, one): (usize, &Placed<'a>),
        (second, other): (usize, &Placed<'a>),
    ) -> Option<Option<Race>> {
        let (Some(inside), Some(also)) = (one.point(), other.point()) else { return Some(None) };
        let (Some(side), Some(theirs)) = (&self.started[at].side, &self.started[second].side) else {
            return Some(None);
        };
        let given = self.given_after(at, side, inside)?;
        let back = self.given_after(second, theirs, also)?;
        let kill = self.declared_again(one);
        let kinds = [self.started[at].kind, self.started[second].kind];
        if kinds[0] != kinds[1] || self.is_sequential(at, inside)? || self.is_sequential(second, also)? {
            return Some(None);
        }
        if kinds[0] == Kind::Handler {
            let claimed = self.is_claimed(side, inside)? && self.is_claimed(theirs, also)?;
            return Some((!claimed).then(|| self.race(Between::Requests, at, one, other)));
        }
        let later = self.reach(at, &given, kill)?.has(self.started[second].from);
        let earlier = !later && self.reach(second, &back, kill)?.has(self.started[at].from);
        if !later && !earlier
            || !self.reaches_from_entry(theirs, &given, also, true)?
            || !self.reaches_from_entry(side, &back, inside, true)?
            || self.is_claimed(side, inside)? && self.is_claimed(theirs, also)?
        {
            return Some(None);
        }
        let confirmed = match later {
            true => self.confirmed(at, &given, kill, self.started[second].from),
            false => self.confirmed(second, &back, kill, self.started[at].from),
        };
        let between = if kinds[0] == Kind::Subtest { Between::Subtests } else { Between::Goroutines };
        Some(confirmed.then(|| self.race(between, at, one, other)))
    }

    /// Whether a subtest has not yet called `t.Parallel` at a point.
    fn is_sequential(&self, at: usize, to: Point) -> Option<bool> {
        let started = &self.started[at];
        let Some(side) = started.side.as_ref().filter(|_| started.kind == Kind::Subtest) else { return Some(false) };
        let parallel = |op: &Op| op.kind == OpKind::Call && self.cx.calls(op.at, &["testing.T.Parallel"]);
        let stops = Stops { op: &parallel, edge: &|_, _| false };
        Some(flood(&side.followed.body, side.followed.entry(), &stops, &self.fuel)?.has(to))
    }

    /// What a goroutine gives from a point on, with what others give that wait for it.
    fn given_after(&self, at: usize, side: &Side, point: Point) -> Option<Vec<Signal>> {
        const ROUNDS: usize = 3;
        let mut given = side.gives_after(point, &self.fuel)?;
        for _ in 0..ROUNDS {
            let before = given.len();
            for (_, other) in self.started.iter().enumerate().filter(|(index, _)| *index != at) {
                match &other.side {
                    Some(side) if waits_for(side.all_waits(), &given) => given.extend(side.all_gives().cloned()),
                    Some(_) => {}
                    None => {
                        let signals = Signaller { cx: self.cx, spawn: None }.of_callee(&other.spawn);
                        if waits_for(signals.waits.iter(), &given) {
                            given.extend(signals.gives);
                        }
                    }
                }
            }
            given.sort();
            given.dedup();
            if given.len() == before {
                break;
            }
        }
        Some(given)
    }

    /// What is reached from the start of a goroutine without waiting for what it gives.
    fn reach(&self, at: usize, given: &[Signal], kill: Option<ExprId>) -> Option<Rc<Reach>> {
        let key = (at, given.to_vec(), kill);
        if let Some(known) = self.reached.borrow().get(&key) {
            return Some(Rc::clone(known));
        }
        let body = &self.own.followed.body;
        let stops = Stops {
            op: &|op| self.stops(op, given, kill),
            edge: &|ending, when| waits_for(self.own.edge_waits(ending, when), given),
        };
        let reach = Rc::new(flood(body, self.started[at].from, &stops, &self.fuel)?);
        self.reached.borrow_mut().insert(key, Rc::clone(&reach));
        Some(reach)
    }

    fn stops(&self, op: &Op, given: &[Signal], kill: Option<ExprId>) -> bool {
        let killed = matches!(op.kind, OpKind::Write | OpKind::Zero) && Some(op.at) == kill;
        killed || waits_for(self.own.waits(op).iter(), given)
    }

    /// Whether a goroutine gets to a point without waiting for what is given; `exact` if only what is certainly a signal counts.
    fn reaches_from_entry(&self, side: &Side, given: &[Signal], to: Point, exact: bool) -> Option<bool> {
        let counts = |signal: &&Signal| signal.how != How::Lock && (!exact || signal.is_exact());
        let given: Vec<Signal> = given.iter().filter(counts).cloned().collect();
        let stops = Stops {
            op: &|op| waits_for(side.waits(op).iter().filter(counts), &given),
            edge: &|ending, when| waits_for(side.edge_waits(ending, when).filter(counts), &given),
        };
        Some(flood(&side.followed.body, side.followed.entry(), &stops, &self.fuel)?.has(to))
    }

    /// Whether one goroutine only gets to a point, by an atomic operation that says so.
    fn is_claimed(&self, side: &Side, to: Point) -> Option<bool> {
        if side.claims.is_empty() {
            return Some(false);
        }
        let claims = |op: &Op| op.kind == OpKind::Call && side.claims.contains(&op.at);
        let stops = Stops { op: &claims, edge: &|_, _| false };
        Some(!flood(&side.followed.body, side.followed.entry(), &stops, &self.fuel)?.has(to))
    }

    /// The declaration of a variable that may be declared anew after a goroutine was started.
    fn declared_again(&self, of: &Placed) -> Option<ExprId> {
        let Def::Local(declared) = self.cx.def(of.access.ident?) else { return None };
        self.cx.enclosing_loop(declared).is_some().then_some(declared)
    }

    /// Whether what is waited for is waited for in the same statement: `return n, g.Wait()`.
    fn waits_in_statement(&self, of: &Placed, given: &[Signal]) -> bool {
        let cx = self.cx;
        let stmt = match of.access.at {
            Node::Stmt(stmt) => Some(stmt),
            node => cx.enclosing_stmt(node),
        };
        let Some(stmt) = stmt.filter(|&stmt| {
            !matches!(
                cx.stmt(stmt),
                Stmt::For { .. }
                    | Stmt::Range { .. }
                    | Stmt::If { .. }
                    | Stmt::Switch { .. }
                    | Stmt::Select { .. }
                    | Stmt::TypeSwitch { .. }
            )
        }) else {
            return false;
        };
        // The arguments of a call are there before it.
        let access = self.span(of);
        let around = |id: ExprId| cx.span(id).contains(access) && of.access.ident.is_some();
        let waits = |kind: OpKind, id: ExprId| waits_for(self.own.waits(&Op { kind, at: id }).iter(), given);
        cx.any(stmt, false, |node| match node {
            Node::Expr(id) => !around(id) && [OpKind::Call, OpKind::Recv].iter().any(|&kind| waits(kind, id)),
            _ => false,
        })
    }

    /// Whether a path that is possible leads to the start of a goroutine and from there to a point.
    fn confirmed(&self, at: usize, given: &[Signal], kill: Option<ExprId>, to: Point) -> bool {
        let followed = &self.own.followed;
        let body = &followed.body;
        let op = body.ops(to.block).get(to.op.saturating_sub(1) as usize).copied();
        let ending = body.ending(to.block);
        let mut start = self.cx.start(followed, followed.entry());
        let mut starts = Starts { call: self.started[at].spawn.call, states: Vec::new() };
        self.cx.follow(followed, &mut start, &mut starts);
        start.at = self.started[at].from;
        starts.states.into_iter().any(|state| {
            start.state = state;
            let mut watch = Reaches { scene: self, given, kill, op, ending };
            self.cx.follow(followed, &mut start, &mut watch).is_some()
        })
    }
}

fn waits_for<'s>(mut waits: impl Iterator<Item = &'s Signal>, given: &[Signal]) -> bool {
    waits.any(|wait| given.iter().any(|given| wait.may_be(given)))
}

/// Whether two accesses may be under one lock, which one of them holds alone.
fn may_share(one: &[Lock], other: &[Lock]) -> bool {
    one.iter().any(|lock| lock.key == Key::Any)
        || other.iter().any(|lock| lock.key == Key::Any)
        || one.iter().any(|lock| other.iter().any(|same| lock.key == same.key && !(lock.shared && same.shared)))
}

/// Whether a function of a library is called that calls what it is given before it comes back.
fn calls_at_once(cx: &Cx<'_>, call: ExprId) -> bool {
    const PACKAGES: &[&str] = &["sort", "slices", "maps", "strings", "bytes", "path/filepath", "io/fs"];
    cx.callee(call).is_some_and(|callee| PACKAGES.contains(&callee.path))
}

/// Watches for paths that get to the start of a goroutine, and keeps what is known there.
struct Starts {
    call: ExprId,
    states: Vec<State>,
}

impl Watch for Starts {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        const MOST: usize = 4;
        if op.at != self.call || !matches!(op.kind, OpKind::Go | OpKind::Call) {
            return Next::Go;
        }
        self.states.push(state.clone());
        if self.states.len() == MOST { Next::Found } else { Next::Stop }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// Watches for a path that gets to an operation, or to a `return` if there is none.
struct Reaches<'w, 'c, 'a> {
    scene: &'w Scene<'c, 'a>,
    given: &'w [Signal],
    kill: Option<ExprId>,
    op: Option<Op>,
    ending: Ending,
}

impl Watch for Reaches<'_, '_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        if self.op == Some(op) {
            return Next::Found;
        }
        if self.scene.stops(&op, self.given, self.kill) { Next::Stop } else { Next::Go }
    }

    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        let waits = waits_for(self.scene.own.edge_waits(ending, when), self.given);
        if waits { Next::Stop } else { Next::Go }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, at: Option<StmtId>) -> Next {
        if self.op.is_none() && self.ending == Ending::Return(at) { Next::Found } else { Next::Stop }
    }
}
