//! A mutex is still locked on a path out of the function that unlocks it on others, or locking and unlocking do not pair.
//!
//! Whoever wants the lock next waits forever: first one goroutine, then all that come after it, until nothing moves and the process
//! must be restarted. It is the early return of an error, or a `continue`, that forgets it. `defer mu.Unlock()` on the next line
//! covers every path; where the lock must not be held that long, put what needs it into a function of its own.
//!
//! A mutex that is unlocked twice, or locked with `RLock` and unlocked with `Unlock`, ends the program with a fatal error that nothing can
//! recover from (documentation of package `sync`).
//!
//! Limits: functions that hand the locked value to their caller, or whose name or comment speaks of locking, are taken for helpers
//! of others. So is one that never unlocks, if a function of the package unlocks the same field or variable without locking it, or one
//! of its name where it is not known which lock it is. A function that is called with what has the lock counts as one that unlocks it
//! only if its name or its body says so.
//!
//! ```go bad
//! type Seats struct {
//! 	mu    sync.Mutex
//! 	taken map[string]string
//! }
//!
//! func (s *Seats) Take(seat, customer string) error {
//! 	s.mu.Lock()
//! //<^^^^^^^^^ `s.mu` is not unlocked on every path out of `Take`
//! 	if s.taken[seat] != "" {
//! 		return errors.New("taken")
//! 	}
//! 	s.taken[seat] = customer
//! 	s.mu.Unlock()
//! 	return nil
//! }
//! ```
//! ```diff fixed
//! +		s.mu.Unlock()
//! ```
//! ```go bad
//! type Seats struct {
//! 	mu    sync.RWMutex
//! 	taken map[string]string
//! }
//!
//! func (s *Seats) Free(seat string) error {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	if s.taken[seat] == "" {
//! 		s.mu.Unlock()
//! 		//<^^^^^^^^^^^ `s.mu` is unlocked here, and the deferred `Unlock` unlocks it again, which ends the program
//! 		return errors.New("free already")
//! 	}
//! 	delete(s.taken, seat)
//! 	return nil
//! }
//!
//! func (s *Seats) Count() int {
//! 	s.mu.RLock()
//! 	//<^^^^^^^^^^ `s.mu` is locked with `RLock` and unlocked with `Unlock`, which ends the program with a fatal error
//! 	n := len(s.taken)
//! 	s.mu.Unlock()
//! 	return n
//! }
//! ```
//! ```go good
//! type Seats struct {
//! 	mu    sync.Mutex
//! 	taken map[string]string
//! }
//!
//! func (s *Seats) Take(seat, customer string) error {
//! 	s.mu.Lock()
//! 	defer s.mu.Unlock()
//! 	if s.taken[seat] != "" {
//! 		return errors.New("taken")
//! 	}
//! 	s.taken[seat] = customer
//! 	return nil
//! }
//!
//! // lock locks the seats, unless the house is closed.
//! func (s *Seats) lock() bool {
//! 	s.mu.Lock()
//! 	if s.taken == nil {
//! 		s.mu.Unlock()
//! 		return false
//! 	}
//! 	// The caller unlocks.
//! 	return true
//! }
//! ```
//!
//! # Idiom
//!
//! Go has no scoped locks. The habit is `mu.Lock()` with `defer mu.Unlock()` on the next line, in a function that is as long as the lock
//! should be held. By convention a mutex is a field right above the fields that it guards.
//!
//! # Impact
//!
//! After the first call that takes this path, others wait for the lock without a time limit, since `Lock` takes no
//! context. The process answers its health check, uses no CPU, and its goroutine count climbs with each call. Where the
//! lock is released twice, the program ends with a fatal error instead. A test that takes the path and then locks finds
//! both.
//!
//! # Verify
//!
//! - `go test -run {test} -timeout 10s {package}`: take the early path, then lock again; the dump at the time limit
//!   shows who waits
//! - `curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=1' | grep -B 4 -A 2 'Mutex).R*Lock'`: the number of
//!   goroutines that wait for a lock, which only grows
//!
//! # Options
//!
//! - Add `defer mu.Unlock()`: covers every path and a panic, and holds the lock until the function
//!   returns
//!   - senior, data, cloud-native: the pair is visible in two lines
//! - Move the locked part into a small function with a deferred unlock: the lock is held for that part only
//!   - backend, throughput: slow work stays outside, and the critical section can be tested alone
//! - Call `mu.Unlock()` before the return: least time under the lock, and the next early return brings the fault back
//!
//! # References
//!
//! - [Package sync, Mutex](https://pkg.go.dev/sync#Mutex)
//! - [Go blog, "Defer, Panic, and Recover"](https://go.dev/blog/defer-panic-and-recover)
use gopeer_lint::Base;
use gopeer_lint::prelude::*;

