//! What a rule may ask about control flow.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gopeer_flow::{
    Before, BlockId, Body, Calls, Dominators, Edge, End, Ending, Found, Ground, Input, Live, Next, Op, OpKind, Origin,
    Path, Point, Root, Shared, State, Val, Values, Watch, When,
};
use gopeer_sema::types::{Basic, TypeId};
use gopeer_sema::{CallFacts, Def, Selection, SelectionKind};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, StmtId};

use crate::asked::Asked;
use crate::{Call, Cx, FileInfo, PackageView, PieceView, Rule, words};

/// A body, and what may still be spent on following it.
pub struct Followed {
    /// The body.
    pub body: Body,
    writes: HashMap<ExprId, Point>,
    calls: OnceCell<HashMap<ExprId, Point>>,
    reads: OnceCell<HashMap<ExprId, Point>>,
    closures: OnceCell<HashMap<ExprId, Point>>,
    returns: OnceCell<HashMap<StmtId, Point>>,
    before: OnceCell<Before>,
    conditions: OnceCell<HashMap<ExprId, BlockId>>,
    live: OnceCell<Live>,
    dominators: OnceCell<Dominators>,
    unread: OnceCell<Vec<ExprId>>,
    fuel: Cell<u32>,
    /// What may be spent on evidence, which is asked for only where there is something to say.
    words: Cell<u32>,
}

/// What may be spent on a body: in operations and edges that are looked at.
fn allowance(body: &Body) -> u32 {
    const MOST: usize = 200_000;
    (64 * body.op_count() + 4096).min(MOST) as u32
}

impl Followed {
    fn new(body: Body) -> Followed {
        let allowance = allowance(&body);
        let (live, dominators, unread) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let (reads, returns, before) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let closures = OnceCell::new();
        let (fuel, words) = (Cell::new(allowance), Cell::new(allowance));
        let (calls, conditions) = (OnceCell::new(), OnceCell::new());
        Followed {
            writes: body.writes(),
            calls,
            reads,
            closures,
            returns,
            conditions,
            before,
            live,
            dominators,
            unread,
            fuel,
            words,
            body,
        }
    }

    /// Gives it its full allowance again.
    pub(crate) fn refuel(&self) {
        self.fuel.set(allowance(&self.body));
        self.words.set(allowance(&self.body));
    }

    /// Where the body begins.
    pub fn entry(&self) -> Point {
        Point { block: BlockId::ENTRY, op: 0 }
    }

