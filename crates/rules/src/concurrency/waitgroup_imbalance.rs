//! A `WaitGroup` counts more or fewer goroutines than call `Done`.
//!
//! `Wait` returns when `Done` was called once for each goroutine that `Add` counted. One call too few, and it blocks forever; one too
//! many, and the process panics with "negative WaitGroup counter" (documentation of `sync.WaitGroup`). Begin each goroutine with
//! `defer wg.Done()` and call `wg.Add(1)` right before its `go` statement, or use `wg.Go` (Go 1.25), which does both.
//!
//! Limits: goroutines are counted where the wait group is a local. A `Done` that a panic leaves out is not found.
//!
//! ```go bad
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			body, err := fetch(url)
//! 			if err != nil {
//! 				log.Print(err)
//! 				return
//! 			}
//! 			store(url, body)
//! 			wg.Done()
//! 			//<^^^^^^^ `wg.Done` is not called on every path of this goroutine
//! 		}()
//! 	}
//! 	wg.Wait()
//! }
//! ```
//! ```diff fixed
//! +			defer wg.Done()
//! -			wg.Done()
//! ```
//! ```go bad
//! func both(a, b func()) {
//! 	var wg sync.WaitGroup
//! 	wg.Add(3)
//! 	//<^^^^^^ `wg.Add` counts 3 goroutines, but 2 call `wg.Done`
//! 	go func() {
//! 		defer wg.Done()
//! 		a()
//! 	}()
//! 	go func() {
//! 		defer wg.Done()
//! 		b()
//! 	}()
//! 	wg.Wait()
//! }
//!
//! func one(work func()) {
//! 	var wg sync.WaitGroup
//! 	wg.Go(func() {
//! 		defer wg.Done()
//! 		//    ^^^^^^^ `wg.Go` calls `Done` when the function returns
//! 		work()
//! 	})
//! 	wg.Wait()
//! }
//! ```
//! ```go bad
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			fetch(url)
//! 		}()
//! 		wg.Wait()
//! 		//<^^^^^^^ `wg.Wait` inside the loop waits for each goroutine before the next one starts
//! 	}
//! }
//! ```
//! ```go good
//! func all(urls []string) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		if url == "" {
//! 			continue // before it is counted
//! 		}
//! 		wg.Add(1)
//! 		go func() {
//! 			body, err := fetch(url)
//! 			if err != nil {
//! 				wg.Done() // also on this path
//! 				return
//! 			}
//! 			store(url, body)
//! 			wg.Done()
//! 		}()
//! 	}
//! 	wg.Wait()
//! }
//!
//! func work(jobs chan func(), wg *sync.WaitGroup) {
//! 	for job := range jobs {
//! 		job()
//! 		wg.Done() // counts jobs, not goroutines
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! With one `Done` too few, `Wait` never returns and shutdown runs into its grace period, after which the pod is
//! killed; with one too many, the process panics with "sync: negative WaitGroup counter". Both happen on the rare path,
//! such as an error in a worker. A test lets one worker fail and calls `Wait` under a time limit.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: with a worker that takes its early return, `Wait` must still come
//!   back
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | grep -A 3 'WaitGroup).Wait'`: a goroutine waits
//!   although no worker is left in the profile
//!
//! # Options
//!
//! - Begin each goroutine with `defer wg.Done()`: every path and a panic are covered, and `Add` has to be right before
//!   the `go` statement
//!   - senior, data, throughput: the pair can be read without reading the body
//! - Replace it with an `errgroup`: counts by itself and returns the error that took the early path
//!   - backend, cloud-native: the failure is reported instead of being counted
//!
//! # References
//!
//! - [Package sync, WaitGroup](https://pkg.go.dev/sync#WaitGroup)
use gopeer_lint::prelude::*;
use gopeer_lint::{Op, OpKind, Step};

use super::groups::{Count, Missing, calls_on, count, group_name, is_on, is_plain, own, worker_of};

pub static RULE: Rule = Rule {
    id: "concurrency/waitgroup-imbalance",
    severity: Severity::High,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Deadlock, 3), (Concern::Correctness, 2)],
    equivalents: &["revive:forbidden-call-in-wg-go", "semgrep:waitgroup-wait-inside-loop"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[
        Hook::Call(&["sync.WaitGroup.Done"], check_done),
        Hook::Call(&["sync.WaitGroup.Add"], check_add),
        Hook::Call(&["sync.WaitGroup.Wait"], check_wait),
    ],
    examines: "uses of wait groups",
};

/// `Done` in a goroutine: does each path call it?
fn check_done(cx: &mut Cx, done: Call) {
    cx.examined();
    let Some(group) = done.receiver else { return };
    let Some(worker) = worker_of(cx, done.expr, group) else { return };
    let body = worker.func.body;
    let counted = |spawn: &gopeer_lint::Spawn| {
        cx.calls(spawn.call, &["sync.WaitGroup.Go"]) && spawn.group.is_some_and(|of| cx.same_text(of, group))
    };
    if !calls_on(cx, body, group, "Add").is_empty() {
        return;
    }
    if worker.spawn.as_ref().is_some_and(counted) {
        return report_counted(cx, done, group);
    }
    let dones = calls_on(cx, body, group, "Done");
    if dones.last() == Some(&done.expr) {
        report_missed(cx, done, group, worker.func, &dones);
    }
}

fn report_counted(cx: &mut Cx, done: Call, group: ExprId) {
    let message =
        format!("`{}.Go` calls `Done` when the function returns, so this call is one too many", cx.source(group));
    let edit = statement(cx, done.expr).map(|stmt| (cx.lines(stmt), String::new()));
    cx.report(done.fun, message)
        .note("`Wait` returns before the last goroutine is done, or the counter becomes negative, which panics")
        .fix("Remove the call", edit);
}

fn report_missed(cx: &mut Cx, done: Call, group: ExprId, worker: Func, dones: &[ExprId]) {
    let Some(followed) = cx.followed(worker.node) else { return };
    // In a loop, it is items that are counted.
    if dones.iter().any(|&done| followed.comes_again(done)) {
        return report_missed_item(cx, done, group);
    }
    // A method that calls `Done` only in some cases, or that has another one count before, is called in other cases, too.
    if matches!(worker.node, Node::Decl(_))
        && (dones.iter().all(|&done| is_under_condition(cx, done, worker.body))
            || counts_before(cx, done, group, worker))
    {
        return;
    }
    let mut start = cx.start(&followed, followed.entry());
    let mut watch = Missing::to_end(cx, group);
    let Some(found) = cx.follow(&followed, &mut start, &mut watch) else { return };
    let name = cx.source(group);
    let around = match worker.node {
        Node::Decl(_) => cx.func_in_words(done.expr),
        _ => "this goroutine".to_owned(),
    };
    let met = |op: &Op| matches!(op.kind, OpKind::Call | OpKind::Defer) && is_on(cx, op.at, group, "Done");
    let leaves = format!("the goroutine ends here, and `{name}.Done` was not called");
    let steps = cx.steps(&followed, &found.path, met, leaves);
    let severity = severity(cx);
    let edits = defer_it(cx, worker, done, dones);
    let note = match cx.is_deferred(done.expr) {
        true => format!("`{name}.Wait` then blocks forever; `defer {name}.Done()` belongs in the first line"),
        false => format!("`{name}.Wait` then blocks forever"),
    };
    cx.report(done.fun, format!("`{name}.Done` is not called on every path of {around}"))
        .severity(severity)
        .steps(steps)
        .note(note)
        .fix(format!("Defer the call of `{name}.Done`"), edits.into_iter().flatten());
}

/// Whether a function that is called before `Done` calls `Add`.
fn counts_before(cx: &Cx, done: Call, group: ExprId, worker: Func) -> bool {
    let start = cx.span(done.expr).start;
    cx.calls_within(worker.body, false).iter().take(64).any(|&node| match node {
        Node::Expr(call) => cx.span(call).start < start && cx.callee_calls_on(call, "Add", group_name(cx, group)),
        _ => false,
    })
}

/// `Done` in a loop over the items of a channel.
fn report_missed_item(cx: &mut Cx, done: Call, group: ExprId) {
    let Some(func) = cx.enclosing_func(done.expr) else { return };
    let Some(looping) = cx.enclosing_loop(done.expr) else { return };
    let Stmt::Range { subject, .. } = cx.stmt(looping) else { return };
    // Who asks what kind of item it is counts those of one kind.
    if !matches!(cx.under(subject), Type::Chan { .. }) || is_under_condition(cx, done.expr, looping) {
        return;
    }
    let Some(followed) = cx.followed(func.node) else { return };
    let Some(point) = followed.at_turn(looping) else { return };
    let mut watch = Missing { items: Some(subject), ..Missing::to_end(cx, group) };
    let Some(found) = cx.follow(&followed, &mut cx.start(&followed, point), &mut watch) else { return };
    let (name, severity) = (cx.source(group), severity(cx));
    let mut steps = vec![(cx.span(subject), "an item is taken here".to_owned())];
    steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
    let ends = match found.op {
        Some(op) => {
            (cx.span(op.at), format!("the next item is taken here, and `{name}.Done` was not called for this one"))
        }
        None => (
            cx.end_of_path(&followed, &found.path),
            format!("the goroutine ends here, and `{name}.Done` was not called"),
        ),
    };
    steps.push(ends);
    cx.report(
        done.fun,
        format!("`{name}.Done` is not called for each item that is taken from `{}`", cx.source(subject)),
    )
    .severity(severity)
    .steps(steps)
    .note(format!("`{name}.Wait` then blocks forever"));
}

/// Whether a call is in a branch inside a statement.
fn is_under_condition(cx: &Cx, call: ExprId, around: StmtId) -> bool {
    let branches = |node: Node| match node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::If { .. } | Stmt::CaseClause { .. } | Stmt::CommClause { .. }),
        _ => false,
    };
    cx.tree.ancestors(call).take_while(|&node| node != Node::Stmt(around)).any(branches)
}

/// In a test, the test hangs.
fn severity(cx: &Cx) -> Severity {
    if cx.file.is_test() { Severity::Medium } else { Severity::High }
}

/// The statement that a call is, if it stands on lines of its own.
fn statement(cx: &Cx, call: ExprId) -> Option<StmtId> {
    let stmt = cx.enclosing_stmt(call)?;
    let alone = cx.lines(stmt).of(cx.tree.text()).trim() == cx.source(stmt);
    (matches!(cx.stmt(stmt), Stmt::Expr(_) | Stmt::Defer(_)) && alone).then_some(stmt)
}

/// The edits that defer the call in the first line of the goroutine and remove the others.
fn defer_it(cx: &Cx, worker: Func, done: Call, dones: &[ExprId]) -> Option<Vec<(Span, String)>> {
    let &first = cx.list_of(Node::Stmt(worker.body)).first()?;
    let start = cx.span(first).start;
    let deferred = (Span::new(start, start), format!("defer {}\n{}", cx.source(done.expr), cx.indent(first)));
    // What follows may wait for somebody who waits for this.
    let is_last = |&done: &ExprId| {
        let next = cx.next_stmt(statement(cx, done)?);
        next.is_none_or(|next| matches!(cx.stmt(next), Stmt::Return(_))).then_some(())
    };
    dones.iter().try_for_each(is_last)?;
    let removed = dones.iter().map(|&done| Some((cx.lines(statement(cx, done)?), String::new())));
    [Some(deferred)].into_iter().chain(removed).collect()
}

/// `Add` to a wait group of this function: is everything done that it counts?
fn check_add(cx: &mut Cx, add: Call) {
    let Some(group) = add.receiver else { return };
    let Some(func) = own(cx, add.expr, group) else { return };
    cx.examined();
    if calls_on(cx, func.body, group, "Add").first() == Some(&add.expr)
        && let Some(count) = count(cx, add, group)
        && count.done != Some(count.added)
    {
        return report_count(cx, add, group, &count);
    }
    if let Some((steps, what)) = uncounted(cx, add, group, func) {
        let (name, severity) = (cx.source(group), severity(cx));
        cx.report(add.fun, format!("`{name}.Add` counts {what}, but not every path starts it"))
            .severity(severity)
            .steps(steps)
            .note(format!("`{name}.Wait` then blocks forever; call `{name}.Add(1)` right before the `go` statement"));
    }
}

fn report_count(cx: &mut Cx, add: Call, group: ExprId, count: &Count) {
    let (name, added) = (cx.source(group), count.added);
    let counts = match added {
        1 => "1 goroutine".to_owned(),
        _ => format!("{added} goroutines"),
    };
    let message = match count.done {
        Some(1) => format!("`{name}.Add` counts {counts}, but 1 calls `{name}.Done`"),
        Some(done) => format!("`{name}.Add` counts {counts}, but {done} call `{name}.Done`"),
        None if added == 1 => format!("`{name}.Add` counts {counts}, but the loop starts one in each iteration"),
        None => return,
    };
    let note = match count.done {
        Some(done) if done < added => format!("`{name}.Wait` blocks forever"),
        _ => "the counter becomes negative, which panics, or `Wait` returns too early".to_owned(),
    };
    cx.report(add.fun, message).note(note);
}

/// The path from `Add(1)` to `Wait`, or from the beginning of an iteration of the loop that `Add(len(xs))` counts to the next, on which no
/// goroutine is started; and what was counted.
fn uncounted(cx: &Cx, add: Call, group: ExprId, func: Func) -> Option<(Vec<(Span, String)>, &'static str)> {
    let &[delta] = add.args else { return None };
    let followed = cx.followed(func.node)?;
    let name = cx.source(group);
    let is_wait = |node: &Node| match *node {
        Node::Stmt(id) => matches!(cx.stmt(id), Stmt::Defer(call) if is_on(cx, call, group, "Wait")),
        _ => false,
    };
    let deferred = cx.defers(func.body).iter().take(16).any(is_wait);
    if cx.int_value(delta) == Some(1) {
        if !is_plain(cx, add.expr, group, cx.enclosing_loop(add.expr), func) {
            return None;
        }
        let mut watch = Missing { until_wait: true, deferred, ..Missing::to_end(cx, group) };
        let mut start = cx.start(&followed, followed.after_call(add.expr)?);
        let found = cx.follow(&followed, &mut start, &mut watch)?;
        let mut steps = vec![(cx.span(add.fun), format!("`{name}` counts one more here"))];
        steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
        let waits = found.op.map_or_else(|| cx.end_of_path(&followed, &found.path), |op| cx.span(op.at));
        steps.push((waits, format!("`{name}.Wait` waits for it, and nothing calls `{name}.Done`")));
        return Some((steps, "a goroutine"));
    }
    let counted = length_of(cx, delta)?;
    let list = cx.siblings(cx.enclosing_stmt(add.expr)?);
    let ranges =
        |&&stmt: &&StmtId| matches!(cx.stmt(stmt), Stmt::Range { subject, .. } if cx.same_pure(subject, counted));
    let &range = list.iter().skip_while(|&&stmt| cx.span(stmt).start < cx.span(add.expr).start).find(ranges)?;
    if !is_plain(cx, add.expr, group, Some(range), func) {
        return None;
    }
    let mut watch = Missing { until_wait: true, deferred, ..Missing::to_end(cx, group) };
    let mut start = cx.start(&followed, followed.at_turn(range)?);
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    let mut steps = vec![(cx.span(add.fun), format!("`{name}` counts all of `{}` here", cx.source(counted)))];
    steps.extend(cx.branches_of(&followed, &found.path).into_iter().take(4));
    Some((steps, "a goroutine for each element"))
}

/// `xs` of `len(xs)`.
fn length_of(cx: &Cx, expr: ExprId) -> Option<ExprId> {
    match cx.expr(cx.unparen(expr)) {
        Expr::Call { fun, args, .. } if cx.is_builtin(fun, "len") => cx.only(args),
        _ => None,
    }
}

/// `Wait` in the loop that starts one goroutine per iteration, or in a goroutine that is counted.
fn check_wait(cx: &mut Cx, wait: Call) {
    let Some(group) = wait.receiver else { return };
    if let Some(own) = cx.waits_for_itself().into_iter().find(|own| own.at == wait.expr) {
        let (name, worker) = (cx.source(group), own.worker.rsplit('.').next().unwrap_or_default());
        let message = format!("`{worker}` gets here in a goroutine that `{name}` counts, and so waits for itself");
        let steps = vec![
            Step::from((cx.span(wait.fun), "this waits until all goroutines have said that they are done".to_owned())),
            Step::within(own.worker.clone(), own.ends, "the one that waits would say so here, and never gets there"),
        ];
        cx.report(wait.fun, message)
            .severity(Severity::High)
            .steps(steps)
            .note("let a worker only say that all have to stop, and return; who started them waits");
        return;
    }
    let Some(stmt) = cx.enclosing_stmt(wait.expr) else { return };
    let Some(looping) = cx.enclosing_loop(wait.expr) else { return };
    cx.examined();
    // Others try again until something succeeds.
    let (Stmt::For { post: Some(_), body, .. } | Stmt::Range { body, .. }) = cx.stmt(looping) else { return };
    let list = cx.list_of(Node::Stmt(body));
    let (Stmt::Expr(_), Some(at)) = (cx.stmt(stmt), cx.tree.place(list, stmt)) else { return };
    let &[spawn] = cx.spawns_in(body).take(2).collect::<Vec<_>>().as_slice() else { return };
    // What stands between the two runs beside the goroutine.
    let follows = at.checked_sub(1).and_then(|before| list.get(before)) == statement_of(cx, spawn.at).as_ref();
    let counted = match spawn.group {
        Some(of) => cx.same_text(of, group),
        None => cx.any(spawn.call, true, |node| matches!(node, Node::Expr(call) if is_on(cx, call, group, "Done"))),
    };
    if !follows || !counted {
        return;
    }
    let name = cx.source(group);
    let started = (cx.span(spawn.at), "each iteration starts one goroutine here".to_owned());
    let waited = (cx.span(wait.fun), "the next iteration begins once it is done".to_owned());
    cx.report(wait.fun, format!("`{name}.Wait` inside the loop waits for each goroutine before the next one starts"))
        .steps(vec![started, waited])
        .note(format!("the work runs one after the other; call `{name}.Wait` after the loop"));
}

/// The statement that a node is, or that stands around it.
fn statement_of(cx: &Cx, node: Node) -> Option<StmtId> {
    match node {
        Node::Stmt(stmt) => Some(stmt),
        _ => cx.enclosing_stmt(node),
    }
}
