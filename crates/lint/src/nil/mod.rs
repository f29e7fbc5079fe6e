//! Values that are nil on a path: where that shows, and where it does harm.
//!
//! A value is taken to be nil only where the function itself says so: it is declared without a value, set to nil, missing in a map
//! (`v, ok := m[k]`), returned beside an error, or tested for nil on a path that goes on. From there it is followed along the paths
//! until it is dereferenced, called or, if it is a map, written to. A path is settled where the variable gets another value,
//! where others may change or check it, and where a branch shows that it is not nil. A test further down is no evidence.

mod origins;
mod watch;

use std::ops::ControlFlow;

use gopeer_flow::{BlockId, Edge, Ending, Found, OpKind, Path, Point, Root, State, Symbol, Val, Values, When};
use gopeer_sema::{Def, Selection, SelectionKind};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId};

use crate::{Cx, Followed, Func, Start};
use origins::MOST_USES;
use watch::NilWatch;

/// Where a value is nil.
#[derive(Clone, Debug)]
pub struct Nil<'a> {
    /// What is nil: a variable, or a field that is reached by one.
    pub place: ExprId,
    /// Why.
    pub origin: Origin<'a>,
    /// The variable, by the identifier that declares it.
    root: ExprId,
    /// Whether it is looked for where it is returned as an interface, instead of where it is used.
    returned: bool,
}

impl Nil<'_> {
    /// What is written last where the value comes to be nil.
    fn written_last(&self) -> ExprId {
        match self.origin {
            Origin::Absent(last) | Origin::Failed { error: last, .. } | Origin::Returned { error: last, .. } => last,
            _ => self.place,
        }
    }

    /// The variable that comes with the value and says whether there is one.
    fn beside(&self) -> Option<ExprId> {
        match self.origin {
            Origin::Absent(other) | Origin::Failed { error: other, .. } | Origin::Returned { error: other, .. } => {
                Some(other)
            }
            _ => None,
        }
    }
}

/// Why a value is nil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// It is declared without a value.
    Declared,
    /// It is set to nil.
    Assigned,
    /// It is missing in a map, or what an interface holds is of another type, so that this variable is false.
    Absent(ExprId),
    /// The call fails, and this variable holds the error.
    Failed {
        /// The call.
        call: ExprId,
        /// The error.
        error: ExprId,
    },
    /// A function of the package returns nil, and no error, which this variable holds.
    Returned {
        /// The call.
        call: ExprId,
        /// The error.
        error: ExprId,
    },
    /// A condition says so.
    Tested {
        /// The comparison with nil.
        cond: ExprId,
        /// What it is then.
        holds: bool,
    },
    /// The literal, or the declaration, of the struct leaves the field out.
    Unset(&'a str),
}

/// What is done with a nil value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// A field of what it points to is selected, or all of it read or written.
    Dereferenced,
    /// It is a function, and called.
    Called,
    /// A method that needs its receiver is called: by an interface, by value, or of a library.
    Method,
    /// A method is called that may do without its receiver.
    UnknownMethod,
    /// It is a map, and an element is written.
    Written,
    /// It is a pointer, and returned as an interface, which is not nil then.
    Returned,
}

/// Where a nil value does harm.
pub struct NilUse {
    /// The expression that panics; of a call, what is called.
    pub at: ExprId,
    /// What is done there.
    pub harm: Harm,
    /// Whether a condition that says nothing of the value decides whether it is done.
    pub guarded: bool,
    /// Whether the call is put off by `defer`.
    pub deferred: bool,
    /// Whether a branch on the path looks at the error, or at the `ok`, that comes with the value.
    pub checked: bool,
    /// Whether a branch on the path says of which kind the error is.
    pub by_kind: bool,
    /// The path, step by step.
    pub steps: Vec<(Span, String)>,
    /// What assigns to the variable between the origin and the use, on other paths.
    pub assigned: Reassigned,
}

/// What assigns to a variable on paths other than the one that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reassigned {
    /// Nothing.
    Never,
    /// What stands in an `if` without `else`: somebody decided that both happen.
    Sometimes,
    /// Something else: the loop without a turn, and the `switch` without a clause, may well be impossible.
    Otherwise,
}

