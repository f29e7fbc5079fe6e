//! Wait groups: who counts in them, and who is done.

use gopeer_lint::prelude::*;
use gopeer_lint::{Ending, Next, Op, OpKind, Spawn, State, Values, Watch, When};

/// A goroutine that calls `Done`.
pub(super) struct Worker<'a> {
    /// What runs.
    pub func: Func,
    /// How it is started, if that shows where it is written.
    pub spawn: Option<Spawn<'a>>,
}

/// The goroutine that a call of `Done` belongs to, if it did not make the wait group itself.
pub(super) fn worker_of<'a>(cx: &Cx<'a>, done: ExprId, group: ExprId) -> Option<Worker<'a>> {
    let mut func = cx.enclosing_func(done)?;
    while let Node::Expr(literal) = func.node
        && let Some(Node::Expr(call)) = cx.tree.parent(literal)
        && cx.is_deferred(call)
    {
        func = cx.enclosing_func(call)?;
    }
    let declared = match cx.def(root(cx, group)) {
        Def::Local(declared) => Some(declared),
        _ => None,
    };
    if declared.is_some_and(|declared| cx.span(func.body).contains(cx.span(declared))) {
        return None;
    }
    match func.node {
        Node::Expr(literal) => Some(Worker { func, spawn: Some(cx.spawn_of(literal)?) }),
        Node::Decl(decl) => {
            let given = cx.expr(group) == Expr::Ident && declared.is_some();
            (given || cx.is_run_beside(decl)).then_some(Worker { func, spawn: None })
        }
        _ => None,
    }
}

/// What a wait group belongs to: `s` of `s.wg`.
fn root(cx: &Cx, group: ExprId) -> ExprId {
    let mut root = cx.unparen(group);
    while let Expr::Selector { base, .. } | Expr::Star(base) = cx.expr(root) {
        root = cx.unparen(base);
    }
    root
}

/// The name of a wait group, or of a semaphore: `wg` of `s.wg`.
pub(super) fn group_name<'a>(cx: &Cx<'a>, group: ExprId) -> &'a str {
    match cx.expr(cx.unparen(group)) {
        Expr::Selector { name, .. } => cx.source(name),
        _ => cx.source(group),
    }
}

const METHODS: &[&str] = &["sync.WaitGroup.Add", "sync.WaitGroup.Done", "sync.WaitGroup.Go", "sync.WaitGroup.Wait"];

impl<'c, 'a> Missing<'c, 'a> {
    /// A path to the end of the body.
    pub(super) fn to_end(cx: &'c Cx<'a>, group: ExprId) -> Missing<'c, 'a> {
        Missing { cx, group, until_wait: false, deferred: false, items: None }
    }
}

/// The calls of a method of a wait group in a body, without those in its function literals, in source order.
pub(super) fn calls_on(cx: &Cx, body: StmtId, group: ExprId, method: &str) -> Vec<ExprId> {
    let nodes = cx.within(body, false, |cx, node| matches!(node, Node::Expr(call) if cx.calls(call, METHODS)));
    const MOST: usize = 128;
    let calls = nodes.iter().take(MOST).filter_map(|&node| if let Node::Expr(call) = node { Some(call) } else { None });
    calls.filter(|&call| is_on(cx, call, group, method)).collect()
}

/// Whether a call calls this method of a wait group.
pub(super) fn is_on(cx: &Cx, call: ExprId, group: ExprId, method: &str) -> bool {
    let on = |(of, called, _)| called == method && cx.same_text(of, group);
    cx.method_call(call).is_some_and(on) && cx.calls(call, METHODS)
}

/// Looks for a path on which `Done` is not called, to the end of the body or to `Wait`.
pub(super) struct Missing<'c, 'a> {
    pub cx: &'c Cx<'a>,
    pub group: ExprId,
    /// Whether the path that is looked for ends with `Wait`.
    pub until_wait: bool,
    /// Whether `Wait` is deferred, so that it ends where the function is left.
    pub deferred: bool,
    /// The channel that a loop takes items from, if the path ends with the next one.
    pub items: Option<ExprId>,
}

impl Watch for Missing<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, _: &mut State, op: Op) -> Next {
        let cx = self.cx;
        let may_be_done = match op.kind {
            OpKind::Call if self.until_wait && is_on(cx, op.at, self.group, "Wait") => return Next::Found,
            OpKind::Recv if self.items == Some(op.at) => return Next::Found,
            // It may come back to the loop, and be done then.
            OpKind::Send => self.items.is_some(),
            OpKind::Call | OpKind::Defer => self.may_be_done(op.at),
            OpKind::Go => self.until_wait || self.may_be_done(op.at),
            OpKind::Make => self.mentions(op.at),
            _ => false,
        };
        if may_be_done { Next::Stop } else { Next::Go }
    }

    fn takes(&mut self, _: &mut Values<'_>, _: &State, ending: Ending, when: When) -> Next {
        match (ending, when) {
            // That no case fits is nothing that somebody wrote, and a ticker's channel is never closed.
            (_, When::NoClause) => Next::Stop,
            (Ending::Range(stmt), When::Done) if ranges_over_ticks(self.cx, stmt) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        if self.until_wait && !self.deferred { Next::Stop } else { Next::Found }
    }
}