    /// The operations, in the order of the blocks, and where each is.
    pub fn ops(&self) -> impl Iterator<Item = (Point, Op)> + '_ {
        self.body.blocks().flat_map(|(block, _)| {
            let ops = self.body.ops(block).iter().enumerate();
            ops.map(move |(at, &op)| (Point { block, op: at as u32 }, op))
        })
    }

    /// Where each iteration of a `range` begins.
    pub fn at_turn(&self, range: StmtId) -> Option<Point> {
        let (block, _) = self.body.blocks().find(|(_, block)| block.ending == Ending::Range(range))?;
        let edge = self.body.edges(block).iter().find(|edge| edge.when == When::More)?;
        Some(Point { block: edge.to, op: 0 })
    }

    /// Right after the assignment to an expression.
    pub fn after_write(&self, of: ExprId) -> Option<Point> {
        self.writes.get(&of).copied()
    }

    /// Right after a call.
    pub fn after_call(&self, call: ExprId) -> Option<Point> {
        self.calls.get_or_init(|| self.body.calls()).get(&call).copied()
    }

    /// Where an identifier is read.
    pub fn at_read(&self, ident: ExprId) -> Option<Point> {
        self.reads.get_or_init(|| self.body.reads()).get(&ident).copied()
    }

    /// Where a `return` leaves, its results evaluated; none if it is never reached.
    pub fn at_return(&self, stmt: StmtId) -> Option<Point> {
        self.returns.get_or_init(|| self.body.returns()).get(&stmt).copied()
    }

    /// Right after a `defer` of a call.
    pub fn after_defer(&self, call: ExprId) -> Option<Point> {
        self.after_op(OpKind::Defer, call)
    }

    /// Right after the call that starts a goroutine, or the `go` statement with this call; of a function literal that others run,
    /// where it is made.
    pub fn after_start(&self, call: ExprId) -> Option<Point> {
        let go = self.after_op(OpKind::Go, call).or_else(|| self.after_call(call));
        go.or_else(|| self.after_make(call))
    }

    /// Right after a send on a channel.
    pub fn after_send(&self, channel: ExprId) -> Option<Point> {
        self.after_op(OpKind::Send, channel)
    }

    /// Right after a receive expression.
    pub fn after_receive(&self, receive: ExprId) -> Option<Point> {
        self.after_op(OpKind::Recv, receive)
    }

    /// Right after a closure is made.
    pub(crate) fn after_make(&self, literal: ExprId) -> Option<Point> {
        self.closures.get_or_init(|| self.body.closures()).get(&literal).copied()
    }

    fn after_op(&self, kind: OpKind, call: ExprId) -> Option<Point> {
        self.body.blocks().find_map(|(block, _)| {
            let at = self.body.ops(block).iter().position(|op| op.kind == kind && op.at == call)?;
            Some(Point { block, op: at as u32 + 1 })
        })
    }

    /// Where a condition leads if it holds, or if it does not.
    pub fn after_condition(&self, cond: ExprId, holds: bool) -> Option<Point> {
        let deciding = |(id, block): (BlockId, &gopeer_flow::Block)| match block.ending {
            Ending::If(cond) => Some((cond, id)),
            _ => None,
        };
        let conditions = self.conditions.get_or_init(|| self.body.blocks().filter_map(deciding).collect());
        let when = if holds { When::True } else { When::False };
        let edge = self.body.edges(*conditions.get(&cond)?).iter().find(|edge| edge.when == when)?;
        Some(Point { block: edge.to, op: 0 })
    }

    /// The blocks from which an operation that is `met` can be met. None once so much was asked that no more may be spent.
    fn leads_to(&self, met: impl Fn(&Op) -> bool) -> Option<Vec<bool>> {
        self.pay()?;
        Some(self.body.leads_to(met))
    }

    /// Pays for looking at the whole body once, for evidence; none once no more may be spent.
    pub(crate) fn pay(&self) -> Option<()> {
        let left = self.words.get().checked_sub((self.body.op_count() + self.body.blocks().len()) as u32)?;
        self.words.set(left);
        Some(())
    }

    /// The shortest way from a point to a return that meets no operation which is `met`, as [`Body::way_out`] has it. None, too,
    /// once so much was asked of the body that no more may be spent on it.
    pub fn way_out(&self, from: Point, met: impl Fn(&Op) -> bool) -> Option<Path> {
        let mut fuel = self.fuel.get();
        let path = self.body.way_out(from, met, &mut fuel);
        self.fuel.set(fuel);
        path
    }

    /// Whether a `select` can be reached again after one of its clauses.
    pub fn comes_back(&self, select: StmtId, clause: usize) -> bool {
        let from = self.body.blocks().find(|(_, block)| block.ending == Ending::Select(select));
        from.is_some_and(|(from, _)| self.leads_back(from, |edge| edge.when == When::Clause(clause as u32)))
    }

    /// Whether a call can be reached again after it was made.
    pub fn comes_again(&self, call: ExprId) -> bool {
        self.after_call(call).is_some_and(|point| self.leads_back(point.block, |_| true))
    }

    /// Whether a block can be reached again by one of its edges that are `taken`.
    fn leads_back(&self, from: BlockId, taken: impl Fn(&Edge) -> bool) -> bool {
        let Some(()) = self.pay() else { return false };
        let edges = self.body.edges(from).iter().filter(|&edge| taken(edge));
        let mut open: Vec<BlockId> = edges.map(|edge| edge.to).collect();
        let mut seen: HashSet<BlockId> = open.iter().copied().collect();
        while let Some(block) = open.pop() {
            if block == from {
                return true;
            }
            open.extend(self.body.edges(block).iter().map(|edge| edge.to).filter(|&to| seen.insert(to)));
        }
        false
    }

    /// The edges into each block.
    pub(crate) fn before(&self) -> &Before {
        self.before.get_or_init(|| Before::of(&self.body))
    }

    /// Whether nothing more may be spent: what was asked last has no answer.
    pub fn is_spent(&self) -> bool {
        self.fuel.get() == 0
    }
}

