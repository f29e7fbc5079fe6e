//! Two appends to one slice write to the same element.
//!
//! `append(base, x)` puts `x` behind the last element of `base`, in the same array if that has room (Go spec, "Appending to and copying
//! slices"). A second append to `base` then writes to the same place: what the first one returned has its element replaced. Whether
//! there is room depends on how `base` grew, so it goes wrong for some lengths only. Clip the base, `append(slices.Clip(base), x)`, so
//! that each append copies.
//!
//! The finding rests on a path on which the first result is used after the second append, or on a loop that keeps each result. It is a
//! question unless the code shows that the base has room.
//!
//! Limits: only appends to local variables and parameters are looked at.
//!
//! ```go bad
//! func commands(names []string) [][]string {
//! 	base := make([]string, 0, 8)
//! 	base = append(base, "git", "-C", "/srv")
//! 	var all [][]string
//! 	for _, name := range names {
//! 		all = append(all, append(base, name))
//! 		//                ^^^^^^^^^^^^^^^^^^ each iteration appends to the same `base`, so all results may end with the element of the last
//! 	}
//! 	return all
//! }
//! ```
//! ```go bad
//! func both(first, second string) ([]string, []string) {
//! 	base := make([]string, 1, 4)
//! 	left := append(base, first)
//! 	right := append(base, second)
//! 	//       ^^^^^^^^^^^^^^^^^^^^ this append overwrites what `left` got, in the array of `base`
//! 	return left, right
//! }
//! ```
//! ```diff fixed
//! -	right := append(base, second)
//! +	right := append(base[:len(base):len(base)], second)
//! ```
//! ```go good
//! func commands(names []string) [][]string {
//! 	base := make([]string, 0, 8)
//! 	base = append(base, "git", "-C", "/srv")
//! 	var all [][]string
//! 	for _, name := range names {
//! 		all = append(all, append(slices.Clip(base), name))
//! 	}
//! 	return all
//! }
//!
//! func both(first, second string) ([]string, []string) {
//! 	base := []string{"a"} // no room
//! 	left := append(base, first)
//! 	right := append(base, second)
//! 	return left, right
//! }
//!
//! func either(base []string, first, second string) []string {
//! 	if first != "" {
//! 		return append(base, first)
//! 	}
//! 	return append(base, second)
//! }
//! ```
//!
//! # Idiom
//!
//! `append` is written as `s = append(s, x)`. Where the result goes elsewhere, the base is clipped first: `append(s[:len(s):len(s)], x)`,
//! or `slices.Clip(s)`.
use gopeer_flow::{Next, Op, OpKind, State, Values, Watch};
use gopeer_lint::Room;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/slice-aliasing",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Correctness, 3)],
    equivalents: &["gocritic:appendAssign"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "appends to a slice that stays as it is",
};

/// Slices with more uses are left alone.
const MOST: usize = 256;

fn check(cx: &mut Cx, call: ExprId) {
    let Some((base, declared)) = appends(cx, call).filter(|&(_, declared)| !is_usual(cx, call, declared)) else {
        return;
    };
    cx.examined();
    if cx.names.uses(declared).nth(MOST).is_some() || cx.room(call, declared) == Room::None {
        return;
    }
    let name = cx.source(base);
    let (at, message, steps) = if keeps_each_turn(cx, call, declared) {
        let message =
            format!("each iteration appends to the same `{name}`, so all results may end with the element of the last");
        (call, message, Vec::new())
    } else if let Some(Replaced { second, first, steps }) = replaced(cx, call, declared) {
        let first = cx.source(first);
        (second, format!("this append overwrites what `{first}` got, in the array of `{name}`"), steps)
    } else {
        return;
    };
    let rooms = [call, at].map(|append| cx.room(append, declared));
    if rooms.contains(&Room::None) {
        return;
    }
    let (base, _) = appends(cx, at).unwrap_or((base, declared));
    let (clipped, base) = (format!("{name}[:len({name}):len({name})]"), cx.span(base));
    let report = cx.report(at, message).steps(steps).suggest("Let the append copy", [(base, clipped)]);
    if rooms.contains(&Room::Unknown) {
        report.question().note(format!("where `{name}` has no room for it, each append makes an array of its own"));
    }
}

/// The slice that a call appends elements to, if it is a variable of the function: where it is named, and where it is declared.
fn appends(cx: &Cx, call: ExprId) -> Option<(ExprId, ExprId)> {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return None };
    let &[base, _, ..] = cx.exprs(args) else { return None };
    let Def::Local(declared) = cx.def(base) else { return None };
    cx.is_builtin(fun, "append").then_some((base, declared))
}

