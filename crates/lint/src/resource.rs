//! Things that a call gives and that must be released on every path: files, rows, transactions, bodies, cancel functions.
//!
//! Which calls give one is a fact (`must-close`), and how a type of them is released is another (`releases`, in
//! `crates/api/facts`); a type without one is released by its `Close` or `Stop`. A resource is followed from the call on, along the
//! paths on which it succeeded. A path is settled where the resource is released, or where its release is deferred, and where
//! somebody else has it: it is returned, stored, sent, captured by a closure, or given to a function that may release it.

use std::collections::HashSet;

use gopeer_flow::{Ending, Found, Next, Op, OpKind, Root, State, Symbol, Use, Val, Values, Watch, When};
use gopeer_sema::CallFacts;
use gopeer_sema::types::{Lookup, PkgId, Type, TypeId};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, Decl, Expr, ExprId, Node, Stmt, StmtId};

use crate::{Call, Cx, Followed, Func, Report};

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
    /// The field of the result that is released, as `Body` of a response; empty for the result itself.
    pub field: &'a str,
    /// The methods that release it; `()` if it is called itself.
    pub methods: Vec<&'a str>,
    /// The method that has released it once it answers `false`.
    pub ends: Option<&'a str>,
}

/// That a resource is not released on some path.
pub struct Leak {
    /// The variable that holds it; none where the call's result is thrown away.
    pub variable: Option<ExprId>,
    /// Whether no path releases it.
    pub never: bool,
    /// Whether it is lost because something else is assigned to its variable.
    pub overwritten: bool,
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
        let edit = self.variable.zip(self.defer_after).map(|(variable, stmt)| {
            let release = resource.release(cx.source(variable));
            let end = cx.span(stmt).end;
            (Span::new(end, end), format!("\n{}defer {release}", cx.indent(stmt)), release)
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
            return match resource.methods == ["()"] {
                true => format!("the function that `{}` returns is thrown away", cx.source(resource.call.fun)),
                false => format!("what `{}` returns is never {done}", cx.source(resource.call.fun)),
            };
        };
        let name = cx.source(variable);
        let named = match resource.field {
            "" => format!("`{name}`"),
            field => format!("`{name}.{field}`"),
        };
        let around = match cx.enclosing_func(resource.call.expr).map(|func| func.node) {
            Some(Node::Decl(decl)) => cx.func_name(decl).map_or("this function".into(), |name| format!("`{name}`")),
            _ => "this function".to_owned(),
        };
        match (self.never, self.overwritten) {
            (true, _) => format!("{named} is never {done}"),
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
            "Flush" => "flushed".to_owned(),
            "Close" | "Release" => format!("{}d", method.to_lowercase()),
            "CloseAndRecv" => "closed".to_owned(),
            _ => format!("{}ed", method.to_lowercase()),
        };
        match self.methods[..] {
            ["Commit", "Rollback"] => "committed or rolled back".to_owned(),
            _ => self.methods.first().map_or("released".to_owned(), |method| past(method)),
        }
    }

