//! Types, and the fields in them.

use super::{Kind, Lower};
use crate::Span;
use crate::ast::{BinaryOp, ChanDir, Expr, ExprId, ExprList, Field, FieldList, StmtId};

impl Lower<'_> {
    pub(super) fn ty(&mut self, kind: Kind, span: Span) -> ExprId {
        match kind {
            Kind::SliceType => {
                let elem = self.only_expr();
                self.push(Expr::ArrayType { len: None, elem }, span)
            }
            Kind::ArrayType => self.array(span),
            Kind::MapType => {
                let (key, value) = self.pair(span);
                self.push(Expr::MapType { key, value }, span)
            }
            Kind::ChannelType => self.channel(span),
            Kind::FunctionType => self.signature_and_body(span).0,
            Kind::StructType => {
                let mut fields = FieldList::EMPTY;
                self.children(|l, kind| {
                    if kind == Kind::FieldDeclList {
                        fields = l.field_children();
                    }
                });
                self.push(Expr::StructType { fields }, span)
            }
            Kind::InterfaceType => {
                let elems = self.field_children();
                self.push(Expr::InterfaceType { elems }, span)
            }
            Kind::TypeElem | Kind::TypeConstraint => self.union(span),
            _ => self.push(Expr::Bad, span),
        }
    }

    fn array(&mut self, span: Span) -> ExprId {
        let (len, elem) = self.pair(span);
        if self.tree.source(len) == "..." {
            let dots = self.tree.span(len);
            self.tree.replace_expr(len, Expr::Ellipsis(None), dots);
        }
        self.push(Expr::ArrayType { len: Some(len), elem }, span)
    }

    fn channel(&mut self, span: Span) -> ExprId {
        let (mut chan_seen, mut dir, mut elem) = (false, ChanDir::Both, None);
        self.children(|l, kind| match kind {
            Kind::Chan => chan_seen = true,
            Kind::Arrow => dir = if chan_seen { ChanDir::Send } else { ChanDir::Recv },
            kind if kind.is_expr() => elem = Some(l.expr(kind)),
            _ => {}
        });
        let elem = self.or_bad(elem, span);
        if dir == ChanDir::Both {
            dir = self.pull_arrow(elem);
        }
        self.push(Expr::ChanType { dir, elem }, span)
    }

    /// `chan <-chan T` is `chan<- (chan T)` in Go (spec, "Channel types"), and `chan (<-chan T)` in the grammar. Takes the
    /// arrow from the element for the channel around it.
    fn pull_arrow(&mut self, elem: ExprId) -> ChanDir {
        let Expr::ChanType { dir: ChanDir::Recv, elem: inner } = self.tree.expr(elem) else { return ChanDir::Both };
        let dir = self.pull_arrow(inner);
        let span = self.tree.span(elem);
        let chan = span.of(self.text).find("chan").unwrap_or(0) as u32;
        self.tree.replace_expr(elem, Expr::ChanType { dir, elem: inner }, Span::new(span.start + chan, span.end));
        ChanDir::Send
    }

    /// `A | ~B`, or a type on its own.
    fn union(&mut self, span: Span) -> ExprId {
        let mut all = None;
        self.children(|l, kind| {
            if kind.is_expr() {
                let term = l.expr(kind);
                all = Some(match all {
                    None => term,
                    Some(lhs) => {
                        let whole = Span::new(span.start, l.span().end);
                        l.push(Expr::Binary { op: BinaryOp::Or, lhs, rhs: term }, whole)
                    }
                });
            }
        });
        self.or_bad(all, span)
    }

    /// The `FuncType` and body of a function literal, or the former of a function type.
    pub(super) fn signature_and_body(&mut self, span: Span) -> (ExprId, Option<StmtId>) {
        let mut parts = Signature::new(span.start);
        let mut body = None;
        self.children(|l, kind| match kind {
            Kind::Block => body = Some(l.stmt(kind)),
            _ => parts.add(l, kind),
        });
        (parts.finish(self), body)
    }

    /// The fields of a struct, an interface, or a list of type parameters.
    pub(super) fn field_children(&mut self) -> FieldList {
        let from = self.fields.len();
        self.children(|l, kind| {
            let field = match kind {
                Kind::TypeParam | Kind::FieldDecl => l.field(),
                Kind::MethodElem => l.method_elem(),
                Kind::TypeElem => {
                    let ty = l.expr(kind);
                    l.unnamed(ty)
                }
                _ => return,
            };
            l.fields.push(field);
        });
        self.take_fields(from)
    }

    /// Parameters or results: all named or none. Of `a, b, c int` the grammar may take `a` for a type on its own.
    pub(super) fn params(&mut self) -> FieldList {
        let from = self.fields.len();
        self.children(|l, kind| {
            if matches!(kind, Kind::Param | Kind::VariadicParam) {
                let field = l.field();
                l.fields.push(field);
            }
        });
        let named = |(field, _): &(Field, Span)| !field.names.is_empty();
        let made = self.fields.get(from..).unwrap_or_default();
        if made.iter().any(named) && !made.iter().all(named) {
            self.gather_names(from);
        }
        self.take_fields(from)
    }

    /// Gives the names among the unnamed fields from `from` on to the field that they stand before.
    fn gather_names(&mut self, from: usize) {
        let made: Vec<(Field, Span)> = self.fields.drain(from..).collect();
        let mut pending: Vec<(Field, Span)> = Vec::new();
        for (mut field, mut span) in made {
            if field.names.is_empty() {
                if self.tree.expr(field.ty) != Expr::Ident {
                    self.fields.append(&mut pending);
                }
                pending.push((field, span));
                continue;
            }
            let before = pending.iter().map(|(name, _)| name.ty);
            let names: Vec<ExprId> = before.chain(self.tree.exprs(field.names).iter().copied()).collect();
            span = pending.first().map_or(span, |(_, first)| first.to(span));
            pending.clear();
            field.names = self.tree.expr_list(&names);
            self.fields.push((field, span));
        }
        self.fields.append(&mut pending);
    }

    fn unnamed(&self, ty: ExprId) -> (Field, Span) {
        (Field { names: ExprList::EMPTY, ty, tag: None }, self.tree.span(ty))
    }

    fn field(&mut self) -> (Field, Span) {
        let span = self.span();
        let from = self.exprs.len();
        let (mut ty, mut tag, mut prefix) = (None, None, None);
        self.children(|l, kind| match kind {
            Kind::Identifier | Kind::FieldIdentifier => {
                let name = l.expr(kind);
                l.exprs.push(name);
            }
            Kind::InterpretedString | Kind::RawString => tag = Some(l.expr(kind)),
            Kind::Ellipsis | Kind::Star => prefix = Some((kind, l.span().start)),
            kind if kind.is_expr() => ty = Some(l.expr(kind)),
            _ => {}
        });
        let names = self.take_exprs(from);
        let mut ty = self.or_bad(ty, span);
        if let Some((kind, start)) = prefix {
            let whole = Span::new(start, self.tree.span(ty).end);
            let expr = if kind == Kind::Star { Expr::Star(ty) } else { Expr::Ellipsis(Some(ty)) };
            ty = self.push(expr, whole);
        }
        (Field { names, ty, tag }, span)
    }

    fn method_elem(&mut self) -> (Field, Span) {
        let span = self.span();
        let from = self.exprs.len();
        let mut parts = Signature::new(span.start);
        self.children(|l, kind| match kind {
            Kind::FieldIdentifier => {
                let name = l.expr(kind);
                l.exprs.push(name);
                parts.span = Span::new(l.span().end, l.span().end);
            }
            _ => parts.add(l, kind),
        });
        let names = self.take_exprs(from);
        let ty = parts.finish(self);
        (Field { names, ty, tag: None }, span)
    }
}

/// A `FuncType` under construction.
pub(super) struct Signature {
    pub(super) span: Span,
    type_params: FieldList,
    params: Option<FieldList>,
    results: FieldList,
}

impl Signature {
    pub(super) fn new(start: u32) -> Signature {
        Signature {
            span: Span::new(start, start),
            type_params: FieldList::EMPTY,
            params: None,
            results: FieldList::EMPTY,
        }
    }

    /// Takes a child of a function, if it belongs to the signature.
    pub(super) fn add(&mut self, l: &mut Lower, kind: Kind) {
        match kind {
            Kind::TypeParams => self.type_params = l.field_children(),
            Kind::Params if self.params.is_none() => self.params = Some(l.params()),
            Kind::Params => self.results = l.params(),
            kind if kind.is_expr() => {
                let ty = l.expr(kind);
                let from = l.fields.len();
                l.fields.push(l.unnamed(ty));
                self.results = l.take_fields(from);
            }
            _ => return,
        }
        self.span.end = l.span().end;
    }

    pub(super) fn finish(self, l: &mut Lower) -> ExprId {
        let params = self.params.unwrap_or(FieldList::EMPTY);
        l.push(Expr::FuncType { type_params: self.type_params, params, results: self.results }, self.span)
    }
}