/// Following nil.
impl<'a> Cx<'a> {
    /// The shortest path on which the nil value does harm.
    pub fn nil_use(&self, nil: &Nil<'a>) -> Option<NilUse> {
        let func = self.enclosing_func(nil.place)?;
        let followed = self.followed(func.node)?;
        let mut start = self.nil_start(&followed, nil)?;
        let mut watch = NilWatch { cx: self, nil, harm: None };
        self.follow(&followed, &mut start, &mut watch)?;
        let (found, harm) = self.confirmed(&followed, nil)?;
        let tests = |&(block, _): &(BlockId, Edge)| match followed.body.ending(block) {
            Ending::If(cond) => self.nil_tested(cond).is_some_and(|tested| tested.root == nil.root),
            _ => false,
        };
        // Where a test lets nil through, that is what there is to say.
        let told = !nil.returned && matches!(nil.origin, Origin::Declared | Origin::Assigned | Origin::Returned { .. });
        if told && self.since_origin(&followed, nil, &found.path).iter().any(tests) {
            return None;
        }
        Some(self.nil_found(&followed, nil, func, &found.path, harm))
    }

    /// Right behind where the value comes to be nil.
    fn nil_start(&self, followed: &Followed, nil: &Nil<'a>) -> Option<Start<'_>> {
        let at = match nil.origin {
            Origin::Tested { cond, holds } => followed.after_condition(cond, holds)?,
            _ => followed.after_write(nil.written_last())?,
        };
        let mut start = self.start(followed, at);
        start.state.steady = true;
        self.make_nil(nil, &mut start.values, &mut start.state).then_some(start)
    }

    /// Makes a state one in which the value is nil and followed; false where that cannot be.
    fn make_nil(&self, nil: &Nil<'a>, values: &mut Values<'_>, state: &mut State) -> bool {
        let mut beside = None;
        let val = match nil.origin {
            Origin::Tested { .. } | Origin::Unset(_) => values.eval(nil.place, state),
            Origin::Declared | Origin::Assigned => values.made(nil.place, 0),
            Origin::Absent(_) | Origin::Failed { .. } | Origin::Returned { .. } => {
                let Some(source) = self.source_of(nil.place) else { return false };
                if let Some(other) = nil.beside() {
                    beside = self.make_beside(nil, other, source, values, state);
                    if beside.is_none() {
                        return false;
                    }
                }
                values.made(source, self.place_among_targets(nil.place))
            }
        };
        if !matches!(nil.origin, Origin::Tested { .. }) {
            state.set(Root(nil.root), val);
        }
        let subject = match nil.origin {
            Origin::Unset(field) => values.intern(Symbol::Field(val, field.into())),
            _ => val,
        };
        (state.subject, state.beside) = (Some(subject), beside);
        let test = values.test(subject, Val::NIL, true);
        state.assume(test, true, values)
    }

    /// The value of what comes with a nil value, which says that there is none; none where that cannot be.
    fn make_beside(
        &self,
        nil: &Nil<'a>,
        other: ExprId,
        source: ExprId,
        values: &mut Values<'_>,
        state: &mut State,
    ) -> Option<Val> {
        let Def::Local(root) = self.def(other) else { return None };
        let val = match nil.origin {
            Origin::Absent(_) => values.made(source, 1),
            _ => values.made(source, self.last_result(source)),
        };
        state.set(Root(root), val);
        // A closure that assigns to it may say something else by it.
        if state.is_shared(Root(root)) {
            return None;
        }
        let test = match nil.origin {
            Origin::Absent(_) => values.not(val),
            _ => values.test(val, Val::NIL, matches!(nil.origin, Origin::Returned { .. })),
        };
        state.assume(test, true, values).then_some(val)
    }

    pub(crate) fn last_result(&self, call: ExprId) -> usize {
        self.results(call).map_or(0, |results| results.len().saturating_sub(1))
    }

    /// The one expression that an assignment takes its values from.
    fn source_of(&self, target: ExprId) -> Option<ExprId> {
        match self.tree.parent(target) {
            Some(Node::Stmt(stmt)) => match self.stmt(stmt) {
                Stmt::Assign { rhs, .. } => Some(self.unparen(self.only(rhs)?)),
                _ => None,
            },
            _ => None,
        }
    }

    fn place_among_targets(&self, target: ExprId) -> usize {
        match self.tree.parent(target) {
            Some(Node::Stmt(stmt)) => match self.stmt(stmt) {
                Stmt::Assign { lhs, .. } => self.tree.place(self.exprs(lhs), target).unwrap_or_default(),
                _ => 0,
            },
            _ => 0,
        }
    }

    /// The same path from where the function begins: what is known where the value comes to be nil counts as well.
    fn confirmed(&self, followed: &Followed, nil: &Nil<'a>) -> Option<(Found, (ExprId, Harm, bool))> {
        let mut start = self.start(followed, Point { block: BlockId::ENTRY, op: 0 });
        start.state.steady = true;
        let mut watch = NilWatch { cx: self, nil, harm: None };
        let found = self.follow(followed, &mut start, &mut watch)?;
        Some((found, watch.harm?))
    }

    fn nil_found(&self, of: &Followed, nil: &Nil<'a>, func: Func, path: &Path, harm: (ExprId, Harm, bool)) -> NilUse {
        let (at, harm, deferred) = harm;
        let at = match self.expr(at) {
            Expr::Call { fun, .. } => fun,
            _ => at,
        };
        let other = nil.beside();
        let ending = |block| of.body.ending(block);
        let asks = |ident: ExprId, block| match ending(block) {
            Ending::If(cond) => self.names_in(cond, ident),
            _ => false,
        };
        let after = self.since_origin(of, nil, path);
        let mut decisive =
            self.decisive(of, path, |op| matches!(op.kind, OpKind::Write) && self.def(op.at) == Def::Local(nil.root));
        decisive.retain(|edge| after.contains(edge));
        let by_kind =
            other.is_some_and(|other| after.iter().any(|&(block, edge)| self.asks_kind(ending(block), edge, other)));
        let checked = by_kind || other.is_some_and(|other| after.iter().any(|&(block, _)| asks(other, block)));
        let matters = |&&(block, edge): &&(_, Edge)| {
            decisive.contains(&(block, edge)) || asks(nil.root, block) || other.is_some_and(|other| asks(other, block))
        };
        let mut steps = vec![self.nil_origin(nil)];
        let branches = after.iter().filter(matters);
        steps.extend(branches.filter_map(|&(block, edge)| self.branch(ending(block), edge.when)).take(6));
        steps.push((self.span(at), self.harm_in_words(nil, harm, deferred)));
        let assigned = self.assigned_between(nil, func, at);
        NilUse { at, harm, guarded: self.is_guarded(nil, func, at), deferred, checked, by_kind, steps, assigned }
    }

    /// Whether a branch is taken where an error has turned out to be of a kind: by `errors.Is(err, io.EOF)`, what holds that, or
    /// `err == io.EOF`.
    fn asks_kind(&self, ending: Ending, edge: Edge, error: ExprId) -> bool {
        let Ending::If(cond) = ending else { return false };
        let asked = self.initial_value(cond).unwrap_or(cond);
        let is_kind = match self.expr(self.unparen(asked)) {
            Expr::Call { .. } => edge.when == When::True,
            Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } => {
                let nil = self.is_builtin(lhs, "nil") || self.is_builtin(rhs, "nil");
                !nil && (edge.when == When::True) == (op == BinaryOp::Equal)
            }
            _ => false,
        };
        is_kind && self.names_in(asked, error)
    }

