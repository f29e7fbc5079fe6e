//! Who writes the variables of a package, and while what.

use std::collections::{BTreeMap, BTreeSet};

use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;

/// While what a variable is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum While {
    /// The function runs once, or nothing is known of who calls it.
    Running,
    /// A goroutine runs.
    Goroutine,
    /// A request is served, or a message handled.
    Serving,
}

/// One function of the file.
pub(super) struct Function {
    /// Its name, with the receiver's type for a method.
    key: String,
    /// Its name.
    name: String,
    /// What is known to run it.
    runs: While,
    /// The functions of the package that it calls, and while what.
    calls: Vec<(String, While)>,
    writes: Vec<Write>,
    /// Whether it takes a lock: then the state is shared on purpose, and with care.
    locks: bool,
}

struct Write {
    variable: String,
    runs: While,
    /// Whether what is stored was given by the caller, or is constant.
    given: bool,
}

/// The functions of a file that may run more than once, with what is known to run them.
pub(super) fn functions(file: &mut FileCx) -> Vec<Function> {
    let mut once: BTreeSet<String> = BTreeSet::new();
    let mut functions: Vec<Function> = Vec::new();
    file.each_piece(|cx| {
        once.extend(cx.tree.all_exprs().filter_map(|(id, expr)| match expr {
            Expr::Call { args, .. } if cx.runs_once(id) => Some(cx.source(cx.only(args)?).to_owned()),
            _ => None,
        }));
        functions.extend(cx.tree.roots().iter().filter_map(|&root| function(cx, root)));
    });
    // What runs once cannot change again.
    functions.retain(|function| !once.contains(&function.key));
    spread(&mut functions);
    functions
}

/// For each variable the function that writes it, and while what: the worst, and of these the first.
pub(super) fn writers(functions: &[Function]) -> BTreeMap<&str, (While, &str)> {
    let called = |by_init: bool| -> BTreeSet<&str> {
        let callers = functions.iter().filter(|caller| (caller.key == "init") == by_init);
        callers.flat_map(|caller| &caller.calls).map(|(called, _)| called.as_str()).collect()
    };
    let (by_init, by_others) = (called(true), called(false));
    // `init`, and what only `init` calls.
    let is_initial = |function: &Function| {
        let own = function.name.starts_with(char::is_lowercase) && !by_others.contains(&*function.key);
        function.key == "init" || own && by_init.contains(&*function.key)
    };
    let mut writers: BTreeMap<&str, (While, &str)> = BTreeMap::new();
    for function in functions.iter().filter(|function| !function.locks && !is_initial(function)) {
        for write in &function.writes {
            let runs = write.runs.max(function.runs);
            if runs == While::Running && write.given {
                continue;
            }
            let known = writers.entry(&write.variable).or_insert((runs, &function.name));
            if runs > known.0 {
                *known = (runs, &function.name);
            }
        }
    }
    writers
}

/// What runs a function also runs those that it calls, unless a lock is held.
fn spread(functions: &mut [Function]) {
    let index: BTreeMap<String, usize> =
        functions.iter().enumerate().map(|(at, function)| (function.key.clone(), at)).collect();
    let mut open: Vec<usize> = (0..functions.len()).collect();
    while let Some(at) = open.pop() {
        let Some(caller) = functions.get(at).filter(|caller| !caller.locks) else { continue };
        let calls: Vec<(usize, While)> = caller
            .calls
            .iter()
            .filter_map(|(called, runs)| Some((*index.get(called)?, caller.runs.max(*runs))))
            .collect();
        for (called, runs) in calls {
            if let Some(function) = functions.get_mut(called).filter(|function| function.runs < runs) {
                function.runs = runs;
                open.push(called);
            }
        }
    }
}

fn function(cx: &Cx, decl: DeclId) -> Option<Function> {
    let Decl::Func { recv, name, .. } = cx.decl(decl) else { return None };
    let func = cx.as_func(decl.into())?;
    let name = cx.source(name).to_owned();
    let key = match cx.params(recv).first() {
        Some(&(_, ty)) => format!("{}.{name}", cx.source(cx.pointee(ty)).split('[').next().unwrap_or_default()),
        None => name.clone(),
    };
    let runs = if cx.caller(func).is_some() { While::Serving } else { While::Running };
    let mut function = Function { key, name, runs, calls: Vec::new(), writes: Vec::new(), locks: false };
    cx.tree.walk(decl, &mut |node| {
        match node {
            // What runs once cannot change again.
            Node::Expr(id) if is_run_once(cx, id) => return false,
            Node::Expr(id) => add_call(cx, id, &mut function),
            Node::Stmt(id) => add_writes(cx, id, &mut function),
            _ => {}
        }
        true
    });
    Some(function)
}