/// Whether the result of an append takes the place of its base, or is no more than returned.
fn is_usual(cx: &Cx, call: ExprId, declared: ExprId) -> bool {
    cx.is_returned(call) || cx.kept_in(call).is_some_and(|to| cx.def(to) == Def::Local(declared))
}

/// Whether a loop keeps what is appended in each iteration to a slice from before the loop.
fn keeps_each_turn(cx: &Cx, call: ExprId, declared: ExprId) -> bool {
    let Some(looping) = cx.enclosing_loop(call) else { return false };
    let inside = cx.span(looping);
    let changes = cx.names.uses(declared).any(|used| inside.contains(cx.span(used)) && cx.is_target(used));
    if changes || inside.contains(cx.span(declared)) || !cx.is_stored_beyond(call, looping) {
        return false;
    }
    // The iteration may be the only one.
    let last = cx.enclosing_stmt(call).and_then(|stmt| cx.siblings(stmt).last());
    !last.is_some_and(|&last| match cx.stmt(last) {
        Stmt::Branch { kind, .. } => kind != BranchKind::Continue,
        _ => cx.leaves_loop(last),
    })
}

struct Replaced {
    second: ExprId,
    first: ExprId,
    steps: Vec<(Span, String)>,
}

/// A later append to the same slice, after which the variable that holds the first result is still read.
fn replaced(cx: &Cx, call: ExprId, declared: ExprId) -> Option<Replaced> {
    let first = cx.kept_in(call)?;
    let Def::Local(kept) = cx.def(first) else { return None };
    let other = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(next)) => next != call && appends(cx, next).is_some_and(|(base, _)| base == used),
        _ => false,
    };
    if kept == declared || !cx.names.uses(declared).any(other) {
        return None;
    }
    let func = cx.enclosing_func(call)?;
    let followed = cx.followed(func.node)?;
    let mut start = cx.start(&followed, followed.after_write(first)?);
    let mut watch = Appends { cx, call, declared, kept, second: None };
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    let (second, read) = (watch.second?, found.op?.at);
    let (name, base) = (cx.source(first), cx.source(appends(cx, call)?.0));
    let mut steps = vec![(cx.span(call), format!("`{name}` gets its element behind `{base}`"))];
    steps.extend(cx.branches_of(&followed, &found.path));
    steps.push((cx.span(second), "another element goes to the same place".to_owned()));
    steps.push((cx.span(read), format!("`{name}` is used here")));
    Some(Replaced { second, first, steps })
}

/// Finds a second append, and then a use of what the first one gave.
struct Appends<'c, 'a> {
    cx: &'c Cx<'a>,
    call: ExprId,
    declared: ExprId,
    kept: ExprId,
    second: Option<ExprId>,
}

impl Watch for Appends<'_, '_> {
    fn op(&mut self, _: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let cx = self.cx;
        let of = |declared| cx.def(op.at) == Def::Local(declared);
        match op.kind {
            OpKind::Write | OpKind::Addr | OpKind::Zero if of(self.declared) || of(self.kept) => return Next::Stop,
            OpKind::Read if of(self.declared) && state.count == 0 => {
                let Some(Node::Expr(next)) = cx.tree.parent(op.at) else { return Next::Go };
                let is_second = appends(cx, next).is_some_and(|(base, _)| base == op.at) && next != self.call;
                if is_second && appends_other(cx, self.call, next) {
                    state.count = next.0 + 1;
                }
            }
            OpKind::Read if of(self.kept) && state.count > 0 && !asks_for_length(cx, op.at) => {
                self.second = state.count.checked_sub(1).map(ExprId);
                return Next::Found;
            }
            _ => {}
        }
        Next::Go
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// Whether an append adds something else than the first one.
fn appends_other(cx: &Cx, first: ExprId, next: ExprId) -> bool {
    let added = |call| match cx.expr(call) {
        Expr::Call { args, .. } => cx.exprs(args).get(1..).unwrap_or_default(),
        _ => &[],
    };
    let (first, second) = (added(first), added(next));
    first.len() != second.len() || first.iter().zip(second).any(|(&a, &b)| !cx.same_pure(a, b))
}

fn asks_for_length(cx: &Cx, read: ExprId) -> bool {
    let Some(Node::Expr(call)) = cx.tree.parent(read) else { return false };
    matches!(cx.expr(call), Expr::Call { fun, .. } if cx.is_builtin(fun, "len"))
}
