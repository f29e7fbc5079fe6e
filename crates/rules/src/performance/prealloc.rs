//! A slice grows by one `append` per turn of a loop over something whose length is known.
//!
//! An empty slice is reallocated and copied each time it is full, about a dozen times on the way to a thousand elements,
//! and the old arrays are left to the collector. `make([]T, 0, len(source))` allocates once. With `var out []T` the result
//! of an empty source turns from nil to an empty slice, which shows in JSON as `[]` instead of `null`.
//!
//! Limits: only slices are looked at, not maps that are filled, and not loops that keep a part or may end early with a
//! result. Where each turn is given a context, and so waits for something slower, where errors are gathered, and in tests and
//! commands an allocation is nothing.
//!
//! ```go bad
//! func names(users []User) []string {
//! 	out := []string{}
//! 	//     ^^^^^^^^^^ `out` grows to `len(users)` elements from no capacity
//! 	for _, u := range users {
//! 		out = append(out, u.Name)
//! 	}
//! 	return out
//! }
//! ```
//! ```diff fixed
//! -	out := []string{}
//! +	out := make([]string, 0, len(users))
//! ```
//! ```go bad
//! func (s *Store) keys() ([]string, error) {
//! 	var keys []string
//! 	//  ^^^^^^^^^^^^^ `keys` grows to `len(s.items)` elements
//! 	for key, item := range s.items {
//! 		name, err := item.name(key)
//! 		if err != nil {
//! 			return nil, err
//! 		}
//! 		keys = append(keys, name)
//! 	}
//! 	return keys, nil
//! }
//! ```
//! ```diff fixed
//! -	var keys []string
//! +	keys := make([]string, 0, len(s.items))
//! ```
//! ```go good
//! func find(ctx context.Context, users []User, load func(context.Context, User) (Row, error)) ([]Row, error) {
//! 	var seen []string
//! 	for _, u := range users {
//! 		if u.Name == "root" {
//! 			return nil, nil
//! 		}
//! 		seen = append(seen, u.Name) // for the error
//! 	}
//! 	var rows []Row
//! 	for _, u := range users {
//! 		row, err := load(ctx, u)
//! 		if err != nil {
//! 			return nil, fmt.Errorf("%s of %v: %w", u.Name, seen, err)
//! 		}
//! 		rows = append(rows, row)
//! 	}
//! 	return rows, nil
//! }
//! ```
//! ```go good
//! func failures(users []User, errs map[string]error) ([]error, []string) {
//! 	var all []error
//! 	for _, u := range users {
//! 		all = append(all, u.err)
//! 	}
//! 	var names []string
//! 	for name := range errs {
//! 		names = append(names, name)
//! 	}
//! 	return all, names
//! }
//! ```
//! ```go good
//! func some(users []User, rows iter.Seq2[int, Row], in <-chan int) ([]string, []Row, []int) {
//! 	var adults []string
//! 	for _, u := range users {
//! 		if u.Age >= 18 {
//! 			adults = append(adults, u.Name) // keeps few
//! 		}
//! 	}
//! 	var all []Row
//! 	for _, row := range rows {
//! 		all = append(all, row) // an iterator has no length
//! 	}
//! 	var got []int
//! 	for n := range in {
//! 		got = append(got, n)
//! 	}
//! 	names := make([]string, 0, len(users))
//! 	for _, u := range users {
//! 		names = append(names, u.Name)
//! 	}
//! 	return append(adults, names...), all, got
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{EmptySlice, empty_slice, repeating_loop, runs_few_times};

pub static RULE: Rule = Rule {
    id: "performance/prealloc",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Allocation, 3), (Concern::Latency, 1)],
    equivalents: &["prealloc"],
    fix: FixKind::Safe,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Range], check)],
    file: file!(),
};

fn check(cx: &mut Cx, range: StmtId) {
    let Stmt::Range { value, subject, body, .. } = cx.stmt(range) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    let Some(grown) = cx.stmts(stmts).iter().find_map(|&stmt| appended_to(cx, stmt)) else { return };
    let Def::Local(declared) = cx.def(grown) else { return };
    if cx.file.is_main() || cx.file.generated || !has_length(cx, subject, value.is_some()) || runs_few_times(cx, range)
    {
        return;
    }
    cx.examined();
    let Some(empty) = empty_slice(cx, declared) else { return };
    if waits(cx, body) || is_of_errors(cx, empty.ty, subject) {
        return;
    }
    let straight = once_per_turn(cx, body, declared)
        && follows(cx, empty.stmt, range, declared)
        && repeating_loop(cx, range).is_none();
    if straight {
        report(cx, cx.source(declared), empty, subject);
    }
}