use super::support::{LOCKS, is_next, lock_call};

pub static RULE: Rule = Rule {
    id: "concurrency/missing-unlock",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Deadlock, 3)],
    equivalents: &["semgrep:missing-unlock-before-return", "semgrep:missing-runlock-on-rwmutex"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(LOCKS, check),
        Hook::Call(TRIES, check),
        Hook::Call(UNLOCKS, check_unlock),
        Hook::Expr(&[ExprKind::Call], check_helper),
    ],
    examines: "locks that are taken",
};

/// Methods that lock if they answer `true`.
const TRIES: &[&str] = &["sync.Mutex.TryLock", "sync.RWMutex.TryLock", "sync.RWMutex.TryRLock"];

const UNLOCKS: &[&str] = &["sync.Mutex.Unlock", "sync.RWMutex.Unlock", "sync.RWMutex.RUnlock"];

const LOCKED: (&str, &str) = ("is locked", "is still locked");
const WRITES: Pair = Pair { disagree: true, ..Pair::new(&["Unlock"], "unlock", LOCKED) };
const READS: Pair = Pair { disagree: true, ..Pair::new(&["RUnlock"], "unlock", LOCKED) };

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(lock) = call.receiver else { return };
    if is_helper(cx, call.expr)
        || is_unlocked_with_others(cx, lock)
        || defers_lock(cx, call, lock)
        || is_taken_back(cx, call, lock)
    {
        return;
    }
    let reads = call.callee.name.ends_with("RLock");
    let pair = if reads { READS } else { WRITES };
    let forgotten =
        || cx.unpaired(call, Pair { disagree: false, ..pair }).filter(|_| is_unlocked_nowhere(cx, call, lock));
    let Some(unpaired) = cx.unpaired(call, pair).or_else(forgotten) else { return check_panic(cx, call, lock, pair) };
    if !unpaired.never && !unpaired.fails && unlocked_without_lock(cx, call, lock) != Some(false) {
        return;
    }
    if is_unlocked_otherwise(cx, call) {
        return;
    }
    let name = cx.source(lock);
    let message = match unpaired.never {
        true => format!("`{name}` is never unlocked"),
        false => format!("`{name}` is not unlocked on every path out of {}", cx.func_in_words(call.expr)),
    };
    let unlock = format!("{name}.{}()", if reads { "RUnlock" } else { "Unlock" });
    // Who jumps there comes without the lock.
    let jumps = cx.enclosing_func(call.expr).is_some_and(|func| !cx.within(func.body, false, jumps).is_empty());
    let edit = unpaired.at.filter(|&at| !jumps && !uses(cx, at, lock)).map(|at| {
        let start = cx.span(at).start;
        (Span::new(start, start), format!("{unlock}\n{}", cx.indent(at)))
    });
    let deferred = (!jumps).then(|| deferred(cx, call, lock, &unlock)).flatten();
    let next = match cx.enclosing_decl(call.expr).and_then(|decl| receiver_of(cx, decl, lock)) {
        _ if reads => "whoever wants to write waits forever, and so does whoever wants to read after that".to_owned(),
        Some(func) => {
            format!(
                "the next call of `{func}` on this value that gets here waits forever, and so does whoever else wants the lock"
            )
        }
        None => "whoever wants the lock next waits forever".to_owned(),
    };
    let reason = says_not_to(cx, call.expr);
    let report = cx.report(call.fun, message).steps(unpaired.steps).excused(reason);
    let report = report.note(next);
    report
        .fix(format!("Call `{unlock}` before the return"), edit)
        .fix(format!("Add `defer {unlock}`"), deferred.into_iter().flatten());
}

