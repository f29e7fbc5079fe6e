//! A string grows with `+=` inside a loop.
//!
//! Strings are immutable, so each `+=` copies all that was gathered so far: the work grows with the square of the
//! result, and every step leaves garbage behind. A `strings.Builder` appends in place; its `Grow` saves the remaining
//! copies where the size is known.
//!
//! Limits: fields and package variables are left alone, and so is `s = s + x`. A loop that runs a few times, as its header
//! shows, or is left after the first time, costs nothing.
//!
//! ```go bad
//! func list(users []User) string {
//! 	out := ""
//! 	for _, u := range users {
//! 		out += u.Name + "\n"
//! //^^^^^^^^^^^^^^^^^^^^ `out += …` copies the whole of `out` on each turn of the loop
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
//! 		s += " "
//! //^^^^^^^^ `s += …` copies the whole of `s`
//! 	}
//! 	return s
//! }
//! ```
//! ```go good
//! func lines(rows [][]string) []string {
//! 	var all []string
//! 	for _, row := range rows {
//! 		line := "" // starts afresh on each turn
//! 		for _, cell := range [2]string{row[0], row[1]} {
//! 			line += cell // two turns
//! 		}
//! 		all = append(all, line)
//! 	}
//! 	total := 0
//! 	for _, line := range all {
//! 		total += len(line)
//! 	}
//! 	return all
//! }
//!
//! func find(names []string, msg string) string {
//! 	for _, name := range names {
//! 		if name == "" {
//! 			msg += ": empty name"
//! 			return msg
//! 		}
//! 	}
//! 	return ""
//! }
//! ```
use gopeer_lint::prelude::*;

use super::support::{repeating_loop, runs_few_times};

pub static RULE: Rule = Rule {
    id: "performance/string-concat-in-loop",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Allocation, 3), (Concern::Latency, 2), (Concern::Idiom, 1)],
    equivalents: &["perfsprint:concat-loop", "modernize:stringsbuilder"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::OpAssign], check)],
    file: file!(),
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, op: AssignOp::Op(BinaryOp::Add), .. } = cx.stmt(stmt) else { return };
    let Some(target) = cx.only(lhs) else { return };
    let Def::Local(declared) = cx.def(target) else { return };
    let Some(around) = repeating_loop(cx, stmt) else { return };
    if !matches!(cx.under(target), Type::Basic(basic) if basic.is_string()) || cx.file.generated {
        return;
    }
    cx.examined();
    let grows = !cx.span(around).contains(cx.span(declared));
    if !grows
        || comes_again(cx, stmt, declared, around)
        || runs_few_times(cx, around)
        || leaves_after(cx, stmt, around)
        || restarts(cx, declared, around)
    {
        return;
    }
    let name = cx.source(target);
    let edits = mend(cx, declared);
    let report = cx
        .report(stmt, format!("`{name} += …` copies the whole of `{name}` on each turn of the loop"))
        .note("the work grows with the square of the result: gather the parts in a `strings.Builder`");
    if let Some(edits) = edits {
        report.fix(format!("Build `{name}` with a strings.Builder"), edits).needing("strings");
    }
}

/// Whether an earlier statement of the loop appends to the same string: one finding is enough.
fn comes_again(cx: &Cx, stmt: StmtId, declared: ExprId, around: StmtId) -> bool {
    cx.names.uses(declared).any(|used| {
        let appends =
            |id| matches!(cx.stmt(id), Stmt::Assign { lhs, op: AssignOp::Op(_), .. } if cx.tree.place(cx.exprs(lhs), used).is_some());
        let (at, here) = (cx.span(used), cx.span(stmt));
        at.end <= here.start
            && cx.span(around).contains(at)
            && matches!(cx.tree.parent(used), Some(Node::Stmt(id)) if appends(id))
    })
}

