//! `WaitGroup.Add` is called inside the goroutine that it counts.
//!
//! Nothing makes the new goroutine run before `Wait`: when `Wait` gets there first, the counter is still zero, and it
//! returns while the work goes on. Call `Add` before the `go` statement, or use `WaitGroup.Go` (Go 1.25), which does both.
//!
//! Limits: only the statements of the goroutine's own function literal are looked at. An `Add` in a function that the `go`
//! statement calls by name is not found, and a goroutine that starts others is left alone, because its `Add` may count those.
//!
//! ```go bad
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		go func() {
//! 			wg.Add(1)
//! // ^^^^^^ `wg.Add` runs inside the goroutine it counts, so `wg.Wait` may return before it
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
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/waitgroup-add-in-goroutine",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA2000", "vet:waitgroup", "semgrep:waitgroup-add-called-inside-goroutine"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Go], check)],
    file: file!(),
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
        if is_outer_wait_group(cx, call, group, go) && cx.int_value(delta).is_none_or(|delta| delta > 0) {
            cx.examined();
            report(cx, go, stmt, call, group);
        }
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
fn is_done_in(cx: &Cx, group: ExprId, go: StmtId) -> bool {
    cx.find_expr(go, true, |call| matches!(cx.method_call(call), Some((same, "Done", [])) if cx.same_pure(group, same)))
        .is_some()
}

fn report(cx: &mut Cx, go: StmtId, add: StmtId, call: ExprId, group: ExprId) {
    let Some((_, _, &[delta])) = cx.method_call(call) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let name = cx.source(group);
    let message = format!("`{name}.Add` runs inside the goroutine it counts, so `{name}.Wait` may return before it");
    let before = Span::new(cx.span(go).start, cx.span(go).start);
    let line = cx.lines(add);
    // Only what stands on a line of its own and means the same outside is moved.
    let movable = cx.int_value(delta).is_some() && line.of(cx.tree.text()).trim() == cx.source(add);
    let edits = [(before, format!("{}\n{}", cx.source(call), cx.indent(go))), (line, String::new())];
    cx.report(fun, message)
        .note("only a call before the `go` statement is certain to happen before `Wait`")
        .fix("Count before the goroutine starts", edits.into_iter().filter(|_| movable));
}