impl Missing<'_, '_> {
    /// Whether a call calls `Done`, or calls what may do so.
    fn may_be_done(&self, call: ExprId) -> bool {
        let cx = self.cx;
        let Expr::Call { fun, args, .. } = cx.expr(cx.unparen(call)) else { return false };
        let is_group = |arg: &ExprId| {
            let arg = match cx.expr(cx.unparen(*arg)) {
                Expr::Unary { op: UnaryOp::Addr, operand } => operand,
                _ => *arg,
            };
            cx.same_text(arg, self.group)
        };
        // `finish()`, where `finish := func() { …; wg.Done() }`.
        let literal = cx.initial_value(fun).filter(|&value| matches!(cx.expr(value), Expr::FuncLit { .. }));
        is_on(cx, call, self.group, "Done")
            // It runs once more, and may be done then.
            || cx.calls(call, &["time.Timer.Reset", "time.AfterFunc"])
            || self.until_wait
                && is_on(cx, call, self.group, "Add")
                && cx.exprs(args).iter().any(|&by| cx.int_value(by).is_none_or(|by| by < 0))
            || cx.exprs(args).iter().any(|arg| is_group(arg) || cx.named_calls_on(*arg, "Done", group_name(cx, self.group)))
            || literal.is_some_and(|literal| self.mentions(literal))
            || cx.callee_calls_on(call, "Done", group_name(cx, self.group))
    }

    fn mentions(&self, closure: ExprId) -> bool {
        self.cx.find_expr(closure, true, |id| self.cx.same_text(id, self.group)).is_some()
    }
}

/// Whether a `range` goes over the channel of a ticker.
fn ranges_over_ticks(cx: &Cx, stmt: StmtId) -> bool {
    let Stmt::Range { subject, .. } = cx.stmt(stmt) else { return false };
    matches!(cx.under(subject), Type::Chan { elem, .. } if cx.type_is(elem, &["time.Time"]))
}

/// Whether all that happens to a wait group is that its methods are called here, and in goroutines that are started after a call
/// of `Add`, in the same loop.
pub(super) fn is_plain(cx: &Cx, add: ExprId, group: ExprId, looping: Option<StmtId>, func: Func) -> bool {
    let goes: Vec<Spawn> = cx.spawns_in(func.body).filter(|spawn| matches!(spawn.at, Node::Stmt(_))).take(64).collect();
    let started = |used: ExprId| {
        let span = cx.span(used);
        goes.iter().find(|spawn| cx.span(spawn.at).contains(span) || cx.span(spawn.runs).contains(span))
    };
    let mut any = false;
    let plain = uses(cx, group).all(|used| match started(used) {
        Some(spawn) => {
            any = true;
            cx.span(spawn.at).start > cx.span(add).start && cx.enclosing_loop(spawn.at) == looping
        }
        None => cx.called_on(used).is_some() && cx.enclosing_func(used) == Some(func),
    });
    any && plain
}

/// What a function adds to a wait group of its own, and how many goroutines are done.
pub(super) struct Count {
    /// What all calls of `Add` say together.
    pub added: i64,
    /// How many call `Done`; none if a loop of unknown length starts them.
    pub done: Option<i64>,
}

/// Counts, where the statements of one block do all the counting. None where that is not clear.
pub(super) fn count(cx: &Cx, add: Call, group: ExprId) -> Option<Count> {
    let func = own(cx, add.expr, group)?;
    let list = cx.siblings(cx.enclosing_stmt(add.expr)?);
    let mut count = Count { added: 0, done: Some(0) };
    for call in calls_on(cx, func.body, group, "Add") {
        let stmt = cx.enclosing_stmt(call)?;
        let (_, _, &[delta]) = cx.method_call(call)? else { return None };
        cx.tree.place(list, stmt)?;
        count.added += cx.int_value(delta).filter(|&delta| delta > 0)?;
    }
    if !calls_on(cx, func.body, group, "Done").is_empty() || !calls_on(cx, func.body, group, "Go").is_empty() {
        return None;
    }
    let mut accounted = 0;
    for spawn in cx.spawns_in(func.body) {
        let Node::Stmt(go) = spawn.at else { continue };
        let uses = uses_inside(cx, go, group);
        if uses == 0 {
            continue;
        }
        accounted += uses;
        let done = done_by(cx, &spawn, group)?;
        let turns = match cx.tree.place(list, go) {
            Some(_) => Some(1),
            None => turns(cx, go, list)?,
        };
        if done > 0 {
            count.done = count.done.zip(turns).map(|(sum, turns)| sum + turns);
        }
    }
    // Whatever else has the group may count, too.
    let direct = ["Add", "Wait"].iter().map(|method| calls_on(cx, func.body, group, method).len()).sum::<usize>();
    (uses(cx, group).count() == accounted + direct).then_some(count)
}

