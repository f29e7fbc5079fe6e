//! Things that a call gives and that must be released on every path: files, rows, transactions, bodies, cancel functions.
//!
//! Which calls give one is a fact (`must-close`), and how a type of them is released is another (`releases`, in
//! `crates/api/facts`); a type without one is released by its `Close` or `Stop`. A resource is followed from the call on, along the
//! paths on which it succeeded. A path is settled where the resource is released, or where its release is deferred, and where
//! somebody else has it: it is returned, stored, sent, captured by a closure, or given to a function that may release it.

use std::collections::HashSet;

use gopeer_flow::{
    BlockId, Ending, Found, Next, Op, OpKind, Point, Root, State, Symbol, Use, Val, Values, Watch, When,
};
use gopeer_sema::types::{Basic, Lookup, PkgId, Type, TypeId};
use gopeer_sema::{CallFacts, Def};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, BinaryOp, Decl, DeclId, Expr, ExprId, Node, Stmt, StmtId};

use crate::summary::{Answer, Given, What};
use crate::{Call, Cx, Followed, Func, Report, Start, words};

/// What a call gives and somebody must release.
#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// The call.
    pub call: Call<'a>,
    /// What it is, as the facts name it: `rows`, `transaction`; `closer` if they say nothing.
    pub kind: &'a str,
    /// Which result.
    pub result: usize,
    /// Its type.
    pub ty: TypeId,
    /// How it is released.
    pub release: Release,
    /// Whether it is known that the caller must release it: the facts say so, or the function has acquired it. Otherwise only a caller
    /// that releases it on some path is taken at its word.
    pub sure: bool,
}

/// How something is released.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Release {
    /// The field that is released, as `Body` of a response; empty for the thing itself.
    pub field: Box<str>,
    /// The methods that release it; `()` if it is called itself.
    pub methods: Vec<Box<str>>,
    /// The method that has released it once it answers `false`.
    pub ends: Option<Box<str>>,
}

impl Release {
    fn by(method: &str) -> Release {
        Release { field: "".into(), methods: vec![method.into()], ends: None }
    }

    /// Reads what the facts say: `Close`, `Commit, Rollback`, `Body.Close`, `Close; until Next`.
    fn read(text: &str) -> Release {
        let (how, ends) = text.split_once("; until ").map_or((text, None), |(how, ends)| (how, Some(ends.into())));
        let (field, methods) = how.split_once('.').unwrap_or(("", how));
        Release { field: field.into(), methods: methods.split(", ").map(Into::into).collect(), ends }
    }

    fn is_method(&self, name: &str) -> bool {
        self.methods.iter().any(|method| &**method == name)
    }

    /// Whether it is a function, and calling it releases what it stands for.
    fn is_call(&self) -> bool {
        self.is_method("()")
    }
}

/// That a resource is not released on some path.
pub struct Leak {
    /// The variable that holds it; none where the call's result is thrown away.
    pub variable: Option<ExprId>,
    /// Whether no path releases it.
    pub never: bool,
    /// Whether it is lost because something else is assigned to its variable.
    pub overwritten: bool,
    /// Of a leak on success, whether anything was done with it before, on the path or in an earlier turn of a loop.
    pub used: bool,
    /// The path, step by step.
    pub steps: Vec<(Span, String)>,
    /// Where `defer` would release it on every path: behind the check of its error.
    pub defer_after: Option<StmtId>,
}

impl Leak {
    /// Reports it, with the path and the fix that defers the release.
    pub fn report<'c>(self, cx: &'c mut Cx<'_>, resource: &Resource<'_>) -> Report<'c> {
        let message = self.message(cx, resource);
        let at: ExprId = self.variable.unwrap_or(resource.call.fun);
        let edit = self.variable.zip(self.defer_after).and_then(|(variable, stmt)| {
            let release = resource.release(cx, variable)?;
            let end = cx.span(stmt).end;
            Some((Span::new(end, end), format!("\n{}defer {release}", cx.indent(stmt)), release))
        });
        let mut report = cx.report(at, message).steps(self.steps);
        if let Some((span, text, release)) = edit {
            report = report.fix(format!("Add `defer {release}`"), [(span, text)]);
        }
        report
    }

    /// The same without a fix: where deferring the release is not what is needed.
    pub fn without_fix(self) -> Leak {
        Leak { defer_after: None, ..self }
    }

    fn message(&self, cx: &Cx<'_>, resource: &Resource<'_>) -> String {
        let done = resource.done();
        let Some(variable) = self.variable else {
            return match resource.release.is_call() {
                true => format!("the function that `{}` returns is thrown away", cx.source(resource.call.fun)),
                false => format!("what `{}` returns is never {done}", cx.source(resource.call.fun)),
            };
        };
        let name = cx.source(variable);
        let named = match &*resource.release.field {
            "" => format!("`{name}`"),
            field => format!("`{name}.{field}`"),
        };
        let around = cx.func_in_words(resource.call.expr);
        match (self.never, self.overwritten) {
            (true, _) => format!("{named} is never {done}"),
            (_, true) if resource.release.field.is_empty() => {
                format!("{named} is not {done} before it gets another value")
            }
            (_, true) => format!("{named} is not {done} before `{name}` gets another value"),
            _ => format!("{named} is not {done} on every path out of {around}"),
        }
    }
}

