//! Operators on constants (Go spec, "Constant expressions").

use gopeer_syntax::ast::{BinaryOp, UnaryOp};

use super::Value;

impl Value {
    /// `op x`. `^x` of an unsigned type of that many bits keeps to them. `Unknown` where the operator does not apply.
    pub fn unary(op: UnaryOp, x: &Value, unsigned_bits: Option<u32>) -> Value {
        let _ = (op, x, unsigned_bits);
        Value::Unknown
    }

    /// `x op y` of an arithmetic or logical operator; the operands are first brought to the larger of their kinds.
    /// Integers are divided without a fraction if `integer_division`. `Unknown` where the operator does not apply, the
    /// divisor is zero or the result too large; comparisons and shifts are [`Value::compare`] and [`Value::shift`].
    pub fn binary(op: BinaryOp, x: &Value, y: &Value, integer_division: bool) -> Value {
        let _ = (op, x, y, integer_division);
        Value::Unknown
    }

    /// `x << bits` or `x >> bits`, of an integer or what is integral; `Unknown` where it does not apply or is too large.
    pub fn shift(op: BinaryOp, x: &Value, bits: u64) -> Value {
        let _ = (op, x, bits);
        Value::Unknown
    }

    /// `x op y` of a comparison; `None` where it does not apply or an operand is unknown.
    pub fn compare(op: BinaryOp, x: &Value, y: &Value) -> Option<bool> {
        let _ = (op, x, y);
        None
    }
}
