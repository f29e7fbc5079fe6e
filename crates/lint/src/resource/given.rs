//! What a function does with a resource that it is given, and whether it gives one.

use gopeer_flow::{BlockId, Ending, Point, Root, State, Symbol, Val, Values, When, is_deferred};
use gopeer_sema::Def;
use gopeer_sema::types::TypeId;
use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, StmtId};

use super::Release;
use super::watch::{Asks, Seen, Watching};
use crate::summary::Given;
use crate::{Cx, Func};

impl Cx<'_> {
    /// What a function does with its parameter of this index, which somebody must release.
    pub(crate) fn given(&self, func: DeclId, index: usize, release: &Release) -> Given {
        self.follow_given(func, index, release).unwrap_or(Given::Keeps)
    }

    fn follow_given(&self, decl: DeclId, index: usize, release: &Release) -> Option<Given> {
        let func = self.as_func(decl.into())?;
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        let params = self.params(params);
        let &(name, ty) = params.get(index.min(params.len().checked_sub(1)?))?;
        let Some(declared) = name else { return Some(Given::Borrows) };
        // What becomes of the elements of a list is not followed.
        if matches!(self.expr(ty), Expr::Ellipsis(_)) {
            return None;
        }
        let root = Root(declared);
        if self.shared().closures(root).any(|closure| !is_deferred(self.tree, closure)) {
            return None;
        }
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, Point { block: BlockId::ENTRY, op: 0 });
        let given = start.values.intern(Symbol::Initial(root));
        if !start.assume(given, Val::NIL, false) {
            return None;
        }
        start.state.set(root, given);
        self.subject(&mut start, given, release)?;
        let mut watch = Watching::new(self, release, func, Asks { all: true, ..Asks::default() });
        self.follow(&followed, &mut start, &mut watch);
        let Seen { released, leaked, moved, .. } = watch.seen;
        Some(match (released, leaked, moved || followed.is_spent()) {
            (_, _, true) => Given::Keeps,
            (true, true, _) => Given::Sometimes,
            (true, false, _) => Given::Releases,
            (false, ..) => Given::Borrows,
        })
    }

    /// Whether a function always gives something that it acquired itself as this result, or nil.
    pub(crate) fn gives(&self, body: impl Into<Node>, result: usize) -> bool {
        let mut acquires = false;
        let all = self.returned(body).all(|results| match (results, results.get(result)) {
            ([call], _) if matches!(self.expr(self.unparen(*call)), Expr::Call { .. }) => {
                let gives = self.acquired(*call).is_some_and(|resource| {
                    resource.sure && resource.result == result && !self.keeps_no_context(&resource.call)
                });
                acquires |= gives;
                gives
            }
            (_, Some(&value)) if self.is_builtin(value, "nil") => true,
            (_, Some(&value)) => {
                let gives = self.is_given_open(value);
                acquires |= gives;
                gives
            }
            _ => false,
        });
        all && acquires
    }

    /// Whether a local is assigned once, to what a call acquires, and the caller gets it before it is released.
    fn is_given_open(&self, value: ExprId) -> bool {
        let Def::Local(declared) = self.def(self.unparen(value)) else { return false };
        let mut writes = self.names.uses(declared).filter(|&used| self.is_target(used));
        let (Some(write), None) = (writes.next(), writes.next()) else { return false };
        if self.shared().closures(Root(declared)).next().is_some() {
            return false;
        }
        self.comes_out_open(write).unwrap_or(false)
    }

    fn comes_out_open(&self, write: ExprId) -> Option<bool> {
        let Node::Stmt(stmt) = self.tree.parent(write)? else { return None };
        let Stmt::Assign { lhs, rhs, .. } = self.stmt(stmt) else { return None };
        let at = self.tree.place(self.exprs(lhs), write)?;
        let resource = self.acquired(self.only(rhs)?).filter(|resource| resource.sure && resource.result == at)?;
        if self.keeps_no_context(&resource.call) {
            return None;
        }
        // Where it is released at the end, if only under a condition, the caller does not have to.
        let Def::Local(declared) = self.def(write) else { return None };
        let ends = |used: ExprId| self.is_in_defer(used) && self.is_release(used, &resource.release);
        if self.names.uses(declared).take(256).any(ends) {
            return None;
        }
        let func = self.enclosing_func(write)?;
        let (followed, mut start) = self.begin(&resource, func, (stmt, write))?;
        let asks = Asks { all: true, returns: true, ..Asks::default() };
        let mut watch = Watching::new(self, &resource.release, func, asks);
        self.follow(&followed, &mut start, &mut watch);
        Some(watch.seen.returned)
    }

    /// Sets the named results of a function to what a `return` gives, as deferred calls see them.
    pub(super) fn set_results(&self, func: Func, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) {
        let Some(Stmt::Return(given)) = at.map(|at| self.stmt(at)) else { return };
        let (given, results) = (self.exprs(given), self.results_of(func));
        let vals: Vec<Val> = match given {
            [call] if results.len() > 1 => (0..results.len()).map(|at| values.made(self.unparen(*call), at)).collect(),
            given => given.iter().map(|&given| values.eval(given, state)).collect(),
        };
        for ((name, _), val) in results.into_iter().zip(vals) {
            if let Some(name) = name {
                state.set(Root(name), val);
            }
        }
    }

    /// Whether a function that is left there certainly gives no error.
    pub(crate) fn succeeds(&self, func: Func, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> bool {
        let gives_none = self.error_result(func).is_none();
        gives_none || self.returned_error(func, values, state, at).is_some_and(|error| state.knows(error, Val::NIL))
    }

    /// Whether a branch is taken where something has failed, in a function that gives no error.
    pub(crate) fn branch_fails(&self, func: Func, ending: Ending, when: When) -> bool {
        self.has_failed(ending, when) && self.error_result(func).is_none()
    }

    /// Whether a function that is left there certainly gives an error.
    pub fn fails(&self, func: Func, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> bool {
        let error = self.returned_error(func, values, state, at);
        error.is_some_and(|error| state.excludes(error, Val::NIL) || values.is_never_nil(error))
    }

    /// The name, if any, and the type of the last result of a function, if it is an error.
    fn error_result(&self, func: Func) -> Option<(Option<ExprId>, ExprId)> {
        self.results_of(func).last().copied().filter(|(_, ty)| self.ty(*ty) == TypeId::ERROR)
    }

    /// The error that a function gives where it is left.
    fn returned_error(&self, func: Func, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> Option<Val> {
        let (name, _) = self.error_result(func)?;
        let given = match at.map(|at| self.stmt(at)) {
            Some(Stmt::Return(given)) => self.exprs(given),
            _ => &[],
        };
        match (given, name) {
            ([], Some(name)) => state.get(Root(name)),
            (given, _) if given.len() == self.results_of(func).len() => {
                given.last().map(|&last| values.eval(last, state))
            }
            _ => None,
        }
    }
}