impl Resource<'_> {
    /// The participle that says that it is released.
    fn done(&self) -> String {
        let past = |method: &str| match method {
            "()" => "called".to_owned(),
            "Stop" => "stopped".to_owned(),
            "Commit" => "committed".to_owned(),
            "Rollback" => "rolled back".to_owned(),
            "Err" => "asked for its error".to_owned(),
            "EndSession" => "ended".to_owned(),
            "CloseAndRecv" => "closed".to_owned(),
            _ if method.ends_with('e') => format!("{}d", method.to_lowercase()),
            _ => format!("{}ed", method.to_lowercase()),
        };
        let methods = &self.release.methods;
        match (self.release.is_method("Commit"), methods.first()) {
            (true, _) => "committed or rolled back".to_owned(),
            (_, method) => method.map_or("released".to_owned(), |method| past(method)),
        }
    }

    /// The call that releases it on every path; none if it needs an argument that is not at hand.
    fn release(&self, cx: &Cx<'_>, variable: ExprId) -> Option<String> {
        let (name, methods) = (cx.source(variable), &self.release.methods);
        let last = methods.iter().find(|method| &***method == "Rollback").or(methods.first());
        Some(match (&*self.release.field, last.map_or("Close", |last| last)) {
            (_, "()") if self.call.callee.name.ends_with("Cause") => format!("{name}(nil)"),
            (_, "()") => format!("{name}()"),
            ("", method) => format!("{name}.{method}({})", self.argument_of(cx, method)?),
            (field, method) => format!("{name}.{field}.{method}()"),
        })
    }

    /// What its method is called with: nothing, or the context with which it was acquired.
    fn argument_of<'c>(&self, cx: &Cx<'c>, method: &str) -> Option<&'c str> {
        let method = cx.store.lookup(self.ty, PkgId::SELF, cx.store.symbol(method));
        let Lookup::Method { method, .. } = method else { return Some("") };
        let Type::Signature(signature) = cx.store.get(method.sig) else { return Some("") };
        let is_context = |ty: TypeId| cx.store.qualified_name(ty) == Some(("context", "Context"));
        match signature.params[..] {
            [] => Some(""),
            [_] if signature.variadic => Some(""),
            [param] if is_context(param) => {
                let first = *self.call.args.first()?;
                (cx.expr(first) == Expr::Ident && is_context(cx.ty(first))).then(|| cx.source(first))
            }
            _ => None,
        }
    }
}