/// The control flow of a function of a piece, for whoever works on the engine: as text, or as a graph for Graphviz.
pub fn printed(
    piece: &PieceView,
    file: &FileInfo,
    package: PackageView<'_>,
    function: DeclId,
    graph: bool,
) -> Option<String> {
    ask(piece, file, package, |cx| {
        let followed = cx.followed(function)?;
        Some(if graph { followed.body.dot(cx.tree) } else { followed.body.text(cx.tree) })
    })
}

/// Asks about a piece what a rule may ask, for whoever works on the engine.
pub fn ask<R>(piece: &PieceView, file: &FileInfo, package: PackageView<'_>, question: impl FnOnce(&Cx) -> R) -> R {
    let (asked, mut found, mut examined) = (Asked::default(), Vec::new(), 0);
    question(&Cx::new(piece, file, package, &asked, &Rule::NONE, &mut found, &mut examined))
}

/// Evidence.
impl Cx<'_> {
    /// What decides that a way out of a body meets no operation which is `met`: the branches behind which none can be met any
    /// more while another branch leads to one, and where the body is left, which `leaves` says in words.
    pub fn steps(&self, of: &Followed, path: &Path, met: impl Fn(&Op) -> bool, leaves: String) -> Vec<(Span, String)> {
        let mut steps = self.branches(of, path, met);
        steps.push((self.end_of_path(of, path), leaves));
        steps
    }

    /// Where a path leaves the body: the `return`, or the brace that closes the body.
    pub fn end_of_path(&self, of: &Followed, path: &Path) -> Span {
        match path.ending {
            Ending::Return(Some(stmt)) => self.span(stmt),
            _ => self.end_of(of.body.node),
        }
    }

    /// The branches of a path behind which no operation can be met that is `met`, while another branch leads to one.
    pub(crate) fn branches(&self, of: &Followed, path: &Path, met: impl Fn(&Op) -> bool) -> Vec<(Span, String)> {
        let decisive = self.decisive(of, path, met).into_iter();
        decisive.filter_map(|(block, edge)| self.branch(of.body.ending(block), edge.when)).collect()
    }

    /// The same as edges.
    pub(crate) fn decisive(&self, of: &Followed, path: &Path, met: impl Fn(&Op) -> bool) -> Vec<(BlockId, Edge)> {
        let body = &of.body;
        let leads = of.leads_to(met).unwrap_or_default();
        let leads = |block: BlockId| leads.get(block.index()).copied().unwrap_or_default();
        let decides = |(block, edge): &&(_, Edge)| {
            let mut others = body.edges(*block).iter().filter(|other| other.to != edge.to);
            !leads(edge.to) && others.any(|other| leads(other.to))
        };
        path.edges.iter().filter(decides).copied().collect()
    }

    /// The branches of a path, in words.
    pub fn branches_of(&self, of: &Followed, path: &Path) -> Vec<(Span, String)> {
        let branches = path.edges.iter().filter(|(block, _)| of.body.edges(*block).len() > 1);
        branches.filter_map(|(block, edge)| self.branch(of.body.ending(*block), edge.when)).collect()
    }

    /// A branch in words.
    pub(crate) fn branch(&self, ending: Ending, when: When) -> Option<(Span, String)> {
        let holds = |cond| match when {
            When::True => format!("`{}` is true", self.one_line(cond)),
            _ => format!("`{}` is false", self.one_line(cond)),
        };
        Some(match (ending, when) {
            (Ending::If(cond), _) => (self.span(cond), holds(cond)),
            (Ending::Case(case), When::True) => (self.span(case), "this case is taken".to_owned()),
            (Ending::Switch(stmt) | Ending::Select(stmt), When::Clause(at)) => {
                (self.clause(stmt, at)?, "this case is taken".to_owned())
            }
            (Ending::Switch(stmt), When::NoClause) => (self.keyword(stmt), "no case is taken".to_owned()),
            (Ending::Range(stmt), When::Done) => (self.keyword(stmt), "the loop ends".to_owned()),
            _ => return None,
        })
    }

    fn one_line(&self, node: impl Into<Node>) -> String {
        self.source(node).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn clause(&self, stmt: StmtId, at: u32) -> Option<Span> {
        let clauses = match self.stmt(stmt) {
            Stmt::Switch { clauses, .. } | Stmt::TypeSwitch { clauses, .. } | Stmt::Select { clauses } => clauses,
            _ => return None,
        };
        self.stmts(clauses).get(at as usize).map(|&clause| self.keyword(clause))
    }

    /// The keyword that a statement begins with.
    pub(crate) fn keyword(&self, stmt: StmtId) -> Span {
        let span = self.span(stmt);
        let keyword = self.source(stmt).split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        Span::new(span.start, span.start + keyword.len() as u32)
    }

    /// The brace that closes a body.
    fn end_of(&self, node: Node) -> Span {
        let end = self.span(node).end;
        Span::new(end.saturating_sub(1), end)
    }
}