/// Whether the next line defers `Lock` where `Unlock` is meant, which `ineffective-lock` reports.
fn defers_lock(cx: &Cx, call: Call, lock: ExprId) -> bool {
    let next = cx.enclosing_stmt(call.expr).and_then(|stmt| cx.next_stmt(stmt));
    let Some(Stmt::Defer(again)) = next.map(|next| cx.stmt(next)) else { return false };
    lock_call(cx, again).is_some_and(|(same, method)| method.ends_with("Lock") && cx.same_pure(lock, same))
}

fn jumps(cx: &Cx, node: Node) -> bool {
    matches!(node, Node::Stmt(stmt) if matches!(cx.stmt(stmt), Stmt::Branch { kind: BranchKind::Goto, .. }))
}

/// The method whose receiver has the lock.
fn receiver_of<'a>(cx: &Cx<'a>, decl: DeclId, lock: ExprId) -> Option<&'a str> {
    let Decl::Func { recv, .. } = cx.decl(decl) else { return None };
    let Expr::Selector { base, .. } = cx.expr(lock) else { return None };
    let (receiver, _) = cx.params(recv).first().copied()?;
    (cx.def(base) == Def::Local(receiver?)).then(|| cx.func_name(decl)).flatten()
}

/// The edits that defer the unlock right after the lock, in the place of all other calls of it. None where it is locked again, which
/// would then wait for itself.
fn deferred(cx: &Cx, call: Call, lock: ExprId, unlock: &str) -> Option<Vec<(Span, String)>> {
    const MOST: usize = 256;
    let func = cx.enclosing_func(call.expr)?;
    let stmt = cx.enclosing_stmt(call.expr).filter(|_| cx.enclosing_loop(call.expr).is_none())?;
    cx.place_in_list(stmt)?;
    let end = cx.span(stmt).end;
    let mut edits = vec![(Span::new(end, end), format!("\n{}defer {unlock}", cx.indent(stmt)))];
    let calls = cx.calls_within(func.body, false);
    for &other in calls.get(..MOST).is_none().then_some(&calls)?.iter() {
        let Node::Expr(other) = other else { continue };
        match cx.method_call(other) {
            Some((same, ..)) if other == call.expr || !cx.same_text(same, lock) => {}
            Some((_, "Unlock" | "RUnlock", [])) => {
                let alone =
                    cx.enclosing_stmt(other).filter(|&stmt| cx.lines(stmt).of(cx.tree.text()).trim() == unlock)?;
                edits.push((cx.lines(alone), String::new()));
            }
            Some(_) => return None,
            None => {}
        }
    }
    Some(edits)
}

