//! Expressions. Types are expressions too, as in go/ast.

use tree_sitter::TreeCursor;

use super::kinds::{FieldName as F, Kind};
use super::{Lowering, span};
use crate::ast::{BinaryOp, Expr, ExprId, ExprList, FieldList, LiteralKind, UnaryOp};

impl Lowering {
    /// The expression or type under the cursor.
    pub(super) fn expr(&mut self, c: &mut TreeCursor) -> ExprId {
        if !self.enter(c) {
            return self.bad_expr(span(c.node()));
        }
        let expr = self.expr_here(c);
        self.depth -= 1;
        expr
    }

    fn expr_here(&mut self, c: &mut TreeCursor) -> ExprId {
        let node = c.node();
        let expr = match self.kind(&node) {
            Kind::Identifier
            | Kind::TypeIdentifier
            | Kind::FieldIdentifier
            | Kind::PackageIdentifier
            | Kind::BlankIdentifier
            | Kind::LabelName
            | Kind::Dot
            | Kind::Nil
            | Kind::True
            | Kind::False
            | Kind::Iota => {
                if node.is_missing() {
                    return self.bad_expr(span(node));
                }
                Expr::Ident
            }
            Kind::IntLiteral => Expr::Literal(LiteralKind::Int),
            Kind::FloatLiteral => Expr::Literal(LiteralKind::Float),
            Kind::ImaginaryLiteral => Expr::Literal(LiteralKind::Imaginary),
            Kind::RuneLiteral => Expr::Literal(LiteralKind::Rune),
            Kind::InterpretedString => Expr::Literal(LiteralKind::String),
            Kind::RawString => Expr::Literal(LiteralKind::RawString),
            Kind::ParenthesizedExpression | Kind::ParenthesizedType => Expr::Paren(self.only_child(c)),
            Kind::PointerType => Expr::Star(self.only_child(c)),
            Kind::Unary => self.unary(c),
            Kind::Binary => return self.binary(c),
            Kind::Selector => self.selector(c, F::Operand, F::Field),
            Kind::QualifiedType => self.selector(c, F::Package, F::Name),
            Kind::IndexExpression => self.index(c),
            Kind::SliceExpression => self.slice(c),
            Kind::Call => self.call(c),
            Kind::TypeConversion => self.conversion(c),
            Kind::TypeInstantiation => self.instantiation(c),
            Kind::GenericType => self.generic_type(c),
            Kind::TypeAssertion => self.type_assertion(c),
            Kind::CompositeLiteral => self.composite(c),
            Kind::LiteralValue => Expr::Composite { ty: None, elems: self.elements(c) },
            Kind::KeyedElement => self.keyed(c),
            Kind::LiteralElement => return self.only_child(c),
            Kind::FuncLiteral => {
                let mut body = None;
                let ty = self.func_type(c, |l, c, field| {
                    if field == F::Body {
                        body = Some(l.block(c));
                    }
                });
                Expr::FuncLit { ty, body: self.or_bad_stmt(body, c) }
            }
            Kind::FunctionType => return self.func_type(c, |_, _, _| {}),
            Kind::StructType => self.struct_type(c),
            Kind::InterfaceType => self.interface_type(c),
            Kind::ArrayType | Kind::SliceType => self.array_type(c, false),
            Kind::ImplicitLengthArrayType => self.array_type(c, true),
            Kind::MapType => {
                let [key, value] = self.two(c, F::Key, F::Value);
                Expr::MapType { key, value }
            }
            Kind::ChannelType => self.channel_type(c),
            Kind::NegatedType => self.negated_type(c),
            Kind::TypeElem | Kind::TypeConstraint => return self.type_elem(c),
            Kind::ExpressionList => return self.only_child(c),
            // A parameter list where a type is expected is the result of a function type in parentheses.
            Kind::ParameterList => Expr::FuncType { type_params: FieldList::EMPTY, params: self.params(c), results: FieldList::EMPTY },
            _ => Expr::Bad,
        };
        self.tree.push_expr(expr, span(node))
    }

