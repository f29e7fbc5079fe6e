//! Following one thing along every path on which it can go: from where it begins to where that is settled.
//!
//! Paths are tried in order of length, so that the first that is found is the shortest. A branch that contradicts what the path
//! knows is not taken. Where many states meet in one block, the later ones are given up: paths that are found exist, but not
//! every path that exists is found.

use std::collections::{HashMap, VecDeque};

use gopeer_sema::types::{PkgId, Type};
use gopeer_sema::value::Value;
use gopeer_sema::{CallFacts, Def};
use gopeer_syntax::ast::{AssignOp, Decl, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};
use rustc_hash::FxHashSet;

use crate::live::{is_of_package, tag_of_case};
use crate::value::{Root, Symbol, Val, Values};
use crate::{BlockId, Body, Dominators, Edge, Ending, Input, Live, Op, OpKind, Path, Point, Shared, State, When};

/// What is known of calls.
pub trait Calls {
    /// What the index says of what is called.
    fn facts(&self, call: ExprId) -> CallFacts;
    /// Whether a declared function is called: of fields, it is taken to change those of what it is given, and no others. A function
    /// value may change what it has captured.
    fn is_known(&self, call: ExprId) -> bool;
    /// Whether a function of a library is called, or one of the language: it changes no variable of a package.
    fn is_library(&self, call: ExprId) -> bool;
    /// Whether the result is certainly not nil.
    fn never_nil(&self, call: ExprId) -> bool;
    /// The argument that is an error and not nil, where the call answers `true`.
    fn means_error(&self, call: ExprId) -> Option<ExprId>;
    /// Whether the call may end what is running, so that nothing is claimed after it.
    fn may_end(&self, call: ExprId) -> bool;
    /// Whether an expression gives a channel that nobody closes: of a ticker.
    fn never_closes(&self, channel: ExprId) -> bool;
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// On.
    Go,
    /// This path is settled.
    Stop,
    /// This is what was looked for.
    Found,
}

/// What is watched for on the paths.
pub trait Watch {
    /// An operation that a path comes to, before it takes effect.
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next;
    /// The same operation, after it took effect.
    fn after(&mut self, _values: &mut Values<'_>, _state: &mut State, _op: Op) {}
    /// A branch that a path takes.
    fn takes(&mut self, _values: &mut Values<'_>, _state: &State, _ending: Ending, _when: When) -> Next {
        Next::Go
    }
    /// The same where the branch may be what gives the path its subject.
    fn enters(&mut self, values: &mut Values<'_>, state: &mut State, ending: Ending, when: When) -> Next {
        self.takes(values, state, ending, when)
    }
    /// Behind an operation, no variable holds the subject any more.
    fn lost(&mut self, _op: Op) -> Next {
        Next::Stop
    }
    /// The body is left.
    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next;
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The way there.
    pub path: Path,
    /// The operation; none where the body is left.
    pub op: Option<Op>,
}

/// What following needs to know of a body.
pub struct Ground<'a> {
    /// The body.
    pub body: &'a Body,
    /// What later conditions ask for.
    pub live: &'a Live,
    /// What always runs before what.
    pub dominators: &'a Dominators,
    /// What closures do with variables.
    pub shared: &'a Shared,
}

/// A block that a path has come to.
struct Step {
    block: BlockId,
    op: usize,
    state: State,
    from: Option<(usize, Edge)>,
}

/// How many states one block is entered with.
const STATES: usize = 12;

