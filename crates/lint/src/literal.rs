//! The variables that keep values, and what happens to them afterwards.

use gopeer_sema::Def;
use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, BinaryOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use crate::Cx;

impl<'a> Cx<'a> {
    /// The variable or field that a value is put into where it is written: `x` in `x := &T{}`, `s.f` in `s.f = T{}`.
    pub fn kept_in(&self, value: ExprId) -> Option<ExprId> {
        let (names, values, index) = self.assignment_of(value)?;
        names.get(index).copied().filter(|_| names.len() == values.len() || values.len() == 1)
    }

    /// What stands left and right in the assignment or declaration that a value, or its address, is assigned by, and which of the
    /// values it is.
    pub(crate) fn assignment_of(&self, mut value: ExprId) -> Option<(&'a [ExprId], &'a [ExprId], usize)> {
        loop {
            let (names, values) = match self.tree.parent(value)? {
                Node::Expr(parent) => match self.expr(parent) {
                    Expr::Paren(_) | Expr::Unary { op: UnaryOp::Addr, .. } => {
                        value = parent;
                        continue;
                    }
                    _ => return None,
                },
                Node::Stmt(stmt) => match self.stmt(stmt) {
                    Stmt::Assign { lhs, op: AssignOp::Define | AssignOp::Assign, rhs } => (lhs, rhs),
                    _ => return None,
                },
                Node::Decl(spec) => match self.decl(spec) {
                    gopeer_syntax::ast::Decl::Value { names, values, .. } => (names, values),
                    _ => return None,
                },
                Node::Field(_) => return None,
            };
            let (names, values) = (self.exprs(names), self.exprs(values));
            let index = self.tree.place(values, value)?;
            return Some((names, values, index));
        }
    }

    /// Whether a value becomes an element of what was there before the loop, as it is or within a literal.
    pub fn is_stored_beyond(&self, value: ExprId, looping: StmtId) -> bool {
        let outlives = |of: ExprId| match self.def(of) {
            Def::Local(declared) => !self.span(looping).contains(self.span(declared)),
            _ => true,
        };
        let mut inner = value;
        for node in self.tree.ancestors(value) {
            match node {
                Node::Expr(outer) => match self.expr(outer) {
                    Expr::Paren(_) | Expr::Composite { .. } | Expr::KeyValue { .. } | Expr::Unary { .. } => {
                        inner = outer
                    }
                    Expr::Call { fun, args, spread: false } if self.is_builtin(fun, "append") => {
                        return self.exprs(args).first().is_some_and(|&to| to != inner && outlives(to));
                    }
                    _ => return false,
                },
                Node::Stmt(stmt) => {
                    let Stmt::Assign { lhs, .. } = self.stmt(stmt) else { return false };
                    let is_element = |&to: &ExprId| matches!(self.expr(to), Expr::Index { base, .. } if outlives(base));
                    return self.only(lhs).as_ref().is_some_and(is_element);
                }
                _ => return false,
            }
        }
        false
    }

    /// The replacement that adds `field`, written `Name: value`, at the end of a literal.
    pub(crate) fn with_field(&self, composite: ExprId, field: &str) -> (Span, String) {
        let close = self.span(composite).end.saturating_sub(1);
        let Expr::Composite { elems, .. } = self.expr(composite) else {
            return (Span::new(close, close), String::new());
        };
        let Some(&last) = self.exprs(elems).last() else { return (Span::new(close, close), field.to_owned()) };
        let end = self.span(last).end;
        let rest = Span::new(end, close).of(self.tree.text());
        match rest.rfind('\n') {
            Some(newline) => {
                let at = end + newline as u32 + 1;
                (Span::new(at, at), format!("{}{field},\n", self.indent(last)))
            }
            None => (Span::new(end, end), format!(", {field}")),
        }
    }

