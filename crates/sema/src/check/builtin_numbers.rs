//! Built-in functions of numbers (Go spec, "Manipulating complex numbers", "Min and max").

use gopeer_syntax::ast::{BinaryOp, ExprId};

use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, Truth, Type};
use crate::value::Value;

impl Checker<'_> {
    /// `complex(x, y)`.
    pub(crate) fn complex(&mut self, id: ExprId, mut x: Operand, y: &mut Operand) -> Operand {
        let constant = x.mode == Mode::Constant && y.mode == Mode::Constant;
        let converted = match (self.store.is_untyped(x.ty), self.store.is_untyped(y.ty)) {
            (false, false) => true,
            (true, false) => self.convert_untyped(&mut x, y.ty),
            (false, true) => self.convert_untyped(y, x.ty),
            (true, true) if constant => {
                for x in [&mut x, &mut *y] {
                    if self.store.untyped(x.ty).is_some_and(Basic::is_numeric) && x.value.imag().sign() == 0 {
                        x.ty = Basic::UntypedFloat.into();
                    }
                }
                true
            }
            (true, true) => {
                let float = Basic::Float64.into();
                self.convert_untyped(&mut x, float) && self.convert_untyped(y, float)
            }
        };
        if !converted {
            return Operand::unknown(id);
        }
        if !self.store.identical(x.ty, y.ty) {
            let (what, a, b) = (self.text(id), self.store.show(x.ty), self.store.show(y.ty));
            let message = format!("invalid operation: {what} (mismatched types {a} and {b})");
            self.claim(&[x.ty, y.ty], x.expr, ErrorCode::MismatchedTypes, message);
            return Operand::unknown(id);
        }
        let ty = match self.store.under(x.ty) {
            Type::Basic(Basic::Float32) => Basic::Complex64,
            Type::Basic(Basic::Float64) => Basic::Complex128,
            Type::Basic(Basic::UntypedFloat) => Basic::UntypedComplex,
            Type::Unknown => return Operand::unknown(id),
            _ if self.unsupported(&x, "complex", Basic::is_float) => return Operand::unknown(id),
            _ => {
                let ty = self.store.show(x.ty);
                self.bad_argument(&x, format!("invalid argument: arguments have type {ty}, expected floating-point"));
                return Operand::unknown(id);
            }
        };
        match constant {
            true => Operand::constant(ty.into(), Value::make_complex(&x.value, &y.value), id),
            false => Operand::new(Mode::Value, ty.into(), id),
        }
    }

    /// Reports a type parameter whose types would do: what the result would be cannot be said in Go.
    fn unsupported(&mut self, x: &Operand, name: &str, sort: fn(Basic) -> bool) -> bool {
        let found = self.store.is_param(x.ty) && self.store.all_basic(x.ty, sort) == Truth::Yes;
        if found {
            let what = self.describe(x);
            let why = "for go1.18 (see go.dev/issue/50937)";
            self.bad_argument(x, format!("{what} not supported as argument to built-in {name} {why}"));
        }
        found
    }

    /// `real(x)`, `imag(x)`.
    pub(crate) fn real_or_imag(&mut self, id: ExprId, mut x: Operand, real: bool) -> Operand {
        if let Some(basic) = self.store.untyped(x.ty) {
            if x.mode != Mode::Constant {
                if !self.convert_untyped(&mut x, Basic::Complex128.into()) {
                    return Operand::unknown(id);
                }
            } else if basic.is_numeric() {
                x.ty = Basic::UntypedComplex.into();
            }
        }
        let ty = match self.store.under(x.ty) {
            Type::Basic(Basic::Complex64) => Basic::Float32,
            Type::Basic(Basic::Complex128) => Basic::Float64,
            Type::Basic(Basic::UntypedComplex) => Basic::UntypedFloat,
            Type::Unknown => return Operand::unknown(id),
            _ if self.unsupported(&x, if real { "real" } else { "imag" }, Basic::is_complex) => {
                return Operand::unknown(id);
            }
            _ => {
                let ty = self.store.show(x.ty);
                self.bad_argument(&x, format!("invalid argument: argument has type {ty}, expected complex type"));
                return Operand::unknown(id);
            }
        };
        if x.mode != Mode::Constant {
            return Operand::new(Mode::Value, ty.into(), id);
        }
        let value = if real { x.value.real() } else { x.value.imag() };
        Operand::constant(ty.into(), value, id)
    }

    /// `min` and `max`: which of two operands it takes is that for which `op` holds.
    pub(crate) fn extreme(&mut self, id: ExprId, operands: Vec<Operand>, op: BinaryOp) -> Operand {
        let exprs: Vec<ExprId> = operands.iter().map(|x| x.expr).collect();
        let mut best: Option<Operand> = None;
        for mut next in operands {
            match self.store.all_basic(next.ty, Basic::is_ordered) {
                Truth::Yes => {}
                Truth::Unknown => return Operand::unknown(id),
                Truth::No => {
                    let message = format!("invalid argument: {} cannot be ordered", self.describe(&next));
                    self.bad_argument(&next, message);
                    return Operand::unknown(id);
                }
            }
            best = match best {
                None => Some(next),
                Some(mut x) => match self.better(&mut x, &mut next, op) {
                    true => Some(x),
                    false => return Operand::unknown(id),
                },
            };
        }
        let Some(mut x) = best else { return Operand::unknown(id) };
        if x.mode != Mode::Constant {
            x.mode = Mode::Value;
            self.default_type(&mut x);
            if x.is_unknown() {
                return Operand::unknown(id);
            }
        }
        exprs.iter().for_each(|&expr| self.update_type(expr, x.ty, true));
        Operand { expr: id, ..x }
    }

    /// The better of two operands, into `x`. False, after a report, where they do not go together.
    fn better(&mut self, x: &mut Operand, next: &mut Operand, op: BinaryOp) -> bool {
        if !self.match_types(x, next) {
            return false;
        }
        if !self.store.identical(x.ty, next.ty) {
            let (a, b, what) = (self.store.show(x.ty), self.store.show(next.ty), self.text(next.expr));
            let message =
                format!("invalid argument: mismatched types {a} (previous argument) and {b} (type of {what})");
            self.claim(&[x.ty, next.ty], next.expr, ErrorCode::MismatchedTypes, message);
            return false;
        }
        if x.mode != Mode::Constant || next.mode != Mode::Constant {
            x.mode = Mode::Value;
            x.value = Value::Unknown;
            return true;
        }
        match Value::compare(op, &next.value, &x.value) {
            Some(true) => *x = next.clone(),
            Some(false) => {}
            None => x.value = Value::Unknown,
        }
        true
    }
}
