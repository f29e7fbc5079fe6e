//! What a function is given to pass on is dropped when a channel is full, and nobody hears of it.
//!
//! `select` with an empty `default` gives up when nobody receives and there is no room. The caller believes that its work was accepted:
//! it is lost under load, when it matters most, without an error, a count or a log line. Return `false` or an error, count what was
//! dropped, or wait with a deadline.
//!
//! A loop that collects what it receives and passes it on in batches loses the last batch if it returns as soon as it is asked to end. So
//! does a `Close` that ends the loop which flushes a field now and then, where neither flushes the rest.
//!
//! A signal such as `struct{}` that is sent in the same way needs a channel with room for one, where it waits: without room it is lost
//! while whoever would receive it does something else.
//!
//! Limits: only functions are looked at that return nothing and whose names say that they take work (`Enqueue`, `Submit`, `Publish`), or
//! that answer with success after the `select`; and only values that they get as parameters. Errors, signals (`struct{}` and `bool`) on
//! channels with room, and whatever is sent on a channel with room for one are left alone: one that waits already says the same.
//!
//! ```go bad
//! type Mail struct{ To string }
//!
//! type Mailer struct {
//! 	queue chan Mail
//! }
//!
//! func (m *Mailer) Enqueue(mail Mail) {
//! 	select {
//! 	case m.queue <- mail:
//! 	default:
//! 	//<^^^^^^^ `Enqueue` silently drops `mail` when `m.queue` is full
//! 	}
//! }
//! ```
//! ```go good
//! type Mail struct{ To string }
//!
//! type Mailer struct {
//! 	queue   chan Mail
//! 	wake    chan struct{}
//! 	dropped atomic.Int64
//! }
//!
//! func (m *Mailer) Enqueue(mail Mail) bool {
//! 	select {
//! 	case m.queue <- mail:
//! 		return true
//! 	default:
//! 		return false // the caller knows
//! 	}
//! }
//!
//! func (m *Mailer) TryEnqueue(mail Mail) {
//! 	select {
//! 	case m.queue <- mail:
//! 	default:
//! 		m.dropped.Add(1) // it is counted
//! 	}
//! }
//!
//! func (m *Mailer) Wake(struct{}) {
//! 	select {
//! 	case m.wake <- struct{}{}:
//! 	default: // it is awake already
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! Work that its caller believes accepted is dropped: when the queue is full, or when a loop ends with a batch that was
//! not passed on. There is no error and no counter, so only a comparison of the two sides shows it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: block the receiver and hand over one more than there is room for, or end the loop
//!   with a batch half full: nothing may be missing without an error
//!
//! # Options
//!
//! - Return an error or `false`: the caller can answer 503 or try later
//!   - senior, backend: the caller knows what was not accepted
//! - Wait with a deadline: absorbs short bursts, and slows callers down
//!   - data, cloud-native: back-pressure reaches whoever produces
//! - Drop and count: for samples and metrics, where the newest is as good
//!   - throughput: the hot path never waits, and the counter pages somebody
//!
//! # References
//!
//! - [Go spec, "Select statements"](https://go.dev/ref/spec#Select_statements)
use gopeer_lint::prelude::*;
use gopeer_lint::{FieldAct, FieldUse, LostBatch};

pub static RULE: Rule = Rule {
    id: "concurrency/dropped-work",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::DataLoss, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Select], check), Hook::Piece(leaves_rest)],
    examines: "values that are sent where there is room",
};

fn check(cx: &mut Cx, select: StmtId) {
    let Stmt::Select { clauses } = cx.stmt(select) else { return };
    if let Some(lost) = cx.lost_batch(select) {
        return leaves_batch(cx, lost);
    }
    let clauses = cx.stmts(clauses);
    let default = |&clause: &StmtId| match cx.stmt(clause) {
        Stmt::CommClause { comm: None, body } => Some((clause, body)),
        _ => None,
    };
    let mut sends = clauses.iter().filter_map(|&clause| send_of(cx, clause));
    let (Some((chan, value)), None) = (sends.next(), sends.next()) else { return };
    let Some((dropped, body)) = clauses.iter().find_map(default) else { return };
    let Some(func) = cx.enclosing_func(select) else { return };
    let Node::Decl(decl) = func.node else { return };
    cx.examined();
    let says = cx.comments_at(dropped).next().is_some()
        || cx.doc_comment(decl).iter().any(|comment| speaks(comment.body(cx.tree.text())));
    if !says && body.is_empty() && clauses.len() == 2 {
        loses_signal(cx, chan, dropped);
    }
    // Who answers that all is well takes it, whatever the name says.
    let quiet = cx.results_of(func).is_empty() && clauses.len() == 2 && cx.func_name(decl).is_some_and(accepts);
    if !quiet && !succeeds_after(cx, select) {
        return;
    }
    if !body.is_empty() || says || !is_given(cx, func, value) || is_signal(cx, chan) {
        return;
    }
    if let Some(uses) = cx.field_uses(chan)
        && uses.iter().any(|used| used.act == FieldAct::Make(Some(1)))
    {
        return;
    }
    let name = cx.func_name(decl).unwrap_or("this function");
    let (chan, value) = (cx.source(chan), cx.source(value));
    let message = format!("`{name}` silently drops `{value}` when `{chan}` is full");
    let start = cx.span(dropped).start;
    cx.report_span(Span::new(start, start + "default".len() as u32), message)
        .note("tell the caller, count it or log it; or wait for room with a deadline");
}

