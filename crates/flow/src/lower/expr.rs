//! Expressions, and conditions.

use gopeer_sema::{Def, Mode, ObjectKind, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, ExprList, UnaryOp};

use super::build::Draft;
use super::{End, Lower};
use crate::{Ending, OpKind, When};

impl Lower<'_> {
    fn expr(&self, id: ExprId) -> Expr {
        self.input.tree.expr(id)
    }

    pub(super) fn unparen(&self, mut id: ExprId) -> ExprId {
        while let Expr::Paren(inner) = self.expr(id) {
            id = inner;
        }
        id
    }

    fn is_type(&self, id: ExprId) -> bool {
        self.input.facts.mode(id) == Mode::Type
    }

    pub(super) fn values(&mut self, list: ExprList) {
        let tree = self.input.tree;
        tree.exprs(list).iter().for_each(|&id| self.value(id));
    }

    /// Evaluates an expression.
    pub(super) fn value(&mut self, id: ExprId) {
        // A constant is computed by the compiler.
        if self.input.facts.value(id).is_some() || self.is_type(id) {
            return;
        }
        match self.expr(id) {
            Expr::Bad => self.build.op(OpKind::Havoc, id),
            Expr::Ident => self.variable(OpKind::Read, id),
            Expr::Paren(inner) => self.value(inner),
            Expr::Composite { elems, .. } => self.elements(elems),
            Expr::KeyValue { value, .. } => self.value(value),
            Expr::FuncLit { .. } => self.build.op(OpKind::Make, id),
            Expr::Selector { base, name } => self.selector(id, base, name),
            Expr::Index { base, args } => {
                self.value(base);
                self.values(args);
            }
            Expr::Slice { base, lo, hi, max } => {
                self.value(base);
                [lo, hi, max].into_iter().flatten().for_each(|bound| self.value(bound));
            }
            Expr::TypeAssert { base, .. } => self.value(base),
            Expr::Star(base) => {
                self.value(base);
                self.build.op(OpKind::Deref, id);
            }
            Expr::Call { .. } => self.call(OpKind::Call, id),
            Expr::Unary { op: UnaryOp::Recv, operand } => {
                self.value(operand);
                self.build.op(OpKind::Recv, id);
            }
            Expr::Unary { op: UnaryOp::Addr, operand } => self.address(operand),
            Expr::Unary { op: UnaryOp::Not, .. }
            | Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, .. } => self.truth(id),
            Expr::Unary { operand, .. } => self.value(operand),
            Expr::Binary { .. } => self.operands(id),
            Expr::Literal(_)
            | Expr::Ellipsis(_)
            | Expr::ArrayType { .. }
            | Expr::StructType { .. }
            | Expr::FuncType { .. }
            | Expr::InterfaceType { .. }
            | Expr::MapType { .. }
            | Expr::ChanType { .. } => {}
        }
    }

    /// An identifier that names a variable.
    fn variable(&mut self, kind: OpKind, id: ExprId) {
        let is_variable = match self.input.names.def(id) {
            Def::Local(_) | Def::Package(ObjectKind::Var) => true,
            // The bare key of a literal that turned out to be no field.
            Def::Unknown => matches!(self.input.names.key(id), Def::Local(_) | Def::Package(ObjectKind::Var)),
            _ => false,
        };
        if is_variable {
            self.build.op(kind, id);
        }
    }

    fn selector(&mut self, id: ExprId, base: ExprId, name: ExprId) {
        let method_expr = |selection: &gopeer_sema::Selection| selection.kind == SelectionKind::MethodExpr;
        match self.input.names.def(base) {
            Def::Import(_) | Def::Implied(_) => self.variable(OpKind::Read, name),
            _ if self.input.facts.selection(id).is_some_and(method_expr) => {}
            _ => {
                self.value(base);
                self.dereference(id);
            }
        }
    }

    /// A selector, if it selects a field by a pointer.
    fn dereference(&mut self, id: ExprId) {
        let by_pointer = |selection: &gopeer_sema::Selection| {
            selection.kind == SelectionKind::Field
                && matches!(self.input.store.under(selection.recv), gopeer_sema::types::Type::Pointer(_))
        };
        if self.input.facts.selection(id).is_some_and(by_pointer) {
            self.build.op(OpKind::Deref, id);
        }
    }

    fn elements(&mut self, elems: ExprList) {
        let tree = self.input.tree;
        for &elem in tree.exprs(elems) {
            let Expr::KeyValue { key, value } = self.expr(elem) else {
                self.value(elem);
                continue;
            };
            // The key of a struct's literal is a field.
            if self.input.facts.selection(key).is_none() {
                self.value(key);
            }
            self.value(value);
        }
    }

    fn address(&mut self, operand: ExprId) {
        let operand = self.unparen(operand);
        match self.expr(operand) {
            Expr::Ident => self.variable(OpKind::Addr, operand),
            Expr::Composite { .. } => self.value(operand),
            _ => {
                self.value(operand);
                self.build.op(OpKind::Addr, operand);
            }
        }
    }

    /// The operands of binary operators, which nest to the left without bound.
    fn operands(&mut self, id: ExprId) {
        let (mut first, mut others) = (id, Vec::new());
        while let Expr::Binary { op, lhs, rhs } = self.expr(first)
            && !matches!(op, BinaryOp::LogicalAnd | BinaryOp::LogicalOr)
        {
            others.push(rhs);
            first = lhs;
        }
        self.value(first);
        others.into_iter().rev().for_each(|operand| self.value(operand));
    }

    /// A condition as a value.
    fn truth(&mut self, id: ExprId) {
        let (holds, not, after) = (self.build.block(), self.build.block(), self.build.block());
        self.condition(id, holds, not);
        for side in [holds, not] {
            self.build.enter(side);
            self.build.jump(after);
        }
        self.build.enter(after);
    }

    /// Goes to `holds` or to `not`, by a condition. What follows cannot be reached.
    pub(super) fn condition(&mut self, id: ExprId, holds: Draft, not: Draft) {
        let id = self.unparen(id);
        match self.expr(id) {
            Expr::Unary { op: UnaryOp::Not, operand } => self.condition(operand, not, holds),
            Expr::Binary { op: op @ (BinaryOp::LogicalAnd | BinaryOp::LogicalOr), .. } => {
                let operands = self.chain(id, op);
                let (last, others) = operands.split_last().expect("a chain has two operands");
                for &operand in others {
                    let next = self.build.block();
                    match op {
                        BinaryOp::LogicalAnd => self.condition(operand, next, not),
                        _ => self.condition(operand, holds, next),
                    }
                    self.build.enter(next);
                }
                self.condition(*last, holds, not);
            }
            _ => {
                self.value(id);
                self.build.end(Ending::If(id), &[(holds, When::True), (not, When::False)]);
            }
        }
    }

    /// The operands of the same operator, which nest to the left without bound.
    fn chain(&self, id: ExprId, wanted: BinaryOp) -> Vec<ExprId> {
        let (mut first, mut operands) = (id, Vec::new());
        while let Expr::Binary { op, lhs, rhs } = self.expr(first)
            && op == wanted
        {
            operands.push(rhs);
            first = self.unparen(lhs);
        }
        operands.push(first);
        operands.reverse();
        operands
    }

    /// A call, a conversion, or a call that is put off.
    pub(super) fn call(&mut self, kind: OpKind, id: ExprId) {
        let id = self.unparen(id);
        let Expr::Call { fun, args, .. } = self.expr(id) else { return self.value(id) };
        if self.measures(fun) {
            return;
        }
        self.value(fun);
        self.values(args);
        if self.is_type(fun) {
            return;
        }
        self.build.op(kind, id);
        let exit = self.build.exit();
        match (self.input.ends)(id).filter(|_| kind == OpKind::Call) {
            Some(End::Exit) => self.build.end(Ending::Stop(id), &[]),
            Some(End::Unwind) => self.build.end(Ending::Unwind(id), &[(exit, When::Unwind)]),
            None => {}
        }
    }

    /// Whether a function of package unsafe is called that looks at the type of its argument alone.
    fn measures(&self, fun: ExprId) -> bool {
        let Expr::Selector { base, name } = self.expr(self.unparen(fun)) else { return false };
        matches!(self.input.names.def(base), Def::Import(_) | Def::Implied(_))
            && self.input.tree.source(base) == "unsafe"
            && matches!(self.input.tree.source(name), "Sizeof" | "Alignof" | "Offsetof")
    }

    /// Evaluates what stands left of an assignment: the operands of what is written, not the thing itself.
    pub(super) fn assignee(&mut self, id: ExprId) {
        let id = self.unparen(id);
        match self.expr(id) {
            Expr::Ident => {}
            Expr::Selector { base, .. } => {
                self.value(base);
                self.dereference(id);
            }
            Expr::Star(base) => {
                self.value(base);
                self.build.op(OpKind::Deref, id);
            }
            Expr::Index { base, args } => {
                self.value(base);
                self.values(args);
            }
            _ => self.value(id),
        }
    }

    /// Writes what stands left of an assignment.
    pub(super) fn write(&mut self, id: ExprId) {
        let id = self.unparen(id);
        match self.expr(id) {
            Expr::Ident => self.variable(OpKind::Write, id),
            _ => self.build.op(OpKind::Write, id),
        }
    }
}