    /// The one named child.
    pub(super) fn only_child(&mut self, c: &mut TreeCursor) -> ExprId {
        let mut only = None;
        self.children(c, |l, c, _, kind| {
            if kind != Kind::Other && only.is_none() {
                only = Some(l.expr(c));
            }
        });
        self.or_bad(only, c)
    }

    fn two(&mut self, c: &mut TreeCursor, first: F, second: F) -> [ExprId; 2] {
        let (mut a, mut b) = (None, None);
        self.children(c, |l, c, field, _| {
            if field == first {
                a = Some(l.expr(c));
            } else if field == second {
                b = Some(l.expr(c));
            }
        });
        [self.or_bad(a, c), self.or_bad(b, c)]
    }

    /// A list made of what `f` gives for each child.
    pub(super) fn list<'t>(
        &mut self,
        c: &mut TreeCursor<'t>,
        mut f: impl FnMut(&mut Self, &mut TreeCursor<'t>, Kind) -> Option<ExprId>,
    ) -> ExprList {
        let from = self.exprs.len();
        self.children(c, |l, c, _, kind| {
            if let Some(expr) = f(l, c, kind) {
                l.exprs.push(expr);
            }
        });
        let list = self.tree.expr_list(self.exprs.get(from..).unwrap_or_default());
        self.exprs.truncate(from);
        list
    }

    /// The expressions of an `expression_list`.
    pub(super) fn expr_list(&mut self, c: &mut TreeCursor) -> ExprList {
        self.list(c, |l, c, kind| (kind != Kind::Other).then(|| l.expr(c)))
    }

    fn unary(&mut self, c: &mut TreeCursor) -> Expr {
        let (mut op, mut operand) = (None, None);
        self.children(c, |l, c, field, _| match field {
            F::Operator => op = Some(span(c.node())),
            F::Operand => operand = Some(l.expr(c)),
            _ => {}
        });
        let operand = self.or_bad(operand, c);
        let text = op.map_or("", |op| op.of(self.tree.text()));
        match UnaryOp::parse(text) {
            Some(op) => Expr::Unary { op, operand },
            None if text == "*" => Expr::Star(operand),
            None => Expr::Bad,
        }
    }

    /// A sum leans to the left as deep as it is long: go down its spine in a loop, then build it from the bottom.
    fn binary(&mut self, c: &mut TreeCursor) -> ExprId {
        let mut depth = 0;
        while self.kind(&c.node()) == Kind::Binary && self.left_is_binary(c) {
            depth += 1;
        }
        let mut expr = self.binary_node(c, None);
        for _ in 0..depth {
            c.goto_parent();
            expr = self.binary_node(c, Some(expr));
        }
        expr
    }

    /// Moves to the left operand if it is a binary expression itself.
    fn left_is_binary(&self, c: &mut TreeCursor) -> bool {
        if !c.goto_first_child() {
            return false;
        }
        if self.kind(&c.node()) == Kind::Binary {
            return true;
        }
        c.goto_parent();
        false
    }

    fn binary_node(&mut self, c: &mut TreeCursor, left: Option<ExprId>) -> ExprId {
        let (mut lhs, mut op, mut rhs) = (left, None, None);
        self.children(c, |l, c, field, _| match field {
            F::Left if lhs.is_none() => lhs = Some(l.expr(c)),
            F::Operator => op = BinaryOp::parse(span(c.node()).of(l.tree.text())),
            F::Right => rhs = Some(l.expr(c)),
            _ => {}
        });
        let (lhs, rhs) = (self.or_bad(lhs, c), self.or_bad(rhs, c));
        let expr = op.map_or(Expr::Bad, |op| Expr::Binary { op, lhs, rhs });
        self.tree.push_expr(expr, span(c.node()))
    }

    fn selector(&mut self, c: &mut TreeCursor, base: F, name: F) -> Expr {
        let [base, name] = self.two(c, base, name);
        Expr::Selector { base, name }
    }

