//! Constants and their exact arithmetic (Go spec, "Constants", "Constant expressions", "Representability").
//!
//! The counterpart of the package go/constant and of the representability checks of go/types. Numbers are exact: integers
//! of any size and fractions. Where go/constant goes over to rounded floats, because a numerator or a denominator has
//! grown beyond [`MAX_BITS`], the result here is [`Value::Unknown`], and unknown is silent.

mod format;
mod int;
mod literal;
mod ops;
mod ratio;
mod represent;
#[cfg(test)]
mod tests;

use std::rc::Rc;

pub use int::Int;
pub use ratio::Ratio;

/// Integers, numerators and denominators of more bits are not kept: it bounds the work that a source text can ask for.
pub const MAX_BITS: u64 = 4096;

/// An untyped integer constant of more bits is an overflow to the compiler (go/types: "constant overflow").
pub const UNTYPED_INT_BITS: u64 = 512;

/// A concatenation of more bytes is not kept, as each of its beginnings would be kept, too. Literals may be longer.
const MAX_CONCAT: usize = 16 << 10;

/// A constant's exact value. Cheap to clone.
///
/// Equality is that of the representation: the integer 1 is not equal to the float 1. See [`Value::compare`] for Go's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Not known: the outcome of an invalid operation, or of one that is too large to carry out.
    Unknown,
    /// A truth value.
    Bool(bool),
    /// A string, which need not be valid UTF-8.
    Str(Rc<[u8]>),
    /// An integer or a rune.
    Int(Int),
    /// A floating-point number; it may be integral.
    Float(Ratio),
    /// Real and imaginary part.
    Complex(Rc<(Ratio, Ratio)>),
}

impl Value {
    /// A truth value.
    pub fn bool(value: bool) -> Value {
        Value::Bool(value)
    }

    /// A string constant.
    pub fn str(bytes: &[u8]) -> Value {
        Value::Str(bytes.into())
    }

    /// An integer constant.
    pub fn int(value: i64) -> Value {
        Value::Int(value.into())
    }

    /// An integer constant, from a length or a size.
    pub fn uint(value: u64) -> Value {
        Value::Int(value.into())
    }

    /// The exact value of a float; `Unknown` for infinities and for what is no number. There is no negative zero.
    pub fn float(value: f64) -> Value {
        Ratio::from_f64(value).map_or(Value::Unknown, Value::Float)
    }

    /// Whether the value is not known.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// Whether the value is of the kind Int. An integral float is not: see [`Value::to_int`].
    pub fn is_int(&self) -> bool {
        matches!(self, Value::Int(_))
    }

    /// A number's integer value, if it has one and it fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.to_int() {
            Value::Int(value) => value.as_i64(),
            _ => None,
        }
    }

    /// A number's integer value, if it has one and it fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self.to_int() {
            Value::Int(value) => value.as_u64(),
            _ => None,
        }
    }

    /// The nearest float of an integer or float constant, ties to even; infinite where it is too large.
    pub fn as_f64(&self) -> Option<f64> {
        match self.to_float() {
            Value::Float(value) => Some(value.to_f64()),
            _ => None,
        }
    }

    /// A string's bytes.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Str(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A string's text, with U+FFFD for what is not UTF-8.
    pub fn as_str_lossy(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.as_bytes().map(String::from_utf8_lossy)
    }

    /// An integer, or the integer that an integral float or complex constant is; else `Unknown`.
    pub fn to_int(&self) -> Value {
        match self {
            Value::Int(_) => self.clone(),
            Value::Float(value) => value.to_int().map_or(Value::Unknown, Value::Int),
            Value::Complex(parts) if parts.1.is_zero() => parts.0.to_int().map_or(Value::Unknown, Value::Int),
            _ => Value::Unknown,
        }
    }

    /// A float, or the float that an integer or a complex constant without imaginary part is; else `Unknown`.
    pub fn to_float(&self) -> Value {
        match self {
            Value::Float(_) => self.clone(),
            Value::Int(value) => Value::Float(value.clone().into()),
            Value::Complex(parts) if parts.1.is_zero() => Value::Float(parts.0.clone()),
            _ => Value::Unknown,
        }
    }

    /// A complex number, or the one that an integer or a float is; else `Unknown`.
    pub fn to_complex(&self) -> Value {
        match (self, self.to_float()) {
            (Value::Complex(_), _) => self.clone(),
            (_, Value::Float(re)) => Value::Complex(Rc::new((re, Ratio::from(Int::ZERO)))),
            _ => Value::Unknown,
        }
    }

    /// The built-in `real` of a number; else `Unknown`.
    pub fn real(&self) -> Value {
        match self {
            Value::Int(_) | Value::Float(_) => self.clone(),
            Value::Complex(parts) => Value::Float(parts.0.clone()),
            _ => Value::Unknown,
        }
    }

    /// The built-in `imag` of a number; else `Unknown`.
    pub fn imag(&self) -> Value {
        match self {
            Value::Int(_) | Value::Float(_) => Value::int(0),
            Value::Complex(parts) => Value::Float(parts.1.clone()),
            _ => Value::Unknown,
        }
    }

    /// The built-in `complex` of two numbers without imaginary part; else `Unknown`.
    pub fn make_complex(re: &Value, im: &Value) -> Value {
        match (re.to_float(), im.to_float()) {
            (Value::Float(re), Value::Float(im)) => Value::Complex(Rc::new((re, im))),
            _ => Value::Unknown,
        }
    }

    /// The sign of a number: -1, 0 or 1. A complex number's is 0 only where it is zero. 1 for what is no number, so that
    /// an unknown divisor is not taken for zero.
    pub fn sign(&self) -> i32 {
        match self {
            Value::Int(value) => value.sign(),
            Value::Float(value) => value.sign(),
            Value::Complex(parts) => i32::from(!parts.0.is_zero() || !parts.1.is_zero()),
            _ => 1,
        }
    }

    /// How many bits an integer's absolute value takes; 0 for what is no integer.
    pub fn bit_len(&self) -> u64 {
        match self {
            Value::Int(value) => value.bit_len(),
            _ => 0,
        }
    }

    /// The conversion of an integer constant to a string: the UTF-8 of that code point, or of U+FFFD where there is none
    /// (Go spec, "Conversions to and from a string type"). `Unknown` for what is no integer.
    pub fn rune_to_string(&self) -> Value {
        let Value::Int(value) = self else { return Value::Unknown };
        let code = value.as_i64().and_then(|code| u32::try_from(code).ok());
        let rune = code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
        Value::str(rune.encode_utf8(&mut [0; 4]).as_bytes())
    }
}
