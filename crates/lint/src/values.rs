//! What a rule may ask about values and types that show in the text alone, where types are not known.

use std::borrow::Cow;

use gopeer_sema::Def;
use gopeer_sema::value::Value;
use gopeer_syntax::ast::{AssignOp, BinaryOp, Decl, Expr, ExprId, GroupKind, LiteralKind, Node, Stmt, UnaryOp};

use crate::Cx;

/// Values and types that show in the text alone.
impl<'a> Cx<'a> {
    /// The value of a constant string. Where types are not known: of a literal, or literals joined with `+`.
    pub fn string_value(&self, expr: ExprId) -> Option<Cow<'a, str>> {
        if let Some(value) = self.facts.value(expr) {
            return value.as_str_lossy();
        }
        let mut last = self.unparen(expr);
        let mut parts = Vec::new();
        // A long sum leans to the left as deep as it is long, so the spine is a loop.
        while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = self.expr(last) {
            parts.push(self.string_operand(rhs)?);
            last = self.unparen(lhs);
        }
        let first = self.string_operand(last)?;
        if parts.is_empty() {
            return Some(first);
        }
        parts.push(first);
        parts.reverse();
        Some(Cow::Owned(parts.concat()))
    }

    fn string_operand(&self, expr: ExprId) -> Option<Cow<'a, str>> {
        let expr = self.unparen(expr);
        match self.expr(expr) {
            Expr::Literal(kind @ (LiteralKind::String | LiteralKind::RawString)) => {
                Some(Cow::Owned(Value::literal(kind, self.source(expr)).as_str_lossy()?.into_owned()))
            }
            Expr::Binary { op: BinaryOp::Add, .. } => self.string_value(expr),
            Expr::Ident => self.string_value(self.constant(expr)?),
            _ => None,
        }
    }

    /// The value of an integer constant.
    pub fn int_value(&self, expr: ExprId) -> Option<i64> {
        if let Some(value) = self.facts.value(expr) {
            return value.to_int().as_i64();
        }
        let expr = self.unparen(expr);
        match self.expr(expr) {
            Expr::Literal(LiteralKind::Int) => Value::literal(LiteralKind::Int, self.source(expr)).as_i64(),
            Expr::Unary { op: UnaryOp::Minus, operand } => self.int_value(operand)?.checked_neg(),
            _ => None,
        }
    }

    /// The expression that a local constant stands for.
    fn constant(&self, ident: ExprId) -> Option<ExprId> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        let Some(Node::Decl(spec)) = self.tree.parent(declaring) else { return None };
        let Some(Node::Decl(group)) = self.tree.parent(spec) else { return None };
        let Decl::Group { kind: GroupKind::Const, .. } = self.decl(group) else { return None };
        let Decl::Value { names, values, .. } = self.decl(spec) else { return None };
        let index = self.tree.place(self.exprs(names), declaring)?;
        self.exprs(values).get(index).copied()
    }

    /// The type expression of a local that shows in the text: written in its declaration (`var mu sync.Mutex`, a
    /// parameter), or the type of the composite literal it starts with (`x := T{}`, `x := &T{}`, then marked as pointer).
    pub fn local_type(&self, ident: ExprId) -> Option<LocalType> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        match self.tree.parent(declaring)? {
            Node::Field(field) => Some(self.written(self.tree.field(field).ty)),
            Node::Decl(spec) => {
                let Decl::Value { names, ty, values, .. } = self.decl(spec) else { return None };
                if let Some(ty) = ty {
                    return Some(self.written(ty));
                }
                let index = self.tree.place(self.exprs(names), declaring)?;
                self.literal_type(*self.exprs(values).get(index)?)
            }
            Node::Stmt(stmt) => {
                let Stmt::Assign { lhs, op: AssignOp::Define, rhs } = self.stmt(stmt) else { return None };
                let (lhs, rhs) = (self.exprs(lhs), self.exprs(rhs));
                let index = self.tree.place(lhs, declaring)?;
                if lhs.len() != rhs.len() {
                    return None;
                }
                self.literal_type(*rhs.get(index)?)
            }
            Node::Expr(_) => None,
        }
    }

    /// Whether code is never run: in a branch that a constant rules out, or a local that is given one and no other value.
    pub(crate) fn never_runs(&self, node: impl Into<Node>) -> bool {
        /// A chain of 20,000 operands is as deep, and each of them may be asked about.
        const HIGH: usize = 64;
        let node = node.into();
        let ruled_out = |around: Node| match around {
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::If { cond, then, els, .. } => {
                    let dead = self.settled(cond).and_then(|holds| if holds { els } else { Some(then) });
                    dead.is_some_and(|dead| self.span(dead).contains(self.span(node)))
                }
                _ => false,
            },
            _ => false,
        };
        self.tree.ancestors(node).take(HIGH).any(ruled_out)
    }

    /// What a condition always is: a constant, or a local that is given one and no other value.
    fn settled(&self, cond: ExprId) -> Option<bool> {
        let cond = self.unparen(cond);
        match (self.facts.value(cond), self.expr(cond)) {
            (Some(Value::Bool(holds)), _) => Some(*holds),
            (_, Expr::Unary { op: UnaryOp::Not, operand }) => self.settled(operand).map(|holds| !holds),
            (_, Expr::Ident) => match self.facts.value(self.initial_value(cond)?) {
                Some(Value::Bool(holds)) if !self.is_reassigned(cond) => Some(*holds),
                _ => None,
            },
            _ => None,
        }
    }

    /// The expression that a local was first given: `x := value` or `var x = value`, where there is one value a name.
    pub fn initial_value(&self, ident: ExprId) -> Option<ExprId> {
        let (names, values, index) = self.declared_with(ident)?;
        if names.len() == values.len() { values.get(index).copied() } else { None }
    }

    /// Whether a context does not end by itself: it is made here, of `context.Background` or `context.TODO`, and has no deadline. It may
    /// still be canceled.
    pub fn never_ends(&self, context: ExprId) -> bool {
        const ENDLESS: &[&str] = &["context.Background", "context.TODO"];
        const DERIVE: &[&str] =
            &["context.WithCancel", "context.WithValue", "google.golang.org/grpc/metadata.NewOutgoingContext"];
        let made = match self.expr(self.unparen(context)) {
            Expr::Call { .. } => Some(context),
            Expr::Ident if !self.is_reassigned(context) => self.defining_call(context),
            _ => None,
        };
        let Some(call) = made.and_then(|made| self.call(made)) else { return false };
        let of_endless = || call.args.first().is_some_and(|&parent| self.calls(parent, ENDLESS));
        call.callee.is(ENDLESS) || call.callee.is(DERIVE) && of_endless()
    }

    /// The expression that a local gets its first value from, and which of its values that is: in `n, err := f()`,
    /// `err` is value 1 of the call.
    pub fn origin(&self, ident: ExprId) -> Option<(ExprId, usize)> {
        let (names, values, index) = self.declared_with(ident)?;
        match values {
            [one] => Some((*one, index)),
            _ if names.len() == values.len() => Some((*values.get(index)?, 0)),
            _ => None,
        }
    }

    /// The names and values of the declaration of a local, and the index of its name.
    fn declared_with(&self, ident: ExprId) -> Option<(&'a [ExprId], &'a [ExprId], usize)> {
        let Def::Local(declaring) = self.def(self.unparen(ident)) else { return None };
        let (names, values) = match self.tree.parent(declaring)? {
            Node::Decl(spec) => match self.decl(spec) {
                Decl::Value { names, values, .. } => (self.exprs(names), self.exprs(values)),
                _ => return None,
            },
            Node::Stmt(stmt) => match self.stmt(stmt) {
                Stmt::Assign { lhs, op: AssignOp::Define, rhs } => (self.exprs(lhs), self.exprs(rhs)),
                _ => return None,
            },
            _ => return None,
        };
        let index = self.tree.place(names, declaring)?;
        Some((names, values, index))
    }

    pub(crate) fn written(&self, ty: ExprId) -> LocalType {
        match self.expr(self.unparen(ty)) {
            Expr::Star(inner) => LocalType { ty: inner, pointer: true },
            _ => LocalType { ty, pointer: false },
        }
    }

    fn literal_type(&self, value: ExprId) -> Option<LocalType> {
        match self.expr(self.unparen(value)) {
            Expr::Composite { ty: Some(ty), .. } => Some(LocalType { ty, pointer: false }),
            Expr::Unary { op: UnaryOp::Addr, operand } => {
                Some(LocalType { pointer: true, ..self.literal_type(operand)? })
            }
            Expr::Call { fun, args, .. } if self.is_builtin(fun, "new") => {
                Some(LocalType { ty: self.only(args)?, pointer: true })
            }
            _ => None,
        }
    }
}

/// A type that shows in the text of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalType {
    /// The type expression, without the `*` of a pointer.
    pub ty: ExprId,
    /// Whether the local is a pointer to it.
    pub pointer: bool,
}
