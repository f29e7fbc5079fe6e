//! Following a resource in the function that acquires it.

use std::collections::HashSet;
use std::rc::Rc;

use gopeer_flow::{BlockId, Ending, Found, Op, OpKind, Root, State, Symbol, Use, Val};
use gopeer_sema::Def;
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::watch::{Asks, Seen, Watching};
use super::{Leak, Release, Resource};
use crate::summary::{Answer, Given, What};
use crate::{Cx, Followed, Func, Start};

impl<'a> Cx<'a> {
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
        match self.where_kept(resource)? {
            Kept::Nowhere => resource.sure.then(|| Leak { never: true, ..Leak::default() }),
            Kept::In(stmt, variable) => self
                .followed_leak(resource, func, (stmt, variable), successful)
                .filter(|leak| !self.is_told_of_other_branch(leak, (resource, func, variable), successful)),
        }
    }

    /// Whether the variable gets another resource in an earlier branch of the same statement, which is lost in the same way: one report
    /// says it of both.
    fn is_told_of_other_branch(
        &self,
        leak: &Leak,
        (resource, func, variable): (&Resource<'a>, Func, ExprId),
        successful: bool,
    ) -> bool {
        const MOST: usize = 32;
        let Def::Local(declared) = self.def(variable) else { return false };
        let start = self.span(variable).start;
        let apart = |other: &ExprId| {
            let both = |&node: &Node| self.span(node).contains(self.span(*other));
            matches!(self.tree.ancestors(variable).find(both), Some(Node::Stmt(stmt))
                if matches!(self.stmt(stmt), Stmt::If { .. } | Stmt::Switch { .. } | Stmt::TypeSwitch { .. }))
        };
        let is_lost_alike = |other: ExprId| {
            let stmt = self.enclosing_stmt(other)?;
            let Stmt::Assign { rhs, .. } = self.stmt(stmt) else { return None };
            let also = self.acquired(self.only(rhs)?).filter(|also| also.release == resource.release)?;
            let lost = self.followed_leak(&also, func, (stmt, other), successful)?;
            Some(lost.steps.last() == leak.steps.last() && lost.never == leak.never)
        };
        let earlier = self.names.uses(declared).take(MOST).filter(|&used| self.span(used).start < start);
        earlier.filter(|&used| self.is_target(used) && apart(&used)).any(|used| is_lost_alike(used) == Some(true))
    }

    /// The variable that gets what a call acquires.
    pub fn holder(&self, resource: &Resource<'_>) -> Option<ExprId> {
        match self.where_kept(resource)? {
            Kept::In(_, variable) => Some(variable),
            Kept::Nowhere => None,
        }
    }

    /// Whether the process ends when a function returns, as with `main`.
    pub fn ends_with_process(&self, func: Func) -> bool {
        let Node::Decl(decl) = func.node else { return false };
        // The command line tools of github.com/hashicorp/cli return what the process ends with.
        let code = matches!(self.store.get(self.ty(func.ty)), Type::Signature(signature)
            if *signature.results == [TypeId::from(Basic::Int)] && signature.params.len() == 1);
        if code && self.func_name(decl) == Some("Run") {
            return true;
        }
        matches!(self.func_name(decl), Some("main" | "init")) && !self.is_method(decl)
    }

    /// Where the result of the call goes; none where somebody else gets it at once.
    fn where_kept(&self, resource: &Resource<'_>) -> Option<Kept> {
        let call = resource.call.expr;
        let Node::Stmt(stmt) = self.around(call, |_, node| matches!(node, Node::Stmt(_)))? else { return None };
        if matches!(self.stmt(stmt), Stmt::Expr(expr) if self.unparen(expr) == call) {
            return Some(Kept::Nowhere);
        }
        let (targets, values, at) = self.assignment_of(call)?;
        let at = if values.len() == 1 { resource.result } else { at };
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
        let taken_at_word = || {
            self.says_new(&resource.call)
                && self.releases(resource, declared).iter().any(releases_here)
                && !self.holds_nothing(resource.ty)
        };
        if !resource.sure && !taken_at_word() {
            return None;
        }
        let (followed, mut start) = self.begin(resource, func, (stmt, variable))?;
        let releases = self.releases(resource, declared);
        let asks = Asks { alone: releases.is_empty(), successful, ..Asks::default() };
        let mut watch = Watching::new(self, &resource.release, func, asks);
        let Some(found) = self.follow(&followed, &mut start, &mut watch) else {
            let given = watch.seen.moved && !watch.seen.released && !successful;
            return given.then(|| self.leak_in_goroutine(resource, func, variable)).flatten();
        };
        let Seen { released, overwritten, through, idle, .. } = watch.seen;
        let tried =
            found.path.edges.iter().any(|&(block, edge)| watch.has_failed(followed.body.ending(block), edge.when));
        // What is released where one thing fails has to be released where another one does.
        let fails = self.ends_in_error(&found);
        if !resource.sure && !fails {
            return None;
        }
        let settles = self.settles(resource, declared);
        let never = !released && settles.is_empty() && through.is_none();
        let mut steps = self.leak_steps(&followed, &found, &settles, (variable, resource), never);
        let through =
            through.map(|call| (call, format!("`{}` leaves it as it is on some path", self.callee_text(call))));
        let left = idle.map(|closure| (closure, "this deferred function leaves it as it is on this path".to_owned()));
        for (at, text) in through.into_iter().chain(left) {
            steps.insert(steps.len().saturating_sub(1), (self.span(at), text));
        }
        // Who gets it on another path would get it released.
        let handed_on = settles.len() > releases.len();
        let deferred: Vec<Node> = releases.iter().filter_map(|&release| self.enclosing_defer(release)).collect();
        let moved = match deferred[..] {
            [Node::Stmt(defer)] if self.span(defer).start > self.span(stmt).start => {
                Some(defer).filter(|&defer| self.tree.parent(defer) == self.tree.parent(stmt))
            }
            _ => None,
        };
        let can_defer = !handed_on
            && (deferred.is_empty() || moved.is_some())
            && idle.is_none()
            && self.enclosing_loop(stmt).is_none();
        let defer_after = can_defer.then(|| self.behind_check(stmt, variable)).flatten();
        let used = successful && self.is_used_before(&followed, &found, declared, &settles);
        Some(Leak {
            variable: Some(variable),
            never,
            overwritten,
            fails,
            tried,
            used,
            steps,
            defer_after,
            moved,
            goes: false,
        })
    }

    /// The path on which the goroutine that alone has a resource does not release it.
    fn leak_in_goroutine(&self, resource: &Resource<'a>, func: Func, variable: ExprId) -> Option<Leak> {
        let Def::Local(declared) = self.def(variable) else { return None };
        if !resource.sure || resource.release.is_call() {
            return None;
        }
        let mut closures = self.shared().closures(Root(declared));
        let (Some(closure), None) = (closures.next(), closures.next()) else { return None };
        let Node::Expr(call) = self.tree.parent(closure)? else { return None };
        let Node::Stmt(go) = self.tree.parent(call)? else { return None };
        let only_asked = |used: ExprId| {
            let inside = self.span(closure).contains(self.span(used));
            let before = self.span(used).end < self.span(go).start;
            inside
                || before
                    && !self.is_release(used, &resource.release)
                    && matches!(uses_of(self, used, ""), Use::Seen | Use::Method { .. } | Use::Field(_))
        };
        let mut uses = self.names.uses(declared).filter(|&used| used != declared && used != variable);
        if !matches!(self.stmt(go), Stmt::Go(_)) || self.is_reassigned(declared) || !uses.all(only_asked) {
            return None;
        }
        let inside = self
            .as_func(closure.into())
            .filter(|_| self.enclosing_func(go).is_some_and(|around| around.node == func.node))?;
        let followed = self.followed(closure)?;
        let mut start = self.start(&followed, followed.entry());
        let given = start.values.intern(Symbol::Initial(Root(declared)));
        start.state.set(Root(declared), given);
        start.assume(given, Val::NIL, false).then_some(())?;
        self.subject(&mut start, given, &resource.release)?;
        let mut watch = Watching::new(self, &resource.release, inside, Asks::default());
        let found = self.follow(&followed, &mut start, &mut watch)?;
        let releases = self.releases(resource, declared);
        let never = !watch.seen.released && releases.is_empty();
        let (name, met) = (self.source(variable), |op: &Op| releases.contains(&op.at));
        let mut steps = vec![(self.span(variable), format!("`{name}` is obtained here"))];
        steps.push((self.keyword(go), format!("only this goroutine has `{name}` from here on")));
        let named = resource.named(self, variable);
        let ends = format!("the goroutine ends here, and {named} has not been {}", resource.done());
        steps.extend(self.steps(&followed, &found.path, met, ends));
        Some(Leak { variable: Some(variable), never, steps, goes: true, ..Leak::default() })
    }

    /// Where a variable has got a resource, on the paths on which the call succeeded.
    pub(super) fn begin(
        &self,
        resource: &Resource<'_>,
        func: Func,
        (stmt, variable): (StmtId, ExprId),
    ) -> Option<(Rc<Followed>, Start<'_>)> {
        let Def::Local(declared) = self.def(variable) else { return None };
        let followed = self.followed(func.node)?;
        let mut start = self.start(&followed, followed.after_write(variable)?);
        let call = resource.call.expr;
        start.state.steady = true;
        let given = start.values.made(call, resource.result);
        start.hold(Root(declared), given)?;
        let results = self.results(call)?;
        // What the call gave is there if it succeeded: its error is nil, or its last result is `true`.
        let success = match results[..] {
            [.., TypeId::ERROR] => Some(Val::NIL),
            [_, .., last] if last == TypeId::from(Basic::Bool) => Some(Val::TRUE),
            _ => None,
        };
        if let Some(success) = success {
            let last = start.values.made(call, results.len() - 1);
            if let Some(target) = self.target_of(stmt, results.len() - 1) {
                self.hold(&mut start.state, target, last);
            }
            if !start.assume(last, success, true) {
                return None;
            }
        }
        if !start.assume(given, Val::NIL, false) {
            return None;
        }
        self.subject(&mut start, given, &resource.release)?;
        Some((followed, start))
    }

    pub(super) fn is_in_defer(&self, ident: ExprId) -> bool {
        self.enclosing_stmt(ident).is_some_and(|stmt| matches!(self.stmt(stmt), Stmt::Defer(_)))
    }

    /// Whether a path ends where an error is returned.
    fn ends_in_error(&self, found: &Found) -> bool {
        let Ending::Return(Some(stmt)) = found.path.ending else { return false };
        let Stmt::Return(results) = self.stmt(stmt) else { return false };
        let last = self.exprs(results).last().copied();
        last.is_some_and(|last| self.ty(last) == TypeId::ERROR && !self.is_builtin(last, "nil"))
    }

    /// Makes what is released of a value the subject.
    pub(super) fn subject(&self, start: &mut Start<'_>, of: Val, release: &Release) -> Option<()> {
        let subject = match &*release.field {
            "" => of,
            field => start.values.intern(Symbol::Field(of, field.into())),
        };
        start.state.subject = Some(subject);
        (subject == of || start.assume(subject, Val::NIL, false)).then_some(())
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
    pub(super) fn releases(&self, resource: &Resource<'_>, declared: ExprId) -> HashSet<ExprId> {
        let releases = |&ident: &ExprId| self.is_release(ident, &resource.release);
        self.names.uses(declared).take(256).filter(releases).collect()
    }

    /// Whether a mention of a variable releases what it holds.
    pub(super) fn is_release(&self, ident: ExprId, release: &Release) -> bool {
        match uses_of(self, ident, &release.field) {
            Use::Method { name, .. } => release.is_method(self.source(name)),
            Use::Called(_) => release.is_call(),
            _ => false,
        }
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
        let hands_on = |ident: ExprId| match uses_of(self, ident, &resource.release.field) {
            _ if self.enclosing_func(ident).map(|func| func.node) != func => true,
            Use::Returned(_) | Use::Kept | Use::Converted(_) => true,
            Use::Assigned(target) => !matches!(self.def(target), Def::Local(_)) && self.source(target) != "_",
            Use::Argument { call, index } => own(call) && !borrows(call, index),
            Use::Method { .. } | Use::Called(_) | Use::Field(_) | Use::Seen => false,
        };
        // Another variable has it from there on.
        let is_moved = |ident: ExprId| match uses_of(self, ident, &resource.release.field) {
            Use::Assigned(target) => match self.def(target) {
                Def::Local(other) if other != declared => {
                    let mut uses = self.names.uses(other).take(256);
                    uses.any(|used| hands_on(used) || self.is_release(used, &resource.release))
                }
                _ => false,
            },
            _ => false,
        };
        settles.extend(self.names.uses(declared).take(256).filter(|&ident| hands_on(ident) || is_moved(ident)));
        settles
    }

    fn leak_steps(
        &self,
        followed: &Followed,
        found: &Found,
        settles: &HashSet<ExprId>,
        (variable, resource): (ExprId, &Resource<'_>),
        never: bool,
    ) -> Vec<(Span, String)> {
        let name = self.source(variable);
        let mut steps = vec![(self.span(variable), format!("`{name}` is obtained here"))];
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
                let named = resource.named(self, variable);
                let leaves = format!("the function returns here, and {named} has not been {}", resource.done());
                steps.extend(self.steps(followed, &found.path, met, leaves));
            }
        }
        steps
    }

    /// The statement behind which a deferred call releases it: the check of what came with it, or of itself, if that follows.
    fn behind_check(&self, stmt: StmtId, variable: ExprId) -> Option<StmtId> {
        self.place_in_list(stmt)?;
        let Stmt::Assign { lhs, .. } = self.stmt(stmt) else { return None };
        let &last = self.exprs(lhs).last()?;
        let checks = |next: &StmtId| {
            matches!(self.stmt(*next), Stmt::If { init: None, cond, then, els: None }
            if self.leaves(then) && self.fails_with(cond, last, variable))
        };
        let tells = [TypeId::ERROR, TypeId::from(Basic::Bool)].contains(&self.ty(last));
        match self.next_stmt(stmt).filter(checks) {
            None if tells || self.source(last) == "_" || self.is_compared_with_nil(variable) => None,
            next => Some(next.unwrap_or(stmt)),
        }
    }

    /// Whether a condition is true wherever something was not given: the error that came with it is not nil, or it is nil itself.
    fn fails_with(&self, cond: ExprId, beside: ExprId, variable: ExprId) -> bool {
        let is = |asked: ExprId, of: ExprId| {
            self.def(self.unparen(asked)) == self.def(of) && matches!(self.def(of), Def::Local(_))
        };
        match self.expr(self.unparen(cond)) {
            Expr::Binary { op: BinaryOp::LogicalOr, lhs, rhs } => {
                self.fails_with(lhs, beside, variable) || self.fails_with(rhs, beside, variable)
            }
            Expr::Unary { op: UnaryOp::Not, operand } => is(operand, beside),
            _ => self.nil_test(cond).is_some_and(|(asked, is_nil)| is(asked, if is_nil { variable } else { beside })),
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