/// Code of others runs before the lock is unlocked, and somebody continues after a panic of it.
fn check_panic(cx: &mut Cx, call: Call, lock: ExprId, pair: Pair) {
    const MOST: usize = 64;
    let Some(func) = cx.enclosing_func(call.expr) else { return };
    let Node::Decl(decl) = func.node else { return };
    if cx.is_deferred(call.expr) {
        return;
    }
    let calls = cx.calls_within(func.body, false);
    let from = calls.partition_point(|&node| cx.span(node).start <= cx.span(call.expr).start);
    let unlocks = |next| matches!(cx.method_call(next), Some((of, method, [])) if pair.ends.contains(&method) && cx.same_text(of, lock));
    let mut foreign = None;
    for &node in calls[from..].iter().take(MOST) {
        let Node::Expr(next) = node else { continue };
        match (unlocks(next), foreign) {
            (true, before) if before.is_none() || cx.is_deferred(next) => return,
            (true, Some(_)) => break,
            (false, None) if runs_other_code(cx, next) => foreign = Some(next),
            _ => {}
        }
    }
    let Some(Expr::Call { fun, .. }) = foreign.map(|foreign| cx.expr(foreign)) else { return };
    let Some(who) = cx.who_recovers_from(decl) else { return };
    // A closure that unlocks may be a deferred one.
    let in_closures = cx.within(func.body, true, unlocks_in_literal);
    if in_closures.iter().take(MOST).any(|&node| matches!(node, Node::Expr(next) if unlocks(next))) {
        return;
    }
    let (name, code, who) = (cx.source(lock), cx.source(fun), who.rsplit('.').next().unwrap_or_default());
    // A test recovers from what it provokes.
    if who.starts_with("Test") {
        return;
    }
    let steps = vec![
        (cx.span(call.fun), format!("`{name}` is locked here")),
        (cx.span(fun), format!("when `{code}` panics, the function is left here, and `{name}` stays locked")),
    ];
    let message = format!("`{name}` stays locked when `{code}` panics, after which `{who}` continues");
    cx.report(call.fun, message)
        .severity(Severity::High)
        .steps(steps)
        .note(format!("`defer {name}.{}()` unlocks it then, too", pair.ends.first().copied().unwrap_or("Unlock")));
}

/// Whether a node calls a method that unlocks something, in a function literal.
fn unlocks_in_literal(cx: &Cx, node: Node) -> bool {
    let Node::Expr(call) = node else { return false };
    matches!(cx.method_call(call), Some((_, "Unlock" | "RUnlock", [])))
        && cx.enclosing_func(call).is_some_and(|func| matches!(func.node, Node::Expr(_)))
}

/// Whether a call runs code that the package does not know, and has it work on something: of an interface of its own, or of a function that
/// a field holds. A clock, a logger and the like are left out.
fn runs_other_code(cx: &Cx, call: ExprId) -> bool {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return false };
    if cx.exprs(args).is_empty()
        || words(cx.source(fun)).iter().any(|word| matches!(word.as_str(), "log" | "logger" | "logf"))
    {
        return false;
    }
    let fun = cx.unparen(fun);
    match cx.expr(fun) {
        Expr::Selector { base, .. } => {
            let own = cx.call(call).is_some_and(|call| cx.is_own(&call.callee));
            let field =
                cx.call(call).is_none() && matches!(cx.under(fun), Type::Signature(_)) && cx.callee(call).is_none();
            own && matches!(cx.under(base), Type::Interface(_)) || field
        }
        _ => false,
    }
}

/// A function of the package gives what it has locked, or the function that unlocks it.
fn check_helper(cx: &mut Cx, call: ExprId) {
    let Some(call) = cx.call(call).filter(|call| cx.is_own(&call.callee)) else { return };
    let Some(resource) = cx.locked_result(call) else { return };
    cx.examined();
    let Some(leak) = cx.leak(&resource).filter(|leak| !leak.never) else { return };
    let Some(variable) = leak.variable else { return };
    let (name, helper, func) = (cx.source(variable), call.callee.name, cx.func_in_words(call.expr));
    let message = match resource.release.is_call() {
        true => format!("`{name}` is not called on every path out of {func}: what `{helper}` has locked stays locked"),
        false => format!("`{name}`, which `{helper}` returns locked, is not unlocked on every path out of {func}"),
    };
    cx.report(variable, message).steps(leak.steps).note("whoever wants the lock next waits forever");
}

