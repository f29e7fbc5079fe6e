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
//! 		//                ^^^^^^^^^^^^^^^^^^ each turn appends to the same `base`, so all results may end with the last turn's element
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
    file: file!(),
    examines: "appends to a slice that stays as it is",
};

/// Slices with more uses are left alone.
const MOST: usize = 256;

fn check(cx: &mut Cx, call: ExprId) {
    let Some((base, declared)) = appends(cx, call).filter(|&(_, declared)| !is_usual(cx, call, declared)) else {
        return;
    };
    cx.examined();
    if cx.names.uses(declared).nth(MOST).is_some() || room(cx, call, declared) == Room::None {
        return;
    }
    let name = cx.source(base);
    let (at, message, steps) = if keeps_each_turn(cx, call, declared) {
        let message =
            format!("each turn appends to the same `{name}`, so all results may end with the last turn's element");
        (call, message, Vec::new())
    } else if let Some(Replaced { second, first, steps }) = replaced(cx, call, declared) {
        let first = cx.source(first);
        (second, format!("this append overwrites what `{first}` got, in the array of `{name}`"), steps)
    } else {
        return;
    };
    let rooms = [call, at].map(|append| room(cx, append, declared));
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
    let is_returned =
        matches!(cx.tree.parent(call), Some(Node::Stmt(stmt)) if matches!(cx.stmt(stmt), Stmt::Return(_)));
    is_returned || cx.kept_in(call).is_some_and(|to| cx.def(to) == Def::Local(declared))
}

/// Whether the array behind a slice has room for what is appended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    None,
    Some,
    Unknown,
}

fn room(cx: &Cx, call: ExprId, declared: ExprId) -> Room {
    let grown = grown(cx, declared);
    let is_fixed = grown == Some(0);
    let Some(made) = cx.initial_value(declared).map(|value| cx.unparen(value)) else {
        // A variable without a value is nil.
        let is_nil = matches!(cx.tree.parent(declared), Some(Node::Decl(_))) && cx.origin(declared).is_none();
        return if is_nil && is_fixed { Room::None } else { Room::Unknown };
    };
    match cx.expr(made) {
        Expr::Call { fun, args, .. } if cx.is_builtin(fun, "make") => match (cx.exprs(args), grown) {
            (&[_, len, cap], Some(grown)) => room_within(cx, call, (len, cap), grown),
            (&[_, _], Some(0)) => Room::None,
            _ => Room::Unknown,
        },
        Expr::Slice { max: None, hi: Some(_), .. } if is_fixed => Room::Some,
        Expr::Slice { max: Some(_), .. } | Expr::Composite { .. } if is_fixed => Room::None,
        Expr::Call { .. } if is_fixed && cx.calls(made, &["slices.Clip"]) => Room::None,
        _ => Room::Unknown,
    }
}

/// Whether a capacity is enough for what a call appends, after up to `grown` elements behind the first ones.
fn room_within(cx: &Cx, call: ExprId, (len, cap): (ExprId, ExprId), grown: i64) -> Room {
    let Expr::Call { args, spread, .. } = cx.expr(call) else { return Room::Unknown };
    let (Some(len), Some(cap)) = (cx.int_value(len), cx.int_value(cap)) else { return Room::Unknown };
    let left = cap.saturating_sub(len).saturating_sub(grown);
    let added = args.len() as i64 - 1;
    if !spread && left >= added {
        Room::Some
    } else if grown == 0 && (left == 0 || !spread) {
        Room::None
    } else {
        Room::Unknown
    }
}

/// How many elements are appended to a slice at most; none if that is not known, or if it may become another slice.
fn grown(cx: &Cx, declared: ExprId) -> Option<i64> {
    if !cx.is_reassigned(declared) {
        return Some(0);
    }
    let appended = |used: ExprId| {
        let Some(Node::Stmt(stmt)) = cx.tree.parent(used) else { return None };
        let (_, count) = cx.appended_to(stmt)?;
        (cx.enclosing_loop(stmt) == cx.enclosing_loop(declared)).then_some(count as i64)
    };
    let targets = cx.names.uses(declared).filter(|&used| used != declared && cx.is_target(used));
    // Where no assignment changes it, a range clause does, or its address is taken.
    targets.map(appended).sum::<Option<i64>>().filter(|&all| all > 0)
}

/// Whether a loop keeps what is appended in each turn to a slice from before the loop.
fn keeps_each_turn(cx: &Cx, call: ExprId, declared: ExprId) -> bool {
    let Some(looping) = cx.enclosing_loop(call) else { return false };
    let inside = cx.span(looping);
    let changes = cx.names.uses(declared).any(|used| inside.contains(cx.span(used)) && cx.is_target(used));
    if changes || inside.contains(cx.span(declared)) || !is_stored(cx, call, looping) {
        return false;
    }
    // The turn may be the only one.
    let last = cx.enclosing_stmt(call).and_then(|stmt| cx.siblings(stmt).last());
    !last.is_some_and(|&last| match cx.stmt(last) {
        Stmt::Return(_) => true,
        Stmt::Branch { kind, .. } => kind != BranchKind::Continue,
        _ => false,
    })
}

/// Whether a value becomes an element of what was there before the loop, as it is or within a literal.
fn is_stored(cx: &Cx, value: ExprId, looping: StmtId) -> bool {
    let outlives = |of: ExprId| match cx.def(of) {
        Def::Local(declared) => !cx.span(looping).contains(cx.span(declared)),
        _ => true,
    };
    let mut inner = value;
    for node in cx.tree.ancestors(value) {
        match node {
            Node::Expr(outer) => match cx.expr(outer) {
                Expr::Paren(_) | Expr::Composite { .. } | Expr::KeyValue { .. } | Expr::Unary { .. } => inner = outer,
                Expr::Call { fun, args, spread: false } if cx.is_builtin(fun, "append") => {
                    return cx.exprs(args).first().is_some_and(|&to| to != inner && outlives(to));
                }
                _ => return false,
            },
            Node::Stmt(stmt) => {
                let Stmt::Assign { lhs, .. } = cx.stmt(stmt) else { return false };
                let is_element = |&to: &ExprId| matches!(cx.expr(to), Expr::Index { base, .. } if outlives(base));
                return cx.only(lhs).as_ref().is_some_and(is_element);
            }
            _ => return false,
        }
    }
    false
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
                if is_second && self.appends_other(next) {
                    state.count = next.0 + 1;
                }
            }
            OpKind::Read if of(self.kept) && state.count > 0 && !self.asks_for_length(op.at) => {
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

impl Appends<'_, '_> {
    /// Whether an append adds something else than the first one.
    fn appends_other(&self, next: ExprId) -> bool {
        let added = |call| match self.cx.expr(call) {
            Expr::Call { args, .. } => self.cx.exprs(args).get(1..).unwrap_or_default(),
            _ => &[],
        };
        let (first, second) = (added(self.call), added(next));
        first.len() != second.len() || first.iter().zip(second).any(|(&a, &b)| !self.cx.same_pure(a, b))
    }

    fn asks_for_length(&self, read: ExprId) -> bool {
        matches!(self.cx.tree.parent(read), Some(Node::Expr(call)) if matches!(self.cx.expr(call),
            Expr::Call { fun, .. } if self.cx.is_builtin(fun, "len")))
    }
}
