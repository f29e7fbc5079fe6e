//! Expressions (Go spec, "Expressions"): what stands alone, and what sends the rest to its file.

use gopeer_syntax::ast::{Expr, ExprId, LiteralKind, StmtId, UnaryOp};

use super::{Checker, Later, Mode, Operand};
use crate::facts::LocalKind;
use crate::names::Def;
use crate::types::{Basic, ObjId, Type, TypeId};
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
        self.package.source.progress.step();
        let mut x = self.inside(|checker| checker.operand(id, hint));
        x.expr = id;
        if x.mode != Mode::Unknown {
            self.record(&x);
        }
        x
    }

    /// Runs `check` on an expression or type inside of which names may be declared.
    pub(crate) fn inside<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.package.around.get();
        self.package.around.set(around + 1);
        let checked = check(self);
        self.package.around.set(around);
        checked
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
        if !comma_ok || !self.gives_ok(&x) {
            return vec![x];
        }
        if !x.is_unknown() {
            self.record_comma_ok(&x);
        }
        vec![x, Operand::new(Mode::Value, Basic::UntypedBool.into(), id)]
    }

    /// Whether `v, ok` may be taken; where the type is not known, as far as the form says.
    fn gives_ok(&self, x: &Operand) -> bool {
        let form = || match self.tree.expr(self.unparen(x.expr)) {
            Expr::Index { .. } | Expr::TypeAssert { .. } => true,
            Expr::Unary { op, .. } => op == UnaryOp::Recv,
            _ => false,
        };
        matches!(x.mode, Mode::MapIndex | Mode::CommaOk) || (x.mode == Mode::Unknown && form())
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
            let id = match self.tree.expr(id) {
                Expr::KeyValue { key, value } => {
                    self.use_key(key);
                    value
                }
                _ => id,
            };
            // The type that an element leaves out is not known.
            let hint = matches!(self.tree.expr(id), Expr::Composite { ty: None, .. }).then_some(TypeId::UNKNOWN);
            let x = self.expr(id, hint);
            self.leave_open(&x);
        }
    }

    /// A bare name is a field or a variable, which may be used then.
    fn use_key(&mut self, key: ExprId) {
        if self.tree.expr(key) != Expr::Ident {
            return self.use_all(&[key]);
        }
        if let Def::Local(declaring) = self.names.key(key)
            && let Some(local) = self.facts.borrow_mut().local_mut(declaring)
        {
            local.used = true;
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

    /// Reports, unless something in these types is not known.
    pub(crate) fn claim(&self, types: &[TypeId], at: ExprId, code: ErrorCode, message: String) {
        if !types.iter().any(|&ty| self.store.has_unknown(ty)) {
            self.error(at, code, message);
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
            Expr::Call { .. } => self.call(id),
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
            Some(hint)
                if x.mode == Mode::Value && matches!(self.store.under(hint), Type::Signature(_) | Type::Unknown) =>
            {
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
                let message = format!("use of package {} not in selector", self.tree.source(id));
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
            self.error(id, ErrorCode::NotAnExpr, "cannot use _ as value or type");
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
        // A constant's expression has iota, which would be gone later.
        if self.func.results.is_some() || self.iota.is_some() {
            self.body(body, func);
        } else {
            self.package.later(Later::Body(self.at, body, func));
        }
        Operand::new(Mode::Value, sig, id)
    }
}