impl<'a> Cx<'a> {
    /// What a call gives that must be released.
    pub fn acquired(&self, call: ExprId) -> Option<Resource<'a>> {
        let results = self.results(call)?;
        if !results.iter().any(|&ty| self.may_be_resource(ty)) {
            return None;
        }
        let call = self.call(call)?;
        let known = self.known(&call.callee);
        let by_fact = known.as_ref().is_some_and(|known| known.facts.has(CallFacts::MUST_CLOSE));
        if known.is_some() && !by_fact {
            return None;
        }
        let known = results.iter().enumerate().find_map(|(at, &ty)| Some((at, ty, self.release_of(ty)?)));
        let Some((result, ty, text)) = known else {
            let (result, ty, method) =
                results.iter().enumerate().find_map(|(at, &ty)| Some((at, ty, self.closing_method(ty)?)))?;
            let resource = Resource { call, kind: "closer", result, ty, release: Release::by(method), sure: by_fact };
            return Some(self.made_sure(resource));
        };
        let (kind, how) = text.split_once(": ")?;
        Some(self.made_sure(Resource { call, kind, result, ty, release: Release::read(how), sure: by_fact }))
    }

    /// Whether the name of a function says that each call gives something new: `openSegment`, `dial`.
    fn says_new(&self, call: &Call<'_>) -> bool {
        const WORDS: &[&str] =
            &["accept", "begin", "connect", "create", "dial", "listen", "make", "new", "open", "start"];
        words(call.callee.name).first().is_some_and(|word| WORDS.contains(&word.as_str()))
    }

    /// A function of the package may give what it has acquired.
    fn made_sure<'r>(&self, resource: Resource<'r>) -> Resource<'r> {
        let gives = || self.ask(resource.call.expr, What::Gives(resource.result)) == Some(Answer::Is(true));
        Resource { sure: resource.sure || gives(), ..resource }
    }

    fn may_be_resource(&self, ty: TypeId) -> bool {
        matches!(self.store.get(self.deref(ty)), Type::Named(named, _) if self.store.named(named).pkg != PkgId::UNIVERSE)
    }

    /// How the values of a type are released, if the facts say it.
    fn release_of(&self, ty: TypeId) -> Option<&'a str> {
        let (path, name) = self.store.qualified_name(self.deref(ty))?;
        self.store.default_setting(path, name)
    }

    fn closing_method(&self, ty: TypeId) -> Option<&'static str> {
        let has = |name: &&&'static str| {
            matches!(self.store.lookup(ty, PkgId::SELF, self.store.symbol(name)), Lookup::Method { .. })
        };
        ["Close", "Stop"].iter().find(has).copied()
    }

    /// The shortest path on which a resource is not released. Whatever ends with the process is left out.
    pub fn leak(&self, resource: &Resource<'a>) -> Option<Leak> {
        self.leak_on(resource, false)
    }

    /// Like [`Cx::leak`], but only on paths on which the function succeeds: where an error is returned, nobody will miss what
    /// the release would have said or written.
    pub fn leak_on_success(&self, resource: &Resource<'a>) -> Option<Leak> {
        self.leak_on(resource, true)
    }

    fn leak_on(&self, resource: &Resource<'a>, successful: bool) -> Option<Leak> {
        let func = self.enclosing_func(resource.call.expr)?;
        if self.ends_with_process(func) {
            return None;
        }
        let (variable, steps, defer_after) = Default::default();
        let thrown = Leak { variable, never: true, overwritten: false, used: false, steps, defer_after };
        match self.where_kept(resource)? {
            Kept::Nowhere => Some(thrown).filter(|_| resource.sure),
            Kept::In(stmt, variable) => self.followed_leak(resource, func, (stmt, variable), successful),
        }
    }

    /// The variable that gets what a call acquires.
    pub fn holder(&self, resource: &Resource<'_>) -> Option<ExprId> {
        match self.where_kept(resource)? {
            Kept::In(_, variable) => Some(variable),
            Kept::Nowhere => None,
        }
    }

    pub(crate) fn ends_with_process(&self, func: Func) -> bool {
        let Node::Decl(decl) = func.node else { return false };
        // The command line tools of github.com/hashicorp/cli return what the process ends with.
        let code = matches!(self.store.get(self.ty(func.ty)), Type::Signature(signature)
            if *signature.results == [TypeId::from(Basic::Int)] && signature.params.len() == 1);
        if code && self.func_name(decl) == Some("Run") {
            return true;
        }
        matches!(self.func_name(decl), Some("main" | "init") if matches!(self.decl(decl), Decl::Func { recv, .. } if recv.is_empty()))
    }

    /// Where the result of the call goes; none where somebody else gets it at once.
    fn where_kept(&self, resource: &Resource<'_>) -> Option<Kept> {
        let mut call = resource.call.expr;
        while let Some(Node::Expr(around)) = self.tree.parent(call)
            && matches!(self.expr(around), Expr::Paren(_))
        {
            call = around;
        }
        let targets = match self.tree.parent(call)? {
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::Expr(_) => return Some(Kept::Nowhere),
                Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } => {
                    (stmt, self.exprs(lhs), self.exprs(rhs))
                }
                _ => return None,
            },
            Node::Decl(decl) => match self.decl(decl) {
                Decl::Value { names, values, .. } => {
                    let stmt = self.around(decl, |_, node| matches!(node, Node::Stmt(_)))?;
                    let Node::Stmt(stmt) = stmt else { return None };
                    (stmt, self.exprs(names), self.exprs(values))
                }
                _ => return None,
            },
            _ => return None,
        };
        let (stmt, targets, values) = targets;
        let at = if values.len() == 1 { resource.result } else { self.tree.place(values, call)? };
        let target = *targets.get(at)?;
        match self.expr(self.unparen(target)) {
            Expr::Ident if self.source(target) == "_" => Some(Kept::Nowhere),
            Expr::Ident => Some(Kept::In(stmt, target)),
            _ => None,
        }
    }

    fn followed_leak(
        &self,
        resource: &Resource<'a>,
        func: Func,
        (stmt, variable): (StmtId, ExprId),
        successful: bool,
    ) -> Option<Leak> {
        let Def::Local(declared) = self.def(variable) else { return None };
        // Closures made before may release what is assigned now; of a variable from outside, the function around.
        let early = |closure: ExprId| self.span(closure).start < self.span(variable).start;
        if !self.span(func.body).contains(self.span(declared)) && !self.is_result(func, declared)
            || self.shared().closures(Root(declared)).any(early)
        {
            return None;
        }
        let here = |ident| self.enclosing_func(ident).is_some_and(|around| around.node == func.node);
        let releases_here = |&ident: &ExprId| here(ident) && !self.is_in_defer(ident);
        let taken_at_word =
            || self.says_new(&resource.call) && self.releases(resource, declared).iter().any(releases_here);
        if !resource.sure && !taken_at_word() {
            return None;
        }
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_write(variable)?);
        let call = resource.call.expr;
        start.state.steady = true;
        let given = start.values.made(call, resource.result);
        start.state.set(Root(declared), given);
        // Of a variable that a closure assigns to, nothing is known.
        if start.state.get(Root(declared)) != Some(given) {
            return None;
        }
        let results = self.results(call)?;
        // What the call gave is there if it succeeded.
        if results.last() == Some(&TypeId::ERROR) {
            let error = start.values.made(call, results.len() - 1);
            if let Some(target) = self.target_of(stmt, results.len() - 1) {
                self.hold(&mut start.state, target, error);
            }
            if !start.assume(error, Val::NIL, true) {
                return None;
            }
        }
        if !start.assume(given, Val::NIL, false) {
            return None;
        }
        self.subject(&mut start, given, &resource.release)?;
        let releases = self.releases(resource, declared);
        let alone = releases.is_empty();
        let mut watch = Watching { alone, successful, ..Watching::new(self, &resource.release, func) };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let (released, overwritten, through) = (watch.released, watch.overwritten, watch.through);
        // What is released where one thing fails has to be released where another one does.
        if !resource.sure && !self.ends_in_error(&found) {
            return None;
        }
        let settles = self.settles(resource, declared);
        let never = !released && settles.is_empty() && through.is_none();
        let mut steps = self.leak_steps(&followed, &found, &settles, variable, never);
        if let Some(call) = through {
            let end = steps.len().saturating_sub(1);
            let text = format!("`{}` leaves it as it is on some path", self.callee_text(call));
            steps.insert(end, (self.span(call), text));
        }
        let defer_after = self.enclosing_loop(stmt).is_none().then(|| self.behind_check(stmt)).flatten();
        let used = successful && self.is_used_before(&followed, &found, declared, &settles);
        Some(Leak { variable: Some(variable), never, overwritten, used, steps, defer_after })
    }

    fn is_in_defer(&self, ident: ExprId) -> bool {
        let stmt = self.tree.ancestors(ident).find_map(|node| if let Node::Stmt(id) = node { Some(id) } else { None });
        stmt.is_some_and(|stmt| matches!(self.stmt(stmt), Stmt::Defer(_)))
    }

    /// Whether a path ends where an error is returned.
    fn ends_in_error(&self, found: &Found) -> bool {
        let Ending::Return(Some(stmt)) = found.path.ending else { return false };
        let Stmt::Return(results) = self.stmt(stmt) else { return false };
        let last = self.exprs(results).last().copied();
        last.is_some_and(|last| self.ty(last) == TypeId::ERROR && !self.is_builtin(last, "nil"))
    }

    /// Makes what is released of a value the subject.
    fn subject(&self, start: &mut Start<'_>, of: Val, release: &Release) -> Option<()> {
        let subject = match &*release.field {
            "" => of,
            field => start.values.intern(Symbol::Field(of, field.into())),
        };
        start.state.subject = Some(subject);
        (subject == of || start.assume(subject, Val::NIL, false)).then_some(())
    }

    /// What a function does with its parameter of this index, which somebody must release.
    pub(crate) fn given(&self, func: DeclId, index: usize, release: &Release) -> Given {
        self.follow_given(func, index, release).unwrap_or(Given::Keeps)
    }

    fn follow_given(&self, decl: DeclId, index: usize, release: &Release) -> Option<Given> {
        let func = self.as_func(decl.into())?;
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        let params = self.params(params);
        let Some(declared) = params.get(index.min(params.len().checked_sub(1)?))?.0 else {
            return Some(Given::Borrows);
        };
        let root = Root(declared);
        if self.shared().closures(root).any(|closure| !is_deferred(self, closure)) {
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
        let mut watch = Watching { all: true, ..Watching::new(self, release, func) };
        self.follow(&followed, &mut start, &mut watch);
        Some(match (watch.released, watch.leaked, watch.moved || followed.is_spent()) {
            (_, _, true) => Given::Keeps,
            (true, true, _) => Given::Sometimes,
            (true, false, _) => Given::Releases,
            (false, ..) => Given::Borrows,
        })
    }

    /// Whether a function always gives something that it acquired itself as this result, or nil.
    pub(crate) fn gives(&self, decl: DeclId, result: usize) -> bool {
        let returns = self.within(
            decl,
            false,
            |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_))),
        );
        let mut acquires = false;
        let all = returns.iter().all(|node| {
            let Node::Stmt(id) = node else { return false };
            let Stmt::Return(results) = self.stmt(*id) else { return false };
            match (self.exprs(results), self.exprs(results).get(result)) {
                ([call], _) if matches!(self.expr(self.unparen(*call)), Expr::Call { .. }) => {
                    let gives = self.acquired(*call).is_some_and(|resource| resource.sure && resource.result == result);
                    acquires |= gives;
                    gives
                }
                (_, Some(&value)) if self.is_builtin(value, "nil") => true,
                (_, Some(&value)) => {
                    let gives = self.is_acquired_once(value);
                    acquires |= gives;
                    gives
                }
                _ => false,
            }
        });
        all && acquires
    }

    /// Whether a local is assigned once, to what a call acquires.
    fn is_acquired_once(&self, value: ExprId) -> bool {
        let Def::Local(declared) = self.def(self.unparen(value)) else { return false };
        let mut writes = self.names.uses(declared).filter(|&used| self.is_written(used));
        let (Some(write), None) = (writes.next(), writes.next()) else { return false };
        let Some(Node::Stmt(stmt)) = self.tree.parent(write) else { return false };
        let Stmt::Assign { lhs, rhs, .. } = self.stmt(stmt) else { return false };
        let (targets, [call]) = (self.exprs(lhs), self.exprs(rhs)) else { return false };
        let at = self.tree.place(targets, write);
        self.acquired(*call)
            .filter(|resource| resource.sure)
            .is_some_and(|resource| Some(resource.result) == at && !self.is_deferred_release(&resource, declared))
    }

    /// Whether what is returned has been released when the caller gets it.
    fn is_deferred_release(&self, resource: &Resource<'_>, declared: ExprId) -> bool {
        let in_closure = self.shared().closures(Root(declared)).next().is_some();
        in_closure || self.releases(resource, declared).iter().any(|&ident| self.is_in_defer(ident))
    }

    fn is_written(&self, ident: ExprId) -> bool {
        matches!(self.tree.parent(ident), Some(Node::Stmt(stmt)) if matches!(self.stmt(stmt), Stmt::Assign { lhs, .. } if self.exprs(lhs).contains(&ident)))
    }

    /// Whether a function that is left there certainly gives no error.
    pub(crate) fn succeeds(&self, func: Func, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> bool {
        let gives_none = self.error_result(func).is_none();
        gives_none || self.returned_error(func, values, state, at).is_some_and(|error| state.knows(error, Val::NIL))
    }

    /// Whether a branch is taken where something has failed, in a function that gives no error.
    pub(crate) fn branch_fails(&self, func: Func, ending: Ending, when: When) -> bool {
        let Ending::If(cond) = ending else { return false };
        let Expr::Binary { op, lhs, rhs } = self.expr(self.unparen(cond)) else { return false };
        let differs = matches!((op, when), (BinaryOp::NotEqual, When::True) | (BinaryOp::Equal, When::False));
        let is_error = self.ty(lhs) == TypeId::ERROR && self.is_builtin(rhs, "nil");
        differs && is_error && self.error_result(func).is_none()
    }

    /// Whether a function that is left there certainly gives an error.
    pub fn fails(&self, func: Func, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> bool {
        let error = self.returned_error(func, values, state, at);
        error.is_some_and(|error| state.excludes(error, Val::NIL) || values.is_never_nil(error))
    }

    /// The name, if any, and the type of the last result of a function, if it is an error.
    fn error_result(&self, func: Func) -> Option<(Option<ExprId>, ExprId)> {
        let Expr::FuncType { results, .. } = self.expr(func.ty) else { return None };
        self.params(results).last().copied().filter(|(_, ty)| self.ty(*ty) == TypeId::ERROR)
    }

    /// The error that a function gives where it is left.
    fn returned_error(&self, func: Func, values: &mut Values<'_>, state: &State, at: Option<StmtId>) -> Option<Val> {
        let (name, _) = self.error_result(func)?;
        let Expr::FuncType { results, .. } = self.expr(func.ty) else { return None };
        let results = self.params(results);
        let given = match at.map(|at| self.stmt(at)) {
            Some(Stmt::Return(given)) => self.exprs(given),
            _ => &[],
        };
        match (given, name) {
            ([], Some(name)) => state.get(Root(name)),
            (given, _) if given.len() == results.len() => given.last().map(|&last| values.eval(last, state)),
            _ => None,
        }
    }

    fn is_result(&self, func: Func, declared: ExprId) -> bool {
        let Expr::FuncType { results, .. } = self.expr(func.ty) else { return false };
        self.params(results).iter().any(|(name, _)| *name == Some(declared))
    }

    fn target_of(&self, stmt: StmtId, at: usize) -> Option<ExprId> {
        match self.stmt(stmt) {
            Stmt::Assign { lhs, .. } => self.exprs(lhs).get(at).copied(),
            _ => None,
        }
    }

    fn hold(&self, state: &mut State, target: ExprId, val: Val) {
        if let Def::Local(declared) = self.def(target) {
            state.set(Root(declared), val);
        }
    }

    /// The mentions of a variable that release what it holds, on whatever path.
    fn releases(&self, resource: &Resource<'_>, declared: ExprId) -> HashSet<ExprId> {
        let releases = |ident: &ExprId| match uses_of(self, *ident, &resource.release.field) {
            Use::Method { name, .. } => resource.release.is_method(self.source(name)),
            Use::Called(_) => resource.release.is_call(),
            _ => false,
        };
        self.names.uses(declared).take(256).filter(releases).collect()
    }

    /// Whether the end of a path can be come to behind a mention of the variable that does not settle it.
    fn is_used_before(&self, followed: &Followed, found: &Found, declared: ExprId, settles: &HashSet<ExprId>) -> bool {
        let (Some(&(last, _)), Some(())) = (found.path.edges.last(), followed.pay()) else { return false };
        let mentions: HashSet<ExprId> = self.names.uses(declared).take(256).collect();
        let body = &followed.body;
        let mentioned = |block: BlockId, of: &HashSet<ExprId>| {
            body.ops(block).iter().any(|op| op.kind == OpKind::Read && of.contains(&op.at))
        };
        let settled: Vec<bool> = body.blocks().map(|(block, _)| mentioned(block, settles)).collect();
        let is_open = |block: &BlockId| !settled[block.index()];
        let mut open: Vec<BlockId> = body.blocks().map(|(block, _)| block).filter(is_open).collect();
        open.retain(|&block| mentioned(block, &mentions));
        let mut seen: HashSet<BlockId> = open.iter().copied().collect();
        while let Some(block) = open.pop() {
            if block == last {
                return true;
            }
            let next = body.edges(block).iter().map(|edge| edge.to).filter(is_open);
            open.extend(next.filter(|&to| seen.insert(to)));
        }
        false
    }

    /// The mentions of a variable that release what it holds or hand it on, on whatever path.
    fn settles(&self, resource: &Resource<'_>, declared: ExprId) -> HashSet<ExprId> {
        let mut settles = self.releases(resource, declared);
        let borrows = |call, index| {
            let asked = self.ask(call, What::Given(index, resource.release.clone()));
            asked == Some(Answer::Given(Given::Borrows))
        };
        let own = |call: ExprId| self.callee(call).is_none_or(|callee| self.is_own(&callee));
        let func = self.enclosing_func(resource.call.expr).map(|func| func.node);
        let hands_on = |ident: &ExprId| match uses_of(self, *ident, &resource.release.field) {
            _ if self.enclosing_func(*ident).map(|func| func.node) != func => true,
            Use::Returned(_) | Use::Kept | Use::Converted(_) => true,
            Use::Assigned(target) => !matches!(self.def(target), Def::Local(_)),
            Use::Argument { call, index } => own(call) && !borrows(call, index),
            Use::Method { .. } | Use::Called(_) | Use::Field(_) | Use::Seen => false,
        };
        settles.extend(self.names.uses(declared).take(256).filter(hands_on));
        settles
    }

    fn leak_steps(
        &self,
        followed: &Followed,
        found: &Found,
        settles: &HashSet<ExprId>,
        variable: ExprId,
        never: bool,
    ) -> Vec<(Span, String)> {
        let name = self.source(variable);
        let mut steps = vec![(self.span(variable), format!("`{name}` is acquired here"))];
        let met = |op: &Op| settles.contains(&op.at);
        match found.op {
            Some(op) => {
                steps.extend(self.branches(followed, &found.path, met));
                steps.push((self.span(op.at), format!("`{name}` gets another value here, and the first is lost")));
            }
            None if never => {
                steps.extend(self.steps(followed, &found.path, |_| false, "the function returns here".into()))
            }
            None => {
                let leaves = format!("the function returns here, and `{name}` is still open");
                steps.extend(self.steps(followed, &found.path, met, leaves));
            }
        }
        steps
    }

    /// The statement behind which a deferred call releases it: the check of its error, if that follows.
    fn behind_check(&self, stmt: StmtId) -> Option<StmtId> {
        let around = self.tree.parent(stmt)?;
        let list = match around {
            Node::Stmt(block) => match self.stmt(block) {
                Stmt::Block(list) => list,
                Stmt::CaseClause { body, .. } | Stmt::CommClause { body, .. } => body,
                _ => return None,
            },
            _ => return None,
        };
        let list = self.stmts(list);
        let at = self.tree.place(list, stmt)?;
        let has_error = self.target_of(stmt, 1).is_some_and(|error| self.ty(error) == TypeId::ERROR);
        match list.get(at + 1) {
            Some(&next) if has_error => match self.stmt(next) {
                Stmt::If { init: None, els: None, .. } => Some(next),
                _ => None,
            },
            _ => Some(stmt).filter(|_| !has_error),
        }
    }
}

/// Where the result of a call goes.
enum Kept {
    Nowhere,
    In(StmtId, ExprId),
}

/// What is done in the end with the value that an identifier, or the field of it, names.
fn uses_of(cx: &Cx, ident: ExprId, field: &str) -> Use {
    let input = cx.names_input();
    match input.use_of(ident) {
        Use::Field(selector) if !field.is_empty() => match cx.expr(selector) {
            Expr::Selector { name, .. } if cx.source(name) == field => input.use_of(selector),
            _ => Use::Seen,
        },
        found => found,
    }
}

/// Whether a function literal is deferred where it stands.
fn is_deferred(cx: &Cx, closure: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(closure) else { return false };
    matches!(cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Defer(_)))
}

