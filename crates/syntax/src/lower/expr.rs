//! Expressions.

use super::{Kind, Lower};
use crate::Span;
use crate::ast::{Expr, ExprId, ExprList, LiteralKind};

impl Lower<'_> {
    /// An expression or a type.
    pub(super) fn expr(&mut self, kind: Kind) -> ExprId {
        let simple = match kind {
            Kind::Identifier
            | Kind::BlankIdentifier
            | Kind::FieldIdentifier
            | Kind::TypeIdentifier
            | Kind::PackageIdentifier
            | Kind::LabelName
            | Kind::Dot
            | Kind::Nil
            | Kind::True
            | Kind::False
            | Kind::Iota => Expr::Ident,
            Kind::IntLiteral => Expr::Literal(LiteralKind::Int),
            Kind::FloatLiteral => Expr::Literal(LiteralKind::Float),
            Kind::ImaginaryLiteral => Expr::Literal(LiteralKind::Imaginary),
            Kind::RuneLiteral => Expr::Literal(LiteralKind::Rune),
            Kind::InterpretedString => Expr::Literal(LiteralKind::String),
            Kind::RawString => Expr::Literal(LiteralKind::RawString),
            _ => {
                let span = self.span();
                return match self.deeper(|l| l.compound(kind, span)) {
                    Some(id) => id,
                    None => self.push(Expr::Bad, span),
                };
            }
        };
        let span = self.span();
        self.push(simple, span)
    }

    fn compound(&mut self, kind: Kind, span: Span) -> ExprId {
        match kind {
            Kind::BinaryExpr => self.binary(),
            Kind::UnaryExpr | Kind::PointerType | Kind::NegatedType => self.unary(span),
            Kind::SelectorExpr | Kind::QualifiedType => {
                let (base, name) = self.pair(span);
                self.under_prefix(base, span, &|base| Expr::Selector { base, name })
            }
            Kind::CallExpr => self.call(span),
            Kind::IndexExpr | Kind::TypeInstantiation | Kind::GenericType => self.index(span),
            Kind::TypeConversion => self.conversion(span),
            Kind::SliceExpr => self.slice(span),
            Kind::TypeAssertion => {
                let (base, ty) = self.pair(span);
                let ty = Some(ty).filter(|&ty| self.tree.source(ty) != "type");
                self.under_prefix(base, span, &|base| Expr::TypeAssert { base, ty })
            }
            Kind::CompositeLiteral => self.composite(span),
            Kind::LiteralValue => {
                let elems = self.expr_children();
                self.push(Expr::Composite { ty: None, elems }, span)
            }
            Kind::LiteralElement => self.only_expr(),
            Kind::KeyedElement => {
                let (key, value) = self.pair(span);
                self.push(Expr::KeyValue { key, value }, span)
            }
            Kind::ParenExpr | Kind::ParenType => {
                let inner = self.only_expr();
                self.push(Expr::Paren(inner), span)
            }
            Kind::FuncLiteral => self.func_literal(span),
            _ => self.ty(kind, span),
        }
    }

    /// The first two expressions among the children.
    pub(super) fn pair(&mut self, span: Span) -> (ExprId, ExprId) {
        let (mut first, mut second) = (None, None);
        self.children(|l, kind| {
            if kind.is_expr() {
                let slot = if first.is_none() { &mut first } else { &mut second };
                *slot = Some(l.expr(kind));
            }
        });
        (self.or_bad(first, span), self.or_bad(second, span))
    }

    /// A chain of left operands, by a loop, since it may be thousands long.
    fn binary(&mut self) -> ExprId {
        let mut spans = vec![self.span()];
        let mut lhs = None;
        while self.cursor.goto_first_child() {
            let mut kind = self.look();
            while !kind.is_expr() && self.cursor.goto_next_sibling() {
                kind = self.look();
            }
            if kind != Kind::BinaryExpr {
                lhs = kind.is_expr().then(|| self.expr(kind));
                break;
            }
            spans.push(self.span());
        }
        while let Some(span) = spans.pop() {
            let (mut op, mut rhs) = (None, None);
            while self.cursor.goto_next_sibling() {
                let kind = self.look();
                if kind.is_expr() {
                    rhs = Some(self.expr(kind));
                } else {
                    op = op.or(kind.binary_op());
                }
            }
            self.cursor.goto_parent();
            let (left, rhs) = (self.or_bad(lhs, span), self.or_bad(rhs, span));
            lhs = Some(match op {
                Some(op) => self.push(Expr::Binary { op, lhs: left, rhs }, span),
                None => self.push(Expr::Bad, span),
            });
        }
        let span = self.span();
        self.or_bad(lhs, span)
    }

    fn unary(&mut self, span: Span) -> ExprId {
        let (mut op, mut operand) = (Kind::Other, None);
        self.children(|l, kind| {
            if kind.is_expr() {
                operand = Some(l.expr(kind));
            } else if op == Kind::Other {
                op = kind;
            }
        });
        let operand = self.or_bad(operand, span);
        if self.text.as_bytes().get(span.start as usize) == Some(&b'~') {
            op = Kind::Tilde;
        }
        match op.unary_op() {
            Some(op) => self.push(Expr::Unary { op, operand }, span),
            None => self.push(Expr::Star(operand), span),
        }
    }

    /// `f(x)`, `F[T](x)`, and `new(T)` or `make(T, n)`, whose arguments start with a type.
    fn call(&mut self, span: Span) -> ExprId {
        let (mut fun, mut args, mut spread) = (None, ExprList::EMPTY, false);
        self.children(|l, kind| match kind {
            Kind::TypeArgs => {
                let types = l.expr_children();
                let whole = Span::new(span.start, l.span().end);
                let base = l.or_bad(fun, whole);
                fun = Some(l.push(Expr::Index { base, args: types }, whole));
            }
            Kind::ArgList => (args, spread) = l.arguments(),
            kind if kind.is_expr() => fun = Some(l.expr(kind)),
            _ => {}
        });
        let fun = self.or_bad(fun, span);
        self.under_prefix(fun, span, &|fun| Expr::Call { fun, args, spread })
    }

    fn arguments(&mut self) -> (ExprList, bool) {
        let from = self.exprs.len();
        let mut spread = false;
        self.children(|l, kind| {
            let id = match kind {
                Kind::VariadicArg => {
                    spread = true;
                    l.only_expr()
                }
                kind if kind.is_expr() => l.expr(kind),
                _ => return,
            };
            l.exprs.push(id);
        });
        // Dots that the grammar was not shown: see `rescue`.
        let end = self.exprs.get(from..).and_then(<[ExprId]>::last).map(|&last| self.tree.span(last).end as usize);
        let dotted = |end| self.text.get(end..).is_some_and(|rest| rest.starts_with("..."));
        (self.take_exprs(from), spread || end.is_some_and(dotted))
    }

    /// `base[args]`, of whichever kind the grammar takes it for.
    fn index(&mut self, span: Span) -> ExprId {
        let mut base = None;
        let from = self.exprs.len();
        self.children(|l, kind| match kind {
            Kind::TypeArgs => l.push_exprs(),
            kind if kind.is_expr() => {
                let id = l.expr(kind);
                match base {
                    None => base = Some(id),
                    Some(_) => l.exprs.push(id),
                }
            }
            _ => {}
        });
        let args = self.take_exprs(from);
        let base = self.or_bad(base, span);
        self.under_prefix(base, span, &|base| Expr::Index { base, args })
    }

    /// The grammar takes `a[b](c)` for a conversion; so it does with the conversions.
    fn conversion(&mut self, span: Span) -> ExprId {
        let (ty, operand) = self.pair(span);
        let from = self.exprs.len();
        self.exprs.push(operand);
        let args = self.take_exprs(from);
        self.under_prefix(ty, span, &|fun| Expr::Call { fun, args, spread: false })
    }

    /// Applies a suffix to `base`, under the prefix operators that the grammar took for a part of a type: `*p[0](x)` is
    /// the target of a call's result, and `~T[P]` allows what is underlying to `T[P]`.
    fn under_prefix(&mut self, base: ExprId, span: Span, suffix: &dyn Fn(ExprId) -> Expr) -> ExprId {
        let operand = match self.tree.expr(base) {
            Expr::Star(operand) | Expr::Unary { operand, .. } => operand,
            _ => return self.push(suffix(base), span),
        };
        let start = self.tree.span(operand).start;
        let inner = self.under_prefix(operand, Span::new(start, span.end), suffix);
        let prefixed = match self.tree.expr(base) {
            Expr::Unary { op, .. } => Expr::Unary { op, operand: inner },
            _ => Expr::Star(inner),
        };
        self.tree.replace_expr(base, prefixed, span);
        base
    }

    fn slice(&mut self, span: Span) -> ExprId {
        let mut base = None;
        let mut bounds = [None; 3];
        let mut colons = 0;
        self.children(|l, kind| {
            if kind == Kind::Colon {
                colons += 1;
            } else if kind.is_expr() {
                let id = l.expr(kind);
                match (base, bounds.get_mut(colons)) {
                    (None, _) => base = Some(id),
                    (Some(_), Some(bound)) => *bound = Some(id),
                    (Some(_), None) => {}
                }
            }
        });
        let base = self.or_bad(base, span);
        let [lo, hi, max] = bounds;
        self.under_prefix(base, span, &|base| Expr::Slice { base, lo, hi, max })
    }

    fn composite(&mut self, span: Span) -> ExprId {
        let (mut ty, mut elems, mut given) = (None, ExprList::EMPTY, false);
        self.children(|l, kind| match kind {
            // Of no width: see `rescue`.
            Kind::LiteralValue if l.is_added() => given = true,
            Kind::LiteralValue => elems = l.expr_children(),
            kind if kind.is_expr() => ty = Some(l.expr(kind)),
            _ => {}
        });
        if let Some(ty) = ty.filter(|_| given) {
            return ty;
        }
        self.push(Expr::Composite { ty, elems }, span)
    }

    fn func_literal(&mut self, span: Span) -> ExprId {
        let (ty, body) = self.signature_and_body(span);
        let body = body.unwrap_or_else(|| self.bad_stmt(span));
        self.push(Expr::FuncLit { ty, body }, span)
    }
}