    /// The call whose result, or one of whose results, the local was defined with: `x, err := call()`.
    pub fn defining_call(&self, ident: ExprId) -> Option<ExprId> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        let Some(Node::Stmt(stmt)) = self.tree.parent(declaring) else { return None };
        let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = self.stmt(stmt) else { return None };
        let (lhs, rhs) = (self.exprs(lhs), self.exprs(rhs));
        let index = if lhs.len() == rhs.len() { self.tree.place(lhs, declaring)? } else { 0 };
        rhs.get(index).copied().filter(|&value| matches!(self.expr(self.unparen(value)), Expr::Call { .. }))
    }

    /// Whether an expression stands left in an assignment or a definition, or is counted up or down.
    pub fn is_target(&self, expr: ExprId) -> bool {
        let Some(Node::Stmt(stmt)) = self.tree.parent(expr) else { return false };
        match self.stmt(stmt) {
            Stmt::Assign { lhs, .. } => self.tree.place(self.exprs(lhs), expr).is_some(),
            Stmt::IncDec { .. } => true,
            _ => false,
        }
    }

    /// `s` in `s = append(s, x)`, and how many elements are appended.
    pub fn appended_to(&self, stmt: StmtId) -> Option<(ExprId, usize)> {
        let Stmt::Assign { lhs, op: AssignOp::Assign, rhs } = self.stmt(stmt) else { return None };
        let (target, call) = (self.only(lhs)?, self.only(rhs)?);
        let Expr::Call { fun, args, spread: false } = self.expr(call) else { return None };
        let [first, appended @ ..] = self.exprs(args) else { return None };
        let grows =
            self.is_builtin(fun, "append") && self.expr(target) == Expr::Ident && self.def(target) == self.def(*first);
        (grows && !appended.is_empty()).then_some((target, appended.len()))
    }

    /// Whether an assignment in this piece gives the local a value after its definition.
    pub fn is_reassigned(&self, ident: ExprId) -> bool {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return true };
        self.once(declaring, |cx, node| cx.reassignment(node)).is_some()
    }

    /// Where a local is given a value after its definition.
    fn reassignment(&self, declaring: Node) -> Option<Node> {
        let Node::Expr(declaring) = declaring else { return None };
        let reassigns = |&used: &ExprId| {
            used != declaring
                && match self.tree.parent(used) {
                    Some(Node::Stmt(stmt)) => match self.stmt(stmt) {
                        Stmt::Range { key, value, .. } => key == Some(used) || value == Some(used),
                        _ => self.is_target(used),
                    },
                    Some(Node::Expr(parent)) => matches!(self.expr(parent), Expr::Unary { op: UnaryOp::Addr, .. }),
                    _ => false,
                }
        };
        self.names.uses(declaring).find(reassigns).map(Node::Expr)
    }

    /// Whether the local is compared with nil somewhere: by an operator, or in a case of a switch. Only what may be nil is.
    pub fn is_compared_with_nil(&self, local: ExprId) -> bool {
        let Def::Local(declaring) = self.def(self.unparen(local)) else { return false };
        self.once(declaring, |cx, node| cx.comparison_with_nil(node)).is_some()
    }

    fn comparison_with_nil(&self, declaring: Node) -> Option<Node> {
        let Node::Expr(declaring) = declaring else { return None };
        let has_nil = |exprs| self.exprs(exprs).iter().any(|&expr| self.is_builtin(expr, "nil"));
        let compares = |&name: &ExprId| match self.tree.parent(name) {
            Some(Node::Expr(parent)) => match self.expr(parent) {
                Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, lhs, rhs } => {
                    self.is_builtin(lhs, "nil") || self.is_builtin(rhs, "nil")
                }
                _ => false,
            },
            Some(Node::Stmt(switch)) => match self.stmt(switch) {
                Stmt::Switch { tag: Some(tag), clauses, .. } if tag == name => {
                    let is_nil =
                        |&clause| matches!(self.stmt(clause), Stmt::CaseClause { exprs, .. } if has_nil(exprs));
                    self.stmts(clauses).iter().any(is_nil)
                }
                _ => false,
            },
            _ => false,
        };
        self.names.uses(declaring).find(compares).map(Node::Expr)
    }

    /// Whether the node stands under a condition of the same function: in a branch of an `if`, or in a clause.
    pub fn is_conditional(&self, node: impl Into<Node>) -> bool {
        let mut child = node.into();
        for ancestor in self.tree.ancestors(child) {
            if let Node::Stmt(id) = ancestor {
                match self.stmt(id) {
                    Stmt::If { then, els, .. } if child == then.into() || els.map(Node::from) == Some(child) => {
                        return true;
                    }
                    Stmt::CaseClause { .. } => return true,
                    _ => {}
                }
            }
            if self.as_func(ancestor).is_some() {
                return false;
            }
            child = ancestor;
        }
        false
    }
}