/// Watches a resource until it is released or somebody else has it.
struct Watching<'c, 'a> {
    cx: &'c Cx<'a>,
    release: &'c Release,
    func: Func,
    /// Whether this function itself releases it nowhere.
    alone: bool,
    /// The call that gets it and releases it on some path only.
    through: Option<ExprId>,
    /// Whether to go all ways, or to the first on which it is not released.
    all: bool,
    /// Whether only paths matter on which the function succeeds.
    successful: bool,
    /// Whether some path releases it.
    released: bool,
    /// Whether somebody else has it on some path.
    moved: bool,
    /// Whether some path leaves it as it is.
    leaked: bool,
    overwritten: bool,
}

impl<'c, 'a> Watching<'c, 'a> {
    fn new(cx: &'c Cx<'a>, release: &'c Release, func: Func) -> Watching<'c, 'a> {
        let (alone, through, all, successful, released, moved, leaked, overwritten) = Default::default();
        Watching { cx, release, func, alone, through, all, successful, released, moved, leaked, overwritten }
    }
}

impl Watch for Watching<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let before = self.released;
        let next = match op.kind {
            OpKind::Read => self.read(values, state, op.at),
            OpKind::Make => self.captured(values, state, op.at),
            _ => Next::Go,
        };
        self.moved |= next == Next::Stop && (before || !self.released);
        next
    }

    fn takes(&mut self, values: &mut Values<'_>, state: &State, ending: Ending, when: When) -> Next {
        if self.successful && self.cx.branch_fails(self.func, ending, when) {
            return Next::Stop;
        }
        let (Ending::If(cond), When::False, Some(ends)) = (ending, when, &self.release.ends) else { return Next::Go };
        match self.cx.method_call(cond) {
            Some((base, name, _)) if name == &**ends && Some(values.eval(base, state)) == state.subject => {
                self.released = true;
                Next::Stop
            }
            _ => Next::Go,
        }
    }

    fn lost(&mut self, _: Op) -> Next {
        self.overwritten = true;
        self.leaks()
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, at: Option<StmtId>) -> Next {
        if self.successful && !self.cx.succeeds(self.func, values, state, at) {
            return Next::Stop;
        }
        let Expr::FuncType { results, .. } = self.cx.expr(self.func.ty) else { return Next::Found };
        // A bare return gives the named results, and a deferred call sees them.
        let given = self.cx.params(results).into_iter().filter_map(|(name, _)| state.get(Root(name?)));
        let subject = self.containers(values, state);
        if given.into_iter().any(|val| subject.contains(&val)) {
            self.moved = true;
            return Next::Stop;
        }
        self.leaks()
    }
}