/// Where following begins: what is known there, and the symbols that are in use.
pub struct Start<'a> {
    /// The point.
    pub at: Point,
    /// What is known there.
    pub state: State,
    /// What expressions evaluate to.
    pub values: Values<'a>,
}

impl Start<'_> {
    /// What an expression stands for here, `s.mu`. The local that it begins with gets a value of its own, so that it is told apart
    /// from what is assigned to it later. None if closures assign to it, so that nothing is known of it.
    pub fn pin(&mut self, cx: &Cx<'_>, expr: ExprId) -> Option<Val> {
        if let Some(root) = cx.root(expr)
            && let Def::Local(declared) = cx.def(root)
        {
            let val = self.values.made(root, 0);
            self.hold(Root(declared), val)?;
        }
        Some(self.values.eval(expr, &self.state))
    }

    /// A variable holds a value from here on. None if closures assign to it, so that it may hold another after any call.
    pub fn hold(&mut self, variable: Root, val: Val) -> Option<()> {
        self.state.set(variable, val);
        (!self.state.is_shared(variable)).then_some(())
    }

    /// Adds that something is so; false where it cannot be.
    pub fn assume(&mut self, left: Val, right: Val, equal: bool) -> bool {
        let test = self.values.test(left, right, equal);
        self.state.assume(test, true, &self.values)
    }
}