/// Whether the statements after this one leave the loop, so that it runs once.
fn leaves_after(cx: &Cx, stmt: StmtId, around: StmtId) -> bool {
    let inside =
        std::iter::once(Node::Stmt(stmt)).chain(cx.tree.ancestors(stmt)).take_while(|&node| node != around.into());
    inside.filter_map(|node| if let Node::Stmt(id) = node { Some(id) } else { None }).any(|id| {
        let last = cx.siblings(id).last();
        last.is_some_and(|&last| match cx.stmt(last) {
            Stmt::Return(_) | Stmt::Branch { kind: BranchKind::Break | BranchKind::Goto, .. } => true,
            Stmt::Expr(call) => matches!(cx.expr(call), Expr::Call { fun, .. } if cx.is_builtin(fun, "panic")),
            _ => false,
        })
    })
}

/// Whether the loop gives the string a new value on the way, so that it does not grow all along.
fn restarts(cx: &Cx, declared: ExprId, around: StmtId) -> bool {
    cx.any(around, true, |node| {
        let Node::Stmt(id) = node else { return false };
        let Stmt::Assign { lhs, op: AssignOp::Assign, .. } = cx.stmt(id) else { return false };
        cx.exprs(lhs).iter().any(|&target| cx.def(target) == Def::Local(declared))
    })
}

/// The edits that turn the string into a builder, where it is only declared empty, appended to and read.
fn mend(cx: &Cx, declared: ExprId) -> Option<Vec<(Span, String)>> {
    let name = cx.source(declared);
    cx.name_for("strings").filter(|package| *package == "strings")?;
    let (declaration, empty) = declaration(cx, declared)?;
    let mut edits = vec![(cx.span(declaration), format!("var {name} strings.Builder"))];
    if !empty {
        return None;
    }
    for used in cx.names.uses(declared).filter(|&used| used != declared) {
        let read = (cx.span(used), format!("{name}.String()"));
        match cx.tree.parent(used)? {
            Node::Stmt(stmt) => match cx.stmt(stmt) {
                Stmt::Assign { lhs, op, rhs } if cx.tree.place(cx.exprs(lhs), used).is_some() => {
                    let appended = cx.only(rhs).filter(|_| op == AssignOp::Op(BinaryOp::Add))?;
                    let end = cx.span(appended).end;
                    edits.push((
                        Span::new(cx.span(used).start, cx.span(appended).start),
                        format!("{name}.WriteString("),
                    ));
                    edits.push((Span::new(end, end), ")".to_owned()));
                }
                _ => edits.push(read),
            },
            Node::Expr(parent) if matches!(cx.expr(parent), Expr::Unary { op: UnaryOp::Addr, .. }) => return None,
            _ => edits.push(read),
        }
    }
    edits.sort_by_key(|(span, _)| span.start);
    Some(edits)
}

/// The node that declares the string alone, and whether it starts empty.
fn declaration(cx: &Cx, declared: ExprId) -> Option<(Node, bool)> {
    let empty = |values: &[ExprId]| match values {
        [] => true,
        [value] => cx.string_value(*value).is_some_and(|value| value.is_empty()),
        _ => false,
    };
    match cx.tree.parent(declared)? {
        Node::Stmt(stmt) => match cx.stmt(stmt) {
            Stmt::Assign { lhs, op: AssignOp::Define, rhs } => {
                cx.only(lhs)?;
                let alone = cx.place_in_list(stmt).is_some();
                alone.then_some((stmt.into(), empty(cx.exprs(rhs))))
            }
            _ => None,
        },
        Node::Decl(spec) => match (cx.decl(spec), cx.tree.parent(spec)?) {
            (Decl::Value { names, values, .. }, Node::Decl(group)) => {
                cx.only(names)?;
                let Decl::Group { kind: GroupKind::Var, parens: false, .. } = cx.decl(group) else { return None };
                Some((group.into(), empty(cx.exprs(values))))
            }
            _ => None,
        },
        _ => None,
    }
}
