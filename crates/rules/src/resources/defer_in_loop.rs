//! A resource is opened in each iteration of a loop, and released only when the function returns.
//!
//! Deferred calls run at the end of the function, not of the iteration (Go spec, "Defer statements"). A thousand iterations
//! hold a thousand files, rows or timers, until the process runs out of descriptors or the pool of connections is empty. In a
//! loop that never ends nothing is released at all. Move the body of the loop into a function, or release at the end of the
//! iteration.
//!
//! Limits: a resource is known by how it is released: by `Close`, `Rollback`, `End` and the like, a cancel function, `Stop` of
//! a ticker or timer, or the removal of a file. What a function of one's own releases, and loops made with `goto`, are not
//! found. A resource that outlives the iteration, because it is appended, stored or sent, is left alone, and so are one
//! that the iteration closes as well, and tests.
//!
//! ```go bad
//! func sum(names []string) error {
//! 	for _, name := range names {
//! 		f, err := os.Open(name)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		defer f.Close()
//! 		//    ^^^^^^^ `f.Close` runs when `sum` returns, so each iteration keeps one more `f` open
//! 		read(f)
//! 	}
//! 	return nil
//! }
//!
//! func serve(queue Queue) {
//! 	for {
//! 		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
//! 		defer cancel()
//! 		//    ^^^^^^ `cancel` never runs, because this loop never ends
//! 		queue.Next(ctx)
//! 	}
//! }
//! ```
//! ```go good
//! func sum(names []string) error {
//! 	for _, name := range names {
//! 		err := func() error { // returns in each iteration
//! 			f, err := os.Open(name)
//! 			if err != nil {
//! 				return err
//! 			}
//! 			defer f.Close()
//! 			return read(f)
//! 		}()
//! 		if err != nil {
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func first(names []string) error {
//! 	for _, name := range names {
//! 		f, err := os.Open(name)
//! 		if err != nil {
//! 			continue
//! 		}
//! 		defer f.Close()
//! 		return read(f) // the first that opens ends the loop
//! 	}
//! 	return errNone
//! }
//! ```
//! ```go good
//! func all(names []string) error {
//! 	var parts []io.Reader
//! 	for _, name := range names {
//! 		f, err := os.Open(name)
//! 		if err != nil {
//! 			return err
//! 		}
//! 		defer f.Close()
//! 		parts = append(parts, bufio.NewReader(f)) // read after the loop
//! 	}
//! 	return read(io.MultiReader(parts...))
//! }
//! ```
//! ```go good
//! func collect(ctx context.Context, parts []io.Reader) {
//! 	for parts != nil {
//! 		select {
//! 		case <-late: // may come once
//! 			ctx, cancel := context.WithCancel(ctx)
//! 			defer cancel()
//! 			go hurry(ctx, parts)
//! 		case parts = <-results:
//! 		}
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! `defer` belongs to the function and not to the block, unlike `using` in C# or `with` in Python. The body of the loop becomes a function
//! of its own, often a literal that is called at once.
//!
//! # Impact
//!
//! After a thousand iterations, a thousand of them are held at once: files until "too many open files", connections until
//! the pool is empty, timers and contexts in memory. Only large inputs show it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with a hundred inputs; for files and connections, after `ulimit -n 64` in the same shell
//!
//! # References
//!
//! - [Go spec, "Defer statements"](https://go.dev/ref/spec#Defer_statements)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/defer-in-loop",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3), (Concern::Availability, 1)],
    equivalents: &["staticcheck:SA9001", "staticcheck:SA5003", "gocritic:deferInLoop", "revive:defer"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Defer], check)],
    examines: "deferred calls in loops",
};

