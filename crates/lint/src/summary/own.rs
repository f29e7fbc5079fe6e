//! What a rule may ask about functions of the package, and how a body answers it. What is asked of locks, channels and what is shared
//! is with these.

use gopeer_flow::{Calls, End, Ending, Origin};
use gopeer_sema::Def;
use gopeer_syntax::ast::{BinaryOp, Decl, DeclId, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use super::{Answer, Deed, Find, FuncName, What, func_name};
use crate::{Cx, words};

/// Questions about functions of the package.
impl Cx<'_> {
    /// How a call ends what is running, by what is known of libraries or by the body of what it calls.
    pub(crate) fn ends_by_body(&self, call: ExprId) -> Option<End> {
        match self.ask(call, What::Ends)? {
            Answer::Ends(end) => end,
            _ => None,
        }
    }

    /// Whether a call of a function of this package can give nil as its n-th result without an error.
    pub fn may_give_nil(&self, call: ExprId, result: usize) -> bool {
        let gives = |given| self.ask(call, What::Nil(result, given)) == Some(Answer::Is(true));
        let Expr::Call { args, .. } = self.expr(self.unparen(call)) else { return false };
        let mut given = self.exprs(args).iter().enumerate().filter(|&(_, &arg)| self.is_something(arg));
        gives(None) && given.all(|(index, _)| gives(Some(index)))
    }

    /// Whether a value is certainly not nil: an error that is made there, or a variable that was tested on every path.
    pub(crate) fn is_something(&self, value: ExprId) -> bool {
        let value = self.unparen(value);
        if matches!(self.expr(value), Expr::Call { .. }) {
            return Calls::never_nil(self, value);
        }
        let Def::Local(declared) = self.def(value) else { return false };
        let Some(followed) = self.enclosing_func(value).and_then(|func| self.followed(func.node)) else { return false };
        let origins = followed.at_read(value).and_then(|at| self.origins(&followed, at, declared));
        origins.is_some_and(|origins| origins.iter().all(|origin| matches!(origin, Origin::NotNil(_))))
    }

    /// Whether a function returns a literal nil as this result, and no error, somewhere, or what another one returns; not where the
    /// parameter of the index `given` is nil.
    pub(super) fn returns_nil(&self, func: DeclId, result: usize, given: Option<usize>) -> bool {
        let Some(followed) = self.followed(func) else { return false };
        let given = given.and_then(|index| self.param_at(self.as_func(func.into())?, index));
        let lacks = |stmt| {
            let origins = given.and_then(|given| self.origins(&followed, followed.at_return(stmt)?, given));
            origins.is_some_and(|origins| origins.iter().all(|origin| matches!(origin, Origin::Nil(_))))
        };
        let is_nil = |expr: ExprId| self.is_builtin(expr, "nil");
        followed.body.blocks().any(|(_, block)| {
            let Ending::Return(Some(stmt)) = block.ending else { return false };
            let Stmt::Return(results) = self.stmt(stmt) else { return false };
            match *self.exprs(results) {
                _ if self.answers_nothing(stmt) || lacks(stmt) => false,
                [call] if matches!(self.expr(self.unparen(call)), Expr::Call { .. }) => self.may_give_nil(call, result),
                ref results => {
                    let error = results.last().filter(|_| results.len() > result + 1);
                    results.get(result).is_some_and(|&value| is_nil(value)) && error.is_none_or(|&error| is_nil(error))
                }
            }
        })
    }

    /// Whether a call of a function of this package gives a value as its n-th result even if it fails.
    pub fn gives_beside_error(&self, call: ExprId, result: usize) -> bool {
        self.ask(call, What::Beside(result)) == Some(Answer::Is(true))
    }

    /// Whether each `return` of a function gives a literal or an address as this result, or a variable that began as one and gets
    /// nothing else.
    pub(super) fn makes_on_all_ways(&self, func: DeclId, result: usize) -> bool {
        let Some(func) = self.as_func(Node::Decl(func)) else { return false };
        let makes = |value: ExprId| {
            let made = self.unparen(self.initial_value(value).unwrap_or(value));
            let is_literal = match self.expr(made) {
                Expr::Unary { op, .. } => op == UnaryOp::Addr,
                Expr::Composite { .. } => true,
                _ => false,
            };
            is_literal && (self.expr(value) != Expr::Ident || !self.is_reassigned(value))
        };
        let mut returns = self.returned(func.body).peekable();
        returns.peek().is_some() && returns.all(|results| results.get(result).is_some_and(|&value| makes(value)))
    }

    /// Whether a `return` stands in an `if`, or a `case`, that asks whether something given is nil or empty: for nothing, nothing is
    /// returned.
    fn answers_nothing(&self, stmt: StmtId) -> bool {
        let above = |node: Option<Node>| match node {
            Some(Node::Stmt(stmt)) => Some(self.stmt(stmt)),
            _ => None,
        };
        let mut around = self.tree.ancestors(stmt);
        let asked = match (above(around.next()), above(around.next())) {
            (Some(Stmt::CaseClause { exprs, .. }), _) => self.exprs(exprs).to_vec(),
            (_, Some(Stmt::If { cond, .. })) => vec![cond],
            _ => return false,
        };
        asked.into_iter().any(|cond| self.asks_for_nothing(cond))
    }

    fn asks_for_nothing(&self, cond: ExprId) -> bool {
        self.any(cond, false, |node| match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::Binary { op: BinaryOp::Equal, lhs, rhs } => {
                    (self.is_builtin(rhs, "nil") || self.source(rhs) == "0") && self.is_given_here(lhs)
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether some function of the package calls one of these functions or methods, written as in [`crate::Object::is`]. None where
    /// the functions of the package are not at hand.
    pub fn package_calls(&self, full: &'static [&'static str]) -> Option<bool> {
        self.any_function(&What::Calls(full))
    }

    /// Whether an expression is a parameter, a receiver, a field of one, or its length.
    fn is_given_here(&self, mut expr: ExprId) -> bool {
        loop {
            expr = match self.expr(self.unparen(expr)) {
                Expr::Selector { base, .. } => base,
                Expr::Call { fun, args, .. } if self.is_builtin(fun, "len") => match self.only(args) {
                    Some(of) => of,
                    None => return false,
                },
                _ => break,
            }
        }
        self.is_parameter(expr)
    }

    /// Whether what a call calls is a function of the package that calls this method on a variable or field of a name.
    pub fn callee_calls_on(&self, call: ExprId, method: &str, of: &str) -> bool {
        let what = What::CallsOn { method: method.into(), of: of.into(), never: None };
        self.ask(call, what) == Some(Answer::Is(true))
    }

    /// Whether what a call calls is a function of the package that defers a call of this method on the parameter of this index, and
    /// does nothing else with it.
    pub fn callee_defers_on(&self, call: ExprId, method: &'static str, param: usize) -> bool {
        self.ask(call, What::DefersOn(method, param)) == Some(Answer::Is(true))
    }

    /// Whether what a call calls is a function of the package that logs each error which it returns.
    pub fn reports_errors(&self, call: ExprId) -> bool {
        self.ask(call, What::Reports) == Some(Answer::Is(true))
    }

    /// Whether the statement before each `return` of an error gives it to a function that logs, by its name.
    pub(super) fn logs_what_it_returns(&self, decl: DeclId) -> bool {
        const LOGS: &[&str] = &["log", "logf", "logger", "logging", "error", "errorf", "warn", "warnf", "warning"];
        let Some(func) = self.as_func(Node::Decl(decl)) else { return false };
        let is_return: crate::Wanted =
            |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Return(_)));
        let mut logged = 0;
        let all = self.within(func.body, false, is_return).iter().all(|&node| {
            let Node::Stmt(stmt) = node else { return false };
            let Stmt::Return(results) = self.stmt(stmt) else { return false };
            let Some(&last) = self.exprs(results).last() else { return false };
            if self.is_builtin(last, "nil") {
                return true;
            }
            logged += 1;
            let Def::Local(declared) = self.def(self.unparen(last)) else { return false };
            let Some(Stmt::Expr(call)) = self.stmt_before(stmt).map(|before| self.stmt(before)) else { return false };
            let logs = words(self.callee_text(call)).iter().any(|word| LOGS.contains(&word.as_str()));
            logs && self.mentions(call, declared)
        });
        all && logged > 0
    }

    /// What a call puts back into a pool, so that the caller must not use it any more: the argument of `sync.Pool.Put`, or what it
    /// gives to a function of the package that does so.
    pub fn put_back(&self, call: ExprId) -> Option<ExprId> {
        const PUTS: &[&str] =
            &["sync.Pool.Put", "github.com/valyala/bytebufferpool.Put", "github.com/valyala/bytebufferpool.Pool.Put"];
        const VERBS: &[&str] = &["free", "give", "put", "recycle", "release", "return"];
        let found = self.call(call)?;
        if found.callee.is(PUTS) {
            return found.args.first().copied();
        }
        let says = || words(found.callee.name).iter().any(|word| VERBS.contains(&word.as_str()));
        if !self.is_own(&found.callee) || !says() || self.package_calls(PUTS) != Some(true) {
            return None;
        }
        let puts = |of: Option<usize>| self.ask(call, What::Puts(of)) == Some(Answer::Is(true));
        let given = found.args.iter().take(4).enumerate().find(|(at, _)| puts(Some(*at))).map(|(_, &arg)| arg);
        given.or_else(|| found.receiver.filter(|_| puts(None)))
    }

    pub(super) fn puts(&self, decl: DeclId, param: Option<usize>) -> bool {
        let Decl::Func { recv, .. } = self.decl(decl) else { return false };
        let Some(func) = self.as_func(Node::Decl(decl)) else { return false };
        let declared = match param {
            Some(index) => self.param_at(func, index),
            None => self.params(recv).first().and_then(|(name, _)| *name),
        };
        let Some(declared) = declared else { return false };
        let is_put = |node: &Node| match *node {
            Node::Expr(call) => {
                self.put_back(call).is_some_and(|put| self.def(self.unparen(put)) == Def::Local(declared))
            }
            _ => false,
        };
        let calls = self.calls_within(func.body, false);
        // What is counted or kept under a condition is not put back by each call.
        let conditions = self.within(func.body, false, |cx, node| {
            matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. } | Stmt::Switch { .. } | Stmt::For { .. } | Stmt::Select { .. }))
        });
        calls.iter().take(64).any(is_put) && conditions.iter().all(|&node| self.asks_for_size(node))
    }

    /// Whether a statement is an `if` that asks for the size of something, or whether it is nil.
    fn asks_for_size(&self, node: Node) -> bool {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { cond, .. } = self.stmt(stmt) else { return false };
        self.find_expr(cond, false, |id| {
            self.expr(id) == Expr::Ident && matches!(self.source(id), "cap" | "len" | "Cap" | "Len" | "nil")
        })
        .is_some()
    }

    /// Whether a function defers a call of this method on the parameter of this index, and does nothing else with it.
    pub(super) fn defers_on(&self, func: DeclId, method: &str, param: usize) -> bool {
        let Some(func) = self.as_func(Node::Decl(func)) else { return false };
        let Some(declared) = self.param_at(func, param) else { return false };
        let calls = |call: ExprId| {
            self.method_call(call).is_some_and(|(base, called, _)| {
                called == method && self.def(self.unparen(base)) == Def::Local(declared)
            })
        };
        let mut uses = self.names.uses(declared).filter(|&used| used != declared);
        let defers = |&stmt: &StmtId| matches!(self.stmt(stmt), Stmt::Defer(call) if calls(call));
        uses.next().is_some() && uses.next().is_none() && self.list_of(Node::Stmt(func.body)).iter().any(defers)
    }

    /// Whether some function of the package waits with `sync.Cond.Wait` in a loop that asks for a variable or field of this
    /// name. None where the functions of the package are not at hand.
    pub fn package_waits_for(&self, name: &str) -> Option<bool> {
        self.any_function(&What::WaitsFor(name.into()))
    }

    pub(super) fn asks_and_waits(&self, func: DeclId, name: &str) -> bool {
        let is_wait = |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if cx.calls(call, &["sync.Cond.Wait"]));
        self.within(func, true, is_wait).iter().any(|&wait| {
            let looping = self.enclosing_loop(wait).map(|looping| self.stmt(looping));
            let Some(Stmt::For { cond, body, .. }) = looping else { return false };
            let names = |cond: ExprId| {
                self.find_expr(cond, false, |id| self.expr(id) == Expr::Ident && self.source(id) == name).is_some()
            };
            // The loop asks by its condition, or by one of those inside.
            cond.is_some_and(names)
                || self
                    .list_of(Node::Stmt(body))
                    .iter()
                    .any(|&stmt| matches!(self.stmt(stmt), Stmt::If { cond, .. } if names(cond)))
        })
    }

    /// Whether what a call calls is a function of the package that uses a channel, or calls a method `Done`: of a context or wait group.
    pub fn callee_communicates(&self, call: ExprId) -> bool {
        self.ask(call, What::Communicates) == Some(Answer::Is(true))
    }

    pub(super) fn communicates(&self, func: DeclId) -> bool {
        self.any(func, true, |node| match node {
            Node::Stmt(id) => matches!(self.stmt(id), Stmt::Send { .. } | Stmt::Select { .. }),
            Node::Expr(id) => match self.expr(id) {
                Expr::Unary { op: UnaryOp::Recv, .. } => true,
                Expr::Call { fun, .. } => self.is_builtin(fun, "close") || self.callee_word(id) == "Done",
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether what a call calls is a function of the package that receives from a channel that a variable or field of this name holds.
    pub fn callee_receives_from(&self, call: ExprId, name: &str) -> bool {
        self.ask(call, What::ReceivesFrom(name.into())) == Some(Answer::Is(true))
    }

    pub(super) fn receives_from(&self, func: DeclId, name: &str) -> bool {
        self.any(func, true, |node| match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::Unary { op: UnaryOp::Recv, operand } => {
                    self.source(crate::objects::name_of(self.tree, operand)) == name
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether an expression names a function of the package that calls this method on a variable or field of a name.
    pub fn named_calls_on(&self, func: ExprId, method: &str, of: &str) -> bool {
        let what = What::CallsOn { method: method.into(), of: of.into(), never: None };
        self.object(func)
            .and_then(|object| self.own_function(object))
            .is_some_and(|of| self.ask_function(of, what) == Some(Answer::Is(true)))
    }

    /// Whether some function of the package starts this one in a goroutine. None where the functions of the package are not at hand.
    pub fn is_started(&self, func: DeclId) -> Option<bool> {
        self.is_done_to(Deed::Starts, func)
    }

    fn is_done_to(&self, deed: Deed, func: DeclId) -> Option<bool> {
        self.doer(deed, &func_name(self.tree, func)?).map(|who| who.is_some())
    }

    /// A function of the package that does this to the one of that name. None where the functions of the package are not at hand.
    pub(crate) fn doer(&self, deed: Deed, to: &FuncName) -> Option<Option<FuncName>> {
        match self.ask_all(What::Doer(deed, to.clone()))? {
            Answer::Who(who) => Some(who),
            _ => None,
        }
    }

    /// A function of the package that continues after a panic of another one, which it calls, or is.
    pub fn who_recovers_from(&self, func: DeclId) -> Option<FuncName> {
        match self.ask_all(What::RecoversFrom(func_name(self.tree, func)?))? {
            Answer::Who(name) => name,
            _ => None,
        }
    }

    pub(super) fn recovers_from(&self, func: DeclId, target: &FuncName) -> bool {
        // Most functions never mention it.
        if !self.source(func).contains("recover()") {
            return false;
        }
        let recovers = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.is_builtin(id, "recover"));
        let deferred = |node: &Node| matches!(*node, Node::Expr(id) if self.enclosing_defer(id).is_some());
        let calls = || self.calls_within(func, false);
        let is_target = |&node: &Node| self.is_call_of(node, target);
        self.within(func, true, recovers).iter().any(deferred)
            && (func_name(self.tree, func).as_ref() == Some(target) || calls().iter().any(is_target))
    }

    /// Whether a function of the package leads to a call of another one, without a goroutine in between.
    pub(crate) fn function_leads_to(&self, from: FuncName, target: &FuncName) -> bool {
        self.ask_function(from, What::LeadsTo(target.clone())) == Some(Answer::Is(true))
    }

    pub(super) fn leads_to(&self, func: DeclId, target: &FuncName) -> bool {
        const MOST: usize = 64;
        let Some(body) = self.as_func(Node::Decl(func)) else { return false };
        let calls = self.calls_within(body.body, false);
        let callee = |node: &Node| match *node {
            Node::Expr(call) if self.spawn_by(call).is_none() => self.own_function(self.callee(call)?),
            _ => None,
        };
        let callees: Vec<FuncName> = calls.iter().filter_map(callee).take(MOST).collect();
        // What it calls itself says most.
        callees.contains(target) || callees.into_iter().any(|callee| self.function_leads_to(callee, target))
    }

    /// The functions of the package that a function starts in goroutines.
    pub(super) fn starts(&self, func: DeclId) -> Vec<FuncName> {
        self.spawns_in(func).filter_map(|spawn| self.own_function(self.object(spawn.runs)?)).collect()
    }

    /// Whether a call leads to a function of the package, or is one of it.
    pub fn comes_back_to(&self, call: ExprId, decl: DeclId) -> bool {
        let (Some(target), Some(callee)) = (func_name(self.tree, decl), self.callee(call)) else { return false };
        self.own_function(callee).is_some_and(|callee| callee == target || self.function_leads_to(callee, &target))
    }

    /// Whether all functions of the package that wait for a `WaitGroup` of this name have received a message before, and there are some.
    pub fn is_waited_for_after_answer(&self, group: &str) -> bool {
        let waits = |answered| self.any_function(&What::WaitsForGroup(group.into(), answered)) == Some(true);
        waits(true) && !waits(false)
    }

    pub(super) fn waits_for_group(&self, func: DeclId, group: &str, answered: bool) -> bool {
        let receives = |id: ExprId| match self.expr(id) {
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            Expr::Call { .. } => {
                matches!(self.ask(id, What::Finds(Find(first_receive), 0)), Some(Answer::At(Some(_))))
            }
            _ => false,
        };
        let is_of_group = |of: ExprId| self.source(crate::objects::name_of(self.tree, of)) == group;
        let is_wait = |cx: &Cx, node: Node| matches!(node, Node::Expr(id) if cx.calls(id, &["sync.WaitGroup.Wait"]));
        let waits = self.within(func, false, is_wait);
        let starts = waits.iter().filter_map(|&node| match node {
            Node::Expr(wait) if is_of_group(self.method_call(wait)?.0) => Some(self.span(wait).start),
            _ => None,
        });
        let starts: Vec<u32> = starts.collect();
        let Some(&last) = starts.last() else { return false };
        // The first answer that is there tells of each wait whether it comes behind one.
        let mut first = None;
        self.any(func, false, |node| {
            if let Node::Expr(id) = node {
                let end = self.span(id).end;
                if end <= last && first.is_none_or(|first| end < first) && receives(id) {
                    first = Some(end);
                }
            }
            false
        });
        starts.into_iter().any(|start| first.is_some_and(|first| first <= start) == answered)
    }

    /// Whether some function of the package starts this one in a goroutine, or has one call it.
    pub fn is_run_beside(&self, func: DeclId) -> bool {
        self.is_done_to(Deed::Runs, func) == Some(true)
    }

    pub(super) fn runs(&self, func: DeclId) -> Vec<FuncName> {
        self.spawns_in(func).flat_map(|spawn| self.run_by(&spawn)).collect()
    }

    /// The functions of the package that a goroutine runs, or calls.
    fn run_by(&self, spawn: &crate::Spawn<'_>) -> Vec<FuncName> {
        match self.as_func(Node::Expr(spawn.runs)) {
            Some(literal) => self.calls_of_package(literal.body, false).map(|(_, called)| called).collect(),
            None => self.object(spawn.runs).and_then(|object| self.own_function(object)).into_iter().collect(),
        }
    }

    /// Whether some function of the package starts this one in goroutines, one in each iteration of a loop.
    pub fn is_started_often(&self, func: DeclId) -> bool {
        self.is_done_to(Deed::StartsMany, func) == Some(true)
    }

    pub(super) fn starts_many(&self, func: DeclId) -> Vec<FuncName> {
        let many = self.spawns_in(func).filter(|spawn| self.enclosing_loop(spawn.call).is_some());
        many.flat_map(|spawn| self.run_by(&spawn)).collect()
    }

    /// Whether some function of the package calls this one in a loop.
    pub fn is_called_in_loop(&self, func: DeclId) -> Option<bool> {
        self.is_done_to(Deed::CallsInLoop, func)
    }

    pub(super) fn calls_in_loop(&self, func: DeclId) -> Vec<FuncName> {
        // The loops of tests and benchmarks say nothing of how it is used.
        if self.file.is_test() {
            return Vec::new();
        }
        let in_loop = |(call, called): (ExprId, FuncName)| self.enclosing_loop(call).map(|_| called);
        self.calls_of_package(func, true).filter_map(in_loop).collect()
    }

    /// The calls of functions of the package in a body, with what they call.
    fn calls_of_package(
        &self,
        body: impl Into<Node>,
        enter_literals: bool,
    ) -> impl Iterator<Item = (ExprId, FuncName)> {
        let calls = self.calls_within(body, enter_literals);
        let own = |node: &Node| match *node {
            Node::Expr(call) => Some((call, self.own_function(self.callee(call)?)?)),
            _ => None,
        };
        calls.iter().filter_map(own).collect::<Vec<_>>().into_iter()
    }

    /// Whether a node is a call of this function of the package.
    pub(crate) fn is_call_of(&self, node: Node, function: &FuncName) -> bool {
        let Node::Expr(call) = node else { return false };
        self.callee(call).and_then(|callee| self.own_function(callee)).as_ref() == Some(function)
    }

    /// Whether the text of some function of the package holds one of these. None where the functions of the package are not at hand.
    pub fn package_mentions(&self, texts: &'static [&'static str]) -> Option<bool> {
        self.any_function(&What::Mentions(texts))
    }

    /// Whether some function of the package calls `method` on a variable or field of a name, and never the method
    /// `never`, unless that is empty. None where the functions of the package are not at hand.
    pub fn package_calls_on(&self, method: &str, of: &str, never: &str) -> Option<bool> {
        let never = (!never.is_empty()).then(|| never.into());
        self.any_function(&What::CallsOn { method: method.into(), of: of.into(), never })
    }

    /// A function of the package that can leave a channel behind which this one makes for it.
    pub(crate) fn who_abandons(&self, maker: FuncName) -> Option<FuncName> {
        match self.ask_all(What::Abandons(maker))? {
            Answer::Who(name) => name,
            _ => None,
        }
    }

    /// A function of the package that calls a method on the same value in a `defer`, and once more.
    pub fn who_calls_twice(&self, method: DeclId) -> Option<FuncName> {
        self.doer(Deed::CallsTwice, &func_name(self.tree, method)?)?
    }

    /// Whether a function calls a method on a variable or field of this name, or on any if that is empty.
    pub fn calls_on(&self, func: DeclId, method: &str, of: &str) -> bool {
        self.any(func, true, |node| match node {
            Node::Expr(call) => self.method_call(call).is_some_and(|(base, called, _)| {
                called == method && (of.is_empty() || self.source(crate::objects::name_of(self.tree, base)) == of)
            }),
            _ => false,
        })
    }

    /// How a function ends that never returns.
    pub(super) fn ending(&self, func: DeclId) -> Option<End> {
        let followed = self.followed(func)?;
        let mut end = Some(End::Unwind);
        for (_, block) in followed.body.blocks() {
            match block.ending {
                Ending::Return(_) => return None,
                // Whatever waits or runs forever runs no deferred calls either.
                Ending::Stop(_) => end = Some(End::Exit),
                _ => {}
            }
        }
        let unwinds = followed.body.blocks().any(|(_, block)| matches!(block.ending, Ending::Unwind(_)));
        if unwinds && self.recovers(func) {
            return None;
        }
        if unwinds { end } else { Some(End::Exit) }
    }

    /// Whether a function may continue after a panic: it recovers, or defers a call of a function that may.
    fn recovers(&self, func: DeclId) -> bool {
        let may_recover = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => cx.is_builtin(id, "recover"),
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::Defer(call) => cx.callee(call).is_some_and(|callee| cx.is_own(&callee)),
                _ => false,
            },
            _ => false,
        };
        !self.within(func, true, may_recover).is_empty()
    }

    /// The calls of a function that are statements, and may end what is running as far as their types go: they give no result.
    pub(crate) fn may_not_return(&self, node: Node) -> Vec<ExprId> {
        let is_call = |cx: &Cx, node: Node| match node {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::Expr(call) => matches!(cx.expr(cx.unparen(call)), Expr::Call { .. }),
                _ => false,
            },
            _ => false,
        };
        // From its body: function literals inside are left out, but not the one that is asked about.
        let root = match node {
            Node::Expr(id) => match self.expr(id) {
                Expr::FuncLit { body, .. } => Node::Stmt(body),
                _ => node,
            },
            _ => node,
        };
        let stmts = self.within(root, false, is_call);
        let call = |node: &Node| match node {
            Node::Stmt(id) => match self.stmt(*id) {
                Stmt::Expr(call) => Some(self.unparen(call)),
                _ => None,
            },
            _ => None,
        };
        let gives_nothing = |call: &ExprId| self.ty(*call) == gopeer_sema::types::TypeId::VOID;
        stmts.iter().filter_map(call).filter(gives_nothing).collect()
    }
}

/// The first receive of a function.
fn first_receive(cx: &Cx<'_>, func: DeclId, _: usize) -> Option<ExprId> {
    cx.find_expr(func, false, |id| matches!(cx.expr(id), Expr::Unary { op: UnaryOp::Recv, .. }))
}
