//! `WaitGroup.Add` is called inside the goroutine that it counts.
//!
//! Nothing makes the new goroutine run before `Wait`: when `Wait` gets there first, the counter is still zero, and it
//! returns while the work is still running. Call `Add` before the `go` statement, or use `WaitGroup.Go` (Go 1.25), which does both.
//!
//! Limits: only the statements of the goroutine's own function are looked at: those of a literal, or of a function of the package that
//! a `go` statement calls by name and that calls `Done` as well. A goroutine that starts others is left alone, because its `Add` may
//! count those, and so is one from which whoever waits has received a message before.
//!
//! ```go bad
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		go func() {
//! 			wg.Add(1)
//! // ^^^^^^ `wg.Add` runs inside the goroutine it counts, so a `Wait` may return before it
//! 			defer wg.Done()
//! 			fetch(url)
//! 		}()
//! 	}
//! 	wg.Wait()
//! }
//! ```
//! ```diff fixed
//! +		wg.Add(1)
//! -			wg.Add(1)
//! ```
//! ```go bad
//! type Crawler struct{ running sync.WaitGroup }
//!
//! func (c *Crawler) Start(urls []string) {
//! 	for _, url := range urls {
//! 		go c.visit(url)
//! 	}
//! }
//!
//! func (c *Crawler) visit(url string) {
//! 	c.running.Add(1)
//! //<^^^^^^^^^^^^^ `c.running.Add` runs inside the goroutine it counts, so a `Wait` may return before it
//! 	defer c.running.Done()
//! 	fetch(url)
//! }
//!
//! func (c *Crawler) Stop() { c.running.Wait() }
//! ```
//! ```go good
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	wg.Add(1)
//! 	go func() {
//! 		defer wg.Done()
//! 		for _, url := range urls {
//! 			wg.Add(1) // counts the goroutine that is started here
//! 			go fetch(&wg, url)
//! 		}
//! 	}()
//! 	wg.Wait()
//! }
//! ```
//! ```go good
//! func all(urls []string) {
//! 	go func() {
//! 		var wg sync.WaitGroup // the goroutine's own
//! 		wg.Add(1)
//! 		fetch(&wg, urls)
//! 		wg.Wait()
//! 	}()
//! }
//! ```
//!
//! # Idiom
//!
//! The count is raised before the `go` statement and lowered by `defer wg.Done()` in the first line of the goroutine. Since Go 1.25
//! `wg.Go(f)` does both.
//!
//! # Impact
//!
//! `Wait` may return before a single goroutine has counted itself, and the caller goes on with results that are not
//! there yet; at shutdown, workers are cut off as if they had finished. On an idle machine the goroutines tend to be
//! fast enough, so it is seen on busy nodes. The race detector reports a race inside `sync.WaitGroup` between `Add` and
//! `Wait`.
//!
//! # Verify
//!
//! - `go vet -waitgroup {package}`: reports an `Add` at the start of its own goroutine, with Go 1.25
//! - `go test -race -run {test} -count 200 -cpu 1 {package}`: with one processor `Wait` usually comes first
//!
//! # Options
//!
//! - Call `Add` before the `go` statement: works with every Go version and is one line moved
//!   - senior, data, throughput: the count is right before anything runs
//! - Use `wg.Go`: leaves nothing to get wrong; needs Go 1.25
//!   - cloud-native, backend: the newer idiom removes the pair altogether
//!
//! # References
//!
//! - [Package sync, WaitGroup.Add](https://pkg.go.dev/sync#WaitGroup.Add)
//! - [Package sync, WaitGroup.Go](https://pkg.go.dev/sync#WaitGroup.Go)
use gopeer_lint::prelude::*;

use super::groups::{calls_on, group_name};

pub static RULE: Rule = Rule {
    id: "concurrency/waitgroup-add-in-goroutine",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA2000", "vet:waitgroup", "semgrep:waitgroup-add-called-inside-goroutine"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check), Hook::Call(&["sync.WaitGroup.Add"], check_called)],
    examines: "calls of WaitGroup.Add",
};

fn check(cx: &mut Cx, go: StmtId) {
    let Stmt::Go(call) = cx.stmt(go) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::FuncLit { body, .. } = cx.expr(fun) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    // An Add may count goroutines that this one starts.
    if cx.any(body, true, |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_)))) {
        return;
    }
    for &stmt in cx.stmts(stmts) {
        let Stmt::Expr(call) = cx.stmt(stmt) else { continue };
        let Some((group, "Add", &[delta])) = cx.method_call(call) else { continue };
        // A negative count is a Done.
        let counts = is_outer_wait_group(cx, call, group, go) && cx.int_value(delta).is_none_or(|delta| delta > 0);
        if counts && !is_refused_under_lock(cx, group) && !is_told(cx, go, call) {
            cx.examined();
            report(cx, go, stmt, call, group);
        }
    }
}

