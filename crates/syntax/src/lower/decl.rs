//! Declarations.

use super::types::Signature;
use super::{Group, Kind, Lower};
use crate::Span;
use crate::ast::{Decl, DeclId, ExprList, FieldList, GroupKind};

impl Lower<'_> {
    /// What stands at the top of the piece.
    pub(super) fn source_file(&mut self) -> Vec<DeclId> {
        let mut roots = Vec::new();
        if self.look() == Kind::Error {
            self.broken = true;
        }
        let fragment = self.has_statements();
        self.children(|l, kind| {
            let root = match kind.group() {
                Group::Declaration if kind == Kind::ImportDecl || !fragment => l.group(kind),
                Group::Simple | Group::Stmt | Group::Declaration => {
                    let id = l.stmt(kind);
                    return l.stmts.push(id);
                }
                Group::Top => l.top(kind),
                _ if kind == Kind::Error => {
                    let span = l.span();
                    l.bad_decl(span)
                }
                _ => return,
            };
            l.end_stmts(&mut roots);
            roots.push(root);
        });
        self.end_stmts(&mut roots);
        roots
    }

    /// Whether statements stand at the top, as in a pasted fragment. Then declarations among them are local ones.
    fn has_statements(&mut self) -> bool {
        let mut found = false;
        let errors = self.errors.len();
        self.children(|_, kind| {
            found |= matches!(kind.group(), Group::Simple | Group::Stmt) && kind != Kind::EmptyStmt
        });
        self.errors.truncate(errors);
        found
    }

    /// Makes one root of the statements gathered so far.
    fn end_stmts(&mut self, roots: &mut Vec<DeclId>) {
        let (Some(&first), Some(&last)) = (self.stmts.first(), self.stmts.last()) else { return };
        let span = self.tree.span(first).to(self.tree.span(last));
        let list = self.take_stmts(0);
        roots.push(self.tree.push_decl(Decl::Stmts(list), span));
    }

    fn top(&mut self, kind: Kind) -> DeclId {
        let span = self.span();
        if kind == Kind::PackageClause {
            let name = self.only_expr();
            return self.tree.push_decl(Decl::Package { name }, span);
        }
        self.func(kind, span)
    }

    fn func(&mut self, kind: Kind, span: Span) -> DeclId {
        let (mut recv, mut name, mut body) = (FieldList::EMPTY, None, None);
        let mut parts = Signature::new(span.start);
        self.children(|l, child| match child {
            Kind::Params if kind == Kind::MethodDecl && name.is_none() => recv = l.params(),
            Kind::Identifier | Kind::FieldIdentifier if name.is_none() => {
                name = Some(l.expr(child));
                parts.span = Span::new(l.span().end, l.span().end);
            }
            Kind::Block => body = Some(l.stmt(child)),
            _ => parts.add(l, child),
        });
        let name = self.or_bad(name, span);
        let ty = parts.finish(self);
        self.tree.push_decl(Decl::Func { recv, name, ty, body }, span)
    }

    /// `import`, `const`, `var` or `type`, at the top or in a function.
    pub(super) fn group(&mut self, kind: Kind) -> DeclId {
        let span = self.span();
        let group = match kind {
            Kind::ImportDecl => GroupKind::Import,
            Kind::ConstDecl => GroupKind::Const,
            Kind::VarDecl => GroupKind::Var,
            _ => GroupKind::Type,
        };
        let (mut specs, mut parens) = (Vec::new(), false);
        self.specs(&mut specs, &mut parens);
        let specs = self.tree.decl_list(&specs);
        self.tree.push_decl(Decl::Group { kind: group, specs, parens }, span)
    }

    fn specs(&mut self, specs: &mut Vec<DeclId>, parens: &mut bool) {
        self.children(|l, kind| {
            let id = match kind {
                Kind::OpenParen => {
                    *parens = true;
                    return;
                }
                Kind::ImportSpecList | Kind::VarSpecList => return l.specs(specs, parens),
                Kind::ImportSpec => l.import_spec(),
                Kind::ConstSpec | Kind::VarSpec => l.value_spec(specs.len() as u32),
                Kind::TypeSpec | Kind::TypeAlias => l.type_spec(kind),
                Kind::Error => {
                    let span = l.span();
                    l.bad_decl(span)
                }
                _ => return,
            };
            specs.push(id);
        });
    }

    fn import_spec(&mut self) -> DeclId {
        let span = self.span();
        let (mut name, mut path) = (None, None);
        self.children(|l, kind| match kind {
            Kind::InterpretedString | Kind::RawString => path = Some(l.expr(kind)),
            kind if kind.is_expr() => name = Some(l.expr(kind)),
            _ => {}
        });
        let path = self.or_bad(path, span);
        self.tree.push_decl(Decl::Import { name, path }, span)
    }

    fn value_spec(&mut self, iota: u32) -> DeclId {
        let span = self.span();
        let (mut ty, mut values) = (None, ExprList::EMPTY);
        let from = self.exprs.len();
        self.children(|l, kind| match kind {
            Kind::Identifier => {
                let name = l.expr(kind);
                l.exprs.push(name);
            }
            // Of no width: see `rescue`.
            Kind::ExprList if l.is_added() => {}
            Kind::ExprList => values = l.expr_children(),
            kind if kind.is_expr() => ty = Some(l.expr(kind)),
            _ => {}
        });
        let names = self.take_exprs(from);
        self.tree.push_decl(Decl::Value { names, ty, values, iota }, span)
    }

    fn type_spec(&mut self, kind: Kind) -> DeclId {
        let span = self.span();
        let (mut name, mut params, mut ty) = (None, FieldList::EMPTY, None);
        self.children(|l, kind| match kind {
            Kind::TypeParams => params = l.field_children(),
            kind if kind.is_expr() => {
                let slot = if name.is_none() { &mut name } else { &mut ty };
                *slot = Some(l.expr(kind));
            }
            _ => {}
        });
        let (name, ty) = (self.or_bad(name, span), self.or_bad(ty, span));
        self.tree.push_decl(Decl::Type { name, params, alias: kind == Kind::TypeAlias, ty }, span)
    }
}
