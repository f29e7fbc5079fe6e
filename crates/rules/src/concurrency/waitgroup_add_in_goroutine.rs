//! `WaitGroup.Add` is called inside the goroutine that it counts.
//!
//! Nothing makes the new goroutine run before `Wait`: when `Wait` gets there first, the counter is still zero and it
//! returns while the work goes on. Count before the `go` statement, or use `WaitGroup.Go` (Go 1.25), which does both.
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
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			var inner sync.WaitGroup
//! 			inner.Add(1) // counts goroutines that this one starts
//! 			go func() { defer inner.Done(); fetch(url) }()
//! 			inner.Wait()
//! 		}()
//! 	}
//! 	wg.Wait()
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
};

fn check(cx: &mut Cx, go: StmtId) {
    let Stmt::Go(call) = cx.stmt(go) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Expr::FuncLit { body, .. } = cx.expr(fun) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    // Only the goroutine's own first steps: further in, an Add may count goroutines that this one starts.
    for &stmt in cx.stmts(stmts) {
        let Stmt::Expr(call) = cx.stmt(stmt) else { return };
        let Some((receiver, "Add", _)) = cx.method_call(call) else { continue };
        if is_outer_wait_group(cx, receiver, go) {
            report(cx, go, stmt, call, receiver);
        }
    }
}

fn is_outer_wait_group(cx: &Cx, receiver: ExprId, go: StmtId) -> bool {
    let mut root = receiver;
    while let Expr::Selector { base, .. } = cx.expr(root) {
        root = base;
    }
    let Def::Local(declared) = cx.def(root) else { return false };
    let is_group = cx.has_type(receiver, &["sync.WaitGroup"]) || root != receiver && is_done_in(cx, receiver, go);
    is_group && !cx.span(go).contains(cx.span(declared))
}

/// A field that is both added to and done with is a wait group.
fn is_done_in(cx: &Cx, receiver: ExprId, go: StmtId) -> bool {
    cx.any(go, true, |node| match node {
        Node::Expr(id) => {
            matches!(cx.method_call(id), Some((same, "Done", [])) if cx.same_pure(receiver, same))
        }
        _ => false,
    })
}

fn report(cx: &mut Cx, go: StmtId, add: StmtId, call: ExprId, receiver: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let name = cx.source(receiver);
    let message = format!("`{name}.Add` runs inside the goroutine it counts, so `{name}.Wait` may return before it");
    let before = Span::new(cx.span(go).start, cx.span(go).start);
    let moved = format!("{}\n{}", cx.source(call), cx.indent(go));
    let line = cx.lines(add);
    cx.report(fun, message)
        .note("call Add before the `go` statement: only then is it certain to come before Wait")
        .fix("Count before the goroutine starts", [(before, moved), (line, String::new())]);
}
