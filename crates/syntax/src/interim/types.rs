//! Types and field lists.

use tree_sitter::TreeCursor;

use super::kinds::{FieldName as F, Kind};
use super::{Lowering, span};
use crate::ast::{BinaryOp, ChanDir, Expr, ExprId, ExprList, Field, FieldId, FieldList, UnaryOp};

impl Lowering {
    /// A parameter list or type parameter list.
    pub(super) fn params(&mut self, c: &mut TreeCursor) -> FieldList {
        let mut fields = Vec::new();
        self.children(c, |l, c, _, kind| match kind {
            Kind::ParameterDeclaration | Kind::TypeParameterDeclaration => fields.push(l.param(c, false)),
            Kind::VariadicParameter => fields.push(l.param(c, true)),
            _ => {}
        });
        self.tree.field_list(&fields)
    }

    fn param(&mut self, c: &mut TreeCursor, variadic: bool) -> FieldId {
        let (mut names, mut ty, mut dots) = (Vec::new(), None, None);
        self.children(c, |l, c, field, kind| match field {
            F::Type => ty = Some(l.expr(c)),
            F::Name if kind != Kind::Other => names.push(l.expr(c)),
            _ if kind == Kind::Other && variadic => dots = Some(span(c.node())),
            _ => {}
        });
        let mut ty = self.or_bad(ty, c);
        if let Some(dots) = dots {
            let whole = dots.to(self.tree.span(ty));
            ty = self.tree.push_expr(Expr::Ellipsis(Some(ty)), whole);
        }
        self.field(c, &names, ty, None)
    }

    fn field(&mut self, c: &TreeCursor, names: &[ExprId], ty: ExprId, tag: Option<ExprId>) -> FieldId {
        let names = self.tree.expr_list(names);
        self.tree.push_field(Field { names, ty, tag }, span(c.node()))
    }

    /// A function's result: a parameter list, or one type.
    pub(super) fn result(&mut self, c: &mut TreeCursor) -> FieldList {
        if self.kind(&c.node()) == Kind::ParameterList {
            return self.params(c);
        }
        let ty = self.expr(c);
        let field = self.field(c, &[], ty, None);
        self.tree.field_list(&[field])
    }

    pub(super) fn struct_type(&mut self, c: &mut TreeCursor) -> Expr {
        let mut fields = Vec::new();
        self.children(c, |l, c, _, kind| {
            if kind == Kind::FieldDeclarationList {
                l.children(c, |l, c, _, kind| {
                    if kind == Kind::FieldDeclaration {
                        fields.push(l.struct_field(c));
                    }
                });
            }
        });
        Expr::StructType { fields: self.tree.field_list(&fields) }
    }

    fn struct_field(&mut self, c: &mut TreeCursor) -> FieldId {
        let (mut names, mut ty, mut tag, mut star) = (Vec::new(), None, None, None);
        self.children(c, |l, c, field, kind| match field {
            F::Name if kind != Kind::Other => names.push(l.expr(c)),
            F::Type => ty = Some(l.expr(c)),
            F::Tag => tag = Some(l.expr(c)),
            _ if span(c.node()).of(l.tree.text()) == "*" => star = Some(span(c.node())),
            _ => {}
        });
        let mut ty = self.or_bad(ty, c);
        if let Some(star) = star {
            let whole = star.to(self.tree.span(ty));
            ty = self.tree.push_expr(Expr::Star(ty), whole);
        }
        self.field(c, &names, ty, tag)
    }

    pub(super) fn interface_type(&mut self, c: &mut TreeCursor) -> Expr {
        let mut elems = Vec::new();
        self.children(c, |l, c, _, kind| match kind {
            Kind::MethodElem => {
                let mut name = None;
                let ty = l.func_type(c, |l, c, field| {
                    if field == F::Name {
                        name = Some(l.expr(c));
                    }
                });
                let name = l.or_bad(name, c);
                elems.push(l.field(c, &[name], ty, None));
            }
            Kind::TypeElem => {
                let ty = l.expr(c);
                elems.push(l.field(c, &[], ty, None));
            }
            _ => {}
        });
        Expr::InterfaceType { elems: self.tree.field_list(&elems) }
    }

    /// `A | B | C`, which leans to the left like any sum.
    pub(super) fn type_elem(&mut self, c: &mut TreeCursor) -> ExprId {
        let mut sum: Option<ExprId> = None;
        self.children(c, |l, c, _, kind| {
            if kind == Kind::Other {
                return;
            }
            let term = l.expr(c);
            sum = Some(match sum {
                None => term,
                Some(lhs) => {
                    let whole = l.tree.span(lhs).to(l.tree.span(term));
                    l.tree.push_expr(Expr::Binary { op: BinaryOp::Or, lhs, rhs: term }, whole)
                }
            });
        });
        self.or_bad(sum, c)
    }

    pub(super) fn negated_type(&mut self, c: &mut TreeCursor) -> Expr {
        let operand = self.only_child(c);
        Expr::Unary { op: UnaryOp::Tilde, operand }
    }

    pub(super) fn channel_type(&mut self, c: &mut TreeCursor) -> Expr {
        let (mut elem, mut dir, mut first) = (None, ChanDir::Both, true);
        self.children(c, |l, c, field, _| {
            if field == F::Value {
                elem = Some(l.expr(c));
            } else if span(c.node()).of(l.tree.text()) == "<-" {
                dir = if first { ChanDir::Recv } else { ChanDir::Send };
            }
            first = false;
        });
        Expr::ChanType { dir, elem: self.or_bad(elem, c) }
    }

    pub(super) fn array_type(&mut self, c: &mut TreeCursor, implicit: bool) -> Expr {
        let (mut len, mut elem) = (None, None);
        self.children(c, |l, c, field, _| match field {
            F::Length => len = Some(l.expr(c)),
            F::Element => elem = Some(l.expr(c)),
            _ if implicit && span(c.node()).of(l.tree.text()) == "..." => {
                len = Some(l.tree.push_expr(Expr::Ellipsis(None), span(c.node())));
            }
            _ => {}
        });
        Expr::ArrayType { len, elem: self.or_bad(elem, c) }
    }

    /// Type arguments in brackets.
    pub(super) fn type_arguments(&mut self, c: &mut TreeCursor) -> ExprList {
        self.list(c, |l, c, kind| (kind != Kind::Other).then(|| l.expr(c)))
    }
}