    /// The branches of a path behind the point where the value comes to be nil.
    fn since_origin<'p>(&self, of: &Followed, nil: &Nil<'a>, path: &'p Path) -> &'p [(BlockId, Edge)] {
        let after = match nil.origin {
            Origin::Tested { cond, .. } => {
                let tested = |(block, _): &(BlockId, Edge)| of.body.ending(*block) == Ending::If(cond);
                path.edges.iter().rposition(tested).map(|at| at + 1)
            }
            _ => {
                let written = of.after_write(nil.written_last()).map(|point| point.block);
                path.edges.iter().rposition(|(block, _)| Some(*block) == written)
            }
        };
        path.edges.get(after.unwrap_or(path.edges.len())..).unwrap_or_default()
    }

    /// What assigns to the variable between the origin and the use.
    fn assigned_between(&self, nil: &Nil<'a>, func: Func, at: ExprId) -> Reassigned {
        let (from, to) = (self.span(nil.place).end, self.span(at).start);
        let assigns = |used: &ExprId| {
            let start = self.span(*used).start;
            from < start && start < to && self.is_target(*used)
        };
        let mut found = Reassigned::Never;
        for used in self.names.uses(nil.root).take(MOST_USES).filter(assigns) {
            if !self.is_in_plain_ifs(used, func, at) {
                return Reassigned::Otherwise;
            }
            found = Reassigned::Sometimes;
        }
        found
    }