    fn index(&mut self, c: &mut TreeCursor) -> Expr {
        let [base, index] = self.two(c, F::Operand, F::Index);
        Expr::Index { base, args: self.tree.expr_list(&[index]) }
    }

    fn slice(&mut self, c: &mut TreeCursor) -> Expr {
        let (mut base, mut lo, mut hi, mut max) = (None, None, None, None);
        self.children(c, |l, c, field, _| {
            let slot = match field {
                F::Operand => &mut base,
                F::Start => &mut lo,
                F::End => &mut hi,
                F::Capacity => &mut max,
                _ => return,
            };
            *slot = Some(l.expr(c));
        });
        Expr::Slice { base: self.or_bad(base, c), lo, hi, max }
    }

    fn call(&mut self, c: &mut TreeCursor) -> Expr {
        let (mut fun, mut targs, mut args, mut spread) = (None, None, ExprList::EMPTY, false);
        self.children(c, |l, c, field, _| match field {
            F::Function => fun = Some(l.expr(c)),
            F::TypeArguments => targs = Some((l.type_arguments(c), span(c.node()))),
            F::Arguments => args = l.arguments(c, &mut spread),
            _ => {}
        });
        let mut fun = self.or_bad(fun, c);
        if let Some((args, brackets)) = targs {
            let whole = self.tree.span(fun).to(brackets);
            fun = self.tree.push_expr(Expr::Index { base: fun, args }, whole);
        }
        Expr::Call { fun, args, spread }
    }

    fn arguments(&mut self, c: &mut TreeCursor, spread: &mut bool) -> ExprList {
        self.list(c, |l, c, kind| match kind {
            Kind::Other => None,
            Kind::VariadicArgument => {
                *spread = true;
                Some(l.only_child(c))
            }
            _ => Some(l.expr(c)),
        })
    }

    fn conversion(&mut self, c: &mut TreeCursor) -> Expr {
        let [fun, operand] = self.two(c, F::Type, F::Operand);
        Expr::Call { fun, args: self.tree.expr_list(&[operand]), spread: false }
    }

    fn instantiation(&mut self, c: &mut TreeCursor) -> Expr {
        let mut base = None;
        let from = self.exprs.len();
        self.children(c, |l, c, field, kind| match (field, kind) {
            (F::Type, _) => base = Some(l.expr(c)),
            (_, Kind::Other) => {}
            _ => {
                let arg = l.expr(c);
                l.exprs.push(arg);
            }
        });
        let args = self.tree.expr_list(self.exprs.get(from..).unwrap_or_default());
        self.exprs.truncate(from);
        Expr::Index { base: self.or_bad(base, c), args }
    }

    fn generic_type(&mut self, c: &mut TreeCursor) -> Expr {
        let (mut base, mut args) = (None, ExprList::EMPTY);
        self.children(c, |l, c, field, _| match field {
            F::Type => base = Some(l.expr(c)),
            F::TypeArguments => args = l.type_arguments(c),
            _ => {}
        });
        Expr::Index { base: self.or_bad(base, c), args }
    }

    fn type_assertion(&mut self, c: &mut TreeCursor) -> Expr {
        let [base, ty] = self.two(c, F::Operand, F::Type);
        Expr::TypeAssert { base, ty: Some(ty) }
    }

    fn composite(&mut self, c: &mut TreeCursor) -> Expr {
        let (mut ty, mut elems) = (None, ExprList::EMPTY);
        self.children(c, |l, c, field, _| match field {
            F::Type => ty = Some(l.expr(c)),
            F::Body => elems = l.elements(c),
            _ => {}
        });
        Expr::Composite { ty, elems }
    }

    fn elements(&mut self, c: &mut TreeCursor) -> ExprList {
        self.list(c, |l, c, kind| (kind != Kind::Other).then(|| l.expr(c)))
    }

    fn keyed(&mut self, c: &mut TreeCursor) -> Expr {
        let [key, value] = self.two(c, F::Key, F::Value);
        Expr::KeyValue { key, value }
    }
}
