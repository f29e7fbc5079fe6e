//! An `else` follows a branch that never gets past it.
//!
//! When the `if` ends in `return`, `continue`, `break` or a call that ends the program, the `else` adds a level of
//! indentation and nothing else. Go code keeps the main path at the left edge and lets special cases leave early, so that a
//! reader can forget each of them once it is read (Go Code Review Comments, "Indent Error Flow").
//!
//! Limits: not found are an `else if`, an `else` that leaves while the branch before it goes on, a main path nested in
//! conditions. Two short branches of the same length that both leave are left alone.
//!
//! ```go bad
//! func load(path string) (*Config, error) {
//! 	data, err := os.ReadFile(path)
//! 	if err != nil {
//! 		return nil, err
//! 	} else {
//! 	//^^^^ `else` is not needed: the branch before it ends in `return`
//! 		log.Printf("read %d bytes", len(data))
//! 		return parse(data)
//! 	}
//! }
//! ```
//! ```diff fixed
//! -	} else {
//! -		log.Printf("read %d bytes", len(data))
//! -		return parse(data)
//! +	log.Printf("read %d bytes", len(data))
//! +	return parse(data)
//! ```
//! ```go good
//! func sign(n int) (string, error) {
//! 	if n < 0 {
//! 		return "negative", nil
//! 	} else {
//! 		return "positive", nil // both short, side by side
//! 	}
//! }
//! ```
//!
//! # Idiom
//!
//! Go code keeps the normal path at the left edge: handle the special case, return, and go on without `else`.
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/early-return",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Clarity, 3), (Concern::Idiom, 2)],
    equivalents: &["revive:indent-error-flow", "revive:superfluous-else"],
    fix: FixKind::Safe,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    examines: "else branches",
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { init, then, els: Some(els), .. } = cx.stmt(stmt) else { return };
    let (Stmt::Block(first), Stmt::Block(second)) = (cx.stmt(then), cx.stmt(els)) else { return };
    let chained = matches!(cx.tree.parent(stmt), Some(Node::Stmt(outer)) if matches!(cx.stmt(outer), Stmt::If { .. }));
    if chained || cx.file.generated {
        return;
    }
    cx.examined();
    let Some(leaves) = cx.stmts(first).last().and_then(|&last| leaving(cx, last)) else { return };
    let symmetrical = first.len() == second.len()
        && first.len() <= 3
        && cx.stmts(second).last().is_some_and(|&last| leaving(cx, last).is_some());
    let needs_names = init.is_some_and(|init| uses_names_of(cx, els, init));
    if needs_names || second.is_empty() || symmetrical || (first.len(), second.len()) == (1, 1) {
        return;
    }
    let edit = dedent(cx, stmt, then, els);
    let (from, to) = (cx.span(then).end, cx.span(els).start);
    let between = Span::new(from, to);
    let at = from + between.of(cx.tree.text()).find("else").unwrap_or(0) as u32;
    let report = cx
        .report_span(Span::new(at, at + 4), format!("`else` is not needed: the branch before it {leaves}"))
        .note("without it, what follows moves one level to the left");
    if let Some(edit) = edit {
        report.fix("Remove the `else`", [edit]);
    }
}

/// Whether an `else` uses what the `if` declares before its condition.
fn uses_names_of(cx: &Cx, els: StmtId, init: StmtId) -> bool {
    let Stmt::Assign { lhs, op: AssignOp::Define, .. } = cx.stmt(init) else { return false };
    let els = cx.span(els);
    let mut uses = cx.exprs(lhs).iter().flat_map(|&name| cx.names.uses(name));
    uses.any(|used| els.start <= cx.span(used).start && cx.span(used).end <= els.end)
}

/// How a statement leaves the list it ends, if it does.
fn leaving(cx: &Cx, stmt: StmtId) -> Option<String> {
    match cx.stmt(stmt) {
        Stmt::Branch { kind: BranchKind::Break, .. } => Some("ends in `break`".to_owned()),
        Stmt::Switch { clauses, .. } | Stmt::TypeSwitch { clauses, .. } => {
            let clauses = cx.stmts(clauses);
            let default = |&clause: &StmtId| matches!(cx.stmt(clause), Stmt::CaseClause { default: true, .. });
            let leaves = |&clause: &StmtId| match cx.stmt(clause) {
                Stmt::CaseClause { body, .. } => cx.stmts(body).last().is_some_and(|&last| exit(cx, last).is_some()),
                _ => false,
            };
            let breaks = |node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Branch { kind: BranchKind::Break, .. }));
            let always = clauses.iter().any(default) && clauses.iter().all(leaves) && !cx.any(stmt, false, breaks);
            always.then(|| "leaves in every case".to_owned())
        }
        _ => exit(cx, stmt).map(|exit| format!("ends in `{exit}`")),
    }
}

/// What a statement leaves with that leads past all that is around it, a loop aside.
fn exit<'a>(cx: &Cx<'a>, stmt: StmtId) -> Option<&'a str> {
    match cx.stmt(stmt) {
        Stmt::Return(_) => Some("return"),
        Stmt::Branch { kind: BranchKind::Continue, .. } => Some("continue"),
        Stmt::Branch { kind: BranchKind::Goto, .. } => Some("goto"),
        Stmt::Expr(call) => match cx.expr(call) {
            Expr::Call { fun, .. } => cx.ends(call).map(|_| cx.source(fun)),
            _ => None,
        },
        _ => None,
    }
}

/// The edit that moves the lines of the `else` out, where that changes no meaning: names it declares must not meet others.
fn dedent(cx: &Cx, stmt: StmtId, then: StmtId, els: StmtId) -> Option<(Span, String)> {
    let Stmt::Block(list) = cx.stmt(els) else { return None };
    let declares = cx.stmts(list).iter().any(|&inner| {
        matches!(cx.stmt(inner), Stmt::Decl(_) | Stmt::Labeled { .. } | Stmt::Assign { op: AssignOp::Define, .. })
    });
    let multiline =
        |id: ExprId| matches!(cx.expr(id), Expr::Literal(LiteralKind::RawString)) && cx.source(id).contains('\n');
    // A comment beside the `else` would be lost.
    let between = Span::new(cx.span(then).end, cx.span(els).start).of(cx.tree.text()).trim();
    let raw = cx.any(els, true, |node| matches!(node, Node::Expr(id) if multiline(id)));
    if declares || raw || between != "else" || cx.place_in_list(stmt).is_none() {
        return None;
    }
    let inner = cx.source(els).strip_prefix('{')?.strip_suffix('}')?;
    let lines = inner.strip_prefix('\n')?.trim_end();
    let moved: Vec<&str> = lines.lines().map(|line| line.strip_prefix('\t').unwrap_or(line)).collect();
    let span = Span::new(cx.span(then).end, cx.span(els).end);
    Some((span, format!("\n{}", moved.join("\n"))))
}