impl Ground<'_> {
    /// Follows the paths from a point on. `fuel` is what may be spent, in operations looked at; none is left if it did not
    /// suffice, and then there is no answer.
    pub fn follow(
        &self,
        from: Point,
        state: State,
        values: &mut Values<'_>,
        watch: &mut dyn Watch,
        fuel: &mut u32,
    ) -> Option<Found> {
        let mut steps = vec![Step { block: from.block, op: from.op as usize, state, from: None }];
        let mut seen: HashMap<BlockId, Vec<State>> = HashMap::new();
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            let (block, mut state) = (steps[at].block, steps[at].state.clone());
            let ops = self.body.ops(block).get(steps[at].op..).unwrap_or_default();
            let edges = self.body.edges(block);
            // Each edge gets a state of its own: a `switch` may have hundreds.
            let states = state.size() * edges.len().div_ceil(2).max(1);
            *fuel = fuel.saturating_sub((ops.len() + edges.len() + 1 + states) as u32);
            if *fuel == 0 {
                return None;
            }
            match self.run(ops, &mut state, values, watch) {
                (Next::Go, _) => {}
                (Next::Stop, _) => continue,
                (Next::Found, op) => return Some(self.found(&steps, at, op)),
            }
            if let Ending::Return(stmt) = self.body.ending(block) {
                match watch.leaves(values, &mut state, stmt) {
                    Next::Found => return Some(self.found(&steps, at, None)),
                    Next::Go | Next::Stop => continue,
                }
            }
            for &edge in edges.iter().filter(|edge| edge.when != When::Unwind) {
                let mut state = state.clone();
                if !self.take(block, edge, &mut state, values)
                    || watch.enters(values, &mut state, self.body.ending(block), edge.when) != Next::Go
                {
                    continue;
                }
                state.keep(|root| is_of_package(root.0, values.input) || self.live.asks(edge.to, root.0), values);
                let known = seen.entry(edge.to).or_default();
                if known.len() < STATES && !known.contains(&state) {
                    known.push(state.clone());
                    open.push_back(steps.len());
                    steps.push(Step { block: edge.to, op: 0, state, from: Some((at, edge)) });
                }
            }
        }
        None
    }

    fn found(&self, steps: &[Step], last: usize, op: Option<Op>) -> Found {
        let mut edges = Vec::new();
        if let (None, [edge]) = (op, self.body.edges(steps[last].block)) {
            edges.push((steps[last].block, *edge));
        }
        let mut at = last;
        while let Some((before, edge)) = steps[at].from {
            edges.push((steps[before].block, edge));
            at = before;
        }
        edges.reverse();
        Found { path: Path { edges, ending: self.body.ending(steps[last].block) }, op }
    }

    /// Runs operations until one settles the path.
    fn run(&self, ops: &[Op], state: &mut State, values: &mut Values<'_>, watch: &mut dyn Watch) -> (Next, Option<Op>) {
        for &op in ops {
            if op.kind == OpKind::Havoc || op.kind == OpKind::Call && values.calls.may_end(op.at) {
                return (Next::Stop, None);
            }
            let next = watch.op(values, state, op);
            if next != Next::Go {
                return (next, Some(op));
            }
            let is_held = |state: &State, values: &Values<'_>| {
                state.subject.is_some_and(|subject| !state.has_lost(subject, values))
            };
            let may_lose = matches!(op.kind, OpKind::Write | OpKind::Zero) && is_held(state, values);
            self.effect(op, state, values);
            watch.after(values, state, op);
            if may_lose && !is_held(state, values) {
                return (watch.lost(op), Some(op));
            }
        }
        (Next::Go, None)
    }

    /// What an operation does to what is known.
    pub(crate) fn effect(&self, op: Op, state: &mut State, values: &mut Values<'_>) {
        match op.kind {
            OpKind::Write => self.write(op.at, state, values),
            OpKind::Zero => {
                let zero = values.zero(op.at);
                state.renew(op.at, values);
                state.set(Root(op.at), zero);
            }
            OpKind::Recv => {
                state.forget_shared();
                state.renew(op.at, values);
            }
            OpKind::Send => state.forget_shared(),
            OpKind::Call => self.call(op.at, state, values),
            // From here on it may run at any time.
            OpKind::Make => self.shared.written_by(op.at).for_each(|root| state.share(root)),
            OpKind::Read | OpKind::Addr | OpKind::Go | OpKind::Defer | OpKind::Deref | OpKind::Havoc => {}
        }
    }

    fn write(&self, target: ExprId, state: &mut State, values: &mut Values<'_>) {
        let val = assigned(target, state, values);
        let target = values.unparen(target);
        match values.input.tree.expr(target) {
            Expr::Ident => {
                if let Some(root) = values.root(target) {
                    state.set(root, val);
                }
            }
            Expr::Selector { base, name } => {
                let of = values.eval(base, state);
                let tree: &gopeer_syntax::Tree = values.input.tree;
                let field = values.intern(Symbol::Field(of, tree.source(name).into()));
                state.store(field, val);
            }
            _ => {}
        }
    }

    fn call(&self, call: ExprId, state: &mut State, values: &mut Values<'_>) {
        state.renew(call, values);
        let Expr::Call { fun, args, .. } = values.input.tree.expr(call) else { return };
        if values.calls.facts(call).has(CallFacts::PURE) {
            return;
        }
        if values.input.names.def(values.unparen(fun)) != Def::Universe {
            state.forget_shared();
        }
        let args = values.input.tree.exprs(args);
        for &arg in args {
            if let Expr::Unary { op: UnaryOp::Addr, operand } = values.input.tree.expr(arg)
                && let operand = values.unparen(operand)
                && let Some(root) = values.root(operand)
            {
                let left = values.intern(Symbol::Left(call, root));
                state.set(root, left);
            }
        }
        let receiver = match values.input.tree.expr(values.unparen(fun)) {
            Expr::Selector { base, .. } => Some(base),
            _ => None,
        };
        if values.calls.is_known(call) {
            let given: Vec<Val> = args.iter().copied().chain(receiver).map(|given| values.eval(given, state)).collect();
            state.forget_fields(Some(&given), values);
        } else {
            state.forget_fields(None, values);
        }
        if !values.calls.is_library(call) {
            let changes = |root: &Root| !state.steady || state.get(*root).is_some();
            let packages: Vec<Root> = values.package_variables().filter(changes).collect();
            for root in packages.into_iter().chain(self.shared.addressed().iter().copied()) {
                let left = values.intern(Symbol::Left(call, root));
                state.set(root, left);
            }
        }
    }

    /// Adds what an edge says; false where it cannot be taken.
    pub(crate) fn take(&self, block: BlockId, edge: Edge, state: &mut State, values: &mut Values<'_>) -> bool {
        match (self.body.ending(block), edge.when) {
            (Ending::If(cond), When::True | When::False) => {
                let cond = values.eval(cond, state);
                state.assume(cond, edge.when == When::True, values)
            }
            (Ending::Case(case), When::True | When::False) => {
                let Some(tag) = tag_of_case(case, values.input) else { return true };
                let (tag, case) = (values.eval(tag, state), values.eval(case, state));
                let same = values.test(tag, case, true);
                state.assume(same, edge.when == When::True, values)
            }
            (Ending::Switch(stmt), _) => choose(stmt, edge.when, state, values),
            (Ending::Range(stmt), When::Done) => {
                let Stmt::Range { subject, .. } = values.input.tree.stmt(stmt) else { return true };
                let of = values.eval(subject, state);
                let made = match *values.symbol(of) {
                    Symbol::Made { at, .. } => at,
                    _ => values.unparen(subject),
                };
                !values.calls.never_closes(made)
            }
            (Ending::Range(stmt), When::More) => {
                let Stmt::Range { subject, .. } = values.input.tree.stmt(stmt) else { return true };
                let subject = values.eval(subject, state);
                let len = values.intern(Symbol::Len(subject));
                let empty = values.test(len, Val::ZERO, true);
                state.assume(empty, false, values)
            }
            _ => true,
        }
    }
}

