//! Whether a constant fits a type (Go spec, "Representability").

use std::rc::Rc;

use super::ratio::{FLOAT32, FLOAT64, Format};
use super::{Int, Ratio, Value};
use crate::types::Basic;

impl Value {
    /// The constant as a value of the type: rounded for floats, an integer for integer types. `None` where it cannot be
    /// represented. What is unknown stays so. `int`, `uint` and `uintptr` have 64 bits.
    pub fn representable(&self, basic: Basic) -> Option<Value> {
        if self.is_unknown() {
            return Some(Value::Unknown);
        }
        if basic.is_integer() {
            return match self.to_int() {
                Value::Int(value) if fits(&value, basic) => Some(Value::Int(value)),
                _ => None,
            };
        }
        if basic.is_float() {
            let Value::Float(value) = self.to_float() else { return None };
            return round(&value, basic).map(Value::Float);
        }
        if basic.is_complex() {
            let Value::Complex(parts) = self.to_complex() else { return None };
            return Some(Value::Complex(Rc::new((round(&parts.0, basic)?, round(&parts.1, basic)?))));
        }
        let fits = match self {
            Value::Str(_) => basic.is_string(),
            Value::Bool(_) => basic.is_boolean(),
            _ => false,
        };
        fits.then(|| self.clone())
    }
}

/// Whether an integer is in an integer type's range. An untyped one has none.
fn fits(value: &Int, basic: Basic) -> bool {
    let Some(bits) = basic.int_bits() else { return true };
    if basic.is_unsigned() {
        return value.sign() >= 0 && value.bit_len() <= bits.into();
    }
    // In two's complement there is one negative number more.
    let magnitude = if value.sign() < 0 { &value.not() } else { value };
    magnitude.bit_len() < bits.into()
}

/// The nearest number of a float or complex type. An untyped one is exact.
fn round(value: &Ratio, basic: Basic) -> Option<Ratio> {
    let format: &Format = match basic {
        Basic::Float32 | Basic::Complex64 => &FLOAT32,
        Basic::Float64 | Basic::Complex128 => &FLOAT64,
        _ => return Some(value.clone()),
    };
    value.round(format)
}
