//! Operators (Go spec, "Operators", "Constant expressions").

use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, UnaryOp};

use super::untyped::{Implicit, is_shift};
use super::{Checker, Mode, Operand};
use crate::ErrorCode;
use crate::types::{Basic, Truth, Type, TypeId};
use crate::value::{UNTYPED_INT_BITS, Value};

/// The largest count in a constant shift; the compiler's, so that the smallest float can be written.
const MAX_SHIFT: u64 = 1074;

/// What operators apply to.
fn operand_sort(op: BinaryOp) -> fn(Basic) -> bool {
    match op {
        BinaryOp::Add => |basic| basic.is_numeric() || basic.is_string(),
        BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => Basic::is_numeric,
        BinaryOp::LogicalAnd | BinaryOp::LogicalOr => Basic::is_boolean,
        _ => Basic::is_integer,
    }
}

impl Checker<'_> {
    /// A chain of binary expressions: down to its left end, and up again by the parents.
    pub(crate) fn binary(&mut self, id: ExprId) -> Operand {
        let mut at = self.leftmost(id);
        let mut x = self.value(at);
        while at != id {
            let Some(up) = self.parent_expr(at) else { return Operand::unknown(id) };
            let Expr::Binary { op, rhs, .. } = self.tree.expr(up) else { return Operand::unknown(id) };
            let y = self.value(rhs);
            self.binary_op(&mut x, y, op, Some(up));
            x.expr = up;
            if up != id && x.mode != Mode::Unknown {
                self.record(&x);
            }
            at = up;
        }
        x
    }

    /// `x op y`, into `x`. `id` is the expression; none for an assignment with an operator.
    pub(crate) fn binary_op(&mut self, x: &mut Operand, mut y: Operand, op: BinaryOp, id: Option<ExprId>) {
        if x.is_unknown() || y.is_unknown() {
            return self.half_known(x, &y, op);
        }
        if is_shift(op) {
            return self.shift(x, &mut y, op, id);
        }
        if !self.match_types(x, &mut y) {
            return x.forget();
        }
        if op.is_comparison() {
            return self.comparison(x, &mut y, op);
        }
        if !self.store.identical(x.ty, y.ty) {
            // Where an untyped operand kept its type though it may go with the other's, that is not known enough. Nil
            // always keeps its type.
            if x.mode == Mode::Nil || y.mode == Mode::Nil || !self.may_convert(x, &y) {
                self.mismatched(x, &y, op, id);
            }
            return x.forget();
        }
        if !self.applies(x, op.as_str(), operand_sort(op)) || self.divides_by_zero(x, &y, op) {
            return x.forget();
        }
        if x.mode == Mode::Constant && y.mode == Mode::Constant {
            let integer = self.store.is_integer(x.ty);
            x.value = Value::binary(op, &x.value, &y.value, integer);
            x.expr = id.unwrap_or(x.expr);
            return self.overflow(x);
        }
        x.mode = Mode::Value;
        x.value = Value::Unknown;
    }

    /// What can be said where one operand is not known: if the program compiles, the other decides the type.
    fn half_known(&mut self, x: &mut Operand, y: &Operand, op: BinaryOp) {
        self.leave_open(x);
        if !is_shift(op) {
            self.leave_open(y);
        }
        let typed = |x: &Operand| {
            !x.is_unknown()
                && matches!(x.mode, Mode::Variable | Mode::Value | Mode::MapIndex | Mode::CommaOk)
                && !self.store.is_untyped(x.ty)
        };
        let ty = match (typed(x), typed(y)) {
            // What is compared with `nil` is no constant.
            _ if op.is_comparison() && (x.mode == Mode::Nil || y.mode == Mode::Nil) => Basic::UntypedBool.into(),
            (false, false) => TypeId::UNKNOWN,
            _ if op.is_comparison() => Basic::UntypedBool.into(),
            (true, _) => x.ty,
            (_, true) if is_shift(op) => TypeId::UNKNOWN,
            _ => y.ty,
        };
        match ty.is_unknown() {
            true => x.forget(),
            false => *x = Operand::new(Mode::Value, ty, x.expr),
        }
    }

    /// Whether an operator applies to the type of `x`; false, after a report, if not.
    pub(crate) fn applies(&mut self, x: &Operand, op: &str, sort: fn(Basic) -> bool) -> bool {
        match self.store.all_basic(x.ty, sort) {
            Truth::Yes => true,
            Truth::Unknown => false,
            Truth::No => {
                let message = format!("invalid operation: operator {op} not defined on {}", self.describe(x));
                self.claim(&[x.ty], x.expr, ErrorCode::UndefinedOp, message);
                false
            }
        }
    }

    fn mismatched(&mut self, x: &Operand, y: &Operand, op: BinaryOp, id: Option<ExprId>) {
        let (tx, ty) = (self.store.show(x.ty), self.store.show(y.ty));
        let expr = match id {
            Some(id) => self.text(id),
            None => format!("{} {}= {}", self.text(x.expr), op.as_str(), self.text(y.expr)),
        };
        let message = format!("invalid operation: {expr} (mismatched types {tx} and {ty})");
        self.claim(&[x.ty, y.ty], id.unwrap_or(x.expr), ErrorCode::MismatchedTypes, message);
    }

    fn divides_by_zero(&mut self, x: &Operand, y: &Operand, op: BinaryOp) -> bool {
        let zero = matches!(op, BinaryOp::Div | BinaryOp::Rem)
            && y.mode == Mode::Constant
            && y.value.sign() == 0
            && (x.mode == Mode::Constant || self.store.is_integer(x.ty));
        if zero {
            self.error(y.expr, ErrorCode::DivByZero, "invalid operation: division by zero");
        }
        zero
    }

    /// Brings an untyped operand to the other's type, where they may go together at all. False after a report.
    pub(crate) fn match_types(&mut self, x: &mut Operand, y: &mut Operand) -> bool {
        if !self.may_convert(x, y) {
            return true;
        }
        self.convert_untyped(x, y.ty) && self.convert_untyped(y, x.ty)
    }

    fn may_convert(&self, x: &Operand, y: &Operand) -> bool {
        let store = self.store;
        if !store.is_untyped(x.ty) && !store.is_untyped(y.ty) {
            return false;
        }
        let differ = |sort: fn(Basic) -> bool| store.all_basic(x.ty, sort) != store.all_basic(y.ty, sort);
        if differ(Basic::is_numeric) {
            return false;
        }
        if store.is_interface(x.ty) || store.is_interface(y.ty) {
            return true;
        }
        if differ(Basic::is_boolean) || differ(Basic::is_string) {
            return false;
        }
        if x.mode == Mode::Nil {
            return store.has_nil(y.ty) == Truth::Yes;
        }
        if y.mode == Mode::Nil {
            return store.has_nil(x.ty) == Truth::Yes;
        }
        !matches!(store.under(x.ty), Type::Pointer(_)) && !matches!(store.under(y.ty), Type::Pointer(_))
    }

    /// `op x` of an arithmetic or logical operator, into `x`.
    pub(crate) fn unary_op(&mut self, x: &mut Operand, id: ExprId, op: UnaryOp) {
        let sort = match op {
            UnaryOp::Not => Basic::is_boolean,
            UnaryOp::BitNot => Basic::is_integer,
            _ => Basic::is_numeric,
        };
        if !self.applies(x, op.as_str(), sort) {
            return x.forget();
        }
        if x.mode != Mode::Constant {
            x.mode = Mode::Value;
            return;
        }
        if x.value.is_unknown() {
            return;
        }
        let bits = match self.store.under(x.ty) {
            Type::Basic(basic) if basic.is_unsigned() => basic.int_bits(),
            _ => None,
        };
        x.value = Value::unary(op, &x.value, bits);
        x.expr = id;
        self.overflow(x);
    }

    /// Checks that the result of a constant operation fits its type; an untyped integer must not grow without end.
    pub(crate) fn overflow(&mut self, x: &mut Operand) {
        if x.value.is_unknown() {
            return;
        }
        if self.store.is_untyped(x.ty) {
            if x.value.bit_len() > UNTYPED_INT_BITS {
                let what = self.operation(x.expr);
                self.error(x.expr, ErrorCode::NumericOverflow, format!("constant {what}overflow"));
                x.value = Value::Unknown;
            }
            return;
        }
        let Type::Basic(basic) = self.store.under(x.ty) else { return };
        match super::untyped::represent(x, basic, basic) {
            Ok(value) => x.value = value,
            Err(misfit) => {
                self.misfit(x, x.ty, misfit);
                x.forget();
            }
        }
    }

    /// The name of an operation that may overflow, and a space.
    fn operation(&self, id: ExprId) -> &'static str {
        match self.tree.expr(id) {
            Expr::Unary { op: UnaryOp::BitNot, .. } => "bitwise complement ",
            Expr::Binary { op, .. } => match op {
                BinaryOp::Add => "addition ",
                BinaryOp::Sub => "subtraction ",
                BinaryOp::Xor => "bitwise XOR ",
                BinaryOp::Mul => "multiplication ",
                BinaryOp::Shl => "shift ",
                _ => "",
            },
            _ => "",
        }
    }
}