/// The value that an assignment gives to what stands left of it.
fn assigned(target: ExprId, state: &mut State, values: &mut Values<'_>) -> Val {
    let tree = values.input.tree;
    let source = match tree.parent(target) {
        Some(Node::Stmt(stmt)) => match tree.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } => {
                Some((tree.exprs(lhs), tree.exprs(rhs)))
            }
            _ => None,
        },
        Some(Node::Decl(decl)) => match tree.decl(decl) {
            Decl::Value { names, values, .. } => Some((tree.exprs(names), tree.exprs(values))),
            _ => None,
        },
        _ => None,
    };
    let at = source.and_then(|(targets, _)| tree.place(targets, target)).unwrap_or_default();
    match source {
        Some((targets, [one])) if targets.len() > 1 => {
            let one = values.unparen(*one);
            renew_unless_called(one, state, values);
            match tree.expr(one) {
                // `e, ok := err.(T)`: what is of a type is not nil.
                Expr::TypeAssert { base, ty: Some(ty) } if at == 1 => {
                    let asked = values.eval(base, state);
                    values.intern(Symbol::Apply(format!("?{}", tree.source(ty)).into(), [asked].into()))
                }
                _ => values.made(one, at),
            }
        }
        // What the variables held before matters where several change places; they are not followed.
        Some((targets, sources)) if sources.len() == targets.len() => {
            let source = values.unparen(sources[at]);
            if targets.len() > 1 && tree.expr(source) == Expr::Ident {
                state.renew(target, values);
                return values.made(target, 0);
            }
            renew_unless_called(source, state, values);
            values.eval(source, state)
        }
        _ => {
            state.renew(target, values);
            values.made(target, 0)
        }
    }
}