/// Whether the goroutine says on a channel that it has called `Add`, and the function that started it receives that; in a `select` it may
/// go on without.
fn is_told(cx: &Cx, go: StmtId, add: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(go) else { return false };
    let told = cx.within(go, true, |cx, node| told_on(cx, node).is_some());
    let received = cx.within(func.body, false, |cx, node| cx.received_from(node).is_some());
    let is_case = |node| cx.enclosing_stmt(node).is_some_and(|stmt| cx.case_of(stmt).is_some());
    let receives = |channel: ExprId| {
        let of_it = |&node: &Node| cx.received_from(node).is_some_and(|from| cx.same_pure(from, channel));
        behind(cx, &received, go).filter(of_it).any(|node| !is_case(node))
    };
    behind(cx, &told, add).any(|node| told_on(cx, node).is_some_and(receives))
}

/// The first of some nodes that come after another one.
fn behind(cx: &Cx, nodes: &[Node], at: impl Into<Node>) -> impl Iterator<Item = Node> {
    const MOST: usize = 64;
    let end = cx.span(at).end;
    let first = nodes.partition_point(|&node| cx.span(node).start < end);
    nodes[first..].iter().copied().take(MOST)
}

/// The channel on which a node sends something, or that it closes.
fn told_on(cx: &Cx, node: Node) -> Option<ExprId> {
    match node {
        Node::Stmt(id) => match cx.stmt(id) {
            Stmt::Send { chan, .. } => Some(chan),
            _ => None,
        },
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { fun, args, .. } if cx.is_builtin(fun, "close") => cx.only(args),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is a wait group that the goroutine does not declare.
fn is_outer_wait_group(cx: &Cx, add: ExprId, group: ExprId, go: StmtId) -> bool {
    let mut root = group;
    while let Expr::Selector { base, .. } = cx.expr(root) {
        root = base;
    }
    let is_group = cx.calls(add, &["sync.WaitGroup.Add"]) || cx.ty(group).is_unknown() && is_done_in(cx, group, go);
    is_group && !matches!(cx.def(root), Def::Local(declared) if cx.span(go).contains(cx.span(declared)))
}

/// What is both added to and done with is a wait group.
fn is_done_in(cx: &Cx, group: ExprId, within: StmtId) -> bool {
    cx.find_expr(
        within,
        true,
        |call| matches!(cx.method_call(call), Some((same, "Done", [])) if cx.same_pure(group, same)),
    )
    .is_some()
}

/// `Add` in a function of the package that a `go` statement starts, and that calls `Done` itself.
fn check_called(cx: &mut Cx, add: Call) {
    let Some(func @ Func { node: Node::Decl(decl), body, .. }) = cx.enclosing_func(add.expr) else { return };
    let (Some(group), &[delta]) = (add.receiver, add.args) else { return };
    let counts_itself = |cx: &Cx| {
        let is_own = cx.enclosing_stmt(add.expr).is_some_and(|stmt| cx.tree.parent(stmt) == Some(Node::Stmt(body)));
        is_own && cx.int_value(delta) == Some(1) && is_done_in(cx, group, body) && cx.spawns_in(body).next().is_none()
    };
    let counts = counts_itself(cx) && is_given(cx, group, func) && !is_refused_under_lock(cx, group);
    // Who has had an answer of the goroutine knows that it has called `Add`.
    let answered = |cx: &Cx| cx.is_waited_for_after_answer(group_name(cx, group));
    if counts && cx.is_started(decl) == Some(true) && !answered(cx) {
        cx.examined();
        let message = message(cx, group);
        cx.report(add.fun, message).note(NOTE);
    }
}

/// Whether `Add` is called under a lock, after a question that may have ended the goroutine: who waits sets the flag under the same lock
/// before, so that no `Add` comes later.
fn is_refused_under_lock(cx: &Cx, group: ExprId) -> bool {
    cx.is_locked_at(group) && cx.enclosing_func(group).is_some_and(|func| cx.returns_before(func, group, true))
}

/// Whether a wait group belongs to the receiver, or is given as a parameter.
fn is_given(cx: &Cx, group: ExprId, func: Func) -> bool {
    let root = cx.find_expr(group, false, |id| cx.expr(id) == Expr::Ident);
    match root.map(|root| cx.def(root)) {
        Some(Def::Local(declared)) => !cx.span(func.body).contains(cx.span(declared)),
        Some(Def::Package(_)) => true,
        _ => false,
    }
}

const NOTE: &str = "only a call before the `go` statement is certain to happen before `Wait`";

fn message(cx: &Cx, group: ExprId) -> String {
    let name = cx.source(group);
    format!("`{name}.Add` runs inside the goroutine it counts, so a `Wait` may return before it")
}

fn report(cx: &mut Cx, go: StmtId, add: StmtId, call: ExprId, group: ExprId) {
    let Some((_, _, &[delta])) = cx.method_call(call) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let message = message(cx, group);
    let before = Span::new(cx.span(go).start, cx.span(go).start);
    let line = cx.lines(add);
    // Only what stands on a line of its own and means the same outside is moved.
    let movable = cx.int_value(delta).is_some() && line.of(cx.tree.text()).trim() == cx.source(add);
    let edits = [(before, format!("{}\n{}", cx.source(call), cx.indent(go))), (line, String::new())];
    let by_group = started_by_group(cx, go, add, group).filter(|_| movable && cx.int_value(delta) == Some(1));
    let title = format!("Use `{}.Go`", cx.source(group));
    let early = waits_after(cx, go, group).map(|wait| {
        let func = cx.func_in_words(go);
        let text = format!(
            "if no goroutine has called `Add` yet, this returns at once, and {func} goes on without their work"
        );
        (cx.span(wait), text)
    });
    // Whoever waits for something else first gives the goroutine the time that it needs.
    let late = early.as_ref().is_some_and(|(wait, _)| receives_between(cx, go, wait.start));
    let severity = if late { Severity::Medium } else { Severity::High };
    let mut report = cx.report(fun, message).severity(severity).note(NOTE);
    if let Some((wait, early)) = early {
        report = report.note_at(wait, early);
    }
    report
        .fix("Call `Add` before the `go` statement", edits.into_iter().filter(|_| movable))
        .fix(title, by_group.into_iter().flatten());
}

/// Whether the function that starts a goroutine receives before a place from a channel that this one has nothing to do with: a signal,
/// or the end of some time.
fn receives_between(cx: &Cx, go: StmtId, before: u32) -> bool {
    let Some(func) = cx.enclosing_func(go) else { return false };
    let received = cx.within(func.body, false, |cx, node| cx.received_from(node).is_some());
    let is_of_goroutine = |channel: ExprId| match cx.root(channel).map(|root| cx.def(root)) {
        Some(Def::Local(declared)) => cx.mentions(go, declared),
        _ => false,
    };
    let mut between = behind(cx, &received, go).take_while(|&node| cx.span(node).start < before);
    between.any(|node| cx.received_from(node).is_some_and(|channel| !is_of_goroutine(channel)))
}

/// The call that waits for the goroutines behind the statement that starts them, in the same function.
fn waits_after(cx: &Cx, go: StmtId, group: ExprId) -> Option<ExprId> {
    let waits = calls_on(cx, cx.enclosing_func(go)?.body, group, "Wait");
    waits.into_iter().find(|&wait| cx.span(wait).start > cx.span(go).end && !cx.is_deferred(wait))
}

/// The edits that let the group start the goroutine, from Go 1.25 on: the literal without `group.Add(1)` and `defer group.Done()`.
fn started_by_group(cx: &Cx, go: StmtId, add: StmtId, group: ExprId) -> Option<[(Span, String); 4]> {
    let Stmt::Go(started) = cx.stmt(go) else { return None };
    let Expr::Call { fun: literal, args, .. } = cx.expr(started) else { return None };
    let is_done = |&&stmt: &&StmtId| match cx.stmt(stmt) {
        Stmt::Defer(done) => {
            matches!(cx.method_call(done), Some((same, "Done", [])) if cx.same_pure(group, same))
                && cx.lines(stmt).of(cx.tree.text()).trim() == cx.source(stmt)
        }
        _ => false,
    };
    let done = *cx.list_of(cx.enclosing_func(add)?.body.into()).iter().find(is_done)?;
    let is_known = args.is_empty() && cx.has_type(group, &["sync.WaitGroup"]);
    (is_known && cx.file.build.go_minor.is_none_or(|minor| minor >= 25)).then(|| {
        let (whole, inner) = (cx.span(go), cx.span(literal));
        [
            (Span::new(whole.start, inner.start), format!("{}.Go(", cx.source(group))),
            (cx.lines(add), String::new()),
            (cx.lines(done), String::new()),
            (Span::new(inner.end, whole.end), ")".to_owned()),
        ]
    })
}
