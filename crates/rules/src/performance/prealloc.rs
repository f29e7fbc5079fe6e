//! A slice that grows by one element per iteration of a loop is created without capacity.
//!
//! An empty slice is reallocated and copied each time it is full, about a dozen times on the way to a thousand elements, and the
//! old arrays are left to the garbage collector. `make([]T, 0, len(source))` allocates once. Note that a nil
//! slice (`var out []T`) then becomes an empty one, which JSON shows as `[]` instead of `null`.
//!
//! Only functions that the package calls in a loop, or that answer requests or handle messages, are looked at: elsewhere nobody would
//! notice.
//!
//! Limits: only loops with one `append` in each iteration are looked at, and not maps that are filled. A loop whose iterations pass on a
//! context waits for something slower than an allocation. Slices of errors, commands and tests are left alone.
//!
//! ```go bad
//! func names(users []User) []string {
//! 	out := []string{}
//! 	//     ^^^^^^^^^^ `out` is grown by `append`; its final length is known: `len(users)`
//! 	for _, u := range users {
//! 		out = append(out, u.Name)
//! 	}
//! 	return out
//! }
//!
//! func show(teams [][]User) {
//! 	for _, users := range teams {
//! 		fmt.Println(names(users))
//! 	}
//! }
//! ```
//! ```diff fixed
//! -	out := []string{}
//! +	out := make([]string, 0, len(users))
//! ```
//! ```go bad
//! func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//! 	var keys []string
//! 	//  ^^^^^^^^^^^^^ `keys` is grown by `append`
//! 	for key, item := range s.items {
//! 		name, err := item.name(key)
//! 		if err != nil {
//! 			http.Error(w, "no name", http.StatusInternalServerError)
//! 			return
//! 		}
//! 		keys = append(keys, name)
//! 	}
//! 	io.WriteString(w, strings.Join(keys, " "))
//! }
//! ```
//! ```diff fixed
//! -	var keys []string
//! +	keys := make([]string, 0, len(s.items))
//! ```
//! ```go good
//! func names(users []User) []string {
//! 	out := []string{}
//! 	for _, u := range users {
//! 		out = append(out, u.Name) // runs once in a while
//! 	}
//! 	return out
//! }
//! ```
//! ```go good
//! func adults(users []User) (all []string) {
//! 	names := []string{}
//! 	for _, u := range users {
//! 		if u.Age >= 18 {
//! 			names = append(names, u.Name) // keeps some of them
//! 		}
//! 	}
//! 	return names
//! }
//! ```
//! ```go good
//! func rows(seq iter.Seq[Row]) []Row {
//! 	var all []Row
//! 	for row := range seq {
//! 		all = append(all, row) // an iterator has no length
//! 	}
//! 	return all
//! }
//! ```
//! ```go good
//! func load(ctx context.Context, users []User, load func(context.Context, User) Row) []Row {
//! 	var rows []Row
//! 	for _, u := range users {
//! 		rows = append(rows, load(ctx, u)) // each iteration waits for a database
//! 	}
//! 	return rows
//! }
//! ```
//!
//! # Idiom
//!
//! `append` grows a slice by copying it. Where the final length is known, `make([]T, 0, n)` before the loop is common, though nobody has
//! to.
//!
//! # Verify
//!
//! - `go test -run none -bench {test} -benchmem {package}`: look at `allocs/op` before and after; below a dozen
//!   elements the difference is noise
//! - `go build -gcflags=-m {package}`: shows whether the slice escapes at all
//!
//! # References
//!
//! - [Go blog, "Go Slices: usage and internals"](https://go.dev/blog/slices-intro)
use gopeer_lint::prelude::*;

use super::support::{EmptySlice, empty_slice, repeating_loop, runs_few_times};

pub static RULE: Rule = Rule {
    id: "performance/prealloc",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Allocation, 3), (Concern::Latency, 1)],
    equivalents: &["prealloc"],
    fix: FixKind::Safe,
    scope: Scope::Service,
    hooks: &[Hook::Stmt(&[StmtKind::Range, StmtKind::For], check)],
    examines: "slices that grow in a loop",
};