fn add_call(cx: &Cx, call: ExprId, function: &mut Function) {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return };
    if matches!(cx.method_call(call), Some((_, "Lock", []))) {
        function.locks = true;
    }
    if cx.is_builtin(fun, "delete") || cx.is_builtin(fun, "clear") {
        function.writes.extend(cx.exprs(args).first().and_then(|&target| write(cx, target, false)));
    }
    let own = cx.object(fun).filter(|object| cx.is_own(object));
    if let Some(object) = own {
        let key = object.recv.map_or(object.name.to_owned(), |recv| format!("{recv}.{}", object.name));
        let runs = if cx.is_go(call) { While::Goroutine } else { runs_at(cx, call.into()) };
        function.calls.push((key, runs));
    }
}

fn add_writes(cx: &Cx, stmt: StmtId, function: &mut Function) {
    if is_published(cx, stmt) {
        return;
    }
    match cx.stmt(stmt) {
        Stmt::Assign { lhs, rhs, op } if op != AssignOp::Define => {
            let given = op == AssignOp::Assign && cx.exprs(rhs).iter().all(|&value| is_given(cx, value));
            function.writes.extend(cx.exprs(lhs).iter().filter_map(|&target| write(cx, target, given)));
        }
        Stmt::IncDec { operand, .. } => function.writes.extend(write(cx, operand, false)),
        _ => {}
    }
}

/// Whether a channel is closed right after a statement: who reads waits for that.
fn is_published(cx: &Cx, stmt: StmtId) -> bool {
    let Some(Stmt::Expr(call)) = cx.next_stmt(stmt).map(|next| cx.stmt(next)) else { return false };
    matches!(cx.expr(call), Expr::Call { fun, .. } if cx.is_builtin(fun, "close"))
}

/// A write to what `target` names, if that is, or is in, a variable of the package: `v`, `v.f`, `v[k]`.
fn write(cx: &Cx, target: ExprId, given: bool) -> Option<Write> {
    let mut at = cx.unparen(target);
    loop {
        at = match cx.expr(at) {
            Expr::Ident if cx.def(at) == Def::Package(ObjectKind::Var) => break,
            Expr::Selector { base, .. } | Expr::Index { base, .. } => cx.unparen(base),
            _ => return None,
        };
    }
    Some(Write { variable: cx.source(at).to_owned(), runs: runs_at(cx, target.into()), given })
}

/// What the function literals around a node, and what is done with them, tell of who runs it.
fn runs_at(cx: &Cx, node: Node) -> While {
    let is_handler = |cx: &Cx, node: Node| match node {
        Node::Expr(_) => cx.as_func(node).is_some_and(|func| cx.caller(func).is_some()),
        _ => false,
    };
    let is_launched = |cx: &Cx, node: Node| {
        let Node::Expr(literal) = node else { return false };
        let is_started = matches!(cx.tree.parent(literal), Some(Node::Expr(call)) if cx.is_go(call));
        is_started && cx.as_func(node).is_some()
    };
    if cx.around(node, is_handler).is_some() {
        While::Serving
    } else if cx.around(node, is_launched).is_some() {
        While::Goroutine
    } else {
        While::Running
    }
}

/// Whether a value was given by the caller, or is constant: parameters, literals, what is appended of them to a variable, and
/// what a variable held before.
fn is_given(cx: &Cx, value: ExprId) -> bool {
    !cx.any(value, false, |node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Ident => !is_given_name(cx, id),
            Expr::Call { fun, .. } => !["append", "make", "new"].iter().any(|name| cx.is_builtin(fun, name)),
            Expr::Unary { op: UnaryOp::Recv, .. } => true,
            _ => false,
        },
        _ => false,
    })
}

fn is_given_name(cx: &Cx, ident: ExprId) -> bool {
    let declaring = match cx.def(ident) {
        Def::Local(declaring) => declaring,
        // `plugins = append(plugins, name)`
        Def::Package(ObjectKind::Var) => {
            return matches!(cx.tree.parent(ident), Some(Node::Expr(call)) if matches!(cx.expr(call),
                Expr::Call { fun, .. } if cx.is_builtin(fun, "append")));
        }
        _ => return true,
    };
    match cx.tree.parent(declaring) {
        Some(Node::Field(_)) => true,
        // `old := level`, to be put back.
        Some(Node::Stmt(stmt)) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, rhs, op: AssignOp::Define } => match (cx.only(lhs), cx.only(rhs)) {
                (Some(_), Some(old)) => cx.def(cx.unparen(old)) == Def::Package(ObjectKind::Var),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// `once.Do(func() { … })`, `sync.OnceFunc(func() { … })`.
fn is_run_once(cx: &Cx, literal: ExprId) -> bool {
    matches!(cx.expr(literal), Expr::FuncLit { .. })
        && matches!(cx.tree.parent(literal), Some(Node::Expr(call)) if cx.runs_once(call))
}
