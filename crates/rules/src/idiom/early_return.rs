//! An `else` follows a branch that has already left.
//!
//! When the `if` ends in `return`, `continue`, `break` or `panic`, the `else` adds a level of indentation and nothing else.
//! Go code keeps the main path at the left edge and lets the special cases leave early, so that a reader can forget each
//! of them once it is read (Go Code Review Comments, "Indent Error Flow").
//!
//! Limits: a main path that is nested in conditions without an `else` is not found, nor are bare returns in long functions.
//!
//! ```go bad
//! func load(path string) (*Config, error) {
//! 	data, err := os.ReadFile(path)
//! 	if err != nil {
//! 		return nil, err
//! 	} else {
//! 	//^^^^ the `else` is not needed: the branch before it ends in `return`
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
//!
//! func find(n int) (string, error) {
//! 	if name, ok := names[n]; ok {
//! 		log.Print(name)
//! 		return name, nil
//! 	} else {
//! 		log.Print(name) // needs what the `if` declares
//! 		return name, errors.New("unnamed")
//! 	}
//! }
//!
//! func kind(n int) string {
//! 	if n == 0 {
//! 		log.Print(n)
//! 		return "none"
//! 	} else if n == 1 {
//! 		log.Print(n)
//! 		return "one"
//! 	} else {
//! 		log.Print(n)
//! 		return "many"
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/early-return",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Clarity, 3), (Concern::Idiom, 2)],
    equivalents: &["revive:indent-error-flow", "revive:superfluous-else", "revive:early-return", "nakedret", "nestif"],
    fix: FixKind::Safe,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::If], check)],
    file: file!(),
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::If { init, then, els: Some(els), .. } = cx.stmt(stmt) else { return };
    let (Stmt::Block(first), Stmt::Block(second)) = (cx.stmt(then), cx.stmt(els)) else { return };
    let chained = matches!(cx.tree.parent(stmt), Some(Node::Stmt(outer)) if matches!(cx.stmt(outer), Stmt::If { .. }));
    if chained || cx.file.generated {
        return;
    }
    cx.examined();
    let declares = init.is_some_and(|init| matches!(cx.stmt(init), Stmt::Assign { op: AssignOp::Define, .. }));
    let Some(leaves) = cx.stmts(first).last().and_then(|&last| leaving(cx, last)) else { return };
    let symmetrical = first.len() == second.len()
        && first.len() <= 3
        && cx.stmts(second).last().is_some_and(|&last| leaving(cx, last).is_some());
    if declares || second.is_empty() || symmetrical || (first.len(), second.len()) == (1, 1) {
        return;
    }
    let edit = dedent(cx, stmt, then, els);
    let (from, to) = (cx.span(then).end, cx.span(els).start);
    let between = Span::new(from, to);
    let at = from + between.of(cx.tree.text()).find("else").unwrap_or(0) as u32;
    let report = cx
        .report_span(
            Span::new(at, at + 4),
            format!("the `else` is not needed: the branch before it ends in `{leaves}`"),
        )
        .note("the rest of the function reads on at the same level");
    if let Some(edit) = edit {
        report.fix("Remove the `else`", [edit]);
    }
}

/// How a statement leaves the list it ends, if it does.
fn leaving(cx: &Cx, stmt: StmtId) -> Option<&'static str> {
    match cx.stmt(stmt) {
        Stmt::Return(_) => Some("return"),
        Stmt::Branch { kind: BranchKind::Break, .. } => Some("break"),
        Stmt::Branch { kind: BranchKind::Continue, .. } => Some("continue"),
        Stmt::Branch { kind: BranchKind::Goto, .. } => Some("goto"),
        Stmt::Expr(call) => match cx.expr(call) {
            Expr::Call { fun, .. } => cx.is_builtin(fun, "panic").then_some("panic"),
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
    let raw = cx.any(els, true, |node| matches!(node, Node::Expr(id) if multiline(id)));
    if declares || raw || cx.place_in_list(stmt).is_none() {
        return None;
    }
    let inner = cx.source(els).strip_prefix('{')?.strip_suffix('}')?;
    let lines = inner.strip_prefix('\n')?.trim_end();
    let moved: Vec<&str> = lines.lines().map(|line| line.strip_prefix('\t').unwrap_or(line)).collect();
    let span = Span::new(cx.span(then).end, cx.span(els).end);
    Some((span, format!("\n{}", moved.join("\n"))))
}
