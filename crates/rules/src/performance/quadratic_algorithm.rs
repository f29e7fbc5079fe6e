//! A loop over rows, lines or messages goes through a slice that it makes longer itself.
//!
//! Whether an element is there already, a sorted order after each element, or a new first element: each needs all that was collected
//! before, so the cost grows with the square of the input. A thousand rows are half a million steps, a hundred thousand are five
//! billion. Remember in a map what was seen, sort once after the loop, and append at the end and reverse.
//!
//! Limits: slices in a local that the loop itself extends. Loops over slices and maps are left alone, because nothing says that these are
//! long; neither is a search in a slice that has all its elements before the loop.
//!
//! ```go bad
//! func unique(lines *bufio.Scanner) []string {
//! 	var out []string
//! 	for lines.Scan() {
//! 		if !slices.Contains(out, lines.Text()) {
//! 		//  ^^^^^^^^^^^^^^^ `slices.Contains` goes through `out`, which grows with each iteration
//! 			out = append(out, lines.Text())
//! 		}
//! 	}
//! 	return out
//! }
//!
//! func reversed(events <-chan string) []string {
//! 	var out []string
//! 	for event := range events {
//! 		out = append([]string{event}, out...)
//! //^^^ each iteration copies all of `out`
//! 	}
//! 	return out
//! }
//! ```
//! ```go good
//! func unique(lines *bufio.Scanner) []string {
//! 	var out []string
//! 	seen := make(map[string]bool)
//! 	for lines.Scan() {
//! 		if line := lines.Text(); !seen[line] { // one step
//! 			seen[line] = true
//! 			out = append(out, line)
//! 		}
//! 	}
//! 	slices.Sort(out) // once
//! 	return out
//! }
//!
//! func merge(roles, extra []string) []string {
//! 	for _, role := range extra {
//! 		if !slices.Contains(roles, role) { // a few
//! 			roles = append(roles, role)
//! 		}
//! 	}
//! 	return roles
//! }
//!
//! func batches(lines *bufio.Scanner, send func([]string)) {
//! 	var batch []string
//! 	for lines.Scan() {
//! 		batch = append(batch, lines.Text())
//! 		if len(batch) == 100 {
//! 			slices.Sort(batch)
//! 			send(batch)
//! 			batch = nil // begins anew
//! 		}
//! 	}
//! }
//! ```
//!
//! # Verify
//!
//! - `go test -run none -bench {test} {package}`: with ten times the input the time must grow about tenfold, not hundredfold
//!
//! # References
//!
//! - [Package slices](https://pkg.go.dev/slices)
use gopeer_lint::prelude::*;

use super::support::repeating_loop;

pub static RULE: Rule = Rule {
    id: "performance/quadratic-algorithm",
    severity: Severity::Low,
    confidence: Confidence::New,
    concerns: &[(Concern::Latency, 3), (Concern::Allocation, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(WHOLE, check_call), Hook::Stmt(&[StmtKind::Assign], check_prepend)],
    examines: "slices that grow in loops",
};

/// What goes through a whole slice, its first argument, or sorts it.
const WHOLE: &[&str] = &[
    "slices.Contains",
    "slices.ContainsFunc",
    "slices.Index",
    "slices.IndexFunc",
    "slices.Sort",
    "slices.SortFunc",
    "slices.SortStableFunc",
    "sort.Ints",
    "sort.Slice",
    "sort.SliceStable",
    "sort.Strings",
];

/// How many uses of a slice are looked at.
const MOST: usize = 256;

fn check_call(cx: &mut Cx, call: Call) {
    cx.examined();
    let (Some(looping), Some(&slice)) = (long_loop(cx, call.expr), call.args.first()) else { return };
    let Def::Local(declared) = cx.def(cx.unparen(slice)) else { return };
    let inside = cx.span(looping);
    if inside.contains(cx.span(declared)) || leaves(cx, call.expr) || begins_anew(cx, declared, looping, None) {
        return;
    }
    let grows = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => {
            inside.contains(cx.span(stmt)) && cx.appended_to(stmt).is_some_and(|(to, _)| to == used)
        }
        _ => false,
    };
    let Some(grown) = cx.names.uses(declared).take(MOST).find(|&used| grows(used)) else { return };
    let (name, slice, grown) = (cx.source(call.fun), cx.source(slice), cx.span(grown));
    let sorts = call.callee.path == "sort" || call.callee.name.starts_with("Sort");
    let (does, note) = match sorts {
        true => ("sorts", "sort once, after the loop"),
        false => ("goes through", "remember in a map what was seen"),
    };
    cx.report(call.fun, format!("`{name}` {does} `{slice}`, which grows with each iteration"))
        .note_at(grown, format!("`{slice}` grows here"))
        .note(format!("the time grows with the square of the iterations: {note}"));
}