fn check(cx: &mut Cx, looping: StmtId) {
    let Some((length, body)) = length(cx, looping) else { return };
    let Stmt::Block(stmts) = cx.stmt(body) else { return };
    let Some((grown, each)) = cx.stmts(stmts).iter().find_map(|&stmt| cx.appended_to(stmt)) else { return };
    let length = if each > 1 { Length { text: format!("{each}*{}", length.text), ..length } } else { length };
    let Def::Local(declared) = cx.def(grown) else { return };
    if cx.file.is_main() || cx.file.purpose() == Purpose::Command || runs_few_times(cx, looping) {
        return;
    }
    cx.examined();
    if !runs_often(cx, looping) {
        return;
    }
    let Some(empty) = empty_slice(cx, declared) else { return };
    if waits(cx, body) || is_of_errors(cx, empty.ty, looping) {
        return;
    }
    let straight = once_per_turn(cx, body, declared)
        && follows(cx, empty.stmt, looping, declared)
        && repeating_loop(cx, looping).is_none();
    if straight {
        report(cx, cx.source(declared), empty, length);
    }
}

/// Whether the function around is called in a loop, or for each request or message: once in a while nobody would notice.
fn runs_often(cx: &Cx, looping: StmtId) -> bool {
    let in_loop = || cx.enclosing_decl(looping).is_some_and(|decl| cx.is_called_in_loop(decl) == Some(true));
    cx.handler(looping).is_some() || in_loop()
}

/// How often a loop runs, and its body.
struct Length {
    /// The expression that says so: `len(users)`, `n`.
    text: String,
    /// What has to be known before.
    of: ExprId,
}

fn length(cx: &Cx, looping: StmtId) -> Option<(Length, StmtId)> {
    match cx.stmt(looping) {
        Stmt::Range { value, subject, body, .. } => {
            let is_number = matches!(cx.under(subject), Type::Basic(Basic::Int));
            let text = match is_number {
                true if cx.expr(subject) == Expr::Ident => cx.source(subject).to_owned(),
                false if has_length(cx, subject, value.is_some()) => format!("len({})", cx.source(subject)),
                _ => return None,
            };
            Some((Length { text, of: subject }, body))
        }
        // `for i := 0; i < len(users); i++`
        Stmt::For { init: Some(_), cond: Some(cond), post: Some(post), body } => {
            let Expr::Binary { op: BinaryOp::Less, rhs, .. } = cx.expr(cond) else { return None };
            let Expr::Call { fun, args, .. } = cx.expr(rhs) else { return None };
            let of = cx.only(args).filter(|&of| cx.is_builtin(fun, "len") && has_length(cx, of, true))?;
            matches!(cx.stmt(post), Stmt::IncDec { .. }).then(|| (Length { text: cx.source(rhs).to_owned(), of }, body))
        }
        _ => None,
    }
}

fn report(cx: &mut Cx, name: &str, empty: EmptySlice, Length { text, of }: Length) {
    let (ty, span, source) = (cx.source(empty.ty), cx.span(empty.stmt), cx.source(of));
    let known = is_known_before(cx, of, span.start);
    let report = cx
        .report_span(empty.shown, format!("`{name}` is grown by `append`; its final length is known: `{text}`"))
        .note("each time it is full, all elements are copied to a larger array")
        .one_of("slices in this file are grown although their final length is known");
    let title = format!("Make `{name}` with room for `{text}` elements");
    let edit = [(span, format!("{name} := make({ty}, 0, {text})"))];
    if !known {
        report.note(format!("make `{name}` once `{source}` is known"));
    } else if empty.nil {
        report.note("if nothing is appended, the result is then empty instead of nil").suggest(title, edit);
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

/// What gathers errors is seldom run, and then over few.
fn is_of_errors(cx: &Cx, slice: ExprId, looping: StmtId) -> bool {
    let is_error = |ty: TypeId| ty == TypeId::ERROR;
    let of_subject = match cx.stmt(looping) {
        Stmt::Range { subject, .. } => match cx.under(subject) {
            Type::Slice(elem) | Type::Map { value: elem, .. } => is_error(elem),
            _ => false,
        },
        _ => false,
    };
    of_subject || matches!(cx.under(slice), Type::Slice(elem) if is_error(elem))
}

/// Whether an iteration hands a context on: to a database or another service, beside which an allocation is nothing.
fn waits(cx: &Cx, body: StmtId) -> bool {
    let context = |&arg: &ExprId| cx.has_type(arg, &["context.Context"]);
    cx.any(body, false, |node| match node {
        Node::Expr(id) => matches!(cx.expr(id), Expr::Call { args, .. } if cx.exprs(args).first().is_some_and(context)),
        _ => false,
    })
}

/// Whether each iteration appends once, or leaves the function because of an error.
fn once_per_turn(cx: &Cx, body: StmtId, declared: ExprId) -> bool {
    let mut appends = 0;
    let mut skips = false;
    cx.any(body, false, |node| {
        if let Node::Stmt(stmt) = node {
            skips |= match cx.stmt(stmt) {
                Stmt::Branch { .. } => true,
                // A result was found: few iterations may have gone by.
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
