//! A command is waited for before its output is read to the end.
//!
//! `Wait` closes the pipes of `StdoutPipe` and `StderrPipe` as soon as the command has exited. What is in them by then is lost, and
//! whoever reads gets "file already closed": the last lines of the output are missing now and then, mostly of commands that end soon. Let
//! all reads end before `Wait` is called (documentation of `os/exec`), or give the command a writer: `cmd.Stdout = w`.
//!
//! Limits: pipes that other functions make are not followed. Whatever is waited for between the start of the goroutine and `Wait` counts
//! as its end.
//!
//! ```go bad
//! func run(cmd *exec.Cmd, line func(string)) error {
//! 	out, err := cmd.StdoutPipe()
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if err := cmd.Start(); err != nil {
//! 		return err
//! 	}
//! 	done := make(chan struct{})
//! 	go func() {
//! 		defer close(done)
//! 		lines := bufio.NewScanner(out)
//! 		for lines.Scan() {
//! 			line(lines.Text())
//! 		}
//! 	}()
//! 	err = cmd.Wait()
//! 	//    ^^^^^^^^ `cmd.Wait` closes `out`, which another goroutine may still be reading
//! 	<-done
//! 	return err
//! }
//! ```
//! ```go bad
//! func output(cmd *exec.Cmd) ([]byte, error) {
//! 	out, err := cmd.StdoutPipe()
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if err := cmd.Start(); err != nil {
//! 		return nil, err
//! 	}
//! 	if err := cmd.Wait(); err != nil {
//! 	//        ^^^^^^^^ `cmd.Wait` closes `out`, which is read after it
//! 		return nil, err
//! 	}
//! 	return io.ReadAll(out)
//! }
//! ```
//! ```go good
//! func run(cmd *exec.Cmd, w io.Writer) error {
//! 	out, err := cmd.StdoutPipe()
//! 	if err != nil {
//! 		return err
//! 	}
//! 	if err := cmd.Start(); err != nil {
//! 		return err
//! 	}
//! 	var wg sync.WaitGroup
//! 	wg.Go(func() { io.Copy(w, out) })
//! 	wg.Wait() // all of it is read
//! 	return cmd.Wait()
//! }
//! ```
//!
//! # References
//!
//! - [Package os/exec, Cmd.StdoutPipe](https://pkg.go.dev/os/exec#Cmd.StdoutPipe)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/read-after-wait",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Race, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Call(&["os/exec.Cmd.Wait"], check)],
    examines: "commands that are waited for",
};

fn check(cx: &mut Cx, wait: Call) {
    let (Some(command), Some(func)) = (wait.receiver, cx.enclosing_func(wait.expr)) else { return };
    if cx.is_deferred(wait.expr) {
        return;
    }
    cx.examined();
    // A goroutine may be there to wait.
    let around = match func.node {
        Node::Expr(literal) => cx.enclosing_func(literal),
        _ => None,
    };
    let late = [Some(func), around].into_iter().flatten().find_map(|func| {
        let pipes = pipes_of(cx, func, command).into_iter();
        pipes.filter_map(|pipe| Some((pipe, late_read(cx, func, pipe, wait.expr)?))).next()
    });
    let Some((pipe, (read, beside))) = late else { return };
    let read_by = if beside { "another goroutine may still be reading" } else { "is read after it" };
    let (name, of, read) = (cx.source(pipe), cx.source(command), cx.span(read));
    cx.report(wait.fun, format!("`{of}.Wait` closes `{name}`, which {read_by}"))
        .note_at(read, "read here")
        .note("the end of the output is lost when the command exits first: wait for the reads, then call `Wait`");
}

/// The variables that hold the pipes of a command.
fn pipes_of(cx: &Cx, func: Func, command: ExprId) -> Vec<ExprId> {
    const MOST: usize = 8;
    let makes: gopeer_lint::Wanted = |cx, node| match node {
        Node::Expr(call) => cx.calls(call, &["os/exec.Cmd.StdoutPipe", "os/exec.Cmd.StderrPipe"]),
        _ => false,
    };
    let made = cx.within(func.body, false, makes);
    let pipe = |node: &Node| match *node {
        Node::Expr(call) => {
            cx.method_call(call).filter(|(of, ..)| cx.same_text(*of, command)).and_then(|_| variable_of(cx, call))
        }
        _ => None,
    };
    made.iter().take(64).filter_map(pipe).take(MOST).collect()
}

/// The local that gets the first result of a call.
fn variable_of(cx: &Cx, call: ExprId) -> Option<ExprId> {
    match cx.def(cx.kept_in(call)?) {
        Def::Local(declared) => Some(declared),
        _ => None,
    }
}

/// Where a pipe is read that nothing has waited for before `Wait`, and whether by another goroutine.
fn late_read(cx: &Cx, func: Func, pipe: ExprId, wait: ExprId) -> Option<(ExprId, bool)> {
    let spawns: Vec<Spawn> = cx.spawns_in(func.node).take(64).collect();
    let spawn_at = |at: ExprId| spawns.iter().find(|spawn| cx.span(spawn.at).contains(cx.span(at)));
    let (begin, waiting) = (cx.span(wait).start, cx.enclosing_func(wait)?.node);
    let waiter = spawn_at(wait).map(|spawn| cx.span(spawn.at));
    if waiter.is_none() && waiting != func.node {
        return None;
    }
    let waits = cx.within(func.body, true, |cx, node| cx.waits_at(node));
    let is_ended = |start: u32| {
        waits.iter().any(|&node| {
            let by = cx.enclosing_func(node).map(|by| by.node);
            (start..begin).contains(&cx.span(node).start) && (by == Some(func.node) || by == Some(waiting))
        })
    };
    let uses_of = |local: ExprId| cx.names.uses(local).filter(move |&used| used != local).take(32);
    let mut uses: Vec<ExprId> = uses_of(pipe).collect();
    // `lines := bufio.NewScanner(out)` reads it as well.
    let readers: Vec<ExprId> =
        uses.iter().filter_map(|&used| variable_of(cx, argument_of(cx, used)?)).take(4).collect();
    uses.extend(readers.into_iter().flat_map(uses_of));
    uses.into_iter().find_map(|used| {
        let reader = spawn_at(used).map(|spawn| cx.span(spawn.at));
        match (reader, waiter) {
            (Some(reader), Some(waiter)) => {
                (reader != waiter && !is_ended(reader.end.min(waiter.start))).then_some((used, true))
            }
            (Some(reader), None) => (reader.end <= begin && !is_ended(reader.end)).then_some((used, true)),
            (None, Some(waiter)) => {
                reading(cx, used)?;
                (cx.span(used).start > waiter.end && !is_ended(waiter.start)).then_some((used, true))
            }
            (None, None) => {
                let call = reading(cx, used)?;
                (cx.span(used).start > begin && cx.can_lead(wait, call)).then_some((used, false))
            }
        }
    })
}

/// The call that is given a variable.
fn argument_of(cx: &Cx, used: ExprId) -> Option<ExprId> {
    match cx.tree.parent(used) {
        Some(Node::Expr(call)) if matches!(cx.expr(call), Expr::Call { fun, .. } if fun != used) => Some(call),
        _ => None,
    }
}

/// The call that reads a variable: a method of it other than `Close`, or what it is given to.
fn reading(cx: &Cx, used: ExprId) -> Option<ExprId> {
    argument_of(cx, used).or_else(|| {
        let Some(Node::Expr(method)) = cx.tree.parent(used) else { return None };
        let Some(Node::Expr(call)) = cx.tree.parent(method) else { return None };
        cx.method_call(call).filter(|(.., name, _)| *name != "Close" && *name != "Err").map(|_| call)
    })
}