impl Watching<'_, '_> {
    fn leaks(&mut self) -> Next {
        self.leaked = true;
        if self.all { Next::Stop } else { Next::Found }
    }

    fn containers(&self, values: &Values<'_>, state: &State) -> Vec<Val> {
        let mut all: Vec<Val> = state.subject.into_iter().collect();
        while let Some(Symbol::Field(of, _)) = all.last().map(|&val| values.symbol(val)) {
            all.push(*of);
        }
        all
    }

    /// A variable is mentioned: what is done with the resource, if it holds it?
    fn read(&mut self, values: &mut Values<'_>, state: &State, ident: ExprId) -> Next {
        let held = self.containers(values, state);
        let mut expr = ident;
        loop {
            let val = values.eval(expr, state);
            if !held.contains(&val) {
                return Next::Go;
            }
            let itself = Some(val) == state.subject;
            match values.input.use_of(expr) {
                Use::Field(selector) => expr = selector,
                Use::Seen => return Next::Go,
                Use::Method { call, name } if itself => return self.method(call, name),
                Use::Method { call, .. } => return self.by_unknown(call),
                Use::Called(call) => return if itself { self.method(call, call) } else { Next::Stop },
                Use::Argument { call, index } => return self.argument(call, index, itself),
                Use::Assigned(target) => return self.assigned(target),
                Use::Returned(_) | Use::Kept | Use::Converted(_) => return Next::Stop,
            }
        }
    }

