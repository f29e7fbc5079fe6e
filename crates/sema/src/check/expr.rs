//! Expressions (Go spec, "Expressions"): what stands alone, and what sends the rest to its file.

use gopeer_syntax::ast::{Expr, ExprId, ExprKind, LiteralKind, StmtId, UnaryOp};

use super::predicates::Specific;
use super::{Checker, Later, Mode, Operand};
use crate::facts::LocalKind;
use crate::names::Def;
use crate::types::{Basic, ChanDir, ObjId, Type, TypeId};
use crate::value::{UNTYPED_INT_BITS, Value};
use crate::{ErrorCode, Member, ObjectKind, Predeclared, predeclared};

/// Longer number literals mean nothing; the compiler has the same limit.
const MAX_NUMBER: usize = 10_000;

/// Checking expressions.
impl Checker<'_> {
    /// Checks any expression and records it: a value, a type, a builtin, a call without results. A generic function may
    /// come without its type arguments. `hint` is the type that the context gives to an expression that leaves its own
    /// out: an element `{…}` of a composite literal, a generic function assigned to a variable of function type.
    pub(crate) fn expr(&mut self, id: ExprId, hint: Option<TypeId>) -> Operand {
        let mut x = self.operand(id, hint);
        x.expr = id;
        if x.mode != Mode::Unknown {
            self.record(&x);
        }
        x
    }

    /// Checks an expression that must be one value.
    pub(crate) fn value(&mut self, id: ExprId) -> Operand {
        let mut x = self.expr(id, None);
        self.instantiated(&mut x);
        self.single(&mut x);
        x
    }

    /// Like [`Checker::value`], with a type that the context expects.
    pub(crate) fn value_for(&mut self, id: ExprId, hint: TypeId) -> Operand {
        let mut x = self.expr(id, Some(hint));
        self.instantiated(&mut x);
        self.single(&mut x);
        x
    }

    /// Checks expressions that give values to several places: one call with several results gives them all; with
    /// `comma_ok`, one expression of mode `MapIndex` or `CommaOk` gives the value and an untyped bool.
    pub(crate) fn values(&mut self, ids: &[ExprId], hints: &[TypeId], comma_ok: bool) -> Vec<Operand> {
        let &[id] = ids else {
            let each = |(i, &id): (usize, &ExprId)| match hints.get(i) {
                Some(&hint) => self.value_for(id, hint),
                None => self.value(id),
            };
            return ids.iter().enumerate().map(each).collect();
        };
        let mut x = self.expr(id, hints.first().copied());
        self.instantiated(&mut x);
        if x.mode == Mode::Value
            && let Type::Tuple(types) = self.store.get(x.ty)
        {
            return types.iter().map(|&ty| Operand::new(Mode::Value, ty, id)).collect();
        }
        self.single(&mut x);
        if comma_ok && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            self.record_comma_ok(&x);
            let ok = Operand::new(Mode::Value, Basic::UntypedBool.into(), id);
            return vec![x, ok];
        }
        vec![x]
    }

    /// An expression that gives `v, ok` has both their types.
    fn record_comma_ok(&self, x: &Operand) {
        let ty = self.store.tuple(&[x.ty, Basic::Bool.into()]);
        let mut id = x.expr;
        loop {
            self.record(&Operand { ty, expr: id, ..x.clone() });
            match self.tree.expr(id) {
                Expr::Paren(inner) => id = inner,
                _ => return,
            }
        }
    }

    /// Checks expressions for what is inside them only.
    pub(crate) fn use_all(&mut self, ids: &[ExprId]) {
        for &id in ids {
            match self.tree.expr(id) {
                Expr::KeyValue { value, .. } => {
                    self.expr(value, None);
                }
                _ => {
                    self.expr(id, None);
                }
            }
        }
    }

    /// A generic function must have its type arguments where it is used as a value.
    fn instantiated(&mut self, x: &mut Operand) {
        if x.mode == Mode::Value
            && self.generic_func(x.expr).is_some()
            && self.facts.borrow().instance(self.name_of(x.expr)).is_none()
        {
            let message = format!("cannot use generic function {} without instantiation", self.text(x.expr));
            self.error(x.expr, ErrorCode::InvalidInstantiation, message);
            x.forget();
        }
    }

    /// The generic function that an expression names, type arguments not counted.
    pub(crate) fn generic_func(&self, id: ExprId) -> Option<ObjId> {
        let id = self.unparen(id);
        let ident = match self.tree.expr(id) {
            Expr::Ident => id,
            Expr::Selector { name, .. } => name,
            _ => return None,
        };
        let id = self.facts.borrow().object(ident)?;
        let object = self.store.object(id);
        (object.kind == ObjectKind::Func && !object.params.is_empty()).then_some(id)
    }

    /// Reports what is not one value.
    pub(crate) fn single(&mut self, x: &mut Operand) {
        let (code, what) = match x.mode {
            Mode::NoValue => (ErrorCode::WrongResultCount, "used as value"),
            Mode::Builtin(_) => (ErrorCode::NotAnExpr, "must be called"),
            Mode::Type => (ErrorCode::NotAnExpr, "is not an expression"),
            _ => return self.not_several(x),
        };
        if x.mode != Mode::Type || !x.ty.is_unknown() {
            let message = format!("{} {what}", self.describe(x));
            self.error(x.expr, code, message);
        }
        x.forget();
    }

    fn not_several(&mut self, x: &mut Operand) {
        if x.mode == Mode::Value && matches!(self.store.get(x.ty), Type::Tuple(_)) {
            let message = format!("multiple-value {} in single-value context", self.describe(x));
            self.error(x.expr, ErrorCode::WrongResultCount, message);
            x.forget();
        }
    }

    /// Reports that nothing but a value or a type will do.
    pub(crate) fn value_or_type(&mut self, x: &mut Operand) {
        if x.mode == Mode::NoValue {
            let message = format!("{} used as value or type", self.describe(x));
            self.error(x.expr, ErrorCode::WrongResultCount, message);
            x.forget();
        } else {
            self.not_several(x);
        }
    }

    fn operand(&mut self, id: ExprId, hint: Option<TypeId>) -> Operand {
        match self.tree.expr(id) {
            Expr::Ident => {
                let x = self.ident(id);
                self.infer_from_hint(x, hint)
            }
            Expr::Literal(kind) => self.literal(id, kind),
            Expr::Composite { ty, elems } => self.composite(id, ty, elems, hint),
            Expr::FuncLit { ty, body } => self.func_lit(id, ty, body),
            Expr::Paren(inner) => self.expr(inner, None),
            Expr::Selector { base, name } => {
                let x = self.selector(id, base, name);
                self.infer_from_hint(x, hint)
            }
            Expr::Index { base, args } => self.index(id, base, args, hint),
            Expr::Slice { base, lo, hi, max } => self.slice(id, base, [lo, hi, max]),
            Expr::TypeAssert { base, ty } => self.type_assert(id, base, ty),
            Expr::Call { .. } => self.call(id, hint),
            Expr::Star(inner) => self.star(id, inner),
            Expr::Unary { op, operand } => self.unary(id, op, operand),
            Expr::Binary { .. } => self.binary(id),
            Expr::ArrayType { .. }
            | Expr::StructType { .. }
            | Expr::FuncType { .. }
            | Expr::InterfaceType { .. }
            | Expr::MapType { .. }
            | Expr::ChanType { .. } => self.type_operand(id),
            Expr::Bad | Expr::KeyValue { .. } | Expr::Ellipsis(_) => Operand::unknown(id),
        }
    }

    /// The operand that a type expression is.
    pub(crate) fn type_operand(&mut self, id: ExprId) -> Operand {
        Operand::new(Mode::Type, self.ty(id), id)
    }

    /// A generic function takes its type arguments from the function type that is expected.
    fn infer_from_hint(&mut self, x: Operand, hint: Option<TypeId>) -> Operand {
        match hint {
            Some(hint) if x.mode == Mode::Value && matches!(self.store.under(hint), Type::Signature(_)) => {
                let id = x.expr;
                match self.generic_func(id) {
                    Some(_) => self.instantiate_func(id, x, &[], Some(hint)),
                    None => x,
                }
            }
            _ => x,
        }
    }
}

