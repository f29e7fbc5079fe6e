//! Strings that grow, and how one becomes a `strings.Builder`.

use gopeer_lint::prelude::*;

/// The string that a statement adds to: `s += x`, `s = s + x`, `s = x + s`, `s = fmt.Sprintf("%s, %s", s, x)`.
pub(super) fn grown(cx: &Cx, stmt: StmtId) -> Option<ExprId> {
    let Stmt::Assign { lhs, op, rhs } = cx.stmt(stmt) else { return None };
    let (target, value) = (cx.only(lhs)?, cx.unparen(cx.only(rhs)?));
    let is_place = matches!(cx.expr(target), Expr::Ident | Expr::Selector { .. } | Expr::Star(_));
    let adds = match op {
        AssignOp::Op(BinaryOp::Add) => true,
        AssignOp::Assign => match cx.expr(value) {
            Expr::Binary { op: BinaryOp::Add, lhs, rhs } => {
                cx.same_pure(first_of(cx, lhs), target) || cx.same_pure(rhs, target)
            }
            Expr::Call { args, .. } => {
                cx.calls(value, &["fmt.Sprintf", "fmt.Sprint"])
                    && cx.exprs(args).iter().any(|&arg| cx.same_pure(arg, target))
            }
            _ => false,
        },
        _ => false,
    };
    (is_place && adds).then_some(target)
}

/// Whether the statement adds to the front, which a builder cannot do: `s = x + s`.
pub(super) fn prepends(cx: &Cx, stmt: StmtId, target: ExprId) -> bool {
    let Stmt::Assign { op: AssignOp::Assign, rhs, .. } = cx.stmt(stmt) else { return false };
    let Some(value) = cx.only(rhs) else { return false };
    match cx.expr(cx.unparen(value)) {
        Expr::Binary { op: BinaryOp::Add, lhs, .. } => !cx.same_pure(first_of(cx, lhs), target),
        _ => false,
    }
}

/// The first operand of a sum.
fn first_of(cx: &Cx, mut sum: ExprId) -> ExprId {
    while let Expr::Binary { op: BinaryOp::Add, lhs, .. } = cx.expr(cx.unparen(sum)) {
        sum = lhs;
    }
    sum
}

/// The edits that turn the string into a builder, where it is only declared empty, appended to and read.
pub(super) fn edits(cx: &Cx, declared: ExprId) -> Option<Vec<(Span, String)>> {
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