/// Following one thing.
impl<'a> Cx<'a> {
    /// The beginning of a path at a point of a body: known is what the conditions say that lead there.
    pub fn start(&self, of: &Followed, at: Point) -> Start<'_> {
        let mut values = Values::new(self.input(&NEVER), self);
        let state = self.ground(of, |ground| ground.state(at, &mut values));
        Start { at, state, values }
    }

    /// Follows the paths from there on until something is found. None, too, once so much was asked of the body that no more may be
    /// spent on it.
    pub fn follow(&self, of: &Followed, start: &mut Start<'_>, watch: &mut dyn Watch) -> Option<Found> {
        self.follow_from(of, (start.at, start.state.clone()), &mut start.values, watch)
    }

    /// The same from a point at which so much is known: in a closure, say, what is known where it runs.
    pub(crate) fn follow_from(
        &self,
        of: &Followed,
        (at, state): (Point, State),
        values: &mut Values<'_>,
        watch: &mut dyn Watch,
    ) -> Option<Found> {
        let mut fuel = of.fuel.get();
        let found = self.ground(of, |ground| ground.follow(at, state, values, watch, &mut fuel));
        of.fuel.set(fuel);
        found
    }

    /// Whether a path that is possible leads from one call of a function to another one.
    pub fn can_lead(&self, from: ExprId, to: ExprId) -> bool {
        let Some(followed) = self.enclosing_func(from).and_then(|func| self.followed(func.node)) else { return true };
        let Some(after) = followed.after_call(from) else { return true };
        let (mut start, to) = (self.start(&followed, after), self.span(to));
        let is_there = |op: Op| if to.contains(self.span(op.at)) { Next::Found } else { Next::Go };
        let found = self.seek(&followed, &mut start, Next::Stop, &mut |_, _, op| is_there(op));
        found.is_some() || followed.is_spent()
    }

    /// Where what a local variable, given by the identifier that declares it, may have got its value from when a point is reached.
    /// None where that does not show: closures assign to it, its address is kept, or so much was asked of the body that no more may
    /// be spent on it.
    pub fn origins(&self, of: &Followed, at: Point, declared: ExprId) -> Option<Vec<Origin>> {
        let variable = Root(declared);
        if self.shared().outside(of.body.node, u32::MAX).contains(&variable) || self.shared().is_addressed(variable) {
            return None;
        }
        let before = of.before();
        let mut fuel = of.fuel.get();
        let found = of.body.origins(before, at, variable, (self.input(&NEVER), self), &mut fuel);
        of.fuel.set(fuel);
        found
    }

    /// Whether an identifier gives a local a value that nothing reads: the variable gets another before, or its scope is left.
    pub fn is_unread(&self, of: &Followed, written: ExprId) -> bool {
        let found = of.unread.get_or_init(|| {
            // What could not be parsed may read anything.
            if !self.tree.errors().is_empty() {
                return Vec::new();
            }
            let before = of.before();
            let results = self.as_func(of.body.node).map(|func| self.results_of(func)).unwrap_or_default();
            let named: Vec<ExprId> = results.iter().filter_map(|(name, _)| *name).collect();
            // It is asked once, so that it takes nothing from what is followed.
            of.body.unread(self.input(&NEVER), (self.shared(), before), &named, &mut allowance(&of.body))
        });
        found.binary_search(&written).is_ok()
    }

    /// The variable that a condition compares with nil, and whether it holds where the variable is nil.
    pub fn nil_test(&self, cond: ExprId) -> Option<(ExprId, bool)> {
        self.input(&NEVER).nil_test(cond)
    }

    fn ground<R>(&self, of: &Followed, with: impl FnOnce(Ground<'_>) -> R) -> R {
        let live = of.live.get_or_init(|| Live::of(&of.body, self.input(&NEVER)));
        let dominators = of.dominators.get_or_init(|| Dominators::of(&of.body));
        with(Ground { body: &of.body, live, dominators, shared: self.shared() })
    }

    /// What closures of the piece do with the variables around them.
    pub fn shared(&self) -> &'a Shared {
        self.asked.shared.get_or_init(|| Shared::of(self.tree, self.names))
    }

    /// What is known of the piece, for questions that calls do not matter to.
    pub(crate) fn names_input(&self) -> Input<'_> {
        self.input(&NEVER)
    }

    fn input<'b>(&'b self, ends: &'b dyn Fn(ExprId) -> Option<End>) -> Input<'b> {
        Input { tree: self.tree, names: self.names, facts: self.facts, store: self.store, ends }
    }
}

const NEVER: fn(ExprId) -> Option<End> = |_| None;

