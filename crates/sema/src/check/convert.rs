//! Conversions (Go spec, "Conversions").

use gopeer_syntax::ast::{Expr, ExprId, UnaryOp};

use super::predicates::Specific;
use super::untyped::{Implicit, represent};
use super::{Builtin, Checker, Mode, Operand};
use crate::facts::LocalKind;
use crate::names::Def;
use crate::types::{Basic, Truth, Type, TypeId};
use crate::value::Value;
use crate::{ErrorCode, ObjectKind};

impl Checker<'_> {
    /// The call `T(args)`.
    pub(crate) fn convert(&mut self, id: ExprId, target: TypeId, args: &[ExprId], spread: bool) -> Operand {
        let &[arg] = args else {
            self.use_all(args);
            let (at, few) = args.last().map_or((id, "missing argument"), |&last| (last, "too many arguments"));
            let message = format!("{few} in conversion to {}", self.store.show(target));
            self.claim(&[target], at, ErrorCode::WrongArgCount, message);
            return self.converted_to(id, None, target);
        };
        let mut x = self.value(arg);
        if x.is_unknown() || target.is_unknown() {
            self.leave_open(&x);
            return self.converted_to(id, Some(arg), target);
        }
        let refused = if spread {
            Some(format!("invalid use of ... in conversion to {}", self.store.show(target)))
        } else {
            self.constraint_interface(target)
        };
        match refused {
            Some(message) => {
                self.claim(&[target], arg, ErrorCode::InvalidConversion, message);
                return Operand::unknown(id);
            }
            None => self.conversion(&mut x, target),
        }
        x.expr = id;
        x
    }

    /// What a conversion of which the operand is not known gives: whether a constant becomes one is not known either.
    fn converted_to(&self, id: ExprId, arg: Option<ExprId>, target: TypeId) -> Operand {
        let constant = |arg| self.holds_constants(target) && self.may_be_constant(arg, false);
        match target.is_unknown() || arg.is_some_and(constant) {
            true => Operand::unknown(id),
            false => Operand::new(Mode::Value, target, id),
        }
    }

    /// Whether an expression may be a constant, for all that is known. What an unknown name is called with is taken for the
    /// arguments of a function: only with `sure` may it be a conversion.
    pub(crate) fn may_be_constant(&self, mut id: ExprId, sure: bool) -> bool {
        loop {
            let mode = self.facts.borrow().mode(id);
            id = match self.tree.expr(id) {
                _ if matches!(mode, Mode::Variable | Mode::MapIndex | Mode::CommaOk | Mode::Nil) => return false,
                _ if mode == Mode::Constant => return true,
                Expr::Paren(inner) => inner,
                Expr::Unary { op, operand } if !matches!(op, UnaryOp::Addr | UnaryOp::Recv) => operand,
                Expr::Binary { lhs, rhs, .. } if self.may_be_constant(rhs, sure) => lhs,
                Expr::Call { fun, args, .. } => match (self.facts.borrow().mode(fun), self.tree.exprs(args)) {
                    (Mode::Builtin(Builtin::Len | Builtin::Cap), &[arg]) => {
                        return mode == Mode::Unknown || self.store.has_unknown(self.facts.borrow().type_of(arg));
                    }
                    (Mode::Builtin(_), _) => return mode == Mode::Unknown,
                    (Mode::Type, &[arg]) if self.holds_constants(self.facts.borrow().type_of(fun)) => arg,
                    (Mode::Unknown, _) => return sure,
                    _ => return false,
                },
                Expr::Selector { base, .. } => {
                    let package = matches!(self.names.def(base), Def::Import(_) | Def::Implied(_) | Def::Unknown);
                    return package && mode == Mode::Unknown && self.tree.expr(base) == Expr::Ident;
                }
                Expr::Ident => {
                    return match self.names.def(id) {
                        Def::Local(local) => {
                            self.facts.borrow().local(local).is_none_or(|local| local.kind == LocalKind::Const)
                        }
                        Def::Package(kind) => kind == ObjectKind::Const,
                        _ => true,
                    };
                }
                Expr::Literal(_) | Expr::Bad => return true,
                _ => return false,
            };
        }
    }

    /// Whether a type is one that constants may have, for all that is known.
    pub(crate) fn holds_constants(&self, ty: TypeId) -> bool {
        !self.store.is_param(ty) && matches!(self.store.under(ty), Type::Basic(_) | Type::Unknown)
    }

    /// Whether it is certain that an operand is no constant.
    pub(crate) fn is_no_constant(&self, x: &Operand) -> bool {
        !x.is_unknown() && x.mode != Mode::Constant && !self.may_be_constant(x.expr, true)
    }

    fn constraint_interface(&self, target: TypeId) -> Option<String> {
        if target == TypeId::ANY || !self.store.is_interface(target) {
            return None;
        }
        let set = self.store.type_set(target);
        let constraint = !set.unknown && (set.terms.is_some() || set.comparable);
        let why = "contains specific type constraints or is comparable";
        constraint.then(|| format!("cannot use interface {} in conversion ({why})", self.store.show(target)))
    }

    /// The conversion `T(x)`; constants stay constants where the types allow it. Reports what cannot be converted.
    pub(crate) fn conversion(&mut self, x: &mut Operand, target: TypeId) {
        self.single(x);
        if x.is_unknown() || target.is_unknown() {
            return x.forget();
        }
        let constant = x.mode == Mode::Constant;
        let param = self.store.is_param(target);
        let basic = match self.store.under(target) {
            Type::Basic(basic) if !param => Some(basic),
            _ => None,
        };
        let done = match (constant, basic) {
            (true, Some(to)) if to != Basic::UnsafePointer => self.convert_constant(x, target, to),
            (true, _) if param => self.convert_to_param(x, target),
            _ => self.convert_value(x, target),
        };
        if !done {
            return x.forget();
        }
        if self.store.is_untyped(x.ty) {
            let keeps = x.mode == Mode::Nil
                || (x.mode == Mode::Constant
                    && self.store.is_integer(x.ty)
                    && self.store.all_basic(target, Basic::is_string) == Truth::Yes);
            let last = if keeps {
                x.ty
            } else if self.store.is_interface(target) || (constant && basic.is_none()) {
                self.store.default_of(x.ty)
            } else {
                target
            };
            self.update_type(x.expr, last, true);
        }
        if x.mode != Mode::Constant {
            x.mode = Mode::Value;
            x.value = Value::Unknown;
        }
        x.ty = target;
    }

    fn convert_constant(&mut self, x: &mut Operand, target: TypeId, to: Basic) -> bool {
        if let Some(value) = self.constant_as(x, to) {
            x.value = value;
            return true;
        }
        let shown = self.store.show(target);
        let message = if self.store.is_integer(x.ty) && to.is_integer() {
            format!("constant {} overflows {shown}", x.value.short())
        } else {
            format!("cannot convert {} to type {shown}", self.describe(x))
        };
        self.claim(&[x.ty, target], x.expr, ErrorCode::InvalidConversion, message);
        false
    }

    /// A constant as one of the basic type; none where it cannot be converted.
    fn constant_as(&self, x: &Operand, to: Basic) -> Option<Value> {
        let Type::Basic(from) = self.store.under(x.ty) else { return None };
        match represent(x, from, to) {
            Ok(value) => Some(value),
            Err(_) if from.is_integer() && to.is_string() => Some(x.value.rune_to_string()),
            Err(_) => None,
        }
    }

    /// A constant must be convertible to each type of a type parameter's set.
    fn convert_to_param(&mut self, x: &mut Operand, target: TypeId) -> bool {
        let store = self.store;
        let string = store.all_basic(x.ty, Basic::is_string) == Truth::Yes;
        let integer = self.store.is_integer(x.ty);
        let mut cause = None;
        let found = store.each_specific(target, |ty, under| {
            let fits = match under {
                Type::Slice(elem) => string && matches!(store.under(*elem), Type::Basic(Basic::Uint8 | Basic::Int32)),
                Type::Basic(to) => self.constant_as(x, *to).is_some(),
                _ => false,
            };
            if !fits {
                let (under, whole) = (store.show(store.underlying(ty)), store.show(target));
                cause = Some(match store.is_integer(ty) && integer {
                    true => format!("constant {} overflows {under} (in {whole})", x.value.short()),
                    false => format!("cannot convert {} to type {under} (in {whole})", self.describe(x)),
                });
            }
            fits
        });
        let shown = store.show(target);
        x.mode = Mode::Value;
        let cause = match found {
            Specific::All => return true,
            Specific::Unknown => return false,
            Specific::None => format!("{shown} does not contain specific types"),
            Specific::Stopped => cause.unwrap_or_default(),
        };
        let message = format!("cannot convert {} to type {shown}: {cause}", self.describe(x));
        self.claim(&[target], x.expr, ErrorCode::InvalidConversion, message);
        false
    }

    fn convert_value(&mut self, x: &mut Operand, target: TypeId) -> bool {
        let fits = if self.store.is_untyped(x.ty) {
            match self.implicit(x, target) {
                Implicit::Is(..) => Truth::Yes,
                Implicit::Unknown => Truth::Unknown,
                Implicit::Misfit(_) if x.mode == Mode::Nil => Truth::No,
                Implicit::Misfit(_) => self.store.convertible(self.store.default_of(x.ty), target),
            }
        } else {
            self.store.convertible(x.ty, target)
        };
        if fits == Truth::No {
            let cause = match self.store.is_untyped(x.ty) {
                true => None,
                false => self.assign_cause(x.ty, target),
            };
            let cause = cause.map_or(String::new(), |cause| format!(": {cause}"));
            let message = format!("cannot convert {} to type {}{cause}", self.describe(x), self.store.show(target));
            self.claim(&[x.ty, target], x.expr, ErrorCode::InvalidConversion, message);
            return false;
        }
        if x.mode == Mode::Constant {
            x.mode = Mode::Value;
        }
        true
    }
}