/// Shifts (Go spec, "Operators": the left operand of a non-constant shift takes its type from the context).
impl Checker<'_> {
    fn shift(&mut self, x: &mut Operand, y: &mut Operand, op: BinaryOp, id: Option<ExprId>) {
        let integer = self.store.all_basic(x.ty, Basic::is_integer);
        let untyped = self.store.is_untyped(x.ty);
        let whole = if x.mode == Mode::Constant { x.value.to_int() } else { Value::Unknown };
        if x.mode == Mode::Constant && x.value.is_unknown() && untyped {
            return self.shift_unknown(x, y);
        }
        match integer {
            Truth::Yes => {}
            Truth::Unknown => return x.forget(),
            Truth::No if untyped && whole.is_int() => {}
            Truth::No => return self.not_shiftable(x),
        }
        if !self.shift_count(y) {
            return x.forget();
        }
        if x.mode == Mode::Constant && y.mode == Mode::Constant {
            return self.constant_shift(x, &whole, y, op, id);
        }
        if x.mode == Mode::Constant && untyped {
            // Its type comes later, from around the shift; it must be an integer's then.
            x.mode = Mode::Value;
            x.value = Value::Unknown;
            return;
        }
        if integer != Truth::Yes {
            return self.not_shiftable(x);
        }
        x.mode = Mode::Value;
        x.value = Value::Unknown;
    }

    fn shift_unknown(&mut self, x: &mut Operand, y: &mut Operand) {
        if !self.shift_count(y) || y.mode != Mode::Constant {
            return x.forget();
        }
        if !self.store.is_integer(x.ty) {
            x.ty = Basic::UntypedInt.into();
        }
    }

    fn not_shiftable(&mut self, x: &mut Operand) {
        let message = format!("invalid operation: shifted operand {} must be integer", self.describe(x));
        self.claim(&[x.ty], x.expr, ErrorCode::UndefinedOp, message);
        x.forget();
    }

    /// Checks the right operand: an integer, or an untyped constant that a uint can hold. False after a report.
    fn shift_count(&mut self, y: &mut Operand) -> bool {
        if y.mode == Mode::Constant {
            let count = y.value.to_int();
            if count.is_int() && count.sign() < 0 {
                let message = format!("invalid operation: negative shift count {}", self.describe(y));
                self.error(y.expr, ErrorCode::UndefinedOp, message);
                return false;
            }
            let Some(from) = self.store.untyped(y.ty) else { return count.is_int() || self.integer_count(y) };
            return match super::untyped::represent(y, from, Basic::Uint) {
                Ok(value) => {
                    y.value = value;
                    true
                }
                Err(misfit) => {
                    self.misfit(y, Basic::Uint.into(), misfit);
                    false
                }
            };
        }
        match self.store.is_untyped(y.ty) && !self.store.is_integer(y.ty) {
            true => self.convert_untyped(y, Basic::Uint.into()),
            false => self.integer_count(y),
        }
    }

    fn integer_count(&mut self, y: &Operand) -> bool {
        match self.store.all_basic(y.ty, Basic::is_integer) {
            Truth::Yes => true,
            Truth::Unknown => false,
            Truth::No => {
                let message = format!("invalid operation: shift count {} must be integer", self.describe(y));
                self.claim(&[y.ty], y.expr, ErrorCode::UndefinedOp, message);
                false
            }
        }
    }

    fn constant_shift(&mut self, x: &mut Operand, whole: &Value, y: &Operand, op: BinaryOp, id: Option<ExprId>) {
        if !self.store.is_integer(x.ty) {
            x.ty = Basic::UntypedInt.into();
        }
        if x.value.is_unknown() || y.value.is_unknown() {
            x.value = Value::Unknown;
            return;
        }
        match y.value.as_u64() {
            Some(count) if count <= MAX_SHIFT => {
                x.value = Value::shift(op, whole, count);
                x.expr = id.unwrap_or(x.expr);
                self.overflow(x);
            }
            _ => {
                let message = format!("invalid operation: invalid shift count {}", self.describe(y));
                self.error(y.expr, ErrorCode::UndefinedOp, message);
                x.forget();
            }
        }
    }
}