/// `s = append([]T{x}, s...)` and `s = slices.Insert(s, 0, x)`.
fn check_prepend(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return };
    let (Some(target), Some(call)) = (cx.only(lhs), cx.only(rhs)) else { return };
    let Expr::Call { fun, args, spread } = cx.expr(cx.unparen(call)) else { return };
    let prepended = match *cx.exprs(args) {
        [first, rest] if spread && cx.is_builtin(fun, "append") => {
            matches!(cx.expr(cx.unparen(first)), Expr::Composite { .. }).then_some(rest)
        }
        [slice, at, _] if !spread && cx.calls(call, &["slices.Insert"]) && cx.int_value(at) == Some(0) => Some(slice),
        _ => None,
    };
    let Some(looping) = long_loop(cx, stmt).filter(|_| prepended.is_some_and(|slice| cx.same_pure(slice, target)))
    else {
        return;
    };
    cx.examined();
    let Def::Local(declared) = cx.def(cx.unparen(target)) else { return };
    let anew = begins_anew(cx, declared, looping, Some(stmt));
    if anew || cx.span(looping).contains(cx.span(declared)) || leaves(cx, call) {
        return;
    }
    let name = cx.source(target);
    cx.report(target, format!("each iteration copies all of `{name}`")).note(
        "the time grows with the square of the iterations: append at the end, and call `slices.Reverse` after the loop",
    );
}

/// The loop around a node, if it goes over rows, lines or messages: of a slice or map nothing says that it is long.
fn long_loop(cx: &Cx, node: impl Into<Node>) -> Option<StmtId> {
    let looping = repeating_loop(cx, node)?;
    let long = match cx.stmt(looping) {
        Stmt::Range { subject, .. } => matches!(cx.under(subject), Type::Chan { .. }),
        Stmt::For { cond: Some(cond), .. } => matches!(cx.method_call(cond), Some((_, "Next" | "Scan", _))),
        _ => false,
    };
    long.then_some(looping)
}

/// Whether a loop gives a slice that it extends another value, but by this statement: it then begins anew.
fn begins_anew(cx: &Cx, slice: ExprId, looping: StmtId, but: Option<StmtId>) -> bool {
    cx.names.uses(slice).take(MOST).any(|used| match cx.tree.parent(used) {
        Some(Node::Stmt(stmt)) => {
            cx.span(looping).contains(cx.span(stmt))
                && cx.is_target(used)
                && Some(stmt) != but
                && cx.appended_to(stmt).is_none()
        }
        _ => false,
    })
}

/// Whether the statements that a node stands in end with leaving the loop.
fn leaves(cx: &Cx, node: ExprId) -> bool {
    let Some(stmt) = cx.enclosing_stmt(node) else { return false };
    let ends = |&stmt: &StmtId| matches!(cx.stmt(stmt), Stmt::Return(_) | Stmt::Branch { kind: BranchKind::Break, .. });
    cx.siblings(stmt).last().is_some_and(ends)
}
