//! Untyped operands and the types that their context gives them (Go spec, "Constants", "Representability").
//!
//! An expression is recorded with its untyped type at first. Once the context is known, the type goes down to all
//! operands that take part in the value, as in go/types.

use gopeer_syntax::ast::{BinaryOp, Expr, ExprId};

use super::predicates::Specific;
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, Truth, Type, TypeId};
use crate::value::Value;

/// Why an untyped operand cannot have a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// A fraction would be lost.
    Truncated,
    /// The value is too large.
    Overflows,
    /// It is of another sort.
    Kind,
}

/// What an untyped operand becomes in a context.
pub(crate) enum Implicit {
    /// This type; a constant with this value.
    Is(TypeId, Option<Value>),
    Misfit(Misfit),
    /// Not known.
    Unknown,
}

impl Checker<'_> {
    /// The type that `x` gets where `target` is expected.
    pub(crate) fn implicit(&self, x: &Operand, target: TypeId) -> Implicit {
        if x.is_unknown() || target.is_unknown() {
            return Implicit::Unknown;
        }
        let Some(from) = self.store.untyped(x.ty) else { return Implicit::Is(x.ty, None) };
        if let Some(to) = self.store.untyped(target) {
            return larger(from, to).map_or(Implicit::Misfit(Misfit::Kind), |basic| Implicit::Is(basic.into(), None));
        }
        if from == Basic::UntypedNil {
            // It stays untyped, as there are no constants of such types.
            return match self.store.has_nil(target) {
                Truth::Yes => Implicit::Is(x.ty, None),
                Truth::No => Implicit::Misfit(Misfit::Kind),
                Truth::Unknown => Implicit::Unknown,
            };
        }
        if self.store.is_param(target) {
            return self.implicit_param(x, target);
        }
        match self.store.under(target) {
            Type::Basic(to) if x.mode == Mode::Constant => match represent(x, from, to) {
                Ok(value) => Implicit::Is(target, Some(value)),
                Err(misfit) => Implicit::Misfit(misfit),
            },
            Type::Basic(to) if same_sort(from, to) => Implicit::Is(target, None),
            // Values in interfaces have concrete types.
            Type::Interface(_) => {
                let set = self.store.type_set(target);
                match set.unknown {
                    true => Implicit::Unknown,
                    false if set.methods.is_empty() && set.terms.is_none() && !set.comparable => {
                        Implicit::Is(self.store.default_of(x.ty), None)
                    }
                    false => Implicit::Misfit(Misfit::Kind),
                }
            }
            Type::Unknown => Implicit::Unknown,
            _ => Implicit::Misfit(Misfit::Kind),
        }
    }

    /// Of a type parameter the operand must fit all types of the set.
    fn implicit_param(&self, x: &Operand, target: TypeId) -> Implicit {
        let mut unknown = false;
        let found = self.store.each_specific(target, |ty, _| match self.implicit(x, ty) {
            Implicit::Is(..) => true,
            Implicit::Misfit(_) => false,
            Implicit::Unknown => {
                unknown = true;
                false
            }
        });
        match found {
            Specific::All => Implicit::Is(target, None),
            Specific::Unknown => Implicit::Unknown,
            _ if unknown => Implicit::Unknown,
            _ => Implicit::Misfit(Misfit::Kind),
        }
    }

    /// Gives an untyped operand the type `target` (or its default where that is an interface), and records it in all
    /// untyped expressions inside. False, after a report, where the value cannot have the type. Where the target is not
    /// known, the operand stays as it is.
    pub(crate) fn convert_untyped(&mut self, x: &mut Operand, target: TypeId) -> bool {
        if !self.store.is_untyped(x.ty) {
            return true;
        }
        match self.implicit(x, target) {
            Implicit::Is(ty, value) => {
                self.become_type(x, ty, value);
                true
            }
            Implicit::Misfit(misfit) => {
                self.misfit(x, target, misfit);
                x.forget();
                false
            }
            Implicit::Unknown => {
                self.leave_open(x);
                true
            }
        }
    }

    /// An untyped operand in a context that is not known: its value is known, its type is not.
    pub(crate) fn leave_open(&mut self, x: &Operand) {
        if self.store.is_untyped(x.ty) && x.mode != Mode::Nil {
            self.update_type(x.expr, TypeId::UNKNOWN, true);
        }
    }

    /// Gives an untyped operand what [`Checker::implicit`] found.
    pub(crate) fn become_type(&mut self, x: &mut Operand, ty: TypeId, value: Option<Value>) {
        if let Some(value) = value {
            x.value = value;
            let recorded = self.facts.borrow().type_of(x.expr);
            if self.store.is_untyped(recorded) {
                self.record(&Operand { ty: recorded, ..x.clone() });
            }
        }
        if ty != x.ty {
            x.ty = ty;
            self.update_type(x.expr, ty, false);
        }
    }

    /// Gives an untyped operand its default type.
    pub(crate) fn default_type(&mut self, x: &mut Operand) {
        self.convert_untyped(x, self.store.default_of(x.ty));
    }

    /// Reports that an untyped operand cannot have a type.
    pub(crate) fn misfit(&self, x: &Operand, target: TypeId, misfit: Misfit) {
        let shown = if self.store.is_param(target) { target } else { self.store.underlying(target) };
        let (what, to) = (self.describe(x), self.store.show(shown));
        let (code, message) = match misfit {
            Misfit::Truncated => (ErrorCode::TruncatedFloat, format!("{what} truncated to {to}")),
            Misfit::Overflows => (ErrorCode::NumericOverflow, format!("{what} overflows {to}")),
            Misfit::Kind => (ErrorCode::MismatchedTypes, format!("cannot convert {what} to type {to}")),
        };
        self.claim(&[target], x.expr, code, message);
    }

    /// Gives a recorded untyped expression its type, and the operands inside that have the same. `is_final` where an
    /// untyped type is the last word.
    pub(crate) fn update_type(&mut self, mut id: ExprId, ty: TypeId, is_final: bool) {
        // Chains of operators lean to the left: only the right operands are calls.
        loop {
            let (old, mode) = {
                let facts = self.facts.borrow();
                (facts.type_of(id), facts.mode(id))
            };
            if !self.store.is_untyped(old) || mode == Mode::Unknown {
                return;
            }
            let constant = mode == Mode::Constant;
            let next = match self.tree.expr(id) {
                Expr::Paren(inner) => Some(inner),
                // The operands of a constant are never materialized.
                Expr::Unary { operand, .. } if !constant => Some(operand),
                Expr::Binary { op, lhs, rhs } if !constant && !op.is_comparison() => {
                    if !is_shift(op) {
                        self.update_type(rhs, ty, is_final);
                    }
                    Some(lhs)
                }
                _ => None,
            };
            self.update_one(id, mode, old, ty, is_final);
            match next {
                Some(next) => id = next,
                None => return,
            }
        }
    }

    fn update_one(&mut self, id: ExprId, mode: Mode, old: TypeId, ty: TypeId, is_final: bool) {
        let value = self.facts.borrow().value(id).cloned().unwrap_or(Value::Unknown);
        let x = Operand { mode, ty: old, value, expr: id };
        if !is_final && self.store.is_untyped(ty) {
            return self.record(&Operand { ty, ..x });
        }
        if !ty.is_unknown() && self.is_shifted(id) && !self.store.is_integer(ty) {
            let (what, to) = (self.text(id), self.store.show(ty));
            let message = format!("invalid operation: shifted operand {what} (type {to}) must be integer");
            if self.store.all_basic(ty, Basic::is_integer) == Truth::No {
                self.claim(&[ty], id, ErrorCode::UndefinedOp, message);
            }
            return;
        }
        if mode == Mode::Constant
            && let Implicit::Misfit(misfit) = self.implicit(&x, ty)
        {
            return self.misfit(&x, ty, misfit);
        }
        self.record(&Operand { ty, ..x });
    }

    /// Whether it is the left operand, itself constant, of a shift that is not: then its type must be an integer's.
    fn is_shifted(&self, id: ExprId) -> bool {
        let Some(parent) = self.parent_expr(id) else { return false };
        let facts = self.facts.borrow();
        matches!(self.tree.expr(parent), Expr::Binary { op, lhs, .. } if is_shift(op) && lhs == id)
            && facts.mode(id) == Mode::Constant
            && facts.mode(parent) == Mode::Value
    }
}

pub(crate) fn is_shift(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Shl | BinaryOp::Shr)
}

/// The type that two untyped operands have together.
fn larger(a: Basic, b: Basic) -> Option<Basic> {
    match a == b || (a.is_numeric() && b.is_numeric()) {
        true => Some(a.max(b)),
        false => None,
    }
}

fn same_sort(from: Basic, to: Basic) -> bool {
    (from.is_boolean() && to.is_boolean())
        || (from.is_string() && to.is_string())
        || (from.is_numeric() && to.is_numeric())
}

/// The value of a constant as one of the basic type.
pub(crate) fn represent(x: &Operand, from: Basic, to: Basic) -> Result<Value, Misfit> {
    match x.value.representable(to) {
        Some(_) if x.value.is_unknown() && !same_sort(from, to) => Err(Misfit::Kind),
        Some(value) => Ok(value),
        None if from.is_numeric() && to.is_numeric() => {
            let fraction = !from.is_integer() && to.is_integer();
            Err(if fraction { Misfit::Truncated } else { Misfit::Overflows })
        }
        None => Err(Misfit::Kind),
    }
}