/// Names.
impl Checker<'_> {
    fn ident(&mut self, id: ExprId) -> Operand {
        // The bare key of a composite literal that turned out to be no field.
        let def = match self.names.def(id) {
            Def::Unknown => self.names.key(id),
            def => def,
        };
        match def {
            Def::Local(declaring) => self.local(id, declaring),
            Def::Package(_) => match self.package.object(self.tree.source(id), self.at) {
                Some(object) => self.object_operand(id, id, object),
                None => Operand::unknown(id),
            },
            Def::Universe => self.universe(id),
            Def::Import(_) => {
                let message = format!("use of package {} without selector", self.tree.source(id));
                self.error(id, ErrorCode::NotAnExpr, message);
                Operand::unknown(id)
            }
            Def::Implied(_) => Operand::unknown(id),
            Def::Unknown => self.unresolved(id),
        }
    }

    fn unresolved(&mut self, id: ExprId) -> Operand {
        let name = self.tree.source(id);
        if let Some(object) = self.dot_imported(name) {
            return self.object_operand(id, id, object);
        }
        if name == "_" {
            self.error(id, ErrorCode::NotAnExpr, "cannot use _ as value");
        } else {
            self.undefined(id);
        }
        Operand::unknown(id)
    }

    fn local(&mut self, id: ExprId, declaring: ExprId) -> Operand {
        let mut facts = self.facts.borrow_mut();
        let Some(local) = facts.local_mut(declaring) else { return Operand::unknown(id) };
        local.used = true;
        match local.kind {
            _ if local.ty.is_unknown() => Operand::unknown(id),
            LocalKind::Var | LocalKind::Param => Operand::new(Mode::Variable, local.ty, id),
            LocalKind::Const => Operand::constant(local.ty, local.value.clone(), id),
            LocalKind::Type => Operand::new(Mode::Type, local.ty, id),
        }
    }

    /// What `ident`, which is `id` or its last part, refers to at package level.
    pub(crate) fn object_operand(&mut self, id: ExprId, ident: ExprId, object: ObjId) -> Operand {
        self.facts.borrow_mut().record_object(ident, object);
        let object = self.store.object(object);
        match object.kind {
            _ if object.ty.is_unknown() => Operand::unknown(id),
            ObjectKind::Const => Operand::constant(object.ty, object.value, id),
            ObjectKind::Var => Operand::new(Mode::Variable, object.ty, id),
            ObjectKind::Func => Operand::new(Mode::Value, object.ty, id),
            ObjectKind::Type => Operand::new(Mode::Type, object.ty, id),
        }
    }

    fn universe(&mut self, id: ExprId) -> Operand {
        let name = self.tree.source(id);
        match predeclared(name) {
            Some(Predeclared::Type(ty)) => Operand::new(Mode::Type, ty, id),
            Some(Predeclared::Builtin(builtin)) => Operand::new(Mode::Builtin(builtin), TypeId::UNKNOWN, id),
            Some(Predeclared::Bool(value)) => Operand::constant(Basic::UntypedBool.into(), Value::bool(value), id),
            Some(Predeclared::Nil) => Operand::new(Mode::Nil, Basic::UntypedNil.into(), id),
            Some(Predeclared::Iota) => match &self.iota {
                Some(iota) => Operand::constant(Basic::UntypedInt.into(), iota.clone(), id),
                None => {
                    self.error(id, ErrorCode::NotAnExpr, "cannot use iota outside constant declaration");
                    Operand::unknown(id)
                }
            },
            None => Operand::unknown(id),
        }
    }

    /// What `base.name` is where `base` names a package; none where it does not.
    pub(crate) fn qualified(&mut self, id: ExprId, base: ExprId, name: ExprId) -> Option<Operand> {
        let x = match self.imported(base, self.tree.source(name))? {
            Member::Object(object) => self.object_operand(id, name, object),
            Member::Builtin(builtin) => Operand::new(Mode::Builtin(builtin), TypeId::UNKNOWN, id),
            Member::Missing => {
                self.undefined(id);
                Operand::unknown(id)
            }
            Member::Unknown => Operand::unknown(id),
        };
        Some(x)
    }
}

