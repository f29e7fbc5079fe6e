//! A string is built by adding to it in a loop.
//!
//! Strings are immutable, so each `+=` copies everything gathered so far: the work grows with the square of the result, and each
//! step leaves garbage behind. A `strings.Builder` appends in place, and its `Grow` saves the remaining copies if
//! the size is known.
//!
//! It is medium where the number of iterations depends on the data: in handlers, in nested loops, and in loops over characters, rows,
//! lines or the entries of a map in a field. Otherwise, it is low, as in the `String` method of a type or in a command.
//!
//! Limits: elements of maps and slices are left alone, since each iteration may add to another one. So are strings that grow at the
//! front or that the loop passes on as they grow, loops of 16 iterations and fewer, as far as their header shows, and function
//! literals that are called in a loop.
//!
//! ```go bad
//! func list(users []User) string {
//! 	out := ""
//! 	for _, u := range users {
//! 		out += u.Name + "\n"
//! //^^^^^^^^^^^^^^^^^^^^ low: `out` is copied as a whole in each iteration
//! 	}
//! 	return out
//! }
//! ```
//! ```diff fixed
//! -	out := ""
//! +	var out strings.Builder
//! -		out += u.Name + "\n"
//! +		out.WriteString(u.Name + "\n")
//! -	return out
//! +	return out.String()
//! ```
//! ```go bad
//! func padded(s string, n int) string {
//! 	for len(s) < n {
//! 		s = s + " "
//! //^^^^^^^^^^^ low: `s` is copied as a whole
//! 	}
//! 	return s
//! }
//! ```
//! ```go good
//! func lines(rows [][2]string) (all []string) {
//! 	for _, row := range rows {
//! 		line := "" // begins anew in each iteration
//! 		line += row[0]
//! 		all = append(all, line)
//! 	}
//! 	return all
//! }
//! ```
//! ```go good
//! func total(lines []string) (n int) {
//! 	for _, line := range lines {
//! 		n += len(line) // a number
//! 	}
//! 	return n
//! }
//! ```
//! ```go good
//! func find(names []string, msg string) string {
//! 	for _, name := range names {
//! 		if name == "" {
//! 			msg += ": empty name"
//! 			return msg // leaves the loop
//! 		}
//! 	}
//! 	return ""
//! }
//! ```
//!
//! # Idiom
//!
//! Strings cannot be changed, so `+=` makes a new one. A `strings.Builder` collects the parts, and its zero value is ready to use.
//!
//! # Verify
//!
//! - `go test -run none -bench {test} -benchmem -count 10 {package} | tee old.txt`: then again after the change into
//!   `new.txt`, and `benchstat old.txt new.txt`
//! - `go test -run none -bench {test} -memprofile mem.out {package} && go tool pprof -sample_index=alloc_space -top
//!   mem.out`: `runtime.concatstrings` near the top means that it matters
//!
//! # References
//!
//! - [Package strings, Builder](https://pkg.go.dev/strings#Builder)
//! - [Command benchstat](https://pkg.go.dev/golang.org/x/perf/cmd/benchstat)
use gopeer_lint::prelude::*;

use super::builder::{self, grown};
use super::support::{repeating_loop, runs_few_times};

pub static RULE: Rule = Rule {
    id: "performance/string-concat-in-loop",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Allocation, 3), (Concern::Latency, 2), (Concern::Idiom, 1)],
    equivalents: &["perfsprint:concat-loop", "modernize:stringsbuilder"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::OpAssign, StmtKind::Assign], check)],
    examines: "strings that grow",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Some(target) = grown(cx, stmt) else { return };
    let Some(around) = repeating_loop(cx, stmt) else { return };
    if !matches!(cx.under(target), Type::Basic(basic) if basic.is_string()) || cx.file.generated {
        return;
    }
    cx.examined();
    // A field or a package variable lives longer than the loop, unless it is a field of a local.
    let declared = match cx.def(root(cx, target)) {
        Def::Local(declared) => Some(declared),
        Def::Package(_) => None,
        _ => return,
    };
    let starts_anew = declared.is_some_and(|declared| cx.span(around).contains(cx.span(declared)));
    if starts_anew
        || is_first_of(cx, target, around) != Some(stmt)
        || runs_few_times(cx, around)
        || leaves_after(cx, stmt, around)
        || restarts(cx, target, around)
        || is_read(cx, target, around)
        || builder::prepends(cx, stmt, target)
    {
        return;
    }
    let name = cx.source(target);
    let edits = declared.filter(|_| cx.expr(target) == Expr::Ident).and_then(|declared| builder::edits(cx, declared));
    let is_little = !depends_on_data(cx, around, declared) || describes(cx, stmt) || is_command(cx);
    let mut report = cx
        .report(stmt, format!("`{name}` is copied as a whole in each iteration"))
        .note("the work grows with the square of the result: gather the parts in a `strings.Builder`");
    if is_little {
        report = report.severity(Severity::Low);
    }
    if let Some(edits) = edits {
        report.fix(format!("Build `{name}` with a strings.Builder"), edits).needing("strings");
    }
}

/// What a place belongs to: `b` of `b.out` and of `*b`.
fn root(cx: &Cx, mut place: ExprId) -> ExprId {
    while let Expr::Selector { base: inner, .. } | Expr::Star(inner) | Expr::Paren(inner) = cx.expr(place) {
        place = inner;
    }
    place
}

/// The first statement of the loop that adds to the same string: one finding is enough.
fn is_first_of(cx: &Cx, target: ExprId, around: StmtId) -> Option<StmtId> {
    let adds = |id: StmtId| grown(cx, id).is_some_and(|other| is_same_place(cx, other, target));
    changes(cx, target, around).find(|&id| adds(id))
}

