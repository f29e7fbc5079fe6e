//! Operators on constants (Go spec, "Constant expressions").

use std::cmp::Ordering;
use std::rc::Rc;

use gopeer_syntax::ast::{BinaryOp, UnaryOp};

use super::{Int, MAX_CONCAT, Ratio, Value};

/// A complex number.
type Complex = (Ratio, Ratio);

impl Value {
    /// `op x`. `^x` of an unsigned type of that many bits keeps to them. `Unknown` where the operator does not apply.
    pub fn unary(op: UnaryOp, x: &Value, unsigned_bits: Option<u32>) -> Value {
        match (op, x) {
            (UnaryOp::Plus, Value::Int(_) | Value::Float(_) | Value::Complex(_)) => x.clone(),
            (UnaryOp::Minus, Value::Int(x)) => Value::Int(x.neg()),
            (UnaryOp::Minus, Value::Float(x)) => Value::Float(x.neg()),
            (UnaryOp::Minus, Value::Complex(x)) => Value::Complex(Rc::new((x.0.neg(), x.1.neg()))),
            (UnaryOp::Not, Value::Bool(x)) => Value::Bool(!x),
            (UnaryOp::BitNot, Value::Int(x)) => Value::Int(keep(x.not(), unsigned_bits)),
            _ => Value::Unknown,
        }
    }

    /// `x op y` of an arithmetic or logical operator; the operands are first brought to the larger of their kinds.
    /// Integers are divided without a fraction if `integer_division`. `Unknown` where the operator does not apply, the
    /// divisor is zero or the result too large; comparisons and shifts are [`Value::compare`] and [`Value::shift`].
    pub fn binary(op: BinaryOp, x: &Value, y: &Value, integer_division: bool) -> Value {
        match Pair::of(x, y) {
            Some(Pair::Bool(x, y)) => logical(op, x, y).into(),
            Some(Pair::Str(x, y)) if op == BinaryOp::Add && x.len() + y.len() <= MAX_CONCAT => {
                Value::Str([x, y].concat().into())
            }
            Some(Pair::Int(x, y)) if op == BinaryOp::Div && !integer_division => Ratio::new(x, y).into(),
            Some(Pair::Int(x, y)) => integer(op, x, y).and_then(Int::bounded).into(),
            Some(Pair::Float(x, y)) => float(op, &x, &y).into(),
            Some(Pair::Complex(x, y)) => complex(op, &x, &y).into(),
            _ => Value::Unknown,
        }
    }

    /// `x << bits` or `x >> bits`, of an integer or what is integral; `Unknown` where it does not apply or is too large.
    pub fn shift(op: BinaryOp, x: &Value, bits: u64) -> Value {
        match (op, x.to_int()) {
            (BinaryOp::Shl, Value::Int(x)) => x.shl(bits).into(),
            (BinaryOp::Shr, Value::Int(x)) => Value::Int(x.shr(bits)),
            _ => Value::Unknown,
        }
    }

    /// `x op y` of a comparison; `None` where it does not apply or an operand is unknown.
    pub fn compare(op: BinaryOp, x: &Value, y: &Value) -> Option<bool> {
        match Pair::of(x, y)? {
            Pair::Bool(x, y) => equality(op, x == y),
            Pair::Str(x, y) => order(op, x.cmp(y)),
            Pair::Int(x, y) => order(op, x.cmp(y)),
            Pair::Float(x, y) => order(op, x.cmp(&y)),
            Pair::Complex(x, y) => equality(op, x == y),
        }
    }
}

/// Two operands of one kind.
enum Pair<'v> {
    Bool(bool, bool),
    Str(&'v [u8], &'v [u8]),
    Int(&'v Int, &'v Int),
    Float(Ratio, Ratio),
    Complex(Rc<Complex>, Rc<Complex>),
}

