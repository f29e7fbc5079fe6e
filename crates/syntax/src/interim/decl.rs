//! Declarations.

use tree_sitter::TreeCursor;

use super::kinds::{FieldName as F, Kind};
use super::{Lowering, span};
use crate::ast::{Decl, DeclId, Expr, ExprId, FieldList, GroupKind};

impl Lowering {
    /// The declaration under the cursor, if it is one that stands at the top of a file.
    pub(super) fn top_level(&mut self, c: &mut TreeCursor, kind: Kind) -> Option<DeclId> {
        Some(match kind {
            Kind::PackageClause => {
                let mut name = None;
                self.children(c, |l, c, _, kind| {
                    if kind != Kind::Other {
                        name = Some(l.expr(c));
                    }
                });
                let name = self.or_bad(name, c);
                self.tree.push_decl(Decl::Package { name }, span(c.node()))
            }
            Kind::FunctionDeclaration | Kind::MethodDeclaration => self.func(c),
            Kind::ImportDeclaration => self.group(c, GroupKind::Import),
            Kind::ConstDeclaration => self.group(c, GroupKind::Const),
            Kind::VarDeclaration => self.group(c, GroupKind::Var),
            Kind::TypeDeclaration => self.group(c, GroupKind::Type),
            _ => return None,
        })
    }

    fn func(&mut self, c: &mut TreeCursor) -> DeclId {
        let (mut recv, mut name, mut body) = (FieldList::EMPTY, None, None);
        let ty = self.func_type(c, |l, c, field| match field {
            F::Receiver => recv = l.params(c),
            F::Name => name = Some(l.expr(c)),
            F::Body => body = Some(l.block(c)),
            _ => {}
        });
        let name = self.or_bad(name, c);
        self.tree.push_decl(Decl::Func { recv, name, ty, body }, span(c.node()))
    }

    pub(super) fn group(&mut self, c: &mut TreeCursor, kind: GroupKind) -> DeclId {
        let (mut specs, mut parens) = (Vec::new(), false);
        self.specs(c, &mut specs, &mut parens);
        let specs = self.tree.decl_list(&specs);
        self.tree.push_decl(Decl::Group { kind, specs, parens }, span(c.node()))
    }

    fn specs(&mut self, c: &mut TreeCursor, specs: &mut Vec<DeclId>, parens: &mut bool) {
        self.children(c, |l, c, _, kind| match kind {
            Kind::Other => *parens |= span(c.node()).of(l.tree.text()) == "(",
            Kind::ImportSpecList | Kind::VarSpecList => l.specs(c, specs, parens),
            Kind::ImportSpec => specs.push(l.import_spec(c)),
            Kind::ConstSpec | Kind::VarSpec => {
                let iota = specs.len() as u32;
                specs.push(l.value_spec(c, iota));
            }
            Kind::TypeSpec | Kind::TypeAlias => {
                let alias = kind == Kind::TypeAlias;
                specs.push(l.type_spec(c, alias));
            }
            _ => {}
        });
    }

    fn import_spec(&mut self, c: &mut TreeCursor) -> DeclId {
        let (mut name, mut path) = (None, None);
        self.children(c, |l, c, field, _| match field {
            F::Name => name = Some(l.expr(c)),
            F::Path => path = Some(l.expr(c)),
            _ => {}
        });
        let path = self.or_bad(path, c);
        self.tree.push_decl(Decl::Import { name, path }, span(c.node()))
    }

    fn value_spec(&mut self, c: &mut TreeCursor, iota: u32) -> DeclId {
        let from = self.exprs.len();
        let (mut ty, mut values) = (None, crate::ast::ExprList::EMPTY);
        let mut names: Vec<ExprId> = Vec::new();
        self.children(c, |l, c, field, kind| match (field, kind) {
            (F::Value, _) => values = l.expr_list(c),
            (F::Type, _) => ty = Some(l.expr(c)),
            // The grammar names the commas too.
            (_, Kind::Identifier) => names.push(l.expr(c)),
            _ => {}
        });
        self.exprs.truncate(from);
        let names = self.tree.expr_list(&names);
        self.tree.push_decl(Decl::Value { names, ty, values, iota }, span(c.node()))
    }

    fn type_spec(&mut self, c: &mut TreeCursor, alias: bool) -> DeclId {
        let (mut name, mut params, mut ty) = (None, FieldList::EMPTY, None);
        self.children(c, |l, c, field, _| match field {
            F::Name => name = Some(l.expr(c)),
            F::TypeParameters => params = l.params(c),
            F::Type => ty = Some(l.expr(c)),
            _ => {}
        });
        let (name, ty) = (self.or_bad(name, c), self.or_bad(ty, c));
        self.tree.push_decl(Decl::Type { name, params, alias, ty }, span(c.node()))
    }

    /// The function type spread over the children of the cursor's node; other children go to `rest`.
    pub(super) fn func_type<'t>(
        &mut self,
        c: &mut TreeCursor<'t>,
        mut rest: impl FnMut(&mut Self, &mut TreeCursor<'t>, F),
    ) -> ExprId {
        let node = span(c.node());
        let (mut type_params, mut params, mut results) = (FieldList::EMPTY, FieldList::EMPTY, FieldList::EMPTY);
        let mut end = node.start;
        self.children(c, |l, c, field, _| {
            match field {
                F::TypeParameters => type_params = l.params(c),
                F::Parameters => params = l.params(c),
                F::Result => results = l.result(c),
                _ => return rest(l, c, field),
            }
            end = span(c.node()).end;
        });
        let span = crate::Span::new(node.start, end);
        self.tree.push_expr(Expr::FuncType { type_params, params, results }, span)
    }
}