/// A signal that whoever is to wake up only gets while it waits: a loop that has something to do meanwhile misses it.
fn loses_signal(cx: &mut Cx, chan: ExprId, dropped: StmtId) {
    if !cx.carries_nothing(chan) {
        return;
    }
    let Some(uses) = cx.field_uses(chan).filter(|uses| FieldUse::is_unbuffered(uses)) else { return };
    let receives = |used: &&FieldUse| matches!(used.act, FieldAct::Receive | FieldAct::Range);
    let waits = uses.iter().filter(receives).find(|used| used.continues);
    let Some(waits) = waits.filter(|_| uses.iter().all(|used| used.act != FieldAct::Other)) else { return };
    let (name, who) = (cx.source(chan), waits.func_name());
    let message = format!(
        "a signal on `{name}`, which is unbuffered, is lost while `{who}` is doing anything but waiting for it"
    );
    let start = cx.span(dropped).start;
    cx.report_span(Span::new(start, start + "default".len() as u32), message)
        .note(format!("give `{name}` a buffer of one: the signal waits there, and a second one adds nothing"));
}

/// A loop that collects values ends with those that it has not passed on yet.
fn leaves_batch(cx: &mut Cx, LostBatch { at, batch, collects, passes }: LostBatch) {
    cx.examined();
    let (name, call, func) = (cx.source(batch), cx.callee_text(passes), cx.func_in_words(at));
    let steps = vec![
        (cx.span(collects), format!("values are collected in `{name}` here")),
        (cx.span(passes), format!("`{call}` gets them here")),
        (cx.span(at), format!("{func} returns here, and `{call}` does not get the rest")),
    ];
    let reason = cx.explanation(at, &["drop", "discard", "lost", "ignore", "best effort"]);
    let message = format!("{func} returns here, and what is in `{name}` never reaches `{call}`");
    cx.report(at, message)
        .steps(steps)
        .note(format!("call `{call}` again before the return; if it takes a context, give it one that has not ended"))
        .excused(reason);
}

/// A method ends the loop that passes on what was collected, and leaves the rest.
fn leaves_rest(cx: &mut Cx) {
    for race in cx.field_races().iter().filter(|race| race.between == Users::Left) {
        cx.examined();
        cx.report(race.at, race.message(cx)).note("what was collected last is lost: call it once the loop has ended");
    }
}

/// Whether the statement after a `select` returns that there was no error, or `true`.
fn succeeds_after(cx: &Cx, select: StmtId) -> bool {
    let Some(Stmt::Return(results)) = cx.next_stmt(select).map(|next| cx.stmt(next)) else { return false };
    let Some(last) = cx.only(results) else { return false };
    cx.is_builtin(last, "nil") || cx.source(last) == "true"
}

/// Whether the name of a function says that it takes work.
fn accepts(name: &str) -> bool {
    const WORDS: &[&str] =
        &["add", "dispatch", "enqueue", "handle", "process", "publish", "push", "queue", "schedule", "submit"];
    words(name).first().is_some_and(|word| WORDS.contains(&word.as_str()))
}

/// Whether a comment says that values may be lost.
fn speaks(comment: &str) -> bool {
    const WORDS: &[&str] = &[
        "best effort",
        "best-effort",
        "discard",
        "drop",
        "lossy",
        "non-block",
        "nonblock",
        "not block",
        "lost",
        "ignore",
    ];
    let comment = comment.to_ascii_lowercase();
    WORDS.iter().any(|word| comment.contains(word))
}

/// The channel and the value of a case that sends.
fn send_of(cx: &Cx, clause: StmtId) -> Option<(ExprId, ExprId)> {
    let Stmt::CommClause { comm: Some(comm), .. } = cx.stmt(clause) else { return None };
    let Stmt::Send { chan, value } = cx.stmt(comm) else { return None };
    Some((chan, value))
}

/// Whether a value is a parameter of the function.
fn is_given(cx: &Cx, func: Func, value: ExprId) -> bool {
    let Expr::FuncType { params, .. } = cx.expr(func.ty) else { return false };
    let Def::Local(declared) = cx.def(cx.unparen(value)) else { return false };
    cx.params(params).iter().any(|(name, _)| *name == Some(declared))
}

/// Whether a channel carries signals or errors, of which one is as good as many.
fn is_signal(cx: &Cx, chan: ExprId) -> bool {
    let Type::Chan { elem, .. } = cx.under(chan) else { return true };
    cx.carries_nothing(chan)
        || matches!(cx.store.under(elem), Type::Basic(Basic::Bool) | Type::Unknown)
        || elem == TypeId::ERROR
}
