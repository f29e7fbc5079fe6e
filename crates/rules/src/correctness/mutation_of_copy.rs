//! A field of a copy is assigned to, and nothing uses the copy afterwards.
//!
//! The variable of a `range`, a value receiver, and a struct taken out of a map or a slice are copies. An assignment to one of their
//! fields changes the copy only: the caller, the map and the slice keep the old value, and the update is lost without an error. Take a
//! pointer to the element, store the copy back, or give the method a pointer receiver.
//!
//! Limits: arrays that are copied, and copies that a closure mentions or whose address is kept, are not followed.
//!
//! ```go bad
//! type account struct {
//! 	ID     string
//! 	Frozen bool
//! }
//!
//! func freeze(accounts []account) {
//! 	for _, account := range accounts {
//! 		account.Frozen = true
//! 		//<^^^^^^^^^^^^^^ `account` is a copy, so this assignment changes nothing
//! 	}
//! }
//! ```
//! ```diff fixed
//! -	for _, account := range accounts {
//! -		account.Frozen = true
//! +	for i := range accounts {
//! +		accounts[i].Frozen = true
//! ```
//! ```go bad
//! type limiter struct{ used int }
//!
//! func (l limiter) take(n int) {
//! 	l.used += n
//! 	//<^^^^^^ `l` is a copy, so this assignment changes nothing
//! }
//! ```
//! ```go good
//! type account struct {
//! 	ID     string
//! 	Frozen bool
//! }
//!
//! func freeze(accounts map[string]account, id string) {
//! 	account := accounts[id]
//! 	account.Frozen = true
//! 	accounts[id] = account // stored back
//! }
//!
//! // Frozen returns a frozen copy.
//! func (a account) frozen() account {
//! 	a.Frozen = true
//! 	return a
//! }
//! ```
//!
//! # Idiom
//!
//! Ranging over a slice of structs gives copies, and a method with a value receiver works on one. Code that changes elements writes to
//! `items[i].Field`.
//!
//! # Impact
//!
//! The update is lost without an error: the balance, the flag or the counter stays as it was, and later code works with
//! the old value. Reports show data that "was changed" but reads as before. A test that looks at the original after the
//! call fails.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: assert on the element of the map or slice, not on the variable of the loop
//!
//! # Options
//!
//! - Assign through the index: no new pointers, for slices only
//!   - throughput, data: no allocation, and the slice stays contiguous
//! - Store pointers: each holder sees the change, and so does each goroutine that shares the value
//!   - backend: an entity has one identity
//! - Write the copy back: one line, and the only way for a map of structs
//!   - senior, cloud-native: the write is explicit
//!
//! # References
//!
//! - [Go spec, "For statements with range clause"](https://go.dev/ref/spec#For_range)
//! - [Code review comments, "Receiver type"](https://go.dev/wiki/CodeReviewComments#receiver-type)
use gopeer_lint::prelude::*;
use gopeer_lint::{Root, Wanted};

pub static RULE: Rule = Rule {
    id: "correctness/mutation-of-copy",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &["staticcheck:SA4005", "revive:modifies-value-receiver", "vet:unusedwrite"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Assign, StmtKind::OpAssign, StmtKind::IncDec], check)],
    examines: "assignments to fields of copies",
};

/// What a variable is a copy of.
enum Original {
    Element,
    Receiver,
    Argument,
}

fn check(cx: &mut Cx, stmt: StmtId) {
    let targets = match cx.stmt(stmt) {
        Stmt::Assign { lhs, .. } => cx.exprs(lhs).to_vec(),
        Stmt::IncDec { operand, .. } => vec![operand],
        _ => return,
    };
    for target in targets {
        let Some(copy) = root_of_field(cx, target) else { continue };
        let Def::Local(declared) = cx.def(copy) else { continue };
        let Some(original) = original(cx, declared) else { continue };
        cx.examined();
        if cx.once(declared, first_lost) != Some(copy.into()) || is_filled_again(cx, stmt, target) {
            continue;
        }
        let name = cx.source(copy);
        let note = match original {
            Original::Element => "assign through the index, or store the copy back",
            Original::Receiver => "the caller keeps the old value; if that is to change, take a pointer receiver",
            Original::Argument => "the caller keeps the old value: take a pointer, or return the copy",
        };
        // What is emptied may have served its purpose.
        let severity = if empties(cx, target) { Severity::Low } else { RULE.severity };
        let (index, back) = (through_index(cx, declared), written_back(cx, declared, stmt));
        cx.report(target, format!("`{name}` is a copy, so this assignment changes nothing"))
            .note(note)
            .severity(severity)
            .fix("Assign through the index", index.into_iter().flatten())
            .fix("Write the copy back", back.into_iter().flatten());
    }
}