impl Calls for Cx<'_> {
    fn facts(&self, call: ExprId) -> CallFacts {
        self.callee(call).and_then(|callee| self.known(&callee)).map(|known| known.facts).unwrap_or_default()
    }

    fn is_known(&self, call: ExprId) -> bool {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return false };
        let is_method = |selection: &Selection| selection.kind == SelectionKind::Method;
        self.callee(call).is_some()
            || self.is_of_language(call)
            || self.facts.selection(self.unparen(fun)).is_some_and(is_method)
    }

    fn is_library(&self, call: ExprId) -> bool {
        match self.callee(call) {
            Some(callee) => !self.is_own(&callee),
            None => self.is_of_language(call),
        }
    }

    fn never_nil(&self, call: ExprId) -> bool {
        const NEVER_NIL: &[&str] = &["errors.New", "fmt.Errorf"];
        const STATUS: &[&str] = &["google.golang.org/grpc/status.Error"];
        let Expr::Call { fun, args, .. } = self.expr(self.unparen(call)) else { return false };
        // With `codes.OK` it is nil.
        let fails = |&code: &ExprId| {
            self.object(code).is_some_and(|code| code.path == "google.golang.org/grpc/codes" && code.name != "OK")
        };
        ["new", "make", "append"].iter().any(|name| self.is_builtin(fun, name))
            || self.calls(call, NEVER_NIL)
            || self.calls(call, STATUS) && self.exprs(args).first().is_some_and(fails)
            || self.makes_error(call)
    }

    /// `errors.Is(err, target)`, `os.IsNotExist(err)`, `isTemporary(err)`: functions that begin with `Is` or `As`, take an error and
    /// answer a `bool`. For `isNil(err)` and `isOK(err)` that is another answer.
    fn means_error(&self, call: ExprId) -> Option<ExprId> {
        let Call { args, callee, .. } = self.call(call)?;
        let first = *args.first().filter(|_| callee.recv.is_none())?;
        let answers = self.ty(self.unparen(call));
        // What the standard library asks is an error, whatever is known of its type.
        let is_asked = self.ty(first).is_unknown() && matches!(callee.path, "errors" | "os");
        if self.ty(first) != TypeId::ERROR && !is_asked || !answers.is_unknown() && answers != TypeId::from(Basic::Bool)
        {
            return None;
        }
        let name = words(callee.name);
        let asks = name.first().is_some_and(|word| matches!(word.as_str(), "is" | "as"));
        let may_be_nil = |word: &String| matches!(word.as_str(), "nil" | "ok" | "success");
        (asks && !name.get(1).is_some_and(may_be_nil)).then_some(first)
    }

    fn may_end(&self, call: ExprId) -> bool {
        Cx::may_end(self, call)
    }

    fn never_closes(&self, channel: ExprId) -> bool {
        match self.expr(channel) {
            Expr::Selector { base, name } => {
                self.source(name) == "C" && self.has_type(base, &["time.Ticker", "time.Timer"])
            }
            _ => self.calls(channel, &["time.Tick", "time.After"]),
        }
    }
}

impl Cx<'_> {
    /// Whether the name of what is called says that it makes an error: `CodedErrorf`, `newParseError`.
    fn makes_error(&self, call: ExprId) -> bool {
        let name = self.callee_word(call);
        self.ty(call) == TypeId::ERROR
            && (name.starts_with("New") || name.starts_with("new") || name.ends_with("rrorf"))
    }

    /// Whether a call calls a function of a library, or of the language.
    pub(crate) fn is_library_call(&self, call: ExprId) -> bool {
        Calls::is_library(self, call)
    }

    /// Whether a call calls a builtin function.
    fn is_of_language(&self, call: ExprId) -> bool {
        let Expr::Call { fun, .. } = self.expr(self.unparen(call)) else { return false };
        self.def(self.unparen(fun)) == Def::Universe
    }
}

impl Cx<'_> {
    /// How the calls of a function end what is running, by what is known of libraries or by the bodies of what they call.
    pub fn ends_within(&self, function: Node) -> impl Fn(ExprId) -> Option<End> {
        // Bodies are looked at before: expressions nest deeply enough while one is lowered.
        let calls = self.may_not_return(function).into_iter();
        let by_body: HashMap<ExprId, End> = calls.filter_map(|call| Some((call, self.ends_by_body(call)?))).collect();
        move |call| self.ends(call).or_else(|| by_body.get(&call).copied())
    }

    /// The control flow of a declared function, a function literal, or the statements of a fragment.
    pub fn followed(&self, node: impl Into<Node>) -> Option<Rc<Followed>> {
        let node = node.into();
        if let Some(known) = self.asked.bodies.borrow().get(&node) {
            return known.clone();
        }
        let body = Body::of(self.input(&self.ends_within(node)), node);
        let followed = body.map(|body| Rc::new(Followed::new(body)));
        self.asked.bodies.borrow_mut().insert(node, followed.clone());
        followed
    }
}