    fn method(&mut self, call: ExprId, name: ExprId) -> Next {
        let released = match self.cx.expr(name) {
            Expr::Call { .. } => self.release.is_call(),
            _ => self.release.is_method(self.cx.source(name)),
        };
        if released {
            self.released = true;
            return Next::Stop;
        }
        self.by_unknown(call)
    }

    /// A method that does not release what it is called on, if a library declares it.
    fn by_unknown(&self, call: ExprId) -> Next {
        let goes =
            matches!(self.cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(self.cx.stmt(stmt), Stmt::Go(_)));
        let library = self.cx.callee(call).is_some_and(|callee| !self.cx.is_own(&callee));
        if library && !goes { Next::Go } else { Next::Stop }
    }

    /// A library that takes something which can be released may release it; one that takes a reader does not.
    fn argument(&mut self, call: ExprId, index: usize, itself: bool) -> Next {
        let Expr::Call { fun, .. } = self.cx.expr(call) else { return Next::Stop };
        if self.cx.is_builtin(fun, "len") {
            return Next::Go;
        }
        if self.by_unknown(call) == Next::Stop {
            return self.given(call, index, itself);
        }
        let Type::Signature(signature) = self.cx.store.get(self.cx.ty(fun)) else { return Next::Stop };
        let last = signature.params.len().saturating_sub(1);
        let Some(&param) = signature.params.get(index.min(last)) else { return Next::Stop };
        let param = match self.cx.store.get(param) {
            Type::Slice(elem) if signature.variadic && index >= last => elem,
            _ => param,
        };
        let releases = |name: &&str| {
            let name = self.cx.store.symbol(name);
            !matches!(self.cx.store.lookup(param, PkgId::SELF, name), Lookup::NotFound)
        };
        let mut methods = self.release.methods.iter().map(|method| &**method);
        let called = self.release.is_call() && matches!(self.cx.store.under(param), Type::Signature(_));
        // What is kept for a later request is closed with it.
        const TAKES: &[&str] = &["net/http.NewRequest", "net/http.NewRequestWithContext"];
        let any = matches!(self.cx.store.under(param), Type::Interface(interface) if interface.methods.is_empty());
        let printed = self.cx.callee(call).is_some_and(|callee| ["fmt", "log", "log/slog"].contains(&callee.path));
        let takes = any && !printed || called || methods.any(|method| releases(&method)) || self.cx.calls(call, TAKES);
        if takes || self.cx.ty(fun).is_unknown() { Next::Stop } else { Next::Go }
    }

