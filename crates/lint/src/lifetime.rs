//! How long a goroutine lives: whether it can end, and whether it is meant to live as long as the process.

use gopeer_flow::{BlockId, Body, Edge, Ending, When};
use gopeer_sema::Def;
use gopeer_sema::types::{PkgId, Type, TypeId};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, Node, Stmt, StmtId};

use crate::summary::{Answer, What};
use crate::{Cx, Spawn, words};

/// A goroutine that cannot end.
pub struct Endless {
    /// The loop that has no way out, where it is in the same declaration.
    pub looping: Option<StmtId>,
    /// The context that would end it, and never ends itself.
    pub context: Option<ExprId>,
}

/// Words in the names of methods that end what a value has started.
const STOPS: &[&str] = &[
    "cancel",
    "close",
    "destroy",
    "dispose",
    "end",
    "exit",
    "finish",
    "halt",
    "kill",
    "quit",
    "release",
    "shutdown",
    "stop",
    "teardown",
    "terminate",
    "unsubscribe",
];

impl<'a> Cx<'a> {
    /// That a goroutine runs a loop without a way out: no `return`, `break` or panic, and no call that ends the process.
    pub fn endless(&self, spawn: &Spawn) -> Option<Endless> {
        match self.as_func(Node::Expr(spawn.runs)) {
            Some(func) => {
                let looping = self.loop_without_end(func.body);
                self.is_endless(func.node, None).then_some(Endless { looping, context: None })
            }
            None if self.asks_endless(spawn.call) => Some(Endless { looping: None, context: None }),
            None => {
                let context = self.lasting_context(spawn)?;
                Some(Endless { looping: None, context: Some(context) })
            }
        }
    }

    fn asks_endless(&self, call: ExprId) -> bool {
        self.ask(call, What::Endless) == Some(Answer::Is(true))
    }

    /// The context that a goroutine is given and waits for the end of, if that never ends: `go s.loop(context.Background())`.
    fn lasting_context(&self, spawn: &Spawn) -> Option<ExprId> {
        let lasts = |arg: ExprId| self.calls(arg, &["context.Background", "context.TODO"]);
        let (at, &arg) = spawn.args.iter().enumerate().find(|(_, arg)| lasts(**arg))?;
        (self.ask(spawn.call, What::EndlessUnder(at)) == Some(Answer::Is(true))).then_some(arg)
    }

    /// Whether a function never comes back because of a loop, as long as the context does not end that it is given as this parameter.
    pub(crate) fn is_endless_under(&self, decl: DeclId, index: usize) -> bool {
        let param = self.as_func(Node::Decl(decl)).and_then(|func| self.param_at(func, index));
        // `ctx, cancel := context.WithTimeout(ctx, limit)` gives the parameter another context.
        let param = param.filter(|&param| !self.is_reassigned(param));
        param.is_some_and(|param| self.is_endless(Node::Decl(decl), Some(param)))
    }

    /// Whether a function never comes back because of a loop; `lasting` is a context that does not end.
    pub(crate) fn is_endless(&self, function: Node, lasting: Option<ExprId>) -> bool {
        let Some(func) = self.as_func(function) else { return false };
        let mut loops = self.loop_without_end(func.body).is_some();
        let Some(followed) = self.followed(function) else { return false };
        let reached = self.reached_while_ticking(&followed.body, lasting);
        for (_, block) in followed.body.blocks().filter(|(id, _)| reached[id.index()]) {
            match block.ending {
                Ending::Return(_) | Ending::Unwind(_) => return false,
                Ending::Stop(call) => {
                    if !self.asks_endless(call) {
                        return false;
                    }
                    loops = true;
                }
                _ => {}
            }
        }
        loops
    }

    /// The blocks of a body that are reached while the loops over tickers go on, and a context does not end.
    fn reached_while_ticking(&self, body: &Body, lasting: Option<ExprId>) -> Vec<bool> {
        let mut reached = vec![false; body.blocks().len()];
        let mut open = vec![BlockId::ENTRY];
        while let Some(block) = open.pop() {
            if std::mem::replace(&mut reached[block.index()], true) {
                continue;
            }
            let ticks = matches!(body.ending(block), Ending::Range(stmt) if self.ranges_over_ticks(stmt));
            let goes = |edge: &&Edge| {
                (!ticks || edge.when != When::Done)
                    && !lasting.is_some_and(|context| self.is_end_of(context, body.ending(block), edge.when))
            };
            open.extend(body.edges(block).iter().filter(goes).map(|edge| edge.to));
        }
        reached
    }

    /// Whether a branch is taken only when a context has ended: `case <-ctx.Done()`.
    fn is_end_of(&self, context: ExprId, ending: Ending, when: When) -> bool {
        let (Ending::Select(select), When::Clause(at)) = (ending, when) else { return false };
        let Stmt::Select { clauses } = self.stmt(select) else { return false };
        let Some(&clause) = self.stmts(clauses).get(at as usize) else { return false };
        let Stmt::CommClause { comm: Some(comm), .. } = self.stmt(clause) else { return false };
        let is_done = |id: ExprId| {
            let of = self.method_call(id).filter(|(_, name, _)| *name == "Done");
            of.is_some_and(|(of, ..)| self.def(self.unparen(of)) == Def::Local(context))
        };
        self.find_expr(comm, false, is_done).is_some()
    }