    /// The call that releases it on every path.
    fn release(&self, variable: &str) -> String {
        let last = self.methods.iter().find(|&&method| method == "Rollback").or(self.methods.first());
        match (self.field, last.copied().unwrap_or("Close")) {
            (_, "()") if self.call.callee.name.ends_with("Cause") => format!("{variable}(nil)"),
            (_, "()") => format!("{variable}()"),
            ("", method) => format!("{variable}.{method}()"),
            (field, method) => format!("{variable}.{field}.{method}()"),
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
        if !self.known(&call.callee)?.facts.has(CallFacts::MUST_CLOSE) {
            return None;
        }
        let known = results.iter().enumerate().find_map(|(at, &ty)| Some((at, ty, self.release_of(ty)?)));
        let Some((result, ty, text)) = known else {
            let (result, ty, method) =
                results.iter().enumerate().find_map(|(at, &ty)| Some((at, ty, self.closing_method(ty)?)))?;
            return Some(Resource { call, kind: "closer", result, ty, field: "", methods: vec![method], ends: None });
        };
        let (kind, how) = text.split_once(": ")?;
        let (how, ends) = how.split_once("; until ").map_or((how, None), |(how, ends)| (how, Some(ends)));
        let (field, how) = how.split_once('.').unwrap_or(("", how));
        Some(Resource { call, kind, result, ty, field, methods: how.split(", ").collect(), ends })
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
        let func = self.enclosing_func(resource.call.expr)?;
        if self.ends_with_process(func) {
            return None;
        }
        let thrown = Leak { variable: None, never: true, overwritten: false, steps: Vec::new(), defer_after: None };
        match self.where_kept(resource)? {
            Kept::Nowhere => Some(thrown),
            Kept::In(stmt, variable) => self.followed_leak(resource, func, stmt, variable),
        }
    }

    fn ends_with_process(&self, func: Func) -> bool {
        let Node::Decl(decl) = func.node else { return false };
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

    fn followed_leak(&self, resource: &Resource<'a>, func: Func, stmt: StmtId, variable: ExprId) -> Option<Leak> {
        let gopeer_sema::Def::Local(declared) = self.def(variable) else { return None };
        // Closures made before may release what is assigned now; of a variable from outside, the function around.
        let early = |closure: ExprId| self.span(closure).start < self.span(variable).start;
        if !self.span(func.body).contains(self.span(declared)) && !self.is_result(func, declared)
            || self.shared().closures(Root(declared)).any(early)
        {
            return None;
        }
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_write(variable)?);
        let call = resource.call.expr;
        let given = start.values.made(call, resource.result);
        start.state.set(Root(declared), given);
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
        let subject = match resource.field {
            "" => given,
            field => start.values.intern(Symbol::Field(given, field.into())),
        };
        if subject != given && !start.assume(subject, Val::NIL, false) {
            return None;
        }
        start.state.subject = Some(subject);
        let mut watch = Release { cx: self, resource, func, released: false, overwritten: false };
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let (released, overwritten) = (watch.released, watch.overwritten);
        let releases = self.releases(resource, declared);
        let never = !released && releases.is_empty();
        let steps = self.leak_steps(&followed, &found, &releases, variable, never);
        let defer_after = self.enclosing_loop(stmt).is_none().then(|| self.behind_check(stmt)).flatten();
        Some(Leak { variable: Some(variable), never, overwritten, steps, defer_after })
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
        if let gopeer_sema::Def::Local(declared) = self.def(target) {
            state.set(Root(declared), val);
        }
    }

    /// The mentions of a variable that release what it holds, on whatever path.
    fn releases(&self, resource: &Resource<'_>, declared: ExprId) -> HashSet<ExprId> {
        let releases = |ident: &ExprId| match uses_of(self, *ident, resource.field) {
            Use::Method { name, .. } => resource.methods.contains(&self.source(name)),
            Use::Called(_) => resource.methods == ["()"],
            _ => false,
        };
        self.names.uses(declared).take(256).filter(releases).collect()
    }

    fn leak_steps(
        &self,
        followed: &Followed,
        found: &Found,
        releases: &HashSet<ExprId>,
        variable: ExprId,
        never: bool,
    ) -> Vec<(Span, String)> {
        let name = self.source(variable);
        let mut steps = vec![(self.span(variable), format!("`{name}` is acquired here"))];
        let met = |op: &Op| releases.contains(&op.at);
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

/// Watches a resource until it is released or somebody else has it.
struct Release<'c, 'a> {
    cx: &'c Cx<'a>,
    resource: &'c Resource<'a>,
    func: Func,
    /// Whether one was settled by a release.
    released: bool,
    overwritten: bool,
}

impl Watch for Release<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        match op.kind {
            OpKind::Read => self.read(values, state, op.at),
            OpKind::Make => self.captured(values, state, op.at),
            _ => Next::Go,
        }
    }

    fn takes(&mut self, values: &mut Values<'_>, state: &State, ending: Ending, when: When) -> Next {
        let (Ending::If(cond), When::False, Some(ends)) = (ending, when, self.resource.ends) else { return Next::Go };
        match self.cx.method_call(cond) {
            Some((base, name, _)) if name == ends && Some(values.eval(base, state)) == state.subject => Next::Stop,
            _ => Next::Go,
        }
    }

    fn lost(&mut self, _: Op) -> Next {
        self.overwritten = true;
        Next::Found
    }

    fn leaves(&mut self, values: &mut Values<'_>, state: &mut State, _: Option<StmtId>) -> Next {
        let Expr::FuncType { results, .. } = self.cx.expr(self.func.ty) else { return Next::Found };
        // A bare return gives the named results, and a deferred call sees them.
        let given = self.cx.params(results).into_iter().filter_map(|(name, _)| state.get(Root(name?)));
        let subject = self.containers(values, state);
        if given.into_iter().any(|val| subject.contains(&val)) { Next::Stop } else { Next::Found }
    }
}

impl Release<'_, '_> {
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
                Use::Argument { call, index } => return self.argument(call, index),
                Use::Assigned(target) => return self.assigned(target),
                Use::Returned(_) | Use::Kept | Use::Converted(_) => return Next::Stop,
            }
        }
    }

    fn method(&mut self, call: ExprId, name: ExprId) -> Next {
        let released = match self.cx.expr(name) {
            Expr::Call { .. } => self.resource.methods == ["()"],
            _ => self.resource.methods.contains(&self.cx.source(name)),
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
    fn argument(&self, call: ExprId, index: usize) -> Next {
        let Expr::Call { fun, .. } = self.cx.expr(call) else { return Next::Stop };
        if self.cx.is_builtin(fun, "len") {
            return Next::Go;
        }
        if self.by_unknown(call) == Next::Stop {
            return Next::Stop;
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
        // What is kept for a later request is closed with it.
        const TAKES: &[&str] = &["net/http.NewRequest", "net/http.NewRequestWithContext"];
        let any = matches!(self.cx.store.under(param), Type::Interface(interface) if interface.methods.is_empty());
        let printed = self.cx.callee(call).is_some_and(|callee| ["fmt", "log", "log/slog"].contains(&callee.path));
        let takes = any && !printed || self.resource.methods.iter().any(releases) || self.cx.calls(call, TAKES);
        if takes || self.cx.ty(fun).is_unknown() { Next::Stop } else { Next::Go }
    }

    fn assigned(&self, target: ExprId) -> Next {
        let gopeer_sema::Def::Local(declared) = self.cx.def(target) else {
            return if self.cx.source(target) == "_" { Next::Go } else { Next::Stop };
        };
        let inside =
            self.cx.span(self.func.body).contains(self.cx.span(declared)) || self.cx.is_result(self.func, declared);
        let alone = self.cx.shared().closures(Root(declared)).next().is_none();
        if inside && alone { Next::Go } else { Next::Stop }
    }

    /// A closure is made: does it have the resource?
    fn captured(&mut self, values: &Values<'_>, state: &State, closure: ExprId) -> Next {
        let held = self.containers(values, state);
        let mut holders = held.iter().flat_map(|&val| state.holders(val));
        if holders.any(|root| self.cx.shared().mentions(closure, root)) { Next::Stop } else { Next::Go }
    }
}