    /// A function of the package gets it: its body says what becomes of it.
    fn given(&mut self, call: ExprId, index: usize, itself: bool) -> Next {
        if matches!(self.cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(self.cx.stmt(stmt), Stmt::Go(_))) {
            return Next::Stop;
        }
        let field = if itself { "".into() } else { self.release.field.clone() };
        let release = Release { field, ..self.release.clone() };
        match self.cx.ask(call, What::Given(index, release)) {
            Some(Answer::Given(Given::Borrows)) => Next::Go,
            // Who releases it elsewhere may know when the function did not.
            Some(Answer::Given(Given::Sometimes)) if self.alone => {
                self.through = Some(call);
                Next::Go
            }
            Some(Answer::Given(Given::Releases)) => {
                self.released = true;
                Next::Stop
            }
            _ => Next::Stop,
        }
    }

    fn assigned(&self, target: ExprId) -> Next {
        let Def::Local(declared) = self.cx.def(target) else {
            return if self.cx.source(target) == "_" || self.only_uses(target) { Next::Go } else { Next::Stop };
        };
        let inside =
            self.cx.span(self.func.body).contains(self.cx.span(declared)) || self.cx.is_result(self.func, declared);
        let alone = self.cx.shared().closures(Root(declared)).next().is_none();
        if inside && alone { Next::Go } else { Next::Stop }
    }

    /// Whether what is assigned to is a field of something that uses it, and leaves it to its owner to release it (`os/exec`, Cmd).
    fn only_uses(&self, target: ExprId) -> bool {
        matches!(self.cx.expr(target), Expr::Selector { base, .. } if self.cx.has_type(base, &["os/exec.Cmd"]))
    }

    /// A closure is made: does it have the resource?
    fn captured(&mut self, values: &Values<'_>, state: &State, closure: ExprId) -> Next {
        let held = self.containers(values, state);
        let mut holders = held.iter().flat_map(|&val| state.holders(val));
        if holders.any(|root| self.cx.shared().mentions(closure, root)) { Next::Stop } else { Next::Go }
    }
}
