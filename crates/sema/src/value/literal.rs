//! The values of literals (Go spec, "Integer literals" to "String literals").

use gopeer_syntax::ast::LiteralKind;

use super::Value;

impl Value {
    /// The value of a literal as it stands in the source; `Unknown` for one that is not valid, or too large.
    pub fn literal(kind: LiteralKind, text: &str) -> Value {
        match (kind, text.parse()) {
            (LiteralKind::Int, Ok(value)) => Value::int(value),
            _ => Value::Unknown,
        }
    }
}