fn check_unlock(cx: &mut Cx, call: Call) {
    let Some(lock) = call.receiver else { return };
    let name = cx.source(lock);
    if let Some(taken) = cx.locked_otherwise(call) {
        let (locks, unlocks) = (taken.callee.name, call.callee.name);
        if !is_next(cx, taken, call.expr) {
            let message = format!(
                "`{name}` is locked with `{locks}` and unlocked with `{unlocks}`, which ends the program with a fatal error"
            );
            let end = cx.span(call.fun).end;
            let right = if locks == "RLock" { "RUnlock" } else { "Unlock" };
            let edit = (Span::new(end - unlocks.len() as u32, end), right.to_owned());
            let at = cx.span(call.fun);
            cx.report(taken.fun, message).note_at(at, "it is unlocked here").fix(format!("Call `{right}`"), [edit]);
        }
        return;
    }
    let Some(twice) = cx.unlocked_twice(call) else { return };
    match twice.again.map(|again| cx.expr(again)) {
        Some(Expr::Call { fun, .. }) => {
            cx.report(fun, format!("`{name}` is unlocked already on this path, which ends the program"))
        }
        _ => cx.report(
            call.fun,
            format!(
                "`{name}` is unlocked here, and the deferred `{}` unlocks it again, which ends the program",
                call.callee.name
            ),
        ),
    }
    .steps(twice.steps)
    .note("unlocking a mutex that is not locked is a fatal error that nothing can recover from");
}

/// Whether a caller holds the lock, and the function has only let go of it for a while: it unlocks before, in the same list of statements.
fn is_taken_back(cx: &Cx, call: Call, lock: ExprId) -> bool {
    const MOST: usize = 64;
    let Some(place) = cx.receiver_place(call) else { return false };
    let before = cx.enclosing_stmt(call.expr).and_then(|stmt| cx.stmt_before(stmt));
    let mut before = std::iter::successors(before, |&stmt| cx.stmt_before(stmt)).take(MOST);
    let last = before.find_map(|stmt| match cx.stmt(stmt) {
        Stmt::Expr(other) => cx.method_call(other).filter(|&(of, _, args)| args.is_empty() && cx.same_text(of, lock)),
        _ => None,
    });
    matches!(last, Some((_, "Unlock" | "RUnlock", _))) && cx.held_at(call.expr).released.contains(&place)
}

/// Whether what a call locks is unlocked in its function by the wrong method.
fn is_unlocked_otherwise(cx: &Cx, lock: Call) -> bool {
    const MOST: usize = 64;
    let Some(func) = cx.enclosing_func(lock.expr) else { return false };
    let unlocks = cx.within(func.body, false, |cx, node| match node {
        Node::Expr(id) => matches!(cx.expr(id), Expr::Call { .. }) && cx.calls(id, UNLOCKS),
        _ => false,
    });
    unlocks.iter().take(MOST).any(|node| match *node {
        Node::Expr(id) => {
            let taken = cx.call(id).and_then(|unlock| cx.locked_otherwise(unlock));
            taken.is_some_and(|taken| taken.expr == lock.expr)
        }
        _ => false,
    })
}

/// Whether no function of the package unlocks the lock without locking it first: then this one would have to.
fn is_unlocked_nowhere(cx: &Cx, call: Call, lock: ExprId) -> bool {
    let Some((first, _, name)) = unlocking(cx, call, lock) else { return false };
    // It was locked by the caller, and interrupted for a while.
    let interrupted = cx.enclosing_decl(call.expr).is_none_or(|func| cx.calls_on(func, first, name));
    // What has a lock embedded is one of many of its type, if the method is not its own.
    let itself = cx.has_type(lock, &["sync.Mutex", "sync.RWMutex", "sync.Locker"])
        || cx.receiver_place(call).is_some_and(|place| place.base == Base::Receiver && place.class.is_some());
    !interrupted && itself && unlocked_without_lock(cx, call, lock) == Some(false)
}

/// Whether some function of the package unlocks the lock without locking it first: the same field or variable, or one of its name where
/// it is not known which lock it is. Then the lock may be held on purpose from one function to the next, where nothing has failed.
/// None where the package's functions are not at hand, as in a file for another system.
fn unlocked_without_lock(cx: &Cx, call: Call, lock: ExprId) -> Option<bool> {
    let known = cx.receiver_place(call).and_then(|place| cx.is_unlocked_for_others(&place));
    // What a `sync.Locker` leads to has no place of its own.
    if known.is_some() && (known == Some(true) || !cx.has_type(lock, &["sync.Locker"])) {
        return known;
    }
    let Some((first, second, name)) = unlocking(cx, call, lock) else { return Some(false) };
    cx.package_calls_on(first, name, second)
}