/// Literals.
impl Checker<'_> {
    fn literal(&mut self, id: ExprId, kind: LiteralKind) -> Operand {
        let text = self.tree.source(id);
        let basic = match kind {
            LiteralKind::Int => Basic::UntypedInt,
            LiteralKind::Float => Basic::UntypedFloat,
            LiteralKind::Imaginary => Basic::UntypedComplex,
            LiteralKind::Rune => Basic::UntypedRune,
            LiteralKind::String | LiteralKind::RawString => Basic::UntypedString,
        };
        if basic.is_numeric() && text.len() > MAX_NUMBER {
            return Operand::constant(basic.into(), Value::Unknown, id);
        }
        let value = Value::literal(kind, text);
        if value.bit_len() > UNTYPED_INT_BITS {
            self.error(id, ErrorCode::NumericOverflow, "constant overflow");
            return Operand::constant(basic.into(), Value::Unknown, id);
        }
        Operand::constant(basic.into(), value, id)
    }

    /// Inside a function the body is checked at once; at package level when all names are declared, which it may use.
    fn func_lit(&mut self, id: ExprId, ty: ExprId, body: StmtId) -> Operand {
        let (sig, func) = self.signature(ty);
        if self.func.results.is_some() {
            self.body(body, func);
        } else {
            self.package.later(Later::Body(self.at, body, func));
        }
        Operand::new(Mode::Value, sig, id)
    }
}