    /// Whether a loop receives from a ticker, whose channel nobody closes, not even `Stop`.
    fn ranges_over_ticks(&self, stmt: StmtId) -> bool {
        let Stmt::Range { subject, .. } = self.stmt(stmt) else { return false };
        match self.expr(self.unparen(subject)) {
            Expr::Selector { base, name } => self.source(name) == "C" && self.has_type(base, &["time.Ticker"]),
            Expr::Call { .. } => self.calls(subject, &["time.Tick"]),
            _ => false,
        }
    }

    /// The first loop of a body that has no condition.
    fn loop_without_end(&self, body: StmtId) -> Option<StmtId> {
        let endless = |cx: &Cx, node: Node| match node {
            Node::Stmt(id) => matches!(cx.stmt(id), Stmt::For { cond: None, .. }) || cx.ranges_over_ticks(id),
            _ => false,
        };
        match self.within(body, false, endless).first() {
            Some(&Node::Stmt(id)) => Some(id),
            _ => None,
        }
    }

    /// Whether a node runs once in the life of the process: in `main` or `init`, in what a command runs, in what is done once, or where
    /// a variable of the package gets its value.
    pub fn runs_for_life(&self, node: impl Into<Node>) -> bool {
        let node = node.into();
        let once = |cx: &Cx, node: Node| match node {
            Node::Expr(id) => matches!(cx.expr(id), Expr::Call { .. }) && cx.runs_once(id),
            _ => false,
        };
        let Some(decl) = self.enclosing_decl(node) else { return true };
        let func = self.as_func(Node::Decl(decl));
        self.file.is_main() || func.is_none_or(|func| self.ends_with_process(func)) || self.around(node, once).is_some()
    }

    /// The type of the package that a function makes: that of its first result.
    pub fn made_by(&self, decl: DeclId) -> Option<TypeId> {
        let func = self.as_func(Node::Decl(decl))?;
        let (_, first) = *self.results_of(func).first()?;
        let ty = self.deref(self.ty(first));
        matches!(self.store.get(ty), Type::Named(named, _) if self.store.named(named).pkg == PkgId::SELF).then_some(ty)
    }

    /// The type of the receiver of a method.
    pub fn receiver_of(&self, decl: DeclId) -> Option<TypeId> {
        let Decl::Func { recv, .. } = self.decl(decl) else { return None };
        let (_, ty) = *self.params(recv).first()?;
        let ty = self.deref(self.ty(ty));
        matches!(self.store.get(ty), Type::Named(..)).then_some(ty)
    }

    /// The method of a type that ends what its value has started: `Close`.
    pub fn stopping_method(&self, ty: TypeId) -> Option<&'a str> {
        const EXACT: &[&str] = &["Close", "Stop", "Shutdown", "GracefulStop", "close", "stop", "shutdown"];
        let declared = self.methods_of(ty).find(|name| EXACT.contains(name));
        declared.or_else(|| EXACT.iter().copied().find(|name| self.has_methods(ty, &[name])))
    }

    /// The method of a type that gives its value back: `Release`, `Unsubscribe`.
    pub fn releasing_method(&self, ty: TypeId) -> Option<&'a str> {
        const NAMES: &[&str] = &["Cancel", "Destroy", "Dispose", "Quit", "Release", "Terminate", "Unsubscribe"];
        self.methods_of(ty).find(|name| NAMES.contains(name))
    }

    /// Whether a type may have a method that ends what its value has started: one whose name says so.
    pub fn may_be_stopped(&self, ty: TypeId) -> bool {
        let says = |name: &str| words(name).iter().any(|word| STOPS.contains(&word.as_str()));
        self.methods_of(ty).any(says) || self.stopping_method(ty).is_some()
    }

    fn methods_of(&self, ty: TypeId) -> impl Iterator<Item = &'a str> {
        let methods = match self.store.get(ty) {
            Type::Named(named, _) => Some(self.store.named(named).methods),
            _ => None,
        };
        methods
            .into_iter()
            .flat_map(|methods| methods.iter().map(|method| self.store.text(method.name)).collect::<Vec<_>>())
    }

    /// What a message calls a goroutine: the function that it runs, or "this goroutine" if that is a literal.
    pub fn goroutine_in_words(&self, spawn: &Spawn) -> String {
        match self.as_func(Node::Expr(spawn.runs)) {
            Some(_) => "this goroutine".to_owned(),
            None => format!("`{}`", self.callee_text(spawn.call)),
        }
    }

    /// Where a goroutine is started: `go` and what runs, without its body and arguments.
    pub fn start_of(&self, spawn: &Spawn) -> Span {
        match (spawn.at, self.expr(spawn.call)) {
            (Node::Stmt(stmt), Expr::Call { fun, .. }) => {
                let end = match self.as_func(Node::Expr(self.unparen(fun))) {
                    Some(func) => self.span(func.ty).end,
                    None => self.span(fun).end,
                };
                Span::new(self.span(stmt).start, end)
            }
            (_, Expr::Call { fun, .. }) => self.span(fun),
            (at, _) => self.span(at),
        }
    }
}