/// The methods that unlock and lock, and the name of the lock.
fn unlocking<'a>(cx: &Cx<'a>, call: Call, lock: ExprId) -> Option<(&'static str, &'static str, &'a str)> {
    let (first, second) = if call.callee.name.ends_with("RLock") { ("RUnlock", "RLock") } else { ("Unlock", "Lock") };
    let name = match cx.expr(cx.unparen(lock)) {
        Expr::Selector { name, .. } => name,
        Expr::Ident => lock,
        _ => return None,
    };
    Some((first, second, cx.source(name)))
}

/// Whether a statement uses what the lock belongs to, and so perhaps what it guards.
fn uses(cx: &Cx, stmt: StmtId, lock: ExprId) -> bool {
    let Some(root) = cx.find_expr(lock, false, |id| cx.expr(id) == Expr::Ident) else { return true };
    cx.any(stmt, true, |node| match node {
        Node::Expr(id) => cx.expr(id) == Expr::Ident && cx.def(id) == cx.def(root),
        _ => false,
    })
}

/// The comment in the function around a call that says that it is not unlocked on purpose.
fn says_not_to<'a>(cx: &Cx<'a>, call: ExprId) -> Option<&'a str> {
    let span = cx.span(cx.enclosing_func(call)?.body);
    let comments = cx.tree.comments();
    let from = comments.partition_point(|comment| comment.span.start < span.start);
    let inside = comments[from..].iter().take_while(|comment| comment.span.end <= span.end);
    let mut texts = inside.map(|comment| comment.body(cx.tree.text()));
    const SAYS: &[&str] = &[
        "not release",
        "n't release",
        "n’t release",
        "not unlock",
        "n't unlock",
        "n’t unlock",
        "never released",
        "never unlocked",
    ];
    texts.find(|text| SAYS.iter().any(|says| text.contains(says)))
}

/// Whether what has the lock is taken out of a list that is given to something which unlocks all in it, by its name: `unlockAll(nodes)`.
fn is_unlocked_with_others(cx: &Cx, lock: ExprId) -> bool {
    const MOST: usize = 64;
    let Some(Def::Local(declared)) = cx.root(lock).map(|root| cx.def(root)) else { return false };
    let list_of = |target: ExprId| {
        let Node::Stmt(stmt) = cx.tree.parent(target)? else { return None };
        let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return None };
        let value = *cx.exprs(rhs).get(cx.tree.place(cx.exprs(lhs), target)?)?;
        match cx.expr(cx.unparen(value)) {
            Expr::Index { base, .. } => Some(cx.def(cx.unparen(base))),
            _ => None,
        }
    };
    let unlocks_all = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(call)) => {
            matches!(cx.expr(call), Expr::Call { args, .. } if cx.exprs(args).contains(&used))
                && words(cx.callee_word(call)).iter().any(|word| word == "unlock")
        }
        _ => false,
    };
    let mut lists = cx.names.uses(declared).take(MOST).filter_map(list_of);
    lists.any(|list| matches!(list, Def::Local(list) if cx.names.uses(list).take(MOST).any(unlocks_all)))
}

/// Whether the name of the function around a call, or its comment, says that it locks for others.
fn is_helper(cx: &Cx, call: ExprId) -> bool {
    const WORDS: &[&str] = &["acquire", "lock", "locked", "locking", "locks", "rlock", "unlock", "unlocked", "unlocks"];
    let Some(decl) = cx.enclosing_decl(call) else { return false };
    let says = |text: &str| words(text).iter().any(|word| WORDS.contains(&word.as_str()));
    let doc = cx.doc_comment(decl).iter().any(|comment| says(comment.body(cx.tree.text())));
    doc || cx.func_name(decl).is_some_and(says)
}