fn check(cx: &mut Cx, defer: StmtId) {
    let Stmt::Defer(call) = cx.stmt(defer) else { return };
    let Some(looping) = cx.enclosing_loop(defer) else { return };
    cx.examined();
    if leaves(cx, defer) {
        return;
    }
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let literal = matches!(cx.expr(fun), Expr::FuncLit { .. });
    let what = if literal { "this function".to_owned() } else { format!("`{}`", cx.source(fun)) };
    let mut ends_by_itself = false;
    let message = if is_endless(cx, looping) {
        format!("{what} never runs, because this loop never ends")
    } else {
        let Some(resource) = released(cx, call) else { return };
        if !is_declared_in(cx, resource, looping)
            || is_kept(cx, resource)
            || may_come_once(cx, defer)
            || is_closed(cx, defer, resource)
        {
            return;
        }
        let function = match cx.enclosing_func(defer) {
            Some(func @ Func { node: Node::Decl(_), .. }) => cx.func_in_words_of(func),
            _ => "the function".to_owned(),
        };
        let maker = cx.origin(resource).filter(|&(_, result)| result == 1).and_then(|(made, _)| cx.callee(made));
        let context = maker.filter(|maker| maker.is_of_package("context"));
        ends_by_itself = context.is_some_and(|maker| !maker.name.contains("Cancel"));
        let kept = match context {
            Some(_) => "one more context".to_owned(),
            _ if cx.calls(call, &["time.Ticker.Stop", "time.Timer.Stop"]) => {
                format!("one more `{}` running", cx.source(resource))
            }
            _ => format!("one more `{}` open", cx.source(resource)),
        };
        format!("{what} runs when {function} returns, so each iteration keeps {kept}")
    };
    let at = if literal { Span::new(cx.span(defer).start, cx.span(defer).start + 5) } else { cx.span(fun) };
    // What a command opens for each of its arguments is few, and a context with a timer is released when that has run out.
    let in_main = cx.enclosing_decl(defer).and_then(|decl| cx.func_name(decl)) == Some("main");
    let severity = if in_main || ends_by_itself { Severity::Low } else { Severity::Medium };
    cx.report_span(at, message)
        .severity(severity)
        .note("move the body of the loop into a function of its own, whose deferred calls then run in each iteration");
}

/// Whether the way on from here ends the loop in the same iteration.
fn leaves(cx: &Cx, defer: StmtId) -> bool {
    let last = cx.tree.parent(defer).and_then(|list| cx.once(list, last_way_out));
    last.is_some_and(|last| cx.span(last).start > cx.span(defer).start)
}

/// The last statement of a list that ends a loop.
fn last_way_out(cx: &Cx, list: Node) -> Option<Node> {
    cx.list_of(list).iter().rfind(|&&stmt| cx.leaves_loop(stmt)).map(|&stmt| Node::Stmt(stmt))
}

/// Whether a loop has no condition and nothing leaves it: no return, break, goto, or call that may panic or exit by its name.
fn is_endless(cx: &Cx, looping: StmtId) -> bool {
    let Stmt::For { cond: None, body, .. } = cx.stmt(looping) else { return false };
    let exits = |cx: &Cx, node: Node| match node {
        Node::Stmt(id) => cx.leaves_loop(id),
        Node::Expr(id) => cx.may_end(id),
        _ => false,
    };
    cx.within(body, false, exits).is_empty()
}

/// The local that a deferred call releases: `f` of `f.Close()`, `cancel` of `cancel()`, also inside a literal.
fn released(cx: &Cx, call: ExprId) -> Option<ExprId> {
    const METHODS: &[&str] = &["Close", "CloseNow", "Release", "Rollback", "Shutdown", "End"];
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return None };
    match cx.expr(cx.unparen(fun)) {
        Expr::Ident if args.is_empty() => {
            let made = cx.origin(fun)?;
            cx.callee(made.0).filter(|maker| maker.is_of_package("context") && made.1 == 1).map(|_| fun)
        }
        Expr::Selector { .. } if cx.calls(call, &["os.Remove", "os.RemoveAll"]) => {
            cx.find_expr(cx.only(args)?, false, |expr| matches!(cx.def(expr), Def::Local(_)))
        }
        Expr::Selector { .. } => {
            let (mut base, method, _) = cx.method_call(call)?;
            while let Expr::Selector { base: inner, .. } = cx.expr(base) {
                base = inner;
            }
            // A timer that is set under a condition may be set once.
            let stops = cx.calls(call, &["time.Ticker.Stop", "time.Timer.Stop"]) && !cx.is_conditional(call);
            let releases = METHODS.contains(&method) || stops;
            (releases && cx.expr(base) == Expr::Ident).then_some(base)
        }
        Expr::FuncLit { body, .. } => {
            let closed = |call: ExprId| match cx.method_call(call) {
                Some((base, "Close", [])) if cx.expr(base) == Expr::Ident => Some(base),
                _ => None,
            };
            closed(cx.find_expr(body, false, |inner| closed(inner).is_some())?)
        }
        _ => None,
    }
}

