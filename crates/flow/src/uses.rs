//! What is done with a value where it is mentioned.

use gopeer_sema::{Mode, SelectionKind};
use gopeer_syntax::ast::{AssignOp, BinaryOp, Expr, ExprId, Node, Stmt, UnaryOp};

use crate::Input;

/// What is done with the value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A method of it is called.
    Method {
        /// The call.
        call: ExprId,
        /// The method's name.
        name: ExprId,
    },
    /// It is called.
    Called(ExprId),
    /// It is an argument of a call.
    Argument {
        /// The call.
        call: ExprId,
        /// Which one.
        index: usize,
    },
    /// A field of it is looked at: the selector.
    Field(ExprId),
    /// It is assigned to a variable or to something else: the left side.
    Assigned(ExprId),
    /// It is returned: which result.
    Returned(usize),
    /// It becomes part of a composite literal, is sent, or its address is taken: others have it now.
    Kept,
    /// It is converted, or taken out of an interface, and the outcome is used: the outer expression.
    Converted(ExprId),
    /// It is only looked at: compared, dereferenced, indexed, ranged over.
    Seen,
}

impl Input<'_> {
    /// What is done with the value of an expression.
    pub fn use_of(&self, expr: ExprId) -> Use {
        let tree = self.tree;
        match tree.parent(expr) {
            Some(Node::Expr(around)) => self.use_in(expr, around),
            Some(Node::Stmt(stmt)) => match tree.stmt(stmt) {
                Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } => {
                    let (lhs, rhs) = (tree.exprs(lhs), tree.exprs(rhs));
                    match tree.place(rhs, expr).and_then(|at| lhs.get(at)) {
                        Some(&target) if lhs.len() == rhs.len() => Use::Assigned(target),
                        _ => Use::Seen,
                    }
                }
                Stmt::Return(results) => Use::Returned(tree.place(tree.exprs(results), expr).unwrap_or_default()),
                Stmt::Send { value, .. } if value == expr => Use::Kept,
                _ => Use::Seen,
            },
            Some(Node::Decl(decl)) => match tree.decl(decl) {
                gopeer_syntax::ast::Decl::Value { names, values, .. } => {
                    let at = tree.place(tree.exprs(values), expr);
                    at.and_then(|at| tree.exprs(names).get(at)).map_or(Use::Seen, |&name| Use::Assigned(name))
                }
                _ => Use::Seen,
            },
            _ => Use::Seen,
        }
    }

    fn use_in(&self, expr: ExprId, around: ExprId) -> Use {
        let tree = self.tree;
        match tree.expr(around) {
            Expr::Paren(_) => self.use_of(around),
            Expr::Selector { base, name } if base == expr => match self.facts.selection(around) {
                Some(selection) if selection.kind == SelectionKind::Field => Use::Field(around),
                _ => match self.call_of(around) {
                    Some(call) => Use::Method { call, name },
                    // A method value keeps its receiver.
                    None => Use::Kept,
                },
            },
            Expr::Call { fun, .. } if fun == expr => Use::Called(around),
            Expr::Call { fun, .. } if self.facts.mode(fun) == Mode::Type => Use::Converted(around),
            Expr::Call { args, .. } => {
                Use::Argument { call: around, index: tree.place(tree.exprs(args), expr).unwrap_or_default() }
            }
            Expr::Composite { .. } | Expr::KeyValue { .. } => Use::Kept,
            Expr::Unary { op: UnaryOp::Addr, .. } => Use::Kept,
            Expr::TypeAssert { .. } => Use::Converted(around),
            Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, .. } => Use::Seen,
            _ => Use::Seen,
        }
    }

    /// The call whose callee an expression is.
    fn call_of(&self, callee: ExprId) -> Option<ExprId> {
        match self.tree.parent(callee) {
            Some(Node::Expr(around)) => match self.tree.expr(around) {
                Expr::Paren(_) => self.call_of(around),
                Expr::Call { fun, .. } if fun == callee => Some(around),
                _ => None,
            },
            _ => None,
        }
    }
}