impl Pair<'_> {
    /// The operands, brought to the larger of their kinds; `None` for kinds that do not go together.
    fn of<'v>(x: &'v Value, y: &'v Value) -> Option<Pair<'v>> {
        Some(match (x, y) {
            (Value::Bool(x), Value::Bool(y)) => Pair::Bool(*x, *y),
            (Value::Str(x), Value::Str(y)) => Pair::Str(x, y),
            (Value::Int(x), Value::Int(y)) => Pair::Int(x, y),
            (Value::Complex(_), _) | (_, Value::Complex(_)) => match (x.to_complex(), y.to_complex()) {
                (Value::Complex(x), Value::Complex(y)) => Pair::Complex(x, y),
                _ => return None,
            },
            _ => match (x.to_float(), y.to_float()) {
                (Value::Float(x), Value::Float(y)) => Pair::Float(x, y),
                _ => return None,
            },
        })
    }
}

/// The last `bits` bits.
fn keep(x: Int, bits: Option<u32>) -> Int {
    match bits {
        Some(bits) => x.and_not(&Int::from(-1i64).scale(bits.into())),
        None => x,
    }
}

fn logical(op: BinaryOp, x: bool, y: bool) -> Option<bool> {
    match op {
        BinaryOp::LogicalAnd => Some(x && y),
        BinaryOp::LogicalOr => Some(x || y),
        _ => None,
    }
}

fn integer(op: BinaryOp, x: &Int, y: &Int) -> Option<Int> {
    match op {
        BinaryOp::Add => Some(x.add(y)),
        BinaryOp::Sub => Some(x.sub(y)),
        BinaryOp::Mul => Some(x.mul(y)),
        BinaryOp::Div => x.div(y),
        BinaryOp::Rem => x.rem(y),
        BinaryOp::And => Some(x.and(y)),
        BinaryOp::Or => Some(x.or(y)),
        BinaryOp::Xor => Some(x.xor(y)),
        BinaryOp::AndNot => Some(x.and_not(y)),
        _ => None,
    }
}

fn float(op: BinaryOp, x: &Ratio, y: &Ratio) -> Option<Ratio> {
    match op {
        BinaryOp::Add => x.add(y),
        BinaryOp::Sub => x.sub(y),
        BinaryOp::Mul => x.mul(y),
        BinaryOp::Div => x.div(y),
        _ => None,
    }
}

fn complex(op: BinaryOp, (a, b): &Complex, (c, d): &Complex) -> Option<Complex> {
    match op {
        BinaryOp::Add => Some((a.add(c)?, b.add(d)?)),
        BinaryOp::Sub => Some((a.sub(c)?, b.sub(d)?)),
        BinaryOp::Mul => Some((a.mul(c)?.sub(&b.mul(d)?)?, b.mul(c)?.add(&a.mul(d)?)?)),
        BinaryOp::Div => {
            let square = c.mul(c)?.add(&d.mul(d)?)?;
            let re = a.mul(c)?.add(&b.mul(d)?)?;
            let im = b.mul(c)?.sub(&a.mul(d)?)?;
            Some((re.div(&square)?, im.div(&square)?))
        }
        _ => None,
    }
}

fn equality(op: BinaryOp, equal: bool) -> Option<bool> {
    match op {
        BinaryOp::Equal => Some(equal),
        BinaryOp::NotEqual => Some(!equal),
        _ => None,
    }
}

fn order(op: BinaryOp, order: Ordering) -> Option<bool> {
    match op {
        BinaryOp::Less => Some(order.is_lt()),
        BinaryOp::LessEqual => Some(order.is_le()),
        BinaryOp::Greater => Some(order.is_gt()),
        BinaryOp::GreaterEqual => Some(order.is_ge()),
        _ => equality(op, order.is_eq()),
    }
}

impl From<Option<bool>> for Value {
    fn from(value: Option<bool>) -> Value {
        value.map_or(Value::Unknown, Value::Bool)
    }
}

impl From<Option<Int>> for Value {
    fn from(value: Option<Int>) -> Value {
        value.map_or(Value::Unknown, Value::Int)
    }
}

impl From<Option<Ratio>> for Value {
    fn from(value: Option<Ratio>) -> Value {
        value.map_or(Value::Unknown, Value::Float)
    }
}

impl From<Option<Complex>> for Value {
    fn from(value: Option<Complex>) -> Value {
        value.map_or(Value::Unknown, |parts| Value::Complex(Rc::new(parts)))
    }
}