/// `c.labels = fill(c.labels)`: a map, whose elements the original shares, and which the function may have changed in place.
fn is_filled_again(cx: &Cx, stmt: StmtId, target: ExprId) -> bool {
    let Stmt::Assign { rhs, .. } = cx.stmt(stmt) else { return false };
    let Some(call) = cx.only(rhs).and_then(|value| cx.call(value)) else { return false };
    matches!(cx.under(target), Type::Map { .. }) && call.args.iter().any(|&arg| cx.same_text(arg, target))
}

/// Whether a field gets nil.
fn empties(cx: &Cx, target: ExprId) -> bool {
    let Some(Node::Stmt(stmt)) = cx.tree.parent(target) else { return false };
    matches!(cx.stmt(stmt), Stmt::Assign { rhs, .. } if cx.only(rhs).is_some_and(|value| cx.is_builtin(value, "nil")))
}

/// The variable whose own memory a field path such as `v.a.b` is a part of.
fn root_of_field(cx: &Cx, target: ExprId) -> Option<ExprId> {
    let mut at = cx.unparen(target);
    while let Expr::Selector { base, .. } = cx.expr(at) {
        let is_own = cx.facts.selection(at).is_some_and(|selection| !selection.indirect);
        if !is_own || !matches!(cx.under(base), Type::Struct(_)) {
            return None;
        }
        at = cx.unparen(base);
    }
    (at != cx.unparen(target) && matches!(cx.expr(at), Expr::Ident)).then_some(at)
}

fn original(cx: &Cx, declared: ExprId) -> Option<Original> {
    match cx.tree.parent(declared)? {
        Node::Field(_) => {
            let func = cx.enclosing_func(declared)?;
            let original = if is_receiver(cx, func, declared) { Original::Receiver } else { Original::Argument };
            (!cx.is_result(func, declared)).then_some(original)
        }
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Range { value, define: true, subject, .. } => {
                let is_kept = matches!(cx.under(subject), Type::Slice(_) | Type::Map { .. });
                (value == Some(declared) && is_kept).then_some(Original::Element)
            }
            _ => {
                let value = cx.unparen(cx.origin(declared)?.0);
                let is_kept = match cx.expr(value) {
                    Expr::Index { base, .. } => matches!(cx.under(base), Type::Slice(_) | Type::Map { .. }),
                    Expr::Star(_) => true,
                    _ => false,
                };
                is_kept.then_some(Original::Element)
            }
        },
        _ => None,
    }
}

fn is_receiver(cx: &Cx, func: Func, declared: ExprId) -> bool {
    let Node::Decl(decl) = func.node else { return false };
    let Decl::Func { recv, .. } = cx.decl(decl) else { return false };
    cx.params(recv).iter().any(|(name, _)| *name == Some(declared))
}