/// The statements in a loop that may change the same place; asked for one by one, since the first is mostly enough.
fn changes<'c>(cx: &'c Cx, target: ExprId, around: StmtId) -> Box<dyn Iterator<Item = StmtId> + 'c> {
    let of_stmt = |node: Option<Node>| if let Some(Node::Stmt(id)) = node { Some(id) } else { None };
    if let Def::Local(declared) = cx.def(target) {
        let span = cx.span(around);
        let uses = cx.names.uses(declared).filter(move |&used| span.contains(cx.span(used)));
        return Box::new(uses.filter_map(move |used| of_stmt(cx.tree.parent(used))));
    }
    let assigns = |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Assign { .. }));
    let all = cx.within(around, true, assigns);
    Box::new((0..all.len()).filter_map(move |at| of_stmt(all.get(at).copied())))
}

fn is_same_place(cx: &Cx, a: ExprId, b: ExprId) -> bool {
    cx.source(a) == cx.source(b) && cx.same_text(a, b)
}

/// Whether the statements after this one leave the loop, so that it runs once.
fn leaves_after(cx: &Cx, stmt: StmtId, around: StmtId) -> bool {
    let inside =
        std::iter::once(Node::Stmt(stmt)).chain(cx.tree.ancestors(stmt)).take_while(|&node| node != around.into());
    inside.filter_map(|node| if let Node::Stmt(id) = node { Some(id) } else { None }).any(|id| {
        let last = cx.siblings(id).last();
        last.is_some_and(|&last| match cx.stmt(last) {
            Stmt::Expr(call) => cx.may_end(call),
            _ => cx.leaves_loop(last),
        })
    })
}

/// Whether the loop gives the string a new value on the way, so that it does not grow all along.
fn restarts(cx: &Cx, target: ExprId, around: StmtId) -> bool {
    let assigns = |id: StmtId| match cx.stmt(id) {
        Stmt::Assign { lhs, op: AssignOp::Assign, .. } if grown(cx, id).is_none() => {
            cx.exprs(lhs).iter().any(|&place| is_same_place(cx, place, target))
        }
        _ => false,
    };
    changes(cx, target, around).any(assigns)
}

/// Whether the data decide how often the loop runs: it goes through text, rows, numbers or a map in a field, through the
/// parts of what a loop around it gives, or stands in a handler.
fn depends_on_data(cx: &Cx, around: StmtId, declared: Option<ExprId>) -> bool {
    let many = match cx.stmt(around) {
        // A map in a field grows with what the program has seen.
        Stmt::Range { subject, .. } if is_field(cx, subject) && matches!(cx.under(subject), Type::Map { .. }) => true,
        Stmt::Range { subject, .. } => match cx.store.under(cx.ty(subject)) {
            Type::Slice(elem) => matches!(cx.store.under(elem), Type::Basic(Basic::Uint8 | Basic::Int32)),
            Type::Array { .. } | Type::Map { .. } | Type::Pointer(_) | Type::Unknown => false,
            _ => true,
        },
        // `for rows.Next()`, `for scanner.Scan()`; others pad, or go on until something fits.
        Stmt::For { cond: Some(cond), .. } => {
            cx.method_call(cond).is_some_and(|(_, method, _)| matches!(method, "Next" | "Scan" | "More"))
        }
        _ => false,
    };
    // The cells of a row: the inner loop goes through what the outer one gives.
    let outer = || {
        let begun = |outer: &StmtId| declared.is_none_or(|declared| !cx.span(*outer).contains(cx.span(declared)));
        let outer = repeating_loop(cx, around).filter(begun);
        outer.is_some_and(|outer| match (cx.stmt(outer), cx.stmt(around)) {
            (Stmt::Range { value: Some(value), .. }, Stmt::Range { subject, .. }) => {
                cx.def(root(cx, subject)) == Def::Local(value)
            }
            _ => false,
        })
    };
    many || outer() || cx.handler(around).is_some()
}

fn is_field(cx: &Cx, subject: ExprId) -> bool {
    matches!(cx.expr(cx.unparen(subject)), Expr::Selector { .. }) && !cx.is_qualified(subject)
}

/// Whether the loop passes on the string as it grows, such as until a name is free: it is short then, and no builder helps.
fn is_read(cx: &Cx, target: ExprId, around: StmtId) -> bool {
    let Def::Local(declared) = cx.def(target) else { return false };
    let grows = |node| matches!(node, Some(Node::Stmt(stmt)) if grown(cx, stmt).is_some());
    let passes_on = |used: ExprId| match cx.tree.parent(used) {
        Some(Node::Expr(parent)) => match cx.expr(parent) {
            Expr::Index { .. } => true,
            Expr::Call { fun, .. } => !cx.is_builtin(fun, "len") && !grows(cx.tree.parent(parent)),
            _ => false,
        },
        node => !grows(node),
    };
    cx.names.uses(declared).filter(|&used| cx.span(around).contains(cx.span(used))).any(passes_on)
}

/// Whether a method describes its receiver: as `fmt.Stringer`, `fmt.GoStringer` or `error` do.
fn describes(cx: &Cx, stmt: StmtId) -> bool {
    let Some(Node::Decl(decl)) = cx.enclosing_func(stmt).map(|func| func.node) else { return false };
    let Decl::Func { recv, name, .. } = cx.decl(decl) else { return false };
    !recv.is_empty() && matches!(cx.source(name), "String" | "GoString" | "Error")
}

fn is_command(cx: &Cx) -> bool {
    cx.file.is_main() || cx.file.purpose() == Purpose::Command
}