/// Type assertions, indirections and unary operators.
impl Checker<'_> {
    fn type_assert(&mut self, id: ExprId, base: ExprId, ty: Option<ExprId>) -> Operand {
        let x = self.value(base);
        let Some(ty) = ty else {
            self.error(id, ErrorCode::NotAnExpr, "invalid syntax tree: use of .(type) outside type switch");
            return Operand::unknown(id);
        };
        let target = self.ty(ty);
        if !x.is_unknown() {
            if self.store.is_param(x.ty) {
                let what = self.describe(&x);
                let message = format!("invalid operation: cannot use type assertion on type parameter value {what}");
                self.error(base, ErrorCode::ImpossibleAssert, message);
                return Operand::unknown(id);
            }
            match self.store.under(x.ty) {
                Type::Interface(_) => self.assertable(id, &x, target),
                Type::Unknown => {}
                _ => {
                    if !self.store.has_unknown(x.ty) {
                        let message = format!("invalid operation: {} is not an interface", self.describe(&x));
                        self.error(base, ErrorCode::ImpossibleAssert, message);
                    }
                    return Operand::unknown(id);
                }
            }
        }
        Operand::new(if target.is_unknown() { Mode::Unknown } else { Mode::CommaOk }, target, id)
    }

    fn assertable(&mut self, id: ExprId, x: &Operand, target: TypeId) {
        if let Some(cause) = self.cannot_assert(x.ty, target) {
            let (to, from) = (self.store.show(target), self.store.show(x.ty));
            let text = self.text(id);
            let message = format!("impossible type assertion: {text}\n\t{to} does not implement {from} {cause}");
            self.error(id, ErrorCode::ImpossibleAssert, message);
        }
    }

    /// Why a value of interface type `from` can never hold a `target`, where that is certain.
    pub(crate) fn cannot_assert(&self, from: TypeId, target: TypeId) -> Option<String> {
        if target.is_unknown() || self.store.is_param(target) || self.store.is_interface(target) {
            return None;
        }
        self.missing_method(target, from)
    }

    /// `*x`: an indirection, or a pointer type.
    fn star(&mut self, id: ExprId, inner: ExprId) -> Operand {
        let mut x = self.expr(inner, None);
        self.value_or_type(&mut x);
        match x.mode {
            Mode::Unknown => return Operand::unknown(id),
            Mode::Type => return Operand::new(Mode::Type, self.store.pointer(x.ty), id),
            Mode::Nil => {
                self.error(inner, ErrorCode::InvalidIndirection, "invalid operation: cannot indirect nil");
                return Operand::unknown(id);
            }
            Mode::Builtin(_) => {
                self.single(&mut x);
                return Operand::unknown(id);
            }
            _ => {}
        }
        let (mut base, mut same) = (None, true);
        let store = self.store;
        let found = store.each_specific(x.ty, |_, under| match under {
            Type::Pointer(elem) => {
                same &= base.is_none_or(|base| store.identical(base, *elem));
                base = Some(*elem);
                same
            }
            _ => false,
        });
        match (found, base) {
            (Specific::All, Some(base)) => Operand::new(Mode::Variable, base, id),
            (Specific::Unknown, _) => Operand::unknown(id),
            _ => {
                let what = self.describe(&x);
                let message = if same {
                    format!("invalid operation: cannot indirect {what}")
                } else {
                    format!("invalid operation: pointers of {what} must have identical base types")
                };
                self.claim(&[x.ty], inner, ErrorCode::InvalidIndirection, message);
                Operand::unknown(id)
            }
        }
    }

    fn unary(&mut self, id: ExprId, op: UnaryOp, operand: ExprId) -> Operand {
        let mut x = self.value(operand);
        if x.is_unknown() {
            return Operand::unknown(id);
        }
        match op {
            UnaryOp::Addr => self.address(id, x, operand),
            UnaryOp::Recv => match self.chan_elem(&x, true) {
                Some(elem) if !elem.is_unknown() => Operand::new(Mode::CommaOk, elem, id),
                _ => Operand::unknown(id),
            },
            UnaryOp::Tilde => {
                self.error(id, ErrorCode::UndefinedOp, "cannot use ~ outside of interface or type constraint");
                Operand::unknown(id)
            }
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Not | UnaryOp::BitNot => {
                self.unary_op(&mut x, id, op);
                x
            }
        }
    }

    fn address(&mut self, id: ExprId, x: Operand, operand: ExprId) -> Operand {
        let literal = self.tree.expr_kind(self.unparen(operand)) == ExprKind::Composite;
        if !literal && x.mode != Mode::Variable {
            let message = format!("invalid operation: cannot take address of {}", self.describe(&x));
            self.claim(&[x.ty], operand, ErrorCode::InvalidAddress, message);
            return Operand::unknown(id);
        }
        Operand::new(Mode::Value, self.store.pointer(x.ty), id)
    }

    /// The element type of the channel `x`, to receive from or to send to; none, after a report where that is certain, if
    /// that cannot be done.
    pub(crate) fn chan_elem(&mut self, x: &Operand, recv: bool) -> Option<TypeId> {
        if x.is_unknown() {
            return None;
        }
        let unwanted = if recv { ChanDir::Send } else { ChanDir::Recv };
        let (mut elem, mut cause) = (None, None);
        let store = self.store;
        let found = store.each_specific(x.ty, |ty, under| match under {
            Type::Chan { dir, .. } if *dir == unwanted => {
                let kind = if recv { "send-only" } else { "receive-only" };
                cause = Some(format!("{kind} channel {}", store.show(ty)));
                false
            }
            Type::Chan { elem: of, .. } => {
                let same = elem.is_none_or(|elem| store.identical(elem, *of));
                elem = Some(*of);
                same
            }
            _ => {
                cause = Some(format!("non-channel {}", store.show(ty)));
                false
            }
        });
        match found {
            Specific::All => return elem,
            Specific::Unknown => return None,
            _ => {}
        }
        let cause = cause.unwrap_or_else(|| "no specific channel type".to_owned());
        let (code, verb) =
            if recv { (ErrorCode::InvalidReceive, "receive from") } else { (ErrorCode::InvalidSend, "send to") };
        let what = self.describe(x);
        let message = if self.store.is_param(x.ty) {
            format!("invalid operation: cannot {verb} {what}: {cause}")
        } else {
            let cause = cause.split_once(' ').filter(|_| cause.starts_with("non-")).map_or(&*cause, |(first, _)| first);
            let cause = cause.strip_suffix(&format!(" {}", self.store.show(x.ty))).unwrap_or(cause);
            format!("invalid operation: cannot {verb} {cause} {what}")
        };
        self.claim(&[x.ty], x.expr, code, message);
        None
    }

    /// Reports, unless something in these types is not known.
    pub(crate) fn claim(&self, types: &[TypeId], at: ExprId, code: ErrorCode, message: String) {
        if !types.iter().any(|&ty| self.store.has_unknown(ty)) {
            self.error(at, code, message);
        }
    }
}
