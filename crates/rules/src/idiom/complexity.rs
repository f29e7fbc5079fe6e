//! A function is too long, too deep or too branched to be kept in mind.
//!
//! A reader has to keep apart every path through a function, and its tests have to cover them; past a few dozen, nobody does
//! either, and that is where bugs stay. Split it where it changes subject: validation, one case of a switch and the body of
//! a loop make good functions of their own. More than 30 branches, 5 levels of nesting or 200 lines of code are reported.
//!
//! Limits: guard clauses that only leave, short cases of a switch, literals and comments are not counted. Functions in tests and
//! generated code are left alone, and duplicated code is not looked for.
//!
//! ```go bad
//! func place(orders []Order) (n int) {
//! //   ^^^^^ `place` has 6 levels of nesting
//! 	for _, order := range orders {
//! 		if order.Open {
//! 			for _, line := range order.Lines {
//! 				if line.Count > 0 {
//! 					for _, stock := range line.Stocks {
//! 						if stock.Free {
//! 							n += stock.Take(line.Count)
//! 						}
//! 					}
//! 				}
//! 			}
//! 		}
//! 	}
//! 	return n
//! }
//! ```
//! ```go good
//! func name(code int) (string, error) {
//! 	if code < 0 {
//! 		return "", errors.New("negative")
//! 	}
//! 	switch code {
//! 	case 1:
//! 		return "one", nil
//! 	case 2:
//! 		return "two", nil
//! 	case 3:
//! 		return "three", nil
//! 	}
//! 	return "", errors.New("unknown")
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/complexity",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Clarity, 3), (Concern::Tests, 1)],
    equivalents: &["cyclop", "gocyclo", "gocognit", "funlen", "nestif", "revive:cognitive-complexity"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Decl(&[DeclKind::Func], check)],
    examines: "functions",
};

const MAX_BRANCHES: u32 = 30;
const MAX_DEPTH: u32 = 5;
const MAX_LINES: u32 = 200;

fn check(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { name, body: Some(body), .. } = cx.decl(decl) else { return };
    if cx.file.generated {
        return;
    }
    cx.examined();
    let size = measure(cx, body);
    let sizes = [
        (size.branches, MAX_BRANCHES, "branches"),
        (size.depth, MAX_DEPTH, "levels of nesting"),
        (size.lines, MAX_LINES, "lines of code"),
    ];
    let over = sizes.into_iter().filter(|(size, max, _)| size > max);
    let over: Vec<String> = over.map(|(size, _, what)| format!("{size} {what}")).collect();
    if !over.is_empty() {
        cx.report(name, format!("`{}` has {}", cx.source(name), listed(&over)))
            .note("extract a part of it, such as an inner loop, into a function whose name says what it does");
    }
}

/// `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => parts.concat(),
    }
}

/// How much there is to a function.
#[derive(Default)]
struct Size {
    /// Decisions; guards and flat switches count little.
    branches: u32,
    /// The deepest nesting of statements that decide or repeat.
    depth: u32,
    /// Lines of code, without comments, literals and short cases.
    lines: u32,
}

fn measure(cx: &Cx, body: StmtId) -> Size {
    let mut size = Size { branches: 1, depth: 0, lines: code_lines(cx, body) };
    let mut open: Vec<u32> = Vec::new();
    cx.tree.walk(body, &mut |node| {
        match node {
            Node::Stmt(id) => {
                let weight = branches(cx, id);
                size.branches += weight;
                if nests(cx, id) {
                    let span = cx.span(id);
                    while open.last().is_some_and(|&end| end <= span.start) {
                        open.pop();
                    }
                    open.push(span.end);
                    size.depth = size.depth.max(open.len() as u32);
                }
            }
            Node::Expr(id) => {
                size.branches += u32::from(matches!(
                    cx.expr(id),
                    Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, .. }
                ));
            }
            _ => {}
        }
        true
    });
    size
}

fn branches(cx: &Cx, stmt: StmtId) -> u32 {
    match cx.stmt(stmt) {
        Stmt::If { then, els, .. } => u32::from(els.is_some() || !only_leaves(cx, then)),
        Stmt::For { .. } | Stmt::Range { .. } => 1,
        Stmt::Switch { clauses, .. } | Stmt::TypeSwitch { clauses, .. } | Stmt::Select { clauses } => {
            let full = cx.stmts(clauses).iter().filter(|&&clause| !is_short(cx, clause)).count() as u32;
            full.max(1)
        }
        _ => 0,
    }
}

/// Whether a block is one statement that leaves.
fn only_leaves(cx: &Cx, block: StmtId) -> bool {
    let Stmt::Block(stmts) = cx.stmt(block) else { return false };
    matches!(cx.stmts(stmts), [one] if matches!(cx.stmt(*one), Stmt::Return(_) | Stmt::Branch { .. }))
}

fn is_short(cx: &Cx, clause: StmtId) -> bool {
    match cx.stmt(clause) {
        Stmt::CaseClause { body, .. } | Stmt::CommClause { body, .. } => body.len() <= 2,
        _ => false,
    }
}

/// Whether the statement adds a level; an `else if` is on the level of its `if`.
fn nests(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::For { .. } | Stmt::Range { .. } | Stmt::Switch { .. } | Stmt::TypeSwitch { .. } | Stmt::Select { .. } => {
            true
        }
        Stmt::If { then, .. } => {
            let chained =
                matches!(cx.tree.parent(stmt), Some(Node::Stmt(outer)) if matches!(cx.stmt(outer), Stmt::If { .. }));
            !chained && !only_leaves(cx, then)
        }
        _ => false,
    }
}

fn code_lines(cx: &Cx, body: StmtId) -> u32 {
    let lines = |span: Span| span.of(cx.tree.text()).matches('\n').count() as u32;
    let all =
        cx.source(body).lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//")).count()
            as u32;
    if all <= MAX_LINES {
        return all;
    }
    let mut data = 0;
    cx.tree.walk(body, &mut |node| match node {
        Node::Expr(id) if matches!(cx.expr(id), Expr::Composite { .. } | Expr::Literal(_)) => {
            data += lines(cx.span(id));
            false
        }
        Node::Stmt(id) if is_short(cx, id) => {
            data += lines(cx.span(id)) + 1;
            false
        }
        _ => true,
    });
    all.saturating_sub(data)
}
