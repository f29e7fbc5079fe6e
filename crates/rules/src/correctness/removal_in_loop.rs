//! A loop removes elements from the slice that it goes through, and skips the one behind each.
//!
//! `append(xs[:i], xs[i+1:]...)` moves all later elements one place down, so the next one is at `i` now, and the loop goes on with `i+1`. A
//! `range` clause also has the length from before: its last iterations see elements twice, and another removal may panic. Use
//! `slices.DeleteFunc`, go backwards, or leave the loop after the first.
//!
//! ```go bad
//! func remove(jobs []Job, done map[string]bool) []Job {
//! 	for i, job := range jobs {
//! 		if done[job.ID] {
//! 			jobs = append(jobs[:i], jobs[i+1:]...)
//! 			//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this moves the next element of `jobs` to `i`, and the loop skips it
//! 		}
//! 	}
//! 	return jobs
//! }
//! ```
//! ```go good
//! func remove(jobs []Job, id string) []Job {
//! 	for i, job := range jobs {
//! 		if job.ID == id {
//! 			jobs = append(jobs[:i], jobs[i+1:]...)
//! 			break // only one has the ID
//! 		}
//! 	}
//! 	for i := 0; i < len(jobs); i++ {
//! 		if jobs[i].Done {
//! 			jobs = append(jobs[:i], jobs[i+1:]...)
//! 			i-- // looks at the same place again
//! 		}
//! 	}
//! 	return jobs
//! }
//! ```
//!
//! # Impact
//!
//! Of two neighbors that have to go, one stays: the session that was revoked, the job that runs once more. With one element less than
//! the loop counts on, it panics.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: remove two neighbors, and the last element
//!
//! # References
//!
//! - [Package slices, DeleteFunc](https://pkg.go.dev/slices#DeleteFunc)
//! - [Go spec, "For statements with range clause"](https://go.dev/ref/spec#For_range)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/removal-in-loop",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Correctness, 3), (Concern::Availability, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Assign], check)],
    examines: "removals in loops",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    const MOST: usize = 64;
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return };
    let (Some(target), Some(value)) = (cx.only(lhs), cx.only(rhs)) else { return };
    let Some((slice, at)) = removal(cx, value).filter(|&(slice, _)| cx.same_text(slice, target)) else { return };
    let (Some(looping), Def::Local(index)) = (cx.enclosing_loop(stmt), cx.def(at)) else { return };
    cx.examined();
    let counts = match cx.stmt(looping) {
        Stmt::Range { key: Some(key), subject, .. } => cx.def(key) == Def::Local(index) && cx.same_text(subject, slice),
        Stmt::For { post: Some(post), .. } => {
            matches!(cx.stmt(post), Stmt::IncDec { operand, inc: true } if cx.def(operand) == Def::Local(index))
        }
        _ => false,
    };
    let inside = cx.span(looping);
    let moves = |used: ExprId| {
        let changed = matches!(cx.tree.parent(used), Some(Node::Stmt(change)) if matches!(cx.stmt(change), Stmt::IncDec { inc: false, .. }) || cx.is_target(used) && cx.span(change).start > cx.span(stmt).start);
        changed && inside.contains(cx.span(used))
    };
    let is_moved = cx.names.uses(index).nth(MOST).is_some() || cx.names.uses(index).any(moves);
    if !counts || is_moved || leaves_loop(cx, stmt, looping) {
        return;
    }
    let (name, at) = (cx.source(slice), cx.source(at));
    cx.report(value, format!("this moves the next element of `{name}` to `{at}`, and the loop skips it"))
        .note("use `slices.DeleteFunc`, or go backwards");
}

/// What is removed from, and the index: `append(xs[:i], xs[i+1:]...)`, `slices.Delete(xs, i, i+1)`.
fn removal(cx: &Cx, value: ExprId) -> Option<(ExprId, ExprId)> {
    let Expr::Call { fun, args, spread } = cx.expr(cx.unparen(value)) else { return None };
    let is_next = |next: ExprId, at: ExprId| matches!(cx.expr(cx.unparen(next)), Expr::Binary { op: BinaryOp::Add, lhs, rhs } if cx.same_text(lhs, at) && cx.int_value(rhs) == Some(1));
    match *cx.exprs(args) {
        [head, tail] if spread && cx.is_builtin(fun, "append") => {
            let (
                Expr::Slice { base, lo: None, hi: Some(at), .. },
                Expr::Slice { base: same, lo: Some(next), hi: None, .. },
            ) = (cx.expr(head), cx.expr(tail))
            else {
                return None;
            };
            (cx.same_text(base, same) && is_next(next, at)).then_some((base, at))
        }
        [base, at, next] if cx.calls(value, &["slices.Delete"]) => is_next(next, at).then_some((base, at)),
        _ => None,
    }
}

/// Whether the loop is left after a statement, at the end of the list that it or a statement around it is in.
fn leaves_loop(cx: &Cx, stmt: StmtId, looping: StmtId) -> bool {
    let mut at = stmt;
    loop {
        let leaves = |&next: &StmtId| match cx.stmt(next) {
            Stmt::Return(_) => true,
            Stmt::Branch { kind, label, .. } => kind != BranchKind::Continue || label.is_some(),
            Stmt::Expr(call) => cx.may_end(call),
            _ => false,
        };
        if cx.siblings(at).last().is_some_and(leaves) {
            return true;
        }
        match cx.tree.parent(at) {
            Some(Node::Stmt(around)) if around != looping => at = around,
            _ => return false,
        }
    }
}