/// Comparisons (Go spec, "Comparison operators").
impl Checker<'_> {
    /// `x op y`, into `x`: an untyped bool.
    pub(crate) fn comparison(&mut self, x: &mut Operand, y: &mut Operand, op: BinaryOp) {
        match self.comparable_operands(x, y, op) {
            Ok(Truth::Yes | Truth::Unknown) => {}
            Ok(Truth::No) => return x.forget(),
            Err((at, code, cause)) => {
                let (l, r) = (self.text(x.expr), self.text(y.expr));
                let message = format!("invalid operation: {l} {} {r} ({cause})", op.as_str());
                self.claim(&[x.ty, y.ty], at, code, message);
                return x.forget();
            }
        }
        if x.mode == Mode::Constant && y.mode == Mode::Constant {
            x.value = Value::compare(op, &x.value, &y.value).map_or(Value::Unknown, Value::bool);
        } else {
            x.mode = Mode::Value;
            x.value = Value::Unknown;
            self.update_type(x.expr, self.store.default_of(x.ty), true);
            self.update_type(y.expr, self.store.default_of(y.ty), true);
        }
        x.ty = Basic::UntypedBool.into();
    }

    /// Checks that the expression `x` of a switch's case can be compared with the tag, and gives both their final types.
    pub(crate) fn case_comparison(&mut self, x: &mut Operand, tag: &Operand) -> bool {
        if x.is_unknown() || tag.is_unknown() {
            return true;
        }
        if !self.convert_untyped(x, tag.ty) {
            return false;
        }
        if let Err((_, code, cause)) = self.comparable_operands(x, tag, BinaryOp::Equal) {
            let (case, tag_text) = (self.text(x.expr), self.text(tag.expr));
            let message = format!("invalid case {case} in switch on {tag_text} ({cause})");
            self.claim(&[x.ty, tag.ty], x.expr, code, message);
            return false;
        }
        self.update_type(x.expr, self.store.default_of(x.ty), true);
        true
    }

    /// Whether `x` and `y`, untyped operands converted, can be compared; if not, where and why.
    pub(crate) fn comparable_operands(
        &self,
        x: &Operand,
        y: &Operand,
        op: BinaryOp,
    ) -> Result<Truth, (ExprId, ErrorCode, String)> {
        match (self.assignable_operand(x, y.ty), self.assignable_operand(y, x.ty)) {
            (Truth::Yes, _) | (_, Truth::Yes) => {}
            (Truth::No, Truth::No) => {
                let cause = format!("mismatched types {} and {}", self.store.show(x.ty), self.store.show(y.ty));
                return Err((y.expr, ErrorCode::MismatchedTypes, cause));
            }
            _ => return Ok(Truth::Unknown),
        }
        let nil = x.mode == Mode::Nil || y.mode == Mode::Nil;
        let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        let test = |z: &Operand| match equality {
            true => self.store.comparable(z.ty),
            false => self.store.all_basic(z.ty, Basic::is_ordered),
        };
        let (failed, cause) = if equality && nil {
            let other = if x.mode == Mode::Nil { y } else { x };
            match self.store.has_nil(other.ty) {
                // The operator is not defined on `nil == nil`.
                Truth::Yes if other.mode != Mode::Nil => return Ok(Truth::Yes),
                Truth::Unknown => return Ok(Truth::Unknown),
                _ => (y, None),
            }
        } else {
            match (test(x), test(y)) {
                (Truth::No, _) => (x, equality.then(|| self.incomparable(x.ty)).flatten()),
                (_, Truth::No) => (y, equality.then(|| self.incomparable(y.ty)).flatten()),
                (Truth::Yes, Truth::Yes) => return Ok(Truth::Yes),
                _ => return Ok(Truth::Unknown),
            }
        };
        let cause = cause.unwrap_or_else(|| self.undefined_on(x, y, failed, op));
        Err((failed.expr, ErrorCode::UndefinedOp, cause))
    }

    fn undefined_on(&self, x: &Operand, y: &Operand, failed: &Operand, op: BinaryOp) -> String {
        let op = op.as_str();
        if self.store.is_param(x.ty) || self.store.is_param(y.ty) {
            let at = if self.store.is_param(x.ty) { failed } else { y };
            return format!("type parameter {} cannot use operator {op}", self.store.show(at.ty));
        }
        let what = match self.composite_kind(failed.ty) {
            Some(kind) => kind.to_owned(),
            None => self.store.show(failed.ty),
        };
        format!("operator {op} not defined on {what}")
    }

    /// Why values of a type cannot be compared, where there is more to say than that.
    fn incomparable(&self, ty: TypeId) -> Option<String> {
        match self.store.under(ty) {
            Type::Slice(_) | Type::Map { .. } | Type::Signature(_) => {
                self.composite_kind(ty).map(|kind| format!("{kind} can only be compared to nil"))
            }
            Type::Struct(of) => {
                let field = of.fields.iter().find(|field| self.store.comparable(field.ty) == Truth::No)?;
                Some(format!("struct containing {} cannot be compared", self.store.show(field.ty)))
            }
            Type::Array { .. } => Some(format!("{} cannot be compared", self.store.show(ty))),
            _ if self.store.is_param(ty) => Some("incomparable types in type set".to_owned()),
            _ => None,
        }
    }

    /// Whether `x`, untyped or not, can be assigned to `target`.
    pub(crate) fn assignable_operand(&self, x: &Operand, target: TypeId) -> Truth {
        if !self.store.is_untyped(x.ty) {
            return match self.store.is_untyped(target) {
                true => Truth::No,
                false => self.store.assignable(x.ty, target),
            };
        }
        match self.implicit(x, target) {
            Implicit::Is(..) => Truth::Yes,
            Implicit::Misfit(_) => Truth::No,
            Implicit::Unknown => Truth::Unknown,
        }
    }
}