    /// Whether nothing but `if`s without `else` stand around a node, up to what stands around the other as well.
    fn is_in_plain_ifs(&self, node: ExprId, func: Func, other: ExprId) -> bool {
        let other = self.span(other);
        let around = self.tree.ancestors(node).take_while(|&above| above != func.node);
        around.take_while(|&above| !self.span(above).contains(other)).all(|above| match above {
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::If { els, .. } => els.is_none() && !self.is_else(stmt),
                Stmt::Block(_) | Stmt::Assign { .. } => true,
                _ => false,
            },
            _ => true,
        })
    }

    fn is_else(&self, stmt: StmtId) -> bool {
        let Some(Node::Stmt(around)) = self.tree.parent(stmt) else { return false };
        matches!(self.stmt(around), Stmt::If { els: Some(els), .. } if els == stmt)
    }

    /// Whether an expression mentions the variable of an identifier.
    fn names_in(&self, expr: ExprId, ident: ExprId) -> bool {
        let def = self.def(ident);
        self.any(
            expr,
            false,
            |node| matches!(node, Node::Expr(id) if self.expr(id) == Expr::Ident && self.def(id) == def),
        )
    }

    /// Whether an expression asks about what is nil: it names it, or gives away, or calls a method of, what has it.
    fn mentions_place(&self, expr: ExprId, nil: &Nil<'_>) -> bool {
        let place = self.nil_name(nil);
        let holds = |id: ExprId| {
            let rest = place.strip_prefix(self.source(id));
            let named = matches!(self.expr(id), Expr::Ident | Expr::Selector { .. });
            named && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') && !self.is_base_of_field(id))
        };
        let of_root = |id: ExprId| self.expr(id) != Expr::Ident || self.def(id) == Def::Local(nil.root);
        self.any(expr, false, |node| matches!(node, Node::Expr(id) if holds(id) && of_root(id)))
    }

    /// Whether an expression is followed by the name of a field.
    fn is_base_of_field(&self, expr: ExprId) -> bool {
        let Some(Node::Expr(around)) = self.tree.parent(expr) else { return false };
        let of_field = |selection: &Selection| selection.kind == SelectionKind::Field;
        matches!(self.expr(around), Expr::Selector { base, .. } if base == expr)
            && self.facts.selection(around).is_some_and(of_field)
    }

    fn nil_origin(&self, nil: &Nil<'a>) -> (Span, String) {
        let name = self.nil_name(nil);
        let text = match nil.origin {
            Origin::Declared => format!("`{name}` is declared here without a value: it is nil"),
            Origin::Assigned => format!("`{name}` is set to nil here"),
            Origin::Absent(ok) => format!("`{name}` is nil if `{}` is false", self.source(ok)),
            Origin::Failed { error, .. } => format!("`{name}` is valid only if `{}` is nil", self.source(error)),
            Origin::Returned { call, .. } => {
                format!("`{}` may return nil here, without an error", self.callee_text(call))
            }
            Origin::Tested { cond, holds: true } => {
                return (self.span(cond), format!("`{name}` is nil if this is true"));
            }
            Origin::Tested { cond, .. } => return (self.span(cond), format!("`{name}` is nil if this is false")),
            Origin::Unset(_) => format!("`{name}` is not set here: it is nil"),
        };
        (self.span(nil.place), text)
    }

    fn harm_in_words(&self, nil: &Nil<'a>, harm: Harm, deferred: bool) -> String {
        let name = self.nil_name(nil);
        match harm {
            _ if deferred => format!("`{name}` is used here by a deferred call"),
            Harm::Dereferenced => format!("`{name}` is dereferenced here"),
            Harm::Called => format!("`{name}` is called here"),
            Harm::Method | Harm::UnknownMethod => format!("a method of `{name}` is called here"),
            Harm::Written => format!("`{name}` is written to here"),
            Harm::Returned => format!("`{name}` is returned here as an interface"),
        }
    }

    /// Whether a condition around the place, which does not stand around the origin, too, decides.
    fn is_guarded(&self, nil: &Nil<'a>, func: Func, at: ExprId) -> bool {
        let origin = self.span(nil.place);
        let other = nil.beside().unwrap_or(nil.place);
        let itself = |cond: ExprId| self.names_in(cond, nil.root) || self.names_in(cond, other);
        let guards = self.tree.ancestors(at).take_while(|&above| above != func.node).try_fold(at.into(), |below, above| {
            let inside = match above {
                Node::Stmt(stmt) => match self.stmt(stmt) {
                    Stmt::If { cond, then, els, .. } => {
                        (Node::Stmt(then) == below || els.map(Node::Stmt) == Some(below)) && !itself(cond)
                    }
                    Stmt::CaseClause { .. } | Stmt::CommClause { .. } => true,
                    _ => false,
                },
                Node::Expr(expr) => {
                    matches!(self.expr(expr), Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, rhs, .. } if Node::Expr(rhs) == below)
                }
                _ => false,
            };
            match inside && !self.span(above).contains(origin) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(above),
            }
        });
        guards.is_break()
    }
}