/// Whether the iteration itself closes or commits it as well: what is deferred is for the returns in between.
fn is_closed(cx: &Cx, defer: StmtId, resource: ExprId) -> bool {
    let Def::Local(declared) = cx.def(resource) else { return false };
    let list = cx.siblings(defer);
    let closes = |used: ExprId| {
        let Some(Node::Expr(selector)) = cx.tree.parent(used) else { return false };
        let Expr::Selector { name, .. } = cx.expr(selector) else { return false };
        let in_list = |node: Node| matches!(node, Node::Stmt(stmt) if stmt != defer && list.contains(&stmt));
        // `if err := f.Close(); err != nil`
        let is_header = |node: Node| match node {
            Node::Stmt(stmt) => {
                matches!(cx.stmt(stmt), Stmt::If { init: Some(init), .. } if cx.span(init).contains(cx.span(used)))
                    && in_list(node)
            }
            _ => false,
        };
        let direct = || match cx.tree.ancestors(used).find(|&node| matches!(node, Node::Stmt(_))) {
            Some(node @ Node::Stmt(stmt)) => in_list(node) && !matches!(cx.stmt(stmt), Stmt::Defer(_) | Stmt::Go(_)),
            _ => false,
        };
        let ends = match cx.source(name) {
            "Close" => true,
            "Commit" => !goes_on_between(cx, defer, used),
            _ => false,
        };
        ends && (direct() || cx.tree.ancestors(used).any(is_header))
    };
    cx.names.uses(declared).any(closes)
}

/// Whether an iteration may go on to the next one between the `defer` and a place behind it.
fn goes_on_between(cx: &Cx, defer: StmtId, at: ExprId) -> bool {
    let goes_on = |cx: &Cx, node: Node| matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Branch { kind: BranchKind::Continue, .. }));
    let between = |&node: &Node| (cx.span(defer).end..cx.span(at).start).contains(&cx.tree.span(node).start);
    cx.enclosing_loop(defer).is_some_and(|looping| cx.within(looping, false, goes_on).iter().any(between))
}

/// A case of a `select` in the loop may be an event that comes only once.
fn may_come_once(cx: &Cx, defer: StmtId) -> bool {
    let is_in_turn = |node: &Node| matches!(node, Node::Stmt(_)) && !cx.is_loop(*node);
    let is_case = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::CommClause { .. }));
    cx.tree.ancestors(defer).take_while(is_in_turn).any(is_case)
}

fn is_declared_in(cx: &Cx, local: ExprId, looping: StmtId) -> bool {
    matches!(cx.def(local), Def::Local(declaring) if cx.span(looping).contains(cx.span(declaring)) && !is_loop_variable(cx, declaring))
}

/// What the loop goes over was opened before it.
fn is_loop_variable(cx: &Cx, declaring: ExprId) -> bool {
    matches!(cx.tree.parent(declaring), Some(Node::Stmt(id)) if matches!(cx.stmt(id), Stmt::Range { .. }))
}

/// Whether the resource is put where it outlives the iteration: appended, sent, stored, passed to a goroutine.
fn is_kept(cx: &Cx, local: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(local) else { return false };
    cx.names.uses(declaring).filter(|&used| used != declaring).any(|used| is_kept_by(cx, used))
}

fn is_kept_by(cx: &Cx, used: ExprId) -> bool {
    for node in cx.tree.ancestors(used) {
        match node {
            Node::Expr(id) => match cx.expr(id) {
                Expr::Composite { .. } => return true,
                Expr::Call { fun, .. } if cx.is_builtin(fun, "append") => return true,
                _ => {}
            },
            Node::Stmt(id) => {
                return match cx.stmt(id) {
                    Stmt::Send { .. } | Stmt::Go(_) => true,
                    Stmt::Assign { op: AssignOp::Assign, rhs, .. } => cx.tree.place(cx.exprs(rhs), used).is_some(),
                    _ => false,
                };
            }
            _ => return false,
        }
    }
    false
}