/// What is evaluated without an operation of its own begins anew when it is assigned.
fn renew_unless_called(source: ExprId, state: &mut State, values: &mut Values<'_>) {
    let called = matches!(values.input.tree.expr(source), Expr::Call { .. } | Expr::Unary { op: UnaryOp::Recv, .. });
    if !called {
        state.renew(source, values);
    }
}

/// The clause of a switch with constant cases, or of a type switch.
fn choose(stmt: StmtId, when: When, state: &mut State, values: &mut Values<'_>) -> bool {
    const MOST: usize = 16;
    let tree = values.input.tree;
    let (subject, clauses, by_type) = match tree.stmt(stmt) {
        Stmt::Switch { tag: Some(tag), clauses, .. } => (tag, clauses, false),
        Stmt::TypeSwitch { guard, clauses, .. } => match tree.expr(values.unparen(guard)) {
            Expr::TypeAssert { base, .. } => (base, clauses, true),
            _ => return true,
        },
        _ => return true,
    };
    let cases = |clause: StmtId| match tree.stmt(clause) {
        Stmt::CaseClause { exprs, .. } => tree.exprs(exprs),
        _ => &[],
    };
    let clauses = tree.stmts(clauses);
    let chosen = match when {
        When::Clause(at) => clauses.get(at as usize).map(|&clause| cases(clause)).unwrap_or_default(),
        _ => &[],
    };
    let subject = values.eval(subject, state);
    if by_type {
        let is_nil = |&case: &ExprId| tree.source(case) == "nil";
        let nil = values.test(subject, Val::NIL, true);
        return match chosen {
            [] => true,
            [one] if is_nil(one) => state.assume(nil, true, values),
            cases if cases.iter().any(is_nil) => true,
            _ => state.assume(nil, false, values),
        };
    }
    match chosen {
        [one] => {
            let case = values.eval(*one, state);
            let same = values.test(subject, case, true);
            state.assume(same, true, values)
        }
        [] if when == When::NoClause && names_all(stmt, values) => false,
        [] => clauses.iter().flat_map(|&clause| cases(clause)).take(MOST).all(|&case| {
            let case = values.eval(case, state);
            let same = values.test(subject, case, true);
            state.assume(same, false, values)
        }),
        _ => true,
    }
}

/// Whether the cases of a switch leave nothing out: it is over a type of the module that stands for a list of names, each of which has a
/// case. Which names a type of another package has does not show: that several have a case is taken for all of them.
fn names_all(stmt: StmtId, values: &Values<'_>) -> bool {
    let Input { tree, facts, store, .. } = values.input;
    let Stmt::Switch { tag: Some(tag), clauses, .. } = tree.stmt(stmt) else { return false };
    let ty = facts.type_of(tag);
    let Type::Named(named, _) = store.get(ty) else { return false };
    let cases = |&clause: &StmtId| match tree.stmt(clause) {
        Stmt::CaseClause { exprs, .. } => tree.exprs(exprs),
        _ => &[],
    };
    let mut all = tree.stmts(clauses).iter().flat_map(cases);
    let package = store.named(named).pkg;
    if package == PkgId::SELF {
        let names = store.named_values(ty);
        let has_case: FxHashSet<&Value> = all.filter_map(|&case| facts.value(case)).collect();
        return names.len() > 1 && names.iter().all(|name| has_case.contains(name));
    }
    let is_name = |&case: &ExprId| matches!(tree.expr(case), Expr::Ident | Expr::Selector { .. });
    !store.is_std(package) && !store.is_third_party(package) && all.clone().count() > 1 && all.all(is_name)
}