/// The function of which a wait group is a local, if it is the one around a call.
pub(super) fn own(cx: &Cx, call: ExprId, group: ExprId) -> Option<Func> {
    let func = cx.func_of_local(group)?;
    (cx.expr(cx.unparen(group)) == Expr::Ident && cx.enclosing_func(call) == Some(func)).then_some(func)
}

/// The uses of a group that is a local, without its declaration.
pub(super) fn uses<'a>(cx: &Cx<'a>, group: ExprId) -> impl Iterator<Item = ExprId> + 'a {
    const MOST: usize = 64;
    let declared = match cx.def(cx.unparen(group)) {
        Def::Local(declared) => Some(declared),
        _ => None,
    };
    let names = cx.names;
    declared.into_iter().flat_map(|declared| names.uses(declared).filter(move |&used| used != declared)).take(MOST)
}

fn uses_inside(cx: &Cx, node: StmtId, group: ExprId) -> usize {
    let span = cx.span(node);
    uses(cx, group).filter(|&used| span.contains(cx.span(used))).count()
}

/// How often a goroutine calls `Done`: once, or never if it only waits. None if that depends.
fn done_by(cx: &Cx, spawn: &Spawn, group: ExprId) -> Option<i64> {
    let Some(func) = cx.as_func(Node::Expr(spawn.runs)) else { return done_by_callee(cx, spawn, group) };
    let dones = calls_on(cx, func.body, group, "Done");
    let waits = calls_on(cx, func.body, group, "Wait").len();
    let stmt = match spawn.at {
        Node::Stmt(stmt) => stmt,
        _ => return None,
    };
    if uses_inside(cx, stmt, group) != dones.len() + waits {
        return None;
    }
    match dones[..] {
        [] => Some(0),
        [done] if cx.is_deferred(done) || is_last(cx, func, done) => Some(1),
        _ => None,
    }
}

/// Whether a call is the last statement of a body that no path leaves before.
fn is_last(cx: &Cx, func: Func, call: ExprId) -> bool {
    let last = cx.list_of(Node::Stmt(func.body)).last().copied();
    last.is_some() && last == cx.enclosing_stmt(call) && cx.returned(func.body).next().is_none()
}

/// `go work(&wg)`, where `work` defers `Done`.
fn done_by_callee(cx: &Cx, spawn: &Spawn, group: ExprId) -> Option<i64> {
    let given = |arg: &ExprId| match cx.expr(cx.unparen(*arg)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => cx.same_text(operand, group),
        _ => false,
    };
    let at = spawn.args.iter().position(given)?;
    cx.callee_defers_on(spawn.call, "Done", at).then_some(1)
}

/// How many iterations the loop takes whose body a `go` statement stands in, and which stands in a list itself; none inside if that is not
/// known.
fn turns(cx: &Cx, go: StmtId, list: &[StmtId]) -> Option<Option<i64>> {
    let looping = cx.enclosing_loop(go)?;
    cx.tree.place(list, looping)?;
    let body = match cx.stmt(looping) {
        Stmt::For { body, .. } | Stmt::Range { body, .. } => body,
        _ => return None,
    };
    cx.tree.place(cx.list_of(Node::Stmt(body)), go)?;
    let leaves = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Branch { .. } | Stmt::Return(_)));
    if cx.any(body, false, leaves) {
        return None;
    }
    Some(match cx.stmt(looping) {
        Stmt::Range { subject, .. } => elements(cx, subject),
        Stmt::For { init, cond, post, .. } => up_to(cx, init?, cond?, post?),
        _ => None,
    })
}

/// How many elements a `range` goes over, where its subject is a constant, an array or a literal.
fn elements(cx: &Cx, subject: ExprId) -> Option<i64> {
    if let Some(count) = cx.int_value(subject) {
        return Some(count);
    }
    if let Type::Array { len, .. } = cx.under(subject) {
        return len.and_then(|len| i64::try_from(len).ok());
    }
    let literal = cx.unparen(cx.initial_value(subject).unwrap_or(subject));
    match cx.expr(literal) {
        Expr::Composite { elems, .. } if matches!(cx.under(literal), Type::Slice(_)) => {
            let elems = cx.exprs(elems);
            let keyed = elems.iter().any(|&elem| matches!(cx.expr(elem), Expr::KeyValue { .. }));
            // What a variable holds may have been changed since.
            (!keyed && literal == cx.unparen(subject)).then_some(elems.len() as i64)
        }
        _ => None,
    }
}

/// How many iterations `for i := a; i < b; i++` takes, where both are constant.
fn up_to(cx: &Cx, init: StmtId, cond: ExprId, post: StmtId) -> Option<i64> {
    let (Stmt::Assign { rhs, .. }, Stmt::IncDec { inc: true, .. }) = (cx.stmt(init), cx.stmt(post)) else {
        return None;
    };
    let Expr::Binary { op, rhs: end, .. } = cx.expr(cx.unparen(cond)) else { return None };
    let (first, end) = (cx.int_value(cx.only(rhs)?)?, cx.int_value(end)?);
    match op {
        BinaryOp::Less => Some(end - first),
        BinaryOp::LessEqual => Some(end - first + 1),
        _ => None,
    }
}