fn report(cx: &mut Cx, name: &str, empty: EmptySlice, subject: ExprId) {
    let source = cx.source(subject);
    let (ty, span) = (cx.source(empty.ty), cx.span(empty.stmt));
    let known = is_known_before(cx, subject, span.start);
    let report = cx
        .report_span(empty.shown, format!("`{name}` grows to `len({source})` elements from no capacity"))
        .note("each time it is full, all elements move to a new array");
    let title = format!("Make `{name}` with room for `len({source})` elements");
    let edit = [(span, format!("{name} := make({ty}, 0, len({source}))"))];
    if !known {
        report.note(format!("`{name}` can be made once `{source}` is known"));
    } else if empty.nil {
        report.note("where nothing is appended the result turns from nil to empty").suggest(title, edit);
    } else {
        report.fix(title, edit);
    }
}

/// Whether all locals in the subject are declared before this place.
fn is_known_before(cx: &Cx, subject: ExprId, at: u32) -> bool {
    !cx.any(subject, true, |node| match node {
        Node::Expr(id) => matches!(cx.def(id), Def::Local(declared) if cx.span(declared).start >= at),
        _ => false,
    })
}

/// `s` in `s = append(s, x)`.
fn appended_to(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = cx.stmt(stmt) else { return None };
    let (target, call) = (cx.only(lhs)?, cx.only(rhs)?);
    let Expr::Call { fun, args, spread: false } = cx.expr(call) else { return None };
    let [first, _] = cx.exprs(args) else { return None };
    (cx.is_builtin(fun, "append") && cx.expr(target) == Expr::Ident && cx.def(target) == cx.def(*first))
        .then_some(target)
}

/// Whether the subject has a length that can be asked for before the loop: a name of what is no iterator, channel or number.
fn has_length(cx: &Cx, subject: ExprId, two_variables: bool) -> bool {
    let is_name = match cx.expr(subject) {
        Expr::Ident => true,
        Expr::Selector { .. } => cx.is_pure(subject) && !cx.is_qualified(subject),
        _ => false,
    };
    is_name
        && match cx.store.under(cx.deref(cx.ty(subject))) {
            Type::Slice(_) | Type::Array { .. } | Type::Map { .. } => true,
            Type::Basic(basic) => basic.is_string(),
            // Channels and numbers give one value, and few iterators have a name.
            Type::Unknown => two_variables,
            _ => false,
        }
}

/// What gathers errors is rarely run, and then over few.
fn is_of_errors(cx: &Cx, ty: ExprId, subject: ExprId) -> bool {
    let name = cx.source(subject).to_ascii_lowercase();
    matches!(cx.expr(ty), Expr::ArrayType { elem, .. } if cx.is_builtin(elem, "error"))
        || ["errs", "errors"].iter().any(|end| name.ends_with(end))
}

/// Whether a turn hands a context on: to a database or another service, beside which an allocation is nothing.
fn waits(cx: &Cx, body: StmtId) -> bool {
    let context = |&arg: &ExprId| {
        matches!(cx.source(arg), "ctx" | "context.Background()") || cx.has_type(arg, &["context.Context"])
    };
    cx.any(body, false, |node| match node {
        Node::Expr(id) => matches!(cx.expr(id), Expr::Call { args, .. } if cx.exprs(args).first().is_some_and(context)),
        _ => false,
    })
}

/// Whether each turn of the loop appends once, or leaves the function because of an error.
fn once_per_turn(cx: &Cx, body: StmtId, declared: ExprId) -> bool {
    let mut appends = 0;
    let mut skips = false;
    cx.any(body, false, |node| {
        if let Node::Stmt(stmt) = node {
            skips |= match cx.stmt(stmt) {
                Stmt::Branch { .. } => true,
                // A result was found: few turns may have gone by.
                Stmt::Return(values) => cx.exprs(values).last().is_some_and(|&last| cx.is_builtin(last, "nil")),
                _ => false,
            };
            if let Stmt::Assign { lhs, .. } = cx.stmt(stmt) {
                appends += cx.exprs(lhs).iter().filter(|&&target| cx.def(target) == Def::Local(declared)).count();
            }
        }
        skips
    });
    appends == 1 && !skips
}

/// Whether the loop comes after the declaration in the same list, and nothing between them uses the slice.
fn follows(cx: &Cx, declaration: StmtId, range: StmtId, declared: ExprId) -> bool {
    let (from, to) = (cx.span(declaration).end, cx.span(range).start);
    let siblings = cx.siblings(declaration);
    siblings.contains(&range)
        && from <= to
        && cx.names.uses(declared).all(|used| used == declared || cx.span(used).start > to)
}