/// The first assignment to a field of a variable after which nothing uses the variable.
fn first_lost(cx: &Cx, declared: Node) -> Option<Node> {
    let Node::Expr(declared) = declared else { return None };
    let shared = cx.shared();
    if shared.closures(Root(declared)).next().is_some() || shared.is_addressed(Root(declared)) {
        return None;
    }
    let (lost, used): (Vec<ExprId>, Vec<ExprId>) =
        cx.names.uses(declared).filter(|&used| used != declared).partition(|&used| is_changed(cx, used));
    let start = |&used: &ExprId| cx.span(used).start;
    let last_used = used.iter().map(start).max();
    let is_last = |&changed: &ExprId| cx.enclosing_stmt(changed).map(|stmt| cx.span(stmt).end) > last_used;
    let first = lost.into_iter().filter(is_last).min_by_key(start)?;
    // What is used above may run again, in the next iteration of a loop.
    let runs_once = cx.enclosing_loop(first) == cx.enclosing_loop(declared)
        || matches!(cx.tree.parent(declared), Some(Node::Stmt(range)) if cx.enclosing_loop(first) == Some(range));
    (used.is_empty() || runs_once).then_some(Node::Expr(first))
}

/// Whether a mention of a variable is there to change one of its fields.
fn is_changed(cx: &Cx, used: ExprId) -> bool {
    let is_field =
        |&above: &Node| matches!(above, Node::Expr(above) if matches!(cx.expr(above), Expr::Selector { .. }));
    let path = cx.tree.ancestors(used).take_while(is_field).last();
    matches!(path, Some(Node::Expr(path)) if cx.is_target(path) && root_of_field(cx, path) == Some(used))
}

/// A loop over elements whose copies are changed: what it goes through, its key and its value, and the name of the key with the edit
/// that gives it one.
struct Loop<'a> {
    subject: ExprId,
    key: ExprId,
    value: ExprId,
    index: &'a str,
}

/// The loop that declares a copy. None where the name that an index would get is taken.
fn loop_of<'a>(cx: &Cx<'a>, declared: ExprId) -> Option<Loop<'a>> {
    let Node::Stmt(range) = cx.tree.parent(declared)? else { return None };
    let Stmt::Range { key: Some(key), value: Some(value), subject, .. } = cx.stmt(range) else { return None };
    let is_index: Wanted =
        |cx, node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Ident && matches!(cx.source(id), "i" | "k"));
    let index = match (cx.source(key), cx.under(subject)) {
        ("_", _) if !cx.within(cx.enclosing_func(range)?.body, true, is_index).is_empty() => return None,
        ("_", Type::Map { .. }) => "k",
        ("_", _) => "i",
        (name, _) => name,
    };
    cx.is_pure(subject).then_some(Loop { subject, key, value, index })
}

/// The edits that leave the copy out: `for i := range items { items[i].Field = v }`.
fn through_index(cx: &Cx, declared: ExprId) -> Option<Vec<(Span, String)>> {
    const MOST: usize = 16;
    let Loop { subject, key, value, index } = loop_of(cx, declared)?;
    let Type::Slice(_) = cx.under(subject) else { return None };
    let element = format!("{}[{index}]", cx.source(subject));
    let uses: Vec<ExprId> = cx.names.uses(declared).filter(|&used| used != declared).take(MOST + 1).collect();
    let mut edits = vec![(Span::new(cx.span(key).start, cx.span(value).end), index.to_owned())];
    edits.extend(uses.iter().map(|&used| (cx.span(used), element.clone())));
    (uses.len() <= MOST).then_some(edits)
}

/// The edits that store the copy right after its last change: `items[i] = item`.
fn written_back(cx: &Cx, declared: ExprId, lost: StmtId) -> Option<Vec<(Span, String)>> {
    let Loop { subject, key, value, index } = loop_of(cx, declared)?;
    let last = cx.names.uses(declared).max_by_key(|&used| cx.span(used).start)?;
    let last = cx.enclosing_stmt(last)?;
    // Nothing leaves before the copy is stored, and what is changed under a condition is stored under it.
    let changes = cx.siblings(lost).get(cx.place_in_list(lost)?..=cx.place_in_list(last)?)?;
    let is_change = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Assign { .. } | Stmt::IncDec { .. });
    (changes.last() == Some(&last) && changes.iter().all(is_change)).then_some(())?;
    let (end, indent) = (cx.span(last).end, cx.indent(last));
    let store = format!("\n{indent}{}[{index}] = {}", cx.source(subject), cx.source(value));
    Some(vec![(cx.span(key), index.to_owned()), (Span::new(end, end), store)])
}
