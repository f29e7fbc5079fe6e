//! The rules for constant expressions (Go spec, "Constant expressions"), for the basic types alone: as much of a type
//! checker as it takes to see whether [`Value`] serves one.

use gopeer_sema::types::Basic;
use gopeer_sema::value::{UNTYPED_INT_BITS, Value};
use gopeer_syntax::ast::{BinaryOp, UnaryOp};

/// An operand's type and value.
pub type Operand = (Basic, Value);

/// Why there is no operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Go rejects the expression.
    Invalid,
    /// The value is too large for us.
    Unknown,
}

pub type Outcome = Result<Operand, Fault>;

/// A shift by more is an error to go/types, not to the spec.
const MAX_SHIFT: u64 = 1023 - 1 + 52;

fn require(holds: bool) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Invalid) }
}

/// The outcome of an operation or a literal, which must fit its type.
pub fn settle(ty: Basic, value: Value) -> Outcome {
    if value.is_unknown() {
        return Err(Fault::Unknown);
    }
    if ty.is_untyped() {
        require(value.bit_len() <= UNTYPED_INT_BITS)?;
        return Ok((ty, value));
    }
    Ok((ty, value.representable(ty).ok_or(Fault::Invalid)?))
}

pub fn unary(op: UnaryOp, (ty, x): &Operand) -> Outcome {
    require(match op {
        UnaryOp::Not => ty.is_boolean(),
        UnaryOp::BitNot => ty.is_integer(),
        _ => ty.is_numeric(),
    })?;
    let unsigned_bits = if ty.is_unsigned() { ty.int_bits() } else { None };
    settle(*ty, Value::unary(op, x, unsigned_bits))
}

/// An operand as another's type has it, if it is untyped.
fn convert_untyped((ty, x): &Operand, to: Basic) -> Outcome {
    if *ty == to || !ty.is_untyped() {
        return Ok((*ty, x.clone()));
    }
    if to.is_untyped() {
        require(ty.is_numeric() && to.is_numeric())?;
        return Ok(((*ty).max(to), x.clone()));
    }
    Ok((to, x.representable(to).ok_or(Fault::Invalid)?))
}

fn matched(x: &Operand, y: &Operand) -> Result<(Basic, Value, Value), Fault> {
    let (x, y) = (convert_untyped(x, y.0)?, convert_untyped(y, x.0)?);
    require(x.0 == y.0)?;
    Ok((x.0, x.1, y.1))
}

pub fn binary(op: BinaryOp, x: &Operand, y: &Operand) -> Outcome {
    if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
        return shift(op, x, y);
    }
    let (ty, x, y) = matched(x, y)?;
    use BinaryOp::*;
    match op {
        Equal | NotEqual => return compare(op, &x, &y),
        Less | LessEqual | Greater | GreaterEqual => {
            require(ty.is_ordered())?;
            return compare(op, &x, &y);
        }
        LogicalAnd | LogicalOr => require(ty.is_boolean())?,
        Add => require(ty.is_numeric() || ty.is_string())?,
        Sub | Mul | Div => require(ty.is_numeric())?,
        _ => require(ty.is_integer())?,
    }
    require(!matches!(op, Div | Rem) || y.sign() != 0)?;
    settle(ty, Value::binary(op, &x, &y, ty.is_integer()))
}

fn compare(op: BinaryOp, x: &Value, y: &Value) -> Outcome {
    let holds = Value::compare(op, x, y).ok_or(Fault::Unknown)?;
    Ok((Basic::UntypedBool, Value::bool(holds)))
}

/// As go/types has it, a constant count may be of any type, if it is integral.
fn shift(op: BinaryOp, (ty, x): &Operand, (_, count): &Operand) -> Outcome {
    require(ty.is_integer() || ty.is_untyped() && x.to_int().is_int())?;
    let count = count.representable(Basic::Uint).and_then(|count| count.as_u64());
    let count = count.filter(|&count| count <= MAX_SHIFT).ok_or(Fault::Invalid)?;
    let ty = if ty.is_integer() { *ty } else { Basic::UntypedInt };
    settle(ty, Value::shift(op, x, count))
}

pub fn convert(to: Basic, (ty, x): &Operand) -> Outcome {
    match x.representable(to) {
        Some(value) => Ok((to, value)),
        None if ty.is_integer() && to.is_string() => Ok((to, x.rune_to_string())),
        None => Err(Fault::Invalid),
    }
}

pub fn complex(re: &Operand, im: &Operand) -> Outcome {
    let float = |(ty, x): &Operand| match ty.is_numeric() && x.to_float() != Value::Unknown {
        true => (Basic::UntypedFloat, x.clone()),
        false => (*ty, x.clone()),
    };
    let both_untyped = re.0.is_untyped() && im.0.is_untyped();
    let (ty, re, im) = if both_untyped { matched(&float(re), &float(im))? } else { matched(re, im)? };
    let ty = match ty {
        Basic::Float32 => Basic::Complex64,
        Basic::Float64 => Basic::Complex128,
        Basic::UntypedFloat => Basic::UntypedComplex,
        _ => return Err(Fault::Invalid),
    };
    Ok((ty, Value::make_complex(&re, &im)))
}

/// `real` or `imag`, the part being what takes it from a value.
pub fn part((ty, x): &Operand, part: fn(&Value) -> Value) -> Outcome {
    let ty = match ty {
        Basic::Complex64 => Basic::Float32,
        Basic::Complex128 => Basic::Float64,
        _ if ty.is_untyped() && ty.is_numeric() => Basic::UntypedFloat,
        _ => return Err(Fault::Invalid),
    };
    Ok((ty, part(x)))
}

pub fn len((ty, x): &Operand) -> Outcome {
    require(ty.is_string())?;
    let len = x.as_bytes().ok_or(Fault::Unknown)?.len();
    Ok((Basic::Int, Value::uint(len as u64)))
}
